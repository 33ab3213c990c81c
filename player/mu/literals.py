"""What the productions of types, constants and aggregates do.

Source: Open RV's ``MuLang/Grammar.y``; see ``assembler`` for how it works.
"""

from __future__ import annotations

from typing import Any

from player.mu import types as t
from player.mu.lexer import Token
from player.mu.matching import overloads_of
from player.mu.nodes import ConstNode, Node
from player.mu.patterns import Patterns
from player.mu.scoping import Recover
from player.mu.symbols import Constant, Function, Module, add
from player.mu.texts import char_value, float_number, int_value, string_value
from player.mu.values import MuException, MuThrow

__all__ = ["Literals"]


class Literals(Patterns):
    """Actions of types, constants and aggregates.

    ``values`` are the values of the symbols that wait in the parser; ``types`` the types of the
    declarations and aggregates that are open. ``dimensions`` are those of the array type being
    read; an array type that is broken off leaves its own there, as in RV, and the next has them.
    ``dangling`` are nodes that a failing action forgets on RV's stack of nodes.
    """

    values: list[Any]
    types: list[t.Type | None]
    dimensions: list[int]
    dangling: list[Node]

    def _made(self, node: Node | None, message: str) -> Node:
        if node is None:
            self.fail(message)
        return node

    def _taken_down(self, node: Node | None, nodes: list[Any], message: str) -> Node:
        """The same where RV takes its list of nodes down first: nothing of it is left over."""
        if node is None:
            nodes.clear()
            if not message:
                raise Recover
            self.fail(message)
        return node

    # -- aggregates ------------------------------------------------------------------------

    def _pop_type(self) -> None:
        if self.types:
            self.types.pop()

    def push_type(self) -> None:
        self.types.append(self.values[-1])

    def aggregate_value(self, _: Any, __: Any, node: Node) -> Node:
        self._pop_type()
        return node

    @property
    def _top(self) -> t.Type | None:
        return self.types[-1] if self.types else None

    def _aggregate_type(self) -> t.Type:
        kind = self._top
        if kind is None:
            self.fail("A type is required for this aggregate initializer")
        return kind

    def aggregate_open(self) -> None:
        self.types.append(self._aggregate_type().field(0))

    def aggregate_next(self, nodes: list[Node], _: Any) -> list[Node]:
        self._pop_type()
        top = self._top
        if top is None:
            raise MuThrow(MuException("nil argument to function"))
        self.types.append(top.field(len(nodes)))
        return nodes

    def aggregate_empty(self, *_: Any) -> Node:
        kind = self._aggregate_type()
        return self._made(self.call_symbol(kind, []), "Aggregate initializer type mismatch")

    def aggregate_flat(self, _: Any, __: Any, nodes: list[Node], ___: Any) -> Node:
        self._pop_type()
        kind = self._aggregate_type()
        made = self.call_symbol(kind, list(nodes))
        return self._taken_down(made, nodes, "Aggregate initializer type mismatch")

    def aggregate_nested(self, _: Any, __: Any, nodes: list[Node], *___: Any) -> Node:
        self._pop_type()
        kind = self._aggregate_type()
        inner = next(
            (f for f in kind.find(kind.local) or () if isinstance(f, Function)), None
        )  # fmt: skip
        if inner is not None:
            made = self.call_symbol(kind, list(nodes))
            return self._taken_down(made, nodes, "Aggregate type mismatch")
        outer = next(
            (f for f in overloads_of(kind, self.root) if isinstance(f, Function)), None
        )  # fmt: skip
        if outer is None:
            self.fail("Aggregate initializer type mismatch")
        made = self.call_symbol(outer, list(nodes))
        return self._taken_down(made, nodes, "Aggregate type mismatch")

    # -- types -----------------------------------------------------------------------------

    def scope_prefix(self, symbol: Any, _: Any) -> Any:
        self.set_prefix(symbol)
        return symbol

    def scoped(self, _: Any, symbol: Any) -> Any:
        self.set_prefix(None)
        return symbol

    def modified_type(self, _: Any, kind: t.Type) -> t.Type | None:
        if (
            isinstance(kind, t.ArrayType) and kind.elem is t.FLOAT
            and kind.dims is not None and len(kind.dims) == 1 and kind.dims[0] in (2, 3, 4)
        ):  # fmt: skip
            return t.vector_of(kind.dims[0])
        # an error, but the parser goes on with no type in its hands
        self.report("vector type modifier does not apply")
        return None

    def dimension_first(self, size: Token | None) -> None:
        self.dimensions.append(0 if size is None else int_value(size.text)[1])

    def dimension_next(self, _: Any, __: Any, size: Token | None) -> None:
        self.dimension_first(size)

    def array_type(self, elem: t.Type, *_: Any) -> t.Type:
        dims = self.dimensions
        if len(dims) > 1 and 0 in dims:
            self.fail("unable to make a dynamic array of several dimensions")
        self.dimensions = []
        return self.known(t.array_of(elem, None if dims == [0] else tuple(dims)))

    def list_type(self, _: Any, kind: t.Type, __: Any) -> t.Type:
        return self.known(t.list_of(kind))

    def tuple_type(self, _: Any, kinds: list[t.Type], __: Any) -> t.Type:
        if len(kinds) == 1:
            return kinds[0]
        return self.known(t.tuple_of(*kinds))

    def function_type(self, _: Any, ret: t.Type, __: Any, args: list[t.Type], ___: Any) -> t.Type:
        return self.known(t.function_of(ret, *args))

    def type_variable(self, _: Any, name: str) -> t.Type:
        kind = self.find_first("'" + name, t.TypeVariable)
        if kind is None:
            kind = t.TypeVariable("'" + name)
            add(self.scope, kind)
        return kind

    def type_placeholder(self, *_: Any) -> None:
        self.fail("placeholder parameter not yet implemented")

    def symbol_name(self, symbol: Any) -> str:
        name: str = symbol.local if isinstance(symbol, t.Type) else symbol.name
        return name

    # -- constants -------------------------------------------------------------------------

    def suffix(self, node: Node, name: str) -> Node | None:
        module = next(
            (s for s in self.root.find("suffix") or () if isinstance(s, Module)), None
        )  # fmt: skip
        for symbol in (module.find(name) or ()) if module is not None else ():
            if isinstance(symbol, Function):
                made = self.call_best(self.overloaded(symbol), [node])
                if made is not None:
                    return made
        self.report(f'Unknown suffix "{name}".')
        # go on with nothing in hands, as RV does; the next step trips over it
        return None

    def float_constant(self, token: Token) -> Node:
        return ConstNode(t.FLOAT, float_number(token.text))

    def int_constant(self, token: Token) -> Node:
        wide, value = int_value(token.text)
        return ConstNode(t.INT64 if wide else t.INT, value)

    def bool_constant(self, token: Token) -> Node:
        return ConstNode(t.BOOL, token.text == "true")

    def string_constant(self, token: Token) -> Node:
        return ConstNode(t.STRING, string_value(token.text))

    def char_constant(self, token: Token) -> Node:
        value = char_value(token.text)
        if value is None:
            self.fail("invalid character constant")
        return ConstNode(t.CHAR, value)

    def symbolic_constant(self, constant: Constant) -> Node:
        return ConstNode(constant.type, constant.value)

    def scoped_constant(self, _: Any, constant: Constant) -> Node:
        self.set_prefix(None)
        return self.symbolic_constant(constant)
