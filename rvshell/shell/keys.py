"""Keys of the prompt. F1 shows them; `KEYS` is that list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prompt_toolkit.application.current import get_app
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import (
    Condition,
    completion_is_selected,
    emacs_mode,
    has_completions,
    has_focus,
    is_searching,
    vi_insert_mode,
)
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from rvshell.script.syntax import Incomplete
from rvshell.shell.reading import check

if TYPE_CHECKING:
    from rvshell.shell.prompt import Shell

__all__ = ["KEYS", "MODES", "bindings"]

MODES = ("verbs", "mu", "python")

KEYS = (
    ("F1", "this list"),
    ("F2", "the next of the three modes: verbs, Mu, Python (then :verb still runs a verb)"),
    ("F3", "multi-line: Enter makes a new line, Alt-Enter runs"),
    ("F4", "emacs or vi keys"),
    ("Tab, Ctrl-Space", "complete; Enter takes the chosen completion"),
    ("→ or Ctrl-E", "take the grey suggestion from history"),
    ("↑ ↓", "history: the lines that begin with what is typed"),
    ("Ctrl-R, F7", "search the history by parts of words; again for older, Enter takes the line"),
    ("Alt-.", "the last word of the line before (again for older)"),
    ("Alt-Enter", "run the text as it is, complete or not"),
    ("Ctrl-X Ctrl-E", "edit in $EDITOR (vi: v in navigation mode)"),
    ("Ctrl-C", "clear the line; while something runs: stop waiting for it"),
    ("Ctrl-C twice", "while something hangs: drop the connection"),
    ("Ctrl-D", "leave, on an empty line"),
    ("Ctrl-L", "clear the screen"),
)

_PASTE_LIMIT = 1_000_000  # characters


def bindings(shell: Shell) -> KeyBindings:
    """The bindings over those of prompt_toolkit."""
    keys = KeyBindings()
    at_prompt = has_focus("DEFAULT_BUFFER")
    drawn = Condition(lambda: not shell.plain)

    @keys.add("f1")
    def _(event: KeyPressEvent) -> None:
        shell.print_above("\n".join(f"{key:<18} {what}" for key, what in KEYS))

    @keys.add("f2")
    def _(event: KeyPressEvent) -> None:
        shell.mode = MODES[(MODES.index(shell.mode) + 1) % len(MODES)]
        event.app.invalidate()

    @keys.add("f3")
    def _(event: KeyPressEvent) -> None:
        shell.multiline = not shell.multiline

    @keys.add("f4")
    def _(event: KeyPressEvent) -> None:
        app = event.app
        to_vi = app.editing_mode == EditingMode.EMACS
        app.editing_mode = EditingMode.VI if to_vi else EditingMode.EMACS

    @keys.add("enter", filter=completion_is_selected & at_prompt)
    def _(event: KeyPressEvent) -> None:
        # take the completion rather than run a line that is only half chosen
        event.current_buffer.complete_state = None

    @keys.add("enter", filter=~completion_is_selected & at_prompt & ~is_searching)
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        text = buffer.text
        behind = buffer.document.is_cursor_at_the_end or not text[buffer.cursor_position :].strip()
        if shell.multiline and not (text.endswith("\n") and behind):
            buffer.newline(copy_margin=False)
            return
        problem = check(shell.runner, text, shell.mode)
        block = shell.mode == "python" and "\n" in text and behind
        ends_block = not block or text.rsplit("\n", 1)[-1].strip() == ""
        if isinstance(problem, Incomplete) or not ends_block:
            buffer.newline(copy_margin=shell.mode == "python")
        else:
            buffer.validate_and_handle()

    @keys.add("escape", "enter", filter=at_prompt)
    def _(event: KeyPressEvent) -> None:
        shell.force = True
        event.current_buffer.validate_and_handle()

    @keys.add("c-space", filter=at_prompt)
    @keys.add("tab", filter=at_prompt)
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state:
            buffer.complete_next()
        elif shell.mode == "python" and not buffer.document.current_line_before_cursor.strip():
            buffer.insert_text("    ")
        else:
            buffer.start_completion(select_first=False, insert_common_part=True)

    recall = shell.recall
    searching = at_prompt & recall.active

    @keys.add("f7", filter=at_prompt & ~recall.active)
    @keys.add("c-r", filter=at_prompt & ~recall.active & (emacs_mode | vi_insert_mode) & drawn)
    def _(event: KeyPressEvent) -> None:
        recall.start(event.current_buffer)

    @keys.add("f7", filter=searching)
    @keys.add("c-r", filter=searching)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.complete_next()

    @keys.add("c-s", filter=searching)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.complete_previous()

    @keys.add("enter", filter=searching)
    def _(event: KeyPressEvent) -> None:
        recall.take(event.current_buffer)

    @keys.add("escape", filter=searching, eager=True)
    @keys.add("c-g", filter=searching, eager=True)
    @keys.add("c-c", filter=searching, eager=True)
    def _(event: KeyPressEvent) -> None:
        recall.give_up(event.current_buffer)

    # a menu that opened by itself, and in which nothing was chosen, is not in the way of ↑, nor
    # does one open for a line that came from the history
    @keys.add("up", filter=at_prompt & ~completion_is_selected & ~recall.active)
    @keys.add("down", filter=at_prompt & ~has_completions & ~recall.active)
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        buffer.complete_state = None
        move = buffer.auto_up if event.key_sequence[-1].key == Keys.Up else buffer.auto_down
        move(count=event.arg)
        shell.completer.recalled = buffer.text

    @keys.add(Keys.BracketedPaste, filter=at_prompt)
    def _(event: KeyPressEvent) -> None:
        # no completion, no suggestion: a pasted text is not typed
        text = event.data.replace("\r\n", "\n").replace("\r", "\n")[:_PASTE_LIMIT]
        buffer = event.current_buffer
        buffer.insert_text(text, fire_event=False)
        buffer.complete_state = None
        buffer.suggestion = None
        get_app().invalidate()

    # Ctrl-D typed while a line was running, or before the first prompt, was kept by a terminal
    # that was reading lines: that leaves a NUL where it stood
    @keys.add("c-@", filter=at_prompt & Condition(lambda: shell.fresh))
    def _(event: KeyPressEvent) -> None:
        if not event.current_buffer.text:
            event.app.exit(exception=EOFError, style="class:exiting")

    @keys.add("c-x", "c-e", filter=at_prompt)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.open_in_editor(validate_and_handle=False)

    return keys
