"""Names: scopes, variables, functions, constants, and overload resolution.

Source of the rules: Open RV's ``Mu/Context.cpp`` (``score``, ``scoreArgs``, ``matchFunction``).
Candidates are all functions of a name in all enclosing scopes, innermost first; within one
scope the first declared, then the others, latest first. The lowest score wins, ties go to the
earliest candidate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from player.mu import types as t
from player.mu.casts import REJECT, score

__all__ = ["Const", "Function", "Module", "Param", "Scope", "TypeName", "Variable", "choose"]


class Param:
    """A parameter; ``default`` is generated code, or None when it is required."""

    __slots__ = ("default", "name", "type")

    def __init__(self, name: str, type: t.Type, default: str | None = None) -> None:
        self.name = name
        self.type = type
        self.default = default


class Function:
    """One signature. ``emit`` makes the code of a call from the codes of its arguments.

    ``ret`` may be None while a function whose return type is inferred is being compiled.
    ``value`` is the code of the function as a value. ``failed`` marks a declaration whose text
    was refused: calling it is a syntax error.
    """

    __slots__ = (
        "commutes", "emit", "failed", "least", "method_of", "name", "params", "qualified", "ret",
        "source", "value",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        qualified: str,
        params: Sequence[Param],
        ret: t.Type | None,
        emit: Callable[[list[str]], str],
        *,
        value: str | None = None,
        commutes: bool = False,
        method_of: t.ClassType | None = None,
    ) -> None:
        self.name = name
        self.qualified = qualified
        self.params = list(params)
        self.ret = ret
        self.emit = emit
        self.value = value
        self.commutes = commutes
        self.method_of = method_of
        self.least = sum(1 for p in params if p.default is None)
        self.failed = False
        self.source: Any = None

    @property
    def type(self) -> t.FuncType:
        return t.function_of(self.ret or t.VOID, *(p.type for p in self.params))


class Variable:
    """A variable: ``code`` reads it (and writes it, unless ``captured``)."""

    __slots__ = ("captured", "code", "depth", "stale", "type")

    def __init__(self, type: t.Type, code: str, depth: int = 0) -> None:
        self.type = type
        self.code = code
        self.depth = depth
        self.captured = False
        self.stale = False


class Const:
    """A symbolic constant: its type and the code of its value."""

    __slots__ = ("code", "type")

    def __init__(self, type: t.Type, code: str) -> None:
        self.type = type
        self.code = code


class TypeName:
    """A name that stands for a type."""

    __slots__ = ("type",)

    def __init__(self, type: t.Type) -> None:
        self.type = type


class Module:
    """A module: a scope with a name."""

    __slots__ = ("name", "scope")

    def __init__(self, name: str, scope: Scope) -> None:
        self.name = name
        self.scope = scope


Symbol = Variable | Const | TypeName | Module | list[Function]


class Scope:
    """Names declared in one place; ``parent`` is the enclosing one.

    ``function`` marks the outermost scope of a function body: variables found beyond it are
    captured. ``this`` is the class whose members are visible unqualified.
    """

    __slots__ = ("depth", "function", "names", "opened", "parent", "prefix", "this")

    def __init__(
        self, parent: Scope | None = None, *, prefix: str = "", function: bool = False
    ) -> None:
        self.parent: Scope | None = parent
        self.names: dict[str, Any] = {}
        self.prefix: str = prefix if prefix or parent is None else parent.prefix
        self.function = function
        self.depth: int = (parent.depth if parent else 0) + (1 if function else 0)
        self.this: t.ClassType | None = parent.this if parent is not None else None
        self.opened: list[Scope] = []

    def chain(self) -> Iterator[Scope]:
        """This scope and the enclosing ones, each with the modules opened in it."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            yield from scope.opened
            scope = scope.parent

    def find(self, name: str) -> Symbol | None:
        for scope in self.chain():
            found: Symbol | None = scope.names.get(name)
            if found is not None:
                return found
        return None

    def functions(self, name: str) -> list[Function]:
        """All candidates of a name, in the order resolution tries them."""
        out: list[Function] = []
        for scope in self.chain():
            found = scope.names.get(name)
            if isinstance(found, list):
                out.extend(ordered(found))
        return out

    def add_function(self, function: Function) -> None:
        self.names.setdefault(function.name, []).append(function)


def ordered(functions: list[Function]) -> list[Function]:
    """First declared, then the remaining ones latest first."""
    return functions if len(functions) < 3 else [functions[0], *reversed(functions[1:])]


_PATTERN_REFUSES: dict[str, Callable[[t.Type], bool]] = {
    "?non_primitive_or_nil": lambda k: not k.ref or k is t.OBJECT,
    "?non_primitive_reference": lambda k: not k.ref,
    "?tuple": lambda k: not isinstance(k, t.TupleType),
    "?object_not_tuple": lambda k: not k.ref or isinstance(k, t.TupleType) or k is t.OBJECT,
    "?opaque": lambda k: not isinstance(k, t.OpaqueType),
    "?variant": lambda k: not isinstance(k, t.UnionType),
    "?class_or_interface": lambda k: not k.ref or isinstance(k, (t.OpaqueType, t.UnionType)),
}


def _score(arguments: Sequence[t.Type], params: Sequence[Param]) -> int:
    total = 0
    for argument, param in zip(arguments, params, strict=False):
        wanted = param.type
        if argument is wanted:
            continue
        if isinstance(wanted, t.PatternType):
            refuses = _PATTERN_REFUSES.get(wanted.name)
            if refuses is not None and refuses(argument):
                return REJECT
            total += 5
            continue
        cost = score(argument, wanted)
        if cost < 0:
            return REJECT
        if cost:
            total += cost + 1
    return total


def choose(
    candidates: Sequence[Function], arguments: Sequence[t.Type]
) -> tuple[Function, bool] | None:
    """The best candidate, and whether its two arguments are to be swapped."""
    best: tuple[Function, bool] | None = None
    lowest = -1
    count = len(arguments)
    for function in candidates:
        if not function.least <= count <= len(function.params):
            continue
        swapped = False
        points = _score(arguments, function.params)
        if points < 0 and function.commutes and count == 2:
            points = _score((arguments[1], arguments[0]), function.params)
            swapped = True
        if points >= 0 and (best is None or points < lowest):
            best, lowest = (function, swapped), points
    return best
