"""`player-rvio`: rvio's command line, as packages of RV write it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import OpenImageIO as oiio
import pytest

from player.rvio import main
from player.rvio.words import OPTIONS, read
from tests.players import REPO

BARS = "smptebars,start=1,end=1.movieproc"


@pytest.mark.parametrize(
    ("words", "made"),
    [
        ("s.rv -o o.#.jpg -t 1,3-5", "s.rv --export o.#.jpg --frames 1,3-5"),
        ("-rthreads 3 -strictlicense -lic L s.rv -o o.#.jpg", "s.rv --export o.#.jpg"),
        ("s.rv -o o.png -outres 640 480", "s.rv --export o.png --size 640x480"),
        ("[ a.exr -in 1 -out 2 ] -o o.png", "[ a.exr -in 1 -out 2 ] --export o.png"),
        ("s.rv -codec DWAA -quality 45 -o o.exr",
         "s.rv --codec DWAA --quality 45 --export o.exr"),
        ("s.rv -codec libx264 -quality .5 -outparams vc:a=b c=d -audiorate 44100 -o o.mov",
         "s.rv --codec libx264 --quality .5 --outparams vc:a=b c=d -audioRate 44100"
         " --export o.mov"),
        ("s.rv -outres 2048 1556/2 -o o.png", "s.rv --size 2048x778 --export o.png"),
        ("s.rv -iomethod 0 61440 -exrIOMethod 2 -o o.exr", "s.rv --export o.exr"),
        ("s.rv -outstereo in.mov -o o.exr", "s.rv in.mov --export o.exr"),
        ("-view defaultStack s.rv", "-view defaultStack s.rv"),
        ("s.rv -dlut a.csp", "s.rv -dlut a.csp"),
        ("s.rv -nosuch", "s.rv -nosuch"),
    ],
)  # fmt: skip
def test_words(words: str, made: str) -> None:
    assert read(words.split()).words == made.split()


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        ("-exposure -1.5 s.rv -o o.png", {"exposure": ("-1.5",)}),
        ("s.exr -resize 640 t.exr -o o.png", {"resize": ("640",)}),
        ("-resize 640 480/2 s.exr -flip", {"resize": ("640", "240"), "flip": ()}),
        ("s.rv -outgamma 2.2 -tio", {"outgamma": ("2.2",), "tio": ()}),
        ("s.rv -outformat 16 float -yryby 1 2 2",
         {"outformat": ("16", "float"), "yryby": ("1", "2", "2")}),
        ("s.rv -outchannelmap R R R -outlog", {"outchannelmap": ("R", "R", "R"), "outlog": ()}),
        ("s.rv -outstereo", {"outstereo": ()}),
        ("s.rv -outstereo anaglyph a.exr", {"outstereo": ("anaglyph",)}),
    ],
)  # fmt: skip
def test_words_that_change_what_is_shown(words: str, changes: dict[str, tuple[str, ...]]) -> None:
    assert read(words.split()).changes == changes


def test_scripts_may_be_given_several_times() -> None:
    made = read(
        [
            "s.rv",
            "-leader",
            "slate",
            "a=b",
            "-overlay",
            "matte",
            "-1",
            "2",
            "-overlay",
            "bug",
            "x.tif",
            "-o",
            "o.png",
        ]
    )
    assert made.leaders == [("slate", "a=b")]
    assert made.overlays == [("matte", "-1", "2"), ("bug", "x.tif")]
    assert made.words == ["s.rv", "--export", "o.png"]


# the table of Open RV's rvio, with the number of words that each option takes at least
RVIO = [
    "o1",
    "t1",
    "tio0",
    "v0",
    "vv0",
    "q0",
    "ns0",
    "noRanges0",
    "rthreads1",
    "wthreads1",
    "view1",
    "noSequence0",
    "formats0",
    "leader1",
    "leaderframes1",
    "overlay1",
    "inlog0",
    "inredlog0",
    "inredlogfilm0",
    "insrgb0",
    "in7090",
    "ingamma1",
    "filegamma1",
    "inchannelmap1",
    "inpremult0",
    "inunpremult0",
    "exposure1",
    "scale1",
    "resize1",
    "dlut1",
    "flip0",
    "flop0",
    "yryby3",
    "yrybya4",
    "yuv3",
    "outparams1",
    "outchannelmap1",
    "outrgb0",
    "outpremult0",
    "outunpremult0",
    "outlog0",
    "outsrgb0",
    "out7090",
    "outredlog0",
    "outredlogfilm0",
    "outgamma1",
    "outstereo0",
    "outformat2",
    "outhalf0",
    "out80",
    "outres2",
    "outfps1",
    "outaces0",
    "outwhite2",
    "outillum1",
    "codec1",
    "audiocodec1",
    "audiorate1",
    "audiochannels1",
    "quality1",
    "outpa1",
    "comment1",
    "copyright1",
    "lic1",
    "debug1",
    "version0",
    "iomethod1",
    "exrcpus1",
    "exrRGBA0",
    "exrInherit0",
    "exrNoOneChannel0",
    "exrIOMethod1",
    "exrReadWindowIsDisplayWindow0",
    "exrReadWindow1",
    "jpegRGBA0",
    "jpegIOMethod1",
    "cinpixel1",
    "cinchroma0",
    "cinIOMethod1",
    "dpxpixel1",
    "dpxchroma0",
    "dpxIOMethod1",
    "tgaIOMethod1",
    "tiffIOMethod1",
    "init1",
    "err-to-out0",
    "strictlicense0",
    "flags1",
]


@pytest.mark.parametrize("option", RVIO)
def test_every_option_of_rvio_is_taken_with_its_arguments(option: str) -> None:
    name, count = option[:-1], int(option[-1])
    assert name in OPTIONS
    made = read([f"-{name}", *["1"] * count, "-o", "o.exr", "s.exr"])
    assert made.target == ("1" if name == "o" else "o.exr") or name == "o"
    assert "s.exr" in made.words
    kept = made.words.count("1") + sum(len(v) for v in made.changes.values())
    assert kept <= count + (name == "dlut")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("s.rv -codec a", "ERROR: no output file/sequence specified"),
        ("s.rv -o", "ERROR: -o needs S"),
        ("s.rv -o o.png -scale x", "ERROR: -scale x (it needs a number)"),
        ("-o o.png", "ERROR: no input files specified"),
        ("smptebars.movieproc -nosuch -o o.png", "ERROR: unknown option -nosuch"),
        ("smptebars.movieproc -o o.png -view none", "ERROR: "),
        ("smptebars.movieproc -o o.nosuch", ".nosuch is not a format that can be written"),
        ("smptebars.movieproc -o o.png -overlay nosuch", "can't find nosuch"),
        ("smptebars.movieproc -o o.png -outillum X", "ERROR: X is not a standard illuminant"),
        ("smptebars.movieproc -o o.#.png -t x", 'timerange "x" expands to nothing'),
        ("smptebars.movieproc -o o.wav", "there is no sound"),
        ("smptebars.movieproc -o o.png -outstereo", ".png holds one picture"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_an_error_of_status_255(
    words: str, said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(words.split()) == 255
    assert said in capsys.readouterr().err
    assert not list(tmp_path.glob("o*"))


@pytest.mark.parametrize("word", ["-h", "-help", "--help"])
def test_help(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([word]) == 0
    out = capsys.readouterr().out
    assert out.startswith("usage: player-rvio") and "-outstereo" in out
    assert max(map(len, out.splitlines())) <= 100


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "player.rvio", *words], cwd=folder, capture_output=True,
        text=True, timeout=100, stdin=subprocess.DEVNULL,
        env={"PYTHONPATH": str(REPO), "PATH": "/usr/bin:/bin", "HOME": str(folder)},
    )  # fmt: skip


def written(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("o.*"))


def test_frames_are_written(tmp_path: Path) -> None:
    done = run(tmp_path, "smptebars,start=1,end=4.movieproc", "-v", "-o", "o.#.png", "-t", "2-3")
    assert done.returncode == 0, done.stderr
    assert written(tmp_path) == ["o.0002.png", "o.0003.png"]


def test_a_source_by_itself_keeps_its_frame_numbers(tmp_path: Path) -> None:
    """Two are a sequence, which counts from 1; so is one whose view was asked for."""
    one = "black,start=1001,end=1004,width=8,height=8.movieproc"
    done = run(tmp_path, one, "-o", "o.#.png", "-t", "1003-1010")
    assert done.returncode == 0, done.stderr
    assert "WARNING: 6 frames are outside 1001-1004" in done.stderr
    assert written(tmp_path) == ["o.1003.png", "o.1004.png"]
    done = run(tmp_path, one, "-view", "defaultSequence", "-o", "o.#.png", "-t", "4")
    assert done.returncode == 0, done.stderr
    done = run(tmp_path, one, one, "-o", "o.#.png", "-t", "5")
    assert done.returncode == 0, done.stderr
    assert written(tmp_path) == ["o.0004.png", "o.0005.png", "o.1003.png", "o.1004.png"]


def test_a_range_is_read_as_rvio_reads_it(tmp_path: Path) -> None:
    """What is no range is told and left out; frames come once, in order."""
    media = "black,start=1,end=20,width=8,height=8.movieproc"
    done = run(tmp_path, media, "-o", "o.@@.png", "-t", "9,x,1-7x3,4,12@2")
    assert done.returncode == 0, done.stderr
    assert "Invalid frame range: x" in done.stderr
    assert written(tmp_path) == [f"o.{n:02d}.png" for n in (1, 4, 7, 9, 12)]


def test_progress_is_told_in_rvio_s_words(tmp_path: Path) -> None:
    media = "black,start=1,end=4,width=8,height=8.movieproc"
    done = run(tmp_path, media, "-v", "-o", "o.#.png")
    assert done.stdout.splitlines() == [
        "INFO: writing o.#.png", "INFO: writing frame 1 (0% done)",
        "INFO: writing frame 2 (33.33% done)", "INFO: writing frame 3 (66.66% done)",
        "INFO: writing frame 4 (100% done)",
    ]  # fmt: skip
    assert done.stderr == "INFO: setting view to single Source\n"
    done = run(
        tmp_path, media, "-vv", "-o", "o.mov", "-t", "1-2", "-err-to-out", "-codec", "mpeg4"
    )  # fmt: skip
    assert [line for line in done.stdout.splitlines() if "output" in line or "range" in line] == [
        "INFO: output compressor mpeg4", "INFO: output codec mpeg4", "INFO: output quality 0.9",
        "INFO: override time range 1-2, (2 frames)",
    ]  # fmt: skip
    assert "INFO: MovieFFMpeg: Writing frame 2 (100% done)" in done.stdout
    assert "INFO: setting view to single Source" in done.stdout and not done.stderr


def test_one_picture_is_the_first(tmp_path: Path) -> None:
    done = run(tmp_path, "black,start=1,end=4,width=8,height=8.movieproc", "-o", "o.png")
    assert done.returncode == 0, done.stderr
    assert written(tmp_path) == ["o.png"]


def test_nothing_is_written_to_null(tmp_path: Path) -> None:
    done = run(tmp_path, "black,start=1,end=4,width=8,height=8.movieproc", "-v", "-o", "o.null")
    assert done.returncode == 0, done.stderr
    assert "writing frame 4 (100% done)" in done.stdout and not written(tmp_path)


def test_a_session_is_written(tmp_path: Path) -> None:
    media = "black,start=1,end=4,width=8,height=8.movieproc"
    done = run(tmp_path, media, "-exposure", "2", "-overlay", "matte", "2", "1", "-o", "o.rv")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "INFO: writing session: o.rv\n"
    assert '"-overlay" and "-leader" ignored when outputting session' in done.stderr
    assert "exposure = [ [ 2 2 2 ] ]" in (tmp_path / "o.rv").read_text()
    done = run(tmp_path, "o.rv", "-o", "o.#.png")
    assert done.returncode == 0, done.stderr
    assert len(written(tmp_path)) == 5


def test_the_init_script_runs(tmp_path: Path) -> None:
    (tmp_path / "rviorc.mu").write_text(
        'print("from the top\\n"); \\: initialize (object;) { print("begun\\n"); nil; }'
    )
    media = "black,start=1,end=1,width=8,height=8.movieproc"
    done = run(tmp_path, media, "-init", "rviorc.mu", "-o", "o.png")
    assert done.returncode == 0 and "begun" in done.stdout + done.stderr, done.stderr


def test_sound_alone(tmp_path: Path) -> None:
    import av
    import numpy as np

    media = "solid,start=1,end=24,audio=sine,freq=500,width=8,height=8.movieproc"
    for name, codec in (("o.wav", "pcm_s16le"), ("o.aiff", "pcm_s16be"), ("o.flac", "flac")):
        done = run(tmp_path, media, "-o", name, "-audiorate", "24000", "-audiochannels", "1")
        assert done.returncode == 0, done.stderr
        with av.open(str(tmp_path / name)) as file:
            stream = file.streams.audio[0]
            assert (stream.codec_context.name, stream.rate) == (codec, 24000)
            heard = np.concatenate([f.to_ndarray().reshape(-1) for f in file.decode(stream)])
        assert len(heard) == 24000
        peak = int(np.argmax(np.abs(np.fft.rfft(heard.astype(float)))))
        assert abs(peak - 500) <= 1


def test_other_movies(tmp_path: Path) -> None:
    import av

    media = "smptebars,start=1,end=6,width=64,height=48,audio=sine.movieproc"
    wanted = {
        "gif": ("gif", ""), "flv": ("flv", "aac"), "qt": ("mjpeg", "pcm_s16be"),
        "ts": ("mpeg2", "mp2"), "wmv": ("mjpeg", "wmav2"), "3gp": ("mpeg4", "aac"),
        "y4m": ("rawvideo", ""),
    }  # fmt: skip
    for extension, (codec, sound) in wanted.items():
        name = f"o.{extension}"
        done = run(tmp_path, media, "-o", name)
        assert done.returncode == 0, done.stderr
        with av.open(str(tmp_path / name)) as file:
            stream = file.streams.video[0]
            assert stream.codec_context.name.startswith(codec)
            assert [s.codec_context.name[: len(sound)] for s in file.streams.audio] == (
                [sound] if sound else []
            )
            assert sum(1 for _ in file.decode(stream)) == 6


def test_an_unknown_view_is_not_another_one(tmp_path: Path) -> None:
    """As with rvio, whose words the errors have."""
    done = run(tmp_path, BARS, "-view", "nope", "-o", "o.png")
    assert done.returncode == 255 and written(tmp_path) == []
    assert 'ERROR: view not found "nope"' in done.stderr
    done = run(tmp_path, BARS, "-o", "o.xyz")
    assert done.returncode == 255 and "ERROR: -o o.xyz: .xyz is not a format" in done.stderr


def test_a_movie_of_nothing_is_not_written(tmp_path: Path) -> None:
    done = run(tmp_path, "nope.exr", "-o", "o.mov")
    assert done.returncode == 254 and written(tmp_path) == []


def test_the_eyes_side_by_side(tmp_path: Path) -> None:
    eyes = [
        f"solid,red={r},blue={1 - r},width=64,height=36,start=1,end=1.movieproc" for r in (1, 0)
    ]
    done = run(tmp_path, "[", *eyes, "]", "-outstereo", "hsqueezed", "-o", "o.png")
    assert (done.returncode, written(tmp_path)) == (0, ["o.png"]), done.stderr
    pixels = oiio.ImageInput.open(str(tmp_path / "o.png")).read_image("uint8")
    assert pixels.shape[:2] == (36, 64)
    assert tuple(pixels[18, 10, :3]) == (255, 0, 0) and tuple(pixels[18, 50, :3]) == (0, 0, 255)
