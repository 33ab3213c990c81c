"""A picture that cannot be shown says why, where it would be: over the screen's pixels only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from player.image.reasons import Reason, draw_reasons
from player.session.ports import MediaInfo
from tests.image.room import Room, room

SIZE = (640, 360)


def shown(made: Room, pixel_aspect: float = 1.0) -> np.ndarray:
    made.session.settle()
    picture: np.ndarray = made.renderer.job()(*SIZE, pixel_aspect)
    return picture[..., :3]


def add(made: Room, *media: str) -> None:
    for name in media:
        made.do.addSource(name)
    made.session.settle()


def damaged(path: Path) -> Path:
    """An EXR of 320 x 180 whose lower half is lost."""
    out = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), oiio.ImageSpec(320, 180, 3, "half"))
    out.write_image(np.random.default_rng(1).random((180, 320, 3)).astype(np.float32))
    out.close()
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    return path


@pytest.mark.parametrize("pixel_aspect", [1.0, 0.5])
def test_missing_media_is_a_frame_with_the_reason(pixel_aspect: float) -> None:
    with room(*SIZE) as made:
        add(made, "/nope/missing.mov")
        lit = shown(made, pixel_aspect).max(axis=2) > 150
        rows, columns = np.nonzero(lit)
        assert 160 < rows.mean() < 200 and 300 < columns.mean() < 340  # in the middle
        assert made.renderer.framebuffer_pixel(320.0, 180.0) == (0.0, 0.0, 0.0, 0.0)
        assert made.renderer.render().pixels[..., :3].max() == 0  # as RV's
        assert "/nope/missing.mov: no such file" in made.renderer.status().text


def test_each_tile_of_a_layout_has_its_own() -> None:
    with room(*SIZE) as made:
        add(made, "/nope/missing.mov", "solid,red=0,width=640,height=360.movieproc")
        made.do.setViewNode("defaultLayout")
        picture = shown(made)
        middle = picture.shape[1] // 2
        assert picture[:, : middle - 8].max() > 150 and picture[:, middle + 8 :].max() == 0


def test_a_damaged_picture_keeps_what_is_good(tmp_path: Path) -> None:
    with room(*SIZE) as made:
        add(made, str(damaged(tmp_path / "cut.exr")))
        picture = shown(made)
        good = made.renderer.render().pixels[..., :3]
        assert good[:100].max() > 150
        np.testing.assert_array_equal(picture[:100], good[:100])
        assert picture[-60:].max() > 150 and good[-60:].max() == 0


def test_what_clients_push_is_empty_until_it_comes() -> None:
    with room(*SIZE) as made:
        info = MediaInfo("m", 64, 36, 64, 36, channels=4, bits=8, fps=24.0)
        made.session.sources.add_image(info)
        assert shown(made).max() == 0


@pytest.mark.parametrize("box", [(0, 0, 60, 40), (0, 0, 640, 4), (300, 100, 300, 100)])
def test_too_small_to_read_is_an_outline_at_most(box: tuple[int, int, int, int]) -> None:
    picture = np.zeros((360, 640, 4), np.uint8)
    draw_reasons(picture, [Reason("/some/file.exr: is empty", box, True)])
    left, top, right, bottom = box
    picture[top:bottom, left:right] = 0
    assert picture.max() == 0


def test_a_long_reason_is_cut() -> None:
    picture = np.zeros((360, 640, 4), np.uint8)
    draw_reasons(picture, [Reason("word " * 4000, (0, 0, 640, 360), False)])
    rows = np.nonzero(picture[..., 0] > 150)[0]
    assert rows.min() > 100 and rows.max() < 360
