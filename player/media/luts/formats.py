"""The formats: what each file says, before it is shaped for use.

RV's readers take what is there and skip the rest: blank lines, lines that begin with ``#``,
lines of 1,024 bytes and more, columns behind the third.  So does this module; what would be
read out of bounds there is refused here.

Source: Open RV ``src/lib/files/LUT`` (the reader of each format, ``lut_utils.cpp``).
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["EXTENSIONS", "RawTable", "read_file"]

Floats = npt.NDArray[np.float32]
Curve = tuple[Floats, Floats]

_LONGEST: Final = 1024  # bytes of a line that is looked at
_MOST: Final = 1 << 24  # entries of a cube: 256 in each direction
_FILE_LIMIT: Final = 1 << 30  # bytes
_NUMBER: Final = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_WHOLE: Final = re.compile(r"\s*[+-]?\d+")


@dataclass(slots=True)
class RawTable:
    """`size` is (r, g, b) of a cube or (n,) of channel curves; `data` (entries, 3);
    `curves` (in, out) of each channel before a cube."""

    size: tuple[int, ...] = ()
    data: Floats = field(default_factory=lambda: np.zeros((0, 3), np.float32))
    curves: list[Curve] = field(default_factory=list)
    gamma: float = 1.0


def read_file(path: str) -> RawTable:
    """Read a table by the extension of its name; OSError, ValueError."""
    extension = path.rpartition(".")[2] if "." in os.path.basename(path) else ""
    reader = _READERS.get(extension)
    if reader is None:
        raise ValueError(f"Unknown LUT file format {extension}")
    if os.path.getsize(path) > _FILE_LIMIT:
        raise ValueError(f"LUT file {path} is larger than {_FILE_LIMIT >> 20} MiB")
    with open(path, encoding="latin-1", newline="\n") as file:
        table = reader(file.read().split("\n"), path)
    for q, (inputs, outputs) in enumerate(table.curves):
        order = np.argsort(inputs, kind="stable")
        table.curves[q] = inputs[order], outputs[order]
    return table


# -- numbers and lines -----------------------------------------------------------------------


def _atof(word: str) -> float:
    """C's atof: the number a word begins with, 0 without one."""
    try:
        return float(word)
    except ValueError:
        match = _NUMBER.match(word)
        return float(match[0]) if match else 0.0


def _atoi(word: str) -> int:
    match = _WHOLE.match(word)
    return max(-(1 << 31), min(int(match[0][:32]), (1 << 31) - 1)) if match else 0


def _lines(lines: list[str]) -> Iterator[str]:
    """The lines that count."""
    for line in lines:
        words = line.split(None, 1)
        if words and not words[0].startswith("#") and len(line) < _LONGEST - 1:
            yield line


def _found(lines: Iterator[str], beginning: str) -> str | None:
    return next((line for line in lines if line.startswith(beginning)), None)


def _rows(
    lines: Iterator[str], size: tuple[int, ...], path: str, *, skip: int = 0, whole: bool = False
) -> Floats:
    """(entries, 3) numbers, one entry a line behind `skip` words; `whole` for integers."""
    if min(size) < 0 or math.prod(size) > _MOST:
        raise ValueError(f"{path}: a table of {' x '.join(map(str, size))}")
    entries = math.prod(size)
    values = np.zeros((entries, 3), np.float32)
    number: Callable[[str], float] = _atoi if whole else _atof
    last = skip + 3
    for i in range(entries):
        words = next(lines, "").split(None, last)
        if len(words) < last:
            raise ValueError(f"data parsing error {path}")
        values[i] = [number(w) for w in words[skip:last]]
    return values


def _red_fastest(values: Floats, size: tuple[int, ...]) -> Floats:
    """Entries that were written blue fastest."""
    r, g, b = size
    return np.ascontiguousarray(values.reshape(r, g, b, 3).transpose(2, 1, 0, 3)).reshape(-1, 3)


def _cube_root(n: int) -> int:
    return next((i for i in range(129) if i**3 == n), 0)


def _bits(n: int) -> int:
    return next((i for i in range(31) if 1 << i >= n), 0)


# -- the formats -----------------------------------------------------------------------------


def _rv3dlut(text: list[str], path: str) -> RawTable:
    lines = _lines(text)
    words = next(lines, "").split()
    if not words:
        raise ValueError(f"rv3dlut: error reading 3D LUT file {path}")
    if len(words) < 3:
        raise ValueError(f"rv3dlut: format error {path}")
    size = tuple(_atoi(w) for w in words[:3])
    try:
        return RawTable(size, _rows(lines, size, path))
    except ValueError as error:
        raise ValueError(f"rv3dlut: {error}") from None


