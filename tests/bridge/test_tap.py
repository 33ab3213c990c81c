"""The tap between real clients and a real player: nothing changed, everything shown."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvshell import Client
from rvshell.bridge.tap import Decoder, hexdump, summary
from rvshell.errors import LinkError
from rvshell.protocol import DataEvent, Event, PixelTile, encode_event
from tests.shell.harness import PlayerProcess, environment, rvshell
from tests.waiting import DEADLINE


class TapProcess:
    def __init__(self, home: Path, target: str, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rvshell", "tap", "0", target, *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(home),
        )  # fmt: skip
        assert self.process.stderr is not None
        found = re.search(r"listening on port (\d+)", self.process.stderr.readline())
        assert found
        self.port = int(found[1])

    def end(self) -> str:
        """Stop it as Ctrl-C does; what it showed."""
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=DEADLINE)
        assert self.process.returncode == 130 and "Traceback" not in err, err
        return out

    def finished(self) -> str:
        out, _ = self.process.communicate(timeout=DEADLINE)
        assert self.process.returncode == 0
        return out


@pytest.fixture
def taps(home: Path) -> Iterator[list[TapProcess]]:
    made: list[TapProcess] = []
    yield made
    for tap in made:
        if tap.process.poll() is None:
            tap.process.kill()
        tap.process.wait()
        for stream in (tap.process.stdout, tap.process.stderr):
            if stream is not None:
                stream.close()


def test_a_conversation_is_shown_with_times(
    bars: PlayerProcess, home: Path, taps: list[TapProcess]
) -> None:
    tap = TapProcess(home, bars.address, "--count", "1")
    taps.append(tap)
    done = rvshell(
        f"127.0.0.1:{tap.port}", "-c", "frame 5; frame; event my-event some text", home=home
    )
    assert (done.returncode, done.stdout) == (0, "5\n")
    shown = tap.finished()
    assert re.search(r'#1 → RETURNEVENT remote-eval "frame\(\)"', shown)
    assert re.search(r'#1 ← RETURN "5"  \d+\.\d\d ms', shown)
    assert '#1 → EVENT my-event "some text"' in shown
    assert "#1 → GREETING rv-shell-" in shown and "#1 → DISCONNECT" in shown


def test_pixels_are_handed_on_unchanged_and_recorded(
    bars: PlayerProcess, home: Path, taps: list[TapProcess]
) -> None:
    tap = TapProcess(home, bars.address, "--count", "1", "--record", str(home / "talk"), "--json")
    taps.append(tap)
    data = bytes(range(256)) * 4096
    with Client.connect(port=tap.port) as client:
        header = PixelTile("tapped", "layer", "view", 0, 0, 512, 512, 1, "pixel-block", 0)
        client.send_tile(header, data)
        assert client.eval_mu("frame()") == "1"
        client.send_data("blob", "application/octet-stream", b"x" * 100_000)
    lines = [json.loads(line) for line in tap.finished().splitlines()]
    tiles = [x for x in lines if x["record"] == "PixelTile"]
    assert len(tiles) == 1 and "512x512 1048576 bytes" in tiles[0]["text"]
    assert [x["record"] for x in lines].count("DataEvent") == 1
    sent = (home / "talk-1.client").read_bytes()
    assert data in sent and b"x" * 100_000 in sent and sent.startswith(b"NEWGREETING")
    assert b"RETURN" in (home / "talk-1.rv").read_bytes()
    kept = [json.loads(x) for x in (home / "talk-1.jsonl").read_text().splitlines()]
    assert [x["text"] for x in kept] == [x["text"] for x in lines]


def test_filter_and_bytes(bars: PlayerProcess, home: Path, taps: list[TapProcess]) -> None:
    tap = TapProcess(home, bars.address, "--count", "1", "--filter", "^RETURNEVENT", "--hex")
    taps.append(tap)
    rvshell(f"127.0.0.1:{tap.port}", "frame", home=home)
    shown = tap.finished()
    assert "RETURNEVENT remote-eval" in shown and "← RETURN " not in shown
    assert re.search(r"    000000  4e 45 57 47 .*NEWGREETING", shown)


def test_what_is_no_protocol_is_handed_on_too(
    bars: PlayerProcess, home: Path, taps: list[TapProcess]
) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        tap = TapProcess(home, f"127.0.0.1:{server.getsockname()[1]}", "--count", "1")
        taps.append(tap)
        with socket.create_connection(("127.0.0.1", tap.port), DEADLINE) as client:
            far, _ = server.accept()
            with far:
                far.settimeout(DEADLINE)
                sent = b"MESSAGE 99999999999999999999 EVENT\x1b]0;x\x07" + bytes(range(256)) * 300
                client.sendall(sent)
                client.shutdown(socket.SHUT_WR)
                got = b""
                while chunk := far.recv(65536):
                    got += chunk
                assert got == sent
                far.sendall(b"HTTP/1.1 400 \x1b[31m\r\n")
            client.settimeout(DEADLINE)
            assert client.recv(100).startswith(b"HTTP")
    shown = tap.finished()
    assert "not RV's protocol any more" in shown and "\x1b" not in shown


def test_no_target_no_listener_and_wrong_words(home: Path, taps: list[TapProcess]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]  # bound, nobody listens
        tap = TapProcess(home, f"127.0.0.1:{port}", "--count", "1")
        taps.append(tap)
        with socket.create_connection(("127.0.0.1", tap.port), DEADLINE) as client:
            client.settimeout(DEADLINE)
            assert client.recv(10) == b""
        assert "no connection to the target" in tap.finished()
        taken.listen()
        done = rvshell("tap", str(port), "127.0.0.1:1", home=home)
        assert done.returncode == 3 and "cannot listen" in done.stderr
    for line in ("", "1", "x y", "1 h:1 --nope", "0 h:1 --filter (", "0 h:1 --count x"):
        done = rvshell("tap", *line.split(), home=home)
        assert done.returncode == 2 and len(done.stderr.splitlines()) == 1, line
    assert rvshell("tap", "--help", home=home).stdout.startswith("usage: rvshell tap")


def test_ctrl_c_ends_it(bars: PlayerProcess, home: Path, taps: list[TapProcess]) -> None:
    tap = TapProcess(home, bars.address)
    taps.append(tap)
    with Client.connect(port=tap.port) as client:
        assert client.eval_mu("1 + 1") == "2"
        tap.end()
        with pytest.raises(LinkError):
            client.eval_mu("1 + 1")


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=20))
def test_any_bytes_are_records_or_one_note(pieces: list[bytes]) -> None:
    decoder = Decoder()
    for piece in pieces:
        for record in decoder.feed(piece):
            assert "\n" not in summary(record)
    assert decoder.fed == sum(map(len, pieces))


@given(st.text(max_size=50))
def test_summaries_never_hold_control_characters(text: str) -> None:
    for record in (Event("a" + text, text, "*", True), DataEvent(text, text, text, 3)):
        shown = summary(record)
        assert shown.isprintable() or all(c.isprintable() or c in "\n\t" for c in shown)
        assert "\x1b" not in shown and "\n" not in shown


@given(st.integers(1, 200))
def test_a_record_may_come_in_pieces_of_any_size(size: int) -> None:
    data = b"NEWGREETING 4 a bc" + b"".join(
        encode_event("remote-eval", f"frame() + {n}", "*") for n in range(5)
    )
    decoder = Decoder()
    found = [r for at in range(0, len(data), size) for r in decoder.feed(data[at : at + size])]
    assert [type(r).__name__ for r in found] == ["Greeting"] + ["Event"] * 5


def test_hexdump() -> None:
    assert hexdump(b"A\x00B").split() == ["000000", "41", "00", "42", "A.B"]
    assert hexdump(bytes(300)).splitlines()[-1].strip() == "… 44 more bytes"
