"""Every error that rvshell and player raise on purpose.

Two questions decide where an error belongs: *who broke it* and *what should the
process exit with*.  Local errors mean that you broke it (a wrong argument, a bad
command file, a file that is no image) and that nothing was sent.  Remote errors
mean that they broke it (an error reply, bytes that are not RV's protocol, a refused
permission).  Link errors are about the way between the two.

    RvshellError                     1
    +-- LocalError                   1    you broke it
    |   +-- UsageError               2    a wrong argument; may carry line and column
    |   |   +-- ScriptError          2    a command file or typed command that is wrong
    |   +-- LocalProtocolError       2    asked to send what the protocol cannot carry
    |   +-- MediaError               1    a file that is missing, unreadable or no media
    |   +-- MissingExtra             1    an optional dependency that is not installed
    |   +-- PixelError               1    pixels, a rectangle or a name that cannot be pushed
    +-- RemoteSideError              6    they broke it
    |   +-- RemoteError              6    the far end answered with an error text
    |   +-- RemoteProtocolError      6    the far end sent what RV's protocol does not allow
    |   +-- Refused                  4    the far end (or its user) said no
    +-- LinkError                    3    the way between
    |   +-- ConnectionFailed         3    refused, unresolvable or timed out
    |   +-- ConnectionLost           3    it was there and went away
    +-- DeadlineExceeded             5    a wait ended without its event
    +-- CommandFailed                1    a command ran and did not succeed
    +-- ExpectationFailed            7    `expect` did not see what it was told to see
    +-- Interrupted                130    Ctrl-C or SIGTERM

The number is `exit_code`, the status a batch run ends with.  Each error is one line
of text (`str(error)`: what and where) and a `hint` (how to mend it, may be empty);
`describe()` joins them for a terminal.  `ConnectionFailed` and `ConnectionLost` are
also `ConnectionError`, `DeadlineExceeded` is also `TimeoutError`, so that programs
written with the standard library's names work.
"""

from __future__ import annotations

from typing import ClassVar, Final

__all__ = [
    "EXIT_EXPECTATION",
    "EXIT_FAILED",
    "EXIT_INTERRUPTED",
    "EXIT_NO_CONNECTION",
    "EXIT_OK",
    "EXIT_REFUSED",
    "EXIT_REMOTE",
    "EXIT_TIMEOUT",
    "EXIT_USAGE",
    "CommandFailed",
    "ConnectionFailed",
    "ConnectionLost",
    "DeadlineExceeded",
    "ExpectationFailed",
    "Interrupted",
    "LinkError",
    "LocalError",
    "LocalProtocolError",
    "MediaError",
    "MissingExtra",
    "PixelError",
    "Refused",
    "RemoteError",
    "RemoteProtocolError",
    "RemoteSideError",
    "RvshellError",
    "ScriptError",
    "UsageError",
]

EXIT_OK: Final = 0
EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2
EXIT_NO_CONNECTION: Final = 3
EXIT_REFUSED: Final = 4
EXIT_TIMEOUT: Final = 5
EXIT_REMOTE: Final = 6
EXIT_EXPECTATION: Final = 7
EXIT_INTERRUPTED: Final = 130  # 128 + SIGINT, as shells report it


def _one_line(text: str) -> str:
    """Fold *text* onto one line, so that an error can never break a log's lines."""
    return " ".join(text.split()) if any(c in text for c in "\n\r\t") else text


class RvshellError(Exception):
    """Base of every deliberate error: one line of text and a hint.

    `message` is folded onto one line.  `hint` says how to mend it, or is "".
    """

    exit_code: ClassVar[int] = EXIT_FAILED

    def __init__(self, message: str, *, hint: str = "") -> None:
        message = _one_line(message)
        super().__init__(message)
        self.message = message
        self.hint = _one_line(hint)

    def __str__(self) -> str:
        return self.message

    def describe(self) -> str:
        """The message, and the hint in brackets when there is one."""
        return f"{self} ({self.hint})" if self.hint else str(self)


# -- you broke it --------------------------------------------------------------------


class LocalError(RvshellError):
    """Something on this side is wrong; nothing was sent."""


class UsageError(LocalError):
    """A wrong argument or command.

    `source` names the file (or "" for the command line), `line` and `column` count
    from 1 and are 0 when unknown; `text` is the offending line for a caret.  `word` is the
    argument that is wrong, when it is one.
    """

    exit_code = EXIT_USAGE

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        source: str = "",
        line: int = 0,
        column: int = 0,
        text: str = "",
        word: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.source = source
        self.word = word
        self.line = line
        self.column = column
        self.text = text

    def __str__(self) -> str:
        place = [p for p in (self.source, self.line, self.column) if p]
        return f"{':'.join(map(str, place))}: {self.message}" if place else self.message

    def caret(self) -> str:
        """The offending line and a caret under the column, or "" when unknown."""
        if not (self.text and self.column):
            return ""
        # tabs are kept so that the caret stays under its character in a terminal
        lead = "".join("\t" if c == "\t" else " " for c in self.text[: self.column - 1])
        return f"{self.text}\n{lead}^"


