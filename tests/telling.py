"""What a test has to say even when it passes: tables of what is proved by what, seeds.

A test takes the fixture `tell` and calls `tell(title, line, …)`; all of it is printed below the
results, by whichever process ran the test.
"""

from __future__ import annotations

from typing import Protocol

__all__ = ["PROPERTY", "Tell"]

PROPERTY = "told"
"""The name under which a test's report carries what was told."""


class Tell(Protocol):
    def __call__(self, title: str, *lines: str) -> None: ...
