"""rvio's words that change what is shown, by the pixels that are written."""

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


def to_srgb(x: Any) -> Any:
    return np.where(x <= 0.0031308, x * 12.92, 1.055 * np.maximum(x, 0) ** (1 / 2.4) - 0.055)


def from_srgb(x: Any) -> Any:
    return np.where(x <= 0.04045, x / 12.92, ((np.maximum(x, 0) + 0.055) / 1.055) ** 2.4)


def to_709(x: Any) -> Any:
    return np.where(x < 0.018, x * 4.5, 1.099 * np.maximum(x, 0) ** 0.45 - 0.099)


def from_709(x: Any) -> Any:
    return np.where(x < 0.081, x / 4.5, ((np.maximum(x, 0) + 0.099) / 1.099) ** (1 / 0.45))


def from_cineon(x: Any) -> Any:
    """Black at 95 and white at 685 of 1023, as RV has them."""
    gain = lambda code: 10 ** ((code - 685.0) * 0.002 / 0.6)  # noqa: E731
    return (gain(x * 1023.0) - gain(95.0)) / (1.0 - gain(95.0))


@pytest.fixture
def picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`s.exr`: colours from 0.1 to 0.9, half."""
    rng = np.random.default_rng(9)
    pixels = (rng.random((HEIGHT, WIDTH, 3)) * 0.8 + 0.1).astype(np.float16)
    write(tmp_path / "s.exr", pixels, "half")
    monkeypatch.chdir(tmp_path)
    return pixels.astype(np.float64)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", lambda x: x),
        ("-insrgb", from_srgb),
        ("-in709", from_709),
        ("-inlog", from_cineon),
        ("-ingamma 2", lambda x: x**0.5),
        ("-filegamma 2.2", lambda x: x**2.2),
        ("-exposure -1.5", lambda x: x * 2**-1.5),
        ("-flip", lambda x: x[::-1]),
        ("-flop", lambda x: x[:, ::-1]),
        ("-flip -flop -exposure 1", lambda x: x[::-1, ::-1] * 2),
        ("-outsrgb", to_srgb),
        ("-out709", to_709),
        ("-outgamma 2.2", lambda x: x ** (1 / 2.2)),
        ("-insrgb -out709", lambda x: to_709(from_srgb(x))),
    ],
)
def test_colours_and_mirrors(picture: Any, words: str, expected: Callable[[Any], Any]) -> None:
    assert main(["s.exr", *words.split(), "-o", "o.exr"]) == 0
    np.testing.assert_allclose(
        read(Path("o.exr"))[..., :3], expected(picture), rtol=2e-3, atol=2e-3
    )


def test_pictures_of_8_bits_have_the_output_s_colour_once(picture: Any) -> None:
    assert main(["s.exr", "-outgamma", "2.2", "-o", "o.png"]) == 0
    got = read(Path("o.png"), "uint8")[..., :3].astype(int)
    assert np.abs(got - picture ** (1 / 2.2) * 255).max() <= 0.6


@pytest.mark.parametrize(
    ("words", "size"),
    [
        ("-scale 0.5", (12, 8)), ("-scale 2", (48, 32)), ("-resize 48 16", (48, 16)),
        ("-resize 48 0", (48, 32)), ("-resize 0 8", (12, 8)), ("-outres 40 30", (40, 30)),
        ("-outres 40 30 -scale 0.5", (20, 15)),
    ],
)  # fmt: skip
def test_sizes(picture: Any, words: str, size: tuple[int, int]) -> None:
    assert main(["s.exr", *words.split(), "-o", "o.exr"]) == 0
    got = read(Path("o.exr"))
    assert (got.shape[1], got.shape[0]) == size


def test_colours_stay_in_their_places_at_other_sizes(picture: Any) -> None:
    flat = np.repeat(np.repeat(picture[::4, ::4], 4, 0), 4, 1).astype(np.float16)
    write(Path("s.exr"), flat, "half")
    assert main(["s.exr", "-scale", "0.5", "-o", "o.exr"]) == 0
    got = read(Path("o.exr"))[..., :3]
    np.testing.assert_allclose(got[::2, ::2], flat[1::4, 1::4], atol=2e-3)
    assert main(["s.exr", "-resize", "48", "16", "-o", "o.exr"]) == 0
    wide = read(Path("o.exr"))[..., :3]
    np.testing.assert_allclose(wide[1::4, 3::8], flat[1::4, 1::4], atol=2e-3)


@pytest.mark.parametrize("words", ["-codec PIZ", "-codec B44A", "-codec DWAA -quality 45"])
def test_the_compression_of_exr(picture: Any, words: str) -> None:
    assert main(["s.exr", *words.split(), "-o", "o.exr"]) == 0
    file = oiio.ImageInput.open("o.exr")
    said = file.spec().getattribute("compression")
    file.close()
    assert said.partition(":")[0] == words.split()[1].lower()
    np.testing.assert_allclose(read(Path("o.exr"))[..., :3], picture, atol=0.1)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("-exposure x", "-exposure x (it needs a number)"),
        ("-resize 0 0", "-resize 0 0 (-resize 640 480, 1920 0 or 0 1080)"),
        ("-scale 0", "-scale 0 of 24x16 is no size"),
    ],
)
def test_words_that_make_no_sense(
    picture: Any, words: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["s.exr", *words.split(), "-o", "o.exr"]) != 0
    assert text in capsys.readouterr().err
    assert not Path("o.exr").exists()


def test_all_frames_or_those_between_the_points(picture: Any) -> None:
    """As rvio: the in and the out point of a session count with -tio."""
    media = "black,start=1,end=9,width=8,height=8.movieproc"
    Path("s.rv").write_text("GTOa (3)\n\n" + _session(media))
    assert main(["s.rv", "-tio", "-o", "t.#.png"]) == 0
    assert len(list(Path().glob("t.*.png"))) == 4
    assert main(["s.rv", "-o", "a.#.png"]) == 0
    assert len(list(Path().glob("a.*.png"))) == 9


def _session(media: str) -> str:
    return f"""rv : RVSession (4)
{{
    session
    {{
        string viewNode = "defaultSequence"
        int[2] range = [ [ 1 10 ] ]
        int[2] region = [ [ 3 7 ] ]
        float fps = 24
        int currentFrame = 3
    }}
}}

sourceGroup000000 : RVSourceGroup (1)
{{
    ui
    {{
        string name = "a"
    }}
}}

sourceGroup000000_source : RVFileSource (1)
{{
    media
    {{
        string movie = "{media}"
    }}
}}
"""
