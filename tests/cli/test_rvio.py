"""`player-rvio`: rvio's command line, as packages of RV write it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import OpenImageIO as oiio
import pytest

from player.rvio import main, translated
from tests.players import REPO

BARS = "smptebars,start=1,end=1.movieproc"


@pytest.mark.parametrize(
    ("words", "made", "dropped"),
    [
        ("s.rv -o o.#.jpg -t 1,3-5", "s.rv --export o.#.jpg --frames 1,3-5", ""),
        ("-v -err-to-out -lic L s.rv -o o.#.jpg", "s.rv --export o.#.jpg", ""),
        ("s.rv -o o.png -outres 640 480", "s.rv --export o.png --size 640x480", ""),
        ("[ a.exr -in 1 -out 2 ] -o o.png", "[ a.exr -in 1 -out 2 ] --export o.png", ""),
        ("s.rv -overlay frameburn 0.8 1.0 -o o.png", "s.rv --export o.png", "-overlay"),
        ("s.rv -leader slate a=b -overlay m -1 2 -o o.png", "s.rv --export o.png",
         "-leader -overlay"),
        ("s.rv -codec DWAA -quality 45 -outhalf -o o.exr",
         "s.rv --codec DWAA --quality 45 --export o.exr",
         "-outhalf"),
        ("s.rv -codec DWAA -quality 45 -o o.png", "s.rv --export o.png", "-codec -quality"),
        ("s.rv -codec libx264 -quality .5 -outparams vc:a=b c=d -audiorate 44100 -o o.mov",
         "s.rv --codec libx264 --quality .5 --outparams vc:a=b c=d -audioRate 44100"
         " --export o.mov", ""),
        ("s.rv -o o.mov -outfps 25 -outlog", "s.rv --export o.mov --outfps 25", "-outlog"),
        ("s.rv -outres 2048 1556/2 -o o.png", "s.rv --size 2048x778 --export o.png", ""),
        ("[ l.exr r.exr ] -outstereo hsqueezed -o o.mov",
         "[ l.exr r.exr ] -stereo hsqueezed --export o.mov", ""),
        ("-outstereo s.rv -o o.mov", "s.rv --export o.mov", "-outstereo"),
        ("s.rv -outstereo separate -o o.mov", "s.rv --export o.mov", "-outstereo"),
        ("s.rv -iomethod 0 -o o.exr", "s.rv --export o.exr", "-iomethod"),
        ("-view defaultStack s.rv", "-view defaultStack s.rv", ""),
        ("s.rv -o", "s.rv --export", ""),
        ("s.rv -codec", "s.rv", "-codec"),
        ("s.rv -nosuch", "s.rv -nosuch", ""),
    ],
)  # fmt: skip
def test_words(words: str, made: str, dropped: str) -> None:
    assert translated(words.split()) == (made.split(), dropped.split(), {})


@pytest.mark.parametrize(
    ("words", "made", "changes"),
    [
        ("-exposure -1.5 s.rv -o o.png", "s.rv --export o.png", {"exposure": ("-1.5",)}),
        ("s.exr -resize 640 t.exr -o o.png", "s.exr t.exr --export o.png", {"resize": ("640",)}),
        ("-resize 640 480/2 s.exr -flip", "s.exr", {"resize": ("640", "480/2"), "flip": ()}),
        ("s.rv -outgamma 2.2 -tio", "s.rv", {"outgamma": ("2.2",), "tio": ()}),
    ],
)
def test_words_that_change_what_is_shown(
    words: str, made: str, changes: dict[str, tuple[str, ...]]
) -> None:
    assert translated(words.split()) == (made.split(), [], changes)


def test_a_file_to_write_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["s.rv", "-codec", "a"]) == 2
    assert capsys.readouterr().err == (
        "WARNING: -codec is not applied: the player writes pictures as they are shown\n"
        "player-rvio: no file to write is named (-o OUT.#.exr; player-rvio -help)\n"
    )


@pytest.mark.parametrize("word", ["-h", "-help", "--help"])
def test_help(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([word]) == 0
    out = capsys.readouterr().out
    assert out.startswith("usage: player-rvio") and "-outstereo" in out
    assert max(map(len, out.splitlines())) <= 100


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "player.rvio", *words], cwd=folder, capture_output=True,
        text=True, timeout=100, stdin=subprocess.DEVNULL,
        env={"PYTHONPATH": str(REPO), "PATH": "/usr/bin:/bin", "HOME": str(folder)},
    )  # fmt: skip


def written(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("o.*"))


def test_frames_are_written(tmp_path: Path) -> None:
    done = run(tmp_path, "smptebars,start=1,end=4.movieproc", "-v", "-o", "o.#.png", "-t", "2-3")
    assert done.returncode == 0, done.stderr
    assert written(tmp_path) == ["o.0002.png", "o.0003.png"]


def test_a_source_by_itself_keeps_its_frame_numbers(tmp_path: Path) -> None:
    """Two are a sequence, which counts from 1; so is one whose view was asked for."""
    one = "black,start=1001,end=1004,width=8,height=8.movieproc"
    done = run(tmp_path, one, "-o", "o.#.png", "-t", "1003-1010")
    assert done.returncode == 0, done.stderr
    assert "WARNING: 6 frames are outside 1001-1004" in done.stderr
    assert written(tmp_path) == ["o.1003.png", "o.1004.png"]
    done = run(tmp_path, one, "-view", "defaultSequence", "-o", "o.#.png", "-t", "4")
    assert done.returncode == 0, done.stderr
    done = run(tmp_path, one, one, "-o", "o.#.png", "-t", "5")
    assert done.returncode == 0, done.stderr
    assert written(tmp_path) == ["o.0004.png", "o.0005.png", "o.1003.png", "o.1004.png"]


def test_an_unknown_view_is_not_another_one(tmp_path: Path) -> None:
    """As with rvio, whose words the errors have."""
    done = run(tmp_path, BARS, "-view", "nope", "-o", "o.png")
    assert done.returncode == 1 and written(tmp_path) == []
    assert "player-rvio: -view nope: there is no such view" in done.stderr
    done = run(tmp_path, BARS, "-o", "o.xyz")
    assert done.returncode == 2 and "player-rvio: -o o.xyz: .xyz is not a format" in done.stderr


def test_a_movie_of_nothing_is_not_written(tmp_path: Path) -> None:
    done = run(tmp_path, "nope.exr", "-o", "o.mov")
    assert done.returncode == 1 and written(tmp_path) == []


def test_the_eyes_side_by_side(tmp_path: Path) -> None:
    eyes = [
        f"solid,red={r},blue={1 - r},width=64,height=36,start=1,end=1.movieproc" for r in (1, 0)
    ]
    done = run(tmp_path, "[", *eyes, "]", "-outstereo", "hsqueezed", "-o", "o.png")
    assert (done.returncode, written(tmp_path)) == (0, ["o.png"]), done.stderr
    pixels = oiio.ImageInput.open(str(tmp_path / "o.png")).read_image("uint8")
    assert pixels.shape[:2] == (36, 64)
    assert tuple(pixels[18, 10, :3]) == (255, 0, 0) and tuple(pixels[18, 50, :3]) == (0, 0, 255)
