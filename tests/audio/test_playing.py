"""Playing to the null device: the sound is the clock, and picture and sound stay together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av")
pytest.importorskip("miniaudio")

from player.audio import NoDevice, Player, Voice, open_output
from player.daemon.audio import Sound
from player.media import PixelStore, Probe
from player.session.ports import Ports
from player.session.session import Session
from player.session.sourceargs import parse_source_args
from tests.audio.making import tone, write_movie, write_sound
from tests.waiting import until

FPS = 24


@pytest.fixture
def player() -> Iterator[Player]:
    made = Player(kind="null")
    yield made
    made.close()


@pytest.fixture
def room(tmp_path: Path, player: Player) -> tuple[Session, Sound]:
    """A session of a movie of two seconds with sound, and its sound."""
    session = Session(
        ports=Ports(media=Probe(), pixels=PixelStore(1 << 20)), clock=player.clock
    )  # fmt: skip
    film = write_movie(tmp_path / "f.mov", tone(2, 48000), 2 * FPS, fps=FPS)
    session.sources.enqueue_sources(parse_source_args([film]), True, False, "")
    session.settle()
    return session, Sound(session, player)


def turn(session: Session, sound: Sound) -> None:
    """What the daemon does again and again."""
    session.playback.tick(session.clock())
    session.settle()
    sound.update()


def test_the_picture_follows_the_sound_for_its_whole_length(
    room: tuple[Session, Sound], player: Player
) -> None:
    session, sound = room
    playback = session.playback
    playback.set_realtime(True)
    playback.set_mode(1)
    playback.play()
    begun = session.clock()
    worst = 0.0
    frames: list[int] = []

    def step() -> bool:
        nonlocal worst
        before = session.clock() - begun
        turn(session, sound)
        after = session.clock() - begun  # a busy machine may have been elsewhere meanwhile
        if playback.playing and player.playing:
            due = (playback.frame - 1) / FPS
            worst = max(worst, before - due, due - after)
            frames.append(playback.frame)
        return not playback.playing

    until(step, "the end of the movie")
    print(f"largest distance of picture and sound: {worst * 1000:.1f} ms")
    assert frames == sorted(frames) and playback.frame == 2 * FPS
    assert player.output_name.startswith("miniaudio")
    assert worst < 1 / FPS


def test_the_clock_never_goes_back_and_goes_on_without_sound(
    room: tuple[Session, Sound], player: Player
) -> None:
    session, sound = room
    seen = [session.clock()]

    def look() -> bool:
        turn(session, sound)
        seen.append(session.clock())
        return True

    look()
    session.playback.play()
    until(lambda: look() and player.playing and session.playback.frame > 6)
    session.playback.stop()
    until(lambda: look() and not player.playing)
    at = session.clock()
    until(lambda: look() and session.clock() > at + 0.05)
    assert seen == sorted(seen)


def test_the_loop_begins_again_with_its_sound(room: tuple[Session, Sound], player: Player) -> None:
    session, sound = room
    playback = session.playback
    playback.set_in(10)
    playback.set_out(16)
    playback.play()
    starts = playback.starts
    until(lambda: turn(session, sound) is None and playback.starts >= starts + 3)
    assert player.playing and player.position() < 1.5


def test_scrubbing_sounds_without_giving_the_time(
    room: tuple[Session, Sound], player: Player
) -> None:
    session, sound = room
    sound.scrub(True, 0.1, 1)
    turn(session, sound)
    assert not player.playing
    session.playback.set_frame(20)
    turn(session, sound)
    assert player.playing and not player.clocked
    until(lambda: not player.playing, "the end of the scrub")
    sound.scrub(False, 0.0, 0)


def test_what_the_device_gets_is_the_mix(tmp_path: Path) -> None:
    samples = tone(3, 48000)
    path = write_sound(tmp_path / "t.wav", samples)
    got: list[np.ndarray] = []
    player = Player(kind="null")
    pull = player._pull

    def taken(count: int) -> np.ndarray:
        out = pull(count)
        got.append(out)
        return out

    player._pull = taken  # type: ignore[method-assign]
    try:
        player.set_gains(0.5, 1.0)
        player.start(0.5, [Voice(path, 0.0, 3.0, 0.0)])
        until(lambda: sum(len(g) for g in got) > 30_000)
    finally:
        player.close()
    whole = np.concatenate(got)
    begin = int(np.flatnonzero(whole[:, 0])[0])
    wanted = samples[:, 24_000:44_000].T * (0.5, 1.0)
    if player.underruns == 0:
        near = whole[begin : begin + 20_000]
        # the first sample of the tone may be zero itself
        shift = int(np.flatnonzero(wanted[:, 0])[0])
        np.testing.assert_allclose(near[:15_000], wanted[shift : shift + 15_000], atol=1e-5)


def test_no_device_is_one_line_and_time_goes_on(tmp_path: Path) -> None:
    lines: list[str] = []
    player = Player(kind="no such thing", report=lines.append)
    try:
        voice = Voice(write_sound(tmp_path / "t.wav", tone(1, 48000)), 0, 1, 0)
        player.start(0.0, [voice])
        before = player.clock()  # it stands until the device is found missing
        until(lambda: player.clock() > before + 0.05)
        assert not player.playing and player.gone
        assert len(lines) == 1 and "playing without sound" in lines[0]
    finally:
        player.close()


class Gone:
    """An output that was unplugged."""

    name = "gone"
    latency = 0.0

    def close(self) -> None:
        return None


def test_a_device_that_dies_stops_no_clock(tmp_path: Path) -> None:
    player = Player(kind="null")
    try:
        player.start(0.0, [Voice(write_sound(tmp_path / "t.wav", tone(5, 48000)), 0, 5, 0)])
        until(lambda: player.clock() and player.buffered() > 0 and player.output_name)
        output = player._output
        assert output is not None
        output.close()
        player._output = type(
            "Gone", (), {"name": "gone", "latency": 0.0, "close": lambda s: None}
        )()
        at = player.clock()
        until(lambda: player.clock() > at + 1.0)
        assert not player.playing
    finally:
        player.close()


def test_sdl_plays_too(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sdl2")
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    count = 0

    def pull(frames: int) -> np.ndarray:
        nonlocal count
        count += frames
        return np.zeros((frames, 2), np.float32)

    output = open_output(pull, 48000, "sdl")
    try:
        until(lambda: count > 9600)
        assert output.name == "SDL dummy"
    finally:
        output.close()
    with pytest.raises(NoDevice):
        open_output(pull, 48000, "no such thing")
