"""Files sorted into sequences.

RV's grouping (unbracketed file lists, directories, `contractSequences`): every group of
digits in a name may be the frame.  Groups are tried from the end of the name; a candidate
is judged by how many of the listed files differ only there and by its longest run of
consecutive numbers.  Ranges are written by fileseq, one step per stretch.
(Open RV: FrameUtils; environment TWK_MIN_SEQUENCE_SIZE, RV_NO_SEQUENCE_PATTERN.)
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from player.media.images import is_image_name

__all__ = ["Rules", "contract", "minimum_size"]

_DIGITS = re.compile(r"-?\d+")
_LONGEST_RANGE = 40  # characters; longer ones are written as first-last


def minimum_size(default: int = 5) -> int:
    """Files that make a sequence (TWK_MIN_SEQUENCE_SIZE); 1 or less means never."""
    try:
        return int(os.environ.get("TWK_MIN_SEQUENCE_SIZE", default))
    except ValueError:
        return default


@dataclass(frozen=True, slots=True)
class Rules:
    """What rvls changes: *ranges* stand in the patterns; *any_name*: whatever its extension, a
    file may be of a sequence; *singles*: images that are in no sequence are listed, too."""

    ranges: bool = True
    any_name: bool = False
    singles: bool = True


@dataclass(frozen=True, slots=True)
class _Candidate:
    prefix: str
    suffix: str
    after_dot: bool
    numbers: tuple[int, ...]
    width: int
    run: int


_AS_RV = Rules()


def _longest_run(numbers: Sequence[int]) -> int:
    best = run = 1
    for a, b in pairwise(numbers):
        run = run + 1 if b == a + 1 else 1
        best = max(best, run)
    return best


def _frame_text(numbers: Sequence[int]) -> str:
    import fileseq

    text = str(fileseq.FrameSet.framesToFrameRange(list(numbers), sort=True))
    return text if len(text) <= _LONGEST_RANGE else f"{numbers[0]}-{numbers[-1]}"


def _has_image_name(name: str) -> bool:
    extension = os.path.splitext(name)[1][1:]
    return not extension or extension.isdigit() or is_image_name(name)


def _better(new: _Candidate, best: _Candidate | None, minimum: int) -> bool:
    if best is None:
        return True
    if len(new.numbers) > len(best.numbers) and new.run >= best.run:
        return True
    if best.run <= 1 and new.run >= minimum:
        return True
    return len(new.numbers) == len(best.numbers) and new.after_dot and not best.after_dot


def contract(files: Iterable[str], minimum: int | None = None, rules: Rules = _AS_RV) -> list[str]:
    """*files* with sequences written as patterns, in order of first appearance.

    `foo.0001.exr … foo.0010.exr` becomes `foo.1-10#.exr`: `#` where the shortest number
    has four characters, else that many `@`.  *minimum* files make one; None: as many as the
    environment says.
    """
    names = list(files)
    smallest = minimum_size() if minimum is None else minimum
    if minimum is None and smallest <= 1:
        return names
    exclude_text = os.environ.get("RV_NO_SEQUENCE_PATTERN", "")
    try:
        excluded = re.compile(exclude_text) if exclude_text else None
    except re.error:
        excluded = None
    fields: dict[tuple[str, str], dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    images = {name for name in names if rules.any_name or _has_image_name(name)}
    eligible = {n for n in images if not (excluded and excluded.search(n.rpartition("/")[2]))}
    for name in names:
        if name in eligible:
            for prefix, digits, suffix in _fields(name):
                fields[prefix, suffix][int(digits)].append(digits)
    known: dict[tuple[str, str], _Candidate] = {}
    out: list[str] = []
    taken: set[str] = set()
    for name in names:
        if name in taken:
            continue
        best = _best(name, fields, known, smallest) if name in eligible else None
        if best is None:
            if rules.singles or name not in eligible:  # what cannot be of one is listed, as in RV
                out.append(name)
            continue
        symbol = "#" if best.width == 4 else "@" * best.width
        frames = _frame_text(best.numbers) if rules.ranges else ""
        out.append(f"{best.prefix}{frames}{symbol}{best.suffix}")
        members = fields[best.prefix, best.suffix]
        taken.update(best.prefix + d + best.suffix for texts in members.values() for d in texts)
    return out


def _fields(name: str) -> list[tuple[str, str, str]]:
    start = name.rfind("/") + 1
    return [
        (name[: m.start()], m[0], name[m.end() :])
        for m in _DIGITS.finditer(name, start)
        if len(m[0]) <= 9
    ]


def _best(
    name: str, fields: dict[tuple[str, str], dict[int, list[str]]],
    known: dict[tuple[str, str], _Candidate], minimum: int,
) -> _Candidate | None:  # fmt: skip
    best: _Candidate | None = None
    for prefix, _, suffix in reversed(_fields(name)):
        new = known.get((prefix, suffix))
        if new is None:
            members = fields[prefix, suffix]
            numbers = tuple(sorted(members))
            width = min(len(d) for texts in members.values() for d in texts)
            new = known[prefix, suffix] = _Candidate(
                prefix, suffix, prefix.endswith("."), numbers, width, _longest_run(numbers)
            )
        if _better(new, best, minimum):
            best = new
    return best if best is not None and len(best.numbers) >= minimum else None
