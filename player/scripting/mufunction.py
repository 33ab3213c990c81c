"""Any function of a Mu module as Python scripts call it: ``pymu.MuSymbol("rvui.nextMarkedFrame")``.

The commands have symbols of their own (:mod:`player.scripting.musymbol`); these are found in the
interpreter, where a module is loaded when its name is not known yet, and of overloads the first
is meant. Texts of refusals are RV's (Open RV, ``PyTwkApp/PyMuSymbolType``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from player.mu import Interpreter
from player.mu.symbols import REQUIRED, Function
from player.mu.types import VOID, Type
from player.mu.values import MuThrow
from player.scripting.convert import to_mu, to_py
from player.scripting.deadline import Guard
from player.scripting.mu_values import Marshal
from player.scripting.musymbol import arguments

__all__ = ["MuFunctionSymbol", "find_function"]


def _lookup(mu: Interpreter, name: str) -> Any:
    """The first symbol of a qualified name, a function before others, or None."""
    *path, local = name.split(".")
    scope: Any = mu.root
    for part in path:
        scope = next((s for s in scope.find(part) or () if hasattr(s, "find")), None)
        if scope is None:
            return None
    found = scope.find(local)
    return next((s for s in found if isinstance(s, Function)), found[0]) if found else None


def _converter(kind: Type, marshal: Marshal) -> Callable[[Any], Any]:
    taken, given = to_mu(kind.name), marshal.into_mu(kind)
    return lambda value: given(taken(value))


def find_function(mu: Interpreter, name: str) -> Any:
    """The symbol that a qualified name stands for, or None; its module is loaded for it."""
    found = _lookup(mu, name)
    if found is None and "." in name:
        mu.require(name.partition(".")[0])
        found = _lookup(mu, name)
    return found


class MuFunctionSymbol:
    """A function of the interpreter, callable from Python on the main thread."""

    __slots__ = ("_convert", "_guard", "_mu", "_result", "_symbol", "name")

    def __init__(
        self, name: str, symbol: Any, mu: Interpreter, marshal: Marshal, guard: Guard
    ) -> None:
        self.name = name
        self._symbol = symbol
        self._mu = mu
        self._guard = guard
        self._convert: list[Callable[[Any], Any]] = []
        self._result: Callable[[Any], Any] = lambda value: None
        if isinstance(symbol, Function):
            self._convert = [_converter(kind, marshal) for kind in symbol.types]
            ret = symbol.ret or VOID
            out, seen = marshal.from_mu(ret), to_py(ret.name)
            self._result = lambda value: seen(out(value))

    @property
    def __name__(self) -> str:
        return self.name.rpartition(".")[2]

    def __repr__(self) -> str:
        return f"<MuSymbol {self.name}>"

    def __call__(self, *args: Any, **dropped: Any) -> Any:
        function = self._symbol
        if not isinstance(function, Function):
            raise Exception("Mu symbol is not a function -- cannot call")
        values = arguments(self.name, args, self._convert, function.minimum, function.maximum)
        for i, parameter in enumerate(function.parameters[len(args) :], len(args)):
            if parameter.default is REQUIRED:
                raise TypeError(
                    f"Bad argument ({i}) to function {self.name}: "
                    f"{self.name}.{parameter.name} has no default value"
                )
            values.append(parameter.default)
        try:
            return self._result(self._guard.run(self._mu.callable(function), *values))
        except MuThrow as error:
            raise Exception(self._failure(error)) from None

    def _failure(self, error: MuThrow) -> str:
        head = f"Exception thrown while calling {self.name}"
        message = getattr(error.value, "message", "") or ""
        known = message and message != "unknown exception"
        return f'{head} -- exception: "{message}"' if known else head
