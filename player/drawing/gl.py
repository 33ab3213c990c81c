"""OpenGL's fixed functions, as far as scripts draw with them, onto a `Drawing`.

Matrices, colours, blending, primitives, textures, stipple, display lists and attributes are kept
as OpenGL keeps them; text is RV's ``gltext``.  What is asked and not known here is NotImplemented,
and answered by whoever asked (``player.scripting.mu_graphics``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from player.drawing.canvas import NO_BLEND, Blend, Colour, Drawing, Matrix
from player.drawing.fonts import ASCENDER, DESCENDER, FONT, bounds

__all__ = ["Fixed"]

_POINTS, _LINES, _LINE_LOOP, _LINE_STRIP = 0, 1, 2, 3
_TRIANGLES, _TRIANGLE_STRIP, _TRIANGLE_FAN = 4, 5, 6
_QUADS, _QUAD_STRIP, _POLYGON = 7, 8, 9
_BLEND, _TEXTURE_2D, _LINE_SMOOTH, _STIPPLE = 3042, 3553, 2848, 2882
_MODELVIEW, _PROJECTION, _TEXTURE = 5888, 5889, 5890
_COLOUR_BUFFER, _ALPHA, _RGB, _RGBA = 16384, 6406, 6407, 6408
_VIEWPORT: Final = 2978
_FACTORS: Final = {
    0: "zero", 1: "one", 768: "src_color", 769: "one_minus_src_color", 770: "src_alpha",
    771: "one_minus_src_alpha", 772: "dst_alpha", 773: "one_minus_dst_alpha", 774: "dst_color",
    775: "one_minus_dst_color",
}  # fmt: skip
_MOST_TEXELS: Final = 1 << 26


@dataclass(slots=True)
class _State:
    """What ``glPushAttrib`` keeps."""

    colour: Colour = (1.0, 1.0, 1.0, 1.0)
    enabled: frozenset[int] = frozenset()
    blend: Blend = NO_BLEND
    line_width: float = 1.0
    point_size: float = 1.0
    texture: int = 0
    stipple: Any = None


@dataclass(slots=True)
class _Text:
    size: int = 12
    font: str = FONT
    colour: Colour = (0.0, 0.0, 0.0, 1.0)


@dataclass(slots=True)
class _Shape:
    kind: int
    corners: list[tuple[float, float]] = field(default_factory=list)
    colours: list[Colour] = field(default_factory=list)
    places: list[tuple[float, float]] = field(default_factory=list)


def _colour(*values: Any) -> Colour:
    flat = values[0] if len(values) == 1 and isinstance(values[0], Sequence) else values
    r, g, b, *rest = (float(v) for v in flat)
    return (r, g, b, rest[0] if rest else 1.0)


class Fixed:
    """A context that draws on a picture of *width* by *height* pixels.

    ``drawing`` may be exchanged: textures and what else was set stay."""

    def __init__(self, width: int, height: int) -> None:
        self.drawing = Drawing()
        self.begin(width, height)
        self._textures: dict[int, Any] = {}
        self._lists: dict[int, list[tuple[str, tuple[Any, ...]]]] = {}
        self._recording: int | None = None
        self._last = 0
        self._text = _Text()

    def begin(self, width: int, height: int) -> Drawing:
        """A new drawing, with the state that a script finds."""
        self._size = (width, height)
        self._viewport = (0.0, 0.0, float(width), float(height))
        self._matrices = {name: [np.eye(4)] for name in (_MODELVIEW, _PROJECTION, _TEXTURE)}
        self._mode = _MODELVIEW
        self._state = _State()
        self._kept: list[_State] = []
        self._shape: _Shape | None = None
        self._place = (0.0, 0.0)
        self._ground: Colour = (0.0, 0.0, 0.0, 0.0)
        self.drawing = Drawing()
        return self.drawing

    def call(self, name: str, args: tuple[Any, ...]) -> Any:
        """One function, by its name in Mu."""
        do: Callable[..., Any] | None = _CALLS.get(name)
        if do is None:
            return NotImplemented
        if self._recording is not None and name not in ("glEndList", "glGenLists"):
            self._lists[self._recording].append((name, args))
            return None if name.startswith("gl") and name[2].isupper() else do(self, *args)
        return do(self, *args)

    # -- matrices ----------------------------------------------------------------------

    def _stack(self) -> list[Any]:
        return self._matrices.get(self._mode, self._matrices[_MODELVIEW])

    def _multiply(self, matrix: Any) -> None:
        stack = self._stack()
        stack[-1] = stack[-1] @ matrix

    def _matrix_mode(self, mode: int) -> None:
        self._mode = mode

    def _identity(self) -> None:
        self._stack()[-1] = np.eye(4)

    def _load(self, values: Sequence[float]) -> None:
        self._stack()[-1] = np.array(values, np.float64).reshape(4, 4).T

    def _times(self, values: Sequence[float]) -> None:
        self._multiply(np.array(values, np.float64).reshape(4, 4).T)

    def _push(self) -> None:
        if len(self._stack()) < 64:
            self._stack().append(self._stack()[-1].copy())

    def _pop(self) -> None:
        if len(self._stack()) > 1:
            self._stack().pop()

    def _ortho(
        self, left: float, right: float, bottom: float, top: float,
        near: float = -1.0, far: float = 1.0,
    ) -> None:  # fmt: skip
        if right == left or top == bottom or far == near:
            return
        matrix = np.diag([2 / (right - left), 2 / (top - bottom), -2 / (far - near), 1.0])
        matrix[:3, 3] = (
            -(right + left) / (right - left), -(top + bottom) / (top - bottom),
            -(far + near) / (far - near),
        )  # fmt: skip
        self._multiply(matrix)

    def _translate(self, x: float, y: float, z: float) -> None:
        matrix = np.eye(4)
        matrix[:3, 3] = (x, y, z)
        self._multiply(matrix)

    def _scale(self, x: float, y: float, z: float) -> None:
        self._multiply(np.diag([x, y, z, 1.0]))

    def _rotate(self, angle: float, x: float, y: float, z: float) -> None:
        length = math.sqrt(x * x + y * y + z * z)
        if not length:
            return
        x, y, z = x / length, y / length, z / length
        c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        n, cross = np.array([x, y, z]), np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
        matrix = np.eye(4)
        matrix[:3, :3] = c * np.eye(3) + (1 - c) * np.outer(n, n) + s * cross
        self._multiply(matrix)

    def _set_viewport(self, x: int, y: int, width: int, height: int) -> None:
        self._viewport = (float(x), float(y), float(width), float(height))

    def _affine(self) -> Matrix:
        """From a script's coordinates to pixels."""
        m = self._matrices[_PROJECTION][-1] @ self._matrices[_MODELVIEW][-1]
        w = m[3, 3] or 1.0
        x, y, width, height = self._viewport
        sx, sy = width / 2 / w, height / 2 / w
        return (
            m[0, 0] * sx, m[1, 0] * sy, m[0, 1] * sx, m[1, 1] * sy,
            m[0, 3] * sx + width / 2 + x, m[1, 3] * sy + height / 2 + y,
        )  # fmt: skip

    def _pixel(self, x: float, y: float, z: float = 0.0) -> tuple[float, float]:
        m = self._matrices[_PROJECTION][-1] @ self._matrices[_MODELVIEW][-1]
        at = m @ np.array([x, y, z, 1.0])
        w = at[3] or 1.0
        left, low, width, height = self._viewport
        return (
            float((at[0] / w + 1) * width / 2 + left), float((at[1] / w + 1) * height / 2 + low)
        )  # fmt: skip

    # -- state -------------------------------------------------------------------------

    def _enable(self, name: int) -> None:
        self._state.enabled |= {name}

    def _disable(self, name: int) -> None:
        self._state.enabled -= {name}

    def _blend_func(self, source: int, there: int) -> None:
        self._state.blend = (_FACTORS.get(source, "one"), _FACTORS.get(there, "zero"))

    def _set_colour(self, *values: Any) -> None:
        self._state.colour = _colour(*values)

    def _line_width(self, width: float) -> None:
        self._state.line_width = width

    def _point_size(self, size: float) -> None:
        self._state.point_size = size

    def _polygon_stipple(self, values: Sequence[int]) -> None:
        octets = np.array(values, np.int64).astype(np.uint8)
        if len(octets) >= 1024:  # an array of 32 by 32, of which OpenGL reads the first 128
            octets = octets[:128]
        if len(octets) == 128:
            self._state.stipple = np.unpackbits(octets).reshape(32, 32).astype(bool)

    def _push_attributes(self, mask: int) -> None:
        self._kept.append(replace(self._state))

    def _pop_attributes(self) -> None:
        if self._kept:
            self._state = self._kept.pop()

    def _clear_colour(self, *values: float) -> None:
        self._ground = _colour(*values)

    def _clear(self, mask: int) -> None:
        if mask & _COLOUR_BUFFER:
            self.drawing.clear(self._ground)

    def _how(self) -> Blend:
        return self._state.blend if _BLEND in self._state.enabled else NO_BLEND

    # -- lists and textures ------------------------------------------------------------

    def _take(self, count: int) -> range:
        first = self._last + 1
        self._last += max(0, count)
        return range(first, self._last + 1)

    def _gen_lists(self, count: int) -> int:
        return next(iter(self._take(count)), 0)

    def _new_list(self, name: int, mode: int) -> None:
        self._recording, self._lists[name] = name, []

    def _end_list(self) -> None:
        self._recording = None

    def _call_list(self, name: int) -> None:
        for word, args in list(self._lists.get(name, ())):
            if word != "glCallList":  # lists in lists could call themselves
                self.call(word, args)

    def _gen_textures(self, count: int) -> tuple[int, ...]:
        return tuple(self._take(count))

    def _bind(self, target: int, name: int) -> None:
        self._state.texture = name

    def _image(self, width: int, height: int, form: int, data: Sequence[Any]) -> int:
        counts = {_ALPHA: 1, _RGB: 3, _RGBA: 4, 6409: 1, 6410: 2}
        if width < 1 or height < 1 or width * height > _MOST_TEXELS or not len(data):
            return 0
        flat = np.array(data)
        whole = flat.dtype.kind in "iu"
        values: Any = flat.astype(np.float32).reshape(-1)
        if whole:
            values = (values % 256) / 255
        depth = counts.get(form, 4)
        if values.size < width * height * depth:
            return 0
        texels = values[: width * height * depth].reshape(height, width, depth)
        made = np.ones((height, width, 4), np.float32)
        if form == _ALPHA:
            made[..., 3] = texels[..., 0]
        else:
            made[..., :3] = texels[..., :3] if depth >= 3 else texels[..., :1]
            if depth in (2, 4):
                made[..., 3] = texels[..., -1]
        self._textures[self._state.texture] = np.clip(np.nan_to_num(made), 0, 1)
        return 0

    def _mipmaps(
        self, target: int, kept: int, width: int, height: int, form: int, data: Any
    ) -> int:
        return self._image(width, height, form, data)

    def _texture_image(
        self, target: int, level: int, kept: int, width: int, height: int, border: int,
        form: int, data: Any,
    ) -> None:  # fmt: skip
        if level == 0:
            self._image(width, height, form, data)

    # -- primitives --------------------------------------------------------------------

    def _begin(self, kind: int) -> None:
        self._shape = _Shape(kind)

    def _texture_place(self, *values: Any) -> None:
        flat = values[0] if isinstance(values[0], Sequence) else values
        self._place = (float(flat[0]), float(flat[1]) if len(flat) > 1 else 0.0)

    def _vertex(self, *values: Any) -> None:
        shape = self._shape
        if shape is None:
            return
        flat = values[0] if isinstance(values[0], Sequence) else values
        shape.corners.append(self._pixel(*(float(v) for v in flat[:3])))
        shape.colours.append(self._state.colour)
        shape.places.append(self._place)

    def _end(self) -> None:
        shape, self._shape = self._shape, None
        if shape is None:
            return
        count = len(shape.corners)
        if shape.kind in (_LINES, _LINE_LOOP, _LINE_STRIP):
            step = 2 if shape.kind == _LINES else 1
            pairs = [(n, n + 1) for n in range(0, count - 1, step)]
            if shape.kind == _LINE_LOOP and count > 2:
                pairs.append((count - 1, 0))
            for a, b in pairs:
                self.drawing.line(
                    shape.corners[a], shape.corners[b], shape.colours[b],
                    width=self._state.line_width, blend=self._how(),
                    smooth=_LINE_SMOOTH in self._state.enabled,
                )  # fmt: skip
            return
        if shape.kind == _POINTS:
            half = max(1.0, self._state.point_size) / 2
            for (x, y), colour in zip(shape.corners, shape.colours, strict=True):
                x0, x1, y0, y1 = x - half, x + half, y - half, y + half
                self.drawing.polygon(
                    ((x0, y0), (x1, y0), (x1, y1), (x0, y1)), colour, blend=self._how()
                )
        for corners in _parts(shape.kind, count):
            self._fill(shape, corners)

    def _rectangle(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self._begin(_QUADS)
        for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1)):
            self._vertex(x, y)
        self._end()

    def _fill(self, shape: _Shape, corners: Sequence[int]) -> None:
        state = self._state
        points = [shape.corners[n] for n in corners]
        texture = self._textures.get(state.texture)
        if _TEXTURE_2D in state.enabled and texture is not None:
            matrix = _texture_matrix(points, [shape.places[n] for n in corners])
            if matrix is not None:
                self.drawing.texture(texture, matrix, shape.colours[corners[-1]], blend=self._how())
            return
        stipple = state.stipple if _STIPPLE in state.enabled else None
        colours = [shape.colours[n] for n in corners]
        self.drawing.polygon(points, colours, blend=self._how(), stipple=stipple)

    # -- text --------------------------------------------------------------------------

    def _font(self, path: str | None = None) -> None:
        self._text.font = path or FONT

    def _text_size(self, *size: int) -> int | None:
        if not size:
            return self._text.size
        self._text.size = max(1, size[0])
        return None

    def _bounds(self, text: str | None) -> tuple[float, ...]:
        return bounds(text or "", self._text.size, self._text.font)

    def _lines(self, text: str | None, spread: float = 1.0) -> tuple[float, ...]:
        boxes = []
        for n, line in enumerate(part for part in (text or "").split("\n") if part):
            left, bottom, right, top = bounds(line, self._text.size, self._text.font)
            boxes.append((left, bottom - self._advance(spread) * n, right, top))
        if not boxes:
            return (0.0, 0.0, 0.0, 0.0)
        low = np.array(boxes)
        return (*low[:, :2].min(0).tolist(), *low[:, 2:].max(0).tolist())

    def _advance(self, spread: float) -> float:
        return self._text.size * (ASCENDER - 2 * DESCENDER) * (spread or 1.0)

    def _width(self, text: str | None) -> float:
        left, _, right, _ = self._lines(text)
        return right - left

    def _height(self, text: str | None) -> float:
        _, bottom, _, top = self._lines(text)
        return top - bottom

    def _text_colour(self, *values: Any) -> None:
        self._text.colour = _colour(*values)

    def _write(self, *args: Any) -> None:
        x, y, text = (*args[0], args[1]) if isinstance(args[0], tuple) else args[:3]
        self._put(x, y, text or "")

    def _put(self, x: float, y: float, text: str) -> None:
        self.drawing.text(
            x, y, text, self._text.size, self._text.colour, font=self._text.font,
            matrix=self._affine(),
        )  # fmt: skip

    def _write_lines(self, *args: Any) -> int:
        x, y, text, spread = (*args[0], *args[1:3]) if isinstance(args[0], tuple) else args[:4]
        lines = [line for line in (text or "").split("\n") if line]
        for n, line in enumerate(lines):
            self._put(x, y + self._advance(spread) * n, line)
        return len(lines)

    def _integers(self, name: int) -> Any:
        return NotImplemented


