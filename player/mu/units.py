"""Units of generated Python: a program, or functions, with the constants they mention.

All that a unit needs from outside comes as parameters of a maker function, so that it goes away
with the unit. Declared functions and global variables are globals of the interpreter's
namespace, where later units find them; functions declared inside others belong to the unit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from player.mu.emit import Emitter
from player.mu.nodes import Node
from player.mu.symbols import Function, Namespace
from player.mu.types import Type
from player.mu.values import MuFunction, MuLimit

__all__ = ["Unit", "is_local"]

_TOO_NESTED = "evaluation refused: more than 20 loops, or 90 statements, within one another"


def is_local(function: Function) -> bool:
    """Whether a function can only be reached from around its declaration."""
    owner = function.owner
    while owner is not None:
        if isinstance(owner, (Namespace, Function)):
            return True
        owner = owner.owner
    return function.is_lambda


class Unit:
    """Collects what the emitters of one unit name."""

    def __init__(self, host: Any) -> None:
        self.host = host
        self._names: dict[int, str] = {}
        self.constants: list[Any] = []
        self._waiting: list[Function] = []
        self._functions: dict[int, Function] = {}

    # -- what emitters ask -----------------------------------------------------------------

    def constant_name(self, value: Any) -> str:
        """The name of a value in the unit's code."""
        name = self._names.get(id(value))
        if name is None:
            name = self._names[id(value)] = f"k{len(self.constants)}"
            self.constants.append(value)
        return name

    def type_name(self, kind: Type | None) -> str:
        return self.constant_name(kind)

    def symbol_name(self, function: Function) -> str:
        return self.constant_name(function)

    def native_name(self, function: Function) -> str:
        return self.constant_name(function.call)

    def function_name(self, function: Function) -> str:
        """The name of a declared function, which is written if it is not there yet."""
        self.need(function)
        return function.py

    def need(self, function: Any) -> None:
        """See to it that a function can be called when the unit runs."""
        if not isinstance(function, Function) or function.native:
            return
        if function.written and not is_local(function):
            return
        if id(function) not in self._functions:
            self._functions[id(function)] = function
            self._waiting.append(function)

    # -- building --------------------------------------------------------------------------

    def program(self, root: Node) -> Callable[[], Any]:
        """The Python function that runs a program."""
        made: Callable[[], Any] = self._build(Emitter(self).program(root), "_main")
        return made

    def function(self, function: Function) -> Callable[..., Any]:
        """The Python function of a declared one."""
        self.need(function)
        made: Callable[..., Any] = self._build("", function.py)
        return made

    def _build(self, source: str, result: str) -> Any:
        sources = [source] if source else []
        while self._waiting:
            sources.append(Emitter(self).body(self._waiting.pop()))
        names = [f.py for f in self._functions.values()]
        body = "\n".join(sources).replace("\n", "\n    ")
        parameters = ", ".join(f"k{i}" for i in range(len(self.constants)))
        listed = ", ".join([result, *names])
        text = f"def _make({parameters}):\n    {body}\n    return ({listed},)\n"
        namespace = self.host.namespace
        scope: dict[str, Any] = {}
        try:
            code = compile(text, "<mu>", "exec")
        except (SyntaxError, MemoryError):
            # CPython takes 20 loops within one another, 100 levels of indentation
            raise MuLimit(_TOO_NESTED) from None
        exec(code, namespace, scope)
        made = scope["_make"](*self.constants)
        by_symbol: dict[int, Any] = {}
        for function, call in zip(self._functions.values(), made[1:], strict=True):
            by_symbol[id(function)] = call
            if not is_local(function):
                namespace[function.py] = call
                function.written = True
        for value in self.constants:
            if isinstance(value, MuFunction) and not value.bound and id(value.symbol) in by_symbol:
                value.call = by_symbol[id(value.symbol)]
        return made[0]
