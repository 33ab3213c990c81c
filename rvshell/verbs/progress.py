"""A progress bar on a terminal; nothing anywhere else."""

from __future__ import annotations

import shutil
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__ = ["Bar"]

_EVERY = 0.05  # seconds between two drawings


class Bar:
    """Drawn on standard error while something takes its time; gone when it is done."""

    def __init__(self, ctx: Context) -> None:
        self._err = ctx.err
        self._on = self._err.isatty() and not ctx.options.quiet
        self._began = self._next = 0.0
        self._drawn = False

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._next = self._began
        return self

    def show(self, what: str, done: int, total: int) -> None:
        """*done* of *total* bytes (0: unknown)."""
        if not self._on:
            return
        now = time.monotonic()
        if now < self._next and done < total:
            return
        self._next = now + _EVERY
        rate = done / max(now - self._began, 1e-3) / 1e6
        columns = shutil.get_terminal_size().columns
        figures = f"{done / 1e6:,.0f} MB {rate:,.0f} MB/s"
        if total:
            share = min(done / total, 1.0)
            room = max(10, columns - len(what) - len(figures) - 12)
            full = round(room * share)
            line = f"{what} [{'#' * full}{'.' * (room - full)}] {share:4.0%} {figures}"
        else:
            line = f"{what} {figures}"
        self._err.write(f"\r{line[: columns - 1]}\x1b[K")
        self._err.flush()
        self._drawn = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._drawn:
            self._err.write("\r\x1b[K")
            self._err.flush()
            self._drawn = False
