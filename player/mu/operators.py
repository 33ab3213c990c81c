"""Python code for Mu's operators on primitive types; the rows of ``builtins.tsv`` without
an implementation in the library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

__all__ = ["operator"]

_WRAP: Final = {
    "int": "((({}) + 0x80000000 & 0xFFFFFFFF) - 0x80000000)",
    "int64": "_wrap64({})",
    "short": "_wrap16({})",
    "byte": "_wrap8({})",
    "float": "_f32({})",
    "double": "({})",
    "half": "_f16({})",
    "char": "({})",
}
_BITS: Final = {"int": 31, "int64": 63, "short": 31, "byte": 31}
_FLOATS: Final = ("float", "double", "half")
_COMPARE: Final = ("==", "!=", "<", ">", "<=", ">=")


def _vector(op: str, size: int) -> Callable[[list[str]], str]:
    if op == "==":
        return lambda a: f"({a[0]} == {a[1]})"
    if op == "!=":
        return lambda a: f"({a[0]} != {a[1]})"
    return lambda a: f"_vec({op!r}, {', '.join(a)})"


def _arithmetic(op: str, kind: str) -> Callable[[list[str]], str] | None:
    wrap = _WRAP[kind]
    if op in ("+", "*"):
        return lambda a: wrap.format(f"{a[0]} {op} {a[1]}")
    if op == "-":
        return lambda a: wrap.format(f"{a[0]} - {a[1]}" if len(a) == 2 else f"-{a[0]}")
    if kind in _FLOATS:
        helper = {"/": "_fdiv", "%": "_fmod"}.get(op)
        return (lambda a: wrap.format(f"{helper}({a[0]}, {a[1]})")) if helper else None
    helper = {"/": "_idiv", "%": "_imod"}.get(op)
    if helper:
        return lambda a: wrap.format(f"{helper}({a[0]}, {a[1]})")
    if op in ("&", "|", "^"):
        return lambda a: f"({a[0]} {op} {a[1]})"
    if op in ("<<", ">>"):
        return lambda a: wrap.format(f"{a[0]} {op} ({a[1]} & {_BITS[kind]})")
    if op == "~":
        return lambda a: wrap.format(f"~{a[0]}")
    return None


def operator(name: str, kinds: list[str], result: str) -> Callable[[list[str]], str] | None:
    """The code maker for an operator on parameters of the named types; None if there is none."""
    kind = kinds[0] if kinds else ""
    if name in _COMPARE and kind in (*_WRAP, "bool"):
        return lambda a: f"({a[0]} {name} {a[1]})"
    if name in ("==", "!=") and kind == "string":
        equal = "_str_eq({}, {})"
        return lambda a: ("(not " if name == "!=" else "(") + equal.format(*a) + ")"
    if name == "==" and kind.endswith("]") and not kind.startswith(("vector", "[")):
        return lambda a: f"_arr_eq({a[0]}, {a[1]})"
    if name == "==" and kind == "exception":
        return lambda a: f"({a[0]}.message == {a[1]}.message)"
    if name in ("eq", "neq"):
        return lambda a: f"({a[0]} is {'' if name == 'eq' else 'not '}{a[1]})"
    if name == "!" and kind == "bool":
        return lambda a: f"(not {a[0]})"
    if name in ("&&", "||"):
        word = "and" if name == "&&" else "or"
        return lambda a: f"({a[0]} {word} {a[1]})"
    if name == "+" and kinds == ["string", "string"]:
        return lambda a: f"_concat({a[0]}, {a[1]})"
    if name == "-" and kinds == ["char", "char"]:
        return lambda a: f"({a[0]} - {a[1]})"
    if name == "%" and kind == "string":
        return lambda a: f"_format({a[0]}, {a[1]}, {a[2]})"
    if kind.startswith("vector") and name in ("+", "-", "*", "/", "==", "!="):
        return _vector(name, int(kind[-2]))
    if kind in _WRAP and name in ("+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "~"):
        return _arithmetic(name, kind)
    return None
