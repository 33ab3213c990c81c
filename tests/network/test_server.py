"""The listener and its peers: names, permission, dialling, shutdown, ports."""

from __future__ import annotations

import asyncio
import gc
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from player.network import Peer
from player.network.contacts import clean_name, host_name, is_local, unique_contact
from player.network.link import Link
from player.network.listening import find_sockets, port_fallback
from player.network.outgoing import Outgoing, Overflow
from player.network.portfile import PortFile
from rvshell.client.discovery import find_players
from rvshell.errors import ConnectionFailed, ConnectionLost, DeadlineExceeded, UsageError
from tests.network.running import GREETING, Running, logged
from tests.ports import free_run
from tests.waiting import until


def message(text: str) -> bytes:
    return b"MESSAGE %d %b" % (len(text.encode()), text.encode())


# -- peers -----------------------------------------------------------------------------


def test_a_peer_is_known_by_name_host_and_app(running: Running) -> None:
    with running.greeted() as raw:
        raw.ask("x")
        (peer,) = running.server.peers
        assert (peer.contact, peer.name, peer.app) == ("me@localhost", "me", "app")
        assert (peer.local, peer.incoming, peer.since) == (True, True, 1000.0)
        assert peer.bytes_in > 0
        assert peer.bytes_out > 0
        assert peer.rtt is not None and 0 < peer.rtt < 60  # TCP's own, before any PING
        raw.send(b"MESSAGE 10 DISCONNECT")
        assert raw.closed() == b""
    until(lambda: running.handler.seen("disconnected"))
    assert running.handler.log[-1] == ("disconnected", "me@localhost", "disconnect")
    assert not peer.connected
    running.call(lambda: peer.send_event("to", "*", "nobody"))


@pytest.mark.parametrize("way", ["disconnect", "close", "denied", "nonsense"])
def test_nothing_is_left_of_a_connection(running: Running, way: str) -> None:
    """Neither a timer nor a cycle that waits for the collector keeps its memory."""

    async def deny(peer: Peer) -> bool:
        return False

    def come_and_go() -> None:
        if way == "denied":
            running.handler.allow = deny
        with running.raw() as raw:
            raw.send(b"what? " if way == "nonsense" else GREETING)
            if way in ("denied", "nonsense"):
                raw.closed()
                return
            raw.expect(b"GREETING 6 player")
            raw.ask("x")
            peers.extend(running.server.peers)
            if way == "disconnect":
                raw.send(b"MESSAGE 10 DISCONNECT")
                raw.closed()

    peers: list[Peer] = []
    come_and_go()
    until(lambda: not running.server._links)
    running.call(gc.collect)
    gc.disable()
    try:
        for _ in range(20):
            come_and_go()
            until(lambda: not running.server._links)
        running.call(lambda: None)
        left = [o for o in gc.get_objects() if isinstance(o, Link | Outgoing | asyncio.TimerHandle)]
        assert [o for o in left if "abort" in repr(o) or not isinstance(o, asyncio.Handle)] == []
    finally:
        gc.enable()
    assert all(not peer.connected for peer in peers)
    assert all(peer.bytes_in > 20 for peer in peers)  # what is told of it afterwards


def test_duplicates_are_let_in_and_get_their_own_replies(running: Running) -> None:
    with running.greeted() as one, running.greeted() as two:
        one.ask("1")
        two.ask("2")
        contacts = [peer.contact for peer in running.server.peers]
        assert contacts == ["me@localhost", "me@localhost#2"]


def test_events_data_and_broadcast_arrive_in_order(running: Running) -> None:
    with running.greeted() as raw:
        raw.ask("x")

        def send() -> None:
            (peer,) = running.server.peers
            peer.send_event("e", "*", "1")
            peer.send_data("d", "*", "t", b"\0\1")
            running.server.broadcast("e", "*", "2")

        running.call(send)
        raw.expect(message("EVENT e * 1") + b"DATAEVENT(d,*,t) 2 \0\1" + message("EVENT e * 2"))


def test_an_event_sent_while_answering_keeps_its_place(running: Running) -> None:
    with running.greeted() as raw:
        raw.send(message("RETURNEVENT echo * 1") + message("RETURNEVENT tell * 2"))
        raw.expect(message("RETURN 1") + message("EVENT told * 2") + message("RETURN 2"))


