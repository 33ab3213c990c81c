"""A player as its clients meet it: requests, many at once, garbage, the end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from rvshell import Client
from rvshell.errors import ConnectionFailed, ConnectionLost
from tests.players import REPO, Player, running_player
from tests.waiting import until


def test_requests_are_answered_as_rv_does(player: Player) -> None:
    with player.client() as rv:
        assert rv.eval_mu("frame();") == "1"
        assert rv.eval_mu("fps()") == "24.0"
        assert rv.eval_mu('play();"FRAME = " + frame();') == '"FRAME = 1"'
        assert rv.eval_mu("fullScreenMode(true)") == "void"
        assert rv.eval_mu("isFullScreen()") == "true"
        assert rv.eval_python("rv.commands.frame()") == "1"
        assert rv.request("nobody-knows-this", "x") == ""
        assert rv.request("remote-eval", "nosuch()").startswith(
            'ERROR: remote-eval: exception: "unknown exception"\n'
        )


def test_a_question_asked_again_is_answered_anew(player: Player) -> None:
    """The same bytes, read and compiled once, and what they ask after changes all the time."""
    with player.client() as one, player.client() as two:
        one.eval_mu("setFrameStart(1); setFrameEnd(100)", timeout=60)
        for frame in [3, 3, 7, 2, 9, 9, 1] * 5:
            two.eval_mu(f"setInPoint({frame})")
            assert [one.eval_mu("inPoint();") for _ in range(3)] == [str(frame)] * 3


def test_the_collector_runs_and_leaves_what_the_start_made_alone(cleared: Player) -> None:
    with cleared.client() as rv:
        assert rv.eval_python("__import__('gc').isenabled()") == "True"
        assert int(rv.eval_python("__import__('gc').get_freeze_count()")) > 10_000


def test_replies_come_in_order_when_requests_are_pipelined(cleared: Player) -> None:
    with cleared.client() as rv:
        sent = [rv.submit("remote-eval", f"{n};") for n in range(500)]
        assert [rv.wait(s) for s in sent] == [str(n) for n in range(500)]


def test_clients_of_one_name_are_told_apart(player: Player) -> None:
    with player.client("rvpush-1") as one, player.client("rvpush-1") as two:
        assert one.eval_mu("remoteConnections()") == (
            'string[] {"rvpush-1@localhost", "rvpush-1@localhost#2"}'
        )
        heard: list[str] = []
        two.on_event(lambda event: heard.append(f"{event.name} {event.contents}"))
        two.eval_mu('remoteSendEvent("hello", "*", "you", string[] {"rvpush-1@localhost#2"})')
        two.eval_mu("frame()")
        assert heard == ["hello you"]


def test_a_subscription_by_bind_brings_events(player: Player, shots: Path) -> None:
    """What rvNetwork.py's bindToEvent does."""
    with player.client("watcher") as rv:
        heard: list[tuple[str, str]] = []
        rv.on_event(lambda event: heard.append((event.name, event.contents)))
        code = """
        require commands;
        function: watch_it (void; Event event)
        {
            string contact = nil;
            for_each (c; commands.remoteConnections())
            {
                if (regex("watcher@").match(c)) contact = c;
            }
            if (contact neq nil)
            {
                commands.remoteSendEvent ("frame-changed", "*",
                        event.contents(), string[] {contact});
            }
            event.reject();
        }
        commands.bind("default", "global", "frame-changed", watch_it, "python event handler");
        true;

        """
        assert rv.eval_mu(code) == "true"
        rv.eval_mu(f'addSource("{shots}/grey.#.tif")')
        rv.eval_mu("setFrame(5)")
        rv.eval_mu("frame()")
        assert heard == [("frame-changed", "")]


def test_garbage_on_the_port_harms_nobody(cleared: Player) -> None:
    with cleared.client() as rv:
        for junk in (
            b"\x00" * 4096,
            b"GET / HTTP/1.1\r\n\r\n",
            b"GREETING 99999999999 x",
            b"MESSAGE 4 x",
        ):
            with socket.create_connection(("127.0.0.1", cleared.port), timeout=10) as sock:
                sock.sendall(junk)
                sock.shutdown(socket.SHUT_WR)
                while sock.recv(4096):
                    pass
            assert rv.eval_mu("1 + 1;") == "2"
    assert "Traceback" not in "\n".join(cleared.log)


def test_a_client_killed_in_the_middle_is_no_matter(cleared: Player) -> None:
    sock = socket.create_connection(("127.0.0.1", cleared.port), timeout=10)
    sock.sendall(b"NEWGREETING 6 half xPIXELTILE(media=m,w=64,h=64,x=0,y=0,f=1) 16384 abc")
    sock.close()
    assert cleared.mu("frame()") == "1"


