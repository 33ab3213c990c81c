"""The same call in Mu and in Python: its value in each, and the events it sends, which agree.

``agreement.jsonl`` holds one call a line: ``mu`` and ``reply`` (of remote-eval), ``python`` and
``value`` (of remote-pyeval; no ``python`` where Python has no such command) and ``events``. Each
call meets a fresh session of two sources: 10 frames at 24 and 20 frames (101 to 120) at 25.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from player.media import Probe
from player.scripting.engine import Policy, ScriptEngine
from player.session.events import Event, StringEvent
from player.session.ports import Ports
from player.session.session import Session

ROWS = [
    json.loads(line)
    for line in Path(__file__).with_name("agreement.jsonl").read_text("utf-8").splitlines()
]
MEDIA = (
    'addSource("solid,start=1,end=10,fps=24,width=64,height=48.movieproc"); '
    'addSource("smptebars,start=101,end=120,fps=25,width=128,height=64.movieproc");'
)


def asked(call: Callable[[ScriptEngine], str]) -> tuple[str, list[list[str]]]:
    """The answer of a call to a fresh engine, and the events meanwhile."""
    session = Session("output", ports=Ports(media=Probe()), clock=lambda: 100.0)
    engine = ScriptEngine(session, policy=Policy(limit=20.0), report=lambda text: None)
    sent: list[list[str]] = []

    def note(event: Event) -> None:
        sent.append([event.name, event.contents if isinstance(event, StringEvent) else ""])

    try:
        engine.mu(MEDIA)
        session.settle()
        session.events.trace = note
        return call(engine), sent
    finally:
        engine.close()


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r["mu"][:60])
def test_mu_and_python_agree(row: dict[str, Any]) -> None:
    reply, sent = asked(lambda engine: engine.mu(row["mu"]))
    assert reply == row["reply"]
    assert sent == row["events"]
    if "python" in row:
        value, also = asked(lambda engine: engine.pyeval(row["python"]))
        assert value == row["value"]
        assert also == row["events"]
