"""Running a parsed text: verbs, code, blocks, variables, output.

Statements run in order. An error stops the text (batch) unless `--keep-going` was given; the
status of the run is that of its first error. Consecutive statements that are one independent
question each may be sent together (`--pipeline`): their replies come back in order, and what
they print is printed in order; after an error the ones behind it have been sent already, so
this is asked for and never assumed.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rvshell.errors import (
    CommandFailed,
    MediaError,
    RvshellError,
    UsageError,
)
from rvshell.script.checks import check_block, form_of, place, report
from rvshell.script.expr import evaluate, truth
from rvshell.script.names import Names
from rvshell.script.parser import expand_range, parse
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
    Subst,
    Text,
    Var,
    While,
)
from rvshell.verbs.muvalue import parse_value
from rvshell.verbs.output import plain, shell_quote
from rvshell.verbs.performing import finish, show
from rvshell.verbs.registry import REGISTRY, Request, load
from rvshell.verbs.remote import check_reply
from rvshell.verbs.state import STATE, readable

if TYPE_CHECKING:
    from rvshell.script.syntax import Expr, Statement, Word
    from rvshell.verbs.context import Context
    from rvshell.verbs.registry import Verb

__all__ = ["MAX_CALLS", "MAX_LOOPS", "Leave", "Runner"]

MAX_CALLS = 50  # of functions, aliases and sourced files inside each other
MAX_LOOPS = 10_000_000  # turns of one while
MAX_PIPELINE = 500  # questions sent together


class Leave(Exception):
    """`quit` was said."""


class Runner:
    """Runs texts in one context. `functions` and aliases outlive each text."""

    def __init__(self, ctx: Context) -> None:
        load()
        from rvshell.script import flow

        flow.install()
        self.ctx = ctx
        self.functions: dict[str, Block] = {}
        self.arguments: list[list[str]] = []
        self.depth = 0
        self.status = 0
        self.queue: list[tuple[Request, Any]] = []
        self.between: Callable[[], None] | None = None  # what is done behind each statement
        ctx.extras["runner"] = self
        ctx.run_text = self.run_text

    # -- texts -----------------------------------------------------------------------

    def vocabulary(self, name: str) -> str | None:
        """How the verb *name* reads its tail; None when it is none."""
        if name in self.functions or name in self.ctx.aliases:
            return "words"
        found = REGISTRY.get(name)
        return found.tail if found is not None else None

    def parse(self, text: str | Source) -> Block:
        """The tree of a text."""
        return parse(text, self.vocabulary)

    def run_text(self, text: str, name: str = "") -> int:
        """Parse and run; raises the first error (or, with --keep-going, reports and goes on)."""
        source = Source(text, name)
        self.run(self.parse(source), source)
        return self.status

    def run(self, block: Block, source: Source) -> None:
        """Run a whole text, with everything of it sent and shown at the end."""
        self.check(block, source)
        try:
            for statement in block.statements:
                self.guarded(statement, source)
        finally:
            self.flush(source)

    def check(self, block: Block, source: Source) -> None:
        """Find unknown verbs and wrong arguments before anything is sent."""
        if any(isinstance(s, Call) and s.verb in ("source", "alias") for s in block.statements):
            return  # names may appear while it runs
        known = set(self.functions) | set(self.ctx.aliases)
        check_block(block, source, known)

    def guarded(self, statement: Statement, source: Source) -> None:
        """One statement of a text; errors are placed, and with --keep-going only reported."""
        try:
            self.statement(statement, source)
        except RvshellError as error:
            located = place(error, source, statement.pos)
            self.ctx.last_status = located.exit_code
            if not self.ctx.options.keep_going:
                raise located from None
            self.status = self.status or located.exit_code
            report(self.ctx, located)
        if self.ctx.leaving:
            raise Leave
        if self.between is not None:
            self.between()

    # -- statements ------------------------------------------------------------------

    def block(self, block: Block, source: Source) -> None:
        """The inside of a block."""
        for statement in block.statements:
            self.guarded(statement, source)

    def statement(self, statement: Statement, source: Source) -> None:
        """One statement."""
        match statement:
            case Call():
                self.call(statement, source)
            case Shell():
                self.flush(source)
                self.system(self.expand(statement.command, source))
            case If():
                for condition, body in statement.branches:
                    if truth(self.value(condition, source)):
                        return self.block(body, source)
                if statement.otherwise is not None:
                    self.block(statement.otherwise, source)
            case For():
                for item in self.items(statement.items, source):
                    self.ctx.variables[statement.name] = item
                    self.block(statement.body, source)
            case Repeat():
                self.repeat(statement, source)
            case While():
                for _ in range(MAX_LOOPS):
                    if not truth(self.value(statement.condition, source)):
                        return None
                    self.block(statement.body, source)
                raise CommandFailed(f"while: still true after {MAX_LOOPS} turns")
            case Broadcast():
                from rvshell.script.broadcast import broadcast

                self.flush(source)

                def perform(ctx: Context) -> None:
                    runner = Runner(ctx)
                    runner.functions = dict(self.functions)
                    runner.statement(statement.statement, source)
                    runner.flush(source)

                broadcast(self.ctx, self.expand(statement.selector, source), perform)
            case Define():
                self.functions[statement.name] = statement.body
        return None

    def repeat(self, statement: Repeat, source: Source) -> None:
        """`repeat N [-i SECONDS]`: turn by turn on a clock that does not drift."""
        text = self.expand(statement.count, source)
        if not text.isdecimal():
            raise UsageError(f"repeat: {text!r} is not a number of times", hint="repeat 3 { … }")
        interval = 0.0
        if statement.interval is not None:
            try:
                interval = float(self.expand(statement.interval, source))
            except ValueError:
                raise UsageError("repeat: -i needs seconds", hint="repeat 10 -i 0.5 step") from None
        due = time.monotonic()
        for _ in range(int(text)):
            if interval > 0:
                time.sleep(max(0.0, due - time.monotonic()))
                due += interval
            self.block(statement.body, source)

    def call(self, call: Call, source: Source) -> None:
        """A verb, alias or function, with its output led where it should go."""
        if call.output is not None:
            self.flush(source)
            with self.ctx.capture() as pieces:
                self.dispatch(call, source)
                self.flush(source)
            self.deliver(call, "".join(pieces), source)
        else:
            self.dispatch(call, source)

    def dispatch(self, call: Call, source: Source) -> None:
        """Find out what the name means and do it."""
        words = [self.expand(w, source) for w in call.args]
        if not call.plain and call.verb in self.ctx.aliases:
            line = " ".join([self.ctx.aliases[call.verb], *map(shell_quote, words)])
            return self.nested(lambda: self.run_alias(line, call.verb))
        if not call.plain and call.verb in self.functions:
            return self.function(call.verb, words, source)
        found = REGISTRY.find(call.verb)
        form = form_of(found, words)
        if form and not call.plain:
            return self.in_form(form, call, [w for w in words if w != f"--{form}"], source)
        return self.perform(found, call, words, source)

    def in_form(self, form: str, call: Call, words: list[str], source: Source) -> None:
        """`status --json` anywhere, as on the command line."""
        before, self.ctx.options.form = self.ctx.options.form, form
        try:
            self.perform(REGISTRY.find(call.verb), call, words, source)
            self.flush(source)
        finally:
            self.ctx.options.form = before

    def perform(self, found: Verb, call: Call, words: list[str], source: Source) -> None:
        """A verb with its words."""
        if words == ["--help"] and not call.plain:
            from rvshell.verbs.helping import describe

            return self.ctx.emit(describe(found), "")
        kept = source.bound.pop(id(call), None)
        if kept is not None and kept[0] is call:
            arguments = kept[1]
        else:
            arguments = found.signature.bind(words)
        if found.tail == "expr":
            self.flush(source)
            arguments["condition"] = lambda: self.value(call.expr, source) if call.expr else None
            arguments["has_condition"] = call.expr is not None
        elif not found.pipelines:
            self.flush(source)
        result = found.func(self.ctx, **arguments)
        if isinstance(result, Request) and self.ctx.options.pipeline and found.pipelines:
            self.queue.append((result, (source, call.pos)))
            if len(self.queue) >= MAX_PIPELINE:
                self.flush(source)
        else:
            finish(self.ctx, result)
        return None

    def flush(self, source: Source) -> None:
        """Send what was queued for the pipeline and show the replies in order."""
        queued, self.queue = self.queue, []
        if not queued:
            return
        replies = self.ctx.remote.ask_raw([request for request, _ in queued])
        for (request, (origin, pos)), reply in zip(queued, replies, strict=True):
            try:
                check_reply(request, reply)
            except RvshellError as error:
                located = place(error, origin, pos)
                if not self.ctx.options.keep_going:
                    raise located from None
                self.status = self.status or located.exit_code
                report(self.ctx, located)
                continue
            show(self.ctx, request.read(reply) if request.read else None)

    # -- functions, aliases, files ---------------------------------------------------

    def nested(self, action: Any) -> None:
        """Run something that may run something, with a bound."""
        if self.depth >= MAX_CALLS:
            raise CommandFailed("calls are nested too deeply", hint="does it call itself?")
        self.depth += 1
        try:
            action()
        finally:
            self.depth -= 1

    def run_alias(self, line: str, name: str) -> None:
        source = Source(line, f"alias {name}")
        self.run(self.parse(source), source)

    def function(self, name: str, words: list[str], source: Source) -> None:
        """Call a function with `$1` … `$9`, `$@` and `$#`."""
        self.arguments.append(words)
        try:
            self.nested(lambda: self.block(self.functions[name], source))
        finally:
            self.arguments.pop()

    # -- words and values ------------------------------------------------------------

    def expand(self, word: Word, source: Source) -> str:
        """The text of a word."""
        literal = word.literal
        if literal is not None:
            return literal
        out: list[str] = []
        for part in word.parts:
            if isinstance(part, Text):
                out.append(part.text)
            elif isinstance(part, Var):
                try:
                    out.append(plain(self.variable(part.name)))
                except KeyError:
                    raise source.error(
                        f"the variable ${part.name} is not set",
                        part.pos,
                        f"set {part.name}=…, or write \\$ for a plain $",
                    ) from None
            else:
                out.append(self.substitute(part, source))
        return "".join(out)

    def items(self, words: tuple[Word, ...], source: Source) -> list[str]:
        """The values of a `for`: ranges are counted out, output is taken line by line."""
        found: list[str] = []
        for word in words:
            text = self.expand(word, source)
            numbers = expand_range(text) if word.bare else None
            if numbers is not None:
                found += map(str, numbers)
            elif word.bare and any(not isinstance(p, Text) for p in word.parts):
                found += [line for line in text.split("\n") if line]
            else:
                found.append(text)
        return found

    def variable(self, name: str) -> Any:
        """`$name`: an argument, a variable, or the far end's state. Raises KeyError."""
        arguments = self.arguments[-1] if self.arguments else None
        if name == "?":
            return self.ctx.last_status
        if name == "@":
            return " ".join(arguments or [])
        if name == "#":
            return len(arguments or [])
        if name.isdigit():
            at = int(name) - 1
            return arguments[at] if arguments and 0 <= at < len(arguments) else ""
        if name in self.ctx.variables:
            value = self.ctx.variables[name]
            return plain(value) if name == "_" else value  # what was printed of it
        if name in STATE:
            return self.state(name)
        raise KeyError(name)

    def state(self, name: str) -> Any:
        """The far end's *name*; raises KeyError when there is no such name."""
        request = Request(STATE[name][0])
        self.flush(Source(""))
        return readable(name, parse_value(self.ctx.remote.ask(request)))

    def mu(self, code: str) -> Any:
        """The value of Mu code."""
        self.flush(Source(""))
        return parse_value(self.ctx.remote.mu(code))

    def substitute(self, part: Subst, source: Source) -> str:
        """What the commands of `$( )` print."""
        self.flush(source)
        with self.ctx.capture() as pieces:
            for statement in part.body.statements:
                self.statement(statement, source)
            self.flush(source)
        text = "".join(pieces).removesuffix("\n")
        if len(text) > 1 and text[0] == text[-1] == '"':  # a Mu string: its value is meant
            value = parse_value(text)
            return value if isinstance(value, str) else text
        return text

    def value(self, expr: Expr, source: Source) -> Any:
        """The value of a condition."""
        return evaluate(expr, Names(self, source))

    # -- the system ------------------------------------------------------------------

    def system(self, command: str, data: str | None = None) -> None:
        """Run a command of the system's shell; its failure is an error."""
        import subprocess  # one-shot verbs need it not

        from rvshell.verbs.echo import shown

        self.ctx.out.flush()
        try:
            with shown():
                done = subprocess.run(
                    command,
                    shell=True,
                    input=data,
                    text=True,
                    stdout=None if self._to_stdout() else subprocess.PIPE,
                    check=False,
                )
        except OSError as error:
            raise CommandFailed(f"!{command}: {error.strerror}") from None
        if done.stdout:
            self.ctx.write(done.stdout)
        if done.returncode:
            raise CommandFailed(f"`{command}` ended with status {done.returncode}")

    def _to_stdout(self) -> bool:
        return not self.ctx.capturing and self.ctx.out is sys.stdout

    def deliver(self, call: Call, data: str, source: Source) -> None:
        """Lead a command's output to its file or system command."""
        assert call.output is not None
        target = self.expand(call.output.target, source)
        if call.output.kind == "|":
            return self.system(target, data)
        path = os.path.expanduser(target)
        try:
            with open(path, "a" if call.output.kind == ">>" else "w", encoding="utf-8") as file:
                file.write(data)
        except OSError as error:
            raise MediaError(f"cannot write {path}: {error.strerror}", path=path) from None
        return None
