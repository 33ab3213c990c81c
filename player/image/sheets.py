"""Layers of marks that were painted before.

A stroke of a hundred points takes fifty milliseconds to paint.  Marks stay for as long as their
frame is shown, and while somebody draws only the last one grows: so the layer of all of them is
remembered, and that of all but the last.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any, Final

import numpy.typing as npt

from player.image.marks import Mark
from player.image.scene import Matrix3
from player.image.strokes import paint

__all__ = ["sheet"]

Layer = npt.NDArray[Any]  # float32 RGBA

_BUDGET: Final = 96 << 20  # bytes: those of two layers of 1920 x 1080, and what is left over

_layers: OrderedDict[Hashable, Layer] = OrderedDict()
_lock = threading.Lock()


def sheet(
    marks: tuple[Mark, ...], matrix: Matrix3, height: int, width: int, image: tuple[float, int]
) -> Layer:
    """What `paint` makes of the marks, not to be written to."""
    where = (matrix.tobytes(), height, width, image)
    made = _known((marks, where))
    if made is None:
        below = None
        if len(marks) > 1:
            below = _known((marks[:-1], where))
            if below is None:
                below = _keep((marks[:-1], where), paint(marks[:-1], matrix, height, width, image))
        made = paint(marks[-1:], matrix, height, width, image, below)
        _keep((marks, where), made)
    return made


def _known(key: Hashable) -> Layer | None:
    with _lock:
        found = _layers.get(key)
        if found is not None:
            _layers.move_to_end(key)
        return found


def _keep(key: Hashable, layer: Layer) -> Layer:
    layer.setflags(write=False)
    with _lock:
        _layers[key] = layer
        while len(_layers) > 1 and sum(held.nbytes for held in _layers.values()) > _BUDGET:
            _layers.popitem(last=False)
    return layer
