"""What rvio's words make of the output: curves, channels, numbers, headers, eyes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pytest

from player.rvio import main
from tests.playback.test_export import read, write

WIDTH, HEIGHT = 24, 16


@pytest.fixture
def picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`s.exr`: colours of 0.1 to 0.9 with alphas of 0.25 to 1, half."""
    rng = np.random.default_rng(9)
    pixels = (rng.random((HEIGHT, WIDTH, 4)) * 0.8 + 0.1).astype(np.float16)
    pixels[..., 3] = 0.25 + 0.75 * rng.random((HEIGHT, WIDTH))
    write(tmp_path / "s.exr", pixels, "half")
    monkeypatch.chdir(tmp_path)
    return pixels.astype(np.float64)


def to_cineon(x: Any) -> Any:
    """685 is white and 95 black; 0.002 of density a code, 0.6 the film's gamma."""
    gain = lambda code: 10 ** (code * 0.002 / 0.6)  # noqa: E731
    return np.log10(x * (gain(685) - gain(95)) + gain(95)) / (0.002 / 0.6) / 1023


def to_logc(x: Any) -> Any:
    """ARRI's table for EI 800."""
    high = 0.247190 * np.log10(5.555556 * x + 0.052272) + 0.385537
    return np.where(x > 0.010591, high, 5.367655 * x + 0.092809)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("-outlog", to_cineon),
        ("-outredlogfilm", to_cineon),
        ("-outredlog", lambda x: np.log10(x * 99 + 1) / 2),
        ("-outlogc", to_logc),
        ("-outgamma 2 -outlog", lambda x: to_cineon(np.sqrt(x))),
        ("-inlogc -outlogc", lambda x: x),
        ("-inredlog -outredlog", lambda x: x),
    ],
)
def test_curves_leave_alpha_alone(picture: Any, words: str, expected: Callable[[Any], Any]) -> None:
    assert main(["s.exr", *words.split(), "-o", "o.exr"]) == 0
    got = read(Path("o.exr"))
    np.testing.assert_allclose(got[..., :3], expected(picture[..., :3]), atol=2e-3)
    np.testing.assert_array_equal(got[..., 3], picture[..., 3])


@pytest.mark.parametrize(
    ("words", "channels", "expected"),
    [
        ("-outrgb", "RGB", lambda p: p[..., :3]),
        ("-outchannelmap A", "A", lambda p: p[..., 3:]),
        ("-outchannelmap B G R A", "BGRA", lambda p: p[..., [2, 1, 0, 3]]),
        ("-outchannelmap R nosuch", ("R", "nosuch"), lambda p: p[..., [0, 0]]),
        ("-outpremult", "RGBA", lambda p: np.dstack([p[..., :3] * p[..., 3:], p[..., 3:]])),
        ("-outunpremult", "RGBA", lambda p: np.dstack([p[..., :3] / p[..., 3:], p[..., 3:]])),
        ("-inchannelmap A B G R", "RGBA", lambda p: p[..., [3, 2, 1, 0]]),
    ],
)
def test_channels_and_alpha(
    picture: Any, words: str, channels: Any, expected: Callable[[Any], Any]
) -> None:
    assert main(["s.exr", *words.split(), "-o", "o.exr"]) == 0
    file = oiio.ImageInput.open("o.exr")
    names = file.spec().channelnames
    pixels = dict(zip(names, np.moveaxis(file.read_image("float"), 2, 0), strict=True))
    file.close()
    assert set(names) == set(channels)
    got = np.dstack([pixels[name] for name in channels])
    np.testing.assert_allclose(got, expected(picture), rtol=2e-3, atol=1e-3)


def test_gamuts_and_whites(picture: Any) -> None:
    """White stays white: Rec. 709's becomes ACES's, and another's."""
    write(Path("w.exr"), np.ones((4, 4, 3), np.float16), "half")
    assert main(["w.exr", "-outaces", "-o", "a.exr"]) == 0
    np.testing.assert_allclose(read(Path("a.exr"))[0, 0, :3], 1, atol=2e-3)
    assert main(["s.exr", "-outaces", "-o", "a.exr"]) == 0
    # the matrix of the ACES documents for Rec. 709 with Bradford's adaptation
    matrix = np.array(
        [[0.4397, 0.3830, 0.1773], [0.0898, 0.8134, 0.0968], [0.0175, 0.1115, 0.8709]]
    )
    np.testing.assert_allclose(read(Path("a.exr"))[..., :3], picture[..., :3] @ matrix.T, atol=3e-3)
    spec = oiio.ImageBuf("a.exr").spec()
    assert spec.getattribute("chromaticities")[:4] == pytest.approx((0.7347, 0.2653, 0, 1))
    assert spec.getattribute("compression") == "piz"
    assert b"acesImageContainerFlag\0int\0" in Path("a.exr").read_bytes()[:4096]
    # D65's own coordinates change nothing, a bluer white makes white bluer
    for words, way in (("-outwhite 0.3127 0.3290", 0), ("-outillum D75", 1), ("-outillum A", -1)):
        assert main(["w.exr", *words.split(), "-o", "o.exr"]) == 0
        r, _, b = read(Path("o.exr"))[0, 0, :3]
        assert np.sign(round(float(b - r), 2)) == way, words


