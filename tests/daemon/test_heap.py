"""A player has large pages under its heap, if the system has any to give, and stays itself."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from player import heap
from tests.players import running_player

_CLEAN = {name: value for name, value in os.environ.items() if name != "GLIBC_TUNABLES"}
_CHILD = (
    "__import__('subprocess').run(['env'], capture_output=True, text=True)"
    ".stdout.count('GLIBC_TUNABLES=')"
)


def heap_flags(pid: int) -> list[str]:
    """The kernel's flags of the heap of a process."""
    maps = Path(f"/proc/{pid}/smaps").read_text()
    found = re.search(r"\[heap\]\n(?:\w+:.*\n)*?VmFlags: (.*)", maps)
    assert found is not None
    return found[1].split()


@pytest.mark.skipif(heap.settings(_CLEAN) is None, reason="no large pages here")
def test_the_heap_has_large_pages_in_the_same_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    with running_player() as player:
        assert "hg" in heap_flags(player.process.pid)
        assert player.python("__import__('os').getpid()") == str(player.process.pid)
        assert player.python(_CHILD) == "0"  # it is the player's alone
        assert player.python("'PLAYER_HEAP' in __import__('os').environ") == "False"


def test_settings_of_ones_own_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.arena_max=3")
    with running_player() as player:
        assert "hg" not in heap_flags(player.process.pid)
        assert player.python(_CHILD) == "1"


@pytest.mark.parametrize(
    ("pages", "useful"),
    [("always [madvise] never\n", True), ("[always] madvise never\n", True),
     ("always madvise [never]\n", False), (None, False)],
)  # fmt: skip
def test_where_it_would_bring_nothing_nothing_is_done(
    tmp_path: Path, pages: str | None, useful: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "gettrace", lambda: None)
    monkeypatch.setattr(os, "confstr", lambda name: "glibc 2.36")
    allowed = tmp_path / "enabled"
    if pages is not None:
        allowed.write_text(pages)
    assert (heap.settings({}, str(allowed)) is not None) is useful
    for library in ("glibc 2.34", "musl 1.2", None):
        monkeypatch.setattr(os, "confstr", lambda name, library=library: library)
        assert heap.settings({}, str(allowed)) is None


def test_it_is_done_once() -> None:
    """Also where the first variable does not get through to the program."""
    assert heap.settings({"PLAYER_HEAP": "1"}) is None


def test_a_program_that_is_traced_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "gettrace", lambda: print)
    assert heap.settings({}) is None
