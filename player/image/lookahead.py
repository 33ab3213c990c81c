"""What the frame cache should hold: the session's CachePort.

Look-ahead (mode 1) wants the frames from the playhead on in play direction, over the loop
point as the play mode says; region (mode 2) wants the frames from the in point on, as far as
the budget goes.  `update` is called on the session's thread, once per turn.  It asks for the
pictures of a few frames at a time (evaluating a frame costs a fraction of a millisecond) and says
whether there is more to do, so that the loop is never held for long; what a frame needs is
remembered until `invalidate`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from player.image.levels import serving
from player.image.renderer import ImageRenderer
from player.image.scene import FetchKey

if TYPE_CHECKING:
    from player.session.session import Session
    from player.session.timeline.playback import Playback

__all__ = ["LookAhead", "play_order"]

OFF, BUFFER, GREEDY = 0, 1, 2
_PING_PONG: Final = 2
_PLAY_ONCE: Final = 1
_SLICE: Final = 0.002  # seconds of evaluating per call: bounds the time the loop is held
_FIRST: Final = 24  # frames asked for while the size of a picture is not known
_MOST: Final = 1000  # frames ahead that anybody could need
_SOON: Final = 8  # frames ahead that come before those
_BEHIND: Final = 2  # frames behind the playhead, for stepping back


def play_order(playback: Playback) -> Iterator[int]:
    """Frames in the order in which playing shows them, the current one first.

    After the end comes what the play mode brings: the other end, the way back, or nothing new
    (then the frames behind, nearest first).
    """
    p = playback
    first, last = _region(p)
    if not first <= p.frame <= last:
        yield p.frame
    step = p.inc or 1
    at = min(max(p.frame, first), last)
    yield from range(at, last + 1, step) if step > 0 else range(at, first - 1, step)
    if p.mode in (_PING_PONG, _PLAY_ONCE):
        yield from _behind(p)
    else:
        yield from range(first, at, step) if step > 0 else range(last, at, step)


def _region(playback: Playback) -> tuple[int, int]:
    """The first and the last frame that are played."""
    return playback.in_point, max(playback.in_point, playback.out_point - 1)  # out is exclusive


def _behind(playback: Playback) -> range:
    """The frames that were played before the current one, the latest first."""
    first, last = _region(playback)
    step = playback.inc or 1
    at = min(max(playback.frame, first), last)
    return range(at - step, first - 1, -step) if step > 0 else range(at - step, last + 1, -step)


def _both_ways(playback: Playback, room: int, share: float) -> Iterator[int]:
    """As `play_order`, with frames behind among those ahead: soon the two that stepping back
    shows, and, of *room* frames that can be held, in the last place the *share* for what was
    played.  Some come twice."""
    following, behind = play_order(playback), _behind(playback)
    yield from islice(following, _SOON)
    yield from behind[:_BEHIND]
    kept = int(room * share)
    if kept > _BEHIND:
        yield from islice(following, max(0, room - kept - _SOON))
        yield from behind[_BEHIND:kept]
    yield from following


def _served(keys: list[FetchKey], held: set[object]) -> bool:
    return held.issuperset(keys) or all(serving(key, held) in held for key in keys)


class LookAhead:
    """Keeps the renderer's cache filled for a session; implements CachePort.

    `ahead` and `region` are the budgets of the two modes in bytes, `lookback` the share of the
    first that frames behind the playhead have (0 to 1).
    """

    def __init__(
        self, renderer: ImageRenderer, *, ahead: int = 1 << 30, region: int = 1 << 30,
        wait: float = 5.0, lookback: float = 0.0,
    ) -> None:  # fmt: skip
        self._renderer = renderer
        self._cache = renderer.cache
        self._budgets = {BUFFER: ahead, GREEDY: region}
        self._mode = BUFFER
        self._wait = wait
        self._lookback = min(max(lookback, 0.0), 1.0)
        self._session: Session | None = None
        self._memo: dict[int, list[FetchKey]] = {}
        self._stamp: object = None
        self._sizes: tuple[tuple[int, int], ...] = ()
        self._left: Iterator[int] | None = None
        self._wanted: dict[FetchKey, None] = {}
        self._cache.set_budget(ahead)

    def attach(self, session: Session) -> None:
        """The session whose frames are read ahead."""
        self._session = session

    # -- what is wanted ----------------------------------------------------------------

    def invalidate(self) -> None:
        """The graph or its media changed: which pictures a frame needs may be others now."""
        self._memo.clear()
        self._stamp = None

    def _order(self, session: Session) -> Iterator[int]:
        p = session.playback
        last = max(p.in_point + 1, p.out_point)
        if self._mode == BUFFER:
            size = self._cache.typical * max(1, len(self._memo.get(p.frame, ())))
            order = _both_ways(p, self._cache.budget // size if size else 0, self._lookback)
        else:
            order = iter(range(p.in_point, last))
        if not session.ui.cache_outside:
            return order
        # room that is left may hold what lies around the region
        return chain(order, range(last, p.range_end), range(p.in_point - 1, p.range_start - 1, -1))

    def _state(self, session: Session) -> object:
        p = session.playback
        place = (p.frame, p.inc, p.mode) if self._mode == BUFFER else ()
        # once the size of a picture is known, how far to look is known better
        around = (p.range_start, p.range_end) if session.ui.cache_outside else ()
        return (self._mode, p.in_point, p.out_point, self._cache.typical > 0, place, around)

    def update(self) -> bool:
        """Tell the cache what to have in memory; True when there is more to do at once."""
        session = self._session
        if (
            session is None
            or self._mode not in self._budgets
            or not session.graph.has_type("RVFileSource")  # pushed pixels are in memory
        ):
            if self._wanted:
                self._wanted = {}
                self._cache.cancel()
            self._stamp = None
            return False
        sizes = self._renderer.level_sizes()
        if sizes != self._sizes:
            self._sizes = sizes
            self.invalidate()
        stamp = self._state(session)
        if stamp != self._stamp:
            self._stamp = stamp
            self._left = self._order(session)
            self._wanted = {}
        if self._left is None:
            return False
        more = self._extend(self._left)
        if not more:
            self._left = None
        self._cache.want(list(self._wanted))
        return more

    def _extend(self, frames: Iterator[int]) -> bool:
        """Ask for the pictures of further frames, for a moment; False when all have been."""
        end = time.monotonic() + _SLICE
        size = self._cache.typical
        enough = min(_MOST, self._cache.budget // size + 4) if size else _FIRST
        if self._mode == GREEDY and size:
            enough = self._cache.budget // size + 4
        held: set[object] | None = None
        for frame in frames:
            keys = self._memo.get(frame)
            fresh = keys is None
            if keys is None:
                keys = self._memo[frame] = self._renderer.keys(frame)
            if any(key.level for key in keys):  # a finer level that is there is kept
                held = set(self._cache.keys()) if held is None else held
                keys = [serving(key, held) for key in keys]
            self._wanted.update(dict.fromkeys(keys))
            if len(self._wanted) >= enough:
                return False
            if fresh and time.monotonic() > end:
                return True
        return False

    # -- CachePort ---------------------------------------------------------------------

    def set_mode(self, mode: int) -> None:
        """0 off, 1 look-ahead, 2 region; anything else counts as off."""
        self._mode = mode
        self._stamp = None
        self._cache.set_budget(self._budgets.get(mode, 0))
        if mode not in self._budgets:
            self._cache.clear()
        self.update()

    def size(self) -> int:
        """Free bytes."""
        return max(0, self._cache.budget - self._cache.used)

    def frames(self) -> list[int]:
        """Frames whose pictures are all in memory, in order."""
        held = set(self._cache.keys())
        return sorted(f for f, keys in self._memo.items() if keys and _served(keys, held))

    def ahead(self) -> float:
        """Seconds in memory from the playhead on, as playing would show them."""
        session = self._session
        if session is None or session.playback.fps <= 0:
            return 0.0
        held = set(self._cache.keys())
        count = 0
        for frame in play_order(session.playback):
            keys = self._memo.get(frame)
            if keys is None or not _served(keys, held):
                break
            count += 1
        return count / session.playback.fps

    def complete(self) -> bool:
        """Whether everything wanted is in memory, or as much as there is room for."""
        return self._left is None and not self._cache.busy

    def usage(self) -> tuple[int, int, int, float, float, float, list[int]]:
        """(capacity, used, used, seconds ahead, wait, audio seconds, [start, end, ...])."""
        pairs: list[int] = []
        for frame in self.frames():
            if pairs and frame == pairs[-1] + 1:
                pairs[-1] = frame
            else:
                pairs += [frame, frame]
        used = self._cache.used
        return self._cache.budget, used, used, self.ahead(), self._wait, 0.0, pairs

    def release(self) -> None:
        """Drop everything."""
        self._cache.clear()
        self._stamp = None

    def flush(self, frame: int | None = None) -> None:
        """Drop everything, or everything but one frame's pictures."""
        kept = self._memo.get(frame, []) if frame is not None else []
        held = set(self._cache.keys())
        self._cache.keep_only([serving(key, held) for key in kept])
        self._stamp = None
