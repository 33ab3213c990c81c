"""Verbs of the far end's network: network, kick, dial, pending, allow, deny.

They stand for RV's network dialog (configuration, contacts, connections, start and stop) and
for the questions it asks in windows. Of a real RV's dialog they do what `rvnetwork` can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rvshell.errors import UsageError
from rvshell.verbs import rvnetwork
from rvshell.verbs.admin import ask_player, dial_from_player
from rvshell.verbs.registry import verb
from rvshell.verbs.target import parse_target

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__: list[str] = []


@verb(
    "network [ACTION] [NAME] [VALUE] [--force] [--origin]",
    help="Show or change the player's networking. Actions: status, start, stop, config (show), "
    "set NAME VALUE, reset [NAME]. Settings are kept in the player's file; name and port count "
    "from the next start on. A player that was stopped starts again at SIGUSR1. "
    "config --origin tells where each value comes from.",
    example="network config --origin",
    more=(
        "network status",
        "network set name anna",
    ),
    scope="network",
    kinds={"ACTION": "status|start|stop|config|set|reset"},
)
def network(
    ctx: Context,
    action: str | None = None,
    name: str | None = None,
    value: str | None = None,
    force: bool = False,
    origin: bool = False,
) -> Any:
    action = action or "status"
    if action == "config" and name in ("show", "set", "reset"):
        action, name, value = (name if name != "show" else "config"), value, None
        if action == "set":
            raise UsageError("network config set", hint="network config NAME VALUE")
    elif action == "config" and value is not None:
        action = "set"
    if action == "status":
        return ask_player(ctx, "status", instead=rvnetwork.status)
    if action == "start":
        return ask_player(ctx, "start", instead=rvnetwork.start)
    if action == "stop":
        return ask_player(ctx, "stop", instead=lambda c: rvnetwork.stop(c, force), force=force)
    if action == "config":
        return _config(ctx, name, origin)
    if action == "set":
        if name is None or value is None:
            raise UsageError("network set needs a name and a value", hint="network.port 45200")
        when = ask_player(ctx, "config-set", name=_full(name), value=value)
        ctx.say(f"{_full(name)} counts {when}")
        return None
    if action == "reset":
        when = ask_player(ctx, "config-reset", name=_full(name) if name else "network.port")
        ctx.say(f"{_full(name or 'port')} counts {when}")
        return None
    raise UsageError(
        f"network {action}: no such action", hint="status, start, stop, config, set or reset"
    )


def _full(name: str) -> str:
    return name if "." in name else f"network.{name}"


def _config(ctx: Context, name: str | None, origin: bool) -> Any:
    rows = ask_player(ctx, "config")
    if name is not None:
        rows = [r for r in rows if r["name"] in (name, _full(name))]
        if not rows:
            raise UsageError(f"no setting {name!r}", hint="network config lists them")
    if origin:
        return [{k: r[k] for k in ("name", "value", "origin")} for r in rows]
    return {r["name"]: r["value"] for r in rows}


@verb(
    "kick CONTACT",
    help="Disconnect a contact from the player. RV's DISCONNECT is sent to it.",
    example="kick bob@render7",
    scope="network",
)
def kick(ctx: Context, contact: str) -> None:
    ask_player(ctx, "disconnect", instead=lambda c: rvnetwork.kick(c, contact), contact=contact)


@verb(
    "dial TARGET [--as NAME]",
    help="Let the player connect to another player or RV: HOST, HOST:PORT, tls://… or ssh://….",
    example="dial review-room:45124",
    more=("dial tls://studio-b --as anna",),
    scope="network",
)
def dial(ctx: Context, target: str, **options: Any) -> None:
    address = parse_target(target)
    name = str(options.get("as") or "")
    host = f"{address.user}@{address.host}" if address.user else address.host
    if address.scheme:
        host = f"{address.scheme}://{host}"
    dial_from_player(ctx, host, address.port, name)


@verb(
    "pending",
    help="List the connections that wait for a decision: who, from where, and what they would "
    "be able to do.",
    example="pending",
    scope="network",
)
def pending(ctx: Context) -> Any:
    return ask_player(ctx, "pending")


@verb(
    "allow ID [--always] [--scopes SCOPES]",
    help="Let a waiting connection in, now or always. --scopes grants others than the ones shown: "
    "view, control, pixels, media, eval, python, default, all.",
    example="allow 3 --always",
    more=("allow 3 --scopes view",),
    scope="network",
    kinds={"ID": "int"},
)
def allow(ctx: Context, id: int, always: bool = False, scopes: str | None = None) -> None:
    words = None if scopes is None else scopes.split(",")
    answer = "always" if always else "allow"
    contact = ask_player(ctx, "answer", id=id, answer=answer, scopes=words)
    ctx.say(f"{contact} may connect")


@verb(
    "deny ID [--always]",
    help="Refuse a waiting connection, now or always.",
    example="deny 3",
    more=("deny 3 --always",),
    scope="network",
    kinds={"ID": "int"},
)
def deny(ctx: Context, id: int, always: bool = False) -> None:
    answer = "never" if always else "deny"
    contact = ask_player(ctx, "answer", id=id, answer=answer)
    ctx.say(f"{contact} is refused")
