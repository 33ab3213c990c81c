"""What `-overlay` and `-leader` draw, by the pixels that are written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from player.rvio import main
from tests.playback.test_export import read, write

WIDTH, HEIGHT = 320, 180
GREY = f"solid,start=7,end=9,red=0.5,green=0.5,blue=0.5,width={WIDTH},height={HEIGHT}.movieproc"
BLACK = f"black,start=7,end=9,width={WIDTH},height={HEIGHT}.movieproc"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MU_MODULE_PATH", raising=False)
    return tmp_path


def picture(*words: str, media: str = GREY, frame: int = 7) -> Any:
    """RGBA floats of a frame that rvio writes, top row first."""
    assert main([media, "-t", str(frame), *words, "-o", "o.#.exr"]) == 0
    return read(Path(f"o.{frame:04d}.exr"))


def inked(pixels: Any, ground: float) -> Any:
    """(left, right, top, bottom) of what is not of the ground's colour."""
    rows, columns = np.nonzero(np.abs(pixels[..., 0] - ground) > 0.01)
    return columns.min(), columns.max() + 1, rows.min(), rows.max() + 1


@pytest.fixture
def ground() -> float:
    return float(picture()[0, 0, 0])


def test_a_matte_leaves_the_picture_between_its_bars(ground: float) -> None:
    got = picture("-overlay", "matte", "2.4", "0.75")
    # 23.3 rows each, but RV's coordinates end at the last pixel: the upper one is one less
    assert got[:22, 60:, 0] == pytest.approx(ground * 0.25, abs=1e-3)
    assert got[-23:, 60:, 0] == pytest.approx(ground * 0.25, abs=1e-3)
    assert got[24:-24, :, 0] == pytest.approx(ground, abs=1e-3)
    label = got[-23:, :60, 0]  # its aspect, dark grey, below the picture
    assert label.max() > ground * 0.25


def test_a_narrow_matte_has_its_bars_beside_the_picture(ground: float) -> None:
    got = picture("-overlay", "matte", "1.5", "1")
    assert got[100:, :24, 0].max() == 0 and got[:, -24:, 0].max() == 0  # (320 - 270) / 2 = 25
    assert got[100:, 26:-26, 0] == pytest.approx(ground, abs=1e-3)


def test_the_frame_s_number_is_burnt_in_at_the_lower_right() -> None:
    got = picture("-overlay", "frameburn", "0.4", "0.5", "30", media=BLACK, frame=8)
    left, right, top, bottom = inked(got, 0)
    assert got[..., 0].max() == pytest.approx(0.2, abs=2e-3)  # grey 0.5 at 0.4
    assert (got[..., 0] == got[..., 1]).all()
    # four digits of 30 pixels, 6 pixels from either side
    assert WIDTH - 12 < right <= WIDTH - 4 and 45 < right - left < 90
    assert HEIGHT - 8 <= bottom <= HEIGHT - 4 and 18 <= bottom - top <= 26
    other = picture("-overlay", "frameburn", "0.4", "0.5", "30", media=BLACK, frame=9)
    assert (got != other).any()


def test_the_number_of_a_missing_frame_is_red(here: Path) -> None:
    for n in (1, 2, 4, 5, 6):
        write(here / f"s.{n:04d}.exr", np.zeros((HEIGHT, WIDTH, 3), np.float16), "half")
    words = ["s.#.exr", "-overlay", "frameburn", "1", "1", "40", "-o", "o.#.exr"]
    assert main(words) == 0
    for n, green in ((2, 1), (3, 0), (4, 1)):
        got = read(here / f"o.{n:04d}.exr")
        assert got[..., 0].max() == pytest.approx(1, abs=1e-2)
        assert got[..., 1].max() == pytest.approx(green, abs=1e-2), n


def test_a_watermark_goes_across_the_middle() -> None:
    got = picture("-overlay", "watermark", "FilmCo Eyes", ".25", media=BLACK)
    left, right, top, bottom = inked(got, 0)
    assert got[..., 0].max() == pytest.approx(0.25, abs=2e-3)
    # the size is the last but one that leaves 100 pixels free
    assert 0.6 * (WIDTH - 100) < right - left < WIDTH - 100
    assert abs((left + right) / 2 - WIDTH / 2) <= 6
    assert abs((top + bottom) / 2 - HEIGHT / 2) <= 8


