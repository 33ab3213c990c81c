"""Playing waits for files that come too slowly, as RV's look-ahead cache does."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from player.daemon.remote import Buffering
from player.session.timeline.playback import Playback


class _Room:
    """A session of one local sequence, a cache that holds `ahead` seconds, and a clock."""

    def __init__(self, mode: int = 1, longest: float = 5.0) -> None:
        self.now = 0.0
        self.events: list[str] = []
        self.ahead, self.complete = 0.0, False
        self.playback = Playback(self._emit, lambda: self.now)
        self.playback.set_range(1, 101)
        self.playback.store_out(101)
        graph = SimpleNamespace(revision=1, by_type=lambda kind: [])
        session: Any = SimpleNamespace(playback=self.playback, graph=graph, cache_mode=mode)
        cache: Any = SimpleNamespace(ahead=lambda: self.ahead, complete=lambda: self.complete)
        self.buffering = Buffering(
            session, cache, need=2.0, longest=longest, report=print, clock=lambda: self.now
        )

    def _emit(self, name: str, contents: str = "", array: tuple[str, ...] = ()) -> None:
        if name.startswith("play-st"):
            self.events.append(f"{name}({contents})")

    def turn(self, later: float) -> None:
        self.now += later
        self.buffering.update()


def test_frames_that_are_there_are_played_at_once() -> None:
    room = _Room()
    room.playback.play()
    room.ahead = 3 / 24
    for _ in range(100):
        room.turn(0.04)
    assert room.events == ["play-start()"]


def test_a_short_gap_is_no_reason_to_wait() -> None:
    room = _Room()
    room.playback.play()
    for _ in range(20):
        room.ahead = 0.0
        room.turn(0.1)
        room.turn(0.1)
        room.ahead = 3 / 24
        room.turn(0.04)
    assert room.events == ["play-start()"]


def test_it_waits_half_a_second_of_frames_first_and_longer_when_it_is_overtaken_again() -> None:
    room = _Room()
    room.playback.play()
    room.turn(0.1)
    room.turn(0.3)
    assert room.events == ["play-start()", "play-stop(buffering)"]
    assert room.playback.buffering and not room.playback.playing
    room.ahead = 0.4
    room.turn(0.5)
    assert room.playback.buffering
    room.ahead = 0.5
    room.turn(0.1)
    assert room.events[2:] == ["play-start(buffering)"] and not room.playback.buffering
    # overtaken again: now it is worth while to wait for more
    room.ahead = 0.0
    room.turn(1.0)
    room.turn(0.3)
    assert room.events[3:] == ["play-stop(buffering)"]
    room.ahead = 3.0
    room.turn(2.0)
    assert room.playback.buffering
    room.turn(3.1)  # longer than anybody wants to wait
    assert room.events[4:] == ["play-start(buffering)"]


def test_when_there_is_room_for_no_more_it_goes_on() -> None:
    room = _Room()
    room.playback.play()
    room.turn(0.1)
    room.turn(0.3)
    assert room.playback.buffering
    room.complete = True
    room.turn(0.1)
    assert room.playback.playing and room.events[-1] == "play-start(buffering)"


def test_stopping_meanwhile_is_a_stop() -> None:
    room = _Room()
    room.playback.play()
    room.turn(0.1)
    room.turn(0.3)
    room.playback.stop()
    assert room.events[-1] == "play-stop()" and not room.playback.buffering
    room.ahead = 9.0
    room.turn(1.0)
    assert not room.playback.playing


@pytest.mark.parametrize(("mode", "longest"), [(0, 5.0), (2, 5.0), (1, 0.0)])
def test_without_a_look_ahead_or_with_no_time_to_wait_it_never_waits(
    mode: int, longest: float
) -> None:
    room = _Room(mode, longest)
    room.playback.play()
    for _ in range(20):
        room.turn(0.3)
    assert room.events == ["play-start()"]
