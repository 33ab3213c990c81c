"""The X protocol's bytes that the window speaks itself."""

from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from player.display import xwire
from player.display.xpictures import SharedPictures
from player.display.xwire import BadAnswer


def entry(family: int, address: bytes, number: bytes, name: bytes, secret: bytes) -> bytes:
    parts = (address, number, name, secret)
    return struct.pack(">H", family) + b"".join(struct.pack(">H", len(p)) + p for p in parts)


COOKIE = b"MIT-MAGIC-COOKIE-1"


def test_the_cookie_of_this_machine_and_display_is_found() -> None:
    data = b"".join((
        entry(256, b"other", b"0", COOKIE, b"a"),
        entry(0, b"\x7f\0\0\1", b"0", COOKIE, b"b"),  # by address
        entry(256, b"here", b"1", COOKIE, b"c"),
        entry(256, b"here", b"0", b"XDM-AUTHORIZATION-1", b"d"),
        entry(256, b"here", b"0", COOKIE, b"e"),
        entry(65535, b"", b"", COOKIE, b"f"),
    ))  # fmt: skip
    assert xwire.cookie(data, "here", "0") == b"e"
    assert xwire.cookie(data, "here", "1") == b"c"
    assert xwire.cookie(data, "there", "7") == b"f"
    assert xwire.cookie(data[:-12], "there", "7") == b""


@given(st.binary(max_size=200))
def test_any_bytes_are_an_authority_file_or_a_greeting(data: bytes) -> None:
    xwire.cookie(data, "here", "0")
    with suppress(BadAnswer):
        xwire.setup_parsed(data)


@pytest.mark.parametrize(
    ("name", "number"),
    [(":0", "0"), ("unix:12.1", "12"), ("localhost:10.0", None), ("", None), ("far:0", None),
     (":0;rm", None), ("/private/tmp/x:0", None)],
)  # fmt: skip
def test_only_a_display_of_this_machine_has_a_number(name: str, number: str | None) -> None:
    assert xwire.display_number(name) == number


def test_a_greeting_with_and_without_a_cookie() -> None:
    assert xwire.setup(b"") == b"l\0\x0b\0\0\0\0\0\0\0\0\0"
    assert xwire.setup(b"0123456789abcdef") == (
        b"l\0\x0b\0\0\0\x12\0\x10\0\0\0MIT-MAGIC-COOKIE-1\0\x000123456789abcdef"
    )
    with pytest.raises(BadAnswer):
        xwire.setup_length(b"\0\x05\x0b\0\0\0\2\0")
    assert xwire.setup_length(b"\1\0\x0b\0\0\0\2\0") == 8


def test_requests_are_as_long_as_they_say() -> None:
    for request in (
        xwire.extension(b"MIT-SHM"), *xwire.drawable_facts(7), xwire.create_gc(1, 2),
        xwire.shm_version(130), xwire.attach(130, 5), xwire.detach(130, 5),
        xwire.put(130, 1, 2, 640, 480, 24, 5, 64),
    ):  # fmt: skip
        assert struct.unpack_from("<H", request, 2)[0] * 4 == len(request)


def test_the_answer_to_a_picture() -> None:
    packet = bytes.fromhex("41000b000200200003008200") + struct.pack("<I", 0x600003)
    assert xwire.completed(packet.ljust(32, b"\0")) == 0x600003


def test_without_a_server_there_is_nothing_to_share(monkeypatch: pytest.MonkeyPatch) -> None:
    for display in ("", "localhost:10", ":64999"):
        monkeypatch.setenv("DISPLAY", display)
        assert SharedPictures.open(1) is None
