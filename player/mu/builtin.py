"""The global scope as it is before any program: types, operators, functions, modules."""

from __future__ import annotations

import math
from functools import lru_cache
from importlib.resources import files
from typing import Any

from player.mu import types as t
from player.mu.lib import IMPLEMENTATIONS
from player.mu.operators import operator
from player.mu.symbols import Const, Function, Module, Param, Scope, TypeName
from player.mu.typetext import parse_params, parse_type, split_commas

__all__ = ["NAMESPACE", "base_scope", "default_code", "named_type"]

# Python names that generated code may use for library functions: filled as rows are read.
NAMESPACE: dict[str, Any] = {}

_ALIASES = {f"math.vec{n}f": t.vector_of(n) for n in (2, 3, 4)}
_REFUSED = ("+=", "-=", "*=", "/=", "%=", "=", "?:", "post++", "post--", "pre++", "pre--")


def named_type(name: str) -> t.Type | None:
    """A built-in type by its name."""
    return t.PRIMITIVES.get(name) or _ALIASES.get(name)


def default_code(text: str | None) -> str | None:
    """Generated code of a default value written in a signature."""
    if text is None:
        return None
    return {"nil": "None", "true": "True", "false": "False"}.get(text, text)


def _constant(scope: Scope, text: str) -> None:
    """A row ``math.pi = double 3.14159``; the exact values are Python's."""
    left, _, right = text.partition(" = ")
    kind_name, _, value = right.partition(" ")
    name = left.rpartition(".")[2]
    kind = t.PRIMITIVES[kind_name]
    exact = {
        "pi": math.pi, "e": math.e, "infinity": math.inf, "quiet_NaN": math.nan,
        "signaling_NaN": math.nan,
    }  # fmt: skip
    if kind is t.FLOAT:
        exact |= {
            "max": 3.4028234663852886e38,
            "min": 1.1754943508222875e-38,
            "epsilon": 1.1920928955078125e-07,
            "denorm_min": 1.401298464324817e-45,
        }
    elif kind is t.DOUBLE:
        exact |= {"max": 1.7976931348623157e308, "min": 2.2250738585072014e-308,
                  "epsilon": 2.220446049250313e-16, "denorm_min": 5e-324}  # fmt: skip
    elif kind is t.HALF:
        exact |= {"max": 65504.0, "min": 6.103515625e-05, "epsilon": 0.0009765625,
                  "denorm_min": 5.960464477539063e-08}  # fmt: skip
    else:
        exact = {}
    number: Any = exact.get(name)
    if number is None:
        try:
            number = (
                int(value)
                if not kind.name.startswith(("float", "double", "half"))
                else float(value.rstrip("h"))
            )
        except ValueError:
            number = 0.0
    code = f"float({str(number)!r})" if isinstance(number, float) else repr(number)
    scope.names[name] = Const(kind, code)


def _function(scope: str, name: str, signature: str, flags: str) -> Function | None:
    head = signature.removesuffix(" (member)")
    start = _args_start(head, name)
    halves = split_commas(head[start + 1 : head.rindex(")")], ";")
    result = parse_type(halves[0], named_type)
    params = parse_params(halves[1] if len(halves) > 1 else "", named_type)
    implementation = IMPLEMENTATIONS.get(signature)
    emit: Any
    value = None
    if implementation is not None:
        py = f"_lib{len(NAMESPACE)}"
        NAMESPACE[py] = implementation
        context = "_ctx, " if getattr(implementation, "needs_context", False) else ""
        emit = lambda a, py=py, context=context: f"{py}({context}{', '.join(a)})"  # noqa: E731
        value = py if not context else f"(lambda *a: {py}(_ctx, *a))"
    else:
        emit = operator(name, [p.type.name for p in params], result.name)
        if emit is None:
            return None
        names = [f"a{i}" for i in range(len(params))]
        value = f"(lambda {', '.join(names)}: {emit([*names, 'None'])})"
    return Function(
        name,
        name if scope == "(global)" else f"{scope}.{name}",
        [Param(p.name, p.type, default_code(p.default)) for p in params],
        result,
        emit,
        value=value,
        commutes="comm" in flags,
    )


def _args_start(signature: str, name: str) -> int:
    """Index of the parenthesis that opens a signature's arguments."""
    depth = 0
    for i in range(signature.rindex(")"), -1, -1):
        depth += {")": 1, "(": -1}.get(signature[i], 0)
        if not depth:
            return i
    raise ValueError(f"builtins.tsv: bad signature {signature!r}")


@lru_cache(maxsize=1)
def _rows() -> list[tuple[str, str, str, str, str]]:
    text = (files("player.mu") / "builtins.tsv").read_text(encoding="utf-8")
    rows = []
    for line in text.splitlines()[1:]:
        cells = [*line.split("\t"), "", ""][:5]
        rows.append((cells[0], cells[1], cells[2], cells[3], cells[4]))
    return rows


def _module(root: Scope, path: str) -> Scope:
    scope = root
    for part in path.split("."):
        found = scope.names.get(part)
        if isinstance(found, TypeName):
            if found.type.members is None:
                found.type.members = Scope(None, prefix=path)
            scope = found.type.members
            continue
        if not isinstance(found, Module):
            found = scope.names[part] = Module(part, Scope(None, prefix=path))
        scope = found.scope
    return scope


@lru_cache(maxsize=1)
def base_scope() -> Scope:
    """The built-in global scope. Shared by all interpreters: treat it as read-only."""
    root = Scope()
    for name, kind in t.PRIMITIVES.items():
        root.names[name] = TypeName(kind)
    for path in ("math", "math_util", "runtime", "system", "io", "io.path"):
        _module(root, path)
    math_scope = _module(root, "math")
    for n in (2, 3, 4):
        math_scope.names[f"vec{n}f"] = TypeName(t.vector_of(n))
    raw: dict[tuple[str, str], list[tuple[int, Function]]] = {}
    for scope_name, name, order, signature, flags in _rows():
        if scope_name.endswith("[]") or name in _REFUSED or "variadic" in flags:
            continue
        scope = root if scope_name == "(global)" else _module(root, scope_name)
        if order == "const":
            _constant(scope, signature)
            continue
        function = _function(scope_name, name, signature, flags)
        if function is not None:
            raw.setdefault((scope_name, name), []).append((int(order or 0), function))
    for (scope_name, name), found in raw.items():
        scope = root if scope_name == "(global)" else _module(root, scope_name)
        # The table is in candidate order already; ``symbols.ordered`` must give it back.
        functions = [f for _, f in sorted(found, key=lambda item: item[0])]
        if not isinstance(scope.names.get(name), TypeName):
            scope.names[name] = (
                [functions[0], *reversed(functions[1:])] if len(functions) > 2 else functions
            )
    return root
