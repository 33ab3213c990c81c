"""`player` and `python -m player`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from player import heap

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line, or the words given; returns the exit status."""
    if argv is None:
        heap.settle()  # begins again: nothing of weight is imported before
    try:
        from player.commandline import run

        return run(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:  # while it starts
        return 130


if __name__ == "__main__":
    from rvshell.leaving import leave

    leave(main())
