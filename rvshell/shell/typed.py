"""Running a typed line: its errors, its time, Ctrl-C, and what waits for its end."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from rvshell.errors import LinkError, RvshellError, UsageError
from rvshell.script.checks import report
from rvshell.script.handlers import Handlers
from rvshell.script.run import Leave
from rvshell.script.syntax import Source
from rvshell.shell.jobs import in_background
from rvshell.shell.reading import parsed
from rvshell.shell.reflexes import meant
from rvshell.shell.toolbar import prompt_text

if TYPE_CHECKING:
    from rvshell.shell.prompt import Shell

__all__ = ["Typed"]

MOST_WAITING = 20  # lines that are kept while there is no connection
_LONG = (
    "connect",
    "wait",
    "watch",
    "bench",
    "time",
    "repeat",
    "while",
    "for",
    "if",
    "keys",
    "peek",
)
TWICE = 1.0  # seconds between two Ctrl-C that mean "drop the connection"


class Typed:
    """Runs what is typed at a shell. An error never ends the session."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.ctx = shell.ctx
        self._interrupted = 0.0
        self.waiting: list[str] = []  # lines that only ask, until there is a connection

    def line(self, text: str) -> None:
        """Run one line; shows its errors. Raises Leave."""
        if not text.strip():
            return
        began, asked = time.perf_counter(), self.shell.remote.asked
        self.shell.remote.asked_only = True
        prompt = prompt_text(self.shell.form, self.shell.board, self.shell.mode)
        self.ctx.record(f"{prompt}{text}\n")
        try:
            force, self.shell.force = self.shell.force, False
            text = self._recalled(text)
            if self.shell.mode == "verbs" and text[0] == "?" and text[1:2].isalpha():
                text = f"? {text[1:]}"
            text = self._usual(text)
            command = in_background(text) if self.shell.mode == "verbs" else None
            if command is not None:
                self.shell.runner.check(self.shell.runner.parse(command), Source(command))
                job = self.shell.jobs.start(command, self.ctx, self.shell.remote.target)
                print(f"[{job.number}] {command}", flush=True)
                return
            block, source = parsed(self.shell.runner, text, self.shell.mode, force=force)
            self.shell.runner.run(block, source)
            self.ctx.last_status = 0
        except RvshellError as error:
            self.ctx.last_status = error.exit_code
            self._tell(error)
            if isinstance(error, LinkError):
                self._wait(text)
        except KeyboardInterrupt:
            self._interrupt()
        except BrokenPipeError:
            pass
        except RecursionError:
            self.ctx.complain("rvshell: nested too deeply")
        except (Leave, SystemExit):
            raise
        except Exception as error:  # a mistake of this program must not end the user's session
            self.ctx.last_status = 1
            self.ctx.complain(f"rvshell: a mistake in rvshell: {type(error).__name__}: {error}")
        finally:
            self.ctx.out.flush()
            if self.shell.timing:
                self._say_time(time.perf_counter() - began, self.shell.remote.asked - asked)
            self.drain()
            self.shell.find_targets()
            quiet = not self.shell.remote.link.mode or "sync" in text  # nothing tells of that
            if quiet and self.shell.remote.connected:
                self.shell.remote.link.spawn(self._look())

    def _wait(self, text: str) -> None:
        """The line could not be asked. When it does nothing but ask, and the link is trying, it
        is asked when there is a connection again."""
        remote, link = self.shell.remote, self.shell.remote.link
        word = text.split()[0]
        asks = remote.asked_only and not any(c in text for c in ";|>\n!") and word not in _LONG
        if not (asks and remote.retry and link.keep and link.target) or remote.connected:
            return
        self.waiting = [*self.waiting[1 - MOST_WAITING :], text]
        self.ctx.say("it is asked again when the connection is back; Ctrl-C forgets it")

    def forget(self) -> None:
        """Ctrl-C at the prompt: what waited for the connection is not asked any more."""
        if self.waiting:
            print(f"forgotten: {'; '.join(self.waiting)}", flush=True)
            self.waiting = []

    def connected(self) -> None:
        """There is a connection again: ask what waited for it."""
        lines, self.waiting = self.waiting, []
        for text in lines:
            print(f"{prompt_text('%t> ', self.shell.board, 'verbs')}{text}", flush=True)
            self.line(text)

    def _tell(self, error: RvshellError) -> None:
        """An error of a typed line: the line is right above, so its number is not said."""
        if isinstance(error, UsageError) and error.line == 1 and not error.source:
            hint = f" ({error.hint})" if error.hint else ""
            self.ctx.complain(f"rvshell: {error.message}{hint}")
            if caret := error.caret():
                self.ctx.complain(caret)
        else:
            report(self.ctx, error)

    def _usual(self, text: str) -> str:
        """What other programs call otherwise is done, and its name here is said."""
        shell, found = self.shell, meant(text)
        word = text.split()[0]
        if not found or word in shell.runner.functions or word in self.ctx.aliases:
            return text
        if shell.mode != "verbs" and text[0] not in ":\\/":
            return text  # a name of Mu or Python
        self.ctx.say(f"here that is: {found}")
        return found if shell.mode == "verbs" else f":{found}"

    def _recalled(self, text: str) -> str:
        """`!12` is line number 12 of the history, `!!` the last one."""
        word = text.strip()
        if word != "!!" and not (word[:1] == "!" and word[1:].isdigit()):
            return text
        lines = [x for x in self.shell.session.history.get_strings() if x.strip() != word]
        number = len(lines) if word == "!!" else int(word[1:])
        if not 1 <= number <= len(lines):
            raise UsageError(f"no line {number} in the history", hint="history lists them")
        print(lines[number - 1], flush=True)
        return lines[number - 1]

    def _say_time(self, total: float, asked: float) -> None:
        """Where the time of a line went, in milliseconds."""
        wire = min(asked, self.shell.remote.link.wire)
        here, there = (total - asked) * 1000, (asked - wire) * 1000
        away = f"wire {wire * 1000:.1f} + far end {there:.1f}"
        if asked and not wire:  # no heartbeat has measured it yet
            away = f"wire and far end {there:.1f}"
        print(f"time: {total * 1000:.1f} ms = here {here:.1f} + {away}", file=sys.stderr)

    def drain(self) -> None:
        if "handlers" in self.ctx.extras:
            try:
                Handlers.of(self.ctx).drain()
            except (Leave, KeyboardInterrupt):
                return

    async def _look(self) -> None:
        """Where the far end tells nothing, look after each command."""
        try:
            await self.shell.remote.link.look()
        except RvshellError:
            return

    def _interrupt(self) -> None:
        now = time.monotonic()
        self.ctx.last_status = 130
        if now - self._interrupted < TWICE:
            self.shell.remote.drop()
            print("\r^C the connection was dropped", file=sys.stderr)
        else:
            still = "" if self.shell.remote.asked_only else " (the far end may still run it)"
            print(f"\r^C cancelled{still}", file=sys.stderr)
        self._interrupted = now
