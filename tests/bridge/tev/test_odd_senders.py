"""Packets as no tevclient writes them, to a running bridge and a real player."""

from __future__ import annotations

import socket
import struct

import numpy as np
import pytest

from tests.bridge.tev.test_bridge import RNG, Bridge, bridge, image, sources
from tests.pixels.running import RunningPlayer
from tests.waiting import DEADLINE, until

__all__ = ["bridge"]  # the fixture

PIXELS = RNG.random((4, 5, 3), np.float32)
PLANES = np.ascontiguousarray(PIXELS.transpose(2, 0, 1))


def packet(kind: int, body: bytes) -> bytes:
    return struct.pack("<IB", 5 + len(body), kind) + body


def create(name: bytes, width: int, height: int, channels: list[bytes]) -> bytes:
    size = struct.pack("<iii", width, height, len(channels))
    return packet(4, b"\1" + name + b"\0" + size + b"".join(c + b"\0" for c in channels))


def update(
    kind: int, channels: list[bytes], data: np.ndarray, x: int = 0, width: int = 5,
    offsets: tuple[int, ...] = (), strides: tuple[int, ...] = (),
) -> bytes:  # fmt: skip
    names = b"".join(c + b"\0" for c in channels)
    count = struct.pack("<i", len(channels)) if kind > 3 else b""
    places = struct.pack(f"<4i{2 * len(offsets)}q", x, 0, width, 4, *offsets, *strides)
    return packet(kind, b"\0odd\0" + count + names + places + data.tobytes())


@pytest.mark.parametrize(
    "updates",
    [
        [update(3, [c], p) for c, p in zip((b"R", b"G", b"B"), PLANES, strict=True)],
        [update(5, [b"R", b"G", b"B"], PLANES)],
        [update(5, [b"B", b"G", b"R"], PLANES[::-1])],
        [update(6, [b"R", b"G", b"B"], PIXELS, offsets=(0, 1, 2), strides=(3, 3, 3))],
        [update(6, [b"B", b"R", b"G"], PLANES, offsets=(40, 0, 20), strides=(1, 1, 1))],
        [update(6, [b"R", b"B"], PIXELS, offsets=(0, 2), strides=(3, 3)),
         update(6, [b"G"], PIXELS, offsets=(1,), strides=(3,))],
        [update(5, [b"R", b"G", b"B"], PLANES[:, :, :3], width=3),
         update(5, [b"R", b"G", b"B"], PLANES[:, :, 3:], x=3, width=2)],
    ],
    ids=["v1", "v2", "v2 reordered", "v3 interleaved", "v3 planar", "v3 apart", "two tiles"],
)  # fmt: skip
def test_every_version_of_an_update(
    player: RunningPlayer, bridge: Bridge, updates: list[bytes]
) -> None:
    with socket.create_connection(("127.0.0.1", bridge.port)) as sender:
        sender.sendall(create(b"odd", 5, 4, [b"R", b"G", b"B"]) + b"".join(updates))
        until(lambda: sources(player) and np.array_equal(
            image(player, "odd", "1", (4, 5, 3)), PIXELS))  # fmt: skip


def test_what_is_wrong_costs_its_sender_a_line_at_most(
    player: RunningPlayer, bridge: Bridge
) -> None:
    full = 2**62
    wrong = {
        "an image of 0 channels": create(b"x", 5, 4, []),
        "an image of -5 x 4 pixels": create(b"x", -5, 4, [b"R"]),
        "an image of 0 x 0 pixels": create(b"x", 0, 0, [b"R"]),
        "100000 x 100000 pixels are too many": create(b"x", 100_000, 100_000, [b"R"]),
        "a packet of type 99": packet(99, b"x"),
        "a packet of 4 bytes": struct.pack("<I", 4),
        "a text without an end": packet(4, b"\1x"),
        "a packet that ends too early": packet(4, b"\1x\0"),
        "in the middle of a packet": struct.pack("<IB", 5000, 4),
        "with too few values": update(6, [b"R"], PIXELS, offsets=(full,), strides=(full,)),
        "2 x 4 at 4, 0 is not inside": update(5, [b"R"], PLANES[0, :, :2], x=4, width=2),
        "2 x 4 at -1, 0 is not inside": update(5, [b"R"], PLANES[0, :, :2], x=-1, width=2),
        "media without a name cannot be sent": create(b"", 5, 4, [b"R"]),
        "vector graphics are not shown": packet(8, b"\0odd\0\0" + struct.pack("<i", -2) + b"\1"),
        "cannot be reloaded": packet(1, b"\1nobody\0"),
    }
    fine = (
        create(b"odd", 5, 4, [b"R", b"G", b"B"]),
        update(5, [b"R", b"G", b"B"], PLANES),
        packet(2, b"nobody\0"),
    )
    for data in (*fine, *wrong.values()):
        with socket.create_connection(("127.0.0.1", bridge.port), DEADLINE) as sender:
            sender.sendall(data)
            sender.shutdown(socket.SHUT_WR)
            assert sender.recv(1) == b""
    names = [b"\xc3\xbc (a, b)=1", b"\xff\xfe", b"twice"]
    with socket.create_connection(("127.0.0.1", bridge.port)) as sender:
        for name in names:
            sender.sendall(create(name, 5, 4, [b"R", b"R", b"a/b.R", b"@x", b"", b"."]))
        until(lambda: len(sources(player)) == 1 + len(names))
        until(lambda: np.array_equal(image(player, "odd", "1", (4, 5, 3)), PIXELS))
    text = bridge.close()
    assert "Traceback" not in text
    for part in wrong:
        assert text.count(part) == 1, (part, text)
    assert len(text.splitlines()) == len(wrong), text
