"""A byte mutator over what real programs send, against everything that reads from a wire.

Bounded in the test-suite; `python -m tests.network.fuzzing --count 1000000` is the long mode.
The seed is printed: `--seed` repeats a run exactly.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections.abc import Callable
from pathlib import Path

from rvshell.client.recording import read_recording
from rvshell.errors import MediaError, Refused, RemoteProtocolError
from rvshell.protocol import Connection, DataEvent, Greeting, PixelTile, Role, Timing, UnknownData
from rvshell.protocol.auth import AuthClient, AuthServer
from tests.sync.simulation import World

__all__ = ["Fuzzer", "mutated"]

RAW = Path(__file__).parents[1] / "conformance" / "wire" / "raw"
DATA = (PixelTile, DataEvent, UnknownData)
SLOWEST = 2.0  # seconds of the processor that one input may take
WORDS = (
    b"GREETING ", b"NEWGREETING ", b"MESSAGE ", b"PING 1 p", b"PONG 1 p", b"PINGPONGCONTROL 1 0",
    b"DISCONNECT", b"RETURNEVENT ", b"EVENT ", b"PIXELTILE(", b"DATAEVENT(", b") ", b" ", b"-1 ",
    b"2147483647 ", b"99999999999999999999 ", b"\0", b"\xff\xfe", b"\n", b"(", b"=", b",",
    b"PLAYERAUTH ", b"{", b"|session1|", b"&", b"//", b";;",
)  # fmt: skip
SYNC = (
    b"remote-sync-frame-changed 12|session1|", b"remote-sync-graph-state a.b.c/#T.b.c/x|session1|",
    b"remote-sync-eval try {setViewNode(\"x\");} catch (...) {;}", b"remote-sync-stamp 1;x",
    b"remote-sync-player {\"id\":\"x\"}", b"remote-sync-version 5|session1",
    b"remote-mode-toggled wipe|true|session1|", b"connect-to-friend a&b&1|session1",
    b"remote-sync-pointer s;0.1;0.2|session1|", b"remote-sync-player-state {}",
)  # fmt: skip


def mutated(choose: random.Random, data: bytes) -> bytes:
    """`data` with one to eight changes: bits, bytes, pieces lost, doubled, moved, words put in."""
    found = bytearray(data)
    for _ in range(choose.randint(1, 8)):
        at = choose.randrange(len(found) + 1)
        kind = choose.randrange(7)
        if kind == 0 and at < len(found):
            found[at] ^= 1 << choose.randrange(8)
        elif kind == 1 and at < len(found):
            found[at] = choose.randrange(256)
        elif kind == 2:
            del found[at : at + choose.randint(1, 40)]
        elif kind == 3:
            found[at:at] = found[at : at + choose.randint(1, 40)]
        elif kind == 4:
            found[at:at] = choose.choice(WORDS)
        elif kind == 5:
            del found[at:]
        else:
            found[at:at] = choose.randbytes(choose.randint(1, 12))
    return bytes(found)


class Fuzzer:
    """Feeds mutated inputs; `run` raises AssertionError for whatever must not happen."""

    def __init__(self, seed: int) -> None:
        self.choose = random.Random(seed)
        self.streams = [p.read_bytes()[:20_000] for p in sorted(RAW.glob("*.bin"))]
        start = AuthClient("bob", "a-secret-of-some-length").start()
        self.auth = [start, start + b'PLAYERAUTH 13 {"proof":"0"}']
        self.targets: list[tuple[int, Callable[[], None]]] = [
            (80, self._connection), (10, self._auth), (8, self._sync), (2, self._recording),
        ]  # fmt: skip
        self._world: World | None = None
        self._count = 0
        self.slowest = 0.0

    def run(self, count: int) -> None:
        """`count` inputs."""
        weights = [weight for weight, _ in self.targets]
        calls = [call for _, call in self.targets]
        for call in self.choose.choices(calls, weights, k=count):
            start = time.thread_time()  # a busy machine is nobody's fault
            call()
            took = time.thread_time() - start
            self.slowest = max(self.slowest, took)
            assert took < SLOWEST, f"{call.__name__} took {took:.1f} s"

    def _connection(self) -> None:
        choose = self.choose
        role = Role.PLAYER if choose.random() < 0.8 else Role.CLIENT
        connection = Connection(role, "fuzz", now=0.0, timing=Timing())
        data = mutated(choose, choose.choice(self.streams))
        at = 0
        try:
            while at < len(data):
                room = connection.get_buffer()
                size = min(len(room), len(data) - at, choose.choice((1, 7, 64, 4096, 1 << 20)))
                if not size:
                    return
                room[:size] = data[at : at + size]
                at += size
                connection.buffer_updated(size, 0.0)
                while (event := connection.next_event()) is not None:
                    if isinstance(event, Greeting) and role is Role.PLAYER:
                        connection.accept(0.0)
                    elif isinstance(event, DATA) and connection.parser.payload is None:
                        connection.parser.skip()
        except RemoteProtocolError:
            return

    def _auth(self) -> None:
        server = AuthServer({"bob": "a-secret-of-some-length"})
        data = mutated(self.choose, self.choose.choice(self.auth))
        try:
            while data and not server.plain:
                size = self.choose.randint(1, 200)
                server.feed(data[:size])
                data = data[size:]
        except (Refused, RemoteProtocolError):
            pass
        assert not server.name

    def _sync(self) -> None:
        self._count += 1
        if self._world is None or self._count % 20_000 == 0:
            world = self._world = World()
            ann, bob = world.site("ann"), world.rv("bob")
            ann.mu('addSource("/shots/a.mov")')
            world.join(bob, ann)
            bob.send(ann, "remote-sync-greeting", "session1")
        world = self._world
        ann, bob = world.sites
        if ann.sync.find(bob.contact) is None:  # it said something that ended it
            if bob not in ann.links:
                world.join(bob, ann)
            bob.send(ann, "remote-sync-greeting", "session1")
        data = mutated(self.choose, self.choose.choice(SYNC)).decode("utf-8", "replace")
        name, _, contents = data.partition(" ")
        bob.send(ann, name, contents)
        bob.got.clear()
        world.log.clear()
        ann.feedback.clear()
        assert world.errors == [], (name, contents, world.errors)
        assert not ann.sync.locked

    def _recording(self) -> None:
        path = Path(f"/tmp/fuzz-recording-{id(self)}")
        line = b'{"t":0.5,"way":"in","text":"EVENT x * y"}\n'
        rv = b"\0\4\xc6\x87\0\0\0\1" + b"\0" * 30
        path.write_bytes(mutated(self.choose, self.choose.choice((line, rv))))
        try:
            read_recording(path)
        except MediaError:
            pass
        finally:
            path.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    fuzzer = Fuzzer(options.seed)
    fuzzer.run(min(options.count, 10_000))  # what is made once is made now
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    fuzzer.run(options.count)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(
        f"{options.count} inputs in {time.perf_counter() - start:.0f} s, the slowest "
        f"{fuzzer.slowest * 1000:.0f} ms, {grown} kB more memory"
    )


if __name__ == "__main__":
    main()
