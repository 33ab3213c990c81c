"""What the far end was asked to tell, when a connection ends without a word."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rvshell.client import Client
from rvshell.shell.board import Board
from rvshell.shell.link import Link
from rvshell.shell.refresh import Refresher
from rvshell.shell.snapshot import Snapshot
from rvshell.verbs.remote import Remote
from rvshell.verbs.target import Target
from tests.shell.harness import PlayerProcess
from tests.waiting import DEADLINE, until


@pytest.fixture
def other(bars: PlayerProcess) -> Iterator[Client]:
    with Client.connect(port=bars.port, name="other", timeout=DEADLINE) as client:
        yield client


def active(other: Client, mode: str) -> str:
    return other.eval_mu(f'isModeActive("{mode}")')


def subscribed(bars: PlayerProcess) -> tuple[Remote, str, list[str]]:
    """A connection that is told of frames, the mode that does it, and what came."""
    remote = Remote(Target("127.0.0.1", bars.port))
    remote.connect()
    assert remote.subscribe("^frame-changed$")
    came: list[str] = []
    remote.listeners.append(lambda name, contents: came.append(name))
    return remote, remote._mode, came


def test_who_comes_back_is_told_once(bars: PlayerProcess, other: Client) -> None:
    remote, mode, came = subscribed(bars)
    for _ in range(3):
        remote.lost()
        remote.connect()
    assert active(other, mode) == "false" and active(other, remote._mode) == "true"
    other.eval_mu("setFrame(7)")
    until(lambda: came or remote.idle(1.0))
    remote.mu("frame()")  # whatever else was told is in front of the answer
    assert came == ["frame-changed"]
    remote.close()


def test_what_nobody_hears_ends_itself(bars: PlayerProcess, other: Client) -> None:
    """Handlers of shells that were killed would make each frame slower."""
    remote, mode, _ = subscribed(bars)
    assert active(other, mode) == "true"
    remote.lost()
    until(lambda: "rv-shell" not in other.eval_mu("remoteConnections()"))
    other.eval_mu("setFrame(9)")
    assert active(other, mode) == "false"


def test_the_prompt_is_told_once_after_it_came_back(bars: PlayerProcess, other: Client) -> None:
    board, snapshot = Board(), Snapshot()
    link = Link("prompt", "rv-shell", DEADLINE, board, Refresher(board, snapshot))
    link.keep = True
    try:
        link.call(link.open(Target("127.0.0.1", bars.port)))
        until(lambda: link.mode)
        old, client = link.mode, link.client
        assert client is not None
        link.loop.call_soon_threadsafe(client._abort)
        until(lambda: link.client is not client and link.mode not in ("", old))
        assert active(other, old) == "false" and active(other, link.mode) == "true"
        link.call(link.close())
    finally:
        link.shut()
