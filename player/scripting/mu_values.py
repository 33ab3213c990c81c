"""Values between the Mu interpreter and command functions, by Mu type.

The interpreter's values are those of :mod:`player.mu.values`; command functions use plain Python
(lists, tuples, dataclasses, callables). Converters are made once for each type. A Mu function
given to a command becomes a callable that runs under the deadline; a callable returned by a
command becomes a Mu function value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from player.commands.structs import ALIASES, CLASSES
from player.mu.types import (
    PRIMITIVES,
    ArrayType,
    ClassType,
    FuncType,
    ListType,
    OpaqueType,
    TupleType,
    Type,
    UnionType,
    VectorType,
    array_of,
    function_of,
    list_of,
    tuple_of,
    vector_of,
)
from player.mu.values import (
    MuArray,
    MuCons,
    MuFunction,
    MuLimit,
    MuObject,
    MuTuple,
    MuVariant,
)
from player.scripting.convert import float32, split_types
from player.scripting.deadline import Guard, ScriptExpired

__all__ = ["Marshal", "TypeBook"]

Converter = Callable[[Any], Any]


class TypeBook:
    """Resolves the type texts of signatures; named classes are added as they are registered."""

    def __init__(self) -> None:
        self.named: dict[str, Type] = dict(PRIMITIVES)
        self.named["Vec2"] = vector_of(2)
        self.named["Glyph"] = function_of(PRIMITIVES["void"], PRIMITIVES["bool"])
        self._resolved: dict[str, Type] = {}

    def add(self, name: str, made: Type) -> None:
        """Make a class, union or alias known."""
        self.named[name] = made

    def resolve(self, text: str) -> Type:
        """The type of a text; unknown names are opaque handles."""
        found = self._resolved.get(text)
        if found is None:
            found = self._resolved[text] = self._parse(text.strip())
        return found

    def _parse(self, text: str) -> Type:
        if text.endswith("[]"):
            return array_of(self.resolve(text[:-2]))
        if text.startswith("vector float["):
            return vector_of(int(text[len("vector float[") : -1]))
        if text.startswith("[") and text.endswith("]"):
            return list_of(self.resolve(text[1:-1]))
        if text.startswith("(") and text.endswith(")"):
            inner = text[1:-1]
            if ";" in inner:
                returns, _, args = inner.partition(";")
                parts = [p for p in split_types(args) if p]
                return function_of(self.resolve(returns), *(self.resolve(p) for p in parts))
            parts = split_types(inner)
            if len(parts) == 1:
                return self.resolve(parts[0])
            return tuple_of(*(self.resolve(p) for p in parts))
        if text.endswith("]"):
            head, _, dims = text[:-1].rpartition("[")
            return array_of(self.resolve(head), tuple(int(d) for d in dims.split(",")))
        name = ALIASES.get(text, text)
        if name not in self.named:
            self.named[name] = OpaqueType(name)
        return self.named[name]


def _same(value: Any) -> Any:
    return value


# Union tags of SettingsValue by the Python type of the value.
_SETTING_TAGS: Final = (
    (bool, "Bool"),
    (int, "Int"),
    (float, "Float"),
    (str, "String"),
    (bytes, "String"),
)


class Marshal:
    """Converters for one interpreter. ``guard`` watches functions called from commands."""

    def __init__(self, types: TypeBook, guard: Guard) -> None:
        self.types = types
        self._guard = guard
        self._in: dict[Type, Converter] = {}
        self._out: dict[Type, Converter] = {}

    # -- Mu to Python --------------------------------------------------------------------

    def from_mu(self, kind: Type) -> Converter:
        """The converter from interpreter values of a type to what command functions take."""
        found = self._in.get(kind)
        if found is None:
            found = self._in[kind] = self._make_in(kind)
        return found

    def _make_in(self, kind: Type) -> Converter:
        if isinstance(kind, ArrayType):
            element = self.from_mu(kind.elem)
            if element is _same:
                return lambda v: None if v is None else list(v.items)
            return lambda v: None if v is None else [element(item) for item in v.items]
        if isinstance(kind, ListType):
            return self._list_in(self.from_mu(kind.elem))
        if isinstance(kind, TupleType):
            parts = [self.from_mu(e) for e in kind.elems]
            return lambda v: (
                None if v is None else tuple(f(i) for f, i in zip(parts, v.items, strict=True))
            )
        if isinstance(kind, FuncType):
            return self._function_in(kind)
        if isinstance(kind, UnionType):
            return self._setting_in
        if isinstance(kind, ClassType) and kind.name in CLASSES:
            return self._struct_in(kind)
        return _same

    @staticmethod
    def _list_in(element: Converter) -> Converter:
        def convert(value: MuCons | None) -> list[Any]:
            items = []
            while value is not None:
                items.append(element(value.value))
                value = value.next
            return items

        return convert

    def _function_in(self, kind: FuncType) -> Converter:
        arguments = [self.into_mu(a) for a in kind.args]
        result = self.from_mu(kind.ret)
        guard = self._guard

        def convert(value: MuFunction | None) -> Callable[..., Any] | None:
            if value is None:
                return None
            call = value.call

            def run(*args: Any) -> Any:
                converted = [f(a) for f, a in zip(arguments, args, strict=True)]
                try:
                    return result(guard.run(call, *converted))
                except MuLimit as error:
                    # Must not fly through the command that called: it is no Exception.
                    raise ScriptExpired(str(error)) from None

            return run

        return convert

    def _setting_in(self, value: MuVariant | None) -> Any:
        if value is None:
            return None
        inner = value.value
        return list(inner.items) if isinstance(inner, MuArray) else inner

    def _struct_in(self, kind: ClassType) -> Converter:
        make = CLASSES[kind.name]
        fields = [(name, self.from_mu(t)) for name, t in kind.fields]

        def convert(value: MuObject | None) -> Any:
            if value is None:
                return None
            made = make()
            for (name, field), item in zip(fields, value.fields, strict=False):
                setattr(made, name, field(item))
            return made

        return convert

    # -- Python to Mu --------------------------------------------------------------------

    def into_mu(self, kind: Type) -> Converter:
        """The converter from a command's result to an interpreter value of a type."""
        found = self._out.get(kind)
        if found is None:
            found = self._out[kind] = self._make_out(kind)
        return found

    def _make_out(self, kind: Type) -> Converter:
        if isinstance(kind, ArrayType):
            element = self.into_mu(kind.elem)
            return lambda v: None if v is None else MuArray(kind, [element(item) for item in v])
        if isinstance(kind, ListType):
            return self._list_out(self.into_mu(kind.elem))
        if isinstance(kind, TupleType):
            parts = [self.into_mu(e) for e in kind.elems]
            return lambda v: (
                None if v is None else MuTuple(kind, [f(i) for f, i in zip(parts, v, strict=True)])
            )
        if isinstance(kind, VectorType):
            return lambda v: tuple(float32(float(x)) for x in v)
        if isinstance(kind, FuncType):
            return self._function_out(kind)
        if isinstance(kind, UnionType):
            return self._setting_out(kind)
        if isinstance(kind, ClassType) and kind.name in CLASSES:
            return self._struct_out(kind)
        name = kind.name
        if name == "void":
            return lambda v: None
        if name in ("float", "half"):
            return lambda v: float32(float(v))
        if name == "double":
            return float
        if name in ("int", "short", "byte", "int64"):
            return int
        if name == "bool":
            return bool
        return _same

    @staticmethod
    def _list_out(element: Converter) -> Converter:
        def convert(value: list[Any] | None) -> MuCons | None:
            head: MuCons | None = None
            for item in reversed(value or ()):
                head = MuCons(element(item), head)
            return head

        return convert

    def _function_out(self, kind: FuncType) -> Converter:
        arguments = [self.from_mu(a) for a in kind.args]
        result = self.into_mu(kind.ret)
        guard = self._guard

        def convert(value: Callable[..., Any] | None) -> MuFunction | None:
            if value is None:
                return None

            def call(*args: Any) -> Any:
                converted = [f(a) for f, a in zip(arguments, args, strict=True)]
                guard.host += 1
                guard.calls += 1
                try:
                    return result(value(*converted))
                finally:
                    guard.host -= 1
                    guard.resume()

            return MuFunction("__lambda", kind, call)

        return convert

    @staticmethod
    def _setting_out(kind: UnionType) -> Converter:
        tags = {tag.local_name: tag for tag in kind.tags}

        def convert(value: Any) -> MuVariant | None:
            for python, name in _SETTING_TAGS:
                if isinstance(value, python) and name in tags:
                    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
                    return MuVariant(tags[name], text)
            if isinstance(value, list):
                first = value[0] if value else ""
                name = {int: "IntArray", float: "FloatArray"}.get(type(first), "StringArray")
                tag = tags[name]
                assert isinstance(tag.payload, ArrayType)
                return MuVariant(tag, MuArray(tag.payload, list(value)))
            return None

        return convert

    def _struct_out(self, kind: ClassType) -> Converter:
        fields = [(name, self.into_mu(t)) for name, t in kind.fields]
        return lambda v: (
            None if v is None else MuObject(kind, [f(getattr(v, name)) for name, f in fields])
        )
