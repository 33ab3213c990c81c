"""What an image says of itself, and nodes of their own: RVCDL, RVPrimaryConvert, ICC by
OpenColorIO, Dynamic.

Matrices are those of the literature or worked out with OpenColorIO, not with the player.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import PyOpenColorIO as ocio
import pytest

from tests.image.room import Array, Room, noise, room
from tests.image.test_colour_nodes import cdl, cineon
from tests.image.test_combining import marked, same

W, H = 64, 32
#: Rec. 2020 and ACES (AP0) to Rec. 709, white to white by Bradford
REC2020 = np.array([[1.660491, -0.587641, -0.072850], [-0.124550, 1.132900, -0.008349],
                    [-0.018151, -0.100579, 1.118730]])  # fmt: skip
AP0 = np.array([[2.521686, -1.134131, -0.387555], [-0.276480, 1.372719, -0.096239],
                [-0.015378, -0.152975, 1.168354]])  # fmt: skip
PRIMARIES_2020 = {"Red": (0.708, 0.292), "Green": (0.170, 0.797), "Blue": (0.131, 0.046),
                  "White": (0.3127, 0.3290)}  # fmt: skip
PRIMARIES_AP0 = {"red": (0.7347, 0.2653), "green": (0.0, 1.0), "blue": (0.0001, -0.077),
                 "white": (0.32168, 0.33767)}  # fmt: skip


def through(pixels: Array, matrix: Array) -> Array:
    out = pixels.copy()
    out[..., :3] = pixels[..., :3] @ matrix.T
    return out


def attribute(r: Room, node: str, name: str, *values: Any) -> None:
    kind = 8 if isinstance(values[0], str) else 1
    r.do.newProperty(f"{node}.attributes.{name}", kind, 1)
    r.set(f"{node}.attributes.{name}", *values)


def bradford(white: tuple[float, float]) -> Array:
    """From a white to D65, in linear Rec. 709; by OpenColorIO's own conversion."""
    config = ocio.Config.CreateRaw()

    def matrix(style: str) -> Array:
        transform = ocio.BuiltinTransform(style=style)
        out = np.eye(3, dtype=np.float32)
        config.getProcessor(transform).getDefaultCPUProcessor().applyRGB(out)
        return out.T.astype(np.float64)

    # the builtin adapts from D60 (ACES white); only that one is asked for
    assert white == (0.32168, 0.33767)
    to_xyz = matrix("UTILITY - ACES-AP0_to_CIE-XYZ-D65_BFD")
    plain = np.array([[0.9525523959, 0.0, 0.0000936786],
                      [0.3439664498, 0.7281660966, -0.0721325464],
                      [0.0, 0.0, 1.0088251844]])  # fmt: skip
    xyz709 = np.array([[0.4123908, 0.3575843, 0.1804808], [0.2126390, 0.7151687, 0.0721923],
                       [0.0193308, 0.1191948, 0.9505322]])  # fmt: skip
    return np.linalg.inv(xyz709) @ (to_xyz @ np.linalg.inv(plain)) @ xyz709


# -- attributes ------------------------------------------------------------------------------


def test_primaries_and_a_linear_scale_of_the_user() -> None:
    pixels = marked(W, H)
    with room(W, H) as r:
        node = r.push(pixels, dtype=np.float32)
        for colour, at in list(PRIMARIES_2020.items())[:3]:
            attribute(r, node, f"ColorSpace/{colour}Primary", *at)
        same(r.shown(), pixels)  # three are no primaries
        attribute(r, node, "ColorSpace/WhitePrimary", *PRIMARIES_2020["White"])
        same(r.shown(), through(pixels, REC2020))
        attribute(r, node, "ColorSpace/LinearScale", 0.5)
        same(r.shown(), through(pixels, REC2020 / 2))
        r.set("#RVLinearize.color.ignoreChromaticities", 1)
        same(r.shown(), through(pixels, np.eye(3) / 2))
        r.set("#RVLinearize.color.active", 0)
        same(r.shown(), pixels)


def test_an_adopted_neutral() -> None:
    pixels = marked(W, H) * 0.8
    with room(W, H) as r:
        node = r.push(pixels, dtype=np.float32)
        attribute(r, node, "ColorSpace/AdoptedNeutral", 0.32168, 0.33767)
        same(r.shown(), through(pixels, bradford((0.32168, 0.33767))))


