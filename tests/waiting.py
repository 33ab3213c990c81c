"""Waiting in tests: for a condition, with a deadline, never for a length of time."""

from __future__ import annotations

import asyncio
import select
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

__all__ = ["DEADLINE", "until", "until_async"]

# Generous on purpose: it is only reached when something is broken. A player may take twenty
# seconds to start where ten other programs want the processor.
DEADLINE = 60.0


def until(condition: Callable[[], T], what: str = "", deadline: float = DEADLINE) -> T:
    """Polls ``condition`` until it is true and returns its value; fails at the deadline."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"gave up waiting for {what or condition}; last value {value!r}")
        select.select([], [], [], 0.005)


async def until_async(condition: Callable[[], T], what: str = "", deadline: float = DEADLINE) -> T:
    """As ``until``, while the event loop goes on."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"gave up waiting for {what or condition}; last value {value!r}")
        await asyncio.sleep(0.005)
