"""What pixels that landed change in the graph, and what scripts make of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from player.daemon.landed import Landed
from tests.image.room import Room, room


def land(r: Room, landed: Landed, frame: int, now: float) -> int:
    """Push a frame and tell of it; the revision that whoever reads files goes by."""
    data = np.zeros((4, 4, 4), np.float16).tobytes()
    (place,) = r.store.landings("m", frame, "-", "-", 0, 0, 4, 4, len(data))
    place.write(data)
    landed.announce(now)
    return r.session.graph.revision - landed.changes


@pytest.mark.parametrize("event", ["graph-state-change", "image-structure-change"])
def test_only_what_a_handler_changes_counts(event: str) -> None:
    with room(8, 8) as r:
        r.push(np.zeros((4, 4, 4)), end=9)
        landed = Landed(r.session, r.store)
        before, pixels = r.session.graph.revision, land(r, landed, 2, 1.0)
        assert r.session.graph.revision > before
        assert pixels == land(r, landed, 3, 2.0)  # pixels alone are no reason to plan anew
        heard = []

        def changes(sent: Any) -> None:
            heard.append(sent.contents)
            if len(heard) == 1:
                r.set("#RVColor.color.invert", 1)  # which sends an event itself

        r.session.events.bind("default", "global", event, changes)
        assert land(r, landed, 4, 3.0) > pixels
        assert heard
        assert land(r, landed, 5, 4.0) == land(r, landed, 6, 5.0)
