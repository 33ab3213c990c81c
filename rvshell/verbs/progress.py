"""How far something is: a bar on a terminal, a plain line every two seconds anywhere else.

With `--progress json` a line of JSON instead, for a program that shows it in its own way; with
`--progress none` or `--quiet` nothing. It is all on standard error: data stays alone.
"""

from __future__ import annotations

import shutil
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rvshell.verbs.output import cut, escape

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__ = ["Bar"]

_EVERY = 0.05  # seconds between two drawings of the bar
_LINES = 2.0  # seconds between two lines
_JSON = 0.5


class Bar:
    """Told while something takes its time; the bar is gone when it is done."""

    def __init__(self, ctx: Context) -> None:
        self._err = ctx.err
        kind = "none" if ctx.options.quiet else ctx.options.progress
        if kind == "auto":
            kind = "bar" if self._err.isatty() else "lines"
        self._kind = kind
        self._every = {"bar": _EVERY, "lines": _LINES, "json": _JSON}.get(kind, 0.0)
        self._began = self._next = 0.0
        self._drawn = False
        self._told = False

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._told = False
        # a line is worth having only when it takes a while
        self._next = self._began + (_LINES if self._kind == "lines" else 0.0)
        return self

    def show(self, what: str, done: int, total: int) -> None:
        """*done* of *total* bytes (0: unknown)."""
        if self._kind == "none":
            return
        now = time.monotonic()
        if now < self._next and (done < total or self._kind == "lines"):
            return
        if self._kind == "lines" and done >= total > 0 and not self._told:
            return  # over before there was anything to say
        self._told = True
        self._next = now + self._every
        rate = done / max(now - self._began, 1e-3)
        if self._kind == "json":
            self._write(self._json(what, done, total, rate))
            return
        left = f" {(total - done) / rate:,.0f} s left" if total > done and rate > 0 else ""
        figures = f"{done / 1e6:,.0f} MB {rate / 1e6:,.0f} MB/s{left}"
        what = escape(what).replace("\n", " ")
        share = min(done / total, 1.0) if total else 0.0
        if self._kind == "lines":
            self._write(f"{what} {f'{share:.0%} ' if total else ''}{figures}\n")
            return
        columns = shutil.get_terminal_size().columns
        line = f"{what} {figures}"
        if total:
            room = max(10, columns - len(what) - len(figures) - 12)
            full = round(room * share)
            line = f"{what} [{'#' * full}{'.' * (room - full)}] {share:4.0%} {figures}"
        self._write(f"\r{cut(line, columns - 1)}\x1b[K")
        self._drawn = True

    @staticmethod
    def _json(what: str, done: int, total: int, rate: float) -> str:
        import json

        entry = {"what": what, "done": done, "total": total, "bytes_per_second": round(rate)}
        return json.dumps({"progress": entry}, ensure_ascii=False) + "\n"

    def _write(self, text: str) -> None:
        self._err.write(text)
        self._err.flush()

    def clear(self) -> None:
        """Make room for a line of text; the bar comes back when there is more to show."""
        if self._drawn:
            self._write("\r\x1b[K")
            self._drawn = False

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.clear()
