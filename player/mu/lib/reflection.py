"""Module ``runtime``: names and symbols, as programs see them.

A symbol's value is the symbol itself (:mod:`player.mu.symbols`, :mod:`player.mu.types`), a name's
a :class:`~player.mu.values.MuName`; nil is None. Scopes are listed in the order of RV's hash
tables, which is the order of the names' hashes, not of the declarations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from player.mu import types as t
from player.mu.display import render
from player.mu.lib.faults import nil_argument
from player.mu.symbols import (
    REQUIRED,
    Constant,
    Function,
    LateModule,
    MemberVariable,
    Modifier,
    Module,
    Parameter,
    Variable,
    qualified,
)
from player.mu.values import (
    Context,
    MuCons,
    MuFunction,
    MuName,
    MuTuple,
    needs_context,
    needs_type,
    throw,
)

__all__ = ["REFLECTION", "contents", "modules", "symbols_named"]

_PRIMES: Final = (7, 13, 23, 53, 97, 193, 389, 769, 1543, 3079, 6151, 12289, 24593, 49157, 98317)
_PAIRS: Final = t.list_of(t.tuple_of(t.STRING, t.STRING))


def _listed(kind: t.Type, values: Iterable[Any]) -> MuCons | None:
    out: MuCons | None = None
    for value in reversed(list(values)):
        out = MuCons(value, out, kind)
    return out


# -- scopes ----------------------------------------------------------------------------------


def _hash(name: str) -> int:
    """The hash of ELF's symbol tables."""
    value = 0
    for byte in name.encode("utf-8", "surrogateescape"):
        value = (value << 4) + byte
        high = value & 0xF0000000
        value = (value ^ high >> 24) & ~high
    return value


def _in_hash_order(names: Iterable[str]) -> list[str]:
    """Names as a hash table lists them that grew while they came: the newest of a bucket first,
    and turned round whenever it grew."""
    buckets: list[list[str]] = [[] for _ in range(_PRIMES[0])]
    for count, name in enumerate(names):
        if count >= len(buckets):
            size = next((p for p in _PRIMES if p > len(buckets)), len(buckets))
            old, buckets = buckets, [[] for _ in range(size)]
            for listed in old:
                for other in listed:
                    buckets[_hash(other) % size].insert(0, other)
        buckets[_hash(name) % len(buckets)].insert(0, name)
    return [name for listed in buckets for name in listed]


def _named(scope: Any) -> dict[str, Any]:
    """What a scope holds, the reference types included that every type has beside it."""
    if isinstance(scope, LateModule):
        scope.complete()
    found: dict[str, Any] = {}
    for name, overloads in scope.table.items():
        found[name] = overloads[0]
        kind = next((s for s in overloads if isinstance(s, t.Type)), None)
        if kind is not None and not isinstance(kind, t.RefType):
            found.setdefault(f"{name}&", t.reference_to(kind))
    return found


def _contents(scope: Any) -> list[Any]:
    named = _named(scope)
    return [named[name] for name in _in_hash_order(named)]


def contents(scope: Any) -> list[list[Any]]:
    """What a scope holds: all symbols of each name, the names in RV's order."""
    if isinstance(scope, LateModule):
        scope.complete()
    table = scope.table
    return [list(table[name]) for name in _in_hash_order(table)]


def symbols_named(root: Any, name: str) -> list[Any]:
    """All symbols of a qualified name."""
    scope, _, local = name.rpartition(".")
    owner = _find(root, scope) if scope else root
    return list(_overloads(owner, local)) if hasattr(owner, "table") else []


def modules(root: Any) -> Iterator[Module]:
    """All modules, inner ones first. Those that nobody looked into yet have none inside."""
    for name in _in_hash_order(root.table):
        symbol = root.table[name][0]
        if isinstance(symbol, Module):
            yield from modules(symbol)
            yield symbol


# -- names -----------------------------------------------------------------------------------


def _split(name: str) -> tuple[str, str]:
    """What stands before the first dot outside brackets, and behind it."""
    depth = 0
    for at, character in enumerate(name):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(character, 0)
        if character == "." and not depth:
            return name[:at], name[at + 1 :]
    return name, ""


def _find(scope: Any, name: str) -> Any:
    """The first symbol of a qualified name, or None."""
    first, rest = _split(name)
    found = _overloads(scope, first)
    if not rest:
        return found[0] if found else None
    for symbol in found:
        if hasattr(symbol, "table"):
            inner = _find(symbol, rest)
            if inner is not None:
                return inner
    return None


