from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pixels.running import RunningPlayer


@pytest.fixture(scope="module")
def shared_player(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlayer]:
    with RunningPlayer(tmp_path_factory.mktemp("player")) as player:
        yield player


@pytest.fixture
def player(shared_player: RunningPlayer) -> RunningPlayer:
    """A player without sources."""
    shared_player.ask("clearSession();")
    return shared_player


@pytest.fixture
def own_player(tmp_path: Path) -> Iterator[RunningPlayer]:
    with RunningPlayer(tmp_path) as player:
        yield player
