"""What the prompt draws of itself: its text, the hint behind the cursor, the lines below.

prompt_toolkit asks for each of them many times in one drawing of the screen (for the height, for
the width, for the text …). They are worked out once a drawing, and once more for the next.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from prompt_toolkit.document import Document
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.formatted_text import StyleAndTextTuples

from rvshell.shell import looks, recall
from rvshell.shell.rights import needed
from rvshell.shell.signatures import describe, hint_of
from rvshell.shell.toolbar import short_prompt, status_line
from rvshell.shell.words import cut, width_of

if TYPE_CHECKING:
    from rvshell.shell.prompt import Shell

__all__ = ["Drawing", "terminal_size", "terminal_width"]

T = TypeVar("T")
RESERVED = 8  # lines that are kept free for the menu, when the terminal has them


def terminal_size() -> os.terminal_size:
    """The terminal as it is now: $COLUMNS may be from before it was resized, or of another."""
    try:
        return os.get_terminal_size(sys.stdout.fileno())
    except (OSError, ValueError):
        return shutil.get_terminal_size((80, 24))


def terminal_width() -> int:
    return terminal_size().columns


class Drawing:
    """The texts of a shell's prompt, as prompt_toolkit asks for them."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self._number = -1  # of the drawing that `_kept` belongs to
        self._kept: dict[object, object] = {}

    def _once(self, what: object, make: Callable[[], T]) -> T:
        """What *make* gives, made once in a drawing."""
        app = self.shell.session.app
        if not app.is_running:  # a dumb terminal: nothing is drawn, and no drawing counted
            return make()
        number = app.render_counter
        if number != self._number:
            self._number, self._kept = number, {}
        if what not in self._kept:
            self._kept[what] = make()
        found: T = self._kept[what]  # type: ignore[assignment]
        return found

    @property
    def size(self) -> os.terminal_size:
        return self._once("size", terminal_size)

    def message(self) -> StyleAndTextTuples:
        """The prompt itself."""
        return self._once("message", self._message)

    def _message(self) -> StyleAndTextTuples:
        shell, size = self.shell, self.size
        shell.session.reserve_space_for_menu = max(0, min(RESERVED, size.lines - 6))
        if shell.recall.active():
            return [("class:prompt", cut(recall.PROMPT, size.columns // 2))]
        text = short_prompt(shell.form, shell.board, shell.mode, size.columns // 2)
        style = "class:prompt" if shell.board.link == "connected" else "class:prompt.off"
        if shell.board.link in ("lost", "off") and text.endswith("> "):
            text = text.removesuffix("> ") + " disconnected> "
        return [(style, text)]

    def fresh_line(self) -> str:
        """What takes the cursor to the start of an empty line: what a command printed without
        ending its line stays, with a sign behind it. (The sign and as many blanks as fill a line
        end on the next one only if something stood before them.)"""
        try:
            "⏎".encode(sys.stdout.encoding or "ascii")
            sign = "⏎"
        except (UnicodeEncodeError, LookupError):
            sign = "%"
        return f"\x1b[2m{sign}\x1b[22m{' ' * (terminal_width() - 1)}\r\x1b[K"

    def continuation(self, width: int, line: int, wrapped: int) -> StyleAndTextTuples:
        """What stands before the second line and the next."""
        if wrapped or width < 4:  # the same line going on is no new line
            return []
        return [("class:prompt.more", "... ".rjust(width))]

    def hint(self, document: Document) -> str:
        """The grey rest of the usage behind the cursor."""
        return self._once(("hint", document.text, document.cursor_position),
                          lambda: self._hint(document))  # fmt: skip

    def _hint(self, document: Document) -> str:
        if not document.is_cursor_at_the_end or self.shell.recall.active():
            return ""
        lead = width_of("".join(fragment[1] for fragment in self.message()))
        room = self.size.columns - lead - width_of(document.text) - 1
        if room <= 4:
            return ""
        return cut(hint_of(document.text, self.shell.snapshot, self.shell.mode), room)

    def toolbar(self) -> StyleAndTextTuples:
        """The signature of what is being typed, if there is one, and the state of everything."""
        return self._once("toolbar", self._toolbar)

    def _toolbar(self) -> StyleAndTextTuples:
        shell, width = self.shell, self.size.columns
        shell.sync_snapshot()
        out: StyleAndTextTuples = []
        app = shell.session.app
        document = shell.session.default_buffer.document
        if shell.recall.active():
            out += [("class:sig", cut(f" {recall.HELP}", width).ljust(width)), ("", "\n")]
        try:
            described = (
                None
                if out
                else describe(document.text, document.cursor_position, shell.snapshot, shell.mode)
            )
        except Exception:
            described = None  # a bug in the engine must not end the prompt
        if described is not None and (why := self._refusal(document)):
            described = described._replace(before=f"[{why}] {described.before}")
        if described is not None and self.size.lines > 5:
            out += looks.signature_line(described, width)
            out.append(("", "\n"))
        vi = app.editing_mode == EditingMode.VI
        editing = f"vi-{app.vi_state.input_mode.value.removeprefix('vi-')}" if vi else "emacs"
        out += status_line(
            shell.board,
            width,
            mode=shell.mode,
            editing=editing.replace("navigation", "nav"),
            multiline=shell.multiline,
            plain=shell.plain,
            status=shell.ctx.last_status,
        )
        return out

    def _refusal(self, document: Document) -> str:
        """Why the far end will refuse the verb that is being typed, if that is known."""
        shell = self.shell
        if shell.mode == "mu":
            return ""
        statement = document.text_before_cursor.rpartition(";")[2]
        words = statement.split() if shell.mode == "verbs" else ["py"]
        return needed(words, shell.board.granted)
