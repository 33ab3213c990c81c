"""One frame of a view as an export wants it, computed exactly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from player.image.render import gaps_of, problems_of, render, render_float
from player.image.scene import FetchKey, View
from player.media import Picture

__all__ = ["light", "linear", "shown"]

#: pixels with the top row first, why they are a stand-in ("" if they are not), and which frames
#: of sequences others stand for
Made = tuple[Any, str, tuple[str, ...]]
Fetch = Callable[[FetchKey], Picture]


def shown(view: View, size: tuple[int, int], fetch: Fetch, *, deep: bool) -> Made:
    """What the screen shows, (height, width, 4) of 8 bits, or of 16 when *deep*."""
    if not deep:
        made = render(view, *size, fetch, "linear", exact=True)
        return made.pixels, next(iter(made.problems), ""), gaps_of(made.drawn)
    values, drawn = render_float(view, *size, fetch, "linear", display=True, exact=True)
    picture = np.nan_to_num(values[::-1])
    pixels = (np.clip(picture, 0, 1) * 65535 + 0.5).astype(np.uint16)
    pixels[..., 3] = 65535
    return pixels, next(iter(problems_of(drawn)), ""), gaps_of(drawn)


def linear(view: View, size: tuple[int, int], fetch: Fetch, *, display: bool = False) -> Made:
    """What is in front of the display's colour, or behind it, (height, width, 4) of half floats."""
    values, drawn = render_float(view, *size, fetch, "linear", display=display, exact=True)
    with np.errstate(over="ignore"):
        pixels = values[::-1].astype(np.float16)
    return pixels, next(iter(problems_of(drawn)), ""), gaps_of(drawn)


def light(view: View, size: tuple[int, int], fetch: Fetch, *, display: bool, own: bool) -> Made:
    """What is in front of the display's colour, or behind it, (height, width, 4) of floats;
    *own*: they may be written to."""
    values, drawn = render_float(view, *size, fetch, "linear", display=display, exact=True)
    pixels = np.array(values[::-1]) if own else values[::-1]
    return pixels, next(iter(problems_of(drawn)), ""), gaps_of(drawn)