def test_an_endless_loop_ends_with_an_error_and_others_are_served(cleared: Player) -> None:
    with cleared.client() as rv:
        reply = rv.request("remote-eval", "while (true) { ; }", timeout=60)
        assert reply.startswith("ERROR: remote-eval:")
    assert cleared.mu("frame()") == "1"


def test_the_port_file_names_the_port_and_goes_with_the_player() -> None:
    with running_player("-networkTag", "mytag") as player:
        folder = Path(tempfile.gettempdir()) / "tweak_rv_proc"
        file = folder / f"{player.process.pid}_mytag"
        assert file.read_text() == f"{player.port}\n"
    assert not file.exists()


def test_a_busy_port_gives_way_to_the_next(cleared: Player) -> None:
    with running_player("-network", "-networkPort", str(cleared.port)) as second:
        assert cleared.port < second.port <= cleared.port + 10


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_it_with_a_goodbye(number: int, status: int) -> None:
    player = Player()
    rv = player.client()
    assert player.stop(number) == status
    with pytest.raises(ConnectionLost):
        rv.eval_mu("frame()")
    rv.close()


def test_the_same_signal_twice_is_no_error() -> None:
    player = Player()
    rv = player.client()

    def again() -> bool:  # `timeout` sends it to the program and to its group
        player.process.send_signal(signal.SIGTERM)
        return player.process.poll() is not None

    until(again, "the player to end")
    assert player.stop() == 0
    assert not [line for line in player.log if "Warning" in line or "Traceback" in line]
    with pytest.raises(ConnectionLost):
        rv.eval_mu("frame()")
    rv.close()


def test_close_ends_it(player: Player) -> None:
    with player.client() as rv:
        rv.event("remote-eval", "close()")
        until(lambda: player.process.poll() is not None, "the player to end")


def test_it_listens_on_this_machine_only(cleared: Player) -> None:
    table = Path("/proc/net/tcp")
    if not table.exists():
        pytest.skip("/proc/net/tcp is Linux's")
    port = f"{cleared.port:04X}"
    listening = {
        line.split()[1] for line in table.read_text().splitlines()[1:]
        if line.split()[1].endswith(f":{port}") and line.split()[3] == "0A"
    }  # fmt: skip
    assert listening == {f"0100007F:{port}"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--nonsense"], "unknown option --nonsense (player --help lists the options)"),
        (["--exprt", "a.png"], "unknown option --exprt (did you mean --export?)"),
        (["--display", "hologram"], "hologram"),
        (["--display", "png"], "--snapshot"),
        (["[", "a.exr"], "Unmatched '['"),
        (["-networkPort", "99999999"], "is no port"),
        (["--scopes", "view,contrl"], "'contrl' is no scope"),  # no default instead of it
        (["--set", "network.prot=1"], "no setting network.prot (did you mean network.port?)"),
        (["--set", "network.ask_timeout=soon"], "'soon' cannot be used (it is a number)"),
        (["--token-file", "no.tokens"], "no.tokens cannot be read: No such file"),
        (["--tls-cert", "no.pem"], "no.pem: no such file"),
    ],
)
def test_a_wrong_command_line_is_one_clear_line(arguments: list[str], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "player", "--port", "0", *arguments],
        capture_output=True, text=True, timeout=60, cwd=REPO,
        env={k: v for k, v in os.environ.items() if k != "DISPLAY"},
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if line.startswith("player: ")]
    assert len(lines) == 1 and said in lines[0], done.stderr
    assert "Traceback" not in done.stderr


def test_nobody_there_is_said_in_one_line() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    with pytest.raises(ConnectionFailed, match="refused"):
        Client.connect("127.0.0.1", port)


def test_a_desktop_that_is_gone_leaves_a_player_without_a_screen() -> None:
    with running_player(display="", env={"DISPLAY": ":9987"}) as player:
        assert player.mu("frame()") == "1"
        assert any("going on without a screen" in line for line in player.log)


def test_others_are_served_while_media_loads(player: Player) -> None:
    with player.client() as rv, player.client() as other:
        names = ", ".join(f'"solid,start=1,end={n + 2}.movieproc"' for n in range(400))
        rv.eval_mu(f"addSources(string[] {{{names}}})")
        loaded = int(other.eval_mu("sources().size();"))
        assert loaded < 400, "an answer came before everything was loaded"
        player.until("sources().size();", "400")
        assert other.eval_mu("frameEnd();") == str(sum(n + 2 for n in range(400)))


def test_a_terminal_that_closes_does_not_end_it(cleared: Player) -> None:
    cleared.process.send_signal(signal.SIGHUP)
    assert cleared.mu("frame()") == "1"
    assert cleared.process.poll() is None
