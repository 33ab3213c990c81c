"""OpenColorIO nodes against OpenColorIO itself, with its built-in ACES configuration."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO as ocio
import pytest

from player.image import renderer
from tests.image.room import Array, Room, hdr_picture, noise, ramp, room

CONFIG = "ocio://studio-config-v2.1.0_aces-v1.3_ocio-v2.3"
ACES2 = "ocio://studio-config-latest"
WITHIN = 2.5  # of 255: by 2 after rounding


@pytest.fixture(autouse=True)
def config(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("OCIO", CONFIG)
    monkeypatch.setattr(renderer, "_MENDING", 1e6)  # however busy this machine is
    return ocio.Config.CreateFromFile(CONFIG)


def reference(processor: Any, pixels: Array) -> Array:
    out = np.ascontiguousarray(pixels.astype(np.float16), np.float32)
    processor.getDefaultCPUProcessor().applyRGBA(out.reshape(-1, 4))
    return np.clip(out[..., :3], 0, 1).astype(np.float64) * 255


def pipeline(r: Room, group: str, *nodes: str) -> None:
    r.do.setStringProperty(f"{group}.pipeline.nodes", list(nodes), True)
    r.session.settle()


def display(r: Room) -> None:
    pipeline(r, "defaultOutputGroup_colorPipeline", "OCIODisplay")
    for group in r.do.nodesOfType("RVDisplayPipelineGroup"):
        pipeline(r, group, "OCIODisplay")


@pytest.mark.parametrize("scene", [ramp, noise, hdr_picture])
@pytest.mark.parametrize("name", [CONFIG, ACES2])
def test_a_display_view(scene: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCIO", name)
    config = ocio.Config.CreateFromFile(name)
    pixels = scene()
    if scene is noise:
        pixels = np.maximum(pixels, 0)
    if scene is ramp:
        pixels[..., :3] = np.abs(pixels[..., :1])
    h, w = pixels.shape[:2]
    with room(w, h) as r:
        r.push(pixels)
        display(r)
        r.set("#OCIODisplay.ocio.inColorSpace", "ACEScg")
        screen = config.getDefaultDisplay()
        view = config.getDefaultView(screen)
        processor = config.getProcessor(
            ocio.DisplayViewTransform(src="ACEScg", display=screen, view=view)
        )
        expected = reference(processor, pixels)
        assert np.abs(r.shown(exact=True) - expected).max() <= 1.0
        for way in ({}, {"quick": True}):
            off = np.abs(r.shown(**way) - expected)
            assert off.max() <= WITHIN and off.mean() < 0.8, (way, off.max())


def test_a_chosen_view_with_a_flood(config: Any) -> None:
    pixels = hdr_picture()
    h, w = pixels.shape[:2]
    with room(w, h) as r:
        r.push(pixels)
        display(r)
        r.set("#OCIODisplay.ocio.inColorSpace", "scene_linear")
        r.set("#OCIODisplay.ocio_display.display", "Rec.1886 Rec.709 - Display")
        r.set("#OCIODisplay.ocio_display.view", "Un-tone-mapped")
        r.set("#OCIODisplay.color.channelFlood", 2)
        processor = config.getProcessor(
            ocio.DisplayViewTransform(
                src="scene_linear", display="Rec.1886 Rec.709 - Display", view="Un-tone-mapped"
            )
        )
        expected = reference(processor, pixels)[..., 1:2].repeat(3, -1)
        assert np.abs(r.shown(exact=True) - expected).max() <= 1.0
        assert np.abs(r.shown(quick=True) - expected).max() <= WITHIN


@pytest.mark.parametrize(("source", "target"), [
    ("ARRI LogC3 (EI800)", "ACEScg"), ("ACEScg", "ACEScct"), ("sRGB - Texture", "ACEScg"),
    ("ACEScg", "sRGB - Texture"), ("Linear Rec.709 (sRGB)", "Linear P3-D65"),
])  # fmt: skip
def test_a_colour_space_in_a_source(config: Any, source: str, target: str) -> None:
    pixels = np.clip(noise(), 0, 1)
    with room() as r:
        node = r.push(pixels)
        pipeline(r, f"{r.do.nodeGroup(node)}_tolinPipeline", "OCIOFile")
        r.set("#OCIOFile.ocio.function", "color")
        r.set("#OCIOFile.ocio.inColorSpace", source)
        r.set("#OCIOFile.ocio_color.outColorSpace", target)
        expected = reference(config.getProcessor(source, target), pixels)
        for way in ({"exact": True}, {}, {"quick": True}):
            off = np.abs(r.shown(**way) - expected)
            assert off.max() <= WITHIN, (way, off.max())
        r.set("#OCIOFile.ocio.active", 0)
        assert np.abs(r.shown() - pixels[..., :3] * 255).max() <= 1.5


@pytest.mark.parametrize("direction", [0, 1])
def test_a_look(direction: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = copy.deepcopy(ocio.Config.CreateRaw())
    made.setRole("scene_linear", "raw")
    cdl = ocio.CDLTransform()
    cdl.setSlope([1.2, 0.9, 0.8])
    cdl.setOffset([0.02, 0.0, 0.01])
    made.addLook(ocio.Look(name="warm", processSpace="raw", transform=cdl))
    path = tmp_path / "config.ocio"
    path.write_text(made.serialize())
    monkeypatch.setenv("OCIO", str(path))
    pixels = np.clip(noise(), 0.05, 0.9)
    with room() as r:
        node = r.push(pixels)
        pipeline(r, f"{r.do.nodeGroup(node)}_lookPipeline", "OCIOLook")
        r.set("#OCIOLook.ocio_look.look", "warm")
        r.set("#OCIOLook.ocio_look.direction", direction)
        x = pixels[..., :3]
        slope, offset = np.array([1.2, 0.9, 0.8]), np.array([0.02, 0.0, 0.01])
        expected = (x - offset) / slope if direction else x * slope + offset
        for way in ({"exact": True}, {}, {"quick": True}):
            assert np.abs(r.shown(**way) - np.clip(expected, 0, 1) * 255).max() <= 1.5


def with_a_file(folder: Path, name: str, source: str, **variables: str) -> str:
    """The path of a configuration with a space that comes from a file, beside `plain`."""
    made = copy.deepcopy(ocio.Config.CreateRaw())
    for variable, value in variables.items():
        made.addEnvironmentVar(variable, value)
    made.setSearchPath(str(folder))
    made.addColorSpace(ocio.ColorSpace(name="plain"))
    space = ocio.ColorSpace(name=name)
    space.setTransform(ocio.FileTransform(src=source), ocio.COLORSPACE_DIR_FROM_REFERENCE)
    made.addColorSpace(space)
    path = folder / "config.ocio"
    path.write_text(made.serialize())
    return str(path)


def test_context_variables_choose_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, gain in (("a", 0.5), ("b", 0.25)):
        (tmp_path / f"{name}.cube").write_text(f"LUT_1D_SIZE 2\n0 0 0\n{gain} {gain} {gain}\n")
    monkeypatch.setenv("OCIO", with_a_file(tmp_path, "graded", "${SHOT}.cube", SHOT="a"))
    with room() as r:
        node = r.push(np.ones((32, 256, 4)))
        pipeline(r, f"{r.do.nodeGroup(node)}_tolinPipeline", "OCIO")
        r.set("#OCIO.ocio.inColorSpace", "plain")
        r.set("#OCIO.ocio_color.outColorSpace", "graded")
        assert np.abs(r.shown() - 127.5).max() <= 1
        name = r.do.nodesOfType("OCIO")[0]
        r.do.newProperty(f"{name}.ocio_context.SHOT", 8, 1)
        r.set(f"{name}.ocio_context.SHOT", "b")
        assert np.abs(r.shown() - 63.75).max() <= 1


def test_an_unknown_space_leaves_the_picture_and_says_so_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pixels = np.clip(noise(), 0, 1)
    with room() as r:
        node = r.push(pixels)
        pipeline(r, f"{r.do.nodeGroup(node)}_tolinPipeline", "OCIOFile")
        r.set("#OCIOFile.ocio.inColorSpace", "no such space")
        for _ in range(3):
            assert np.abs(r.shown() - pixels[..., :3] * 255).max() <= 1.5
    lines = [x for x in caplog.messages if "no such space" in x]
    assert len(lines) == 1 and "\n" not in lines[0]


def test_a_space_whose_file_is_missing_leaves_the_picture_and_says_so_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OCIO", with_a_file(tmp_path, "film", "film.spi1d"))
    pixels = np.clip(noise(), 0, 1)
    with room() as r:
        node = r.push(pixels)
        pipeline(r, f"{r.do.nodeGroup(node)}_tolinPipeline", "OCIO")
        r.set("#OCIO.ocio.inColorSpace", "plain")
        r.set("#OCIO.ocio_color.outColorSpace", "film")
        for _ in range(3):
            assert np.abs(r.shown() - pixels[..., :3] * 255).max() <= 1.5
    assert len([x for x in caplog.messages if "film.spi1d" in x]) == 1


def test_without_a_configuration_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OCIO")
    pixels = np.clip(noise(), 0, 1)
    with room() as r:
        r.push(pixels)
        display(r)
        assert np.abs(r.shown() - pixels[..., :3] * 255).max() <= 1.5


def test_exposure_leaves_the_cube_alone() -> None:
    from player.image import baked

    with room() as r:
        r.push(hdr_picture(32, 256))
        display(r)
        r.set("#OCIODisplay.ocio.inColorSpace", "ACEScg")
        r.shown(quick=True)
        before = list(baked._cubes.values())[-1]
        darker = r.shown(quick=True)
        for stops in (1.0, 2.0, 3.0):
            r.set("#RVColor.color.exposure", stops, stops, stops)
            brighter = r.shown(quick=True)
            assert brighter.mean() > darker.mean()
            darker = brighter
        assert list(baked._cubes.values())[-1] is before


def test_a_node_tells_of_its_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`config.description` and `config.workingDir`: of $OCIO when the node was made, or when
    `ocioUpdateConfig` was called."""
    for name in ("one", "two"):
        made = copy.deepcopy(ocio.Config.CreateRaw())
        made.setDescription(f"config {name}")
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.ocio").write_text(made.serialize())
    monkeypatch.setenv("OCIO", str(tmp_path / "one" / "config.ocio"))
    with room() as r:
        facts = [f"o.config.{name}" for name in ("description", "workingDir")]
        r.do.newNode("OCIO", "o")

        def told() -> list[str]:
            return [r.do.getStringProperty(name)[0] for name in facts]

        assert told() == ["config one", str(tmp_path / "one")]
        monkeypatch.setenv("OCIO", str(tmp_path / "two" / "config.ocio"))
        assert told() == ["config one", str(tmp_path / "one")]
        r.do.ocioUpdateConfig("o")
        assert told() == ["config two", str(tmp_path / "two")]
        monkeypatch.delenv("OCIO")
        r.do.newNode("OCIODisplay", "raw")
        text = ocio.Config.CreateRaw().getDescription()
        assert r.do.getStringProperty("raw.config.description") == [text]


