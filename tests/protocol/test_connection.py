"""Two connections over a fake link, the clocks, and what an owner may not do."""

from __future__ import annotations

import pytest

from rvshell.errors import LocalProtocolError
from rvshell.protocol import (
    Connection,
    ConnectionEvent,
    Disconnect,
    Event,
    Expired,
    Greeting,
    PixelTile,
    Reply,
    Role,
    State,
    Timing,
    encode_data_header,
    encode_event,
    encode_return,
)

MINUTES = 60.0


class Pair:
    """A client and a player; what one writes the other reads at once."""

    def __init__(self, timing: Timing | None = None) -> None:
        self.notes: list[str] = []
        self.client = Connection(
            Role.CLIENT, "c", "app", now=0.0, timing=timing, note=self.notes.append
        )
        self.player = Connection(Role.PLAYER, "p", now=0.0, timing=timing, note=self.notes.append)

    def to(self, end: Connection, data: bytes, now: float = 0.0) -> list[ConnectionEvent]:
        end.receive(data, now)
        return self.events(end)

    def events(self, end: Connection) -> list[ConnectionEvent]:
        events = []
        while (event := end.next_event()) is not None:
            events.append(event)
        return events

    def greet(self) -> Pair:
        assert self.to(self.player, self.client.start()) == [Greeting("c", "app")]
        assert self.to(self.client, self.player.accept(0.0)) == [Greeting("p", "rv")]
        return self


def test_nothing_a_stranger_sent_runs_before_it_is_let_in() -> None:
    pair = Pair()
    early = pair.client.start() + encode_event("a", "b")
    assert pair.to(pair.player, early) == [Greeting("c", "app")]
    assert pair.player.state is State.DECIDING
    assert pair.events(pair.player) == []
    pair.player.accept(5.0)
    assert pair.events(pair.player) == [Event("a", "b")]


def test_replies_come_back_to_their_requests_in_order() -> None:
    pair = Pair().greet()
    data = b"".join(pair.client.request("e", str(n), n) for n in range(5))
    asked = pair.to(pair.player, data)
    assert pair.client.waiting == (0, 1, 2, 3, 4)
    answers = b"".join(encode_return(f"<{e.contents}>") for e in asked if isinstance(e, Event))
    assert pair.to(pair.client, answers) == [Reply(n, f"<{n}>") for n in range(5)]
    assert pair.to(pair.client, encode_return("nobody asked")) == []
    assert len(pair.notes) == 1


def test_a_request_that_is_repeated_is_the_same_bytes() -> None:
    client, long = Connection(Role.CLIENT, "c", now=0.0), "x" * 100_000
    for name, contents, target in [("a", "b", "*")] * 3 + [
        ("a", "b", "c"), ("a", "c", "c"), ("b", "c", "c"), ("b", long, "*"), ("b", long, "*"),
        ("b", "c", "*"), ("a", "b", "*"),
    ]:  # fmt: skip
        data = encode_event(name, contents, target, wants_reply=True)
        assert client.request(name, contents, None, target) == data
    for name, target in (("", ""), ("", "*")):
        with pytest.raises(LocalProtocolError):
            client.request(name, "", None, target)
    assert len(client.waiting) == 10


def test_requests_without_a_reply_are_given_up_together() -> None:
    pair = Pair().greet()
    pair.client.request("e", "", "one")
    pair.client.request("e", "", "two")
    assert pair.client.abandon() == ("one", "two")
    assert pair.client.state is State.CLOSED
    assert pair.events(pair.client) == []


def test_nothing_runs_behind_disconnect() -> None:
    pair = Pair().greet()
    data = pair.client.disconnect() + encode_event("late", "")
    assert pair.to(pair.player, data) == [Disconnect()]
    assert pair.player.state is State.CLOSED
    assert pair.player.timer(1e9) is None
    assert pair.player.next_timer() is None


def test_ping_is_answered_and_the_round_trip_measured() -> None:
    pair = Pair().greet()
    assert pair.player.timer(14.9) is None
    assert pair.player.take_output() == b""
    assert pair.player.next_timer() == 15.0
    assert pair.player.timer(15.0) is None
    ping = pair.player.take_output()
    assert ping == b"PING 1 p"
    assert pair.to(pair.client, ping) == []
    assert pair.to(pair.player, pair.client.take_output(), 15.25) == []
    assert pair.player.heartbeat.rtt == 0.25


