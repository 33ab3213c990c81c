"""Static types of Mu.

Theory of operation
-------------------
A type is one immutable, interned object: two mentions of ``int[]`` are the same Python
object, so type equality is ``is``.  Structural types (arrays, lists, tuples, functions,
vectors) are made by the factories at the end of this file and cached on their first
component; classes and unions are nominal and belong to the interpreter that declared them.

``name`` is the fully qualified written form that replies show (``(vector float[2])[]``,
``(string,int)``, ``m.P``).  ``ref`` tells Mu's reference types (may be nil) from value types.

Built-in functions are listed in ``builtins.tsv``; the *signature column* of a row, verbatim,
is the key of its implementation in ``player.mu.lib.IMPLEMENTATIONS``::

    "+ (int; int, int)"     "math.abs (float; float)"     "string.size (int; string this)"

Implementations take the runtime values of ``values.py`` in order, already converted to the
parameter types.  For every parameter written as a pattern (``?``, ``?tuple``,
``?class_or_interface`` ...) the static type of that argument follows after all the values:
``% (string; string, ?tuple)`` is called as ``f(fmt, value, value_type)``.  Variadic ``?+`` rows
(aggregates, list literals) are built by the compiler, as are all rows that return a
reference (``&``).  Array methods of any element type use the implementation of the row of
``int[]`` (``"int[].size (int; int[])"``); the list functions that of ``[int]``.

A function marked with ``needs_context`` (see ``values.py``) gets the running
interpreter's ``Context`` first.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "BOOL",
    "BYTE",
    "CHAR",
    "DOUBLE",
    "EXCEPTION",
    "FLOAT",
    "HALF",
    "INT",
    "INT64",
    "NIL",
    "OBJECT",
    "PRIMITIVES",
    "REGEX",
    "SHORT",
    "STRING",
    "VOID",
    "AmbiguousFuncType",
    "ArrayType",
    "ClassType",
    "FuncType",
    "ListType",
    "ModuleType",
    "OpaqueType",
    "PatternType",
    "PrimType",
    "TupleType",
    "Type",
    "TypeVar",
    "UnionType",
    "VariantTag",
    "VectorType",
    "array_of",
    "function_of",
    "list_of",
    "tuple_of",
    "vector_of",
]


class Type:
    """Base of all static types.  ``name``: as Mu writes it; ``ref``: may be nil."""

    __slots__ = ("__weakref__", "_made", "members", "name", "ref")

    kind = "type"

    def __init__(self, name: str, ref: bool) -> None:
        self.name = name
        self.ref = ref
        # member scope (methods, fields, constants), attached by the compiler
        self.members: Any = None
        # structural types whose first component is this type
        self._made: dict[Any, Type] = {}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    @property
    def item_name(self) -> str:
        """The name when written before ``[]``: vectors and functions need no more than parens."""
        return self.name


class PrimType(Type):
    """``void bool byte ... double char``, and the nominal built-ins string, regex, exception,
    object and nil."""

    __slots__ = ()
    kind = "prim"


class VectorType(Type):
    """``vector float[n]``, n = 2, 3 or 4; a value type held as a Python tuple of n floats."""

    __slots__ = ("size",)
    kind = "vector"

    def __init__(self, size: int) -> None:
        super().__init__(f"vector float[{size}]", False)
        self.size = size

    @property
    def item_name(self) -> str:
        return f"({self.name})"


class ArrayType(Type):
    """``T[]`` (``dims is None``) or ``T[n,m]`` (``dims == (n, m)``, flat storage)."""

    __slots__ = ("dims", "elem", "total")
    kind = "array"

    def __init__(self, elem: Type, dims: tuple[int, ...] | None) -> None:
        inside = "" if dims is None else ",".join(map(str, dims))
        super().__init__(f"{elem.item_name}[{inside}]", True)
        self.elem = elem
        self.dims = dims
        total = 1
        for n in dims or ():
            total *= n
        self.total = total


class ListType(Type):
    """``[T]``; nil is the empty list."""

    __slots__ = ("elem",)
    kind = "list"

    def __init__(self, elem: Type) -> None:
        super().__init__(f"[{elem.name}]", True)
        self.elem = elem


class TupleType(Type):
    """``(A,B,...)``."""

    __slots__ = ("elems",)
    kind = "tuple"

    def __init__(self, elems: tuple[Type, ...]) -> None:
        super().__init__(f"({','.join(e.name for e in elems)})", True)
        self.elems = elems


class FuncType(Type):
    """``(R;A,B)``."""

    __slots__ = ("args", "ret")
    kind = "func"

    def __init__(self, ret: Type, args: tuple[Type, ...]) -> None:
        super().__init__(f"({ret.name};{','.join(a.name for a in args)})", True)
        self.ret = ret
        self.args = args


class AmbiguousFuncType(Type):
    """``(;)``: the type of an overloaded function's bare name."""

    __slots__ = ()
    kind = "func"


