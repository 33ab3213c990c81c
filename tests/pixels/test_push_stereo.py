"""The main job: a 1080p half EXR pair pushed as 10x10 tiles in stereo arrives bit for bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from tests.pixels.running import RunningPlayer, rvshell

WIDTH, HEIGHT = 1920, 1080


def write(path: Path, pixels: np.ndarray, dtype: str, **attributes: object) -> None:
    """Write (height, width, channels), top row first."""
    pixels = np.ascontiguousarray(pixels)
    height, width, channels = pixels.shape
    spec = oiio.ImageSpec(width, height, channels, dtype)
    for name, value in attributes.items():
        spec.attribute(name, value)
    out = oiio.ImageOutput.create(str(path))
    assert out and out.open(str(path), spec) and out.write_image(pixels), oiio.geterror()
    out.close()


def picture(seed: int) -> np.ndarray:
    """Noise that no two pixels share, negative and above one as well."""
    rng = np.random.default_rng(seed)
    return (rng.random((HEIGHT, WIDTH, 4), np.float32) * 6 - 1).astype(np.float16)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], list[np.ndarray]]:
    folder = tmp_path_factory.mktemp("pair")
    pictures = [picture(1), picture(2)]
    paths = [folder / "shot.left.exr", folder / "shot.right.exr"]
    for path, pixels in zip(paths, pictures, strict=True):
        write(path, pixels, "half", compression="none")
    return paths, pictures


def test_both_views_arrive_bit_for_bit(
    player: RunningPlayer, pair: tuple[list[Path], list[np.ndarray]], tmp_path: Path
) -> None:
    paths, pictures = pair
    done = rvshell(
        "push", "--stereo", str(paths[0]), str(paths[1]), "--tiles", "10x10", port=player.port
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (node,) = player.ask('nodesOfType("RVImageSource")').split('"')[1::2]
    for view, pixels in zip(("left", "right"), pictures, strict=True):
        player.ask(f'setStringProperty("#RVDisplayStereo.stereo.type", string[] {{"{view}"}});')
        # sourcePixelValue is about the last picture rendered
        player.ask(f'exportCurrentFrame("{tmp_path / view}.png")')
        samples = [(0, 0), (191, 107), (192, 108), (1000, 539), (1919, 1079), (1727, 972)]
        for x, y in samples:
            got = player.numbers(f'sourcePixelValue("{node}.0/0/1:{view}", {x}.0, {y}.0)')
            np.testing.assert_array_equal(np.float16(got), pixels[HEIGHT - 1 - y, x])
        # every pixel: the source's picture as the far end writes it, in half float
        path = tmp_path / f"{view}.exr"
        player.ask(f'exportCurrentSourceFrame("{path}")')
        image = oiio.ImageInput.open(str(path))
        assert image, oiio.geterror()
        got = image.read_image(0, 0, 0, 4, "half")
        np.testing.assert_array_equal(got.view(np.uint16), pixels.view(np.uint16))


def test_the_snapshot_shows_both(player: RunningPlayer, tmp_path: Path) -> None:
    left = np.zeros((54, 96, 4), np.float16)
    left[..., 0] = left[..., 3] = 1.0  # red
    left[:27] = (0.0, 0.0, 1.0, 1.0)  # its upper half blue
    write(tmp_path / "l.exr", left, "half")
    write(tmp_path / "r.exr", left[:, :, [1, 0, 2, 3]], "half")  # green below
    words = ("--stereo", str(tmp_path / "l.exr"), str(tmp_path / "r.exr"), "--tiles", "7x5")
    assert rvshell("push", *words, port=player.port).returncode == 0
    player.ask('setStringProperty("#RVDisplayStereo.stereo.type", string[] {"pair"});')
    path = tmp_path / "both.png"
    assert rvshell("snapshot", str(path), port=player.port).returncode == 0
    pixels = oiio.ImageBuf(str(path)).get_pixels("uint8")
    height, width = pixels.shape[:2]
    quarter = [pixels[height // 2 + dy, width * part // 4] for part in (1, 3) for dy in (-20, 20)]
    assert [tuple(int(c) for c in q[:3]) for q in quarter] == [
        (0, 0, 255), (255, 0, 0), (0, 0, 255), (0, 255, 0)
    ]  # fmt: skip
