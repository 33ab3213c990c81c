"""Procedural media: `TYPE,key=value,....movieproc` needs no file.

Test pictures by name, as RV has them: solid, black, white, grey, smptebars, colorchart,
acescolorchart, hramp, hwramp, noise, noisepan, syncflash, blank, error.  The keys are
those of Open RV's MovieProcedural; integer depths are stored by truncation (0.5 -> 127).
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from player.media import testcharts
from player.media.limits import check_geometry
from player.media.picture import Chromaticities, MediaFacts, Picture
from rvshell.errors import MediaError

__all__ = ["Procedural", "is_procedural", "parse_procedural"]

_EXTENSION = ".movieproc"
_SIZES = {"480": (720, 480), "720": (1280, 720), "1080": (1920, 1080)}
_HD = re.compile(r"(\d{3,4})p(\d+(?:\.\d*)?)?")
_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_INTEGER = re.compile(r"\s*[+-]?\d+")


def is_procedural(path: str) -> bool:
    """Whether *path* names procedural media."""
    return path.endswith(_EXTENSION)


def _atof(text: str) -> float:
    m = _NUMBER.match(text)
    return float(m[0]) if m else 0.0


def _atoi(text: str) -> int:
    m = _INTEGER.match(text)
    return max(-(1 << 31), min((1 << 31) - 1, int(m[0]))) if m else 0


def _decode64(text: str) -> str:
    """RV's identifier-safe base 64 as text; as given when it is none."""
    try:
        raw = base64.b64decode(text.replace("_", "/").replace("-", "+") + "==", validate=False)
    except (binascii.Error, ValueError):
        return text
    return raw.rstrip(b"\0").decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Procedural:
    """Everything a procedural name says; `picture(frame)` renders it."""

    kind: str
    path: str
    start: int = 1
    end: int = 1
    inc: int = 1
    fps: float = 24.0
    width: int = 720
    height: int = 486
    colour: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 1.0)
    dtype: str = "uint8"
    hpan: int = 0
    flash: bool = False
    interval: float = 1.0
    audio: str = ""
    audio_channels: int = 2
    audio_rate: float = 48000.0
    frequency: float = 1000.0
    amplitude: float = 1.0
    error: str = ""
    attributes: tuple[tuple[str, str], ...] = field(default=())

    def facts(self) -> MediaFacts:
        """What `sourceMediaInfo` says of it."""
        stored = (1, 1) if self.kind == "blank" else (self.width, self.height)
        sound = bool(self.audio)
        return MediaFacts(
            path=self.path,
            width=stored[0],
            height=stored[1],
            uncrop_width=self.width,
            uncrop_height=self.height,
            channels=4,
            bits=8,  # RV tells 8 of every procedural, whatever its `depth`
            is_float=False,
            start=self.start,
            end=self.end,
            inc=self.inc,
            fps=self.fps,
            has_audio=sound,
            audio_channels=self.audio_channels if sound else 0,
            audio_rate=self.audio_rate if sound else 0.0,
            channel_names=("R", "G", "B", "A"),
            attributes=self.attributes,
        )

    def flashes(self, frame: int) -> bool:
        """Whether the flash is on at *frame* (multiples of fps·interval, never the first)."""
        rate = self.fps * self.interval
        if not self.flash or frame == self.start or rate <= 0:
            return False
        return bool(self.on_beat((frame - self.start) / rate))

    def on_beat(self, turns: Any) -> Any:
        """Whether flash and beep are on, so many intervals (a number or an array) after the
        beginning; `fps` and `interval` are not 0."""
        return turns - np.floor(turns) < 0.9 / (self.fps * self.interval)

    def picture(self, frame: int) -> Picture:
        """Render one frame.  Raises MediaError for the type `error` and absurd sizes."""
        if self.kind == "error":
            raise MediaError(self.error or f"{self.path}: error requested", path=self.path)
        frame = min(max(frame, min(self.start, self.end)), max(self.start, self.end))
        flash = self.flashes(frame)
        pixels, primaries = _render(
            "solid" if flash else self.kind,
            1 if self.kind == "blank" else self.width,
            1 if self.kind == "blank" else self.height,
            self.colour,
            self.dtype,
        )
        shift = abs(self.hpan) * (frame - 1) % max(1, pixels.shape[1])
        if shift:
            pixels = np.roll(pixels, shift if self.hpan > 0 else -shift, axis=1)
        return Picture(
            pixels,
            ("R", "G", "B", "A"),
            self.width,
            self.height,
            frame=frame,
            chromaticities=primaries,
            attributes=self.attributes,
            blank=self.kind == "blank",
        )


