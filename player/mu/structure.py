"""The functions that come with every array, list, tuple and function type.

``equip`` makes them once for a type; ``install`` makes a type known to one interpreter. The
order matters: it is the order in which overloads are tried.
Source: the ``load`` functions of Open RV's ``Mu`` and ``MuLang`` types.
"""

from __future__ import annotations

from typing import NamedTuple

from player.mu import types as t
from player.mu.symbols import CHANGES, Function, MemberVariable, Module, Parameter, add

__all__ = ["Equipment", "equip", "global_function", "install", "native"]

_MANY = 16959
"""How many items an aggregate takes (RV's 999,999, cut to the bits it is kept in)."""


class Equipment(NamedTuple):
    """What a structural type brings: its constructors and casts, and global functions."""

    constructors: list[Function]
    globals: list[Function]


def native(
    name: str, ret: t.Type, types: list[t.Type], template: str = "", *, kind: str = "",
    pure: bool = False, cast: bool = False, constructor: bool = False, commutes: bool = False,
    names: tuple[str, ...] = (),
) -> Function:  # fmt: skip
    """A built-in function by its template or its kind."""
    function = Function(name, ret, types)
    function.template = template or None
    function.kind = kind
    function.pure = pure
    function.cast = cast
    function.constructor = constructor
    function.commutes = commutes
    function.parameters = [Parameter(n, k) for n, k in zip(names, types, strict=False)]
    return function


def _aggregate(kind: t.AnyClass, elem: t.Type, most: int, template: str) -> Function:
    function = native(kind.name, kind, [elem, elem], template, kind="aggregate", pure=True)
    function.constructor = True
    function.variadic = True
    function.minimum, function.maximum = 1, most
    return function


def global_function(name: str, kind: t.Type) -> Function | None:
    """The function of the global scope that a structural type has under a name."""
    if name == "eq":
        return native(name, t.BOOL, [kind, kind], "({0} is {1})", pure=True, commutes=True)
    if name == "print":
        return native(name, t.VOID, [kind], "_print({0}, {type0})")
    if name == "==" and isinstance(kind, t.ArrayType):
        return native(name, t.BOOL, [kind, kind], "_same_items({0}, {1})", pure=True)
    if isinstance(kind, t.ListType):
        if name == "cons":
            return native(name, kind, [kind.elem, kind], "_Cons({0}, {1}, {ret})", pure=True)
        if name == "tail":
            return native(name, kind, [kind], "{0}.next", pure=True)
        if name == "head":
            return native(name, kind.elem, [kind], "{0}.value", pure=True)
    return None


def _reference_cast(kind: t.Type) -> Function:
    return native(
        kind.name, kind, [t.reference_to(kind)], kind="dereference", pure=True, cast=True,
        constructor=True,
    )  # fmt: skip


def _array(kind: t.ArrayType) -> Equipment:
    elem, ref = kind.elem, t.reference_to(kind.elem)
    one_dimension = kind.dims is None or len(kind.dims) == 1
    members = [native("size", t.INT, [kind], "_size({0})", pure=True)]
    if one_dimension:
        members.append(native("[]", ref, [kind, t.INT], kind="element"))
    if kind.dims is None:
        members += [
            native("empty", t.BOOL, [kind], "(not {0}.items)", pure=True),
            native("front", ref, [kind], kind="front"),
            native("back", ref, [kind], kind="back"),
            native("resize", t.VOID, [kind, t.INT], "_resize({0}, {1})"),
            native("clear", t.VOID, [kind], "{0}.items.clear()"),
            native("rest", kind, [kind], "_rest({0})", pure=True),
            native("push_back", elem, [kind, elem], "_push({0}, {1})", kind="push"),
            native("pop_back", elem, [kind], "{0}.items.pop()"),
            native("erase", t.VOID, [kind, t.INT, t.INT], "_erase({0}, {1}, {2})"),
        ]
        aggregate = "_Array({ret}, [{args}])"
        most = _MANY
    else:
        if not one_dimension:
            indices: list[t.Type] = [t.INT] * len(kind.dims)
            names = ("this", *(f"index{i}" for i in range(len(kind.dims))))
            members.append(native("[]", ref, [kind, *indices], kind="element", names=names))
        aggregate = "_fixed({ret}, [{args}])"
        most = kind.total
    for member in members:
        add(kind, member)
    constructors = [
        native(kind.name, kind, [], "_default({ret})", constructor=True),
        _aggregate(kind, elem, most, aggregate),
        native(kind.name, kind, [kind], "_copy({0})", constructor=True),
        _reference_cast(kind),
    ]
    return Equipment(constructors, [_must(n, kind) for n in ("eq", "==", "print")])


