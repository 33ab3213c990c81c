"""Who is let in, who is asked about, and with what rights."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from player.network.book import ALLOW, ASK, DENY, ContactBook
from player.network.doorman import MAX_FROM_ONE, Doorman, Pending
from player.network.link import Link
from player.network.peer import Peer
from player.network.scopes import ALL, DEFAULT_SCOPES
from rvshell.errors import CommandFailed
from tests.waiting import until_async

US, THEM = 1000, 1001


def peer(name: str = "bob", address: str = "10.1.1.1", **known: Any) -> Peer:
    local = known.pop("local", False)
    made = Peer(
        cast(Link, None),
        address=address,
        port=5,
        local=local,
        incoming=known.pop("incoming", True),
        since=0,
    )
    made.name, made.host, made.app = name, "localhost" if local else "far", "rv"
    made.contact = f"{name}@{made.host}"
    for key, value in known.items():
        setattr(made, key, value)
    return made


def doorman(**options: Any) -> Doorman:
    return Doorman(ContactBook(None), uid=US, **options)


async def asked(door: Doorman, who: Peer) -> tuple[asyncio.Task[bool], Pending]:
    task = asyncio.create_task(door.admit(who))
    await until_async(lambda: door.pending)
    return task, door.pending[-1]


async def test_our_own_programs_may_do_everything_and_are_not_recorded() -> None:
    door = doorman(permission=DENY)
    who = peer(local=True, owner=US)
    assert await door.admit(who)
    assert who.trusted and who.scopes == ALL
    assert len(door.book) == 0


@pytest.mark.parametrize("owner", [THEM, 0, None])
async def test_programs_of_other_users_are_asked_about(owner: int | None) -> None:
    door = doorman()
    who = peer(local=True, owner=owner)
    task, pending = await asked(door, who)
    door.answer(pending.id, "allow")
    assert await task
    assert not who.trusted and who.scopes == DEFAULT_SCOPES


async def test_ask_local_asks_about_our_own_too() -> None:
    door = doorman(ask_local=True)
    task, pending = await asked(door, peer(local=True, owner=US))
    door.answer(pending.id, "deny")
    assert not await task


@pytest.mark.parametrize(
    ("answer", "allowed", "remembered"),
    [("allow", True, None), ("always", True, ALLOW), ("deny", False, None), ("never", False, DENY)],
)
async def test_answers(answer: str, allowed: bool, remembered: int | None) -> None:
    told: list[Pending] = []
    gone: list[Pending] = []
    door = doorman(told=told.append, gone=gone.append)
    task, pending = await asked(door, peer())
    assert told == [pending]
    described = pending.described()
    assert (described["contact"], described["address"], described["app"]) == (
        "bob@far",
        "10.1.1.1",
        "rv",
    )
    assert described["scopes"] == ["view", "control", "pixels", "media"]
    door.answer(pending.id, answer)
    assert await task is allowed
    assert gone == [pending] and door.pending == []
    contact = door.book.get("bob@far")
    assert contact is not None and contact.permission == remembered
    if remembered is not None:  # and it counts the next time, without a question
        assert await door.admit(peer()) is allowed


async def test_no_answer_in_time_is_a_denial(caplog: pytest.LogCaptureFixture) -> None:
    door = doorman(ask_timeout=0.01)
    assert not await door.admit(peer())
    assert "nobody answered within 0.01 s" in caplog.text
    assert door.book.get("bob@far") is not None  # recorded, accepted or not


async def test_a_denial_blocks_nothing_afterwards() -> None:
    door = doorman()
    task, pending = await asked(door, peer())
    door.answer(pending.id, "deny")
    assert not await task
    task, pending = await asked(door, peer())
    door.answer(pending.id, "allow")
    assert await task


@pytest.mark.parametrize(("permission", "allowed"), [(ALLOW, True), (DENY, False)])
async def test_the_default_for_new_contacts(permission: int, allowed: bool) -> None:
    door = doorman(permission=permission)
    assert await door.admit(peer()) is allowed
    contact = door.book.get("bob@far")
    assert contact is not None and contact.permission is None


async def test_granted_scopes_count_instead_of_the_usual_ones(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "player.network")
    door = doorman()
    door.book.decide("bob@far", ALLOW, ("view", "eval", "nonsense"))
    who = peer()
    assert await door.admit(who)
    assert who.scopes == {"view", "eval"}
    task, pending = await asked(door, peer("eve"))
    door.answer(pending.id, "always", frozenset({"view"}))
    assert await task
    contact = door.book.get("eve@far")
    assert contact is not None and contact.scopes == ("view",)
    assert caplog.messages[-1].endswith("admitted, it may: view")


async def test_what_we_dialled_and_what_proved_itself_is_not_asked_about() -> None:
    door = doorman()
    dialled, proven = peer(incoming=False), peer("eve", proof="token:eve")
    assert await door.admit(dialled) and await door.admit(proven)
    assert dialled.scopes == DEFAULT_SCOPES
    assert proven.scopes == ALL - {"python"}
    door.book.decide("eve@far", DENY)
    assert not await door.admit(peer("eve", proof="token:eve"))


async def test_a_flood_of_questions_is_denied() -> None:
    door = doorman()
    tasks = [asyncio.create_task(door.admit(peer(f"n{i}"))) for i in range(MAX_FROM_ONE)]
    await until_async(lambda: len(door.pending) == MAX_FROM_ONE)
    assert not await door.admit(peer("one more"))
    other = asyncio.create_task(door.admit(peer("other", "10.1.1.2")))
    await until_async(lambda: len(door.pending) == MAX_FROM_ONE + 1)
    for task in (*tasks, other):
        task.cancel()
    await asyncio.gather(*tasks, other, return_exceptions=True)
    assert door.pending == []


async def test_answers_to_nothing_and_wrong_answers() -> None:
    door = doorman(permission=ASK)
    with pytest.raises(CommandFailed, match="no connection request 7"):
        door.answer(7, "allow")
    task, pending = await asked(door, peer())
    with pytest.raises(CommandFailed, match="no answer"):
        door.answer(pending.id, "perhaps")
    door.answer(pending.id, "allow")
    with pytest.raises(CommandFailed, match="no connection request"):
        door.answer(pending.id, "deny")
    assert await task
