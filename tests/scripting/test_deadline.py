"""Deadlines: scripts end, commands do not get torn, other work goes on."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterator

import pytest

from player.scripting.deadline import Guard, ScriptExpired


@pytest.fixture
def guard() -> Iterator[Guard]:
    made = Guard(limit=0.2)
    assert made.start()
    yield made
    made.close()


def forever() -> None:
    while True:
        pass


def test_a_result_comes_back(guard: Guard) -> None:
    assert guard.run(lambda a, b: a + b, 1, 2) == 3
    assert not guard.running


def test_an_endless_loop_is_stopped(guard: Guard) -> None:
    with pytest.raises(ScriptExpired, match=r"evaluation stopped after 0\.2 seconds"):
        guard.run(forever)
    assert guard.run(lambda: 5) == 5


def test_a_sleep_is_interrupted(guard: Guard) -> None:
    begin = time.monotonic()
    with pytest.raises(ScriptExpired):
        guard.run(getattr(time, "sleep"), 60.0)  # noqa: B009
    assert time.monotonic() - begin < 30


def test_a_runaway_expression_is_interrupted(guard: Guard) -> None:
    with pytest.raises(ScriptExpired):
        guard.run(re.match, r"(a+)+$", "a" * 60 + "b")


def test_except_exception_does_not_keep_a_script_alive(guard: Guard) -> None:
    def stubborn() -> None:
        while True:
            try:
                forever()
            except Exception:
                continue

    with pytest.raises(ScriptExpired):
        guard.run(stubborn)


def test_a_script_that_catches_everything_is_interrupted_again(guard: Guard) -> None:
    caught = 0

    def stubborn() -> None:
        nonlocal caught
        while caught < 2:
            try:
                forever()
            except BaseException:
                caught += 1
        forever()

    with pytest.raises(ScriptExpired):
        guard.run(stubborn)
    assert caught == 2


def test_a_command_is_not_torn(guard: Guard) -> None:
    finished: list[bool] = []

    def command() -> None:
        guard.host += 1
        try:
            end = time.monotonic() + 60
            while not guard.expired and time.monotonic() < end:
                pass
            finished.append(guard.expired)
        finally:
            guard.host -= 1
            guard.resume()

    after: list[int] = []

    def script() -> None:
        command()
        after.append(1)

    with pytest.raises(ScriptExpired):
        guard.run(script)
    assert finished == [True]
    assert not after


def test_a_handler_inside_a_command_is_stopped_and_the_command_finishes(guard: Guard) -> None:
    steps: list[str] = []

    def command() -> None:
        guard.host += 1
        try:
            try:
                guard.run(forever)
            except ScriptExpired:
                steps.append("handler stopped")
            assert guard.host == 1
            steps.append("command finished")
        finally:
            guard.host -= 1
            guard.resume()

    with pytest.raises(ScriptExpired):
        guard.run(command)
    assert steps == ["handler stopped", "command finished"]


def test_an_expired_script_starts_no_further_handler(guard: Guard) -> None:
    ran: list[int] = []

    def command() -> None:
        guard.host += 1
        try:
            for _ in range(2):
                with pytest.raises(ScriptExpired):
                    guard.run(forever if not guard.expired else lambda: ran.append(1))
        finally:
            guard.host -= 1
            guard.resume()

    with pytest.raises(ScriptExpired):
        guard.run(command)
    assert not ran


def test_no_limit() -> None:
    guard = Guard(limit=0)
    assert guard.run(lambda: 1) == 1


def test_errors_pass_through(guard: Guard) -> None:
    with pytest.raises(ZeroDivisionError):
        guard.run(lambda: 1 / 0)
    assert not guard.running


def test_the_players_own_work_is_not_counted() -> None:
    guard = Guard(limit=0.3)
    guard.start()

    def script() -> str:
        with guard.uncounted():
            until = time.monotonic() + 0.6
            while time.monotonic() < until:
                pass
        return "done"

    try:
        assert guard.run(script) == "done"
    finally:
        guard.close()


class Clocks:
    """A clock of the day and one of work, which a test sets; each pass of time is a tick."""

    def __init__(self, limit: float) -> None:
        self.now = self.worked = 0.0
        self.guard = Guard(limit, clock=lambda: self.now, work=lambda: self.worked)
        assert self.guard.start()

    def pass_time(self, seconds: float, working: bool) -> None:
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            self.worked += 0.1 * working
            signal.raise_signal(signal.SIGALRM)

    def command(self, seconds: float, working: bool) -> None:
        self.guard.host += 1
        self.guard.calls += 1
        try:
            self.pass_time(seconds, working)
        finally:
            self.guard.host -= 1
            self.guard.resume()


@pytest.fixture
def clocks() -> Iterator[Clocks]:
    made = Clocks(limit=5.0)
    yield made
    made.guard.close()


def test_a_command_that_waits_is_not_counted(clocks: Clocks) -> None:
    assert clocks.guard.run(lambda: clocks.command(60.0, working=False)) is None


def test_one_command_with_much_to_do_is_let_finish(clocks: Clocks) -> None:
    def script() -> str:
        clocks.command(60.0, working=True)
        clocks.pass_time(1.0, working=True)
        return "done"

    assert clocks.guard.run(script) == "done"


def test_many_commands_are_counted_together(clocks: Clocks) -> None:
    done: list[int] = []

    def script() -> None:
        while True:
            clocks.command(0.9, working=True)
            done.append(1)

    with pytest.raises(ScriptExpired, match="stopped after 5 seconds"):
        clocks.guard.run(script)
    assert len(done) in (5, 6)


def test_a_script_that_waits_is_counted(clocks: Clocks) -> None:
    with pytest.raises(ScriptExpired):
        clocks.guard.run(lambda: clocks.pass_time(6.0, working=False))
    assert clocks.now < 5.5
