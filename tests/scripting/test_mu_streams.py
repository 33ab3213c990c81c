"""Module ``io`` of Mu, as scripts that read and write files use it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from player.scripting.engine import Policy, ScriptEngine
from player.session.session import Session


@pytest.fixture
def engine() -> Iterator[ScriptEngine]:
    made = ScriptEngine(Session(), policy=Policy(limit=5.0), report=lambda text: None)
    yield made
    made.close()


def test_files_are_written_and_read(engine: ScriptEngine, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    text = (
        f'{{ let f = io.ofstream("{path}"); io.print(f, "frame "); io.print(f, 12); '
        "io.print(f, true); io.endl(f); io.print(f, 0.5); f.close(); f.is_open(); }"
    )
    assert engine.mu(text) == "false"
    assert path.read_bytes() == b"frame 121\n0.5"
    assert engine.mu(f'io.read_all(io.ifstream("{path}"))') == '"frame 121\\n0.5"'
    lines = (
        f'{{ let f = io.ifstream("{path}"); let a = io.read_line(f, char(10)); '
        "let b = io.read_float(f); (a, b); }"
    )
    assert engine.mu(lines) == '("frame 121", 0.5)'


def test_strings_are_streams_too(engine: ScriptEngine) -> None:
    assert engine.mu('{ let o = io.osstream(); io.print(o, "a"); io.print(o, 1); string(o); }') == (
        '"a1"'
    )
    numbers = (
        '{ let i = io.isstream("12 13 x"); (io.read_int(i), io.read_int(i), io.read_int(i)); }'
    )
    assert engine.mu(numbers) == "(12, 13, 0)"


def test_a_file_that_is_not_there_reads_as_empty(engine: ScriptEngine, tmp_path: Path) -> None:
    missing = f'io.ifstream("{tmp_path}/nope")'
    assert engine.mu(f"{missing}.is_open()") == "false"
    assert engine.mu(f"io.read_all({missing})") == '""'
    assert engine.mu(f'io.ofstream("{tmp_path}/no/dir").is_open()') == "false"
