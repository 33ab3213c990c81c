"""What a contact of another machine can and cannot do, against real players."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rvshell import Client
from rvshell.errors import ConnectionLost
from rvshell.protocol import Event, PixelTile
from rvshell.shell.events import request_text
from tests.network.strangers import stranger
from tests.players import Player, running_player
from tests.waiting import DEADLINE, until


def admin(client: Client, do: str, **fields: Any) -> Any:
    answer = json.loads(client.request("player-admin", json.dumps({"do": do, **fields})))
    assert "error" not in answer, answer
    return answer["ok"]


def logged(player: Player, text: str) -> None:
    until(lambda: any(text in line for line in player.log), f"{text!r} in {player.log}")


@pytest.fixture(scope="module")
def player(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Player]:
    folder = tmp_path_factory.mktemp("config")
    env = {"PLAYER_CONFIG_DIR": str(folder)}
    with running_player("-networkPerm", "1", "movieproc,start=1,end=50.movieproc", env=env) as made:
        yield made


@pytest.fixture
def bob(player: Player) -> Iterator[Client]:
    """An allowed contact with the usual scopes."""
    with stranger(player.port) as client:
        yield client


def test_simple_programs_work_as_in_rv(bob: Client, player: Player) -> None:
    until(lambda: player.mu("sources().size()") == "1")
    assert bob.request("remote-eval", "setFrame(12); frame();") == "12"
    assert bob.request("remote-eval", 'stop(); "FRAME = " + frame();') == '"FRAME = 12"'
    assert bob.request("remote-eval", "(frame(), frameStart(), fps())") == "(12, 1, 24.0)"
    assert bob.request("remote-eval", "setInc(1); play(); stop();") == "void"
    text = (
        '{ let s = newImageSource("t.exr", 4, 4, 4, 4, 0, 0, 1.0, 4, 8, false, 1, 1, 24.0, nil, '
        "nil); newImageSourcePixels(s, 1, nil, nil); }"
    )
    bob.request("remote-eval", text)
    assert "t.exr" in bob.request("remote-eval", "sources()")
    bob.send_tile(PixelTile("t.exr", "-", "-", 0, 0, 4, 4, 1, size=64), bytes(64))
    assert bob.request("remote-eval", "try { setFrame(3); } catch (...) {;} frame();") == "3"


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ('system.system("true")', "'system' in Mu needs scope eval"),
        ('use system; system("true");', "in Mu needs scope eval"),
        ("function: f (int;) { return 1; } f();", "needs scope eval"),
        ("for (int i = 0; i < 3; i++) play();", "needs scope eval"),
        ("while (true) ;", "needs scope eval"),
        ('runtime.eval("1", ["commands"])', "needs scope eval"),
        ('saveSession("/tmp/x.rv")', "saveSession needs scope python"),
        ("close()", "close needs scope python"),
        ('bind("default", "global", "e", nil, "")', "bind needs scope eval"),
        ("setRemoteDefaultPermission(1)", "setRemoteDefaultPermission needs scope python"),
        ('let x = play; x();', "calling x needs scope eval"),
        ('commands.eval("1")', "eval needs scope python"),
        ("play() # system", "needs scope eval"),
    ],
)  # fmt: skip
def test_a_program_beyond_the_scopes_is_refused_and_logged(
    bob: Client, player: Player, code: str, what: str
) -> None:
    reply = bob.request("remote-eval", code)
    assert reply.startswith('ERROR: remote-eval: exception: "permission denied: ')
    assert what in reply
    assert reply.endswith(f"ERROR: remote-eval: '{code}'\n")
    logged(player, what)


def test_python_keys_and_the_admin_door_are_refused(bob: Client, player: Player) -> None:
    reply = bob.request("remote-pyeval", "1 + 1")
    assert reply == (
        "<class 'PermissionError'>: permission denied: event remote-pyeval needs scope python"
    )
    bob.request("remote-pyexec", "import os; os.mkdir('/tmp/never')")
    assert not Path("/tmp/never").exists()
    assert "event key-down--q needs scope eval" in bob.request("key-down--q", "")
    assert "only the player's own user" in bob.request("player-admin", '{"do": "status"}')
    logged(player, "status is for the player's own user")
    assert bob.request("my-device", "x") == ""


def test_a_contact_with_fewer_scopes(player: Player) -> None:
    with player.client() as local:
        admin(local, "contact-set", contact="eve@127.0.0.3", scopes=["view"])
    with stranger(player.port, "eve", address="127.0.0.3") as eve:
        host = eve.request("remote-eval", "frame()")
        if not host.isdigit():  # the resolver knows 127.0.0.3 by another name
            pytest.fail(host)
        assert "setFrame needs scope control" in eve.request("remote-eval", "setFrame(2)")
        eve.send_tile(PixelTile("t.exr", "-", "-", 0, 0, 1, 1, 1, size=4), bytes(4))
        eve.send_data("remote-push-session", "session-data", b"GTOa (4)")
        eve.event("remote-sync-frame-changed", "9|session0|")
        assert eve.request("remote-eval", "frame()") == host
    for what in ("a tile of pixels needs scope pixels", "remote-push-session needs scope media",
                 "remote-sync-frame-changed needs scope control"):  # fmt: skip
        logged(player, what)


def test_eval_without_python_runs_programs_but_not_the_machine(player: Player) -> None:
    with player.client() as local:
        admin(local, "contact-set", contact="dev@127.0.0.4", scopes=["default", "eval"])
        local.eval_mu("function: planted (int;) { return 1; } true;")
    with stranger(player.port, "dev", address="127.0.0.4") as dev:
        code = "function: twice (int; int a) { return 2 * a; } twice(21);"
        assert dev.request("remote-eval", code) == "42"
        assert "permission denied" in dev.request("remote-eval", 'system.system("true")')
        assert "permission denied" in dev.request("remote-eval", 'system.getenv("HOME")')
        assert "permission denied" in dev.request("remote-eval", 'saveSession("/tmp/x.rv");')
        sent = 'sendInternalEvent("remote-pyexec", "import os; os.mkdir(\'/tmp/never\')");'
        assert "permission denied" in dev.request("remote-eval", sent)
        assert "permission denied" in dev.request("remote-eval", 'remoteSendEvent("remote-eval", '
                                                  '"*", "close()", nil);')  # fmt: skip
        assert not Path("/tmp/never").exists()
        # what it defines is its own: the user's programs never run it
        assert "ERROR" in dev.request("remote-eval", "planted();")
    with player.client() as local:
        assert "ERROR" in local.request("remote-eval", "twice(2);")
    logged(player, "saveSession needs scope python")


def test_our_own_programs_may_do_everything(player: Player, tmp_path: Path) -> None:
    target = tmp_path / "made"
    assert player.mu(f'system.system("touch {target}")') == "0"
    assert target.exists()
    assert player.python("1 + 1") == "2"


def test_asking_from_question_to_answer(tmp_path: Path) -> None:
    env = {"PLAYER_CONFIG_DIR": str(tmp_path)}
    with running_player(env=env) as player, player.client() as local:
        shell = Client.connect("127.0.0.1", player.port, name="shell", app="rv-shell")
        outcome: list[str] = []

        def come() -> None:
            try:
                with stranger(player.port) as bob:
                    outcome.append(bob.eval_mu("frame()"))
            except ConnectionLost as error:
                outcome.append(str(error))

        def ask(answer: str) -> dict[str, Any]:
            comer = threading.Thread(target=come)
            comer.start()
            (question,) = until(lambda: admin(local, "pending"))
            admin(local, "answer", id=question["id"], answer=answer)
            comer.join(DEADLINE)
            return dict(question)

        question = first = ask("deny")
        assert question["contact"].startswith("bob@")
        assert (question["app"], question["address"]) == ("rv", "127.0.0.2")
        assert "before it greeted" in outcome.pop()
        ask("always")
        assert outcome.pop() == "1"
        come()  # remembered: no question
        assert outcome.pop() == "1"
        logged(player, "asks to connect; answer with: rvshell allow")
        until(lambda: shell.process(0.0) or shell.messages)  # an attached shell is told
        told = shell.messages[0]
        shell.close()
        assert isinstance(told, Event) and told.name == "player-permission-request"
        assert "bob@" in request_text(told.contents)
        assert f"allow {first['id']}, allow" in request_text(told.contents)
        assert request_text("rubbish") == request_text("{}") == ""
        (row,) = admin(local, "contacts", local=False)
        assert (row["name"], row["permission"], row["app"]) == ("bob", "allow", "rv")
        admin(local, "contact-set", contact=question["contact"], permission="reject")
        come()
        assert "before it greeted" in outcome.pop()
    assert '"bob"' in (tmp_path / "contacts.jsonl").read_text()


def test_listening_everywhere_without_tls_is_warned_about(tmp_path: Path) -> None:
    with running_player("--listen", "0.0.0.0", env={"PLAYER_CONFIG_DIR": str(tmp_path)}) as player:
        assert any("listening on 0.0.0.0 without TLS" in line for line in player.log)
