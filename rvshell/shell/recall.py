"""Searching the history: what is typed narrows a menu of lines, the newest first.

Ctrl-R begins it with what stands in the line, and takes it to the next hit afterwards. Enter puts
the chosen line (the first, when none was chosen) into the prompt, where it can be changed before it
runs; Ctrl-C, Ctrl-G and Escape give the line back as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition

from rvshell.shell.history import search
from rvshell.verbs.output import escape

__all__ = ["HELP", "PROMPT", "Recall"]

PROMPT = "search the history: "
HELP = "parts of words; Enter takes the line, Ctrl-R the next one, Ctrl-C gives up"
MOST = 50  # lines on the menu


class Recall:
    """One search at a time. `lines` gives the history, the oldest first."""

    def __init__(self, lines: Callable[[], Iterable[str]]) -> None:
        self.lines = lines
        self.active = Condition(lambda: self._before is not None)
        self._before: Document | None = None

    def start(self, buffer: Buffer) -> None:
        """Begin with what stands in the line."""
        self._before = buffer.document
        buffer.cursor_position = len(buffer.text)
        # one that has nothing yet is being worked at, and gets the lines: prompt_toolkit works at
        # one thing at a time, and would not begin another
        state = buffer.complete_state
        if state is None or state.completions:
            buffer.complete_state = None
            buffer.start_completion(select_first=False)

    def take(self, buffer: Buffer) -> None:
        """Put the chosen line, or else the first one, into the prompt. It is looked for here: who
        types quickly does not wait for the menu."""
        state = buffer.complete_state
        if state is None or state.current_completion is None:
            for line in search(self.lines(), buffer.text, 1):
                buffer.document = Document(line, len(line))
        self._end(buffer)

    def give_up(self, buffer: Buffer) -> None:
        """The line is what it was."""
        if self._before is not None:
            buffer.document = self._before
        self._end(buffer)

    def _end(self, buffer: Buffer) -> None:
        self._before = None
        buffer.complete_state = None

    def completions(self, document: Document) -> list[Completion]:
        """The lines for what has been typed."""
        return [
            Completion(line, -document.cursor_position, display=escape(line.replace("\n", " ↵ ")))
            for line in search(self.lines(), document.text, MOST)
        ]
