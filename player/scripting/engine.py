"""Scripting, put together for one session."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from player.commands import Context, load_all
from player.mu.display import quoted
from player.mu.modulepath import environment_path
from player.mu.values import MuException, MuThrow
from player.scripting.deadline import DEFAULT_LIMIT, Guard, ScriptExpired
from player.scripting.dispatcher import Dispatcher
from player.scripting.handlers import install_default_bindings
from player.scripting.muhost import MuHost
from player.scripting.packages import START, add_support_folders, wants_modes
from player.scripting.pyhost import PythonHost
from player.scripting.rvpackage import MuEvaluators
from player.session.bindings import Action
from player.session.events import Event, StringEvent
from player.session.session import Session

__all__ = ["Policy", "ScriptEngine"]

_POLL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Policy:
    """What remote code may do.

    ``mu`` and ``python`` switch the languages for remote evaluation on. ``limit`` is the time a
    text may run in seconds (0: no limit). Code that is allowed runs with the user's full rights,
    as in RV; who may connect is the network's business.
    """

    mu: bool = True
    python: bool = True
    limit: float = DEFAULT_LIMIT


def _to_stderr(text: str) -> None:
    sys.stderr.write(text)


class ScriptEngine:
    """The hosts, the deadline, the default bindings and the dispatcher of a session.

    Make it on the main thread. ``report`` gets what RV writes on its console.
    """

    def __init__(
        self,
        session: Session,
        *,
        policy: Policy | None = None,
        report: Callable[[str], None] = _to_stderr,
    ) -> None:
        self.policy = policy if policy is not None else Policy()
        self.context = Context(session)
        self.registry = load_all()
        self.guard = Guard(self.policy.limit)
        self.guard.start()
        self._report = report
        self._stamps: dict[str, tuple[int, int] | None] = {}
        self._polled = float("-inf")
        session.events.on_error = self._handler_failed
        self.mu_host = MuHost(self.context, self.registry, self.guard, report, permit=self._permit)
        self.mu_host.interpreter.module_path = environment_path(())
        self.mu_host.interpreter.report = report
        session.ui.mu_eval = self.mu_host.typed
        self.python_host = PythonHost(
            self.context,
            self.registry,
            self.guard,
            MuEvaluators(self.mu_host.typed, self.mu_host.plain, self.mu_host.symbol),
            report=report,
            pens=self.mu_host.pens,
        )
        install_default_bindings(
            self.context, self.registry, self, keys=session.profile == "display"
        )
        self.dispatcher = Dispatcher(self.context, self, report)

    # -- evaluation (the default bindings and the fast path call these) -------------------

    def mu(self, text: str, prefix: str = "remote-eval") -> str:
        """The reply to a Mu text."""
        if not self.policy.mu:
            return _refused("Mu", prefix, text)
        return self.mu_host.reply(text, prefix)

    def load_packages(self) -> None:
        """Look for packages where RV does, and load the modes that the flags name."""
        options = self.context.session.options
        if options.no_packages:
            return
        add_support_folders(lambda line: self._report(f"{line}\n"))
        self.mu_host.interpreter.module_path = environment_path(())
        if wants_modes(options.flags):
            answer = self.mu_host.reply(START, "packages")
            if answer.startswith("ERROR"):
                self._report(answer)

    def pyeval(self, text: str, event: StringEvent | None = None, sender: str = "") -> str:
        """The reply to a Python expression."""
        if not self.policy.python:
            return f"{PermissionError}: remote Python is switched off in this player"
        return self.python_host.pyeval(text, event, sender)

    def pyexec(self, text: str, event: StringEvent | None = None, sender: str = "") -> str:
        """Run Python statements; "" unless they answer the event themselves."""
        if not self.policy.python:
            self._report("ERROR: remote-pyexec: remote Python is switched off in this player\n")
            return ""
        return self.python_host.pyexec(text, event, sender)

    # -- the loop -------------------------------------------------------------------------

    @property
    def waiting(self) -> bool:
        """Whether ``poll`` is needed even when nothing else happens."""
        return bool(self.context.session.ui.watched or self.mu_host.programs)

    def poll(self, now: float) -> None:
        """Look after programs that run, and at watched files.

        At the files at most once a second; event file-changed for each change.
        """
        self.mu_host.programs.poll()
        watched = self.context.session.ui.watched
        if not watched and not self._stamps:
            return
        if now - self._polled < _POLL_SECONDS:
            return
        self._polled = now
        for gone in self._stamps.keys() - watched:
            del self._stamps[gone]
        for path in sorted(watched):
            stamp = _stamp(path)
            if path in self._stamps and self._stamps[path] != stamp:
                self.context.session.events.send("file-changed", path)
            self._stamps[path] = stamp

    def close(self) -> None:
        """Stop the deadline timer and running programs, and take the Python package away."""
        self.mu_host.programs.close()
        self.python_host.close()
        self.mu_host.close()
        self.guard.close()
        self.context.session.ui.mu_eval = None

    def _permit(self, action: str, detail: str) -> bool:
        """What Mu may do to the machine: all, as in RV. Who may send code at all is the
        network's business (player.network.scopes), the end of the player is nobody's."""
        return self.policy.python if action == "python" else action != "exit"

    def _handler_failed(self, event: Event, action: Action, error: Exception) -> None:
        """What RV prints when a handler fails."""
        if action.report_once or isinstance(error, ScriptExpired):
            value = error.value if isinstance(error, MuThrow) else error
            if isinstance(value, MuException):
                value = f"exception: {quoted(value.message)}"
            self._report(f"ERROR: event = {event.name}\nERROR: Exception Value: {value}\n")
        else:
            self._report("".join(traceback.format_exception(error)))


def _refused(language: str, prefix: str, text: str) -> str:
    reason = f"remote {language} is switched off in this player"
    return f"ERROR: {prefix}: exception: \"{reason}\"\nERROR: {prefix}: '{text}'\n"


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return (status.st_mtime_ns, status.st_size)
