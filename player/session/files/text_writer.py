"""Writing text GTO as RV lays it out.

The layout - blanks, braces, empty lines, when a value gets brackets - is RV's to the byte
(Open RV: src/lib/files/Gto/Writer.cpp), so that a session file is the same file whoever
wrote it.  Where RV writes what its own reader cannot take back, this writer differs:

- control characters are escaped with three octal digits (RV: as many as needed);
- a quote or backslash after a character above 127 is escaped (RV: written as it is);
- a name that RV's scanner would read as a number (`1e5`, `0x1F`, `nan`) is quoted;
- minus zero is written as `-0.0` (RV: `-0`, which reads as the integer 0);
- infinite values are written as `1e999`, NaN as `nan` (which is read as 0).
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

from .lexer import TYPES
from .model import GtoComponent, GtoFile, GtoObject, GtoType, Value

__all__ = [
    "HEADER",
    "format_components",
    "format_name",
    "format_object",
    "format_property",
    "format_text",
    "quote",
]

HEADER: Final = "GTOa (4)\n\n"

_BARE: Final = re.compile(r"[A-Za-z_][A-Za-z_0-9]*|[0-9]+[A-Za-z_][A-Za-z_0-9]*")
_NOT_BARE: Final = re.compile(
    r"0x[0-9a-fA-F]+|[0-9]+[eE][0-9]+|nan(?:0x[0-9a-fA-F]+)?|as|GTOa|" + "|".join(sorted(TYPES))
)
_MEMO: Final = 8192
_SPECIAL: Final = re.compile(r'[\x00-\x1f\x7f"\\]')
_ESCAPES: Final = {"\n": "\\n", "\b": "\\b", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def _escaped(match: re.Match[str]) -> str:
    char = match[0]
    return _ESCAPES.get(char) or f"\\{ord(char):03o}"


def quote(text: str) -> str:
    """`text` in double quotes, escaped."""
    return f'"{_SPECIAL.sub(_escaped, text)}"'


@lru_cache(maxsize=8192)
def format_name(name: str) -> str:
    """A name as it stands in a file: bare where RV's reader takes it so, else quoted."""
    if _BARE.fullmatch(name) and not _NOT_BARE.fullmatch(name):
        return name
    return quote(name)


def _float(value: Value) -> str:
    number = float(value)
    if not number:
        return "0" if math.copysign(1.0, number) > 0 else "-0.0"
    if math.isfinite(number):
        return f"{number:.9g}"
    return "nan" if math.isnan(number) else "1e999" if number > 0 else "-1e999"


def _double(value: Value) -> str:
    number = float(value)
    return f"{number:.18g}" if number and math.isfinite(number) else _float(number)


def _short(value: Value) -> str:
    number = int(value) & 0xFFFF
    return str(number - 0x10000 if number > 0x7FFF else number)  # RV prints shorts signed


_FORMAT: Final[dict[GtoType, Callable[[Value], str]]] = {
    GtoType.FLOAT: _float,
    GtoType.HALF: _float,
    GtoType.DOUBLE: _double,
    GtoType.INT: str,
    GtoType.BYTE: str,
    GtoType.BOOL: str,
    GtoType.SHORT: _short,
    GtoType.STRING: lambda value: quote(str(value)),
}


def format_property(
    name: str,
    type_: GtoType,
    values: Sequence[Value],
    dims: tuple[int, int, int, int] = (1, 0, 0, 0),
    interp: str = "",
) -> str:
    """One property without indentation or line end: ``int[2] range = [ [ 1 11 ] ]``."""
    x, *rest = dims
    shape = [x, *(d for d in rest if d)]
    width = math.prod(shape)
    if len(shape) > 1:
        suffix = f"[{','.join(map(str, shape))}]"
    else:
        suffix = f"[{x}]" if x > 1 else ""
    head = f"{type_.word}{suffix} {format_name(name)}"
    if interp:
        head += f" as {format_name(interp)}"
    show = _FORMAT[type_]
    count = len(values) // width * width if width else 0
    if not count:
        return f"{head} = [ ]"
    if not suffix:
        if count == 1:
            return f"{head} = {show(values[0])}"
        return f"{head} = [ {' '.join(map(show, values))} ]"
    words = list(map(show, values[:count]))
    inner = " ".join(f"[ {' '.join(words[i : i + width])} ]" for i in range(0, count, width))
    # a single number in a bracketed shape ([1,1]) gets no outer bracket in RV, and so
    # reads back as a one-element list: the same thing
    return f"{head} = {inner}" if count == 1 else f"{head} = [ {inner} ]"


def _lines(component: GtoComponent, depth: int, out: list[str]) -> None:
    pad = "    " * depth
    interp = f" as {format_name(component.interp)}" if component.interp else ""
    out.append(f"{pad}{format_name(component.name)}{interp}\n{pad}{{\n")
    for prop in component.properties:
        text = format_property(prop.name, prop.type, prop.values, prop.dims, prop.interp)
        out.append(f"{pad}    {text}\n")
    first = not component.properties
    for inner in _written(component.components):
        if not first:
            out.append("\n")
        first = False
        _lines(inner, depth + 1, out)
    out.append(f"{pad}}}\n")


def _written(components: Iterable[GtoComponent]) -> list[GtoComponent]:
    """The components that hold anything: empty ones are not written."""
    return [c for c in components if c.properties or _written(c.components)]


def format_components(
    components: Iterable[GtoComponent], memo: dict[Any, str] | None = None
) -> str:
    """What stands between the braces of an object; "" when there are no properties.

    `memo` remembers the text of small components: a thousand sources differ in one of them.
    """
    out: list[str] = []
    for component in _written(components):
        if out:
            out.append("\n")
        key = _small(component) if memo is not None else None
        known = memo.get(key) if memo is not None and key is not None else None
        if known is None:
            lines: list[str] = []
            _lines(component, 1, lines)
            known = "".join(lines)
            if memo is not None and key is not None and len(memo) < _MEMO:
                memo[key] = known
        out.append(known)
    return "".join(out)


def _small(component: GtoComponent) -> Any:
    """What the text of a component without inner ones depends on; None for a large one."""
    if component.components or len(component.properties) > 24:
        return None
    parts: list[Any] = [component.name, component.interp]
    for p in component.properties:
        if len(p.values) > 16:
            return None
        parts += (p.name, p.type, p.dims, p.interp, *map(_exact, p.values), None)
    return tuple(parts)


def _exact(value: Value) -> Any:
    """A value as a key: -0.0 is not 0, and 1 is not 1.0."""
    return repr(value) if isinstance(value, float) else value


def format_object(item: GtoObject) -> str:
    """One object with its final line end, or "" for an object without properties."""
    components = _written(item.components)
    if not components:
        return ""
    head = f"{format_name(item.name)} : {format_name(item.protocol)} ({item.version})"
    return f"{head}\n{{\n{format_components(components)}}}\n"


def format_text(file: GtoFile) -> bytes:
    """A whole text file; undecodable bytes read with surrogateescape come out again.

    Objects without properties are left out, as in RV.
    """
    out = io.StringIO()
    out.write(HEADER)
    first = True
    for item in file.objects:
        text = format_object(item)
        if text:
            out.write(text if first else f"\n{text}")
            first = False
    return out.getvalue().encode("utf-8", "surrogateescape")
