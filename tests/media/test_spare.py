"""What decoders keep: counted, given back by those that rest, never by those in use."""

from __future__ import annotations

import gc
import threading
import weakref

from player.media.spare import Account, Spares


class User:
    """Keeps some bytes until it rests."""

    def __init__(self, kept: int) -> None:
        self.kept = kept

    def spare(self) -> int:
        return self.kept

    def rest(self) -> None:
        self.kept = 0


def test_frames_are_counted_as_long_as_somebody_holds_them() -> None:
    account = Account()
    held = [account.hold(10) for _ in range(5)]
    assert account.spare == 0
    del held[1:4]
    assert account.spare == 30
    held.append(account.hold(10))  # the next frame gets that memory
    assert account.spare == 20

    def let_go() -> None:
        held.clear()

    thread = threading.Thread(target=let_go)
    thread.start()
    thread.join()
    assert account.spare == 50


def test_those_that_rested_longest_give_back_first_and_no_more_than_needed() -> None:
    spares = Spares(limit=100)
    users = [User(60), User(60), User(60), User(60)]
    for user in users:
        spares.use(user)
    for _ in range(16):
        spares.use(users[3])
    assert [u.kept for u in users] == [60, 60, 60, 60]  # all were used lately
    for _ in range(3):
        spares.use(users[3])
    assert [u.kept for u in users] == [0, 0, 60, 60]


def test_many_that_are_used_in_turn_keep_what_they_have() -> None:
    spares = Spares(limit=0)
    users = [User(5) for _ in range(40)]
    for _ in range(10):
        for user in users:
            spares.use(user)
    assert {u.kept for u in users} == {5}
    spares.clear()
    assert {u.kept for u in users} == {0}


def test_who_left_is_not_asked_and_nobody_is_kept_alive() -> None:
    spares = Spares(limit=0)
    left, gone, last = User(5), User(5), User(5)
    for user in (left, gone, last):
        spares.use(user)
    spares.leave(left)
    seen = weakref.ref(gone)
    del gone, user
    gc.collect()
    assert seen() is None
    for _ in range(60):
        spares.use(last)
    spares.clear()
    assert (left.kept, last.kept) == (5, 0)
