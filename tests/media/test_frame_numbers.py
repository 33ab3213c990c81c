"""Every frame of a movie is reachable and the right one, in any order: frames bear their number.

What `test_movies` tests with grey levels for each way of decoding, here for what there is of
containers and codecs, for times that are irregular, and for files that say too little or what is
wrong about their times.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

av = pytest.importorskip("av")

from player.media import moviedecode, movielane, movies  # noqa: E402
from player.media.movies import MovieReader  # noqa: E402
from tests.audio.making import tone, write_movie  # noqa: E402
from tests.media.test_movies import FINE, NTSC, write  # noqa: E402

COUNT = 45
SIZE = (96, 64)


def numbered(n: int, size: tuple[int, int] = SIZE) -> Any:
    """RGB (height, width, 3): six bits, black and white, in two rows of blocks, with some noise."""
    width, height = size
    bits = np.array([[n >> (3 * row + column) & 1 for column in range(3)] for row in range(2)])
    grey = np.where(bits, 225, 25).astype(np.uint8)
    grey = np.repeat(np.repeat(grey, height // 2, 0), width // 3, 1)
    grey = np.pad(grey, ((0, 0), (0, width % 3)), mode="edge")
    grey += np.random.default_rng(n).integers(0, 30, grey.shape, np.uint8)
    return np.ascontiguousarray(np.broadcast_to(grey[..., None], (height, width, 3)))


def number(pixels: Any) -> int:
    """The number that a picture (rows bottom-up) bears."""
    height, width = pixels.shape[:2]
    rows = [height * 3 // 4, height // 4]
    columns = [width * (2 * column + 1) // 6 for column in range(3)]
    half = np.iinfo(pixels.dtype).max / 2
    return sum(
        1 << (3 * row + column)
        for row, y in enumerate(rows)
        for column, x in enumerate(columns)
        if pixels[y, x, 1] > half
    )


def make(
    path: Path, codec: str, pix: str, options: dict[str, str] | None = None, *,
    stamps: Sequence[int] | None = None, ticks: int = 1000, rate: Any = 24,
    size: tuple[int, int] = SIZE, container_options: dict[str, str] | None = None,
    format: str | None = None,
) -> str:  # fmt: skip
    """A movie of numbered frames, at *stamps* (of which *ticks* make a second) or evenly."""
    with av.open(str(path), "w", format=format, options=container_options or {}) as container:
        stream = container.add_stream(codec, rate=rate, options=options or {})
        stream.width, stream.height, stream.pix_fmt = *size, pix
        if stamps is not None:
            stream.time_base = stream.codec_context.time_base = Fraction(1, ticks)
        for n in range(COUNT if stamps is None else len(stamps)):
            frame = av.VideoFrame.from_ndarray(numbered(n, size), format="rgb24")
            frame = frame.reformat(format=pix, threads=1)
            if stamps is not None:
                frame.pts, frame.time_base = stamps[n], Fraction(1, ticks)
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return str(path)


def shown(reader: MovieReader) -> list[int]:
    """The number of each frame, which is the same forwards, backwards and at random."""
    frames = range(reader.facts.start, reader.facts.end + 1)
    anyhow = [int(n) for n in np.random.default_rng(9).permutation(frames)]
    found: dict[int, int] = {}
    for frame in [*frames, *reversed(frames), *anyhow]:
        picture = reader.read(frame)
        assert not picture.problem and picture.frame == frame
        n = number(picture.pixels)
        assert found.setdefault(frame, n) == n, f"frame {frame} is {found[frame]} and {n}"
    return [found[frame] for frame in frames]


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every read goes to the decoder."""
    monkeypatch.setattr(movies, "_KEEP_BYTES", 0)