def parse_procedural(path: str) -> Procedural:
    """Read a procedural name.  Raises MediaError when the size is over the limits."""
    words = os.path.basename(path)[: -len(_EXTENSION)].split(",")
    kind = words[0]
    values: dict[str, object] = {}
    colour = {"red": 0.0, "green": 0.0, "blue": 0.0, "alpha": 1.0}
    size = [720, 486]
    attributes: list[tuple[str, str]] = []
    for word in words[1:]:
        name, equals, text = word.partition("=")
        note = bool(equals)
        if name in colour:
            colour[name] = _atof(text)
        elif name in ("gray", "grey"):
            colour.update(red=_atof(text), green=_atof(text), blue=_atof(text))
        elif name in ("start", "end", "inc", "hpan"):
            values[name] = _atoi(text)
        elif name in ("fps", "interval"):
            values[name] = _atof(text)
        elif name in ("freq", "amp", "rate"):
            key = {"freq": "frequency", "amp": "amplitude", "rate": "audio_rate"}[name]
            values[key] = _atof(text)
        elif name in ("width", "height"):
            size[name == "height"] = _atoi(text)
        elif name == "flash":
            values["flash"] = True
        elif name == "audioChannels":
            values["audio_channels"] = min(8, max(1, _atoi(text)))
        elif name == "audio" and equals:
            values["audio"] = text
        elif name == "depth" and equals:
            values["dtype"] = _depth(text)
        elif name == "errorString":
            values["error"] = _decode64(text)
            note = False
        elif name == "filename":
            note = False
        elif name.startswith("attr:") and equals:
            attributes.append((name[5:], text))
            note = False
        elif m := _HD.fullmatch(name):
            size = list(_SIZES.get(m[1], size))
            attributes += [("MovieProc/width", str(size[0])), ("MovieProc/height", str(size[1]))]
            if m[2]:
                values["fps"] = float(m[2])
                attributes.append(("MovieProc/fps", m[2]))
        if note:
            attributes.append((f"MovieProc/{name}", text))
    attributes.append(("ImageType", kind))
    if kind == "syncflash":
        values.update(audio="sync", flash=True)
    elif kind == "noisepan":
        kind = "noise"
        values["hpan"] = 4
    rgba = (colour["red"], colour["green"], colour["blue"], colour["alpha"])
    if values.get("flash") and rgba == (0.0, 0.0, 0.0, 1.0):
        rgba = (1.0, 1.0, 1.0, 1.0)
    check_geometry(size[0], size[1], 4, 4, path)
    made = Procedural(
        kind,
        path,
        width=size[0],
        height=size[1],
        colour=rgba,
        **values,  # type: ignore[arg-type]
    )
    attributes += _timing(made)
    return Procedural(
        kind, path, width=size[0], height=size[1], colour=rgba,
        attributes=tuple(dict(attributes).items()), **values,  # type: ignore[arg-type]
    )  # fmt: skip


def _timing(p: Procedural) -> list[tuple[str, str]]:
    out: list[tuple[str, str]] = []
    if p.audio:
        out += [("MovieProc/audio", p.audio), ("MovieProc/freq", f"{p.frequency:g}")]
        out += [("MovieProc/rate", f"{p.audio_rate:g}"), ("MovieProc/amp", f"{p.amplitude:g}")]
        if p.flash:
            out.append(("MovieProc/flash", "NO"))
    out.append(("FPS", f"{p.fps:g}"))
    frames = p.end - p.start + 1
    seconds = f"{frames / p.fps:g}" if p.fps else "inf"
    out.append(("Duration", f"{frames} frames, {seconds} sec"))
    if p.kind == "smptebars":
        out.append(("ColorSpace/Primaries", "SMPTE-C"))
    elif p.kind in ("colorchart", "srgbcolorchart"):
        out += [("ColorSpace/Transfer", "sRGB"), ("ColorSpace/Primaries", "sRGB")]
    elif p.kind == "acescolorchart":
        out += [("ColorSpace/Transfer", "Linear"), ("ColorSpace/Primaries", "ACES")]
    return out


def _depth(text: str) -> str:
    floating = text.endswith("f")
    bits = _atoi(text)
    if bits == 16:
        return "float16" if floating else "uint16"
    # 32-bit integers have no reader-side use; they are kept as floats
    return "float32" if bits == 32 else "uint8"


def _quantise(values: npt.NDArray[np.float32], dtype: str) -> npt.NDArray[np.generic]:
    if dtype.startswith("float"):
        return values.astype(dtype)
    top = 255.0 if dtype == "uint8" else 65535.0
    return (np.clip(values, 0.0, 1.0).astype(np.float32) * np.float32(top)).astype(dtype)


@lru_cache(maxsize=16)
def _render(
    kind: str, width: int, height: int, rgba: tuple[float, float, float, float], dtype: str
) -> tuple[npt.NDArray[np.generic], Chromaticities | None]:
    """(pixels bottom-up, primaries or None) of a type; read-only, shared by all frames."""
    primaries: Chromaticities | None = None
    out = np.empty((height, width, 4), np.float32)
    fixed = {"black": (0, 0, 0, 1), "grey": (0.5, 0.5, 0.5, 1), "gray": (0.5, 0.5, 0.5, 1),
             "white": (1, 1, 1, 1), "blank": (0, 0, 0, 0), "solid": rgba}  # fmt: skip
    if kind in fixed:
        out[:] = fixed[kind]
    elif kind in ("hramp", "hbramp", "hwramp"):
        first = np.full(4, 1.0 if kind == "hwramp" else 0.0)
        t = (np.arange(width) / max(1, width - 1)).astype(np.float32)[:, None]
        out[:] = first * (1 - t) + np.asarray(rgba) * t
    elif kind == "smptebars":
        testcharts.smpte_bars(out)
        primaries = testcharts.SMPTE_C
    elif kind in ("colorchart", "srgbcolorchart"):
        testcharts.colour_chart(out, testcharts.MACBETH_SRGB)
        primaries = testcharts.REC709
    elif kind == "acescolorchart":
        testcharts.colour_chart(out, testcharts.MACBETH_ACES)
        primaries = testcharts.ACES
    elif kind == "noise":
        testcharts.noise(out)
    else:
        out[:] = (0, 0, 0, 1)
    pixels = _quantise(out, dtype)
    pixels.setflags(write=False)
    return pixels, primaries
