"""Bad input over real sockets: what each costs, and that it costs nobody else anything.

The cases are those that Open RV's real library was measured with; where it goes deaf the
player recovers or closes with one line.
"""

from __future__ import annotations

import contextlib
import resource
import socket
import struct

import pytest

from tests.network.running import GREETING, Running, logged
from tests.waiting import until

TILE = b"PIXELTILE(media=a,w=2,h=2,f=1) "


def message(text: str) -> bytes:
    return b"MESSAGE %d %b" % (len(text.encode()), text.encode())


@pytest.mark.parametrize(
    "first",
    [
        b"MESSAGE 5 hello",
        TILE + b"4 abcd",
        b"HELLO 5 there",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\nGREETING 1 a",
        b"\x00" * 100,
        bytes(range(128, 256)) * 10,
        b"GREETING x ",
        b"GREETING 70000 ",
    ],
    ids=lambda first: first[:12],
)
def test_a_bad_first_record_is_closed_with_one_line(
    running: Running, first: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with running.raw() as raw:
        raw.send(first)
        assert raw.closed() == b""
    logged(caplog, "connection closed")
    assert len([r for r in caplog.records if r.levelname == "WARNING"]) == 1
    assert running.handler.log == []
    running.still_serves()


def test_probes_and_port_scans_leave_no_line(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(20):
        running.raw().sock.close()
    running.still_serves()
    assert not [r for r in caplog.records if r.levelno >= 30]


def test_silence_ends_at_the_greeting_deadline_quietly(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    with running.raw() as silent, running.raw() as slow:
        slow.send(GREETING[:-1])
        until(lambda: running.call(lambda: len(running.server._links)) == 2)
        running.advance(29.0)
        assert running.call(lambda: len(running.server._links)) == 2
        running.advance(2.0)
        assert silent.closed() == slow.closed() == b""
    assert not [r for r in caplog.records if r.levelno >= 30]


def test_greeting_then_silence_ends_after_ten_minutes(running: Running) -> None:
    with running.greeted() as silent, running.greeted() as calm:
        calm.send(b"PINGPONGCONTROL 1 0")
        calm.ask("in")
        running.advance(599.0)
        running.advance(2.0)
        assert silent.closed() == b"PING 1 p"
        calm.ask("still here")


def test_pings_and_the_peer_that_never_answers(running: Running) -> None:
    with running.greeted() as raw:
        raw.ask("x")
        running.advance(14.0)
        running.advance(1.0)
        assert raw.read(8) == b"PING 1 p"
        raw.send(b"PONG 1 p")
        raw.ask("y")
        assert running.server.peers[0].rtt == 0.0
        for _ in range(40):
            running.advance(15.0)
        assert set(raw.closed().split(b"PING 1 p")) == {b""}
    until(lambda: running.handler.seen("disconnected"))
    assert running.handler.seen("disconnected") == [("disconnected", "me@localhost", "dropped")]


@pytest.mark.parametrize("step", [1, 3, 1000])
def test_any_split_is_fine(running: Running, step: int) -> None:
    stream = GREETING + b"PINGPONGCONTROL 1 0" + message("RETURNEVENT a * b") + TILE + b"4 abcd"
    with running.raw() as raw:
        for at in range(0, len(stream), step):
            raw.send(stream[at : at + step])
        raw.expect(b"GREETING 6 player" + message("RETURN b"))
        raw.ask("end")
    assert running.handler.sinks[0].data == b"abcd"


def test_a_greeting_with_a_short_length_goes_on(running: Running) -> None:
    with running.raw() as raw:
        raw.send(b"GREETING 3 alice" + message("RETURNEVENT a * b"))
        raw.expect(b"GREETING 6 player" + message("RETURN b"))


@pytest.mark.parametrize(
    "record",
    [
        b"MESSAGE hello there",
        b"MESSAGE -4 abcd",
        b"MESSAGE 2147483648 x",
        b"MESSAGE 67108865 x",
        b"PING 65537 p",
        TILE + b"2147483648 x",
        b"x" * 70_000,
        b"PIXELTILE(media=" + b"x" * 70_000,
        b"junk " * 30_000,
    ],
    ids=lambda record: record[:24],
)
def test_what_cannot_be_read_on_is_closed_with_a_reason(
    running: Running, record: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with running.greeted() as raw, running.greeted() as other:
        raw.ask("in")
        with contextlib.suppress(OSError):  # closed before all of it was taken
            raw.send(record)
        raw.closed()
        logged(caplog, "connection closed")
        other.ask("unharmed")
    running.still_serves()


@pytest.mark.parametrize(
    "junk", [b"HELLO 5 there", b"message 4 abcd", b"\n", b"PIXELTILE 4 abcd", b"FOO(a) 3 abc"]
)
def test_unknown_text_after_the_greeting_is_passed_over(running: Running, junk: bytes) -> None:
    with running.greeted() as raw:
        raw.send(junk)
        raw.ask("on we go")


def test_a_length_in_characters_is_mended_and_named(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    text = "RETURNEVENT echo * ééé"
    with running.greeted() as raw:
        raw.send(b"MESSAGE %d %b" % (len(text), text.encode()))
        # three of the six bytes were counted: é and half of the next
        raw.expect(message("RETURN é\ufffd"))
        raw.ask("ok")
    logged(caplog, "counted characters")


def test_data_events_complete_malformed_and_with_a_blank(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    with running.greeted() as raw:
        raw.send(b"DATAEVENT(a) 1 xDATAEVENT(a,b) 1 yDATAEVENT(a,b,c) 3 \x00\x01\x02")
        raw.send(b"DATAEVENT(big,*,t) 3000000 " + b"z" * 3_000_000)
        raw.ask("end")
    assert running.handler.seen("data")[:2] == [
        ("data", "a", "b", " ", b"y"),
        ("data", "a", "b", "c", b"\x00\x01\x02"),
    ]
    assert running.handler.seen("data")[2][4] == b"z" * 3_000_000
    logged(caplog, "DATAEVENT(a)")


def test_tiles_that_are_empty_unknown_or_break_their_sink(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    big = bytes(300_000)
    with running.greeted() as raw:
        raw.send(TILE + b"0 ")
        for media, extra in (("unknown", ""), ("raise", ""), ("a", ",view=bad"), ("a", "")):
            for pixels in (b"abcd", big):
                raw.send(b"PIXELTILE(media=%b%b) " % (media.encode(), extra.encode()))
                raw.send(b"%d " % len(pixels) + pixels)
        wrong = b"PIXELTILE(media=a,layer=direct,view=wrong) "
        raw.send(wrong + b"4 abcd" + wrong + b"%d " % len(big) + big)
        raw.ask("end")
    logged(caplog, "empty tile")
    states = [sink.state for sink in running.handler.sinks]
    assert states[:4] == ["aborted", "aborted", "done", "done"]
    # a tile that came whole is put there from the receive buffer: its memory is not asked for
    assert states[4] == "done" and states[5] in ("done", "aborted")


def test_half_a_tile_then_the_end_aborts_the_sink(running: Running) -> None:
    with running.greeted() as raw:
        raw.send(b"PIXELTILE(media=a,layer=direct) 1000000 " + bytes(500_000))
        until(lambda: running.handler.sinks)
    until(lambda: running.handler.sinks[0].state == "aborted")
    running.still_serves()


def test_half_a_message_then_silence_ends_with_the_transfer_timer(running: Running) -> None:
    with running.greeted() as half, running.greeted() as header:
        for raw in (half, header):
            raw.send(b"PINGPONGCONTROL 1 0")
            raw.ask("in")
        half.send(b"MESSAGE 100 abc")
        header.send(b"MESS")
        until(lambda: running.call(_all_incomplete(running)))
        running.advance(599.0)
        half.send(b"d")
        until(lambda: max(p.bytes_in for p in running.server.peers) > _bytes_of_half())
        running.advance(2.0)
        assert header.closed() == b""
        running.advance(598.0)
        assert half.closed() == b""


def _bytes_of_half() -> int:
    in_ = len(GREETING) + len(b"PINGPONGCONTROL 1 0") + len(b"MESSAGE 21 RETURNEVENT echo * in")
    return in_ + len(b"MESSAGE 100 abc")


def _all_incomplete(running: Running):  # type: ignore[no-untyped-def]
    return lambda: all(link._connection.parser.incomplete for link in running.server._links)


def test_a_promise_of_two_gigabytes_costs_what_arrives(running: Running) -> None:
    with running.greeted() as raw:
        raw.ask("in")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        raw.send(b"PIXELTILE(media=a) 2147483647 " + bytes(5_000_000))
        until(lambda: running.server.peers[0].bytes_in > 5_000_000)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after - before < 100_000  # KiB
    running.still_serves()


def test_a_peer_that_never_reads_is_closed_with_a_reason(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    with running.greeted() as deaf, running.greeted() as other:
        deaf.send(b"PINGPONGCONTROL 1 0")
        other.ask("in")
        text = "x" * 100_000

        def flood(name: str, count: int) -> None:
            for _ in range(count):
                for peer in running.server.peers:
                    if peer.contact == "me@localhost":
                        peer.send_event(name, "*", text)

        running.call(lambda: flood("frame-changed", 500))
        assert len(running.server.peers) == 2  # those are overtaken by their successors
        running.call(lambda: flood("must-arrive", 500))
        logged(caplog, "does not read")
        until(lambda: len(running.server.peers) == 1)
        other.ask("unharmed")


def test_a_client_that_asks_much_before_it_reads_gets_all_replies(running: Running) -> None:
    count, size = 60, 500_000
    ask = message(f"RETURNEVENT repeat * {size}")
    reply = message("RETURN " + "x" * size)
    with running.greeted() as raw, running.greeted() as other:
        raw.send(ask * count)
        other.ask("others are served meanwhile")
        for _ in range(count):
            assert raw.read(len(reply)) == reply


def test_last_words_before_a_reset_are_executed(running: Running) -> None:
    """A renderer that never reads: the replies in its socket make its close a reset."""
    raw = running.greeted()
    raw.send(message("RETURNEVENT echo * never read") * 50)
    for n in range(200):
        raw.send(TILE + b"16384 " + bytes([n]) * 16384)
    raw.send(message("EVENT last * words") + b"MESSAGE 10 DISCONNECT")
    raw.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 0, 0))
    raw.sock.shutdown(socket.SHUT_WR)
    until(lambda: ("event", "last", "words") in running.handler.log)
    raw.sock.close()
    until(lambda: running.handler.seen("disconnected"))
    assert len(running.handler.sinks) == 200
    running.still_serves()


def test_everything_in_one_segment_and_gone(running: Running) -> None:
    with running.raw() as raw:
        raw.send(GREETING + TILE + b"4 abcd" + message("EVENT a * b") + b"MESSAGE 10 DISCONNECT")
    until(lambda: running.handler.seen("disconnected"))
    assert running.handler.seen("event") == [("event", "a", "b")]
    assert running.handler.seen("disconnected")[0][2] == "disconnect"


def test_a_name_cannot_break_logs_or_lists(running: Running) -> None:
    name = b"a\n\x1b[31mb"
    with running.raw() as raw:
        raw.send(b"GREETING %d %b" % (len(name), name))
        raw.read(17)
        until(lambda: running.server.peers)
        assert running.server.peers[0].contact == "a??[31mb@localhost"
