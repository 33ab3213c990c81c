"""Every mode of playing, every increment, with all frames and in realtime, by a clock of ours.

What RV does is in its `Session.cpp` (`advanceState`); what is expected here follows from the
manual: due is the frame where playing began plus the rounded time times the rate, and of these an
increment shows those that lie a whole number of increments from the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from player.session.timeline.playback import PING_PONG, PLAY_LOOP, PLAY_ONCE, Playback
from tests.session.test_rate import Clock


def made(
    mode: int, inc: int, *, frames: int = 6, first: int = 1, last: int = 0, realtime: bool = False
) -> tuple[Playback, Clock]:
    clock = Clock()
    playback = Playback(lambda name, contents="", array=(): None, clock)
    playback.range_end = playback.narrowed_end = frames + 1
    playback.in_point, playback.out_point = first, (last or frames) + 1
    playback.mode, playback.inc, playback.realtime = mode, inc, realtime
    playback.frame = first
    return playback, clock


def shown(playback: Playback, clock: Clock, ticks: Iterable[float]) -> list[int]:
    """The frames after each tick, in frames' times since the start, until it stops."""
    playback.play()
    begun = clock.now
    out = [playback.frame]
    for tick in ticks:
        clock.now = begun + tick / playback.fps
        playback.tick(clock.now)
        out.append(playback.frame)
        if not playback.playing:
            break
    return out


@pytest.mark.parametrize("realtime", [False, True], ids=["all frames", "realtime"])
@pytest.mark.parametrize(("mode", "inc", "expected"), [
    (PLAY_LOOP, 1, [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6, 1, 2, 3, 4]),
    (PLAY_LOOP, 2, [1, 1, 3, 3, 5, 5, 1, 1, 3, 3, 5, 5, 1, 1, 3, 3]),
    (PLAY_LOOP, 3, [1, 1, 1, 4, 4, 4, 1, 1, 1, 4, 4, 4, 1, 1, 1, 4]),
    (PLAY_LOOP, -1, [1, 1, 6, 6, 5, 4, 3, 2, 1, 6, 6, 5, 4, 3, 2, 1]),
    (PLAY_LOOP, -2, [1, 1, 1, 6, 6, 5, 5, 3, 3, 1, 1, 6, 6, 5, 5, 3]),
    (PLAY_ONCE, 1, [1, 2, 3, 4, 5, 6, 6]),
    (PLAY_ONCE, 2, [1, 1, 3, 3, 5, 5, 6]),
    (PLAY_ONCE, -1, [6, 6, 5, 4, 3, 2, 1, 1]),
    (PING_PONG, 1, [1, 2, 3, 4, 5, 6, 6, 6, 5, 4, 3, 2, 1, 2, 3, 4]),
    (PING_PONG, -1, [1, 1, 2, 3, 4, 5, 6, 6, 6, 5, 4, 3, 2, 1, 2, 3]),
    (PING_PONG, 2, [1, 1, 3, 3, 5, 5, 6, 6, 5, 5, 3, 3, 1, 1, 2, 3]),
])  # fmt: skip
def test_modes_and_increments(mode: int, inc: int, expected: list[int], realtime: bool) -> None:
    playback, clock = made(mode, inc, realtime=realtime)
    assert shown(playback, clock, range(1, 16)) == expected
    assert playback.playing == (mode != PLAY_ONCE)


def test_between_the_in_and_the_out_point() -> None:
    playback, clock = made(PLAY_LOOP, 1, frames=10, first=4, last=6)
    assert shown(playback, clock, range(1, 9)) == [4, 5, 6, 4, 5, 6, 4, 5, 6]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=60), st.sampled_from([1, 2, 3, 5]))
def test_what_is_left_out_in_realtime_is_counted_exactly(gaps: list[int], inc: int) -> None:
    """A screen that comes late shows what is due then; what lay between was skipped."""
    playback, clock = made(PLAY_LOOP, inc, frames=10_000, realtime=True)
    playback.play()
    begun, steps, before = clock.now, 0, 1
    for gap in gaps:
        steps += gap * inc  # a whole number of increments
        clock.now = begun + steps / playback.fps
        playback.tick(clock.now)
        assert playback.frame == 1 + steps
        assert playback.skipped == gap - 1 == (playback.frame - before) // inc - 1
        before = playback.frame


@given(st.lists(st.floats(0.2, 40.0), min_size=1, max_size=60))
def test_with_all_frames_none_is_left_out(gaps: list[float]) -> None:
    playback, clock = made(PLAY_LOOP, 1, frames=10_000)
    frames = [1]
    playback.play()
    for gap in gaps:
        clock.now += gap / playback.fps
        playback.tick(clock.now)
        assert playback.skipped == 0
        frames.append(playback.frame)
    assert all(b - a in (0, 1) for a, b in pairwise(frames))
    # what was late is not caught up in a rush
    clock.now += 20 / playback.fps
    playback.tick(clock.now)
    late = playback.frame
    playback.tick(clock.now)
    assert playback.frame == late
