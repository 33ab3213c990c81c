"""What no recorded conversation shows, as Open RV's sources have it: nodes and properties.

Each row names the C++ file that says so (``src/lib/ip/…`` unless written out).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pytest

from tests.session.conversation import run_case

SOLID = 'addSource("solid,start=1,end=10,fps=24,width=64,height=48.movieproc");'
SOURCE = '"sourceGroup000000_source"'
STATE = "(frameStart(), frameEnd(), inPoint(), outPoint())"


def caught(text: str) -> str:
    """A text that gives the exception of another."""
    return f'{{ string s = "none"; try {{ {text}; }} catch (exception x) {{ s = string(x); }} s; }}'


def talk(tmp_path: Path, *texts: str, rendered: bool = False) -> dict[str, Any]:
    case: dict[str, Any] = {"case": "x", "programs": list(texts)}
    if rendered:
        case["env"] = {"GL": "1"}
    return run_case(case, tmp_path)


TEXTS = [
    # IPMu/CommandsModule.cpp: the numbers are looked at before the property
    ("getIntProperty(nil,-1)", "in commands.getIntProperty: start argument must be 0 or greater"),
    (
        'getIntProperty("a.b.c",0,-1)',
        "in commands.getIntProperty: num argument must be 0 or greater",
    ),
    ("nodeType(nil)", "in commands.nodeType: nil node name"),
    ("nodeGroup(nil)", "in commands.nodeGroup: no node name specified"),
    ("nodeRangeInfo(nil)", "in commands.nodeRangeInfo: nil node name"),
    ("mapPropertyToGlobalFrames(nil,1)", "in commands.mapPropertyToGlobalFrames: nil name"),
    ("getCurrentNodesOfType(nil)", "in commands.getCurrentNodesOfType: nil tname"),
    ('flushCachedNode("nope")', None),
    ('newProperty("nope.b.c",IntType,1)', "in commands.newProperty: no node of type 'ope' found"),
    (
        'newProperty("#RVNope.b.c",IntType,1)',
        "in commands.newProperty: no node of type 'RVNope' found",
    ),
    ('newProperty("rv..b.c",IntType,1)', None),
    ('newProperty("rv.my.p",ByteType,0)', None),
    ('newProperty("rv.my.p",IntType,5)', "unknown exception"),
    ('deleteProperty("nope.b.c")', "in commands.deleteProperty: node name is ambigious"),
    # app/RvApp/CommandsModule.cpp
    ("addToSource(string(nil))", "in commands.addToSource: nil file arg"),
    ("setSourceMedia(nil,string[]{})", "in commands.setSourceMedia: nil node arg"),
    ('relocateSource(nil,"a","b")', "in commands.relocateSource: nil node arg"),
    ('relocateSource("a",nil,"b")', "in commands.relocateSource: old media name is nil"),
    ("sourceMediaRep(nil)", "in commands.sourceMediaRep: nil source node arg"),
    (
        'addSourceMediaRep("a",nil,string[]{})',
        "in commands.addSourceMediaRep: nil media representation name arg",
    ),
    (
        'setActiveSourceMediaRep("x","a")',
        "in commands.setActiveSourceMediaRep: Can't find switch node associated with source node "
        "x to select the 'a' media representation.",
    ),
]


def test_what_the_errors_of_commands_say(tmp_path: Path) -> None:
    found = talk(tmp_path, *(caught(text) for text, _ in TEXTS))
    for (text, wanted), got in zip(TEXTS, found["replies"], strict=True):
        assert got == ('"none"' if wanted is None else f'"exception: \\"{wanted}\\""'), text


def test_a_property_is_deleted_by_the_name_it_was_given(tmp_path: Path) -> None:
    """IPMu/CommandsModule.cpp, newProperty and deleteProperty."""
    found = talk(
        tmp_path,
        'newProperty("@RVDisplayColor.q.r",FloatType,3)',
        'deleteProperty("#RVDisplayColor.q.r")',
        'properties("@RVDisplayColor").size() == properties("#RVDisplayColor").size()',
    )
    name = "float;3,0,0,0;defaultOutputGroup_colorPipeline_0.q.r"
    assert found["events"] == [
        [["graph-new-property", name]],
        [
            ["graph-property-will-delete", name],
            ["graph-property-did-delete", "#RVDisplayColor.q.r"],
        ],
        [],
    ]
    assert found["replies"][2] == "true"


def test_dynamic_is_a_group_with_a_shader(tmp_path: Path) -> None:
    """IPCore/DynamicIPNode.cpp."""
    found = talk(
        tmp_path,
        'newNode("Dynamic")',
        'nodesInGroup("dynamic")',
        'getStringProperty("dynamic.function.glsl").front().size()',
    )
    assert found["replies"] == ['"dynamic"', "string[] {}", "103"]


def test_a_frame_is_asked_for_once_for_each_eye(tmp_path: Path) -> None:
    """IPCore/AudioTextureIPNode.cpp, DisplayStereoIPNode.cpp, DisplayGroupIPNode.cpp."""
    found = talk(
        tmp_path,
        SOLID,
        'getCurrentNodesOfType("RVColor").size()',
        'metaEvaluate(1,"viewGroup_audioWaveform").size()',
        'setStringProperty("#RVDisplayStereo.stereo.type",string[]{"anaglyph"});',
        'getCurrentNodesOfType("RVColor").size()',
        caught('newProperty("#RVColor.a.b",IntType,1)'),
        'setStringProperty("#RVDisplayStereo.stereo.type",string[]{"dual"});',
        '(getCurrentNodesOfType("RVColor").size(), getCurrentNodesOfType("RVDisplayColor").size())',
    )
    replies = found["replies"]
    assert (replies[1], replies[2], replies[4]) == ("1", "0", "2")
    assert "more than one node of type 'RVColor' found" in replies[5]
    assert replies[7] == "(2, 2)"


def test_a_warp_in_use_keeps_its_keys(tmp_path: Path) -> None:
    """IPBaseNodes/RetimeIPNode.cpp: its maps are made anew when the input's range changes."""
    found = talk(
        tmp_path,
        SOLID,
        'newNode("RVRetimeGroup","s"); setNodeInputs("s",string[]{"sourceGroup000000"}); '
        'setViewNode("s");',
        'setIntProperty("s_retime.warp.keyFrames",int[]{1},true); '
        'setFloatProperty("s_retime.warp.keyRates",float[]{2.0},true); '
        'setIntProperty("s_retime.warp.active",int[]{1});',
        STATE,
        'setFloatProperty("s_retime.warp.keyRates",float[]{3.0})',
        STATE,
        f'setIntProperty({SOURCE} + ".group.rangeOffset",int[]{{1}})',
        STATE,
    )
    assert [found["replies"][i] for i in (3, 5, 7)] == [
        "(1, 5, 1, 5)",
        "(1, 5, 1, 5)",
        "(1, 4, 1, 4)",
    ]


