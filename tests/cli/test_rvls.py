"""`player-rvls`: RV's rvls, by files that are there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from player.media import Probe
from player.media.grouping import contract
from player.rvls import main
from tests.playback.test_export import write
from tests.players import REPO


def rvls(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "player.rvls", *words], cwd=folder, capture_output=True,
        text=True, timeout=100, stdin=subprocess.DEVNULL,
        env={"PYTHONPATH": str(REPO), "PATH": "/usr/bin:/bin", "HOME": str(folder)},
    )  # fmt: skip


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Names without contents: two sequences, singles, what is no media, and hidden ones."""
    names = [f"a.{n:04d}.exr" for n in (1, 2, 3, 5, 7, 9)]
    names += [f"b{n}.tif" for n in (8, 9, 10)] + ["c.1.exr", "c.2.exr", "still.png", "note.txt"]
    names += ["n.1.txt", "n.2.txt", "n.3.txt", ".hidden.png", *(f".h.{n}.exr" for n in (1, 2, 3))]
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    return tmp_path


NOTES = ["n.1.txt", "n.2.txt", "n.3.txt", "note.txt"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ["a.1-3,5-9x2#.exr", "b8-10@.tif", "c.1.exr", "c.2.exr", *NOTES, "still.png"]),
        (["-nr"], ["a.#.exr", "b@.tif", "c.1.exr", "c.2.exr", *NOTES, "still.png"]),
        # what cannot be of a sequence is listed with -s, too, as by rvls
        (["-s"], ["a.1-3,5-9x2#.exr", "b8-10@.tif", *NOTES]),
        (["-s", "-b"], ["a.1-3,5-9x2#.exr", "b8-10@.tif", "n.1-3@.txt"]),
        (["-min", "4"], ["a.1-3,5-9x2#.exr", "b10.tif", "b8.tif", "b9.tif", "c.1.exr", "c.2.exr",
                         *NOTES, "still.png"]),
        (["-min", "2"], ["a.1-3,5-9x2#.exr", "b8-10@.tif", "c.1-2@.exr", *NOTES, "still.png"]),
        (["-a", "-s", "-b"], [".h.1-3@.exr", "a.1-3,5-9x2#.exr", "b8-10@.tif", "n.1-3@.txt"]),
    ],
)  # fmt: skip
def test_a_directory(shots: Path, words: list[str], expected: list[str]) -> None:
    done = rvls(shots, *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"./{name}" for name in expected]


def test_without_sequences_in_the_order_of_bytes(shots: Path) -> None:
    done = rvls(shots, "-ns", str(shots) + "/")
    found = done.stdout.splitlines()
    assert found == sorted(str(p) for p in shots.iterdir() if p.is_file() and p.name[0] != ".")


def test_names_of_the_command_line_need_not_exist(tmp_path: Path) -> None:
    done = rvls(tmp_path, "x.3.jpg", "x.1.jpg", "x.2.jpg", "y.mov", "-o", "list.txt")
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "list.txt").read_text() == "x.1-3@.jpg\ny.mov\n"


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """`s.0001.exr` ... of 64 x 48 halves, `p.png` of 100 x 80, sound, what is damaged."""
    for n in range(1, 5):
        write(tmp_path / f"s.{n:04d}.exr", np.zeros((48, 64, 4), np.float16), "half")
    write(tmp_path / "p.png", np.zeros((80, 100, 3), np.uint8), "uint8")
    (tmp_path / "bad.tif").write_bytes(b"II*\0nothing")
    (tmp_path / "note.txt").write_text("no media")
    av = pytest.importorskip("av")
    with av.open(str(tmp_path / "t.wav"), "w") as file:
        stream = file.add_stream("pcm_s16le", rate=48000)
        stream.layout = "stereo"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 9600), np.int16), "s16", "stereo")
        frame.sample_rate = 48000
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return tmp_path


def test_the_long_listing(media: Path) -> None:
    """Columns as wide as their values; damaged media without any, what is none not at all."""
    done = rvls(media, "-l")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "     w x h    typ   #ch   fps   #fr   #ach   file",
        "                                             ./bad.tif",
        "   100 x 80    8i   3       0     1          ./p.png",
        "    64 x 48   16f   4       0     4          ./s.1-4#.exr",
        "                                         2   ./t.wav",
    ]
    assert done.stderr.startswith("ERROR: ") and "bad.tif" in done.stderr


