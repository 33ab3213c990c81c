"""A frame change on its way to one partner and to fifty, beside the bare sending of the same
bytes over as many sockets in the same minute.  The goals are milliseconds at the median."""

from __future__ import annotations

import socket
import statistics
import time
from collections.abc import Iterator

from _peers import SyncPeer, arrival, greeted, running
from harness import Result

from rvshell.protocol import encode_event

ROUNDS = 60
GOALS = {1: 5.0, 50: 50.0}


def _through_player(port: int, count: int, driver: socket.socket) -> float:
    peers = [SyncPeer(port, i) for i in range(count)]
    for peer in peers:
        peer.drain(0.3 if peer is peers[0] else 0.0)
    times = []
    for turn in range(ROUNDS):
        frame = 2 + turn % 40
        for peer in peers:
            peer.drain()
        start = time.perf_counter()
        driver.sendall(encode_event("remote-eval", f"setFrame({frame})"))
        times.append(arrival(peers, b" %d|session0|" % frame) - start)
        time.sleep(0.01)
    for peer in peers:
        peer.close()
    return statistics.median(times) * 1000


class _Pair:
    """A socket pair in the place of a peer."""

    def __init__(self) -> None:
        self.far, self.sock = socket.socketpair()
        self.data = b""


def _bare(count: int) -> float:
    """The same number of small writes and reads in one process, without any player."""
    pairs = [_Pair() for _ in range(count)]
    record = encode_event("remote-sync-frame-changed", "12|session0|", "session1")
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for pair in pairs:
            pair.far.sendall(record)
        times.append(arrival(pairs, b"12|session0|") - start)  # type: ignore[arg-type]
    for pair in pairs:
        pair.far.close()
        pair.sock.close()
    return statistics.median(times) * 1000


def run() -> Iterator[Result]:
    with running("movieproc,start=1,end=50.movieproc") as player:
        driver = greeted(player.port, "driver", "bench")
        for count, goal in GOALS.items():
            bare = _bare(count)
            took = _through_player(player.port, count, driver)
            yield Result(
                f"frame to {count} partner{'s' if count > 1 else ''}, of {goal:g} ms",
                f"{took:.2f} ms", f"bare sockets {bare:.2f} ms", took / goal, 1.0, "<=",
            )  # fmt: skip
        driver.close()
