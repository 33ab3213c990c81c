"""`player MEDIA --export`: the files hold what the view shows."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pexpect
import pytest

from player.daemon import progress
from player.daemon.exporting import frame_name
from tests.players import REPO
from tests.waiting import DEADLINE, until


def write(path: Path, pixels: np.ndarray, kind: str) -> None:
    out = oiio.ImageOutput.create(str(path))
    h, w, c = pixels.shape
    assert out.open(str(path), oiio.ImageSpec(w, h, c, kind)), out.geterror()
    assert out.write_image(pixels)
    out.close()


def read(path: Path, kind: str = "float") -> Any:
    inp = oiio.ImageInput.open(str(path))
    assert inp is not None, f"{path} is not there"
    pixels = inp.read_image(kind)
    inp.close()
    return pixels


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "player", *words], cwd=cwd, capture_output=True, text=True,
        timeout=100, env={"PYTHONPATH": str(REPO), "PATH": "/usr/bin:/bin", "HOME": str(cwd)},
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """`s.0001.exr` to `s.0012.exr`: noise from below 0 to 2, half, with the frame in it."""
    rng = np.random.default_rng(4)
    for n in range(1, 13):
        pixels = (rng.random((20, 30, 3)) * 2 - 0.1).astype(np.float16)
        pixels[0, 0] = n / 16
        write(tmp_path / f"s.{n:04d}.exr", pixels, "half")
    return tmp_path


def test_linear_pixels_come_back_untouched(shots: Path) -> None:
    done = run("s.#.exr", "--export", "o.####.exr", cwd=shots)
    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in shots.glob("o.*")) == [f"o.{n:04d}.exr" for n in range(1, 13)]
    for n in (1, 7, 12):
        got, wanted = read(shots / f"o.{n:04d}.exr"), read(shots / f"s.{n:04d}.exr")
        np.testing.assert_array_equal(got[..., :3], wanted)
    assert "12/12" in done.stderr and not list(shots.glob("*.part*"))
    told = done.stderr.splitlines()
    assert all(line.startswith("exported ") for line in told), done.stderr  # to the very end


@pytest.mark.parametrize(("extension", "peak"), [("png", 255), ("tif", 65535)])
def test_the_screen_s_colour(shots: Path, extension: str, peak: int) -> None:
    done = run("s.#.exr", "-sRGB", "--export", f"o.@@.{extension}", "--frames", "2,5-9x2",
               cwd=shots)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in shots.glob("o.*")) == [
        f"o.{n:02d}.{extension}" for n in (2, 5, 7, 9)
    ]
    x = np.clip(read(shots / "s.0007.exr").astype(np.float64), 0, None)
    wanted = np.where(x <= 0.0031308, x * 12.92, 1.055 * x ** (1 / 2.4) - 0.055)
    got = read(shots / f"o.07.{extension}", "uint8" if peak == 255 else "uint16")
    off = np.abs(got[..., :3].astype(np.float64) - np.clip(wanted, 0, 1) * peak)
    assert off.max() <= max(0.51, peak * 1e-4)


def test_a_size_and_a_movie_and_one_frame(tmp_path: Path) -> None:
    pytest.importorskip("av")
    from tests.media.test_movies import write as write_movie

    write_movie(tmp_path / "m.mov", "qtrle", "rgb24", 1, 10)
    done = run("m.mov", "--export", "one.png", "--frames", "4", "--size", "32x24", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    got = read(tmp_path / "one.png", "uint8")
    assert got.shape[:2] == (24, 32) and abs(int(got[12, 16, 0]) - 12) <= 1
    done = run("m.mov", "--export", "all.%03d.jpg", cwd=tmp_path)
    assert done.returncode == 0 and len(list(tmp_path.glob("all.*.jpg"))) == 10


@pytest.mark.parametrize(("words", "text"), [
    (("s.#.exr", "--export", "o.png"), "names one file for 12 frames"),
    (("s.#.exr", "--export", "o.####"), "needs an extension"),
    (("s.#.exr", "--export", "no/where/o.####.png"), "no such folder"),
    (("s.#.exr", "--export", "o.####.png", "--frames", "3-20"), "frame 13 does not exist"),
    (("s.#.exr", "--export", "o.####.png", "--frames", "x"), "no frame range"),
    (("s.#.exr", "--export", "o.####.png", "--frames", "5-1"), "names no frame"),
    (("--export", "o.####.png"), "nothing to export"),
    (("s.#.exr", "--export", "o.mp3"), "not a format that can be written"),
    (("s.#.exr", "--export", "o.####.nope"), "not a format that can be written"),
])  # fmt: skip
def test_bad_requests_are_one_line_each(shots: Path, words: tuple[str, ...], text: str) -> None:
    done = run(*words, cwd=shots)
    assert done.returncode not in (0, -signal.SIGKILL)
    assert text in done.stderr and "Traceback" not in done.stderr


def test_frames_by_the_numbers_of_their_files(shots: Path) -> None:
    for path in sorted(shots.glob("s.*.exr")):
        path.rename(shots / f"n.{1000 + int(path.name.split('.')[1])}.exr")
    done = run("n.#.exr", "--export", "o.####.png", "--frames", "1003", cwd=shots)
    assert "frame 1003 does not exist" in done.stderr
    assert "-view sourceGroup000000, whose own are 1001-1012" in done.stderr
    done = run(
        "n.#.exr", "-view", "sourceGroup000000", "--export", "o.####.png", "--frames", "1003",
        cwd=shots,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [p.name for p in shots.glob("o.*")] == ["o.1003.png"]


def test_a_damaged_frame_costs_itself_only(shots: Path) -> None:
    (shots / "s.0005.exr").write_bytes(b"not a picture")
    done = run("s.#.exr", "--export", "o.####.png", cwd=shots)
    assert done.returncode == 1
    assert "ERROR: frame 5:" in done.stderr and "1 of 12 frames" in done.stderr
    assert len(list(shots.glob("o.*.png"))) == 11


def test_media_that_are_missing_are_told_once(tmp_path: Path) -> None:
    write(tmp_path / "s.7.exr", np.zeros((4, 4, 3), np.float32), "half")
    done = run("s.#.exr", "--export", "o.####.png", cwd=tmp_path)
    assert done.returncode == 1
    told = [line for line in done.stderr.splitlines() if "no such files" in line]
    assert told == [
        "ERROR: s.#.exr: no such files (write s.@.exr)",
        "ERROR: frame 1: s.#.exr: no such files (write s.@.exr)",
    ]
    assert done.stderr.endswith("ERROR: 19 of 19 frames could not be written\n")
    assert "exported" not in done.stderr


def test_what_is_counted_was_written(shots: Path) -> None:
    (shots / "s.0012.exr").write_bytes(b"not a picture")
    done = run("s.#.exr", "--export", "o.####.png", cwd=shots)
    assert "exported 11/12" in done.stderr and "exported 12/12" not in done.stderr


def test_a_snapshot_is_one_picture_and_the_end(shots: Path) -> None:
    done = run("s.#.exr", "--snapshot", "now.png", cwd=shots)
    assert (done.returncode, done.stderr) == (0, "")
    assert read(shots / "now.png").shape[:2] == (720, 1280)
    done = run("s.#.exr", "--snapshot", "now.exr", "--size", "32x18", cwd=shots)
    assert (done.returncode, done.stderr) == (0, "")
    assert read(shots / "now.exr").shape[:2] == (18, 32)


@pytest.mark.parametrize(("words", "text"), [
    (("no.exr", "--snapshot", "o.png"), "ERROR: frame 1: no.exr: no such file; o.png is not"),
    (("--snapshot", "o.png"), "nothing to show"),
    (("s.#.exr", "--snapshot", "o"), "needs an extension"),
    (("s.#.exr", "--snapshot", "o.mov"), "not a format"),
    (("s.#.exr", "--snapshot", "no/where/o.png"), "no such folder"),
])  # fmt: skip
def test_a_snapshot_that_cannot_be(shots: Path, words: tuple[str, ...], text: str) -> None:
    done = run(*words, cwd=shots)
    assert done.returncode in (1, 2) and text in done.stderr
    assert not list(shots.glob("o*"))


def test_a_frame_that_is_missing_is_told(shots: Path) -> None:
    """The one before is written, as RVIO does it."""
    (shots / "s.0005.exr").unlink()
    done = run("s.#.exr", "--export", "o.####.exr", "--frames", "4-6", cwd=shots)
    assert done.returncode == 0
    assert done.stderr.count("WARNING") == 1
    assert "WARNING: s.#.exr: frame 5 is missing, 4 is shown" in done.stderr
    np.testing.assert_array_equal(read(shots / "o.0005.exr")[..., :3], read(shots / "s.0004.exr"))


def test_the_bar_on_a_terminal(shots: Path) -> None:
    child = pexpect.spawn(
        sys.executable, ["-m", "player", "s.#.exr", "--export", "o.####.png"], cwd=str(shots),
        env={"PYTHONPATH": str(REPO), "PATH": "/usr/bin:/bin", "HOME": str(shots),
             "TERM": "xterm"}, timeout=60, encoding="utf-8", dimensions=(24, 100),
    )  # fmt: skip
    child.expect(r"export \[#+\] 12/12")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_names_of_frames() -> None:
    named = {
        "o.####.png": "o.0007.png", "o.#.png": "o.0007.png", "o.######.png": "o.000007.png",
        "o.@@@.png": "o.007.png", "o.@.png": "o.7.png", "o.%05d.png": "o.00007.png",
        "o.%d.png": "o.7.png", "o.png": "o.png",
    }  # fmt: skip
    assert {p: frame_name(p, 7) for p in named} == named


def begun(*words: str, cwd: Path, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "player", *words], cwd=cwd, stderr=subprocess.PIPE, text=True,
        stdin=subprocess.DEVNULL,
        env={"PYTHONPATH": str(REPO), "PATH": "/usr/bin:/bin", "HOME": str(cwd)} | env,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # tests may ignore it
    )  # fmt: skip


def interrupted(child: Any, begun: Callable[[], object], what: str) -> str:
    """What a player says that is interrupted when it has begun."""
    try:
        until(begun, what)
        child.send_signal(signal.SIGINT)
        assert child.stderr is not None
        rest: str = child.stderr.read()
        assert child.wait(DEADLINE) == 130, rest[-2000:]
    finally:
        child.kill()
    return rest


def test_ctrl_c_leaves_whole_files_only(tmp_path: Path) -> None:
    media = "smptebars,start=1,end=99999,width=320,height=240.movieproc"
    with begun(media, "--export", "o.#####.png", cwd=tmp_path) as child:
        rest = interrupted(child, lambda: list(tmp_path.glob("o.*[0-9].png")), "a frame")
    assert "interrupted: " in rest and "of 99999 frames are written" in rest
    assert "Traceback" not in rest
    names = sorted(path.name for path in tmp_path.glob("o.*"))
    assert names and len(names) < 99999 and not [n for n in names if "part" in n]
    for name in (names[0], names[-1]):
        assert read(tmp_path / name).shape[:2] == (240, 320)


def test_ctrl_c_is_not_lost_in_a_finaliser() -> None:
    class Dropped:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with progress.ctrl_c() as check:
            check()
            Dropped()
            with pytest.raises(KeyboardInterrupt):
                check()
            with pytest.raises(KeyboardInterrupt):  # the second one strikes
                signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_ctrl_c_while_it_starts_is_no_traceback(tmp_path: Path) -> None:
    telling = {"PYTHONPROFILEIMPORTTIME": "1"}  # how far it has come
    with begun("--display", "null", "--port", "0", cwd=tmp_path, **telling) as child:
        try:
            assert child.stderr is not None
            told = [next(line for line in child.stderr if "player.options" in line)]
            child.send_signal(signal.SIGINT)
            told += child.stderr
            assert child.wait(DEADLINE) == 130, told[-20:]
        finally:
            child.kill()
    assert not [line for line in told if "Traceback" in line], told[-20:]
