"""A bare sender and receiver beside the player: the same bytes, the same sender, no work.

The receiver is a process that does `recv_into` into memory of a frame's size, again and again,
and answers one byte when it has had as many bytes as it was told; the player answers a request
behind the tiles.  Rounds alternate.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence

from rvshell.client import Client
from rvshell.client.stream import UNSENT
from rvshell.protocol import PixelTile, encode_data_header

ROUNDS = 7

BARE = """
import socket, struct, sys
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
buffer = memoryview(bytearray(int(sys.argv[1])))
at = 0
while True:
    peer, _ = server.accept()
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while True:
        head = b""
        while len(head) < 8:
            piece = peer.recv(8 - len(head))
            if not piece:
                break
            head += piece
        if len(head) < 8:
            break
        left = struct.unpack("<Q", head)[0]
        while left > 0:
            if at == len(buffer):
                at = 0
            count = peer.recv_into(buffer[at : at + left])
            if not count:
                sys.exit()
            at += count
            left -= count
        peer.sendall(b"x")
"""


def connect(port: int) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", port))
    tune(sock)
    return sock


def tune(sock: socket.socket) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with contextlib.suppress(OSError, AttributeError):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"cubic")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)


def processor(pid: int) -> float:
    """Seconds that all threads of a process have run, to the nanosecond (Linux)."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
            total += int(file.read().split()[0])
    return total / 1e9


class Bare:
    """The receiver that does nothing."""

    def __init__(self, buffer: int = 1 << 20) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", BARE, str(buffer)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self.sock = connect(self.port)

    def push(self, buffers: Sequence[memoryview], times: int) -> float:
        """Seconds until the far end has had the buffers that many times."""
        total = sum(len(b) for b in buffers) * times
        start = time.perf_counter()
        self.sock.sendall(struct.pack("<Q", total))
        for _ in range(times):
            for buffer in buffers:
                self.sock.sendall(buffer)
        self.sock.recv(1)
        return time.perf_counter() - start

    def close(self) -> None:
        self.sock.close()
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


SINK = """
import re, socket, sys
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
memory = memoryview(bytearray(int(sys.argv[1])))
peer, _ = server.accept()
peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
peer.recv(1000)
peer.sendall(b"GREETING 2 rv")
header = re.compile(rb"PIXELTILE\\([^)]*\\) (\\d+) ")
message = re.compile(rb"MESSAGE (\\d+) ")
data, view, at = bytearray(1 << 20), None, 0
view = memoryview(data)
have = 0
while True:
    count = peer.recv_into(view[have:])
    if not count:
        break
    have += count
    start = 0
    while start < have:
        found = header.match(data, start, have)
        if found:
            size, body = int(found[1]), found.end()
            if body + size <= have:
                start = body + size
                continue
            missing = size - (have - body)
            start = have
            while missing:
                if at == len(memory):
                    at = 0
                got = peer.recv_into(memory[at : at + missing])
                if not got:
                    sys.exit()
                at += got
                missing -= got
            continue
        found = message.match(data, start, have)
        if found:
            stop = found.end() + int(found[1])
            if stop > have:
                break
            if b"RETURNEVENT" in data[found.end() : stop]:
                peer.sendall(b'MESSAGE 10 RETURN "n"')
            start = stop
        elif data.startswith(b"PINGPONGCONTROL 1 0", start):
            start += 19
        else:
            break
    view[: have - start] = view[start:have]
    have -= start
"""


class Sink:
    """A far end that greets, answers, and receives tiles without doing anything with them."""

    def __init__(self, memory: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SINK, str(memory)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


class Player:
    """A running player."""

    def __init__(self, *arguments: str, display: str = "null") -> None:
        self.folder = tempfile.TemporaryDirectory()
        environment = {**os.environ, "TMPDIR": self.folder.name}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "player", "--display", display, "--port", "0", *arguments],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        assert self.process.stderr is not None
        for line in self.process.stderr:
            found = re.search(r"listening on port (\d+)", line)
            if found:
                self.port = int(found[1])
                break
        else:
            raise SystemExit("bench: the player did not start")
        self.client = Client.connect(port=self.port, name="bench")
        self.sock = self.client._stream.sock
        tune(self.sock)

    def source(self, media: str, width: int, height: int, bits: int, is_float: bool) -> None:
        self.client.eval_mu(
            f'newImageSource("{media}", {width}, {height}, {width}, {height}, 0, 0, 1.0, 4, '
            f"{bits}, {str(is_float).lower()}, 1, 100, 24.0, nil, nil)"
        )

    def push(self, buffers: Sequence[memoryview], times: int) -> float:
        """Seconds until the player has stored the buffers that many times."""
        sock = self.sock
        sock.setblocking(True)
        start = time.perf_counter()
        for _ in range(times):
            for buffer in buffers:
                sock.sendall(buffer)
        sock.setblocking(False)
        self.client.eval_mu("frame();")
        return time.perf_counter() - start

    def send(self, tiles: Sequence[tuple[PixelTile, bytes]], times: int) -> float:
        """The same by the client's own way of sending."""
        start = time.perf_counter()
        for _ in range(times):
            self.client.send_tiles(tiles)
        self.client.eval_mu("frame();")
        return time.perf_counter() - start

    def memory(self, what: str = "VmHWM") -> int:
        """Bytes of resident memory: VmHWM (peak) or VmRSS (now)."""
        with open(f"/proc/{self.process.pid}/status") as status:
            for line in status:
                if line.startswith(what):
                    return int(line.split()[1]) << 10
        return 0

    def close(self) -> None:
        self.client.close()
        self.process.terminate()
        self.process.wait(20)
        assert self.process.stderr is not None
        self.process.stderr.close()
        self.folder.cleanup()


def records(
    media: str, width: int, height: int, tile: tuple[int, int], pixel: int, frame: int = 1
) -> list[memoryview]:
    """A whole frame as encoded tiles, in pieces of about a megabyte to send."""
    pieces: list[memoryview] = []
    piece = bytearray()
    noise = os.urandom(1 << 16)
    for y in range(0, height, tile[1]):
        for x in range(0, width, tile[0]):
            w, h = min(tile[0], width - x), min(tile[1], height - y)
            size = w * h * pixel
            piece += encode_data_header(
                PixelTile(media, x=x, y=y, width=w, height=h, frame=frame, size=size)
            )
            piece += (noise * (size // len(noise) + 1))[:size]
            if len(piece) >= 1 << 20:
                pieces.append(memoryview(bytes(piece)))
                piece.clear()
    if piece:
        pieces.append(memoryview(bytes(piece)))
    return pieces


def count_tiles(width: int, height: int, tile: tuple[int, int]) -> int:
    return -(-width // tile[0]) * -(-height // tile[1])


def in_turns(
    ours: Callable[[], float], theirs: Callable[[], float], rounds: int = ROUNDS
) -> tuple[float, float, float]:
    """Median seconds of both and the median of the rounds' ratios (theirs / ours)."""
    ours(), theirs()
    pairs = [(theirs(), ours()) for _ in range(rounds)]
    ratio = statistics.median(bare / mine for bare, mine in pairs)
    return (
        statistics.median(mine for _, mine in pairs),
        statistics.median(bare for bare, _ in pairs),
        ratio,
    )


@contextlib.contextmanager
def running(*things: Bare | Player | Sink) -> Iterator[None]:
    try:
        yield
    finally:
        for thing in things:
            thing.close()
