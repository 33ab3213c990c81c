"""The prompt: one long-lived session with history and completion of verbs.

Lines run exactly as a command file's lines do (``rvshell.script``). Ctrl-C abandons the line,
Ctrl-D leaves.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_state_path
from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.patch_stdout import patch_stdout

from rvshell.errors import RvshellError
from rvshell.script.run import Leave, Runner, report
from rvshell.verbs.registry import load

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__ = ["VerbCompleter", "run"]


class VerbCompleter(Completer):
    """Completes the first word of a line with verbs; never asks the network."""

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Verbs that start with what is typed."""
        line = document.text_before_cursor.lstrip()
        if " " not in line:
            for name in load().names():
                if name.startswith(line):
                    yield Completion(name, start_position=-len(line))


def _history() -> History:
    """The user's history file, readable by the user only; in memory when it cannot be had."""
    try:
        folder = Path(user_state_path("rvshell"))
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / "history"
        os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(path))


def run(ctx: Context) -> int:
    """Read and run lines until the end of input; returns the exit status."""
    runner = Runner(ctx)
    session: PromptSession[str] = PromptSession(
        history=_history(),
        completer=VerbCompleter(),
        auto_suggest=AutoSuggestFromHistory(),
        complete_while_typing=False,
    )
    with patch_stdout(raw=True):
        while True:
            try:
                line = session.prompt("rvshell> ")
            except KeyboardInterrupt:
                continue
            except EOFError:
                return 0
            try:
                runner.run_text(line, "<prompt>")
            except Leave:
                return runner.status
            except RvshellError as error:
                report(ctx, error)
            except KeyboardInterrupt:
                print("interrupted", file=sys.stderr)