def test_alpha_that_the_user_calls_loose() -> None:
    pixels = np.clip(noise(H, W), 0, 1)
    with room(W, H) as r:
        node = r.push(pixels, dtype=np.float32)
        same(r.shown(), pixels)
        attribute(r, node, "AlphaType", "Unpremultiplied")
        expected = pixels.copy()
        expected[..., :3] *= pixels[..., 3:]
        same(r.shown(), expected)
        r.set("#RVLinearize.color.alphaType", 1)
        same(r.shown(), pixels)


@pytest.mark.parametrize("quick", [False, True])
def test_the_image_speaks_to_a_linearize_behind_others(quick: bool) -> None:
    pixels = np.clip(noise(H, W), 0, 1)
    with room(W, H) as r:
        node = r.push(pixels, dtype=np.float32)
        group = r.do.nodeGroup(node)
        r.set(f"{group}_tolinPipeline.pipeline.nodes", "RVColor", "RVLinearize")
        r.set(f"{group}_tolinPipeline_0.color.gamma", 0.5, 0.5, 0.5)
        attribute(r, node, "AlphaType", "Unpremultiplied")
        attribute(r, node, "ColorSpace/LinearScale", 0.5)
        expected = pixels.copy()
        expected[..., :3] = 0.5 * pixels[..., :3] ** 2 * pixels[..., 3:]
        same(r.shown(quick=quick), expected)


def test_cineon_codes_of_the_image() -> None:
    pixels = marked(W, H)
    with room(W, H) as r:
        node = r.push(pixels, dtype=np.float32)
        r.set("#RVLinearize.color.logtype", 1)
        attribute(r, node, "ColorSpace/WhitePoint", 700.0)
        attribute(r, node, "ColorSpace/BlackPoint", 80.0)
        attribute(r, node, "ColorSpace/BreakPoint", 660.0)
        expected = pixels.copy()
        expected[..., :3] = cineon(pixels[..., :3], 700, 80, 660)
        same(r.shown(), expected)
        r.set("#RVLinearize.cineon.breakPointValue", 700)  # a property wins
        expected[..., :3] = cineon(pixels[..., :3], 700, 80)
        same(r.shown(), expected)
        r.set(f"{node}.attributes.ColorSpace/BlackPoint", 0.5)  # below 1 nothing is said
        expected[..., :3] = cineon(pixels[..., :3], 700, 95)
        same(r.shown(), expected)


def test_normalising_by_the_bounds_of_the_image() -> None:
    """As RV has it: x / (max - min) - min."""
    pixels = marked(W, H)
    with room(W, H) as r:
        node = r.push(pixels, dtype=np.float32)
        r.set("#RVColor.color.normalize", 1)
        same(r.shown(), pixels)
        attribute(r, node, "ColorBounds", 0.1, 1.6)
        expected = pixels.copy()
        expected[..., :3] = pixels[..., :3] / 1.5 - 0.1
        same(r.shown(), expected)
        r.set("#RVColor.color.exposure", 1.0, 1.0, 1.0)
        expected[..., :3] = (pixels[..., :3] / 1.5 - 0.1) * 2
        same(r.shown(), expected)


def test_files_say_it(tmp_path: Path) -> None:
    """An EXR's primaries and adopted neutral, a DPX's code values."""
    pixels = marked(W, H) * 0.5

    def write(name: str, kind: str, **attributes: tuple[str, Any]) -> str:
        path = str(tmp_path / name)
        spec = oiio.ImageSpec(W, H, 3, kind)
        for key, (form, value) in attributes.items():
            spec.attribute(key.replace("__", ":"), oiio.TypeDesc(form), value)
        out = oiio.ImageOutput.create(path)
        assert out.open(path, spec)
        assert out.write_image(np.ascontiguousarray(pixels[::-1, :, :3], np.float32))
        out.close()
        return path

    primaries = tuple(n for pair in PRIMARIES_AP0.values() for n in pair)
    for name, given, matrix in (
        ("a.exr", {"chromaticities": ("float[8]", primaries)}, AP0),
        (
            "b.exr",
            {"adoptedNeutral": ("float[2]", (0.32168, 0.33767))},
            bradford((0.32168, 0.33767)),
        ),
    ):
        with room(W, H) as r:
            r.do.addSource(write(name, "float", **given), "")
            r.session.settle()
            same(r.shown(), through(pixels, matrix))
            r.set("#RVLinearize.color.ignoreChromaticities", 1)
            same(r.shown(), pixels)
    film = write("c.dpx", "uint16", dpx__Transfer=("string", "Printing density"),
                 dpx__WhiteLevel=("float", 700.0), dpx__BlackLevel=("float", 80.0),
                 dpx__BreakPoint=("float", 660.0))  # fmt: skip
    with room(W, H) as r:
        r.do.addSource(film, "")
        r.session.settle()
        r.set("#RVLinearize.color.logtype", 1)
        expected = pixels.copy()
        expected[..., :3] = cineon(pixels[..., :3], 700, 80, 660)
        same(r.shown(), expected)


