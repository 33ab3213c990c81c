"""Every recording of RV's real library, byte for byte, in both directions."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from rvshell.protocol import (
    Connection,
    DataEvent,
    Disconnect,
    Event,
    Greeting,
    PixelTile,
    Reply,
    Return,
    Role,
    Timing,
    UnknownData,
    encode,
    encode_data_header,
    encode_return,
)
from rvshell.protocol.parser import PayloadDone
from tests.protocol.feeding import parse_all

RAW = Path(__file__).parents[1] / "conformance" / "wire" / "raw"
STREAMS = sorted(RAW.glob("*.bin"))
DATA = (PixelTile, DataEvent, UnknownData)

# The server's app, where it is not RV's; pings and DISCONNECT are the server's own doing.
SERVER_APP = {"04_greet_server_app_other": "rv-sim"}
OWN_DOING = {"05_greet_both_ppoff", "12_pingpong_both", "13_pingpong_server_only"}
CONNECTIONS = sorted(
    path.name.removesuffix(".c2s.bin")
    for path in STREAMS
    if path.name.endswith(".c2s.bin") and "18_duplicate_name.2" not in path.name
)


def recording(connection: str, direction: str) -> bytes:
    return (RAW / f"{connection}.{direction}.bin").read_bytes()


def test_the_recordings_are_there() -> None:
    assert len(STREAMS) >= 40


@pytest.mark.parametrize("size", [None, 1])
@pytest.mark.parametrize("path", STREAMS, ids=lambda p: p.name)
def test_parsed_and_serialised_again_it_is_the_same(path: Path, size: int | None) -> None:
    data = path.read_bytes()
    again = b""
    for record, payload in parse_all(data, size, greeting_first="c2s" in path.name):
        if isinstance(record, DATA):
            assert record.size == len(payload)
            again += encode_data_header(record) + payload
        else:
            again += encode(record)
    assert again == data


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_the_player_answers_what_the_real_library_answered(connection: str) -> None:
    expected = recording(connection, "s2c")
    replies = [r.contents for r, _ in parse_all(expected) if isinstance(r, Return)]
    greeting = next(r for r, _ in parse_all(expected) if isinstance(r, Greeting))
    app = SERVER_APP.get(connection[:-2], "rv")
    player = Connection(Role.PLAYER, greeting.name, app, now=0.0)
    output = b""
    player.receive(recording(connection, "c2s"), 0.0)
    while True:
        event = player.next_event()
        if isinstance(event, Greeting):
            output += player.accept(0.0)
        elif isinstance(event, Event) and event.wants_reply:
            output += encode_return(replies.pop(0))
        elif event is None:
            break
    if connection.startswith("11_"):
        output += player.disconnect()
    if connection[:-2] in OWN_DOING:
        assert expected.startswith(output)
    else:
        assert output == expected


def test_pings_come_when_they_came_from_the_real_library() -> None:
    player = Connection(Role.PLAYER, "rvuser", now=0.0, timing=Timing(ping_interval=1.0))
    player.receive(b"NEWGREETING 19 rv-shell-1 rv-shell", 0.0)
    player.next_event()
    output = player.accept(0.0)
    for second in (1.0, 2.0, 3.0):
        assert player.timer(second - 0.5) is None
        assert player.timer(second) is None
        output += player.take_output()
        player.receive(b"PONG 1 p", second)
        assert player.next_event() is None
    assert player.timer(3.5) is None
    assert output + player.take_output() == recording("13_pingpong_server_only.1", "s2c")


def test_a_client_sends_what_the_real_client_sent() -> None:
    client = Connection(Role.CLIENT, "rv-shell-1", "rv-shell", now=0.0)
    output = client.start()
    client.receive(recording("17_first_rpc_no_pause.1", "s2c"), 0.0)
    assert client.next_event() == Greeting("rvuser")
    output += client.control_heartbeat(False)
    for text in "xy":
        output += client.request("remote-eval", text, text)
        assert client.next_event() == Reply(text, text)
    assert output == recording("17_first_rpc_no_pause.1", "c2s")


def test_a_client_says_good_bye_as_the_real_client_did() -> None:
    client = Connection(Role.CLIENT, "rv-shell-1", "rv-shell", now=0.0)
    output = client.start() + client.control_heartbeat(False) + client.disconnect()
    assert output == recording("10_disconnect_by_client.1", "c2s")


def test_the_gui_session_carries_both_views() -> None:
    data = recording("20_rvshell_gui_session.1", "c2s")
    views: dict[str, bytearray] = {"left": bytearray(64 * 48 * 4), "right": bytearray(64 * 48 * 4)}
    ends = 0
    for record, payload in parse_all(data, 1000):
        if isinstance(record, PixelTile):
            assert (record.layer, record.frame, record.width, record.height) == ("-", 1, 32, 48)
            for row in range(record.height):
                at = ((record.y + row) * 64 + record.x) * 4
                views[record.view][at : at + 128] = payload[row * 128 : (row + 1) * 128]
        ends += isinstance(record, Disconnect)
        assert not isinstance(record, PayloadDone)
    assert ends == 1
    digests = {view: hashlib.sha1(pixels).hexdigest() for view, pixels in views.items()}
    assert digests == {
        "left": "c3668a84c37cbaedbab7277a2d43d609546b2480",
        "right": "ab203d5aa28796cf26d60265ee2970399716aea2",
    }