class ScriptError(UsageError):
    """A command file or a typed command that does not parse or names what is not there."""


class LocalProtocolError(LocalError):
    """This side asked for bytes that RV's protocol cannot carry, or in the wrong state."""

    exit_code = EXIT_USAGE


class MediaError(LocalError):
    """A file is missing, unreadable, or not the media it should be; `path` says which."""

    def __init__(self, message: str, *, hint: str = "", path: str = "") -> None:
        super().__init__(message, hint=hint)
        self.path = path


class MissingExtra(LocalError):
    """An optional dependency is not installed; the hint is the pip command.

    `module` is the import that failed and `extra` the extra of this distribution that
    brings it.
    """

    def __init__(self, module: str, extra: str, *, purpose: str = "") -> None:
        what = f"{purpose} needs {module}" if purpose else f"{module} is not installed"
        super().__init__(what, hint=f"pip install 'rvshell[{extra}]'")
        self.module = module
        self.extra = extra

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.module, self.extra), self.__dict__)


class PixelError(LocalError, ValueError):
    """Pixels, a rectangle or a name that an image cannot take; nothing was stored or sent."""


# -- they broke it -------------------------------------------------------------------


class RemoteSideError(RvshellError):
    """The far end did something wrong, or said no."""

    exit_code = EXIT_REMOTE


class RemoteError(RemoteSideError):
    """The far end answered a request with an error text.

    `text` is the whole reply as it came; `code` is what was asked, when known.
    """

    def __init__(self, message: str, *, hint: str = "", text: str = "", code: str = "") -> None:
        super().__init__(message, hint=hint)
        self.text = text or message
        self.code = code


class RemoteProtocolError(RemoteSideError):
    """The far end sent bytes that RV's protocol does not allow, or over a limit."""


class Refused(RemoteSideError):
    """The far end, or the person in front of it, refused the connection or the request."""

    exit_code = EXIT_REFUSED


# -- the way between -----------------------------------------------------------------


class LinkError(RvshellError, ConnectionError):
    """The connection could not be made or kept."""

    exit_code = EXIT_NO_CONNECTION


class ConnectionFailed(LinkError):
    """No connection: refused, the host name does not resolve, or no answer in time.

    `host` and `port` are what was dialled ("" and 0 when nothing was).
    """

    def __init__(self, message: str, *, hint: str = "", host: str = "", port: int = 0) -> None:
        super().__init__(message, hint=hint)
        self.host = host
        self.port = port

    @classmethod
    def refused(cls, host: str, port: int) -> ConnectionFailed:
        """Nobody listens at `host:port`."""
        return cls(
            f"connection to {host}:{port} refused",
            hint="is the player (or RV, with -network) running, and is the port right?",
            host=host,
            port=port,
        )

    @classmethod
    def unresolvable(cls, host: str, port: int = 0) -> ConnectionFailed:
        """`host` is no address and no known name."""
        return cls(f"unknown host {host!r}", hint="check the spelling", host=host, port=port)

    @classmethod
    def timed_out(cls, host: str, port: int, seconds: float) -> ConnectionFailed:
        """`host:port` did not answer within `seconds`."""
        return cls(
            f"no answer from {host}:{port} within {seconds:g} s",
            hint="a firewall may drop the connection, or the far end is waiting for "
            "its user to allow it",
            host=host,
            port=port,
        )


class ConnectionLost(LinkError):
    """The connection was there and went away before what was asked for was done."""


# -- the rest ------------------------------------------------------------------------


class DeadlineExceeded(RvshellError, TimeoutError):
    """A wait ended before what it waited for happened; `seconds` is the wait's length."""

    exit_code = EXIT_TIMEOUT

    def __init__(self, message: str, *, hint: str = "", seconds: float = 0.0) -> None:
        super().__init__(message, hint=hint)
        self.seconds = seconds


class CommandFailed(RvshellError):
    """A command was understood and ran, and did not succeed."""


class ExpectationFailed(RvshellError):
    """An `expect` did not hold."""

    exit_code = EXIT_EXPECTATION


class Interrupted(RvshellError):
    """Stopped by Ctrl-C or a termination signal."""

    exit_code = EXIT_INTERRUPTED

    def __init__(self, message: str = "interrupted", *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
