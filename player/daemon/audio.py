"""The session's sound: what plays while it plays, scrubbing, and the clock.

`update` is called once per turn and compares what the session does with what is played: a
new start (also at the loop point), a stop, a graph that changed, a plan that runs out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np

from player.audio import Player, Voice, has_sound, master_gains, voices
from player.session.session import Session

__all__ = ["Sound"]

GREEDY: Final = 2  # RV's mode of the audio cache that holds all of it
_PLAN: Final = 6.0  # seconds that are planned at once
_LOW: Final = 2.0  # seconds left at which more is planned
_MARGIN: Final = 0.25  # seconds planned behind, for grains and rounding
_OFF: Final = 0.25  # seconds between sound and picture after which the sound begins anew
_SHORTEST_SCRUB: Final = 0.03


class Sound:
    """Implements AudioPort for a session; `player` is None with `-noaudio`."""

    def __init__(self, session: Session, player: Player | None) -> None:
        self._session = session
        self._player = player
        self._starts = 0
        self._revision: object = None
        self._any = False
        self._planned = (0.0, 0.0)
        self._scrub = (False, 0.0, 0)
        self._whole: list[Voice] = []  # all that is heard in the view, in greedy mode
        self._filled_for: object = None
        self._frame = session.playback.frame

    # -- AudioPort ---------------------------------------------------------------------

    def cache_info(self) -> tuple[float, list[int]]:
        """(seconds of sound in memory, [first, last, ...] frames whose sound is)."""
        player, p = self._player, self._session.playback
        if player is None or p.fps <= 0:
            return 0.0, []
        if not self._whole:
            ahead = player.buffered()
            if not ahead:
                return 0.0, []
            ends = player.position(), player.position() - math.copysign(ahead, p.inc)
            return ahead, [p.range_start + int(at * p.fps) for at in sorted(ends)]
        count = max(0, p.range_end - p.range_start)
        heard = np.zeros(count, bool)
        missing = np.zeros(count, bool)
        for voice in self._whole:
            begin, end = (round(t * p.fps) for t in (voice.start, voice.start + voice.length))
            heard[max(0, begin) : max(0, end)] = True
            frames = np.arange(max(0, begin), max(0, min(end, count)))
            held, complete = player.mixer.tracks.held(voice.path)
            media = voice.media_time + ((frames + 1) / p.fps - voice.start) * voice.speed
            missing[frames] |= (media > held + 0.5 / p.fps) & (not complete)
        cached = np.flatnonzero(np.diff(np.pad((heard & ~missing).astype(np.int8), 1)))
        pairs = [
            p.range_start + int(at) - edge
            for pair in cached.reshape(-1, 2)
            for edge, at in enumerate(pair)
        ]
        return float((heard & ~missing).sum() / p.fps), pairs

    def scrub(self, on: bool, chunk: float, loops: int) -> None:
        """Whether a new frame is heard while nothing plays; chunk in seconds, 0 for a frame."""
        self._scrub = (on, chunk, loops)
        if not on and self._player is not None and not self._session.playback.playing:
            self._player.stop()

    # -- the turn ----------------------------------------------------------------------

    def _position(self) -> float:
        p = self._session.playback
        return (p.frame - p.range_start) / p.fps if p.fps > 0 else 0.0

    def _plan(self, at: float, backwards: bool) -> list[Voice]:
        begin, end = (at - _PLAN, at + _MARGIN) if backwards else (at - _MARGIN, at + _PLAN)
        self._planned = (begin, end)
        return voices(self._session, begin, end - begin)

    def _hold(self, player: Player) -> None:
        """In greedy mode, have the tracks of the whole view in memory."""
        p = self._session.playback
        greedy = p.audio_mode == GREEDY and p.fps > 0
        stamp = (self._revision, p.range_start, p.range_end, p.fps) if greedy else None
        if stamp == self._filled_for:
            return
        self._filled_for = stamp
        length = (p.range_end - p.range_start) / p.fps if greedy else 0.0
        self._whole = voices(self._session, 0.0, length) if greedy else []
        player.mixer.tracks.want(voice.path for voice in self._whole)

    def update(self) -> None:
        """Follow the session.  On its thread."""
        player = self._player
        if player is None:
            return
        session = self._session
        playback = session.playback
        changed = session.graph.revision != self._revision
        if changed:
            self._revision = session.graph.revision
            self._any = has_sound(session)
            player.set_gains(*master_gains(session))
        self._hold(player)
        if not self._any:
            player.stop()
            self._frame = playback.frame
            return
        backwards = playback.inc < 0
        if playback.playing:
            if playback.starts != self._starts or not player.playing or self._is_off(player):
                if playback.starts != self._starts or not player.gone:
                    self._starts = playback.starts
                    at = self._position()
                    player.start(at, self._plan(at, backwards), backwards=backwards)
            else:
                at = player.position()
                left = at - self._planned[0] if backwards else self._planned[1] - at
                if changed or left < _LOW:
                    player.extend(self._plan(at, backwards))
        elif self._scrub[0] and playback.frame != self._frame:
            _, chunk, loops = self._scrub
            at = self._position()
            length = max(chunk or 1.0 / max(playback.fps, 1.0), _SHORTEST_SCRUB)
            heard = voices(session, at - _MARGIN, length + 2 * _MARGIN)
            player.start(at, heard, limit=length, loops=loops, clocked=False)
        elif player.clocked:
            player.stop()
        self._frame = playback.frame

    def rehearsal(self) -> Callable[[], None]:
        """What makes the first sound come sooner, for any thread; nothing when there is none."""
        player = self._player
        if player is None or not has_sound(self._session):
            return lambda: None
        at = self._position()
        return partial(player.rehearse, at, voices(self._session, at, _MARGIN))

    def _is_off(self, player: Player) -> bool:
        """Whether playing every frame fell behind the sound."""
        playback = self._session.playback
        if playback.realtime or not player.playing:
            return False
        heard = player.position() - (-1 if playback.inc < 0 else 1) * player.buffered()
        return abs(heard - self._position()) > _OFF

    def clock(self, otherwise: Callable[[], float]) -> float:
        """The session's time: of the sound that is heard, else `otherwise`."""
        return self._player.clock() if self._player is not None else otherwise()

    def close(self) -> None:
        if self._player is not None:
            self._player.close()
