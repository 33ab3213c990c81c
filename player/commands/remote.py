"""The network as scripts see it: section 9 of the vocabulary."""

from __future__ import annotations

import socket

from player.commands.context import Context
from player.commands.errors import EngineError, PropertyError
from player.commands.registry import command

__all__: list[str] = []

SECTION = "network"

Headers = list[tuple[str, str]] | None


def _given(*values: object) -> None:
    # Open RV throws NilArgumentException here, whose text carries no command name.
    if any(value is None for value in values):
        raise PropertyError("nil argument to function")


@command(
    "remoteNetwork(bool on) -> void",
    tier="A",
    section=SECTION,
    doc="Start or stop listening for clients.",
)
def remote_network(ctx: Context, on: bool) -> None:
    ctx.ports.network.set_status(on)


@command(
    "remoteNetworkStatus() -> int",
    tier="A",
    section=SECTION,
    doc="NetworkStatusOn while listening, else NetworkStatusOff.",
)
def remote_network_status(ctx: Context) -> int:
    return ctx.ports.network.status()


@command(
    "remoteConnections() -> string[]",
    tier="A",
    section=SECTION,
    doc="Contacts (name@host) that are connected.",
)
def remote_connections(ctx: Context) -> list[str]:
    return ctx.ports.network.connections()


@command(
    "remoteApplications() -> string[]",
    tier="A",
    section=SECTION,
    doc="Application names of all connections.",
)
def remote_applications(ctx: Context) -> list[str]:
    return ctx.ports.network.applications()


@command(
    "remoteContacts() -> string[]",
    tier="A",
    section=SECTION,
    doc="Names (without host) of all known contacts.",
)
def remote_contacts(ctx: Context) -> list[str]:
    return ctx.ports.network.contacts()


@command(
    "remoteLocalContactName() -> string",
    tier="A",
    section=SECTION,
    doc="Own contact name, as sent in the greeting.",
)
def remote_local_contact_name(ctx: Context) -> str:
    return ctx.ports.network.local_contact()


@command(
    "setRemoteLocalContactName(string name) -> string",
    tier="A",
    section=SECTION,
    doc="Change the own contact name; used when networking starts next. Returns nothing.",
)
def set_remote_local_contact_name(ctx: Context, name: str) -> None:
    _given(name)
    ctx.ports.network.set_local_contact(name)


@command(
    "remoteConnect(string name, string host, int port=0) -> void",
    tier="A",
    section=SECTION,
    doc="Connect to another player; port 0 is 45124. Nothing while networking is off.",
)
def remote_connect(ctx: Context, name: str, host: str, port: int) -> None:
    _given(name, host)
    ctx.ports.network.connect(name, host, port)


@command(
    "remoteDisconnect(string remoteContact) -> void",
    tier="A",
    section=SECTION,
    doc="Close the connection to a contact.",
)
def remote_disconnect(ctx: Context, contact: str) -> None:
    _given(contact)
    ctx.ports.network.disconnect(contact)


@command(
    "remoteSendEvent(string event, string target, string contents, string[] recipients=nil)"
    " -> void",
    tier="A",
    section=SECTION,
    doc="Send an event to contacts; nil recipients are all connections, no answer is awaited.",
)
def remote_send_event(
    ctx: Context, event: str, target: str, contents: str, recipients: list[str] | None
) -> None:
    _given(event, target, contents)
    ctx.ports.network.send_event(event, target, contents, recipients)


@command(
    "remoteSendMessage(string message, string[] recipients=nil) -> void",
    tier="A",
    section=SECTION,
    doc="Send a raw message to contacts; nil recipients are all connections.",
)
def remote_send_message(ctx: Context, message: str, recipients: list[str] | None) -> None:
    _given(message)
    if message:
        ctx.ports.network.send_message(message, recipients)


