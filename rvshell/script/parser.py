"""Command text to a tree.

    statement  = verb words [output] | code | "!" command | block statement
    output     = ">" file | ">>" file | "|" command
    many       = "@" targets statement
    blocks     = "if" EXPR "{" … "}" ["else" …]     "for" NAME "in" words "{" … "}"
                 "repeat" N ["-i" SECONDS] "{" … "}" "while" EXPR "{" … "}" "def" NAME "{" … "}"

Statements end with a newline or `;`. What does not begin with a verb is Mu and is sent as it
is; Mu keeps its semicolons and goes to the end of the line, over as many lines as its brackets
need. A line that only looks like a misspelt verb (`ply`, `fram 10`) is an error with a
suggestion instead of a puzzling answer from the far end.

`parse` is pure: it is told how each verb reads its tail by *vocabulary* and reads nothing else.
It raises ScriptError with line, column and the offending line, or its subclass Incomplete when
more lines could mend it (the prompt then continues, standard input reads on).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rvshell.script.expr import parse_expr
from rvshell.script.scanner import MAX_DEPTH, Scanner
from rvshell.script.syntax import (
    Block,
    Broadcast,
    Call,
    Define,
    For,
    If,
    Repeat,
    Shell,
    Source,
    While,
    Word,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from rvshell.script.syntax import Expr, Output, Statement

    # the tail of a verb: "words", "raw" (Mu), "python" or "expr"; None: no verb
    Vocabulary = Callable[[str], str | None]

__all__ = ["KEYWORDS", "Parser", "expand_range", "parse"]

KEYWORDS = ("if", "else", "for", "repeat", "while", "def")
_FIRST = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*|\?")
_SELECTOR = re.compile(r"@[\w$]")
_AFTER_VERB = frozenset(" \t\r\n;|>}")
_IDENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_VERB_LIKE = re.compile(r"[A-Za-z_][\w-]*([ \t]+[\w.'\"$#/~-][^(){};=\n]*)?[ \t\r]*(?=$|[\n}])")
_RANGE = re.compile(r"(-?\d+)\.\.(-?\d+)(?:x(\d+))?$")


def parse(text: str | Source, vocabulary: Vocabulary) -> Block:
    """The tree of *text*."""
    source = text if isinstance(text, Source) else Source(text)
    return Parser(source, vocabulary).whole()


class Parser:
    """One parse of one source."""

    def __init__(self, source: Source, vocabulary: Vocabulary) -> None:
        self.source = source
        self.vocabulary = vocabulary
        self.local: dict[str, str] = {}  # names that this text itself defines
        self.scanner = Scanner(source, self._nested)
        self.depth = 0

    def whole(self) -> Block:
        """Everything to the end of the text."""
        s = self.scanner
        if s.text.startswith("#!"):
            s.skip_comment()
        block = self.block("")
        if s.pos < len(s.text):
            raise self.source.error(
                f"unexpected {s.peek()!r}", s.pos, "nothing is open that it could close"
            )
        return block

    def _nested(self, scanner: Scanner) -> Block:
        return self.block(")")

    def block(self, closing: str) -> Block:
        """Statements up to *closing* (not consumed), or to the end."""
        s = self.scanner
        statements: list[Statement] = []
        while True:
            s.skip_lines()
            c = s.peek()
            if c == "" or c in "})":
                return Block(tuple(statements))
            statements.append(self.statement())
            s.skip_blanks()
            if s.at_comment():
                s.skip_comment()
            c = s.peek()
            if c not in ("", "\n", ";", "}", ")"):
                raise self.source.error(
                    f"unexpected {c!r}", s.pos, "a new line or ; ends a command"
                )

    def statement(self) -> Statement:
        """One statement."""
        s = self.scanner
        start, c = s.pos, s.peek()
        if c == "!":
            s.pos += 1
            s.skip_blanks()
            command = s.command()
            if command.literal == "":
                raise self.source.error("a system command is missing", start, "after !")
            return Shell(command, start)
        if c == "@" and _SELECTOR.match(s.text, start):
            s.pos += 1
            selector = s.word()
            s.skip_blanks()
            if s.at_end_of_statement():
                raise self.source.error("a command is missing", s.pos, "@all frame 10")
            return Broadcast(selector, self.statement(), start)
        match = _FIRST.match(s.text, start)
        if match:
            name, end = match.group(), match.end()
            following = s.text[end : end + 1]
            if following == "" or following in _AFTER_VERB or (s.depth and following == ")"):
                tail = self.local.get(name) or self.vocabulary(name)
                if name in KEYWORDS and self._is_block(name, end):
                    s.pos = end
                    return self.compound(name, start)
                if tail is not None:
                    s.pos = end
                    s.skip_blanks()
                    if not self._is_assignment():
                        return self.call(name, tail, start)
                    s.pos = start
                elif _VERB_LIKE.match(s.text, start):
                    s.pos = end
                    s.skip_blanks()
                    return self.call(name, "words", start)
        return self.mu(start)

    def _is_assignment(self) -> bool:
        """`frame = 3;` is Mu although frame is a verb."""
        s = self.scanner
        return s.peek() == "=" and s.peek(1) != "="

    def _is_block(self, name: str, end: int) -> bool:
        """Mu has if, for, while and repeat too: theirs have a `(` and ours have none."""
        rest = self.scanner.text[end:].lstrip(" \t")
        return name == "else" or not rest.startswith("(") or _ours(rest)

    # -- commands --------------------------------------------------------------------

    def call(self, name: str, tail: str, start: int) -> Call:
        """A verb with its words, at the first of them."""
        s = self.scanner
        expr: Expr | None = None
        args: list[Word] = []
        output: Output | None = None
        if tail in ("raw", "python"):
            quoted = s.quoted_tail()
            if quoted is None and not s.at_end_of_statement():
                quoted = s.code(mu=tail == "raw")
                args.append(quoted)
            elif quoted is not None:
                args.append(quoted)
                s.skip_blanks()
                output = s.output()
        elif tail == "expr":
            expr, args = self.condition()
        else:
            while True:
                s.skip_blanks()
                if s.at_end_of_statement():
                    break
                output = s.output()
                if output is not None:
                    break
                if s.peek() == "{":
                    raise self.source.error("unexpected '{'", s.pos, "quote it")
                args.append(s.word())
        if name in ("alias", "def") and args:
            literal = (args[0].literal or "").partition("=")[0]
            if literal:
                self.local[literal] = "words"
        return Call(name, tuple(args), expr, output, start)

    def condition(self) -> tuple[Expr | None, list[Word]]:
        """A condition with options before or behind it; in quotes it is the same."""
        s = self.scanner
        options: list[Word] = []
        expr: Expr | None = None
        while True:
            s.skip_blanks()
            if s.text.startswith("--", s.pos):
                options.append(s.word())
                if "=" not in (options[-1].literal or "="):
                    s.skip_blanks()
                    if not s.at_end_of_statement() and not s.text.startswith("--", s.pos):
                        options.append(s.word())
            elif expr is None and not s.at_end_of_statement():
                quoted = self.quoted_condition() if s.peek() in "'\"" else None
                expr = quoted if quoted is not None else parse_expr(s)
            else:
                return expr, options

    def quoted_condition(self) -> Expr | None:
        """The condition inside quotes that hold all of it, or None."""
        s = self.scanner
        start = s.pos
        s.word()
        end = s.pos
        s.skip_blanks()
        if not s.at_end_of_statement() and not s.text.startswith("--", s.pos):
            s.pos = start
            return None
        inner = Scanner(
            Source(s.text[: end - 1], self.source.name, self.source.first_line), self._nested
        )
        inner.pos = start + 1
        expr = parse_expr(inner)
        inner.skip_blanks()
        if inner.pos < end - 1:
            raise self.source.error(f"unexpected {inner.peek()!r} in a condition", inner.pos)
        return expr

    def mu(self, start: int) -> Call:
        """Plain Mu, to the end of its line."""
        word = self.scanner.code()
        if self.scanner.pos == start:
            raise self.source.error(f"unexpected {self.scanner.peek()!r}", start)
        return Call("mu", (word,), None, None, start, plain=True)

    # -- blocks ----------------------------------------------------------------------

    def compound(self, name: str, start: int) -> Statement:
        """if, for, repeat, while, def."""
        s = self.scanner
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.source.error("nested too deeply", start)
        try:
            s.skip_blanks()
            if name == "if":
                return self.conditional(start)
            if name == "while":
                return While(parse_expr(s), self.body(start), start)
            if name == "repeat":
                return self.repeat(start)
            if name == "for":
                return self.loop(start)
            if name == "def":
                return self.define(start)
            raise self.source.error("else without an if before it", start)
        finally:
            self.depth -= 1

    def conditional(self, start: int) -> If:
        s = self.scanner
        branches = [(parse_expr(s), self.body(start))]
        while True:
            mark = s.pos
            s.skip_lines()
            if not re.match(r"else\b", s.text[s.pos : s.pos + 5]):
                s.pos = mark
                return If(tuple(branches), None, start)
            s.pos += 4
            s.skip_blanks()
            if re.match(r"if\b", s.text[s.pos : s.pos + 3]):
                at = s.pos
                s.pos += 2
                branches.append((parse_expr(s), self.body(at)))
            else:
                return If(tuple(branches), self.body(s.pos), start)

    def repeat(self, start: int) -> Repeat:
        s = self.scanner
        if s.at_end_of_statement() or s.peek() == "{":
            raise self.source.error("how many times?", s.pos, "repeat 3 { step }")
        count, interval = s.word(), None
        s.skip_blanks()
        if s.text.startswith("-i", s.pos):
            s.pos += 2
            s.skip_blanks()
            if s.at_end_of_statement():
                raise self.source.error("seconds are missing after -i", s.pos)
            interval = s.word()
        return Repeat(count, interval, self.body(start, single=True), start)

    def loop(self, start: int) -> For:
        s = self.scanner
        match = _IDENT.match(s.text, s.pos)
        if not match:
            raise self.source.error("a name is missing", s.pos, "for f in 1..10 { … }")
        s.pos = match.end()
        s.skip_blanks()
        if not re.match(r"in\b", s.text[s.pos : s.pos + 3]):
            raise self.source.error("expected 'in'", s.pos, f"for {match.group()} in 1..10 {{ … }}")
        s.pos += 2
        items: list[Word] = []
        while True:
            s.skip_blanks()
            if s.peek() == "{":
                break
            if s.at_end_of_statement():
                break
            items.append(s.word())
        return For(match.group(), tuple(items), self.body(start), start)

    def define(self, start: int) -> Define:
        s = self.scanner
        match = _FIRST.match(s.text, s.pos)
        if not match or match.group() in KEYWORDS:
            raise self.source.error("a name is missing", s.pos, "def NAME { … }")
        s.pos = match.end()
        name = match.group()
        self.local[name] = "words"
        return Define(name, self.body(start), start)

    def body(self, start: int, *, single: bool = False) -> Block:
        """`{ … }`; *single* also allows one statement without braces."""
        s = self.scanner
        s.skip_blanks()
        if s.peek() == "":
            raise self.source.incomplete("a block is missing", start, "{ … }")
        if s.peek() != "{":
            if single and not s.at_end_of_statement():
                return Block((self.statement(),))
            raise self.source.error("expected '{'", s.pos, "a block is written { … }")
        opened = s.pos
        s.pos += 1
        inner = self.block("}")
        if s.peek() != "}":
            if s.peek():
                raise self.source.error(f"unexpected {s.peek()!r}", s.pos, "expected '}'")
            raise self.source.incomplete("this '{' is not closed", opened, "}")
        s.pos += 1
        return inner


def _ours(rest: str) -> bool:
    """Is `if (…) …` one of ours? When more condition follows the bracket (`(a) and b {`),
    else it is Mu's, which always has the bracket."""
    depth = 0
    for i, c in enumerate(rest):
        depth += (c == "(") - (c == ")")
        if depth == 0:
            return re.match(r"\s*(and|or|==|!=|<|>)\s*", rest[i + 1 :]) is not None
    return False


def expand_range(text: str) -> range | None:
    """`1..10` or `10..1` or `1..100x10` as numbers, ends included; None when it is no range."""
    match = _RANGE.match(text)
    if not match:
        return None
    first, last, step = int(match[1]), int(match[2]), int(match[3] or 1)
    if step < 1:
        return None
    return range(first, last + 1, step) if last >= first else range(first, last - 1, -step)
