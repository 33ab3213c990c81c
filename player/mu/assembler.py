"""What the productions of the grammar do: one method for each alias in ``grammar.lark``.

A method gets the values of the production's symbols and returns the value of its left side.
Raising :class:`Recover` makes the parser recover from an error, as YYERROR does in the original;
the methods do what the original's actions do, and in its order, because what stays declared
after a broken text depends on it. Source: Open RV's ``MuLang/Grammar.y``.

The methods are in ``expressions``, ``statements`` and ``definitions``; here are those of whole
texts.
"""

from __future__ import annotations

from typing import Any

from player.mu import types as t
from player.mu.definitions import Definitions
from player.mu.nodes import FRAME, CallNode, Node
from player.mu.patching import patch
from player.mu.symbols import Function, Module, StackVariable

__all__ = ["Assembler", "SyntaxFailure"]


class SyntaxFailure(Exception):
    """The text is refused: RV's ``syntax error``."""


class Assembler(Definitions):
    """Assembles one text. ``result`` is the tree to run, None when there is nothing to run;
    ``declared`` counts the functions that were declared."""

    def __init__(self, host: Any, modules: list[Module]) -> None:
        super().__init__(host.root, host.unique)
        self.host = host
        self.frame: list[StackVariable] = []
        self.frames: list[list[StackVariable]] = []
        self.unresolved: list[Function] = []
        self.cases: list[t.Type | None] = []
        self.types: list[t.Type | None] = []
        self.dimensions: list[int] = []
        self.dangling: list[Node] = []
        self.result: Node | None = None
        self.rooted = True  # a type alone, and a text without anything, set no root
        self.values: list[Any] = []
        self.declared = 0
        self.stray = False
        for module in modules:
            self.push(module, False)

    def finish(self) -> None:
        """Resolve what functions left open; MuThrow when that fails."""
        self.number_frame()
        for function in self.unresolved:
            patch(self, function)

    # -- the whole text --------------------------------------------------------------------

    def left_over(self, values: list[Any]) -> None:
        """What an abandoned production leaves behind. RV keeps all lists of nodes on one stack:
        the nodes of an abandoned list become the last statements of the list around it."""
        nodes = [v for value in values if isinstance(value, list) for v in value
                 if isinstance(v, Node)]  # fmt: skip
        nodes += self.dangling
        self.dangling = []
        around = self.values[-2] if len(self.values) > 1 else None
        if isinstance(around, list):
            around += nodes
        elif nodes:
            self.stray = True

    def has_nodes(self) -> bool:
        """Whether a list of nodes is under construction around the current production."""
        return self.stray or any(
            isinstance(v, list) and v and isinstance(v[0], Node) for v in self.values
        )

    def _root(self, node: Node | None) -> None:
        self.result = node
        if self.failed:
            raise SyntaxFailure

    def root_expression(self, node: Node) -> None:
        self._root(node)

    def root_empty(self) -> None:
        self.result, self.rooted = None, False

    def root_statements(self, nodes: list[Node]) -> None:
        self._root(CallNode(FRAME, nodes) if nodes else None)

    def root_type(self, kind: t.Type) -> None:
        self.result, self.rooted = None, False

    def root_failed(self, _: Any) -> None:
        self._root(None)

    def nothing(self, *_: Any) -> None:
        return None

    # -- lists -----------------------------------------------------------------------------

    def empty_list(self) -> list[Any]:
        return []

    def list_first(self, item: Any) -> list[Any]:
        return [item]

    def list_next(self, items: list[Any], _: Any, item: Any) -> list[Any]:
        items.append(item)  # nobody else has it yet
        return items

    def list_next_bare(self, items: list[Any], item: Any) -> list[Any]:
        items.append(item)
        return items

    def second(self, _: Any, item: Any, *__: Any) -> Any:
        return item