@pytest.mark.parametrize(
    ("name", "words", "kind"),
    [
        ("o.exr", "", "half"), ("o.exr", "-outformat 32 float", "float"),
        ("o.exr", "-outformat 16 int", "float"), ("o.exr", "-out8", "half"),
        ("o.tif", "", "float"), ("o.tif", "-out8", "uint8"),
        ("o.tif", "-outformat 16 int", "uint16"),
        ("o.tif", "-outhalf", "float"), ("o.png", "", "uint8"),
        ("o.png", "-outformat 16 int", "uint16"), ("o.png", "-outhalf", "uint8"),
        ("o.tga", "", "uint8"),
    ],
)  # fmt: skip
def test_numbers_of_files(picture: Any, name: str, words: str, kind: str) -> None:
    """Half, unless they are asked for as others; a file has what it can hold.  Values are
    those of the picture, whatever its alpha."""
    assert main(["s.exr", *words.split(), "-o", name]) == 0
    file = oiio.ImageInput.open(name, _as_they_are())
    assert str(file.spec().format) == kind
    got = file.read_image("float")
    file.close()
    step = {"uint8": 1 / 255, "uint16": 1 / 65535}.get(kind, 1e-3)
    step = 1 / 255 if "8" in words else step
    np.testing.assert_allclose(got, picture, atol=0.6 * step + 1e-6)


def _as_they_are() -> oiio.ImageSpec:
    spec = oiio.ImageSpec()
    spec.attribute("oiio:UnassociatedAlpha", 1)
    return spec


def test_dpx_and_cineon_hold_10_bits(picture: Any) -> None:
    words = [
        "-outlog",
        "-outfps",
        "25",
        "-outparams",
        "film/slate_info=one",
        "tv/time_code=01:00:00:02",
    ]
    assert main(["s.exr", *words, "-o", "o.dpx"]) == 0
    codes = np.floor(np.floor(to_cineon(picture[..., :3]) * 65535 + 0.5) / 64)
    file = oiio.ImageInput.open("o.dpx")
    spec = file.spec()
    assert spec.getattribute("dpx:Transfer") == "Printing density"
    assert spec.getattribute("dpx:SlateInfo") == "one"
    assert spec.getattribute("dpx:TimeCode") == "01:00:00:02"
    assert spec.getattribute("oiio:BitsPerSample") == 10
    got = file.read_image("uint16").astype(int) >> 6
    file.close()
    assert np.abs(got - codes).max() <= 1  # halves between two codes
    assert main(["s.exr", *words[:1], "-o", "o.cin"]) == 0
    assert np.abs((read(Path("o.cin"), "uint16").astype(int) >> 6) - codes).max() <= 1
    assert main(["s.exr", "-out709", "-outparams", "transfer=USER", "-o", "u.dpx"]) == 0
    assert oiio.ImageBuf("u.dpx").spec().getattribute("dpx:Transfer") == "User defined"