def _overloads(scope: Any, name: str) -> list[Any]:
    found = scope.find(name) if isinstance(scope, LateModule) else scope.table.get(name)
    if found is None and name.endswith("&"):
        kinds = [s for s in scope.table.get(name[:-1], ()) if isinstance(s, t.Type)]
        return [t.reference_to(kinds[0])] if kinds else []
    return found or []


def _is_known(scope: Any, name: str, seen: set[int]) -> bool:
    if name in scope.table:
        return True
    seen.add(id(scope))
    return any(
        _is_known(symbol, name, seen)
        for overloads in scope.table.values()
        for symbol in overloads
        if hasattr(symbol, "table") and id(symbol) not in seen
    )


def _names(context: Context) -> set[str]:
    found: set[str] = context.scratch.setdefault("names", set())
    return found


@needs_context
def _intern(context: Context, name: str | None) -> MuName:
    if name is None:
        nil_argument()
    _names(context).add(name)
    return MuName(name)


@needs_context
def _lookup(context: Context, name: str | None) -> MuName | None:
    if name is None:
        nil_argument()
    known = name in _names(context) or _is_known(context.root, name, set())
    return MuName(name) if known else None


@needs_context
def _symbol_of(context: Context, name: MuName | None) -> Any:
    if name is None:
        return None
    return _find(context.root, name) if name else context.root


@needs_context
def _function_of(context: Context, name: MuName | None) -> MuFunction | None:
    found = None if name is None else _find(context.root, name)
    if found is None:
        return None
    overloads = found.owner.table if found.owner is not None else context.root.table
    functions = [s for s in overloads.get(found.name, ()) if isinstance(s, Function)]
    return context.function_value(functions[0], functions[0].type) if functions else None


# -- symbols ---------------------------------------------------------------------------------


