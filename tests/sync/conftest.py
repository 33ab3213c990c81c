"""A player `ann` and a peer `bob` that only listens, in sync."""

from __future__ import annotations

import pytest

from tests.sync.simulation import Rv, Site, World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def pair(world: World) -> tuple[Site, Rv]:
    """ann (session0) and bob (session1), greeted, version told, nothing left in the queues."""
    ann, bob = world.site("ann"), world.rv("bob")
    world.join(bob, ann)
    world.settle()
    bob.send(ann, "remote-sync-greeting", "session1")
    bob.send(ann, "remote-sync-version", "5|session1", "session0")
    bob.take()
    assert world.errors == []
    return ann, bob
