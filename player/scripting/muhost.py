"""Mu for remote clients: the command registry bound into the interpreter.

Every command becomes a function of its Mu module with its exact signature; the structs, the
constants, class ``Event`` and the few types that signatures mention (``MenuItem``,
``Glyph``, ``SettingsValue``, Qt widgets) are declared first. What RV writes in Mu itself is in
``modules``, read when a program first looks for it. Errors of commands become Mu
exceptions with RV's texts.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from player.commands import CONSTANTS, STRUCTS
from player.commands.context import Context
from player.commands.editing import editing_of
from player.commands.errors import CommandError, PropertyError
from player.commands.registry import Command
from player.commands.structs import ALIASES
from player.mu import Interpreter
from player.mu.types import ClassType
from player.mu.values import MuLimit, MuObject, MuThrow, throw
from player.scripting.deadline import Guard, ScriptExpired
from player.scripting.mu_event import CONSTANTS as EVENT_CONSTANTS
from player.scripting.mu_event import METHODS as EVENT_METHODS
from player.scripting.mu_graphics import GRAPHICS, register_graphics
from player.scripting.mu_libraries import LIBRARIES, register_images, register_linear
from player.scripting.mu_python import register_python
from player.scripting.mu_qt import register_qt_files
from player.scripting.mu_state import live_widget, new_state
from player.scripting.mu_values import Marshal, TypeBook
from player.scripting.mufunction import MuFunctionSymbol, find_function
from player.scripting.pen import Pens
from player.scripting.programs import Programs

__all__ = ["MuHost"]

_MODULES: Final = Path(__file__).with_name("modules")
_AT_ONCE: Final = "commands.mu"
"""The text that is read at the start: its names are looked for without their module."""
_PACKAGES: Final = frozenset({"sync"})
"""Modules of the registry that are a package's in RV."""
_IN_MU: Final = frozenset(
    f"extra_commands.{name}"
    for name in (
        "activatePackageModeEntry", "deactivatePackageModeEntry", "toggleMotionScopeFromState"
    )
)  # fmt: skip
"""Commands whose Mu forms take or give objects of ``rvtypes``: ``modules`` has them."""
_SHORT: Final = {"Glyph": "(void;bool)", "Vec2": "vector float[2]"}
"""Names of ``rvtypes`` in signatures."""
_SHORTENED: Final = re.compile(r"\b(Glyph|Vec2)\b")
_WIDGETS: Final = ("QMainWindow", "QWidget", "QTabWidget", "QToolBar")
_OPAQUE_QT: Final = ("QNetworkAccessManager", "QUrl", "QWebEnginePage")
_MENU_ITEM: Final = (
    ("label", "string"),
    ("actionHook", "(void;Event)"),
    ("key", "string"),
    ("stateHook", "(int;)"),
)
_MENU_ITEM_MAKERS: Final = (
    ("string label, (void;Event) actionHook, string key = nil, (int;) stateHook = nil,"
     " MenuItem[] subMenu = nil", "label actionHook key stateHook subMenu"),
    ("string label, MenuItem[] subMenu", "label subMenu"),
)  # fmt: skip
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
        self._permit = permit
        self.programs = Programs(report)
        self.pens = Pens()
        self._state: MuObject | None = None
        self._declare_modules()
        self._declare_types()
        for command in registry:
            self._declare_command(command)
        for name, value in CONSTANTS.items():
            self.interpreter.register_constant("commands", name, "int", value)
        self._own = set(self.interpreter.root.table) - _PACKAGES
        self._read_module(_MODULES / _AT_ONCE)

    def close(self) -> None:
        """Forget the global scope: types made of its classes (``Event[]``) are kept for good, and
        everything else with them."""
        self.interpreter.root.table.clear()

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
        register_qt_files(mu)
        methods = [
            (name, result, args, self._event_method(result, func))
            for name, result, args, func in EVENT_METHODS
        ]
        self.types.add("Event", mu.register_opaque_class("Event", methods, EVENT_CONSTANTS))
        item = mu.register_struct("MenuItem", list(_MENU_ITEM))
        mu.register_field(item, "subMenu", "MenuItem[]")
        for arguments, names in _MENU_ITEM_MAKERS:
            mu.register_constructor(item, arguments, names)
        self.types.add("MenuItem", item)

    def _event_method(self, result: str, func: Callable[..., Any]) -> Callable[..., Any]:
        convert = self._marshal.into_mu(self.types.resolve(result))
        return lambda event, *args: convert(func(event, *args))

    def _declare_modules(self) -> None:
        """Modules that are read when they are looked into; the registry adds to some of them."""
        mu = self.interpreter
        texts: dict[str, list[Path]] = {}
        for path in sorted(_MODULES.glob("*.mu"), key=lambda path: path.stem):
            if path.name != _AT_ONCE:
                texts.setdefault(path.stem.partition("-")[0], []).append(path)
        for name, paths in texts.items():
            mu.register_late_module(name, *(partial(self._read_module, path) for path in paths))
        for name in GRAPHICS:
            mu.register_late_module(
                name, partial(register_graphics, mu, name, self._view, self.pens)
            )
        for name, register in LIBRARIES.items():
            mu.register_late_module(name, partial(register, mu))
        mu.register_late_module("image", partial(register_images, mu, self.pens))
        mu.register_late_module("python", partial(register_python, mu, self._report))
        mu.register_late_module("_programs", self._declare_programs)
        register_linear(mu)

    def _declare_programs(self) -> None:
        self.programs.register(
            self.interpreter,
            self._permit,
            lambda kind: self._marshal.from_mu(self.types.resolve(kind)),
        )

    def _view(self) -> tuple[float, float]:
        return self._context.session.ui.view_size

    def _read_module(self, path: Path) -> None:
        """Declare what a file of a module, ``NAME.mu`` or ``NAME-PART.mu``, holds."""
        with self._guard.uncounted(), self._rv_alone():
            if not self.interpreter.declare(path.read_text(encoding="utf-8")):
                raise RuntimeError(f"{path.name} is no correct Mu")

    @contextmanager
    def _rv_alone(self) -> Iterator[None]:
        """Global names are RV's for a while, as when RV starts: its modules are read before any
        package or client can declare a name, and use such names for fields of their own."""
        table = self.interpreter.root.table
        hidden = {name: table.pop(name) for name in table.keys() - self._own}
        try:
            yield
        finally:
            self._own |= table.keys()
            table.update(hidden)

    def _data(self) -> MuObject:
        """The session's state object; Python has one of its own."""
        if self._state is None:
            mu = self.interpreter
            kind = mu.named_type("rvtypes.State")
            rvui = mu.find_module("rvui")
            assert isinstance(kind, ClassType)
            assert rvui is not None
            self._state = new_state(
                kind,
                lambda: self._context.session.ui,
                lambda: editing_of(self._context).entry,
                self._widget,
            )
            with self._guard.uncounted():
                for function in rvui.find("initStateObject") or ():
                    mu.callable(function)(self._state)
        return self._state

    def _widget(self, mode: str) -> MuObject | None:
        """The object of a widget over the picture, None before it was shown."""
        modes = self._context.session.events.modes
        if mode not in modes.names():
            return None
        wipes = self.interpreter.find_module("wipes")
        assert wipes is not None
        with self._guard.uncounted():
            make = (wipes.find("constructor" if mode == "wipe" else "shown") or [None])[0]
            made = self.interpreter.callable(make)(mode)
        return live_widget(made, lambda: modes.is_active(mode))

    def _declare_command(self, command: Command) -> None:
        if command.full_name in _IN_MU:
            return
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
            return self._data
        arguments = [self._marshal.from_mu(self.types.resolve(p.type)) for p in command.params]
        result = self._marshal.into_mu(self.types.resolve(command.returns))
        func, context, guard, full_name = (
            command.func,
            self._context,
            self._guard,
            command.full_name,
        )

        def call(*args: Any) -> Any:
            # (most questions have none)
            values = [f(a) for f, a in zip(arguments, args, strict=True)] if arguments else args
            guard.host += 1
            guard.calls += 1
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

    def symbol(self, name: str) -> MuFunctionSymbol | None:
        """What ``pymu.MuSymbol`` makes of a qualified name that is no command's."""
        found = find_function(self.interpreter, name)
        if found is None:
            return None
        return MuFunctionSymbol(name, found, self.interpreter, self._marshal, self._guard)

    def plain(self, text: str, modules: Sequence[str]) -> str:
        """What ``runtime.eval`` answers: the value alone."""
        return self.interpreter.eval_text(text, list(modules))


def _mu_signature(command: Command) -> str:
    """``name(int a, int b=1) -> void`` as ``void (int a, int b=1)``."""
    head, _, returns = command.signature.rpartition("->")
    written = f"{returns.strip()} {head.strip()[len(command.name) :]}"
    return _SHORTENED.sub(lambda found: _SHORT[found[1]], written)