def test_frame_ranges_join_the_pattern_before_them(tmp_path: Path) -> None:
    """src/lib/app/RvApp/Options.cpp (parseSourceArgs, integrateFrameRangeStrings)."""
    found = talk(
        tmp_path,
        'addSource(string[]{"/nope/a.%04d.exr","2-5"})',
        'sourceMedia("sourceGroup000000_source")._0',
        'addSourceVerbose(string[]{"/nope/b.mov","+unknown","1","x","y","z"})',
        'getStringProperty("sourceGroup000001_source.media.movie")',
        'addSourceVerbose(string[]{"/nope/b.mov","+unknown","1"})',
    )
    assert found["replies"][1] == '"/nope/a.2-5%04d.exr"'
    assert found["replies"][3] == 'string[] {"/nope/b.mov", "x", "y", "z"}'
    assert found["replies"][4].startswith("ERROR")


def test_views_of_pushed_pictures(tmp_path: Path) -> None:
    """IPBaseNodes/ImageSourceIPNode.cpp."""
    found = talk(
        tmp_path,
        'newImageSource("i",2,2,2,2,0,0,1.0,4,8,false,1,3,24.0,string[]{},string[]{"l","r"});',
        f"sourceMediaInfo({SOURCE}).viewInfos.front()",
        f"newImageSourcePixels({SOURCE},1)",
        caught(f'newImageSourcePixels({SOURCE},1,nil,"")'),
        'setIntProperty("sourceGroup000000_source.image.width",int[]{4});',
        f"newImageSourcePixels({SOURCE},2)",
        'propertyInfo("sourceGroup000000_source.image.2:l").size',
        'setStringProperty("sourceGroup000000_source.image.defaultView",string[]{"r"});',
        f"newImageSourcePixels({SOURCE},2)",
        f"sourceMediaInfo({SOURCE}).width",
    )
    assert found["replies"][1:4] == [
        'ViewInfo {"l", LayerInfo[] {LayerInfo {"", ChannelInfo[] {}}}, ChannelInfo[] {}}',
        '"sourceGroup000000_source.image.1:l"',
        '"exception: \\"unknown exception\\""',
    ]
    assert found["replies"][6] == "32"
    assert found["replies"][8] == '"sourceGroup000000_source.image.2:r"'
    assert found["replies"][9] == "2"