def _shake(text: list[str], path: str) -> RawTable:
    """rvchlut, lt, shakelt, txt: a channel entry a line, in units of the number of entries."""
    values: list[float] = []
    for line in text:
        words = line.split()
        if not words:
            continue
        if len(words) == 1:
            values.append(_atof(words[0]))
            values.extend((float(len(values)), 0.0))
        elif len(words) == 2:
            values.extend((_atof(words[0]), _atof(words[1])))
            values.append(float(len(values)))
        else:
            values.extend(_atof(w) for w in words[:3])
    entries = len(values) // 3
    if not 2 <= entries <= _MOST:
        raise ValueError(f"format error {path}")
    data = np.array(values, np.float64).astype(np.float32) / np.float32(entries - 1.0)
    return RawTable((entries,), data.reshape(-1, 3))


def _cube(text: list[str], path: str) -> RawTable:
    lines = _lines(text)
    line = _found(lines, "LUT_3D_SIZE")
    if line is None:
        raise ValueError(f"reading 3D LUT file {path}")
    words = line.split()
    if len(words) < 2:
        raise ValueError(f"format error {path}")
    size = (_atoi(words[1]),) * 3
    return RawTable(size, _rows(lines, size, path))


def _apple(text: list[str], path: str) -> RawTable:
    """mga: integers behind a running number, blue fastest."""
    lines = _lines(text)
    if _found(lines, "channel 3d") is None:
        raise ValueError(f"reading 3D LUT file {path}")
    numbers = []
    for key in ("in", "out"):
        words = (_found(lines, key) or "").split()
        if len(words) < 2:
            raise ValueError(f"format error {path}")
        numbers.append(_atoi(words[1]))
    size = (_cube_root(numbers[0]),) * 3
    if _found(lines, "values") is None:
        raise ValueError(f"reading 3D LUT file {path}")
    return RawTable(size, _integers(lines, size, path, _bits(numbers[1]), skip=1))


def _integers(
    lines: Iterator[str], size: tuple[int, ...], path: str, bits: int, skip: int = 0
) -> Floats:
    if bits == 32:
        values = _rows(lines, size, path, skip=skip)
    else:
        values = _rows(lines, size, path, skip=skip, whole=True)
        highest = max((1 << bits) - 1, 1)
        values = (values.astype(np.float64) / highest).astype(np.float32)
    return _red_fastest(values, size)


def _vectorfield(text: list[str], path: str) -> RawTable:
    lines = _lines(text)
    words = (_found(lines, "grid_size") or "").split()
    if len(words) < 4:
        raise ValueError(f"format error {path}")
    size = tuple(_atoi(w) for w in words[1:4])
    if _found(lines, "data") is None:
        raise ValueError(f"reading 3D LUT file {path}")
    return RawTable(size, _red_fastest(_rows(lines, size, path), size))


def _inferno(text: list[str], path: str) -> RawTable:
    """3dl: as many steps as the first line of numbers has words, integers of a depth that is
    taken from the largest one."""
    lines = _lines(text)
    steps = 0
    for line in lines:
        words = line.split()
        first = words[0]
        if first in ("3DMESH", "3DMESHHW") or (first[0].isascii() and first[0].isalpha()):
            continue
        steps = len(words)
        break
    if steps < 2:
        raise ValueError(f"format error {path}")
    size = (steps,) * 3
    values = _integers(lines, size, path, 1)
    largest = float(values.max())
    if largest <= 0.0:
        raise ValueError(f"data parsing error {path}")
    lower = 2.0 ** int(math.log2(largest))
    full = lower if lower >= largest else 2.0 ** int(math.log2(largest) + 1)
    if largest != full and abs(largest - lower) < abs(largest - full):
        full = lower  # a little over the range of the smaller depth
    return RawTable(size, values / np.float32(full))


def _panavision(text: list[str], path: str) -> RawTable:
    """a3d: ten bits, blue fastest; the size is in a comment."""
    start = next((i for i, line in enumerate(text) if line.startswith("# entries=")), -1)
    steps = _cube_root(_atoi(text[start][10:])) if start >= 0 else 0
    if steps <= 0:
        raise ValueError(f"format error {path}")
    size = (steps,) * 3
    return RawTable(size, _integers(_lines(text[start + 1 :]), size, path, 10))


