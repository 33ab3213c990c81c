"""What a text declares: variables, functions, classes, unions.

Source of the rules: Open RV's ``Mu/NodeAssembler.cpp`` (``declare...``, ``generateDefaults``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from player.mu import types as t
from player.mu.applications import Applications
from player.mu.matching import overloads_of, resolve
from player.mu.nodes import ASSIGN, BLOCK, CallNode, ConstNode, MemberNode, Node, VariableNode
from player.mu.scoping import Recover
from player.mu.structure import native
from player.mu.symbols import (
    REQUIRED,
    Constant,
    Function,
    GlobalVariable,
    MemberVariable,
    Module,
    Parameter,
    StackVariable,
    Variable,
    add,
    qualified,
)
from player.mu.values import MuException, MuThrow

__all__ = ["Declarations", "zero"]


class Declarations(Applications):
    """Declarations; ``frames`` are the frames around the one being built."""

    frames: list[list[StackVariable]]
    declared_type: t.Type | None = None
    declared_global = False

    # -- variables -------------------------------------------------------------------------

    def declare(self, name: str, node: Node | None) -> Node | None:
        """Declare a variable of the declaration's type (None: of the value's type)."""
        kind = self.declared_type
        if self.declared_global:
            made = self._variable(kind, name, node, is_global=True)
            if made is None:
                self.report(f"Illegal assignment to {name}.")
            return made
        scope = self.scope
        if kind is None:
            if isinstance(scope, (t.ClassType, t.InterfaceType)):
                self.report("let may not be used in this context.")
                return None
        elif isinstance(scope, t.ClassType):
            if node is not None:
                self.report(f'initializer not allowed for member "{name}"')
            else:
                add(scope, MemberVariable(name, kind, len(scope.fields)))
                scope.fields.append((name, kind))
            return None
        elif isinstance(scope, t.InterfaceType):
            self.report("An interface may not have member variables")
            return None
        made = self._variable(kind, name, node, is_global=False)
        if made is None:
            self.report(f"Illegal assignment to {name}.")
        return made

    def _variable(
        self, declared: t.Type | None, name: str, node: Node | None, *, is_global: bool
    ) -> Node | None:
        kind = declared
        if kind is None:
            if node is None or node.type is None:
                return None
            kind = node.type
        if kind is t.NIL:
            self.report(f'cannot declare variable "{name}" as type nil')
            return None
        if node is None:
            node = self._default(kind)
        variable: Variable
        if is_global:
            variable = GlobalVariable(name, kind, self.host.new_global(name, kind))
            add(self.scope, variable)
        else:
            variable = self.declare_local(name, kind, implicit=declared is None)
        place = self.reference(variable)
        if place is None:
            return None
        if node is None:
            if place.type is t.UNRESOLVED:
                return place
            return CallNode(ASSIGN, [place, ConstNode(kind, zero(kind))])
        return self.assign("=", place, node)

    def _default(self, kind: t.Type) -> Node | None:
        for symbol in overloads_of(kind, self.root):
            if isinstance(symbol, Function) and not symbol.types and symbol.ret is kind:
                return self.call_best(self.overloaded_at(kind, symbol), [])
        if kind.is_class:
            return ConstNode(kind, None)
        return None

    def overloaded_at(self, kind: t.Type, function: Function) -> list[Function]:
        """The functions a type's name stands for."""
        found = [f for f in overloads_of(kind, self.root) if isinstance(f, Function)]
        return found or [function]

    # -- functions -------------------------------------------------------------------------

    def new_frame(self) -> None:
        """Start the variables of another function."""
        self.frames.append(self.frame)
        self.frame = []

    def number_frame(self) -> list[StackVariable]:
        """Give the variables their places on the stack: parameters come first."""
        frame = self.frame
        placed: list[StackVariable] = [v for v in frame if isinstance(v, Parameter)]
        placed += [v for v in frame if not isinstance(v, Parameter)]
        for slot, variable in enumerate(placed):
            variable.slot = slot
        return placed

    def end_frame(self) -> None:
        """Return to the variables of the function around."""
        self.frame = self.frames.pop() if self.frames else []

    def redeclared(self, name: str, parameters: Sequence[Parameter]) -> bool:
        """Whether a function of these arguments is there already; reports it."""
        for function in self.scope.find(name) or ():
            if not isinstance(function, Function) or len(function.types) != len(parameters):
                continue
            pairs = zip(function.types, parameters, strict=True)
            if all(kind is p.type for kind, p in pairs):
                self.report(f'Redeclaration of "{qualified(function)}"')
                return True
        return False

    def begin_function(
        self, name: str | None, ret: t.Type | None, parameters: list[Parameter], *,
        method: bool = False,
    ) -> Function:  # fmt: skip
        """Declare a function and enter it; the body follows. ``name`` None: a lambda."""
        if method:
            owner = self.class_scope
            assert owner is not None
            parameters.insert(0, Parameter("this", owner, self.new_code("this")))
        if name is not None and self.redeclared(name, parameters):
            raise Recover
        self.new_frame()
        function = Function(name or self.unique_name("__lambda"), ret, [p.type for p in parameters])
        function.native = False
        function.is_lambda = name is None
        function.is_method = method
        function.parameters = list(parameters)
        function.minimum = sum(1 for p in parameters if p.default is REQUIRED)
        for parameter in parameters:
            add(function, parameter)
        if function.is_lambda:
            function.owner = self.scope
        else:
            add(self.scope, function)
        owner = function.owner
        function.constructor = method and isinstance(owner, t.Type) and function.name == owner.local
        self.push(function)
        for parameter in parameters:
            self.place_variable(parameter)
        self.host.new_function(function)
        return function

    def end_function(self, function: Function, body: Node | None) -> Function | None:
        """Leave a function with its body; None when the body's type does not fit."""
        if function.is_method and function.constructor:
            if body is None:
                raise MuThrow(MuException("unable to resolve symbol"))
            this = self.value_of(function.parameters[0])
            assert this is not None
            body = self.block([body, this])
        function.frame = self.number_frame()
        self.end_frame()
        self.pop()
        if function.ret is not None:
            resolve(function, self.root)
        if function.has_return or function.ret is None:
            self.set_body(function, body)
        elif body is not None:
            code = self.cast(body, function.ret)
            if code is not None:
                self.set_body(function, code)
            elif body.type is t.UNRESOLVED:
                self.set_body(function, body)
            else:
                self.report("Function body returns a wrong type")
                return None
        else:
            function.abstract = True
        return function

    def set_body(self, function: Function, body: Node | None) -> None:
        """The body decides the inferred return type and whether the function is pure."""
        function.body = body
        if function.ret is None and body is not None:
            function.ret = body.type
        if body is None:
            function.abstract = True
        function.pure, function.maybe_pure = _purity(function, body)

    # -- classes ---------------------------------------------------------------------------

    def prefixed(self, name: str) -> str:
        """The full name of something declared here."""
        scope = self.scope
        if isinstance(scope, t.Type):
            return f"{scope.name}.{name}"
        path = qualified(scope)
        return f"{path}.{name}" if path else name

    def begin_class(self, name: str, bases: Sequence[t.Type]) -> t.ClassType:
        """Declare a class and enter it."""
        kind = t.ClassType(self.prefixed(name), *(b for b in bases if isinstance(b, t.ClassType)))
        self._register(kind)
        scope = self.scope
        add(scope, kind)
        cast = native(
            name, kind, [t.reference_to(kind)], kind="dereference", cast=True, pure=True,
            constructor=True,
        )  # fmt: skip
        add(scope, cast)
        add(kind, native("__allocate", kind, [], "_allocate({ret})"))
        self.push(kind)
        return kind

    def end_class(self, kind: t.Type) -> None:
        """Close a class; without a constructor it gets one of all its fields."""
        self.pop()
        if not isinstance(kind, t.ClassType):
            return
        kind.freeze()
        for variables in kind.table.values():
            for variable in variables:
                if isinstance(variable, MemberVariable):
                    variable.index += kind.own
        for i, (name, field) in enumerate(kind.fields):
            if not any(isinstance(s, MemberVariable) for s in kind.table.get(name, ())):
                add(kind, MemberVariable(name, field, i))
        if not self._type_functions_of(kind):
            self._field_constructor(kind)

    def _type_functions_of(self, kind: t.ClassType) -> list[Function]:
        return [f for f in self._type_functions(kind) if f.name == kind.local]

    def _field_constructor(self, kind: t.ClassType) -> None:
        if kind.fields:
            if self.hidden("="):
                raise MuThrow(MuException("unable to resolve symbol"))
            self.resolve_assignments()
        function = Function(kind.local, kind, [kind, *(f for _, f in kind.fields)])
        function.native = False
        this = Parameter("this", kind, "this")
        function.parameters = [this]
        body: list[Node] = []
        for i, (name, field) in enumerate(kind.fields):
            parameter = Parameter(f"_{i}", field, f"p{i}", zero(field))
            function.parameters.append(parameter)
            place = MemberNode(MemberVariable(name, field, i), _value(this), part=False, ref=True)
            body.append(CallNode(ASSIGN, [place, _value(parameter)]))
        function.minimum = 1
        for parameter in function.parameters:
            add(function, parameter)
        body.append(_value(this))
        function.body = CallNode(BLOCK, body)
        add(kind, function)
        self.host.new_function(function)

    # -- unions ----------------------------------------------------------------------------

    def begin_union(self, name: str) -> t.UnionType:
        """Declare a union and enter it; the tags follow."""
        kind = t.UnionType(self.prefixed(name))
        add(self.scope, kind)
        self._register(kind)
        add(self.root, native(name, kind, [kind], "{0}", pure=True, cast=True))
        self._assignable(kind)
        self.push(kind)
        return kind

    def _register(self, kind: t.Type) -> None:
        """A second type of a name makes the name unusable in signatures."""
        if kind.name in self.root.names:
            self.root.ambiguous.add(kind.name)
        self.root.names.add(kind.name)

    def _assignable(self, kind: t.Type) -> None:
        add(self.root, native("=", t.reference_to(kind), [t.reference_to(kind), kind], kind="="))

    def declare_tag(self, name: str, payload: t.Type) -> None:
        """Declare a tag of the union whose body this is."""
        union = self.scope
        if not isinstance(union, t.UnionType):
            self.report(f'Variant Tag "{name}" cannot be declared in this scope')
            return
        tag = t.VariantTag(union, name, payload, len(union.tags))
        union.tags.append(tag)
        add(union, tag)
        if payload is not t.VOID:
            add(union, native(name, tag, [t.reference_to(tag)], kind="dereference", pure=True,
                              cast=True, constructor=True))  # fmt: skip
            # RV makes a new object of these and forgets to fill it
            lost = payload in (t.REGEX, t.EXCEPTION)
            lost = lost or isinstance(payload, (t.FuncType, t.UnionType))
            code = "_emptied({tag}, {0})" if lost else "_Variant({tag}, {0})"
            made = native(name, union, [payload], code, pure=True)
        else:
            made = native(name, union, [], "_Variant({tag}, None)", pure=True)
        made.kind = "tag"
        add(tag, made)
        upcast = native(name, tag, [union], "_upcast({0}, {ret})", pure=True, cast=True,
                        constructor=True)  # fmt: skip
        add(union, upcast)
        add(tag, native("__unpack", payload, [tag], "{0}.value", pure=True, cast=True))
        if payload is not t.VOID:
            self._assignable(tag)
            for constructor in self._payload_constructors(payload):
                resolve(constructor, self.root)
                resolve(made, self.root)
                self._tag_constructor(tag, constructor, made)

    def _payload_constructors(self, payload: t.Type) -> list[Function]:
        outside = [
            f for f in overloads_of(payload, self.root)
            if isinstance(f, Function) and f.ret is payload
        ]  # fmt: skip
        inside = [f for f in payload.table.get(payload.local, ()) if isinstance(f, Function)]
        out = []
        for function in [*outside, *inside]:
            kinds = function.types
            if len(kinds) == 1 and (kinds[0] is payload or kinds[0] is t.reference_to(payload)):
                continue
            if any(isinstance(k, t.PatternType) for k in kinds) or function.variadic:
                continue
            out.append(function)
        return out

    def _tag_constructor(self, tag: t.VariantTag, of: Function, whole: Function) -> None:
        """A tag is also made from whatever its payload is made from."""
        allocates = (
            isinstance(of.owner, t.Type) and len(of.types) > 1 and of.types[0] is tag.payload
        )
        kinds = of.types[1:] if allocates else list(of.types)
        function = Function(tag.local, tag.union, kinds)
        function.native = False
        function.cast = function.pure = True
        function.parameters = [Parameter(f"_{i}", k, f"p{i}") for i, k in enumerate(kinds)]
        for parameter in function.parameters:
            add(function, parameter)
        add(tag, function)
        nodes: list[Node | None] = [_value(p) for p in function.parameters]
        if allocates:
            allocate = next(
                (f for f in tag.payload.find("__allocate") or () if isinstance(f, Function)), None
            )
            if allocate is not None:
                nodes.insert(0, CallNode(allocate))
        inner = CallNode(of, [n for n in nodes if n is not None])
        function.body = CallNode(whole, [inner])
        self.host.new_function(function)

    # -- modules and constants -------------------------------------------------------------

    def enter_module(self, name: str) -> Module:
        """Enter a module of the scope, making it when it is new."""
        scope = self.scope
        found = next((s for s in scope.find(name) or () if isinstance(s, Module)), None)
        if found is None:
            found = Module(name)
            add(scope, found)
        self.push(found)
        return found

    def declare_constant(self, name: str, node: Node | None) -> None:
        """``X := constant;``."""
        if not isinstance(node, ConstNode):
            self.fail(f"you can't define {name} like that")
        add(self.scope, Constant(name, node.type, node.value))


