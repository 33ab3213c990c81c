"""The session's sound: what plays while it plays, scrubbing, and the clock.

`update` is called once per turn and compares what the session does with what is played: a
new start (also at the loop point), a stop, a graph that changed, a plan that runs out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from player.audio import Player, Voice, has_sound, master_gains, voices
from player.session.session import Session

__all__ = ["Sound"]

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
        self._frame = session.playback.frame

    # -- AudioPort ---------------------------------------------------------------------

    def cache_info(self) -> tuple[float, list[int]]:
        """(seconds mixed ahead, frame ranges of sound in memory)."""
        return (self._player.buffered() if self._player is not None else 0.0, [])

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
