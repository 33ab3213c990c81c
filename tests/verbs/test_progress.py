"""How far a push is: on a terminal, in a log, for a program."""

from __future__ import annotations

import io
import json

import pytest

from rvshell.verbs import progress
from rvshell.verbs.context import Context, Options
from rvshell.verbs.progress import Bar
from rvshell.verbs.remote import Remote


class Err(io.StringIO):
    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def run(clock: list[float], terminal: bool, step: float, **options: object) -> str:
    err = Err(terminal)
    ctx = Context(Options(**options), Remote(), err=err)  # type: ignore[arg-type]
    with Bar(ctx) as _:
        for done in range(0, 101, 10):
            _.show("a\x1b[31m.exr", done * 1_000_000, 100_000_000)
            clock[0] += step
    return err.getvalue()


def test_a_bar_on_a_terminal_that_goes_away(clock: list[float]) -> None:
    text = run(clock, True, 0.1)
    assert "[####" in text and " 50% 50 MB" in text and "s left" in text
    assert text.endswith("\r\x1b[K") and "\x1b[31m" not in text
    assert all(len(line) <= 100 for line in text.split("\r"))


def test_a_line_now_and_then_in_a_log(clock: list[float]) -> None:
    lines = run(clock, False, 1.0).splitlines()
    assert len(lines) == 5 and lines[0].startswith("a\\x1b[31m.exr 20% 20 MB 10 MB/s")
    assert run(clock, False, 0.01) == ""  # what is quick is not worth a line
    err = Err(False)
    with Bar(Context(Options(), Remote(), err=err)) as bar:
        clock[0] += 10.0  # nor is what is over before there was anything to say
        bar.show("a.exr", 100, 100)
    assert err.getvalue() == ""


def test_json_for_programs(clock: list[float]) -> None:
    entries = [
        json.loads(x)["progress"] for x in run(clock, False, 0.5, progress="json").splitlines()
    ]
    assert entries[-1]["done"] == entries[-1]["total"] == 100_000_000


def test_nothing_when_nothing_is_wanted(clock: list[float]) -> None:
    assert run(clock, True, 1.0, progress="none") == run(clock, True, 1.0, quiet=True) == ""