def test_a_bug_lies_where_it_is_told(here: Path, ground: float) -> None:
    logo = np.zeros((32, 64, 4), np.float32)
    logo[:, :32] = (1, 0, 0, 1)  # the right half is clear
    write(here / "logo.tif", logo, "float")
    got = picture("-overlay", "bug", "logo.tif", "0.5", "32", "20", "50")
    assert got[51:81, 21:51, 0] == pytest.approx(0.5 + ground / 2, abs=2e-3)
    assert got[51:81, 21:51, 1] == pytest.approx(ground / 2, abs=2e-3)
    assert got[51:81, 54:84, 0] == pytest.approx(ground, abs=2e-3)
    for away in (got[:49], got[84:], got[:, :19], got[:, 86:]):
        assert away[..., 0] == pytest.approx(ground, abs=2e-3)


def test_overlays_are_drawn_in_order_and_in_front_of_the_output_s_curve(ground: float) -> None:
    matte = ["-overlay", "matte", "2.4", "1"]
    got = picture(*matte, *matte, "-outgamma", "2")
    assert got[:20, 100:, 0].max() == 0
    assert got[60, 100, 0] == pytest.approx(ground**0.5, abs=2e-3)
    half = picture("-overlay", "matte", "2.4", "0.75", "-outgamma", "2")
    assert half[5, 100, 0] == pytest.approx((ground * 0.25) ** 0.5, abs=2e-3)


def test_an_overlay_that_makes_no_sense_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    """As rvio goes on when a script throws."""
    got = picture("-overlay", "bug", "nosuch.tif", "-overlay", "frameburn", "x", media=BLACK)
    assert got[..., :3].max() == 0
    told = capsys.readouterr().err
    assert "ERROR: -overlay bug nosuch.tif: no such file: it is not drawn" in told
    assert "ERROR: -overlay frameburn x" in told


# -- leaders ---------------------------------------------------------------------------


def slate(*words: str, media: str = GREY) -> Any:
    leader = ["-leader", "simpleslate", "FilmCo", "Shot=S01", "Artists=Jane=Joe"]
    assert main([media, *leader, *words, "-o", "o.#.exr"]) == 0
    return read(Path("o.0006.exr"))


def test_a_slate_stands_before_the_pictures(here: Path, ground: float) -> None:
    got = slate()
    assert sorted(p.name for p in here.glob("o.*")) == [f"o.{n:04d}.exr" for n in (6, 7, 8, 9)]
    assert got[2, 70] == pytest.approx((0.18, 0.18, 0.18, 1), abs=1e-3)
    # patches of 20 pixels at the top, red the leftmost of eight, 60 pixels from the right
    for at, colour in ((0, (1, 0, 0)), (1, (0, 1, 0)), (2, (0, 0, 1)), (7, (0, 0, 0))):
        x = WIDTH - 60 - 20 * (8 - at) + 10
        assert got[8, x, :3] == pytest.approx(colour, abs=1e-3)
    # a ramp at the right, white at the top; every other pixel beside it
    assert got[3, -5, 0] > 0.95 and got[-3, -5, 0] < 0.05
    assert got[90, -5, 0] == pytest.approx(0.5, abs=0.02)
    assert set(np.unique(got[50:100, -28:-22, 0])) == {0, 1}
    assert got[50:100, -28:-22, 0].mean() == pytest.approx(0.5, abs=0.01)
    # stripes at the left, dark and light ones
    assert {0.1, 0.4} <= set(np.round(np.unique(got[:, 25, 0]), 2).astype(float).round(2))
    # the side's text between the stripes and the table, which has a bar between its halves
    assert (got[:, 55:140, 2] > got[:, 55:140, 0] + 0.05).any()
    assert read(here / "o.0007.exr")[..., 0] == pytest.approx(ground, abs=1e-3)


def test_leaders_have_log_curves_and_no_others(here: Path) -> None:
    """As rvio's: sRGB, Rec. 709 and gammas are for the pictures."""
    assert slate("-outsrgb")[2, 70, 0] == pytest.approx(0.18, abs=1e-3)
    white = 10 ** (685 * 0.002 / 0.6)
    black = 10 ** (95 * 0.002 / 0.6)
    logged = np.log10(0.18 * (white - black) + black) / (0.002 / 0.6) / 1023
    assert slate("-outlog")[2, 70, 0] == pytest.approx(logged, abs=1e-3)


def test_frames_of_a_leader_are_counted(here: Path) -> None:
    slate("-leaderframes", "3", "-t", "8-9")
    found = sorted(p.name for p in here.glob("o.*"))
    assert found == [f"o.{n:04d}.exr" for n in (5, 6, 7, 8, 9)]


def test_a_picture_may_be_behind_a_slate(here: Path) -> None:
    blue = np.zeros((90, 160, 3), np.float32)
    blue[..., 2] = 0.5
    write(here / "bg.tif", blue, "float")
    words = ["-leader", "simpleslate", "FilmCo", "bg.tif", "Shot=S01", "-o", "o.#.exr"]
    assert main([GREY, *words]) == 0
    got = read(here / "o.0006.exr")
    assert got[2, 100, :3] == pytest.approx((0, 0, 0.5), abs=2e-3)
    assert got[2, -5, :3] == pytest.approx((0, 0, 0.5), abs=2e-3)


