"""The memory of computed colours never gives one colour another's result."""

from __future__ import annotations

import threading

import numpy as np

from player.image.remembering import Keys, Memory, keys_of


def colours(count: int, seed: int = 1) -> Keys:
    rng = np.random.default_rng(seed)
    half = rng.integers(0, 65536, (count, 4), np.uint16).view(np.float16)
    return keys_of(half, np.arange(count))


def result(keys: Keys) -> np.ndarray:
    return ((keys * np.uint64(2654435761)) >> np.uint64(7) & np.uint64(0xFFFFFF)).astype(np.uint32)


def test_alpha_is_not_part_of_a_colour_and_all_else_is() -> None:
    half = np.ones((97, 4), np.float16)
    for bit in range(48):  # each bit of a colour alone
        half.view(np.uint16)[2 * bit, bit // 16] ^= 1 << bit % 16
        half[2 * bit + 1, 3] = bit
    keys = keys_of(half, np.arange(97))
    assert np.unique(keys[::2]).size == 49 and np.unique(keys[1::2]).size == 1


def test_what_was_kept_is_recalled_and_nothing_else() -> None:
    memory, keys = Memory(), colours(50_000)
    assert memory.recall(keys)[1].size == keys.size
    for some in np.array_split(keys, 20):
        memory.keep(some, result(some))
    made, missing = memory.recall(keys)
    assert missing.size < keys.size / 100  # pushed out by others
    known = np.delete(np.arange(keys.size), missing)
    assert (made[known] == result(keys)[known]).all()
    assert memory.recall(colours(50_000, 2))[1].size == 50_000
    nothing = np.zeros(0, np.uint64)
    assert memory.recall(nothing)[0].size == 0
    black = np.zeros(1, np.uint64)  # no place's emptiness looks like it
    assert memory.recall(black)[1].tolist() == [0]
    memory.keep(black, np.array([0x123456], np.uint32))
    assert memory.recall(black)[0].tolist() == [0x123456]


def test_a_full_table_forgets_and_does_not_mix_up() -> None:
    memory = Memory()
    for seed in range(4):
        keys = colours(600_000, seed)
        memory.keep(keys, result(keys))
    made, missing = memory.recall(keys)
    known = np.delete(np.arange(keys.size), missing)
    assert known.size > keys.size / 2
    assert (made[known] == result(keys)[known]).all()


def test_threads_that_write_at_once_find_their_own_results() -> None:
    memory = Memory()
    wrong: list[int] = []

    def work(seed: int) -> None:
        keys = colours(20_000, seed % 3)
        for _ in range(10):
            memory.keep(keys, result(keys))
            made, missing = memory.recall(keys)
            known = np.delete(np.arange(keys.size), missing)
            wrong.append(int((made[known] != result(keys)[known]).sum()))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == [0] * 40
