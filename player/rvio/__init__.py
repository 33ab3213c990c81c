"""`player-rvio`: the player's export under rvio's command line.

    rvio's words --words.read()--> Command --player.commandline.run()--> daemon.exporting

Farms, RV's packages and its menus export by starting the program that RV_APP_RVIO names:
``rvio SESSION -o OUT.#.jpg -t 1,5,9``.  When no rvio is installed, that program is this one.  It
takes every option of rvio (``words``), writes pictures, movies, sound and sessions by rvio's
rules where they are others than those of `player --export` - a source that is alone is written by
the frames of its files, frames that are not there are left out, files have rvio's codecs and
numbers - and ends with rvio's exit statuses: 0, 255 for what is wrong, 254 for what could not be
written.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Final

from player import heap
from player.rvio.words import Command, read
from rvshell.errors import UsageError

__all__ = ["main"]

_WRONG: Final = 255
_KEPT: Final = frozenset((0, 130, 254))
_USAGE: Final = """\
usage: player-rvio FILE... -o OUT [-t RANGE] [OPTION...]

  rvio's options, all of them:
    player-rvio in.#.exr -o out.mov                    a movie, with the session's sound
    player-rvio in.mov -t 1000-1200 -o out.#.jpg       pictures of a range
    player-rvio [ in.#.tif in.wav ] -o out.mov         pictures and sound
    player-rvio in.mov -o out.wav                      the sound alone
    player-rvio in.#.exr -outlog -o out.#.dpx          Cineon's curve
    player-rvio [ l.mov r.mov ] -outstereo -o o.#.exr  both eyes in each file
    player-rvio shot.rv -o copy.rv                     a session
    player-rvio in.#.exr -o out.null                   nothing, to measure
  in front of and over the pictures:
    -leader simpleslate SIDETEXT NAME=VALUE...
    -overlay frameburn OPACITY GREY SIZE      -overlay watermark TEXT OPACITY
    -overlay bug FILE [OPACITY HEIGHT X Y]    -overlay matte ASPECT OPACITY
  player --help lists the options of sources and of RV
"""


def _fail(text: str) -> int:
    print(f"ERROR: {text}", file=sys.stderr, flush=True)
    return _WRONG


def _show(what: str) -> int:
    from player.commandline import run

    if what == "help":
        print(_USAGE, end="")
        return 0
    if what == "formats":
        from player.encoding import formats

        print("\n".join(formats()))
        return 0
    return run(["-version"])


def main(argv: Sequence[str] | None = None) -> int:
    """Export as rvio's command line says; rvio's exit status."""
    if argv is None:
        heap.settle()
    try:
        command = read(sys.argv[1:] if argv is None else argv)
    except UsageError as error:
        return _fail(error.describe())
    if "err-to-out" in command.changes:
        sys.stdout.flush()
        sys.stderr.flush()
        sys.stderr = sys.stdout
    if command.show:
        return _show(command.show)
    for note in command.notes:
        print(note, file=sys.stderr, flush=True)
    if not command.target:
        return _fail("no output file/sequence specified")
    return _run(command)


def _run(command: Command) -> int:
    from player.commandline import run

    changes = dict(command.changes)
    if "RVIO_INIT" in os.environ:
        changes.setdefault("init", (os.environ["RVIO_INIT"],))
    from_environment = os.environ.get("RVIO_OUTPARAMS", "").split()
    words = ["--outparams", *from_environment] if from_environment else []
    status = run(
        [*words, *command.words], as_rvio=True, conversions=changes,
        overlays=tuple(command.overlays), leaders=tuple(command.leaders),
    )  # fmt: skip
    return status if status in _KEPT else _WRONG
