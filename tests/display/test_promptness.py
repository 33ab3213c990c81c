"""Threads that ask for short turns."""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
import threading

import pytest

from player.display import Display, NullSink, promptness
from player.display.promptness import promptly

_GETATTR = {"x86_64": 315, "aarch64": 275, "riscv64": 275}
_ATTR = struct.Struct("=IIQiIQQQ")

linux = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in _GETATTR, reason="Linux only"
)


def attributes() -> tuple[int, int, int]:
    """(policy, nice value, turn in nanoseconds) of the calling thread, by the kernel."""
    raw = ctypes.create_string_buffer(_ATTR.size)
    number = _GETATTR[platform.machine()]
    assert ctypes.CDLL(None).syscall(number, 0, raw, _ATTR.size, 0) == 0
    values = _ATTR.unpack(raw.raw)
    return values[1], values[3], values[5]


def in_a_thread(call: object) -> list[object]:
    out: list[object] = []
    thread = threading.Thread(target=lambda: out.append(call()))  # type: ignore[operator]
    thread.start()
    thread.join()
    return out


def short_turns_are_known() -> bool:
    release = tuple(int(n) for n in platform.release().split("-")[0].split(".")[:2])
    return release >= (6, 12)


@linux
def test_short_turns_are_asked_for_this_thread_and_nothing_else_changes() -> None:
    def ask() -> tuple[bool, tuple[int, int, int], tuple[int, int, int]]:
        before = attributes()
        return promptly(), before, attributes()

    [(done, before, after)] = in_a_thread(ask)  # type: ignore[misc]
    assert after[:2] == before[:2]
    if done and short_turns_are_known():
        assert after[2] == 100_000
    assert attributes()[2] == before[2]  # of this one


@linux
def test_a_thread_that_has_something_better_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getscheduler", lambda pid: os.SCHED_RR)
    assert in_a_thread(promptly) == [False]


def test_other_systems_do_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promptness.platform, "machine", lambda: "z80")
    assert in_a_thread(promptly) == [False]


@linux
def test_the_display_asks() -> None:
    found: list[tuple[int, int, int]] = []

    def make() -> NullSink:
        found.append(attributes())
        return NullSink(4, 3)

    display = Display([make])
    display.start()
    display.stop()
    if in_a_thread(promptly) == [True] and short_turns_are_known():
        assert found[0][2] == 100_000
