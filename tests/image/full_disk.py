"""Pictures written to a disk that is full: run by test_full_disk inside `unshare -rm` with an empty
folder; prints what happened, ends with 0."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from player.image.export import write_image


def main(folder: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], check=True)
    noise = np.random.default_rng(1).integers(0, 255, (300, 400, 4)).astype(np.uint8)
    old = folder / "old.png"
    write_image(str(old), noise[:20, :20])
    before = old.read_bytes()
    # libjpeg would end the program, libpng would leave half a picture and say nothing
    for name in ("old.png", "a.jpg", "a.exr", "a.tif", "a.bmp", "a.tga", "a.dpx", "a.jp2"):
        path = folder / name
        try:
            write_image(str(path), noise)
        except OSError as error:
            assert str(error).startswith(f"{path}: "), error
            print(f"ok: {name}: {str(error).removeprefix(f'{path}: ')[:60]}", flush=True)
        else:
            raise AssertionError(f"{name} was written, of {path.stat().st_size} bytes")
        assert sorted(os.listdir(folder)) == ["old.png"], os.listdir(folder)
        assert old.read_bytes() == before  # what was there is there
    write_image(str(folder / "small.jpg"), noise[:20, :20])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