@pytest.mark.parametrize("kind", ["OCIO", "OCIOFile", "OCIOLook", "OCIODisplay"])
@pytest.mark.parametrize("function", ["color", "look", "display", "what"])
def test_any_node_can_do_any_function(config: Any, kind: str, function: str) -> None:
    """The type only decides what a new node's function is."""
    pixels = np.clip(noise(), 0, 1)
    with room() as r:
        node = r.push(pixels)
        pipeline(r, f"{r.do.nodeGroup(node)}_lookPipeline", kind)
        for prop, value in (
            ("function", function), ("inColorSpace", "ACEScg"),
        ):  # fmt: skip
            r.set(f"#{kind}.ocio.{prop}", value)
        r.set(f"#{kind}.ocio_color.outColorSpace", "sRGB - Texture")
        r.set(f"#{kind}.ocio_look.look", "ACES 1.3 Reference Gamut Compression")
        r.set(f"#{kind}.ocio_look.outColorSpace", "sRGB - Texture")
        r.set(f"#{kind}.ocio_display.display", "sRGB - Display")
        r.set(f"#{kind}.ocio_display.view", "Un-tone-mapped")
        transform = {
            "color": ocio.ColorSpaceTransform(src="ACEScg", dst="sRGB - Texture"),
            "look": ocio.LookTransform(
                src="ACEScg", dst="sRGB - Texture", looks="ACES 1.3 Reference Gamut Compression"
            ),
            "display": ocio.DisplayViewTransform(
                src="ACEScg", display="sRGB - Display", view="Un-tone-mapped"
            ),
        }.get(function)
        expected = pixels[..., :3] * 255
        if transform is not None:
            expected = reference(config.getProcessor(transform), pixels)
        assert np.abs(r.shown(exact=True) - expected).max() <= 1.5
        assert np.abs(r.shown() - expected).max() <= WITHIN
