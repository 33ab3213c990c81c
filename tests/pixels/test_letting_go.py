"""An image that was closed holds no pixels: a renderer of many objects, as Blender, hardly ever
looks for garbage, and opens an image for each frame.
"""

from __future__ import annotations

import gc

import numpy as np
import pytest

from rvshell.errors import RvshellError
from rvshell.pixels import open_image
from rvshell.pixels.canvas import Canvas
from tests.pixels.running import RunningPlayer
from tests.uncollected import uncollected  # noqa: F401


def canvases() -> int:
    return sum(type(thing) is Canvas for thing in gc.get_objects())


def push(port: int) -> None:
    with open_image("frame", 64, 48, dtype="half", port=port) as image:
        image.send(np.ones((48, 64, 4), np.float16))
        image.sync()
        assert canvases() == 1


def test_a_closed_image_has_no_pixels(player: RunningPlayer) -> None:
    for _ in range(3):
        push(player.port)
        assert canvases() == 0


def test_an_image_whose_viewer_went_away_has_no_pixels(player: RunningPlayer) -> None:
    def watched() -> None:
        with open_image("frame", 64, 48, dtype="half", port=player.port, reconnect=False) as image:
            image.send(np.ones((48, 64, 4), np.float16))
            image.sync()
            player.kill()
            while True:
                image.send(np.ones((48, 64, 4), np.float16))
                image.sync()

    with pytest.raises(RvshellError):
        watched()
    assert canvases() == 0