def test_the_default_layer_is_what_is_shown(tmp_path: Path) -> None:
    """IPBaseNodes/ImageSourceIPNode.cpp (pixelPropNames, evaluate)."""
    white, black = ",".join(["255"] * 16), ",".join(["0"] * 12 + ["255"] * 4)
    found = talk(
        tmp_path,
        'newImageSource("i",2,2,2,2,0,0,1.0,4,8,false,1,1,24.0,string[]{"a","b"});',
        f'newImageSourcePixels({SOURCE},1,"a"); newImageSourcePixels({SOURCE},1,"b");',
        f'setByteProperty("sourceGroup000000_source.image.1;a",byte[]{{{white}}});',
        f'setByteProperty("sourceGroup000000_source.image.1;b",byte[]{{{black}}});',
        'setStringProperty("sourceGroup000000_source.image.defaultLayer",string[]{"b"});',
        rendered=True,
    )
    assert found["center_pixel"][3] == [1.0, 1.0, 1.0, 1.0]
    assert found["center_pixel"][4] != found["center_pixel"][3]


def test_writing_a_session_tells_sources_so(tmp_path: Path) -> None:
    """ImageSourceIPNode.cpp and FileSourceIPNode.cpp (writeCompleted): what is known of pushed
    media follows its properties, and remembered shapes of opened media go."""
    found = talk(
        tmp_path,
        'newImageSource("i",2,2,2,2,0,0,1.0,4,8,false,1,3,24.0);',
        'setIntProperty("sourceGroup000000_source.image.end",int[]{9});',
        "sources().front()._2",
        'saveSession("@WORK@/x.rv",true);',
        "sources().front()._2",
        'getIntProperty("sourceGroup000000_source.proxy.range")',
        'addSourceVerbose(string[]{"solid,start=1,end=9.movieproc","+in","2","+out","5"});',
        'propertyExists("sourceGroup000001_source.proxy.range")',
        'saveSession("@WORK@/x.rv",true);',
        'propertyExists("sourceGroup000001_source.proxy.range")',
    )
    got = found["replies"]
    assert (got[2], got[4], got[5]) == ("3", "9", "int[] {1, 10}")
    assert (got[7], got[9]) == ("true", "false")


