"""`rvshell` and `python -m rvshell`."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> int:
    """Run the command line; returns the exit status."""
    from rvshell.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    status = main()
    # `python -m` ends as if by SIGINT when an interruption, caught or not, has left a text that was
    # being executed (a named tuple's class, say) and no other was executed since
    exec("")
    sys.exit(status)
