"""Python for remote clients: remote-pyeval and remote-pyexec.

Both are evaluated by functions of ``rv.rvui``, on the calling thread, under the deadline of the
guard. Nothing a text does can end the player: errors, SystemExit and KeyboardInterrupt included,
become the answer of remote-pyeval or a traceback on the console (RV itself would exit).
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable

from player.commands.context import Context
from player.commands.registry import Registry
from player.scripting.deadline import Guard, ScriptExpired
from player.scripting.pen import Pens
from player.scripting.pyevent import PyEvent
from player.scripting.rvpackage import MuEvaluators, RvPackage
from player.session.events import StringEvent

__all__ = ["PythonHost"]


def _to_stderr(text: str) -> None:
    sys.stderr.write(text)


class PythonHost:
    """Evaluates Python texts in the player. ``report`` gets tracebacks, newline included."""

    def __init__(
        self,
        context: Context,
        registry: Registry,
        guard: Guard,
        mu: MuEvaluators | None = None,
        report: Callable[[str], None] = _to_stderr,
        pens: Pens | None = None,
    ) -> None:
        self._guard = guard
        self._report = report
        self.package = RvPackage(context, registry, guard, mu, pens)
        self.package.install()

    def pyeval(self, text: str, event: StringEvent | None = None, sender: str = "") -> str:
        """Evaluate an expression; ``str`` of the value, "" for None, or ``<class ...>: text``."""
        if event is None:
            event = StringEvent("remote-pyeval", text, sender)
        try:
            self._guard.run(self.package.modules["rv.rvui"].remotePyEval, PyEvent(event))
        except ScriptExpired as error:
            return f"{TimeoutError}: {error}"
        except BaseException as error:
            return f"{type(error)}: {error}"
        return event.return_content

    def pyexec(self, text: str, event: StringEvent | None = None, sender: str = "") -> str:
        """Execute statements; the answer is what the text itself set on ``event``, usually ""."""
        if event is None:
            event = StringEvent("remote-pyexec", text, sender)
        try:
            self._guard.run(self.package.modules["rv.rvui"].remotePyExec, PyEvent(event))
        except ScriptExpired as error:
            self._report(f"ERROR: remote-pyexec: {error}\n")
        except BaseException as error:
            self._report("".join(traceback.format_exception(error)))
        return event.return_content

    def close(self) -> None:
        """Take the ``rv`` package away again."""
        self.package.uninstall()
