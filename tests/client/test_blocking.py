"""The blocking client against a real server, a fake RV and a hostile far end."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from rvshell.client import Client
from rvshell.errors import (
    ConnectionFailed,
    ConnectionLost,
    DeadlineExceeded,
    LocalProtocolError,
    RemoteError,
    RemoteProtocolError,
)
from rvshell.protocol import Event, Greeting, PixelTile
from tests.network.running import Running
from tests.waiting import DEADLINE, until


@contextmanager
def far_end(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port where one connection is treated by `behave` in a thread."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            sock, _ = listener.accept()
            with sock:
                sock.settimeout(DEADLINE)
                behave(sock)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            thread.join()


def read_until(sock: socket.socket, end: bytes) -> bytes:
    data = b""
    while not data.endswith(end):
        piece = sock.recv(4096)
        assert piece, data
        data += piece
    return data


@pytest.mark.parametrize(("spin", "slept"), [(-1.0, 60), (1000.0, 0)])
def test_replies_are_looked_for_and_slept_for(
    running: Running, monkeypatch: pytest.MonkeyPatch, spin: float, slept: int
) -> None:
    monkeypatch.setattr("rvshell.client.blocking._SPIN", spin)
    with Client.connect(port=running.port) as client:
        for number in range(5):
            assert client.request("echo", str(number)) == str(number)
        # after the first that did not come at once the next are not looked for
        assert client._sleeps == slept


def test_requests_events_tiles_and_data(running: Running) -> None:
    with Client.connect(port=running.port, name="me") as client:
        assert client.peer == Greeting("player")
        assert client.request("echo", "é  x ") == "é  x "
        assert client.eval_mu("frame()") == "frame()"
        assert client.eval_python("1") == "1"
        client.exec_python("x = 1")
        client.event("said", "so", "target")
        client.send_data("e", "type", b"\0\1")
        client.send_tile(PixelTile(media="a", width=1, height=2), b"abcd", memoryview(b"efgh"))
        client.send_tiles((PixelTile(media="b", x=n), bytes([n]) * 500_000) for n in range(5))
        client.request("echo", "")
        log = running.handler.log
        assert ("event", "said", "so") in log
        assert ("data", "e", "*", "type", b"\0\1") in log
        assert running.handler.sinks[0].data == b"abcdefgh"
        assert [s.data[:1] for s in running.handler.sinks[1:]] == [bytes([n]) for n in range(5)]
    until(lambda: running.handler.seen("disconnected"))
    assert running.handler.log[-1][2] == "disconnect"
    assert client.closed
    client.close()
    with pytest.raises(ConnectionLost):
        client.request("echo", "")


def test_many_requests_at_once(running: Running) -> None:
    with Client.connect(port=running.port) as client:
        texts = [f"text {n} " + "y" * (n % 700) for n in range(3000)]
        assert client.request_many(("echo", text) for text in texts) == texts
        assert client.request_many([]) == []
        handles = [client.submit("echo", text) for text in texts[:3]]
        with pytest.raises(LocalProtocolError):
            client.submit("echo", "z").result()
        assert [client.wait(handle) for handle in reversed(handles)] == texts[2::-1]


def test_replies_larger_than_all_buffers_do_not_lock_up(running: Running) -> None:
    with Client.connect(port=running.port) as client:
        big = "z" * 3_000_000
        replies = client.request_many(("echo", big) for _ in range(12))
        assert all(reply == big for reply in replies)


def test_events_come_while_waiting(running: Running) -> None:
    seen: list[Event] = []
    with Client.connect(port=running.port) as client:
        client.on_event(seen.append)
        assert client.request("tell", "you") == "you"
        assert seen == [Event("told", "you")]
        assert client.messages.popleft() == Event("told", "you")
        running.call(lambda: running.server.broadcast("later", "*", "on"))
        assert client.process(DEADLINE)
        assert seen[1] == Event("later", "on")
        assert not client.process(0.0)


def test_mu_errors_are_raised_with_the_whole_text() -> None:
    text = "ERROR: remote-eval: exception: \"syntax error\"\nERROR: remote-eval: '1 +'\n"
    body = ("RETURN " + text).encode()

    def behave(sock: socket.socket) -> None:
        read_until(sock, b"rvshell")
        sock.sendall(b"GREETING 2 rv")
        read_until(sock, b"1 +")
        sock.sendall(b"MESSAGE %d %b" % (len(body), body))
        assert read_until(sock, b"DISCONNECT")

    with far_end(behave) as port, Client.connect(port=port) as client:
        with pytest.raises(RemoteError, match="syntax error") as caught:
            client.eval_mu("1 +")
        assert (caught.value.text, caught.value.code) == (text, "1 +")


def test_the_bytes_are_those_of_the_real_client() -> None:
    sent: list[bytes] = []

    def behave(sock: socket.socket) -> None:
        sent.append(read_until(sock, b"rv-shell"))
        sock.sendall(b"GREETING 6 rvuserPING 1 p")
        sent.append(read_until(sock, b"* x"))
        sock.sendall(b"PING 1 pMESSAGE 8 RETURN x")
        sent.append(read_until(sock, b"DISCONNECT"))

    with (
        far_end(behave) as port,
        Client.connect(port=port, name="rv-shell-1", app="rv-shell") as client,
    ):
        assert client.request("remote-eval", "x") == "x"
    assert sent[0] == b"NEWGREETING 19 rv-shell-1 rv-shell"
    assert sent[1].replace(b"PONG 1 p", b"") == (
        b"PINGPONGCONTROL 1 0MESSAGE 27 RETURNEVENT remote-eval * x"
    )
    assert sent[2].replace(b"PONG 1 p", b"") == b"MESSAGE 10 DISCONNECT"
    assert b"".join(sent).count(b"PONG 1 p") == 2


def test_no_connection_has_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectionFailed, match=f"127.0.0.1:{port} refused"):
        Client.connect(port=port)
    with pytest.raises(ConnectionFailed, match="unknown host"):
        Client.connect("no.such.host.invalid")
    with pytest.raises(ConnectionFailed):
        Client.connect(port=70_000)


def test_a_far_end_that_never_greets() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(DeadlineExceeded):
        Client.connect(port=listener.getsockname()[1], timeout=0.2)


def test_a_far_end_that_denies() -> None:
    with (
        far_end(lambda sock: None) as port,
        pytest.raises(ConnectionLost, match=r"before it greeted|lost"),
    ):
        Client.connect(port=port)


def test_a_far_end_that_is_no_rv() -> None:
    with (
        far_end(lambda sock: sock.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")) as port,
        pytest.raises(RemoteProtocolError, match=r"SSH-2\.0"),
    ):
        Client.connect(port=port)


def test_a_reply_that_does_not_come_and_then_does() -> None:
    go = threading.Event()

    def behave(sock: socket.socket) -> None:
        read_until(sock, b"rvshell")
        sock.sendall(b"GREETING 2 rv")
        read_until(sock, b"b * 2")
        go.wait(DEADLINE)
        sock.sendall(b"MESSAGE 10 RETURN oneMESSAGE 10 RETURN two")
        read_until(sock, b"DISCONNECT")

    with far_end(behave) as port, Client.connect(port=port) as client:
        with pytest.raises(DeadlineExceeded, match="'a' within"):
            client.request("a", "1", timeout=0.05)
        second = client.submit("b", "2")
        go.set()
        assert client.wait(second) == "two"  # the late reply went to its own request


def test_a_far_end_that_dies_fails_what_is_open() -> None:
    def behave(sock: socket.socket) -> None:
        read_until(sock, b"rvshell")
        sock.sendall(b"GREETING 2 rv")
        read_until(sock, b"* 1")

    with far_end(behave) as port:
        client = Client.connect(port=port)
        with pytest.raises(ConnectionLost):
            client.request("a", "1")
        with pytest.raises(ConnectionLost):
            client.send_tile(PixelTile(media="a"), b"x")
        assert client.closed
        client.close()


def test_a_far_end_that_does_not_read_is_noticed() -> None:
    done = threading.Event()

    def behave(sock: socket.socket) -> None:
        read_until(sock, b"rvshell")
        sock.sendall(b"GREETING 2 rv")
        done.wait(DEADLINE)

    with far_end(behave) as port:
        client = Client.connect(port=port, timeout=0.3)
        with pytest.raises(DeadlineExceeded, match="does not take"):
            client.send_tile(PixelTile(media="a"), bytes(50_000_000))
        done.set()
        client.close()


def test_pixels_that_cannot_be_sent() -> None:
    with (
        far_end(lambda sock: (read_until(sock, b"rvshell"), sock.sendall(b"GREETING 1 a"))) as port,
        pytest.raises(LocalProtocolError),
    ):
        client = Client.connect(port=port)
        try:
            client.send_tile(PixelTile(media="a"), memoryview(b"abcdef")[::2])
        finally:
            client.close()


def test_a_connected_socket_can_be_given() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(b"GREETING 2 rv")
        client = Client(ours, timeout=1.0)
        assert client.peer == Greeting("rv")
        theirs.shutdown(socket.SHUT_WR)
        client.close()


def test_the_blocking_client_is_light() -> None:
    code = (
        "import sys, rvshell.client; heavy = ('asyncio', 'numpy', 'prompt_toolkit', 'ssl');"
        "print([m for m in heavy if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
