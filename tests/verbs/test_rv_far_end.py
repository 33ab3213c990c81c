"""Every verb at a far end that knows no more than RV does.

The far end is the player, but what RV would not answer never reaches it: it gets RV's empty
answer, as any event gets that nothing is bound to. And of every text that a verb sends the names
are looked up in the table of RV's commands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from rvshell.verbs import telling
from rvshell.verbs.registry import Request, load
from rvshell.verbs.rvcommands import commands
from rvshell.verbs.target import Target
from tests.shell.harness import BARS, PlayerProcess
from tests.shell.running import Batch

RV_ANSWERS = {"remote-eval", "remote-pyeval", "remote-pyexec"}

# verb -> what to run instead of its example
LINES = {
    "layer": "layer default",
    "add": f"add {BARS}",
    "snapshot": "snapshot {home}/now.png",
    "save": "save {home}/now.rv",
    "push": "push {home}/a.ppm",
    "peek": "peek --size 8x4; peek --kind kitty",
    "graph": "graph; graph --dot; graph defaultSequence",
    "connections": "connections; connections defaultSequence",
    "nodes": "nodes; nodes RVColor; nodes --types",
    "sources": "sources; sources --long",
    "view": "view; view defaultStack; view defaultSequence",
    "frame": "frame; frame 20",
    "in": "in; in 10; in here; in reset",
    "out": "out; out 90; out here; out reset",
    "mark": "mark 12; mark",
    "probe": "probe 3 4",
    "timeline": "timeline; timeline --json",
    "mode": "mode; mode loop",
    "fullscreen": "fullscreen; fullscreen toggle",
    "cache": "cache; cache buffer",
    "connect": "connect {address}",
    "disconnect": "disconnect; frame",
    "network": "network; network start",
    "kick": "kick {me}",
    "dial": "dial 127.0.0.1:1",
    "contacts": "contacts",
    "sync": "sync on; sync; sync off",
    "doctor": "doctor {address}",
    "reload": "reload",
    "clear": "clear --yes",
    "wait": "on play-start echo; wait frame >= 1",
}
IN_RVS_WINDOWS = {"pending", "allow", "deny", "record"}
# these ask this machine, or have tests of their own
ELSEWHERE = {"keys", "players", "push", "replay", "targets", "trust"}
MU = {
    "contents", "else", "for_each", "function", "if", "join", "match", "name", "regex", "reject",
    "size", "string",
}  # fmt: skip
# what Open RV has got since its first version (1.0, 2023): older ones are far ends, too
NEWER = {
    "checkAndBlockEventCategory", "devicePixelRatio", "displayFeedbackQueue",
    "displayFeedbackQueue2", "displayFeedbackQueueWithSizes", "displayFeedbackWithSizes",
    "framebufferPixelValue", "loadSettingsIntoOptions", "setPresentationDevice", "setUIBlocked",
    "showDiagnostics", "showDiagnosticsWindow", "sourceMediaRepsAndNodes", "startPreloadingMedia",
    "waitForProgressiveLoading",
}  # fmt: skip


class RvBatch(Batch):
    """Commands at a player that is asked nothing but what RV answers; keeps what was sent."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.remote.name = "asker"
        self.sent: list[Request] = []
        exchange = self.remote.exchange

        def as_rv(requests: Sequence[Request]) -> list[str]:
            self.sent += requests
            known = [r for r in requests if r.event in RV_ANSWERS]
            replies = iter(exchange(known) if known else ())
            return [next(replies) if r.event in RV_ANSWERS else "" for r in requests]

        self.remote.exchange = as_rv  # type: ignore[method-assign]


@pytest.fixture
def rv(player: PlayerProcess, batch: Batch) -> Iterator[RvBatch]:
    """At the player of `batch`, which shows the bars again."""
    made = RvBatch(player.port)
    yield made
    made.close()


def names(code: str) -> set[str]:
    """What a Mu text calls: names in front of a bracket, without what is in strings."""
    code = re.sub(r'"(?:\\.|[^"\\])*"', '""', code)
    return set(re.findall(r"(?<![\w.])(?:commands\.|extra_commands\.|rvui\.)?(\w+)\s*\(", code))


def unknown(request: Request) -> set[str]:
    """The names in a request that RV has not, or not every RV."""
    rvs = {c.name for c in commands()} - NEWER | MU
    if request.event == "remote-eval":
        return {n for n in names(request.contents) - rvs if not n.startswith("rvshell_")}
    return set(re.findall(r"rv\.(?:extra_)?commands\.(\w+)", request.contents)) - rvs


VERBS = [v for v in load() if v.scope not in ("script", "shell") and v.name not in ELSEWHERE]


@pytest.mark.parametrize("verb", VERBS, ids=[v.name for v in VERBS])
def test_verbs_need_nothing_that_rv_has_not(
    rv: RvBatch, player: PlayerProcess, home: Path, verb: object
) -> None:
    name = verb.name  # type: ignore[attr-defined]
    line = LINES.get(name, verb.example)  # type: ignore[attr-defined]
    (home / "a.ppm").write_bytes(b"P6 4 2 255\n" + bytes(24))
    peers = rv.remote.mu("remoteConnections()").split('"')[1::2]
    me = next(peer for peer in peers if peer.startswith("asker@"))
    ran = rv.run(
        line.replace("{home}", str(home)).replace("{address}", player.address).replace("{me}", me)
    )
    if name in IN_RVS_WINDOWS:
        assert ran.status == 1 and "its own dialog has this" in ran.err
        return
    assert ran.status in (0, 3) if name == "kick" else ran.status == 0, ran
    assert {n for request in rv.sent for n in unknown(request)} == set()


def test_the_prompt_asks_nothing_that_rv_has_not() -> None:
    for code in (
        telling.STATE,
        telling.subscribe("me", "rvshell_x"),
        telling.forward("me", "rvshell_x", 1, "^play"),
        telling.leave("rvshell_x"),
    ):
        assert unknown(Request(code)) == set()


def test_the_network_of_an_rv(rv: RvBatch, player: PlayerProcess) -> None:
    told = rv.out("network").splitlines()[:2]  # the fixture's connection is one, too
    assert told == ["state\tRunning / 2 Connections", "running\ttrue"]
    other = Batch(player.port)
    other.remote.name = "other"
    assert other.out("frame") == "1\n"
    assert "other@" in rv.out("contacts") and "rv-shell\tin" in rv.out("connections")
    ran = rv.run("network stop")
    assert ran.status == 1 and "2 others are connected (network stop --force)" in ran.err
    who = rv.out("contacts").splitlines()
    kicked = next(line.split("\t")[0] for line in who if line.startswith("other@"))
    rv.out(f"kick {kicked}")
    rv.out("wait mu(remoteConnections().size()) == 2")
    assert "not connected" in rv.run(f"kick {kicked}").err
    other.close()


def test_a_far_end_is_stopped_by_its_own_command(tmp_path: Path) -> None:
    player = PlayerProcess(tmp_path)
    try:
        rv = RvBatch(player.port)
        rv.out("network stop")
        rv.close()
        gone = RvBatch(player.port)
        assert gone.remote.target == Target("127.0.0.1", player.port)
        assert gone.run("wait frame == 1").status == 3
    finally:
        player.close()
