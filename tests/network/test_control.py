"""RV's network dialog from the command line, and RV's events, against real players."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from player.network.announce import Announcer
from rvshell.client.neighbours import Neighbour, find_neighbours
from rvshell.errors import ConnectionLost
from tests.network.strangers import stranger
from tests.network.test_permissions import logged
from tests.players import REPO, Player, running_player
from tests.waiting import DEADLINE, until


@pytest.fixture
def player(tmp_path: Path) -> Iterator[Player]:
    with running_player(env={"PLAYER_CONFIG_DIR": str(tmp_path)}) as made:
        yield made


def shell(player: Player, *words: str, status: int = 0) -> Any:
    """What `rvshell WORDS --json` says, None for nothing."""
    done = subprocess.run(
        [sys.executable, "-m", "rvshell", "-t", f"localhost:{player.port}", *words, "--json"],
        cwd=REPO, capture_output=True, text=True, timeout=DEADLINE, check=False,
    )  # fmt: skip
    assert done.returncode == status, (words, done.stdout, done.stderr)
    return json.loads(done.stdout) if done.stdout.strip() else done.stderr


def test_the_network_verb_from_status_to_stop(player: Player, tmp_path: Path) -> None:
    status = shell(player, "network")
    assert status["state"] == "Running / 1 Connection"
    assert status["port"] == player.port
    with player.client("other"):
        assert shell(player, "network", "status")["state"] == "Running / 2 Connections"
        assert "--force" in shell(player, "network", "stop", status=1)
    rows = shell(player, "network", "config", "--origin")
    origins = {row["name"]: row["origin"] for row in rows}
    assert origins["network.port"] == "command line"
    assert origins["network.listen"] == "default"
    shell(player, "network", "set", "ask_timeout", "5")
    assert shell(player, "network", "config", "ask_timeout") == {"network.ask_timeout": 5.0}
    shell(player, "network", "set", "port", "45999")
    assert "45999" in (tmp_path / "player.toml").read_text()
    shell(player, "network", "reset")
    assert "45999" not in (tmp_path / "player.toml").read_text()
    said = shell(player, "network", "set", "nonsense", "1", status=1)
    assert "no setting 'network.nonsense'" in said
    shell(player, "network", "stop")
    until(lambda: _refused(player))
    player.process.send_signal(signal.SIGUSR1)
    until(lambda: sum("listening on port" in line for line in player.log) == 2)


def _refused(player: Player) -> bool:
    try:
        player.client().close()
    except OSError:
        return True
    return False


def test_networking_starts_and_stops_at_run_time(player: Player) -> None:
    """What a script sees: the events, and its own connection's end."""
    with player.client("watcher") as client:
        client.eval_mu(
            'bind("default", "global", "remote-network-stop", '
            '\\: (void; Event e) { remoteNetwork(true); e.reject(); }, "");'
        )
        client.eval_mu('setRemoteLocalContactName("after"); remoteNetwork(false);')
        with pytest.raises(ConnectionLost):
            until(lambda: client.process(0.1) and False)
    logged(player, "listening on port")
    until(lambda: sum("listening on port" in line for line in player.log) == 2)
    again = int([ln for ln in player.log if "listening on port" in ln][-1].split()[-1])
    player.port = again
    with player.client() as client:
        assert client.peer is not None and client.peer.name == "after"
        assert client.eval_mu("remoteNetworkStatus()") == "1"


def test_name_and_port_count_from_the_next_start(player: Player) -> None:
    with player.client() as client:
        client.eval_mu('setRemoteLocalContactName("someone")')
        assert client.eval_mu("remoteLocalContactName()") == '"someone"'
        with player.client() as other:
            assert other.peer is not None and other.peer.name != "someone"
        assert client.eval_mu("myNetworkPort()") == str(player.port)
        said = shell(player, "network", "set", "name", "later")
        assert "when networking starts next" in said