# -- RVCDL -----------------------------------------------------------------------------------


def add(r: Room, pipeline: str, *nodes: str) -> None:
    r.do.setStringProperty(f"{pipeline}.pipeline.nodes", list(nodes), True)
    r.session.settle()


def test_a_cdl_node_does_not_clamp_by_itself() -> None:
    pixels = np.clip(noise(H, W), 0, 1)
    with room(W, H) as r:
        node = r.push(pixels, dtype=np.float32)
        add(r, f"{r.do.nodeGroup(node)}_lookPipeline", "RVCDL")
        same(r.shown(), pixels)
        r.set("#RVCDL.node.slope", 1.6, 0.9, 0.7)
        r.set("#RVCDL.node.offset", 0.05, 0.0, 0.05)
        r.set("#RVCDL.node.power", 1.1, 0.8, 1.0)
        r.set("#RVCDL.node.saturation", 0.5)
        values = ((1.6, 0.9, 0.7), (0.05, 0.0, 0.05), (1.1, 0.8, 1.0), 0.5)
        expected = pixels.copy()
        expected[..., :3] = cdl(*values, clamp=False)(pixels[..., :3])
        for way in ({}, {"quick": True}, {"exact": True}):
            same(r.shown(**way), expected)
        r.set("#RVCDL.node.noClamp", 0)
        expected[..., :3] = cdl(*values)(pixels[..., :3])
        same(r.shown(), expected)
        r.set("#RVCDL.node.active", 0)
        same(r.shown(), pixels)


def test_a_cdl_node_reads_its_file(tmp_path: Path) -> None:
    path = tmp_path / "grade.cc"
    path.write_text(
        '<ColorCorrection id="a"><SOPNode><Slope>1.5 1.0 0.5</Slope><Offset>0 0.1 0</Offset>'
        "<Power>1 1 2</Power></SOPNode><SatNode><Saturation>0.8</Saturation></SatNode>"
        "</ColorCorrection>"
    )
    pixels = np.clip(noise(H, W), 0, 1)
    with room(W, H) as r:
        node = r.push(pixels, dtype=np.float32)
        add(r, f"{r.do.nodeGroup(node)}_lookPipeline", "RVCDL")
        said: list[str] = []
        r.session.warn = said.append
        r.set("#RVCDL.node.file", str(path))
        expected = pixels.copy()
        values = ((1.5, 1.0, 0.5), (0.0, 0.1, 0.0), (1.0, 1.0, 2.0), 0.8)
        expected[..., :3] = cdl(*values, clamp=False)(pixels[..., :3])
        same(r.shown(), expected)
        path.write_text("no xml")
        for name in (str(path), str(tmp_path / "missing.cc")):
            r.set("#RVCDL.node.file", name)
            assert name in said[-1] and "\n" not in said[-1]
            same(r.shown(), expected)  # what it had it keeps


# -- RVPrimaryConvert ------------------------------------------------------------------------


def test_primary_convert() -> None:
    pixels = marked(W, H) * 0.5
    with room(W, H) as r:
        node = r.push(pixels, dtype=np.float32)
        add(r, f"{r.do.nodeGroup(node)}_colorPipeline", "RVColor", "RVPrimaryConvert")
        for colour, at in PRIMARIES_AP0.items():
            r.set(f"#RVPrimaryConvert.inChromaticities.{colour}", *at)
        same(r.shown(), pixels)  # not active by itself
        r.set("#RVPrimaryConvert.node.active", 1)
        r.set("#RVPrimaryConvert.illuminantAdaptation.inIlluminantWhite", 0.32168, 0.33767)
        for way in ({}, {"quick": True}, {"exact": True}):
            same(r.shown(**way), through(pixels, AP0))
        # without adaptation the whites stay apart: ACES grey is no grey
        r.set("#RVPrimaryConvert.illuminantAdaptation.useBradfordTransform", 0)
        expected = through(pixels, np.linalg.inv(bradford((0.32168, 0.33767))) @ AP0)
        same(r.shown(), expected)


