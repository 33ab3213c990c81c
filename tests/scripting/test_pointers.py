"""The pointer's default bindings, driven by events as a screen sends them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from player.commands import Context
from player.commands.keys import install_keys
from player.session.events import KeyEvent, PointerEvent
from tests.image.room import Room, room

W, H = 400, 200


class Hand:
    """Presses, drags and types on a room's session."""

    def __init__(self, r: Room) -> None:
        self.room, self.events = r, r.session.events

    def key(self, word: str) -> None:
        self.events.dispatch(KeyEvent(f"key-down--{word}"))

    def point(self, name: str, at: tuple[float, float], start: tuple[float, float]) -> None:
        self.events.dispatch(PointerEvent(f"pointer-{name}", at, (W, H), reference=start))

    def drag(self, head: str, start: tuple[float, float], *path: tuple[float, float]) -> None:
        self.point(f"{head}--push", start, start)
        for at in path:
            self.point(f"{head}--drag", at, start)
        self.point(f"{head}--release", (path or (start,))[-1], start)


@pytest.fixture
def hand() -> Iterator[Hand]:
    with room(W, H) as r:
        install_keys(Context(r.session))
        r.push(np.full((H, W, 4), 0.5), start=1, end=100)
        r.shown()
        yield Hand(r)


def view(hand: Hand) -> tuple[Any, Any]:
    do = hand.room.do
    return (
        tuple(do.getFloatProperty("#RVDispTransform2D.transform.translate")),
        do.getFloatProperty("#RVDispTransform2D.transform.scale")[0],
    )


@pytest.mark.parametrize("head", ["2", "1--alt", "2--alt"])
def test_dragging_moves_the_view_by_as_much(hand: Hand, head: str) -> None:
    hand.drag(head, (100, 100), (110, 100), (150, 80))
    assert view(hand)[0] == pytest.approx((50 / H, -20 / H))
    # what was under the pointer still is: a second drag begins where the first ended
    hand.drag(head, (150, 80), (100, 100))
    assert view(hand)[0] == pytest.approx((0.0, 0.0), abs=1e-6)


def test_shift_keeps_to_one_axis(hand: Hand) -> None:
    hand.drag("2--shift", (100, 100), (150, 80))
    assert view(hand)[0] == pytest.approx((50 / H, 0.0))


def test_at_a_scale_the_view_still_follows_the_pointer(hand: Hand) -> None:
    hand.room.set("#RVDispTransform2D.transform.scale", 2.0, 2.0)
    hand.drag("2", (100, 100), (140, 100))
    assert view(hand)[0] == pytest.approx((20 / H, 0.0))


def test_zoom_about_the_point_that_was_pressed(hand: Hand) -> None:
    r = hand.room
    r.shown()
    name = r.renderer.rendered()[-1].name
    before = r.do.eventToImageSpace(name, (300.0, 150.0))
    hand.drag("1--control", (300, 150), (340, 150))
    assert view(hand)[1] > 1.05
    r.shown()
    after = r.do.eventToImageSpace(name, (300.0, 150.0))
    assert after == pytest.approx(before, abs=0.02)
    hand.drag("1--control", (300, 150), (200, 150))
    assert view(hand)[1] < 1.2


def test_scrubbing(hand: Hand) -> None:
    r = hand.room
    r.do.setFrame(40)
    hand.drag("1", (200, 100), (240, 100))
    assert r.do.frame() == 50  # a quarter of a frame for each pixel: 100 frames over 400
    hand.drag("1", (200, 100), (-400, 100))
    assert r.do.frame() == 1
    r.do.setInPoint(20)
    r.do.setFrame(30)
    hand.drag("1", (200, 100), (-400, 100))
    assert r.do.frame() == 20  # inside the range it stays inside


def test_a_click_plays_and_a_double_click_does_not(hand: Hand) -> None:
    r = hand.room
    hand.drag("1", (200, 100))
    assert r.do.isPlaying()
    hand.drag("1", (200, 100))
    assert not r.do.isPlaying()
    hand.drag("1", (200, 100))
    hand.point("1--double", (200, 100), (200, 100))
    hand.point("1--release", (200, 100), (200, 100))
    assert not r.do.isPlaying()


def test_scrubbing_stops_playback(hand: Hand) -> None:
    r = hand.room
    r.do.play()
    hand.drag("1", (200, 100), (220, 100))
    assert not r.do.isPlaying()


