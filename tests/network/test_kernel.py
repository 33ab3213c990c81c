"""Whose program is at the other end of a loopback connection."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from player.network import kernel
from player.network.kernel import owner_in_table, socket_owner, user_name
from tests.network.running import Running

# what Linux writes; 0100007F is 127.0.0.1 in the byte order of the machine
TABLE = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:B044 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 111 1
   1: 0100007F:C001 0100007F:B044 01 00000000:00000000 00:00000000 00000000  1234        0 222 1
   2: 0100007F:C002 0100007F:B044 05 00000000:00000000 00:00000000 00000000     0        0 0 1
"""


@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
def test_our_own_sockets_are_ours(family: socket.AddressFamily, host: str) -> None:
    with (
        socket.create_server((host, 0), family=family) as listener,
        socket.create_connection(listener.getsockname()[:2]),
    ):
        accepted, _ = listener.accept()
        with accepted:
            peer, ours = accepted.getpeername()[:2], accepted.getsockname()[:2]
            assert socket_owner(peer, ours) == os.geteuid()
            assert owner_in_table(peer, ours) == os.geteuid()


def test_a_closed_socket_and_a_strange_address_have_no_owner() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        accepted, _ = listener.accept()
        with accepted:
            peer, ours = accepted.getpeername(), accepted.getsockname()
            client.close()
            assert socket_owner(peer, ours) is None
    assert socket_owner(("nonsense", 1), ("127.0.0.1", 2)) is None


def test_the_table_of_another_user(tmp_path: Path) -> None:
    (tmp_path / "tcp").write_text(TABLE)
    ours = ("127.0.0.1", 0xB044)
    assert owner_in_table(("127.0.0.1", 0xC001), ours, tmp_path) == 1234
    assert owner_in_table(("::ffff:127.0.0.1", 0xC001), ours, tmp_path) == 1234
    assert owner_in_table(("127.0.0.1", 0xC002), ours, tmp_path) is None
    assert owner_in_table(("127.0.0.1", 0xC003), ours, tmp_path) is None
    assert owner_in_table(("127.0.0.1", 0xC001), ("127.0.0.1", 1), tmp_path) is None
    assert owner_in_table(("127.0.0.1", 0xC001), ours, tmp_path / "none") is None


def test_names_of_users() -> None:
    assert user_name(0) == "root"
    assert user_name(4_000_000_000) == "4000000000"


@pytest.mark.parametrize("allowed", ["4194304\n", "212992\n", None])
def test_a_queue_is_shortened_where_that_is_no_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: str | None
) -> None:
    limit = tmp_path / "rmem_max"
    if allowed is not None:
        limit.write_text(allowed)
    monkeypatch.setattr(kernel, "_ALLOWED", limit)
    kernel._may_be_so_long.cache_clear()
    try:
        with (
            socket.create_server(("127.0.0.1", 0)) as listener,
            socket.create_connection(listener.getsockname()) as client,
        ):
            before = client.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
            kernel.shorten_queue(client)
            after = client.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    finally:
        kernel._may_be_so_long.cache_clear()
    assert (after != before) == (allowed == "4194304\n")


@pytest.mark.skipif(not kernel._may_be_so_long(), reason="this system allows no such queue")
def test_connections_of_this_machine_have_a_short_queue(running: Running) -> None:
    with running.greeted():
        (link,) = running.server._links
        assert link._transport is not None
        sock = link._transport.get_extra_info("socket")
        assert 2 << 20 <= sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) <= 4 << 20
