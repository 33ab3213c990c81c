"""The system's `readv` and `writev` on a table of addresses and lengths.

Python's own `recvmsg_into` and `sendmsg` take lists of buffers, and spend more on a thousand of
them than the kernel does on moving the bytes.  A table is made by one numpy expression where it
is needed (rows that land in a frame, rows that leave a picture); the call is here.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from typing import Final, TypeAlias

__all__ = ["Call", "readv", "writev"]

_MOST: Final = 1024  # entries of a table; POSIX: IOV_MAX

Call: TypeAlias = Callable[[int, int, int], int]
"""`call(fd, address, entries)`: what one call moves between a file descriptor and a table of that
many entries (address and length, one machine word each) at `address`, in bytes; 0 at the end.
Raises OSError (BlockingIOError when nothing moves now)."""


def _system(name: str) -> Call | None:
    try:
        function = getattr(ctypes.CDLL(None, use_errno=True), name)
    except (AttributeError, OSError, TypeError):  # Windows
        return None
    function.restype = ctypes.c_ssize_t
    function.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_int)

    def call(fd: int, address: int, entries: int) -> int:
        moved = int(function(fd, address, min(entries, _MOST)))
        if moved < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return moved

    return call


readv: Final = _system("readv")
"""None where the system has none."""

writev: Final = _system("writev")
"""None where the system has none."""
