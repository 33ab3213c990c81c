"""``lut.file``: what a file puts into a node, when, and what RV says when it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from player.commands import Context, EngineError, load_all
from player.commands.calling import Calls
from player.media import Probe
from player.session.events import Event, StringEvent
from player.session.ports import Ports
from player.session.session import Session

LOOK = "sourceGroup000000_lookPipeline_0"
CACHE = "sourceGroup000000_cacheLUT"
CORNERS = [(r, g, b) for b in (0, 1) for g in (0, 1) for r in (0, 1)]
IDENTITY = [float(i % 5 == 0) for i in range(16)]


class Bench:
    """A session with one source; ``sent`` holds what it told."""

    def __init__(self) -> None:
        load_all()
        self.warned: list[str] = []
        self.sent: list[tuple[str, str]] = []
        self.session = Session(ports=Ports(media=Probe()))
        self.session.warn = self.warned.append
        self.do = Calls(Context(self.session))
        self.do.addSource("solid,start=1,end=2,fps=24,width=8,height=8.movieproc")
        self.session.settle()
        self.session.events.trace = self.note

    def note(self, event: Event) -> None:
        assert isinstance(event, StringEvent)
        self.sent.append((event.name, event.contents))

    def of(self, name: str, node: str = LOOK) -> Any:
        kind = {"size": "Int", "active": "Int", "type": "String", "file": "String"}
        return getattr(self.do, f"get{kind.get(name, 'Float')}Property")(f"{node}.lut.{name}")

    def read(self, path: Path, node: str = LOOK) -> None:
        self.do.setStringProperty(f"{node}.lut.file", [str(path)])


@pytest.fixture
def bench() -> Iterator[Bench]:
    yield Bench()


def written(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


def triplets(scale: float = 1.0, order: list[tuple[int, int, int]] = CORNERS) -> list[str]:
    return [" ".join(f"{v * scale:g}" for v in entry) for entry in order]


FLAT = [float(v) for entry in CORNERS for v in entry]
BLUE_FASTEST = sorted(CORNERS)

FILES: dict[str, list[str]] = {
    "a.cube": ["# made by hand", "TITLE \"x\"", "LUT_3D_SIZE 2", "", *triplets()],
    "a.rv3dlut": ["2 2 2", *triplets()],
    "a.csp": ["CSPLUTV100", "3D", "", *["2", "0 1", "0 1"] * 3, "", "2 2 2", *triplets()],
    "a.mga": ["channel 3d", "in 8", "out 256", "format lut", "values red green blue",
              *[f"{i} {line}" for i, line in enumerate(triplets(255, BLUE_FASTEST))]],
    "a.vf": ["#Inventor V2.1 ascii", "grid_size 2 2 2", "data", *triplets(1, BLUE_FASTEST)],
    "a.3dl": ["3DMESH", "Mesh 1 10", "0 1023", *triplets(1023, BLUE_FASTEST)],
    "a.a3d": ["# entries=8", *triplets(1023, BLUE_FASTEST)],
    "a.cub": ["# Truelight Cube v2.0", "# iDims 3", "# oDims 3", "# width 2 2 2",
              "# lutLength 2", "# InputLUT", "0 0 0", "1 1 1", "# Cube", *triplets(), "# end"],
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_cube_of_every_format(bench: Bench, tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name, *FILES[name])
    bench.read(path)
    scale = 1023 / 1024 if name.endswith("3dl") else 1.0  # divided by the next power of two
    assert bench.of("size") == [2, 2, 2]
    assert bench.of("lut") == pytest.approx([v * scale for v in FLAT], abs=1e-6)
    assert bench.of("prelut") == []
    assert bench.of("inMatrix") == IDENTITY
    assert bench.of("type") == ["RGB"]
    assert bench.of("active") == [0]
    assert bench.do.getFloatProperty(f"{LOOK}.lut:output.lut") == bench.of("lut")
    assert bench.sent == [("graph-state-change", f"{LOOK}.lut.file")]


@pytest.mark.parametrize("extension", ["rvchlut", "lt", "shakelt", "txt"])
def test_channel_entries_are_in_units_of_the_table(
    bench: Bench, tmp_path: Path, extension: str
) -> None:
    bench.read(written(tmp_path, f"a.{extension}", "0 0 0", "1 2 3", "", "4 4 4 9"))
    assert bench.of("size") == [3, 0, 0]
    assert bench.of("lut") == [0, 0, 0, 0.5, 1, 1.5, 2, 2, 2]


def test_sides_become_powers_of_two_but_not_for_the_cache(bench: Bench, tmp_path: Path) -> None:
    lines = [f"{r / 2} {g / 2} {b / 2}" for b in range(3) for g in range(3) for r in range(3)]
    path = written(tmp_path, "a.cube", "LUT_3D_SIZE 3", *lines)
    bench.read(path)
    assert bench.of("size") == [4, 4, 4]
    expected = [v / 3 for b in range(4) for g in range(4) for r in range(4) for v in (r, g, b)]
    assert bench.of("lut") == pytest.approx(expected, abs=1e-6)
    bench.read(path, CACHE)
    assert bench.of("size", CACHE) == [3, 3, 3]


def test_curves_become_a_matrix_when_straight_and_a_table_otherwise(
    bench: Bench, tmp_path: Path
) -> None:
    def csp(*curve: str) -> Path:
        lines = ["CSPLUTV100", "3D", *curve * 3, "2 2 2", *triplets()]
        return written(tmp_path, f"{len(curve[1])}.csp", *lines)

    bench.read(csp("3", "0 1 2", "0.5 1.0 1.5"))
    assert bench.of("prelut") == []
    half = [0.5, 0, 0, 0.5], [0, 0.5, 0, 0.5], [0, 0, 0.5, 0.5], [0, 0, 0, 1]
    assert bench.of("inMatrix") == [number for row in half for number in row]
    bench.do.setIntProperty(f"{LOOK}.lut.preLUTSize", [5])
    bench.read(csp("3", "0 1.0 4", "0 0.6 1"))
    assert bench.of("inMatrix")[:4] == [0.25, 0, 0, 0]
    one_channel = bench.of("prelut")[::3]
    assert one_channel == pytest.approx([0, 0.6, 0.6 + 0.4 / 3, 0.6 + 0.8 / 3, 1], abs=1e-6)


def test_gamma_of_metadata_and_a_channel_table(bench: Bench, tmp_path: Path) -> None:
    head = ["CSPLUTV100", "1D", "BEGIN METADATA", "conditioningGamma=2", "END METADATA"]
    table = ["3", "0 0 0", "0.5 0.25 0.75", "1 1 1"]
    bench.read(written(tmp_path, "a.csp", *head, *["2", "0 1", "0 1"] * 3, *table))
    assert bench.of("conditioningGamma") == [2]
    assert bench.of("size") == [3, 0, 0]
    assert bench.of("lut") == [0, 0, 0, 0.5, 0.25, 0.75, 1, 1, 1]
    curved = written(tmp_path, "b.csp", *head[:2], *["3", "0 1 2", "0 0.9 1"] * 3, *table)
    with pytest.raises(EngineError, match="can't handle non-linear prelut with a channel lut"):
        bench.read(curved)


@pytest.mark.parametrize(
    ("name", "lines", "error"),
    [
        ("a.spi3d", ["x"], "Unknown LUT file format spi3d"),
        ("a.cube", ["LUT_1D_SIZE 2", "0 0 0", "1 1 1"], "reading 3D LUT file"),
        ("a.cube", ["LUT_3D_SIZE"], "format error"),
        ("a.cube", ["LUT_3D_SIZE 2", "0 0 0"], "data parsing error"),
        ("a.cube", ["LUT_3D_SIZE 2", *["0 0"] * 8], "data parsing error"),
        ("a.cube", ["LUT_3D_SIZE 2000000000", "0 0 0"], "a table of 2000000000 x"),
        ("a.cube", ["LUT_3D_SIZE -2", "0 0 0"], "a table of -2 x"),
        ("a.rv3dlut", [""], "rv3dlut: error reading 3D LUT file"),
        ("a.rv3dlut", ["2 2"], "rv3dlut: format error"),
        ("a.csp", ["CSPLUTV200"], "CSP: expected CSPLUTV100"),
        ("a.csp", ["CSPLUTV100", "2D"], "CSP: expected 3D or 1D"),
        ("a.csp", ["CSPLUTV100", "3D", "3", "0 1"], "prelut size mismatch, expected 3 items"),
        (
            "a.csp",
            ["CSPLUTV100", "3D", *["1", "0", "0"] * 3, "2"],
            "unexpected number of lut dimen",
        ),
        ("a.mga", ["channel 1d"], "reading 3D LUT file"),
        ("a.vf", ["grid_size 2"], "format error"),
        ("a.3dl", ["Mesh 1 10"], "format error"),
        ("a.a3d", ["# nothing"], "format error"),
        ("a.cub", ["# Truelight Cube v3"], "CUB: expected"),
        ("a.cub", ["# Truelight Cube v2.1", "# iDims 1"], "CUB: Only 3 dimensions supported"),
        ("a.cub", ["# Truelight Cube v2.1", "# InputLUT"], "CUB: Unknown InputLut lutLength"),
        ("a.txt", [""], "format error"),
    ],
)
def test_files_that_are_none(
    bench: Bench, tmp_path: Path, name: str, lines: list[str], error: str
) -> None:
    path = written(tmp_path, name, *lines)
    with pytest.raises(EngineError, match=error):
        bench.read(path)
    assert bench.of("file") == [str(path)]
    assert bench.of("lut") == [] and bench.of("type") == ["Luminance"]
    assert len(bench.warned) == 1 and error in bench.warned[0]


def test_a_missing_file_and_the_search_path(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(EngineError, match=r"Unable to read lut: 'a\.cube'"):
        bench.do.readLUT("a.cube", "#RVLookLUT", True)
    assert bench.of("file") == ["a.cube"]
    assert bench.sent == [("graph-state-change", f"{LOOK}.lut.file")]
    bench.sent.clear()
    path = written(tmp_path, "a.cube", *FILES["a.cube"])
    monkeypatch.setenv("RV_LUT_PATH", f"/no/such/folder:{tmp_path}")
    bench.do.readLUT("a.cube", "#RVLookLUT", True)
    assert bench.of("file") == [str(path)]
    assert bench.of("active") == [1]
    assert bench.sent == [
        ("graph-state-change", f"{LOOK}.lut.file"),
        ("read-lut-complete", f"a.cube;;{LOOK}"),
    ]


def test_colour_nodes_keep_the_name_only(bench: Bench, tmp_path: Path) -> None:
    colour = "sourceGroup000000_colorPipeline_0"
    bench.read(tmp_path / "none.cube", colour)
    assert bench.of("file", colour) == [str(tmp_path / "none.cube")]
    assert bench.of("size", colour) == [0, 0, 0]


def test_a_session_names_the_file_and_reads_it_again(bench: Bench, tmp_path: Path) -> None:
    path = written(tmp_path, "a.cube", *FILES["a.cube"])
    bench.read(path)
    saved = tmp_path / "s.rv"
    bench.do.saveSession(str(saved), True)
    assert 'string file = "' + str(path) in saved.read_text()
    bench.do.addSource(str(saved))
    assert bench.of("lut") == FLAT
    path.unlink()
    bench.do.addSource(str(saved))
    assert bench.of("file") == [str(path)]
    assert bench.of("lut") == []
    assert any("Unable to read lut" in text for text in bench.warned)
