"""Characters to words: quoting, variables, and how far a piece of Mu or Python reaches.

The rules of words are those of a system shell where they can be:

    'as it is'                 nothing is special inside
    "with $variables"          and the escapes  \\"  \\\\  \\$  \\n  \\t
    \\x                         the character x
    $name  ${name}  $?  $_     a variable;  $1 … $9, $@, $#  in functions
    $(command)                 what the command prints, without the last newline
    #                          a comment at the start of a statement or before a blank
                               (so that the property address #RVColor.color.exposure is a word)

A *tail* is the rest of a statement taken as it is: code for the far end. It ends with the line
unless a bracket, string or comment of it is still open, or before a `}` that it did not open.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rvshell.script.syntax import Output, Subst, Text, Var, Word

if TYPE_CHECKING:
    from collections.abc import Callable

    from rvshell.script.syntax import Block, Source

__all__ = ["MAX_DEPTH", "Scanner"]

MAX_DEPTH = 60  # of nesting; far below Python's own limit, far above any real script

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLAIN = re.compile(r"[\w./:@%+=,~*-]+(?=[ \t\r\n;]|$)")  # a word with nothing special in it
_ENDS_WORD = frozenset(" \t\n\r;|>{}")
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "$": "$", "`": "`", "\n": ""}
_OPEN = {"(": ")", "[": "]", "{": "}"}
_SPECIAL_CODE = re.compile(r"[\n;'\"`$\\(){}\[\]/#|>]")


class Scanner:
    """A place in a text. `nested` parses the inside of `$( )` (given by the parser)."""

    def __init__(self, source: Source, nested: Callable[[Scanner], Block]) -> None:
        self.source = source
        self.text = source.text
        self.pos = 0
        self.depth = 0
        self._nested = nested

    # -- blanks ----------------------------------------------------------------------

    def peek(self, ahead: int = 0) -> str:
        """The character here, or "" at the end."""
        at = self.pos + ahead
        return self.text[at] if at < len(self.text) else ""

    def skip_blanks(self) -> None:
        """Skip blanks and continued lines, not newlines."""
        text, n = self.text, len(self.text)
        while self.pos < n:
            c = text[self.pos]
            if c in " \t\r":
                self.pos += 1
            elif c == "\\" and text.startswith("\\\n", self.pos):
                self.pos += 2
            else:
                return

    def at_comment(self) -> bool:
        """Is here a `#` that starts a comment (the caller knows that a word could start)?"""
        return self.peek() == "#" and self.peek(1) in ("", " ", "\t", "\n", "\r", "#", "!")

    def skip_comment(self) -> None:
        """Go to the end of the line."""
        end = self.text.find("\n", self.pos)
        self.pos = len(self.text) if end < 0 else end

    def skip_lines(self) -> None:
        """Skip blanks, newlines, `;` and comments between statements."""
        while True:
            self.skip_blanks()
            c = self.peek()
            if c and c in "\n;":
                self.pos += 1
            elif c == "#":
                self.skip_comment()
            else:
                return

    def at_end_of_statement(self) -> bool:
        """Nothing of this statement is left here?"""
        return self.peek() in ("", "\n", ";", "}", ")") or self.at_comment()

    # -- words -----------------------------------------------------------------------

    def word(self) -> Word:
        """One word. The caller has skipped blanks and knows that one starts here."""
        start = self.pos
        plain = _PLAIN.match(self.text, start)  # most are
        if plain is not None:
            self.pos = plain.end()
            return Word((Text(plain.group()),), start, self.pos, True)
        parts: list[Text | Var | Subst] = []
        buffer: list[str] = []
        bare = True
        parens = 0

        def flush() -> None:
            if buffer:
                parts.append(Text("".join(buffer)))
                buffer.clear()

        text, n = self.text, len(self.text)
        while self.pos < n:
            c = text[self.pos]
            if c == "'":
                bare = False
                buffer.append(self._single())
            elif c == '"':
                bare = False
                self._double(buffer, parts, flush)
            elif c == "\\":
                bare = False
                if self.pos + 1 >= n:
                    raise self.source.incomplete("a backslash ends the text", self.pos, "a line")
                if text[self.pos + 1] != "\n":
                    buffer.append(text[self.pos + 1])
                self.pos += 2
            elif c == "$":
                self._dollar(buffer, parts, flush)
            elif c == "(":
                parens += 1
                buffer.append(c)
                self.pos += 1
            elif c == ")":
                if not parens:  # it closes a $( around this word
                    break
                parens -= 1
                buffer.append(c)
                self.pos += 1
            elif c in _ENDS_WORD:
                break
            else:
                buffer.append(c)
                self.pos += 1
        flush()
        if self.pos == start:
            raise self.source.error(f"unexpected {self.peek()!r}", self.pos, "quote it")
        if not parts:
            parts.append(Text(""))
        return Word(tuple(parts), start, self.pos, bare)

    def _single(self) -> str:
        start = self.pos
        end = self.text.find("'", start + 1)
        if end < 0:
            raise self.source.incomplete("this quote is not closed", start, "'")
        self.pos = end + 1
        return self.text[start + 1 : end]

    def _double(
        self, buffer: list[str], parts: list[Text | Var | Subst], flush: Callable[[], None]
    ) -> None:
        start = self.pos
        self.pos += 1
        while True:
            c = self.peek()
            if not c:
                raise self.source.incomplete("this quote is not closed", start, '"')
            if c == '"':
                self.pos += 1
                return
            if c == "\\":
                following = self.peek(1)
                if not following:
                    raise self.source.incomplete("this quote is not closed", start, '"')
                buffer.append(_ESCAPES.get(following, "\\" + following))
                self.pos += 2
            elif c == "$":
                self._dollar(buffer, parts, flush)
            else:
                buffer.append(c)
                self.pos += 1

    def _dollar(
        self, buffer: list[str], parts: list[Text | Var | Subst], flush: Callable[[], None]
    ) -> None:
        found = self.dollar()
        if found is None:
            buffer.append("$")
            self.pos += 1
        else:
            flush()
            parts.append(found)

    def dollar(self) -> Var | Subst | None:
        """The variable or substitution here, or None when the `$` is only a character."""
        start, following = self.pos, self.peek(1)
        if following == "(":
            self.pos += 2
            if self.depth >= MAX_DEPTH:
                raise self.source.error("nested too deeply", start)
            self.depth += 1
            body = self._nested(self)
            self.depth -= 1
            if self.peek() != ")":
                raise self.source.incomplete("this $( is not closed", start, ")")
            self.pos += 1
            return Subst(body, start)
        if following == "{":
            end = self.text.find("}", start)
            if end < 0:
                raise self.source.incomplete("this ${ is not closed", start, "}")
            name = self.text[start + 2 : end]
            if not _NAME.fullmatch(name) and name not in ("?", "_", "@", "#"):
                raise self.source.error(f"{name!r} is no name of a variable", start)
            self.pos = end + 1
            return Var(name, start)
        if (following and following in "?@#") or following.isdigit():
            self.pos += 2
            return Var(following, start)
        match = _NAME.match(self.text, start + 1)
        if match is None:
            return None
        self.pos = match.end()
        return Var(match.group(), start)

    # -- tails -----------------------------------------------------------------------

    def quoted_tail(self) -> Word | None:
        """'…' as the whole of a tail (then > and | may follow it), else None."""
        if self.peek() != "'":
            return None
        start = self.pos
        word_text = self._single()
        end = self.pos
        self.skip_blanks()
        if self.at_end_of_statement() or self.peek() in (">", "|"):
            return Word((Text(word_text),) if word_text else (), start, end, False)
        self.pos = start
        return None

    def code(self, *, stop_at_semicolon: bool = False, mu: bool = True) -> Word:
        """A tail of code, with its `$variables`. *mu* knows Mu's comments and characters,
        otherwise they are Python's."""
        start = self.pos
        parts: list[Text | Var | Subst] = []
        buffer: list[str] = []
        opened: list[tuple[str, int]] = []
        text, n = self.text, len(self.text)

        def flush() -> None:
            if buffer:
                parts.append(Text("".join(buffer)))
                buffer.clear()

        while self.pos < n:
            match = _SPECIAL_CODE.search(text, self.pos)
            at = match.start() if match else n
            if at > self.pos:
                buffer.append(text[self.pos : at])
                self.pos = at
            if match is None:
                break
            c = match.group()
            if c in "\n;":
                if not opened and (c == "\n" or stop_at_semicolon):
                    break
                buffer.append(c)
                self.pos += 1
            elif c in _OPEN:
                opened.append((_OPEN[c], self.pos))
                buffer.append(c)
                self.pos += 1
            elif c in ")]}":
                if not opened and (c != "]"):
                    break  # it belongs to the block or $( around this statement
                if opened:
                    if opened[-1][0] != c:
                        raise self.source.error(
                            f"{c!r} does not match", self.pos, f"{opened[-1][0]} is missing"
                        )
                    opened.pop()
                buffer.append(c)
                self.pos += 1
            elif c == '"' or (c == "'"):
                self._string(c, buffer, parts, flush, python=not mu)
            elif c == "$":
                self._dollar(buffer, parts, flush)
            elif c == "\\" and self.peek(1) == "$":
                buffer.append("$")
                self.pos += 2
            elif mu and c == "/" and self.peek(1) == "/":
                end = text.find("\n", self.pos)
                end = n if end < 0 else end
                if opened:
                    buffer.append(text[self.pos : end])
                self.pos = end  # a comment that ends the tail is not worth sending
            elif mu and c == "/" and self.peek(1) == "*":
                end = text.find("*/", self.pos + 2)
                if end < 0:
                    raise self.source.incomplete("this comment is not closed", self.pos, "*/")
                buffer.append(text[self.pos : end + 2])
                self.pos = end + 2
            elif not mu and c == "#":
                end = text.find("\n", self.pos)
                self.pos = n if end < 0 else end
            else:
                buffer.append(c)
                self.pos += 1
        if opened:
            closing, at = opened[-1]
            raise self.source.incomplete(f"this {text[at]!r} is not closed", at, closing)
        flush()
        end = self.pos
        if parts and isinstance(parts[-1], Text):
            stripped = parts[-1].text.rstrip(" \t\r")
            parts[-1:] = [Text(stripped)] if stripped else []
        return Word(tuple(parts), start, end, True)

    def _string(
        self,
        quote: str,
        buffer: list[str],
        parts: list[Text | Var | Subst],
        flush: Callable[[], None],
        *,
        python: bool,
    ) -> None:
        """A string of the code: kept with its quotes and escapes; `$variables` are filled in."""
        start = self.pos
        long = quote * 3
        if python and self.text.startswith(long, start):
            end = self.text.find(long, start + 3)
            if end < 0:
                raise self.source.incomplete("this string is not closed", start, long)
            buffer.append(self.text[start : end + 3])
            self.pos = end + 3
            return
        buffer.append(quote)
        self.pos += 1
        while True:
            c = self.peek()
            if not c or (python and c == "\n"):
                raise self.source.incomplete("this string is not closed", start, quote)
            if c == quote:
                buffer.append(c)
                self.pos += 1
                return
            if c == "\\":
                following = self.peek(1)
                buffer.append("$" if following == "$" else c + following)
                self.pos += 2
            elif c == "$":
                self._dollar(buffer, parts, flush)
            else:
                buffer.append(c)
                self.pos += 1

    def output(self) -> Output | None:
        """`> FILE`, `>> FILE` or `| command` here, or None."""
        c, start = self.peek(), self.pos
        if c == ">":
            kind = ">>" if self.peek(1) == ">" else ">"
            self.pos += len(kind)
            self.skip_blanks()
            if self.at_end_of_statement():
                raise self.source.error("a file name is missing", self.pos, f"after {kind}")
            return Output(kind, self.word(), start)
        if c == "|":
            self.pos += 1
            self.skip_blanks()
            command = self.command()
            if command.literal == "":
                raise self.source.error("a system command is missing", self.pos, "after |")
            return Output("|", command, start)
        return None

    def command(self) -> Word:
        """The rest of the line, for the system's shell (which has its own quoting)."""
        start = self.pos
        end = self.text.find("\n", start)
        end = len(self.text) if end < 0 else end
        text = self.text[start:end].rstrip()
        if self.depth and text.endswith(")") and text.count("(") < text.count(")"):
            text = text[:-1]
            end = start + len(text)
        self.pos = end
        return Word((Text(text),) if text else (), start, end, True)
