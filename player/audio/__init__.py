"""Sound: what is heard at a moment of the session, mixed, and played; the clock of playing.

Theory of operation
-------------------
    session graph --voices()--> Voice list --Mixer--> samples --Player--> device
                                                                |
    Playback.tick(clock()) <-- Clock <-- samples the device has played

`voices` runs on the session's thread and says, for a stretch of the view's time, which file
is heard from which of its seconds, how fast and how loud; it is the audio half of evaluating
the graph and follows RV's nodes one by one.  `Mixer` turns voices into samples on the
player's thread, from whole `Tracks` in memory where RV's greedy audio cache is asked for; the
device pulls them in its own.  While sound plays, the samples that were heard
are the clock that the playhead follows, so that picture and sound cannot drift apart.
Without sound, without a device, or when the device dies, time is the system's.
"""

from player.audio.device import NoDevice, Output, open_output
from player.audio.mixer import Mixer
from player.audio.player import Player
from player.audio.sound import SoundReader
from player.audio.tracks import Tracks
from player.audio.voices import Voice, has_sound, master_gains, voices

__all__ = [
    "Mixer",
    "NoDevice",
    "Output",
    "Player",
    "SoundReader",
    "Tracks",
    "Voice",
    "has_sound",
    "master_gains",
    "open_output",
    "voices",
]
