"""Values as replies show them: the static type decides, not the value.

A name shows its text by itself, and nothing inside anything else. A lambda shows its signature and
its body, in the manner of Lisp, with the values in them.

Source: Open RV's ``MuLang``/``Mu`` ``*Type::outputValue``, ``Mu/NodePrinter.cpp`` and
``Mu/Function.cpp`` (``output``). Dynamic arrays of more than 81
elements are cut after the 82nd in replies, but not in ``%s`` and ``string(x)``. An object met
twice prints ``...ad infinitum...``, even when it does not contain itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from player.mu import types as t
from player.mu.nodes import ConstNode, Node
from player.mu.numbers import number_text, plain_number
from player.mu.symbols import REQUIRED, Function, Parameter, Variable, qualified
from player.mu.texts import char_text
from player.mu.values import (
    MuArray,
    MuCons,
    MuException,
    MuFunction,
    MuName,
    MuObject,
    MuRegex,
    MuStream,
    MuTuple,
    MuVariant,
)

__all__ = ["dynamic_type", "node_text", "printed", "quoted", "render"]

_ESCAPES = {"\n": "\\n", "\b": "\\b", "\r": "\\r", "\t": "\\t"}


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
    """``seen``: the objects met so far; only arrays are forgotten again when they are done."""

    def __init__(self, full: bool) -> None:
        self.full = full
        self.seen: set[int] = set()

    def sequence(self, kind: t.Type, items: list[Any], cut: bool) -> str:
        if cut and not self.full and len(items) > 81:
            shown = [self.show(kind, i) for i in items[:82]]
            return ", ".join([*shown, "...truncated..."])
        return ", ".join([self.show(kind, i) for i in items])

    def show(self, kind: t.Type, value: Any) -> str:
        if kind is t.VOID:
            return "void"
        if value is None:
            return _NIL.get(kind.name, "nil")
        simple = _SIMPLE.get(kind)
        if simple is not None:
            return simple(value)
        if isinstance(kind, t.VectorType):
            return f"<{', '.join(map(plain_number, value))}>"
        if isinstance(kind, (t.InterfaceType, t.PrimType)) or kind is t.NIL:
            found = dynamic_type(value)
            return str(value) if found is None else self.show(found, value)
        return self.reference(kind, value)

    def reference(self, kind: t.Type, value: Any) -> str:
        seen = id(value) in self.seen
        self.seen.add(id(value))
        if isinstance(kind, t.ArrayType):
            if seen:
                return f"{kind.name} {{...ad infinitum...}}"
            inside = self.sequence(kind.elem, value.items, kind.dims is None)
            self.seen.discard(id(value))
            return f"{kind.name} {{{inside}}}"
        if isinstance(kind, t.ListType):
            items = []
            while value is not None:
                items.append(value.value)
                value = value.next
            return f"[{self.sequence(kind.elem, items, False)}]"
        if isinstance(kind, t.TupleType):
            if seen:
                return "(...ad infinitum...)"
            pairs = zip(kind.elems, value.items, strict=True)
            return f"({', '.join([self.show(e, v) for e, v in pairs])})"
        if isinstance(value, MuVariant):
            if value.tag.index < 0:
                return "nil"
            if seen:
                return f"{value.tag.name}...ad infinitum..."
            if value.tag.payload is t.VOID:
                return value.tag.name
            return f"{value.tag.name} {{{self.show(value.tag.payload, value.value)}}}"
        if isinstance(value, MuFunction):
            return "...ad infinitum..." if seen else self.function(value)
        if isinstance(value, MuStream):
            return f"<#{value.kind} {quoted(value.name)}>"
        if isinstance(value, MuName):
            return '""'
        if isinstance(kind, t.ClassType) and isinstance(value, MuObject):
            if seen:
                return f"{kind.name} {{...ad infinitum...}}"
            fields = zip(kind.fields, value.fields, strict=False)
            inside = ", ".join([self.show(f[1], v) for f, v in fields])
            if inside and any(start == 0 for _, start in kind.heads.values()):
                inside = ", " + inside  # (RV separates the first field from a head before it)
            return f"{kind.name} {{{inside}}}"
        name = f"{qualified(value)} " if kind.name in _NIL else ""
        return f"<#{kind.name} {name}0x{id(value) & 0xFFFFFFFFFFFF:x}>"

    @staticmethod
    def function(value: MuFunction) -> str:
        return _lambda_text(value) if getattr(value.symbol, "is_lambda", 0) else value.name


def dynamic_type(value: Any) -> t.Type | None:
    """The type an object has by itself (not by declaration); None when it has none."""
    if isinstance(value, MuObject):
        return value.cls
    if isinstance(value, (MuArray, MuTuple, MuFunction, MuCons)):
        return value.type
    if isinstance(value, MuVariant):
        return value.tag.union
    for python, kind in _DYNAMIC:
        if isinstance(value, python):
            return kind
    return None


_SYMBOLS: Final = ("symbol", "type_symbol", "function_symbol", "variable_symbol",
                   "parameter_symbol", "symbolic_constant")  # fmt: skip
_NIL: Final = {f"runtime.{name}": f"<#runtime.{name} nil>" for name in _SYMBOLS}
_NIL["runtime.name"] = '""'
_NUMBERS: Final = (t.FLOAT, t.DOUBLE, t.HALF)
_DYNAMIC: Final = ((str, t.STRING), (MuException, t.EXCEPTION), (MuRegex, t.REGEX))
_SIMPLE: Final[dict[t.Type, Callable[[Any], str]]] = {
    t.STRING: quoted,
    t.BOOL: lambda v: "true" if v else "false",
    t.INT: str, t.INT64: str, t.SHORT: str,
    t.BYTE: lambda v: str(v & 255),
    t.FLOAT: number_text, t.DOUBLE: number_text,
    t.HALF: lambda v: number_text(v) + "h",
    t.CHAR: lambda v: "'^@'" if v == 0 else quoted(char_text(v), "'"),
    t.EXCEPTION: lambda v: f"exception: {quoted(v.message)}",
    t.REGEX: lambda v: quoted(v.pattern) + "r",
}  # fmt: skip


def render(kind: t.Type, value: Any, full: bool = False) -> str:
    """The text of a value; ``full`` (``%s``, ``string(x)``) never cuts arrays."""
    if isinstance(value, MuName):
        return quoted(value)
    simple = _SIMPLE.get(kind)
    if simple is not None and value is not None:
        return simple(value)
    return _Renderer(full).show(kind, value)


def printed(kind: t.Type, value: Any) -> str:
    """What ``print`` writes: numbers and vectors as lines of their own behind ``PRINT: ``."""
    if value is None:
        return "nil"
    if kind in _NUMBERS:
        return f"PRINT: {plain_number(value)}\n"
    if isinstance(kind, t.VectorType):
        return f"PRINT: {render(kind, value)}\n"
    if isinstance(value, MuException):
        return value.message
    if isinstance(value, MuRegex):
        return value.pattern
    return value if isinstance(value, str) else render(kind, value)


def _lambda_text(value: MuFunction) -> str:
    """``__lambda1 (int; int a) (+ __lambda1.a 1)``."""
    function: Function = value.symbol
    taken = function.parameters[: len(function.types)]
    closure = _Closure(value, function.parameters[len(function.types) :])
    parts = []
    for parameter in taken:
        text = f"{parameter.type.name} {parameter.name}"
        if parameter.default is not REQUIRED:
            text += f" = {render(parameter.type, parameter.default)}"
        parts.append(text)
    ret = function.ret.name if function.ret is not None else ""
    head = f"{value.name} ({ret};{' ' if parts else ''}{', '.join(parts)})"
    return f"{head} {node_text(function.body, closure)}"


class _Closure:
    """The names and values that a closure gives to the variables of its function."""

    def __init__(self, value: MuFunction, hidden: list[Parameter]) -> None:
        self.name = value.name
        self.function = value.symbol
        self.values = {id(p): (p.type, v) for p, v in zip(hidden, value.bound, strict=False)}

    def variable(self, variable: Variable) -> str | None:
        """What a variable prints as; None: as it does elsewhere."""
        known = self.values.get(id(variable))
        if known is not None:
            return render(*known)
        return f"{self.name}.{variable.name}" if variable.owner is self.function else None


def node_text(node: Node | None, closure: _Closure | None = None) -> str:
    """``(+ a 1)``."""
    if node is None:
        return ""
    if isinstance(node, ConstNode):
        return render(node.type, node.value)
    symbol = node.symbol
    if closure is not None and isinstance(symbol, Variable):
        own = closure.variable(symbol)
        if own is not None:
            return own
    name = qualified(symbol) if symbol is not None else "unresolved"
    if not node.args and not isinstance(symbol, Function):
        return name
    return f"({' '.join([name, *(node_text(arg, closure) for arg in node.args)])})"