def test_connections_show_who_and_how(player: Player) -> None:
    with player.client("watched"):
        (row,) = [r for r in shell(player, "connections") if r["contact"].startswith("watched@")]
        assert (row["app"], row["direction"], row["scopes"]) == ("rvshell", "in", "all")
        assert row["bytes_in"] > 0 and row["bytes_out"] > 0
        shell(player, "kick", row["contact"])
        until(lambda: len(shell(player, "connections")) == 1)
        assert "not connected" in shell(player, "kick", "nobody@nowhere", status=1)


def test_the_contacts_verb(player: Player, tmp_path: Path) -> None:
    shell(player, "contacts", "set", "bob@127.0.0.2", "allow", "--scopes", "view,control")
    with stranger(player.port, "bob") as bob:
        assert bob.eval_mu("frame()") == "1"
        (row,) = [r for r in shell(player, "contacts") if r["name"] == "bob"]
        assert list(row)[:5] == ["connected", "name", "machine", "permission", "app"]
        assert (row["connected"], row["permission"], row["scopes"]) == (
            True, "allow", "view control",
        )  # fmt: skip
        shell(player, "contacts", "set", row["name"] + "@" + row["machine"], "reject")
        shell(player, "contacts", "disconnect", row["name"] + "@" + row["machine"])
    with pytest.raises(ConnectionLost):
        stranger(player.port, "bob")
    key = f"{row['name']}@{row['machine']}"
    shell(player, "contacts", "rm", key)
    assert not [r for r in shell(player, "contacts") if r["name"] == "bob"]
    assert "no contact" in shell(player, "contacts", "rm", key, status=1)
    with running_player("-networkUser", "far", env={"PLAYER_CONFIG_DIR": str(tmp_path)}) as far:
        shell(player, "contacts", "connect", "far@localhost", "--port", str(far.port))
        # it is said once it is so
        assert any(r["direction"] == "out" for r in shell(player, "connections"))


def test_dialling_tells_how_it_went(player: Player, tmp_path: Path) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))  # nobody listens
        port = sock.getsockname()[1]
        assert "refused" in shell(player, "dial", f"127.0.0.1:{port}", status=1)
    assert "unknown host" in shell(player, "dial", "no-such-host.invalid", status=1)
    assert "unknown host" in shell(player, "contacts", "connect", "a@no-such.invalid", status=1)
    with running_player("-networkUser", "far", env={"PLAYER_CONFIG_DIR": str(tmp_path)}) as far:
        for _ in range(2):  # the second finds that they are connected
            done = subprocess.run(
                [sys.executable, "-m", "rvshell", "-t", f"localhost:{player.port}", "dial",
                 f"localhost:{far.port}"],
                cwd=REPO, capture_output=True, text=True, timeout=DEADLINE, check=True,
            )  # fmt: skip
            assert "the player is connected to far@localhost" in done.stderr
        assert sum(r["direction"] == "out" for r in shell(player, "connections")) == 1


def test_a_denied_contact_that_is_connected_is_told(player: Player) -> None:
    shell(player, "contacts", "set", "bob@127.0.0.2", "allow")
    with stranger(player.port, "bob"):
        done = subprocess.run(
            [sys.executable, "-m", "rvshell", "-t", f"localhost:{player.port}", "contacts", "set",
             "bob@127.0.0.2", "deny"],
            cwd=REPO, capture_output=True, text=True, timeout=DEADLINE, check=True,
        )  # fmt: skip
        assert "connected still: kick bob@127.0.0.2" in done.stderr


def test_a_station_denies_strangers() -> None:
    with running_player("--station") as player:
        with pytest.raises(ConnectionLost):
            stranger(player.port)
        logged(player, "refused: it is denied")
        assert player.mu("frame()") == "1"


