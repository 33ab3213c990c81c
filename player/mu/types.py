"""Static types of Mu.

Theory of operation
-------------------
A type is one immutable, interned object: two mentions of ``int[]`` are the same Python
object, so type equality is ``is``.  Structural types (arrays, lists, tuples, functions,
vectors) are made by the factories at the end of this file and cached on their first
component; classes and unions are nominal and belong to the interpreter that declared them.

``name`` is the fully qualified written form that replies show (``(vector float[2])[]``,
``(string,int)``, ``m.P``); ``local`` is what stands before ``[]`` and what a scope knows the
type by.  ``table`` is the type's own scope: methods, fields, constants, as ``symbols`` says.

``match`` is Mu's structural test, the one that costs nothing to convert: derived classes,
nil for anything that may be nil, function types with fitting arguments.  What it does not
cover needs a cast function (``vocabulary``).
"""

from __future__ import annotations

from typing import Any, Final

__all__ = [
    "AMBIGUOUS", "BOOL", "BYTE", "CHAR", "DOUBLE", "EXCEPTION", "FLOAT", "HALF", "INT", "INT64",
    "NIL", "OBJECT", "PRIMITIVES", "REGEX", "SHORT", "STRING", "UNRESOLVED", "VOID", "AnyClass",
    "ArrayType", "HostClass",
    "ClassType", "FuncType", "InterfaceType", "ListType", "OpaqueType", "PatternType", "PrimType",
    "RefType", "TupleType", "Type", "TypeVariable", "UnionType", "VariantTag", "VectorType",
    "array_of", "function_of", "list_of", "reference_to", "tuple_of", "vector_of",
]  # fmt: skip


class Type:
    """Base of all static types.

    ``ref``: values may be nil. ``is_class``: Mu's own notion of a class, which takes in strings,
    arrays, tuples, lists and functions. ``primitive``: held by value, or an opaque handle.
    ``mutable``: its constructors are never evaluated ahead of time. ``collection``: what
    ``for_each`` takes.
    """

    __slots__ = ("__weakref__", "_made", "local", "name", "owner", "table")

    ref = True
    is_class = False
    primitive = False
    mutable = False
    collection = False

    def __init__(self, name: str, local: str | None = None) -> None:
        self.name = name
        self.local = name if local is None else local
        self.owner: Any = None
        self.table: dict[str, list[Any]] = {}
        # structural types whose first component is this type
        self._made: dict[Any, Type] = {}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    def find(self, name: str) -> list[Any] | None:
        """The overloads of a name in the type's scope, or None."""
        return self.table.get(name)

    def match(self, other: Type) -> bool:
        """Whether a value of ``other`` is one of this type as it is."""
        if self.primitive:
            return self is other
        return other is NIL

    def field(self, index: int) -> Type | None:
        """The type an aggregate initialiser's item has."""
        return None


class PrimType(Type):
    """The value types: ``void bool byte ... double char``."""

    __slots__ = ()
    ref = False
    primitive = True


class VectorType(Type):
    """``vector float[n]``, n = 2, 3 or 4; a value type held as a Python tuple of n floats."""

    __slots__ = ("size",)
    ref = False
    primitive = True

    def __init__(self, size: int) -> None:
        super().__init__(f"vector float[{size}]")
        self.size = size

    def field(self, index: int) -> Type | None:
        return FLOAT


class AnyClass(Type):
    """What Mu counts as a class.  ``fields``: (name, type) in order, base fields first."""

    __slots__ = ("bases", "fields")
    is_class = True
    mutable = True

    def __init__(self, name: str, local: str) -> None:
        super().__init__(name, local)
        self.bases: tuple[AnyClass, ...] = ()
        self.fields: list[tuple[str, Type]] = []

    def derives_from(self, other: Type) -> bool:
        """Whether this class is ``other`` or inherits from it."""
        return self is other or any(base.derives_from(other) for base in self.bases)

    def find(self, name: str) -> list[Any] | None:
        found = self.table.get(name)
        if found is None:
            for base in self.bases:
                found = base.find(name)
                if found is not None:
                    break
        return found

    def match(self, other: Type) -> bool:
        if other is NIL:
            return True
        return isinstance(other, AnyClass) and other.derives_from(self)

    def field(self, index: int) -> Type | None:
        return self.fields[index][1] if index < len(self.fields) else None


