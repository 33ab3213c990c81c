"""Movies made here and read back: every frame is the one asked for, in its own colour."""

from __future__ import annotations

import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

av = pytest.importorskip("av")

from player.media import Picture, movielane, movies, open_media  # noqa: E402
from player.media.movielane import Lane, Lanes  # noqa: E402
from player.media.moviepicture import MoviePicture  # noqa: E402
from player.media.movies import MovieReader  # noqa: E402
from rvshell.errors import MediaError  # noqa: E402
from tests.waiting import until  # noqa: E402

Prepare = Callable[[Any, Any], None]


def write(
    path: Path, codec: str, pix: str, gop: int = 12, frames: int = 60, *, rate: Any = 24,
    options: dict[str, str] | None = None, prepare: Prepare | None = None,
    stamps: list[int] | None = None, format: str | None = None, step: int = 4,
    container_options: dict[str, str] | None = None,
) -> str:  # fmt: skip
    """A movie whose frame *n* is grey of *step* n (of 255)."""
    with av.open(str(path), "w", format=format, options=container_options or {}) as container:
        stream = container.add_stream(codec, rate=rate, options={"g": str(gop), **(options or {})})
        stream.width, stream.height, stream.pix_fmt = 64, 48, pix
        if stamps:
            stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        if prepare:
            prepare(container, stream)
        for n in range(frames):
            pixels = np.full((48, 64, 3), n * step, np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            if stamps:
                frame.pts, frame.time_base = stamps[n], Fraction(1, 1000)
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return str(path)


def grey(picture: Picture) -> float:
    value = float(picture.pixels[24, 32, 0])
    return value / (257 if picture.pixels.dtype == np.uint16 else 1)


ORDER = [int(n) for n in np.random.default_rng(3).integers(1, 61, 25)]

NTSC = Fraction(30000, 1001)
FINE = {"qmin": "1", "qmax": "2"}

#: name, codec, pixel format, frames between key frames, encoder options
KINDS: list[tuple[str, str, str, int, dict[str, str]]] = [
    ("a.mp4", "libx264", "yuv420p", 24, {}),
    ("b.mkv", "libx264", "yuv420p", 250, {"bf": "3"}),
    ("open.mp4", "libx264", "yuv420p", 10, {"bf": "3", "x264-params": "open-gop=1:keyint=10"}),
    ("open265.mp4", "libx265", "yuv420p", 10,
     {"x265-params": "open-gop=1:keyint=10:bframes=3:log-level=none"}),
    ("c.mov", "prores_ks", "yuv422p10le", 1, {}),
    ("d.avi", "mjpeg", "yuvj420p", 1, {}),
    ("e.webm", "libvpx", "yuv420p", 30, {}),
    ("e9.webm", "libvpx-vp9", "yuv420p", 30, {"crf": "5", "b": "0"}),
    ("f.mov", "qtrle", "argb", 1, {}),
    ("g.ts", "mpeg2video", "yuv420p", 15, {"bf": "2", **FINE}),
    ("h.avi", "mpeg4", "yuv420p", 20, {"bf": "2", **FINE}),
    ("i.mxf", "mpeg2video", "yuv422p", 12, FINE),
    ("j.y4m", "wrapped_avframe", "yuv444p", 1, {}),
    ("k.mkv", "ffv1", "yuv444p", 1, {}),
    ("k12.mkv", "ffv1", "yuv444p", 12, {}),
    ("f12.mov", "qtrle", "argb", 12, {}),
    ("l.nut", "rawvideo", "rgb24", 1, {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "codec", "pix", "gop", "options"), KINDS, ids=[k[0] for k in KINDS]
)
def test_any_frame_in_any_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, codec: str, pix: str, gop: int,
    options: dict[str, str],
) -> None:  # fmt: skip
    monkeypatch.setattr(movies, "_KEEP_BYTES", 0)  # every read goes to the file
    reader = MovieReader(write(tmp_path / name, codec, pix, gop, options=options))
    start = 0 if name.endswith(".mxf") else 1  # its time code says so
    assert (reader.facts.start, reader.facts.end, reader.facts.fps) == (start, start + 59, 24.0)
    for number, frame in enumerate([*ORDER, *range(60, 50, -1), *range(1, 12), 0, 99]):
        if number % 5 == 0:
            reader.rest()
        picture = reader.read(frame + start - 1)
        clamped = min(max(frame, 1), 60)
        assert picture.frame == clamped + start - 1 and not picture.problem
        assert abs(grey(picture) - (clamped - 1) * 4) <= 3, f"frame {frame}"
    reader.close()


@pytest.mark.parametrize("name", ["raw.h264", "raw.m4v"])
def test_streams_without_time_stamps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(movies, "_KEEP_BYTES", 0)
    codec = {"raw.h264": "libx264", "raw.m4v": "mpeg4"}[name]
    reader = MovieReader(write(tmp_path / name, codec, "yuv420p", options={"bf": "0"}))
    assert reader.facts.end == 60
    for frame in (1, 30, 7, 60, 59, 12, 13):
        assert abs(grey(reader.read(frame)) - (frame - 1) * 4) <= 3, f"frame {frame}"
        if frame > 12:
            reader.rest()


#: milliseconds: a tenth and then half a second apart, irregular ones, and some closer than frames
VARIABLE = {
    "slowing": [100 * n for n in range(10)] + [1000 + 500 * n for n in range(10)],
    "irregular": [0, 40, 90, 250, 260, 400, 440, 900, 1500, 1540, 1580, 2000, 2500, 2540],
    "dense": [0, 100, 110, 120, 130, 300, 500, 505, 700, 1000, 1010, 1400],
}


@pytest.mark.parametrize("name", ["v.mkv", "v.mp4", "v.webm"])
@pytest.mark.parametrize("kind", list(VARIABLE))
def test_a_variable_rate_shows_what_is_due(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, kind: str
) -> None:
    """A picture belongs to the frame that its time is nearest to.  A frame shows the first that
    belongs to it, else the last that belongs to one before; whatever the order in which they are
    asked for."""
    monkeypatch.setattr(movies, "_KEEP_BYTES", 0)
    stamps = VARIABLE[kind]
    codec = "libvpx" if name.endswith("webm") else "libx264"
    path = write(tmp_path / name, codec, "yuv420p", 5, len(stamps), stamps=stamps, rate=10, step=12)
    reader = MovieReader(path)
    rate = reader.facts.fps
    belongs = [int(np.floor(stamp / 1000 * rate + 0.5)) for stamp in stamps]
    if name != "v.mp4":  # it counts its pictures, and so does RV
        assert reader.facts.end == belongs[-1] + 1
    ahead = list(range(1, reader.facts.end + 1))
    anyhow = [int(f) for f in np.random.default_rng(4).permutation(ahead)]
    for frame in [*ahead, *reversed(ahead), *anyhow]:
        if frame - 1 in belongs:
            due = belongs.index(frame - 1)
        else:
            due = max(n for n, index in enumerate(belongs) if index < frame - 1)
        assert round(grey(reader.read(frame)) / 12) == due, f"frame {frame}"


@pytest.mark.parametrize(("code", "rate", "first"), [
    ("01:00:00:00", 24, 86400), ("00:00:10:05", 25, 255), ("00:01:00;02", NTSC, 1800),
])  # fmt: skip
def test_the_time_code_numbers_the_frames(tmp_path: Path, code: str, rate: Any, first: int) -> None:
    def prepare(container: Any, stream: Any) -> None:
        stream.metadata["timecode"] = code

    reader = MovieReader(
        write(tmp_path / "t.mov", "libx264", "yuv420p", 12, 10, rate=rate, prepare=prepare)
    )
    assert (reader.facts.start, reader.facts.end) == (first, first + 9)
    assert abs(grey(reader.read(first + 4)) - 16) <= 3
    assert ("Timecode/Start", code) in reader.facts.attributes


# Frames are made with one thread: of several, FFmpeg's conversion to 10 bits writes over the first
# samples of a neighbour's row when the width is no multiple of 16.


def pattern_movie(
    path: Path, codec: str, pix: str, space: int = 0, full: int = 0,
    prepare: Prepare | None = None, options: dict[str, str] | None = None,
) -> tuple[str, Any]:  # fmt: skip
    """One smooth coloured frame, lossless; the planes that were stored."""
    yy, xx = np.mgrid[0:64, 0:96].astype(np.float32)
    rgb = np.stack([xx / 95, yy / 63, (xx + yy) / 158], -1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=24, options=options or {})
        stream.width, stream.height, stream.pix_fmt = 96, 64, pix
        context = stream.codec_context
        if space:
            context.colorspace = space
        if full:
            context.color_range = full
        if prepare:
            prepare(container, stream)
        source = av.VideoFrame.from_ndarray((rgb * 65535).astype(np.uint16), format="rgb48le")
        frame = source.reformat(
            format=pix, dst_colorspace=space or 1, dst_color_range=full or 1, threads=1
        )
        for n in range(3):
            frame.pts = n
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    planes = [np.frombuffer(p, np.uint8).reshape(-1, p.line_size)[: p.height] for p in frame.planes]
    return str(path), planes


KR_KB = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 9: (0.2627, 0.0593)}


