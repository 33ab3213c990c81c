"""rvlink:// URLs: RV command lines in a form that browsers and mails carry.

Two spellings: percent-encoded (`rvlink://%20-play%20movie.mov`) and baked, where every byte
is two hexadecimal digits (`rvlink://baked/202d6c…`).  Encoding writes what RV's -encodeURL
and -bakeURL print, decoding takes what RV takes.  A URL comes from anywhere: `check` lets
only harmless options through - media, their per-source options, playback and view - where
RV looks for four known words in the code of -eval and -pyeval and lets all else pass.

Source: Open RV src/lib/app/RvCommon/RvApplication.cpp, user manual appendix C.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rvshell.errors import UsageError

__all__ = ["ALLOWED", "INHERITED", "bake", "check", "decode", "encode", "is_link", "is_option",
           "parse", "session_to_join", "split"]  # fmt: skip

_SCHEME: Final = "rvlink://"
_BAKED: Final = "baked/"
_MAX_LENGTH: Final = 1 << 20
_MAX_ARGUMENTS: Final = 10_000

#: What RV encodes; letters, digits and - _ . ! * ' ( ) # stay.
_ENCODED: Final = frozenset(b'"%`$&+,/:;=?@<>{}|\\^~[]') | frozenset(range(0x21)) | {0x7F}

#: Options outside brackets that a link may use, with their number of values.
ALLOWED: Final[dict[str, int]] = {
    "-play": 0, "-l": 0, "-c": 0, "-nc": 0, "-fullscreen": 0, "-nofloat": 0,
    "-over": 0, "-diff": 0, "-replace": 0, "-topmost": 0, "-layer": 0, "-tile": 0, "-wipe": 0,
    "-fps": 1, "-view": 1, "-playMode": 1, "-loopMode": 1, "-reuse": 1, "-sessionType": 1,
    "-stereo": 1, "-gamma": 1, "-sRGB": 0, "-rec709": 0, "-volume": 1, "-noSequence": 0,
    "-inferSequence": 0, "-autoRetime": 1, "-comp": 1, "-layout": 1, "-stereoSwap": 1,
    "-brightness": 1, "-bg": 1, "-maxbits": 1, "-resampleMethod": 1, "-s": 1,
}  # fmt: skip

#: Options of RV's window, memory and machine, with their number of values: a link may have
#: them, and they are left out of what is made of it.
_DROPPED: Final[dict[str, int]] = {
    "-nomb": 0, "-noBorders": 0, "-xl": 0, "-fitMedia": 0, "-geometry": 2, "-screen": 1,
    "-mouse": 1, "-present": 0, "-presentAudio": 1, "-presentDevice": 1,
    "-presentVideoFormat": 1, "-presentDataFormat": 1, "-vsync": 1, "-noPBO": 0,
    "-prefetch": 0, "-lookback": 1, "-bwait": 1, "-cram": 1, "-lram": 1, "-vram": 1,
    "-rthreads": 1, "-workItemThreads": 1, "-progressiveSourceLoading": 1, "-noPrefs": 0,
    "-ns": 0, "-noRanges": 0, "-cli": 0,
}  # fmt: skip
_GEOMETRY: Final = 4  # -geometry X Y [W H]

_PER_SOURCE: Final = frozenset((
    "in", "out", "fps", "rs", "rangeStart", "ro", "rangeOffset", "ao", "audioOffset", "so",
    "stereoOffset", "rso", "rightEyeStereoOffset", "pa", "pixelAspect", "volume", "crop",
    "uncrop", "cmap", "select", "noMovieAudio", "nma", "mediaRepName", "mrn",
    "mediaRepSource", "mrs",
))  # fmt: skip
#: Options of a source before or behind all of them: what those in brackets have that do not
#: say otherwise.
INHERITED: Final[dict[str, int]] = {
    "-in": 1, "-out": 1, "-rs": 1, "-ro": 1, "-ao": 1, "-so": 1, "-rso": 1, "-pa": 1,
    "-crop": 4, "-uncrop": 4, "-cmap": 1, "-select": 2, "-noMovieAudio": 0,
}  # fmt: skip
_OPTION: Final = re.compile(r"[-+]([A-Za-z][A-Za-z0-9]*)")


#: The words of RV's "Copy Session URL", by which others join a session; nothing else of them
#: is allowed: -network with -networkConnect HOST PORT, and the one flag.
_JOINING: Final[dict[str, int]] = {"-network": 0, "-networkConnect": 2, "-flags": 1}
_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._:-]{0,253}[A-Za-z0-9])?")
_PORT: Final = re.compile(r"[1-9][0-9]{0,4}")


def _joins(words: Sequence[str], option: str, values: Sequence[str]) -> bool:
    """Whether an option is a right part of a link to join a session."""
    if not {"-network", "-networkConnect"}.issubset(words):
        return False
    if option == "-networkConnect":
        host, port = (*values[:2], "", "")[:2]
        return bool(_HOST.fullmatch(host) and _PORT.fullmatch(port) and int(port) < 65536)
    if option == "-flags":
        following = values[1] if len(values) > 1 else "-"
        return values[:1] == ["syncPullFirst"] and following.startswith("-")
    return option == "-network"


def session_to_join(words: Sequence[str]) -> tuple[str, int] | None:
    """Host and port of the session that the checked words of a link join, if they do."""
    if "-networkConnect" not in words:
        return None
    at = list(words).index("-networkConnect")
    return words[at + 1], int(words[at + 2])


def is_link(text: str) -> bool:
    """Whether a word is an rvlink URL."""
    return text.startswith(_SCHEME)


def is_option(word: str) -> bool:
    """Whether a word between brackets is an option of its source (a number is not)."""
    return _OPTION.fullmatch(word) is not None


def _line(arguments: Iterable[str]) -> bytes:
    # RV puts a blank before every argument, the first too
    return "".join(f" {argument}" for argument in arguments).encode("utf-8", "surrogateescape")


def encode(arguments: Iterable[str]) -> str:
    """The percent-encoded URL of a command line.

    Arguments with blanks must be in single quotes already, as for RV.
    """
    return _SCHEME + "".join(
        f"%{byte:02x}" if byte in _ENCODED or byte > 0x7E else chr(byte)
        for byte in _line(arguments)
    )


def bake(arguments: Iterable[str]) -> str:
    """The baked URL of a command line."""
    return f"{_SCHEME}{_BAKED}{_line(arguments).hex()}"


def decode(url: str) -> str:
    """The command line of a URL.  Raises UsageError for what is no rvlink URL."""
    if not is_link(url):
        raise UsageError(f"{url[:60]!r} is no rvlink URL", hint="it begins with rvlink://")
    if len(url) > _MAX_LENGTH:
        raise UsageError(f"an rvlink URL of {len(url)} characters", hint="at most 1 MiB")
    rest = url[len(_SCHEME) :]
    if rest.startswith(_BAKED):
        # consecutive digits make bytes, anything else is skipped
        pairs = re.findall(r"[0-9A-Fa-f]{2}", rest[len(_BAKED) :])
        data = bytes.fromhex("".join(pairs))
    else:
        raw = rest.encode("utf-8", "surrogateescape")
        data = re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), raw)
        data = data.removesuffix(b"/")  # browsers append it
    if b"\0" in data:
        raise UsageError("an rvlink URL with a NUL byte")
    return data.decode("utf-8", "surrogateescape")


def split(line: str) -> list[str]:
    """The words of a command line; a single quote begins and ends quoting anywhere."""
    words: list[str] = []
    word: list[str] = []
    started = quoted = False
    for char in line:
        if char == "'":
            quoted = not quoted
            started = True
        elif char.isspace() and not quoted:
            if started:
                words.append("".join(word))
                if len(words) > _MAX_ARGUMENTS:
                    raise UsageError(f"an rvlink URL of more than {_MAX_ARGUMENTS} words")
            word, started = [], False
        else:
            word.append(char)
            started = True
    if word:
        words.append("".join(word))
    return words


def parse(url: str) -> list[str]:
    """The words of a URL's command line, checked.  Raises UsageError."""
    words = split(decode(url))
    check(words)
    return list(_kept(words))


