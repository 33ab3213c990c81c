"""Verbs of the language itself: source, wait, expect, alias, sleep, time, bench, watch."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING, Any

from rvshell.errors import (
    CommandFailed,
    DeadlineExceeded,
    ExpectationFailed,
    LinkError,
    MediaError,
    UsageError,
)
from rvshell.script.expr import truth
from rvshell.script.handlers import Handlers, off, on
from rvshell.verbs.output import escape, plain
from rvshell.verbs.registry import REGISTRY, Verb

if TYPE_CHECKING:
    from collections.abc import Callable

    from rvshell.verbs.context import Context

__all__ = ["install"]

POLL = 0.02  # seconds between two looks of `wait`; it doubles up to POLL_MAX
POLL_MAX = 0.2
MAX_SCRIPT = 16 * 1024 * 1024  # bytes of a command file


def read_script(path: str) -> str:
    """The text of a command file. Raises MediaError."""
    try:
        with open(os.path.expanduser(path), encoding="utf-8-sig") as file:
            text = file.read(MAX_SCRIPT + 1)
    except OSError as error:
        raise MediaError(f"cannot read {path}: {error.strerror}", path=path) from None
    except UnicodeDecodeError:
        raise MediaError(f"{path} is no text file (UTF-8)", path=path) from None
    if len(text) > MAX_SCRIPT or "\0" in text:
        raise MediaError(f"{path} is no command file", path=path)
    return text


def source(ctx: Context, file: str) -> None:
    runner = ctx.extras["runner"]
    text = read_script(file)
    runner.nested(lambda: runner.run_text(text, file))


def wait(
    ctx: Context,
    condition: Callable[[], Any],
    has_condition: bool,
    timeout: float | None = None,
    event: str = "",
) -> None:
    if event:
        return _wait_event(ctx, event, ctx.options.timeout if timeout is None else timeout)
    if not has_condition:
        raise UsageError("wait: for what?", hint="wait frame >= 10 --timeout 5")
    seconds = ctx.options.timeout if timeout is None else timeout
    until = time.monotonic() + seconds
    pause = POLL
    while not truth(condition()):
        left = until - time.monotonic()
        if left <= 0:
            raise DeadlineExceeded(
                f"wait: not so within {seconds:g} s", hint="--timeout SECONDS", seconds=seconds
            )
        _idle(ctx, min(pause, left))
        pause = min(pause * 1.5, POLL_MAX)
    return None


def _idle(ctx: Context, seconds: float) -> None:
    """Let time pass while what comes in is worked off."""
    until = time.monotonic() + seconds
    if not ctx.remote.connected:
        time.sleep(seconds)
        return
    Handlers.drain_of(ctx)  # some may have come with the last answer
    while (left := until - time.monotonic()) > 0:
        if not ctx.remote.idle(left):
            return
        Handlers.drain_of(ctx)


def _wait_event(ctx: Context, name: str, seconds: float) -> None:
    came: list[str] = []

    def listener(told: str, contents: str) -> None:
        if told == name:
            came.append(contents)

    ctx.remote.listeners.append(listener)
    try:
        ctx.remote.subscribe(f"^{re.escape(name)}$")
        until = time.monotonic() + seconds
        while not came:
            left = until - time.monotonic()
            if left <= 0:
                raise DeadlineExceeded(f"wait: no {name} within {seconds:g} s", seconds=seconds)
            _idle(ctx, left)
    finally:
        ctx.remote.listeners.remove(listener)


def expect(ctx: Context, condition: Callable[[], Any], has_condition: bool) -> None:
    if not has_condition:
        raise UsageError("expect: what?", hint="expect fps == 24")
    seen: dict[str, Any] = ctx.extras.setdefault("seen", {})
    seen.clear()
    if not truth(condition()):
        known = ", ".join(f"{k} is {plain(v)}" for k, v in seen.items())
        raise ExpectationFailed(f"expect: not so{f': {known}' if known else ''}")


def alias(ctx: Context, name: str | None = None, text: list[str] | None = None) -> Any:
    words = text or []
    if name is None:
        return dict(sorted(ctx.aliases.items()))
    name, equals, first = name.partition("=")
    rest = [w for w in [first, *words] if w]
    if rest[:1] == ["="]:
        rest = rest[1:]
    if not equals and not rest:
        if name not in ctx.aliases:
            raise CommandFailed(f"alias: no alias {name!r}")
        return ctx.aliases[name]
    if name in REGISTRY or not name.replace("-", "_").isidentifier():
        raise UsageError(f"alias: {name!r} cannot be an alias", hint="it is a verb, or no name")
    ctx.aliases[name] = " ".join(rest)
    return None


def unalias(ctx: Context, name: str) -> None:
    if ctx.aliases.pop(name, None) is None:
        raise CommandFailed(f"unalias: no alias {name!r}")


def sleep(ctx: Context, seconds: float) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        _idle(ctx, left)


def timed(ctx: Context, text: list[str]) -> None:
    start = time.perf_counter()
    _again(ctx, text)
    ctx.say(f"{(time.perf_counter() - start) * 1000:.2f} ms")


def bench(ctx: Context, count: int, text: list[str]) -> Any:
    if count < 1:
        raise UsageError("bench: how many times?", hint="bench 1000 frame")
    times = []
    for _ in range(count):
        start = time.perf_counter()
        with ctx.capture():
            _again(ctx, text)
        times.append((time.perf_counter() - start) * 1000)
    times.sort()
    return {
        "count": count,
        "p50_ms": round(times[count // 2], 3),
        "p95_ms": round(times[min(count - 1, int(count * 0.95))], 3),
        "per_second": round(1000 * count / sum(times), 1),
    }


def watch(ctx: Context, seconds: float, text: list[str], count: int = 0) -> None:
    in_place = ctx.on_terminal
    turns, rows, form = 0, 0, ctx.options.form
    if not in_place and not ctx.capturing:
        ctx.options.form = form or "json"  # a line for each turn, whatever the value is
    try:
        while True:
            shown = _turn(ctx, text)
            if in_place and rows:
                ctx.draw(f"\x1b[{rows}A\x1b[J")  # over what the last turn showed
            ctx.draw(escape(shown) if in_place else shown)
            rows = shown.count("\n")
            ctx.out.flush()
            turns += 1
            if turns == count:
                return
            sleep(ctx, seconds)
    finally:
        ctx.options.form = form


def _turn(ctx: Context, text: list[str]) -> str:
    """What one turn of a watch shows. At the prompt, which connects again by itself, a lost
    connection is shown for as long as it lasts; elsewhere it is an error."""
    with ctx.capture() as pieces:
        try:
            _again(ctx, text)
        except LinkError as error:
            if not ctx.remote.recovers:
                raise
            return f"{error.message}\n"
    return "".join(pieces)


def _again(ctx: Context, words: list[str]) -> None:
    from rvshell.verbs.output import shell_quote

    runner = ctx.extras["runner"]
    line = " ".join([words[0], *map(shell_quote, words[1:])]) if len(words) > 1 else words[0]
    runner.nested(lambda: runner.run_text(line))


# usage, function, help, how its tail is read, examples
_TABLE: tuple[tuple[str, Any, str, str, tuple[str, ...]], ...] = (
    (
        "source FILE",
        source,
        "Run a command file here. Its variables, functions and aliases stay.",
        "words",
        ("source setup.rvs",),
    ),
    (
        "wait EXPR [--timeout SECONDS] [--event EVENT]",
        wait,
        "Wait until a condition holds or an event comes. When it does not in time (--timeout, else "
        "that of the run) the exit status is 5. help language tells what a condition is.",
        "expr",
        ("wait frame >= 1020 --timeout 5", "wait not playing", "wait --event play-stop"),
    ),
    (
        "expect EXPR",
        expect,
        "Check a condition; status 7 when it does not hold. What it was instead is told.",
        "expr",
        ("expect fps == 24", "expect end == 100 and not playing"),
    ),
    (
        "alias [NAME] [TEXT…]",
        alias,
        "Give a text of commands a name. Words behind the name are put behind the text. Without "
        "TEXT it is shown, without NAME all of them are.",
        "words",
        ("alias rw = 'first; play'", "alias"),
    ),
    ("unalias NAME", unalias, "Forget an alias.", "words", ("unalias rw",)),
    (
        "sleep SECONDS",
        sleep,
        "Let time pass. What on asked for goes on being done.",
        "words",
        ("sleep 0.5",),
    ),
    ("time TEXT…", timed, "Run a command and say how long it took.", "words", ("time sources",)),
    (
        "bench COUNT TEXT…",
        bench,
        "Run a command COUNT times and show its timings: the median, the 95th percentile, and how "
        "often a second.",
        "words",
        ("bench 1000 frame", "bench 100 get '#RVColor.color.gamma'"),
    ),
    (
        "on [EVENT] [TEXT…]",
        on,
        "Run a text whenever the far end tells of EVENT. It is a name, or a regular expression "
        "that begins with ^; $event and $contents are set. Without TEXT the event is shown, "
        "without arguments what is done is listed.",
        "words",
        ("on play-stop 'echo stopped at $frame'", "on ^source", "on"),
    ),
    ("off EVENT", off, "Forget what was to be done on EVENT.", "words", ("off play-stop",)),
    (
        "watch SECONDS TEXT… [--count COUNT]",
        watch,
        "Run a command again and again: until Ctrl-C, or COUNT times. On a terminal it is shown in "
        "place, in a pipe each turn is a line of JSON.",
        "words",
        ("watch 0.5 frame --count 3", "watch 1 status"),
    ),
)


def install() -> None:
    """Put these verbs into the registry (once)."""
    for text, func, help_text, tail, (example, *more) in _TABLE:
        if text.partition(" ")[0] not in REGISTRY:
            found = Verb(
                text,
                func,
                help=help_text,
                example=example,
                more=tuple(more),
                scope="script",
                tail=tail,
            )
            REGISTRY.add(found)