def expected(planes: Any, bits: int, space: int, full: bool) -> Any:
    """RGB by the formula, from 4:4:4 planes; rows top-down."""
    kr, kb = KR_KB[space]
    kind = np.uint8 if bits == 8 else np.uint16
    y, u, v = (p.view(kind)[:, :96].astype(np.float64) / (1 << (bits - 8)) / 255 for p in planes)
    peak = ((1 << bits) - 1) / (255 << (bits - 8))
    if full:
        y, u, v = y / peak, (u - 128 / 255) / peak, (v - 128 / 255) / peak
    else:
        y = (y - 16 / 255) * 255 / 219
        u, v = ((c - 128 / 255) * 255 / 224 for c in (u, v))
    r = y + 2 * (1 - kr) * v
    b = y + 2 * (1 - kb) * u
    g = (y - kr * r - kb * b) / (1 - kr - kb)
    return np.clip(np.stack([r, g, b], -1), 0, 1)


@pytest.mark.parametrize("space", [1, 5, 9], ids=["709", "601", "2020"])
@pytest.mark.parametrize("full", [1, 2], ids=["video", "full"])
@pytest.mark.parametrize(("codec", "pix", "bits"), [
    ("libx264", "yuv444p", 8), ("libx264", "yuv444p10le", 10), ("libx265", "yuv444p12le", 12),
])  # fmt: skip
def test_matrix_and_range_are_the_files(
    tmp_path: Path, space: int, full: int, codec: str, pix: str, bits: int
) -> None:
    lossless = {"qp": "0"} if codec == "libx264" else {"x265-params": "lossless=1:log-level=none"}
    path, planes = pattern_movie(tmp_path / "c.mkv", codec, pix, space, full, options=lossless)
    reader = MovieReader(path)
    assert reader.facts.bits == (8 if bits == 8 else 16)
    picture = reader.read(1)
    deepest = 255 if bits == 8 else 65535
    got = picture.pixels[::-1].astype(np.float64) / deepest
    most = 1.01 if bits == 8 else 0.1  # white of 10 bits is white, not 254
    assert np.abs(got - expected(planes, bits, space, full == 2)).max() <= most / 255
    quick = picture.developed(quick=True).pixels[::-1, :, :3] / 255
    assert np.abs(quick - got).max() <= 5 / 255


