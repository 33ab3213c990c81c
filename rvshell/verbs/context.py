"""What a verb is given: the way to the far end, the way to the user, and the variables.

Data goes to `emit` (standard output, or wherever the statement's `>`, `|` or `$( )` leads it),
messages to `say` (standard error). A verb never prints in any other way.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from rvshell.verbs.output import escape, render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rvshell.verbs.remote import Remote

__all__ = ["Context", "Options"]


class Options:
    """The settings of one run, from the command line."""

    def __init__(
        self,
        *,
        form: str = "",
        timeout: float = 30.0,
        keep_going: bool = False,
        dry_run: bool = False,
        pipeline: bool = False,
        yes: bool = False,
        quiet: bool = False,
        verbose: bool = False,
        interactive: bool = False,
        pager: bool = True,
        progress: str = "auto",
    ) -> None:
        self.form = form  # "", "json" or "jsonl"
        self.timeout = timeout  # seconds, of every wait for the far end
        self.keep_going = keep_going
        self.dry_run = dry_run
        self.pipeline = pipeline
        self.yes = yes
        self.quiet = quiet
        self.verbose = verbose
        self.interactive = interactive
        self.pager = pager
        self.progress = progress  # auto, json or none


class Context:
    """One shell: options, connection, variables, output."""

    def __init__(
        self,
        options: Options,
        remote: Remote,
        *,
        out: TextIO | None = None,
        err: TextIO | None = None,
    ) -> None:
        self.options = options
        self.remote = remote
        self.variables: dict[str, Any] = {}
        self.aliases: dict[str, str] = {}
        self._out = out
        self._err = err
        self._captures: list[list[str]] = []
        self.last_status = 0
        self.last_value: Any = None
        self.leaving = False
        self.leave_status = 0  # what `quit` was given
        # set by the script room: how to run a text, so that verbs such as `source` can
        self.run_text: Callable[[str, str], int] | None = None
        # set by the prompt: called after anything that may have changed the far end's state
        self.on_change: Callable[[], None] | None = None
        self.extras: dict[str, Any] = {}
        self.tee: TextIO | None = None  # a transcript: data and messages, without secrets

    @property
    def out(self) -> TextIO:
        """Standard output as it is now."""
        return self._out if self._out is not None else sys.stdout

    @property
    def err(self) -> TextIO:
        """Standard error as it is now."""
        return self._err if self._err is not None else sys.stderr

    @property
    def capturing(self) -> bool:
        """Is data being collected instead of shown?"""
        return bool(self._captures)

    @property
    def on_terminal(self) -> bool:
        """Does data go to a terminal just now?"""
        return not self._captures and self.out.isatty()

    def emit(self, value: Any, form: str | None = None) -> None:
        """Show a value in the format asked for."""
        if value is None and not (form or self.options.form):
            return
        text = render(value, self.options.form if form is None else form, terminal=self.on_terminal)
        if text or isinstance(value, str):
            self.write(text + "\n")

    def write(self, text: str) -> None:
        """Data as text, already rendered."""
        if self._captures:
            self._captures[-1].append(text)
            return
        self.record(text)
        if self.options.pager and self.options.interactive and self.on_terminal:
            from rvshell.verbs.pager import show

            if show(text, self.out):
                return
        self.out.write(text)

    def draw(self, text: str) -> None:
        """Text that was made here to draw with (escape sequences and all), never from the wire."""
        if self._captures:
            self._captures[-1].append(text)
        else:
            self.out.write(text)

    def record(self, text: str) -> None:
        """Put a text into the transcript, when there is one."""
        if self.tee is not None:
            from rvshell.verbs.redact import redact

            try:
                self.tee.write(redact(text))
                self.tee.flush()
            except (OSError, ValueError) as error:  # a full disk must not end the session
                name, self.tee = getattr(self.tee, "name", ""), None
                reason = getattr(error, "strerror", None) or error
                self.complain(f"tee: {name}: {reason}; there is no transcript from here on")

    def say(self, text: str) -> None:
        """A message for a person; never data, silent with --quiet."""
        if not self.options.quiet:
            self.complain(text)

    def complain(self, text: str) -> None:
        """An error or warning for a person."""
        self.record(text + "\n")
        self.out.flush()
        print(escape(text) if self.err.isatty() else text, file=self.err, flush=True)

    @contextmanager
    def capture(self) -> Iterator[list[str]]:
        """Collect what is written meanwhile."""
        pieces: list[str] = []
        self._captures.append(pieces)
        try:
            yield pieces
        finally:
            self._captures.remove(pieces)

    def confirm(self, question: str) -> bool:
        """Ask before something that cannot be undone; batch runs and --yes mean yes."""
        if self.options.yes or not self.options.interactive or not sys.stdin.isatty():
            return True
        from rvshell.verbs.echo import said_yes

        self.err.write(f"{question} [y/N] ")
        self.err.flush()
        return said_yes()

    def remember(self, value: Any) -> None:
        """`$_` is the last value, as it is printed."""
        if value is not None:
            self.last_value = value
            self.variables["_"] = value