def test_primary_convert_to_another_white() -> None:
    pixels = marked(W, H) * 0.5
    with room(W, H) as r:
        node = r.push(pixels, dtype=np.float32)
        add(r, f"{r.do.nodeGroup(node)}_colorPipeline", "RVPrimaryConvert")
        r.set("#RVPrimaryConvert.node.active", 1)
        for colour, at in PRIMARIES_AP0.items():
            r.set(f"#RVPrimaryConvert.outChromaticities.{colour}", *at)
        r.set("#RVPrimaryConvert.illuminantAdaptation.outIlluminantWhite", 0.32168, 0.33767)
        same(r.shown(), through(pixels, np.linalg.inv(AP0)))


def test_primary_convert_to_other_primaries() -> None:
    pixels = marked(W, H) * 0.5
    with room(W, H) as r:
        node = r.push(pixels, dtype=np.float32)
        add(r, f"{r.do.nodeGroup(node)}_colorPipeline", "RVPrimaryConvert")
        r.set("#RVPrimaryConvert.node.active", 1)
        for colour, at in PRIMARIES_2020.items():
            r.set(f"#RVPrimaryConvert.outChromaticities.{colour.lower()}", *at)
        same(r.shown(), through(pixels, np.linalg.inv(REC2020)))
        r.set("#RVPrimaryConvert.outChromaticities.green", 0.0, 0.0)  # no colour at all
        same(r.shown(), pixels)


# -- ICC through OpenColorIO -----------------------------------------------------------------


def profile(gamma: float, matrix: Array) -> bytes:
    """An ICC display profile of three columns and one power curve, made by hand."""

    def s15(v: float) -> bytes:
        return struct.pack(">i", round(v * 65536))

    def xyz(values: Any) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(s15(float(v)) for v in values)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    text = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + b"\0" * 79
    tags = {b"desc": text, b"wtpt": xyz((0.9642, 1.0, 0.8249)), b"rXYZ": xyz(matrix[:, 0]),
            b"gXYZ": xyz(matrix[:, 1]), b"bXYZ": xyz(matrix[:, 2]), b"rTRC": curve,
            b"gTRC": curve, b"bTRC": curve, b"cprt": b"text\0\0\0\0none\0\0\0\0"}  # fmt: skip
    body, table, at = b"", struct.pack(">I", len(tags)), 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        data += b"\0" * (-len(data) % 4)
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data
    header = struct.pack(">I4sI4s4s4s", 128 + len(table) + len(body), b"lcms", 0x02400000,
                         b"mntr", b"RGB ", b"XYZ ")  # fmt: skip
    header += struct.pack(">6H", 2020, 1, 1, 0, 0, 0)
    header += b"acsp" + b"\0" * 28 + b"".join(s15(v) for v in (0.9642, 1.0, 0.8249))
    return header + b"\0" * (128 - len(header)) + table + body


#: sRGB primaries adapted to D50, as every sRGB profile has them, and P3's
SRGB_D50 = np.array([[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169],
                     [0.0139322, 0.0971045, 0.7141733]])  # fmt: skip
P3_D50 = np.array([[0.5151187, 0.2919778, 0.1571035], [0.2411892, 0.6922441, 0.0665668],
                   [-0.0010505, 0.0418791, 0.7840713]])  # fmt: skip
P3_TO_709 = np.array([[1.2249402, -0.2249402, 0.0], [-0.0420569, 1.0420569, 0.0],
                      [-0.0196376, -0.0786361, 1.0982735]])  # fmt: skip


@pytest.mark.parametrize("by", ["url", "data"])
def test_a_profile_linearises(by: str, tmp_path: Path) -> None:
    """SYNLinearize: a P3 gamma 1.8 profile to linear Rec. 709."""
    pixels = marked(W, H)
    data = profile(1.8, P3_D50)
    path = tmp_path / "p3.icc"
    path.write_bytes(data)
    with room(W, H) as r:
        node = r.push(pixels, dtype=np.float32)
        add(r, f"{r.do.nodeGroup(node)}_tolinPipeline", "SYNLinearize")
        same(r.shown(), pixels)  # neither url nor data: nothing to do
        if by == "url":
            r.set("#SYNLinearize.inTransform.url", str(path))
        else:
            r.do.setByteProperty("#SYNLinearize.inTransform.data", list(data), True)
        expected = pixels.copy()
        expected[..., :3] = pixels[..., :3] ** 1.8 @ P3_TO_709.T
        for way in ({"exact": True}, {}, {"quick": True}):
            same(r.shown(**way), expected, 2.5)
        r.set("#SYNLinearize.ocio.active", 0)
        same(r.shown(), pixels)


