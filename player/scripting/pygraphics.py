"""Packages ``OpenGL.GL`` and ``OpenGL.GLU`` for Python scripts, drawn without a GPU.

Packages draw in their ``render`` methods with PyOpenGL's functions: Mu's with letters for the types
(``glColor4f``, ``glVertex2fv``).  While event ``render`` is handled they draw over the picture as
Mu's do (``pen``); else, and where there is nothing to draw with (shaders, buffers), they do nothing
and give None.  These are found instead of an installed PyOpenGL, which would ask a driver for a
context that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import numpy as np

from player.scripting.pen import Pens

__all__ = ["graphics_modules"]

_TABLE: Final = Path(__file__).with_name("modules") / "graphics.tsv"
_TYPED: Final = re.compile(r"(gl[A-Z]\w*?)[1-4]?(?:ub|us|ui|[bsifd])v?")
_SUFFIXES: Final = ("2f", "3f", "4f", "2d", "3d", "4d", "2i", "3i", "4i", "3ub", "4ub")
_SUFFIXED: Final = ("glColor", "glVertex", "glTexCoord")
_DOUBLE: Final = ("glTranslate", "glScale", "glRotate", "glMultMatrix", "glLoadMatrix", "glRect")
_BYTES: Final = re.compile(r"glColor[34]ubv?")

_LATER: Final = [
    "glActiveTexture",
    "glAttachShader",
    "glBindBuffer",
    "glBindFramebuffer",
    "glBindVertexArray",
    "glBufferData",
    "glCompileShader",
    "glCreateProgram",
    "glCreateShader",
    "glDeleteBuffers",
    "glDeleteFramebuffers",
    "glDeleteProgram",
    "glDeleteShader",
    "glDisableVertexAttribArray",
    "glEnableVertexAttribArray",
    "glFramebufferTexture2D",
    "glGenBuffers",
    "glGenFramebuffers",
    "glGenVertexArrays",
    "glGenerateMipmap",
    "glGetUniformLocation",
    "glLinkProgram",
    "glShaderSource",
    "glUniform1f",
    "glUniform1i",
    "glUniform2f",
    "glUniform4f",
    "glUniformMatrix4fv",
    "glUseProgram",
    "glVertexAttribPointer",
]
"""Of later versions of OpenGL what packages call, in vain."""
_NUMBERS: Final = {
    "GL_ARRAY_BUFFER": 34962, "GL_COMPILE_STATUS": 35713, "GL_FRAGMENT_SHADER": 35632,
    "GL_FRAMEBUFFER": 36160, "GL_LINK_STATUS": 35714, "GL_MULTISAMPLE": 32925,
    "GL_STATIC_DRAW": 35044, "GL_TEXTURE0": 33984, "GL_VERTEX_SHADER": 35633,
}  # fmt: skip


def _flat(value: Any) -> Any:
    """Numbers as Mu gives them: lists and numpy's arrays are flat, bytes numbers."""
    if isinstance(value, (bytes, bytearray, memoryview, np.ndarray, list, tuple)):
        raw = np.frombuffer(value, np.uint8) if isinstance(value, (bytes, bytearray)) else value
        return np.asarray(raw).reshape(-1).tolist()
    return value


def _drawing(name: str, pens: Pens, names: frozenset[str]) -> Callable[..., Any]:
    typed = _TYPED.fullmatch(name)
    plain = typed[1] if typed and name not in names else name
    bytewise = _BYTES.fullmatch(name) is not None

    def call(*args: Any) -> Any:
        pen = pens.now
        if pen is None:
            return None
        given = [_flat(arg) for arg in args]
        if name == "glTexImage2D" and len(given) == 9:  # Mu's asks for no type of the numbers
            del given[7]
        if bytewise:
            values = given[0] if len(given) == 1 else given
            given = [[float(v) / 255 for v in values]]
        made = pen.call(plain, tuple(given))
        if made is NotImplemented:
            return None
        if name == "glGenTextures" and args == (1,):
            return made[0]
        return list(made) if isinstance(made, tuple) else made

    call.__name__ = call.__qualname__ = name
    return call


@cache
def _table() -> tuple[dict[str, dict[str, int]], dict[str, frozenset[str]]]:
    """Constants and functions of Mu's modules ``gl`` and ``glu``."""
    values: dict[str, dict[str, int]] = {"gl": dict(_NUMBERS), "glu": {}}
    functions: dict[str, set[str]] = {"gl": set(), "glu": set()}
    for line in _TABLE.read_text(encoding="utf-8").splitlines()[1:]:
        scope, name, what, _, value = line.split("\t")
        if scope in values and what == "const":
            values[scope].setdefault(name, int(value))
        elif scope in values:
            functions[scope].add(name)
    return values, {scope: frozenset(names) for scope, names in functions.items()}


def _fill(module: ModuleType, scope: str, pens: Pens) -> None:
    """Everything that ``import *`` gives."""
    values, functions = _table()
    known = functions["gl"] | functions["glu"]
    names = set(functions[scope])
    if scope == "gl":
        names |= {"glRectf", *_LATER}
        names |= {f"{n}{suffix}{v}" for n in _SUFFIXED for suffix in _SUFFIXES for v in ("", "v")}
        names |= {f"{n}{suffix}" for n in _DOUBLE for suffix in "fd"}
    module.__dict__.update(values[scope])
    module.__dict__.update({name: _drawing(name, pens, known) for name in names})
    module.__dict__["__all__"] = sorted([*values[scope], *names])


def graphics_modules(pens: Pens) -> dict[str, ModuleType]:
    """The modules by name, filled when somebody looks into them: most players draw nothing.
    *pens* tells who draws at the moment."""
    made = {name: ModuleType(name, __doc__) for name in ("OpenGL", "OpenGL.GL", "OpenGL.GLU")}
    made["OpenGL"].__path__ = []
    for child in ("GL", "GLU"):
        module = made[f"OpenGL.{child}"]

        def missing(name: str, module: ModuleType = module, scope: str = child.lower()) -> Any:
            if "__all__" not in module.__dict__ and (name == "__all__" or name[:2] != "__"):
                _fill(module, scope, pens)
                if name in module.__dict__:
                    return module.__dict__[name]
            if re.match(r"glu?[A-Z]", name):
                functions = _table()[1]
                return _drawing(name, pens, functions["gl"] | functions["glu"])
            if re.match(r"GLU?_[A-Z0-9]", name):
                return 0
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")

        module.__dict__["__getattr__"] = missing
        setattr(made["OpenGL"], child, module)
    return made
