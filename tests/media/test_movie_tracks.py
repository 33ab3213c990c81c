"""Several tracks of pictures in one movie: the eyes of a stereo display, and tracks that are not
shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

av = pytest.importorskip("av")

from player.media import open_media  # noqa: E402
from tests.image.test_pictures import at, room, shown, stereo  # noqa: E402, F401  (a fixture)

FRAMES = 30


def make(path: Path, *sizes: tuple[int, int]) -> str:
    """A track for each size: green of four times the frame's number, and red of 80 times its own
    number."""
    with av.open(str(path), "w") as container:
        tracks = []
        for width, height in sizes:
            stream = container.add_stream("libx264", rate=24, options={"qp": "0", "g": "8"})
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv444p"
            tracks.append(stream)
        for n in range(FRAMES):
            for number, stream in enumerate(tracks, 1):
                pixels = np.zeros((stream.height, stream.width, 3), np.uint8)
                pixels[...] = (80 * number, 4 * n, 0)
                frame = av.VideoFrame.from_ndarray(pixels).reformat(
                    format="yuv444p", dst_colorspace=1, threads=1
                )
                container.mux(stream.encode(frame))
        for stream in tracks:
            container.mux(stream.encode())
    return str(path)


def told(picture: Any) -> tuple[int, int]:
    """(frame, track) that a picture says it is."""
    red, green = (int(v) for v in picture.pixels[5, 5, :2])
    return round(green / 4) + 1, round(red / 80)


def test_tracks_are_views(tmp_path: Path) -> None:
    reader: Any = open_media(make(tmp_path / "two.mov", (64, 48), (64, 48)))
    assert reader.facts.views == ("track 1", "track 2")
    assert (reader.facts.start, reader.facts.end) == (1, FRAMES)
    for frame in (1, 20, 7, 30, 8):
        for view, track in (("", 1), ("track 1", 1), ("track 2", 2), ("track 3", 1), ("x", 1)):
            assert told(reader.read(frame, view)) == (frame, track)
    for view, track in (("track 1", 1), ("track 2", 2)):
        passed = reader.take_passed(view)
        assert passed and all(told(picture) == (frame, track) for frame, picture in passed)
    reader.close()


@pytest.mark.parametrize("sizes", [[(32, 24), (64, 48)], [(64, 48), (32, 24)]])
def test_a_smaller_track_is_not_shown(tmp_path: Path, sizes: list[tuple[int, int]]) -> None:
    reader = open_media(make(tmp_path / "proxy.mov", *sizes))
    assert (reader.facts.width, reader.facts.height, reader.facts.views) == (64, 48, ())
    assert told(reader.read(9)) == (9, sizes.index((64, 48)) + 1)
    reader.close()


def test_the_eyes_of_a_stereo_movie(room: Any, tmp_path: Path) -> None:  # noqa: F811
    room.do.addSource(make(tmp_path / "two.mov", (64, 48), (64, 48)))
    room.session.settle()
    views = room.do.getStringProperty("#RVFileSource.request.stereoViews")
    assert list(views) == ["track 1", "track 2"]
    room.do.setFrame(12)
    for quick in (True, False):
        for mode, red in (("off", 80), ("left", 80), ("right", 160)):
            stereo(room, mode)
            found = at(shown(room, quick), 80, 45)
            assert abs(found[0] - red) <= 2 and abs(found[1] - 44) <= 2, mode
        stereo(room, "pair")
        both = shown(room, quick)
        assert abs(at(both, 40, 45)[0] - 80) <= 2 and abs(at(both, 120, 45)[0] - 160) <= 2
