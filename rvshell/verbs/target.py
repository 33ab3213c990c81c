"""Where to connect: reading HOST[:PORT], and finding or starting a player.

An address is `host`, `host:port`, `:port`, `[v6]:port` or a bare port number; `tls://host:port`
is encrypted, `ssh://[user@]host[:ssh-port][/port]` goes through ssh. Without one the
newest running player or RV is taken from the port files that both write
(`<temp>/tweak_rv_proc/<pid>_<tag>`); when there is none, a player can be started as a child
process of this shell: it listens on a free port of this machine and ends with the shell.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple

from rvshell.errors import ConnectionFailed, UsageError

if TYPE_CHECKING:
    import subprocess

__all__ = ["DEFAULT_PORT", "StartedPlayer", "Target", "is_local_host", "newest", "parse_target"]

DEFAULT_PORT = 45124  # RV's (network.md: Listening)
START_TIMEOUT = 60.0  # seconds for a player to say that it listens; one that ends is noticed


class Target(NamedTuple):
    """An address to dial."""

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


def is_local_host(host: str) -> bool:
    """Is *host* this machine by its name alone (no look-up)?"""
    return host in ("localhost", "::1", "") or host.startswith("127.")


def newest(tag: str | None = None) -> Target | None:
    """The newest running player or RV of this machine, or None."""
    from rvshell.client import find_players

    for player in find_players(tag):
        return Target("127.0.0.1", player.port)
    return None


class StartedPlayer:
    """A player that this shell started and ends."""

    def __init__(self, arguments: tuple[str, ...] = ()) -> None:
        import subprocess
        import sys

        command = [sys.executable, "-m", "player", "--port", "0", *arguments]
        try:
            # a group of its own: Ctrl-C at the prompt is the shell's, not the player's
            self.process: subprocess.Popen[str] = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                start_new_session=True,
            )
        except OSError as error:
            raise ConnectionFailed(f"cannot start a player: {error.strerror}") from None
        self.target = Target("127.0.0.1", self._wait_for_port())

    def _wait_for_port(self) -> int:
        """Read its messages up to `INFO: listening on port N`, then keep the pipe drained."""
        import queue
        import re
        import threading

        lines: queue.Queue[str] = queue.Queue(maxsize=1000)
        stream = self.process.stderr
        assert stream is not None

        def drain() -> None:
            for line in stream:
                with contextlib.suppress(queue.Full):  # nobody reads any more: forget it
                    lines.put_nowait(line)
            lines.put_nowait("") if not lines.full() else None

        threading.Thread(target=drain, name="player-messages", daemon=True).start()
        last = ""
        try:
            while True:
                line = lines.get(timeout=START_TIMEOUT)
                found = re.search(r"listening on port (\d+)", line)
                if found:
                    return int(found.group(1))
                if not line:
                    break
                last = line.strip() or last
        except queue.Empty:
            last = f"it did not listen within {START_TIMEOUT:g} s"
        self.close()
        raise ConnectionFailed(
            f"cannot start a player: {last or 'it ended at once'}",
            hint="try: player, or give the address of a running one",
        )

    def close(self) -> None:
        """End it: politely, then not."""
        import subprocess

        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stderr is not None:
            self.process.stderr.close()
