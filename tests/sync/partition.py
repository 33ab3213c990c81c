"""Two players on two machines (network namespaces) whose cable is pulled and put back.

Run by test_partition inside `unshare -rnm`; prints what happened, ends with status 0.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SETUP = """\
mount -t tmpfs tmpfs /run
ip netns add a
ip netns add b
ip link add va netns a type veth peer name vb netns b
ip -n a addr add 10.77.0.1/24 dev va
ip -n b addr add 10.77.0.2/24 dev vb
ip -n a link set va up
ip -n b link set vb up
ip -n a link set lo up
ip -n b link set lo up"""
ANN, BOB = ("a", "10.77.0.1"), ("b", "10.77.0.2")
MOVIE = "movieproc,start=1,end=50.movieproc"
EXPOSURE = "sourceGroup000000_colorPipeline_0.color.exposure"


def inside(where: tuple[str, str], *words: str) -> str:
    """`rvshell WORDS` on one machine; its output."""
    done = subprocess.run(
        ["ip", "netns", "exec", where[0], sys.executable, "-m", "rvshell",
         "-t", "localhost:45124", "--json", *words],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.stdout.strip()


def until(what: str, condition: object, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        if time.monotonic() > end:
            raise SystemExit(f"gave up waiting: {what}")
        select.select([], [], [], 0.2)
    print(f"ok: {what}", flush=True)


def status(where: tuple[str, str]) -> dict[str, object]:
    text = inside(where, "sync", "status")
    return dict(json.loads(text)) if text else {}


def start(where: tuple[str, str], name: str, *words: str) -> subprocess.Popen[bytes]:
    env = {
        **os.environ,
        "PLAYER_CONFIG_DIR": tempfile.mkdtemp(),
        "TMPDIR": tempfile.mkdtemp(),
        "RV_CONNECTION_PING_INTERVAL": "1",
        "RV_CONNECTION_PONG_TIMEOUT": "3",
    }
    log = open(Path(env["TMPDIR"]) / "log", "wb")  # noqa: SIM115 - the process's
    return subprocess.Popen(
        ["ip", "netns", "exec", where[0], sys.executable, "-m", "player", "--display", "null",
         "--port", "45124", "--listen", "0.0.0.0", "-networkPerm", "1", "-networkUser", name,
         *words],
        env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
    )  # fmt: skip


def main() -> None:
    for line in SETUP.splitlines():
        subprocess.run(line.split(), check=True)
    players = [start(ANN, "ann", MOVIE), start(BOB, "bob", "-networkConnect", ANN[1], "45124")]
    try:

        def same() -> bool:
            states = [status(where) for where in (ANN, BOB)]
            if not all(s.get("partners") for s in states):
                return False
            return states[0]["state"] == states[1]["state"] and "50" in inside(
                BOB, "mu", "frameEnd()"
            )

        until("both show the same", same)
        subprocess.run(["ip", "-n", "b", "link", "set", "vb", "down"], check=True)
        until(
            "the loss is noticed", lambda: not status(BOB).get("on") and not status(ANN).get("on")
        )
        inside(
            ANN,
            "mu",
            f'setFloatProperty("{EXPOSURE}", float[] {{1.0, 1.0, 1.0}}, true); setFrame(7);',
        )
        inside(
            BOB,
            "mu",
            f'setFloatProperty("{EXPOSURE}", float[] {{9.0, 9.0, 9.0}}, true); setFrame(40);',
        )
        subprocess.run(["ip", "-n", "b", "link", "set", "vb", "up"], check=True)
        until("both show the same again", same, 90.0)
        before = [status(where)["sent"] for where in (ANN, BOB)]
        select.select([], [], [], 3.0)  # time for an echo to be counted
        after = [status(where)["sent"] for where in (ANN, BOB)]
        if before != after:
            raise SystemExit(f"there is an echo: {before} {after}")
        print("ok: silence", flush=True)
    finally:
        for player in players:
            player.terminate()
            player.wait(20)


if __name__ == "__main__":
    main()
