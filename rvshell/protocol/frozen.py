"""`@dataclass(frozen=True, slots=True)` for programs that are to start at once.

The standard decorator imports `inspect`, which costs a one-shot verb as much as the rest of
its start.  `frozen` makes the same class from the same notation: constructor, `==`, hash,
`repr`, `match`, pickling, and attributes that cannot be set.  Type checkers are told that it
is the standard one, and so is who asks it as one: `dataclasses.fields`, `replace`, `asdict` work.
Defaults are plain values; there is no inheritance and no `field()`.
"""

from __future__ import annotations

from typing import Any, TypeVar, dataclass_transform

__all__ = ["frozen"]

_Class = TypeVar("_Class", bound=type)


@dataclass_transform(frozen_default=True)
def frozen(cls: _Class) -> _Class:
    """*cls* as a frozen class with slots: its annotations are the fields, in that order."""
    body = dict(vars(cls))
    fields = tuple(body.get("__annotations__", ()))
    defaults = tuple(body.pop(name) for name in fields if name in body)
    body.pop("__dict__", None)
    body.pop("__weakref__", None)
    made = type(cls)(
        cls.__name__,
        cls.__bases__,
        body
        | {
            "__slots__": fields,
            "__match_args__": fields,
            "__qualname__": cls.__qualname__,
            "__repr__": _repr,
            "__eq__": _eq,
            "__hash__": _hash,
            "__setattr__": _refuse,
            "__delattr__": _refuse,
            "__reduce__": _reduce,
            "__dataclass_fields__": _Fields(),
        },
    )
    if fields:
        type.__setattr__(made, "__init__", _constructor(made, fields, defaults))
    return made


class _Fields:
    """What makes a class a dataclass to the module of that name, made when it is asked for."""

    def __get__(self, record: Any, cls: type) -> Any:
        import dataclasses

        notes = list(cls.__annotations__.items())
        init: Any = vars(cls)["__init__"] if notes else None
        defaults = (init.__defaults__ or ()) if notes else ()
        bare = len(notes) - len(defaults)
        given: list[Any] = [
            (*note, default) for note, default in zip(notes[bare:], defaults, strict=True)
        ]
        standard: Any = dataclasses.make_dataclass(
            cls.__name__, [*notes[:bare], *given], frozen=True
        )
        made = standard.__dataclass_fields__
        type.__setattr__(cls, "__dataclass_fields__", made)
        return made


def _constructor(made: type, fields: tuple[str, ...], defaults: tuple[Any, ...]) -> Any:
    """`__init__`, written out and compiled so that it costs what a hand-written one does."""
    sets = "; ".join(f"set_{name}(self, {name})" for name in fields)
    names: dict[str, Any] = {f"set_{name}": getattr(made, name).__set__ for name in fields}
    exec(f"def __init__(self, {', '.join(fields)}): {sets}", names)
    init = names["__init__"]
    init.__defaults__ = defaults or None
    init.__qualname__ = f"{made.__qualname__}.__init__"
    return init


def _values(record: Any) -> tuple[Any, ...]:
    return tuple([getattr(record, name) for name in record.__slots__])


def _repr(self: Any) -> str:
    values = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
    return f"{type(self).__qualname__}({values})"


def _eq(self: Any, other: object) -> Any:
    if type(other) is not type(self):
        return NotImplemented
    return _values(self) == _values(other)


def _hash(self: Any) -> int:
    return hash(_values(self))


def _refuse(self: Any, name: str, value: object = None) -> None:
    raise AttributeError(f"{type(self).__name__} is frozen: {name!r} cannot be changed")


def _reduce(self: Any) -> tuple[type, tuple[Any, ...]]:
    return type(self), _values(self)
