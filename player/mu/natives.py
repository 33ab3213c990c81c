"""Python code for Mu's built-in operators, casts and constructors.

A template is the code of one call: ``{0}`` ... stand for the arguments' codes, each used once
and in order; ``{t}`` and ``{u}`` are fresh local names, ``{ret}`` and ``{type1}`` name static
types. Names with a leading underscore are helpers of ``runtime``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

__all__ = ["WRAPS", "template"]

WRAPS: Final = {
    "int": "({t} if -2147483648 <= ({t} := {0}) <= 2147483647 else _wrap32({t}))",
    "int64": (
        "({t} if -9223372036854775808 <= ({t} := {0}) <= 9223372036854775807 else _wrap64({t}))"
    ),
    "short": "_wrap16({0})",
    "byte": "_wrap8({0})",
    "float": "_f32({0})",
    "double": "({0})",
    "half": "_f16({0})",
    "char": "({t} if -2147483648 <= ({t} := {0}) <= 2147483647 else _wrap32({t}))",
}
"""Python code that brings an exact result back to a type's width."""

_BITS: Final = {"int": 31, "int64": 63, "short": 31, "byte": 31}
_FLOATS: Final = frozenset({"float", "double", "half"})

_CASTS: Final[dict[tuple[str, ...], str]] = {
    # result, arguments
    ("byte", "char"): "_wrap8({0})",
    ("byte", "int"): "_wrap8({0})",
    ("byte", "int64"): "_wrap8({0})",
    ("short", "int"): "_wrap16({0})",
    ("short", "float"): "_wrap16(_ftoi({0}))",
    ("int", "byte"): "{0}",
    ("int", "char"): "{0}",
    ("int", "short"): "{0}",
    ("int", "int64"): "_wrap32({0})",
    ("int", "double"): "_ftoi({0})",
    ("int", "float"): "_ftoi({0})",
    ("int", "string"): "_parse_int({0})",
    ("int64", "int"): "{0}",
    ("int64", "float"): "_ftoi({0}, 64)",
    ("half", "double"): "_f16({0})",
    ("half", "float"): "_f16({0})",
    ("half", "int64"): "_f16({0})",
    ("half", "int"): "_f16({0})",
    ("float", "string"): "_parse_float({0})",
    ("float", "half"): "{0}",
    ("float", "int64"): "_f32({0})",
    ("float", "int"): "_f32({0})",
    ("float", "double"): "_f32({0})",
    ("double", "string"): "_parse_double({0})",
    ("double", "int64"): "float({0})",
    ("double", "int"): "float({0})",
    ("double", "float"): "{0}",
    ("char", "int"): "{0}",
    ("bool", "string"): "_parse_bool({0})",
    ("bool", "io.process"): "_nil_argument({0})",  # there is no process: nil has no state
    ("string", "char"): "_char_text({0})",
    ("string", "string"): "_text_of({0})",
    ("string", "byte"): "str({0})",
    ("string", "bool"): '("true" if {0} else "false")',
    ("string", "double"): "_float_text({0})",
    ("string", "float"): "_float_text({0})",
    ("string", "int64"): "str({0})",
    ("string", "int"): "str({0})",
    ("string", "?variant"): "_render({type0}, {0})",
    ("string", "?opaque"): "_render({type0}, {0})",
    ("string", "?class_or_interface"): "_render({type0}, {0})",
    ("regex", "string", "int"): "_regex({0}, {1})",
    ("regex", "string"): "_regex({0})",
    ("exception", "string"): "_Exception({0})",
    **{("string", f"vector float[{n}]"): "_vector_text({0})" for n in (2, 3, 4)},
    ("void", "?"): "({0}, None)[1]",
    ("bool",): "False",
    ("byte",): "0",
    ("short",): "0",
    ("int",): "0",
    ("int64",): "0",
    ("char",): "0",
    ("half",): "0.0",
    ("float",): "0.0",
    ("double",): "0.0",
    ("string",): "_Text()",
    ("exception",): "_Exception()",
    ("nil",): "None",
}


def _vector(name: str, types: Sequence[str], ret: str) -> str | None:
    if name == ret:
        size = int(ret[-2])
        if not types:
            return f"({', '.join(['0.0'] * size)})"
        if len(types) == 1:
            return f"(({{0}},) * {size})"
        parts = [f"{{{i}}}" for i in range(len(types))] + ["0.0"] * (size - len(types))
        return f"({', '.join(parts)})"
    if name == "[]":
        return "_component({0}, {1})"
    if name == "-" and len(types) == 1:
        return "_vec_neg({0})"
    if name in ("==", "!="):
        return f"({{0}} {name} {{1}})"
    helper = {"+": "_vec_add", "-": "_vec_sub", "*": "_vec_mul", "/": "_vec_div"}.get(name)
    return f"{helper}({{0}}, {{1}})" if helper else None


def _arithmetic(name: str, kind: str, count: int) -> str | None:
    def wrap(code: str) -> str:
        return WRAPS[kind].replace("{0}", code)

    if count == 1:
        if name == "-":
            return wrap("-{0}")
        return "(~{0})" if name == "~" else None
    if name in ("+", "-", "*"):
        return wrap(f"{{0}} {name} {{1}}")
    if kind in _FLOATS:
        helper = {"/": "_fdiv", "%": "_fmod"}.get(name)
        return wrap(f"{helper}({{0}}, {{1}})") if helper else None
    if name in ("/", "%"):
        return wrap(f"{'_idiv' if name == '/' else '_imod'}({{0}}, {{1}})")
    if name in ("&", "|", "^"):
        return f"({{0}} {name} {{1}})"
    if name in ("<<", ">>"):
        return wrap(f"{{0}} {name} ({{1}} & {_BITS[kind]})")
    return None


def template(scope: str, name: str, types: Sequence[str], ret: str) -> str | None:
    """The template of a native function, or None when it has none.

    Types are given by name, patterns with their ``?``.
    """
    first = types[0] if types else ""
    if scope.startswith("vector") or (name.startswith("vector") and name == ret):
        return _vector(name, types, ret)
    if scope:
        return None
    if name == ret:
        return _CASTS.get((ret, *types))
    if name == "assert":
        return "_assert({0}, {text0})"
    if name == "print":
        return "_print({0}, {type0})"
    if name == "?:":
        return "({1} if {0} else {2})"
    if name in ("eq", "neq"):
        return f"({{0}} is {'' if name == 'eq' else 'not '}{{1}})"
    if name == "!":
        return "(not {0})" if first == "bool" else None
    if name in ("&&", "||"):
        return f"({{0}} {'and' if name == '&&' else 'or'} {{1}})"
    if name == "%" and first == "string":
        return "_format({0}, {1}, {type1})"
    if first.startswith("vector"):
        return _vector(name, types, ret)
    if name in ("==", "!=", "<", ">", "<=", ">=") and (first in WRAPS or first == "bool"):
        return f"({{0}} {name} {{1}})"
    if name in ("==", "!=") and first == "string":
        return f"{'_str_eq' if name == '==' else '_str_ne'}({{0}}, {{1}})"
    if name == "==" and first == "exception":
        return "_exception_eq({0}, {1})"
    if name == "+" and first == "string":
        return "_concat({0}, {1})"
    if first in WRAPS:
        return _arithmetic(name, first, len(types))
    return None
