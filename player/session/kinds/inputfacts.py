"""What a node with many inputs remembers of them: range and size of each.

A sequence or stack of thousands of inputs must not ask all of them again because one changed.
So changes are noted by input, only those are asked again, and the largest width, earliest
start and so on are kept up to date by :class:`Best`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from player.session.node import Node, RangeInfo

__all__ = ["Best", "InputFacts"]


class Best:
    """A list of numbers of which the largest (or smallest) is wanted, cheaply after a change.

    How often each number occurs is counted: there are few different ones.
    """

    __slots__ = ("_best", "_counts", "_pick", "_values")

    def __init__(self, pick: Callable[[Iterable[int]], int]) -> None:
        self._pick = pick
        self._values: list[int] = []
        self._counts: dict[int, int] = {}
        self._best: int | None = None

    @property
    def value(self) -> int:
        """The best number, 0 without any."""
        if self._best is None:
            self._best = self._pick(self._counts) if self._counts else 0
        return self._best

    def truncate(self, count: int) -> None:
        """Keep the first ``count`` numbers."""
        for number in self._values[count:]:
            self._drop(number)
        del self._values[count:]

    def remove(self, index: int) -> None:
        """Forget one number; those behind it move up."""
        self._drop(self._values.pop(index))

    def _drop(self, number: int) -> None:
        left = self._counts[number] - 1
        if left:
            self._counts[number] = left
        else:
            del self._counts[number]
            if number == self._best:
                self._best = None

    def put(self, index: int, number: int) -> None:
        """Set a number, or append one."""
        values = self._values
        self._counts[number] = self._counts.get(number, 0) + 1
        if index == len(values):
            values.append(number)
        else:
            old, values[index] = values[index], number
            self._drop(old)
        if len(values) == 1:
            self._best = number
        elif self._best is not None:
            self._best = self._pick((self._best, number))


class InputFacts:
    """Range and size of every input; ``mark`` notes that one is to be asked again."""

    __slots__ = ("_all", "_heights", "_index", "_stale", "_widths", "ranges")

    def __init__(self) -> None:
        self.ranges: list[RangeInfo] = []
        self._widths = Best(max)
        self._heights = Best(max)
        self._index: dict[Node, int] = {}
        self._stale: set[int] = set()
        self._all = False

    @property
    def size(self) -> tuple[int, int]:
        """Largest width and height."""
        return self._widths.value, self._heights.value

    def index(self, node: Node) -> int | None:
        """The place of an input that occurs once."""
        place = self._index.get(node)
        return None if place == -1 else place

    def mark(self, source: Node) -> None:
        """An input may differ from what is remembered; what is no input does not matter."""
        place = self._index.get(source)
        if place == -1:
            self._all = True
        elif place is not None:
            self._stale.add(place)

    def mark_all(self) -> None:
        """Any input may."""
        self._all = True

    def replace(self, nodes: Sequence[Node], kept: int) -> None:
        """Other inputs; the first ``kept`` are those of before."""
        if kept > len(self.ranges) or kept == 0:
            kept = 0
            self._index.clear()
            self._stale.clear()
        elif kept < len(self.ranges):
            self._index = {n: i for n, i in self._index.items() if i < kept}
            self._stale = {i for i in self._stale if i < kept}
        del self.ranges[kept:]
        self._widths.truncate(kept)
        self._heights.truncate(kept)
        for i in range(kept, len(nodes)):
            self._index[nodes[i]] = -1 if nodes[i] in self._index else i
            self._stale.add(i)

    def remove(self, nodes: Sequence[Node], place: int) -> bool:
        """Input number ``place`` of ``nodes`` goes; False when everything must be looked at."""
        n = len(nodes)
        if self._all or len(self.ranges) != n or len(self._index) != n:
            return False
        del self.ranges[place]
        self._widths.remove(place)
        self._heights.remove(place)
        del self._index[nodes[place]]
        self._index.update(zip(nodes[place + 1 :], range(place, n - 1), strict=True))
        self._stale = {i - (i > place) for i in self._stale if i != place}
        return True

    def update(self, nodes: Sequence[Node]) -> list[int]:
        """Ask the marked inputs again; the numbers of those whose range differs, in order."""
        if self._all or len(self.ranges) + len(self._stale) < len(nodes):
            wanted: Iterable[int] = range(len(nodes))
        else:
            wanted = sorted(self._stale)
        self._all = False
        self._stale = set()
        ranges = self.ranges
        changed: list[int] = []
        for i in wanted:
            node = nodes[i]
            info = node.range_info()
            if i == len(ranges):
                ranges.append(info)
                changed.append(i)
            elif ranges[i] != info:
                ranges[i] = info
                changed.append(i)
            size = node.struct_info(info.start)
            self._widths.put(i, int(size.width))
            self._heights.put(i, int(size.height))
        return changed
