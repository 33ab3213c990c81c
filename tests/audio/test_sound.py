"""Reading and mixing: the samples that come out are the ones of that moment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av")

from player.audio import Mixer, SoundReader, Voice
from rvshell.errors import MediaError
from tests.audio.making import clicks, ramp, tone, write_movie, write_sound

RATE = 48000


def test_any_stretch_in_any_order(tmp_path: Path) -> None:
    samples = ramp(20, RATE)
    reader = SoundReader(write_sound(tmp_path / "r.wav", samples), RATE)
    for at, count in ((0, 1000), (1000, 5), (500, 800), (700_000, 4096), (20_000, 48_000),
                      (18_000, 100), (17_000, 100), (955_000, 4000)):  # fmt: skip
        got = reader.read(at, count)
        np.testing.assert_allclose(got, samples[:, at : at + count].T, atol=1e-6)
    np.testing.assert_array_equal(reader.read(2_000_000, 64), 0)
    before = reader.read(-100, 200)
    np.testing.assert_array_equal(before[:100], 0)
    np.testing.assert_allclose(before[100:], samples[:, :100].T, atol=1e-6)
    reader.close()


def test_another_rate_keeps_its_time(tmp_path: Path) -> None:
    reader = SoundReader(write_sound(tmp_path / "t.wav", tone(4, 44100), 44100), RATE)
    wanted = tone(4, RATE).T
    for at in (0, 50_000, 9_000):
        got = reader.read(at, 20_000)
        np.testing.assert_allclose(got[200:-200], wanted[at + 200 : at + 19_800], atol=2e-3)


@pytest.mark.parametrize(("name", "codec"), [
    ("m.mp4", "aac"), ("m.mov", "pcm_s16le"), ("m.mkv", "flac"), ("m.webm", "libopus"),
])  # fmt: skip
def test_clicks_are_where_the_pictures_are(tmp_path: Path, name: str, codec: str) -> None:
    if name.endswith("webm"):
        path = write_sound(tmp_path / name, clicks(3, RATE), codec=codec)
    else:
        path = write_movie(tmp_path / name, clicks(3, RATE), 72, codec=codec)
    reader = SoundReader(path, RATE)
    for second in (2.5, 1.0, 1.5):  # each after a seek
        around = np.abs(reader.read(round((second - 0.1) * RATE), RATE // 5)[:, 0])
        assert abs(int(around.argmax()) - RATE // 10) <= RATE // 1000, f"{second} s"


def test_no_sound_is_said(tmp_path: Path) -> None:
    with pytest.raises(MediaError):
        SoundReader(str(tmp_path / "none.wav"), RATE)


def test_a_mix_is_the_sum_by_volume(tmp_path: Path) -> None:
    one, two = ramp(2, RATE), tone(2, RATE)
    paths = [write_sound(tmp_path / "1.wav", one), write_sound(tmp_path / "2.wav", two)]
    mixer = Mixer(RATE)
    heard = [Voice(paths[0], 0.0, 2.0, 0.25, 1.0, 0.5, 1.0), Voice(paths[1], 0.5, 1.0, 0.0)]
    got = mixer.mix(heard, RATE // 4, RATE)
    wanted = one[:, RATE // 2 : RATE // 2 + RATE].T * (0.5, 1.0)
    wanted[RATE // 4 :] += two[:, : RATE * 3 // 4].T
    np.testing.assert_allclose(got, wanted, atol=1e-5)
    np.testing.assert_array_equal(mixer.mix([Voice("nowhere.wav", 0, 9, 0)], 0, 10), 0)
    mixer.close()


def test_backwards_is_the_mirror(tmp_path: Path) -> None:
    samples = ramp(2, RATE)
    mixer = Mixer(RATE)
    voice = Voice(write_sound(tmp_path / "b.wav", samples), 0.0, 1.0, 1.5, -1.0)
    got = mixer.mix([voice], 1000, 2000)
    at = round(1.5 * RATE) - 1000
    np.testing.assert_allclose(got, samples[:, at - 2000 : at].T[::-1], atol=1e-6)


@pytest.mark.parametrize("speed", [0.5, 2.0])
def test_stretching_keeps_the_pitch_and_the_place(tmp_path: Path, speed: float) -> None:
    path = write_sound(tmp_path / "s.wav", tone(8, RATE, 1000.0))
    mixer = Mixer(RATE)
    voice = Voice(path, 0.0, 4.0, 0.0, speed)
    whole = mixer.mix([voice], 0, RATE)
    pieces = np.concatenate([mixer.mix([voice], n, 1000) for n in range(0, RATE, 1000)])
    np.testing.assert_allclose(pieces, whole, atol=1e-5)
    spectrum = np.abs(np.fft.rfft(whole[4000:44000, 0]))
    hertz = spectrum.argmax() * RATE / 40000
    assert abs(hertz - 1000) < 40
    loud = float(np.sqrt((whole[4000:, 0] ** 2).mean()))
    assert 0.2 < loud < 0.45  # a sine of 0.5 has 0.354
