"""Renderers crop frames and layers to what is in them; every pixel comes where it belongs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from tests.pixels.running import RunningPlayer, rvshell
from tests.pixels.test_push_verb import RNG, node_of, pixels_of
from tests.pixels.watching import Watching
from tests.waiting import until

WIDTH, HEIGHT = 20, 12

Window = tuple[int, int, int, int]


def write(path: Path, *parts: tuple[str, Window]) -> dict[str, np.ndarray]:
    """An EXR of parts with a name and a data window each; what they look like in the frame."""
    specs, pixels, frames = [], [], {}
    for name, (x, y, width, height) in parts:
        spec = oiio.ImageSpec(width, height, 4, "half")
        spec.x, spec.y = x, y
        spec.full_width, spec.full_height = WIDTH, HEIGHT
        spec.attribute("oiio:subimagename", name)
        specs.append(spec)
        stored = RNG.random((height, width, 4)).astype(np.float16)
        pixels.append(stored)
        frame = np.zeros((HEIGHT + 20, WIDTH + 20, 4), np.float16)  # with 10 around it
        frame[y + 10 : y + 10 + height, x + 10 : x + 10 + width] = stored
        frames[name] = frame[10:-10, 10:-10]
    out = oiio.ImageOutput.create(str(path))
    assert out is not None
    assert out.open(str(path), specs[0]) if len(specs) == 1 else out.open(str(path), tuple(specs))
    for number, (spec, stored) in enumerate(zip(specs, pixels, strict=True)):
        assert not number or out.open(str(path), spec, "AppendSubimage")
        assert out.write_image(stored), out.geterror()
    out.close()
    return frames


def shown(player: RunningPlayer, media: str, key: str) -> np.ndarray:
    """A picture in the displayed frame, top row first."""
    node = node_of(player, media)
    names = ("width", "height", "uncropWidth", "uncropHeight", "uncropX", "uncropY")
    width, height, full_width, full_height, x, y = (
        int(player.numbers(f'getIntProperty("{node}.image.{name}")')[0]) for name in names
    )
    assert (full_width, full_height) == (WIDTH, HEIGHT)
    frame = np.zeros((HEIGHT, WIDTH, 4), np.float16)
    values = pixels_of(player, node, key, "Half", width * height * 4)
    frame[y : y + height, x : x + width] = values.reshape(height, width, 4)
    return frame[::-1]


def test_layers_with_windows_of_their_own(player: RunningPlayer, tmp_path: Path) -> None:
    path = tmp_path / "layers.exr"
    wanted = write(
        path, ("", (4, 3, 8, 6)), ("same", (6, 2, 8, 6)), ("small", (9, 9, 1, 2)),
        ("over", (-5, -2, 12, 7)),
    )  # fmt: skip
    done = rvshell("push", str(path), port=player.port)
    assert (done.returncode, done.stderr) == (0, "")
    for name, frame in wanted.items():
        got = shown(player, "layers.exr", f"1;{name or 'default'}")
        np.testing.assert_array_equal(got, frame)
    node = node_of(player, "layers.exr")
    assert player.numbers(f'getIntProperty("{node}.image.width")') == [14]  # around all of them


WINDOWS = [(4, 3, 8, 6), (6, 2, 8, 6), (2, 2, 3, 3), (10, 4, 10, 8)]


@pytest.mark.parametrize("first", [(4, 3, 8, 6), (0, 0, WIDTH, HEIGHT)])
def test_a_sequence_whose_crop_moves(player: RunningPlayer, tmp_path: Path, first: Window) -> None:
    wanted = {
        frame: write(tmp_path / f"s.{frame:04}.exr", ("", window))[""]
        for frame, window in enumerate([first, *WINDOWS[1:]], 1)
    }
    done = rvshell("push", str(tmp_path / "s.#.exr"), port=player.port)
    assert (done.returncode, done.stderr) == (0, "")
    for frame, picture in wanted.items():
        np.testing.assert_array_equal(shown(player, "s.#.exr", str(frame)), picture)


def test_a_frame_with_other_layers(player: RunningPlayer, tmp_path: Path) -> None:
    whole = (0, 0, WIDTH, HEIGHT)
    names = {1: ("a", "b"), 2: ("b",), 3: ("b", "c.d", "a")}
    wanted = {
        frame: write(tmp_path / f"s.{frame:04}.exr", *((name, whole) for name in layers))
        for frame, layers in names.items()
    }
    done = rvshell("push", str(tmp_path / "s.#.exr"), port=player.port)
    assert (done.returncode, done.stderr) == (0, "")
    for frame, layers in wanted.items():
        for number, (name, picture) in enumerate(layers.items()):
            # the first part of a file shows itself
            key = f"{frame};{name.replace('.', '*') if number else 'default'}"
            np.testing.assert_array_equal(shown(player, "s.#.exr", key), picture)


def test_layers_that_the_first_frame_has_not(player: RunningPlayer, tmp_path: Path) -> None:
    """Its one picture has no name: the source's pictures have names all the same."""
    whole = (0, 0, WIDTH, HEIGHT)
    names = {1: ("",), 2: ("", "a"), 3: ("", "b", "a")}
    wanted = {
        frame: write(tmp_path / f"s.{frame:04}.exr", *((name, whole) for name in layers))
        for frame, layers in names.items()
    }
    done = rvshell("push", str(tmp_path / "s.#.exr"), port=player.port)
    assert (done.returncode, done.stderr) == (0, "")
    for frame, layers in wanted.items():
        for name, picture in layers.items():
            key = f"{frame};{name or 'default'}"
            np.testing.assert_array_equal(shown(player, "s.#.exr", key), picture)


