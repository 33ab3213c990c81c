"""Files with several sound tracks: what is heard is what RV plays."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

av = pytest.importorskip("av")

from player.audio import SoundReader  # noqa: E402
from player.media import open_media  # noqa: E402

RATE = 48000


def write(path: Path, tracks: list[tuple[str, str, Any]]) -> str:
    """A Matroska file of (language, layout, float32 (channels, n)) tracks, in turns of 1024."""
    with av.open(str(path), "w") as container:
        streams = []
        for language, layout, _ in tracks:
            stream = container.add_stream("pcm_f32le", rate=RATE)
            stream.layout = layout
            if language:
                stream.metadata["language"] = language
            streams.append(stream)
        for at in range(0, max(s.shape[1] for *_, s in tracks), 1024):
            for stream, (_, layout, samples) in zip(streams, tracks, strict=True):
                piece = np.ascontiguousarray(samples[:, at : at + 1024].T).reshape(1, -1)
                if not piece.size:
                    continue
                frame = av.AudioFrame.from_ndarray(piece, format="flt", layout=layout)
                frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
                container.mux(stream.encode(frame))
        for stream in streams:
            container.mux(stream.encode())
    return str(path)


def level(value: float, channels: int = 1, seconds: float = 1.0) -> Any:
    return np.full((channels, int(seconds * RATE)), value, np.float32)


def heard(path: str) -> tuple[float, float]:
    reader = SoundReader(path, RATE)
    left, right = reader.read(RATE // 2, 100).mean(axis=0)
    reader.close()
    return round(float(left), 3), round(float(right), 3)


@pytest.mark.parametrize(("tracks", "wanted", "channels"), [
    ([("", "mono", 0.5), ("", "mono", 0.25)], (0.5, 0.25), 2),  # a camera's two
    ([("", "stereo", 0.5), ("", "stereo", 0.25)], (0.5, 0.5), 2),  # the first of a kind
    ([("", "5.1", 0.5), ("", "stereo", 0.25)], (0.25, 0.25), 2),  # stereo before surround
    ([("fre", "stereo", 0.5), ("eng", "stereo", 0.25)], (0.25, 0.25), 2),
    ([("eng", "stereo", 0.25), ("fre", "stereo", 0.5)], (0.25, 0.25), 2),
    ([("ger", "stereo", 0.25), ("fre", "stereo", 0.5)], (0.5, 0.5), 2),  # of the last language
])  # fmt: skip
def test_which_are_heard(
    tmp_path: Path, tracks: list[tuple[str, str, float]], wanted: tuple[float, float], channels: int
) -> None:
    counts = {"mono": 1, "stereo": 2, "5.1": 6}
    path = write(
        tmp_path / "t.mka", [(la, layout, level(v, counts[layout])) for la, layout, v in tracks]
    )
    assert heard(path) == wanted
    facts = open_media(path).facts
    assert (facts.has_audio, facts.audio_channels, facts.audio_rate) == (True, channels, RATE)


def test_many_of_one_channel_are_surround(tmp_path: Path) -> None:
    """Left and right keep their sides, what is in the middle is on both."""
    six = [("", "mono", level(v)) for v in (0.4, 0.2, 0.1, 0.0, 0.0, 0.0)]
    path = write(tmp_path / "six.mka", six)
    assert open_media(path).facts.audio_channels == 6
    left, right = heard(path)
    assert left > right > 0.0
    assert left - right == pytest.approx((0.4 - 0.2) * left / (0.4 + 0.1 * 0.7071), abs=2e-3)


def test_tracks_stay_together_after_a_seek_and_past_the_end_of_one(tmp_path: Path) -> None:
    ramp = np.arange(3 * RATE, dtype=np.float32) / (4 * RATE)
    path = write(
        tmp_path / "r.mka", [("", "mono", ramp[None]), ("", "mono", -ramp[None, : 2 * RATE])]
    )
    reader = SoundReader(path, RATE)
    for second in (1.5, 0.2, 1.9, 0.0):
        at = int(second * RATE)
        got = reader.read(at, 2000)
        np.testing.assert_allclose(got[:, 0], ramp[at : at + 2000], atol=1e-4)
        np.testing.assert_allclose(got[:, 1], -got[:, 0], atol=1e-6)
    end = reader.read(int(2.5 * RATE), 1000)
    assert end[:, 0].min() > 0.5 and np.abs(end[:, 1]).max() == 0.0
    reader.close()
