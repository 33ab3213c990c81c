"""DPX and Cineon files of 10 bits, as RV writes them: RGB in words of 32 bits, top row first.

DPX is in this machine's byte order, its header holds what ``-outparams`` of rvio says of it
(``film/*``, ``tv/*``, ``source/*`` ...; Open RV's ``IOdpx``); Cineon is big endian.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["cineon", "dpx"]

Codes = npt.NDArray[np.uint32]  # (height, width, 3), 0 to 1023

_NONE: Final = 0xFFFFFFFF
_NO_NUMBER: Final = float("nan")
_TRANSFERS: Final = {
    "USER": 0, "DENSITY": 1, "LINEAR": 2, "LOG": 3, "VIDEO": 4, "SMPTE274M": 5, "REC709": 6,
    "REC601-625": 7, "REC601-525": 8, "NTSC": 9, "PAL": 10,
}  # fmt: skip
_OUTPUTS: Final = {"Rec709": 6, "sRGB": 0, "Cineon Log": 1, "Linear": 2}
"""Of the output's curve; what is not here is a printing density, as RV has it."""
_ORIENTATIONS: Final = (
    "TOP_LEFT", "TOP_RIGHT", "BOTTOM_LEFT", "BOTTOM_RIGHT", "ROTATED_TOP_LEFT",
    "ROTATED_TOP_RIGHT", "ROTATED_BOTTOM_LEFT", "ROTATED_BOTTOM_RIGHT",
)  # fmt: skip
_HEADER: Final = 2048


