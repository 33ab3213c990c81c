"""Which of the stored sizes of a picture is enough for what is shown of it.

Files that hold a picture several times, each time half as large, are read at the smallest level
that still has a pixel for each one of the screen.  It follows from where the images of a view
lie, for which their pixels are not needed.  What looks at the pixels themselves (crops, sizes of
RVFormat, lenses, sharpening) works on the whole picture, and so does everything that is asked
or written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import replace
from math import floor, log2

import numpy as np

from player.image.canvas import Canvas, camera, quads_of
from player.image.scene import FetchKey, Quad, View
from player.image.sharpen import Sharpen
from player.media.images import MOST_LEVELS
from player.media.picture import Picture
from player.media.reader import Levelled, Reader

__all__ = ["Levels", "coarser", "keys_of", "levels_of", "serving", "shared"]

#: levels by key (as `FetchKey` has it without its own level)
Levels = dict[FetchKey, int]
_SLACK = 1e-6  # of a level: exact halves are exact


def shared(key: FetchKey) -> FetchKey:
    """The key that several nodes with the same picture have in common."""
    return replace(key, node="")


def keys_of(view: View, levels: Levels | None = None) -> list[FetchKey]:
    """The pictures a view reads through the cache (pushed ones are not cached)."""
    nowhere = np.eye(3)
    found = []
    for eye in (view.left, view.right):
        for quad, _ in quads_of(eye, nowhere, 1.0):
            if not quad.key.pushed:
                key = shared(quad.key)
                found.append(replace(key, level=levels.get(key, 0)) if levels else key)
    return found


def serving(key: FetchKey, held: Set[object]) -> FetchKey:
    """The key in *held* whose picture does for *key*: itself or a finer level, else itself."""
    if key.level and key not in held:
        for level in range(key.level - 1, -1, -1):
            finer = replace(key, level=level)
            if finer in held:
                return finer
    return key


def coarser(key: FetchKey) -> Iterator[FetchKey]:
    """The keys of smaller levels that there might be, the next one first."""
    return (replace(key, level=level) for level in range(key.level + 1, MOST_LEVELS))


def levels_of(
    view: View, sizes: Iterable[tuple[int, int]], known: Callable[[str], Reader | None]
) -> Levels:
    """The levels that are enough for screens of these sizes, of media that have several.

    *known* gives the reader of a medium that is open.  Any thread.
    """
    readers: dict[str, Reader] = {}
    for key in keys_of(view):
        reader = readers.get(key.media) or known(key.media)
        if isinstance(reader, Levelled) and reader.levels:
            readers[key.media] = reader
    if not readers:
        return {}
    scales: dict[FetchKey, float] = {}

    def outline(key: FetchKey) -> Picture:
        reader = readers.get(key.media)
        if reader is None:
            return Picture.placeholder(1, 1, "")
        facts = reader.facts
        made = Picture.placeholder(facts.uncrop_width, facts.uncrop_height, "")
        return replace(made, pixel_aspect=facts.pixel_aspect)

    for size in sizes:
        canvas = Canvas(view, *size, outline, "nearest")
        for eye in (view.left, view.right):
            for quad, outer in quads_of(eye, camera(view, canvas.aspect), canvas.aspect):
                key = shared(quad.key)
                if quad.key.pushed or quad.key.media not in readers:
                    continue
                # canvas pixels to a stored one, in the direction in which there are most
                to_canvas = canvas.locate(quad, outer).to_canvas[:2, :2]
                scale = float(np.linalg.norm(to_canvas, 2)) if _as_stored(quad) else 1.0
                scales[key] = max(scale, scales.get(key, 0.0))
    made = {}
    for key, scale in scales.items():
        reader = readers[key.media]
        assert isinstance(reader, Levelled)
        level = reader.levels if scale <= 0 else floor(-log2(scale) + _SLACK)
        made[key] = min(max(level, 0), reader.levels)
    return made


def _as_stored(quad: Quad) -> bool:
    """Whether nothing looks at the image's own pixels before they are placed."""
    if not quad.reformat.is_neutral or quad.lens is not None:
        return False
    return not any(isinstance(step, Sharpen) for step in quad.ops)
