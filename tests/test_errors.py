"""The exception tree: exit codes, one line each, hints, and the standard library's names."""

from __future__ import annotations

import inspect
import pickle

import pytest

from rvshell import errors
from rvshell.errors import (
    ConnectionFailed,
    ConnectionLost,
    DeadlineExceeded,
    Interrupted,
    MissingExtra,
    RemoteError,
    RvshellError,
    ScriptError,
)

CLASSES = [
    cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, RvshellError)
]


def make(cls: type[RvshellError], message: str) -> RvshellError:
    if cls is MissingExtra:
        return MissingExtra("av", "player", purpose=message)
    return cls(message, hint="do\nthis")


def test_documented_tree_is_the_tree() -> None:
    doc = errors.__doc__ or ""
    for cls in CLASSES:
        line = next(ln for ln in doc.splitlines() if f" {cls.__name__} " in f" {ln.strip('|+- ')} ")
        assert int(next(w for w in line.split() if w.isdigit())) == cls.exit_code


@pytest.mark.parametrize("cls", CLASSES)
def test_every_error_is_exported_and_one_line(cls: type[RvshellError]) -> None:
    assert cls.__name__ in errors.__all__
    error = make(cls, "what\nwhere")
    assert "what where" in str(error)
    assert "\n" not in error.describe()
    assert error.hint


@pytest.mark.parametrize("cls", CLASSES)
def test_errors_survive_a_process_boundary(cls: type[RvshellError]) -> None:
    error = make(cls, "broken")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is cls
    assert (str(copy), copy.hint) == (str(error), error.hint)


def test_standard_library_names_catch_them() -> None:
    with pytest.raises(ConnectionError):
        raise ConnectionFailed.refused("localhost", 45124)
    with pytest.raises(ConnectionError):
        raise ConnectionLost("gone")
    with pytest.raises(TimeoutError):
        raise DeadlineExceeded("late", seconds=2)


def test_connection_failures_name_the_place() -> None:
    assert "h:9" in str(ConnectionFailed.refused("h", 9))
    assert "'nowhere'" in str(ConnectionFailed.unresolvable("nowhere"))
    late = ConnectionFailed.timed_out("h", 9, 2.5)
    assert "2.5 s" in str(late)
    assert (late.host, late.port) == ("h", 9)


def test_script_error_points_at_the_column() -> None:
    error = ScriptError(
        "unknown verb 'plya'", source="a.rvs", line=3, column=2, text="\tplya", hint="play?"
    )
    assert error.describe() == "a.rvs:3:2: unknown verb 'plya' (play?)"
    assert error.caret() == "\tplya\n\t^"
    assert ScriptError("no place").caret() == ""


def test_remote_error_keeps_the_whole_text() -> None:
    error = RemoteError("syntax error", text="ERROR: a\nERROR: b\n", code="1 +")
    assert (error.text, error.code) == ("ERROR: a\nERROR: b\n", "1 +")
    assert RemoteError("x").text == "x"


def test_interrupted_has_a_default_text() -> None:
    assert str(Interrupted()) == "interrupted"
