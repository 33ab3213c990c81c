"""The listener for tev's protocol, and `rvshell bridge tev`."""

from __future__ import annotations

import contextlib
import logging
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from typing import Any, Final

from rvshell.bridge.tev.packets import PacketError, parse, size_of
from rvshell.bridge.tev.relay import Relay
from rvshell.client.address import Target, parse_target
from rvshell.errors import EXIT_OK, ConnectionFailed, UsageError

__all__ = ["HELP", "TEV_PORT", "TevServer", "main"]

TEV_PORT: Final = 14158
MAX_SENDERS: Final = 64
_KEEP: Final = 16 << 20  # bytes of a sender's buffer that are kept between packets

HELP: Final = """\
usage: rvshell bridge tev [TARGET] [--listen [ADDRESS:]PORT]

Listens for what can be sent to the image viewer tev (pbrt-v4's --display-server, tevclient, other
renderers) and shows it in a player or RV: images that are created and updated become image
sources, channel groups become layers, images that are opened are loaded there.

  TARGET                      the player or RV: HOST, HOST:PORT, tls://… or ssh://…; the newest
                              one on this machine by default
  --listen [ADDRESS:]PORT     where to listen (127.0.0.1:14158); port 0 lets the system choose

Ends with Ctrl-C. Whoever can reach the address can make images and have files opened: keep it on
this machine, or on a network that you trust.
"""

log = logging.getLogger("rvshell.bridge.tev")


class TevServer:
    """Accepts senders and hands their packets to `relay`; `port` is the actual one."""

    def __init__(self, relay: Relay, host: str = "127.0.0.1", port: int = TEV_PORT) -> None:
        self._relay = relay
        try:
            self._socket = socket.create_server((host, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ConnectionFailed(
                f"cannot listen on {host}:{port}: {reason}",
                hint="is tev running? --listen takes another port",
                host=host,
                port=port,
            ) from None
        self.port: int = self._socket.getsockname()[1]
        self._lock = threading.Lock()
        self._senders: set[socket.socket] = set()
        self._closing = False
        self._thread = threading.Thread(target=self._accept, name="tev", daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, address = self._socket.accept()
            except OSError:
                if self._closing:
                    return
                continue
            with self._lock:
                if len(self._senders) >= MAX_SENDERS:
                    log.warning("%s: too many senders", address[0])
                    sock.close()
                    continue
                self._senders.add(sock)
            threading.Thread(
                target=self._serve, args=(sock, f"{address[0]}:{address[1]}"), daemon=True
            ).start()

    def _serve(self, sock: socket.socket, label: str) -> None:
        memory = bytearray()
        head = bytearray(4)
        try:
            while _fill(sock, memoryview(head)):
                size = size_of(bytes(head)) - 4
                if len(memory) < size or len(memory) > max(size, _KEEP):
                    memory = bytearray()
                memory = _read(sock, memory, size)
                self._relay.take(parse(memoryview(memory)[:size]))
        except PacketError as error:
            log.warning("%s: %s; connection closed", label, error)
        except OSError as error:
            if not self._closing:
                log.warning("%s: %s", label, error.strerror or error)
        except Exception:
            log.exception("%s: connection closed", label)
        finally:
            with self._lock:
                self._senders.discard(sock)
            sock.close()

    def close(self) -> None:
        """Stop listening and close what is open."""
        self._closing = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        with self._lock:
            for sock in self._senders:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)


def _fill(sock: socket.socket, memory: memoryview) -> bool:
    """Fill memory from a socket; False at an end between packets."""
    have = 0
    while have < len(memory):
        count = sock.recv_into(memory[have:])
        if not count:
            if have:
                raise PacketError("the sender went away in the middle of a packet")
            return False
        have += count
    return True


def _read(sock: socket.socket, memory: bytearray, size: int) -> bytearray:
    """*size* bytes into *memory*, which grows only as they arrive."""
    have = 0
    while have < size:
        if have == len(memory):
            memory += bytes(min(size - have, max(1 << 20, have)))
        with memoryview(memory) as view:
            count = sock.recv_into(view[have : min(size, len(memory))])
        if not count:
            raise PacketError("the sender went away in the middle of a packet")
        have += count
    return memory


def _listening(text: str) -> tuple[str, int]:
    """`[ADDRESS:]PORT`; port 0 lets the system choose.  Raises UsageError."""
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise UsageError(f"bridge: {text!r} is no address", hint="--listen [ADDRESS:]PORT")
    return host or "127.0.0.1", int(port)


def main(argv: Sequence[str]) -> int:
    """`rvshell bridge …`; returns the exit status.  Raises what `rvshell.errors` has."""
    words: list[str] = []
    listen = ("127.0.0.1", TEV_PORT)
    rest = list(argv)
    while rest:
        word = rest.pop(0)
        if word in ("-h", "--help"):
            print(HELP, end="")
            return EXIT_OK
        if word == "--listen" or word.startswith("--listen="):
            value = word.partition("=")[2] or (rest.pop(0) if rest else "")
            if not value:
                raise UsageError("bridge: --listen needs an address", hint="rvshell bridge --help")
            listen = _listening(value)
        elif word.startswith("-"):
            raise UsageError(f"bridge: unknown option {word}", hint="rvshell bridge --help")
        else:
            words.append(word)
    if not words or words[0] != "tev" or len(words) > 2:
        raise UsageError("bridge: which world? there is: tev", hint="rvshell bridge --help")
    return _run(_target(words[1:]), listen)


def _target(words: Sequence[str]) -> Target:
    if words:
        return parse_target(words[0])
    from rvshell.client import find_players

    for player in find_players():
        return Target("127.0.0.1", player.port)
    raise ConnectionFailed(
        "no player or RV is running here", hint="start one with: player, or give HOST:PORT"
    )


def _run(target: Target, listen: tuple[str, int]) -> int:
    logging.basicConfig(level=logging.WARNING, format="bridge: %(message)s", stream=sys.stderr)
    relay = Relay(target)
    server = TevServer(relay, *listen)
    stop = threading.Event()

    def ask_to_stop(*_: Any) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask_to_stop)
    print(
        f"bridge: tev on {listen[0]}:{server.port}, shown at {target}",
        file=sys.stderr, flush=True,
    )  # fmt: skip
    while not stop.wait(3600):
        pass
    server.close()
    relay.close()
    return EXIT_OK
