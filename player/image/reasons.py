"""Why a picture is not what it should be, written where it would be.

A stand-in is transparent (RV's renders as nothing), so on a screen the place of the picture gets
an outline and the reason in its middle; a picture that is only damaged, or another frame's, gets
the reason along its lower edge.  As with everything of `hud`, this lies over the finished pixels:
colour queries and snapshots of the source see none of it, and it is left out of pictures too
small to read it (a terminal's status line has it then).
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from player.image.canvas import Drawn
from player.image.glyphs import blend_text, text_width
from player.image.hud import READABLE

__all__ = ["Reason", "draw_reasons", "reasons_of"]

_MOST_LINES = 6
_SMALLEST, _LARGEST = 10, 24  # letters, pixels high
_FEWEST = 16  # letters that a line must have room for
_FRAME = (70, 70, 70)


@dataclass(frozen=True, slots=True)
class Reason:
    """*text* belongs to the picture in *box*: left, top, right, bottom in screen pixels, rows from
    the top.  `instead` when there is no picture but the reason."""

    text: str
    box: tuple[int, int, int, int]
    instead: bool


def reasons_of(
    drawn: Iterable[Drawn], width: int, height: int, stretch: float = 1.0
) -> Iterator[Reason]:
    """What there is to tell of the images of a screen; *stretch* is how much wider than its
    canvas a screen's picture is.  Images that clients push are empty until their pixels come."""
    seen = set()
    for d in drawn:
        p = d.picture
        if not p.problem or d.quad.key.pushed:
            continue
        across, up = (0, p.width, p.width, 0), (0, 0, p.height, p.height)
        x, y = (d.to_canvas @ np.array([across, up, (1, 1, 1, 1)], float))[:2]
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            continue
        left, right = np.clip([x.min() * stretch, x.max() * stretch], 0, width)
        top, bottom = np.clip([height - y.max(), height - y.min()], 0, height)
        made = Reason(
            " ".join(p.problem.split()),
            (round(left), round(top), round(right), round(bottom)),
            p.blank,
        )
        if made not in seen:  # both eyes show the same
            seen.add(made)
            yield made


def _lines(text: str, size: int, wide: int) -> list[str]:
    """*text* in lines of at most *wide* pixels; the font's letters are all as wide as one."""
    letter = text_width("0" * 20, size) / 20
    found = textwrap.wrap(text, max(_FEWEST, int(wide / letter)), break_on_hyphens=False)
    if len(found) > _MOST_LINES:
        found[_MOST_LINES - 1 :] = [f"{found[_MOST_LINES - 1][:-1]}…"]
    return found


def _shade(picture: npt.NDArray[np.uint8], left: int, top: int, right: int, bottom: int) -> None:
    part = picture[max(0, top) : bottom, max(0, left) : right, :3]
    part[...] = part // 5 * 2


def _outline(picture: npt.NDArray[np.uint8], left: int, top: int, right: int, bottom: int) -> None:
    part = picture[top:bottom, left:right, :3]
    for edge in (part[:2], part[-2:], part[:, :2], part[:, -2:]):
        edge[...] = _FRAME


def draw_reasons(picture: npt.NDArray[np.uint8], reasons: Iterable[Reason]) -> None:
    """Draw over *picture* (height, width, 4; top row first), in place."""
    if picture.shape[0] < READABLE:
        return
    for reason in reasons:
        left, top, right, bottom = reason.box
        size = max(_SMALLEST, min(_LARGEST, (bottom - top) // 20))
        margin = size
        wide = right - left - 2 * margin
        if reason.instead:
            _outline(picture, left, top, right, bottom)
        lines = _lines(reason.text, size, wide)
        line = round(size * 1.4)
        tall = line * len(lines)
        if wide < text_width("0" * _FEWEST, size) or tall > bottom - top:
            continue  # a tile of a large layout: its outline says enough
        if reason.instead:
            y = (top + bottom - tall) // 2
        else:
            y = bottom - tall - margin // 2
            _shade(picture, left, y - margin // 2, right, bottom)
        for text in lines:
            x = left + margin
            if reason.instead:
                x = (left + right - text_width(text, size)) // 2
            blend_text(picture, x, y, text, size)
            y += line
