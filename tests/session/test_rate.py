"""The measured rate, through loops and turns."""

from __future__ import annotations

import pytest

from player.session.timeline.playback import PING_PONG, PLAY_LOOP, PLAY_ONCE, Playback
from player.session.timeline.rate import RateMeter


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def playing(mode: int, frames: int = 12) -> tuple[Playback, Clock, list[str]]:
    events: list[str] = []
    clock = Clock()
    playback = Playback(lambda name, contents="", array=(): events.append(name), clock)
    playback.range_end = playback.out_point = playback.narrowed_end = frames + 1
    playback.mode = mode
    playback.play()
    return playback, clock, events


def run(playback: Playback, clock: Clock, seconds: float, rate: float = 24.0) -> list[float]:
    """What is measured after each of the turns of a screen that shows *rate* pictures a second."""
    rates = []
    for _ in range(round(seconds * rate)):
        clock.now += 1.0 / rate
        playback.tick(clock.now)
        rates.append(playback.real_fps)
    return rates


@pytest.mark.parametrize("mode", [PLAY_LOOP, PING_PONG])
def test_it_goes_on_through_loops_and_turns(mode: int) -> None:
    playback, clock, events = playing(mode)
    rates = run(playback, clock, 3.0)
    assert rates[0] == 0.0 and rates[3] == 24.0  # with the fourth frame
    assert set(rates[3:]) == {24.0}
    assert events.count("play-stop") >= 5
    playback.stop()
    assert playback.real_fps == 0.0
    playback.tick(clock.now)
    playback.play()
    assert playback.real_fps == 0.0  # nothing has been shown since


def test_it_is_nothing_at_the_end_of_playing_once() -> None:
    playback, clock, _ = playing(PLAY_ONCE)
    rates = run(playback, clock, 1.0)
    assert 24.0 in rates and rates[-1] == 0.0


def test_a_slow_screen_is_told() -> None:
    playback, clock, _ = playing(PLAY_LOOP, 100)
    playback.realtime = False
    rates = run(playback, clock, 10.0, rate=15.0)
    assert rates[-1] == pytest.approx(15.0)


def test_outliers_weigh_less_and_the_first_sample_nothing() -> None:
    meter = RateMeter()
    meter.start(1, 0.0, goes_on=False)
    meter.shown(5, 4.0, 4.0, 24.0)  # a second a frame: the cache was empty
    assert meter.rate == 24.0
    now = 4.0
    for n, took in enumerate((4 / 24, 4 / 24, 4 / 6, 4 / 24)):
        now += took
        meter.shown(9 + 4 * n, now, now, 24.0)
    # two of 24 with the weight 1 / 0.1, one of 6 with 1 / 0.75; the last came too soon
    assert meter.rate == pytest.approx((2 * 24 * 10 + 6 / 0.75) / (20 + 1 / 0.75))
    meter.shown(23, now + 1.0, now + 1.0, 24.0)  # two frames are no sample
    assert meter.rate < 24.0
    # another rate that is wanted leaves nothing of the samples before
    meter.shown(40, now + 2.0, now + 2.0, 12.0)
    assert meter.rate == pytest.approx(19 / 2)
    meter.start(1, now, goes_on=False)
    meter.shown(5, now + 4 / 12, 4 / 12, 24.0)
    assert meter.rate == 24.0
