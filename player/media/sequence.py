"""RV's notation for frames in file names.

A name with a frame symbol is a pattern:

    #  ####            four digits, zero padded, however many
    @  @@@             as many digits as characters, one means no padding
    %04d  %d  %i       printf
    `  `25             ticks: frame x 6000 / fps
    \\#  \\@  \\`  \\%     the character itself

Directly in front of the symbol may stand the frames (`name.1-10,15x2#.exr`; the sign of
the first number belongs to it), behind it arithmetic (`+n`, `xn`, `/n`, `+n`) that turns
the frame into the number of the file.  A pattern with frames has exactly these, one
without has all from the lowest to the highest file found; a frame without a file shows
the nearest earlier one that exists, else the first.  (User manual, "Image sequence
notation"; the traps are those of Open RV's FrameUtils.)
"""

from __future__ import annotations

import bisect
import os
import re
from dataclasses import dataclass

from rvshell.errors import MediaError

__all__ = ["FramePattern", "Sequence", "frame_of_name", "parse_frames", "parse_pattern"]

_RANGE = r"-?\d+(?:-+\d+)?(?:x-?\d+)?(?:,-?\d+(?:-+\d+)?(?:x-?\d+)?)*"
_SYMBOL = re.compile(
    rf"(?P<range>{_RANGE})?(?P<symbol>\#+|@+|`\d*|%0?\d*[di])"
    r"(?P<add>[+-]\d+)?(?P<mul>x\d+)?(?P<mod>/\d+)?(?P<add2>[+-]\d+)?"
)
_ESCAPED = re.compile(r"\\([#@`%])")
_PIECE = re.compile(r"(-?\d+)(?:-(-?\d+))?(?:x(-?\d+))?")
MAX_FRAMES = 10_000_000


def parse_frames(text: str) -> tuple[int, ...]:
    """`1-10,15,20-30x2` as sorted frames without doubles.

    Both ends count; an end below its start gives nothing; a negative step counts as 1.
    Raises MediaError for a step of 0, for text that is no range and for absurd lengths.
    """
    frames: set[int] = set()
    for piece in text.split(","):
        m = _PIECE.fullmatch(piece.strip())
        if not m:
            raise MediaError(f"{text!r} is no frame range", hint="write it as 1-100 or 1,3,5-9x2")
        first = int(m[1])
        last = int(m[2]) if m[2] else first
        step = int(m[3]) if m[3] else 1
        if step == 0:
            raise MediaError(f"{text!r}: a step of 0 never ends", hint="use a step of 1 or more")
        if (last - first) // max(step, 1) > MAX_FRAMES:
            raise MediaError(f"{text!r}: more than {MAX_FRAMES:,} frames")
        frames.update(range(first, last + 1, max(step, 1)))
    return tuple(sorted(frames))


def _pad(number: int, width: int) -> str:
    """Zero padded with the sign counted in, as printf does."""
    return f"{number:0{width}d}" if width > 1 else str(number)


@dataclass(frozen=True, slots=True)
class _Symbol:
    text: str
    add: int = 0
    mul: int = 1
    mod: int = 0
    add2: int = 0

    def number(self, frame: int) -> int:
        value = (frame + self.add) * self.mul
        if self.mod:
            value %= self.mod
        return value + self.add2

    def format(self, frame: int, fps: float) -> str:
        value = self.number(frame)
        kind = self.text[0]
        if kind == "#":
            return _pad(value, 4)
        if kind == "@":
            return _pad(value, len(self.text))
        if kind == "`":
            return str(int(value * 6000 / (float(self.text[1:] or 0) or fps or 24.0)))
        return _pad(value, int(self.text[1:-1] or 0))

    @property
    def is_plain(self) -> bool:
        return not self.mod and self.mul == 1 and self.text[0] != "`"


@dataclass(frozen=True, slots=True)
class FramePattern:
    """A name with frame symbols: literal pieces between symbols, and the frames it names."""

    text: str
    literals: tuple[str, ...]
    symbols: tuple[_Symbol, ...]
    frames: tuple[int, ...] | None

    def name(self, frame: int, fps: float = 24.0) -> str:
        """The file name of a frame."""
        out = [self.literals[0]]
        for symbol, literal in zip(self.symbols, self.literals[1:], strict=True):
            out.append(symbol.format(frame, fps))
            out.append(literal)
        return "".join(out)

    def numbers_on_disk(self) -> list[int]:
        """Frames whose number, with any padding, occurs in the directory, sorted.

        The limits of a pattern without frames come from these; whether a frame exists is
        another question (`name` must exist as formatted).
        """
        directory, _, _ = self.literals[0].rpartition("/")
        first = self.literals[0][len(directory) + 1 if directory else 0 :]
        if any("/" in s for s in self.literals[1:]) or first.endswith("/"):
            return []
        group = r"(-?\d+)"
        rx = re.escape(first) + group + group.join(re.escape(s) for s in self.literals[1:])
        expression = re.compile(rx)
        leading_slash = self.literals[0].startswith("/") and not directory
        try:
            names = os.listdir("/" if leading_slash else directory or ".")
        except (OSError, ValueError):
            return []
        symbol = self.symbols[0]
        found = set()
        for name in names:
            m = expression.fullmatch(name)
            if m and len(m[1].lstrip("-")) <= 9 and len(set(map(int, m.groups()))) == 1:
                value = int(m[1])
                found.add(value - symbol.add - symbol.add2 if symbol.is_plain else value)
        return sorted(found)