def between(plane: Any, axis: int, count: int) -> Any:
    """*plane* in *count* lines along an axis, straight from one to the next, their centres even."""
    have = plane.shape[axis]
    place = np.clip((np.arange(count) + 0.5) * have / count - 0.5, 0, have - 1)
    first = np.floor(place).astype(int)
    share = np.expand_dims(place - first, 1 - axis)
    ahead = np.take(plane, np.minimum(first + 1, have - 1), axis)
    return np.take(plane, first, axis) * (1 - share) + ahead * share


@pytest.mark.parametrize(("pix", "bits"), [
    ("yuv420p10le", 10), ("yuv420p12le", 12), ("yuv422p10le", 10), ("yuv440p10le", 10),
    ("yuva420p10le", 10), ("yuv444p10le", 10),
])  # fmt: skip
def test_fewer_samples_of_deep_chroma(pix: str, bits: int) -> None:
    """Any colour beside any other; where there is less chroma, what lies between is shown."""
    rng = np.random.default_rng(5)
    frame = av.VideoFrame(96, 64, pix)
    planes = []
    for number, plane in enumerate(frame.planes):
        samples = np.frombuffer(plane, np.uint16).reshape(plane.height, -1)[:, : plane.width]
        low, high = (16, 235) if number in (0, 3) else (60, 190)
        samples[:] = rng.integers(low << (bits - 8), high << (bits - 8), samples.shape)
        planes.append(samples.astype(float) / (1 << (bits - 8)))
    y = (planes[0] - 16) / 219
    u, v = ((between(between(p, 0, 64), 1, 96) - 128) / 224 for p in planes[1:3])
    r, b = y + 2 * (1 - 0.2126) * v, y + 2 * (1 - 0.0722) * u
    rgb = np.stack([r, (y - 0.2126 * r - 0.0722 * b) / 0.7152, b], -1)
    names = ("R", "G", "B", "A")[: 4 if "a4" in pix else 3]
    target = ("rgba64le" if "a4" in pix else "rgb48le", np.uint16, names)
    got = (
        MoviePicture(
            frame, "h264", target, width=96, height=64, pixel_aspect=1.0, frame=1, attributes=()
        ).pixels[::-1]
        / 65535
    )
    assert np.abs(got[..., :3] - np.clip(rgb, 0, 1)).max() <= 0.4 / 255
    if "a4" in pix:
        assert np.abs(got[..., 3] - planes[3] / (1023 / 4)).max() <= 0.1 / 255