def _not_nil(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def call(symbol: Any) -> Any:
        if symbol is None:
            nil_argument()
        return function(symbol)

    return call


def _is(*kinds: type) -> Callable[[Any], bool]:
    return _not_nil(lambda symbol: isinstance(symbol, kinds))


def _cast(*kinds: type) -> Callable[[Any], Any]:
    def call(symbol: Any) -> Any:
        if not isinstance(symbol, kinds):
            throw("bad cast")
        return symbol

    return _not_nil(call)


def _is_union(symbol: Any) -> bool:
    return isinstance(symbol, t.UnionType)


def _name(symbol: Any) -> str:
    return symbol.local if isinstance(symbol, t.Type) else str(symbol.name)


def _is_method(symbol: Any) -> bool:
    return isinstance(symbol, Function) and symbol.is_method and not symbol.native


@needs_context
def _scope(context: Context, symbol: Any) -> Any:
    if symbol is None:
        nil_argument()
    owner = symbol.owner
    if isinstance(owner, Module) and owner.owner is None:
        return context.root
    return owner if owner is not None or symbol is context.root else context.root


@needs_context
@needs_type
def _symbols(kind: t.Type, context: Context, symbol: Any) -> MuCons | None:
    if symbol is None:
        nil_argument()
    return _listed(kind, _contents(symbol) if hasattr(symbol, "table") else ())


@needs_context
@needs_type
def _overloaded(kind: t.Type, context: Context, symbol: Any) -> MuCons | None:
    if symbol is None:
        nil_argument()
    owner = symbol.owner if symbol.owner is not None else context.root
    return _listed(kind, owner.table.get(_name(symbol), [symbol]))


@needs_type
def _signature(kind: t.TupleType, function: Function | None) -> MuTuple:
    if function is None:
        nil_argument()
    parameters: list[Any] = list(function.parameters)
    parameters += [None] * (len(function.types) - len(parameters))
    return MuTuple(
        kind,
        [
            function.ret or t.VOID,
            _listed(kind.elems[1], function.types),
            _listed(kind.elems[2], parameters),
        ],
    )


def _default(parameter: Parameter) -> str | None:
    if parameter.default is REQUIRED:
        return None
    return render(parameter.type, parameter.default)


@needs_type
def _structure(kind: t.TupleType, symbol: Any) -> MuTuple:
    """Constructors and fields of a class; the tags' constructors of a union."""
    if symbol is None:
        nil_argument()
    makers: list[Any] = []
    fields: list[Any] = []
    if isinstance(symbol, t.AnyClass):
        owner = symbol.owner
        for scope in (symbol, owner):
            found = scope.table.get(symbol.local, ()) if scope is not None else ()
            makers += [s for s in found if isinstance(s, Function)]
        for name, field in symbol.fields:
            own = [s for s in symbol.find(name) or () if isinstance(s, MemberVariable)]
            fields.append(own[0] if own else MemberVariable(name, field, -1))
    elif isinstance(symbol, t.UnionType):
        for tag in _contents(symbol):
            if isinstance(tag, t.VariantTag):
                makers += [f for f in tag.table.get(tag.local, ()) if isinstance(f, Function)][:1]
    return MuTuple(kind, [_listed(kind.elems[0], makers), _listed(kind.elems[1], fields)])


@needs_context
def _locations(context: Context) -> MuCons | None:
    pair = t.tuple_of(t.STRING, t.STRING)
    listed = [(qualified(m), context.location(m)) for m in modules(context.root)]
    return _listed(_PAIRS, [MuTuple(pair, list(entry)) for entry in listed])


def _same(symbol: Any) -> Any:
    return symbol


_QUESTIONS: Final[dict[str, Callable[[Any], bool]]] = {
    "function": _is(Function),
    "method": _not_nil(_is_method),
    "module": _is(Module),
    "parameter": _is(Parameter),
    "symbolic_constant": _is(Constant),
    "type": _is(t.Type),
    "type_modifier": _is(Modifier),
    "variable": _is(Variable),
    "nil": lambda symbol: symbol is None,
}
_KINDS: Final[dict[str, Callable[[Any], bool]]] = {
    "class": _is(t.AnyClass),
    "interface": _is(t.InterfaceType),
    "opaque": _is(t.OpaqueType),
    "reference_type": _is(t.RefType),
    "union": _not_nil(_is_union),
    "union_tag": _is(t.VariantTag),
}
_CASTS: Final = {"function": (Function,), "parameter": (Parameter,), "variable": (Variable,)}

REFLECTION: Final[dict[str, Any]] = {
    "string (string; runtime.name)": lambda name: name or "",
    "== (bool; runtime.symbol, runtime.symbol)": lambda a, b: a is b,
    "!= (bool; runtime.symbol, runtime.symbol)": lambda a, b: a is not b,
    "runtime.intern_name (runtime.name; string name)": _intern,
    "runtime.lookup_name (runtime.name; string name)": _lookup,
    "runtime.lookup_function ((;); runtime.name name)": _function_of,
    "runtime.module_locations ([(string,string)];)": _locations,
    "runtime.symbol_from_name (runtime.symbol; runtime.name name)": _symbol_of,
    "runtime.symbol_name (string; runtime.symbol sym)": _not_nil(_name),
    "runtime.symbol_fully_qualified_name (string; runtime.symbol sym)": _not_nil(qualified),
    "runtime.symbol_documentation (string; runtime.symbol sym)": _not_nil(lambda symbol: ""),
    "runtime.symbol_scope (runtime.symbol; runtime.symbol sym)": _scope,
    "runtime.symbol_symbols_in_scope ([runtime.symbol]; runtime.symbol sym)": _symbols,
    "runtime.symbol_overloaded_symbols ([runtime.symbol]; runtime.symbol sym)": _overloaded,
    "runtime.function_type (runtime.type_symbol; runtime.function_symbol func)": _not_nil(
        lambda function: function.type
    ),
    "runtime.function_signature ((runtime.type_symbol,[runtime.type_symbol],"
    "[runtime.parameter_symbol]); runtime.function_symbol func)": _signature,
    "runtime.variable_type (runtime.type_symbol; runtime.variable_symbol sym)": _not_nil(
        lambda variable: variable.type
    ),
    "runtime.parameter_default_value_as_string (string; runtime.parameter_symbol sym)": _not_nil(
        _default
    ),
    "runtime.type_from_symbol (runtime.type_symbol; runtime.symbol sym)": _cast(t.Type),
    "runtime.symbolic_constant_from_symbol (runtime.symbolic_constant; runtime.symbol sym)": _cast(
        Constant
    ),
    "runtime.symbolic_constant_value_as_string (string; runtime.symbolic_constant sym)": _not_nil(
        lambda constant: render(constant.type, constant.value)
    ),
    "runtime.type_structure_info (([runtime.function_symbol],[runtime.variable_symbol]);"
    " runtime.type_symbol sym)": _structure,
    **{f"runtime.symbol_is_{n} (bool; runtime.symbol sym)": f for n, f in _QUESTIONS.items()},
    **{f"runtime.type_is_{n} (bool; runtime.type_symbol sym)": f for n, f in _KINDS.items()},
    **{
        f"runtime.{n}_from_symbol (runtime.{n}_symbol; runtime.symbol sym)": _cast(*kinds)
        for n, kinds in _CASTS.items()
    },
    "runtime.symbol (runtime.symbol; runtime.type_symbol typ)": _same,
    **{
        f"runtime.symbol (runtime.symbol; runtime.{n}_symbol func)": _same
        for n in ("function", "parameter", "variable")
    },
    "runtime.variable_symbol (runtime.variable_symbol; runtime.parameter_symbol func)": _same,
}
