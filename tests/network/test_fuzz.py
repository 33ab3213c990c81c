"""Mutated inputs: a few thousand against the readers, some hundred against a real player."""

from __future__ import annotations

import contextlib
import random
import socket
from pathlib import Path

from tests.network.fuzzing import Fuzzer, mutated
from tests.players import running_player
from tests.waiting import DEADLINE, until


def test_readers_bear_anything(seed: int) -> None:
    Fuzzer(seed).run(4000)


def test_a_player_bears_anything_and_keeps_nothing(tmp_path: Path, seed: int) -> None:
    choose = random.Random(seed)
    streams = [s for s in Fuzzer(seed).streams if b"GREETING" in s[:20]]
    tokens = tmp_path / "tokens"
    tokens.write_text("bob a-secret-of-some-length\n")
    tokens.chmod(0o600)
    env = {"PLAYER_CONFIG_DIR": str(tmp_path)}
    with running_player("--token-file", str(tokens), env=env) as player:
        handles = Path(f"/proc/{player.process.pid}/fd")
        before = len(list(handles.iterdir()))
        for _ in range(300):
            data = mutated(choose, choose.choice(streams))
            sock = socket.create_connection(("127.0.0.1", player.port), DEADLINE)
            with sock, contextlib.suppress(OSError):
                sock.sendall(data)
        assert player.mu("1 + 1") == "2"
        until(lambda: len(list(handles.iterdir())) <= before + 1)
        assert player.process.poll() is None
