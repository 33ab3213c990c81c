"""Mu for remote clients: the command registry bound into the interpreter.

Every command becomes a function of its Mu module with its exact signature; the structs, the
constants, class ``Event`` and the few types that signatures mention (``MenuItem``, ``Glyph``,
``State``, ``SettingsValue``, Qt widgets) are declared first. Errors of commands become Mu
exceptions with RV's texts.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from player.commands import CONSTANTS, STRUCTS
from player.commands.context import Context
from player.commands.errors import CommandError, PropertyError
from player.commands.registry import Command
from player.commands.structs import ALIASES
from player.mu import Interpreter
from player.mu.types import array_of
from player.mu.values import MuLimit, MuThrow, throw
from player.scripting.deadline import Guard, ScriptExpired
from player.scripting.mu_event import CONSTANTS as EVENT_CONSTANTS
from player.scripting.mu_event import METHODS as EVENT_METHODS
from player.scripting.mu_state import RVTYPES, STATE_FIELDS, new_state
from player.scripting.mu_values import Marshal, TypeBook

__all__ = ["MuHost"]

_VEC2: Final = re.compile(r"\bVec2\b")  # rvui's own name for it
_WIDGETS: Final = ("QMainWindow", "QWidget", "QTabWidget", "QToolBar")
_OPAQUE_QT: Final = ("QNetworkAccessManager", "QUrl", "QWebEnginePage")
_MENU_ITEM: Final = (
    ("label", "string"),
    ("actionHook", "(void;Event)"),
    ("key", "string"),
    ("stateHook", "(int;)"),
)
_SETTINGS_VALUE: Final = """union: SettingsValue { Float float | Int int | String string
    | Bool bool | FloatArray float[] | IntArray int[] | StringArray string[] }"""
_WIDGET_METHODS: Final = (
    "activateWindow",
    "close",
    "hide",
    "lower",
    "raise",
    "repaint",
    "show",
    "showFullScreen",
    "showMaximized",
    "showMinimized",
    "showNormal",
    "update",
)


def _to_stderr(text: str) -> None:
    sys.stderr.write(text)


class MuHost:
    """The player's Mu interpreter. Texts of all connections share its globals.

    ``permit(action, detail)`` decides about Mu's own calls that touch the machine
    (``system.system``); without it they are refused.
    """

    def __init__(
        self,
        context: Context,
        registry: Iterable[Command],
        guard: Guard,
        report: Callable[[str], None] = _to_stderr,
        permit: Callable[[str, str], bool] | None = None,
    ) -> None:
        self._context = context
        self._guard = guard
        self._report = report
        self.types = TypeBook()
        self._marshal = Marshal(self.types, guard)
        self.interpreter = Interpreter(permit=permit)
        self._declare_types()
        for command in registry:
            self._declare_command(command)
        for name, value in CONSTANTS.items():
            self.interpreter.register_constant("commands", name, "int", value)

    # -- declarations ---------------------------------------------------------------------

    def _declare_types(self) -> None:
        mu = self.interpreter
        for name, fields in STRUCTS.items():
            self.types.add(name, mu.register_struct(name, list(fields)))
        for alias, name in ALIASES.items():
            mu.register_alias(alias, name)
        mu.reply(_SETTINGS_VALUE, "")
        declared = mu.named_type("SettingsValue")
        assert declared is not None
        self.types.add("SettingsValue", declared)
        void = [(name, "void", (), lambda widget: None) for name in _WIDGET_METHODS]
        for name in _WIDGETS:
            self.types.add(f"qt.{name}", mu.register_opaque_class(f"qt.{name}", void))
        for name in _OPAQUE_QT:
            self.types.add(f"qt.{name}", mu.register_opaque_class(f"qt.{name}", ()))
        methods = [
            (name, result, args, self._event_method(result, func))
            for name, result, args, func in EVENT_METHODS
        ]
        self.types.add("Event", mu.register_opaque_class("Event", methods, EVENT_CONSTANTS))
        self.types.add("Mode", mu.register_struct("Mode", []))
        state = mu.register_struct("State", list(STATE_FIELDS))
        self.types.add("State", state)
        self._state = new_state(state, lambda: self._context.session.ui)
        item = mu.register_struct("MenuItem", list(_MENU_ITEM))
        item.fields.append(("subMenu", array_of(item)))
        self.types.add("MenuItem", item)
        mu.reply(RVTYPES, "")
        mu.register_alias("State", "State", "rvtypes")

    def _event_method(self, result: str, func: Callable[..., Any]) -> Callable[..., Any]:
        convert = self._marshal.into_mu(self.types.resolve(result))
        return lambda event, *args: convert(func(event, *args))

    def _declare_command(self, command: Command) -> None:
        self.interpreter.register_function(
            command.module,
            command.name,
            _mu_signature(command),
            self._function(command),
            command.doc,
        )

    def _function(self, command: Command) -> Callable[..., Any]:
        """The interpreter's callable for a command: values in, command, value out."""
        if command.full_name == "commands.data":
            return lambda: self._state  # Python has an object of its own
        arguments = [self._marshal.from_mu(self.types.resolve(p.type)) for p in command.params]
        result = self._marshal.into_mu(self.types.resolve(command.returns))
        func, context, guard, full_name = (
            command.func,
            self._context,
            self._guard,
            command.full_name,
        )

        def call(*args: Any) -> Any:
            values = [f(a) for f, a in zip(arguments, args, strict=True)]
            guard.host += 1
            try:
                return result(func(context, *values))
            except MuThrow:
                raise
            except Exception as error:
                self._failed(full_name, error)
            finally:
                guard.host -= 1
                if guard.expired:
                    guard.resume()

        return call

    def _failed(self, name: str, error: Exception) -> None:
        """Turn an error of a command into the Mu exception RV throws."""
        if isinstance(error, CommandError):
            throw(f"in {name}: {error}")
        if isinstance(error, PropertyError):
            throw(str(error))
        # RV throws C++ exceptions here; Mu never sees their texts, the console does.
        self._report(f"ERROR: {name}: {error}\n")
        throw("unknown exception")

    # -- evaluation -----------------------------------------------------------------------

    def reply(self, text: str, prefix: str = "remote-eval") -> str:
        """What remote-eval answers to a text."""
        try:
            return self._guard.run(self.interpreter.reply, text, prefix)
        except (ScriptExpired, MuLimit) as error:
            return f"ERROR: {prefix}: exception: \"{error}\"\nERROR: {prefix}: '{text}'\n"

    def typed(self, text: str) -> str:
        """What ``commands.eval`` and ``pymu.muEval`` answer: ``TYPE => VALUE``."""
        answer = self.interpreter.typed_reply(text)
        if answer.startswith("ERROR") and self.interpreter.leaves_unresolved(text):
            # RV tells where the parser was: behind the text, a last semicolon not counted
            lines = text.rstrip().removesuffix(";").split("\n")
            return (
                'ERROR: attempted to reference unresolved symbol "" at commands.eval, '
                f"line {len(lines)}, char {len(lines[-1]) + 1}\n"
            )
        return answer

    def command_line(self, text: str) -> str:
        """What ``-eval`` prints: as ``commands.eval``, with the commands in scope."""
        try:
            return self._guard.run(self.interpreter.typed_reply, text, ("commands",))
        except (ScriptExpired, MuLimit) as error:
            return f"ERROR: {error}"

    def plain(self, text: str, modules: Sequence[str]) -> str:
        """What ``runtime.eval`` answers: the value alone."""
        return self.interpreter.eval_text(text, list(modules))


def _mu_signature(command: Command) -> str:
    """``name(int a, int b=1) -> void`` as ``void (int a, int b=1)``."""
    head, _, returns = command.signature.rpartition("->")
    written = f"{returns.strip()} {head.strip()[len(command.name) :]}"
    return _VEC2.sub("vector float[2]", written)