@pytest.mark.parametrize("names", [
    {1: ("", "a", "b"), 2: ("", "b"), 3: ("", "c", "a")},
    {1: ("",), 2: ("", "a"), 3: ("",)},
])  # fmt: skip
def test_a_watched_sequence_with_other_layers(
    player: RunningPlayer, tmp_path: Path, names: dict[int, tuple[str, ...]]
) -> None:
    pytest.importorskip("watchfiles")
    folder, whole = tmp_path / "renders", (0, 0, WIDTH, HEIGHT)
    folder.mkdir()
    watching = Watching(player, folder)
    watching.wait_for("watching")
    wanted = {}
    for frame, layers in names.items():
        path = folder / f"s.{frame:04}.exr"
        wanted[frame] = write(path, *((name, whole) for name in layers))
        watching.wait_for(f"{path} -> ")
    for frame, pictures in wanted.items():
        for name, picture in pictures.items():
            key = f"{frame};{name or 'default'}"
            until(lambda key=key, picture=picture: np.array_equal(
                shown(player, "s.#.exr", key), picture
            ))  # fmt: skip
    assert watching.close() == 130


def test_a_stream_whose_crop_moves(player: RunningPlayer, tmp_path: Path) -> None:
    path = tmp_path / "one.exr"
    stream, wanted = b"", []
    for window in WINDOWS:
        wanted.append(write(path, ("", window))[""])
        stream += path.read_bytes()
    done = rvshell("push", "-", "--name", "stream", port=player.port, data=stream)
    assert (done.returncode, done.stderr) == (0, "")
    for frame, picture in enumerate(wanted, 1):
        np.testing.assert_array_equal(shown(player, "stream", str(frame)), picture)


def test_a_watched_sequence_whose_crop_moves(player: RunningPlayer, tmp_path: Path) -> None:
    pytest.importorskip("watchfiles")
    folder = tmp_path / "renders"
    folder.mkdir()
    watching = Watching(player, folder)
    watching.wait_for("watching")

    def right(frame: int, picture: np.ndarray) -> bool:
        try:
            return np.array_equal(shown(player, "s.#.exr", str(frame)), picture)
        except (AssertionError, ValueError, IndexError):
            return False  # it is made anew, or has not come yet

    wanted: dict[int, np.ndarray] = {}
    for frame, window in enumerate(WINDOWS, 1):
        wanted[frame] = write(folder / f"s.{frame:04}.exr", ("", window))[""]
        until(lambda f=frame: right(f, wanted[f]))
    for frame, picture in wanted.items():
        until(lambda f=frame, p=picture: right(f, p))
    assert watching.close() == 130
