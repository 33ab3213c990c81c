"""OpenGL's fixed functions, by the pixels that they draw."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from player.drawing import Drawing
from player.drawing.fonts import bounds, coverage
from player.drawing.gl import Fixed

W, H = 40, 30
QUADS, LINES, FAN, POLYGON = 7, 1, 6, 9
BLEND, TEXTURE, STIPPLE, SMOOTH = 3042, 3553, 2882, 2848
PROJECTION, MODELVIEW = 5889, 5888


@pytest.fixture
def gl() -> Any:
    """A context in pixels from the lower left."""
    context = Fixed(W, H)
    draw(context, ("glMatrixMode", PROJECTION), ("glLoadIdentity",),
         ("gluOrtho2D", 0.0, float(W), 0.0, float(H)), ("glMatrixMode", MODELVIEW))  # fmt: skip
    return context


def draw(gl: Fixed, *calls: Any) -> None:
    for name, *args in calls:
        assert gl.call(name, tuple(args)) is not NotImplemented, name


def quad(x0: float, y0: float, x1: float, y1: float) -> list[Any]:
    return [("glBegin", QUADS), ("glVertex", x0, y0), ("glVertex", x1, y0), ("glVertex", x1, y1),
            ("glVertex", x0, y1), ("glEnd",)]  # fmt: skip


def pixels(gl: Fixed, ground: float = 0.0) -> Any:
    """Row 0 lowest."""
    made = np.full((H, W, 4), ground, np.float32)
    gl.drawing.paint(made)
    return made[::-1]


def filled(picture: Any) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(picture[..., 0])
    return int(columns.min()), int(columns.max()) + 1, int(rows.min()), int(rows.max()) + 1


def test_pixels_are_filled_whose_middles_lie_within(gl: Fixed) -> None:
    draw(gl, ("glColor", 1.0, 0.5, 0.0), *quad(3.4, 4.6, 10.5, 12.4))
    got = pixels(gl)
    assert filled(got) == (3, 10, 5, 12) and (got[5:12, 3:10] == (1, 0.5, 0, 1)).all()


def test_what_is_drawn_is_blended_when_that_is_on(gl: Fixed) -> None:
    draw(gl, ("glColor", 1.0, 1.0, 1.0, 0.25), *quad(0, 0, 10, 10), ("glEnable", BLEND),
         ("glBlendFunc", 770, 771), *quad(10, 0, 20, 10), ("glBlendFunc", 1, 1),
         *quad(20, 0, 30, 10), ("glDisable", BLEND))  # fmt: skip
    got = pixels(gl, 0.5)
    assert got[5, 5].tolist() == [1, 1, 1, 0.25]
    assert got[5, 15].tolist() == pytest.approx([0.625] * 3 + [0.4375])
    assert got[5, 25].tolist() == [1.5, 1.5, 1.5, 0.75]


def test_turned_moved_and_scaled(gl: Fixed) -> None:
    draw(gl, ("glPushMatrix",), ("glTranslate", 20.0, 5.0, 0.0), ("glRotate", 90.0, 0.0, 0.0, 1.0),
         ("glScale", 2.0, 3.0, 1.0), *quad(0, 0, 5, 2), ("glPopMatrix",))  # fmt: skip
    assert filled(pixels(gl)) == (14, 20, 5, 15)
    draw(gl, *quad(30, 20, 32, 22))
    assert filled(pixels(gl))[1] == 32


def test_colours_run_from_corner_to_corner(gl: Fixed) -> None:
    draw(gl, ("glBegin", POLYGON), ("glColor", (0.0, 0.0, 0.0)), ("glVertex", 0.0, 0.0),
         ("glVertex", 0.0, 10.0), ("glColor", (1.0, 1.0, 1.0)), ("glVertex", 20.0, 10.0),
         ("glVertex", 20.0, 0.0), ("glEnd",))  # fmt: skip
    np.testing.assert_allclose(pixels(gl)[4, :20, 0], (np.arange(20) + 0.5) / 20, atol=1e-6)


def test_no_pixel_of_a_polygon_is_blended_twice(gl: Fixed) -> None:
    turns = np.linspace(0, 2 * np.pi, 13)[:-1]
    corners = [("glVertex", 15 + 10 * np.cos(a), 15 + 10 * np.sin(a)) for a in turns]
    draw(gl, ("glColor", 1.0, 1.0, 1.0, 0.5), ("glEnable", BLEND), ("glBlendFunc", 770, 771),
         ("glBegin", POLYGON), *corners, ("glEnd",))  # fmt: skip
    got = pixels(gl)[..., 0]
    assert set(np.unique(got)) == {0, 0.5} and 280 < (got > 0).sum() < 315  # 300


def test_lines_and_their_width(gl: Fixed) -> None:
    draw(gl, ("glBegin", LINES), ("glVertex", 5.0, 3.5), ("glVertex", 15.0, 3.5), ("glEnd",),
         ("glLineWidth", 4.0), ("glBegin", LINES), ("glVertex", 30.0, 5.0),
         ("glVertex", 30.0, 25.0), ("glEnd",))  # fmt: skip
    got = pixels(gl)
    assert filled(got[:10, :20]) == (5, 15, 3, 4) and filled(got[:, 20:]) == (8, 12, 5, 25)


def test_attributes_are_kept(gl: Fixed) -> None:
    draw(gl, ("glColor", 0.5, 0.5, 0.5), ("glPushAttrib", -1), ("glColor", 1.0, 0.0, 0.0),
         ("glEnable", BLEND), ("glPopAttrib",), *quad(0, 0, 5, 5))  # fmt: skip
    assert pixels(gl)[2, 2].tolist() == [0.5, 0.5, 0.5, 1]


def test_stipple(gl: Fixed) -> None:
    rows = [0xAA if row % 2 == 0 else 0x55 for row in range(32) for _ in range(4)]
    draw(gl, ("glPolygonStipple", rows), ("glEnable", STIPPLE), *quad(0, 0, W, H))
    got = pixels(gl)[..., 0]
    assert got.mean() == 0.5 and (got[0, ::2] == 1).all() and (got[1, 1::2] == 1).all()


def test_textures_lie_as_their_corners_say(gl: Fixed) -> None:
    texels = [(1.0, 0.0, 0.0, 1.0), (0.0, 1.0, 0.0, 1.0), (0.0, 0.0, 1.0, 1.0), (0.0,) * 3 + (0.0,)]
    (name,) = gl.call("glGenTextures", (1,))
    draw(gl, ("glBindTexture", TEXTURE, name), ("glEnable", TEXTURE), ("glEnable", BLEND),
         ("glBlendFunc", 770, 771), ("gluBuild2DMipmaps", TEXTURE, 6408, 2, 2, 6408, texels),
         ("glBegin", QUADS), ("glTexCoord", 0.0, 0.0), ("glVertex", 0.0, 0.0),
         ("glTexCoord", 1.0, 0.0), ("glVertex", 20.0, 0.0), ("glTexCoord", 1.0, 1.0),
         ("glVertex", 20.0, 20.0), ("glTexCoord", 0.0, 1.0), ("glVertex", 0.0, 20.0),
         ("glEnd",))  # fmt: skip
    got = pixels(gl, 0.5)
    assert got[2, 2].tolist() == [1, 0, 0, 1] and got[2, 18].tolist() == [0, 1, 0, 1]
    assert got[18, 2].tolist() == [0, 0, 1, 1] and got[18, 18].tolist() == [0.5] * 4


def test_lists_are_drawn_when_they_are_called(gl: Fixed) -> None:
    number = gl.call("glGenLists", (1,))
    draw(gl, ("glNewList", number, 4864), *quad(0, 0, 5, 5), ("glEndList",))
    assert not pixels(gl).any()
    draw(gl, ("glTranslate", 10.0, 0.0, 0.0), ("glCallList", number))
    assert filled(pixels(gl)) == (10, 15, 0, 5)


def test_clearing_forgets_what_was_drawn(gl: Fixed) -> None:
    draw(gl, *quad(0, 0, 5, 5), ("glClearColor", 0.0, 0.25, 0.0, 1.0), ("glClear", 16384))
    assert (pixels(gl) == (0, 0.25, 0, 1)).all()


def test_text_stands_on_its_line_and_may_run_up(gl: Fixed) -> None:
    draw(gl, ("gltext.size", 12), ("gltext.color", 1.0, 1.0, 1.0, 1.0),
         ("gltext.writeAt", 4.0, 6.0, "HI"))  # fmt: skip
    left, right, low, high = filled(pixels(gl) > 0.5)
    box = gl.call("gltext.bounds", ("HI",))
    assert low == 6 and high - low == pytest.approx(0.72 * 12, abs=1)
    assert left >= 4 and right <= 4 + box[2] + 2
    turned = Fixed(W, H)
    draw(turned, ("glMatrixMode", PROJECTION), ("gluOrtho2D", 0.0, float(W), 0.0, float(H)),
         ("glMatrixMode", MODELVIEW), ("glTranslate", 30.0, 2.0, 0.0),
         ("glRotate", 90.0, 0.0, 0.0, 1.0), ("gltext.size", 12),
         ("gltext.color", 1.0, 1.0, 1.0, 1.0), ("gltext.writeAt", 4.0, 6.0, "HI"))  # fmt: skip
    upward = pixels(turned)[..., 0]
    plain = pixels(gl)[..., 0]
    # up is to the left, and right is up; the pen begins at 30 - 6, 2 + 4
    np.testing.assert_allclose(
        upward[6:20, 24 - 9 : 24][:, ::-1].T, plain[6:15, 4:18], atol=1e-3
    )  # fmt: skip


def test_boxes_of_text_grow_with_it() -> None:
    small, large = bounds("Shot", 20), bounds("Shot", 80)
    assert large[2] == pytest.approx(4 * small[2], rel=0.1)
    cover, x, y = coverage("Shot", 80)
    ink = np.nonzero(cover > 0.5)
    assert ink[0].max() - y == pytest.approx(large[3], abs=2)
    assert ink[1].max() - x <= large[2] + 8
    assert bounds("", 20) == (0, 0, 0, 0)


def test_what_lies_outside_is_nothing() -> None:
    drawing = Drawing()
    drawing.rectangle(-50, -50, -10, -10, (1, 1, 1, 1))
    drawing.text(500, 500, "far", 20, (1, 1, 1, 1))
    drawing.line((-5, -5), (-50, -50), (1, 1, 1, 1), smooth=True)
    drawing.texture(np.ones((4, 4, 4), np.float32), (5, 0, 0, 5, 900, 900))
    made = np.zeros((H, W, 4), np.float32)
    drawing.paint(made)
    assert not made.any()