def test_a_silent_peer_gets_pings_and_then_the_end() -> None:
    pair = Pair().greet()
    pings = 0
    now = 0.0
    verdict = None
    while verdict is None:
        now += 1.0
        verdict = pair.player.timer(now)
        pings += pair.player.take_output() == b"PING 1 p"
    assert now == 10 * MINUTES
    assert pings == 39
    assert isinstance(verdict, Expired)


def test_any_record_restarts_the_silence() -> None:
    pair = Pair().greet()
    for second in range(10, 2000, 10):
        pair.to(pair.player, encode_event("a", ""), float(second))
        assert pair.player.timer(second + 9.0) is None
        assert pair.player.take_output() == b""


def test_a_peer_without_heartbeat_is_kept_for_ever_unless_it_is_in_a_record() -> None:
    pair = Pair().greet()
    pair.to(pair.player, pair.client.control_heartbeat(False), 1.0)
    assert pair.player.timer(1e6) is None
    assert pair.player.take_output() == b""
    assert pair.player.next_timer() is None
    pair.to(pair.player, b"MESSAGE 100 half", 1e6)
    assert pair.player.timer(1e6 + 599.0) is None
    pair.to(pair.player, b"x", 1e6 + 599.0)
    assert pair.player.timer(1e6 + 601.0) is None
    assert isinstance(pair.player.timer(1e6 + 1199.0), Expired)


def test_greeting_then_nothing_ends_with_the_transfer_timer_even_without_heartbeat() -> None:
    pair = Pair(Timing(heartbeat=False)).greet()
    assert pair.player.timer(599.0) is None
    assert isinstance(pair.player.timer(600.0), Expired)


def test_the_greeting_deadline_does_not_count_the_question() -> None:
    pair = Pair()
    assert pair.player.timer(29.0) is None
    quiet = pair.player.timer(30.0)
    assert quiet == Expired("no greeting within 30 s", quiet=True)
    assert pair.to(pair.player, pair.client.start(), 29.0)
    assert pair.player.timer(1e6) is None
    pair.player.accept(1e6)
    assert pair.player.timer(1e6 + 10.0) is None


def test_records_before_the_greeting_are_fine_for_the_dialling_side() -> None:
    pair = Pair()
    assert pair.to(pair.client, encode_event("a", "")) == [Event("a")]
    assert pair.to(pair.client, b"GREETING 2 rv") == [Greeting("rv")]
    assert pair.to(pair.client, b"GREETING 5 other") == []
    assert pair.client.peer == Greeting("rv")


def test_tiles_pass_with_their_payload() -> None:
    pair = Pair().greet()
    tile = PixelTile(media="m", width=1, height=1, frame=1, size=4)
    assert pair.to(pair.player, encode_data_header(tile) + b"rgba") == [tile]
    assert bytes(pair.player.parser.payload or b"") == b"rgba"


def test_roles_do_not_mix() -> None:
    pair = Pair()
    with pytest.raises(LocalProtocolError):
        pair.player.start()
    with pytest.raises(LocalProtocolError):
        pair.player.accept(0.0)
    with pytest.raises(LocalProtocolError):
        pair.client.receive(bytes(10_000_000), 0.0)


@pytest.mark.parametrize(
    ("environ", "timing"),
    [
        ({}, Timing()),
        ({"RV_CONNECTION_PONG_TIMEOUT": "20"}, Timing(pong_timeout=20.0)),
        ({"RV_CONNECTION_PING_INTERVAL": "1s"}, Timing(ping_interval=1.0)),
        ({"RV_CONNECTION_PING_INTERVAL": "0"}, Timing(heartbeat=False)),
        ({"RV_CONNECTION_PONG_TIMEOUT": "x"}, Timing(heartbeat=False)),
        ({"RV_CONNECTION_TRANSFERTIMEOUT": "-1"}, Timing()),
        ({"RV_CONNECTION_TRANSFERTIMEOUT": "5"}, Timing(transfer=5.0)),
    ],
)
def test_times_from_the_environment(environ: dict[str, str], timing: Timing) -> None:
    assert Timing.from_environment(environ) == timing
