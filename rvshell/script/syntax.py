"""What a parsed command text is made of.

Plain tuples with names: a tree is built whole before anything runs, never changes, and can be
compared in tests. Every piece carries `pos`, its offset in the `Source` it was read from; line
and column are worked out only when a message needs them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from rvshell.errors import ScriptError

__all__ = [
    "Binary",
    "Block",
    "Broadcast",
    "Call",
    "Const",
    "Define",
    "Expr",
    "For",
    "If",
    "Incomplete",
    "MuCall",
    "Name",
    "Output",
    "Repeat",
    "Shell",
    "Source",
    "Subst",
    "Text",
    "Unary",
    "Var",
    "While",
    "Word",
]


class Source:
    """A text and where it came from; `first_line` numbers its first line (from 1). `bound` has
    what the check made of a call's words, by the call's identity, until it runs."""

    __slots__ = ("bound", "first_line", "name", "text")

    def __init__(self, text: str, name: str = "", first_line: int = 1) -> None:
        self.text = text
        self.name = name
        self.first_line = first_line
        self.bound: dict[int, tuple[Call, dict[str, Any]]] = {}

    def where(self, pos: int) -> tuple[int, int, str]:
        """Line and column (both from 1) of offset *pos*, and that line's text."""
        pos = min(max(pos, 0), len(self.text))
        start = self.text.rfind("\n", 0, pos) + 1
        end = self.text.find("\n", start)
        line = self.text[start : end if end >= 0 else len(self.text)]
        return self.first_line + self.text.count("\n", 0, start), pos - start + 1, line

    def error(self, message: str, pos: int, hint: str = "") -> ScriptError:
        """A ScriptError that points at *pos*."""
        line, column, text = self.where(pos)
        return ScriptError(
            message, hint=hint, source=self.name, line=line, column=column, text=text
        )

    def incomplete(self, message: str, pos: int, closing: str) -> Incomplete:
        """An Incomplete that points at what was opened at *pos*."""
        line, column, text = self.where(pos)
        error = Incomplete(
            message,
            hint=f"{closing} is missing",
            source=self.name,
            line=line,
            column=column,
            text=text,
        )
        error.closing = closing
        return error


class Incomplete(ScriptError):
    """The text ends before what it opened is closed: more lines may mend it."""

    closing = ""


# -- words ---------------------------------------------------------------------------


class Text(NamedTuple):
    """Characters as they are."""

    text: str


class Var(NamedTuple):
    """`$name`."""

    name: str
    pos: int


class Subst(NamedTuple):
    """`$(…)`: the output of a command."""

    body: Block
    pos: int


class Word(NamedTuple):
    """One word: its parts joined. `bare` when nothing in it was quoted or escaped."""

    parts: tuple[Text | Var | Subst, ...]
    pos: int
    end: int
    bare: bool

    @property
    def literal(self) -> str | None:
        """Its text when it needs no expanding, else None."""
        if not self.parts:
            return ""
        if len(self.parts) == 1 and isinstance(self.parts[0], Text):
            return self.parts[0].text
        return None


# -- expressions ---------------------------------------------------------------------


class Const(NamedTuple):
    """A number, a text or a truth value."""

    value: Any
    pos: int


class Name(NamedTuple):
    """A name of the far end's state (`frame`, `fps`, …)."""

    name: str
    pos: int


class MuCall(NamedTuple):
    """Mu to be evaluated at the far end: `frameStart()`, `mu(…)`."""

    code: str
    pos: int


class Unary(NamedTuple):
    """`not x`, `-x`."""

    op: str
    operand: Expr
    pos: int


class Binary(NamedTuple):
    """`a op b`."""

    op: str
    left: Expr
    right: Expr
    pos: int


Expr = Const | Name | MuCall | Var | Subst | Unary | Binary


# -- statements ----------------------------------------------------------------------


class Output(NamedTuple):
    """Where a command's data goes: `>` or `>>` a file, `|` a system command."""

    kind: str
    target: Word
    pos: int


class Call(NamedTuple):
    """A verb and its words; `plain` when it is Mu typed as it is (the verb is then `mu`)."""

    verb: str
    args: tuple[Word, ...]
    expr: Expr | None
    output: Output | None
    pos: int
    plain: bool = False


class Shell(NamedTuple):
    """`!command` for the system's shell."""

    command: Word
    pos: int


class If(NamedTuple):
    """`if EXPR { … } else if … else { … }`."""

    branches: tuple[tuple[Expr, Block], ...]
    otherwise: Block | None
    pos: int


class For(NamedTuple):
    """`for NAME in WORD… { … }`."""

    name: str
    items: tuple[Word, ...]
    body: Block
    pos: int


class Repeat(NamedTuple):
    """`repeat N [-i SECONDS] { … }`."""

    count: Word  # type: ignore[assignment]
    interval: Word | None
    body: Block
    pos: int


class While(NamedTuple):
    """`while EXPR { … }`."""

    condition: Expr
    body: Block
    pos: int


class Define(NamedTuple):
    """`def NAME { … }`."""

    name: str
    body: Block
    pos: int


class Broadcast(NamedTuple):
    """`@all STATEMENT`: the statement on every target that the selector names."""

    selector: Word
    statement: Statement
    pos: int


Statement = Call | Shell | If | For | Repeat | While | Define | Broadcast


class Block(NamedTuple):
    """Statements in order."""

    statements: tuple[Statement, ...]