def _option(word: str) -> str:
    """A word outside of brackets in its usual spelling when it is an option, else ""."""
    spelled = (word.startswith("-") and _OPTION.match(word)) or word.startswith("--")
    return "-" + word.lstrip("-") if spelled else ""


def _values(option: str, following: Sequence[str]) -> int | None:
    """How many values an option that a link may use has; None for one it may not."""
    for known in (ALLOWED, INHERITED, _DROPPED):
        if option in known:
            values = known[option]
            if option == "-geometry":
                while values < min(_GEOMETRY, len(following)) and following[values].isdigit():
                    values += 1
            return values
    return None


def _kept(words: Sequence[str]) -> Iterator[str]:
    """What counts of the words that were checked."""
    inside = False
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        inside = word == "[" or (inside and word != "]")
        if not inside and (option := _option(word)) in _DROPPED:
            at += _values(option, words[at : at + _GEOMETRY]) or 0
        else:
            yield word


def check(words: Sequence[str]) -> None:
    """Raise UsageError unless every option is one that a link may use."""
    inside = False
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word in ("[", "]"):
            if inside == (word == "["):
                raise UsageError("unbalanced brackets in an rvlink URL")
            inside = word == "["
        elif inside:
            match = _OPTION.fullmatch(word)
            if match and match[1] not in _PER_SOURCE:
                raise UsageError(f"an rvlink URL may not use the source option {word[:40]}")
        elif option := _option(word):
            values = _values(option, words[at : at + _GEOMETRY])
            if values is None and _joins(words, option, words[at:]):
                values = _JOINING[option]
            if values is None:
                raise UsageError(
                    f"an rvlink URL may not use {word[:40]}",
                    hint="only media, playback and view options are allowed",
                )
            if at + values > len(words):
                raise UsageError(f"{word} needs a value")
            at += values
    if inside:
        raise UsageError("unbalanced brackets in an rvlink URL")
