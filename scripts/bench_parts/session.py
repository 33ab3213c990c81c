"""A session of 50, 500 and 5,000 sources: what an operation costs, and how that grows.

Each operation is measured in sessions of all three sizes, block by block in turns, so that a slow
moment hits every size. ``growth`` is the cost with 5,000 sources over that with 50 (an operation
that looks at every source once grows 100 times, a quadratic one 10,000 times); ``limit`` is the
cost with 5,000 sources over what it may be.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from harness import Result, seconds

from player.commands import Context, load_all
from player.commands.calling import Calls
from player.media import Probe
from player.session.ports import Ports
from player.session.session import Session

SIZES = (50, 500, 5000)
ROUNDS = 5


class Sized:
    """A session that has grown to a size through addSource."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.session = Session(ports=Ports(media=Probe()))
        self.calls = Calls(Context(self.session))
        self.count = 0
        self.middle = size // 2
        while self.count < size:
            self.add()
        self.session.settle()

    def media(self) -> str:
        self.count += 1
        return f"solid,start=1,end=10,fps=24,width=64,height=48,red={self.count}.movieproc"

    def add(self) -> None:
        self.calls.addSource(self.media())

    def add_verbose(self) -> None:
        self.calls.addSourceVerbose([self.media()])

    def set_frame(self) -> None:
        self.calls.setFrame(1 + self.calls.frame() * 37 % (self.size * 10))
        self.session.settle()

    def set_property(self) -> None:
        node = f"sourceGroup{self.count % self.size:06d}_colorPipeline_0"
        self.calls.setFloatProperty(f"{node}.color.gamma", [0.5, 0.5, 0.5])

    def set_current(self) -> None:
        self.calls.setFloatProperty("#RVColor.color.gamma", [0.5, 0.5, 0.5])

    def nodes_of_type(self) -> None:
        self.calls.nodesOfType("RVColor")

    def sources_at_frame(self) -> None:
        self.calls.sourcesAtFrame(self.size)

    def cut(self) -> None:
        source = f"sourceGroup{self.size - 1:06d}_source"
        self.calls.setIntProperty(f"{source}.cut.in", [1 + self.count % 2])
        self.count += 1
        self.session.settle()

    def delete(self) -> None:
        """The source in the middle, and another one so that the size stays."""
        middle = f"sourceGroup{self.middle:06d}"
        self.middle += 1
        self.calls.deleteNode(middle)
        self.add()

    def view(self) -> None:
        self.calls.setViewNode(f"sourceGroup{self.size - 1:06d}")
        self.calls.setViewNode("defaultSequence")

    def sources(self) -> None:
        self.calls.sources()

    def nodes(self) -> None:
        self.calls.nodes()

    def under_pixel(self) -> None:
        self.calls.imagesAtPixel((1.0, 1.0))

    def add_sources(self, folder: Path) -> None:
        """A session of as many sources, through the queue."""
        self.calls.clearSession()
        self.calls.addSources([self.media() for _ in range(self.size)])
        self.session.settle()

    def merge(self, folder: Path) -> None:
        """What rvpush merge asks for, into a session of one source."""
        self.calls.clearSession()
        self.add()
        self.calls.addSources([str(folder / f"{self.size}.rv")], "rvpush", False, True)
        self.session.settle()

    def clear(self, folder: Path) -> None:
        self.calls.clearSession()

    def save(self, folder: Path) -> None:
        self.calls.saveSession(str(folder / f"{self.size}.rv"), True)

    def load(self, folder: Path) -> None:
        self.calls.addSource(str(folder / f"{self.size}.rv"))


def _in_folder(operation: Callable[[Sized, Path], None], folder: Path, sized: Sized) -> None:
    operation(sized, folder)


def _cost(action: Callable[[], None], repeats: int) -> float:
    def block() -> None:
        for _ in range(repeats):
            action()

    return seconds(block) / repeats


def _shown(value: float) -> str:
    if value >= 1:
        return f"{value:.2f} s"
    return f"{value * 1e3:.2f} ms" if value >= 1e-3 else f"{value * 1e6:.1f} µs"


def run() -> Iterator[Result]:
    load_all()
    sessions = [Sized(size) for size in SIZES]
    operations: tuple[tuple[str, Callable[[Sized], None], int, float | None, float], ...] = (
        ("addSource", Sized.add, 20, 2e-3, 4),
        ("addSourceVerbose", Sized.add_verbose, 20, 2e-3, 4),
        ("setFrame", Sized.set_frame, 50, 1e-3, 4),
        ("set a property", Sized.set_property, 50, 50e-6, 4),
        ("set a #Type property", Sized.set_current, 50, 50e-6, 4),
        ("nodesOfType", Sized.nodes_of_type, 5, 5e-3, 400),
        ("sourcesAtFrame", Sized.sources_at_frame, 20, None, 4),
        ("cut the last source", Sized.cut, 20, None, 40),
        ("setViewNode", Sized.view, 20, None, 4),
        ("sources", Sized.sources, 5, None, 400),
        ("nodes", Sized.nodes, 5, None, 400),
        ("imagesAtPixel", Sized.under_pixel, 20, None, 4),
        ("deleteNode", Sized.delete, 5, None, 40),
    )
    for name, operation, repeats, limit, growth in operations:
        yield from _measured(name, sessions, operation, repeats, limit, growth)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        yield from _measured("save", sessions, lambda s: s.save(folder), 1, 2.0, 400)
        for name, whole in (
            ("load", Sized.load),
            ("merge", Sized.merge),
            ("addSources", Sized.add_sources),
            ("clearSession", Sized.clear),
        ):
            yield from _measured(
                name, sessions, partial(_in_folder, whole, folder), 1, None, 400, rounds=1
            )


def _measured(
    name: str,
    sessions: list[Sized],
    operation: Callable[[Sized], None],
    repeats: int,
    limit: float | None,
    growth: float,
    rounds: int = ROUNDS,
) -> Iterator[Result]:
    costs: dict[int, list[float]] = {s.size: [] for s in sessions}
    for _ in range(rounds):
        for s in sessions:
            costs[s.size].append(_cost(lambda s=s: operation(s), repeats))  # type: ignore[misc]
    small, middle, large = (statistics.median(costs[size]) for size in SIZES)
    yield Result(
        f"{name}: growth 50 to 5,000",
        f"{_shown(large)} ({_shown(middle)} at 500)",
        _shown(small),
        large / small,
        growth,
        "<=",
    )
    if limit is not None:
        yield Result(f"{name}: limit", _shown(large), _shown(limit), large / limit, 1.0, "<=")