def test_what_scripts_are_told_of_a_departure(player: Player) -> None:
    names = ("remote-connection-start", "remote-contact-error-show", "remote-contact-error",
             "remote-connection-stop")  # fmt: skip
    with player.client("watcher") as watcher:
        for name in names:
            watcher.request(
                "remote-pyexec",
                "import sys, rv\n"
                "sys.told = getattr(sys, 'told', [])\n"
                f"def heard(e, name={name!r}, told=sys.told):\n"
                "    told.append(name + ' ' + e.contents())\n    e.reject()\n"
                f"rv.commands.bind('default', 'global', {name!r}, heard, '')",
            )

        def seen() -> list[str]:
            text = watcher.request("remote-pyeval", "'|'.join(__import__('sys').told)")
            return [w for w in text.split("|") if w]

        player.client("polite").close()
        until(lambda: len(seen()) == 2)
        assert seen() == [
            "remote-connection-start polite@localhost",
            "remote-connection-stop polite@localhost",
        ]
        rude = player.client("rude")
        rude.eval_mu("frame()")
        rude._stream.sock.close()
        until(lambda: len(seen()) == 6)
        assert [line.split()[0] for line in seen()[2:]] == [
            "remote-connection-start", "remote-contact-error-show", "remote-contact-error",
            "remote-connection-stop",
        ]  # fmt: skip
    logged(player, "rude@localhost: the connection was lost")


def test_dialling_at_start_and_again_when_it_was_lost(tmp_path: Path) -> None:
    env = {"PLAYER_CONFIG_DIR": str(tmp_path)}
    with running_player("-networkUser", "first", env=env) as first:
        port = str(first.port)
        with running_player("-networkConnect", "127.0.0.1", port, env=env) as second:
            joined = lambda who: "first@localhost" in who.mu("remoteConnections()")  # noqa: E731
            until(lambda: joined(second))
            first.process.kill()
            first.process.wait()
            until(lambda: not joined(second))
            arguments = ("-networkUser", "first", "-networkPort", port)
            with running_player(*arguments, env=env):
                until(lambda: joined(second))


async def test_an_announced_player_is_found() -> None:
    """On the loopback interface, so that nobody else hears of it."""
    interfaces = ["127.0.0.1"]
    announcer = Announcer(interfaces)
    await announcer.start("ann", 45987, tls=True)
    try:
        for _ in range(20):  # a busy machine answers late
            found = await asyncio.to_thread(find_neighbours, 1.0, interfaces)
            if Neighbour("ann", "127.0.0.1", 45987, True) in found:
                break
        else:
            pytest.fail("it is not found")
    finally:
        await announcer.stop()
    found = await asyncio.to_thread(find_neighbours, 0.5, interfaces)
    assert not [n for n in found if n.port == 45987]


def test_connections_are_in_the_order_of_the_contacts_table(player: Player) -> None:
    """A contact that comes back has its old row, as in RV's table."""
    with player.client("watcher") as watcher:
        first, second = player.client("zoe"), player.client("ann")
        first.close()
        until(lambda: "zoe@" not in watcher.eval_mu("remoteConnections()"))
        with player.client("zoe"):
            names = watcher.eval_mu("remoteConnections()")
            assert names == 'string[] {"watcher@localhost", "zoe@localhost", "ann@localhost"}'
            assert watcher.eval_mu("remoteApplications().size()") == "3"
            assert watcher.eval_mu("remoteContacts()") == 'string[] {"watcher", "zoe", "ann"}'
            assert watcher.eval_mu('remoteConnectionIsIncoming("zoe@localhost")') == "true"
            assert watcher.eval_mu("remoteDefaultPermission()") == "0"
            watcher.eval_mu("setRemoteDefaultPermission(2)")
            assert watcher.eval_mu("remoteDefaultPermission()") == "2"
        second.close()


def test_a_player_that_nobody_can_reach_is_not_announced() -> None:
    with running_player("--set", "network.zeroconf=true") as player:
        logged(player, "not announced: nobody could reach 127.0.0.1")