@command(
    "remoteSendDataEvent(string event, string target, string interp, byte[] data, "
    "string[] recipients) -> void",
    tier="A",
    section=SECTION,
    doc="Send bytes as a data event to the named contacts (nil: to nobody).",
)
def remote_send_data_event(
    ctx: Context,
    event: str,
    target: str,
    interp: str,
    data: list[int],
    recipients: list[str] | None,
) -> None:
    _given(event, target, interp, data)
    if data and recipients:
        payload = bytes(value & 0xFF for value in data)
        ctx.ports.network.send_data_event(event, target, interp, payload, recipients)


@command(
    "remoteDefaultPermission() -> int",
    tier="A",
    section=SECTION,
    doc="What happens to unknown contacts: ask, allow or deny.",
)
def remote_default_permission(ctx: Context) -> int:
    return ctx.ports.network.default_permission()


@command(
    "setRemoteDefaultPermission(int permission) -> void",
    tier="A",
    section=SECTION,
    doc="Set what happens to unknown contacts.",
)
def set_remote_default_permission(ctx: Context, permission: int) -> None:
    ctx.ports.network.set_default_permission(permission)


@command(
    "remoteConnectionIsIncoming(string connection) -> bool",
    tier="B",
    section=SECTION,
    python=False,
    doc="Whether the other side made the connection.",
)
def remote_connection_is_incoming(ctx: Context, connection: str) -> bool:
    _given(connection)
    return ctx.ports.network.is_incoming(connection)


@command("myNetworkPort() -> int", tier="A", section=SECTION, doc="The port listened to.")
def my_network_port(ctx: Context) -> int:
    return ctx.ports.network.port()


@command(
    "myNetworkHost() -> string",
    tier="A",
    section=SECTION,
    doc="The -networkHost value, else this machine's name.",
)
def my_network_host(ctx: Context) -> str:
    return ctx.ports.network.host() or socket.getfqdn()


@command(
    "spoofConnectionStream(string streamFile, float timeScale, bool verbose=false) -> void",
    tier="C",
    section=SECTION,
    doc="Replay a recorded connection as contact spoofer@localhost, at scale times its speed.",
)
def spoof_connection_stream(ctx: Context, path: str, scale: float, verbose: bool) -> None:
    _given(path)
    ctx.ports.network.spoof(path, scale, verbose)


def _no_web(name: str) -> EngineError:
    return EngineError(f"{name}: this player makes no web requests")


@command(
    "httpGet(string url, [(string,string)] headers, string replyEvent, "
    "string authenticationEvent=nil, string progressEvent=nil, bool ignoreSslErrors=false, "
    "bool urlIsEncoded=false) -> void",
    tier="C",
    section=SECTION,
    doc="Web request; refused.",
)
def http_get(
    ctx: Context,
    url: str,
    headers: Headers,
    reply: str,
    authentication: str | None,
    progress: str | None,
    ignore_ssl: bool,
    encoded: bool,
) -> None:
    raise _no_web("httpGet")


def _sending(ctx: Context, *args: object) -> None:
    raise _no_web("httpPost")


def _putting(ctx: Context, *args: object) -> None:
    raise _no_web("httpPut")


_TAIL = (
    ", string replyEvent, string authenticationEvent=nil, string progressEvent=nil, "
    "bool ignoreSslErrors=false, bool urlIsEncoded=false) -> void"
)
_HEAD = "(string url, [(string,string)] headers, "
command(
    f"httpPost{_HEAD}string postString{_TAIL}",
    tier="C",
    section=SECTION,
    doc="Web request with text; refused.",
)(_sending)
command(
    f"httpPost{_HEAD}byte[] postData{_TAIL}",
    tier="C",
    section=SECTION,
    doc="Web request with bytes; refused.",
)(_sending)
command(
    f"httpPut{_HEAD}string putString{_TAIL}",
    tier="C",
    section=SECTION,
    python=False,
    doc="Web request with text; refused.",
)(_putting)
command(
    f"httpPut{_HEAD}byte[] putData{_TAIL}",
    tier="C",
    section=SECTION,
    python=False,
    doc="Web request with bytes; refused.",
)(_putting)
