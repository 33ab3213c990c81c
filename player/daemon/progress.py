"""How far an export is, and Ctrl-C in it."""

from __future__ import annotations

import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from player.options import Options

__all__ = ["Progress", "Steps", "announce", "ctrl_c"]

_BAR: Final = 30


class Progress:
    """A bar that is drawn anew on a terminal, a line for each tenth elsewhere.

    `written` of the `done` frames could be written: that is what is told.
    """

    def __init__(
        self, total: int, *, stream: Any = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._total = max(1, total)
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock
        self._terminal = bool(getattr(self._stream, "isatty", lambda: False)())
        self._begun = clock()
        self._drawn = -1.0
        self._tenth = 0
        self.done = 0
        self.written = 0

    def step(self, frame: int = 0, *, written: bool = True) -> None:
        """One more frame is finished, if *written* to its file."""
        self.done += 1
        self.written += written
        now = self._clock()
        last = self.done >= self._total
        if self._terminal:
            if last or now - self._drawn >= 0.1:
                self._drawn = now
                self._write("\r" + self._text(now) + "\x1b[K" + ("\n" if last else ""))
        elif self.done * 10 // self._total > self._tenth:
            self._tenth = self.done * 10 // self._total
            if self.written:
                self._write(self._text(now) + "\n")

    def _text(self, now: float) -> str:
        seconds = max(now - self._begun, 1e-6)
        rate = self.done / seconds
        left = (self._total - self.done) / rate if rate else 0.0
        counts = f"{self.written:{len(str(self._total))}d}/{self._total}"
        tail = f"{rate:.1f} fps, {left:.0f} s left"
        if not self._terminal:
            return f"exported {counts}, {tail}"
        width = max(5, min(_BAR, shutil.get_terminal_size().columns - 50))
        full = self.done * width // self._total
        return f"export [{'#' * full}{'.' * (width - full)}] {counts}  {tail}"

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()

    def line(self, text: str) -> None:
        """A message between two states of the bar."""
        self._write(("\r\x1b[K" if self._terminal else "") + text + "\n")


def announce(options: Options, count: int) -> None:
    """What is written, as rvio tells it with -v and -vv, on stdout."""
    lines = [f"writing {options.export}"]
    if options.codec:
        lines += [f"output compressor {options.codec}", f"output codec {options.codec}"]
    if "vv" in options.conversions:
        quality = 0.9 if options.quality is None else options.quality
        lines.append(f"output quality {quality:g}")
    if options.frames:
        lines.append(f"override time range {options.frames}, ({count} frames)")
    print("\n".join(f"INFO: {line}" for line in lines), flush=True)


class Steps:
    """A line on stdout for each frame, as rvio's -v, which farms read how far it is."""

    def __init__(self, total: int, *, movie: bool) -> None:
        self._total = total
        self._what = "MovieFFMpeg: Writing" if movie else "writing"
        self.done = 0
        self.written = 0

    def step(self, frame: int, *, written: bool = True) -> None:
        """One more frame is finished."""
        self.written += written
        share = self.done / (self._total - 1) if self._total > 1 else 0.0
        percent = int(share * 10000) / 100
        self.done += 1
        print(f"INFO: {self._what} frame {frame} ({percent:g}% done)", flush=True)

    def line(self, text: str) -> None:
        """A message."""
        print(text, file=sys.stderr, flush=True)


@contextmanager
def ctrl_c() -> Iterator[Callable[[], None]]:
    """What is given raises KeyboardInterrupt once Ctrl-C has been pressed; the second one strikes
    at once.

    Python would raise it wherever the main thread is: in a finaliser, for one, where it is lost.
    """
    pressed = False

    def press(number: int, frame: object) -> None:
        nonlocal pressed
        if pressed:
            raise KeyboardInterrupt
        pressed = True

    def check() -> None:
        if pressed:
            raise KeyboardInterrupt

    ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # not with `nohup`
    if ours:
        signal.signal(signal.SIGINT, press)
    try:
        yield check
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)
