"""`player --export OUT.mov` and `player-rvio -o OUT.mov`: movies that are read back."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

av = pytest.importorskip("av")

from tests.audio.making import write_movie, write_sound  # noqa: E402
from tests.playback.test_export import begun, interrupted, read, run, write  # noqa: E402
from tests.players import REPO  # noqa: E402

FRAMES = 12
BLOCK = 40
FINE = 2 | 8192 | 262144  # read back with rounding
REC709, LIMITED, FULL = 1, 1, 2


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`s.0001.exr` to `s.0012.exr`, 7 x 5 blocks of colours with the frame's grey in front, and
    what the pictures of the export are, `w.0001.png` to `w.0012.png`."""
    folder = tmp_path_factory.mktemp("shots")
    rng = np.random.default_rng(4)
    blocks = rng.random((5, 7, 3)).astype(np.float32)
    for n in range(1, FRAMES + 1):
        blocks[0, 0] = n / 16
        pixels = np.repeat(np.repeat(blocks, BLOCK, 0), BLOCK, 1)
        write(folder / f"s.{n:04d}.exr", pixels.astype(np.float16), "half")
    done = run("s.#.exr", "-sRGB", "--export", "w.####.png", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def rvio(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "player.rvio", *words], cwd=cwd, capture_output=True, text=True,
        timeout=100, env={"PYTHONPATH": str(REPO), "PATH": "/usr/bin:/bin", "HOME": str(cwd)},
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def seen(path: Path) -> tuple[Any, list[np.ndarray]]:
    """The stream of pictures, closed, and the middles of the blocks of each, 0 to 255."""
    pictures = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        for frame in container.decode(stream):
            rgb = frame.to_ndarray(
                format="rgb24", src_colorspace=frame.colorspace, interpolation=FINE
            )
            pictures.append(rgb[BLOCK // 2 :: BLOCK, BLOCK // 2 :: BLOCK].astype(int))
        return stream, pictures


def heard(path: Path) -> tuple[Any, np.ndarray]:
    """The stream of sound, and its samples, of one channel, from the movie's beginning."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler("flt", "mono", stream.codec_context.sample_rate)
        parts = []
        for frame in container.decode(stream):
            if frame.pts is not None and frame.pts < 0:
                continue  # what an encoder needs before it is right
            parts += [piece.to_ndarray().reshape(-1) for piece in resampler.resample(frame)]
        return stream, np.concatenate(parts)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("o"))


@pytest.mark.parametrize(
    ("name", "words", "codec", "pixels", "off"),
    [
        ("h.mp4", (), "h264", "yuv420p", 6),
        ("p.mov", ("--codec", "prores_ks"), "prores", "yuv422p10le", 3),
        ("d.mov", ("--codec", "dnxhd", "--outparams", "pix_fmt=yuv422p10le"), "dnxhd",
         "yuv422p10le", 3),
        ("q.mov", ("--codec", "qtrle"), "qtrle", "rgb24", 0),
        ("f.mkv", ("--codec", "ffv1", "--outparams", "pix_fmt=yuv444p10le"), "ffv1",
         "yuv444p10le", 1),
        ("v.webm", ("--quality", "0.9"), "vp9", "yuv420p", 8),
        ("a.avi", ("--outparams", "vcc:qmin=1", "vcc:qmax=1"), "mpeg4", "yuv420p", 8),
        ("x.mxf", ("--outparams", "vcc:qmin=1", "vcc:qmax=1"), "mpeg2video", "yuv420p", 8),
    ],
)  # fmt: skip
def test_pictures_come_back(
    shots: Path, name: str, words: tuple[str, ...], codec: str, pixels: str, off: int
) -> None:
    done = run("s.#.exr", "-sRGB", *words, "--export", f"o{name}", cwd=shots)
    assert done.returncode == 0, done.stderr
    assert "exported 12/12" in done.stderr and "WARNING" not in done.stderr
    stream, pictures = seen(shots / f"o{name}")
    context = stream.codec_context
    assert (context.name, context.pix_fmt) == (codec, pixels)
    assert len(pictures) == FRAMES and stream.average_rate == 24
    assert (context.width, context.height) == (280, 200)
    if pixels != "rgb24" and codec != "mpeg4":
        assert (context.colorspace, context.color_range) == (REC709, LIMITED)
    in_frames = codec == "prores" and not hasattr(av.VideoFrame, "color_primaries")
    if pixels != "rgb24" and codec != "mpeg4" and not in_frames:
        assert (context.color_primaries, context.color_trc) == (REC709, REC709)
    for n, got in enumerate(pictures, 1):
        whole = read(shots / f"w.{n:04d}.png", "uint8")[..., :3].astype(int)
        assert np.abs(got - whole[BLOCK // 2 :: BLOCK, BLOCK // 2 :: BLOCK]).max() <= off, n
    assert not [other for other in names(shots) if "part" in other]


def test_some_frames_an_odd_size_and_a_quick_start(shots: Path) -> None:
    done = run(
        "s.#.exr", "-sRGB", "--size", "101x79", "--frames", "3-9x2", "--outpa", "4:3",
        "--export", "odd.mov", cwd=shots,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    stream, pictures = seen(shots / "odd.mov")
    assert (stream.width, stream.height, len(pictures)) == (102, 80, 4)
    assert stream.codec_context.sample_aspect_ratio * 3 == 4
    file = (shots / "odd.mov").read_bytes()
    assert 0 < file.index(b"moov") < file.index(b"mdat")


def beeping(path: Path, at: float, seconds: float = 3.0) -> str:
    """A movie of 24 fps, silent but for a tenth of a second of 1 kHz."""
    time = np.arange(int(seconds * 48000)) / 48000
    sound = np.where((time >= at) & (time < at + 0.1), np.sin(6283.185 * (time - at)), 0) * 0.5
    samples = np.stack([sound, sound]).astype(np.float32)
    return write_movie(path, samples, int(seconds * 24), fps=24)


def onset(samples: np.ndarray, rate: int) -> float:
    return float(np.flatnonzero(np.abs(samples) > 0.05)[0] / rate)


@pytest.mark.parametrize(
    ("name", "words", "at", "length", "codec"),
    [
        ("o.mov", (), 1.5, 3.0, "pcm_s16le"),
        ("o.mp4", (), 1.5, 3.0, "aac"),
        ("o.mkv", ("--audiocodec", "flac", "--audiochannels", "1"), 1.5, 3.0, "flac"),
        ("o.webm", (), 1.5, 3.0, "opus"),
        ("o.mov", ("--frames", "25-48"), 0.5, 1.0, "pcm_s16le"),
        ("o.mov", ("--frames", "1-12,31-60"), 0.75, 1.75, "pcm_s16le"),
        ("o.mov", ("--outfps", "48", "-audioRate", "44100"), 0.75, 1.5, "pcm_s16le"),
    ],
)
def test_sound_is_in_step(
    tmp_path: Path, name: str, words: tuple[str, ...], at: float, length: float, codec: str
) -> None:
    beeping(tmp_path / "m.mov", 1.5)
    done = run("m.mov", *words, "--export", name, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    stream, samples = heard(tmp_path / name)
    rate = 44100 if "44100" in words else 48000
    assert (stream.codec_context.name, stream.codec_context.sample_rate) == (codec, rate)
    assert stream.codec_context.channels == (1 if "1" in words else 2)
    stretched = 0.03 if "--outfps" in words else 0.004
    assert abs(onset(samples, rate) - at) < stretched
    assert abs(len(samples) / rate - length) < 0.05
    video, pictures = seen(tmp_path / name)
    assert len(pictures) == round(length * float(video.average_rate))


def test_no_sound_where_there_is_none_or_none_is_wanted(tmp_path: Path, shots: Path) -> None:
    beeping(tmp_path / "m.mov", 0.5, 1.0)
    assert run("m.mov", "-noaudio", "--export", "o.mp4", cwd=tmp_path).returncode == 0
    with av.open(str(tmp_path / "o.mp4")) as container:
        assert not container.streams.audio and len(container.streams.video) == 1
    done = run("s.#.exr", "--frames", "1-2", "--export", "osilent.mov", cwd=shots)
    assert done.returncode == 0, done.stderr
    with av.open(str(shots / "osilent.mov")) as container:
        assert not container.streams.audio


def test_a_sequence_with_a_sound_file(tmp_path: Path, shots: Path) -> None:
    """As `rvio [ in.#.exr sound.wav ] -o out.mov` is written; RV's codecs."""
    samples = np.zeros((2, 24000), np.float32)
    samples[:, 12000:12100] = 0.5
    write_sound(tmp_path / "s.wav", samples)
    done = rvio("[", str(shots / "s.#.exr"), "s.wav", "]", "-o", "o.mov", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    stream, sound = heard(tmp_path / "o.mov")
    assert stream.codec_context.name == "pcm_s16be" and abs(onset(sound, 48000) - 0.25) < 0.001
    video, pictures = seen(tmp_path / "o.mov")
    assert video.codec_context.name == "mjpeg" and len(pictures) == FRAMES
    assert video.codec_context.color_range == FULL


def test_rvio_s_words(shots: Path) -> None:
    done = rvio(
        "s.#.exr", "-codec", "libx264", "-outfps", "29.97", "-quality", "0.2", "-outparams",
        "vc:preset=fast", "timecode=86400", "vc:nosuch=1", "other=2", "-comment", "over to you",
        "-copyright", "2026 me", "-o", "orv.mov", "-t", "2-5", cwd=shots,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    warnings = [line for line in done.stderr.splitlines() if line.startswith("WARNING")]
    assert warnings == [
        "WARNING: -outparams other: there is no such option",
        "WARNING: -outparams vc:nosuch: there is no such option",
    ]
    with av.open(str(shots / "orv.mov")) as container:
        video = container.streams.video[0]
        assert container.metadata["comment"] == "over to you"
        assert container.metadata["copyright"] == "2026 me"
        assert video.metadata["timecode"] == "00:48:00:00"
        assert video.frames == 4 and video.average_rate * 1001 == 30000


def test_quality_tells(shots: Path) -> None:
    sizes = []
    for quality in ("0.2", "1"):
        done = rvio("s.#.exr", "-quality", quality, "-o", "oq.mov", cwd=shots)
        assert done.returncode == 0, done.stderr
        sizes.append((shots / "oq.mov").stat().st_size)
    assert sizes[0] * 1.2 < sizes[1]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--codec", "nosuch", "--export", "on.mov"), "there are "),
        (("--codec", "nosuch", "--export", "on.mov"), "prores_ks"),
        (("--codec", "prores_ks", "--export", "on.webm"), ".webm cannot hold it (there can be "),
        (("--outparams", "pix_fmt=rgb24", "--codec", "libx264", "--export", "on.mov"),
         "libx264 does not take it (it takes yuv420p,"),
        (("--outparams", "vc:profile=nosuch", "--codec", "libx264", "--export", "on.mov"),
         "libx264 in .mov"),
        (("--codec", "dnxhd", "--size", "64x64", "--export", "on.mov"), "may not take 64x64, 24 "),
        (("--outpa", "x", "--export", "on.mov"), "-outpa x is no ratio"),
        (("--export", "on.####.mov"), "a movie is one file (--export on.mov)"),
        (("--export", "no/where/on.mov"), "no such folder"),
    ],
)  # fmt: skip
def test_bad_requests_are_one_line_each(shots: Path, words: tuple[str, ...], text: str) -> None:
    done = run("s.#.exr", *words, cwd=shots)
    assert done.returncode not in (0, -signal.SIGKILL)
    told = [line for line in done.stderr.splitlines() if line and not line.startswith("x264")]
    assert len(told) == 1 and text in told[0], done.stderr
    assert not [name for name in names(shots) if name.startswith("on")]


def test_a_frame_that_cannot_be_read_keeps_its_place(tmp_path: Path) -> None:
    for n in range(1, 7):
        write(tmp_path / f"s.{n:04d}.exr", np.full((32, 32, 3), n / 8, np.float16), "half")
    (tmp_path / "s.0003.exr").write_bytes(b"not a picture")
    done = run("s.#.exr", "--codec", "qtrle", "--export", "o.mov", cwd=tmp_path)
    assert done.returncode == 1
    assert "ERROR: frame 3:" in done.stderr and "1 of 6 frames" in done.stderr
    _, pictures = seen(tmp_path / "o.mov")
    assert [int(p[0, 0, 0]) for p in pictures][3:] == [188, 207, 225]


def test_ctrl_c_leaves_the_movie_that_was_there(tmp_path: Path) -> None:
    (tmp_path / "o.mov").write_bytes(b"before")
    media = "smptebars,start=1,end=99999,width=320,height=240.movieproc"
    with begun(media, "--export", "o.mov", cwd=tmp_path) as child:
        rest = interrupted(child, lambda: list(tmp_path.glob("o.*.part.mov")), "the movie")
    assert "interrupted: o.mov is not written" in rest and "Traceback" not in rest
    assert names(tmp_path) == ["o.mov"] and (tmp_path / "o.mov").read_bytes() == b"before"


@pytest.mark.parametrize("words", [("--codec", "qtrle"), ("--codec", "libx264")])
def test_a_disk_that_is_full(tmp_path: Path, words: tuple[str, ...]) -> None:
    media = "noise,start=1,end=40,width=256,height=256.movieproc"
    done = subprocess.run(
        [sys.executable, "-m", "player", media, *words, "--export", "o.mov"], cwd=tmp_path,
        capture_output=True, text=True, timeout=100, stdin=subprocess.DEVNULL,
        env={"PYTHONPATH": str(REPO), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path),
             "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000)),
    )  # fmt: skip
    assert done.returncode not in (0, -signal.SIGXFSZ), done.stderr
    assert "player: o.mov: File too large" in done.stderr and "Traceback" not in done.stderr
    assert names(tmp_path) == []


def test_ctrl_c_while_the_movie_is_begun_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from player.__main__ import main
    from player.daemon import exporting

    made = exporting.Movie

    def begin(*words: Any) -> Any:
        movie = made(*words)
        signal.raise_signal(signal.SIGINT)
        return movie

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(exporting, "Movie", begin)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        media = "smptebars,start=1,end=9,width=32,height=24.movieproc"
        assert main([media, "--export", "o.mov"]) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert list(tmp_path.iterdir()) == []
    assert "interrupted: o.mov is not written" in capsys.readouterr().err
