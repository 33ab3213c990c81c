"""Which overload a call means.

Every argument of a candidate is scored: 0 the very type, 1 a structural match or a lossless
cast, 2 a lossy cast, 4 a pattern. The sum, plus one for each score that is not 0, decides; the
lowest wins and ties go to the earliest candidate. A commutative function may take its two
arguments the other way round.

Source of the rules: Open RV's ``Mu/Context.cpp`` (``score``, ``scoreArgs``, ``matchFunction``,
``findCast``) and the type patterns of ``Mu/TypePattern.cpp``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from player.mu import types as t
from player.mu.symbols import Function, Module, Root
from player.mu.values import MuException, MuThrow

__all__ = ["Match", "choose", "overloads_of", "pattern_matches", "resolve"]

_PATTERNS: Final[dict[str, Callable[[t.Type], bool]]] = {
    "?": lambda k: not isinstance(k, t.PatternType),
    "?+": lambda k: True,
    "??+": lambda k: True,
    "?varargs": lambda k: True,
    "?class": lambda k: k.is_class,
    "?tuple": lambda k: isinstance(k, t.TupleType),
    "?object_not_tuple": lambda k: (
        (k.is_class or isinstance(k, t.UnionType)) and not isinstance(k, t.TupleType)
    ),
    "?class_not_tuple": lambda k: k.is_class and not isinstance(k, t.TupleType),
    "?class_or_interface": lambda k: k.is_class or isinstance(k, t.InterfaceType),
    "?non_primitive_or_nil": lambda k: not k.primitive,
    "?reference": lambda k: isinstance(k, t.RefType),
    "?non_primitive_reference": lambda k: isinstance(k, t.RefType) and not k.target.primitive,
    "?function": lambda k: isinstance(k, t.FuncType),
    "?variant": lambda k: isinstance(k, t.UnionType),
    "?list": lambda k: isinstance(k, t.ListType),
    "?opaque": lambda k: isinstance(k, t.OpaqueType),
    "?dyn_array": lambda k: isinstance(k, t.ArrayType) and k.dims is None,
    "?fixed_array": lambda k: isinstance(k, t.ArrayType) and k.dims is not None,
}


class Match(NamedTuple):
    """The function chosen; ``swapped``: its two arguments change places."""

    function: Function
    swapped: bool


def pattern_matches(pattern: t.Type, given: t.Type) -> bool:
    """Whether a pattern takes a type."""
    test = _PATTERNS.get(pattern.name)
    return test is not None and test(given)


def _find_cast(source: t.Type, target: t.Type, overloads: Sequence[Any]) -> int:
    """Cost of converting, -1 when there is no way."""
    for symbol in overloads:
        if not isinstance(symbol, Function) or not symbol.cast or not symbol.types:
            continue
        if symbol.types[0] is source:
            return 2 if symbol.lossy else 1
    if isinstance(source, t.AnyClass):
        if isinstance(target, t.AnyClass):
            if source.derives_from(target) or target.derives_from(source):
                return 1
        elif isinstance(target, t.InterfaceType):
            return 1
    return -1


def resolve(function: Function, root: Root) -> None:
    """Look a signature's types up by name, once; MuThrow when two types have the name."""
    if function.resolved:
        return
    if root.ambiguous:
        for kind in (function.ret, *function.types):
            if isinstance(kind, t.RefType):
                kind = kind.target
            if kind is not None and kind.name in root.ambiguous:
                raise MuThrow(MuException("ambiguous symbol name"))
    function.resolved = True


def overloads_of(kind: t.Type, root: Module) -> Sequence[Any]:
    """A type and the functions of its name: constructors and casts."""
    if kind.owner is None:
        return root.table.get(kind.name, ())
    found: Sequence[Any] = kind.owner.table.get(kind.local, ())
    return found


def _score(wanted: t.Type, given: t.Type | None, root: Module) -> int:
    if given is None or wanted is given:
        return 0
    if isinstance(wanted, t.PatternType):
        return 4 if pattern_matches(wanted, given) else -1
    if isinstance(given, t.PatternType):
        return 4 if pattern_matches(given, wanted) else -1
    if wanted.match(given):
        return 1
    return _find_cast(given, wanted, overloads_of(wanted, root))


def _total(function: Function, given: Sequence[t.Type | None], root: Module) -> int:
    """The score of all arguments, -1 when one does not fit."""
    total = 0
    wanted = function.types
    if function.variadic:
        # the first type is repeated for all arguments, but only two of them count
        elem = wanted[0]
        for i, kind in enumerate(given):
            points = _score(elem, kind, root)
            if points < 0:
                return -1
            if i < 2 and points:
                total += points + 1
        return total
    for want, kind in zip(wanted, given, strict=False):
        if want is kind:
            continue
        points = _score(want, kind, root)
        if points < 0:
            return -1
        if points:
            total += points + 1
    return total


def choose(
    functions: Sequence[Function], given: Sequence[t.Type | None], root: Root
) -> Match | None:
    """The best candidate for argument types; a type of None fits everything. A function whose
    return type is not known, because its body is being read or leaves it open, is none.

    ``root`` is the global scope, where the casts of built-in types are found.
    """
    best: Match | None = None
    lowest = 0
    count = len(given)
    for function in functions:
        if function.ret is None or function.ret is t.UNRESOLVED:
            continue
        if not function.resolved:
            resolve(function, root)
        if not function.minimum <= count <= function.maximum:
            continue
        swapped = False
        points = _total(function, given, root)
        if points < 0:
            if not (function.commutes and count == 2):
                continue
            points = _total(function, (given[1], given[0]), root)
            if points < 0:
                continue
            swapped = True
        if best is None or points < lowest:
            best, lowest = Match(function, swapped), points
    return best