X264 = {"preset": "ultrafast", "bf": "2", "g": "12"}
X265 = {"x265-params": "keyint=12:bframes=3:log-level=none"}
PAL, LARGER = (720, 576), (288, 128)
#: name, codec, pixel format, options
KINDS: list[tuple[str, str, str, dict[str, str]]] = [
    ("gop.mov", "libx264", "yuv420p", X264),
    ("gop.m4v", "libx264", "yuv420p", X264),
    ("gop.3gp", "libx264", "yuv420p", X264),
    ("gop.ts", "libx264", "yuv420p", X264),
    ("gop.flv", "libx264", "yuv420p", X264),
    ("gop.avi", "libx264", "yuv420p", X264),  # numbers its frames as they are decoded
    ("gop.asf", "libx264", "yuv420p", X264),  # so does this
    ("gop.mxf", "libx264", "yuv422p10le", X264),
    ("pieces.mp4", "libx264", "yuv420p", X264),
    ("ten.mp4", "libx264", "yuv420p10le", X264),
    ("refresh.mp4", "libx264", "yuv420p", {"x264-params": "intra-refresh=1:keyint=12"}),
    ("ten.mov", "libx265", "yuv420p10le", X265),
    ("av1.mp4", "libsvtav1", "yuv420p", {"preset": "12", "g": "15"}),
    ("av1.webm", "libsvtav1", "yuv420p", {"preset": "12", "g": "15"}),
    ("vp9.mp4", "libvpx-vp9", "yuv420p", {"g": "15", "deadline": "realtime", "cpu-used": "8"}),
    ("4444.mov", "prores_ks", "yuva444p10le", {}),
    ("dnxhr.mov", "dnxhd", "yuv422p", {"profile": "dnxhr_hq"}),
    ("dnxhr.mxf", "dnxhd", "yuv422p", {"profile": "dnxhr_hq"}),
    ("png.mov", "png", "rgb24", {}),
    ("v210.mov", "v210", "yuv422p10le", {}),
    ("raw.mov", "rawvideo", "uyvy422", {}),
    ("raw.avi", "rawvideo", "yuv420p", {}),
    ("ten.mkv", "ffv1", "yuv422p10le", {}),
    ("twelve.mkv", "ffv1", "yuv444p12le", {"g": "12"}),
    ("gop.mpg", "mpeg2video", "yuv420p", {"bf": "2", "g": "12", **FINE}),
    ("gop.vob", "mpeg2video", "yuv420p", {"bf": "2", "g": "12", **FINE}),
    ("sif.ts", "mpeg1video", "yuv420p", {"bf": "2", "g": "12", **FINE}),
    ("plain.m1v", "mpeg1video", "yuv420p", {"bf": "2", "g": "12", **FINE}),
    ("bare.m4v", "mpeg4", "yuv420p", {"bf": "2", "g": "12", **FINE}),
    ("plain.m2v", "mpeg2video", "yuv420p", {"bf": "2", "g": "12", **FINE}),
    ("w.wmv", "wmv2", "yuv420p", {"g": "12", **FINE}),
    ("sorenson.flv", "flv", "yuv420p", {"g": "12", **FINE}),
    ("cfhd.mov", "cfhd", "yuv422p10le", {}),
    ("j2k.mov", "jpeg2000", "yuv420p", {}),
    ("huff.avi", "huffyuv", "yuv422p", {}),
    ("ut.avi", "utvideo", "yuv420p", {}),
    ("moving.apng", "apng", "rgb24", {}),
    ("five.dv", "dvvideo", "yuv420p", {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "codec", "pix", "options"), KINDS, ids=[k[0] for k in KINDS])
def test_all_frames(
    tmp_path: Path, name: str, codec: str, pix: str, options: dict[str, str]
) -> None:
    dv = codec == "dvvideo"
    rate, size = (25, PAL) if dv else (24, LARGER if codec == "dnxhd" else SIZE)
    fragments = {"movflags": "frag_keyframe+empty_moov"} if name == "pieces.mp4" else None
    path = tmp_path / name
    bare = "m4v" if name == "bare.m4v" else None
    make(path, codec, pix, options, rate=rate, size=size, container_options=fragments, format=bare)
    reader = MovieReader(str(path))
    assert reader.facts.fps == rate
    assert shown(reader) == list(range(COUNT))
    reader.close()


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), NTSC, Fraction(60000, 1001), 120, 1])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_all_frames_at_any_rate(tmp_path: Path, name: str, rate: Any) -> None:
    """Matroska's times are whole milliseconds."""
    reader = MovieReader(make(tmp_path / name, "libx264", "yuv420p", X264, rate=rate))
    assert reader.facts.fps == pytest.approx(float(rate), rel=1e-4)
    assert shown(reader) == list(range(COUNT))