class HostClass(AnyClass):
    """A class whose values are the host's own (``Event``, ``qt.QWidget``); nil like any class."""

    __slots__ = ()

    def __init__(self, name: str) -> None:
        super().__init__(name, name.rpartition(".")[2])


class NativeClass(AnyClass):
    """``string regex exception`` and ``nil``: classes whose inside Mu cannot see."""

    __slots__ = ()

    def __init__(self, name: str) -> None:
        super().__init__(name, name)


class ClassType(AnyClass):
    """A class that a program or the host declared.

    ``frozen``: the body is complete, the fields of the bases are in ``fields``. ``places`` says
    for each base where its fields begin and which head of the object it has (``inheritance``);
    ``heads``: class and first field of every head but the first; ``own``: the first field of the
    class itself.
    """

    __slots__ = ("dispatch", "frozen", "heads", "own", "places")

    def __init__(self, name: str, *bases: ClassType) -> None:
        super().__init__(name, name.rpartition(".")[2])
        self.bases = bases
        self.frozen = False
        self.places: list[tuple[ClassType, int, int]] = []
        self.heads: dict[int, tuple[ClassType, int]] = {}
        self.own = 0
        # the function that a call of a declared method reaches, kept as calls come
        self.dispatch: dict[Any, Any] = {}

    def freeze(self) -> None:
        """Close the class: the fields of its first base come first, those of the others last."""
        if self.frozen:
            return
        self.frozen = True
        bases = [base for base in self.bases if isinstance(base, ClassType)]
        for i, base in enumerate(bases):
            base.freeze()
            if i == 0:
                self.fields[:0] = base.fields
                self.own = len(base.fields)
                start = head = 0
            else:
                start, head = len(self.fields), len(self.heads) + 1
                self.heads[head] = base, start
                self.fields += base.fields
            self.places.append((base, start, head))
            for above, (kind, begin) in base.heads.items():
                self.heads[head + above] = kind, start + begin


class InterfaceType(Type):
    """An interface, and ``object``, which every class implements."""

    __slots__ = ()
    primitive = True

    def match(self, other: Type) -> bool:
        return self is other


class ArrayType(AnyClass):
    """``T[]`` (``dims is None``) or ``T[n,m]`` (``dims == (n, m)``, flat storage)."""

    __slots__ = ("dims", "elem", "total")
    collection = True

    def __init__(self, elem: Type, dims: tuple[int, ...] | None) -> None:
        inside = "" if dims is None else ",".join(map(str, dims))
        local = f"({elem.local})" if " " in elem.local else elem.local
        prefix = elem.name[: len(elem.name) - len(elem.local)]
        super().__init__(f"{prefix}{local}[{inside}]", f"{local}[{inside}]")
        self.elem = elem
        self.dims = dims
        total = 1
        for n in dims or ():
            total *= n
        self.total = total

    def match(self, other: Type) -> bool:
        if self.dims is None and isinstance(other, ArrayType) and other.dims is None:
            return self.elem.match(other.elem)
        return other is NIL or other is self

    def field(self, index: int) -> Type | None:
        return self.elem


class ListType(AnyClass):
    """``[T]``; nil is the empty list."""

    __slots__ = ("elem",)
    mutable = False
    collection = True

    def __init__(self, elem: Type) -> None:
        name = f"[{elem.name}]"
        super().__init__(name, name)
        self.elem = elem
        self.fields = [("value", elem), ("next", self)]

    def match(self, other: Type) -> bool:
        if isinstance(other, ListType):
            return self.elem.match(other.elem)
        return other is NIL


class TupleType(AnyClass):
    """``(A,B,...)``."""

    __slots__ = ("elems",)
    mutable = False

    def __init__(self, elems: tuple[Type, ...]) -> None:
        name = f"({','.join(e.name for e in elems)})"
        super().__init__(name, name)
        self.elems = elems
        self.fields = [(f"_{i}", e) for i, e in enumerate(elems)]


