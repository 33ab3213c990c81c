"""The serialiser's bytes, and what it refuses to write."""

from __future__ import annotations

import pytest

from rvshell.errors import LocalProtocolError
from rvshell.protocol import (
    DataEvent,
    Event,
    Greeting,
    PixelTile,
    UnknownData,
    UnknownMessage,
    encode,
    encode_data_header,
    encode_event,
    encode_return,
    limits,
)


def test_lengths_count_bytes() -> None:
    assert encode_event("e", "é漢😀", wants_reply=True) == (
        b"MESSAGE 25 RETURNEVENT e * " + "é漢😀".encode()
    )
    assert encode(Greeting("é", "x")) == b"NEWGREETING 4 \xc3\xa9 x"


def test_an_empty_reply_keeps_its_space() -> None:
    assert encode_return("") == b"MESSAGE 7 RETURN "
    assert encode_return("a\0b") == b"MESSAGE 8 RETURN a"


def test_an_empty_target_can_be_sent() -> None:
    assert encode_event("e", "c", "") == b"MESSAGE 10 EVENT e  c"


def test_no_text_fails_to_be_sent() -> None:
    assert encode_return("\udcff").endswith(b"RETURN \xff")
    assert encode_return("\ud800").endswith(b"RETURN ?")


def test_a_tile_header_leaves_out_what_is_default() -> None:
    tile = PixelTile(media="a", width=2, height=3, x=-4, y=5, frame=6, size=7)
    assert encode_data_header(tile) == b"PIXELTILE(media=a,w=2,h=3,x=-4,y=5,f=6) 7 "
    tile = PixelTile("a", "l", "v", 4, 5, 2, 3, 6, "mine", 7)
    assert encode_data_header(tile) == (
        b"PIXELTILE(event=mine,media=a,layer=l,view=v,w=2,h=3,x=4,y=5,f=6) 7 "
    )


@pytest.mark.parametrize(
    "record",
    [
        Event("two words", ""),
        Event("", ""),
        Event("e", "a\0b"),
        Event("e", "", "a b"),
        Greeting("two words", "app"),
        Greeting("", "app"),
        Greeting(""),
        Greeting("x" * 70_000),
        UnknownMessage(""),
        UnknownMessage("x" * (limits.MAX_MESSAGE + 1)),
    ],
    ids=lambda record: repr(record)[:40],
)
def test_what_cannot_be_carried_is_refused(record: Event | Greeting | UnknownMessage) -> None:
    with pytest.raises(LocalProtocolError) as caught:
        encode(record)
    assert caught.value.hint


@pytest.mark.parametrize(
    "record",
    [
        PixelTile(media="a b", size=1),
        PixelTile(media="a,b", size=1),
        PixelTile(media="a=b", size=1),
        PixelTile(media="", size=1),
        PixelTile(media="a", layer="", size=1),
        PixelTile(media="a", size=0),
        PixelTile(media="a", size=2**31),
        DataEvent("a", "", "c", 1),
        DataEvent("a,b", "*", "c", 1),
        DataEvent("a b", "*", "c", 1),
        UnknownData("no parenthesis", 1),
        UnknownData("a space(x)", 1),
    ],
    ids=repr,
)
def test_headers_that_rv_would_cut_are_refused(
    record: PixelTile | DataEvent | UnknownData,
) -> None:
    with pytest.raises(LocalProtocolError):
        encode_data_header(record)
