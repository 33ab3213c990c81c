"""The frame cache: budget, order, cancelling, failures."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Hashable, Iterator

import numpy as np

from player.cache import FrameCache
from player.media import Picture

SIZE = 16 * 16 * 4


def picture(key: Hashable) -> Picture:
    assert isinstance(key, int)
    return Picture(
        np.full((16, 16, 4), key % 256, np.uint8), ("R", "G", "B", "A"), 16, 16, frame=key
    )


def test_reads_ahead_in_order_within_the_budget() -> None:
    cache = FrameCache(picture, SIZE * 5)
    try:
        cache.want(range(10))
        assert cache.wait_idle(10)
        assert set(cache.keys()) == {0, 1, 2, 3, 4}
        assert cache.used == SIZE * 5
        cache.want(range(8, 12))
        assert cache.wait_idle(10)
        assert {8, 9, 10, 11} <= set(cache.keys())
        assert cache.used <= SIZE * 5
    finally:
        cache.close()


def test_a_new_list_cancels_the_old_one() -> None:
    gate, started = threading.Event(), threading.Event()
    asked: list[Hashable] = []

    def slow(key: Hashable) -> Picture:
        asked.append(key)
        started.set()
        gate.wait(10)
        return picture(key)

    cache = FrameCache(slow, SIZE * 50, workers=1)
    try:
        cache.want(range(20))
        assert started.wait(10)
        cache.want([100])
        gate.set()
        assert cache.wait_idle(10)
        assert asked == [0, 100]
    finally:
        cache.close()


def test_a_picture_is_read_once_for_all_who_ask() -> None:
    count = 0
    gate = threading.Event()

    def slow(key: Hashable) -> Picture:
        nonlocal count
        count += 1
        gate.wait(10)
        return picture(key)

    cache = FrameCache(slow, SIZE * 4)
    got: list[Picture] = []
    threads = [threading.Thread(target=lambda: got.append(cache.get(7))) for _ in range(4)]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join(10)
    assert count == 1 and len(got) == 4


def test_failures_are_not_kept_and_end_no_worker() -> None:
    def failing(key: Hashable) -> Picture:
        if key == 1:
            raise RuntimeError("no")
        if key == 2:
            return Picture.placeholder(4, 4, "damaged")
        return picture(key)

    cache = FrameCache(failing, SIZE * 8)
    try:
        cache.want([1, 2, 3, 4])
        assert cache.wait_idle(10)
        assert set(cache.keys()) == {3, 4}
        cache.clear()
        assert cache.used == 0
    finally:
        cache.close()


def test_no_budget_keeps_nothing() -> None:
    cache = FrameCache(picture, 0)
    assert cache.get(3).frame == 3
    assert cache.keys() == []


@contextlib.contextmanager
def waited_for(workers: int) -> Iterator[tuple[FrameCache, list[Hashable], Callable[[], None]]]:
    """A cache that is wanted to read 0 to 3 while frame 50 is waited for; what is read, in order;
    and what lets 50 come."""
    gate, begun = threading.Event(), threading.Event()
    asked: list[Hashable] = []

    def read(key: Hashable) -> Picture:
        asked.append(key)
        if key == 50:
            begun.set()
            gate.wait(60)
        return picture(key)

    cache = FrameCache(read, SIZE * 50, workers=workers)
    urgent = threading.Thread(target=cache.get, args=(50,))

    def come() -> None:
        gate.set()
        urgent.join(60)

    try:
        urgent.start()
        assert begun.wait(60)
        cache.want(range(4))
        yield cache, asked, come
    finally:
        gate.set()
        cache.close()


def test_reading_ahead_goes_on_beside_a_picture_that_is_waited_for() -> None:
    with waited_for(workers=2) as (cache, _, come):
        with cache._wake:
            assert cache._wake.wait_for(lambda: len(cache._pictures) == 4, 60)
        come()
        assert set(cache.keys()) == {0, 1, 2, 3, 50}


def test_a_single_worker_rests_while_a_picture_is_waited_for() -> None:
    with waited_for(workers=1) as (cache, asked, come):
        assert cache._next() is None
        come()
        assert cache.wait_idle(60)
        assert asked == [50, 0, 1, 2, 3]


def test_room_is_made_by_the_size_that_is_expected() -> None:
    """After small pictures two large ones are not begun side by side where only one has room."""
    at_once, most, lock = 0, 0, threading.Lock()
    begun = threading.Event()

    def read(key: Hashable) -> Picture:
        nonlocal at_once, most
        assert isinstance(key, int)
        with lock:
            at_once += 1
            most = max(most, at_once)
        begun.wait(0.05)  # the other worker has its chance
        with lock:
            at_once -= 1
        if key < 100:
            return picture(key)
        return Picture(np.zeros((160, 16, 4), np.uint8), ("R", "G", "B", "A"), 16, 160)

    cache = FrameCache(read, SIZE * 15, expected=lambda key: SIZE * 10 if key >= 100 else 0)  # type: ignore[operator]
    try:
        cache.want(range(4))
        assert cache.wait_idle(10)
        most = 0
        cache.want([100, 101, 102])
        assert cache.wait_idle(10)
        assert most == 1
        assert cache.used <= SIZE * 15
    finally:
        cache.close()


def test_pictures_that_share_their_pixels_count_once() -> None:
    whole = picture(0)
    cache = FrameCache(lambda key: whole if key < 3 else picture(key), SIZE * 3)
    try:
        cache.want(range(5))
        assert cache.wait_idle(10)
        assert set(cache.keys()) == {0, 1, 2, 3, 4} and cache.used == SIZE * 3
        for key, left in ((0, 3), (3, 2), (1, 2), (2, 1), (4, 0)):
            cache.forget(key)
            assert cache.used == SIZE * left
    finally:
        cache.close()
