"""Round trips of `frame();` against a bare Python ping-pong of the same bytes."""

from __future__ import annotations

import multiprocessing
import socket
import statistics
from collections.abc import Iterator
from multiprocessing.connection import Connection

from _player import player
from harness import Result, seconds, side_by_side

from rvshell import Client

ROUND_TRIPS = 2000
PIPELINED = 20_000
ROUNDS = 7

REQUEST = b"MESSAGE 34 RETURNEVENT remote-eval * frame();"
REPLY = b"MESSAGE 8 RETURN 1"


def ponger(pipe: Connection) -> None:
    """Answers every REQUEST with REPLY: what a server costs that does nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        pipe.send(listener.getsockname()[1])
        sock, _ = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        pending = 0
        while data := sock.recv(65536):
            pending += len(data)
            count, pending = divmod(pending, len(REQUEST))
            if count:
                sock.sendall(REPLY * count)


def run() -> Iterator[Result]:
    ours_end, theirs_end = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=ponger, args=(theirs_end,))
    server.start()
    try:
        port = ours_end.recv()
        with (
            player() as running,
            Client.connect("127.0.0.1", running.port) as client,
            socket.create_connection(("127.0.0.1", port)) as bare,
        ):
            bare.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

            def ours() -> None:
                for _ in range(ROUND_TRIPS):
                    client.eval_mu("frame();")

            def theirs() -> None:
                for _ in range(ROUND_TRIPS):
                    bare.sendall(REQUEST)
                    left = len(REPLY)
                    while left:
                        left -= len(bare.recv(left))

            mine, other = side_by_side(ours, theirs, ROUNDS)
            yield Result(
                "one at a time",
                f"{ROUND_TRIPS / mine:,.0f}/s",
                f"bare ping-pong {ROUND_TRIPS / other:,.0f}/s",
                other / mine,
                0.4,
            )
            requests = [("remote-eval", "frame();")] * 500

            def pipelined() -> None:
                for _ in range(PIPELINED // len(requests)):
                    client.request_many(requests)

            rate = PIPELINED / statistics.median(seconds(pipelined) for _ in range(ROUNDS))
            yield Result("pipelined", f"{rate:,.0f}/s", "80,000/s", rate / 80_000, 1.0)
    finally:
        server.terminate()
        server.join()