def test_a_file_that_names_no_matrix(tmp_path: Path) -> None:
    path, planes = pattern_movie(tmp_path / "n.mkv", "libx264", "yuv444p", options={"qp": "0"})
    got = MovieReader(path).read(1).pixels[::-1] / 255
    assert np.abs(got - expected(planes, 8, 1, False)).max() <= 1.01 / 255


@pytest.mark.parametrize(("name", "codec", "pix", "dtype"), [
    ("p.mov", "prores_ks", "yuva444p10le", np.uint16), ("q.mov", "qtrle", "argb", np.uint8),
])  # fmt: skip
def test_alpha(tmp_path: Path, name: str, codec: str, pix: str, dtype: Any) -> None:
    rgba = np.zeros((48, 64, 4), np.uint8)
    rgba[:24] = (200, 100, 50, 255)
    rgba[24:] = (200, 100, 50, 64)
    with av.open(str(tmp_path / name), "w") as container:
        stream = container.add_stream(codec, rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pix
        frame = av.VideoFrame.from_ndarray(rgba, format="rgba")
        for packet in stream.encode(frame.reformat(format=pix, dst_colorspace=1, threads=1)):
            container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    picture = MovieReader(str(tmp_path / name)).read(1)
    assert picture.channels == ("R", "G", "B", "A") and picture.pixels.dtype == dtype
    values = picture.pixels[::-1].astype(float) * 255 / np.iinfo(dtype).max
    np.testing.assert_allclose(values[4, 5], (200, 100, 50, 255), atol=3)
    np.testing.assert_allclose(values[40, 5], (200, 100, 50, 64), atol=3)
    assert not picture.premultiplied


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rotation_is_applied(tmp_path: Path, degrees: int) -> None:
    """A display matrix turns the picture counter-clockwise by its angle, as ffplay shows it."""

    def prepare(container: Any, stream: Any) -> None:
        stream.set_display_rotation(degrees)

    path, planes = pattern_movie(
        tmp_path / "r.mov", "libx264", "yuv444p", 1, 1, prepare, {"qp": "0"}
    )
    reader = MovieReader(path)
    picture = reader.read(1)
    turned = np.rot90(expected(planes, 8, 1, False), degrees // 90)
    assert (picture.width, picture.height) == (turned.shape[1], turned.shape[0])
    assert (reader.facts.width, reader.facts.height) == (picture.width, picture.height)
    assert np.abs(picture.pixels[::-1] / 255 - turned).max() <= 1.01 / 255


def test_pixel_aspect(tmp_path: Path) -> None:
    def prepare(container: Any, stream: Any) -> None:
        stream.codec_context.sample_aspect_ratio = Fraction(16, 11)

    path = write(tmp_path / "a.mp4", "libx264", "yuv420p", frames=3, prepare=prepare)
    assert open_media(path).facts.pixel_aspect == pytest.approx(16 / 11)


def test_a_palette_and_sound_without_pictures(tmp_path: Path) -> None:
    path = write(tmp_path / "g.gif", "gif", "rgb8", frames=10, rate=10)
    assert open_media(path).facts.width == 64
    with av.open(str(tmp_path / "s.wav"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=48000)
        frame = av.AudioFrame.from_ndarray(
            np.zeros((1, 96000), np.int16), format="s16", layout="stereo"
        )
        frame.sample_rate = 48000
        for packet in [*stream.encode(frame), *stream.encode()]:
            container.mux(packet)
    reader = open_media(str(tmp_path / "s.wav"))
    assert reader.read(5).blank and not reader.read(5).problem  # as it should be
    facts = reader.facts
    assert (facts.has_video, facts.has_audio, facts.audio_channels) == (False, True, 2)
    assert facts.audio_rate == 48000


def test_damage_costs_only_its_own_frames(tmp_path: Path) -> None:
    path = Path(write(tmp_path / "d.mkv", "mjpeg", "yuvj420p", 1))
    with av.open(str(path)) as container:
        places = [(p.pos, p.size) for p in container.demux(video=0) if p.size]
    data = bytearray(path.read_bytes())
    for position, size in places[20:23]:
        start = data.index(b"\xff\xd8", position)
        data[start : start + size - 20] = b"\0" * (size - 20)
    path.write_bytes(data)
    reader = MovieReader(str(path))
    for frame in (10, 20):
        assert not reader.read(frame).problem
    broken = reader.read(22)
    assert "frame 22 is damaged" in broken.problem and "\n" not in broken.problem
    assert abs(grey(broken) - 19 * 4) <= 3
    after = reader.read(40)
    assert not after.problem and abs(grey(after) - 39 * 4) <= 3


@pytest.mark.parametrize("content", [
    b"nothing of the kind" * 40, b"\0\0\0\x18ftypmp42" + b"\0" * 400,
    b"RIFF\xff\xff\xff\xffAVI LIST",
    b"\x1aE\xdf\xa3" + b"\xff" * 200,
])  # fmt: skip
def test_no_movie(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.mov"
    path.write_bytes(content)
    with pytest.raises(MediaError) as caught:
        open_media(str(path))
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "codec", "pix"), [
    ("f.mp4", "libx264", "yuv420p"), ("f.mkv", "mpeg4", "yuv420p"), ("f.avi", "mjpeg", "yuvj420p"),
    ("f.mov", "prores_ks", "yuv422p10le"),
])  # fmt: skip
def test_hostile_bytes_end_nothing(tmp_path: Path, name: str, codec: str, pix: str) -> None:
    """Every damaged copy gives pictures or one clear reason, and never anything else."""
    good = Path(write(tmp_path / name, codec, pix, 6, 12)).read_bytes()
    rng = np.random.default_rng(11)
    for round_ in range(12):
        data = bytearray(good)
        for at in rng.integers(0, len(data), 1 + 8 * round_):
            data[at] = int(rng.integers(0, 256))
        if round_ % 3 == 2:
            del data[int(rng.integers(8, len(data))) :]
        path = tmp_path / f"{round_}-{name}"
        path.write_bytes(data)
        try:
            reader = open_media(str(path))
            for frame in (1, reader.facts.end // 2, reader.facts.end, 3):
                picture = reader.read(frame)
                assert picture.pixels.ndim == 3
        except MediaError as error:
            assert "\n" not in str(error)


def test_pictures_hold_what_was_decoded(tmp_path: Path) -> None:
    """A frame costs what the decoder gave, not what it is shown as."""
    picture = MovieReader(write(tmp_path / "n.mp4", "libx264", "yuv420p", frames=5)).read(2)
    assert picture.nbytes < 64 * 48 * 3 * 1.5
    assert picture.with_problem("late").problem == "late"
    assert picture.developed().pixels.shape == (48, 64, 3)


def test_playing_backwards_decodes_a_group_once(tmp_path: Path) -> None:
    reader = MovieReader(write(tmp_path / "b.mp4", "libx264", "yuv420p", 20))
    reader.read(1)
    reader.take_passed()
    reader.read(40)
    passed = dict(reader.take_passed())
    assert set(range(22, 40)) <= set(passed)
    for frame in range(22, 40):
        assert abs(grey(passed[frame]) - (frame - 1) * 4) <= 3


def test_chapters_are_frames(tmp_path: Path) -> None:
    path = write(tmp_path / "c.mkv", "libx264", "yuv420p", frames=48)
    with av.open(path) as source, av.open(str(tmp_path / "d.mkv"), "w") as target:
        if not hasattr(target, "set_chapters"):
            pytest.skip("this PyAV writes no chapters")
        stream = target.add_stream_from_template(source.streams.video[0])
        ms = Fraction(1, 1000)
        target.set_chapters([
            {"id": 1, "start": 0, "end": 1000, "time_base": ms, "metadata": {"title": "one"}},
            {"id": 2, "start": 1000, "end": 2000, "time_base": ms, "metadata": {"title": "two"}},
        ])  # fmt: skip
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    found = [(c.title, c.start, c.end) for c in MovieReader(str(tmp_path / "d.mkv")).facts.chapters]
    assert found == [("one", 1, 24), ("two", 25, 48)]


def test_readers_are_served_in_the_order_of_asking(tmp_path: Path) -> None:
    lane = Lane(write(tmp_path / "o.mp4", "libx264", "yuv420p", frames=3))
    lanes = Lanes(lane)
    served: list[int] = []

    def ask(number: int) -> None:
        mine = lanes.take(number)
        assert mine is lane
        served.append(number)
        lanes.give(mine)

    threads = []
    assert lanes.take(0) is lane
    for number in range(8):
        threads.append(threading.Thread(target=ask, args=(number,)))
        threads[-1].start()
        until(lambda n=number: len(lanes._waiting) == n + 1)
    lanes.give(lane)
    for thread in threads:
        thread.join(60)
    assert served == list(range(8))


def test_who_waits_when_a_movie_is_closed_is_told(tmp_path: Path) -> None:
    reader = MovieReader(write(tmp_path / "o.mp4", "libx264", "yuv420p", frames=3))
    lane = reader._lanes.take(0)
    assert lane is not None
    reasons: list[str] = []

    def ask() -> None:
        try:
            reader.read(2)
        except MediaError as error:
            reasons.append(str(error))

    waiting = threading.Thread(target=ask)
    waiting.start()
    until(lambda: len(reader._lanes._waiting) == 1)
    reader.close()
    waiting.join(60)
    assert len(reasons) == 1 and "closed" in reasons[0]
    assert lane.decoder is not None  # still in somebody's hands
    reader._lanes.give(lane)
    assert lane.decoder is None


@pytest.mark.parametrize(("name", "codec", "pix", "lanes"), [
    ("a.mov", "mjpeg", "yuvj420p", 3), ("b.mov", "prores_ks", "yuv422p10le", 3),
    ("c.mp4", "libx264", "yuv420p", 1),
])  # fmt: skip
def test_frames_that_stand_alone_are_decoded_side_by_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, codec: str, pix: str, lanes: int
) -> None:
    monkeypatch.setattr(movielane.os, "cpu_count", lambda: 3)
    monkeypatch.setattr(movies, "_KEEP_BYTES", 0)
    reader = MovieReader(write(tmp_path / name, codec, pix))
    together = threading.Barrier(3)
    wrong: list[int] = []

    def read(first: int) -> None:
        together.wait(60)
        for frame in [*range(first, 61, 3), *ORDER]:
            if frame % 7 == 0:
                reader.rest()
            if abs(grey(reader.read(frame)) - (frame - 1) * 4) > 3:
                wrong.append(frame)

    held = [reader._lanes.take(0) for _ in range(lanes)]  # so that all of them are opened
    for lane in held:
        assert lane is not None
        reader._lanes.give(lane)
    threads = [threading.Thread(target=read, args=(n,)) for n in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not wrong
    assert len({id(lane) for lane in held}) == reader._lanes._open == lanes
    reader.close()


def test_one_decoder_is_enough_when_another_cannot_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(movielane.os, "cpu_count", lambda: 2)
    path = Path(write(tmp_path / "a.mov", "mjpeg", "yuvj420p"))
    reader = MovieReader(str(path))
    lane = reader._lanes.take(0)
    assert lane is not None
    path.unlink()
    got: list[Picture] = []
    waiting = threading.Thread(target=lambda: got.append(reader.read(7)))
    waiting.start()
    until(lambda: len(reader._lanes._waiting) == 1)
    reader._lanes.give(lane)
    waiting.join(60)
    assert abs(grey(got[0]) - 24) <= 3


@pytest.mark.parametrize(
    "pix", ["yuv420p10le", "yuv422p10le", "yuv444p12le", "yuva422p10le", "gbrp12le", "gbrap10le"]
)
def test_deep_frames_are_cut_to_bytes_while_playing(tmp_path: Path, pix: str) -> None:
    reader = MovieReader(write(tmp_path / "d.mkv", "ffv1", pix, frames=8))
    for frame in (8, 3):
        quick = reader.read(frame).developed(quick=True)
        assert quick.pixels.dtype == np.uint8 and quick.channels == ("R", "G", "B", "A")
        assert abs(float(quick.pixels[24, 32, 0]) - (frame - 1) * 4) <= 2
        assert reader.read(frame).developed().pixels.dtype == np.uint16


@pytest.mark.parametrize(
    "pix", ["yuv420p", "yuv422p10le", "yuvj444p", "rgb24", "yuva422p", "yuva444p12le", "gbrp10le"]
)
@pytest.mark.parametrize("size", [(64, 48), (62, 50), (1, 1), (130, 7)])
@pytest.mark.parametrize("step", [1, 2, 3, 16, 64])
def test_a_quick_picture_shown_smaller_takes_what_is_shown(
    pix: str, size: tuple[int, int], step: int
) -> None:
    """A slope from left to right and one from top to bottom, of which every n-th pixel is
    asked for."""
    width, height = size
    x = np.broadcast_to(np.linspace(0, 255, width)[None, :], (height, width))
    y = np.broadcast_to(np.linspace(255, 0, height)[:, None], (height, width))
    rgb = np.stack([x, x, x] if width > height else [y, y, y], -1).astype(np.uint8)
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24").reformat(
        format=pix, dst_colorspace="ITU709", threads=1
    )
    target = ("rgb24", np.uint8, ("R", "G", "B"))
    decoded = MoviePicture(
        frame, "h264", target, width=width, height=height, pixel_aspect=1.0, frame=1, attributes=()
    )
    quick = decoded.developed(quick=True)
    assert quick.stored == (height, width) == quick.pixels.shape[:2]
    thin = quick.thinned(step)
    rows, columns = thin.shape[:2]
    assert 1 <= rows <= height and 1 <= columns <= width
    if pix != "rgb24":
        assert (rows, columns) == (max(1, height // step), max(1, width // step))
    # each is what is stored there, to less than a step
    at_rows = ((np.arange(rows) + 0.5) * height / rows).astype(int)
    at_columns = ((np.arange(columns) + 0.5) * width / columns).astype(int)
    wanted = quick.pixels[at_rows][:, at_columns, :3].astype(int)
    slope = 255 / (max(width, height, 2) - 1)
    over = max(width - columns * step, height - rows * step, 0)
    off = np.abs(thin[..., :3].astype(int) - wanted).max()
    assert off <= 4 + slope * (min(step / 2 + over, step) + 1)  # chroma is half as fine


@pytest.mark.parametrize(
    "pix", ["yuv420p", "yuv422p", "yuva420p", "yuv420p10le", "yuva422p10le", "gbrp12le"]
)
@pytest.mark.parametrize("width", [2, 20, 66, 854])
def test_the_last_columns_of_a_quick_picture(pix: str, width: int) -> None:
    """FFmpeg's quickest conversion leaves out what is over after the columns it takes at once."""
    x = np.broadcast_to(np.linspace(40, 255, width)[None, :, None], (16, width, 3))
    frame = av.VideoFrame.from_ndarray(x.astype(np.uint8), format="rgb24").reformat(
        format=pix, dst_colorspace="ITU709", threads=1
    )
    target = ("rgb24", np.uint8, ("R", "G", "B"))
    decoded = MoviePicture(
        frame, "h264", target, width=width, height=16, pixel_aspect=1.0, frame=1, attributes=()
    )
    got = decoded.developed(quick=True).pixels
    assert got.shape == (16, width, 4)
    assert np.abs(got[..., :3].astype(int) - x).max() <= 4 + 2 * 215 / (width - 1)


def test_a_file_that_went_away_while_its_decoder_rested(tmp_path: Path) -> None:
    path = Path(write(tmp_path / "a.mp4", "libx264", "yuv420p"))
    reader = MovieReader(str(path))
    seen = reader.read(9)
    reader.rest()
    reader.rest()  # no more than once
    path.rename(tmp_path / "b.mp4")
    with pytest.raises(MediaError, match="frame 30 cannot be decoded"):
        reader.read(30)
    (tmp_path / "b.mp4").rename(path)
    assert abs(grey(reader.read(30)) - 116) <= 3
    assert abs(grey(seen) - 32) <= 3  # what is held stays
    reader.close()
    reader.rest()


@pytest.mark.parametrize("pix", ["yuv444p", "yuv444p10le", "yuva444p12le", "yuva422p10le"])
@pytest.mark.parametrize("size", [(3840, 2160), (3001, 1501)])
def test_a_very_large_picture_has_its_colours_and_alpha_while_playing(
    pix: str, size: tuple[int, int]
) -> None:
    """Chroma of every fourth pixel: as exact where colours change slowly."""
    width, height = size
    rgba = np.empty((height, width, 4), np.uint8)
    rgba[..., 0] = np.linspace(0, 255, width)[None, :]
    rgba[..., 1] = np.linspace(255, 0, height)[:, None]
    rgba[..., 2] = 128
    rgba[..., 3] = np.linspace(255, 100, height)[:, None]
    frame = av.VideoFrame.from_ndarray(rgba, format="rgba").reformat(
        format=pix, dst_colorspace="ITU709", threads=1
    )
    names = ("R", "G", "B", "A")
    quick = MoviePicture(
        frame, "prores", ("rgba64le", np.uint16, names), width=width, height=height,
        pixel_aspect=1.0, frame=1, attributes=(),
    ).developed(quick=True)  # fmt: skip
    got = quick.pixels[::-1]
    assert got.shape == (height, width, 4)
    off = np.abs(got.astype(np.int16) - rgba).reshape(-1, 4)
    assert off[:, :3].max() <= 7  # bits are cut off, and the quickest conversion does not round
    assert off[:, 3].max() <= (1 if "a" in pix else 155)
    if "a" not in pix:
        assert (got[..., 3] == 255).all()
