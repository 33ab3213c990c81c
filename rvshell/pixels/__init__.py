"""Pixels on their way to a player or RV: arrays, files, watched folders and pipes into tiles.

    import rvshell.pixels

    with rvshell.pixels.open_image("beauty", 1920, 1080, dtype="half") as image:
        image.send_tile(x, y, bucket)      # top-down, any array; returns at once
        image.send(framebuffer)            # or all of it

- `opening`, `image`   `open_image` and `Image`, what a renderer calls
- `checks`   what is said of tiles and options that an image cannot take
- `spec`     what an image is, and the Mu block that declares it at the far end
- `names`    what RV's wire can carry of a name, and how the rest is written
- `arrays`   whatever holds pixels (numpy, DLPack, buffers) as an array, without a copy
- `canvas`   the newest pixels of each frame, view and layer, and which of them have to go
- `merging`  very many rectangles as fewer
- `sender`   the thread that sends them, connects again, declares again; `statistics` of it
- `unclosed` images that are dropped, left open at the end, or forked away
- `wire`, `rows`   rectangles of a canvas as buffers for one system call
- `packing`  whether a slow link is compressed; what goes to another machine goes in strips
- `files`, `movies`, `pipe` (with `streams`, `netpbm`, `y4m`), `watch`   where pixels come from, for
  `rvshell push`

Theory of operation
-------------------
A renderer must never wait for a viewer, nor die of one, and a viewer that is started late, or
again, must show what is there.  So the queue between them does not hold tiles: each (frame,
view, layer) has a *canvas* with its newest pixels, in the wire's order (bottom row first), and
each target has an ordered set of *rectangles* of canvases that it has not been sent.  `send_tile`
copies the pixels into the canvas (flipping them, once) and puts the rectangle into the sets;
a rectangle that is there already, or is covered by one, is simply not added again: that is how
a tile that was overwritten before it left is coalesced.  The sender's thread takes rectangles in
order and sends the canvas' rows from where they are.  A connection that was lost is made again,
the image declared again, and what was ever written of the kept canvases is rectangles again (and
no more: several processes may send one picture, so what was never written is never sent).

Pixels are not locked: a rectangle enters the set after its pixels were written, so whatever a
sender may have caught half-way is sent once more, whole.

Memory is bounded by what is kept: the newest frame always, older ones while they fit the limit.
When a new frame finds the limit used up by frames that a live viewer has not taken yet, the
renderer waits for it (back-pressure), for at most `patience` seconds in a row; then, or when
there is no viewer, the oldest frame is given up and the render goes on.  A viewer that has taken
nothing since (it hangs) is not waited for again.

Importing this package is cheap; numpy is loaded by the first `open_image`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rvshell.pixels.image import Image
    from rvshell.pixels.opening import open_image
    from rvshell.pixels.spec import ImageSpec
    from rvshell.pixels.statistics import Statistics

__all__ = ["Image", "ImageSpec", "Statistics", "open_image"]

_HOMES = {
    "Image": "image",
    "open_image": "opening",
    "ImageSpec": "spec",
    "Statistics": "statistics",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"rvshell.pixels.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'rvshell.pixels' has no attribute {name!r}")
