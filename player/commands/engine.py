"""Calls into the session whose errors a script never reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from player.commands.errors import EngineError
from player.session.errors import SessionError

__all__ = ["engine"]

T = TypeVar("T")


def engine(action: Callable[[], T]) -> T:
    """Run something of the session; its errors are engine errors."""
    try:
        return action()
    except SessionError as error:
        raise EngineError(str(error)) from None
