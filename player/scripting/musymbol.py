"""Commands as Python scripts call them.

A :class:`MuSymbol` is one command under its Mu name. Calls are positional with strict types, and
every text of a refusal is RV's, because scripts and people match on them (Open RV,
``PyTwkApp/PyMuSymbolType``). Keyword arguments are accepted and dropped, as there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

from player.commands import CommandError, PropertyError
from player.commands.context import Context
from player.commands.registry import Command
from player.scripting.convert import ArgumentMismatch, to_mu, to_py
from player.scripting.deadline import Guard

__all__ = ["MuSymbol", "arguments", "unnamed_symbol"]

_REPEATED: Final = frozenset(
    {
        "activateMode",
        "bindingDocumentation",
        "contractSequences",
        "deactivateMode",
        "isModeActive",
        "setEventTableBBox",
        "unbind",
        "unbindRegex",
    }
)
"""Commands whose refusal carries its message twice (``MuTwkApp/CommandsModule``)."""

_BAD_ARGUMENT: Final = frozenset(
    {
        "cacheDir",
        "decodePassword",
        "editNodeSource",
        "httpGet",
        "httpPost",
        "packageListFromSetting",
        "setPresentationDevice",
    }
)
"""Commands of the window, which refuse with another class (``RvCommon/MuUICommands``)."""

_NIL: Final = "nil argument to function"


def arguments(
    name: str, args: Sequence[Any], convert: Sequence[Callable[[Any], Any]], least: int, most: int
) -> list[Any]:
    """What is given to the function *name*, converted.

    Raises RuntimeError outside the main thread, Exception for a wrong number, TypeError.
    """
    if threading.get_ident() != threading.main_thread().ident:
        raise RuntimeError(
            "Mu is not thread-safe. Mu functions must be called from the main thread"
        )
    if not least <= len(args) <= most:
        raise Exception(
            f"Wrong number of arguments ({len(args)}) to function {name} "
            f"-- requires {most} or less and at least {least}\n"
        )
    values = []
    for i, value in enumerate(args):
        try:
            values.append(convert[i](value))
        except ArgumentMismatch as error:
            raise TypeError(f"Bad argument ({i}) to function {name}: {error}") from None
    return values


class MuSymbol:
    """A command, callable from Python on the main thread."""

    __slots__ = ("_command", "_context", "_convert", "_guard", "_required", "_result", "name")

    def __init__(self, command: Command, context: Context, guard: Guard) -> None:
        self.name = command.full_name
        self._command = command
        self._context = context
        self._guard = guard
        self._convert = tuple(to_mu(p.type) for p in command.params)
        self._required = sum(1 for p in command.params if p.required)
        self._result = to_py(command.returns)

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        return f"{self._command.python_signature}\n\n{self._command.doc}"

    @property
    def __name__(self) -> str:
        return self._command.name

    def __repr__(self) -> str:
        return f"<MuSymbol {self.name}>"

    def __call__(self, *args: Any, **dropped: Any) -> Any:
        values = arguments(self.name, args, self._convert, self._required, len(self._convert))
        values += [p.default for p in self._command.params[len(args) :]]
        return self._result(self._invoke(values))

    def _invoke(self, values: list[Any]) -> Any:
        guard = self._guard
        guard.host += 1
        guard.calls += 1
        try:
            return self._command.func(self._context, *values)
        except Exception as error:
            raise Exception(self._failure(error)) from None
        finally:
            guard.host -= 1
            guard.resume()

    def _failure(self, error: Exception) -> str:
        """RV's text for an error of the command.

        A command of C++ is called directly: the text of its exception ends the line. The
        functions of ``extra_commands`` are Mu code that the interpreter runs: there the Mu
        exception is known and nothing else is.
        """
        name = self._command.name
        head = f"Exception thrown while calling {self.name}"
        if self._command.module != "commands":
            if isinstance(error, CommandError):
                return f'{head} -- exception: "in {self.name}: {error}"'
            return f'{head} -- exception: "{error}"' if isinstance(error, PropertyError) else head
        if isinstance(error, CommandError):
            text = f"in {self.name}: {error}"
            tail = "program exception"
            if name in _REPEATED:
                tail = text
            elif name in _BAD_ARGUMENT:
                tail = "bad argument to function"
            return f'{head} -- exception: "{text}", {tail}'
        if isinstance(error, PropertyError) and str(error) != _NIL:
            return f'{head} -- exception: "{error}", program exception'
        return f"{head}, {error}"


def unnamed_symbol(
    lookup: Callable[[str], MuSymbol | None], other: Callable[[str], Any] | None
) -> Callable[[str], Any]:
    """The ``pymu.MuSymbol`` constructor: a command by its qualified Mu name, or what ``other``
    knows by it."""

    def construct(name: str) -> Any:
        if not isinstance(name, str):
            raise TypeError(f"argument 1 must be str, not {type(name).__name__}")
        symbol: Any = lookup(name)
        if symbol is None and other is not None:
            symbol = other(name)
        if symbol is None:
            raise Exception(f"Could not find Mu symbol '{name}'\n")
        return symbol

    return construct
