"""What the productions of statements do.

Source: Open RV's ``MuLang/Grammar.y``; see ``assembler`` for how it works.
"""

from __future__ import annotations

from typing import Any

from player.mu import types as t
from player.mu.expressions import Expressions
from player.mu.nodes import NOOP, RETURN, RETURN_VOID, SPECIAL, CallNode, Node, Pending, is_noop
from player.mu.scoping import Recover
from player.mu.symbols import StackVariable

__all__ = ["Statements"]


class Statements(Expressions):
    """Actions of statements, ``case`` and ``try``."""

    # -- statements ------------------------------------------------------------------------

    def statements_first(self, node: Node | None) -> list[Node]:
        return [] if node is None else [node]

    def statements_next(self, nodes: list[Node], node: Node | None) -> list[Node]:
        if nodes and nodes[-1].symbol in (RETURN, RETURN_VOID):
            self.fail("Statement unreachable.")
        if node is not None and not is_noop(node):
            nodes.append(node)
        return nodes

    def empty_statement(self, *_: Any) -> Node:
        return CallNode(NOOP)

    def open_scope(self) -> None:
        self.push_block()

    def pop_scope(self, *_: Any) -> None:
        self.pop()

    def block(self, *values: Any) -> Any:
        if len(values) == 1:
            return super().block(values[0])
        nodes: list[Node] = values[2]
        if len(nodes) > 1:
            made: Node = super().block(nodes)
        else:
            made = nodes[0] if nodes else CallNode(NOOP)
        self.pop()
        return made

    def break_statement(self, *_: Any) -> Node | None:
        return None if self.hidden("__break") else CallNode(SPECIAL["__break"])

    def continue_statement(self, *_: Any) -> Node | None:
        return None if self.hidden("__continue") else CallNode(SPECIAL["__continue"])

    def return_nothing(self, *_: Any) -> Node | None:
        function = self.function
        if function is None:
            self.fail("Cannot return outside of a function.")
        function.has_return = True
        if function.ret is None:
            function.ret = t.VOID
        return None if self.hidden("__return") else CallNode(RETURN_VOID)

    def return_value(self, _: Any, node: Node, __: Any) -> Node | None:
        function = self.function
        if function is None:
            self.fail("Cannot return outside of a function.")
        function.has_return = True
        if function.ret is None:
            function.ret = node.type
        if function.ret is t.VOID or function.ret is None:
            self.fail("Cannot cast return expression to void.")
        value = self.cast(node, function.ret)
        if value is None:
            self.fail("Cannot cast to the return type.")
        if value.type is t.UNRESOLVED:
            return self.unresolved_call("__return", [value])
        return None if self.hidden("__return") else CallNode(RETURN, [value])

    def throw_statement(self, _: Any, node: Node, __: Any) -> Node:
        return self._made(self.statement("__throw", [node]), "Cannot throw a value of that type")

    def rethrow_statement(self, *_: Any) -> Node:
        return self._made(
            None if self.hidden("__rethrow") else CallNode(SPECIAL["__rethrow"]),
            "Cannot rethrow value",
        )

    def if_then(self, _: Any, __: Any, test: Node, ___: Any, then: Node | None) -> Node:
        return self._made(self.statement("__if", [test, then]), "Malformed if statement.")

    def if_else(
        self, _: Any, __: Any, test: Node, ___: Any, then: Node | None, ____: Any,
        other: Node | None,
    ) -> Node:  # fmt: skip
        return self._made(
            self.statement("__if", [test, then, other]), "Malformed if/else statement."
        )

    def for_loop(self, *v: Any) -> Node:
        node = self.statement("__for", [v[3], v[5], v[7], v[9]])
        self.pop()
        return self._made(node, "Malformed for statement.")

    def while_loop(self, _: Any, __: Any, test: Node, ___: Any, body: Node | None) -> Node:
        return self._made(self.statement("__while", [test, body]), "Malformed while statement.")

    def repeat_loop(self, _: Any, __: Any, count: Node, ___: Any, body: Node | None) -> Node:
        return self._made(self.statement("__repeat", [count, body]), "Malformed repeat statement.")

    def do_loop(self, _: Any, body: Node | None, *v: Any) -> Node:
        return self._made(self.statement("__do_while", [body, v[2]]), "Malformed do statement.")

    def each_init(self, name: str, _: Any, node: Node) -> tuple[Node, Node]:
        kind = node.type
        if kind is t.UNRESOLVED:
            return self._pending_variable(name), node
        if kind is None or not kind.collection:
            self.fail("The for_each statement requires a collection")
        field = kind.field(0)
        if field is None:
            raise Recover
        self.declared_type, self.declared_global = field, False
        declared = self.declare(name, None)
        if declared is None:
            self.fail(f"Unable to initialize {name}")
        return declared, node

    def _pending_variable(self, name: str) -> Pending:
        variable = StackVariable(name, t.UNRESOLVED, self.new_code(name), True)
        self.place_variable(variable)
        return self.wait(
            Pending("declaration", name, self.scope_state, call=False, variable=variable)
        )

    def for_each_loop(self, *v: Any) -> Node:
        declared, collection = v[3]
        body: Node | None = v[5]
        made = None
        if body is not None:
            made = self.for_each(declared, collection, body)
            self.pop()
        return self._made(made, "unable to generate for_each statement")

    def for_each(self, declared: Node, collection: Node, body: Node) -> Node | None:
        """The loop over a collection."""
        if self.allow_unresolved and t.UNRESOLVED in (collection.type, body.type):
            return self.wait(
                Pending("for_each", "", self.scope_state, [collection, declared, body])
            )
        return self.statement("__for_each", [declared, collection, body])

    def index_init(self, names: list[str], _: Any, node: Node) -> list[Node]:
        kind = node.type
        self.declared_type, self.declared_global = t.INT, False
        if kind is None or not (kind.collection or kind is t.UNRESOLVED):
            self.fail("The for_index statement requires an array")
        nodes = []
        for name in names:
            declared = self.declare(name, None)
            if declared is None:
                self.fail(f"Unable to initialize {name} of type int")
            nodes.append(declared)
        return [*nodes, node]

    def for_index_loop(self, *v: Any) -> Node:
        made = self.statement("__for_index", [*v[3], v[5]])
        self.pop()
        return self._made(made, "unable to generate for_index statement")

    # -- case and try ----------------------------------------------------------------------

    def case_begin(self, _: Any, __: Any, node: Node, ___: Any) -> Node | None:
        return self.begin_case(node)

    def case_end(self, declared: Node | None, _: Any, arms: list[Node], __: Any) -> Node:
        made = self.end_case(declared, arms)
        if made is None:
            raise Recover
        return made

    def case_pattern(self, *values: Any) -> Any:
        if len(values) == 1:
            return super().case_pattern(values[0])
        return self._made(super().case_pattern(values[1]), "invalid case pattern")

    def case_arm(self, *values: Any) -> Any:
        if len(values) == 2:
            return super().case_arm(values[0], values[1])
        return self._made(super().case_arm(values[0], values[2]), "bad case arm")

    def try_catch(self, _: Any, body: Node, catches: list[Node]) -> Node | None:
        return self.statement("__try", [body, *catches])

    def catch_clause(self, *v: Any) -> Node | None:
        declared, body = v[3], v[5]
        if declared is not None:
            made = self.statement("__catch", [declared, body])
        else:
            made = self.statement("__catch_all", [body])
        self.pop()
        return made

    def catch_variable(self, kind: t.Type, name: str) -> Node:
        thrown = CallNode(SPECIAL["__exception"])
        self.declared_type, self.declared_global = kind, False
        return self._made(self.declare(name, thrown), "Unexpected error in catch_declaration.")
