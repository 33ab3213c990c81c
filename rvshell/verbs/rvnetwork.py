"""What RV's own commands can do of its network dialog, for a far end that is no player.

An RV answers no `player-admin` question, but has Mu commands for the same things. What it only has
in its windows (who may connect, the answers to its questions, its settings) stays there.

Source of the behaviour: reference of RV's commands, chapter of networking; `remoteNetwork(false)`
ends our own connection too, so no answer is waited for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rvshell.errors import CommandFailed
from rvshell.verbs.muvalue import parse_value, quote
from rvshell.verbs.registry import Request

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__ = ["connections", "contacts", "dial", "kick", "start", "status", "stop", "sync"]


def _texts(value: Any) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list) else []


def _ask(ctx: Context, *codes: str) -> list[Any]:
    return [parse_value(reply) for reply in ctx.remote.ask_all([Request(c) for c in codes])]


def status(ctx: Context) -> dict[str, Any]:
    """`network status`, in RV's words."""
    on, peers, name, port = _ask(
        ctx, "remoteNetworkStatus()", "remoteConnections()", "remoteLocalContactName()",
        "myNetworkPort()",
    )  # fmt: skip
    count = len(_texts(peers))
    state = f"Running / {count} Connection{'' if count == 1 else 's'}"
    return {
        "state": state if on == 1 else "Not Running",
        "running": on == 1,
        "connections": count,
        "name": name,
        "port": port,
    }


def start(ctx: Context) -> None:
    """`network start`: it listens already, or nobody could ask."""
    ctx.remote.mu("remoteNetwork(true)")


def stop(ctx: Context, force: bool) -> None:
    """`network stop`. Raises CommandFailed when others are connected and *force* is not given."""
    others = len(_texts(_ask(ctx, "remoteConnections()")[0])) - 1
    if others > 0 and not force:
        who = "another is" if others == 1 else f"{others} others are"
        raise CommandFailed(f"{who} connected", hint="network stop --force")
    ctx.remote.send_event("remote-eval", "remoteNetwork(false)")


def kick(ctx: Context, contact: str) -> None:
    """`kick`. Raises CommandFailed when nobody of that name is connected."""
    if contact not in (known := _texts(_ask(ctx, "remoteConnections()")[0])):
        raise CommandFailed(f"{contact} is not connected", hint=f"connected: {', '.join(known)}")
    ctx.remote.mu(f"remoteDisconnect({quote(contact)})")


def dial(ctx: Context, host: str, port: int, name: str) -> None:
    """`dial`: RV connects some time, or shows why not. Raises CommandFailed for what it cannot."""
    if "://" in host:
        raise CommandFailed(f"RV connects to no {host}", hint="it knows plain HOST and HOST:PORT")
    ctx.remote.mu(f"remoteConnect({quote(name or host)}, {quote(host)}, {port})")
    ctx.say(f"RV was asked to connect to {host}; peers lists it when it has")


def connections(ctx: Context) -> list[dict[str, Any]]:
    """`connections`: contact, program and direction."""
    peers, apps = map(_texts, _ask(ctx, "remoteConnections()", "remoteApplications()"))
    asked = _ask(ctx, *(f"remoteConnectionIsIncoming({quote(p)})" for p in peers))
    return [
        {"contact": p, "app": a, "direction": "in" if incoming is True else "out"}
        for p, a, incoming in zip(peers, apps, asked, strict=False)
    ]


def contacts(ctx: Context) -> list[dict[str, Any]]:
    """`contacts`: who is connected, then the other names that RV knows."""
    rows = [{"contact": r["contact"], "connected": True, "app": r["app"]} for r in connections(ctx)]
    here = {str(row["contact"]).rpartition("@")[0] for row in rows}
    names = [n for n in _texts(_ask(ctx, "remoteContacts()")[0]) if n not in here]
    return rows + [{"contact": n, "connected": False, "app": ""} for n in names]


def sync(ctx: Context, action: str) -> dict[str, Any] | None:
    """`sync on`, `off` and `status`, as RV's menu does it."""
    active = 'commands.isModeActive("sync")'
    if action == "status":
        return {"on": _ask(ctx, active)[0] is True}
    wanted = "!" if action == "on" else ""
    ctx.remote.mu(f"{{ if ({wanted}{active}) extra_commands.toggleSync(); true; }}")
    return None