def test_a_movie_begins_with_its_leader_in_silence(here: Path) -> None:
    av = pytest.importorskip("av")
    media = "solid,start=1,end=24,audio=sine,red=1,width=160,height=90.movieproc"
    words = ["-leader", "simpleslate", "A", "-leaderframes", "24", "-codec", "png"]
    assert main([media, *words, "-o", "o.mov"]) == 0
    with av.open("o.mov") as file:
        red = [f.to_ndarray(format="rgb24")[86, 100, 0] for f in file.decode(video=0)]
    assert len(red) == 48 and red[23] < 100 and red[24] == 255
    with av.open("o.mov") as file:
        sound = np.concatenate([f.to_ndarray().reshape(-1) for f in file.decode(audio=0)])
    samples = sound.reshape(-1, 2)[:, 0].astype(float)
    assert len(samples) == 96000
    assert np.abs(samples[:47000]).max() == 0 and np.abs(samples[52000:90000]).max() > 20000


# -- scripts in Mu ---------------------------------------------------------------------

PARAMETERS = (
    "int w, int h, int tx, int ty, int tw, int th, bool stereo, bool rightEye, int frame,"
    " [string] argv"
)


def script(name: str, body: str, *, more: str = "", before: str = "") -> None:
    Path(f"{name}.mu").write_text(
        f"use gl; use glu; use gltext; use glyph; use gltexture; use image; use rvtypes;"
        f" module: {name} {{ {before}"
        f" \\: main (void; {PARAMETERS}{more}) {{ {body} }} }}"
    )


def test_a_script_of_one_s_own_draws(here: Path, ground: float) -> None:
    """In pixels from the lower left; blended as it says."""
    script("box", """
        let _ : grey : _ = argv;
        glMatrixMode(GL_PROJECTION); glLoadIdentity(); gluOrtho2D(0, w, 0, h);
        glMatrixMode(GL_MODELVIEW); glLoadIdentity(); glTranslate(10, 20, 0);
        glEnable(GL_BLEND); glBlendFunc(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA);
        let g = float(grey);
        glColor(Color(g, 0, 0, 0.5));
        glBegin(GL_QUADS);
        glVertex(0, 0); glVertex(30, 0); glVertex(30, 40); glVertex(0, 40);
        glEnd();
    """)  # fmt: skip
    got = picture("-overlay", "box", "0.75")[::-1]
    assert got[20:60, 10:40, 0] == pytest.approx(0.375 + ground / 2, abs=2e-3)
    assert got[20:60, 10:40, 1] == pytest.approx(ground / 2, abs=2e-3)
    for away in (got[:20], got[60:], got[:, :10], got[:, 40:]):
        assert away[..., 0] == pytest.approx(ground, abs=1e-3)


def test_a_script_is_initialised_once_and_told_the_frame(here: Path) -> None:
    write(here / "red.tif", np.full((8, 8, 3), (1, 0, 0), np.float32), "float")
    script(
        "counting",
        """setupProjection(w, h); drawTexture(tex, 0, 0, frame * 10, 50, 1.0, true);
           gltext.size(20); gltext.color(Color(0, 1, 0, 1));
           gltext.writeAt(120, 120, "%d" % times);""",
        before=f"""global int tex; global int times = 0;
           \\: init (void; {PARAMETERS}) {{ times += 1;
               tex = createScalable2DTexture(image("red.tif")); }}""",
    )
    assert main([BLACK, "-overlay", "counting", "-o", "o.#.exr"]) == 0
    for frame in (7, 8, 9):
        got = read(here / f"o.{frame:04d}.exr")[::-1]
        reds = np.nonzero(got[10, :, 0] > 0.5)[0]
        assert abs(len(reds) - frame * 10) <= 1
        assert got[..., 1].max() > 0.9  # the text
    first, last = (read(here / f"o.{n:04d}.exr")[..., 1] for n in (7, 9))
    np.testing.assert_array_equal(first, last)  # "1" at all frames


def test_a_script_takes_the_place_of_a_stock_one(here: Path, monkeypatch: Any) -> None:
    (here / "mu").mkdir()
    monkeypatch.setenv("MU_MODULE_PATH", str(here / "mu"))
    monkeypatch.chdir(here / "mu")
    script("matte", "glClearColor(0, 0, 1, 1); glClear(GL_COLOR_BUFFER_BIT);",
           more=", [(string,string)] keyvals")  # fmt: skip
    monkeypatch.chdir(here)
    got = picture("-overlay", "matte", "2", "1")
    assert got.reshape(-1, 4) == pytest.approx(np.tile((0, 0, 1, 1), (WIDTH * HEIGHT, 1)))


