"""`player-rvio`: the player's export under rvio's command line.

RV's packages and its menus export by starting the program that RV_APP_RVIO names:
``rvio SESSION -o OUT.#.jpg -t 1,5,9``.  When no rvio is installed, that program is this one.
It writes pictures and movies as `player --export` does, but a source that is alone is written
by the frames of its files, frames that are not there are left out, and a movie gets the codecs
of RV's writer unless it is told which.  What is drawn in front of or over the pictures
(`-leader`, `-overlay` ...) is told and not applied, as is what encodes movies when pictures are
written (`-codec` and `-quality` are EXR's, too), and two eyes as tracks or views of one file
(`-outstereo` alone); files of sound alone cannot be written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from player import __version__, heap
from player.options.arithmetic import evaluate

__all__ = ["main", "translated"]

_RENAMED: Final = {"o": "--export", "t": "--frames", "view": "-view", "init": "-init",
                   "dlut": "-dlut", "resampleMethod": "-resampleMethod"}  # fmt: skip
_CONVERSIONS: Final = {
    "tio": 0, "inlog": 0, "inredlog": 0, "inredlogfilm": 0, "insrgb": 0, "in709": 0, "ingamma": 1,
    "filegamma": 1, "exposure": 1, "scale": 1, "flip": 0, "flop": 0, "outsrgb": 0, "out709": 0,
    "outgamma": 1, "resize": 2,
}  # fmt: skip
"""Words that change what is shown, with the number of their arguments at most."""
_MOVIES: Final = {
    "outfps": 1, "codec": 1, "quality": 1, "outpa": 1, "audiocodec": 1, "audiorate": 1,
    "audiochannels": 1, "comment": 1, "copyright": 1, "outparams": -1,
}  # fmt: skip
"""Words that are applied to movies."""
_QUIET: Final = {"v": 0, "vv": 0, "q": 0, "err-to-out": 0, "lic": 1, "rthreads": 1, "wthreads": 1,
                 "strictlicense": 0, "noprerender": 0, "noSequence": 0, "sleep": 1}  # fmt: skip
"""Words that change nothing here, with the number of their arguments."""
_OPEN: Final = -1
_DROPPED: Final = {
    word: count
    for count, words in (
        (0, "ns noRanges inpremult inunpremult outrgb outpremult outunpremult outlog outredlog"
            " outredlogfilm outhalf out8 outaces exrRGBA exrInherit exrNoOneChannel"
            " exrReadWindowIsDisplayWindow jpegRGBA cinchroma dpxchroma"),
        (1, "leaderframes outillum exrcpus exrReadWindow cinpixel dpxpixel"),
        (2, "outformat outwhite"),
        (3, "yryby yuv"),
        (4, "yrybya"),
        (_OPEN, "leader overlay inchannelmap outchannelmap iomethod"
                " exrIOMethod jpegIOMethod cinIOMethod dpxIOMethod tgaIOMethod tiffIOMethod debug"),
    )
    for word in words.split()
}  # fmt: skip
"""Words that the player cannot honour, with the number of their arguments; those of open number
end before the next word with a dash."""
_SEPARATE: Final = "separate"
_STEREO: Final = frozenset(
    f"checker scanline anaglyph lumanaglyph left right pair mirror hsqueezed vsqueezed {_SEPARATE}"
    .split()
)  # fmt: skip
"""What `-outstereo` may be; two eyes in one file without."""
_HELP: Final = """\
usage: player-rvio [OPTION…] MEDIA… -o OUT

Writes MEDIA (files, sequences, [ left right sound ], session files) as rvio does, by the player:
OUT.#.exr (tif, png, jpg, dpx...) is a file for each frame, OUT.mov (mp4, mkv...) a movie.

  -o OUT                  what is written
  -t RANGE                the frames: 1-10, 1,5,9 (all); -tio: from in to out point
  -view NAME              the view of a session that is written
  -outres W H, -scale F, -resize W [H]          size
  -inlog, -inredlog, -inredlogfilm, -insrgb, -in709, -ingamma F, -filegamma F, -exposure F,
  -flut FILE, -llut FILE, -dlut FILE, -flip, -flop, -outsrgb, -out709, -outgamma F      colours
  -outstereo MODE         checker, scanline, anaglyph, lumanaglyph, left, right, pair, mirror,
                          hsqueezed, vsqueezed
  -codec NAME, -quality F, -outparams NAME=VALUE..., -outfps F, -outpa RATIO, -audiocodec NAME,
  -audiorate N, -audiochannels N, -comment TEXT, -copyright TEXT                      movies

