"""RV's greedy audio cache: the tracks of the view as a whole in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av")

from player.audio import Mixer, Player, SoundReader, Tracks, Voice
from player.daemon.audio import Sound
from player.media import PixelStore, Probe
from player.session.ports import Ports
from player.session.session import Session
from player.session.sourceargs import parse_source_args
from tests.audio.making import ramp, tone, write_movie, write_sound
from tests.waiting import until

RATE = 48000


def test_what_is_held_is_what_is_decoded(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "r.wav", ramp(3.3, RATE))
    tracks, reader = Tracks(RATE), SoundReader(path, RATE)
    tracks.want([path])
    until(lambda: tracks.held(path)[1])
    assert tracks.held(path)[0] == pytest.approx(3.3, abs=1e-3)
    for position, count in ((0, 100), (RATE - 50, 100), (RATE // 2, 2 * RATE), (3 * RATE, RATE)):
        held = tracks.read(path, position, count)
        assert held is not None
        np.testing.assert_array_equal(held, reader.read(position, count))
    assert tracks.read(path, -10, 100) is None  # what lies in front of it is the reader's
    tracks.want([])
    assert tracks.read(path, 0, 100) is None and tracks.held(path) == (0.0, False)
    reader.close()
    tracks.close()


def test_the_budget_is_kept(tmp_path: Path) -> None:
    first, second = (write_sound(tmp_path / f"{n}.wav", ramp(4, RATE)) for n in "ab")
    second_of_sound = RATE * 2 * 4
    tracks = Tracks(RATE, 5 * second_of_sound)
    tracks.want([first, second])
    until(lambda: tracks.held(first)[1] and tracks.held(second)[0] == 1.0)
    assert tracks.read(second, 0, RATE) is not None and tracks.read(second, 0, RATE + 1) is None
    tracks.want([second])  # there is room again
    until(lambda: tracks.held(second)[1])
    tracks.close()


def test_what_is_no_sound_holds_nobody_up(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.wav", ramp(1, RATE))
    tracks = Tracks(RATE)
    tracks.want(["/nowhere.wav", path])
    until(lambda: tracks.held(path)[1])
    assert tracks.held("/nowhere.wav") == (0.0, True)
    tracks.close()


def test_the_mix_is_the_same(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "t.wav", tone(3, RATE))
    heard = [
        Voice(path, 0.0, 3.0, 0.0),
        Voice(path, 1.0, 1.0, 2.5, -1.0),
        Voice(path, 0, 2, 0, 1.5),
    ]
    mixer = Mixer(RATE)
    before = mixer.mix(heard, 0, 3 * RATE)
    mixer.tracks.want([path])
    until(lambda: mixer.tracks.held(path)[1])
    np.testing.assert_allclose(mixer.mix(heard, 0, 3 * RATE), before, atol=1e-6)
    mixer.close()


def test_greedy_and_back(tmp_path: Path) -> None:
    player = Player(kind="null")
    session = Session(ports=Ports(media=Probe(), pixels=PixelStore(1 << 20)), clock=player.clock)
    film = write_movie(tmp_path / "f.mov", tone(2, RATE), 48, fps=24)
    session.sources.enqueue_sources(parse_source_args([film]), True, False, "")
    session.settle()
    sound = Sound(session, player)
    sound.update()
    assert sound.cache_info() == (0.0, [])
    session.playback.audio_mode = 2
    sound.update()
    until(lambda: sound.cache_info() == (2.0, [1, 48]))
    session.playback.audio_mode = 1
    sound.update()
    assert sound.cache_info() == (0.0, [])
    player.close()
