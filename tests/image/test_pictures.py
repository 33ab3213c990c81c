"""Whole pictures from a real session: fit, pan, stereo, layouts, pushed pixels, queries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pytest

from player.commands import Context, load_all
from player.commands.calling import Calls
from player.image.lookahead import LookAhead
from player.image.renderer import ImageRenderer
from player.media import PixelStore, Probe, reader
from player.session.ports import MediaInfo, Ports
from player.session.session import Session

RED, BLUE = (255, 0, 0), (0, 0, 255)


@pytest.fixture
def room() -> Iterator[Any]:
    probe, store = Probe(), PixelStore()
    renderer = ImageRenderer(probe.readers, store, size=(160, 90))
    session = Session("display", ports=Ports(media=probe, pixels=store, renderer=renderer))
    renderer.attach(session)
    load_all()
    calls = Calls(Context(session), "commands")
    yield SimpleNamespace(session=session, store=store, renderer=renderer, do=calls)
    renderer.close()


def solid(red: float, green: float, blue: float, width: int = 160, height: int = 90) -> str:
    return f"solid,red={red},green={green},blue={blue},width={width},height={height}.movieproc"


def add(room: Any, *media: str) -> None:
    for name in media:
        room.do.addSource(name)
    room.session.settle()


def shown(room: Any, quick: bool = False, size: tuple[int, int] = (160, 90)) -> np.ndarray:
    made: np.ndarray = room.renderer.job(quick=quick)(*size, 1.0)
    return made[..., :3]


def at(picture: np.ndarray, x: int, y: int) -> tuple[int, ...]:
    return tuple(int(v) for v in picture[y, x])


def push(room: Any, width: int = 40, height: int = 20, depth: int = 8) -> str:
    info = MediaInfo(
        "m", width, height, width, height, channels=4, bits=depth, is_float=depth > 8,
        fps=24.0, views=("left", "right"),
    )  # fmt: skip
    name: str = room.session.sources.add_image(info).name
    for view, colour in (("left", RED), ("right", BLUE)):
        dtype = np.uint8 if depth == 8 else np.float16
        tile = np.zeros((height, width, 4), dtype)
        tile[:] = np.array([*colour, 255]) / (1 if depth == 8 else 255)
        room.store.store("m", 1, view, "-", 0, 0, width, height, tile.tobytes())
    room.session.settle()
    return name


def stereo(room: Any, mode: str) -> None:
    room.do.setStringProperty("#RVDisplayStereo.stereo.type", [mode])


def test_an_image_is_fitted_with_its_aspect(room: Any) -> None:
    add(room, solid(1, 0, 0, 90, 90))
    for quick in (True, False):
        picture = shown(room, quick)
        lit = np.flatnonzero((picture[45] == RED).all(axis=1))
        assert (lit[0], lit[-1]) == (35, 124)
        assert at(picture, 10, 45) == (0, 0, 0)
        wide = shown(room, quick, (50, 90))
        rows = np.flatnonzero((wide[:, 25] == RED).all(axis=1))
        assert (rows[0], rows[-1]) == (20, 69)


def test_pan_and_zoom(room: Any) -> None:
    add(room, solid(1, 0, 0))
    room.do.setFloatProperty("#RVDispTransform2D.transform.scale", [0.5, 0.5])
    room.do.setFloatProperty("#RVDispTransform2D.transform.translate", [0.5, 0.0])
    picture = shown(room)
    lit = np.flatnonzero((picture[45] == RED).all(axis=1))
    # half size, and half an image height to the right before the scale
    assert abs(lit[0] - (40 + 22)) <= 1 and abs(lit[-1] - (119 + 23)) <= 1


@pytest.mark.parametrize(("mode", "left", "right"), [
    ("left", RED, RED), ("right", BLUE, BLUE), ("pair", RED, BLUE), ("mirror", BLUE, RED),
    ("hsqueezed", RED, BLUE), ("anaglyph", (255, 0, 255), (255, 0, 255)), ("off", RED, RED),
])  # fmt: skip
def test_stereo_modes(room: Any, mode: str, left: tuple[int, ...], right: tuple[int, ...]) -> None:
    push(room)
    stereo(room, mode)
    picture = shown(room)
    assert (at(picture, 40, 45), at(picture, 120, 45)) == (left, right)


def test_stereo_by_lines_and_points(room: Any) -> None:
    push(room)
    stereo(room, "vsqueezed")
    picture = shown(room)
    assert (at(picture, 80, 65), at(picture, 80, 25)) == (RED, BLUE)  # left at the bottom
    stereo(room, "scanline")
    picture = shown(room)
    assert (at(picture, 80, 89 - 30), at(picture, 80, 89 - 31)) == (BLUE, RED)
    stereo(room, "checker")
    picture = shown(room)
    assert (at(picture, 80, 89 - 30), at(picture, 81, 89 - 30)) == (RED, BLUE)


def raw(room: Any) -> None:
    """RV takes every procedural for 8 bits, and so for sRGB, whatever its depth."""
    room.do.setIntProperty("#RVLinearize.color.sRGB2linear", [0])


def test_the_quick_way_shows_what_the_exact_way_shows(room: Any) -> None:
    add(room, "hramp,red=1,green=0.7,blue=0.4,alpha=1,width=160,height=90,depth=16f.movieproc")
    raw(room)
    room.do.setIntProperty("#RVDisplayColor.color.sRGB", [1])
    room.do.setFloatProperty("#RVColor.color.exposure", [0.5, -0.5, 1.0])
    quick, slow = shown(room, True).astype(int), shown(room).astype(int)
    assert np.abs(quick - slow).max() <= 1
    x = (np.arange(160) / 159).astype(np.float16).astype(float) * 2**0.5
    x = np.clip(x, 0, 1)
    srgb = np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)
    assert np.abs(quick[45, :, 0] - srgb * 255).max() <= 1


def test_a_window_takes_no_size_of_a_view_that_shows_nothing_yet(room: Any) -> None:
    """Media are opened first and come into the view afterwards."""
    assert room.renderer.natural_size() is None
    add(room, solid(1, 0, 0, 400, 100))
    assert room.renderer.natural_size() == (400, 100)
    room.do.setNodeInputs("defaultSequence", [])
    room.session.settle()
    assert room.renderer.natural_size() is None


@pytest.mark.parametrize("quick", [True, False], ids=["playing", "still"])
@pytest.mark.parametrize(("kind", "lit"), [
    ("RVSequenceGroup", (60, 25, 40, 40)),  # green is as high in it as red is
    ("RVStackGroup", (0, 25, 160, 40)), ("RVLayoutGroup", (0, 29, 160, 32)),
])  # fmt: skip
def test_what_a_sequence_shows_is_fitted_into_the_window_as_a_whole(
    room: Any, kind: str, lit: tuple[int, ...], quick: bool
) -> None:
    """A sequence that is viewed has the size of the window; a group in it has its own."""
    add(room, solid(1, 0, 0, 400, 100), solid(0, 1, 0, 100, 100))
    inner = room.do.newNode(kind, "inner")
    room.do.setNodeInputs(inner, ["sourceGroup000000", "sourceGroup000001"])
    outer = room.do.newNode("RVSequenceGroup", "outer")
    room.do.setNodeInputs(outer, [inner])
    room.do.setViewNode(outer)
    room.session.settle()
    room.do.setFrame(2)
    rows, columns = np.nonzero(shown(room, quick).max(axis=2) > 128)
    x, y = columns.min(), rows.min()
    assert (x, y, columns.max() + 1 - x, rows.max() + 1 - y) == lit


def test_a_layout_shows_all(room: Any) -> None:
    add(room, solid(1, 0, 0), solid(0, 1, 0), solid(0, 0, 1), solid(1, 1, 0))
    room.do.setViewNode("defaultLayout")
    room.session.settle()
    picture = shown(room)
    corners = {at(picture, x, y) for x in (40, 120) for y in (22, 67)}
    assert corners == {RED, (0, 255, 0), BLUE, (255, 255, 0)}


def test_a_stack_is_blended_over_the_background(room: Any) -> None:
    add(room, "solid,red=0.5,alpha=0.5,width=160,height=90,depth=32f.movieproc")
    raw(room)
    room.do.setViewNode("defaultStack")
    room.do.setBGMethod("white")
    room.session.settle()
    room.do.setIntProperty("#RVDisplayColor.color.sRGB", [0])
    assert at(shown(room), 80, 45) == (255, 128, 128)


def test_what_was_pushed_is_what_is_asked_for(room: Any) -> None:
    name = push(room, depth=16)
    room.renderer.render()
    assert room.renderer.source_pixel(name, 3.0, 4.0) == (1.0, 0.0, 0.0, 1.0)
    tile = np.array([0.1, 2.5, -3.0, 0.5], np.float16)
    room.store.store("m", 1, "left", "-", 3, 4, 1, 1, tile.tobytes())
    got = room.renderer.source_pixel(None, 3.0, 4.0)
    assert got == tuple(float(v) for v in tile)
    assert room.renderer.source_pixel(None, 4.0, 4.0) == (1.0, 0.0, 0.0, 1.0)


def test_geometry_queries(room: Any) -> None:
    add(room, solid(1, 0, 0, 90, 90))
    room.renderer.render(size=(160, 90))
    name = room.renderer.rendered()[-1].name
    assert name == "sourceGroup000000_source.0/0/1"
    corners = [(35.0, 0.0), (125.0, 0.0), (125.0, 90.0), (35.0, 90.0)]
    for spelled in (name, "sourceGroup000000_source"):
        assert room.renderer.image_geometry(spelled, True) == corners
    assert room.renderer.image_geometry("nope", True) == []
    (hit,) = room.renderer.images_at(80.0, 45.0, None, True)
    # RV counts view pixels from 0 to size - 1 here
    assert hit.inside and (hit.px, hit.py) == pytest.approx((45.0, 45.0), abs=0.51)
    *passes, miss = room.renderer.images_at(5.0, 45.0, None, False)
    assert not miss.inside and miss.px == 0.0
    assert [p.name for p in passes] == ["displayGroup0_colorPipeline_0", "defaultSequence_sequence"]
    assert all(p.inside for p in passes)
    assert room.renderer.framebuffer_pixel(80, 45)[0] == pytest.approx(1.0)


def test_media_that_cannot_be_read_is_black_with_a_reason(room: Any) -> None:
    add(room, "/no/such/file.exr")
    assert not shown(room).any()
    assert room.renderer.frame_status() == 1


@pytest.mark.parametrize("extension", ["png", "tif", "exr", "jpg"])
def test_export(room: Any, tmp_path: Path, extension: str) -> None:
    add(room, solid(1, 0, 0))
    path = tmp_path / f"out.{extension}"
    room.renderer.export(str(path))
    file = oiio.ImageInput.open(str(path))
    pixels = file.read_image("uint8")
    assert pixels.shape[:2] == (90, 160)
    assert np.abs(pixels[45, 80, :3].astype(int) - RED).max() <= 3
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_export_says_why_not(room: Any, tmp_path: Path) -> None:
    add(room, solid(1, 0, 0))
    with pytest.raises(OSError, match="not a format"):
        room.renderer.export(str(tmp_path / "a.xyz"))
    with pytest.raises(OSError, match=str(tmp_path)):
        room.renderer.export(str(tmp_path / "no" / "a.png"))


@pytest.mark.parametrize(("inc", "lookback", "held", "count"), [
    (1, 0.0, [8, 9, *range(10, 26)], 16), (-1, 0.0, [*range(1, 13), *range(35, 41)], 16),
    (1, 0.5, [*range(1, 19)], 9), (-1, 0.5, [*range(2, 20)], 9),
])  # fmt: skip
def test_a_share_of_what_is_read_ahead_is_kept_behind(
    room: Any, tmp_path: Path, inc: int, lookback: float, held: list[int], count: int
) -> None:
    """18 pictures in memory of 40 frames; the playhead is on frame 10."""
    for n in range(1, 41):
        out = oiio.ImageOutput.create(str(tmp_path / f"s.{n:04d}.tif"))
        out.open(str(tmp_path / f"s.{n:04d}.tif"), oiio.ImageSpec(8, 8, 3, "uint8"))
        out.write_image(np.full((8, 8, 3), n, np.uint8))
        out.close()
    ahead = LookAhead(room.renderer, ahead=8 * 8 * 3 * 18, lookback=lookback)
    ahead.attach(room.session)
    add(room, str(tmp_path / "s.#.tif"))
    room.do.setInc(inc)
    room.do.setFrame(10)
    for _ in range(2):  # the size of a picture is known after the first
        while ahead.update():
            pass
        assert room.renderer.cache.wait_idle(60)
    assert ahead.frames() == held
    assert ahead.ahead() == pytest.approx(count / room.session.playback.fps)


def test_frames_are_read_ahead_from_the_playhead(room: Any, tmp_path: Path) -> None:
    for n in range(1, 11):
        out = oiio.ImageOutput.create(str(tmp_path / f"s.{n:04d}.tif"))
        out.open(str(tmp_path / f"s.{n:04d}.tif"), oiio.ImageSpec(8, 8, 3, "uint8"))
        out.write_image(np.full((8, 8, 3), n, np.uint8))
        out.close()
    ahead = LookAhead(room.renderer, ahead=8 * 8 * 3 * 4)
    ahead.attach(room.session)
    add(room, str(tmp_path / "s.#.tif"))
    room.do.setFrame(9)
    while ahead.update():
        pass
    assert room.renderer.cache.wait_idle(10)
    assert ahead.frames() == [1, 2, 9, 10]
    capacity, used, *_, pairs = ahead.usage()
    assert (capacity, used, pairs) == (768, 768, [1, 2, 9, 10])
    ahead.flush(9)
    assert ahead.frames() == [9]
    ahead.set_mode(0)
    assert ahead.frames() == [] and ahead.size() == 0


def test_missing_frames_share_the_picture_of_the_one_before(
    room: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read once and counts once, whichever of them is asked for first, and also when it was
    let go of while another one is held."""
    read: list[str] = []
    real = reader.read_image
    monkeypatch.setattr(
        reader, "read_image", lambda path, **what: read.append(path[-8:-4]) or real(path, **what)
    )
    for n in (1, 5, 9):
        out = oiio.ImageOutput.create(str(tmp_path / f"s.{n:04d}.tif"))
        out.open(str(tmp_path / f"s.{n:04d}.tif"), oiio.ImageSpec(8, 8, 3, "uint8"))
        out.write_image(np.full((8, 8, 3), n, np.uint8))
        out.close()
    ahead = LookAhead(room.renderer, ahead=8 * 8 * 3 * 9)
    ahead.attach(room.session)
    add(room, str(tmp_path / "s.#.tif"))
    room.do.setFrame(3)
    for _ in range(2):
        while ahead.update():
            pass
        assert room.renderer.cache.wait_idle(60)
    assert ahead.frames() == [*range(1, 10)]
    assert sorted(read) == ["0001", "0005", "0009"]
    assert room.renderer.cache.used == 8 * 8 * 3 * 3
    for n, due in ((1, 1), (3, 1), (8, 5), (9, 9)):
        room.do.setFrame(n)
        assert at(shown(room), 80, 45) == (due,) * 3
    ahead.flush(3)
    assert room.renderer.cache.used == 8 * 8 * 3
    for n in (2, 1):
        room.do.setFrame(n)
        assert at(shown(room), 80, 45) == (1, 1, 1)
    assert len(read) == 3 and room.renderer.cache.used == 8 * 8 * 3
    ahead.release()
    assert room.renderer.cache.used == 0
