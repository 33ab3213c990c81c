"""The typed tree that parsing makes and ``emit`` turns into Python.

Every node has a ``symbol`` (a type for a constant, a variable, a function), arguments and a
``type``. Nodes that wait for names which later text may declare derive from :class:`Pending`;
``patching`` resolves them when the text is complete.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from player.mu import types as t
from player.mu.symbols import Function, MemberVariable, ScopeState, Variable

__all__ = [
    "ASSIGN", "BLOCK", "CURRY", "DYNAMIC_CAST", "FRAME", "NOOP", "PATTERN_BLOCK", "RETURN",
    "RETURN_VOID", "SPECIAL", "CallNode", "ConstNode", "MemberNode", "Node", "Pending",
    "VariableNode", "is_noop",
]  # fmt: skip


class Node:
    """Base of all nodes."""

    __slots__ = ("args", "symbol")

    def __init__(self, symbol: Any, args: Sequence[Node] = ()) -> None:
        self.symbol = symbol
        self.args: list[Node] = list(args)

    @property
    def type(self) -> t.Type | None:
        """The static type; None for a call of a function whose type is not inferred yet."""
        return t.VOID


class ConstNode(Node):
    """A constant: its type is the symbol, ``value`` a runtime value."""

    __slots__ = ("value",)

    def __init__(self, type: t.Type, value: Any) -> None:
        super().__init__(type)
        self.value = value

    @property
    def type(self) -> t.Type:
        kind: t.Type = self.symbol
        return kind


class VariableNode(Node):
    """A variable; ``ref``: the place itself, not its value."""

    __slots__ = ("ref",)

    symbol: Variable

    def __init__(self, variable: Variable) -> None:
        super().__init__(variable)
        self.ref = True

    @property
    def type(self) -> t.Type:
        kind = self.symbol.type
        return t.reference_to(kind) if self.ref else kind


class MemberNode(Node):
    """A field of an object, or (``part``) a component of a vector; ``ref`` as above."""

    __slots__ = ("part", "ref")

    symbol: MemberVariable

    def __init__(self, variable: MemberVariable, of: Node, *, part: bool, ref: bool) -> None:
        super().__init__(variable, [of])
        self.part = part
        self.ref = ref

    @property
    def type(self) -> t.Type:
        kind = self.symbol.type
        return t.reference_to(kind) if self.ref else kind


class CallNode(Node):
    """A call; ``virtual``: the object's own class decides which method runs."""

    __slots__ = ("virtual",)

    symbol: Function

    def __init__(self, function: Function, args: Sequence[Node] = ()) -> None:
        super().__init__(function, args)
        self.virtual = False

    @property
    def type(self) -> t.Type | None:
        kind = self.symbol.kind
        if kind in _LAST:
            return self.args[-1].type if self.args else t.VOID
        if kind == "=" or kind == "return":
            return self.args[0].type
        if kind in _FIRST:
            made = self.args[0].symbol
            assert isinstance(made, t.Type)
            return made
        ret = self.symbol.ret
        if isinstance(ret, t.PatternType):
            first = self.args[1].type
            return self.args[2].type if first is t.NIL else first
        return ret


class Pending(Node):
    """Something unresolved. ``name`` is what was looked for, ``scope`` where, ``call`` whether
    it is called; ``what`` tells the kinds apart (``patching``)."""

    __slots__ = ("call", "declaration", "name", "scope", "variable", "what")

    def __init__(
        self, what: str, name: str, scope: ScopeState, args: Sequence[Node] = (), *,
        call: bool = True, variable: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(None, args)
        self.what = what
        self.name = name
        self.scope = scope
        self.call = call
        self.variable = variable
        self.declaration: Node | None = None

    @property
    def type(self) -> t.Type:
        return t.UNRESOLVED


def _special(name: str, kind: str, *, pure: bool = False, ret: t.Type = t.VOID) -> Function:
    function = Function(name, ret, [])
    function.kind = kind
    function.pure = pure
    return function


_LAST: Final = frozenset({"block", "pattern_block", "frame"})
_FIRST: Final = frozenset({"dynamic_cast", "curry"})

NOOP: Final = _special("__no_op", "noop", pure=True)
BLOCK: Final = _special("__statement_list", "block")
PATTERN_BLOCK: Final = _special("__pattern_block", "pattern_block")
FRAME: Final = _special("__frame", "frame")
DYNAMIC_CAST: Final = _special("__dynamic_cast", "dynamic_cast", pure=True)
CURRY: Final = _special("__curry", "curry", pure=True)
RETURN: Final = _special("__return", "return")
RETURN_VOID: Final = _special("__return", "return_void")
ASSIGN: Final = _special("=", "=")
SPECIAL: Final = {
    name: _special(name, name.strip("_"), ret=ret)
    for name, ret in (
        ("__if", t.VOID), ("__for", t.VOID), ("__while", t.VOID), ("__do_while", t.VOID),
        ("__repeat", t.VOID), ("__for_each", t.VOID), ("__for_index", t.VOID),
        ("__break", t.VOID), ("__continue", t.VOID), ("__throw", t.VOID), ("__rethrow", t.VOID),
        ("__exception", t.OBJECT), ("__try", t.VOID), ("__catch", t.BOOL),
        ("__catch_all", t.BOOL), ("__case_test", t.BOOL), ("__pattern_test", t.BOOL),
        ("__bool_pattern_test", t.BOOL), ("__init", t.VOID),
    )
}  # fmt: skip
"""Statements, as functions: each is a call with its parts as arguments."""


def is_noop(node: Node | None) -> bool:
    """Whether a node is an empty statement or an omitted argument."""
    return node is not None and node.symbol is NOOP