class FuncType(AnyClass):
    """``(R;A,B)``; AMBIGUOUS, ``(;)``, is the type of an overloaded function's bare name."""

    __slots__ = ("args", "ret")

    def __init__(self, ret: Type, args: tuple[Type, ...], name: str | None = None) -> None:
        name = name or f"({ret.name};{','.join(a.name for a in args)})"
        super().__init__(name, name)
        self.ret = ret
        self.args = args

    def match(self, other: Type) -> bool:
        if other is self or other is NIL:
            return True
        if not isinstance(other, FuncType) or len(other.args) != len(self.args):
            return False
        if other is AMBIGUOUS or self is AMBIGUOUS:
            return False
        if self.ret is not other.ret and not self.ret.match(other.ret):
            return False
        pairs = zip(self.args, other.args, strict=True)
        return all(mine is theirs or theirs.match(mine) for mine, theirs in pairs)


class OpaqueType(Type):
    """A handle whose inside Mu cannot see: ``<#name 0x...>``."""

    __slots__ = ()
    primitive = True

    def __init__(self, name: str) -> None:
        super().__init__(name, name.rpartition(".")[2])


class UnionType(Type):
    """A union; ``tags`` in declaration order."""

    __slots__ = ("tags",)

    def __init__(self, name: str) -> None:
        super().__init__(name, name.rpartition(".")[2])
        self.tags: list[VariantTag] = []

    def match(self, other: Type) -> bool:
        if other is self or (isinstance(other, VariantTag) and other.union is self):
            return True
        return other is NIL


class VariantTag(Type):
    """One tag of a union; ``payload`` is VOID for a bare tag.  ``name`` is ``U.Tag``."""

    __slots__ = ("index", "payload", "union")

    def __init__(self, union: UnionType, local_name: str, payload: Type, index: int) -> None:
        super().__init__(f"{union.name}.{local_name}", local_name)
        self.union = union
        self.payload = payload
        self.index = index

    @property
    def local_name(self) -> str:
        """The tag's name without its union."""
        return self.local

    def field(self, index: int) -> Type | None:
        return self.payload if index == 0 else None


class RefType(Type):
    """``T&``: a place that holds a T. Programs never name it; assignments take it."""

    __slots__ = ("target",)
    primitive = True

    def __init__(self, target: Type) -> None:
        super().__init__(target.name + "&", target.local + "&")
        self.target = target


class PatternType(Type):
    """A parameter pattern of a built-in: ``?``, ``?+``, ``?tuple`` ..."""

    __slots__ = ()
    primitive = True


class TypeVariable(Type):
    """``'a``: parsed, but functions that use it cannot be called."""

    __slots__ = ()


class _Unresolved(Type):
    """The type of what could not be resolved (yet)."""

    __slots__ = ()
    primitive = True


UNRESOLVED: Final = _Unresolved("unresolved")
VOID: Final = PrimType("void")
BOOL: Final = PrimType("bool")
BYTE: Final = PrimType("byte")
SHORT: Final = PrimType("short")
INT: Final = PrimType("int")
INT64: Final = PrimType("int64")
HALF: Final = PrimType("half")
FLOAT: Final = PrimType("float")
DOUBLE: Final = PrimType("double")
CHAR: Final = PrimType("char")
STRING: Final = NativeClass("string")
REGEX: Final = NativeClass("regex")
EXCEPTION: Final = NativeClass("exception")
NIL: Final = NativeClass("nil")
OBJECT: Final = InterfaceType("object")
AMBIGUOUS: Final = FuncType(VOID, (), "(;)")

PRIMITIVES: Final[dict[str, Type]] = {
    t.name: t
    for t in (
        VOID, BOOL, BYTE, SHORT, INT, INT64, HALF, FLOAT, DOUBLE, CHAR, STRING, REGEX, EXCEPTION,
        OBJECT,
    )
}  # fmt: skip

_VECTORS: Final = {n: VectorType(n) for n in (2, 3, 4)}


_EMPTY: Final = TupleType(())


def vector_of(size: int) -> VectorType:
    """``vector float[size]``; KeyError when size is not 2, 3 or 4."""
    return _VECTORS[size]


def reference_to(target: Type) -> RefType:
    """``target&``."""
    made = target._made.get("ref")
    if made is None:
        made = target._made["ref"] = RefType(target)
    assert isinstance(made, RefType)
    return made


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
    """``(A,B,...)``; ``()`` can be written but nothing has it."""
    if not elems:
        return _EMPTY
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
