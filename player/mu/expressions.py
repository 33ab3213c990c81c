"""What the productions of expressions do.

Source: Open RV's ``MuLang/Grammar.y``; see ``assembler`` for how it works.
"""

from __future__ import annotations

from typing import Any

from player.mu import types as t
from player.mu.lexer import Token
from player.mu.literals import Literals
from player.mu.nodes import NOOP, CallNode, ConstNode, Node, Pending, is_noop
from player.mu.scoping import Recover
from player.mu.symbols import (
    Function,
    MemberVariable,
    StackVariable,
    Variable,
)

__all__ = ["Expressions"]

_NAMELESS = frozenset({"<=", ">=", "==", "!=", "<<", ">>"})
"""Operators whose spelling RV's scanner does not keep: they cannot be named as values."""

_STATEMENTS = frozenset({"__if", "__no_op", "__statement_list"})


class Expressions(Literals):
    """Actions of expressions."""

    def true_constant(self) -> Node:
        return ConstNode(t.BOOL, True)

    def tuple_or_single(self, nodes: list[Node]) -> Node:
        if len(nodes) == 1:
            return nodes[0]
        made = self.tuple_node(nodes)
        if made is None:
            raise Recover
        return made

    def tuple_node(self, nodes: list[Node]) -> Node | None:
        """``(a, b)``."""
        kinds: list[t.Type] = []
        for node in nodes:
            kind = node.type
            if kind is None or kind is t.UNRESOLVED:
                return self.wait(Pending("tuple", "", self.scope_state, nodes))
            if kind is t.NIL:
                self.report("nil is not allowed in this context")
                return None
            kinds.append(kind)
        return self.call_symbol(self.known(t.tuple_of(*kinds)), list(nodes))

    def list_value(self, _: Any, nodes: list[Node], *__: Any) -> Node:
        made = self.list_node(nodes)
        if made is None:
            raise Recover
        return made

    def list_node(self, nodes: list[Node]) -> Node | None:
        """``[a, b]``."""
        for node in nodes:
            if node.type is None or node.type is t.UNRESOLVED:
                return self.wait(Pending("list", "", self.scope_state, nodes))
        elem = nodes[0].type
        assert elem is not None
        kind = self.known(t.list_of(elem))
        for node in nodes[1:]:
            got = node.type
            assert got is not None
            if not elem.match(got):
                self.report("cannot construct list because of inconsistent element types")
                return None
        return self.call_symbol(kind, list(nodes))

    def slots(self, nodes: list[Node]) -> list[Node | None]:
        if len(nodes) == 1 and is_noop(nodes[0]):
            return []
        return list(nodes)

    def assignment(self, place: Node, operator: Token, value: Node) -> Node:
        return self._made(self.assign(operator.text, place, value), "bad assignment")

    def conditional(self, *v: Any) -> Node:
        test, first, second = v[1], v[3], v[5]
        if first.type is not t.NIL:
            second = self._branch(second, first.type, test)
        elif second.type is not t.NIL:
            first = self._branch(first, second.type, test)
        made = self.operator("?:", test, first, second)
        return self._made(made, "if-then-else: illegal type conversion")

    def _branch(self, node: Node, kind: t.Type | None, test: Node) -> Node:
        made = None if kind is None else self.cast(node, kind)
        if made is None:
            self.dangling = [test]
        return self._made(made, "if-then-else: illegal type conversion")

    def cons(self, head: Node, _: Any, tail: Node) -> Node:
        kind, head_type = tail.type, head.type
        if (
            isinstance(kind, t.ListType) and head_type is not None
            and head_type is not t.UNRESOLVED and not kind.elem.match(head_type)
        ):  # fmt: skip
            self.fail("cannot cons that onto the list")
        made = self.operator("cons", head, tail)
        if made is None:
            raise Recover
        return made

    def lambda_value(self, function: Function) -> Node | None:
        return self.function_value(function)

    def binary(self, left: Node, operator: Token, right: Node) -> Node:
        made = self.operator(operator.text, left, right)
        return self._made(made, f"operator{operator.text} is not defined for that")

    def unary(self, operator: Token, node: Node) -> Node:
        made = self.operator(operator.text, node)
        return self._made(made, f"operator{operator.text} is not defined for that")

    def pre_increment(self, operator: Token, node: Node) -> Node:
        made = self.operator("pre" + operator.text, node)
        return self._made(made, f"operator{operator.text} is not defined for that")

    def post_increment(self, node: Node, operator: Token) -> Node:
        made = self.operator("post" + operator.text, node)
        return self._made(made, f"operator{operator.text} is not defined for that")

    def dereference_action(self, node: Node) -> Node:
        """The value of an operand."""
        return self._made(self.dereference(node), "unable to dereference")

    def value_prefix(self, node: Node, _: Any) -> Node:
        self.set_prefix(node.type)
        return node

    def no_prefix(self) -> None:
        self.set_prefix(None)

    def index(self, node: Node, _: Any, nodes: list[Node], __: Any) -> Node:
        made = self.index_node(node, list(nodes))
        return self._taken_down(made, nodes, "")

    def index_node(self, node: Node, nodes: list[Node | None]) -> Node | None:
        """``a[i]``."""
        if any(n is None or n.type is None or n.type is t.UNRESOLVED for n in [node, *nodes]):
            given = [node, *(n for n in nodes if n is not None)]
            return self.wait(Pending("index", "[]", self.scope_state, given))
        kind = node.type
        if isinstance(kind, t.RefType):
            kind = kind.target
        assert kind is not None
        found = [f for f in kind.find("[]") or () if isinstance(f, Function)]
        declared = isinstance(kind, (t.AnyClass, t.InterfaceType))
        if not found:
            if declared:
                self.report("operator[] not defined for that type")
            return None
        if declared:
            made = self.call_method(found[0], [self.dereference(node), *nodes])
        else:
            made = self.call_best(found, [node, *nodes])
        if made is None:
            self.report("operator[] argument mis-match")
        return made

    def nil(self, _: Any) -> Node:
        return ConstNode(t.NIL, None)

    def member_variable(self, prefix: Node, variable: MemberVariable) -> Node:
        made = self.member(variable, prefix)
        if made is None:
            self.fail(f"Unable to reference member variable {variable.name}")
        self.set_prefix(None)
        return made

    def member_symbol(self, prefix: Node, symbol: Any) -> Node:
        if isinstance(symbol, Function) and symbol.is_method:
            made = self.method_value(symbol, prefix)
        else:
            made = self._member_pending(symbol.name, prefix)
        if made is None:
            raise Recover
        self.set_prefix(None)
        return made

    def member_unknown(self, prefix: Node, name: str) -> Node:
        made = self._member_pending(name, prefix)
        self.set_prefix(None)
        return made

    def _member_pending(self, name: str, prefix: Node) -> Node:
        return self.wait(Pending("member", name, self.scope_state, [prefix], call=False))

    def method_call(self, prefix: Node, symbol: Any, *v: Any) -> Node:
        nodes: list[Node | None] = v[2]
        self.set_prefix(prefix.type)
        function = next(
            (s for s in self.overloads(symbol) if isinstance(s, Function)), None
        )  # fmt: skip
        if function is None:
            nodes.clear()
            self.fail(f'Expected an object method for "{symbol.name}".')
        made = self.call_symbol(function, [self.dereference(prefix), *nodes])
        made = self._taken_down(made, nodes, "Function argument mis-match")
        self.set_prefix(None)
        return made

    def _operator_function(self, operator: Any) -> Node | None:
        name = operator.text if isinstance(operator, Token) else operator
        if name in _NAMELESS:
            self.fail(f"operator {name} is not defined in this scope")
        function = self.find_first(name, Function)
        return None if function is None else self.function_value(function)

    def operator_value(self, _: Any, operator: Any, __: Any) -> Node | None:
        return self._operator_function(operator)

    def scoped_operator(self, _: Any, operator: Any) -> Node | None:
        made = self._operator_function(operator)
        self.set_prefix(None)
        return made

    def index_operator(self, *_: Any) -> str:
        return "[]"

    def call_operator(self, *_: Any) -> str:
        return "()"

    def _own_variable(self, variable: Variable) -> Variable:
        """A variable as the function being declared reaches it."""
        if isinstance(variable, StackVariable) and not self.in_frame(variable):
            if self.function is None:
                raise Recover
            return self.capture(variable)
        return variable

    def symbol_value(self, symbol: Any) -> Node | None:
        variable = self.find_first(symbol.name, Variable)
        if variable is not None:
            made = self.reference(self._own_variable(variable))
            return self._made(made, f"Unable to reference variable {variable.name}")
        if isinstance(symbol, Function):
            if symbol.is_method:
                made = self.method_value(symbol, self.value_named("this"))
            else:
                made = self.function_value(symbol)
            return self._made(made, f"Unable to reference function {symbol.name}")
        self.fail("Expecting a variable.")

    def symbol_call(self, symbol: Any, _: Any, nodes: list[Node | None], __: Any) -> Node:
        if isinstance(symbol, Variable):
            made = self.call_symbol(self._own_variable(symbol), nodes)
        elif isinstance(symbol, Function) and symbol.is_method:
            made = self.call_symbol(symbol, [self.value_named("this"), *nodes])
        else:
            made = self.call_symbol(symbol, nodes)
        return self._made(made, f"trying to call function through {symbol.name}")

    def unknown_value(self, name: str) -> Node:
        return self.wait(Pending("name", name, self.scope_state, call=False))

    def unknown_call(self, name: str, _: Any, nodes: list[Node | None], __: Any) -> Node:
        if name in _STATEMENTS and all(n is not None and n.type is not None for n in nodes):
            made = self._statement_called(name, [n for n in nodes if n is not None])
            if made is not None:
                return made
        return self.unresolved_call(name, nodes)

    def _statement_called(self, name: str, nodes: list[Node]) -> Node | None:
        """A call of one of the functions that statements are."""
        if name == "__no_op":
            return None if nodes else CallNode(NOOP)
        if name == "__statement_list":
            return self.block(nodes) if nodes else None
        return self.statement(name, nodes) if len(nodes) in (2, 3) else None

    def prefixed_value(self, symbol: Any) -> Node:
        variable = next((s for s in self.overloads(symbol) if isinstance(s, Variable)), None)
        if variable is not None:
            return self._made(self.reference(variable), "Unable to reference variable")
        if isinstance(symbol, Function):
            return self._made(self.function_value(symbol), "Unable to reference function")
        self.fail("Expecting a variable.")

    def prefixed_call(self, symbol: Any, _: Any, nodes: list[Node | None], __: Any) -> Node:
        owner = symbol.owner
        self.set_prefix(self.root if self.same_scope(owner, self.root) else owner)
        made = self.call_symbol(symbol, nodes, virtual=False)
        self.set_prefix(None)
        return self._taken_down(made, nodes, "Function argument mis-match")

    def tag_value(self, tag: t.VariantTag) -> Node:
        if tag.payload is not t.VOID:
            self.fail(f"type constructor {tag.name} needs a value")
        return self._made(self.call_symbol(tag, []), f"trying to use tag {tag.name}")

    def tag_call(self, tag: t.Type, _: Any, nodes: list[Node | None], __: Any) -> Node:
        return self._made(self.call_symbol(tag, nodes), f"trying to use tag {tag.name}")

    def type_call(self, kind: t.Type, _: Any, nodes: list[Node | None], __: Any) -> Node:
        return self._made(self.call_symbol(kind, nodes), f"trying to call {kind.name}")

    def value_call(self, node: Node, _: Any, nodes: list[Node | None], __: Any) -> Node:
        return self._made(self.call_value(node, nodes), "cannot call expression")
