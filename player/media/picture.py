"""One decoded picture and what is known of its media.

Rows are kept bottom-up (row 0 is the lowest), as RV's wire brings them; whoever shows a
picture reads it through a reversed view.  A picture keeps the depth it was stored with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Chapter", "Chromaticities", "MediaFacts", "Picture", "Pixels"]

Pixels = npt.NDArray[Any]  # (height, width, channels): uint8, uint16, float16 or float32

#: red, green, blue and white points as (x, y)
Chromaticities = tuple[
    tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]
]


@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels and how they lie in the displayed frame.

    `pixels` has shape (height, width, channels), rows bottom-up, dtype uint8, uint16,
    float16 or float32.  `width`, `height` is the displayed frame (EXR's display window,
    RV's "uncrop" size) and `x`, `y` where the lower left stored pixel lies in it.
    `frame` is the frame the pixels really are of: another one than asked for when a
    sequence has a gap.  `problem` is empty, or says in one line why this is a stand-in.
    """

    pixels: Pixels
    channels: tuple[str, ...]
    width: int
    height: int
    x: int = 0
    y: int = 0
    pixel_aspect: float = 1.0
    frame: int = 1
    premultiplied: bool = True
    chromaticities: Chromaticities | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    blank: bool = False

    @property
    def nbytes(self) -> int:
        """Bytes the pixels hold."""
        return int(self.pixels.nbytes)

    @property
    def is_cropped(self) -> bool:
        """Whether the stored pixels do not fill the displayed frame exactly."""
        h, w = self.pixels.shape[:2]
        return (w, h, self.x, self.y) != (self.width, self.height, 0, 0)

    @staticmethod
    def placeholder(width: int, height: int, problem: str, frame: int = 1) -> Picture:
        """A transparent black stand-in of one stored pixel for media that cannot be read."""
        return Picture(
            np.zeros((1, 1, 4), np.uint8),
            ("R", "G", "B", "A"),
            max(1, width),
            max(1, height),
            frame=frame,
            problem=problem or "no picture",
            blank=True,
        )


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of a movie; frames are inclusive."""

    title: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What is known of one file or pattern without decoding its pixels.

    `width`/`height` are the stored pixels, `uncrop_*` the displayed frame.  `start`/`end`
    are inclusive, `fps` is 0.0 when the media carries none.  `view_layers` lists
    (view, ((layer, channel names), ...)); the layer "" holds a view's plain channels.
    """

    path: str
    width: int = 0
    height: int = 0
    uncrop_width: int = 0
    uncrop_height: int = 0
    uncrop_x: int = 0
    uncrop_y: int = 0
    pixel_aspect: float = 1.0
    channels: int = 0
    bits: int = 8
    is_float: bool = False
    start: int = 1
    end: int = 1
    inc: int = 1
    fps: float = 0.0
    has_video: bool = True
    has_audio: bool = False
    audio_channels: int = 0
    audio_rate: float = 0.0
    views: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    default_view: str = ""
    channel_names: tuple[str, ...] = ()
    view_layers: tuple[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], ...] = ()
    chapters: tuple[Chapter, ...] = ()
    planes: int = 1
    missing: bool = False
    is_sequence: bool = False
    attributes: tuple[tuple[str, str], ...] = ()
    data_attributes: tuple[tuple[str, bytes], ...] = field(default=())
    orientation: str = "natural"
