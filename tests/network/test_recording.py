"""Recordings: RV's form and ours, made by a player, replayed into one."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvshell.client.recording import Entry, encode_rv, read_recording, write_entry
from rvshell.errors import MediaError
from rvshell.protocol import PixelTile
from tests.network.test_permissions import admin
from tests.players import REPO, Player, running_player
from tests.waiting import DEADLINE, until


def shell(player: Player, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rvshell", "-t", f"localhost:{player.port}", *words],
        cwd=REPO, capture_output=True, text=True, timeout=DEADLINE, check=False,
    )  # fmt: skip


def test_rvs_own_form_to_the_byte(tmp_path: Path) -> None:
    """Built by hand from the description of QDataStream."""
    text = "EVENT frame-changed * é"
    utf16 = text.encode("utf-16-be")
    data = struct.pack(">ii", 312967, 1)
    data += struct.pack(">di", 0.5, 0) + struct.pack(">I", len(utf16)) + utf16
    head = "DATAEVENT(e,*,t)".encode("utf-16-be")
    data += struct.pack(">di", 1.25, 1) + struct.pack(">I", len(head)) + head
    data += struct.pack(">I", 3) + b"\0\1\2"
    path = tmp_path / "rv-network-stream-1"
    path.write_bytes(data)
    entries = read_recording(path)
    assert entries == [
        Entry(0.5, "out", text=text),
        Entry(1.25, "out", head="DATAEVENT(e,*,t)", data=b"\0\1\2", size=3),
    ]
    assert encode_rv(None) + b"".join(map(encode_rv, entries)) == data


def test_our_form_comes_back(tmp_path: Path) -> None:
    entries = [
        Entry(0.0, "in", text='RETURNEVENT remote-eval * "é\n"'),
        Entry(0.25, "out", text='RETURN "é"'),
        Entry(1.0, "out", head="DATAEVENT(e,*,t)", data=b"\0\xff", size=2),
        Entry(2.0, "in", head="PIXELTILE(media=a)", size=64),
    ]
    path = tmp_path / "talk.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for entry in entries:
            write_entry(file, entry)
    assert read_recording(path) == entries


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"{}", b"nonsense", b'{"t":-1,"way":"in","text":""}', b'{"t":0,"way":"up"}',
     b'{"t":0,"way":"in","head":"x","data":"***"}', struct.pack(">ii", 312967, 2),
     struct.pack(">ii", 312967, 1) + b"\0" * 9, struct.pack(">iidi", 312967, 1, 0.0, 7),
     struct.pack(">iidiI", 312967, 1, 0.0, 0, 0x7FFFFFFF)],
)  # fmt: skip
def test_what_is_no_recording_is_said(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    with pytest.raises(MediaError):
        read_recording(path)
    with pytest.raises(MediaError):
        read_recording(tmp_path / "none")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("r") / "x"
    for content in (data, struct.pack(">ii", 312967, 1) + data):
        path.write_bytes(content)
        try:
            read_recording(path)
        except MediaError:
            continue


def test_a_player_records_and_the_recording_is_replayed(tmp_path: Path) -> None:
    folder = tmp_path / "talks"
    with running_player("movieproc,start=1,end=50.movieproc") as player:
        until(lambda: player.mu("sources().size()") == "1")
        assert shell(player, "record", str(folder)).returncode == 0
        with player.client("talker") as client:
            assert client.eval_mu("setFrame(7); frame();") == "7"
            client.event("remote-eval", "setFrame(9);")
            assert client.eval_mu("frame()") == "9"
            client.send_data("note", "text/plain", b"abc")
        (path,) = until(lambda: list(folder.glob("*talker*.jsonl")))
        assert shell(player, "record", "off").returncode == 0
        entries = read_recording(path)
        assert [e.text for e in entries if e.way == "out" and e.text.startswith("RETURN")] == [
            "RETURN 7",
            "RETURN 9",
        ]
        assert [e.head for e in entries if e.head] == ["DATAEVENT(note,*,text/plain)"]
        player.mu("setFrame(1)")
        done = shell(player, "replay", str(path), "--speed", "0", "--assert", "--json")
        assert (done.returncode, done.stderr) == (0, "")
        assert player.mu("frame()") == "9"
        player.mu('deleteNode("sourceGroup000000")')  # other answers from now on
        done = shell(player, "replay", str(path), "--speed", "0", "--assert")
        assert done.returncode == 7
        assert "instead of '7'" in done.stderr


def test_every_tile_that_came_at_once_is_recorded(tmp_path: Path) -> None:
    """The short way of tiles is not taken by a connection that is recorded."""
    folder = tmp_path / "talks"
    tiles = [(PixelTile("m", x=n, width=1, height=1, frame=1), bytes(4)) for n in range(32)]
    with running_player() as player:
        player.mu('newImageSource("m", 32, 1, 32, 1, 0, 0, 1.0, 4, 8, false, 1, 1, 24.0, nil, nil)')
        assert shell(player, "record", str(folder)).returncode == 0
        with player.client("talker") as client:
            for _ in range(3):
                client.send_tiles(tiles)
            assert client.eval_mu("frame()") == "1"
        (path,) = until(lambda: list(folder.glob("*talker*.jsonl")))
        heads = [entry.head for entry in read_recording(path) if entry.head]
    assert len(heads) == 3 * len(tiles)
    assert heads[1] == "PIXELTILE(media=m,w=1,h=1,x=1,y=0,f=1)"


def test_a_player_records_as_rv_does_and_spoofs(tmp_path: Path) -> None:
    env = {"RV_NETWORK_STREAM_STORAGE_DIR": str(tmp_path)}
    with running_player(env=env) as player:
        with player.client("one") as client:
            client.eval_mu('remoteSendEvent("remote-eval", "*", "setFrame(5);", nil)')
        path = until(
            lambda: next((p for p in tmp_path.iterdir() if b"s\0e\0t" in p.read_bytes()), None)
        )
    texts = [e.text for e in read_recording(path)]
    assert texts[0] == "EVENT remote-eval * setFrame(5);"
    with running_player("movieproc,start=1,end=50.movieproc") as player:
        until(lambda: player.mu("frameEnd()") == "50")
        player.mu(f'spoofConnectionStream("{path}", 0.0, false)')
        until(lambda: player.mu("frame()") == "5")
        with player.client() as client:
            assert not any("spoofer" in r["contact"] for r in admin(client, "connections"))


def test_a_place_that_cannot_be_written_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with running_player() as player:
        for place in (tmp_path / "file", tmp_path / "file" / "below"):
            done = shell(player, "record", str(place))
            assert done.returncode == 1, done
            assert f"{place} cannot be written: " in done.stderr
            assert "are recorded" not in done.stderr
