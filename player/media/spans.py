"""Which bytes of a file are there: disjoint spans, sorted."""

from __future__ import annotations

import bisect

__all__ = ["Spans"]


class Spans:
    """Half-open spans of integers; overlapping and touching ones are joined."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self.total = 0

    def add(self, start: int, end: int) -> None:
        """Add [start, end)."""
        if end <= start:
            return
        first = bisect.bisect_left(self._ends, start)
        last = bisect.bisect_right(self._starts, end)
        if first < last:
            start = min(start, self._starts[first])
            end = max(end, self._ends[last - 1])
        removed = sum(
            e - s for s, e in zip(self._starts[first:last], self._ends[first:last], strict=True)
        )
        self._starts[first:last] = [start]
        self._ends[first:last] = [end]
        self.total += end - start - removed

    def until(self, position: int) -> int:
        """The end of the span that holds *position*; *position* itself when none does."""
        at = bisect.bisect_right(self._starts, position) - 1
        if at >= 0 and self._ends[at] > position:
            return self._ends[at]
        return position