def test_a_failing_handler_gives_an_empty_reply(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    with running.greeted() as raw:
        raw.send(message("RETURNEVENT a * raise"))
        raw.expect(b"MESSAGE 7 RETURN ")
        raw.ask("goes on")
    logged(caplog, "failed")


def test_this_side_disconnects_politely_or_not(running: Running) -> None:
    for polite, expected in ((True, b"MESSAGE 10 DISCONNECT"), (False, b"")):
        with running.greeted() as raw:
            raw.ask("x")
            running.call(lambda p=polite: running.server.peers[0].disconnect(polite=p))
            assert raw.closed() == expected
        until(lambda: not running.server.peers)
    assert [entry[2] for entry in running.handler.seen("disconnected")] == ["local", "local"]


def test_closing_says_disconnect_to_all_and_can_be_repeated() -> None:
    running = Running()
    with running.greeted() as one, running.greeted() as two, running.raw() as stranger:
        one.ask("1")
        two.ask("2")
        running.run(running.server.close())
        assert one.closed() == two.closed() == b"MESSAGE 10 DISCONNECT"
        assert stranger.closed() == b""
        assert not running.server.listening
        running.run(running.server.close())
    running.close()
    assert {entry[2] for entry in running.handler.seen("disconnected")} == {"shutdown"}


# -- permission ------------------------------------------------------------------------


def test_a_refused_peer_is_closed_without_a_greeting(running: Running) -> None:
    async def never(peer: Peer) -> bool:
        return False

    running.handler.allow = never
    with running.raw() as raw:
        raw.send(GREETING + message("EVENT a * b"))
        assert raw.closed() == b""
    assert running.handler.log == [("admit", "me")]


def test_the_question_may_take_long_and_the_bytes_wait(running: Running) -> None:
    answer: list[asyncio.Future[bool]] = []

    async def ask(peer: Peer) -> bool:
        answer.append(asyncio.get_running_loop().create_future())
        return await answer[0]

    running.handler.allow = ask
    with running.raw() as raw:
        raw.send(GREETING + message("RETURNEVENT a * b"))
        until(lambda: answer)
        running.advance(10_000.0)
        assert running.handler.log == [("admit", "me")]
        running.call(lambda: answer[0].set_result(True))
        raw.expect(b"GREETING 6 player" + message("RETURN b"))


def test_a_stranger_may_not_fill_the_memory_while_somebody_is_asked(running: Running) -> None:
    answer: list[asyncio.Future[bool]] = []

    async def ask(peer: Peer) -> bool:
        answer.append(asyncio.get_running_loop().create_future())
        return await answer[0]

    running.handler.allow = ask
    with running.raw() as raw:
        raw.send(GREETING)
        until(lambda: answer)
        raw.sock.settimeout(0.5)
        with pytest.raises(TimeoutError):
            raw.send(bytes(100_000_000))
        assert running.call(lambda: next(iter(running.server._links)).bytes_in) < 3_000_000


def test_a_peer_that_leaves_while_somebody_is_asked_is_forgotten(running: Running) -> None:
    cancelled: list[bool] = []

    async def ask(peer: Peer) -> bool:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise
        return True

    running.handler.allow = ask
    with running.raw() as raw:
        raw.send(GREETING)
        until(lambda: running.handler.log)
    until(lambda: cancelled)
    until(lambda: not running.call(lambda: len(running.server._links)))
    assert running.handler.seen("connected") == []


def test_closing_does_not_wait_for_an_open_question() -> None:
    running = Running()
    cancelled: list[bool] = []

    async def ask(peer: Peer) -> bool:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            cancelled.append(True)
        return True

    running.handler.allow = ask
    with running.raw() as raw:
        raw.send(GREETING)
        until(lambda: running.handler.log)
        running.run(running.server.close(deadline=20.0))
        assert cancelled
        assert running.call(lambda: len(running.server._links)) == 0
        assert raw.closed() == b""
    running.close()


# -- dialling --------------------------------------------------------------------------


def test_two_players_dial_and_talk(running: Running) -> None:
    other = Running()
    try:
        peer = running.run(running.server.dial("127.0.0.1", other.port, "other"))
        assert (peer.contact, peer.app, peer.incoming) == ("player@localhost", "rv", False)
        running.call(lambda: peer.send_event("hello", "*", "there"))
        until(lambda: other.handler.seen("event"))
        back = other.server.peers[0]
        assert back.incoming
        other.call(lambda: back.send_event("and", "*", "back"))
        until(lambda: running.handler.seen("event"))
        running.call(peer.disconnect)
        until(lambda: other.handler.seen("disconnected"))
        assert other.handler.log[-1][2] == "disconnect"
    finally:
        other.close()


def test_dialling_nobody_a_denier_and_the_silent(running: Running) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(DeadlineExceeded):
            running.run(running.server.dial("127.0.0.1", port, timeout=0.2))
    with pytest.raises(ConnectionFailed, match="refused"):
        running.run(running.server.dial("127.0.0.1", port))
    with pytest.raises(ConnectionFailed, match="unknown host"):
        running.run(running.server.dial("no.such.host.invalid", port))
    other = Running()

    async def never(peer: Peer) -> bool:
        return False

    other.handler.allow = never
    try:
        with pytest.raises(ConnectionLost):
            running.run(running.server.dial("127.0.0.1", other.port))
    finally:
        other.close()


# -- ports -----------------------------------------------------------------------------


def test_a_busy_port_gives_way_to_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    port = free_run(2)
    with socket.create_server(("127.0.0.1", port)):
        running = Running(port=port)
        try:
            assert running.port == port + 1
            assert f"INFO: listening on port {port + 1}\n" in capsys.readouterr().err
            with socket.create_connection(("::1", port + 1)):
                pass
        finally:
            running.close()


async def test_a_listener_too_busy_to_answer_keeps_its_port() -> None:
    """Its queue is full: the probe gets no answer, and the port is not ours all the same."""
    port = free_run(2)
    waiting: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", port), backlog=0):
        try:
            while True:
                waiting.append(socket.create_connection(("127.0.0.1", port), 0.1))
        except TimeoutError:
            pass
        found = await find_sockets("127.0.0.1", port, 1)
        try:
            assert found[0].getsockname()[1] == port + 1
        finally:
            for sock in (*found, *waiting):
                sock.close()


async def test_all_ports_busy_is_rvs_error() -> None:
    port = free_run(3)
    with socket.create_server(("127.0.0.1", port)), socket.create_server(("127.0.0.1", port + 1)):
        with pytest.raises(ConnectionFailed) as caught:
            await find_sockets("127.0.0.1", port, 1)
        expected = f"RvNetwork: cannot find a free network port, tried {port}-{port + 1}"
        assert str(caught.value) == expected


async def test_a_port_that_cannot_be_bound_is_rvs_other_error() -> None:
    port = free_run(1)
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", port))  # bound, but nobody listens
        with pytest.raises(ConnectionFailed, match=f"not listen to the network port {port} - "):
            await find_sockets("127.0.0.1", port, 10)


def test_the_environment_sets_the_number_of_ports() -> None:
    assert port_fallback(10, {}) == 10
    assert port_fallback(10, {"TWK_SERVER_PORT_FALLBACK_COUNT": "3"}) == 3
    assert port_fallback(10, {"TWK_SERVER_PORT_FALLBACK_COUNT": "x"}) == 10


# -- port file -------------------------------------------------------------------------


def test_the_port_file_is_found_and_removed(tmp_path: Path) -> None:
    directory = tmp_path / "tweak_rv_proc"
    file = PortFile("shot_1", directory)
    assert file.write(45_130)
    assert file.path.read_bytes() == b"45130\n"
    assert directory.stat().st_mode & 0o7777 == 0o1777
    (info,) = find_players(directory=directory)
    assert (info.port, info.tag, info.pid) == (45_130, "shot_1", int(file.path.name.split("_")[0]))
    assert find_players("shot_1", directory) == [info]
    assert find_players("", directory) == []
    file.remove()
    file.remove()
    assert find_players(directory=directory) == []


def test_links_and_strangers_in_the_port_directory_are_not_followed(tmp_path: Path) -> None:
    directory = tmp_path / "tweak_rv_proc"
    victim = tmp_path / "victim"
    victim.write_text("precious")
    file = PortFile("", directory)
    directory.mkdir()
    file.path.symlink_to(victim)
    assert find_players(directory=directory) == []
    assert file.write(45_124)
    assert victim.read_text() == "precious"
    assert not file.path.is_symlink()
    file.path.unlink()
    file.path.symlink_to(victim)
    file.remove()
    assert file.path.is_symlink()
    linked = tmp_path / "linked"
    linked.symlink_to(directory)
    assert not PortFile("", linked).write(45_124)
    with pytest.raises(UsageError):
        PortFile("../x")


def test_odd_and_stale_port_files_are_passed_over(tmp_path: Path) -> None:
    for name, text in (
        ("999999999_", "45124\n"),
        ("x_", "1\n"),
        ("1", ""),
        ("2_", "0\n"),
        ("3_", "99999\n"),
    ):
        (tmp_path / name).write_text(text)
    (tmp_path / "4_dir").mkdir()
    assert find_players(directory=tmp_path) == []
    assert find_players(directory=tmp_path / "missing") == []


def test_starting_and_stopping_writes_and_removes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    running = Running(write_port_file=True, tag="t")
    assert [info.port for info in find_players("t")] == [running.port]
    running.close()
    assert find_players("t") == []


# -- small parts -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("127.0.0.1", True),
        ("::ffff:127.0.0.1", True),
        ("::1", True),
        ("127.0.0.2", False),
        ("192.168.0.1", False),
        ("fe80::1%eth0", False),
        ("", False),
    ],
)
def test_what_counts_as_local(address: str, local: bool) -> None:
    assert is_local(address) is local