def test_exposure_by_dragging(hand: Hand) -> None:
    r = hand.room
    hand.key("e")
    assert r.session.ui.feedback[-1].text.startswith("Edit exposure")
    hand.drag("1", (200, 100), (300, 100))
    assert list(r.do.getFloatProperty("#RVColor.color.exposure")) == pytest.approx([1.0] * 3)
    assert r.session.ui.feedback[-1].text == "Finished Editing exposure => 1.00"
    frame = r.do.frame()
    hand.drag("1", (200, 100), (300, 100))  # the mode is over: this scrubs
    assert list(r.do.getFloatProperty("#RVColor.color.exposure")) == pytest.approx([1.0] * 3)
    assert r.do.frame() != frame


def test_channels_steps_lock_and_reset(hand: Hand) -> None:
    r = hand.room
    hand.key("y")
    hand.key("g")
    hand.key("=")
    assert list(r.do.getFloatProperty("#RVColor.color.gamma")) == pytest.approx([1.0, 1.2, 1.0])
    hand.key("l")  # locked: keys that mean nothing do not end it
    hand.key("x")
    hand.point("-wheeldown", (0, 0), (0, 0))
    assert list(r.do.getFloatProperty("#RVColor.color.gamma")) == pytest.approx([1.0, 1.0, 1.0])
    hand.key("c")
    hand.key("-")
    assert list(r.do.getFloatProperty("#RVColor.color.gamma")) == pytest.approx([0.8] * 3)
    hand.key("escape")
    assert "paramscrub" not in list(r.do.activeEventTables())
    hand.key("y")
    hand.key("R")
    assert list(r.do.getFloatProperty("#RVColor.color.gamma")) == pytest.approx([1.0] * 3)
    assert "paramscrub" not in list(r.do.activeEventTables())


def test_a_value_has_a_least(hand: Hand) -> None:
    hand.key("S")
    hand.drag("1", (200, 100), (-10000, 100))
    assert list(hand.room.do.getFloatProperty("#RVColor.color.saturation")) == [0.0]


def test_without_sources_there_is_nothing_to_edit() -> None:
    with room(W, H) as r:
        install_keys(Context(r.session))
        Hand(r).key("e")
        assert "paramscrub" not in list(r.do.activeEventTables())


def test_blocked_categories_do_nothing(hand: Hand) -> None:
    hand.room.do.disableEventCategory("panzoom_category")
    hand.drag("2", (100, 100), (150, 80))
    assert view(hand)[0] == (0.0, 0.0)


def test_shift_click_asks_for_the_colour(hand: Hand) -> None:
    hand.drag("1--shift", (100, 100))
    assert hand.room.session.ui.hud == {"inspector"}


def test_a_wipe_is_dragged_by_its_edge() -> None:
    with room(W, H) as r:
        install_keys(Context(r.session))
        hand = Hand(r)
        for name, level in (("top", 1.0), ("below", 0.25)):
            r.push(np.full((H, W, 4), level), name=name)
        r.do.setViewNode("defaultStack")
        r.shown()
        hand.key("f6")
        box = "defaultStack_t_sourceGroup000000.stencil.visibleBox"
        hand.drag("1", (395, 100), (200, 100), (100, 100))
        assert list(r.do.getFloatProperty(box)) == pytest.approx([0.0, 0.25, 0.0, 1.0], abs=0.01)
        r.session.ui.feedback.clear()  # what it says lies over the picture
        shown = r.shown()
        assert (shown[:, :98] == 255).all() and np.abs(shown[:, 102:] - 63.75).max() <= 1.0
        # its new edge is where it is taken now; elsewhere the pointer scrubs
        hand.drag("1", (98, 100), (300, 100))
        assert list(r.do.getFloatProperty(box)) == pytest.approx([0.0, 0.75, 0.0, 1.0], abs=0.01)
        r.shown()
        hand.drag("1", (150, 100), (250, 100))
        assert list(r.do.getFloatProperty(box)) == pytest.approx([0.0, 0.75, 0.0, 1.0], abs=0.01)
        hand.drag("1--shift", (295, 100))
        assert list(r.do.getFloatProperty(box)) == [0.0, 1.0, 0.0, 1.0]
        hand.key("f6")
        hand.drag("1", (395, 100), (200, 100))
        assert list(r.do.getFloatProperty(box)) == [0.0, 1.0, 0.0, 1.0]
