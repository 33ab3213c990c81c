"""`--dry-run`: everything is read, checked and told, and nothing is done.

A rehearsal walks the tree as the runner does, with three differences. Nothing leaves this program:
no question to the far end, no system command, no file that is written. What only the far end could
tell (`$frame`, `$(…)`, a condition) stays as it is written: both ways of an `if` are walked, a loop
whose turns are not known once. And what changes nothing but this shell (variables, aliases,
functions, `source`) happens, or the lines behind it could not be checked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rvshell.errors import UsageError
from rvshell.script.flow import read_script
from rvshell.script.parser import expand_range
from rvshell.script.run import Runner
from rvshell.script.syntax import (
    Binary,
    Broadcast,
    Call,
    Const,
    Define,
    For,
    If,
    MuCall,
    Name,
    Repeat,
    Shell,
    Source,
    Subst,
    Text,
    Unary,
    Var,
    While,
)
from rvshell.verbs.output import plain, shell_quote
from rvshell.verbs.state import STATE

if TYPE_CHECKING:
    from rvshell.script.syntax import Block, Expr, Statement, Word
    from rvshell.verbs.context import Context
    from rvshell.verbs.registry import Verb

__all__ = ["Rehearsal"]

_HERE = ("set", "unset", "alias", "unalias")  # change nothing but this shell
_RUN_TEXT = ("time", "bench", "watch", "on")  # their TEXT is a command
_PLAIN = re.compile(r"[\w./=:@%+,#*-]+")  # what is read the same without quotes
_LATER = ("?", "_")  # variables that what runs before will set


class _Unknown(str):
    """A text in which something is known only when it runs."""


class Rehearsal(Runner):
    """Tells what would be run, a line each."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.inside = 0  # of blocks that may or may not run
        self.lead = ""  # the @selector of a broadcast
        self.led = ""  # where the output would go

    def tell(self, text: str) -> None:
        """One line of the rehearsal."""
        self.ctx.say(f"would run: {'  ' * self.inside}{self.lead}{text}".rstrip())

    # -- statements ------------------------------------------------------------------

    def statement(self, statement: Statement, source: Source) -> None:
        """Tell one statement."""
        match statement:
            case Call():
                self.call(statement, source)
            case Shell():
                self.tell(f"!{self.expand(statement.command, source)}")
            case If():
                word = "if"
                for condition, body in statement.branches:
                    self._perhaps(f"{word} {self._shown(condition, source)}", body, source)
                    word = "else if"
                if statement.otherwise is not None:
                    self._perhaps("else", statement.otherwise, source)
            case For():
                self._for(statement, source)
            case Repeat():
                count = self.expand(statement.count, source)
                if not isinstance(count, _Unknown) and not count.isdecimal():
                    raise UsageError(
                        f"repeat: {count!r} is not a number of times", hint="repeat 3 { … }"
                    )
                self._perhaps(f"repeat {count}", statement.body, source)
            case While():
                condition_text = self._shown(statement.condition, source)
                self._perhaps(f"while {condition_text}", statement.body, source)
            case Broadcast():
                before, self.lead = self.lead, f"@{self.expand(statement.selector, source)} "
                try:
                    self.statement(statement.statement, source)
                finally:
                    self.lead = before
            case Define():
                self.functions[statement.name] = statement.body

    def _perhaps(self, head: str, body: Block, source: Source) -> None:
        """A block that runs once, more often, or not at all."""
        self.tell(head)
        self.inside += 1
        try:
            self.block(body, source)
        finally:
            self.inside -= 1

    def _for(self, statement: For, source: Source) -> None:
        items: list[str] = []
        for word in statement.items:
            text = self.expand(word, source)
            numbers = expand_range(text) if word.bare else None
            items += [text] if numbers is None else map(str, numbers)
        if not any(isinstance(item, _Unknown) for item in items):
            for item in items:
                self.ctx.variables[statement.name] = item
                self.block(statement.body, source)
            return
        self.ctx.variables[statement.name] = _Unknown(f"${statement.name}")
        self._perhaps(f"for {statement.name} in {' '.join(items)}", statement.body, source)

    # -- verbs -----------------------------------------------------------------------

    def call(self, call: Call, source: Source) -> None:
        """A verb, alias or function; where its output would go is told with it."""
        if call.output is None:
            return self.dispatch(call, source)
        before = self.led
        self.led = f" {call.output.kind} {self.expand(call.output.target, source)}"
        try:
            self.dispatch(call, source)
        finally:
            self.led = before

    def perform(self, found: Verb, call: Call, words: list[str], source: Source) -> None:
        """Check a verb's words and tell it."""
        known = not any(isinstance(w, _Unknown) for w in words)
        arguments = None
        if known and (call.plain or words != ["--help"]):
            arguments = found.signature.bind(words)
        shown = words if found.tail in ("raw", "python") else [_quoted(w) for w in words]
        if found.tail == "expr" and call.expr is not None:
            shown = [self._shown(call.expr, source), *shown]
        self.tell(" ".join([call.verb, *shown]) + self.led)
        if arguments is None and found.name != "set":
            return
        if found.name == "quit" and not self.inside:
            self.ctx.leaving = True
        elif found.name == "source":
            self.nested(lambda: self.run_text(read_script(words[0]), words[0]))
        elif found.name in _RUN_TEXT and arguments is not None and arguments.get("text"):
            self.run_check(" ".join(arguments["text"]))
        elif words and found.name in _HERE and self._stays_here(found.name, words):
            found.func(self.ctx, **(arguments or found.signature.bind(words)))
            name = words[0].partition("=")[0]
            if not known and name in self.ctx.variables:
                self.ctx.variables[name] = _Unknown(f"${name}")

    def run_check(self, text: str) -> None:
        """Find what is wrong with a text that would be run later, or again and again."""
        self.check(self.parse(text), Source(text))

    @staticmethod
    def _stays_here(name: str, words: list[str]) -> bool:
        """`set` of a variable rather than of a property; the others always."""
        if name != "set":
            return True
        return words[0].partition("=")[0].isidentifier() and (
            "=" in words[0] or words[1:2] == ["="]
        )

    # -- words and conditions --------------------------------------------------------

    def expand(self, word: Word, source: Source) -> str:
        """The text of a word; what is not known yet stays in it as it is written."""
        literal = word.literal
        if literal is not None:
            return literal
        known, out = True, []
        for part in word.parts:
            if isinstance(part, Text):
                out.append(part.text)
                continue
            text = self._part(part, source)
            known = known and not isinstance(text, _Unknown)
            out.append(text)
        return "".join(out) if known else _Unknown("".join(out))

    def _part(self, part: Var | Subst, source: Source) -> str:
        if isinstance(part, Subst):
            self.inside += 1
            try:
                for statement in part.body.statements:
                    self.statement(statement, source)
            finally:
                self.inside -= 1
            return _Unknown("$(…)")
        if part.name in _LATER or (part.name in STATE and part.name not in self.ctx.variables):
            return _Unknown(f"${part.name}")
        try:
            value = self.variable(part.name)
        except KeyError:
            raise source.error(
                f"the variable ${part.name} is not set", part.pos, f"set {part.name}=…"
            ) from None
        return value if isinstance(value, str) else plain(value)

    def _shown(self, expr: Expr, source: Source) -> str:
        """A condition as it could have been written."""
        match expr:
            case Const():
                return repr(expr.value) if isinstance(expr.value, str) else plain(expr.value)
            case Name():
                return expr.name
            case MuCall():
                return expr.code
            case Var() | Subst():
                return self._part(expr, source)
            case Unary():
                gap = " " if expr.op.isalpha() else ""
                return f"{expr.op}{gap}{self._inner(expr.operand, source)}"
            case Binary():
                left, right = self._inner(expr.left, source), self._inner(expr.right, source)
                return f"{left} {expr.op} {right}"

    def _inner(self, expr: Expr, source: Source) -> str:
        text = self._shown(expr, source)
        return f"({text})" if isinstance(expr, Binary) else text

    def value(self, expr: Expr, source: Source) -> Any:
        """Nothing is evaluated in a rehearsal."""
        raise AssertionError("a condition was evaluated")


def _quoted(word: str) -> str:
    plain_word = isinstance(word, _Unknown) or _PLAIN.fullmatch(word)
    return word if plain_word else shell_quote(word)
