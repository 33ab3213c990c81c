"""A dialled connection."""

from __future__ import annotations

import fcntl
import socket
import struct
import sys

import pytest

from rvshell.client.stream import UNSENT, dial
from tests.waiting import until

_UNSENT_BYTES = 0x894B  # SIOCOUTQNSD


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells what has not been sent")
def test_little_waits_in_the_kernel_to_be_sent() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        dial("127.0.0.1", server.getsockname()[1], 10.0) as sock,
        server.accept()[0],  # which reads nothing
    ):
        sock.setblocking(False)
        piece = bytes(1 << 16)

        def full() -> bool:
            try:
                sock.send(piece)
            except BlockingIOError:
                return True
            return False

        until(full, "the far end's window to be full")
        (unsent,) = struct.unpack("i", fcntl.ioctl(sock, _UNSENT_BYTES, bytes(4)))
        assert 0 < unsent <= UNSENT + (1 << 17)  # one more packet begins below it
