"""The verb `contacts`: RV's Contacts page, where every program that ever asked is listed."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

from rvshell.errors import UsageError
from rvshell.verbs import rvnetwork
from rvshell.verbs.admin import ask_player, dial_from_player
from rvshell.verbs.registry import verb

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__: list[str] = []


@verb(
    "contacts [ACTION] [CONTACT…] [--permission P] [--scopes SCOPES] [--port PORT]",
    help="List the player's contacts, or change them: set NAME@HOST allow|ask|deny "
    "(reject is deny), set NAME@HOST --scopes view,control, rm NAME@HOST…, "
    "connect NAME@HOST, disconnect NAME@HOST.",
    example="contacts set bob@render7 deny",
    more=(
        "contacts",
        "contacts set anna@render7 --scopes view,control",
    ),
    scope="network",
    kinds={"ACTION": "list|set|rm|connect|disconnect"},
)
def contacts(
    ctx: Context,
    action: str | None = None,
    contact: list[str] | None = None,
    permission: str | None = None,
    scopes: str | None = None,
    port: int | None = None,
) -> Any:
    names = list(contact or [])
    if action in (None, "list"):
        return [
            _shown(row) if "first" in row else row
            for row in ask_player(ctx, "contacts", instead=rvnetwork.contacts)
        ]
    if not names:
        raise UsageError(f"contacts {action} needs a contact", hint="NAME@HOST")
    if action == "set":
        if len(names) > 1:
            permission = names[1]
        if permission is None and scopes is None:
            raise UsageError("contacts set: nothing to set", hint="allow, ask, deny or --scopes")
        words = None if scopes is None else scopes.split(",")
        row = ask_player(ctx, "contact-set", contact=names[0], permission=permission, scopes=words)
        if row["connected"] and row["permission"] == "deny":
            ctx.say(f"{names[0]} is connected still: kick {names[0]}")
        return _shown(row)
    if action in ("rm", "delete"):
        for name in names:
            ask_player(ctx, "contact-remove", contact=name)
        return None
    if action == "disconnect":
        for name in names:
            instead = partial(rvnetwork.kick, contact=name)
            ask_player(ctx, "disconnect", instead=instead, contact=name)
        return None
    if action == "connect":
        for name in names:
            who, _, host = name.rpartition("@")
            dial_from_player(ctx, host, port or 0, who)
        return None
    raise UsageError(
        f"contacts {action}: no such action", hint="list, set, rm, connect or disconnect"
    )


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    shown = dict(row)
    for key in ("first", "last"):
        seconds = shown.get(key)
        shown[key] = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds)) if seconds else ""
    return shown
