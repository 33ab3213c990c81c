"""Verbs of the connection: status, connect, disconnect, players, peers, trust."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rvshell.errors import CommandFailed, UsageError
from rvshell.verbs.muvalue import parse_value
from rvshell.verbs.registry import Request, verb
from rvshell.verbs.state import STATUS, ask, read
from rvshell.verbs.target import Target, parse_port, parse_target

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__: list[str] = []


@verb(
    "status",
    help="Show what the far end is doing: frame, range, speed, mode, view, sources.",
    example="status --json",
    more=(
        "status",
        "watch 1 status",
    ),
    scope="link",
)
def status(ctx: Context) -> Any:
    values = read(STATUS, ctx.remote.mu(ask(STATUS)))
    return {"target": str(ctx.remote.target), **values}


@verb(
    "connect [TARGET] [PORT]",
    help="Connect to a host, a profile or the newest player. A profile is a target of the config "
    "file; the newest is that of the running players and RVs of this machine.",
    example="connect localhost:45124",
    more=(
        "connect ssh://anna@render-wall",
        "connect  # the newest one here",
    ),
    scope="link",
)
def connect(ctx: Context, target: str | None = None, port: int | None = None) -> Any:
    if target is None:
        ctx.remote.target = None
        ctx.remote.connect()
    else:
        from rvshell.verbs.targets import find, settings_of

        address = find(target, settings_of(ctx))
        if port is not None:
            address = Target(address.host, parse_port(str(port)))
        ctx.remote.connect(address)
    ctx.say(f"connected to {ctx.remote.target}")
    return None


@verb("disconnect", help="Close the connection.", example="disconnect", scope="link")
def disconnect(ctx: Context) -> Any:
    ctx.remote.disconnect()
    return None


@verb(
    "players [--network]",
    help="List the running players and RVs of this machine. --network lists the players of the "
    "local network that announce themselves (network.zeroconf).",
    example="players",
    scope="link",
)
def players(ctx: Context, network: bool = False) -> Any:
    if network:
        from rvshell.client.neighbours import find_neighbours

        return [
            {"target": f"{'tls://' if n.tls else ''}{n.host}:{n.port}", "name": n.name}
            for n in find_neighbours()
        ]
    from rvshell.client import find_players

    return [{"target": f"127.0.0.1:{p.port}", "pid": p.pid, "tag": p.tag} for p in find_players()]


@verb(
    "peers",
    help="List who is connected to the far end.",
    example="peers",
    scope="link",
    pipelines=True,
)
def peers(ctx: Context) -> Request:
    return Request("remoteConnections()", parse_value)


@verb(
    "trust TARGET [FINGERPRINT]",
    help="Trust a tls:// target's certificate from now on. FINGERPRINT must be the one that "
    "it shows (the player names its own when it starts). Without one: what it shows, and whether "
    "that is trusted. On a terminal connecting asks by itself.",
    example="trust tls://render-wall",
    scope="link",
)
def trust(ctx: Context, target: str, fingerprint: str | None = None) -> Any:
    from rvshell.client.secure import Pins, Security, config_directory, shown_fingerprint

    address = parse_target(target)
    if address.scheme != "tls":
        raise UsageError(f"{target} has no certificate", hint="trust tls://HOST:PORT FINGERPRINT")
    pins = Pins(config_directory() / "known_hosts")
    shown = shown_fingerprint(address.host, address.port, ctx.options.timeout, Security(pins))
    if fingerprint is None:
        trusted = pins.get(address.host, address.port) == shown
        return {"target": str(address), "shown": shown, "trusted": trusted}
    if fingerprint.removeprefix("sha256:").lower() != shown.removeprefix("sha256:"):
        raise CommandFailed(
            f"{address} shows another certificate: {shown}",
            hint="somebody in between may speak for it; nothing is trusted",
        )
    pins.add(address.host, address.port, shown)
    if pins.get(address.host, address.port) != shown:
        raise CommandFailed(f"{pins.path} cannot be written")
    ctx.say(f"{address} is trusted by this certificate from now on")
    return None
