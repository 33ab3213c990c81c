"""The Mu texts that sync messages carry: written as RV writes them, and read back.

Reading needs no interpreter for the ordinary property change, which is most of the traffic;
whatever looks different is left to the evaluator.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from player.session.properties import Property, PropType

__all__ = [
    "Change",
    "array_text",
    "change_text",
    "create_text",
    "guarded",
    "insert_text",
    "number_text",
    "quoted",
    "read_change",
]

_WORDS: Final = {
    PropType.FLOAT: ("Float", "float"),
    PropType.INT: ("Int", "int"),
    PropType.STRING: ("String", "string"),
    PropType.HALF: ("Half", "half"),
    PropType.BYTE: ("Byte", "byte"),
}
_CREATED: Final = {
    PropType.FLOAT: "FloatType",
    PropType.INT: "IntType",
    PropType.STRING: "StringType",
    PropType.BYTE: "ByteType",
}
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\b": "\\b", "\r": "\\r", "\t": "\\t"}
_READ: Final = {"n": "\n", "b": "\b", "r": "\r", "t": "\t", "f": "\f"}


def quoted(text: str, fields: bool = True) -> str:
    """A Mu string literal.  With `fields`, `|`, `&` and doubled slashes, which separate the
    fields of a message, are written as escapes."""
    out: list[str] = []
    for i, c in enumerate(text):
        separates = fields and (c in "|&" or (c == "/" and i > 0 and text[i - 1] == "/"))
        if separates or c < " " or c == "\x7f":
            out.append(_ESCAPES.get(c) or f"\\u{ord(c):04x}")
        else:
            out.append(_ESCAPES.get(c, c))
    return f'"{"".join(out)}"'


def number_text(value: float, half: bool = False) -> str:
    """A float as Mu displays it, with as many digits as the stored value needs; "" for what
    has no literal (infinity, not a number)."""
    if not math.isfinite(value):
        return ""
    pack = "<e" if half else "<f"
    for digits in (6, 7, 8, 9, 17):
        text = f"{value:.{digits}g}"
        try:
            if struct.pack(pack, float(text)) == struct.pack(pack, value):
                break
        except (OverflowError, struct.error):
            continue
    if "e" not in text and "." not in text:
        text += ".0"
    return text


def array_text(type: PropType, values: Sequence[Any]) -> str:
    """`float[] {1.0, 0.5}`; "" when a value has no literal."""
    word = _WORDS[type][1]
    if type is PropType.STRING:
        items = [quoted(v) for v in values]
    elif type is PropType.FLOAT:
        items = [number_text(v) for v in values]
    elif type is PropType.HALF:
        items = [f"half({text})" if (text := number_text(v, True)) else "" for v in values]
    else:
        items = [str(int(v)) for v in values]
    if "" in items:
        return ""
    return f"{word}[] {{{', '.join(items)}}}"


def change_text(name: str, prop: Property) -> str:
    """`setFloatProperty("node.comp.prop", float[] {…}, true)`; "" when it cannot be sent."""
    if prop.type not in _WORDS:
        return ""
    array = array_text(prop.type, prop.values)
    return f'set{_WORDS[prop.type][0]}Property("{name}", {array}, true)' if array else ""


def insert_text(name: str, prop: Property, index: int, count: int) -> str:
    """`insertFloatProperty("…", float[] {new values})`; `index` and `count` in elements."""
    if prop.type not in _WORDS:
        return ""
    width = prop.width
    array = array_text(prop.type, prop.values[index * width : (index + count) * width])
    return f'insert{_WORDS[prop.type][0]}Property("{name}", {array})' if array else ""


def create_text(name: str, prop: Property) -> str:
    """`newNDProperty("…", FloatType, (x,y,z,w))`; "" for types that are never sent."""
    kind = _CREATED.get(prop.type)
    return f'newNDProperty("{name}", {kind}, ({",".join(map(str, prop.dims))}))' if kind else ""


def guarded(body: str) -> str:
    """The form of every remote-sync-eval."""
    return f"try {{{body}}} catch (...) {{;}}"


class Change(NamedTuple):
    """A whole-value change that was read: full property name, type, values."""

    name: str
    type: PropType
    values: list[Any]


_CHANGE: Final = re.compile(
    r'set(Float|Int|String|Byte)Property\("([^"\\|&]+)", (float|int|string|byte)\[\] '
    r"\{(.*)\}, true\);?\s*\Z",
    re.DOTALL,
)
_NUMBER: Final = re.compile(r"-?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?\Z")
_STRING: Final = re.compile(
    r'\s*"((?:[^"\\]|\\u[0-9a-fA-F]{4}|\\["\\nbrtf])*)"\s*(,|\Z)', re.DOTALL
)
_ESCAPE: Final = re.compile(r'\\(u[0-9a-fA-F]{4}|["\\nbrtf])')
_TYPES: Final = {
    "Float": PropType.FLOAT,
    "Int": PropType.INT,
    "String": PropType.STRING,
    "Byte": PropType.BYTE,
}


def read_change(text: str) -> Change | None:
    """A `set…Property` text of the usual form, None for every other text."""
    found = _CHANGE.match(text)
    if found is None or found[1].lower() != found[3]:
        return None
    kind, body = _TYPES[found[1]], found[4].strip()
    if kind is PropType.STRING:
        strings = _strings(body)
        return None if strings is None else Change(found[2], kind, strings)
    if not body:
        return Change(found[2], kind, [])
    items = [item.strip() for item in body.split(",")]
    if not all(_NUMBER.match(item) for item in items):
        return None
    try:
        values: list[Any] = [float(i) if kind is PropType.FLOAT else int(i) for i in items]
    except ValueError:
        return None
    return Change(found[2], kind, values)


def _strings(body: str) -> list[str] | None:
    values: list[str] = []
    at = 0
    while at < len(body):
        found = _STRING.match(body, at)
        if found is None:
            return None
        values.append(_ESCAPE.sub(_unescaped, found[1]))
        at = found.end()
        if at == len(body) and found[2] == ",":
            return None
    return values


def _unescaped(found: re.Match[str]) -> str:
    code = found[1]
    return chr(int(code[1:], 16)) if code[0] == "u" else _READ.get(code, code)