#: ticks of 1/600 second: late or early by up to a third of a frame, and some left out
JITTER = [25 * n + (0, 7, -6, 3, -8)[n % 5] for n in range(COUNT)]
DROPPED = [25 * n for n in range(COUNT + 11) if n % 5 != 3][:COUNT]


@pytest.mark.parametrize("stamps", [JITTER, DROPPED], ids=["jitter", "dropped"])
@pytest.mark.parametrize(("name", "codec", "options"), [
    ("a.mp4", "libx264", X264), ("a.mov", "libx264", {**X264, "bf": "0"}), ("b.mov", "mjpeg", {}),
])  # fmt: skip
def test_frames_that_come_a_little_irregularly_each_have_their_own_number(
    tmp_path: Path, name: str, codec: str, options: dict[str, str], stamps: list[int]
) -> None:
    """A telephone's movie: at its mean rate some frames would be shown twice and some never."""
    pix = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    reader = MovieReader(make(tmp_path / name, codec, pix, options, stamps=stamps, ticks=600))
    assert shown(reader) == list(range(COUNT))


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv"])
def test_a_last_frame_that_comes_late_is_in_the_range(tmp_path: Path, name: str) -> None:
    """With B frames, an index of decoding times knows nothing of it."""
    stamps = [25 * n for n in range(COUNT - 1)] + [25 * COUNT + 200]
    path = make(tmp_path / name, "libx264", "yuv420p", X264, stamps=stamps, ticks=600)
    found = shown(MovieReader(path))
    assert found[: COUNT - 1] == list(range(COUNT - 1)) and found[-1] == COUNT - 1
    assert set(found) == set(range(COUNT))


@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
@pytest.mark.parametrize("codec", ["libx264", "mjpeg"])
def test_what_an_edit_list_cuts_off_is_not_shown(tmp_path: Path, name: str, codec: str) -> None:
    """Frames in front of time 0."""
    stamps = [25 * (n - 8) for n in range(COUNT)]
    path = make(
        tmp_path / name, codec, "yuv420p" if codec == "libx264" else "yuvj420p",
        X264 if codec == "libx264" else {}, stamps=stamps, ticks=600,
        container_options={"avoid_negative_ts": "disabled"},
    )  # fmt: skip
    assert shown(MovieReader(path)) == list(range(8, COUNT))


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_a_cut_between_two_frames_adds_none_at_the_end(tmp_path: Path, codec: str) -> None:
    """The edit list of what was cut without encoding it anew begins and ends within a frame."""
    options = X264 if codec == "libx264" else X265
    path = make(
        tmp_path / "a.mp4", codec, "yuv420p", options, ticks=600,
        stamps=[25 * n - 180 for n in range(COUNT)],
        container_options={"avoid_negative_ts": "disabled"},
    )  # fmt: skip
    assert shown(MovieReader(path)) == list(range(8, COUNT))


