"""Lines for standard error, kept off a picture that is on the same terminal.

While a `Capture` is open, file descriptor 2 is a pipe: what anybody writes there, C libraries
included, is read by a thread.  The newest line is there for the screen's last row; all of
them go to the real standard error when it is closed.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections import deque
from contextlib import suppress

__all__ = ["Capture", "same_terminal"]

_KEPT = 500  # lines
_LENGTH = 2000  # characters of one


def same_terminal(a: int, b: int) -> bool:
    """Whether two descriptors are the same terminal."""
    try:
        return os.isatty(a) and os.isatty(b) and os.ttyname(a) == os.ttyname(b)
    except OSError:
        return False


class Capture:
    """Takes over *descriptor* until `close`."""

    def __init__(self, descriptor: int = 2) -> None:
        self._descriptor = descriptor
        self._saved = os.dup(descriptor)
        self._read, write = os.pipe()
        os.dup2(write, descriptor)
        os.close(write)
        self._lines: deque[str] = deque(maxlen=_KEPT)
        self._lost = 0
        self._came = 0.0
        self._rest = b""
        self._thread = threading.Thread(target=self._run, name="stderr", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                data = os.read(self._read, 65536)
            except OSError:
                return
            if not data:
                return
            *whole, self._rest = (self._rest + data).split(b"\n")
            self._rest = self._rest[-_LENGTH:]
            for line in whole:
                if len(self._lines) == _KEPT:
                    self._lost += 1
                self._lines.append(line[:_LENGTH].decode("utf-8", "replace"))
                self._came = time.monotonic()

    def newest(self, seconds: float) -> str:
        """The last line, without control characters, if it came within *seconds*; else ""."""
        if not self._lines or time.monotonic() - self._came > seconds:
            return ""
        return re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", self._lines[-1])

    def close(self) -> None:
        """Give the descriptor back and write out what was kept."""
        if self._saved < 0:
            return
        os.dup2(self._saved, self._descriptor)  # closes the pipe's last writer: the thread ends
        self._thread.join(1.0)
        os.close(self._read)
        lines = list(self._lines)
        if self._rest:
            lines.append(self._rest.decode("utf-8", "replace"))
        if self._lost:
            lines.insert(0, f"({self._lost} earlier lines are lost)")
        saved, self._saved = self._saved, -1
        with suppress(OSError):  # the terminal is gone, and so is who would read them
            os.write(saved, "".join(f"{line}\n" for line in lines).encode())
        os.close(saved)