class _Cinespace:
    """csp: curves, then a cube or a channel table; metadata may stand anywhere."""

    def __init__(self, text: list[str], path: str) -> None:
        self.text = iter(text)
        self.path = path
        self.gamma = 1.0

    def line(self, gamma: bool = False) -> str:
        inside = False
        for line in self.text:
            if line.startswith("END METADATA"):
                inside = False
            elif inside:
                if gamma and line.startswith("conditioningGamma="):
                    value = _atof(line.partition("=")[2])
                    self.gamma = value if value > 0.0 else 1.0
            elif line.startswith("BEGIN METADATA"):
                inside = True
            elif line.strip() and line[0] not in " \t":
                return line.removesuffix("\r")
        return ""

    def numbers(self, count: int) -> list[float]:
        words = self.line().split()
        if len(words) != count:
            raise ValueError(
                f"prelut size mismatch, expected {count} items, found {len(words)} while "
                f"reading {self.path}"
            )
        return [_atof(w) for w in words]

    def read(self) -> RawTable:
        if self.line() != "CSPLUTV100":
            raise ValueError("CSP: expected CSPLUTV100")
        kind = self.line()
        if kind not in ("3D", "1D"):
            raise ValueError("CSP: expected 3D or 1D")
        table = RawTable()
        for _ in range(3):
            count = _atoi(self.line(gamma=True))
            if self.gamma != 1.0:
                table.gamma = float(np.float32(self.gamma))
            inputs = np.power(
                np.array(self.numbers(count), np.float64).astype(np.float32),
                np.float32(table.gamma),
            )
            outputs = np.array(self.numbers(count), np.float64).astype(np.float32)
            table.curves.append((inputs, outputs))
        words = self.line().split()
        if len(words) != (3 if kind == "3D" else 1):
            raise ValueError(f"CSP: unexpected number of lut dimensions in {self.path}")
        table.size = tuple(_atoi(w) for w in words)
        table.data = _rows(_lines(list(self.text)), table.size, self.path)
        return table


def _truelight(text: list[str], path: str) -> RawTable:
    """cub: everything is announced by comments."""
    lines = (line.removesuffix("\r") for line in text if line.strip())
    if next(lines, "") not in ("# Truelight Cube v2.0", "# Truelight Cube v2.1"):
        raise ValueError("CUB: expected # Truelight Cube v2.0 or # Truelight Cube v2.1")
    table = RawTable()
    length = 0
    for line in lines:
        if line.startswith(("# iDims", "# oDims")):
            count = _atoi(line[8:])
            if count != 3:
                raise ValueError(f"CUB: Only 3 dimensions supported. Found {count}")
        if line.startswith("# lutLength"):
            length = _atoi(line[12:])
        elif line.startswith("# width"):
            table.size = tuple(_atoi(w) for w in [*line[8:].split(), "0", "0", "0"][:3])
        elif line.startswith("# InputLUT"):
            table.curves = _truelight_curves(lines, length, table.size)
        elif line.startswith("# Cube"):
            if not table.size:
                raise ValueError(f"CUB: data parsing error {path}")
            table.data = _rows(_lines(list(lines)), table.size, path)
    return table


def _truelight_curves(lines: Iterator[str], length: int, size: tuple[int, ...]) -> list[Curve]:
    if length <= 0:
        raise ValueError("CUB: Unknown InputLut lutLength")
    if not size or length > _MOST:
        raise ValueError("CUB: Incomplete InputLut")
    rows = []
    for line in lines:
        rows.append([_atof(w) for w in [*line.split(), "0", "0", "0"][:3]])
        if len(rows) == length:
            break
    if len(rows) < length:
        raise ValueError("CUB: Incomplete InputLut")
    steps = (np.arange(length) / max(length - 1, 1)).astype(np.float32)
    values = np.array(rows)
    return [(steps, (values[:, q] / max(size[q] - 1, 1)).astype(np.float32)) for q in range(3)]


_READERS: Final[dict[str, Callable[[list[str], str], RawTable]]] = {
    "rv3dlut": _rv3dlut,
    "rvchlut": _shake,
    "lt": _shake,
    "shakelt": _shake,
    "txt": _shake,
    "cube": _cube,
    "mga": _apple,
    "vf": _vectorfield,
    "3dl": _inferno,
    "csp": lambda text, path: _Cinespace(text, path).read(),
    "cub": _truelight,
    "a3d": _panavision,
}
EXTENSIONS: Final = frozenset(_READERS)
"""The extensions of files that hold a table, without the dot."""