def test_attributes_of_exr(picture: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RVIO_OUTPARAMS", "from:s=outside")
    words = [
        "pi:f=3.5", "my:s=HELLO WORLD", "n:i=7", "v:v2i=1,2", "w:v3f=1", "b:b2i=0,1,2,3",
        "list:sv=a,b", "other=dropped",
    ]  # fmt: skip
    assert main(["s.exr", "-outsrgb", "-outpa", "2:1", "-outparams", *words, "-o", "o.exr"]) == 0
    spec = oiio.ImageBuf("o.exr").spec()
    found = {name: spec.getattribute(name) for name in ("pi", "my", "n", "from", "other")}
    assert found == {"pi": 3.5, "my": "HELLO WORLD", "n": 7, "from": "outside", "other": None}
    header = pytest.importorskip("OpenEXR").File("o.exr").parts[0].header
    assert tuple(header["v"]) == (1, 2) and tuple(header["w"]) == (1, 1, 1)
    assert [tuple(corner) for corner in header["b"]] == [(0, 1), (2, 3)]
    assert tuple(spec.getattribute("list")) == ("a", "b")
    assert spec.getattribute("transferFunction") == "sRGB"
    assert spec.getattribute("PixelAspectRatio") == 2


def test_attributes_that_are_passed_on(picture: Any) -> None:
    out = oiio.ImageOutput.create("t.exr")
    spec = oiio.ImageSpec(8, 8, 3, "half")
    spec.attribute("shotName", "sh010")
    spec.attribute("secret", "no")
    out.open("t.exr", spec)
    out.write_image(np.zeros((8, 8, 3), np.float16))
    out.close()
    assert main(["t.exr", "-o", "o.exr", "-outparams", "passthrough=.*shot.*"]) == 0
    made = oiio.ImageBuf("o.exr").spec()
    assert made.getattribute("shotName") == "sh010" and made.getattribute("secret") is None


def test_the_quality_of_jpeg(picture: Any) -> None:
    sizes = []
    for quality in ("0.1", "0.9", "1.0"):
        assert main(["s.exr", "-quality", quality, "-o", "o.jpg"]) == 0
        sizes.append(Path("o.jpg").stat().st_size)
    assert main(["s.exr", "-o", "o.jpg"]) == 0
    assert sizes[0] < sizes[1] < sizes[2] and Path("o.jpg").stat().st_size == sizes[1]


def test_exr_is_piz_and_a_codec_it_has_not_is_told(
    picture: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["s.exr", "-codec", "libx264", "-o", "o.exr"]) == 0
    assert "WARNING: -codec libx264: EXR has none, rle," in capsys.readouterr().err
    assert oiio.ImageBuf("o.exr").spec().getattribute("compression") == "piz"


@pytest.mark.parametrize("words", ["-yryby 1 2 2 -codec B44", "-yrybya 1 2 2 1 -outhalf"])
def test_luminance_and_chroma(picture: Any, words: str) -> None:
    """Blocks of one colour come back from fewer samples."""
    OpenEXR = pytest.importorskip("OpenEXR")
    blocks = np.repeat(np.repeat(picture[::2, ::2], 2, 0), 2, 1)
    if "B44" in words:  # which keeps what is smooth
        blocks = np.broadcast_to(np.linspace(0.2, 0.8, WIDTH)[:, None], (HEIGHT, WIDTH, 4)).copy()
        blocks = np.repeat(np.repeat(blocks[::2, ::2], 2, 0), 2, 1) * [1, 0.75, 0.5, 1]
    write(Path("s.exr"), blocks.astype(np.float16), "half")
    assert main(["s.exr", *words.split(), "-o", "o.exr"]) == 0
    channels = OpenEXR.File("o.exr", separate_channels=True).channels()
    assert set(channels) == {"Y", "RY", "BY"} | ({"A"} if "yrybya" in words else set())
    assert [channels[n].xSampling for n in ("Y", "RY", "BY")] == [1, 2, 2]
    y, ry, by = (channels[n].pixels.astype(float) for n in ("Y", "RY", "BY"))
    rgb = blocks[..., :3]
    luma = rgb @ np.array([0.2126, 0.7152, 0.0722])
    loose = 0.03 if "B44" in words else 3e-3
    np.testing.assert_allclose(y, luma, atol=loose)
    np.testing.assert_allclose((ry + 1) * luma[::2, ::2], rgb[::2, ::2, 0], atol=loose)
    np.testing.assert_allclose((by + 1) * luma[::2, ::2], rgb[::2, ::2, 2], atol=loose)


@pytest.fixture
def eyes(picture: Any) -> tuple[Any, Any]:
    """`l.exr` and `r.exr` of one colour each."""
    left, right = np.empty((2, HEIGHT, WIDTH, 3))
    left[...], right[...] = (0.75, 0.5, 0.25), (0, 0.25, 1)
    for name, pixels in (("l.exr", left), ("r.exr", right)):
        write(Path(name), pixels.astype(np.float16), "half")
    return left, right


PAIR = ["[", "l.exr", "r.exr", "]"]


@pytest.mark.parametrize("words", [["-outstereo"], ["-outstereo", "separate"]])
def test_both_eyes_in_one_exr(eyes: Any, words: list[str]) -> None:
    assert main([*PAIR, *words, "-o", "o.exr"]) == 0
    file = oiio.ImageInput.open("o.exr")
    names = list(file.spec().channelnames)
    assert tuple(file.spec().getattribute("multiView")) == ("left", "right")
    pixels = file.read_image("float")
    file.close()
    for eye, prefix in zip(eyes, ("", "right."), strict=True):
        got = np.dstack([pixels[..., names.index(f"{prefix}{c}")] for c in "RGB"])
        np.testing.assert_array_equal(got, eye)


def test_both_eyes_in_one_movie(eyes: Any) -> None:
    av = pytest.importorskip("av")
    assert main([*PAIR, "-outstereo", "separate", "-codec", "png", "-o", "o.mov"]) == 0
    with av.open("o.mov") as file:
        assert len(file.streams.video) == 2
        for stream, eye in zip(file.streams.video, eyes, strict=True):
            file.seek(0)
            frame = next(f for f in file.decode(stream))
            got = frame.to_ndarray(format="rgb24").astype(float)
            np.testing.assert_allclose(got, eye * 255, atol=1)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("left", lambda left, right: left),
        ("right", lambda left, right: right),
        ("anaglyph", lambda left, right: np.dstack([left[..., :1], right[..., 1:]])),
    ],
)
def test_modes_of_stereo(eyes: Any, mode: str, expected: Callable[[Any, Any], Any]) -> None:
    assert main([*PAIR, "-outstereo", mode, "-o", "o.exr"]) == 0
    np.testing.assert_allclose(read(Path("o.exr"))[..., :3], expected(*eyes), atol=1e-3)


