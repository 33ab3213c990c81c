"""Whose program is at the other end of a loopback connection."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from player.network.kernel import owner_in_table, socket_owner, user_name

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