class ClassType(Type):
    """A class.  ``fields``: (name, type) in order, base fields first."""

    __slots__ = ("base", "bases", "fields", "interface", "local_name")
    kind = "class"

    def __init__(self, name: str, base: ClassType | None = None) -> None:
        super().__init__(name, True)
        self.local_name = name.rpartition(".")[2]
        self.base = base
        self.bases: tuple[ClassType, ...] = () if base is None else (base,)
        self.fields: list[tuple[str, Type]] = list(base.fields) if base is not None else []
        self.interface = False

    def derives_from(self, other: Type) -> bool:
        """Whether this class is ``other`` or inherits from it."""
        if self is other:
            return True
        return any(b.derives_from(other) for b in self.bases)


class OpaqueType(Type):
    """A handle whose inside Mu cannot see: ``<#name 0x...>``."""

    __slots__ = ()
    kind = "opaque"

    def __init__(self, name: str) -> None:
        super().__init__(name, True)


class UnionType(Type):
    """A union; ``tags`` in declaration order."""

    __slots__ = ("tags",)
    kind = "union"

    def __init__(self, name: str) -> None:
        super().__init__(name, True)
        self.tags: list[VariantTag] = []


class VariantTag(Type):
    """One tag of a union; ``payload`` is VOID for a bare tag.  ``name`` is ``U.Tag``."""

    __slots__ = ("index", "local_name", "payload", "union")
    kind = "tag"

    def __init__(self, union: UnionType, local_name: str, payload: Type, index: int) -> None:
        super().__init__(f"{union.name}.{local_name}", True)
        self.union = union
        self.local_name = local_name
        self.payload = payload
        self.index = index


class ModuleType(Type):
    """The pseudo type of a module name."""

    __slots__ = ()
    kind = "module"


class TypeVar(Type):
    """``'a``."""

    __slots__ = ()
    kind = "var"


class PatternType(Type):
    """A parameter pattern of a built-in: ``?``, ``?+``, ``?tuple`` ..."""

    __slots__ = ()
    kind = "pattern"


VOID = PrimType("void", False)
BOOL = PrimType("bool", False)
BYTE = PrimType("byte", False)
SHORT = PrimType("short", False)
INT = PrimType("int", False)
INT64 = PrimType("int64", False)
HALF = PrimType("half", False)
FLOAT = PrimType("float", False)
DOUBLE = PrimType("double", False)
CHAR = PrimType("char", False)
STRING = PrimType("string", True)
REGEX = PrimType("regex", True)
EXCEPTION = PrimType("exception", True)
OBJECT = PrimType("object", True)
NIL = PrimType("nil", True)

PRIMITIVES: dict[str, Type] = {
    t.name: t
    for t in (
        VOID,
        BOOL,
        BYTE,
        SHORT,
        INT,
        INT64,
        HALF,
        FLOAT,
        DOUBLE,
        CHAR,
        STRING,
        REGEX,
        EXCEPTION,
        OBJECT,
    )
}

_VECTORS = {n: VectorType(n) for n in (2, 3, 4)}


def vector_of(size: int) -> VectorType:
    """``vector float[size]``; KeyError when size is not 2, 3 or 4."""
    return _VECTORS[size]


def array_of(elem: Type, dims: tuple[int, ...] | None = None) -> ArrayType:
    """``elem[]`` or, with dims, a fixed array."""
    key = ("array", dims)
    made = elem._made.get(key)
    if made is None:
        made = elem._made[key] = ArrayType(elem, dims)
    assert isinstance(made, ArrayType)
    return made


def list_of(elem: Type) -> ListType:
    """``[elem]``."""
    made = elem._made.get("list")
    if made is None:
        made = elem._made["list"] = ListType(elem)
    assert isinstance(made, ListType)
    return made


def tuple_of(*elems: Type) -> TupleType:
    """``(A,B,...)``."""
    key = ("tuple", elems)
    made = elems[0]._made.get(key)
    if made is None:
        made = elems[0]._made[key] = TupleType(elems)
    assert isinstance(made, TupleType)
    return made


def function_of(ret: Type, *args: Type) -> FuncType:
    """``(ret;A,B,...)``."""
    key = ("func", args)
    made = ret._made.get(key)
    if made is None:
        made = ret._made[key] = FuncType(ret, args)
    assert isinstance(made, FuncType)
    return made
