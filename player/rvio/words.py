"""rvio's command line as one table, and its words as the player's.

Every option of Open RV's rvio (``src/bin/imgtools/rvio/main.cpp``) is here with its arguments.
``I``, ``F`` and ``S`` are a whole number, a number (both may be arithmetic) and a text, ``[I]`` is
one that may be missing, ``*`` all words up to the next option.  What is behind ``->`` says what
becomes of it: the name of an option of the player, ``change`` for what changes pictures
(`Options.conversions`), ``many`` for what may be given several times, ``quiet`` for what means
nothing here and ``same`` for what the player knows by that name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from player.options.arithmetic import evaluate, is_negative_number
from rvshell.errors import UsageError

__all__ = ["Command", "OPTIONS", "STEREO", "read"]

_TABLE: Final = """\
o S -> --export
t S -> --frames
tio -> change
v -> change
vv -> change
q -> quiet
ns -> quiet
noRanges -> quiet
rthreads I -> change
wthreads I -> change
view S -> -view
noSequence -> same
formats -> show
leader * -> many
leaderframes I -> change
overlay * -> many
inlog -> change
inredlog -> change
inredlogfilm -> change
inlogc -> change
insrgb -> change
in709 -> change
ingamma F -> change
filegamma F -> change
inchannelmap * -> change
inpremult -> unused
inunpremult -> unused
exposure F -> change
scale F -> change
resize I [I] -> change
resampleMethod S -> -resampleMethod
dlut S -> change
flip -> change
flop -> change
yryby I I I -> change
yrybya I I I I -> change
yuv I I I -> unable
outparams * -> --outparams
outchannelmap * -> change
outrgb -> change
outpremult -> change
outunpremult -> change
outlog -> change
outlogc -> change
outsrgb -> change
out709 -> change
outredlog -> change
outredlogfilm -> change
outgamma F -> change
outstereo * -> change
outformat I S -> change
outhalf -> change
out8 -> change
outres I I -> --size
outfps F -> --outfps
outaces -> change
outwhite F F -> change
outillum S -> change
codec S -> --codec
audiocodec S -> --audiocodec
audiorate F -> -audioRate
audiochannels I -> --audiochannels
quality F -> --quality
outpa S -> --outpa
comment S -> --comment
copyright S -> --copyright
lic S -> quiet
debug * -> same
version -> show
help -> show
h -> show
iomethod I [I] -> quiet
exrcpus I -> quiet
exrRGBA -> quiet
exrInherit -> quiet
exrNoOneChannel -> quiet
exrIOMethod I [I] -> quiet
exrReadWindowIsDisplayWindow -> quiet
exrReadWindow I -> quiet
jpegRGBA -> quiet
jpegIOMethod I [I] -> quiet
cinpixel S -> quiet
cinchroma -> quiet
cinIOMethod I [I] -> quiet
dpxpixel S -> quiet
dpxchroma -> quiet
dpxIOMethod I [I] -> quiet
tgaIOMethod I [I] -> quiet
tiffIOMethod I [I] -> quiet
init S -> change
err-to-out -> change
strictlicense -> quiet
noprerender -> quiet
sleep I -> quiet
flags * -> same
"""

STEREO: Final = ("checker", "scanline", "anaglyph", "lumanaglyph", "left", "right", "pair",
                 "mirror", "hsqueezed", "vsqueezed", "separate", "mono", "off")  # fmt: skip
"""What ``-outstereo`` names."""


@dataclass(frozen=True, slots=True)
class _Option:
    takes: tuple[str, ...]
    becomes: str


def _options() -> dict[str, _Option]:
    found = {}
    for line in _TABLE.splitlines():
        left, _, becomes = line.partition(" -> ")
        name, *takes = left.split()
        found[name] = _Option(tuple(takes), becomes)
    return found


OPTIONS: Final = _options()


@dataclass(slots=True)
class Command:
    """`words` are the player's command line, `changes` what changes the pictures, `overlays` and
    `leaders` scripts with their arguments, `notes` lines about what has no effect, `show` is
    "help", "version" or "formats" where that is asked for, `target` what is to be written."""

    words: list[str] = field(default_factory=list)
    changes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    overlays: list[tuple[str, ...]] = field(default_factory=list)
    leaders: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    show: str = ""
    target: str = ""


def _is_option(text: str) -> bool:
    return len(text) > 1 and text.startswith("-") and not is_negative_number(text)


def _number(text: str) -> float | None:
    try:
        return evaluate(text)
    except ValueError:
        return None


def _open(words: Sequence[str], start: int) -> list[str]:
    end = start
    while end < len(words) and not _is_option(words[end]) and words[end] not in ("[", "]"):
        end += 1
    return list(words[start:end])


def _taken(name: str, option: _Option, words: Sequence[str], at: int) -> list[str]:
    """The arguments of an option.  Raises UsageError."""
    if option.takes == ("*",):
        values = _open(words, at)
        if name == "outstereo":  # at most one; what is no mode is a file
            return values[:1] if values and values[0] in STEREO else []
        return values
    values = []
    for kind in option.takes:
        text = words[at + len(values)] if at + len(values) < len(words) else None
        if kind.startswith("["):
            number = _number(text) if text is not None else None
            if number is not None:
                values.append(str(int(number)))
            continue
        if text is None:
            raise UsageError(f"-{name} needs {' '.join(option.takes)}", hint=_KINDS)
        if kind in "IF":
            number = _number(text)
            if number is None:
                raise UsageError(f"-{name} {text}", hint="it needs a number")
            text = str(int(number)) if kind == "I" else text
        values.append(text)
    return values


_KINDS: Final = "I: a whole number, F: a number, S: a text"


def read(words: Sequence[str]) -> Command:
    """What rvio's *words* say.  Words between [ and ], files and what only RV or the player
    knows are kept as they are.  Raises UsageError."""
    made = Command()
    at, inside = 0, False
    while at < len(words):
        word = words[at]
        at += 1
        name = word.lstrip("-")
        if word in ("[", "]"):
            inside = word == "["
        option = OPTIONS.get(name) if _is_option(word) and not inside else None
        if option is None or option.becomes == "same":
            made.words.append(word)
            continue
        values = _taken(name, option, words, at)
        at += len(values)
        _keep(made, name, option.becomes, values)
    return made


def _keep(made: Command, name: str, becomes: str, values: list[str]) -> None:
    if name == "o":
        made.target = values[0]
    if becomes == "show":
        made.show = made.show or ("help" if name == "h" else name)
    elif becomes == "many":
        if not values:
            raise UsageError(f"-{name} needs the name of a script")
        (made.overlays if name == "overlay" else made.leaders).append(tuple(values))
    elif becomes == "change":
        made.changes[name] = tuple(values)
        if name == "dlut":
            made.words += ["-dlut", *values]
    elif name == "outres":
        made.words += ["--size", "x".join(values)]
    elif becomes == "unable":
        made.notes.append(f"WARNING: -{name} is not applied: pictures are RGB or Y RY BY")
    elif becomes == "unused":
        made.notes.append(f"WARNING: -{name} has no effect, as in rvio")
    elif becomes != "quiet":
        made.words += [becomes, *values]
