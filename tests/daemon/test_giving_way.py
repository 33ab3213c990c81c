"""While pixels pour in, a picture of playing that is late gets a moment, and nothing else does."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from player.daemon import screens
from player.daemon.screens import Screens
from player.scripting.pen import Pens


@pytest.mark.parametrize(
    ("playing", "shown", "late", "rests"),
    [
        (True, False, 0.02, True),
        (True, False, 0.001, False),  # it is being made: no need yet
        (True, False, 3.0, False),  # a slow terminal holds it up, not pixels
        (True, True, 0.02, False),
        (False, False, 0.02, False),
    ],
)
def test_tiles_rest_for_a_late_picture_only(
    monkeypatch: pytest.MonkeyPatch, playing: bool, shown: bool, late: float, rests: bool
) -> None:
    slept: list[float] = []
    now = [100.0]
    monkeypatch.setattr(screens, "time", SimpleNamespace(
        monotonic=lambda: now[0], sleep=slept.append))  # fmt: skip
    session: Any = SimpleNamespace(playback=SimpleNamespace(playing=playing))
    renderer: Any = SimpleNamespace(view_size=lambda: (64.0, 48.0))

    async def run() -> None:
        made = Screens(
            session, renderer, kinds=[], size=(64, 48), full_screen=False, wake=lambda: None,
            closed=lambda: None, report=print, pens=Pens(),
        )  # fmt: skip
        made._busy, made._offered = not shown, now[0]
        now[0] += late
        made.give_way()

    asyncio.run(run())
    assert bool(slept) == rests
    assert sum(slept) <= 0.002  # others on the loop hardly notice
