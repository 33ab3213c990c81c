"""Modules ``export_utils`` and ``external_qprocess``: rvio is started, and looked after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from player.scripting.engine import Policy, ScriptEngine
from player.session.session import Session
from tests.waiting import until

RVIO = """#!/bin/sh
echo "INFO: writing frames (50.0% done)"
for word in "$@"; do echo "$word" >> "$RVIO_WORDS"; done
test -f "$3" && echo "session is there" >> "$RVIO_WORDS"
case "$*" in *broken*) echo "ERROR: no such codec"; exit 3;; *endless*) exec sleep 1000;; esac
"""


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "rvio"
    program.write_text(RVIO)
    program.chmod(0o755)
    monkeypatch.setenv("RV_APP_RVIO", str(program))
    monkeypatch.setenv("RVIO_WORDS", str(tmp_path / "words"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path / "words"


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def engine(words: Path, told: list[str]) -> Iterator[ScriptEngine]:
    made = ScriptEngine(Session(), policy=Policy(limit=120.0), report=told.append)
    made.mu_host.interpreter._output = told.append
    made.mu('addSource("smptebars,start=1,end=20.movieproc");')
    yield made
    made.close()


def finished(engine: ScriptEngine) -> bool:
    engine.poll(0.0)
    return not engine.waiting


def exported(engine: ScriptEngine, words: Path, call: str) -> list[str]:
    """The words that rvio was started with, the session's name replaced."""
    reply = engine.mu(f"{{ require export_utils; export_utils.{call}; 1; }}")
    assert reply == "1"
    until(lambda: finished(engine), call)
    lines = words.read_text().splitlines()
    assert lines[:2] == ["-v", "-err-to-out"]
    assert lines[2].endswith(".rv")
    assert lines[-1] == "session is there"
    assert not Path(lines[2]).exists()  # it was taken away afterwards
    return lines[3:-1]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('exportMarkedFrames("o.####.jpg", "default")', ["-o", "o.####.jpg", "-t", "2,5,9"]),
        ('exportMovieOverRange(3, 7, "m.mov")', ["-o", "m.mov", "-t", "3-7"]),
        ('exportImageSequenceOverRange(3, 7, "p", "exr", true, "sRGB")',
         ["-o", "p.#.exr", "-t", "3-7"]),
        ('rvio("x", string[] {export_utils.makeTempSession("pass"), "-vv"},'
         " export_utils.removeTempSession)", ["-vv"]),
    ],
)  # fmt: skip
def test_calls(engine: ScriptEngine, words: Path, call: str, expected: list[str]) -> None:
    engine.mu("{ markFrame(2, true); markFrame(5, true); markFrame(9, true); }")
    assert exported(engine, words, call) == expected


def test_regions_between_marks(engine: ScriptEngine) -> None:
    engine.mu("{ markFrame(2, true); markFrame(5, true); markFrame(9, true); }")
    regions = engine.mu("export_utils.markedRegionBoundaries()")
    assert regions == "[(2, 4, 0), (5, 8, 1)]"


def test_progress_and_end(engine: ScriptEngine, told: list[str]) -> None:
    engine.mu(
        "{ rvtypes.State s = data();"
        ' s.externalProcess = export_utils.rvio("Try", string[] {"a"}); }'
    )
    progress = (
        "{ rvtypes.State s = data(); let p = s.externalProcess;"
        " (p.isFinished(), p._progress, p._lastMessage, p._exitcode); }"
    )
    until(lambda: finished(engine), "rvio")
    assert engine.mu(progress) == '(true, 50.0, "writing frames ", 0)'
    assert "INFO: Try finished with exit code: 0\n" in "".join(told)


def test_failure(engine: ScriptEngine, told: list[str]) -> None:
    engine.mu('export_utils.rvio_blocking("Try", string[] {"broken"})')
    assert "INFO: Try finished with exit code: 3\n" in "".join(told)
    assert not engine.waiting


def test_cancelled(engine: ScriptEngine, words: Path) -> None:
    reply = engine.mu(
        '{ let p = export_utils.rvio("Try", string[] {"endless"}); let before = p.isFinished();'
        " p.cancel(); p.cancel(); (before, p.isFinished()); }"
    )
    assert reply == "(false, true)"
    assert not engine.waiting


def test_programs_end_with_the_player(engine: ScriptEngine) -> None:
    engine.mu('export_utils.rvio("Try", string[] {"endless"});')
    assert engine.waiting
    engine.mu_host.programs.close()
    assert not engine.waiting


def test_no_rvio(engine: ScriptEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RV_APP_RVIO", "")
    told = engine.mu(
        '{ string s; try { export_utils.rvio("Try", string[] {"a"}); }'
        " catch (exception exc) { s = string(exc); } s; }"
    )
    assert "program without a name" in told
