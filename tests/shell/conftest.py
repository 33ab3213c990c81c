"""Fixtures for everything that needs a running player and a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.shell.harness import BARS, PlayerProcess, Terminal
from tests.shell.running import Batch


@pytest.fixture(scope="module")
def player(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlayerProcess]:
    """A player for the tests of a module; each test begins with an empty session."""
    running = PlayerProcess(tmp_path_factory.mktemp("player"))
    yield running
    running.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def bars(player: PlayerProcess) -> PlayerProcess:
    """The player with one source of a hundred frames, at the first of them."""
    with closing(Batch(player.port)) as once:
        once.out(f"stop; clear; add {BARS}; in reset; out reset; mode loop; inc 1; fps 24; frame 1")
    return player


@pytest.fixture
def terminal(bars: PlayerProcess, home: Path) -> Iterator[Terminal]:
    """rvshell's prompt, connected and showing the state."""
    shell = Terminal.rvshell(bars.address, home=home)
    shell.until(lambda t: "1–100" in t.toolbar, "the toolbar")
    yield shell
    shell.close()


@pytest.fixture(scope="module")
def connection(player: PlayerProcess) -> Iterator[Batch]:
    made = Batch(player.port)
    yield made
    made.close()


@pytest.fixture
def batch(connection: Batch) -> Batch:
    """A batch run against a player with one source of a hundred frames."""
    connection.out(
        f"stop; clear; add {BARS}; in reset; out reset; mode loop; inc 1; fps 24; "
        "view defaultSequence; frame 1"
    )
    return connection