def parse_pattern(text: str, frames: str = "") -> FramePattern | None:
    """The pattern in *text*, or None when it holds no frame symbol.

    *frames* is a range given apart (`foo.%04d.exr 1-100`).  Raises MediaError for a range
    that cannot be.
    """
    held = _ESCAPED.sub(lambda m: "\0" + {"#": "1", "@": "2", "`": "3", "%": "4"}[m[1]], text)
    if "\0" in text:
        raise MediaError("a file name cannot hold a NUL character")

    def literal(piece: str) -> str:
        return re.sub("\0([1-4])", lambda m: "#@`%"[int(m[1]) - 1], piece)

    literals: list[str] = []
    symbols: list[_Symbol] = []
    given: list[str] = [frames] if frames else []
    position = 0
    for m in _SYMBOL.finditer(held):
        literals.append(literal(held[position : m.start()]))
        if m["range"]:
            given.append(m["range"])
        symbols.append(
            _Symbol(
                m["symbol"],
                int(m["add"] or 0),
                int((m["mul"] or "x1")[1:]),
                int((m["mod"] or "/0")[1:]),
                int(m["add2"] or 0),
            )
        )
        position = m.end()
    if not symbols:
        return None
    literals.append(literal(held[position:]))
    numbers = parse_frames(given[0]) if given else None
    return FramePattern(text, tuple(literals), tuple(symbols), numbers)


class Sequence:
    """A pattern looked up on disk: its range, and which file shows a frame.

    The list of existing frames is taken when it is made (`refresh` takes it anew); a file
    that vanished or appeared since is noticed when its frame is asked for.
    """

    def __init__(self, pattern: FramePattern) -> None:
        self.pattern = pattern
        self.frames: list[int] = []
        self.found = False
        self.start = 1
        self.end = 1
        self.refresh()

    def refresh(self) -> None:
        """Look the directory through again."""
        pattern = self.pattern
        given = pattern.frames
        numbers = list(given) if given is not None else pattern.numbers_on_disk()
        if numbers:
            self.start, self.end = numbers[0], numbers[-1]
        self.frames = [f for f in numbers if os.path.exists(pattern.name(f))]
        self.found = bool(self.frames)

    def other_padding(self) -> str:
        """The pattern that names the files that are there, when the digits of this one are of
        another number; "" without such files."""
        pattern = self.pattern
        if pattern.frames is not None or len(pattern.symbols) > 1:
            return ""
        for number in pattern.numbers_on_disk()[:1]:
            for width in range(1, 10):
                text = ("#" if width == 4 else "@" * width).join(pattern.literals)
                other = parse_pattern(text)
                if other is not None and os.path.exists(other.name(number)):
                    return text
        return ""

    def expects(self, frame: int) -> bool:
        """Whether the frame is one of those that there should be files of."""
        given = self.pattern.frames
        return self.start <= frame <= self.end and (given is None or frame in given)

    def resolve(self, frame: int) -> tuple[str, int] | None:
        """(file, its frame) that shows *frame*; None when no file of the pattern exists."""
        clamped = min(max(frame, self.start), self.end)
        path = self.pattern.name(clamped)
        if os.path.exists(path) and (self.pattern.frames is None or clamped in self.pattern.frames):
            at = bisect.bisect_left(self.frames, clamped)
            if at == len(self.frames) or self.frames[at] != clamped:
                self.frames.insert(at, clamped)  # written since the directory was read
            return path, clamped
        while self.frames:
            at = max(0, bisect.bisect_right(self.frames, clamped) - 1)
            near = self.frames[at]
            path = self.pattern.name(near)
            if os.path.exists(path):
                return path, near
            del self.frames[at]  # deleted since
        return None


_DIGITS = re.compile(r"-?\d+")


def frame_of_name(path: str) -> int:
    """The frame number a single image has by its name, 1 when there is none.

    The last group of at most nine characters (sign counted), but a group directly behind
    a dot wins over a last group that is not: `a.0010_v2.jpg` is 10, `shot2_v3.png` is 3.
    """
    name = os.path.basename(path)
    groups = [m for m in _DIGITS.finditer(name) if len(m[0]) <= 9]
    if not groups:
        return 1
    last = groups[-1]
    if name[: last.start()].endswith("."):
        return int(last[0])
    for m in reversed(groups[:-1]):
        if name[: m.start()].endswith("."):
            return int(m[0])
    return int(last[0])
