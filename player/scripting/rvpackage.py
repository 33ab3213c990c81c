"""The ``rv`` package that Python scripts import, made from the command registry.

``rv.commands`` and ``rv.extra_commands`` are filled with :class:`MuSymbol` objects, native
functions and constants; ``rv.rvtypes``, ``rv.rvui`` and ``rv.qtutils`` are source files next to
this one (``pyrv``), found through the package's ``__path__``. There is one ``rv`` in a process:
installing a package replaces the one before.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from player.commands import CONSTANTS
from player.commands.constants import MU_ONLY as MU_ONLY_CONSTANTS
from player.commands.context import Context
from player.commands.registry import Registry
from player.mu.values import MuThrow
from player.scripting.convert import ArgumentMismatch, to_mu
from player.scripting.deadline import Guard
from player.scripting.musymbol import MuSymbol, unnamed_symbol
from player.scripting.natives import MU_ONLY, make_natives
from player.scripting.pen import Pens
from player.scripting.pygraphics import graphics_modules

__all__ = ["MuEvaluators", "RvPackage"]

_SOURCES: Final = Path(__file__).with_name("pyrv")


class MuEvaluators:
    """How Python reaches the Mu interpreter.

    ``typed(text)`` gives ``TYPE => VALUE`` (pymu.muEval), ``plain(text, modules)`` the value
    alone (rv.runtime.eval) or raises MuThrow, ``symbol(name)`` what a qualified name stands for
    (pymu.MuSymbol), or None.
    """

    def __init__(
        self,
        typed: Callable[[str], str],
        plain: Callable[[str, Sequence[str]], str],
        symbol: Callable[[str], Any] = lambda name: None,
    ) -> None:
        self.typed = typed
        self.plain = plain
        self.symbol = symbol


class RvPackage:
    """The modules of one player."""

    def __init__(
        self,
        context: Context,
        registry: Registry,
        guard: Guard,
        mu: MuEvaluators | None = None,
        pens: Pens | None = None,
    ) -> None:
        self._context = context
        self._guard = guard
        self._symbols: dict[str, MuSymbol] = {}
        self.modules: dict[str, ModuleType] = {}
        package = self._module("rv", "Scripting interface of the player.")
        package.__path__ = [str(_SOURCES)]
        commands = self._module("rv.commands", "The commands (see the command reference).")
        extra = self._module("rv.extra_commands", "Commands made of other commands.")
        runtime = self._module("rv.runtime", "The Mu interpreter.")
        pymu = self._module("pymu", "Mu from Python.")
        for command in registry:
            if not command.python or command.name in MU_ONLY:
                continue
            if command.module == "commands":
                self._add(commands, MuSymbol(command, context, guard))
            elif command.module == "extra_commands":
                self._add(extra, MuSymbol(command, context, guard))
        for name, value in CONSTANTS.items():
            if name not in MU_ONLY_CONSTANTS:
                setattr(commands, name, value)
        for name, func in make_natives(context, registry, guard).items():
            setattr(commands, name, func)
        self._add_feedback(extra)
        if mu is not None:
            self._add_mu(runtime, pymu, mu)
        self.modules.update(graphics_modules(pens if pens is not None else Pens()))
        pymu.__dict__["MuSymbol"] = unnamed_symbol(self._symbols.get, mu.symbol if mu else None)

    def _module(self, name: str, doc: str) -> ModuleType:
        module = ModuleType(name, doc)
        self.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(self.modules[parent], child, module)
        return module

    def _add(self, module: ModuleType, symbol: MuSymbol) -> None:
        self._symbols[symbol.name] = symbol
        setattr(module, symbol.__name__, symbol)

    def _add_feedback(self, extra: ModuleType) -> None:
        """Glyphs are Mu functions, so Python has its own forms of the feedback commands."""
        plain: dict[str, Any] = {}
        for name, short, sized in (
            ("displayFeedback", "displayFeedback2", "displayFeedbackWithSizes"),
            ("displayFeedbackQueue", "displayFeedbackQueue2", "displayFeedbackQueueWithSizes"),
        ):
            if hasattr(extra, short) and hasattr(extra, sized):
                plain[name] = _feedback(getattr(extra, short), getattr(extra, sized), name)
        for name, func in plain.items():
            setattr(extra, name, func)

    def _add_mu(self, runtime: ModuleType, pymu: ModuleType, mu: MuEvaluators) -> None:
        guard = self._guard

        to_text, to_modules = to_mu("string"), to_mu("[string]")

        def evaluate(*args: Any, **dropped: Any) -> str:
            """eval(text, modules) -> the value as text"""
            if len(args) != 2:
                raise Exception(
                    f"Wrong number of arguments ({len(args)}) to function runtime.eval "
                    "-- requires 2 or less and at least 2\n"
                )
            given = []
            for i, convert in enumerate((to_text, to_modules)):
                try:
                    if args[i] is None and not i:
                        raise ArgumentMismatch("expecting string or unicode")  # here RV ends
                    given.append(convert(args[i]) or ([] if i else ""))
                except ArgumentMismatch as error:
                    raise TypeError(
                        f"Bad argument ({i}) to function runtime.eval: {error}"
                    ) from None
            try:
                return guard.run(mu.plain, *given)
            except MuThrow as error:
                raise Exception(_eval_failure(error)) from None

        def muEval(text: str) -> str:
            """muEval(text) -> ``TYPE => VALUE``"""
            if not isinstance(text, str):
                raise TypeError(f"argument 1 must be str, not {type(text).__name__}")
            return guard.run(mu.typed, text)

        runtime.__dict__["eval"] = evaluate
        pymu.__dict__["muEval"] = muEval

    def install(self) -> None:
        """Make ``import rv`` find this package, and load its source modules."""
        self.uninstall()
        sys.modules.update(self.modules)
        for name in ("rv.rvtypes", "rv.rvui"):
            self.modules[name] = importlib.import_module(name)
        self._context.session.ui.data = self.modules["rv.rvui"].newStateObject()

    def uninstall(self) -> None:
        """Forget whichever ``rv`` is installed."""
        for name in list(sys.modules):
            if name.partition(".")[0] in ("rv", "pymu", "OpenGL"):
                del sys.modules[name]


def _feedback(short: Callable[..., Any], sized: Callable[..., Any], name: str) -> Any:
    def feedback(text: str, duration: float, textSizes: list[float] | None = None) -> None:
        """Show a message for some seconds."""
        if textSizes is None:
            short(text, duration)
        else:
            sized(text, duration, textSizes)

    feedback.__name__ = name
    return feedback


def _eval_failure(error: MuThrow) -> str:
    """RV's text when Mu fails below ``rv.runtime.eval``.

    What a program throws stays in the thread that ran it; a text that does not parse throws
    the parser's own exception, and what the player refuses says why.
    """
    reason = getattr(error.value, "message", "unknown exception")
    head = "Exception thrown while calling runtime.eval"
    return head if reason == "unknown exception" else f"{head}, {reason}"
