"""What a sink is: somewhere a finished picture is shown.

A picture is RGBA uint8 of shape (height, width, 4), top row first.  A sink says how large
it wants pictures; the renderer makes them that size.  All methods are called from one
thread, the one that made the sink.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from player.image import Status

__all__ = ["Bytes", "InputEvent", "OnInput", "Sink", "SinkLost", "Status"]

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class InputEvent:
    """A key or pointer event under RV's event name (`key-down--right`, `pointer-1--push`).

    `x`, `y` are pixels from the bottom left of the picture, `width`, `height` its size;
    `modifiers` and `buttons` are RV's bits (see `naming.py`).  Three names are no events of
    RV's: `frame` (a slider; `key` is the frame), `drop` (`text` is a file or address) and
    `answer` (to the question `key` of the status; `text` is the word of the answer).
    """

    name: str
    x: float = 0.0
    y: float = 0.0
    width: int = 0
    height: int = 0
    key: int = 0
    modifiers: int = 0
    buttons: int = 0
    text: str = ""


OnInput = Callable[[InputEvent], None]


class SinkLost(Exception):
    """The screen went away (X server gone, terminal closed); others carry on."""


class Sink(Protocol):
    """A screen."""

    name: str
    has_input: bool
    asks_itself: bool
    """Whether it shows questions in its own way: its pictures come without."""
    whole: bool
    """Whether its pictures are kept: they are made of all pixels, however small they are."""

    def size(self) -> tuple[int, int]:
        """(width, height) in pixels of the pictures it wants."""
        ...

    def pixel_aspect(self) -> float:
        """Width of one of its pixels by its height."""
        ...

    def canvas(self) -> Bytes | None:
        """Where the next picture may be made, to be shown without being copied: an array of its
        size whose bytes may lie in another order (`player/image/byteorder.py`), and whose alpha
        nobody reads.  It is the sink's again once it was shown."""
        ...

    def show(self, picture: Bytes) -> None:
        """Show one picture.  Raises SinkLost."""
        ...

    def poll(self) -> bool:
        """Handle input; False when the user closed it."""
        ...

    def set_full_screen(self, on: bool) -> None: ...

    def set_status(self, status: Status) -> None:
        """What is shown: a window's title, a terminal's last row, a page's transport."""
        ...

    def fit(self, width: int, height: int) -> None:
        """Take the size of a picture, where the screen has no size of its own."""
        ...

    def close(self) -> None:
        """Leave everything as it was found; may be called twice."""
        ...