def test_frames_in_front_of_the_first_key_frame_are_not_counted(tmp_path: Path) -> None:
    """A copy that begins with an open group of pictures: its first B frames lack one to go by."""
    options = {"bf": "2", "g": "12", **FINE}
    whole = make(tmp_path / "whole.mxf", "mpeg2video", "yuv422p", options)
    path = str(tmp_path / "cut.mxf")
    with av.open(whole) as source, av.open(path, "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        packets = [p for p in source.demux(video=0) if p.size]
        second = [n for n, p in enumerate(packets) if p.is_keyframe][1]
        for packet in packets[second:]:
            packet.dts -= packets[second].pts - 2
            packet.pts -= packets[second].pts - 2
            packet.stream = stream
            target.mux(packet)
        first = second + packets[second].pts - packets[second].dts - 1
    found = shown(MovieReader(path))
    assert found == list(range(found[0], COUNT)) and found[0] >= first > 0


@pytest.mark.parametrize(("name", "bf"), [("a.mpg", "0"), ("a.vob", "2")])
def test_many_frames_in_one_packet_of_a_program_stream(tmp_path: Path, name: str, bf: str) -> None:
    """One of them has a time, and what FFmpeg guesses of the others is one off now and then."""
    options = {"bf": bf, "g": "15", "qmin": "20", "qmax": "20"}
    path = make(tmp_path / name, "mpeg2video", "yuv420p", options, stamps=range(120), ticks=24)
    assert shown(MovieReader(path)) == [n % 64 for n in range(120)]


def test_a_larger_program_stream_is_sought_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the first frames after a seek have the times of their neighbours."""
    monkeypatch.setattr(moviedecode, "_TINY", 0)
    path = make(tmp_path / "a.vob", "mpeg2video", "yuv420p", {"bf": "2", "g": "12", **FINE})
    reader = MovieReader(path)
    assert shown(reader) == list(range(COUNT))


@pytest.mark.parametrize("codec", ["h261", "h263"])
def test_bare_streams_whose_times_are_made_up(tmp_path: Path, codec: str) -> None:
    path = make(tmp_path / f"a.{codec}", codec, "yuv420p", FINE, size=(176, 144))
    assert shown(MovieReader(path)) == list(range(COUNT))


def test_packed_b_frames(tmp_path: Path) -> None:
    """As DivX has them in AVI: a B frame in the packet of the frame after it, and then a packet
    that is none."""
    options = {"bf": "1", "g": "12", "b_strategy": "0", **FINE}
    plain = make(tmp_path / "plain.avi", "mpeg4", "yuv420p", options)
    path = str(tmp_path / "packed.avi")
    with av.open(plain) as source, av.open(path, "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        coded = [bytes(p) for p in source.demux(video=0) if p.size]
        is_b = [data[data.index(b"\0\0\1\xb6") + 4] >> 6 == 2 for data in coded]
        packed = [b"\0\0\1\xb2DivX503b1393p" + coded[0]]
        for data, b in zip(coded[1:], is_b[1:], strict=True):
            if not b:
                packed.append(data)
            else:
                packed[-1] += data
                packed.append(b"\0\0\1\xb6\x50\x00")
        assert sum(is_b) > 10
        for n, data in enumerate(packed):
            packet = av.Packet(data)
            packet.stream, packet.time_base = stream, Fraction(1, 24)
            packet.pts = packet.dts = n
            packet.is_keyframe = n == 0
            target.mux(packet)
    assert shown(MovieReader(path)) == list(range(COUNT))


@pytest.mark.parametrize("frames", [1, 2])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi"])
def test_a_movie_of_a_frame_or_two(tmp_path: Path, name: str, frames: int) -> None:
    stamps = range(frames)
    path = make(tmp_path / name, "mpeg4", "yuv420p", FINE, stamps=stamps, ticks=24)
    assert shown(MovieReader(path)) == list(range(frames))


@pytest.mark.parametrize("name", ["a.mkv", "a.flv", "a.mp4", "a.avi", "a.ts"])
def test_sound_that_goes_on_adds_no_frames(tmp_path: Path, name: str) -> None:
    codec = {"a.ts": "mp2", "a.mp4": "aac", "a.flv": "aac"}.get(name, "pcm_s16le")
    if name == "a.flv":
        pytest.importorskip("av")
    path = tmp_path / name
    if name == "a.flv":
        with av.open(write_movie(tmp_path / "s.mkv", tone(4, 48000), 48)) as source:
            remake(source, path)
    else:
        write_movie(path, tone(4, 48000), 48, codec=codec)
    facts = MovieReader(str(path)).facts
    assert facts.end - facts.start + 1 == 48 and facts.has_audio


def remake(source: Any, path: Path) -> None:
    """The same pictures and sound as Flash video has them."""
    with av.open(str(path), "w") as target:
        video, sound = target.add_stream("flv", rate=24), target.add_stream("aac", rate=48000)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        for frame in source.decode(video=0, audio=0):
            stream = video if isinstance(frame, av.VideoFrame) else sound
            for packet in stream.encode(frame):
                target.mux(packet)
        for stream in (video, sound):
            for packet in stream.encode():
                target.mux(packet)


@pytest.mark.parametrize(("offset", "start"), [(0, 1), (0.2, 5), (1.5, 36)])
def test_a_file_whose_time_begins_later_begins_at_that_frame(
    tmp_path: Path, offset: float, start: int
) -> None:
    """As RV: seconds times frames a second, but at least 1."""
    stamps = [round(600 * offset) + 25 * n for n in range(COUNT)]
    options = {"avoid_negative_ts": "disabled"}
    path = make(
        tmp_path / "a.mkv", "mpeg4", "yuv420p", {"g": "12", **FINE}, stamps=stamps, ticks=600,
        container_options=options,
    )  # fmt: skip
    reader = MovieReader(path)
    assert (reader.facts.start, reader.facts.end) == (start, start + COUNT - 1)
    assert shown(reader) == list(range(COUNT))


@pytest.mark.parametrize(("code", "rate", "first"), [
    ("01:00:00:00", Fraction(24000, 1001), 86_400), ("01:00:00;00", NTSC, 107_892),
    ("01:00:00.00", NTSC, 107_892), ("00:10:00;00", NTSC, 17_982), ("00:09:59;29", NTSC, 17_981),
    ("00:01:00;04", Fraction(60000, 1001), 3600), ("10:00:00:00", 25, 900_000),
])  # fmt: skip
def test_time_codes(tmp_path: Path, code: str, rate: Any, first: int) -> None:
    def prepare(container: Any, stream: Any) -> None:
        stream.metadata["timecode"] = code

    path = write(tmp_path / "t.mov", "mpeg4", "yuv420p", 12, 5, rate=rate, prepare=prepare)
    assert MovieReader(path).facts.start == first


@pytest.mark.parametrize(("name", "codec", "pix", "kind"), [
    ("a.mp4", "libx264", "yuv420p", "AUTO"), ("a.mkv", "libvpx-vp9", "yuv420p", "AUTO"),
    ("a.mov", "libx265", "yuv420p", "AUTO"), ("a.mpg", "mpeg2video", "yuv420p", "AUTO"),
    ("b.mov", "prores_ks", "yuv422p10le", "SLICE"), ("b.mkv", "ffv1", "yuv420p", "SLICE"),
    ("c.mov", "mjpeg", "yuvj420p", "SLICE"),
])  # fmt: skip
def test_frames_are_decoded_by_several_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, codec: str, pix: str, kind: str
) -> None:
    """Frames side by side where they depend on each other, slices of one where they do not."""
    monkeypatch.setattr(movielane.os, "cpu_count", lambda: 4)
    reader = MovieReader(make(tmp_path / name, codec, pix, {"g": "12"}))
    lane = reader._lanes.take(0)
    assert lane is not None
    context = lane.stream.codec_context
    # FFmpeg's MJPEG knows neither: its frames are decoded side by side by several decoders
    count = {"AUTO": 5, "SLICE": 1 if codec == "mjpeg" else 4}[kind]
    assert (context.thread_type.name, context.thread_count) == (kind, count)
    reader._lanes.give(lane)
    reader.close()


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_changed_bytes_in_the_middle_cost_their_own_group(tmp_path: Path, name: str) -> None:
    """The groups before and after are as they were; within, a frame is right, a neighbour with a
    message, or a picture that the decoder has mended."""
    path = Path(make(tmp_path / name, "libx264", "yuv420p", {"g": "12", "bf": "2"}))
    with av.open(str(path)) as container:
        packets = [p for p in container.demux(video=0) if p.size]
        keys = [(p.pos, p.size) for p in packets if p.is_keyframe]
    data = bytearray(path.read_bytes())
    position, size = keys[2]  # frames 24 to 35
    noise = np.random.default_rng(1).integers(0, 256, size - 80, np.uint8).tobytes()
    data[position + 60 : position + 60 + len(noise)] = noise
    path.write_bytes(data)
    reader = MovieReader(str(path))
    start = reader.facts.start
    spoiled = range(20, 40)
    for n in [*range(COUNT), *reversed(range(COUNT))]:
        picture = reader.read(start + n)
        if n not in spoiled:
            assert not picture.problem and number(picture.pixels) == n, f"frame {n}"
        elif picture.problem:
            assert f"frame {start + n} is damaged" in picture.problem
            assert "\n" not in picture.problem
    reader.close()


@pytest.mark.parametrize("bf", ["0", "2"])
def test_frames_that_cannot_be_decoded_are_told_one_after_the_other(
    tmp_path: Path, bf: str
) -> None:
    """The decoder is ahead of the frame that is shown: what broke, broke for an earlier one."""
    path = Path(make(tmp_path / "a.mp4", "libx264", "yuv420p", {"g": "12", "bf": bf}))
    with av.open(str(path)) as container:
        packets = [p for p in container.demux(video=0) if p.size]
        pace = packets[0].duration
        broken = [(p.pos, p.pts // pace) for p in packets[16:20]]
    data = bytearray(path.read_bytes())
    for position, _ in broken:
        data[position : position + 4] = b"\xff\xff\xff\xff"  # longer than the packet
    path.write_bytes(data)
    lost = {int(n) for _, n in broken}
    for order in (range(COUNT), reversed(range(COUNT)), sorted(lost)):
        reader = MovieReader(str(path))
        start = reader.facts.start
        for n in order:
            picture = reader.read(start + n)
            if n in lost:
                assert f"frame {start + n} is damaged" in picture.problem
            elif n < 12 or n >= 24:  # the other groups
                assert not picture.problem and number(picture.pixels) == n
        reader.close()


#: name, codec: FFmpeg gives their palette with the first packet that is read, once
PALETTES = [("a.mov", "qtrle"), ("a.mov", "smc"), ("a.mov", "rawvideo"), ("a.avi", "rawvideo")]


@pytest.mark.parametrize(("name", "codec"), PALETTES)
def test_a_palette_that_comes_once(tmp_path: Path, name: str, codec: str) -> None:
    pix = "gray" if codec == "qtrle" else "pal8"
    path = str(tmp_path / name)
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=24)
        stream.width, stream.height, stream.pix_fmt = *SIZE, pix
        for n in range(COUNT):
            grey = numbered(n)[..., 0]
            if pix == "gray":
                frame = av.VideoFrame.from_ndarray(grey, format="gray")
            else:
                palette = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 4, 1)
                palette[:, 0] = 255
                frame = av.VideoFrame.from_ndarray((grey, palette), format="pal8")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    reader = MovieReader(path)
    assert shown(reader) == list(range(COUNT))
    reader.rest()
    assert [number(reader.read(n + 1).pixels) for n in (30, 7)] == [30, 7]
    reader.close()
