"""Names: scopes and what they hold.

A scope's ``table`` maps a name to its *overloads*: a list of symbols in the order Mu looks at
them. The first declaration stays first, later ones go right behind it, so that A, B, C, D are
tried as A, D, C, B. Types are symbols too (``types.Type``); they are scopes of their own.

Source of the rules: Open RV's ``Mu/Symbol.cpp`` and ``Mu/Namespace.cpp``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from player.mu.types import FuncType, Type, function_of

__all__ = [
    "CHANGES", "REQUIRED", "Alias", "Constant", "FreeVariable", "Function", "GlobalVariable",
    "LateModule", "MemberVariable", "Modifier", "Module", "Namespace", "Parameter", "Root",
    "ScopeState", "StackVariable", "Symbol", "Variable", "add", "qualified",
]  # fmt: skip

REQUIRED: Final = object()
"""The default of a parameter that has none."""


class Symbol:
    """Anything with a name; ``owner`` is the scope that holds it, None for the global one."""

    __slots__ = ("name", "owner")

    def __init__(self, name: str) -> None:
        self.name = name
        self.owner: Any = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class _Scope(Symbol):
    __slots__ = ("table",)

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.table: dict[str, list[Any]] = {}

    def find(self, name: str) -> list[Any] | None:
        """The overloads of a name here, or None."""
        return self.table.get(name)


class Module(_Scope):
    """A module; the global scope is one without an owner."""

    __slots__ = ()


class LateModule(Module):
    """A module whose text is read when it is first looked into for more than it has.

    ``reads`` declare what the text holds, in parts, each of which may use those before it; no
    more of them are read than it takes to find a name. One that fails is tried again next time.
    """

    __slots__ = ("_reading", "_reads")

    def __init__(self, name: str, reads: Sequence[Callable[[], None]]) -> None:
        super().__init__(name)
        self._reads = list(reads)
        self._reading = False

    def find(self, name: str) -> list[Any] | None:
        found = self.table.get(name)
        while found is None and self._read_next():
            found = self.table.get(name)
        return found

    def complete(self) -> None:
        """Read all that is left."""
        while self._read_next():
            pass

    def _read_next(self) -> bool:
        """Read a part; False when none is left, or one is being read."""
        if self._reading or not self._reads:
            return False
        self._reading = True
        try:
            self._reads[0]()
            del self._reads[0]
        finally:
            self._reading = False
        return True


class Root(Module):
    """The global scope of an interpreter. ``ambiguous``: full names that two types have, so
    that no signature can mention them any more."""

    __slots__ = ("ambiguous", "names")

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.names: set[str] = set()
        self.ambiguous: set[str] = set()


class Namespace(_Scope):
    """The scope of a block, a loop or a catch clause."""

    __slots__ = ()


class Modifier(Symbol):
    """``vector``, which makes another type of a type."""

    __slots__ = ()


class Alias(Symbol):
    """``X := something``."""

    __slots__ = ("target",)

    def __init__(self, name: str, target: Any) -> None:
        super().__init__(name)
        self.target = target


class Constant(Symbol):
    """A symbolic constant."""

    __slots__ = ("type", "value")

    def __init__(self, name: str, type: Type, value: Any) -> None:
        super().__init__(name)
        self.type = type
        self.value = value


class Variable(Symbol):
    """``code`` is the name it has in the generated Python."""

    __slots__ = ("code", "type")

    def __init__(self, name: str, type: Type, code: str = "") -> None:
        super().__init__(name)
        self.type = type
        self.code = code


class StackVariable(Variable):
    """A local; ``implicit`` when ``let`` inferred its type, ``slot`` its place in the frame of
    its function (-1: not known yet)."""

    __slots__ = ("implicit", "slot")

    def __init__(self, name: str, type: Type, code: str = "", implicit: bool = False) -> None:
        super().__init__(name, type, code)
        self.implicit = implicit
        self.slot = -1


class Parameter(StackVariable):
    """A parameter of a function; ``default`` is a value or REQUIRED."""

    __slots__ = ("default",)

    def __init__(self, name: str, type: Type, code: str = "", default: Any = REQUIRED) -> None:
        super().__init__(name, type, code)
        self.default = default


class FreeVariable(Parameter):
    """A variable of an enclosing function that a nested one reads: a copy, passed along."""

    __slots__ = ()


class GlobalVariable(Variable):
    """A variable that outlives the text."""

    __slots__ = ()


class MemberVariable(Variable):
    """A field of a class; ``index`` is its place among the fields."""

    __slots__ = ("index",)

    def __init__(self, name: str, type: Type, index: int) -> None:
        super().__init__(name, type)
        self.index = index


class Function(_Scope):
    """One signature of a function; a scope of its parameters and nested declarations.

    ``ret`` is None until an inferred return type is known. ``types`` are the declared argument
    types; ``parameters`` name them when they have names, free variables last. ``pure`` functions
    with constant arguments are evaluated while the text is parsed, ``maybe_pure`` ones when their
    function arguments are pure. ``unresolved``: the body is waiting for names of later text.

    ``resolved``: its signature was looked up once, which is when a name that two types have
    does harm.

    ``frame`` are its variables in the order of their places on the stack. ``plans`` are the
    ways in which function values were made of it (``specializing``).

    ``py`` is the name of the Python function made of the body, ``written`` whether it was made.

    A native function has ``template`` (the Python code of a call, with a field for each argument)
    or ``call`` (a Python callable; ``ahead`` is one made of the template when a call is evaluated
    ahead of time); ``typed`` natives get the static types of the arguments that
    their patterns matched behind all values, ``context`` ones the interpreter in front.
    """

    __slots__ = (
        "abstract", "ahead", "body", "call", "cast", "commutes", "constructor", "context",
        "frame", "has_return",
        "is_lambda", "is_method", "kind", "lossy", "maximum", "maybe_pure", "minimum", "native",
        "parameters", "plans", "pure", "py", "resolved", "ret", "template", "typed", "types",
        "unresolved", "variadic", "written",
    )  # fmt: skip

    def __init__(self, name: str, ret: Type | None, types: Sequence[Type]) -> None:
        super().__init__(name)
        self.ret = ret
        self.types = list(types)
        self.parameters: list[Parameter] = []
        self.minimum = self.maximum = len(self.types)
        self.pure = self.maybe_pure = False
        self.cast = self.lossy = self.commutes = self.variadic = False
        self.constructor = False
        self.is_method = self.is_lambda = False
        self.native = True
        self.abstract = False
        self.has_return = False
        self.unresolved = False
        self.resolved = False
        self.body: Any = None
        self.template: str | None = None
        self.call: Callable[..., Any] | None = None
        self.ahead: Callable[..., Any] | None = None
        self.typed = self.context = False
        self.frame: list[Any] = []
        self.plans: dict[Any, Any] = {}
        self.py = ""
        self.kind = ""
        self.written = False

    @property
    def free(self) -> list[Parameter]:
        """The captured variables, in the order they are passed."""
        return self.parameters[len(self.types) :]

    @property
    def type(self) -> FuncType:
        """The function type; an unknown return type reads as void."""
        from player.mu.types import VOID

        return function_of(self.ret or VOID, *self.types)


class ScopeState:
    """One level of the stack of scopes that names are looked up in, innermost first.

    ``declarative`` levels receive declarations, ``use m;`` pushes others.
    """

    __slots__ = ("declarative", "parent", "symbol")

    def __init__(self, symbol: Any, parent: ScopeState | None, declarative: bool) -> None:
        self.symbol = symbol
        self.parent = parent
        self.declarative = declarative


class _Changes:
    """Counts declarations that outlive a text: what was compiled before one is out of date."""

    count = 0


CHANGES: Final = _Changes()


def add(scope: Any, symbol: Any) -> None:
    """Declare a symbol in a scope."""
    if not isinstance(scope, (Namespace, Function)):
        CHANGES.count += 1
    name = symbol.local if isinstance(symbol, Type) else symbol.name
    found = scope.table.get(name)
    if found is None:
        scope.table[name] = [symbol]
    else:
        found.insert(1, symbol)
    symbol.owner = scope


def qualified(symbol: Any) -> str:
    """The name with all scopes in front, the global one left out."""
    if isinstance(symbol, Type):
        return symbol.name
    parts = [symbol.name]
    owner = symbol.owner
    while owner is not None and (owner.owner is not None or isinstance(owner, Type)):
        parts.append(owner.local if isinstance(owner, Type) else owner.name)
        owner = owner.owner
    return ".".join(reversed(parts))
