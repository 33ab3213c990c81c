"""The fields of RV's structs, in order: what Mu prints and the keys of Python's dictionaries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from player.commands import STRUCTS
from player.image.renderer import ImageRenderer
from player.media import PixelStore, Probe
from player.scripting.engine import Policy, ScriptEngine
from player.session.ports import Ports
from player.session.session import Session

MATRICES = (
    "modelMatrix globalMatrix projectionMatrix textureMatrix orientationMatrix placementMatrix"
)
FIELDS = {
    "MetaEvalInfo": "node nodeType frame",
    "PropertyInfo": "name type dimensions size userDefined info",
    "NodeRangeInfo": "start end inc fps cutIn cutOut isUndiscovered",
    "NodeImageGeometry": "width height pixelAspect orientation",
    "SourceMediaInfo": (
        "width height uncropWidth uncropHeight uncropX uncropY bitsPerChannel channels isFloat "
        "planes startFrame endFrame fps audioChannels audioRate channelInfos viewInfos "
        "defaultView file hasAudio hasVideo chapterInfos pixelAspect"
    ),
    "ChannelInfo": "name dataType",
    "LayerInfo": "name channels",
    "ViewInfo": "name layers noLayerChannels",
    "ChapterInfo": "title startFrame endFrame",
    "RenderedImageInfo": (
        f"name index imageMin imageMax stencilMin stencilMax {MATRICES} width height pixelAspect "
        "bitDepth floatingPoint numChannels planar node tags device physicalDevice serialNumber "
        "imageNum textureID"
    ),
    "PixelImageInfo": (
        f"name x y px py inside edge {MATRICES} node tags index pixelAspect device "
        "physicalDevice serialNumber imageNum textureID initPixelAspect"
    ),
    "VideoDeviceState": (
        "module device videoFormat rate width height dataFormat sync syncSource audioFormat "
        "audioRate audioBits audioChannels audioFloat displayMode"
    ),
    "IOFormat": "extension description capabilities imageCodecs audioCodecs",
    "IOParameter": "name description type",
}


@pytest.fixture(scope="module")
def engine() -> Iterator[ScriptEngine]:
    probe, store = Probe(), PixelStore()
    renderer = ImageRenderer(probe.readers, store, size=(64, 48))
    session = Session("output", ports=Ports(media=probe, pixels=store, renderer=renderer))
    renderer.attach(session)
    made = ScriptEngine(session, policy=Policy(limit=20.0), report=lambda text: None)
    made.mu('addSource("solid,start=1,end=10,fps=24,width=64,height=48.movieproc")')
    made.mu(
        'newImageSource("i", 4, 4, 4, 4, 0, 0, 1.0, 4, 8, false, 1, 1, 24.0, '
        'string[] {"l"}, string[] {"left"})'
    )
    session.settle()
    renderer.render()
    yield made
    made.close()
    renderer.close()


def test_the_fields_are_declared_in_rvs_order() -> None:
    declared = {name: " ".join(field for field, _ in fields) for name, fields in STRUCTS.items()}
    assert declared == FIELDS


@pytest.mark.parametrize(
    ("call", "struct"),
    [
        ('nodeRangeInfo("defaultSequence")', "NodeRangeInfo"),
        ('nodeImageGeometry("defaultSequence", 1)', "NodeImageGeometry"),
        ('propertyInfo("#RVColor.color.gamma")', "PropertyInfo"),
        ("metaEvaluate(1)[0]", "MetaEvalInfo"),
        ('sourceMediaInfo("sourceGroup000000_source")', "SourceMediaInfo"),
        ('sourceMediaInfo("sourceGroup000001_source").viewInfos[0]', "ViewInfo"),
        ('sourceMediaInfo("sourceGroup000001_source").viewInfos[0].layers[0]', "LayerInfo"),
        ("renderedImages()[0]", "RenderedImageInfo"),
        ("imagesAtPixel(vector float[2](1, 1))[0]", "PixelImageInfo"),
        ("ioFormats()[0]", "IOFormat"),
    ],
)
def test_both_languages_show_every_field(engine: ScriptEngine, call: str, struct: str) -> None:
    python = call.replace("vector float[2](1, 1)", "(1.0, 1.0)")
    for field in ("viewInfos", "layers"):
        python = python.replace(f").{field}", f')["{field}"]').replace(
            f"].{field}", f']["{field}"]'
        )
    keys = engine.pyeval(f"' '.join(rv.commands.{python})")
    assert keys == FIELDS[struct]
    first = FIELDS[struct].split()[0]
    shown = engine.mu(f"({call}).{first}")
    assert not shown.startswith("ERROR")
    value = engine.pyeval(f"rv.commands.{python}['{first}']")
    assert shown.strip('"') == value
    for field in FIELDS[struct].split():
        assert not engine.mu(f"({call}).{field}").startswith("ERROR"), field


def test_a_file_of_channels(engine: ScriptEngine, tmp_path: Path) -> None:
    import numpy as np
    import OpenImageIO as oiio

    path = str(tmp_path / "c.exr")
    out = oiio.ImageOutput.create(path)
    out.open(path, oiio.ImageSpec(2, 2, 3, "half"))
    out.write_image(np.zeros((2, 2, 3), np.float32))
    out.close()
    name = engine.pyeval(f"rv.commands.addSourceVerbose([{path!r}])")
    info = engine.mu(f'sourceMediaInfo("{name}").channelInfos')
    assert info.count("ChannelInfo {") == 3 and '"R", 5' in info
    assert engine.pyeval(f"rv.commands.sourceMediaInfo({name!r})['channelInfos'][0]") == (
        "{'name': 'R', 'dataType': 5}"
    )
