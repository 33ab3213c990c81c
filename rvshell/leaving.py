"""The end of a program: the status that it ends with is its own."""

from __future__ import annotations

import sys
from typing import NoReturn

__all__ = ["leave"]


def leave(status: int) -> NoReturn:
    """End with this status.

    `python -m` ends as if by SIGINT when an interruption, caught or not, has left a text that was
    being executed (a named tuple's class, say) and no other was executed since.
    """
    exec("")
    sys.exit(status)
