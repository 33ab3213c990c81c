"""What connections cost when nothing happens, what is left of those that ended, and what a
peer that does not read does to the others.  Beside: the same player without connections."""

from __future__ import annotations

import os
import socket
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from _peers import greeted, running
from harness import Result

from rvshell.protocol import encode_event

IDLE = 200
WATCHED = 20.0  # seconds: a heartbeat comes every 15
ENDED = 1000


def _cpu(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> float:
    """Resident kB."""
    text = Path(f"/proc/{pid}/statm").read_text().split()[1]
    return int(text) * os.sysconf("SC_PAGE_SIZE") / 1024


def _handles(pid: int) -> tuple[int, int]:
    """Descriptors and threads."""
    return len(os.listdir(f"/proc/{pid}/fd")), len(os.listdir(f"/proc/{pid}/task"))


def _load(pid: int, seconds: float) -> float:
    before, start = _cpu(pid), time.monotonic()
    time.sleep(seconds)
    return (_cpu(pid) - before) / (time.monotonic() - start) * 100


def _round_trip(sock: socket.socket, rounds: int = 300) -> float:
    """Median milliseconds of a question."""
    question = b"MESSAGE 33 RETURNEVENT remote-eval * frame()"
    question = b"MESSAGE %d %b" % (len(question) - 11, question[11:])
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        sock.sendall(question)
        data = b""
        while b"RETURN" not in data:
            data += sock.recv(4096)
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def _idle() -> Iterator[Result]:
    with running() as player:
        pid = player.process.pid
        alone = _load(pid, 5.0)
        memory = _memory(pid)
        peers = [greeted(player.port, f"idle{i}", "bench") for i in range(IDLE)]
        time.sleep(0.5)
        each = (_memory(pid) - memory) / IDLE
        load = _load(pid, WATCHED)
        yield Result(
            f"{IDLE} idle connections, of 3 % of a core", f"{load:.2f} %",
            f"without any {alone:.2f} %", load / 3.0, 1.0, "<=",
        )  # fmt: skip
        yield Result(
            "memory of each, of 100 kB", f"{each:.0f} kB", f"the player {memory / 1024:.0f} MB",
            each / 100.0, 1.0, "<=",
        )  # fmt: skip
        for peer in peers:
            peer.close()


def _ended() -> Iterator[Result]:
    with running() as player:
        pid = player.process.pid

        def come_and_go(count: int) -> None:
            for i in range(count):
                sock = greeted(player.port, f"guest{i % 7}", "bench")
                if i % 2:
                    sock.sendall(b"MESSAGE 10 DISCONNECT")
                sock.close()
            end = time.monotonic() + 10
            while _handles(pid)[0] > handles[0] and time.monotonic() < end:
                time.sleep(0.05)

        handles = _handles(pid)
        come_and_go(
            3 * ENDED
        )  # what is made once is made now, and the heap is as ragged as it gets
        memory, handles = _memory(pid), _handles(pid)
        come_and_go(ENDED)
        left = tuple(a - b for a, b in zip(_handles(pid), handles, strict=True))
        grown = _memory(pid) - memory
        yield Result(
            f"descriptors and threads left of {ENDED}", f"{left[0]} and {left[1]}",
            f"before {handles[0]} and {handles[1]}", float(sum(max(0, n) for n in left)), 0.0, "<=",
        )  # fmt: skip
        yield Result(
            f"memory left of {ENDED}, of 1 MB", f"{grown:.0f} kB", f"{memory / 1024:.0f} MB",
            max(0.0, grown) / 1024.0, 1.0, "<=",
        )  # fmt: skip


def _deaf() -> Iterator[Result]:
    """One peer stops reading while events are pushed to it; another asks all the while."""
    with running("movieproc,start=1,end=50.movieproc") as player:
        asker = greeted(player.port, "asker", "bench")
        deaf = greeted(player.port, "deaf", "bench")
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        before = _round_trip(asker)
        flood = 'remoteSendEvent("noise", "*", "%s", string[] {"deaf@localhost"})' % ("x" * 20000)
        for _ in range(800):
            asker.sendall(encode_event("remote-eval", flood))
        while_deaf = _round_trip(asker)
        yield Result(
            "a question while a peer is deaf, against before", f"{while_deaf:.2f} ms",
            f"{before:.2f} ms", while_deaf / before, 2.0, "<=",
        )  # fmt: skip
        closed = "it does not read" in "\n".join(player.log)
        yield Result(
            "the deaf peer is closed with a reason", "yes" if closed else "no", "16 MB to it",
            0.0 if closed else 1.0, 0.0, "<=",
        )  # fmt: skip
        for sock in (asker, deaf):
            sock.close()


def run() -> Iterator[Result]:
    yield from _idle()
    yield from _ended()
    yield from _deaf()
