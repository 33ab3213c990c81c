"""`rvshell push` with everything that it takes, at a real player."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from itertools import product
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pexpect
import pytest

from rvshell.client import Client
from tests.media.test_chroma import REC709, exr, split
from tests.pixels.running import REPO, RunningPlayer, rvshell
from tests.pixels.test_push_stereo import write
from tests.ports import free_port
from tests.waiting import DEADLINE, until

RNG = np.random.default_rng(11)


def pixels_of(player: RunningPlayer, node: str, key: str, kind: str, count: int) -> np.ndarray:
    """All values of a pixel property, as the session has them (rows bottom-up)."""
    name = f"{node}.image.{key}"
    with Client.connect(port=player.port, name="reader") as client:
        text = client.eval_python(f"[repr(v) for v in rv.commands.get{kind}Property({name!r})]")
    found = np.array([float(v.strip("' ")) for v in text.strip("[]").split(",")])
    assert found.size == count
    return found


def node_of(player: RunningPlayer, media: str) -> str:
    for node in player.ask('nodesOfType("RVImageSource")').split('"')[1::2]:
        if media in player.ask(f'getStringProperty("{node}.media.name")'):
            return node
    raise AssertionError(f"no source named {media}")


@pytest.mark.parametrize(
    ("name", "dtype", "numpy", "kind"),
    [
        ("a.exr", "half", "float16", "Half"),
        ("a.exr", "float", "float32", "Float"),
        ("a.tif", "uint16", "uint16", ""),
        ("a.png", "uint8", "uint8", "Byte"),
    ],
)
def test_depth_is_kept(
    player: RunningPlayer, tmp_path: Path, name: str, dtype: str, numpy: str, kind: str
) -> None:
    pixels = RNG.random((5, 7, 3), np.float32)
    pixels = (pixels * np.iinfo(numpy).max if "int" in dtype else pixels * 4 - 1).astype(numpy)
    write(tmp_path / name, pixels, dtype)
    done = rvshell("push", str(tmp_path / name), "--tiles", "3x2", port=player.port)
    assert (done.returncode, done.stderr) == (0, "")
    node = node_of(player, name)
    bits, is_float = {"half": (16, 1), "float": (32, 1), "uint16": (16, 0), "uint8": (8, 0)}[dtype]
    assert player.numbers(f'getIntProperty("{node}.image.bitsPerChannel")') == [bits]
    assert player.numbers(f'getIntProperty("{node}.image.float")') == [is_float]
    if kind:
        got = pixels_of(player, node, "1", kind, pixels.size)
        np.testing.assert_array_equal(got.astype(numpy), pixels[::-1].reshape(-1))
        return
    player.ask(f'exportCurrentFrame("{tmp_path}/now.png")')
    for x, y in ((0, 0), (6, 0), (3, 2), (6, 4)):  # scripts cannot read 16-bit properties in RV
        value = player.numbers(f'sourcePixelValue("{node}", {x}.0, {y}.0)')[:3]
        np.testing.assert_array_equal(np.rint(np.array(value) * 65535), pixels[4 - y, x])


def range_of(player: RunningPlayer, node: str) -> list[float]:
    return player.numbers(
        f'(getIntProperty("{node}.image.start")[0], getIntProperty("{node}.image.end")[0])'
    )


def test_layers_frames_and_names(player: RunningPlayer, tmp_path: Path) -> None:
    for frame in (7, 8, 10):
        spec = oiio.ImageSpec(6, 4, 5, "half")
        spec.channelnames = ("R", "G", "B", "depth.Z", "A")
        out = oiio.ImageOutput.create(str(tmp_path / "x.exr"))
        path = str(tmp_path / f"shot.{frame:04d}.exr")
        assert out.open(path, spec)
        assert out.write_image(np.full((4, 6, 5), frame, np.float16))
        out.close()
    done = rvshell("push", str(tmp_path / "shot.#.exr"), "--name", "the shot", port=player.port)
    assert (done.returncode, done.stderr) == (0, "")
    node = node_of(player, "the%20shot")
    assert player.ask(f'getStringProperty("{node}.image.layers")').count('"') == 4
    assert range_of(player, node) == [7, 10]
    for frame in (7, 8, 10):
        for layer in ("default", "depth"):
            got = pixels_of(player, node, f"{frame};{layer}", "Half", 6 * 4 * 4)
            assert set(got) <= {float(frame), 1.0} and float(frame) in got
    assert '"the shot"' in player.ask(f'getStringProperty(nodeGroup("{node}") + ".ui.name")')


@pytest.mark.parametrize("parts", [False, True], ids=["one part", "a part each"])
def test_views_of_an_exr_are_kept(player: RunningPlayer, tmp_path: Path, parts: bool) -> None:
    """Each with its layers: the beauty and the normal of the left and of the right eye."""
    path, views, layers = str(tmp_path / "eyes.exr"), ("left", "right"), ("", "normal.")
    values = {(view, layer): n + 1.0 for n, (view, layer) in enumerate(product(views, layers))}
    specs, pixels = [], []
    for some in [(view,) for view in views] if parts else [views]:
        names = [
            f"{layer}{'' if parts or view == 'left' else view + '.'}{c}"
            for view, layer in product(some, layers)
            for c in "RGB"
        ]
        spec = oiio.ImageSpec(6, 4, len(names), "half")
        spec.channelnames = tuple(names)
        if parts:
            spec.attribute("view", some[0])
            spec.attribute("oiio:subimagename", some[0])
        else:
            spec.attribute("multiView", oiio.TypeDesc("string[2]"), views)
        specs.append(spec)
        flat = [values[key] for key in product(some, layers) for _ in "RGB"]
        pixels.append(np.broadcast_to(np.array(flat, np.float16), (4, 6, len(flat))).copy())
    out = oiio.ImageOutput.create(path)
    assert out.open(path, tuple(specs))
    for number, (spec, block) in enumerate(zip(specs, pixels, strict=True)):
        assert number == 0 or out.open(path, spec, "AppendSubimage")
        assert out.write_image(block)
    out.close()
    done = rvshell("push", path, port=player.port)
    assert (done.returncode, done.stderr) == (0, "")
    node = node_of(player, "eyes")
    assert player.ask(f'getStringProperty("{node}.image.views")').split('"')[1::2] == list(views)
    for (view, layer), value in values.items():
        key = f"1:{view};{layer.strip('.') or 'default'}"
        assert set(pixels_of(player, node, key, "Half", 6 * 4 * 3)) == {value}


def test_one_name_grows(player: RunningPlayer, tmp_path: Path) -> None:
    write(tmp_path / "a.exr", np.full((4, 6, 4), 0.25, np.float16), "half")
    path = str(tmp_path / "a.exr")
    for words in (("--frame", "3"), ("--frame", "5"), ("--frame", "1", "--layer", "albedo")):
        done = rvshell("push", path, "--name", "one", *words, port=player.port)
        assert (done.returncode, done.stderr) == (0, "")
    assert player.ask('nodesOfType("RVImageSource")').count("_source") == 1
    node = node_of(player, "one")
    assert range_of(player, node) == [1, 5]
    (listed,) = json.loads(rvshell("sources", "--long", "--json", port=player.port).stdout)
    assert (listed["start"], listed["end"]) == (1, 5)
    for key in ("3", "5", "1;albedo"):
        assert set(pixels_of(player, node, key, "Half", 96)) == {0.25}
    # another shape replaces the source
    write(tmp_path / "a.exr", np.full((5, 6, 4), 0.5, np.float16), "half")
    assert rvshell("push", path, "--name", "one", port=player.port).returncode == 0
    assert player.ask('nodesOfType("RVImageSource")').count("_source") == 1


def test_raw_frames_from_a_pipe(player: RunningPlayer) -> None:
    frames = RNG.integers(0, 255, (4, 6, 5, 3), np.uint8)
    done = rvshell(
        "push", "-", "--size", "5x6", "--channels", "3", "--frame", "11", port=player.port,
        data=frames.tobytes(),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    node = node_of(player, "pipe")
    assert range_of(player, node) == [11, 14]
    for number, pixels in enumerate(frames):
        got = pixels_of(player, node, str(11 + number), "Byte", pixels.size)
        np.testing.assert_array_equal(got.astype(np.uint8), pixels[::-1].reshape(-1))


def test_a_named_pipe(player: RunningPlayer, tmp_path: Path) -> None:
    """What `rvshell push <(renderer)` hands over."""
    write(tmp_path / "a.png", np.full((4, 6, 3), 40, np.uint8), "uint8")
    data = (tmp_path / "a.png").read_bytes()
    os.mkfifo(tmp_path / "fifo")
    writer = threading.Thread(target=lambda: (tmp_path / "fifo").write_bytes(data * 3))
    writer.start()
    done = rvshell("push", str(tmp_path / "fifo"), "--name", "named", port=player.port)
    writer.join(DEADLINE)
    assert (done.returncode, done.stderr) == (0, "")
    assert range_of(player, node_of(player, "named")) == [1, 3]
    assert set(pixels_of(player, node_of(player, "named"), "3", "Byte", 72)) == {40.0}


def test_live_pipe_shows_the_newest(player: RunningPlayer) -> None:
    frames = RNG.integers(0, 255, (30, 6, 5, 4), np.uint8)
    done = rvshell(
        "push", "-", "--size", "5x6", "--live", "--name", "cam", port=player.port,
        data=frames.tobytes(),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert range_of(player, node_of(player, "cam")) == [1, 1]
    got = pixels_of(player, node_of(player, "cam"), "1", "Byte", 120)
    np.testing.assert_array_equal(got.astype(np.uint8), frames[-1, ::-1].reshape(-1))


def test_a_movie(player: RunningPlayer, tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    path = tmp_path / "clip.mov"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("png", rate=12)
        stream.width, stream.height, stream.pix_fmt = 16, 8, "rgb24"
        for number in range(5):
            picture = np.full((8, 16, 3), number * 40, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")):
                out.mux(packet)
        for packet in stream.encode():
            out.mux(packet)
    assert rvshell("push", str(path), port=player.port).returncode == 0
    node = node_of(player, "clip.mov")
    assert player.numbers("(frameStart(), frameEnd(), fps())") == [1, 5, 12]
    assert set(pixels_of(player, node, "4", "Byte", 8 * 16 * 3)) == {120}


def test_two_targets_at_once(player: RunningPlayer, tmp_path: Path) -> None:
    write(tmp_path / "a.exr", np.full((4, 6, 4), 0.25, np.float16), "half")
    with RunningPlayer(tmp_path) as other:
        ports = f"localhost:{player.port},127.0.0.1:{other.port}"
        words = ("push", str(tmp_path / "a.exr"), "--to", ports)
        assert rvshell(*words, port=player.port).returncode == 0
        for one in (player, other):
            assert set(pixels_of(one, node_of(one, "a.exr"), "1", "Half", 96)) == {0.25}


@pytest.mark.parametrize(
    ("codec", "form", "lines"),
    [
        ("libx264", "yuv420p", 64),  # Rec. 709 whatever the size, as RV has it
        ("libx264", "yuv420p10le", 64),
        ("mpeg4", "yuv420p", 576),
        ("mpeg4", "yuv420p", 720),
        ("mjpeg", "yuvj420p", 64),
        ("prores_ks", "yuv422p10le", 64),
        ("prores_ks", "yuva444p10le", 64),
        ("png", "rgb48be", 64),
        ("qtrle", "argb", 64),
    ],
)
def test_a_movie_has_the_colours_that_it_has_in_the_player(
    player: RunningPlayer, tmp_path: Path, codec: str, form: str, lines: int
) -> None:
    av = pytest.importorskip("av")
    path = tmp_path / "m.mov"
    picture = np.zeros((lines, 64, 4), np.uint8)
    picture[:] = 190, 40, 70, 255
    picture[:, 32:] = 30, 200, 90, 128
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, lines, form
        frame = av.VideoFrame.from_ndarray(picture, "rgba").reformat(format=form, threads=1)
        for packet in [*stream.encode(frame), *stream.encode()]:
            out.mux(packet)
    assert rvshell("push", str(path), "--name", "pushed", port=player.port).returncode == 0
    player.ask(f'addSourceVerbose(string[] {{"{path}"}});')
    files = player.ask('nodesOfType("RVFileSource")').split('"')[1::2]
    seen = []
    for node in (node_of(player, "pushed"), *files):
        player.ask(f'setViewNode(nodeGroup("{node}"));')
        seen.append([
            player.numbers(f'sourcePixelValue("{node}", {x}.5, {y}.5)')
            for x, y in ((3, 3), (31, 20), (32, 30), (60, lines - 2))
        ])  # fmt: skip
    assert len(seen) == 2 and seen[0] == seen[1]
    assert seen[0][0] != seen[0][3]


@pytest.mark.parametrize("piped", [False, True], ids=["files", "pipe"])
def test_a_target_that_fails_does_not_keep_the_others_back(
    player: RunningPlayer, tmp_path: Path, piped: bool
) -> None:
    pixels = np.full((4, 6, 4), 0.25, np.float16)
    for frame in (1, 2):
        write(tmp_path / f"s.{frame}.exr", pixels * frame, "half")
    nobody = free_port()
    done = rvshell(
        "push", *(("-", "--size", "6x4", "--dtype", "half", "--name", "s.#.exr") if piped
                  else (str(tmp_path / "s.#.exr"),)),
        "--to", f"127.0.0.1:{nobody},127.0.0.1:{player.port}", port=player.port,
        data=np.stack([pixels, pixels * 2]).tobytes() if piped else None,
    )  # fmt: skip
    assert done.returncode == 3
    first, last = done.stderr.splitlines()
    assert first.startswith(f"push: 127.0.0.1:{nobody}: ") and "refused" in first
    assert last.endswith("1 of 2 targets did not get everything")
    for frame in (1, 2):
        there = pixels_of(player, node_of(player, "s.#.exr"), str(frame), "Half", 96)
        assert set(there) == {0.25 * frame}


def test_a_target_that_dies_in_the_middle_does_not_end_the_other(
    player: RunningPlayer, tmp_path: Path
) -> None:
    """A pipe to two players, one of which is killed after the first frame."""
    with RunningPlayer(tmp_path) as dying:
        pushing = subprocess.Popen(
            [sys.executable, "-m", "rvshell", "push", "-", "--size", "64x48", "--name", "two",
             "--to", f"127.0.0.1:{dying.port},127.0.0.1:{player.port}"],
            stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=REPO,
        )  # fmt: skip
        assert pushing.stdin and pushing.stderr
        pushing.stdin.write(bytes([1]) * (64 * 48 * 4))
        pushing.stdin.flush()
        until(lambda: "two" in dying.ask("sources()"))
        dying.kill()
        for number in range(2, 7):
            pushing.stdin.write(bytes([number]) * (64 * 48 * 4))
        pushing.stdin.close()
        text = pushing.stderr.read().decode()
        assert pushing.wait(DEADLINE) == 3
        pushing.stderr.close()
    assert f"127.0.0.1:{dying.port}: " in text and "1 of 2 targets" in text
    got = pixels_of(player, node_of(player, "two"), "6", "Byte", 64 * 48 * 4)
    assert set(got) == {6.0}


def test_what_is_before_a_truncated_picture_is_shown(player: RunningPlayer) -> None:
    frames = RNG.integers(0, 255, (8, 300, 400, 4), np.uint8)
    done = rvshell(
        "push", "-", "--size", "400x300", "--name", "cut", port=player.port,
        data=frames.tobytes()[:-5],
    )  # fmt: skip
    assert done.returncode == 1 and "frame 8 has 479995 bytes where 480000" in done.stderr
    node = node_of(player, "cut")
    for frame in range(1, 8):
        player.ask(f"setFrame({frame});")
        got = player.numbers(f'sourcePixelValue("{node}", 399.0, 0.0)')[:3]
        np.testing.assert_array_equal(np.rint(np.array(got) * 255), frames[frame - 1, 299, 399, :3])


def test_progress_is_shown_on_a_terminal_only(player: RunningPlayer, tmp_path: Path) -> None:
    path = tmp_path / "big.exr"
    write(path, np.zeros((1080, 1920, 4), np.float16), "half", compression="none")
    child = pexpect.spawn(
        sys.executable, ["-m", "rvshell", "-t", f"127.0.0.1:{player.port}", "push", str(path),
                         "--tiles", "20x20"],
        cwd=str(REPO), timeout=30, dimensions=(24, 100),
    )  # fmt: skip
    child.expect(r"big\.exr \[#+\] 100% 17 MB [\d,]+ MB/s")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (("nosuch.exr",), 1, "nosuch.exr: no such file"),
        (("nosuch.#.exr",), 1, "no such files|nosuch"),
        ((__file__,), 1, "cannot be read"),
        (("--stereo", "a.exr"), 2, "needs two images"),
        (("a.exr", "--tiles", "0x3"), 2, "not a size"),
        (("a.exr", "--to", "x:y"), 2, "no port"),
        (("-",), 1, "nothing came"),
        ((str(REPO / "rvshell"),), 1, "holds no images"),
        (("/nosuch/",), 1, "no such file"),
        (("",), 1, "'': no such file"),
        (("-", "--size", "100000x100000"), 2, "100000 x 100000 are not possible: 4000"),
    ],
)
def test_bad_words(player: RunningPlayer, words: tuple[str, ...], status: int, text: str) -> None:
    import re

    done = rvshell("push", *words, port=player.port)
    assert done.returncode == status, done.stderr
    assert re.search(text, done.stderr)
    _, *where = done.stderr.splitlines()  # one line; and the caret, when a word is wrong
    assert not where or (where[0].startswith("push") and where[1].strip() == "^")


def test_a_directory(player: RunningPlayer, tmp_path: Path) -> None:
    """Its sequences (with their gaps), images and movies; hidden and other files are left out."""
    folder = tmp_path / "the shots"
    (folder / "inner").mkdir(parents=True)
    for name, value in (("a.0003.exr", 3), ("a.0010.exr", 10), ("a.0004.exr", 4), ("b.exr", 7)):
        write(folder / name, np.full((4, 6, 4), value, np.float16), "half")
    write(folder / ".a.0005.exr", np.zeros((4, 6, 4), np.float16), "half")
    (folder / "broken.0001.exr").write_bytes(b"no picture")
    (folder / "notes.txt").write_text("text")
    done = rvshell("push", "nosuch.#.exr", str(folder), port=player.port)
    assert done.returncode == 1
    bad = done.stderr.splitlines()
    assert len(bad) == 3 and "nosuch.#.exr" in bad[0] and "broken.0001.exr" in bad[1]
    assert len(player.ask('nodesOfType("RVImageSource")').split('"')[1::2]) == 2
    node = node_of(player, "a.#.exr")
    assert range_of(player, node) == [3, 10]
    for frame in (3, 4, 10):
        assert set(pixels_of(player, node, str(frame), "Half", 96)) == {float(frame)}
    assert set(pixels_of(player, node_of(player, "b.exr"), "1", "Half", 96)) == {7.0}
    assert player.ask(f'propertyExists("{node}.image.5")') == "false"


def test_bad_files_do_not_keep_the_others_back(player: RunningPlayer, tmp_path: Path) -> None:
    pixels = np.full((4, 6, 4), 0.25, np.float16)
    for frame in (2, 4, 5):
        write(tmp_path / f"s.{frame}.exr", pixels * frame, "half")
    (tmp_path / "s.1.exr").write_bytes(b"")
    (tmp_path / "s.3.exr").write_bytes((tmp_path / "s.2.exr").read_bytes()[:100])
    write(tmp_path / "s.6.exr", np.zeros((5, 6, 4), np.float16), "half")
    write(tmp_path / "broken.png", np.zeros((40, 60, 3), np.uint8), "uint8")
    (tmp_path / "broken.png").write_bytes((tmp_path / "broken.png").read_bytes()[:-30])
    done = rvshell(
        "push", str(tmp_path / "s.#.exr"), str(tmp_path / "broken.png"), str(tmp_path / "s.2.exr"),
        port=player.port,
    )  # fmt: skip
    assert done.returncode == 1 and "Traceback" not in done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 5, done.stderr
    for line, name in zip(lines, ("s.1.exr", "s.3.exr", "s.6.exr", "broken.png"), strict=False):
        assert line.startswith("push: ") and name in line
    assert lines[-1].endswith("4 files were not pushed")
    node = node_of(player, "s.#.exr")
    for frame in (2, 4, 5):
        there = pixels_of(player, node, str(frame), "Half", 4 * 6 * 4)
        np.testing.assert_array_equal(there, (pixels * frame).reshape(-1))
    assert player.numbers(f'getIntProperty("{node}.image.start")') == [2]
    other = node_of(player, "s.2.exr")
    there = pixels_of(player, other, "1", "Half", 4 * 6 * 4)
    np.testing.assert_array_equal(there, (pixels * 2).reshape(-1))


def test_of_what_cannot_be_read_nothing_is_made(player: RunningPlayer, tmp_path: Path) -> None:
    """Its header is in order, its pixels are not."""
    path = tmp_path / "cut.exr"
    write(path, RNG.random((64, 64, 4), np.float32), "float")
    path.write_bytes(path.read_bytes()[:-1000])
    done = rvshell("push", str(path), port=player.port)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1) and "cut.exr" in done.stderr
    assert player.ask("sources().size()") == "0"


def test_nobody_listens(tmp_path: Path) -> None:
    write(tmp_path / "a.exr", np.zeros((4, 6, 4), np.float16), "half")
    done = rvshell("push", str(tmp_path / "a.exr"), port=free_port())
    assert done.returncode == 3 and "refused" in done.stderr and done.stderr.count("\n") == 1


def test_a_player_that_dies_in_the_middle(tmp_path: Path) -> None:
    """One clear line and the status of a lost connection, for a pipe that would never end."""
    with RunningPlayer(tmp_path) as player:
        pushing = subprocess.Popen(
            [sys.executable, "-m", "rvshell", "-t", f"127.0.0.1:{player.port}", "push", "-",
             "--size", "640x480", "--live"],
            stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=REPO,
        )  # fmt: skip
        assert pushing.stdin and pushing.stderr
        frame = bytes(640 * 480 * 4)
        for _ in range(20):
            pushing.stdin.write(frame)
        player.kill()
        with pytest.raises(BrokenPipeError):
            while True:
                pushing.stdin.write(frame)
        text = pushing.stderr.read().decode()
        assert pushing.wait(20) == 3
        assert text.count("\n") == 1 and "connection" in text
        pushing.stderr.close()
        with contextlib.suppress(BrokenPipeError):
            pushing.stdin.close()


def test_an_exr_of_luminance_and_chroma_is_pushed_in_colour(
    player: RunningPlayer, tmp_path: Path
) -> None:
    pytest.importorskip("OpenEXR")
    rgb = np.broadcast_to(np.float64([0.5, 0.25, 0.125]), (4, 8, 3))
    path = exr(tmp_path / "yc.exr", split(rgb, REC709), window=(0, 0, 7, 3))
    done = rvshell("push", path, port=player.port)
    assert (done.returncode, done.stderr) == (0, "")
    found = pixels_of(player, node_of(player, "yc.exr"), "1", "Half", 4 * 8 * 3)
    np.testing.assert_allclose(found.reshape(4, 8, 3), rgb, rtol=2e-3)
