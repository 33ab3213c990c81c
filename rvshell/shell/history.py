"""The user's history: one file for each far end, readable by the user only, without secrets.

A line that holds what looks like a secret (`token=…`, `--password …`) is remembered with `***`
in its place. Neither repeated lines nor lines that begin with a blank are kept.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from rvshell.shell.words import scattered
from rvshell.verbs.redact import redact

__all__ = ["open_history", "search"]

MAX_LINES = 20_000  # of the file; the oldest go when it is opened


def search(lines: Iterable[str], typed: str, limit: int = 200) -> list[str]:
    """Lines that hold all words of *typed*, the newest first; behind them, when they are few,
    those that have the letters of the words in their order."""
    words = typed.lower().split()
    found: dict[str, None] = {}
    others: dict[str, None] = {}
    for line in reversed(list(lines)):
        low = line.lower()
        if all(w in low for w in words):
            found.setdefault(line)
            if len(found) >= limit:
                break
        elif len(others) < limit and all(w in low or scattered(low, w) for w in words):
            others.setdefault(line)
    return [*found, *others][:limit]


class _SafeFile(FileHistory):
    """A history file that keeps no secrets, no repetitions, and no line beginning with a blank."""

    def append_string(self, string: str) -> None:
        if not string.strip() or string[0] in " \t":
            return
        string = redact(string)
        newest = self.get_strings()[-1:] if self._loaded else []
        if newest != [string]:
            super().append_string(string)

    def store_string(self, string: str) -> None:
        try:
            super().store_string(string)
        except OSError:  # a full disk must not end the session
            return


class _SafeMemory(InMemoryHistory):
    def append_string(self, string: str) -> None:
        if string.strip() and string[0] not in " \t":
            super().append_string(redact(string))


def open_history(target: str, folder: Path | None = None) -> History:
    """The history for a far end; in memory when no file can be had."""
    try:
        if folder is None:
            from platformdirs import user_state_path

            folder = Path(user_state_path("rvshell"))
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        host = re.sub(r"[^\w.-]", "_", target.rpartition(":")[0] or target) or "local"
        local = host in ("127.0.0.1", "localhost", "__1_", "local")
        path = folder / f"history-{'local' if local else host}"
        os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
        os.chmod(path, 0o600)
        _trim(path)
    except OSError:
        return _SafeMemory()
    return _SafeFile(str(path))


def _trim(path: Path) -> None:
    if path.stat().st_size < MAX_LINES * 40:
        return
    lines = path.read_text("utf-8", "replace").splitlines(keepends=True)
    if len(lines) > MAX_LINES:
        fresh = path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(lines[-MAX_LINES // 2 :])
        os.replace(fresh, path)
