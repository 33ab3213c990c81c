"""Fixtures of the network's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.network.running import Running


@pytest.fixture
def running() -> Iterator[Running]:
    server = Running()
    try:
        yield server
    finally:
        server.close()