def _parts(kind: int, count: int) -> list[Sequence[int]]:
    """The corners of each polygon of a primitive."""
    if kind == _TRIANGLES:
        return [range(n, n + 3) for n in range(0, count - 2, 3)]
    if kind == _QUADS:
        return [range(n, n + 4) for n in range(0, count - 3, 4)]
    if kind == _TRIANGLE_STRIP:
        return [range(n, n + 3) for n in range(count - 2)]
    if kind == _TRIANGLE_FAN:
        return [(0, n, n + 1) for n in range(1, count - 1)]
    if kind == _QUAD_STRIP:
        return [(n, n + 1, n + 3, n + 2) for n in range(0, count - 3, 2)]
    return [range(count)] if kind == _POLYGON and count > 2 else []


def _texture_matrix(
    points: Sequence[tuple[float, float]], places: Sequence[tuple[float, float]]
) -> Matrix | None:
    """Where the texture's unit square lies, by three corners."""
    (u0, v0), (u1, v1), (u2, v2) = places[:3]
    uv = np.array([[u1 - u0, u2 - u0], [v1 - v0, v2 - v0]])
    if abs(np.linalg.det(uv)) < 1e-12:
        return None
    p = np.array(points[:3])
    m = np.stack([p[1] - p[0], p[2] - p[0]], axis=1) @ np.linalg.inv(uv)
    e, f = p[0] - m @ np.array([u0, v0])
    return (m[0, 0], m[1, 0], m[0, 1], m[1, 1], float(e), float(f))


