"""What the frame cache should hold: the session's CachePort.

Look-ahead (mode 1) wants the frames from the playhead on in play direction, wrapping at
the in and out points; region (mode 2) wants the frames from the in point on.  `update` is
called on the session's thread when the frame, the range or the graph changed; it turns
frames into picture keys (remembered until `invalidate`) and hands them to the cache.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from player.image.renderer import ImageRenderer
from player.image.scene import Composite, FetchKey, Scene, View

if TYPE_CHECKING:
    from player.session.session import Session

__all__ = ["LookAhead", "keys_of"]

OFF, BUFFER, GREEDY = 0, 1, 2
_PER_UPDATE = 32  # frames evaluated anew per call: bounds the time the loop is held


def keys_of(view: View) -> list[FetchKey]:
    """The pictures a view reads through the cache (pushed ones are not cached)."""
    found: list[FetchKey] = []

    def walk(scene: Scene | None) -> None:
        if isinstance(scene, Composite):
            for child in scene.children:
                walk(child)
        elif scene is not None and not scene.key.pushed:
            key = scene.key
            found.append(
                FetchKey("", key.media, key.frame, key.view, key.layer, key.channel, key.pushed)
            )

    walk(view.left)
    walk(view.right)
    return found


class LookAhead:
    """Keeps the renderer's cache filled for a session; implements CachePort."""

    def __init__(self, renderer: ImageRenderer, *, ahead: int = 1 << 30, region: int = 1 << 30):
        self._renderer = renderer
        self._cache = renderer.cache
        self._budgets = {BUFFER: ahead, GREEDY: region}
        self._mode = BUFFER
        self._session: Session | None = None
        self._memo: dict[int, list[FetchKey]] = {}
        self._cache.set_budget(ahead)

    def attach(self, session: Session) -> None:
        """The session whose frames are read ahead."""
        self._session = session

    # -- what is wanted ----------------------------------------------------------------

    def invalidate(self) -> None:
        """The graph or its media changed: which pictures a frame needs may be others now."""
        self._memo.clear()

    def _order(self, session: Session) -> Iterable[int]:
        p = session.playback
        first, last = p.in_point, max(p.in_point, p.out_point - 1)  # out is exclusive
        length = last - first + 1
        if self._mode == GREEDY:
            return (p.frame, *range(first, last + 1))
        step = p.inc or 1
        return (first + (p.frame - first + step * n) % length for n in range(length))

    def update(self) -> None:
        """Tell the cache what to have in memory."""
        session = self._session
        if session is None or self._mode not in self._budgets:
            self._cache.cancel()
            return
        wanted: dict[FetchKey, None] = {}
        fresh = 0
        for frame in self._order(session):
            keys = self._memo.get(frame)
            if keys is None:
                if fresh >= _PER_UPDATE:
                    break
                keys = self._memo[frame] = keys_of(self._renderer.view(frame))
                fresh += 1
            wanted.update(dict.fromkeys(keys))
        self._cache.want(list(wanted))

    # -- CachePort ---------------------------------------------------------------------

    def set_mode(self, mode: int) -> None:
        """0 off, 1 look-ahead, 2 region; anything else counts as off."""
        self._mode = mode
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
        return sorted(f for f, keys in self._memo.items() if keys and held.issuperset(keys))

    def usage(self) -> tuple[int, int, int, float, float, float, list[int]]:
        """(capacity, used, used, seconds ahead, wait, audio seconds, [start, end, ...])."""
        frames = self.frames()
        pairs: list[int] = []
        for frame in frames:
            if pairs and frame == pairs[-1] + 1:
                pairs[-1] = frame
            else:
                pairs += [frame, frame]
        ahead = 0
        session = self._session
        if session is not None:
            held = set(frames)
            for frame in self._order(session):
                if frame not in held:
                    break
                ahead += 1
        fps = session.playback.fps if session is not None else 0.0
        used = self._cache.used
        return self._cache.budget, used, used, ahead / fps if fps else 0.0, 5.0, 0.0, pairs

    def release(self) -> None:
        """Drop everything."""
        self._cache.clear()

    def flush(self, frame: int | None = None) -> None:
        """Drop everything, or everything but one frame's pictures."""
        kept = self._memo.get(frame, []) if frame is not None else []
        self._cache.keep_only(kept)