async def test_names() -> None:
    assert unique_contact("a", "h", {"a@h", "a@h#2"}) == "a@h#3"
    assert clean_name("") == "unknown"
    assert len(clean_name("x" * 10_000)) < 1000
    assert await host_name("::1") == "localhost"
    assert await host_name("") == "unknown.host"


def queue(limit: int = 100) -> tuple[Outgoing, list[bytes], Callable[[], None]]:
    written: list[bytes] = []
    out = Outgoing(lambda data: written.append(bytes(data)), limit)
    return out, written, out.pause


def test_the_queue_keeps_order_and_drops_what_is_overtaken() -> None:
    out, written, pause = queue()
    out.event(b"first")
    pause()
    for n in range(50):
        out.event(b"frame %03d." % n, "frame-changed")
        if n == 3:
            out.event(b"important.", "other")
            out.reply(b"answer.")
    assert out.dropped
    assert out.queued - out.replies <= 120
    out.resume()
    assert (written[0], written[-1]) == (b"first", b"frame 049.")
    assert b"important." in written
    assert b"answer." in written
    assert written[1:] == sorted(written[1:], key=lambda w: written.index(w))
    assert (out.queued, out.replies) == (0, 0)


def test_the_queue_overflows_with_what_must_arrive() -> None:
    out, written, pause = queue()
    pause()
    with pytest.raises(Overflow):
        for _ in range(20):
            out.event(b"must arrive", "other")
    out.shut()
    out.event(b"x")
    out.resume()
    assert written == []


