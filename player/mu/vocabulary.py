"""The global scope as it is before any program: types, operators, functions, modules.

``vocabulary.tsv`` lists the symbols of the real interpreter, one a row, in the order of their
overloads: scope, name, kind (``func``, ``mfunc`` a method, ``const``, ``alias``, ``type``,
``class``, ``mvar`` a field), return type (or the type of a
constant, the base of a class), parameters separated by ``|``, flags
(``pure maybe cast lossy comm ctor variadic``). A function's implementation is, in this order: a
function of a structural type (``structure``), one of ``lib.IMPLEMENTATIONS`` by its signature, a
template of ``natives``. A function without one can be named and resolved, and throws when it is
called.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final

from player.mu import types as t
from player.mu.lib import IMPLEMENTATIONS
from player.mu.natives import WRAPS, template
from player.mu.structure import global_function, install
from player.mu.symbols import (
    Alias,
    Constant,
    Function,
    MemberVariable,
    Modifier,
    Module,
    Parameter,
    Root,
    add,
)
from player.mu.typetext import Argument, parse_arguments, parse_type
from player.mu.values import complain

__all__ = ["BASE", "fresh_root"]

_STRUCTURAL: Final = frozenset({"==", "eq", "print", "cons", "head", "tail"})
_DEPTHS: Final = {"io.stream": 1, "io.istream": 2, "io.ostream": 2}
_STEPS: Final = frozenset({"pre++", "pre--", "post++", "post--"})
_ASSIGNS: Final = frozenset({"+=", "-=", "*=", "/=", "%="})
_DEFAULTS: Final = {"nil": None, "true": True, "false": False}
_EXACT: Final = {
    "pi": math.pi, "e": math.e, "infinity": math.inf, "quiet_NaN": math.nan,
    "signaling_NaN": math.nan,
}  # fmt: skip
_LIMITS: Final = {
    "float": {
        "max": 3.4028234663852886e38, "min": 1.1754943508222875e-38,
        "epsilon": 1.1920928955078125e-07, "denorm_min": 1.401298464324817e-45,
    },
    "double": {
        "max": 1.7976931348623157e308, "min": 2.2250738585072014e-308,
        "epsilon": 2.220446049250313e-16, "denorm_min": 5e-324,
    },
    "half": {
        "max": 65504.0, "min": 6.103515625e-05, "epsilon": 0.0009765625,
        "denorm_min": 5.960464477539063e-08,
    },
}  # fmt: skip


def _unavailable(name: str) -> Callable[..., Any]:
    def call(*_: Any) -> Any:
        complain(f"{name} is not available in this player")

    return call


class _Loader:
    def __init__(self) -> None:
        self.root = Module("")
        self.opaque: dict[str, t.Type] = {}
        self.kinds: dict[str, t.Type] = {}
        for kind in (*t.PRIMITIVES.values(), t.NIL, *(t.vector_of(n) for n in (2, 3, 4))):
            self.kinds[kind.name] = kind
            self.root.table[kind.name] = [kind]
        self.root.table["vector"] = [Modifier("vector")]

    def lookup(self, name: str) -> t.Type | None:
        return self.kinds.get(name)

    def scope(self, path: str) -> Any:
        """The module or type of a dotted path, made when it is new."""
        if not path:
            return self.root
        kind = self.kinds.get(path)
        if kind is not None:
            return kind
        found: Any = self.root
        for part in path.split("."):
            inner = found.find(part)
            if inner is None:
                inner = [Module(part)]
                add(found, inner[0])
            found = inner[0]
        return found

    def type(self, scope: str, name: str, what: str, base: str) -> None:
        full = f"{scope}.{name}"
        kind: t.Type
        if what == "class":
            bases = [self.kinds[base]] if base else []
            made = t.ClassType(full, *(b for b in bases if isinstance(b, t.ClassType)))
            made.frozen = True
            kind = made
        else:
            kind = t.OpaqueType(full)
        self.kinds[full] = kind
        add(self.scope(scope), kind)

    def row(self, cells: list[str]) -> None:
        scope_name, name, what, type_text, parameters, flags = cells
        if what in ("type", "class"):
            return
        scope = self.scope(scope_name)
        if what == "alias":
            add(scope, Alias(name, self.kinds[type_text]))
            return
        kind = parse_type(type_text, self.lookup)
        if what == "const":
            add(scope, Constant(name, kind, _constant(name, type_text, parameters)))
        elif what == "mvar":
            index = "xyzw".find(name)
            if isinstance(scope, t.ClassType):
                index = len(scope.fields)
                scope.fields.append((name, kind))
            add(scope, MemberVariable(name, kind, index))
        else:
            arguments = parse_arguments(parameters, self.lookup, "|")
            function = _function(scope_name, name, kind, arguments, flags)
            function.is_method = what == "mfunc"
            add(scope, function)
            # rows are in the order they are tried: undo what ``add`` does to it
            found = scope.table[name]
            if len(found) > 1 and found[1] is function:
                found.append(found.pop(1))


def _constant(name: str, kind: str, text: str) -> Any:
    exact = _LIMITS.get(kind, {}).get(name, _EXACT.get(name))
    if exact is not None and kind in ("float", "double", "half"):
        return exact
    try:
        return float(text.rstrip("h")) if kind in ("float", "double", "half") else int(text)
    except ValueError:
        return 0.0


def _signature(scope: str, name: str, ret: t.Type, arguments: list[Argument]) -> str:
    head = f"{scope}.{name}" if scope else name
    parts = []
    for a in arguments:
        part = f"{a.type.name} {a.name}" if a.name else a.type.name
        parts.append(part if a.default is None else f"{part} = {a.default}")
    return f"{head} ({ret.name};{' ' if parts else ''}{', '.join(parts)})"


def _function(
    scope: str, name: str, ret: t.Type, arguments: list[Argument], flags: str
) -> Function:
    kinds = [a.type for a in arguments]
    made = None
    if name in _STRUCTURAL and kinds and not scope and isinstance(kinds[-1], t.AnyClass):
        made = global_function(name, kinds[-1] if name == "cons" else kinds[0])
    if made is not None:
        return made
    function = Function(name, ret, kinds)
    if arguments and arguments[0].name:
        for a in arguments:
            parameter = Parameter(a.name, a.type)
            if a.default is not None:
                parameter.default = _DEFAULTS.get(a.default, a.default)
                if isinstance(parameter.default, str):
                    parameter.default = int(a.default)
                function.minimum -= 1
            function.parameters.append(parameter)
    words = flags.split()
    function.pure = "pure" in words
    function.maybe_pure = "maybe" in words
    function.cast = "cast" in words
    function.lossy = "lossy" in words
    function.commutes = "comm" in words
    function.constructor = "ctor" in words
    names = [k.name for k in kinds]
    call = IMPLEMENTATIONS.get(_signature(scope, name, ret, arguments))
    if call is not None:
        function.call = partial(call, ret) if getattr(call, "needs_type", False) else call
        function.context = getattr(call, "needs_context", False)
        function.typed = any(isinstance(k, t.PatternType) for k in kinds)
    elif name == "__allocate":
        function.template = "_allocate({ret})"
    elif arguments and arguments[0].name == "this" and ret is kinds[0]:
        function.call = _construct
    elif kinds and isinstance(kinds[0], t.RefType):
        target = kinds[0].target
        if name in _STEPS:
            function.kind = name
            one = "1.0" if target.name in ("float", "double", "half") else "1"
            code = f"{{0}} {'+' if name.endswith('++') else '-'} {one}"
            function.template = WRAPS[target.name].replace("{0}", code)
        elif name in _ASSIGNS:
            function.kind = "assign"
            # "%=" of bytes divides: RV has the wrong function under that name
            operator = "/" if name == "%=" and target is t.BYTE else name[:-1]
            function.template = template("", operator, [k.name.rstrip("&") for k in kinds],
                                         target.name)  # fmt: skip
        elif name == "[]":
            function.kind = "component"
        else:
            function.kind = "dereference"
    else:
        function.template = template(scope, name, names, ret.name)
        if name in ("&&", "||"):
            function.kind = name
    if function.template is None and function.call is None and not function.kind:
        function.call = _unavailable(f"{scope}.{name}" if scope else name)
    return function


def _construct(this: Any, *values: Any) -> Any:
    """The constructor of a class of the library: all fields in order."""
    this.fields[:] = values
    return this


def _load() -> Module:
    loader = _Loader()
    text = Path(__file__).with_name("vocabulary.tsv").read_text(encoding="utf-8")
    rows = []
    for line in text.splitlines()[1:]:
        cells = line.split("\t")
        rows.append(cells + [""] * (6 - len(cells)))
    kinds = [cells for cells in rows if cells[2] in ("type", "class")]
    for cells in sorted(kinds, key=lambda c: _DEPTHS.get(c[3], 0)):
        loader.type(*cells[:4])
    for cells in rows:
        loader.row(cells)
    for name in ("string[]", "int[]", "byte[]", "char[]", "regex[]", "float[2]", "float[3]",
                 "float[4]", "(;)", "(void;)", "[int]", "[string]"):  # fmt: skip
        install(parse_type(name, loader.lookup), loader.root, with_globals=False)
    for cells in rows:
        for kind in _mentioned(cells, loader.lookup):
            install(kind, loader.root, with_globals=False)
    return loader.root


def _mentioned(cells: list[str], lookup: Callable[[str], t.Type | None]) -> list[t.Type]:
    if cells[2] not in ("func", "mfunc") or not any(c in cells[3] + cells[4] for c in "(["):
        return []
    kinds = [parse_type(cells[3], lookup)]
    kinds += [a.type for a in parse_arguments(cells[4], lookup, "|")]
    return [k.target if isinstance(k, t.RefType) else k for k in kinds]


@lru_cache(maxsize=1)
def BASE() -> Module:
    """The built-in global scope. Shared by all interpreters: read-only."""
    return _load()


def fresh_root() -> Root:
    """A global scope of one interpreter's own; modules can be extended, types not."""
    root = Root("")
    _copy_into(BASE(), root)
    root.table["__root"] = [Alias("__root", root)]
    return root


def _copy_into(module: Module, copy: Module) -> None:
    for name, found in module.table.items():
        if isinstance(found[0], Module):
            inner = Module(name)
            inner.owner = copy
            _copy_into(found[0], inner)
            copy.table[name] = [inner, *found[1:]]
        else:
            copy.table[name] = list(found)
