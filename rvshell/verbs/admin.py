"""Asking a player its own questions (`player-admin`, JSON both ways); RV knows none of them."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from rvshell.errors import CommandFailed, DeadlineExceeded, Refused
from rvshell.verbs.registry import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from rvshell.verbs.context import Context

__all__ = ["ask_player", "dial_from_player"]

ADMIN_EVENT = "player-admin"


def ask_player(
    ctx: Context, do: str, *, instead: Callable[[Context], Any] | None = None, **fields: Any
) -> Any:
    """The player's answer; of a far end that is no player, what *instead* gives.

    Raises CommandFailed for an error it tells of and for a far end that is no player,
    Refused when this user may not ask.
    """
    reply = ctx.remote.ask(Request(json.dumps({"do": do, **fields}), None, ADMIN_EVENT))
    try:
        answer = json.loads(reply)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        if instead is not None:
            return instead(ctx)
        raise CommandFailed(
            f"{ctx.remote.target} does not know {do!r}",
            hint="it is an RV, or an older player: its own dialog has this",
        )
    if "error" in answer:
        error, hint = str(answer["error"]), str(answer.get("hint", ""))
        if error.startswith("permission denied"):
            raise Refused(error, hint=hint)
        raise CommandFailed(error, hint=hint)
    return answer.get("ok")


def dial_from_player(ctx: Context, host: str, port: int, name: str = "") -> None:
    """Let the player connect there, and say how it went.  Raises CommandFailed with the reason
    why not, DeadlineExceeded when nothing is known in time (it goes on all the same)."""
    from rvshell.verbs import rvnetwork

    number = ask_player(
        ctx, "dial", instead=lambda c: rvnetwork.dial(c, host, port, name),
        host=host, port=port, name=name,
    )  # fmt: skip
    if number is None:  # an RV, or a player that does not tell
        return
    end = time.monotonic() + ctx.options.timeout
    pause = 0.02
    while (contact := ask_player(ctx, "dialled", number=number)) is None:
        if time.monotonic() > end:
            raise DeadlineExceeded(
                f"no connection to {host} yet",
                hint="the player goes on; is its user being asked? connections tells",
                seconds=ctx.options.timeout,
            )
        time.sleep(pause)
        pause = min(2 * pause, 0.5)
    ctx.say(f"the player is connected to {contact}")
