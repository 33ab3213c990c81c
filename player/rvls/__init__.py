"""`player-rvls`: RV's rvls, a listing of images, sequences, movies, sounds and sessions.

    names of the command line, directories and sessions --> `media.grouping` --> a line each
                                      -l: `Listing.long`, -x: `Listing.extended`, with `Probe`

Options, order, columns and texts are those of Open RV's ``src/bin/imgtools/rvls``: whoever reads
rvls's output reads this.  Only headers are opened, and for a plain listing no file at all.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from rvshell.errors import UsageError

__all__ = ["main"]

_WRONG: Final = 255
_FLAGS: Final = {
    "a": "hidden files, too", "s": "sequences only (no images that are in none)",
    "l": "long listing: size, type, channels, frames, sound",
    "x": "extended attributes and image structure",
    "b": "try to open files of any name", "nr": "no frame ranges",
    "ns": "no sequences: each file separately", "yaml": "as YAML (with -x)",
    "formats": "list the formats", "version": "print the version", "help": "this text",
}  # fmt: skip
_VALUES: Final = {
    "o": "FILE       write there instead of to the standard output",
    "min": "COUNT    files that make a sequence (3)", "debug": "TOPIC  nothing here",
}  # fmt: skip
_PICTURES: Final = "RVImageSource|"


@dataclass(slots=True)
class _Words:
    paths: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    output: str = ""
    minimum: int = 3


def _usage() -> str:
    lines = ["usage: player-rvls [OPTION...] [FILE or DIRECTORY or SESSION...]", ""]
    lines += [f"  -{name:9} {text}" for name, text in _FLAGS.items()]
    lines += [f"  -{name:9} {text}" for name, text in _VALUES.items()]
    return "\n".join(lines)


def _read(argv: Sequence[str]) -> _Words:
    words = _Words()
    rest = iter(argv)
    for word in rest:
        name = word.lstrip("-")
        if not word.startswith("-") or word == "-":
            words.paths.append(word)
        elif name in _FLAGS:
            words.flags.add(name)
        elif name == "h":
            words.flags.add("help")
        elif name in _VALUES:
            value = next(rest, None)
            if value is None:
                raise UsageError(f"{word} needs a value")
            if name == "o":
                words.output = value
            elif name == "min":
                if not value.lstrip("-").isdigit():
                    raise UsageError(f"-min {value}", hint="it needs a number")
                words.minimum = int(value)
        else:
            raise UsageError(f"unknown option {word}", hint="player-rvls -help")
    return words


def _directory(path: str, hidden: bool) -> Iterable[str]:
    """The files of a directory, not those below it, by names that begin with its."""
    head = path if path.endswith("/") else f"{path}/"
    with os.scandir(path) as entries:
        for entry in entries:
            if (hidden or not entry.name.startswith(".")) and not entry.is_dir(
                follow_symlinks=False
            ):
                yield head + entry.name


def _session(path: str) -> list[str]:
    """The media that a session file names; pushed images as rvls writes them."""
    from player.session.files import SessionFileError, read_gto
    from player.session.paths import PathMap

    try:
        read = read_gto(path)
    except SessionFileError as error:
        raise UsageError(str(error)) from None
    expand = PathMap().expand
    found = []
    for node in read.objects:
        if node.protocol == "RVFileSource":
            found += [expand(name) for name in node.strings("media.movie")]
        elif node.protocol == "RVImageSource":

            def number(name: str, of: object = node) -> str:
                values = of.numbers(f"image.{name}")  # type: ignore[attr-defined]
                return f"{values[0]:g}" if values else "0"

            texts = [*node.strings("media.name")[:1], *node.strings("image.channels")[:1]]
            names = ("uncropWidth", "uncropHeight", "start", "end", "inc", "bitsPerChannel",
                     "float", "pixelAspect", "fps")  # fmt: skip
            found.append(_PICTURES + "|".join([*texts, *map(number, names)]) + "|")
    return found


def _names(words: _Words) -> list[str]:
    """What is listed, sequences as patterns, in the order of their bytes."""
    from player.media.grouping import Rules, contract

    files: list[str] = []
    for path in words.paths or ["."]:
        if os.path.isdir(path):
            files += _directory(path, "a" in words.flags)
        elif path.endswith(".rv"):
            files += _session(path)
        else:
            files.append(path)
    if "ns" not in words.flags:
        rules = Rules(
            ranges="nr" not in words.flags, any_name="b" in words.flags,
            singles="s" not in words.flags,
        )  # fmt: skip
        files = contract(files, max(1, words.minimum), rules)
    return sorted(files, key=os.fsencode)


def _text(words: _Words) -> str:
    names = _names(words)
    if "l" not in words.flags and "x" not in words.flags:
        return "".join(f"{name}\n" for name in names)
    from player.rvls.listing import Listing

    listing = Listing(any_name="b" in words.flags)
    try:
        if "l" in words.flags:
            return listing.long(names)
        return listing.extended(names, yaml="yaml" in words.flags)
    finally:
        listing.close()


def main(argv: Sequence[str] | None = None) -> int:
    """List what the words name; the exit status is rvls's: 0, or 255 when something is wrong."""
    try:
        words = _read(sys.argv[1:] if argv is None else argv)
        if "help" in words.flags:
            print(_usage())
            return 0
        if "version" in words.flags:
            from player import __version__

            print(__version__)
            return 0
        if "formats" in words.flags:
            from player.encoding import formats

            print("\n".join(formats()))
            return 0
        data = os.fsencode(_text(words))
        if words.output:
            with open(words.output, "wb") as file:
                file.write(data)
        else:
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
    except UsageError as error:
        print(f"ERROR: {error.describe()}", file=sys.stderr)
        return _WRONG
    except BrokenPipeError:  # `player-rvls | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + 13
    except OSError as error:
        print(f"ERROR: {error.filename}: {error.strerror}", file=sys.stderr)
        return _WRONG
    return 0
