"""Registration of a host's vocabulary: modules, functions, structs, opaque types, constants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from player.mu import types as t
from player.mu.structure import install, native
from player.mu.symbols import (
    REQUIRED,
    Alias,
    Constant,
    Function,
    LateModule,
    MemberVariable,
    Module,
    Parameter,
    add,
)
from player.mu.typetext import Argument, parse_arguments, parse_type
from player.mu.values import MuObject
from player.mu.vocabulary import fresh_root

__all__ = ["Registration"]

_DEFAULTS = {"nil": None, "true": True, "false": False}


class Registration:
    """The global scope and what a host adds to it."""

    def __init__(self) -> None:
        self.root = fresh_root()
        self.namespace: dict[str, Any] = {}

    # -- looking up ------------------------------------------------------------------------

    def find_module(self, name: str) -> Module | None:
        """A module by its (dotted) name."""
        scope: Module = self.root
        for part in name.split("."):
            found = next((s for s in scope.find(part) or () if isinstance(s, Module)), None)
            if found is None:
                return None
            scope = found
        return scope

    def named_type(self, name: str) -> t.Type | None:
        """A declared type by its (dotted) name."""
        found: Any = self.root
        for part in name.split("."):
            symbols = found.find(part) or ()
            found = next((s for s in symbols if isinstance(s, (t.Type, Module, Alias))), None)
            if isinstance(found, Alias):
                found = found.target
            if found is None:
                return None
        return found if isinstance(found, t.Type) else None

    def _type(self, text: str) -> t.Type:
        """The type of a signature's text; unknown names become opaque types of that name."""
        kind = parse_type(text, self._known_or_new)
        install(kind, self.root)
        return kind

    def _known_or_new(self, name: str) -> t.Type:
        found = self.named_type(name)
        if found is None:
            found = t.OpaqueType(name)
            path = name.rpartition(".")[0]
            add(self.register_module(path) if path else self.root, found)
        return found

    def _arguments(self, text: str) -> list[Argument]:
        arguments = parse_arguments(text, self._known_or_new)
        for argument in arguments:
            install(argument.type, self.root)
        return arguments

    # -- registering -----------------------------------------------------------------------

    @staticmethod
    def _module(scope: Module, name: str) -> Module:
        found = next((s for s in scope.find(name) or () if isinstance(s, Module)), None)
        if found is None:
            found = Module(name)
            add(scope, found)
        return found

    def register_module(self, name: str) -> Module:
        """Make a module known; dotted names nest."""
        scope: Module = self.root
        for part in name.split("."):
            scope = self._module(scope, part)
        return scope

    def register_late_module(self, name: str, *reads: Callable[[], None]) -> Module:
        """Make a module known whose contents are declared when somebody looks for them.

        Each of ``reads`` declares a part of it; a part may use those before it. Functions and
        constants can be registered in the module before.
        """
        path, _, local = name.rpartition(".")
        module = LateModule(local, reads)
        add(self.register_module(path) if path else self.root, module)
        return module

    def register_struct(self, name: str, fields: Sequence[tuple[str, str]]) -> t.ClassType:
        """A class with fields only; values are ``MuObject``."""
        kind = t.ClassType(name)
        path = name.rpartition(".")[0]
        scope = self.register_module(path) if path else self.root
        add(scope, kind)
        kind.fields = [(field, self._type(text)) for field, text in fields]
        kind.frozen = True
        for i, (field, field_type) in enumerate(kind.fields):
            add(kind, MemberVariable(field, field_type, i))
        cast = native(kind.local, kind, [t.reference_to(kind)], kind="dereference", cast=True,
                      pure=True, constructor=True)  # fmt: skip
        add(scope, cast)
        make = native(kind.local, kind, [], "_allocate({ret})", constructor=True)
        add(scope, make)
        return kind

    def register_field(self, kind: t.ClassType, name: str, text: str) -> None:
        """One more field of a registered class, whose type may mention the class."""
        field = self._type(text)
        add(kind, MemberVariable(name, field, len(kind.fields)))
        kind.fields.append((name, field))

    def register_constructor(self, kind: t.ClassType, arguments: str, names: str) -> None:
        """A constructor of a registered class: ``arguments`` as in a signature, ``names`` the
        fields they set; other fields are nil or zero."""
        if kind.table.get("__allocate") is None:
            add(kind, native("__allocate", kind, [], "_allocate({ret})"))
        fields = [field for field, _ in kind.fields]
        places = [fields.index(name) for name in names.split()]
        function = Function(kind.local, kind, [])
        this = Parameter("this", kind)
        self._parameters(function, [this, *self._named(arguments)])

        def construct(made: MuObject, *values: Any) -> MuObject:
            for place, value in zip(places, values, strict=True):
                made.fields[place] = value
            return made

        function.call = construct
        add(kind, function)
        self._in_order(kind, kind.local)

    def _named(self, arguments: str, scope: Module | None = None) -> list[Parameter]:
        out = []
        for argument in self._arguments(arguments):
            parameter = Parameter(argument.name or "_", argument.type)
            if argument.default is not None:
                parameter.default = self._default(argument.default, scope or self.root)
            out.append(parameter)
        return out

    @staticmethod
    def _parameters(function: Function, parameters: list[Parameter]) -> None:
        function.parameters = parameters
        function.types = [parameter.type for parameter in parameters]
        function.minimum = sum(parameter.default is REQUIRED for parameter in parameters)
        function.maximum = len(parameters)

    def register_opaque_class(
        self,
        name: str,
        methods: Sequence[tuple[str, str, Sequence[str], Callable[..., Any]]],
        constants: Any = (),
    ) -> t.Type:
        """A class whose values are the host's own; methods get the value first.

        ``methods``: (name, result type, argument types, callable taking runtime values);
        ``constants``: a mapping of int constants of the type.
        """
        kind = self.named_type(name)
        if kind is None:
            kind = t.HostClass(name)
            path = name.rpartition(".")[0]
            add(self.register_module(path) if path else self.root, kind)
        for method, result, args, func in methods:
            listed = args if not isinstance(args, str) else [a for a in args.split(",") if a]
            kinds = [kind, *(self._type(a) for a in listed)]
            function = Function(method, self._type(result), kinds)
            function.call = func
            add(kind, function)
        pairs = constants.items() if hasattr(constants, "items") else constants
        for constant, value in pairs:
            add(kind, Constant(constant, t.INT, int(value)))
        return kind

    def register_function(
        self, module: str, name: str, signature: str, func: Callable[..., Any], doc: str = ""
    ) -> None:
        """A host function, e.g. ``("commands", "setFrame", "void (int frame)", f)``.

        ``func`` takes and returns runtime values (see ``values.py``). ValueError when the
        signature is none.
        """
        scope = self.register_module(module) if module else self.root
        result, arguments = _split(signature)
        function = Function(name, self._type(result), [])
        self._parameters(function, self._named(arguments, scope))
        function.call = func
        add(scope, function)
        self._in_order(scope, name)

    def register_static(
        self, kind: t.Type, name: str, signature: str, func: Callable[..., Any]
    ) -> None:
        """A host function in a class's scope that takes no value of it: ``Class.name(...)``."""
        result, arguments = _split(signature)
        function = Function(name, self._type(result), [])
        self._parameters(function, self._named(arguments))
        function.call = func
        add(kind, function)

    @staticmethod
    def _in_order(scope: Any, name: str) -> None:
        """Overloads of a host are tried in the order they were registered."""
        found = scope.table[name]
        if len(found) > 2:
            found.append(found.pop(1))

    def _default(self, text: str, scope: Module) -> Any:
        """The value of a default: a literal, or a registered constant's name."""
        if text in _DEFAULTS:
            return _DEFAULTS[text]
        if text.isidentifier():
            for symbol in scope.find(text) or ():
                if isinstance(symbol, Constant):
                    return symbol.value
        if text.startswith('"'):
            return text[1:-1]
        try:
            return float(text) if "." in text else int(text)
        except ValueError:
            raise ValueError(f"bad default value {text!r} in a signature") from None

    def register_constant(self, module: str, name: str, kind: str, value: Any) -> None:
        """A symbolic constant of a module."""
        scope = self.register_module(module)
        scope.table.pop(name, None)
        add(scope, Constant(name, self._type(kind), value))

    def register_alias(self, alias: str, name: str, module: str = "") -> None:
        """Another name of a registered type, in the global scope or a module."""
        found = self.named_type(name)
        if found is not None:
            add(self.register_module(module) if module else self.root, Alias(alias, found))


def _split(signature: str) -> tuple[str, str]:
    """Result type and arguments of ``void (int frame)``; the result may be a tuple."""
    depth = 0
    text = signature.strip()
    if not text.endswith(")"):
        raise ValueError(f"bad signature {signature!r}: no arguments")
    for i in range(len(text) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(text[i], 0)
        if not depth and i:
            return text[:i].strip(), text[i + 1 : -1]
    raise ValueError(f"bad signature {signature!r}")
