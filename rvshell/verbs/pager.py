"""Long output of an interactive shell goes through the user's pager.

$RVSHELL_PAGER, else $PAGER, else `less`; with LESS=FRSX unless the user has set LESS, so that what
fits is simply printed and nothing is cleared. `--no-pager`, or an empty $PAGER, prints everything.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from typing import TextIO

__all__ = ["show"]


def show(text: str, out: TextIO) -> bool:
    """Page *text* when it is longer than the terminal; False when the caller is to print it."""
    size = shutil.get_terminal_size((80, 24))
    rows = sum(1 + max(0, len(line) - 1) // size.columns for line in text.split("\n"))
    if rows < size.lines:
        return False
    pager = os.environ.get("RVSHELL_PAGER", os.environ.get("PAGER", "less"))
    try:
        command = shlex.split(pager)
    except ValueError:
        return False
    if not command or shutil.which(command[0]) is None:
        return False
    out.flush()
    environment = {"LESS": "FRSX", "LESSCHARSET": "utf-8"} | dict(os.environ)
    try:
        subprocess.run(command, input=text.encode("utf-8", "replace"), env=environment, check=False)
    except OSError:
        return False
    return True