def test_hsqueezed_puts_the_eyes_beside_each_other(eyes: Any) -> None:
    assert main([*PAIR, "-outstereo", "hsqueezed", "-o", "o.exr"]) == 0
    got = read(Path("o.exr"))[..., :3]
    np.testing.assert_allclose(got[:, 2:10], eyes[0][:, 2:10], atol=1e-3)
    np.testing.assert_allclose(got[:, 14:22], eyes[1][:, 14:22], atol=1e-3)


def test_alpha_in_movies_that_hold_it(picture: Any) -> None:
    av = pytest.importorskip("av")
    assert main(["s.exr", "-codec", "png", "-outparams", "pix_fmt=rgba", "-o", "o.mov"]) == 0
    with av.open("o.mov") as file:
        got = next(file.decode(video=0)).to_ndarray(format="rgba")
    np.testing.assert_allclose(got, picture * 255, atol=0.6)


def test_aces_files(picture: Any) -> None:
    """`-o OUT.aces` is EXR by another name."""
    assert main(["s.exr", "-outaces", "-outillum", "D65REC709", "-o", "o.aces"]) == 0
    assert sorted(p.name for p in Path().glob("o.*")) == ["o.aces"]
    Path("o.aces").rename("o.exr")
    spec = oiio.ImageBuf("o.exr").spec()
    assert spec.getattribute("chromaticities")[:2] == pytest.approx((0.7347, 0.2653))


@pytest.mark.parametrize(
    ("codec", "packing"), [("LZW", "lzw"), ("NONE", "none"), ("DEFLATE", "zip"), ("x", "zip")]
)
def test_the_compression_of_tiff(
    picture: Any, codec: str, packing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["s.exr", "-codec", codec, "-o", "o.tif"]) == 0
    assert oiio.ImageBuf("o.tif").spec().getattribute("compression") == packing
    assert ("WARNING: -codec x: TIFF" in capsys.readouterr().err) == (codec == "x")


def test_nobody_sets_up_the_colour_of_media(picture: Any) -> None:
    """What a file holds is what is written: rvio has no packages that linearise."""
    codes = np.tile(np.arange(0, 256, 16, dtype=np.uint8)[None, :, None], (16, 1, 3))
    write(Path("g.png"), codes, "uint8")
    assert main(["g.png", "-o", "o.exr"]) == 0
    np.testing.assert_allclose(read(Path("o.exr"))[..., :3], codes / 255, atol=1e-3)
    assert main(["g.png", "-o", "o.tif", "-out8"]) == 0
    np.testing.assert_array_equal(read(Path("o.tif"), "uint8")[..., :3], codes)
    assert main(["s.exr", "-o", "o.png"]) == 0
    file = oiio.ImageInput.open("o.png", _as_they_are())
    np.testing.assert_allclose(file.read_image("uint8"), picture * 255, atol=0.6)
    file.close()


@pytest.mark.parametrize("name", ["o.exr", "o.tif"])
def test_the_output_of_a_session_has_its_colour(picture: Any, name: str) -> None:
    """As RV's exports, which copy the display's settings there, have it: in all files."""
    assert main(["s.exr", "-o", "s.rv"]) == 0
    text = Path("s.rv").read_text()
    at = text.index("defaultOutputGroup_colorPipeline_0 : RVDisplayColor")
    changed = text[at:].replace("int sRGB = 0", "int sRGB = 1", 1)
    assert changed != text[at:]
    Path("s.rv").write_text(text[:at] + changed)
    assert main(["s.rv", "-o", name]) == 0
    linear = picture[..., :3]
    coded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(read(Path(name))[..., :3], coded, atol=2e-3)


@pytest.mark.parametrize("word", ["-dlut", "-llut", "-flut"])
def test_luts(picture: Any, word: str) -> None:
    rows = [f"{1 - r} {1 - g} {1 - b}" for b in (0, 1) for g in (0, 1) for r in (0, 1)]
    Path("inverse.cube").write_text("LUT_3D_SIZE 2\n" + "\n".join(rows) + "\n")
    assert main(["s.exr", word, "inverse.cube", "-o", "o.exr"]) == 0
    np.testing.assert_allclose(read(Path("o.exr"))[..., :3], 1 - picture[..., :3], atol=2e-3)
