"""Ports that nobody listens on, for tests that come back to one.

They lie below those that the system gives to connections: one of these may be somebody else's
as soon as it is free.
"""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack

__all__ = ["free_port", "free_run"]

_FIRST, _END = 20_000, 32_000
_chance = random.SystemRandom()  # tests that run side by side must not draw the same


def free_port() -> int:
    """A port of this machine that is free at the moment."""
    return free_run(1)


def free_run(count: int) -> int:
    """The first of `count` consecutive ports that are free."""
    for _ in range(1000):
        port = _chance.randrange(_FIRST, _END - count)
        with ExitStack() as listening:
            try:
                for n in range(count):
                    listening.enter_context(socket.create_server(("127.0.0.1", port + n)))
            except OSError:
                continue
            return port
    raise AssertionError("no free ports")