class _Words:
    """The parameters, read as the header needs them."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given

    def text(self, *names: str, default: str = "") -> bytes:
        return self._first(names, default).encode("utf-8", "replace")

    def _first(self, names: tuple[str, ...], default: str) -> str:
        return next((self._given[name] for name in names if name in self._given), default)

    def whole(self, *names: str, default: int = _NONE) -> int:
        try:
            return int(float(self._first(names, str(default)))) & _NONE
        except ValueError:
            return default

    def number(self, *names: str, default: float = _NO_NUMBER) -> float:
        try:
            return float(self._first(names, "")) if self._first(names, "") else default
        except ValueError:
            return default

    def named(self, table: Mapping[str, int], *names: str, default: int) -> int:
        text = self._first(names, "")
        return int(text) & 0xFF if text.isdigit() else table.get(text, default)


def _time_code(frame: int, fps: float) -> int:
    """Binary coded decimals of hours, minutes, seconds and frames."""
    rate = max(1, round(fps))
    seconds, frames = divmod(max(0, frame), rate)
    parts = (seconds // 3600 % 24, seconds // 60 % 60, seconds % 60, frames)
    return int("".join(f"{part:02d}" for part in parts), 16)


def _frame_of(code: str, fps: float) -> int | None:
    parts = code.split(":")
    if len(parts) != 4 or not all(part.isdigit() for part in parts):
        return None
    hours, minutes, seconds, frames = map(int, parts)
    return ((hours * 60 + minutes) * 60 + seconds) * max(1, round(fps)) + frames


def _real(value: float) -> bytes:
    return struct.pack("=I", _NONE) if np.isnan(value) else struct.pack("=f", value)


def dpx(
    codes: Codes, given: Mapping[str, str], *, name: str = "", transfer: str = "",
    frame: int = 0, position: int = 0, count: int = 1, fps: float = 24.0,
) -> bytes:  # fmt: skip
    """The file: *given* are words of ``-outparams``, *transfer* RV's name of the output's curve,
    *frame* its number, *position* its place among *count* that are written."""
    height, width = codes.shape[:2]
    p = _Words(given)
    offset = max(_HEADER, p.whole("alignment", default=0))
    curve = p.named(
        _TRANSFERS, "transfer", "dpx/transfer", default=_OUTPUTS.get(transfer, 1)
    )  # fmt: skip
    colours = p.named(_TRANSFERS, "colorimetric", "dpx/colorimetric", default=6)
    corner = p.named(dict(zip(_ORIENTATIONS, range(8), strict=True)), "orientation", default=0)
    if corner & 1:
        codes = codes[:, ::-1]
    if corner & 2:
        codes = codes[::-1]
    rate = p.number("output/fps")
    made = struct.pack(
        "=II8sIIIII100s24s100s200s200sI104s", 0x53445058, offset, b"V2.0",
        offset + width * height * 4, 1, 1664, 384, 0, name.encode("utf-8", "replace")[:99],
        p.text("create_time")[:24], p.text("creator", default="player")[:99],
        p.text("project")[:199], p.text("copyright", "output/copyright")[:199], _NONE,
        p.text("reserved")[:103],
    )  # fmt: skip
    made += struct.pack("=HHII", corner, 1, width, height)
    made += struct.pack("=IIfIf", 0, 0, 0.0, 1023, 2.048)
    made += struct.pack("=BBBBHHIII32s", 50, curve, colours, 10, 1, 0, offset, 0, 0, b"")
    made += b"\xff" * (7 * 72) + b"\0" * 52
    made += struct.pack(
        "=II", p.whole("source/x_offset"), p.whole("source/y_offset")
    ) + _real(p.number("source/x_center", default=width // 2)) + _real(
        p.number("source/y_center", default=height // 2)
    )  # fmt: skip
    made += struct.pack(
        "=II100s24s32s32sHHHHII28s", p.whole("source/x_original_size", default=width),
        p.whole("source/y_original_size", default=height), p.text("source/file_name")[:99],
        p.text("source/creation_time")[:24], p.text("source/input_dev")[:31],
        p.text("source/input_serial")[:31],
        *(p.whole(f"source/border_{side}", default=0) & 0xFFFF
          for side in ("XL", "XR", "YT", "YB")),
        p.whole("source/pixel_aspect_H", "output/pa/numerator"),
        p.whole("source/pixel_aspect_V", "output/pa/denominator"), b"",
    )  # fmt: skip
    made += struct.pack(
        "=2s2s2s6s4s32sII", p.text("film/mfg_id")[:2], p.text("film/type")[:2],
        p.text("film/offset")[:2], p.text("film/prefix")[:6], p.text("film/count")[:4],
        p.text("film/format")[:31], p.whole("film/frame_position", default=position),
        p.whole("film/sequence_len", default=count),
    ) + struct.pack("=I", 1)  # fmt: skip
    made += _real(p.number("film/frame_rate", "film/fps", default=rate))
    made += _real(p.number("film/shutter_angle"))
    made += struct.pack(
        "=32s100s56s", p.text("film/frame_id")[:31], p.text("film/slate_info")[:99], b""
    )  # fmt: skip
    for word, own in (("tv/time_code", frame), ("tv/user_bits", position)):
        begins = _frame_of(p.text(word).decode(), fps)
        made += struct.pack("=I", _time_code(own if begins is None else begins + position, fps))
    made += struct.pack(
        "=BBBB", *(p.whole(f"tv/{name}", default=0) & 0xFF
                   for name in ("interlace", "field_num", "video_signal")), 0,
    )  # fmt: skip
    made += b"".join(
        _real(value) for value in (
            p.number("tv/horizontal_sample_rate"), p.number("tv/vertical_sample_rate"),
            p.number("tv/frame_rate", default=rate), p.number("tv/time_offset"),
            p.number("tv/gamma", "output/gamma"), p.number("tv/black_level"),
            p.number("tv/black_gain"), p.number("tv/break_point"), p.number("tv/white_level"),
            p.number("tv/integration_times"),
        )
    )  # fmt: skip
    made += b"\0" * 76
    assert len(made) == _HEADER, len(made)
    return made + b"\xff" * (offset - _HEADER) + _packed(codes, sys.byteorder)


def cineon(codes: Codes, *, name: str = "") -> bytes:
    """The file."""
    height, width = codes.shape[:2]
    made = struct.pack(
        ">IIIIII8s100s12s12s36s", 0x802A5FD7, _HEADER, 1024, 1024, 0,
        _HEADER + width * height * 4, b"V4.5", name.encode("utf-8", "replace")[:99], b"", b"", b"",
    )  # fmt: skip
    made += struct.pack(">BBBB", 0, 3, 0, 0)
    for colour in range(1, 9):
        there = colour <= 3
        made += struct.pack(
            ">BBBBIIffff", 0, colour if there else 0, 10 if there else 0, 0,
            width if there else 0, height if there else 0, 0.0, 0.0, 1023.0 if there else 0.0,
            2.046 if there else 0.0,
        )  # fmt: skip
    made += struct.pack(">ffffffff28s", 0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06, b"")
    made += struct.pack(">200sBBBBII20s", b"", 0, 5, 0, 0, 0, 0, b"")
    return made.ljust(_HEADER, b"\0") + _packed(codes, "big")


def _packed(codes: Codes, order: str) -> bytes:
    c = codes.astype(np.uint32)
    words: Any = (c[..., 0] << 22) | (c[..., 1] << 12) | (c[..., 2] << 2)
    return bytes(words.astype(">u4" if order == "big" else "<u4").tobytes())