def _must(name: str, kind: t.Type) -> Function:
    function = global_function(name, kind)
    assert function is not None
    return function


def _fields(kind: t.AnyClass) -> None:
    for i, (name, field) in enumerate(kind.fields):
        add(kind, MemberVariable(name, field, i))


def _list(kind: t.ListType) -> Equipment:
    _fields(kind)
    constructors = [
        native(kind.name, kind, [kind], "{0}", pure=True, cast=True, constructor=True),
        _aggregate(kind, kind.elem, _MANY, "_list({ret}, {args})"),
    ]
    return Equipment(constructors, [_must(n, kind) for n in ("eq", "cons", "tail", "head")])


def _tuple(kind: t.TupleType) -> Equipment:
    _fields(kind)
    allocate = native("__allocate", kind, [], "_default({ret})")
    add(kind, allocate)
    whole = native(
        kind.name, kind, list(kind.elems), "_Tuple({ret}, [{args}])", pure=True, constructor=True,
        names=tuple(f"_{i}" for i in range(len(kind.elems))),
    )  # fmt: skip
    whole.kind = "aggregate"
    empty = native(kind.name, kind, [], "_default({ret})", constructor=True)
    return Equipment([_reference_cast(kind), empty, whole], [])


def _function(kind: t.FuncType) -> Equipment:
    call = native("()", kind.ret, [kind, *kind.args], kind="activate")
    call.maybe_pure = True
    if kind is t.AMBIGUOUS:
        call.types, call.minimum, call.maximum = [], 0, 0
    add(kind, call)
    constructors = [_reference_cast(kind)]
    if kind is not t.AMBIGUOUS:
        constructors.append(
            native(
                kind.name,
                kind,
                [t.AMBIGUOUS],
                "_disambiguate({0}, {ret})",
                pure=True,
                cast=True,
                constructor=True,
            )
        )
        constructors.append(
            native(kind.name, t.AMBIGUOUS, [kind], "{0}", pure=True, cast=True)
        )  # fmt: skip
    return Equipment(constructors, [_must("print", kind)])


_EQUIPPED: dict[t.Type, Equipment] = {}


def equip(kind: t.Type) -> Equipment:
    """The functions of a structural type, made when first asked for."""
    made = _EQUIPPED.get(kind)
    if made is None:
        if isinstance(kind, t.ArrayType):
            made = _array(kind)
        elif isinstance(kind, t.ListType):
            made = _list(kind)
        elif isinstance(kind, t.TupleType):
            made = _tuple(kind)
        elif isinstance(kind, t.FuncType):
            made = _function(kind)
        else:
            made = Equipment([], [])
        _EQUIPPED[kind] = made
    return made


def install(kind: t.Type, root: Module, *, with_globals: bool = True) -> None:
    """Make a structural type and its components known in a global scope."""
    if not isinstance(kind, (t.ArrayType, t.ListType, t.TupleType, t.FuncType)):
        return
    if kind.name in root.table:
        if kind in root.table[kind.name]:
            return
        # another class of the same name is in there: a redeclaration somewhere
        root.table[kind.name] = []
    CHANGES.count += 1
    for part in _components(kind):
        install(part, root, with_globals=with_globals)
    overloads: list[t.Type | Function] = [kind]
    made = equip(kind)
    for constructor in made.constructors:
        overloads.insert(1, constructor)
    root.table[kind.name] = overloads
    if with_globals:
        for function in made.globals:
            found = root.table.setdefault(function.name, [])
            found.insert(min(1, len(found)), function)


def _components(kind: t.Type) -> tuple[t.Type, ...]:
    if isinstance(kind, (t.ArrayType, t.ListType)):
        return (kind.elem,)
    if isinstance(kind, t.TupleType):
        return kind.elems
    if isinstance(kind, t.FuncType):
        return (kind.ret, *kind.args)
    return ()
