"""Raw peers of a player for the bench: sockets that greet, sync, and find their frames."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator

from rvshell.protocol import encode_event

__all__ = ["Player", "SyncPeer", "arrival", "greeted", "running"]


class Player:
    """A player in a process of its own; `log` is what it writes, read all the time."""

    def __init__(self, *arguments: str) -> None:
        folder = tempfile.mkdtemp(prefix="bench-player-")
        self.log: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "player", "--display", "null", "--port", "0", *arguments],
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PLAYER_CONFIG_DIR": folder},
        )
        ready = threading.Event()
        self.port = 0

        def read() -> None:
            assert self.process.stderr is not None
            for line in self.process.stderr:
                self.log.append(line)
                if "listening on port" in line:
                    self.port = int(line.rsplit(None, 1)[1])
                    ready.set()

        threading.Thread(target=read, daemon=True).start()
        if not ready.wait(30):
            raise SystemExit("bench: the player did not start")


@contextlib.contextmanager
def running(*arguments: str) -> Iterator[Player]:
    """A player until the end of the block."""
    player = Player(*arguments)
    try:
        yield player
    finally:
        player.process.terminate()
        player.process.wait(10)


def greeted(port: int, name: str, app: str = "rv") -> socket.socket:
    """A connection that has exchanged greetings."""
    sock = socket.create_connection(("127.0.0.1", port), 20)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    text = name.encode() if app == "rv" else f"{name} {app}".encode()
    word = b"GREETING" if app == "rv" else b"NEWGREETING"
    sock.sendall(b"%b %d %b" % (word, len(text), text))
    sock.settimeout(20)
    assert sock.recv(64).startswith(b"GREETING")
    return sock


class SyncPeer:
    """A partner of a player's sync that only listens."""

    def __init__(self, port: int, number: int) -> None:
        self.session = f"peer{number}"
        self.sock = greeted(port, self.session)
        self.sock.sendall(encode_event("remote-sync-greeting", self.session))
        self.sock.sendall(encode_event("remote-sync-version", f"5|{self.session}"))
        self.data = b""

    def drain(self, seconds: float = 0.0) -> None:
        """Read what is there."""
        end = time.monotonic() + seconds
        while select.select([self.sock], [], [], max(0.0, end - time.monotonic()))[0]:
            if not self.sock.recv(1 << 16):
                raise SystemExit("bench: the player closed a peer")

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.sock.sendall(b"MESSAGE 10 DISCONNECT")
        self.sock.close()


def arrival(peers: list[SyncPeer], wanted: bytes) -> float:
    """Seconds on the clock when the last peer has `wanted` in what came to it."""
    waiting = {p.sock.fileno(): p for p in peers}
    for peer in peers:
        peer.data = b""
    poll = select.poll()
    for number in waiting:
        poll.register(number, select.POLLIN)
    while waiting:
        for number, _ in poll.poll(20_000) or sys_exit():
            peer = waiting[number]
            peer.data = (peer.data + peer.sock.recv(1 << 16))[-4096:]
            if wanted in peer.data:
                poll.unregister(number)
                del waiting[number]
    return time.perf_counter()


def sys_exit() -> list[tuple[int, int]]:
    raise SystemExit("bench: a frame did not arrive within 20 s")
