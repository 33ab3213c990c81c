"""Removing one of many inputs looks at that input only, and leaves what looking at all would."""

from __future__ import annotations

import random
from typing import Any

import pytest

from player.commands import Context, load_all
from player.commands.calling import Calls
from player.media import Probe
from player.session.events import Event, StringEvent
from player.session.group import FanInGroup
from player.session.kinds.inputfacts import InputFacts
from player.session.ports import Ports
from player.session.session import Session

VIEWS = ("defaultSequence", "defaultStack", "defaultLayout")


class One:
    """A session, and what it told."""

    def __init__(self, slow: bool) -> None:
        load_all()
        self.slow = slow
        self.sent: list[tuple[str, str]] = []
        self.session = Session(ports=Ports(media=Probe()))
        self.session.events.trace = self.note
        self.do = Calls(Context(self.session))

    def note(self, event: Event) -> None:
        assert isinstance(event, StringEvent)
        self.sent.append((event.name, event.contents))

    def add(self, length: int, rate: int) -> None:
        name = f"solid,start=3,end={length + 2},fps={rate},width={length},height=8.movieproc"
        self.do.addSource(name)

    def delete(self, name: str) -> None:
        if self.slow:
            for view in VIEWS:
                group = self.session.graph.exact(view)
                assert isinstance(group, FanInGroup)
                group.settled = False  # every chain is looked at again
        self.do.deleteNode(name)

    def state(self) -> list[Any]:
        self.session.settle()
        found: list[Any] = [self.do.frame(), self.do.frameStart(), self.do.frameEnd()]
        for view in VIEWS:
            node = self.session.graph.exact(view)
            assert node is not None
            found += [self.do.nodeConnections(view), node.range_info(), node.struct_info(1)]
        for column in ("source", "frame", "in", "out"):
            found.append(self.do.getIntProperty(f"defaultSequence_sequence.edl.{column}"))
        return found


@pytest.mark.parametrize("seed", range(6))
def test_the_short_way_ends_where_the_long_one_does(seed: int) -> None:
    chance = random.Random(seed)
    both = [One(slow=False), One(slow=True)]
    for _ in range(30):
        names = [n for n in both[0].do.viewNodes() if n.startswith("sourceGroup")]
        what = chance.random()
        if what < 0.4 or not names:
            length, rate = chance.randint(1, 9), chance.choice((24, 25, 30))
            for one in both:
                one.add(length, rate)
        elif what < 0.8:
            name = chance.choice(names)
            for one in both:
                one.delete(name)
        elif what < 0.9:
            name, cut = chance.choice(names), chance.randint(1, 5)
            for one in both:
                one.do.setIntProperty(f"{name}_source.cut.in", [cut])
        else:
            frame = chance.randint(1, 40)
            for one in both:
                one.do.setFrame(frame)
        assert both[0].state() == both[1].state()
        assert both[0].sent == both[1].sent


def test_one_input_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    one = One(slow=False)
    for _ in range(40):
        one.add(5, 24)
    one.state()
    asked: list[int] = []
    update = InputFacts.update

    def counted(facts: InputFacts, nodes: Any) -> list[int]:
        asked.append(len(facts._stale) if not facts._all else len(nodes))
        return update(facts, nodes)

    monkeypatch.setattr(InputFacts, "update", counted)
    one.delete("sourceGroup000020")
    assert asked and max(asked) <= 2
