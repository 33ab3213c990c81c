"""What playing needs for the first time, done when nothing plays yet.

The first picture that is made as while playing loads libraries for a seventh of a second, and the
first sound opens its file and loads the library of the device for a quarter of one: playing would
begin late, with frames left out.  So one such picture is made, and the beginning of the sound
read, for nobody, when the first picture has been shown.
"""

from __future__ import annotations

import asyncio
import logging

from player.daemon.audio import Sound
from player.image import ImageRenderer
from player.session.session import Session

__all__ = ["Rehearsal"]

_log = logging.getLogger("player.daemon")


class Rehearsal:
    """`shown()` is called after every picture; what is rehearsed runs, once, in a thread of its
    own.  Made inside the loop."""

    def __init__(self, session: Session, renderer: ImageRenderer, sound: Sound) -> None:
        self._session = session
        self._renderer = renderer
        self._sound = sound
        self._loop = asyncio.get_running_loop()
        self._done = False

    def shown(self) -> None:
        """A picture was shown."""
        session = self._session
        if self._done or not session.sources or session.playback.playing:
            return
        self._done = True
        job, size = self._renderer.job(quick=True), self._renderer.level_sizes()[0]
        listen = self._sound.rehearsal()

        def rehearse() -> None:
            try:
                job(*size, shown=False)
                listen()
            except Exception as error:  # playing will tell
                _log.debug("the rehearsal failed: %s", error)

        self._loop.run_in_executor(None, rehearse)
