"""Sync between real players: processes, sockets, and the verb."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.players import REPO, Player, running_player
from tests.waiting import DEADLINE, until

MOVIE = "movieproc,start=1,end=50.movieproc"


def shell(player: Player, *words: str, status: int = 0) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "rvshell", "-t", f"localhost:{player.port}", *words, "--json"],
        cwd=REPO, capture_output=True, text=True, timeout=DEADLINE, check=False,
    )  # fmt: skip
    assert done.returncode == status, (words, done.stdout, done.stderr)
    return json.loads(done.stdout) if done.stdout.strip() else done.stderr


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Player, Player]]:
    """ann has a movie; bob dialled her and took over her session."""
    env = {"PLAYER_CONFIG_DIR": str(tmp_path_factory.mktemp("config"))}
    with running_player(MOVIE, "-networkUser", "ann", env=env) as ann:
        until(lambda: ann.mu("frameEnd()") == "50")
        port = str(ann.port)
        with running_player(
            "-networkUser", "bob", "-networkConnect", "127.0.0.1", port, env=env
        ) as bob:
            until(lambda: bob.mu("frameEnd()") == "50")
            yield ann, bob


def test_two_players_share_a_session(pair: tuple[Player, Player]) -> None:
    ann, bob = pair
    ann.mu("setFrame(12)")
    until(lambda: bob.mu("frame()") == "12")
    bob.mu("setFrame(30)")
    until(lambda: ann.mu("frame()") == "30")
    name = "sourceGroup000000_colorPipeline_0.color.exposure"
    bob.mu(f'setFloatProperty("{name}", float[] {{1.5, 1.5, 1.5}}, true)')
    until(lambda: ann.mu(f'getFloatProperty("{name}")') == "float[] {1.5, 1.5, 1.5}")
    ann.mu(f'addSource("{MOVIE}"); setViewNode("defaultStack");')
    until(lambda: bob.mu("(sources().size(), viewNode())") == '(2, "defaultStack")')

    def same() -> bool:
        states = [shell(player, "sync", "status")["state"] for player in pair]
        return states[0] == states[1]

    until(same)
    assert any("Sync ON" in line for line in ann.log)


def test_the_sync_verb(pair: tuple[Player, Player]) -> None:
    ann, bob = pair
    status = shell(ann, "sync")
    assert status["on"] and [p["contact"] for p in status["partners"]] == ["bob@localhost"]
    assert "audio" in shell(bob, "sync", "send", "+audio", "-color")
    assert "color" not in shell(bob, "sync", "send")
    assert "matte" not in shell(bob, "sync", "accept", "-matte")
    assert "no group" in shell(bob, "sync", "send", "+colour", status=1)
    shell(bob, "sync", "send", "+color", "-audio")
    shell(bob, "sync", "accept", "+matte")
    shell(ann, "sync", "point", "0.1", "-0.2")
    (pointer,) = until(lambda: shell(bob, "sync", "pointers"))
    assert (pointer["name"], pointer["x"], pointer["y"]) == ("ann", 0.1, -0.2)
    shell(ann, "sync", "push")
    shell(bob, "sync", "pull")
    until(
        lambda: shell(bob, "sync", "check") == [{"contact": "ann@localhost", "differs": "nothing"}]
    )
    assert shell(bob, "sync", "url").startswith("rvlink://baked/")
    shell(bob, "sync", "off")
    until(lambda: not shell(ann, "sync")["on"])
    shell(bob, "sync", "on")
    until(lambda: shell(ann, "sync")["on"])


def test_a_contact_without_rights_cannot_change_the_session(tmp_path: Path) -> None:
    """A sync partner from elsewhere does what its scopes allow, and no more."""
    from tests.network.strangers import stranger

    env = {"PLAYER_CONFIG_DIR": str(tmp_path)}
    with running_player(MOVIE, "-networkPerm", "1", "--scopes", "view,control", env=env) as ann:
        until(lambda: ann.mu("frameEnd()") == "50")
        with stranger(ann.port, "carl") as carl:
            carl.event("remote-sync-greeting", "session9")
            carl.event("remote-sync-frame-changed", "7|session9|")
            until(lambda: ann.mu("frame()") == "7")
            carl.event("remote-sync-eval", 'try {system.system("true");} catch (...) {;}')
            carl.event(
                "remote-sync-eval",
                'try {commands.addSource(string[] {"/etc/passwd"}, "sync");} catch (...) {;}',
            )
            carl.send_data("remote-push-session", "session-data", b"GTOa (4)\n")
            assert carl.request("remote-eval", "sources().size()") == "1"
        for text in ("'system' in Mu needs scope eval", "addSource needs scope media",
                     "remote-push-session needs scope media"):  # fmt: skip
            until(lambda text=text: any(text in line for line in ann.log), text)  # type: ignore[misc]


def test_a_link_joins_the_session(tmp_path: Path) -> None:
    """RV's one-click link, on the command line of a new player and in a running one."""
    env = {"PLAYER_CONFIG_DIR": str(tmp_path)}
    words = (MOVIE, "-networkUser", "ann", "-networkHost", "localhost")
    with running_player(*words, env=env) as ann:
        until(lambda: ann.mu("frameEnd()") == "50")
        url = shell(ann, "sync", "url")
        with running_player("-networkUser", "bob", url, env=env) as bob:
            until(lambda: bob.mu("frameEnd()") == "50")
            assert "ann@localhost" in bob.mu("remoteConnections()")
        with running_player("-networkUser", "eve", env=env) as eve:
            eve.mu(f'sessionFromUrl("{url}")')
            until(lambda: eve.mu("frameEnd()") == "50")
