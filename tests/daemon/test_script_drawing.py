"""What scripts draw over the picture on event `render`, as it is shown by a real player."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pytest

from tests.players import running_player
from tests.waiting import until

W, H = 320, 200
GREY = 64
DARK = "solid,red=0.25,green=0.25,blue=0.25,width=320,height=200,start=1,end=100.movieproc"

MODE = """
use rvtypes;
use commands;
use gl;
use glu;

module: badge {
require gltext;
require glyph;

class: Badge : MinorMode
{
    int _list;

    method: render (void; Event event)
    {
        let d = event.domain();
        glyph.setupProjection(int(d.x), int(d.y));
        glEnable(GL_BLEND);
        glBlendFunc(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA);
        glColor(1.0, 0.0, 0.0, 0.5);
        glBegin(GL_QUADS);
        glVertex(20.0, 10.0);
        glVertex(60.0, 10.0);
        glVertex(60.0, 30.0);
        glVertex(20.0, 30.0);
        glEnd();
        if (frame() == 5)
        {
            gltext.size(40);
            gltext.color(1.0, 1.0, 1.0, 1.0);
            gltext.writeAt(100.0, 80.0, "FIVE");
        }
    }

    method: Badge (Badge; string name) { init(name, nil, nil, nil); }
}

\\: createMode (Mode;) { return Badge("badge"); }
}
"""

ON = """
{
    require badge;
    rvtypes.State s = data();
    let mode = badge.createMode();
    s.minorModes.push_back(mode);
    mode.toggle();
}
"""

PYTHON = """
import rv
from OpenGL.GL import *
from OpenGL.GLU import *

def draw(event):
    w, h = event.domain()
    glMatrixMode(GL_PROJECTION)
    glLoadIdentity()
    gluOrtho2D(0, w, 0, h)
    glMatrixMode(GL_MODELVIEW)
    glLoadIdentity()
    glColor3ub(0, 255, 0)
    glBegin(GL_QUADS)
    for corner in ((20, 10), (60, 10), (60, 30), (20, 30)):
        glVertex2f(*corner)
    glEnd()
    glUseProgram(0)  # there are no shaders: nothing
    glPointSize(6)
    glColor4fv([0.0, 0.0, 1.0, 1.0])
    glBegin(GL_POINTS)
    glVertex2fv((200, 100))
    glEnd()
    event.reject()


def made():
    return [glGenTextures(1), glBegin(GL_QUADS), glColor4f(1, 1, 1, 1), GL_FRAMEBUFFER,
            glCreateShader(1)]