def test_what_a_script_throws_is_told_once(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script("bad", 'throw exception("out of ink");')
    assert main([BLACK, "-overlay", "bad", "-o", "o.#.exr"]) == 0
    told = capsys.readouterr().err
    assert told.count("ERROR: caught exception from bad.main: out of ink") == 1
    assert len(list(here.glob("o.*"))) == 3


def test_a_module_without_main_is_no_overlay(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("none.mu").write_text("module: none { \\: main (int; int a) { a; } }")
    assert main([BLACK, "-overlay", "none", "-o", "o.#.exr"]) == 255
    assert "none.main not found, or of a wrong signature" in capsys.readouterr().err


def test_a_script_is_told_what_is_known_of_the_picture(here: Path) -> None:
    """As many columns as there are facts of that name, and what it asks is of its frame."""
    for n in (1, 2, 4, 5, 6):
        write(here / f"s.{n:04d}.exr", np.zeros((60, 80, 3), np.float16), "half")
    script(
        "facts",
        """glMatrixMode(GL_PROJECTION); glLoadIdentity(); gluOrtho2D(0, w, 0, h);
           int missing = 0; int transfers = 0;
           for_each (pair; keyvals)
           {
               let (name, value) = pair;
               if (name == "missing-image") missing = int(value);
               if (regex.match("/\\\\./ColorSpace/Transfer$", name)) transfers += 1;
           }
           int[] told = {frame, commands.frame(), missing, transfers,
                         commands.sourcesAtFrame(frame).size()};
           for_index (i; told)
           {
               glColor(Color(1, 1, 1, 1));
               glBegin(GL_QUADS);
               glVertex(0, i * 10); glVertex(told[i], i * 10);
               glVertex(told[i], i * 10 + 10); glVertex(0, i * 10 + 10);
               glEnd();
           }""",
        more=", [(string,string)] keyvals",
    )
    assert main(["s.#.exr", "-overlay", "facts", "-o", "o.#.exr"]) == 0
    for frame, missing in ((2, 0), (3, 3), (4, 0)):
        got = read(here / f"o.{frame:04d}.exr")[::-1]
        assert [int(row.sum()) for row in got[5:50:10, :, 0]] == [frame, frame, missing, 1, 1]


def test_a_script_draws_for_each_eye(here: Path) -> None:
    script("eye", """
        if (!stereo) throw exception("one eye");
        glClearColor(if rightEye then 1.0 else 0.0, 0, 0, 1); glClear(GL_COLOR_BUFFER_BIT);
    """)  # fmt: skip
    pair = ["[", BLACK, BLACK, "]", "-t", "7", "-outstereo", "-overlay", "eye", "-o", "o.exr"]
    assert main(pair) == 0
    names = ("R", "G", "B", "A", "right.R", "right.G", "right.B", "right.A")
    import OpenImageIO as oiio

    file = oiio.ImageInput.open("o.exr")
    first = dict(zip(file.spec().channelnames, file.read_image("float")[0, 0], strict=True))
    file.close()
    assert set(first) == set(names) and (first["R"], first["right.R"]) == (0, 1)


def test_boxes_and_tables_of_the_interface_are_drawn(here: Path) -> None:
    """What RV's packages draw with `glyph`, for scripts that burn in such things."""
    script(
        "table",
        """setupProjection(w, h);
           gltext.size(16);
           StringPair[] pairs = {("Shot", "S01"), ("Frame", "%d" % frame)};
           drawNameValuePairs(pairs, Color(1, 1, 1, 1), Color(0, 0, 1, 1), 40, 60, 10);
           drawTextWithCartouche(200, 100, "note", 20, Color(1, 1, 1, 1), Color(0, 1, 0, 1));
           drawColoredLineBox(1, 0, 0, Vec2(5, 5), Vec2(30, 5), Vec2(30, 30), Vec2(5, 30));""",
    )
    got = picture("-overlay", "table", media=BLACK)[::-1]
    blue = (got[..., 2] == 1) & (got[..., 0] == 0)
    rows, columns = np.nonzero(blue)
    assert 30 <= columns.min() < 45 and 100 < columns.max() < 180  # a rounded box
    assert 45 <= rows.min() < 60 and rows.max() > 85
    assert ((got[..., 0] > 0.7) & (got[..., 2] > 0.7)).sum() > 50  # with its texts
    green = (got[..., 1] > 0.9) & (got[..., 0] < 0.1)
    assert 180 <= np.nonzero(green)[1].min() < 200  # round ends
    line = got[0:36, 0:36, 0]
    assert (line[4:7, 10:25] == 1).any() and (line[28:32, 10:25] == 1).any()
    assert line[12:24, 12:24].max() == 0
