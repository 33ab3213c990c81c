"""peek, probe, histogram, graph, timeline: what a user sees of a running player."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pyte
import pytest

from rvshell.verbs import drawing, seen
from rvshell.verbs.graph import Graph, strip, tree_lines
from rvshell.verbs.remote import Remote
from tests.shell.harness import PlayerProcess, Terminal
from tests.shell.running import Batch


@pytest.fixture
def quarters(batch: Batch, tmp_path: Path) -> Batch:
    """The player shows four colours: red, green above, blue, white below."""
    picture = np.zeros((90, 160, 3), np.float32)
    picture[:45, :80] = (1, 0, 0)
    picture[:45, 80:] = (0, 1, 0)
    picture[45:, :80] = (0, 0, 1)
    picture[45:, 80:] = (1, 1, 1)
    path = tmp_path / "quarters.png"
    image = oiio.ImageBuf(picture)
    assert image.write(str(path), "uint8")
    batch.out(f"clear; add {path}")
    return batch


def near(a: object, b: tuple[int, int, int]) -> bool:
    return bool(np.abs(np.array(a, int) - np.array(b)).max() <= 8)


# -- peek ----------------------------------------------------------------------------


def test_peek_draws_the_picture_in_half_blocks(quarters: Batch) -> None:
    text = quarters.out("peek --kind blocks --size 32x9")
    screen = pyte.Screen(40, 12)
    pyte.Stream(screen).feed(text.replace("\n", "\r\n"))
    for row, column, expected in (
        (1, 4, "ff0000"), (1, 28, "00ff00"), (7, 4, "0000ff"), (7, 28, "ffffff"),
    ):  # fmt: skip
        cell = screen.buffer[row][column]
        assert cell.data == "▀"
        assert (cell.fg, cell.bg) == (expected, expected)


def test_peek_draws_letters_where_there_are_no_colours(quarters: Batch) -> None:
    lines = quarters.out("peek --size 32x9").splitlines()  # no terminal: letters
    assert len(lines) == 9 and "\x1b" not in "".join(lines)
    assert lines[8][30] == "@" and lines[8][1] == " "  # white, and blue which is dark


def test_peek_sends_a_png_to_kitty(quarters: Batch) -> None:
    text = quarters.out("peek --kind kitty --size 32x9")
    pieces = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", text)
    assert "c=32,r=9" in pieces[0][0] and "f=100" in pieces[0][0]
    assert all("m=1" in p[0] for p in pieces[:-1]) and "m=0" in pieces[-1][0]
    array = seen.pixels(base64.b64decode("".join(p[1] for p in pieces)))
    height, width = array.shape[:2]
    assert near(array[height // 4, width // 4], (255, 0, 0))
    assert near(array[3 * height // 4, 3 * width // 4], (255, 255, 255))


def decode_sixel(text: str) -> np.ndarray:
    """A small reader of sixels, for the tests."""
    found = re.match(r'\x1bPq"1;1;(\d+);(\d+)', text)
    assert found and text.rstrip("\n").endswith("\x1b\\")
    width, height = int(found[1]), int(found[2])
    picture = np.zeros((height + 6, width, 3), int)
    palette: dict[int, tuple[int, ...]] = {}
    x = y = colour = 0
    for token in re.finditer(
        r"#(\d+)(;2;(\d+);(\d+);(\d+))?|!(\d+)([?-~])|([?-~])|(\$)|(-)", text[found.end() :]
    ):
        if token[1]:
            colour = int(token[1])
            if token[2]:
                palette[colour] = tuple(round(int(v) * 2.55) for v in token.group(3, 4, 5))
        elif token[7] or token[8]:
            count, bits = int(token[6] or 1), ord(token[7] or token[8]) - 63
            for bit in range(6):
                if bits >> bit & 1:
                    picture[y + bit, x : x + count] = palette[colour]
            x += count
        elif token[9]:
            x = 0
        else:
            x, y = 0, y + 6
    return picture[:height]


def test_peek_draws_sixels(quarters: Batch) -> None:
    array = decode_sixel(quarters.out("peek --kind sixel --size 20x6"))
    height, width = array.shape[:2]
    for y, x, expected in (
        (1, 1, (255, 0, 0)),
        (1, 3, (0, 255, 0)),
        (3, 1, (0, 0, 255)),
        (3, 3, (255,) * 3),
    ):
        part = array[
            (y * height) // 4 - 4 : (y * height) // 4 + 4,
            (x * width) // 4 - 4 : (x * width) // 4 + 4,
        ]
        assert near(part.reshape(-1, 3).mean(axis=0), expected)  # type: ignore[arg-type]


def test_peek_asks_a_far_machine_for_the_bytes(
    quarters: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    near_by = quarters.out("peek --kind blocks --size 16x4")
    monkeypatch.setattr(Remote, "is_local", property(lambda self: False))
    assert quarters.out("peek --kind blocks --size 16x4") == near_by


def test_peek_again_and_again(quarters: Batch) -> None:
    once = quarters.out("peek --size 16x4")
    assert quarters.out("peek --size 16x4 --watch 0.01 --count 3") == once * 3


@pytest.mark.parametrize(
    ("environment", "kind"),
    [
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, "kitty"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "kitty"),
        ({"TERM": "foot"}, "sixel"),
        ({"TERM": "tmux-256color", "KITTY_WINDOW_ID": "1"}, "blocks"),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/x"}, "blocks"),
        ({"TERM": "dumb"}, "ascii"),
        ({"TERM": "xterm", "NO_COLOR": "1"}, "ascii"),
        ({"TERM": "xterm-256color"}, ""),
    ],
)
def test_what_the_environment_says(environment: dict[str, str], kind: str) -> None:
    assert drawing.detect(environment) == kind


@pytest.mark.parametrize(
    ("answer", "kind"),
    [("\x1b_Gi=4207;OK\x1b\\\x1b[?62;c", "kitty"), ("\x1b[?62;4;22c", "sixel"),
     ("\x1b[?1;2c", "blocks"), ("\x1b[?14c", "blocks"), ("", "blocks")],
)  # fmt: skip
def test_what_the_terminal_says(answer: str, kind: str) -> None:
    assert drawing.read_answer(answer) == kind


def test_tmux_hands_pictures_on() -> None:
    wrapped = drawing.passthrough("\x1b_Ga=T;AAAA\x1b\\")
    assert wrapped == "\x1bPtmux;\x1b\x1b_Ga=T;AAAA\x1b\x1b\\\x1b\\"


def test_a_picture_keeps_its_shape() -> None:
    assert drawing.fitted(1920, 1080, 80, 100) == (80, 22)
    assert drawing.fitted(1080, 1920, 80, 20) == (22, 20)
    assert drawing.fitted(10_000, 1, 80, 20) == (80, 1)


@pytest.mark.parametrize(
    ("answer", "expected"), [("\x1b[?62;4c", b"\x1bPq"), ("\x1b[?1;2c", "▀".encode())]
)
def test_peek_on_a_terminal_asks_it_first(
    bars: PlayerProcess, home: Path, answer: str, expected: bytes
) -> None:
    shell = Terminal.rvshell("-t", bars.address, "peek", "--size", "20x6", home=home)
    try:
        shell.until(lambda t: b"\x1b[c" in t.raw, "the question")
        shell.send(answer)
        assert shell.ended() == 0
        assert expected in shell.raw
    finally:
        shell.close()


# -- values --------------------------------------------------------------------------


def test_probe_gives_the_values_of_the_file(quarters: Batch) -> None:
    def values(x: int, y: int) -> list[float]:
        found = json.loads(quarters.out(f"probe {x} {y}", form="json"))
        return [round(found[c], 3) for c in "rgba"]

    quarters.out("peek --size 4x2")  # as in RV the values are those of the last rendering
    assert values(10, 10) == [0, 0, 1, 1]
    assert values(150, 80) == [0, 1, 0, 1]
    assert quarters.run("probe -1 0").status == 2
    quarters.out("clear")
    assert "no source is shown" in quarters.run("probe 1 1").err


def test_histogram_counts_the_displayed_picture(quarters: Batch) -> None:
    rows = json.loads(quarters.out("histogram --bins 4", form="json"))
    assert [r["channel"] for r in rows] == ["red", "green", "blue"]
    for row in rows:
        share = row["bins"][3] / sum(row["bins"])
        assert 0.3 < share < 0.51 and row["max"] >= 250
    assert "█" in quarters.out("histogram")
    assert quarters.run("histogram --bins 1").status == 2


# -- graph and timeline --------------------------------------------------------------


def test_graph_as_a_tree_and_for_graphviz(batch: Batch) -> None:
    assert batch.out("graph").splitlines() == [
        "defaultSequence  RVSequenceGroup",
        "└─ sourceGroup000000  RVSourceGroup",
    ]
    assert batch.out("nodes --tree") == batch.out("graph")
    members = batch.out("graph --members")
    assert "   · sourceGroup000000_source  RVFileSource" in members
    assert members.index("└─ sourceGroup000000 ") < members.index("· sourceGroup000000_source")
    dot = batch.out("graph --dot")
    assert dot.startswith("digraph") and '"sourceGroup000000" -> "defaultSequence";' in dot
    ran = batch.run("graph defaultStak")
    assert ran.status == 1 and "did you mean defaultStack?" in ran.err


def test_a_node_is_followed_once_even_in_a_circle() -> None:
    graph = Graph({"a": "A", "b": "B", "c": "C"}, {"a": ["b", "c"], "b": ["c"], "c": ["a"]})
    assert list(tree_lines(graph, "a")) == [
        "a  A", "├─ b  B", "│  └─ c  C", "│     └─ a  A …", "└─ c  C …",
    ]  # fmt: skip
    deep = Graph({str(n): "X" for n in range(5000)}, {str(n): [str(n + 1)] for n in range(4999)})
    assert len(list(tree_lines(deep, "0"))) == 5000


def test_timeline_of_a_player(batch: Batch) -> None:
    batch.out("in 20; out 60; mark 40; frame 30")
    top, body, below = batch.out("timeline --width 60").splitlines()
    assert "▼ 30" in top and body.startswith("1 ") and body.endswith(" 100") and "◆" in body
    assert below.strip() == "[                    ]   in 20 out 60"
    found = json.loads(batch.out("timeline", form="json"))
    assert (found["in"], found["out"], found["marks"], found["frame"]) == (20, 60, [40], 30)
    batch.out("unmark 40")


def test_timeline_as_a_strip() -> None:
    assert strip(1, 10, 1, 10, 1, [5], [(1, 3)], 80).splitlines() == ["  ▼ 1", "1 ███━◆━━━━━ 10"]
    assert strip(1, 10, 3, 8, 10, [], [(1, 4)], 20).splitlines() == [
        "           ▼ 10", "1 ▒▒██━━━━── 10", "    [    ]   in 3 out 8",
    ]  # fmt: skip
    long = strip(1, 100_000, 1, 100_000, 50_000, [1, 100_000], [], 40).splitlines()
    assert all(len(line) <= 40 for line in long)
