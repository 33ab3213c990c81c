"""Values as replies show them: the static type decides, not the value.

Source: Open RV's ``MuLang``/``Mu`` ``*Type::outputValue``. Dynamic arrays of more than 81
elements are cut after the 82nd in replies, but not in ``%s`` and ``string(x)``. An object met
twice prints ``...ad infinitum...``, even when it does not contain itself.
"""

from __future__ import annotations

from typing import Any

from player.mu import types as t
from player.mu.numbers import number_text
from player.mu.values import MuArray, MuException, MuFunction, MuObject, MuTuple, MuVariant

__all__ = ["quoted", "render"]

_ESCAPES = {"\n": "\\n", "\b": "\\b", "\r": "\\r", "\t": "\\t"}
_DEPTH = 200


def quoted(text: str, quote: str = '"') -> str:
    """A string (or char) with Mu's escapes; the backslash itself is not escaped."""
    out = [quote]
    for c in text:
        if c == quote:
            out.append("\\" + c)
        elif c < " " or c == "\x7f":
            out.append(_ESCAPES.get(c) or f"\\u{ord(c):04x}")
        else:
            out.append(c)
    out.append(quote)
    return "".join(out)


class _Renderer:
    def __init__(self, full: bool) -> None:
        self.full = full
        self.seen: set[int] = set()

    def sequence(self, kind: t.Type, items: list[Any], depth: int, cut: bool) -> str:
        if cut and not self.full and len(items) > 81:
            shown = [self.show(kind, i, depth) for i in items[:82]]
            return ", ".join([*shown, "...truncated..."])
        return ", ".join([self.show(kind, i, depth) for i in items])

    def show(self, kind: t.Type, value: Any, depth: int = 0) -> str:
        if depth > _DEPTH:
            return "...ad infinitum..."
        if kind is t.VOID:
            return "void"
        if value is None:
            return "nil"
        if kind is t.STRING:
            return quoted(value)
        if kind is t.BOOL:
            return "true" if value else "false"
        if kind is t.FLOAT or kind is t.DOUBLE:
            return number_text(value)
        if kind is t.HALF:
            return number_text(value) + "h"
        if kind is t.CHAR:
            return "'^@'" if value == 0 else quoted(chr(value), "'")
        if isinstance(kind, t.VectorType):
            return f"<{', '.join(f'{x:g}' for x in value)}>"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            return str(value)
        return self.reference(kind, value, depth + 1)

    def reference(self, kind: t.Type, value: Any, depth: int) -> str:
        if isinstance(value, MuArray):
            if id(value) in self.seen:
                return f"{value.type.name} {{...ad infinitum...}}"
            self.seen.add(id(value))
            inside = self.sequence(value.type.elem, value.items, depth, value.type.dims is None)
            self.seen.discard(id(value))
            return f"{value.type.name} {{{inside}}}"
        if isinstance(value, MuException):
            return f'exception: "{value.message}"'
        if isinstance(value, str):
            return quoted(value)
        if isinstance(kind, t.ListType):
            items = []
            while value is not None:
                items.append(value.value)
                value = value.next
            return f"[{self.sequence(kind.elem, items, depth, False)}]"
        if isinstance(value, MuTuple):
            if id(value) in self.seen:
                return "(...ad infinitum...)"
            self.seen.add(id(value))
            pairs = zip(value.type.elems, value.items, strict=True)
            return f"({', '.join(self.show(e, v, depth) for e, v in pairs)})"
        if isinstance(value, MuVariant):
            if value.tag.payload is t.VOID:
                return value.tag.name
            return f"{value.tag.name} {{{self.show(value.tag.payload, value.value, depth)}}}"
        if isinstance(value, MuObject):
            shown = isinstance(kind, t.ClassType) and not kind.interface
            cls = kind if shown and isinstance(kind, t.ClassType) else value.cls
            if id(value) in self.seen:
                return f"{cls.name} {{...ad infinitum...}}"
            self.seen.add(id(value))
            fields = zip(cls.fields, value.fields, strict=False)
            return f"{cls.name} {{{', '.join(self.show(f[1], v, depth) for f, v in fields)}}}"
        if isinstance(value, MuFunction):
            return value.name
        pattern = getattr(value, "pattern", None)
        if pattern is not None:
            return f'"{pattern}"r'
        return f"<#{kind.name} 0x{id(value) & 0xFFFFFFFFFFFF:x}>"


def render(kind: t.Type, value: Any, full: bool = False) -> str:
    """The text of a value; ``full`` (``%s``, ``string(x)``) never cuts arrays."""
    return _Renderer(full).show(kind, value)
