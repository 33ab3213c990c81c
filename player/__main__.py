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
    status = main()
    # `python -m` ends as if by SIGINT when an interruption, caught or not, has left a text that was
    # being executed (a named tuple's class, say) and no other was executed since
    exec("")
    sys.exit(status)