def test_importing_the_network_loads_no_heavy_modules() -> None:
    import subprocess

    code = (
        "import sys, player.network; "
        "print([m for m in ('numpy', 'prompt_toolkit', 'OpenImageIO') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


# -- conversations -----------------------------------------------------------------------


@pytest.mark.parametrize("slice_", [0.0, 0.02])
def test_a_conversation_keeps_nobody_from_being_served(
    running: Running, monkeypatch: pytest.MonkeyPatch, slice_: float
) -> None:
    monkeypatch.setattr("player.network.eager._CONVERSATION", 0)  # every peer is in one
    monkeypatch.setattr("player.network.eager._PROMPT", 1000.0)  # and is waited for
    monkeypatch.setattr("player.network.eager._SLICE", slice_)
    with running.greeted() as one, running.greeted() as two:
        for number in range(20):
            one.ask(str(number))
            two.ask(str(number))
        cut = message("RETURNEVENT echo * in two pieces")
        one.send(cut[:20])
        two.ask("meanwhile")
        one.send(cut[20:])
        one.expect(message("RETURN in two pieces"))
        one.ask("last")
    until(lambda: len(running.handler.seen("disconnected")) == 2)


def test_a_peer_that_ends_the_conversation_is_no_longer_waited_for(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("player.network.eager._CONVERSATION", 0)
    monkeypatch.setattr("player.network.eager._PROMPT", 0.0)  # however prompt it is
    with running.greeted() as raw:
        for number in range(5):
            raw.ask(str(number))
        raw.send(b"MESSAGE 10 DISCONNECT")
        assert raw.closed() == b""
    until(lambda: running.handler.seen("disconnected"))
    assert running.handler.log[-1] == ("disconnected", "me@localhost", "disconnect")
