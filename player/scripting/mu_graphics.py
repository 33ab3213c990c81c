"""Modules ``gl``, ``glu`` and ``gltext``: OpenGL for Mu programs, without a GPU.

Packages draw in their ``render`` methods, and name constants elsewhere; a name that is missing
leaves the whole text unresolved. So every function and constant of RV's modules is here with its
exact type (``modules/graphics.tsv``, one a row: scope, name, kind, type, parameters or value).
What asks gets what a fresh context would say, text is measured by its length, and nothing is
drawn - unless a pen is there, which takes the calls: while event ``render`` is handled, and for
overlay scripts of an export.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from player.mu import Interpreter
from player.mu.declarations import zero
from player.mu.numbers import f32
from player.mu.types import BOOL, FLOAT, INT, Type, array_of
from player.mu.typetext import parse_type
from player.mu.values import MuArray
from player.scripting.pen import Pens

__all__ = ["GRAPHICS", "register_graphics"]

GRAPHICS: Final = ("gl", "glu", "gltext")
"""The modules."""

_TABLE: Final = Path(__file__).with_name("modules") / "graphics.tsv"
_VIEWPORT: Final = 2978
_MATRICES: Final = frozenset((2982, 2983, 2984))  # modelview, projection, texture
_WIDTH: Final = 0.55  # of a character, by the size of the text
_ASCENDER: Final = 0.75
_DESCENDER: Final = 0.25


def _inert(kind: Type) -> Callable[..., Any]:
    value = zero(kind)
    return lambda *args: value


class _Names:
    """Numbers of display lists and textures."""

    def __init__(self) -> None:
        self.last = 0

    def take(self, count: int) -> range:
        first = self.last + 1
        self.last += max(0, count)
        return range(first, self.last + 1)


class _Text:
    """What ``gltext`` knows: the size of the letters."""

    def __init__(self) -> None:
        self.size = 12

    def resize(self, size: int) -> None:
        self.size = max(1, size)

    def width(self, text: str | None) -> float:
        lines = (text or "").split("\n")
        return f32(max(map(len, lines)) * self.size * _WIDTH)

    def height(self, text: str | None) -> float:
        return float(self.size * ((text or "").count("\n") + 1))

    def bounds(self, text: str | None, *_: float) -> MuArray:
        depth = -_DESCENDER * self.size
        corners = [0.0, f32(depth), self.width(text), f32(self.height(text) + depth)]
        return MuArray(array_of(FLOAT, (4,)), corners)


def _array(elem: Type, items: list[Any]) -> MuArray:
    return MuArray(array_of(elem), items)


def _numbers(name: int, view: Callable[[], tuple[float, float]]) -> list[float]:
    if name == _VIEWPORT:
        return [0.0, 0.0, *view()]
    if name in _MATRICES:
        return [float(i % 5 == 0) for i in range(16)]
    return [0.0]


def _answers(view: Callable[[], tuple[float, float]]) -> dict[tuple[str, str, str], Any]:
    """What is not merely inert, by module, name and parameters."""
    names, text = _Names(), _Text()
    return {
        ("gl", "glGenLists", "int"): lambda count: next(iter(names.take(count)), 0),
        ("gl", "glGenTextures", "int"): lambda count: _array(INT, list(names.take(count))),
        ("gl", "glGetBoolean", "int"): lambda name: _array(BOOL, [False]),
        ("gl", "glGetFloat", "int"): lambda name: _array(FLOAT, _numbers(name, view)),
        ("gl", "glGetInteger", "int"): lambda name: _array(INT, [*map(int, _numbers(name, view))]),
        ("gl", "glGetString", "int"): lambda name: "",
        ("glu", "gluErrorString", "int"): lambda code: "",
        ("glu", "gluGetString", "int"): lambda name: "",
        ("gltext", "size", "int"): text.resize,
        ("gltext", "size", ""): lambda: text.size,
        ("gltext", "bounds", "string"): text.bounds,
        ("gltext", "boundsNL", "string|float=0.0"): text.bounds,
        ("gltext", "width", "string"): text.width,
        ("gltext", "widthNL", "string"): text.width,
        ("gltext", "height", "string"): text.height,
        ("gltext", "heightNL", "string"): text.height,
        ("gltext", "ascenderHeight", ""): lambda: f32(text.size * _ASCENDER),
        ("gltext", "descenderDepth", ""): lambda: f32(-text.size * _DESCENDER),
    }


def _plain(value: Any) -> Any:
    return value.items if isinstance(value, MuArray) else value


def _through(pens: Pens, name: str, without: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is the pen's while there is one."""

    def call(*args: Any) -> Any:
        pen = pens.now
        if pen is None:
            return without(*args)
        made = pen.call(name, tuple(map(_plain, args)))
        if made is NotImplemented:
            return without(*args)
        if isinstance(made, tuple):
            elem = INT if name == "glGenTextures" else FLOAT
            dims = None if elem is INT else (len(made),)
            return MuArray(array_of(elem, dims), [f32(v) if elem is FLOAT else v for v in made])
        return f32(made) if isinstance(made, float) else made

    return call


def register_graphics(
    mu: Interpreter, module: str, view: Callable[[], tuple[float, float]], pens: Pens
) -> None:
    """Declare one of the modules; ``view`` tells the size of the view in pixels, ``pens`` who
    draws."""
    answers = _answers(view)
    for line in _TABLE.read_text(encoding="utf-8").splitlines()[1:]:
        scope, name, what, kind, parameters = line.split("\t")
        if scope != module:
            continue
        if what == "const":
            mu.register_constant(module, name, kind, int(parameters))
            continue
        call = answers.get((module, name, parameters))
        if call is None:
            call = _inert(parse_type(kind, mu.named_type))
        call = _through(pens, f"{module}.{name}" if module == "gltext" else name, call)
        signature = f"{kind} ({parameters.replace('|', ', ')})"
        mu.register_function(module, name, signature, call)
