"""What can be wrong with a session file."""

from __future__ import annotations

from rvshell.errors import MediaError

__all__ = ["SessionFileError"]


class SessionFileError(MediaError):
    """A session file that cannot be read, or state that no session file can hold.

    `line` and `column` count from 1 and are 0 when unknown (binary files have none).
    """

    def __init__(
        self, message: str, *, path: str = "", line: int = 0, column: int = 0, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint, path=path)
        self.line = line
        self.column = column

    def __str__(self) -> str:
        place = [p for p in (self.path, self.line, self.column) if p]
        return f"{':'.join(map(str, place))}: {self.message}" if place else self.message
