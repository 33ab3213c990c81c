"""Making function values of functions and some of their arguments, at run time.

``f(1,)``, a lambda that captures variables and a method of an object all come here; what becomes
of them is the business of ``specializing``. Source: Open RV's ``Mu/BaseFunctions.cpp``
(``Curry``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from player.mu import types as t
from player.mu.declarations import zero
from player.mu.specializing import Plan, plan
from player.mu.symbols import Function
from player.mu.values import MuFunction, MuThrow, throw

__all__ = ["HOLE", "Closures"]

HOLE: Final = object()
"""Stands for an omitted argument."""


class Unmade(MuThrow):
    """A function value that RV cannot make: its exception carries no object, so that only
    ``catch (...)`` catches it."""

    def __init__(self) -> None:
        super().__init__(None)


class Closures:
    """Makes function values for an interpreter, which names and compiles functions."""

    def __init__(self, host: Any) -> None:
        self.host = host
        # library functions are shared by all interpreters, plans are not
        self._library: dict[Function, dict[Any, Plan]] = {}

    def make(self, kind: t.FuncType, value: MuFunction, virtual: bool, *given: Any) -> MuFunction:
        """A function of the arguments that are missing. MuThrow when RV cannot make it."""
        if value is None:
            throw("nil argument to function")
        name = self.host.unique_name("__lambda")
        function = value.symbol
        if not isinstance(function, Function):
            return MuFunction(value.name, kind, _merged(value.call, given))
        mask = (*(g is not HOLE for g in given), *(True for _ in value.bound))
        if len(mask) != len(function.parameters or function.types):
            raise Unmade  # (RV crashes)
        known = (*(g for g in given if g is not HOLE), *value.bound)
        made, hidden = self._planned(function, mask, virtual, known)
        if made.function is None:
            raise Unmade
        if not made.changed:
            call = _merged(value.call, given)
        elif made.function.ret is t.VOID and kind.ret is not t.VOID:
            call = _voided(_bound(made.call, hidden), kind.ret)
        else:
            call = _bound(made.call, hidden)
        return MuFunction(name, kind, call, made.function, hidden)

    def _planned(
        self, function: Function, mask: tuple[bool, ...], virtual: bool, known: tuple[Any, ...]
    ) -> tuple[Plan, tuple[Any, ...]]:
        """The plan that works for these values, and the values of its hidden parameters."""
        failed: frozenset[int] = frozenset()
        plans: dict[Any, Plan] = function.plans
        if function.native:
            plans = self._library.setdefault(function, {})
        while True:
            key = mask, virtual, failed
            found = plans.get(key)
            if found is None:
                found = plans[key] = plan(self.host, function, mask, virtual, failed)
            hidden = list(known)
            number = _run_ahead(found, hidden)
            if number is None:
                return found, tuple(hidden)
            failed |= {_nth_working(number, failed)}


def _run_ahead(made: Plan, hidden: list[Any]) -> int | None:
    """Compute what is computed ahead; the number of the first that throws."""
    for number, ahead in enumerate(made.ahead):
        try:
            hidden.append(ahead.call(*(hidden[i] for i in ahead.given)))
        except MuThrow as error:
            if error.reported is not None:
                raise
            return number
    return None


def _nth_working(number: int, failed: frozenset[int]) -> int:
    """The number among all attempts of one among those that did not fail."""
    attempt = 0
    while True:
        if attempt not in failed:
            if number == 0:
                return attempt
            number -= 1
        attempt += 1


def _bound(call: Callable[..., Any], hidden: tuple[Any, ...]) -> Callable[..., Any]:
    """A call of a new function with the values of its hidden parameters."""
    return lambda *rest: call(*rest, *hidden)


def _voided(call: Callable[..., Any], kind: t.Type) -> Callable[..., Any]:
    """A call whose value is lost: zero, or nil."""

    def run(*args: Any) -> Any:
        call(*args)
        return zero(kind)

    return run


def _merged(call: Callable[..., Any], given: Sequence[Any]) -> Callable[..., Any]:
    """A call of the missing arguments and the given ones in between."""
    holes = [i for i, g in enumerate(given) if g is HOLE]
    if holes == list(range(len(holes))):
        captured = given[len(holes) :]
        return lambda *rest: call(*rest, *captured)

    def merged(*rest: Any) -> Any:
        left = iter(rest)
        return call(*(next(left) if g is HOLE else g for g in given))

    return merged
