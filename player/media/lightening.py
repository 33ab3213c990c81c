"""A decoded frame made lighter, for a picture that is on screen for a twenty-fourth of a second.

FFmpeg converts 8 bits of YUV ten times as fast as it converts 10, and numpy takes the low bits off
at the speed of a copy.  Of a picture that is shown smaller only the samples that are shown are
taken: what is left out costs nothing.  Without libyuv (`libyuv.py`) chroma for every pixel is
twenty times as dear as chroma for every fourth, and so is chroma for every second beside alpha:
pictures so large that they would not be converted in time keep that of every fourth pixel.
"""

from __future__ import annotations

import re
import threading
from typing import Any, Final

import numpy as np

__all__ = ["AT_ONCE", "is_yuv", "lightened"]

AT_ONCE: Final = 16
"""Columns that FFmpeg's quickest conversion takes at once."""

_MANY: Final = 3_000_000
"""Pixels from which chroma for each of them takes too long: 2K is less, UHD is more."""

#: (YUV, alpha, chroma) or GBR, and how deep it is
_PLANAR: Final = re.compile(r"(?:(yuvj?)(a?)(4\d\d)p|gbra?p)(?:(9|10|12|14|16)le)?")
_FEWER: Final = {("444", ""): (2, 2), ("444", "a"): (2, 2), ("422", "a"): (1, 2)}
"""Of what chroma which part is kept, in columns and rows, to have that of every fourth pixel."""

_mine = threading.local()


def is_yuv(frame: Any) -> bool:
    """Whether a frame is planar YUV of 8 bits."""
    found = _PLANAR.fullmatch(frame.format.name)
    return found is not None and found[1] is not None and found[4] is None


def _wanted(found: re.Match[str], all_chroma: bool, pixels: int) -> tuple[str, int, int]:
    """The format of 8 bits, and how many columns and rows of its chroma become one."""
    base, alpha, chroma, depth = found.groups()
    name = found[0].removesuffix(f"{depth}le")
    if base is None or all_chroma:
        return name, 1, 1
    fewer = _FEWER.get((chroma, alpha))
    if fewer is None or (chroma == "444" and pixels < _MANY):
        return name, 1, 1
    return f"{base}{alpha}420p", *fewer


def lightened(frame: Any, step: int, all_chroma: bool) -> Any:
    """Planar YUV or RGB in 8 bits, of every `step`-th sample, and of a whole number of AT_ONCE
    columns (the last is repeated), in a frame of this thread's that the next call overwrites; any
    other frame, and one with which nothing would be won, as it is.  Not *all_chroma*: what takes
    long to convert becomes less."""
    found = _PLANAR.fullmatch(frame.format.name)
    if found is None:
        return frame
    width, height = max(1, frame.width // step), max(1, frame.height // step)
    name, columns, rows = _wanted(found, all_chroma, width * height)
    slow = found[2] == "a" and name.endswith("444p") and not all_chroma  # in 8 bits as well
    if step == 1 and (slow or (name == found[0] and frame.width % AT_ONCE == 0)):
        return frame
    bits = np.uint16(int(found[4]) - 8) if found[4] else None
    made = _frame(name, -(-width // AT_ONCE) * AT_ONCE, height)
    for number, (source, target) in enumerate(zip(frame.planes, made.planes, strict=True)):
        if number in (1, 2):
            _take(source, target, bits, step * columns, step * rows)
        else:
            _take(source, target, bits, step, step)
    return made


def _frame(name: str, width: int, height: int) -> Any:
    """This thread's."""
    kept: dict[Any, Any] = _mine.__dict__.setdefault("frames", {})
    key = (name, width, height)
    made = kept.get(key)
    if made is None:
        from av import VideoFrame

        kept.clear()
        made = kept[key] = VideoFrame(width, height, name)
    return made


def _take(source: Any, target: Any, bits: np.uint16 | None, across: int, along: int) -> None:
    """Every so many columns and rows of a plane, without their lowest *bits*."""
    if across == along == 1 and bits is not None and source.line_size == 2 * target.line_size:
        # in one piece, a quarter sooner than line by line
        whole, out = np.frombuffer(source, np.uint16), np.frombuffer(target, np.uint8)
        np.right_shift(whole, bits, out=out, casting="unsafe")
        return
    samples = np.frombuffer(source, np.uint8 if bits is None else np.uint16)
    samples = samples.reshape(source.height, -1)[:, : source.width]
    out = np.frombuffer(target, np.uint8).reshape(target.height, -1)[:, : target.width]
    # fewer of chroma may begin too late for the last one
    first = along // 2
    down = first if first + (target.height - 1) * along < source.height else 0
    part = samples[down::along, min(across // 2, source.width - 1) :: across]
    part = part[: target.height, : target.width]
    count = part.shape[1]
    if bits is None:
        out[:, :count] = part
    else:
        np.right_shift(part, bits, out=out[:, :count], casting="unsafe")
    out[:, count:] = out[:, count - 1 : count]
