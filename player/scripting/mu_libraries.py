"""Modules ``encoding``, ``math_linear``, ``autodoc`` and ``image``, as far as RV has them.

``image`` reads files for what draws (``pen``); without that it answers as RV does when it cannot
open one.
``math_linear`` declares its functions in the global scope, as RV's does. Products round every
step to 32 bits; inverses are computed with more digits and rounded at the end.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final

from player.mu import Interpreter
from player.mu.numbers import div_float, f32, wrap8
from player.mu.types import BYTE, FLOAT, STRING, array_of, vector_of
from player.mu.values import MuArray, MuObject, throw
from player.scripting.mu_documents import document, module_names
from player.scripting.pen import Pens

__all__ = ["LIBRARIES", "register_images", "register_linear"]

_BYTES: Final = array_of(BYTE)
Vector = tuple[float, ...]


# -- encoding --------------------------------------------------------------------------------


def _raw(data: MuArray | None) -> bytes:
    if data is None:
        throw("nil argument to function")
    return bytes(byte & 255 for byte in data.items)


def _array(data: bytes) -> MuArray:
    return MuArray(_BYTES, [wrap8(byte) for byte in data])


def _from_base64(data: MuArray | None) -> MuArray:
    raw = _raw(data)
    if not raw or len(raw) % 4:
        throw("out of range")
    try:
        return _array(base64.b64decode(raw, validate=True))
    except binascii.Error:
        throw("out of range")  # RV ends itself here


def _from_utf8(data: MuArray | None) -> str:
    return _raw(data).partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _to_utf8(text: str | None) -> MuArray:
    if text is None:
        throw("nil argument to function")
    return _array(text.encode("utf-8", "surrogateescape"))


def _encoding(mu: Interpreter) -> None:
    for name, signature, call in (
        ("to_base64", "byte[] (byte[] data)", lambda data: _array(base64.b64encode(_raw(data)))),
        ("from_base64", "byte[] (byte[] data)", _from_base64),
        ("string_to_utf8", "byte[] (string text)", _to_utf8),
        ("utf8_to_string", "string (byte[] data)", _from_utf8),
    ):
        mu.register_function("encoding", name, signature, call)


# -- math_linear -----------------------------------------------------------------------------


def _sum(row: list[float], column: list[float]) -> float:
    total = f32(row[0] * column[0])
    for a, b in zip(row[1:], column[1:], strict=True):
        total = f32(total + f32(a * b))
    return total


def _rows(matrix: MuArray | None) -> list[list[float]]:
    if matrix is None:
        throw("nil argument to function")
    size = round(len(matrix.items) ** 0.5)
    return [matrix.items[i * size : (i + 1) * size] for i in range(size)]


def _matrix(rows: list[list[float]]) -> MuArray:
    kind = array_of(FLOAT, (len(rows), len(rows)))
    return MuArray(kind, [f32(value) for row in rows for value in row])


def _transposed(rows: list[list[float]]) -> list[list[float]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _product(a: MuArray | None, b: MuArray | None) -> MuArray:
    columns = _transposed(_rows(b))
    return _matrix([[_sum(row, column) for column in columns] for row in _rows(a)])


def _times_vector(matrix: MuArray | None, vector: Vector) -> Vector:
    return tuple(_sum(row, list(vector)) for row in _rows(matrix))


def _times_point(matrix: MuArray | None, point: Vector) -> Vector:
    """A point in space, by homogeneous coordinates."""
    moved = [f32(_sum(row[:3], list(point)) + row[3]) for row in _rows(matrix)]
    return tuple(f32(div_float(x, moved[3])) for x in moved[:3])


def _minor(rows: list[list[float]], row: int, column: int) -> float:
    return _determinant([r[:column] + r[column + 1 :] for i, r in enumerate(rows) if i != row])


def _determinant(rows: list[list[float]]) -> float:
    if len(rows) == 1:
        return rows[0][0]
    parts = [value * _minor(rows, 0, i) for i, value in enumerate(rows[0])]
    return sum(parts[::2]) - sum(parts[1::2])


def _inverse(matrix: MuArray | None) -> MuArray:
    rows = _rows(matrix)
    whole, size = _determinant(rows), len(rows)

    def entry(i: int, j: int) -> float:
        cofactor = -_minor(rows, j, i) if (i + j) % 2 else _minor(rows, j, i)
        return div_float(cofactor, whole) + 0.0  # no negative zeros

    return _matrix([[entry(i, j) for j in range(size)] for i in range(size)])


def _transpose(matrix: MuArray | None) -> MuArray:
    return _matrix(_transposed(_rows(matrix)))


def register_linear(mu: Interpreter) -> None:
    """Declare the global functions of ``math_linear``."""
    mu.register_module("math_linear")
    for signature, call in (
        ("float[4,4] (float[4,4] a, float[4,4] b)", _product),
        ("float[3,3] (float[3,3] a, float[3,3] b)", _product),
        ("vector float[4] (float[4,4] a, vector float[4] b)", _times_vector),
        ("vector float[3] (float[4,4] a, vector float[3] b)", _times_point),
    ):
        mu.register_function("", "*", signature, call)
    for size in (4, 3, 2):
        kind = f"float[{size},{size}]"
        mu.register_function("", "inverse", f"{kind} ({kind} m)", _inverse)
        mu.register_function("", "transpose", f"{kind} ({kind} m)", _transpose)


# -- autodoc, image --------------------------------------------------------------------------


def _autodoc(mu: Interpreter) -> None:
    for name, value in (("Text", 0), ("HTML", 1), ("Texinfo", 2)):
        mu.register_constant("autodoc", name, "int", value)
    mu.register_function(
        "autodoc",
        "document_symbol",
        "string (string symbol, int format=0, int indent_level=0)",
        lambda symbol, form, indent: document(mu.root, symbol or "", form, indent),
    )
    mu.register_function(
        "autodoc",
        "document_modules",
        "string[] ()",
        lambda: MuArray(array_of(STRING), module_names(mu.root)),
    )


def register_images(mu: Interpreter, pens: Pens) -> None:
    """Module ``image``: pictures of files, which a pen reads; without one they do not open."""
    fields = [("name", "string"), ("data", "(vector float[4])[]"), ("width", "int"),
              ("height", "int")]  # fmt: skip
    kind = mu.register_struct("image.image", fields)
    colours = array_of(vector_of(4))

    def made(name: str, read: Any) -> Any:
        if read is None or read is NotImplemented:
            throw(f'failed to open image "{name}"')
        width, height, values = read
        return MuObject(kind, [name, MuArray(colours, values), width, height])

    def image(path: str | None) -> Any:
        pen = pens.now
        return made(path or "", pen.call("image.image", (path or "",)) if pen else None)

    def resize(picture: Any, width: int, height: int) -> Any:
        if picture is None or width < 1 or height < 1:
            throw("nil argument to function")
        name, data, w, h = picture.fields
        rows = [y * h // height * w for y in range(height)]
        columns = [x * w // width for x in range(width)]
        return made(name, (width, height, [data.items[y + x] for y in rows for x in columns]))

    mu.register_function("image", "image", "image.image (string file)", image)
    mu.register_function(
        "image", "resize", "image.image (image.image img, int newWidth, int newHeight)", resize
    )


LIBRARIES: Final = {"autodoc": _autodoc, "encoding": _encoding}
"""Modules by name, and what declares them."""
