"""`player` and `python -m player`."""

from __future__ import annotations

import sys

from player import __version__
from player.options import OptionError, help_text, parse

__all__ = ["main"]


def main() -> int:
    """Run the command line; returns the exit status."""
    try:
        options = parse(sys.argv[1:])
    except OptionError as error:
        print(f"player: {error}", file=sys.stderr)
        return 2
    if options.show == "help":
        print(help_text())
        return 0
    if options.show == "version":
        print(__version__)
        return 0
    for warning in options.warnings:
        print(f"WARNING: {warning}", file=sys.stderr)
    from player.daemon import run

    return run(options)


if __name__ == "__main__":
    sys.exit(main())
