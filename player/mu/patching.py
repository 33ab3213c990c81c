"""Resolving what a function's body left open, once the whole text is known.

Functions may call each other before they are declared. When the text has been read, each
function with open names is gone through again, arguments before the call that takes them.
What still does not resolve refuses the whole text.
Source of the rules: Open RV's ``Mu/NodePatch.cpp`` and ``Mu/ASTNode.cpp``.
"""

from __future__ import annotations

from typing import Any, NoReturn

from player.mu import types as t
from player.mu.applications import Applications
from player.mu.nodes import ASSIGN, BLOCK, NOOP, RETURN, SPECIAL, CallNode, Node, Pending
from player.mu.symbols import (
    FreeVariable,
    Function,
    MemberVariable,
    Module,
    Parameter,
    ScopeState,
    StackVariable,
    Variable,
    add,
)
from player.mu.typetext import split_commas
from player.mu.values import MuException, MuThrow

__all__ = ["patch"]

_CALL = "attempted call to unresolved function"
_NAME = "attempted to reference unresolved symbol"
_CAST = "bad cast"


def _refuse(message: str) -> NoReturn:
    raise MuThrow(MuException(message))


def patch(assembler: Applications, function: Function) -> None:
    """Resolve a function's body; MuThrow with RV's message when it cannot be done."""
    if not function.unresolved or function.body is None:
        return
    function.unresolved = False
    function.written = False
    assembler.allow_unresolved = False
    try:
        _Patcher(assembler, function).run()
    finally:
        assembler.allow_unresolved = True
    if function.unresolved:
        assembler.report(f'some symbols in function "{function.name}" are not resolvable')


