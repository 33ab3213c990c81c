"""`rvshell doctor`: each way a connection fails, told apart."""

from __future__ import annotations

import socket
import threading

import pytest

from rvshell.client.doctor import examine
from tests.players import running_player
from tests.waiting import DEADLINE


def steps(port: int, host: str = "127.0.0.1", **options: object) -> list[tuple[str, bool]]:
    return [(s.name, s.ok) for s in examine(host, port, timeout=2.0, **options)]  # type: ignore[arg-type]


def test_everything_works() -> None:
    with running_player() as player:
        assert steps(player.port) == [
            ("name", True), ("port", True), ("greeting", True), ("answer", True),
        ]  # fmt: skip
        (*_, last) = examine("127.0.0.1", player.port, timeout=2.0, scheme="tls")
        assert (last.name, last.ok) == ("tls", False)
        assert "--tls-cert" in last.advice


def test_an_unknown_name_and_a_closed_port() -> None:
    (step,) = examine("no-such-host.invalid", 45124)
    assert (step.name, step.ok) == ("name", False)
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    (_, step) = examine("127.0.0.1", port)
    assert (step.name, step.ok) == ("port", False)
    assert "nothing listens" in step.advice


@pytest.mark.parametrize(
    ("answer", "advice"),
    [(None, "being asked"), (b"", "refused this contact"), (b"HTTP/1.1 400 x\r\n\r\n", "RV's")],
)
def test_something_else_listens(answer: bytes | None, advice: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        accepted: list[socket.socket] = []

        def serve() -> None:
            for _ in range(2):  # the doctor looks at the port first
                connection, _ = sock.accept()
                connection.settimeout(DEADLINE)
                accepted.append(connection)
                if answer is not None and connection.recv(100):
                    connection.sendall(answer)
                    connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        *_, last = examine("127.0.0.1", sock.getsockname()[1], timeout=1.0)
        thread.join(DEADLINE)
        for connection in accepted:
            connection.close()
    assert (last.name, last.ok) == ("greeting", False)
    assert advice in last.advice


def test_denied_and_without_rights() -> None:
    with running_player("-networkPerm", "2", "--ask-local") as player:
        *_, last = examine("127.0.0.1", player.port, timeout=2.0)
        assert (last.name, last.ok) == ("greeting", False)
        assert "denied" in last.advice
    with running_player("-networkPerm", "1", "--ask-local", "--scopes", "pixels") as player:
        *_, last = examine("127.0.0.1", player.port, timeout=2.0)
        assert (last.name, last.ok) == ("rights", False)