def zero(kind: t.Type) -> Any:
    """The value of an element or field nobody set: zero, or nil for references."""
    if kind.ref:
        return None
    if isinstance(kind, t.VectorType):
        return (0.0,) * kind.size
    if kind is t.BOOL:
        return False
    return 0.0 if kind in (t.FLOAT, t.DOUBLE, t.HALF) else 0


def _value(variable: Variable) -> VariableNode:
    node = VariableNode(variable)
    node.ref = False
    return node


def _purity(function: Function, node: Node | None) -> tuple[bool, bool]:
    """(pure, maybe pure) of a body."""
    found = _node_purity(function, node)
    return found == 2, found == 1


def _node_purity(function: Function, node: Node | None) -> int:
    """2 pure, 1 pure when its function arguments are, 0 not."""
    if node is None:
        return 0
    symbol = node.symbol
    if isinstance(symbol, Function):
        if symbol is function:
            return 2
        if not (symbol.pure or symbol.maybe_pure):
            return 0
        lowest = 2 if symbol.pure else 1
        for arg in node.args:
            found = _node_purity(function, arg)
            if not found:
                return 0
            lowest = min(lowest, found)
        return lowest
    if isinstance(symbol, GlobalVariable):
        return 0
    if isinstance(symbol, MemberVariable) and isinstance(node, MemberNode):
        return 0 if node.part and node.ref else 2
    return 2