def test_a_profile_of_the_display(tmp_path: Path) -> None:
    """SYNDisplay: linear Rec. 709 to an sRGB-primaries screen of gamma 2.2."""
    path = tmp_path / "screen.icc"
    path.write_bytes(profile(2.2, SRGB_D50))
    pixels = marked(W, H)
    with room(W, H) as r:
        r.push(pixels, dtype=np.float32)
        for group in r.do.nodesOfType("RVDisplayPipelineGroup"):
            add(r, group, "SYNDisplay")
        same(r.shown(), pixels)
        r.set("#SYNDisplay.outTransform.url", str(path))
        expected = pixels.copy()
        expected[..., :3] = pixels[..., :3] ** (1 / 2.19921875)  # as the profile can say it
        for way in ({"exact": True}, {}, {"quick": True}):
            same(r.shown(**way), expected, 2.5)


def test_a_bad_profile_leaves_the_picture(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "broken.icc"
    path.write_bytes(b"no profile at all" * 20)
    pixels = marked(W, H)
    with room(W, H) as r:
        node = r.push(pixels)
        add(r, f"{r.do.nodeGroup(node)}_tolinPipeline", "SYNLinearize")
        r.set("#SYNLinearize.inTransform.url", str(path))
        for _ in range(2):
            same(r.shown(), pixels)
    lines = [x for x in caplog.messages if "broken.icc" in x]
    assert len(lines) == 1 and "\n" not in lines[0]


# -- what is not computed --------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "prop", "value", "says"), [
    ("Dynamic", "function.glsl", "vec4 main(const in inputImage i) { return i(); }", "GPU"),
    ("ICCLinearizeTransform", "node.active", 1, "ICC"),
])  # fmt: skip
def test_what_passes_is_said_once(
    kind: str, prop: str, value: Any, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    pixels = marked(W, H)
    with room(W, H) as r:
        node = r.push(pixels)
        add(r, f"{r.do.nodeGroup(node)}_tolinPipeline", "RVLinearize", kind)
        made = r.do.nodesOfType(kind)[0]
        r.set(f"{made}.{prop}", value)
        for _ in range(3):
            same(r.shown(), pixels)
    lines = [x for x in caplog.messages if made in x]
    assert len(lines) == 1 and says in lines[0] and "\n" not in lines[0]


@pytest.mark.parametrize(("name", "said"), [(b"Display P3\0", True), (b"sRGB IEC61966\0", False)])
def test_a_profile_in_a_file_is_not_applied_and_said_so(
    tmp_path: Path, name: bytes, said: bool, caplog: pytest.LogCaptureFixture
) -> None:
    data = profile(1.8, P3_D50).replace(b"\0\0\0\x05test\0", struct.pack(">I", len(name)) + name)
    data = struct.pack(">I", len(data)) + data[4:]
    pixels = marked(W, H)
    for n in (1, 2):
        path = str(tmp_path / f"s.{n:04d}.tif")
        spec = oiio.ImageSpec(W, H, 3, "uint8")
        spec.attribute("ICCProfile", oiio.TypeDesc(f"uint8[{len(data)}]"),
                       np.frombuffer(data, np.uint8))  # fmt: skip
        out = oiio.ImageOutput.create(path)
        assert out.open(path, spec)
        assert out.write_image(np.ascontiguousarray(pixels[::-1, :, :3], np.float32))
        out.close()
    with room(W, H) as r, caplog.at_level("INFO"):
        r.do.addSource(f"{tmp_path}/s.#.tif", "")
        r.session.settle()
        for frame in (1, 2, 1):
            r.do.setFrame(frame)
            same(r.shown(), pixels)
        r.session.ui.hud.add("info")
        r.shown()
        info = dict(r.renderer._heads._info(r.renderer._last.drawn[0]))
    assert info["ICC profile"].endswith("(not applied)" if said else "(taken for sRGB)")
    assert info["ICC profile"].startswith(name[:4].decode())
    lines = [x for x in caplog.messages if "ICC" in x]
    assert len(lines) == said and all("Display P3" in x for x in lines)
