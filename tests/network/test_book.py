"""The contacts file: at once, atomic, shared, and never a reason to stop."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from player.network import book as book_module
from player.network.book import ALLOW, DENY, MAX_CONTACTS, ContactBook
from tests.mounts import run_with_mounts
from tests.waiting import until


def seen(book: ContactBook, name: str, host: str = "far") -> None:
    book.seen(name, host, app="rv", address="10.0.0.1")


def test_a_contact_is_on_disk_at_once_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "config" / "contacts.jsonl"
    book = ContactBook(path)
    seen(book, "ann")
    (line,) = path.read_text().splitlines()
    assert json.loads(line)["name"] == "ann"
    book.decide("ann@far", ALLOW, ("view",))
    again = ContactBook(path)
    contact = again.get("ann@far")
    assert contact is not None
    assert (contact.permission, contact.scopes, contact.app) == (ALLOW, ("view",), "rv")
    assert contact.last >= contact.first > 0
    assert again.remove("ann@far")
    assert not again.remove("ann@far")
    assert ContactBook(path).get("ann@far") is None
    assert path.stat().st_mode & 0o077 == 0


def test_names_with_an_at_sign_keep_name_and_host_apart(tmp_path: Path) -> None:
    path = tmp_path / "c"
    seen(ContactBook(path), "ann@home", "far")
    contact = ContactBook(path).get("ann@home@far")
    assert contact is not None
    assert (contact.name, contact.host) == ("ann@home", "far")


def test_two_players_share_the_file(tmp_path: Path) -> None:
    path = tmp_path / "c"
    one, two = ContactBook(path), ContactBook(path)
    seen(one, "ann")
    seen(two, "bob")
    one.decide("bob@far", DENY)
    assert {c.key for c in two} == {"ann@far", "bob@far"}
    found = two.get("bob@far")
    assert found is not None and found.permission == DENY


def test_what_a_killed_player_left_of_a_line_is_skipped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "c"
    seen(ContactBook(path), "ann")
    with path.open("ab") as file:
        file.write(b'{"name":"bo')
    book = ContactBook(path)
    assert [c.key for c in book] == ["ann@far"]
    seen(book, "eve")
    assert {c.key for c in ContactBook(path)} == {"ann@far", "eve@far"}
    assert "1 lines cannot be read" in caplog.text


@pytest.mark.parametrize(
    "line",
    [
        b"\x00\xff\xfe",
        b"[]",
        b'{"name": 1, "host": "x"}',
        b'{"name": "x"}',
        b'{"name": "x", "host": "y", "permission": 7}',
        b'{"name": "x", "host": "y", "scopes": 3}',
        b"{" * 100_000,
    ],
)
def test_a_corrupt_file_keeps_what_can_be_read(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "c"
    seen(ContactBook(path), "ann")
    path.write_bytes(line + b"\n" + path.read_bytes())
    assert [c.key for c in ContactBook(path)] == ["ann@far"]


def test_the_journal_is_written_anew_and_a_corrupt_one_kept(tmp_path: Path) -> None:
    path = tmp_path / "c"
    path.write_bytes(b"rubbish\n")
    book = ContactBook(path)
    for _ in range(1200):
        seen(book, "ann")
    assert path.read_bytes().count(b"\n") < 400
    assert b"rubbish" in (tmp_path / "c.unreadable").read_bytes()
    assert [c.key for c in ContactBook(path)] == ["ann@far"]


def test_a_full_disk_keeps_the_old_content_and_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "c"
    book = ContactBook(path)
    seen(book, "ann")
    before = path.read_bytes()

    def full(handle: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    seen(book, "bob")
    seen(book, "eve")
    monkeypatch.undo()
    assert len(book) == 3
    assert path.read_bytes() == before
    assert caplog.text.count("No space left on device; kept in memory") == 1


def test_a_short_write_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "c"
    book = ContactBook(path)
    seen(book, "ann")
    before = path.read_bytes()
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, data[:5]))
    seen(book, "bob")
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert book.get("bob@far") is not None


def test_a_place_that_cannot_be_written_is_no_reason_to_stop(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    book = ContactBook(tmp_path / "file" / "contacts")
    seen(book, "ann")
    assert book.get("ann@far") is not None
    assert "cannot be" in caplog.text
    (tmp_path / "link").symlink_to("/dev/zero")
    for path in (tmp_path, tmp_path / "link"):  # a directory, and what has no end
        book = ContactBook(path)
        seen(book, "ann")
        assert len(book) == 1


def test_ten_thousand_contacts_and_no_more_strangers_than_that(tmp_path: Path) -> None:
    path = tmp_path / "c"
    lines = [
        json.dumps({"name": f"n{i}", "host": "far", "first": 1.0, "last": float(i + 1)})
        for i in range(MAX_CONTACTS)
    ]
    path.write_text("\n".join(lines) + "\n")
    book = ContactBook(path)
    book.decide("n0@far", DENY)
    seen(book, "one more")
    assert len(book) == MAX_CONTACTS
    assert book.get("n0@far") is not None  # somebody decided about it
    assert book.get("n1@far") is None
    assert len(ContactBook(path)) == MAX_CONTACTS


def test_kill_9_in_the_middle_of_writes_loses_at_most_the_last(tmp_path: Path) -> None:
    path = tmp_path / "c"
    code = (
        "import sys; from pathlib import Path; from player.network.book import ContactBook\n"
        "book = ContactBook(Path(sys.argv[1]))\n"
        "for i in range(10**6):\n"
        "    book.seen(f'n{i}', 'far', app='rv', address='x')\n"
        "    print(i, flush=True)\n"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    until(lambda: path.exists() and path.stat().st_size > 20_000)
    writer.send_signal(signal.SIGKILL)
    told = [int(line) for line in writer.stdout.read().split()]
    writer.wait()
    writer.stdout.close()
    kept = ContactBook(path)
    assert len(kept) >= len(told) > 0
    assert all(kept.get(f"n{i}@far") for i in told)


def test_two_that_write_the_file_anew_all_the_time_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_module, "_SLACK", 3)
    path = tmp_path / "c"
    count = 300
    books = [ContactBook(path), ContactBook(path)]

    def write(number: int) -> None:
        for i in range(count):
            seen(books[number], f"n{number}-{i}")
            seen(books[number], f"again{number}")
            seen(books[number], f"again{number}")

    threads = [threading.Thread(target=write, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = {f"n{n}-{i}@far" for n in range(2) for i in range(count)}
    expected |= {"again0@far", "again1@far"}
    for book in (*books, ContactBook(path)):
        assert {c.key for c in book} == expected


def test_a_file_in_the_place_of_the_one_that_was_read_is_read_whole(tmp_path: Path) -> None:
    """Also when it is longer and has got the number of an inode that is free again."""
    path, fresh = tmp_path / "c", tmp_path / "fresh"
    book = ContactBook(path)
    for number in range(1, 30):
        lines = [json.dumps({"name": f"n{number}-{i}", "host": "far"}) for i in range(number)]
        for _ in range(2):  # the first frees the number, the second may get it
            fresh.write_text("\n".join(lines) + "\n")
            os.replace(fresh, path)
        assert {c.key for c in book} == {f"n{number}-{i}@far" for i in range(number)}


def test_nobody_waits_for_whoever_writes_the_file_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_module, "_SLACK", 3)
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("it waits"))
    path = tmp_path / "c"
    book = ContactBook(path)
    with (tmp_path / "c.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for _ in range(20):
            seen(book, "ann")
        assert path.read_bytes().count(b"\n") == 20
    seen(book, "ann")
    assert path.read_bytes().count(b"\n") <= 2


def test_a_real_disk_that_is_full_and_then_read_only(tmp_path: Path) -> None:
    shown = run_with_mounts("tests.network.faulty_disk", tmp_path)
    assert shown.splitlines() == [
        "ok: No space left on device; kept in memory",
        "ok: Read-only file system; kept in memory",
        "ok: well again",
    ]


def test_a_last_line_without_an_end_counts_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "c"
    path.write_text('{"name": "hand", "host": "made", "permission": 1}')
    book = ContactBook(path)
    assert [c.key for c in book] == ["hand@made"]
    path.write_text('{"name": "hand", "host": "made", "permission": 1}\n{"name": "torn", "ho')
    other = ContactBook(path)
    seen(other, "new")
    assert {c.key for c in book} == {c.key for c in other} == {"hand@made", "new@far"}
