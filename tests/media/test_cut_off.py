"""Movies that are cut off: what is there is shown, and of the rest it is said that it is not."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

av = pytest.importorskip("av")

from player.media.moviedecode import Decoder  # noqa: E402
from player.media.movielane import Lane  # noqa: E402
from player.media.moviepicture import MoviePicture  # noqa: E402
from player.media.movies import MovieReader  # noqa: E402
from player.media.wholeness import end_of_pictures, is_cut_off  # noqa: E402
from tests.media.test_movies import grey, write  # noqa: E402

CUT = [
    ("cut.mkv", "libx264", "yuv420p", None), ("cut.webm", "libvpx", "yuv420p", None),
    ("cut.mp4", "libx264", "yuv420p", "faststart"),
    ("cut.mov", "prores_ks", "yuv422p10le", "faststart"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "codec", "pix", "flags"), CUT)
def test_a_file_that_is_cut_off_shows_its_last_picture(
    tmp_path: Path, name: str, codec: str, pix: str, flags: str | None
) -> None:
    """And says so, in the same words for all frames that are not there."""
    options = {"movflags": flags} if flags else {}
    whole = Path(write(tmp_path / f"whole{name}", codec, pix, 12, container_options=options))
    reader = MovieReader(str(whole))
    assert not any(reader.read(n).problem for n in range(1, 61))
    with av.open(str(whole)) as container:
        packet = [p for p in container.demux(video=0) if p.size][40]
    path = tmp_path / name
    path.write_bytes(whole.read_bytes()[: packet.pos + packet.size // 2])
    reader = MovieReader(str(path))
    assert abs(grey(reader.read(5)) - 16) <= 3
    end = reader.facts.end
    assert end == 60
    told = [reader.read(n).problem for n in range(1, end + 1)]
    there = told.index(next(filter(None, told)))
    last = reader.read(end)
    assert isinstance(last, MoviePicture) and abs(grey(last) - (there - 1) * 4) <= 6
    assert set(told[there:]) == {f"{path}: cut off behind frame {there}"}
    assert not any(told[:there])
    assert last.problem == told[-1]
    path.write_bytes(whole.read_bytes())  # the rest of it has come
    after = reader.read(50)
    assert not after.problem and abs(grey(after) - 49 * 4) <= 3


GONE = [
    ("cut.mxf", "libx264", "yuv420p", 12), ("cut.mxf", "mpeg2video", "yuv420p", 12),
    ("cut.mxf", "mpeg2video", "yuv422p", 1), ("cut.mxf", "jpeg2000", "yuv422p", 1),
    ("cut.mkv", "ffv1", "yuv420p", 1),
]  # fmt: skip


def noise(path: Path, codec: str, pix: str, gop: int, **options: Any) -> bytes:
    """A movie of sixty noisy frames, which take bytes."""
    rng = np.random.default_rng(5)
    with av.open(str(path), "w", **options) as container:
        stream = container.add_stream(codec, rate=25, options={"g": str(gop)})
        stream.width, stream.height, stream.pix_fmt = 128, 96, pix
        for _ in range(60):
            pixels = rng.integers(0, 256, (96, 128, 3), np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path.read_bytes()


@pytest.mark.parametrize(("name", "codec", "pix", "gop"), GONE)
def test_frames_behind_the_cut_say_so_in_any_order(
    tmp_path: Path, name: str, codec: str, pix: str, gop: int
) -> None:
    """Without an index as well: MXF's lies behind what was cut off."""
    path = tmp_path / name
    data = noise(path, codec, pix, gop)
    reader = MovieReader(str(path))
    first, end = reader.facts.start, reader.facts.end
    whole = [np.array(reader.read(n).pixels) for n in range(first, end + 1)]
    assert len(whole) == 60 and not any(reader.read(n).problem for n in range(first, end + 1))
    path.write_bytes(data[: len(data) * 6 // 10])
    reader = MovieReader(str(path))
    assert (reader.facts.start, reader.facts.end) == (first, end)
    jump = reader.read(end)
    assert "cut off behind frame" in jump.problem
    last = int(jump.problem.rsplit(" ", 1)[1]) - first
    assert 25 < last < 40
    for n in [*range(60), *range(59, -1, -7)]:
        picture = reader.read(n + first)
        assert bool(picture.problem) == (n > last), n
        if n > last:
            assert picture.problem == jump.problem
        if n < last:  # of which there may be a part
            assert np.array_equal(picture.pixels, whole[n])
    path.write_bytes(data)
    assert np.array_equal(reader.read(end).pixels, whole[-1])


@pytest.mark.parametrize(("codec", "pix"), [("libx264", "yuv420p"), ("jpeg2000", "yuv422p")])
def test_an_mxf_that_ends_within_its_footer_has_all_its_pictures(
    tmp_path: Path, codec: str, pix: str
) -> None:
    """FFmpeg does not open some of these, and takes pieces of the footer of others for pictures."""
    path = tmp_path / "cut.mxf"
    data = noise(path, codec, pix, 12)
    reader = MovieReader(str(path))
    first, end = reader.facts.start, reader.facts.end
    assert end - first == 59
    whole = [np.array(reader.read(n).pixels) for n in range(first, end + 1)]
    footer = int.from_bytes(data[44:52], "big")
    for cut in (0, 5, 20, 60, 100, 140, (len(data) - footer) // 2, len(data) - footer - 1):
        path.write_bytes(data[: footer + cut])
        reader = MovieReader(str(path))
        assert (reader.facts.start, reader.facts.end) == (first, end)
        for n in (first, end, first + 30, end - 1):
            picture = reader.read(n)
            assert not picture.problem and np.array_equal(picture.pixels, whole[n - first])
    # of a footer that lies elsewhere nothing is known
    path.write_bytes(data[:44] + (footer - 1000).to_bytes(8, "big") + data[52:])
    assert end_of_pictures(str(path)) == 0


@pytest.mark.parametrize(("gop", "codec"), [(1, "jpeg2000"), (12, "libx264")])
def test_what_is_behind_the_cut_is_looked_for_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gop: int, codec: str
) -> None:
    """A search without an index may be one from the beginning."""
    path = tmp_path / "cut.mxf"
    data = noise(path, codec, "yuv422p", gop)
    path.write_bytes(data[: len(data) * 6 // 10])
    reader = MovieReader(str(path))
    reader.read(45)
    monkeypatch.setattr(Decoder, "_seek", None)
    assert all("cut off behind" in reader.read(n).problem for n in range(45, 60))


def fragments(path: Path, flags: str, gop: int) -> list[Any]:
    """A movie of sixty noisy frames with sound, in fragments: where the packets of pictures end, in
    the order of decoding."""
    rng = np.random.default_rng(6)
    options = {"movflags": flags}
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(
            "libx264", rate=25, options={"g": str(gop), "bf": "0", "sc_threshold": "0"}
        )
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        sound = container.add_stream("alac", rate=48000, layout="mono")
        for n in range(60):
            pixels = rng.integers(0, 256, (96, 128, 3), np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = n, Fraction(1, 25)
            container.mux(stream.encode(frame))
            samples = rng.integers(-9999, 9999, (1, 1920), np.int16)
            heard = av.AudioFrame.from_ndarray(samples, format="s16p", layout="mono")
            heard.rate, heard.pts = 48000, n * 1920
            container.mux(sound.encode(heard))
        container.mux(stream.encode())
        container.mux(sound.encode())
    with av.open(str(path)) as container:
        return [p.pos + p.size for p in container.demux(video=0) if p.size]


@pytest.mark.parametrize(("flags", "gop"), [
    ("frag_keyframe+empty_moov", 250), ("frag_keyframe+empty_moov", 12),
    ("frag_keyframe", 12), ("frag_keyframe+separate_moof", 12),
])  # fmt: skip
def test_fragments_with_sound_tell_of_each_frame_that_is_not_there(
    tmp_path: Path, flags: str, gop: int
) -> None:
    """Of one fragment the sound lies behind all pictures; with an index at the beginning that holds
    the first fragment, the others are counted."""
    path = tmp_path / "fragments.mp4"
    ends = fragments(path, flags, gop)
    data = path.read_bytes()
    reader = MovieReader(str(path))
    whole = [np.array(reader.read(n).pixels) for n in range(1, 61)]
    assert (reader.facts.end, len(ends)) == (60, 60)
    assert not any(reader.read(n).problem for n in range(1, 61))
    for cut in (ends[17] - 9, ends[40] - 9, ends[57] - 9, ends[-1] + 64, data.rindex(b"mfra") - 4):
        path.write_bytes(data[:cut])
        there = sum(end <= cut for end in ends)
        reader = MovieReader(str(path))
        assert reader.facts.end > min(there, 59)
        for n in [*range(1, reader.facts.end + 1), 45, 5, 59]:
            picture = reader.read(n)
            if n > there:
                assert picture.problem == f"{path}: cut off behind frame {there}"
            else:
                assert not picture.problem and np.array_equal(picture.pixels, whole[n - 1])


@pytest.mark.parametrize(("name", "codec", "options"), [
    ("whole.mxf", "mpeg2video", {}), ("whole.mkv", "libx264", {"cues_to_front": "1"}),
    ("live.mkv", "libx264", {"live": "1"}), ("whole.ts", "libx264", {}),
    ("whole.m2ts", "mpeg2video", {}), ("whole.avi", "mpeg4", {}),
    ("fragments.mp4", "libx264", {"movflags": "frag_keyframe+empty_moov"}),
])  # fmt: skip
def test_whole_files_are_not_called_cut_off(
    tmp_path: Path, name: str, codec: str, options: dict[str, str]
) -> None:
    """Nor when their sound is longer, or a pipe was written."""
    path = tmp_path / name
    noise(path, codec, "yuv420p", 12, options=options)
    stream = Lane(str(path)).stream
    assert not is_cut_off(str(path), stream)
    reader = MovieReader(str(path))
    assert not any(reader.read(n).problem for n in range(reader.facts.start, reader.facts.end + 5))


def test_an_mxf_from_a_pipe_is_whole(tmp_path: Path) -> None:
    """Its header does not know where the footer is."""
    path = tmp_path / "pipe.mxf"

    class Pipe:
        def __init__(self) -> None:
            self.file = path.open("wb")

        def write(self, data: bytes) -> int:
            return self.file.write(data)

    pipe = Pipe()
    with av.open(pipe, "w", format="mxf") as container:
        stream = container.add_stream("mpeg2video", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for n in range(20):
            pixels = np.full((48, 64, 3), n, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    pipe.file.close()
    reader = MovieReader(str(path))
    assert not any(reader.read(n).problem for n in range(30))
    assert reader.facts.end - reader.facts.start == 19


def test_a_transport_stream_that_ends_within_a_packet_has_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "cut.ts"
    data = noise(path, "libx264", "yuv420p", 12)
    path.write_bytes(data[: len(data) // 2 // 188 * 188 + 100])
    assert is_cut_off(str(path), Lane(str(path)).stream)
    reader = MovieReader(str(path))
    assert 25 < reader.facts.end < 35
    for n in range(1, reader.facts.end + 1):
        problem = reader.read(n).problem
        assert not problem or "cut off behind frame" in problem


def test_each_riff_of_a_long_avi_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "long.avi"
    data = noise(path, "mpeg4", "yuv420p", 12)
    more = b"RIFF" + (4000).to_bytes(4, "little") + b"AVIX" + bytes(3996)
    path.write_bytes(data + more)
    stream = Lane(str(path)).stream
    assert not is_cut_off(str(path), stream)
    path.write_bytes(data + more[:-10])
    assert is_cut_off(str(path), stream)
