"""`player --help`, laid out as a manual page from the table of options."""

from __future__ import annotations

import textwrap
from typing import Final

from .table import INERT, OPTIONS, SECTIONS

__all__ = ["help_text", "usage"]

_USAGE: Final = "player [options] [source ...]"

_INTRO: Final = """\
A media player without GPU or window that answers on the network as RV does. Sources are
files, directories, sequence patterns, URLs, session files (.rv) and procedural media.
Options and sources may be mixed. Every option may also be written with two dashes and with
dashes between its words: -networkPort 45200, --networkPort 45200, --network-port=45200.
Numbers may be arithmetic (-gamma 1/2.2)."""

_KEYS: Final = (
    ("space", "play, stop"),
    ("left, right", "a frame back, on"),
    (", .", "play backward, forward"),
    ("home, end", "first, last frame"),
    ("[ ] \\", "in point, out point here; neither"),
    ("m", "mark the frame; alt-left and alt-right go from mark to mark"),
    ("r g b a l c", "red, green, blue, alpha, luminance alone; colour again"),
    ("e y k S h", "exposure, gamma, contrast, saturation, hue: then drag"),
    ("f", "fit the picture into the window; 1 to 8 enlarge it as often"),
    ("i, tab", "image info, timeline"),
    ("X Y", "mirror left and right, up and down"),
    ("shift-left, shift-right", "view before, after this one"),
    ("ctrl-q", "end (in a terminal ctrl-c, too)"),
)

_EXAMPLES: Final = (
    ("player shot.#.exr", "one sequence"),
    ("player cut1.mov cut2.1-100#.exr", "two sources, one after the other"),
    ("player [ left.#.tif right.#.tif sound.wav ]", "one source in stereo with audio"),
    ("player [ a.exr -in 10 -out 20 ] b.exr", "options of one source"),
    ("player -wipe a.exr b.exr", "compare two images"),
    ("player -play -fps 25 --display terminal a.mov", "play in the terminal"),
    ("player --snapshot out.png 'smptebars,start=1,end=10.movieproc'", "test media to a file"),
)

_PATTERNS: Final = (
    ("name.#.exr", "all frames, four digits"),
    ("name.@@@.exr", "all frames, three digits"),
    ("name.1-100#.exr", "frames 1 to 100; 1,3,5-9 and 1-100x10 work too"),
    ("name.%04d.exr 1-100", "printf style, the range as a word of its own"),
    ("name.%V.#.exr", "stereo: left and right; %v is L and R or l and r"),
)


def usage() -> str:
    """One line."""
    return f"usage: {_USAGE}"


def _rows(rows: list[tuple[str, str]], width: int, column: int) -> list[str]:
    out = []
    for left, right in rows:
        lines = textwrap.wrap(right, max(width - column, 20)) or [""]
        if len(left) + 4 > column:
            out.append(f"  {left}")
        else:
            out.append(f"  {left:<{column - 2}}{lines.pop(0)}".rstrip())
        out.extend(" " * column + line for line in lines)
    return out


def help_text(width: int = 80) -> str:
    """The manual, wrapped to `width` columns, ending in a newline."""
    out = ["NAME", "  player - play media and answer as RV on the network", ""]
    out += ["SYNOPSIS", f"  {_USAGE}", "", "DESCRIPTION"]
    out += textwrap.wrap(" ".join(_INTRO.split()), width - 2, initial_indent="  ",
                         subsequent_indent="  ")  # fmt: skip
    for section in SECTIONS:
        rows = [
            (f"{option.spelling} {option.takes}".rstrip(), option.help)
            for option in OPTIONS
            if option.section == section and option.help
        ]
        if rows:
            out += ["", section.upper(), *_rows(rows, width, 30)]
    out += ["", "ACCEPTED WITHOUT EFFECT"]
    inert = " ".join(f"-{name}" for name in INERT)
    out += textwrap.wrap(inert, width - 2, initial_indent="  ", subsequent_indent="  ",
                         break_on_hyphens=False)  # fmt: skip
    out += ["", "SEQUENCES", *_rows(list(_PATTERNS), width, 30)]
    out += ["", "KEYS (THOSE OF RV)", *_rows(list(_KEYS), width, 30)]
    out += ["", "EXAMPLES", *_rows([(a, b) for a, b in _EXAMPLES], width, 52)]
    return "\n".join(out) + "\n"
