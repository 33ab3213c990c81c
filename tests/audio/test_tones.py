"""The sound of procedurals: what is heard is the tone that their names ask for, in its place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from player.audio import Mixer, Voice
from tests.players import REPO

RATE = 48000


def heard(name: str, first: int = 0, count: int = 4 * RATE) -> np.ndarray:
    mixer = Mixer(RATE)
    samples = mixer.mix([Voice(name, 0.0, 100.0, 0.0, 1.0, 1.0, 1.0)], first, count)
    mixer.close()
    return samples


def pitch(samples: np.ndarray) -> float:
    """Hz of the strongest part."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum)) * RATE / len(samples)


def test_a_sine() -> None:
    samples = heard("black,start=1,end=96,fps=24,audio=sine,freq=440,amp=0.5.movieproc")
    left = samples[:, 0]
    np.testing.assert_array_equal(left, samples[:, 1])
    time = np.arange(RATE, 2 * RATE) / RATE
    np.testing.assert_allclose(
        left[RATE : 2 * RATE], 0.5 * np.sin(2 * np.pi * 440 * time), atol=1e-4
    )
    assert abs(left[:48]).max() < 0.03 < 0.4 < abs(left[2000:2100]).max()  # fades in
    assert abs(left[-48:]).max() < 0.03  # and out


def test_a_stretch_is_what_the_whole_has_there() -> None:
    name = "black,start=1,end=96,fps=24,audio=sine,freq=330.movieproc"
    np.testing.assert_allclose(heard(name, 70_001, 999), heard(name)[70_001:71_000], atol=1e-6)
    assert not heard(name, 5 * RATE, 100).any()  # behind its end


def test_a_scale_has_a_semitone_more_on_the_right() -> None:
    samples = heard("black,start=1,end=96,fps=24,audio=scale,freq=1000.movieproc")
    assert pitch(samples[:, 0]) == pytest.approx(1000, abs=1)
    assert pitch(samples[:, 1]) == pytest.approx(1059.5, abs=1)


def test_beeps_come_with_the_flash() -> None:
    samples = heard("syncflash,start=1,end=96,fps=24,interval=1.movieproc")
    frames = abs(samples[:, 0]).reshape(96, -1).max(axis=1) > 0.1
    assert list(np.flatnonzero(frames)) == [24, 48, 72]


def test_a_movie_of_it_has_it(tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    name = "black,width=64,height=36,start=1,end=24,fps=24,audio=sine,freq=440.movieproc"
    out = tmp_path / "out.mov"
    subprocess.run(
        [sys.executable, "-m", "player", "--export", str(out), name], check=True, cwd=REPO
    )
    with av.open(str(out)) as movie:
        pieces = [frame.to_ndarray() for frame in movie.decode(audio=0)]
    sound = np.concatenate([p.reshape(-1, 2)[:, 0] for p in pieces]).astype(float)
    assert len(sound) == pytest.approx(RATE, abs=2048)
    assert pitch(sound) == pytest.approx(440, abs=2)
