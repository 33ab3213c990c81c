"""Delivery: order, reject, return contents, errors, nesting, and the fast questions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from player.session.bindings import Action
from player.session.events import (
    EVENT_CATEGORIES,
    MAX_DEPTH,
    Event,
    EventBus,
    EventCategories,
    StringEvent,
)


@pytest.fixture
def bus() -> EventBus:
    return EventBus()


def answering(text: str, *, reject: bool = False) -> Callable[[Event], None]:
    def handler(event: Event) -> None:
        assert isinstance(event, StringEvent)
        event.return_content = text
        if reject:
            event.reject()

    return handler


def test_unbound_event_returns_empty(bus: EventBus) -> None:
    event = bus.send("nobody", "x")
    assert event.return_content == ""
    assert not event.handled


def test_reject_goes_on_and_the_last_answer_wins(bus: EventBus) -> None:
    bus.bind("default", "global", "e1", answering("A"))
    bus.push_event_table("tab")
    bus.bind("default", "tab", "e1", answering("B", reject=True))
    assert bus.send("e1").return_content == "A"
    bus.bind("default", "tab", "e1", answering("C"))
    assert bus.send("e1").return_content == "C"
    bus.pop_event_table()
    assert bus.send("e1").return_content == "A"


def test_handler_sees_name_contents_sender_and_array(bus: EventBus) -> None:
    seen: list[tuple[str, str, str, tuple[str, ...]]] = []

    def handler(event: Event) -> None:
        assert isinstance(event, StringEvent)
        seen.append((event.name, event.contents, event.sender, event.contents_array))

    bus.bind_regex("default", "global", "^graph-", handler)
    bus.send("graph-new-node", "n", sender="me@here", contents_array=["n", "RVColor", "1", ""])
    assert seen == [("graph-new-node", "n", "me@here", ("n", "RVColor", "1", ""))]


def test_an_error_counts_as_consumed_and_is_reported(bus: EventBus) -> None:
    failures: list[str] = []
    bus.on_error = lambda event, action, error: failures.append(f"{event.name}: {error}")

    def broken(event: Event) -> None:
        raise ValueError("no")

    bus.push_event_table("top")
    bus.bind("default", "global", "e", answering("below"))
    bus.bind("default", "top", "e", broken)
    assert bus.send("e").return_content == ""
    assert failures == ["e: no"]


def test_an_error_behind_reject_goes_on(bus: EventBus) -> None:
    def broken(event: Event) -> None:
        event.reject()
        raise ValueError("no")

    bus.push_event_table("top")
    bus.bind("default", "global", "e", answering("below"))
    bus.bind("default", "top", "e", broken)
    assert bus.send("e").return_content == "below"


def test_report_once_is_silent_from_the_second_failure(bus: EventBus) -> None:
    failures: list[bool] = []
    bus.on_error = lambda event, action, error: failures.append(action.report_once)

    def broken(event: Event) -> None:
        raise ValueError("no")

    bus.bind("default", "global", "mu", broken, report_once=True)
    bus.bind("default", "global", "py", broken)
    for name in ("mu", "mu", "py", "py"):
        bus.send(name)
    assert failures == [True, False, False]


def test_nested_events_run_inside(bus: EventBus) -> None:
    order: list[str] = []

    def outer(event: Event) -> None:
        order.append("outer begins")
        bus.send("inner")
        order.append("outer ends")

    bus.bind("default", "global", "outer", outer)
    bus.bind("default", "global", "inner", lambda event: order.append("inner"))
    bus.send("outer")
    assert order == ["outer begins", "inner", "outer ends"]
    assert bus.depth == 0


def test_endless_nesting_ends(bus: EventBus) -> None:
    count = 0
    failures: list[Exception] = []
    bus.on_error = lambda event, action, error: failures.append(error)

    def again(event: Event) -> None:
        nonlocal count
        count += 1
        bus.send("again")

    bus.bind("default", "global", "again", again)
    bus.send("again")
    assert count == MAX_DEPTH
    assert [type(error) for error in failures] == [RecursionError]


def test_handler_that_unbinds_itself_and_rejects(bus: EventBus) -> None:
    order: list[str] = []

    def once(event: Event) -> None:
        order.append("once")
        bus.unbind("default", "top", "e")
        event.reject()

    bus.push_event_table("top")
    bus.bind("default", "top", "e", once)
    bus.bind("default", "global", "e", lambda event: order.append("global"))
    bus.send("e")
    bus.send("e")
    assert order == ["once", "global", "global"]


def test_handler_that_rebinds_itself_and_rejects_does_not_hang(bus: EventBus) -> None:
    def rebind(event: Event) -> None:
        bus.bind("default", "global", "e", rebind)
        event.reject()

    bus.bind("default", "global", "e", rebind)
    assert not bus.send("e").handled


def test_pushed_table_counts_from_the_next_event(bus: EventBus) -> None:
    order: list[str] = []

    def push(event: Event) -> None:
        order.append("global")
        bus.push_event_table("top")
        event.reject()

    bus.bind("default", "global", "e", push)
    bus.bind("default", "top", "e", lambda event: order.append("top"))
    bus.send("e")
    bus.send("e")
    assert order == ["global", "top"]


def test_has_listener_follows_bindings(bus: EventBus) -> None:
    assert not bus.has_listener("frame-changed")
    bus.bind_regex("default", "global", "^frame", answering(""))
    assert bus.has_listener("frame-changed")
    bus.unbind_regex("default", "global", "^frame")
    assert not bus.has_listener("frame-changed")
    bus.trace = lambda event: None
    assert bus.has_listener("frame-changed")


def test_trace_sees_every_event_in_order(bus: EventBus) -> None:
    seen: list[str] = []
    bus.trace = lambda event: seen.append(event.name)
    bus.bind("default", "global", "a", lambda event: bus.send("b"))
    bus.send("a")
    bus.send("c")
    assert seen == ["a", "b", "c"]


def test_sole_builtin(bus: EventBus) -> None:
    bus.bind("default", "global", "pixel-block", answering(""), builtin=True)
    found = bus.sole_builtin("pixel-block")
    assert isinstance(found, Action)
    bus.modes.define_minor("watcher")
    bus.bind_regex("watcher", "global", "pixel", answering(""))
    assert bus.sole_builtin("pixel-block") is found
    bus.modes.activate("watcher")
    assert bus.sole_builtin("pixel-block") is None
    bus.modes.deactivate("watcher")
    bus.bind("default", "global", "pixel-block", answering(""))
    assert bus.sole_builtin("pixel-block") is None


def test_time_stamps_start_at_the_first_event() -> None:
    now = [100.0]
    bus = EventBus(clock=lambda: now[0])
    bus.bind("default", "global", "e", answering(""))
    assert bus.send("e").time == 0.0
    now[0] = 102.5
    assert bus.send("e").time == 2.5


def test_many_names_do_not_grow_the_cache(bus: EventBus) -> None:
    for i in range(10_000):
        bus.send(f"name-{i}")
    assert len(bus._cache) <= 4097


def test_categories() -> None:
    categories = EventCategories()
    categories.disable("playcontrol_category")
    assert not categories.is_enabled("playcontrol_category")
    assert categories.is_enabled("nope")
    categories.filter_all(True)
    assert not any(map(categories.is_enabled, EVENT_CATEGORIES))
    assert categories.is_enabled("holdAndGhost_category")
    categories.filter_all(False)
    assert all(map(categories.is_enabled, EVENT_CATEGORIES))
    categories.disable("")
    assert categories.is_enabled("")
