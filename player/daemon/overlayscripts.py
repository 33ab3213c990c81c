r"""Overlay and leader scripts in Mu, as farms write them for rvio.

    module: NAME { \: main (void; int w, int h, int tx, int ty, int tw, int th, bool stereo,
                            bool rightEye, int frame, [string] argv[, [(string,string)] keyvals]) }

``NAME.mu`` is looked for where RV looks for modules, and here.  ``init``, of the same arguments
without keyvals, is called once before.  What they draw with modules ``gl``, ``gltext``, ``glyph``
and ``gltexture`` is kept as a `Drawing`.  Source: Open RV's ``MovieMuDraw``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from player.drawing import Drawing, Place
from player.drawing.context import Context
from player.mu.modulepath import environment_path
from player.mu.symbols import Function
from player.mu.types import STRING, tuple_of
from player.mu.values import MuCons, MuThrow, MuTuple
from player.scripting.deadline import ScriptExpired
from player.scripting.engine import ScriptEngine
from rvshell.errors import UsageError

__all__ = ["Scripts"]

_PARAMETERS: Final = ("int",) * 6 + ("bool", "bool", "int", "[string]")
_PAIRS: Final = "[(string,string)]"


class Scripts:
    """The Mu modules of an export."""

    def __init__(self, engine: ScriptEngine, report: Callable[[str], None]) -> None:
        self._host = engine.mu_host
        self._guard = engine.guard
        self._report = report

    def find(self, name: str) -> Callable[[Sequence[str], Place], Drawing] | None:
        """What draws by a module of that name, None when there is no such file.

        Raises UsageError for one that is no overlay."""
        mu = self._host.interpreter
        folders = list(dict.fromkeys((*mu.module_path, *environment_path(()), ".")))
        try:
            there = any((Path(folder) / f"{name}.mu").is_file() for folder in folders)
        except (OSError, ValueError):
            there = False
        if not there:
            return None
        mu.module_path = folders
        with self._guard.uncounted():
            module = mu.require(name)
        if module is None:
            raise UsageError(f"can't find {name}", hint="the file does not hold that module")
        main = _function(module, "main", (_PARAMETERS, (*_PARAMETERS, _PAIRS)))
        if main is None:
            raise UsageError(f"{name}.main not found, or of a wrong signature", hint=_usage())
        init = _function(module, "init", (_PARAMETERS,))
        return _Script(name, main, init, self._host, self._guard, self._report)


def _usage() -> str:
    return f"(void; {', '.join(_PARAMETERS)})"


def _function(module: Any, name: str, wanted: tuple[tuple[str, ...], ...]) -> Function | None:
    for found in module.find(name) or ():
        if isinstance(found, Function):
            kinds = tuple(kind.name.replace(" ", "") for kind in found.types)
            if kinds in wanted:
                return found
    return None


def _list(values: Sequence[Any]) -> MuCons | None:
    made: MuCons | None = None
    for value in reversed(values):
        made = MuCons(value, made)
    return made


class _Script:
    """One use of a module; on the main thread."""

    def __init__(
        self, name: str, main: Function, init: Function | None, host: Any, guard: Any,
        report: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._name = name
        self._host = host
        self._guard = guard
        self._report = report
        self._main, self._init = main, init
        self._pen: Context | None = None
        self._told = ""

    def __call__(self, words: Sequence[str], place: Place) -> Drawing:
        """What it draws on a picture; what it throws is told once."""
        pen = self._pen
        if pen is None:
            pen = self._pen = Context(place.width, place.height)
        drawing = pen.begin(place.width, place.height)
        size = (place.width, place.height)
        eye = (place.stereo, place.right_eye)
        args: list[Any] = [*size, 0, 0, *size, *eye, place.frame, _list(list(words))]
        more: list[Any] = []
        if len(self._main.types) > len(_PARAMETERS):
            pair = tuple_of(STRING, STRING)
            more = [_list([MuTuple(pair, list(texts)) for texts in place.facts])]
        pens = self._host.pens
        pens.now = pen
        try:
            call = self._host.interpreter.callable
            if self._init is not None:
                init, self._init = self._init, None
                self._guard.run(call(init), *args)
            self._guard.run(call(self._main), *args, *more)
        except (MuThrow, ScriptExpired) as error:
            value = error.value if isinstance(error, MuThrow) else error
            text = str(getattr(value, "message", "") or value)
            if text != self._told:
                self._report(f"ERROR: caught exception from {self._name}.main: {text}")
            self._told = text
        finally:
            pens.now = None
        return drawing
