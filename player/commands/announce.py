"""Commands that other players repeat: told before, with broadcasts held back meanwhile."""

from __future__ import annotations

import json
from typing import Any

from player.session.session import Session

__all__ = ["announced"]


class announced:
    """``with announced(session, name, args)``: generic-rv-command and the push/pop pair.

    Source: Open RV ``src/lib/app/RvApp/CommandsModule.cpp``; the contents are compact JSON.
    """

    def __init__(self, session: Session, name: str, args: list[Any]) -> None:
        self._session = session
        self._name = name
        self._args = args

    def __enter__(self) -> None:
        text = json.dumps(
            {"args": self._args, "name": self._name}, separators=(",", ":"), ensure_ascii=False
        )
        self._session.emit("generic-rv-command", text)
        self._session.emit("push-eat-broadcast-events")

    def __exit__(self, *error: object) -> None:
        self._session.emit("pop-eat-broadcast-events")
