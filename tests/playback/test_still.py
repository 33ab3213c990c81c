"""What stands still is shown at its best, also when it stood in the middle of playing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio

from player.image import export
from tests.players import running_player
from tests.waiting import until


def shown(png: Path) -> Any:
    pixels = oiio.ImageBuf(str(png)).get_pixels("uint8") if png.exists() else None
    return pixels if pixels is not None and pixels.size > 4 else None


def test_a_picture_that_stops_is_drawn_again_carefully(tmp_path: Path) -> None:
    noise = np.random.default_rng(2).random((96, 128, 3)).astype(np.float16)
    for frame in (1, 2):  # the same: it is not the frame that makes the difference
        export.write_image(str(tmp_path / f"n.{frame:04d}.exr"), noise)
    png = tmp_path / "shown.png"
    media = str(tmp_path / "n.#.exr")
    with running_player("--size", "50x38", "--snapshot", str(png), media, display="png") as player:
        player.until("frameEnd()", "2")
        player.until("frame()", "1")
        still = []

        def settled() -> bool:
            now = shown(png)
            same = bool(still) and now is not None and np.array_equal(now, still[-1])
            if now is not None and now.max() > 0:
                still.append(now)
            return same and bool(now.std() > 10)

        until(settled, "the picture")
        player.mu("play()")
        until(lambda: not np.array_equal(shown(png), still[-1]), "the quick picture")
        player.mu("stop()")
        until(lambda: np.array_equal(shown(png), still[-1]), "the careful picture")
