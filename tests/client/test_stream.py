"""A dialled connection."""

from __future__ import annotations

import fcntl
import socket
import struct
import sys

import pytest

from rvshell.client.stream import UNSENT, Stream, dial
from tests.waiting import until

_UNSENT_BYTES = 0x894B  # SIOCOUTQNSD


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells what has not been sent")
@pytest.mark.parametrize("limit", [UNSENT, 256 * 1024])
def test_little_waits_in_the_kernel_to_be_sent(limit: int) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        dial("127.0.0.1", server.getsockname()[1], 10.0) as sock,
        server.accept()[0],  # which reads nothing
    ):
        Stream(sock, lambda: None).limit(limit)  # which does not block
        piece = bytes(1 << 16)

        def full() -> bool:
            try:
                sock.send(piece)
            except BlockingIOError:
                return True
            return False

        until(full, "the far end's window to be full")
        (unsent,) = struct.unpack("i", fcntl.ioctl(sock, _UNSENT_BYTES, bytes(4)))
        assert limit // 2 < unsent <= limit + (1 << 17)  # one more packet begins below it
