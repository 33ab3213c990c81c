"""A session with scripting, as a player has it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from player.commands import Context, load_all
from player.scripting.deadline import Guard
from player.scripting.pyhost import PythonHost
from player.session.session import Session


class Console:
    """Collects what scripts print on the console."""

    def __init__(self) -> None:
        self.text = ""

    def __call__(self, text: str) -> None:
        self.text += text


@pytest.fixture
def console() -> Console:
    return Console()


@pytest.fixture
def context() -> Context:
    return Context(Session())


@pytest.fixture
def guard() -> Iterator[Guard]:
    made = Guard(limit=5.0)
    made.start()
    yield made
    made.close()


@pytest.fixture
def python(context: Context, guard: Guard, console: Console) -> Iterator[PythonHost]:
    host = PythonHost(context, load_all(), guard, report=console)
    yield host
    host.close()