@pytest.mark.parametrize(
    ("pattern", "there", "wanted"),
    [
        ("a.%v.exr", ["a.l.exr", "a.r.exr"], ["a.l.exr", "a.r.exr"]),
        ("a.%v.exr", ["a.L.exr", "a.R.exr", "a.l.exr"], ["a.L.exr", "a.R.exr"]),
        ("%V/a.exr", ["Left/a.exr", "Right/a.exr"], ["Left/a.exr", "Right/a.exr"]),
        ("%V_%v.exr", ["left_l.exr", "right_r.exr"], ["left_l.exr", "right_r.exr"]),
        ("%V.exr", ["left.exr"], ["left.exr"]),
        ("%V.exr", ["right.exr"], []),
    ],
)
def test_stereo_pairs(pattern: str, there: list[str], wanted: list[str]) -> None:
    """src/lib/app/RvApp/RvSession.cpp (checkForStereoPaths)."""
    from player.session.stereopairs import stereo_pair

    assert stereo_pair(pattern, there.__contains__) == wanted


def test_stereo_pairs_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    from player.session.stereopairs import stereo_pair

    monkeypatch.setenv("RV_STEREO_NAME_PAIRS", "gauche:droite:odd")
    assert stereo_pair("%V.exr", {"gauche.exr", "droite.exr"}.__contains__) == [
        "gauche.exr",
        "droite.exr",
    ]


def test_node_types_describe_themselves(tmp_path: Path) -> None:
    """IPCore/NodeDefinition.cpp, src/lib/app/RvApp/RvNodeDefinitions.cpp."""
    found = talk(
        tmp_path,
        'getStringProperty(":RVLinearizePipelineGroup.defaults.pipeline")',
        'getIntProperty(":RVStackGroup.node.isGroup")',
        'getStringProperty(":RVColor.node.evaluationType")',
        'propertyExists(":RVColor.color.gamma")',
        caught('setIntProperty(":RVColor.node.version",int[]{7})'),
    )
    assert found["replies"] == [
        'string[] {"RVLinearize", "RVLensWarp"}',
        "int[] {1}",
        'string[] {"merge"}',
        "false",
        '"exception: \\"unknown exception\\""',
    ]


def test_a_retime_says_that_it_takes_one_input(tmp_path: Path) -> None:
    """IPBaseNodes/RetimeIPNode.cpp (testInputs)."""
    found = talk(
        tmp_path,
        'newNode("RVRetime","r")',
        'testNodeInputs("r",string[]{"defaultStack","defaultLayout"})',
    )
    assert found["replies"][1] == '"r cannot have more than one input\\n"'


def test_tiles_are_packed_in_single_precision(tmp_path: Path) -> None:
    """IPBaseNodes/LayoutGroupIPNode.cpp: three items of 4:3 fill a row of three exactly."""
    found = talk(
        tmp_path,
        SOLID * 9,
        'setViewNode("defaultLayout");',
        "int[] {9}",
        '{ string[] r; for_each (n; nodesOfType("RVTransform2D")) '
        'if (regex("^defaultLayout_t").match(n)) '
        'r.push_back("%s" % getFloatProperty(n + ".transform.scale").front()); r; }',
        rendered=True,
    )
    assert found["replies"][3].count('"0.333333"') == 9


def test_plain_switches_do_not_select_by_name(tmp_path: Path) -> None:
    """IPBaseNodes/SwitchIPNode.cpp (updateSelectedInput): only inputs of its group have names."""
    found = talk(
        tmp_path,
        SOLID + SOLID.replace("end=10", "end=5"),
        'newNode("RVSwitch","w"); newNode("RVSwitchGroup","g");',
        'for_each (n; string[]{"w","g"}) '
        'setNodeInputs(n,string[]{"sourceGroup000000","sourceGroup000001"});',
        'for_each (n; string[]{"w","g_switch"}) '
        'setStringProperty(n + ".output.input",string[]{"sourceGroup000001"});',
        '(nodeRangeInfo("w").end, nodeRangeInfo("g").end)',
    )
    assert found["replies"][4] == "(10, 5)"


