"""`rvshell` and `python -m rvshell`."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> int:
    """Run the command line; returns the exit status."""
    from rvshell.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    from rvshell.leaving import leave

    leave(main())
