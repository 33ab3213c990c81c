"""Addresses of far ends, as they are typed: reading HOST[:PORT], tls://… and ssh://….

An address is `host`, `host:port`, `:port`, `[v6]:port` or a bare port number; `tls://host:port`
is encrypted, `ssh://[user@]host[:ssh-port][/port]` goes through ssh.
"""

from __future__ import annotations

from typing import NamedTuple

from rvshell.errors import UsageError

__all__ = ["DEFAULT_PORT", "Target", "parse_port", "parse_target"]

DEFAULT_PORT = 45124  # RV's; `rvshell.protocol` is dear to load for a number


class Target(NamedTuple):
    """An address to dial; `_asdict()` is what `Client.connect` and its like take of it."""

    host: str
    port: int
    scheme: str = ""  # "", "tls" or "ssh"
    user: str = ""  # of ssh
    ssh_port: int = 0  # of ssh; 0 is the usual one

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        if self.scheme == "ssh":
            at = f"{self.user}@" if self.user else ""
            way = f":{self.ssh_port}" if self.ssh_port else ""
            return f"ssh://{at}{host}{way}/{self.port}"
        return f"{self.scheme}://{host}:{self.port}" if self.scheme else f"{host}:{self.port}"


def parse_target(text: str) -> Target:
    """Read an address. Raises UsageError."""
    scheme, sign, rest = text.partition("://")
    if sign:
        if scheme == "tls":
            return parse_target(rest)._replace(scheme="tls")
        if scheme == "ssh":
            return _parse_ssh(text, rest)
        raise UsageError(f"{text!r} is no address", hint="HOST:PORT, tls://… or ssh://…")
    host, port = text, ""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise UsageError(f"{text!r} is no address", hint="[::1]:45124")
        port = rest[1:]
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    elif text.isdigit():
        host, port = "", text
    if not port and text.endswith(":"):
        raise UsageError(f"{text!r} has no port", hint="HOST:PORT, for example localhost:45124")
    return Target(host or "127.0.0.1", parse_port(port) if port else DEFAULT_PORT)


def _parse_ssh(text: str, rest: str) -> Target:
    """`[user@]host[:ssh-port][/port]`; the host must not look like an option of ssh."""
    where, _, port = rest.partition("/")
    user, at, host = where.rpartition("@")
    if not host.startswith("["):
        host, colon, ssh_port = host.partition(":")
    else:
        host, _, ssh_port = host[1:].partition("]")
        colon, ssh_port = ssh_port[:1], ssh_port[1:]
    if not host or (at and not user) or host.startswith("-") or user.startswith("-"):
        raise UsageError(f"{text!r} is no address", hint="ssh://user@host/45124")
    return Target(
        host,
        parse_port(port) if port else DEFAULT_PORT,
        "ssh",
        user,
        parse_port(ssh_port) if colon else 0,
    )


def parse_port(text: str) -> int:
    """A port number. Raises UsageError."""
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise UsageError(f"{text!r} is no port", hint="a number from 1 to 65535")
    return int(text)
