"""What is typed while something runs is shown once, by the next prompt.

A terminal echoes keys as they come, also those that are typed ahead: they would stand in the middle
of what a command prints, and once more behind the prompt. So the prompt hides the echo for as long
as it lives; whoever reads lines from the terminal meanwhile (a question, a command of the system)
does so inside `shown()`. The terminal is one, so this is a state of the process.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["hide", "said_yes", "show", "shown"]

_hidden = False


def hide() -> None:
    """Show no more of what is typed; nothing happens where standard input is no terminal."""
    global _hidden
    _hidden = _switch(on=False) or _hidden


def show() -> None:
    """Show it again, if `hide` was what hid it."""
    global _hidden
    if _hidden:
        _hidden = False
        _switch(on=True)


@contextmanager
def shown() -> Iterator[None]:
    """Inside it the user sees what they type."""
    was = _hidden
    show()
    try:
        yield
    finally:
        if was:
            hide()


def said_yes() -> bool:
    """The answer to a question that ends in [y/N], read from the terminal."""
    with shown():
        return sys.stdin.readline().strip().lower() in ("y", "yes")


def _switch(*, on: bool) -> bool:
    """Turn the echo on or off; True when that changed anything."""
    try:
        import termios

        modes = termios.tcgetattr(sys.stdin)
    except (ImportError, OSError, ValueError, termios.error):
        return False
    if bool(modes[3] & termios.ECHO) == on:
        return False
    modes[3] ^= termios.ECHO
    with suppress(termios.error):
        termios.tcsetattr(sys.stdin, termios.TCSANOW, modes)
    return True
