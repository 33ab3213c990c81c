"""What can be wrong with a session file."""

from __future__ import annotations

from player.session.errors import SessionError

__all__ = ["SessionFileError"]


class SessionFileError(SessionError):
    """A session file that cannot be read, or state that no session file can hold.

    `path` names the file ("" when unknown); `line` and `column` count from 1 and are 0 when
    unknown (binary files have none).
    """

    def __init__(self, message: str, *, path: str = "", line: int = 0, column: int = 0) -> None:
        message = " ".join(message.split())  # one line, whatever a hostile name holds
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.column = column

    def __str__(self) -> str:
        place = [p for p in (self.path, self.line, self.column) if p]
        return f"{':'.join(map(str, place))}: {self.message}" if place else self.message
