"""Module ``runtime``: the machine, the collector, and the end.

What describes RV's own interpreter (machine types, layouts, varying sizes) answers as RV's does.
There is no collector of Mu's to steer; its functions accept what they are told, and count what
Python's does.
"""

from __future__ import annotations

import gc
import resource
from typing import Any, Final, NoReturn

from player.mu import types as t
from player.mu.lib.faults import out_of_range
from player.mu.values import Context, MuCons, MuTuple, needs_context

__all__ = ["MACHINE"]

_MACHINE_TYPE: Final = t.tuple_of(t.STRING, t.STRING, t.INT, t.INT, t.INT, t.INT)
_MACHINE_TYPES: Final = (
    ("void", "v", 0, 1, 0, 0),
    ("float", "f", 4, 1, 4, 4),
    ("double", "F", 8, 1, 8, 8),
    ("int", "i", 4, 1, 4, 4),
    ("int64", "L", 8, 1, 4, 8),
    ("short", "s", 2, 1, 2, 2),
    ("char", "c", 1, 1, 1, 1),
    ("bool", "b", 1, 1, 1, 1),
    ("Pointer", "p", 8, 1, 8, 8),
    ("Vector4f", "4f", 16, 4, 4, 4),
    ("Vector3f", "3f", 12, 3, 4, 4),
    ("Vector2f", "2f", 8, 2, 4, 4),
)
"""Name, format, bytes, width, alignment in structures, alignment by itself."""
_HERE: Final = "runtime.backtrace ([string];)"


def _listed(kind: t.Type, values: list[Any]) -> MuCons | None:
    out: MuCons | None = None
    for value in reversed(values):
        out = MuCons(value, out, t.list_of(kind))
    return out


def _nothing(*_: Any) -> None:
    """What has no effect here, and no error either."""


def _dimension(context: Context, dimension: int) -> list[int]:
    if not 0 <= dimension <= 2:
        out_of_range()
    sizes: list[int] = context.scratch.setdefault("varying", [0, 0, 0])
    return sizes


@needs_context
def _varying_size(context: Context, dimension: int) -> int:
    return _dimension(context, dimension)[dimension]


@needs_context
def _set_varying_size(context: Context, dimension: int, size: int) -> None:
    _dimension(context, dimension)[dimension] = size


@needs_context
def _exit(context: Context, value: int) -> NoReturn:
    context.permit("exit", str(value))
    raise SystemExit(value & 255)


def _collections() -> int:
    return sum(generation["collections"] for generation in gc.get_stats())


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


MACHINE: Final[dict[str, Any]] = {
    "runtime.machine_types ([(string,string,int,int,int,int)];)": lambda: _listed(
        _MACHINE_TYPE, [MuTuple(_MACHINE_TYPE, list(entry)) for entry in _MACHINE_TYPES]
    ),
    "runtime.layout_traits ([int];)": lambda: _listed(t.INT, [0] * 7),
    "runtime.stack_traits ([int];)": lambda: _listed(t.INT, [8704, 0, 0, 0, 16]),
    "runtime.backtrace ([string];)": lambda: _listed(t.STRING, [_HERE]),
    "runtime.varying_size (int; int)": _varying_size,
    "runtime.set_varying_size (void; int, int)": _set_varying_size,
    "runtime.exit (void; int exit_value = 0)": _exit,
    "runtime.gc.enable (void;)": _nothing,
    "runtime.gc.disable (void;)": _nothing,
    "runtime.gc.perform_collection (void;)": _nothing,
    "runtime.gc.push_api (void; int api)": _nothing,
    "runtime.gc.pop_api (void;)": _nothing,
    "runtime.gc.dump (void;)": _nothing,
    "runtime.gc.call_on_collect (void; (void;))": _nothing,
    "runtime.gc.set_warning_function ((void;string,int64); (void;string,int64) func)": _nothing,
    "runtime.gc.parallel_enabled (bool;)": lambda: False,
    "runtime.gc.all_interior_pointers (bool;)": lambda: True,
    "runtime.gc.num_collections (int;)": _collections,
    "runtime.gc.get_heap_size (int64;)": _memory,
    "runtime.gc.get_total_bytes (int64;)": _memory,
    "runtime.gc.get_free_bytes (int64;)": lambda: 0,
    "runtime.gc.get_bytes_since_gc (int64;)": lambda: 0,
}
