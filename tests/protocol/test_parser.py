"""The parser: splits, payload destinations, odd headers, recovery and limits."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rvshell.errors import LocalProtocolError, RemoteProtocolError
from rvshell.protocol import (
    Connection,
    DataEvent,
    Disconnect,
    Event,
    Greeting,
    Ping,
    PingPongControl,
    PixelTile,
    Pong,
    Record,
    Return,
    Role,
    UnknownData,
    UnknownMessage,
    encode,
    encode_data_header,
    limits,
)
from tests.protocol.feeding import DATA, GREETING, Feeder, parse_all, pieces

TILE = PixelTile(media="a.exr", view="left", x=1, y=2, width=4, height=1, frame=7, size=16)
BIG = PixelTile(media="a.exr", width=300, height=300, frame=1, size=360_000)


def after_greeting(data: bytes, **options: object) -> list[Record]:
    feeder = Feeder(**options)  # type: ignore[arg-type]
    return [record for record, _ in feeder.feed(GREETING + data)[1:]]


def message(text: str) -> bytes:
    payload = text.encode()
    return b"MESSAGE %d %b" % (len(payload), payload)


# -- records and splits ----------------------------------------------------------------


@pytest.mark.parametrize("step", [1, 7, 40, 10_000_000])
def test_a_message_that_comes_again_and_again(step: int) -> None:
    """The short way of repeated messages takes only what is whole and the same to the last byte."""
    ask, longer = "RETURNEVENT remote-eval * frame();", "RETURNEVENT remote-eval * frame(); "
    texts = [ask] * 5 + [longer] + [ask] * 3 + [longer, ask] * 3 + ["EVENT a * b"] + [ask] * 2
    stream = b"".join(map(message, texts)) + b"PING 1 p" + message(ask) * 3
    stream += encode_data_header(TILE) + bytes(16) + b"\r\n" + message(ask) * 3 + b"MESSAGE 034 "
    stream += ask.encode() + message(ask)
    feeder = Feeder()
    for piece in pieces(GREETING + stream, step):
        feeder.feed(piece)
    events = [Event("remote-eval", text[26:], "*", True) for text in texts]
    events[texts.index("EVENT a * b")] = Event("a", "b")
    again = [Event("remote-eval", "frame();", "*", True)] * 3
    wanted = [Greeting("a"), *events, Ping(), *again, TILE, *again, *again[:2]]
    assert [record for record, _ in feeder.got] == wanted


def test_a_repeated_message_among_unknown_text_is_found_and_noted() -> None:
    notes: list[str] = []
    ask = message("RETURNEVENT remote-eval * frame();")
    records = after_greeting(ask * 3 + b"junk" + ask * 2, note=notes.append)
    assert records == [Event("remote-eval", "frame();", "*", True)] * 5
    assert len(notes) == 1


@pytest.mark.parametrize("where", ["collect", "into", "rows", "skip"])
@pytest.mark.parametrize("step", [1, 7, 65_536, 10_000_000])
def test_payloads_go_where_the_owner_says(where: str, step: int) -> None:
    pixels = bytes(range(256)) * 1407
    big, small = pixels[:360_000], bytes(range(16))
    stream = GREETING
    stream += encode_data_header(TILE) + small + encode_data_header(BIG) + big
    stream += message("EVENT a * b") + encode_data_header(TILE) + small
    feeder = Feeder(where=where, buffer_size=100_000)
    for piece in pieces(stream, step):
        feeder.feed(piece)
    records = [record for record, _ in feeder.got]
    assert records == [Greeting("a"), TILE, BIG, Event("a", "b"), TILE]
    payloads = [payload for record, payload in feeder.got if isinstance(record, PixelTile)]
    assert payloads[0] == payloads[2] == small
    assert payloads[1] == (b"" if where == "skip" else big)


def test_a_payload_is_received_straight_into_the_destination() -> None:
    parser = Feeder(buffer_size=100_000)
    parser.feed(GREETING)
    memory = bytearray(BIG.size)
    header = encode_data_header(BIG)
    room = parser.parser.get_buffer()
    room[: len(header)] = header
    parser.parser.buffer_updated(len(header))
    assert parser.parser.next_record() == BIG
    parser.parser.receive_into(memoryview(memory))
    room = parser.parser.get_buffer()
    assert room.obj is memory
    assert len(room) == BIG.size


def test_behind_a_direct_payload_only_a_window_is_read() -> None:
    feeder = Feeder(where="into")
    feeder.feed(GREETING)
    for piece in pieces(encode_data_header(BIG) + bytes(BIG.size), 50_000):
        feeder.feed(piece)
    assert len(feeder.parser.get_buffer()) == limits.HEADER_WINDOW
    assert len(feeder.parser.get_buffer()) > limits.HEADER_WINDOW


def test_rows_that_are_here_already_are_handed_out_at_once() -> None:
    feeder = Feeder()
    parser = feeder.parser
    feeder.feed(GREETING)
    data = encode_data_header(BIG) + bytes(range(250)) * 400
    room = parser.get_buffer()[: len(data)]
    room[:] = data[: len(room)]
    parser.buffer_updated(len(room))
    assert parser.next_record() == BIG
    whole = (len(room) - len(encode_data_header(BIG))) // 1000
    put: list[tuple[int, int]] = []
    parser.pass_rows(1000, lambda data, start, first, count: put.append((first, count)))
    assert put == [(0, whole)]
    assert not parser.arrived()
    parser.skip()


def test_a_wrong_destination_is_the_owners_fault() -> None:
    feeder = Feeder(buffer_size=100_000)
    feeder.feed(GREETING)
    with pytest.raises(LocalProtocolError):
        feeder.parser.receive_into(memoryview(bytearray(4)))
    room = feeder.parser.get_buffer()
    header = encode_data_header(BIG)
    room[: len(header)] = header
    feeder.parser.buffer_updated(len(header))
    assert feeder.parser.next_record() == BIG
    for memory in (memoryview(bytearray(4)), memoryview(bytes(BIG.size))):
        with pytest.raises(LocalProtocolError):
            feeder.parser.receive_into(memory)
    for row in (0, 7, 120_000):  # the last divides the payload and does not fit the buffer
        with pytest.raises(LocalProtocolError):
            feeder.parser.pass_rows(row, lambda *_: None)
    with pytest.raises(LocalProtocolError):
        feeder.parser.next_record()
    feeder.parser.skip()
    feeder.where, feeder.got = "skip", [(BIG, b"")]
    assert feeder.feed(bytes(BIG.size) + b"PING 1 p")[-1][0] == Ping()


def test_a_message_larger_than_the_buffer() -> None:
    text = "EVENT big * " + "x" * 300_000
    assert after_greeting(message(text), buffer_size=100_000) == [Event("big", "x" * 300_000)]


def test_memory_grows_with_the_bytes_not_with_the_promise() -> None:
    feeder = Feeder()
    feeder.feed(GREETING + b"PIXELTILE(media=a,w=9,h=9) 2000000000 " + bytes(3_000_000))
    assert len(feeder.parser._scratch._data) < 8_000_000
    assert feeder.parser.incomplete


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=300)
words = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12)
sizes = st.integers(1, 400)
records = st.one_of(
    st.builds(Event, words, texts, words, st.booleans()),
    st.builds(Return, texts),
    st.builds(PingPongControl, st.booleans()),
    st.just(Ping()),
    st.just(Pong()),
    st.just(Disconnect()),
    st.builds(
        PixelTile,
        media=words,
        layer=words,
        view=words,
        x=st.integers(-(2**31), 2**31 - 1),
        frame=st.integers(-10, 10_000),
        size=sizes,
    ),
    st.builds(DataEvent, words, words, words, sizes),
    st.builds(lambda word, size: UnknownData(f"X{word}({word})", size), words, sizes),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(records, max_size=12),
    st.lists(st.integers(1, 90), min_size=1, max_size=20),
    st.integers(1, 255),
)
def test_any_records_in_any_split(sent: list[Record], steps: list[int], fill: int) -> None:
    stream = b"NEWGREETING 3 a b"
    expected: list[tuple[Record, bytes]] = [(Greeting("a", "b"), b"")]
    for record in sent:
        payload = bytes([fill]) * record.size if isinstance(record, DATA) else b""
        head = encode_data_header(record) if isinstance(record, DATA) else encode(record)
        stream += head + payload
        expected.append((record, payload))
    feeder = Feeder(buffer_size=2048)
    at = turn = 0
    while at < len(stream):
        step = steps[turn % len(steps)]
        feeder.feed(stream[at : at + step])
        at += step
        turn += 1
    assert feeder.got == expected
    assert not feeder.parser.incomplete


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.sampled_from(
                [b"MESSAGE ", b"PIXELTILE(", b") 3 abc", b"PING 1 p", b"DATAEVENT(a) ", b"\n"]
            ),
        ),
        max_size=12,
    ),
    st.booleans(),
    st.integers(1, 50),
)
def test_garbage_ends_in_records_or_one_clear_error(
    parts: list[bytes], greeted: bool, step: int
) -> None:
    feeder = Feeder(buffer_size=4096)
    data = (GREETING if greeted else b"") + b"".join(parts)
    try:
        for piece in pieces(data, step):
            feeder.feed(piece)
    except RemoteProtocolError as error:
        assert str(error)
        assert "\n" not in str(error)
        with pytest.raises(RemoteProtocolError):
            feeder.parser.next_record()


# -- odd, but accepted -----------------------------------------------------------------


@pytest.mark.parametrize("size", [b"+11", b"0011", b" 11", b"  +0011"])
def test_sizes_that_rv_accepts(size: bytes) -> None:
    for step in (1, 100):
        feeder = Feeder()
        for piece in pieces(GREETING + b"MESSAGE " + size + b" EVENT a * b", step):
            feeder.feed(piece)
        assert feeder.got[-1][0] == Event("a", "b")


@pytest.mark.parametrize(
    ("data", "greeting"),
    [
        (b"GREETING 9 two words", Greeting("two words")),
        (b"NEWGREETING 3 one", Greeting("one", "")),
        (b"NEWGREETING 22 rv-shell-1 4711 arnold", Greeting("rv-shell-1", "4711")),
        (b"NEWGREETING 4 \xff\xfe x", Greeting("\ufffd\ufffd", "x")),
    ],
)
def test_greetings_of_one_to_three_words(data: bytes, greeting: Greeting) -> None:
    assert parse_all(data, 1, greeting_first=True)[0][0] == greeting


def test_spaces_in_a_tile_header_and_unknown_data() -> None:
    stream = b"PIXELTILE(media=my file,w=2,h=1) 3 abcFOO(a) 3 abcPING 1 p"
    for step in (1, 1000):
        feeder = Feeder()
        for piece in pieces(GREETING + stream, step):
            feeder.feed(piece)
        tile, foo, ping = (record for record, _ in feeder.got[1:])
        assert isinstance(tile, PixelTile)
        assert (tile.media, tile.width, tile.size) == ("my", 2, 3)
        assert foo == UnknownData("FOO(a)", 3)
        assert ping == Ping()


@pytest.mark.parametrize(
    ("word", "record"),
    [
        (b"DATAEVENT(a,b,c)", DataEvent("a", "b", "c", 1)),
        (b"DATAEVENT(a,b)", DataEvent("a", "b", " ", 1)),
        (b"DATAEVENT(a)", UnknownData("DATAEVENT(a)", 1)),
        (b"PIXELTILE(layer=,x=12px,f=zz,y=-3,event=e)", PixelTile(x=12, y=-3, event="e", size=1)),
        (b"PIXELTILE(media=a=b,w=99999999999)", PixelTile(width=2**31 - 1, size=1)),
    ],
)
def test_data_headers(word: bytes, record: Record) -> None:
    assert after_greeting(word + b" 1 z") == [record]


@pytest.mark.parametrize(
    ("text", "record"),
    [
        ("EVENT e * a  b \n", Event("e", "a  b \n")),
        ("EVENT e *  x", Event("e", " x")),
        ("EVENT e *", Event("e", "")),
        ("EVENT e * ", Event("e", "")),
        ("EVENT e", Event("e", "", "")),
        ("EVENT  e * x", Event("", "* x", "e")),
        ("EVENT e * a\0b", Event("e", "a")),
        ("RETURNEVENT e * x", Event("e", "x", "*", True)),
        ("RETURN ", Return("")),
        ("RETURN", Return("")),
        ("DISCONNECTED", Disconnect()),
        ("hello", UnknownMessage("hello")),
    ],
)
def test_messages(text: str, record: Record) -> None:
    assert after_greeting(message(text)) == [record]


def test_invalid_utf8_and_empty_payloads() -> None:
    assert after_greeting(b"MESSAGE 12 EVENT a * \xff\xff") == [Event("a", "\ufffd\ufffd")]
    assert after_greeting(b"MESSAGE 0 PIXELTILE(media=a) 0 PING 0 PONG 1 p") == [
        UnknownMessage(""),
        PixelTile(media="a"),
        Ping(),
        Pong(),
    ]


# -- recovery --------------------------------------------------------------------------


@pytest.mark.parametrize("step", [1, 5, 100_000])
@pytest.mark.parametrize(
    "junk",
    [
        b"HELLO 5 there",
        b"ping 1 p",
        b"PIXELTILE 4 abcd",
        b"\x00\xff" * 20,
        b"junk " * 5000,
    ],
)
def test_unknown_text_is_passed_over(junk: bytes, step: int) -> None:
    notes: list[str] = []
    feeder = Feeder(note=notes.append)
    for piece in pieces(GREETING + junk + message("EVENT a * b"), step):
        feeder.feed(piece)
    assert feeder.got[-1][0] == Event("a", "b")
    assert len(notes) == 1
    assert f"{len(junk)} bytes" in notes[0]


def test_line_ends_between_records_cost_nothing() -> None:
    notes: list[str] = []
    got = after_greeting(b"\r\nPING 1 p\n\nPONG 1 p\n", note=notes.append)
    assert (got, notes) == ([Ping(), Pong()], [])


def test_a_length_in_characters_is_mended_and_named() -> None:
    notes: list[str] = []
    text = "EVENT a * ééé"
    cut = b"MESSAGE %d %b" % (len(text), text.encode())
    got = after_greeting(cut + message("EVENT c * d"), note=notes.append)
    assert got[-1] == Event("c", "d")
    assert "counted characters" in notes[0]


def test_a_greeting_that_is_too_short() -> None:
    feeder = Feeder()
    feeder.feed(b"GREETING 3 alice" + message("EVENT a * b"))
    assert [record for record, _ in feeder.got] == [Greeting("ali"), Event("a", "b")]


def test_too_much_unknown_text_is_the_end() -> None:
    with pytest.raises(RemoteProtocolError, match="no record in"):
        after_greeting(b"junk " * 20_000)


# -- refusals --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "first",
    [b"MESSAGE 5 hello", b"PIXELTILE(media=a) 1 x", b"PING 1 p", b"DATAEVENT(a,b,c) 1 x"],
)
def test_the_first_record_must_be_a_greeting(first: bytes) -> None:
    for step in (1, 100):
        feeder = Feeder()
        with pytest.raises(RemoteProtocolError, match=r"bad greeting|not RV's protocol"):
            for piece in pieces(first, step):
                feeder.feed(piece)
        assert feeder.got == []


@pytest.mark.parametrize("first", [b"GET / HTTP/1.1\r\n", b"HELLO 5 there", b"\n", b"\x16\x03"])
def test_other_protocols_are_refused_by_their_first_bytes(first: bytes) -> None:
    for greeting_first in (True, False):
        with pytest.raises(RemoteProtocolError, match="not RV's protocol"):
            Feeder(greeting_first=greeting_first).feed(first)


def test_records_smuggled_in_an_http_body_are_not_executed() -> None:
    feeder = Feeder()
    with pytest.raises(RemoteProtocolError):
        feeder.feed(b"POST / HTTP/1.1\r\n\r\nGREETING 1 a" + message("EVENT a * b"))
    assert feeder.got == []


@pytest.mark.parametrize(
    "record",
    [
        b"MESSAGE hello there",
        b"MESSAGE -5 hello",
        b"MESSAGE  " + b" " * 30,
        b"MESSAGE + x",
        b"MESSAGE 2147483648 x",
        b"MESSAGE 999999999999999999999999 x",
        b"MESSAGE 67108865 x",
        b"PING 70000 x",
        b"PIXELTILE(media=a) 2147483648 x",
        b"PIXELTILE(media=a) x1 x",
        b"A(" + b"x" * 70_000,
        b"y" * 70_000,
    ],
)
def test_sizes_and_headers_that_are_refused(record: bytes) -> None:
    for step in (999, 10_000_000):
        feeder = Feeder()
        feeder.feed(GREETING)
        with pytest.raises(RemoteProtocolError):
            for piece in pieces(record, step):
                feeder.feed(piece)


def test_a_greeting_over_the_limit_is_refused() -> None:
    with pytest.raises(RemoteProtocolError, match="over the limit"):
        Feeder().feed(b"GREETING 70000 ")


def test_a_slow_header_costs_no_more_than_a_fast_one() -> None:
    feeder = Feeder()
    feeder.feed(GREETING)
    for piece in pieces(b"PIXELTILE(media=" + b"x y" * 9000 + b") 1 z", 3):
        feeder.feed(piece)
    assert isinstance(feeder.got[-1][0], PixelTile)


@pytest.mark.parametrize(
    "odd", [b"DATAEVENT(a)MESSAGE b ", b"PIXELTILE(a)x ", b"DATAEVENT(my-)MESSAGE  x) 3 abc"]
)
@pytest.mark.parametrize("size", [1, 5, 1000])
def test_what_only_begins_like_a_record_is_passed_over(odd: bytes, size: int) -> None:
    """Found by the mutator: the search for the next record found the very same place again."""
    connection = Connection(Role.PLAYER, "x", now=0.0)
    data = b"NEWGREETING 6 me app" + odd + b"MESSAGE 9 EVENT e *"
    seen = []
    for at in range(0, len(data), size):
        connection.receive(data[at : at + size], 0.0)
        while (event := connection.next_event()) is not None:
            if isinstance(event, Greeting):
                connection.accept(0.0)
            seen.append(event)
    assert [e.name for e in seen if isinstance(e, Event)] == ["e"]