"""


class Shown:
    """A player whose picture is written to a file, and a client of it."""

    def __init__(self, client: Any, file: Path) -> None:
        self.client = client
        self._file = file

    def pixels(self) -> Any:
        """(rows, columns, 3), lowest row first; None before there is a picture."""
        file = oiio.ImageInput.open(str(self._file)) if self._file.exists() else None
        if file is None:
            return None
        return file.read_image("uint8")[::-1, :, :3].astype(int)

    def until(self, fits: Callable[[Any], bool]) -> Any:
        """The picture once it is as wanted."""

        def found() -> Any:
            pixels = self.pixels()
            return pixels if pixels is not None and fits(pixels) else None

        until(lambda: found() is not None)
        return self.pixels()


@pytest.fixture
def shown(tmp_path: Path) -> Any:
    (tmp_path / "Mu").mkdir()
    (tmp_path / "Mu" / "badge.mu").write_text(MODE)
    (tmp_path / "Python").mkdir()
    (tmp_path / "Python" / "pybadge.py").write_text(PYTHON)
    out = tmp_path / "out.png"
    with (
        running_player(
            "--size", f"{W}x{H}", "--snapshot", str(out), DARK, display="png",
            env={"RV_SUPPORT_PATH": str(tmp_path)},
        ) as player,
        player.client() as client,
    ):  # fmt: skip
        yield Shown(client, out)


def near(pixels: Any, *colour: int) -> bool:
    return bool(np.abs(pixels - np.array(colour)).max() <= 1)


def test_a_mode_of_a_package_draws(shown: Shown) -> None:
    shown.client.eval_mu(ON)
    got = shown.until(lambda p: p[20, 40, 0] > 100)
    assert near(got[11:30, 21:60], (GREY + 255) // 2, GREY // 2, GREY // 2)
    outside = np.ones((H, W), bool)
    outside[10:31, 20:61] = False
    assert near(got[outside], GREY, GREY, GREY)
    shown.client.eval_mu("setFrame(5)")
    got = shown.until(lambda p: p[80:120, 100:].max() > 240)
    letters = got[75:125, 100:, 0] > 200
    assert 0.05 < letters[:, :130].mean() < 0.6 and not letters[:, 140:].any()
    shown.client.eval_mu("setFrame(6)")
    shown.until(lambda p: near(p[60:], GREY, GREY, GREY) and p[20, 40, 0] > 100)
    shown.client.eval_mu("{ rvtypes.State s = data(); s.minorModes.back().toggle(); }")
    shown.until(lambda p: near(p, GREY, GREY, GREY))


def test_python_draws_with_opengl(shown: Shown) -> None:
    shown.client.exec_python(
        "import pybadge, rv\n"
        "rv.commands.bind('default', 'global', 'render', pybadge.draw, '')\n"
        "rv.commands.redraw()\n"
    )
    got = shown.until(lambda p: p[20, 40, 1] > 200)
    assert near(got[10:30, 20:60], 0, 255, 0)
    assert near(got[97:103, 197:203], 0, 0, 255) and near(got[90:97, 190:210], GREY, GREY, GREY)


def test_functions_that_are_added(shown: Shown) -> None:
    """Those of the view after the modes, so over them."""
    shown.client.eval_mu(ON)
    shown.client.eval_mu(
        "{ require rvui; require glyph; rvui.addRenderFunction("
        "\\: (void; Event event) { glyph.setupProjectionFromEvent(event);"
        " gl.glColor(0.0, 0.0, 1.0, 1.0); gl.glBegin(gl.GL_QUADS); gl.glVertex(30.0, 0.0);"
        " gl.glVertex(40.0, 0.0); gl.glVertex(40.0, 199.0); gl.glVertex(30.0, 199.0);"
        " gl.glEnd(); }, rvtypes.RenderFunctionType.ViewSpaceRender); redraw(); }"
    )
    got = shown.until(lambda p: p[20, 35, 2] > 200)
    assert near(got[:, 31:39], 0, 0, 255)
    assert near(got[20, 25], (GREY + 255) // 2, GREY // 2, GREY // 2)


def test_what_fails_while_drawing_is_told_and_stops_nobody(shown: Shown) -> None:
    shown.client.exec_python(
        "import rv\n"
        "def broken(event):\n"
        "    event.reject()\n"
        "    from OpenGL.GL import glBegin, glVertex2f\n"
        "    glBegin(7)\n"
        "    glVertex2f(0)\n"
        "    raise RuntimeError('cannot draw')\n"
        "rv.commands.bind('default', 'global', 'render', broken, '')\n"
        "rv.commands.redraw()\n"
    )
    shown.client.eval_mu("setFrame(9)")
    shown.until(lambda p: near(p, GREY, GREY, GREY))
    assert shown.client.eval_mu("frame()") == "9"
    shown.client.eval_mu(ON)
    shown.until(lambda p: p[20, 40, 0] > 100)


def test_outside_of_drawing_nothing_happens(shown: Shown) -> None:
    made = shown.client.eval_python("__import__('pybadge').made()")
    assert made == "[None, None, None, 36160, None]"
    assert shown.client.eval_mu("{ require gl; gl.glColor(1.0, 0.0, 0.0, 1.0); }") == "void"