_CALLS: Final[dict[str, Callable[..., Any]]] = {
    "glMatrixMode": Fixed._matrix_mode, "glLoadIdentity": Fixed._identity,
    "glLoadMatrix": Fixed._load, "glMultMatrix": Fixed._times, "glPushMatrix": Fixed._push,
    "glPopMatrix": Fixed._pop, "glOrtho": Fixed._ortho, "gluOrtho2D": Fixed._ortho,
    "glTranslate": Fixed._translate, "glScale": Fixed._scale, "glRotate": Fixed._rotate,
    "glViewport": Fixed._set_viewport, "glEnable": Fixed._enable, "glDisable": Fixed._disable,
    "glBlendFunc": Fixed._blend_func, "glColor": Fixed._set_colour,
    "glLineWidth": Fixed._line_width, "glPointSize": Fixed._point_size,
    "glRect": Fixed._rectangle, "glPolygonStipple": Fixed._polygon_stipple,
    "glPushAttrib": Fixed._push_attributes, "glPopAttrib": Fixed._pop_attributes,
    "glClearColor": Fixed._clear_colour, "glClear": Fixed._clear,
    "glGenLists": Fixed._gen_lists, "glNewList": Fixed._new_list, "glEndList": Fixed._end_list,
    "glCallList": Fixed._call_list, "glGenTextures": Fixed._gen_textures,
    "glBindTexture": Fixed._bind, "gluBuild2DMipmaps": Fixed._mipmaps,
    "glTexImage2D": Fixed._texture_image, "glTexCoord": Fixed._texture_place,
    "glBegin": Fixed._begin, "glVertex": Fixed._vertex, "glEnd": Fixed._end,
    "gltext.init": Fixed._font, "gltext.size": Fixed._text_size, "gltext.bounds": Fixed._bounds,
    "gltext.boundsNL": Fixed._lines, "gltext.width": Fixed._width,
    "gltext.widthNL": Fixed._width, "gltext.height": Fixed._height,
    "gltext.heightNL": Fixed._height, "gltext.color": Fixed._text_colour,
    "gltext.writeAt": Fixed._write, "gltext.writeAtNL": Fixed._write_lines,
    "gltext.ascenderHeight": lambda self: self._text.size * ASCENDER,
    "gltext.descenderDepth": lambda self: self._text.size * DESCENDER,
}  # fmt: skip
