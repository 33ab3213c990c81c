"""`frozen` makes what the standard decorator makes, and a client that uses it starts light."""

from __future__ import annotations

import dataclasses
import pickle
import subprocess
import sys
from typing import Any

import pytest

from rvshell.protocol.frozen import frozen
from rvshell.protocol.records import Event, Ping, Pong


class _Point:
    """A point."""

    x: int
    y: int = 7


Ours: Any = frozen(_Point)
Theirs: Any = dataclasses.dataclass(frozen=True, slots=True)(_Point)


@pytest.mark.parametrize("make", [Ours, Theirs], ids=["ours", "standard"])
def test_behaves_as_the_standard_one(make: Any) -> None:
    point = make(1)
    assert (point.x, point.y) == (1, 7)
    assert make(x=1, y=2) == make(1, 2) != make(2, 1)
    assert len({make(1), make(1, 7), make(2)}) == 2
    assert repr(point) == "_Point(x=1, y=7)"
    assert make.__doc__ == "A point."
    assert not hasattr(point, "__dict__")
    with pytest.raises(AttributeError):
        point.x = 2
    with pytest.raises(AttributeError):
        del point.x
    with pytest.raises((AttributeError, TypeError)):
        point.z = 2
    with pytest.raises(TypeError):
        make()
    with pytest.raises(TypeError):
        make(1, 2, 3)
    match point:
        case make(x, 7):
            assert x == 1
        case _:
            pytest.fail("it does not match")


def test_records_of_other_kinds_are_never_equal() -> None:
    assert Ping() == Ping() != Pong()
    assert Event("a") != ("a", "", "*", False)


def test_records_are_pickled() -> None:
    event = Event("frame-changed", "10")
    assert pickle.loads(pickle.dumps(event)) == event


def test_the_client_starts_without_what_is_dear() -> None:
    code = (
        "import sys, rvshell.client.blocking, rvshell.client.discovery, rvshell.verbs.remote; "
        "print(*{'inspect', 'dataclasses', 'asyncio', 'tempfile', 'pathlib', 'ssl', 'logging'}"
        " & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("make", [Ours, Theirs], ids=["ours", "standard"])
def test_is_a_dataclass_to_who_asks(make: Any) -> None:
    assert dataclasses.is_dataclass(make) and dataclasses.is_dataclass(make(1))
    assert [(f.name, f.default) for f in dataclasses.fields(make)] == [
        ("x", dataclasses.MISSING),
        ("y", 7),
    ]
    assert dataclasses.replace(make(1), y=2) == make(1, 2)
    assert dataclasses.asdict(make(1)) == {"x": 1, "y": 7}


def test_a_record_without_fields_is_one_too() -> None:
    assert dataclasses.fields(Ping()) == ()