def test_empty_columns_are_left_out(media: Path) -> None:
    done = rvls(media, "-l", "p.png")
    assert done.stdout == (
        "     w x h    typ   #ch   fps   #fr   file\n   100 x 80    8i   3       0     1   p.png\n"
    )
    assert rvls(media, "-l", "note.txt").stdout == "\n"  # as rvls


def test_attributes(media: Path) -> None:
    done = rvls(media, "-x", "s.1-4#.exr")
    lines = done.stdout.splitlines()
    assert lines[:2] == ["s.1-4#.exr:", ""] and lines[-2:] == ["", ""]
    rows = [re.fullmatch(r" {3,}(\S+)   (.*)", line) for line in lines[2:-2]]
    table = {row[1]: row[2] for row in rows if row}
    assert len(table) == len(rows) > 5
    assert table["Resolution"] == "64 x 48, 4ch, 16 bits/ch floating point"
    assert table["Channels"] == "R, G, B, A"
    assert table["PixelAspectRatio"] == "1"
    assert len({row.end(1) for row in rows if row}) == 1  # names end in one column


def test_attributes_as_yaml(media: Path) -> None:
    done = rvls(media, "-x", "-yaml", "p.png")
    lines = done.stdout.splitlines()
    assert lines[0] == "p.png:" and "    Attributes:" in lines
    at = lines.index("    Channels:")
    assert lines[at:] == [
        "    Channels:", "        - R", "        - G", "        - B", "    Resolution:",
        "        Width: 100", "        Height: 80", "        Channels: 3", "        Depth:",
        "            Bits: 8", "            Type: int",
    ]  # fmt: skip


def test_the_media_of_a_session(media: Path) -> None:
    session = media / "s.rv"
    session.write_text("""GTOa (4)

rv : RVSession (4)
{
}

sourceGroup000000_source : RVFileSource (1)
{
    media
    {
        string movie = [ "${RV_PATHSWAP_SHOW}/left.mov" "right.mov" ]
    }
}

sourceGroup000001_source : RVImageSource (1)
{
    media
    {
        string name = "render"
    }

    image
    {
        string channels = "RGBA"
        int uncropWidth = 320
        int uncropHeight = 240
        int start = 1
        int end = 3
        int inc = 1
        int bitsPerChannel = 16
        int "float" = 1
        float pixelAspect = 1
        float fps = 24
    }
}
""")
    image = "RVImageSource|render|RGBA|320|240|1|3|1|16|1|1|24|"
    assert rvls(media, "s.rv").stdout.splitlines() == [
        "${RV_PATHSWAP_SHOW}/left.mov", image, "right.mov"
    ]  # fmt: skip
    done = rvls(media, "-l", "s.rv")
    assert f"   320 x 240   16f   4      24     3   {image}" in done.stdout.splitlines()


def test_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, said in (
        (["-nosuch"], "ERROR: unknown option -nosuch"), (["-min", "x"], "ERROR: -min x"),
        (["-o"], "ERROR: -o needs a value"), ([str(tmp_path / "no.rv")], "no such file"),
    ):  # fmt: skip
        assert main(words) == 255
        assert said in capsys.readouterr().err
    assert main(["-help"]) == 0 and "player-rvls" in capsys.readouterr().out
    assert main(["-formats"]) == 0 and 'format "exr"' in capsys.readouterr().out


# -- sequences -------------------------------------------------------------------------


def test_the_environment_says_how_many_files_make_a_sequence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also where the session sorts the files of a command line."""
    names = [f"a.{n}.exr" for n in (1, 2, 3)]
    probe = Probe()
    try:
        assert probe.contract(names) == names  # five
        monkeypatch.setenv("TWK_MIN_SEQUENCE_SIZE", "3")
        assert probe.contract(names) == ["a.1-3@.exr"]
        monkeypatch.setenv("TWK_MIN_SEQUENCE_SIZE", "1")
        assert probe.contract(names * 1) == names
    finally:
        probe.readers.close()


def test_what_is_never_a_sequence_is_known_by_the_file_s_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RV_NO_SEQUENCE_PATTERN", "^thumb")
    thumbs = [f"/thumbs/thumb.{n}.jpg" for n in range(1, 6)]
    frames = [f"/thumbs/frame.{n}.jpg" for n in range(1, 6)]
    assert contract([*thumbs, *frames]) == [*thumbs, "/thumbs/frame.1-5@.jpg"]
