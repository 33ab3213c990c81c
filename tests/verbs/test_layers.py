"""`layer`: what a multi-part EXR and pushed pixels have, and showing one of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from tests.shell.running import Batch

PARTS = {  # (view, layer): its colour
    ("left", ""): (1.0, 0.0, 0.0),
    ("right", ""): (0.0, 0.0, 1.0),
    ("left", "diffuse"): (0.0, 1.0, 0.0),
    ("right", "diffuse"): (1.0, 1.0, 0.0),
}


@pytest.fixture
def stereo(batch: Batch, tmp_path: Path) -> Batch:
    """The player shows an EXR of two views with two layers each, a colour for each."""
    path = str(tmp_path / "stereo.exr")
    specs = []
    for view, layer in PARTS:
        spec = oiio.ImageSpec(64, 48, 3, oiio.HALF)
        spec.channelnames = tuple(f"{layer}.{c}".lstrip(".") for c in "RGB")
        spec.attribute("name", f"{layer or 'rgb'}.{view}")
        spec.attribute("view", view)
        specs.append(spec)
    out = oiio.ImageOutput.create(path)
    assert out.open(path, tuple(specs))
    for at, (spec, colour) in enumerate(zip(specs, PARTS.values(), strict=True)):
        assert at == 0 or out.open(path, spec, "AppendSubimage")
        assert out.write_image(np.broadcast_to(np.float32(colour), (48, 64, 3)).copy())
    out.close()
    batch.out(f"clear --yes; add {path}")
    return batch


def shown(batch: Batch) -> list[tuple[str, str]]:
    rows = json.loads(batch.out("layer", form="json"))
    return [(row["view"], row["layer"]) for row in rows if row["shown"]]


def colour(batch: Batch, tmp_path: Path) -> tuple[bool, ...]:
    """Which of red, green and blue are there in the middle of what is displayed."""
    path = tmp_path / "now.png"
    batch.out(f"snapshot {path}")
    picture = oiio.ImageBuf(str(path)).get_pixels(oiio.UINT8)
    middle = picture[picture.shape[0] // 2, picture.shape[1] // 2, :3]
    return tuple(bool(value > 127) for value in middle)


def test_layers_and_views_are_listed_and_shown(stereo: Batch, tmp_path: Path) -> None:
    assert shown(stereo) == [("left", "")]
    stereo.out("layer diffuse")
    assert colour(stereo, tmp_path) == (False, True, False)
    stereo.out("layer --view right")
    assert shown(stereo) == [("right", "")]
    assert colour(stereo, tmp_path) == (False, False, True)
    stereo.out("layer diffuse --view right")
    assert shown(stereo) == [("right", "diffuse")]
    assert colour(stereo, tmp_path) == (True, True, False)
    stereo.out("layer default")
    assert colour(stereo, tmp_path) == (True, False, False)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("layer difuse", "no layer 'difuse' (did you mean 'diffuse'?)"),
        ("layer --view zzzz", "no view 'zzzz' (there are left, right)"),
        ("layer diffuse --view top", "no layer 'diffuse' in a view 'top' (layer lists them)"),
    ],
)
def test_what_is_not_there_is_said_and_nothing_changes(stereo: Batch, line: str, said: str) -> None:
    result = stereo.run(line)
    assert result.status == 1 and said in result.err
    assert shown(stereo) == [("left", "")]


def test_layers_of_pushed_pixels(batch: Batch, tmp_path: Path) -> None:
    green = oiio.ImageBuf(np.broadcast_to(np.float32((0, 1, 0)), (32, 32, 3)).copy())
    blue = oiio.ImageBuf(np.broadcast_to(np.float32((0, 0, 1)), (32, 32, 3)).copy())
    batch.out("clear --yes")
    for name, image in (("beauty", green), ("normal", blue)):
        assert image.write(str(tmp_path / f"{name}.exr"), "half")
        batch.out(f"push {tmp_path / name}.exr --layer {name} --name render")
    assert {row["layer"] for row in json.loads(batch.out("layers", form="json"))} >= {
        "beauty",
        "normal",
    }
    batch.out("layer normal")
    assert colour(batch, tmp_path) == (False, False, True)


def test_without_a_source(batch: Batch) -> None:
    result = batch.run("clear --yes; layer")
    assert result.status == 1 and "no source is shown" in result.err
