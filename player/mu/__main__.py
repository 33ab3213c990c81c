"""Mu without a player: ``python -m player.mu FILE.mu ...`` or ``python -m player.mu -e CODE``.

``require`` finds modules in the folders of MU_MODULE_PATH (default: the current one).
The value of the last program is printed as ``remote-eval`` would answer it. The exit status is 1
when a program fails.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from player.mu import Interpreter
from player.mu.modulepath import environment_path

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Run programs in one session; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m player.mu", description="Run Mu programs without a player."
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="Mu programs; - is standard input")
    parser.add_argument("-e", dest="code", action="append", default=[], metavar="CODE",
                        help="a program given as text, after the files")  # fmt: skip
    parser.add_argument("--prelude", metavar="FILE", help="global program text to evaluate first")
    parser.add_argument("--deadline", type=float, default=0.0, metavar="SECONDS",
                        help="stop a program after this time (default: never)")  # fmt: skip
    parser.add_argument("--allow", action="append", default=[], metavar="ACTION",
                        help="permit an action on this machine, e.g. system")  # fmt: skip
    options = parser.parse_args(arguments)
    if not options.files and not options.code:
        parser.error("nothing to run: name a FILE or give CODE with -e")
    try:
        prelude = Path(options.prelude).read_text(encoding="utf-8") if options.prelude else None
        texts = [_read(name) for name in options.files] + list(options.code)
    except OSError as error:
        parser.error(f"cannot read {error.filename}: {error.strerror}")
    except UnicodeDecodeError as error:
        parser.error(f"not UTF-8 text: {error}")
    allowed = frozenset(options.allow)
    interpreter = Interpreter(
        prelude,
        permit=lambda action, detail: action in allowed,
        output=_write,
        deadline=options.deadline,
    )
    interpreter.module_path = environment_path()
    reply = ""
    for text in texts:
        reply = interpreter.reply(text, "mu")
        if reply.startswith("ERROR: mu:"):
            sys.stdout.flush()
            print(reply.partition("\n")[0], file=sys.stderr)
            return 1
    if reply and reply != "void":
        print(reply)
    return 0


def _write(text: str) -> None:
    sys.stdout.write(text)


def _read(name: str) -> str:
    return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
