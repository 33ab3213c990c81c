"""Default bindings and the dispatcher, with a stand-in for the evaluators."""

from __future__ import annotations

import pytest

from player.commands import Context, load_all
from player.commands.keys import KEYS
from player.scripting.dispatcher import Dispatcher
from player.scripting.handlers import install_default_bindings
from player.session.events import DataEvent, Event, PixelBlockEvent, StringEvent


class Echo:
    """Answers with what it was asked, and who asked."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def mu(self, text: str, prefix: str = "remote-eval") -> str:
        return f"{prefix}:{text}:{self.context.sender}"

    def pyeval(self, text: str, event: StringEvent | None = None, sender: str = "") -> str:
        if text == "fail":
            raise ValueError("broken evaluator")
        return f"py:{text}:{sender}"

    def pyexec(self, text: str, event: StringEvent | None = None, sender: str = "") -> str:
        return ""


@pytest.fixture
def reports() -> list[str]:
    return []


@pytest.fixture
def dispatcher(context: Context, reports: list[str]) -> Dispatcher:
    echo = Echo(context)
    install_default_bindings(context, load_all(), echo, keys=True)
    return Dispatcher(context, echo, reports.append)


@pytest.mark.parametrize("watched", [False, True])
def test_evaluation_is_the_same_with_and_without_a_listener(
    dispatcher: Dispatcher, context: Context, watched: bool
) -> None:
    seen: list[str] = []
    if watched:
        events = context.session.events
        events.modes.define_minor("watch")
        events.modes.activate("watch")

        def watch(event: Event) -> None:
            seen.append(event.name)
            event.reject()

        events.bind_regex("watch", "global", "^remote-", watch)
    assert dispatcher.event("me@here", "remote-eval", "x") == "remote-eval:x:me@here"
    assert dispatcher.event("me@here", "remote-sync-eval", "x") == "remote-sync-eval:x:me@here"
    assert dispatcher.event("me@here", "remote-pyeval", "y") == "py:y:me@here"
    assert dispatcher.event("me@here", "remote-pyexec", "z") == ""
    assert len(seen) == (4 if watched else 0)
    assert context.sender == ""


def test_a_replaced_default_binding_counts(dispatcher: Dispatcher, context: Context) -> None:
    def mine(event: Event) -> None:
        assert isinstance(event, StringEvent)
        event.return_content = "mine"

    context.session.events.bind("default", "global", "remote-eval", mine)
    assert dispatcher.event("me@here", "remote-eval", "x") == "mine"


def test_any_event_reaches_bindings_and_unknown_ones_answer_nothing(
    dispatcher: Dispatcher, context: Context
) -> None:
    def hello(event: Event) -> None:
        assert isinstance(event, StringEvent)
        event.return_content = event.contents + event.sender

    context.session.events.bind("default", "global", "hello", hello)
    assert dispatcher.event("me@here", "hello", "a b\nc ") == "a b\nc me@here"
    assert dispatcher.event("me@here", "nobody", "x") == ""


def test_a_failing_evaluator_is_contained(dispatcher: Dispatcher, reports: list[str]) -> None:
    assert dispatcher.event("me@here", "remote-pyeval", "fail") == ""
    assert reports == ["ERROR: event remote-pyeval of me@here: ValueError: broken evaluator\n"]
    assert dispatcher.event("me@here", "remote-pyeval", "1") == "py:1:me@here"


def test_data_events_carry_bytes_type_and_sender(dispatcher: Dispatcher, context: Context) -> None:
    got: list[tuple[str, bytes, str]] = []

    def take(event: Event) -> None:
        assert isinstance(event, DataEvent)
        got.append((event.content_type, event.data, event.sender))
        event.return_content = "thanks"

    context.session.events.bind("default", "global", "blob", take)
    assert dispatcher.data("me@here", "blob", "application/x", b"\0\xff") == "thanks"
    assert got == [("application/x", b"\0\xff", "me@here")]


def test_tiles_are_default_until_somebody_binds(dispatcher: Dispatcher, context: Context) -> None:
    assert dispatcher.pixel_block_is_default()
    events = context.session.events
    seen: list[str] = []

    def watch(event: Event) -> None:
        assert isinstance(event, PixelBlockEvent)
        seen.append(event.media)

    events.push_event_table("top")
    events.bind("default", "top", "pixel-block", watch)
    assert not dispatcher.pixel_block_is_default()
    tile = PixelBlockEvent("pixel-block", "m", "-", "-", 1, 0, 0, 1, 1, b"\0\0\0\0")
    assert dispatcher.tile(tile)
    assert seen == ["m"]
    events.unbind("default", "top", "pixel-block")
    assert dispatcher.pixel_block_is_default()


def test_every_key_names_commands_that_exist(dispatcher: Dispatcher, context: Context) -> None:
    for key in KEYS:
        assert context.session.events.modes.documentation(key.event, "default", key.table)


def test_a_blocked_category_blocks_its_keys(dispatcher: Dispatcher, context: Context) -> None:
    blocked: list[str] = []

    def note(event: Event) -> None:
        assert isinstance(event, StringEvent)
        blocked.append(event.contents)

    events = context.session.events
    events.bind("default", "global", "category-event-blocked", note)
    events.categories.disable("info_category")
    events.send("key-down--i")
    assert blocked == ["info_category"]


def test_key_tables_are_pushed_and_popped(dispatcher: Dispatcher, context: Context) -> None:
    events = context.session.events
    events.send("key-down--alt--s")
    assert [t.name for t in events.modes.stack()] == ["global", "stereo"]
    events.send("key-down--alt--s")
    assert [t.name for t in events.modes.stack()] == ["global"]
