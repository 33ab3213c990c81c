"""One decoded picture and what is known of its media.

Rows are kept bottom-up (row 0 is the lowest), as RV's wire brings them; whoever shows a
picture reads it through a reversed view.  A picture keeps the depth it was stored with.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from player.session.ports import Chapter, MediaInfo

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
    `frame` is the frame the pixels really are of, `missing` the one that should have been
    there in its place when a sequence has a gap.  `problem` is empty, or says in one line why
    this is a stand-in.
    `full` is None, or (height, width) of the stored pixels that fewer `pixels` stand for: a
    smaller level of a file that has several.
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
    full: tuple[int, int] | None = None
    missing: int | None = None

    @property
    def keeper(self) -> object | None:
        """What holds the memory until all pictures with the same keeper are gone; None for memory
        of its own."""
        return None

    @property
    def storage(self) -> object:
        """What the bytes are in: pictures with the same one hold them once."""
        return self.pixels

    @property
    def nbytes(self) -> int:
        """Bytes the pixels hold."""
        return int(self.pixels.nbytes)

    @property
    def stored(self) -> tuple[int, int]:
        """(height, width) of the stored pixels."""
        if self.full is not None:
            return self.full
        height, width = self.pixels.shape[:2]
        return height, width

    def thinned(self, step: int) -> Pixels:
        """The pixels for a quick picture that needs no more than every `step`-th row and column:
        all of them, or as many as are got for less, spread over the picture to less than a
        step."""
        return self.pixels

    @property
    def is_cropped(self) -> bool:
        """Whether the stored pixels do not fill the displayed frame exactly."""
        h, w = self.stored
        return (w, h, self.x, self.y) != (self.width, self.height, 0, 0)

    def developed(self, quick: bool = False) -> Picture:
        """The same picture with its pixels in memory: movies are kept as they were decoded.

        *quick* may give up accuracy for speed, for a picture that is shown for a moment.
        """
        return self

    def with_problem(self, problem: str) -> Picture:
        """The same picture as a stand-in, with the reason."""
        return replace(self, problem=problem)

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

    @staticmethod
    def nothing(width: int, height: int, frame: int = 1) -> Picture:
        """As `placeholder`, for media that have no picture to show, and need none."""
        return replace(Picture.placeholder(width, height, "", frame), problem="")


#: what the session is told of media: its own port's type
MediaFacts = MediaInfo
