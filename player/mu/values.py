"""Runtime values of Mu.

=====================  ==========================================================
Mu type                Python value
=====================  ==========================================================
bool                   bool
byte short int int64   int, always wrapped to its width (a byte is signed)
half float double      float, always rounded to its width
char                   int (code point)
string                 str or None
void, nil              None
T[] and T[n,m]         MuArray (items: flat list)
[T]                    MuCons or None
(A,B)                  MuTuple (mutable, by reference)
vector float[n]        tuple of n floats
class instance         MuObject (fields: list in the order of ClassType.fields)
union value            MuVariant
(R;A)                  MuFunction
regex                  MuRegex (made by the library)
exception              MuException
opaque handle          any Python object
=====================  ==========================================================

A Mu ``throw`` travels as the Python exception :class:`MuThrow`; :func:`throw` makes one
with a Mu ``exception`` of a given message.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NoReturn, Protocol, TypeVar

from player.mu.types import ArrayType, ClassType, TupleType, Type, VariantTag

__all__ = [
    "Context",
    "MuArray",
    "MuCons",
    "MuException",
    "MuFunction",
    "MuLimit",
    "MuName",
    "MuObject",
    "MuRegex",
    "MuStream",
    "MuThrow",
    "MuTuple",
    "MuVariant",
    "TEXT_LIMIT",
    "bounded",
    "complain",
    "needs_context",
    "needs_type",
    "throw",
]

F = TypeVar("F", bound=Callable[..., Any])

TEXT_LIMIT: Final = 1 << 28
"""Characters one string may have; a longer one ends the evaluation."""


class MuArray:
    """A dynamic or fixed array; assignment shares it."""

    __slots__ = ("items", "type")

    def __init__(self, type: ArrayType, items: list[Any]) -> None:
        self.type = type
        self.items = items


class MuCons:
    """One cell of a list."""

    __slots__ = ("next", "type", "value")

    def __init__(self, value: Any, next: MuCons | None, type: Type | None = None) -> None:
        self.value = value
        self.next = next
        self.type = type


class MuTuple:
    """A tuple: mutable, shared by assignment."""

    __slots__ = ("items", "type")

    def __init__(self, type: TupleType, items: list[Any]) -> None:
        self.type = type
        self.items = items


class MuObject:
    """An instance of ``cls`` (its dynamic class)."""

    __slots__ = ("cls", "fields")

    def __init__(self, cls: ClassType, fields: list[Any]) -> None:
        self.cls = cls
        self.fields = fields


class MuStream:
    """A stream of the library, of the class ``kind``."""

    def __init__(self, kind: str, name: str) -> None:
        self.kind = kind
        self.name = name


class MuName(str):
    """A ``runtime.name``."""

    __slots__ = ()


class MuVariant:
    """A union value: its tag and the payload (None for a bare tag)."""

    __slots__ = ("tag", "value")

    def __init__(self, tag: VariantTag, value: Any) -> None:
        self.tag = tag
        self.value = value


class MuFunction:
    """A function value.

    ``name``: how it renders; ``type``: its FuncType; ``call``: Python callable taking runtime
    values; ``symbol``: the declared function, None for one that the host made. Every mention of
    a function makes a value of its own, so ``f eq f`` is false. ``bound``: the values of the
    last parameters of ``symbol``, when ``call`` does not take them.
    """

    __slots__ = ("bound", "call", "name", "symbol", "type")

    def __init__(
        self, name: str, type: Type, call: Callable[..., Any], symbol: Any = None,
        bound: tuple[Any, ...] = (),
    ) -> None:  # fmt: skip
        self.name = name
        self.bound = bound
        self.type = type
        self.call = call
        self.symbol = symbol


class MuRegex:
    """A compiled regular expression; ``program`` belongs to the library's POSIX engine."""

    __slots__ = ("flags", "pattern", "program")

    def __init__(self, pattern: str, flags: int, program: Any) -> None:
        self.pattern = pattern
        self.flags = flags
        self.program = program


class MuException:
    """A Mu ``exception`` value; it renders as ``exception: "message"``."""

    __slots__ = ("message",)

    def __init__(self, message: str = "") -> None:
        self.message = message


class MuThrow(Exception):
    """A thrown Mu value.

    ``reported`` is what the reply says when nobody catches it. None is RV's way with its own
    exceptions: ``unknown exception``, but ``syntax error`` while constants are folded.
    """

    reported: str | None = None

    def __init__(self, value: Any) -> None:
        super().__init__(value)
        self.value = value


class MuLimit(BaseException):
    """A limit of the evaluation was hit (deadline, memory, depth).

    Not a :class:`MuThrow`: no ``try`` of the running text can swallow it.
    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def bounded(size: int) -> None:
    """Refuse a string of ``size`` characters before it is made, if that is too many: MuLimit."""
    if size > TEXT_LIMIT:
        raise MuLimit(f"a string of more than {TEXT_LIMIT} characters")


def throw(message: str) -> NoReturn:
    """Raise a Mu ``exception`` carrying ``message``."""
    raise MuThrow(MuException(message))


def complain(message: str) -> NoReturn:
    """Raise an ``exception`` that RV has not (it would crash, hang or obey): the reply explains."""
    error = MuThrow(MuException(message))
    error.reported = message
    raise error


class Context(Protocol):
    """What library functions may ask of the interpreter that runs them."""

    def output(self, text: str) -> None:
        """Write to Mu's standard output (``print``)."""

    def permit(self, action: str, detail: str) -> None:
        """Ask for ``action`` (``"system"``, ``"exit"``, ``"setenv"``, ``"putenv"``,
        ``"file"``...); raises MuThrow with a clear message when it is refused."""

    def eval_text(self, text: str, modules: list[str]) -> str:
        """``runtime.eval``: evaluate a text in this interpreter, return its rendering."""

    def load_module(self, name: str) -> bool:
        """``runtime.load_module``: whether the module is known."""

    def charge(self, size: int) -> None:
        """Announce that about ``size`` bytes will be allocated in one go; raises MuLimit."""

    def function_value(self, function: Any, kind: Any) -> MuFunction:
        """A declared function as a value of a function type."""

    def location(self, module: Any) -> str:
        """The file that a module came from; empty for what is built in."""

    @property
    def root(self) -> Any:
        """The global scope."""

    @property
    def scratch(self) -> dict[str, Any]:
        """State of library modules that lives as long as the interpreter (random seed...)."""


def needs_context(function: F) -> F:
    """Mark a library function: it receives the :class:`Context` as its first argument."""
    function.needs_context = True  # type: ignore[attr-defined]
    return function


def needs_type(function: F) -> F:
    """Mark a library function: it receives the type it returns in front of its arguments."""
    function.needs_type = True  # type: ignore[attr-defined]
    return function