def test_resized_pictures_have_single_precision_sizes(tmp_path: Path) -> None:
    """app/RvApp/FormatIPNode.cpp (outResFromParams), IPBaseNodes/LensWarpIPNode.cpp."""

    def write(**values: int) -> str:
        return "".join(
            f'setIntProperty("#RVFormat.{name.replace("_", ".")}",int[]{{{value}}}); '
            for name, value in values.items()
        )

    size = "".join(
        f'nodeImageGeometry("sourceGroup000000",1).{side}{end}'
        for side, end in (("width", ","), ("height", ""))
    )
    found = talk(
        tmp_path,
        SOLID.replace("64", "1920").replace("48", "1080"),
        write(geometry_xfit=1000, geometry_yfit=333) + f"({size});",
        write(geometry_yfit=0) + f"({size});",
        write(geometry_xresize=-7) + f"({size});",
        write(geometry_xresize=0, geometry_xfit=0, crop_active=1, crop_xmin=5) + f"({size});",
        write(crop_active=0)
        + 'setFloatProperty("#RVLensWarp.warp.pixelAspectRatio",float[]{1.3}); '
        + f"({size});",
        'setIntProperty("#RVLensWarp.node.active",int[]{0}); ' + f"({size});",
    )
    sizes = ["(592, 333)", "(1000, 562)", "(-6, -3)", "(-3, 1)", "(2496, 1080)", "(1920, 1080)"]
    assert found["replies"][1:] == sizes


def test_tables_in_properties(tmp_path: Path) -> None:
    """ip/IPCore/LUTIPNode.cpp (generateLUT), ip/IPBaseNodes/ColorIPNode.cpp (generateLUT)."""
    look, color = "#RVLookLUT.lut", "#RVColor.luminanceLUT"
    found = talk(
        tmp_path,
        SOLID,
        caught(f'setIntProperty("{look}.size",int[]{{2,2,2}})'),
        f'(getIntProperty("{look}.size"), getIntProperty("{look}:output.size"));',
        f'setIntProperty("{look}.size",int[]{{2}},true); '
        f'setFloatProperty("{look}.lut",float[]{{0,0,0,1,1,0.5,9}},true); '
        f'(getIntProperty("{look}.size"), getFloatProperty("{look}:output.lut"));',
        f'setIntProperty("{color}:output.size",int[]{{3}}); '
        f'setFloatProperty("{color}.lut",float[]{{0,0,0,1,1,0.5}},true); '
        f'getHalfProperty("{color}:output.lut");',
    )
    assert found["replies"][1:] == [
        '"exception: \\"unknown exception\\""',
        "(int[] {2, 2, 2}, int[] {2, 2, 2})",
        "(int[] {2, 0, 0}, float[] {0.0, 0.0, 0.0, 1.0, 1.0, 0.5})",
        "half[] {0.0h, 0.0h, 0.0h, 0.5h, 0.5h, 0.25h, 1.0h, 1.0h, 0.5h}",
    ]


@pytest.mark.parametrize(("suffix", "turn"), [("png", -1.0), ("tif", 1.0)])
def test_geometry_tells_where_the_first_pixel_is(tmp_path: Path, suffix: str, turn: float) -> None:
    """IPBaseNodes/FileSourceIPNode.cpp (orientationMatrix); each reader says how it reads."""
    path = tmp_path / f"a.{suffix}"
    assert oiio.ImageBuf(np.zeros((4, 8, 3), np.float32)).write(str(path), "uint8")
    found = talk(
        tmp_path, f'addSource("{path}");', 'nodeImageGeometry("sourceGroup000000",1).orientation'
    )
    assert found["replies"][-1].startswith(f"float[4,4] {{1.0, 0.0, 0.0, 0.0, 0.0, {turn}")
