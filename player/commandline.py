"""The command line of the player, read and carried out."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace

from player import __version__
from player.options import OptionError, Options, help_text, parse
from player.options.completing import completions
from player.session.paths import PathMap
from rvshell import rvlink
from rvshell.errors import UsageError

__all__ = ["run"]


def run(
    words: Sequence[str], *, as_rvio: bool = False,
    conversions: Mapping[str, tuple[str, ...]] | None = None,
    overlays: tuple[tuple[str, ...], ...] = (), leaders: tuple[tuple[str, ...], ...] = (),
) -> int:  # fmt: skip
    """Run what the words of a command line say; returns the exit status.

    *as_rvio*: an export goes by rvio's rules where they are others, and changes what it shows
    by *conversions* (``daemon/conversions.py``), with *overlays* over it and *leaders* in front."""
    if words[:1] == ["--complete"]:  # the scripts of `rvshell completion` call this
        print(*completions(words[1:]), sep="\n")
        return 0
    try:
        options = parse(words, expand_link=rvlink.parse, map_path=PathMap().expand)
    except (OptionError, UsageError) as error:
        print(f"{'ERROR' if as_rvio else 'player'}: {error.describe()}", file=sys.stderr)
        return 2
    options = replace(
        options, as_rvio=as_rvio, conversions=conversions or {}, overlays=overlays, leaders=leaders
    )
    if options.show:
        try:
            status = _show(options, words)
            sys.stdout.flush()
        except BrokenPipeError:  # `player --help | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 128 + 13
        return status
    for warning in options.warnings:
        print(f"WARNING: {warning}", file=sys.stderr)
    # next to nothing of what a start makes is garbage, and looking for it costs a tenth of the
    # start; the daemon lets the collector run from the moment that it listens
    gc.disable()
    try:
        from player import daemon

        return daemon.run(options)
    finally:
        gc.unfreeze()  # what stayed goes as well, or OpenImageIO tells of every header as a leak
        gc.enable()


def _show(options: Options, words: Sequence[str]) -> int:
    """What is printed instead of playing."""
    if options.show == "help":
        print(help_text())
    elif options.show == "version":
        print(__version__)
    elif options.show == "formats":
        from player.media import IMAGE_EXTENSIONS, MOVIE_EXTENSIONS

        print("images:", *sorted(IMAGE_EXTENSIONS))
        print("movies:", *sorted(MOVIE_EXTENSIONS))
    else:
        rest = [w for w in words if w.lstrip("-") not in ("encodeURL", "bakeURL")]
        quoted = [f"'{w}'" if any(c.isspace() for c in w) else w for w in rest]
        print(rvlink.bake(quoted) if options.show == "bake-url" else rvlink.encode(quoted))
    return 0
