"""Rows that the system gathers and scatters: every byte where it belongs, whatever it takes."""

from __future__ import annotations

import socket
import time
from itertools import cycle

import numpy as np
import pytest

from player.media.rows import Rows as Landing
from rvshell.client.stream import Stream
from rvshell.errors import ConnectionLost
from rvshell.pixels.rows import Rows as Leaving
from tests.waiting import DEADLINE

SHAPE = (1500, 64)  # more rows than one call of the system takes
HEADER = b"PIXELTILE(media=m) 72000 "


def picture() -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, SHAPE, np.uint8)


def leaving(pixels: np.ndarray, *, upward: bool) -> tuple[Leaving, bytes]:
    """Columns 8 to 56 of all rows, from the last one on when upward; and what that is."""
    memory = memoryview(pixels).cast("B")
    start, stride = (1499 * 64 + 8, -64) if upward else (8, 64)
    rows = Leaving(HEADER, memory, start, stride, 48, 1500)
    part = pixels[:, 8:56]
    return rows, HEADER + (part[::-1] if upward else part).tobytes()


@pytest.mark.parametrize("upward", [False, True])
def test_rows_leave_in_order(upward: bool) -> None:
    pixels = picture()
    rows, wanted = leaving(pixels, upward=upward)
    assert rows.nbytes == len(wanted)
    assert b"".join(rows.pieces()) == wanted
    near, far = socket.socketpair()
    with near, far:
        near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        near.setblocking(False)
        got = bytearray()
        steps = cycle([1, 20, 30, 5000, 47, 48, 49, 20_000])
        at = 0
        while at < len(wanted):
            try:
                at += rows.write(near.fileno(), at)
            except BlockingIOError:
                got += far.recv(next(steps))
        near.close()
        while data := far.recv(65536):
            got += data
    assert got == wanted


def test_the_stream_sends_them_between_other_buffers() -> None:
    pixels = picture()
    rows, wanted = leaving(pixels, upward=True)
    near, far = socket.socketpair()
    with near, far:
        stream = Stream(near, lambda: None)
        stream.send([b"before ", rows, b" after"], time.monotonic() + DEADLINE)
        near.close()
        got = b""
        while data := far.recv(65536):
            got += data
    assert got == b"before " + wanted + b" after"


def test_a_far_end_that_is_gone() -> None:
    rows, _ = leaving(picture(), upward=False)
    near, far = socket.socketpair()
    with near:
        far.close()
        with pytest.raises(ConnectionLost):
            Stream(near, lambda: None).send([rows], float("inf"))


def test_rows_arrive_where_they_belong() -> None:
    pixels, frame = picture(), np.zeros(SHAPE, np.uint8)
    data = np.ascontiguousarray(pixels[:, 8:56]).tobytes() + b"the next header"
    rows = Landing(memoryview(frame).cast("B"), 8, 64, 48, 1500)
    assert len(rows) == 1500 and len(rows[3]) == 48 and len(rows[2:5]) == 3
    with pytest.raises(IndexError):
        rows[1500]
    near, far = socket.socketpair()
    behind = bytearray(100)
    with near, far:
        far.setblocking(False)
        with pytest.raises(BlockingIOError):
            rows.read(far.fileno(), 0, memoryview(behind))
        have, sent, steps = 0, 0, cycle([1, 47, 48, 49, 5000, 60_000])
        while have < 1500 * 48:
            if sent == have:
                sent = min(have + next(steps), len(data))
                near.sendall(data[have:sent])
            have += rows.read(far.fileno(), have, memoryview(behind))
        assert have == len(data) and bytes(behind[:15]) == b"the next header"
    wanted = np.zeros_like(frame)
    wanted[:, 8:56] = pixels[:, 8:56]
    np.testing.assert_array_equal(frame, wanted)
