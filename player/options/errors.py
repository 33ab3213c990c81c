"""What can be wrong with a command line."""

from __future__ import annotations

__all__ = ["OptionError"]


class OptionError(ValueError):
    """A command line that makes no sense; one line of text and a hint (may be empty)."""

    exit_code = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        message = " ".join(message.split())
        super().__init__(message)
        self.message = message
        self.hint = hint

    def describe(self) -> str:
        """The message, and the hint in brackets when there is one."""
        return f"{self.message} ({self.hint})" if self.hint else self.message