class _Patcher:
    def __init__(self, assembler: Applications, function: Function) -> None:
        self.a = assembler
        self.function = function

    def run(self) -> None:
        body = self.function.body
        made = self.visit(body, None)
        if made is not body:
            ret = self.function.ret
            code = self.a.cast(made, ret) if ret is not None else made
            if code is None:
                _refuse(_CAST)
            set_body: Any = self.a
            set_body.set_body(self.function, code)

    def visit(self, node: Node, parent: Node | None) -> Node:
        pending = node if isinstance(node, Pending) else None
        for i in range(len(node.args)):
            if pending is not None:
                self.a.scope_state = pending.scope
                if pending.what == "for_each" and i == 1:
                    self.declare_each(pending)
            made = self.visit(node.args[i], node)
            if made is not node.args[i]:
                node.args[i] = made
        if pending is None:
            return node
        self.a.scope_state = pending.scope
        resolved = getattr(self, "r_" + pending.what)(pending, parent)
        if resolved is None:
            _refuse(_CALL)
        assert isinstance(resolved, Node)
        return resolved

    # -- one method for each kind of open node ---------------------------------------------

    def r_call(self, node: Pending, parent: Node | None) -> Node | None:
        a = self.a
        functions: list[Function] = []
        method: Function | None = None
        this: Node | None = None
        nodes: list[Node | None] = list(node.args)
        state: ScopeState | None = node.scope
        while state is not None:
            for symbol in _path(state.symbol, node.name):
                if isinstance(symbol, t.Type):
                    functions += [
                        f for f in symbol.table.get(symbol.local, ()) if isinstance(f, Function)
                    ]
                    break
            first = True
            for symbol in _path(state.symbol, node.name):
                if not isinstance(symbol, Function):
                    continue
                functions.append(symbol)
                if first and self.function.is_method and symbol.is_method:
                    first = False
                    method = symbol
                    if len(nodes) == len(symbol.types) - 1:
                        this = a.value_of(self.function.parameters[0])
                    break
            state = state.parent
        if method is not None and this is not None:
            made = a.call_method(method, [this, *nodes])
            if made is not None:
                return made
        elif functions:
            made = a.call_best(functions, nodes)
            if made is not None:
                return made
        statement = self._statement(node)
        if statement is not None:
            return statement
        _refuse(_CALL)

    def _statement(self, node: Pending) -> Node | None:
        """Statements are functions of no scope."""
        if any(arg.type in (None, t.UNRESOLVED) for arg in node.args):
            return None
        name = node.name
        if name == "__statement_list":
            return CallNode(BLOCK, node.args)
        if name == "__no_op":
            return CallNode(NOOP)
        if name in SPECIAL:
            return self.a.statement(name, list(node.args))
        if name == "__return":
            return CallNode(RETURN, node.args)
        return None

    def r_assign(self, node: Pending, parent: Node | None) -> Node | None:
        a = self.a
        place, value = node.args
        if place.type is t.UNRESOLVED:
            variable = place.variable if isinstance(place, Pending) else None
            if isinstance(variable, StackVariable) and variable.implicit:
                kind = value.type
                if isinstance(kind, t.RefType):
                    kind = kind.target
                if kind is None or kind is t.UNRESOLVED:
                    _refuse(_CALL)
                variable.type = kind
                got = a.dereference(value)
                target = a.reference(variable)
                if got is None or target is None:
                    return None
                return a.assign("=", target, got)
        elif isinstance(place.type, t.RefType):
            made = a.assign("=", place, value)
            if made is not None:
                return made
            kind = value.type
            if not place.type.target.primitive and kind is not None and not kind.primitive:
                # here RV takes any object for any other
                return CallNode(ASSIGN, [place, value])
        return self.r_call(node, parent)

    def r_cast(self, node: Pending, parent: Node | None) -> Node | None:
        kind = self._type(node)
        made = None if kind is None else self.a.cast(node.args[0], kind)
        if made is None:
            _refuse(_CAST)
        return made

    def _type(self, node: Pending) -> t.Type | None:
        state: ScopeState | None = node.scope
        while state is not None:
            for symbol in _path(state.symbol, node.name):
                if isinstance(symbol, t.Type):
                    return symbol
            state = state.parent
        return None

    def r_member_call(self, node: Pending, parent: Node | None) -> Node | None:
        target = node.args[0]
        if len(node.args) <= 2 and isinstance(target, Pending) and target.what == "member":
            owner = target.args[0]
            kind = owner.type
            if isinstance(kind, t.RefType):
                kind = kind.target
            method = None if kind is None else _first(kind.find(target.name), method=True)
            if method is not None:
                return self.a.call_method(method, [owner, *node.args[1:]])
        _refuse(_NAME)

    def r_member(self, node: Pending, parent: Node | None) -> Node | None:
        owner = node.args[0]
        kind = owner.type
        if isinstance(kind, t.RefType):
            kind = kind.target
        found = None if kind is None else kind.find(node.name)
        for symbol in found or ():
            if isinstance(symbol, MemberVariable):
                made = self.a.member(symbol, owner)
                if made is not None:
                    return made
                break
        else:
            called = isinstance(parent, Pending) and parent.what == "member_call"
            if called and _first(found, method=True) is not None:
                return node
        _refuse(_NAME)

    def r_dereference(self, node: Pending, parent: Node | None) -> Node | None:
        return self.a.dereference(node.args[0])

    def r_variable(self, node: Pending, parent: Node | None) -> Node | None:
        variable = node.variable
        if variable.type is not t.UNRESOLVED:
            return self.a.reference(variable)
        return node

    def r_name(self, node: Pending, parent: Node | None) -> Node | None:
        a = self.a
        owner = self.function.owner
        if isinstance(owner, t.ClassType):
            this = _first(self.function.table.get("this"), parameter=True)
            for symbol in owner.find(node.name) or ():
                if this is None:
                    break
                if isinstance(symbol, MemberVariable):
                    prefix = a.value_of(this)
                    return None if prefix is None else a.member(symbol, prefix)
                if isinstance(symbol, Function) and symbol.is_method:
                    return a.method_value(symbol, a.value_of(this))
        state: ScopeState | None = node.scope
        while state is not None:
            for symbol in _path(state.symbol, node.name):
                if isinstance(symbol, Variable):
                    return a.reference(symbol)
            state = state.parent
        _refuse(_NAME)

    def r_declaration(self, node: Pending, parent: Node | None) -> Node | None:
        state: ScopeState | None = node.scope
        while state is not None:
            for symbol in state.symbol.find(node.name) or ():
                if isinstance(symbol, StackVariable):
                    return self.a.reference(symbol)
            state = state.parent
        return None

    def r_list(self, node: Pending, parent: Node | None) -> Node | None:
        made: Any = self.a
        result: Node | None = made.list_node(list(node.args))
        return result

    def r_tuple(self, node: Pending, parent: Node | None) -> Node | None:
        made: Any = self.a
        result: Node | None = made.tuple_node(list(node.args))
        return result

    def r_index(self, node: Pending, parent: Node | None) -> Node | None:
        made: Any = self.a
        result: Node | None = made.index_node(node.args[0], list(node.args[1:]))
        return result

    def declare_each(self, node: Pending) -> None:
        """The loop variable gets its type when the collection has one."""
        kind = node.args[0].type
        declared = node.args[1]
        if kind is None or not kind.collection:
            _refuse(_CALL)
        if declared.type is t.UNRESOLVED:
            field = kind.field(0)
            if field is not None and isinstance(declared, Pending):
                variable = StackVariable(declared.name, field, declared.variable.code, True)
                add(declared.scope.symbol, variable)
                node.declaration = self.a.reference(variable)
        else:
            node.declaration = declared

    def r_for_each(self, node: Pending, parent: Node | None) -> Node | None:
        if node.declaration is None:
            return None
        made: Any = self.a
        result: Node | None = made.for_each(node.declaration, node.args[0], node.args[2])
        return result


def _path(scope: Any, path: str) -> list[Any]:
    """The symbols a (dotted) name stands for in one scope."""
    found = scope.find(path)
    if found is not None or "." not in path:
        return found or []
    head, *rest = split_commas(path, ".")
    symbols = scope.find(head) or []
    for part in rest:
        symbols = [
            inner for symbol in symbols if isinstance(symbol, (Module, t.Type))
            for inner in symbol.find(part) or ()
        ]  # fmt: skip
    return list(symbols)


def _first(found: Any, *, method: bool = False, parameter: bool = False) -> Any:
    for symbol in found or ():
        if method and isinstance(symbol, Function) and symbol.is_method:
            return symbol
        if parameter and isinstance(symbol, Parameter) and not isinstance(symbol, FreeVariable):
            return symbol
    return None