Other words of rvio are taken; those that cannot be applied are named. The options of MEDIA and of
views are the player's: player --help.

examples:
  player-rvio foo.#.exr -o foo.mov
  player-rvio [ foo.#.exr foo.wav ] -in 101 -out 120 -codec libx264 -o foo.mov
  player-rvio foo.rv -view "latest shots" -t 1,5-9 -o out.#.jpg
"""


def _is_word(text: str) -> bool:
    return text.startswith("-") and not text[1:2].isdigit() and text != "-"


def _values(words: Sequence[str], start: int) -> list[str]:
    end = start
    while end < len(words) and not _is_word(words[end]):
        end += 1
    return list(words[start:end])


def _whole(text: str) -> str:
    """A side of a picture, which may be arithmetic: 1556/2."""
    try:
        return str(int(evaluate(text)))
    except ValueError:
        return text


def _is_number(text: str) -> bool:
    try:
        evaluate(text)
    except ValueError:
        return False
    return True


def translated(
    words: Sequence[str],
) -> tuple[list[str], list[str], dict[str, tuple[str, ...]]]:
    """The words of the player's command line, the names of what is not applied, and what changes
    the pictures."""
    from player.encoding import is_movie

    made: list[str] = []
    changes: dict[str, tuple[str, ...]] = {}
    dropped: list[str] = []
    targets = [path for word, path in pairwise(words) if word in ("-o", "--o")]
    movie = any(map(is_movie, targets))
    exr = any(path.lower().endswith(".exr") for path in targets)
    at = 0
    while at < len(words):
        word = words[at]
        name = word.lstrip("-")
        at += 1
        if not _is_word(word):
            made.append(word)
        elif name == "outres" and len(words) >= at + 2:
            made += ["--size", "x".join(map(_whole, words[at : at + 2]))]
            at += 2
        elif name in _RENAMED:
            made += [_RENAMED[name], *words[at : at + 1]]
            at += 1
        elif name in _QUIET:
            at += _QUIET[name]
        elif name in _CONVERSIONS:
            texts = words[at : at + _CONVERSIONS[name]]
            if name == "resize":  # the second is optional
                texts = [text for n, text in enumerate(texts) if n == 0 or _is_number(text)]
            changes[name] = tuple(texts)
            at += len(texts)
        elif name in _MOVIES and (movie or (exr and name in ("codec", "quality"))):
            values = words[at : at + 1] if _MOVIES[name] == 1 else _values(words, at)
            made += ["-audioRate" if name == "audiorate" else f"--{name}", *values]
            at += len(values)
        elif name == "outstereo":
            mode = words[at] if at < len(words) and words[at] in _STEREO else ""
            at += bool(mode)
            if mode in ("", _SEPARATE):
                dropped.append(word)
            else:
                made += ["-stereo", mode]
        elif name in _DROPPED or name in _MOVIES:
            dropped.append(word)
            count = {**_DROPPED, **_MOVIES}[name]
            at += len(_values(words, at)) if count == _OPEN else count
        else:
            made.append(word)  # the player knows it, as RV does, or says that it does not
    return made, dropped, changes


def _warnings(dropped: Sequence[str]) -> Iterator[str]:
    for word in dict.fromkeys(dropped):
        yield f"WARNING: {word} is not applied: the player writes pictures as they are shown"


def main(argv: Sequence[str] | None = None) -> int:
    """Export as rvio's command line says; the exit status of `player --export`."""
    if argv is None:
        heap.settle()
    given = sys.argv[1:] if argv is None else argv
    if any(word in ("-h", "-help", "--help") for word in given):
        print(_HELP, end="")
        return 0
    if any(word in ("-version", "--version") for word in given):
        print(__version__)
        return 0
    words, dropped, changes = translated(given)
    for warning in _warnings(dropped):
        print(warning, file=sys.stderr, flush=True)
    if "--export" not in words:
        print(
            "player-rvio: no file to write is named (-o OUT.#.exr; player-rvio -help)",
            file=sys.stderr,
        )
        return 2
    from player.commandline import run

    return run(words, as_rvio=True, conversions=changes)


if __name__ == "__main__":
    from rvshell.leaving import leave

    leave(main())
