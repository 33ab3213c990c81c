"""tev's packets: all versions, and whatever else comes to the port."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvshell.bridge.tev.packets import (
    CloseImage,
    CreateImage,
    OpenImage,
    PacketError,
    ReloadImage,
    UpdateImage,
    VectorGraphics,
    parse,
    size_of,
)
from rvshell.bridge.tev.relay import sort_channels

tevclient = pytest.importorskip("tevclient")
packet = tevclient.packet


def read(data: bytes):  # type: ignore[no-untyped-def]
    assert size_of(data[:4]) == len(data)
    return parse(memoryview(data)[4:])


def test_what_tevclient_writes() -> None:
    assert read(packet.open_image("/a b.exr", "albedo", False)) == OpenImage(
        "/a b.exr", "albedo", False
    )
    assert read(packet.reload_image("ü")) == ReloadImage("ü", True)
    assert read(packet.close_image("x")) == CloseImage("x")
    assert read(packet.create_image("x", 7, 5, ["R", "d.Z"], False)) == CreateImage(
        "x", 7, 5, ("R", "d.Z"), False
    )
    pixels = np.arange(24, dtype=np.float32).reshape(2, 4, 3)
    update = read(packet.update_image("x", pixels, ["R", "G", "B"], 3, 1))
    assert isinstance(update, UpdateImage)
    assert (update.x, update.y, update.width, update.height) == (3, 1, 4, 2)
    assert (update.offsets, update.strides) == ((0, 1, 2), (3, 3, 3))
    assert bytes(update.data) == pixels.tobytes()
    commands = [tevclient.vg_begin_path(), tevclient.vg_text(1, 2, "hello")]
    assert read(packet.update_vector_graphics("x", commands, True)) == VectorGraphics(
        "x", 2, True, False
    )


def old(kind: int, body: bytes) -> bytes:
    return struct.pack("<IB", 5 + len(body), kind) + body


def test_older_versions() -> None:
    assert read(old(0, b"\1/x/y.exr:albedo\0")) == OpenImage("/x/y.exr", "albedo", True)
    assert read(old(0, b"\0C:/y.exr\0")) == OpenImage("C:/y.exr", "", False)
    values = np.arange(12, dtype=np.float32).tobytes()
    one = read(old(3, b"\0n\0R\0" + struct.pack("<4i", 1, 2, 4, 3) + values))
    assert isinstance(one, UpdateImage) and one.channels == ("R",) and one.offsets == (0,)
    two = read(old(5, b"\0n\0" + struct.pack("<i", 2) + b"R\0G\0"
                   + struct.pack("<4i", 0, 0, 3, 2) + values))  # fmt: skip
    assert isinstance(two, UpdateImage) and two.offsets == (0, 6) and two.strides == (1, 1)


@pytest.mark.parametrize(
    "data",
    [
        old(9, b""), old(2, b"no end"), old(4, b"\0n\0" + struct.pack("<3i", 0, 5, 1) + b"R\0"),
        old(4, b"\0n\0" + struct.pack("<3i", 5, 5, 0)),
        old(4, b"\0n\0" + struct.pack("<3i", 5, 5, 2_000_000)),
        old(3, b"\0n\0R\0" + struct.pack("<4i", 0, 0, 4, 4) + bytes(63)),
        old(6, b"\0n\0" + struct.pack("<i", 1) + b"R\0" + struct.pack("<4i2q", 0, 0, 1, 1, -1, 1)
            + bytes(4)),
        old(6, b"\0n\0" + struct.pack("<i", 1) + b"R\0"
            + struct.pack("<4i2q", 0, 0, 2, 2, 0, 1 << 60) + bytes(64)),
    ],
)  # fmt: skip
def test_broken_packets(data: bytes) -> None:
    with pytest.raises(PacketError):
        read(data)


@given(st.binary(min_size=1, max_size=300))
def test_garbage(data: bytes) -> None:
    try:
        parse(memoryview(data))
    except PacketError as error:
        assert "\n" not in str(error)


def test_size() -> None:
    for size in (0, 4, 1 << 31):
        with pytest.raises(PacketError):
            size_of(struct.pack("<I", size))


def test_channels_become_layers() -> None:
    names = ["R", "G", "B", "A", "albedo.R", "albedo.G", "albedo.B", "depth.Z", "n.X", "n.Y", "n.Z"]
    layers = sort_channels(names)
    assert [layer.name for layer in layers] == ["", "albedo", "depth", "n"]
    assert layers[0].places == {"R": (0,), "G": (1,), "B": (2,), "A": (3,)}
    assert layers[2].places == {"depth.Z": (0, 1, 2)}
    assert layers[3].places == {"n.X": (0,), "n.Y": (1,), "n.Z": (2,)}
    assert sort_channels(["L", "A"])[0].places == {"L": (0, 1, 2), "A": (3,)}
    assert sort_channels(["foo", "bar", "R"])[0].places == {"foo": (0,), "bar": (1,), "R": (2,)}
