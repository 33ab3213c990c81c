"""A function with some of its arguments given for good: what RV makes of captured variables.

Theory of operation
-------------------
RV does not bind the captured variables of a lambda: it writes a new function, the old tree gone
through once more with constants in their place. Whatever is pure and has only constants for
arguments is evaluated then, when the function value is made. So ``\\: (int;) { n.size(); }`` always
answers the size that ``n`` had, methods are called without looking at the class of the object,
and an assignment to a captured variable is not possible: the node is missing in the new tree,
and a block ends where a node is missing.

Here the new tree is made once for each function and set of given arguments (:class:`Plan`); the
given values and the values computed ahead are further, hidden parameters of the new function
(``closures`` has the values). That an evaluation ahead fails is only known when it runs: then
another plan is made in which the node is missing.

A named function is not written anew but called with constants among its arguments.
Source: Open RV's ``Mu/FunctionSpecializer.cpp`` and ``Mu/PartialApplicator.cpp``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from player.mu import types as t
from player.mu.assembler import Assembler
from player.mu.calls import foldable
from player.mu.matching import choose
from player.mu.nodes import (
    SPECIAL,
    CallNode,
    ConstNode,
    MemberNode,
    Node,
    Pending,
    VariableNode,
    is_noop,
)
from player.mu.symbols import FreeVariable, Function, Parameter, StackVariable, Variable, add
from player.mu.values import MuThrow

__all__ = ["Ahead", "Plan", "plan"]

_BLOCKS = frozenset({"block", "frame", "pattern_block"})
_STATEMENTS = frozenset(
    {"if", "for", "while", "do_while", "repeat", "for_each", "for_index", "break", "continue",
     "throw", "rethrow", "exception", "try", "catch", "catch_all", "case_test", "pattern_test",
     "bool_pattern_test", "return", "return_void", "noop"}
)  # fmt: skip
_TESTS = {"if": 0, "while": 0, "for": 1, "do_while": 1}


class Ahead(NamedTuple):
    """A value computed when the function value is made, of hidden values that come before it."""

    call: Callable[..., Any]
    given: tuple[int, ...]


class Plan(NamedTuple):
    """How to make a function value. ``function``: the new function, whose last parameters are
    the given arguments and then the values of ``ahead``; None when RV cannot make it.
    ``changed``: the new function does not do what the old one does with the same arguments, and
    ``call`` is its Python function."""

    function: Function | None
    ahead: Sequence[Ahead]
    changed: bool
    call: Callable[..., Any]


class _Missing(Exception):
    """The new function cannot be made."""


def plan(
    host: Any, function: Function, given: Sequence[bool], virtual: bool, failed: frozenset[int]
) -> Plan:
    """The plan for a function of which the arguments with ``given`` are known. ``virtual``: the
    object decides which method it is; ``failed``: evaluations ahead that threw, by number."""
    maker = _Specializer(host, function, given, failed)
    try:
        maker.run(virtual)
    except (_Missing, MuThrow):
        return Plan(None, maker.ahead, True, host.later(maker.made))
    return Plan(maker.made, maker.ahead, maker.changed, host.later(maker.made))


class _Specializer(Assembler):
    allow_unresolved = False

    def __init__(
        self, host: Any, function: Function, given: Sequence[bool], failed: frozenset[int]
    ) -> None:
        super().__init__(host, [])
        self.old = function
        self.throwing = failed
        self.attempts = 0
        self.changed = False
        self.ahead: list[Ahead] = []
        self.secret: list[FreeVariable] = []
        self.variables: dict[int, StackVariable] = {}
        self.locals = 0
        self.made = Function("__lambda", function.ret, [])
        self.made.native = False
        self.made.is_lambda = True
        old = function.parameters or _named(function.types)
        captured = []
        for parameter, known in zip(old, given, strict=True):
            if known:
                captured.append(parameter)
                continue
            mine = Parameter(parameter.name, parameter.type, self.new_code(parameter.name))
            self.made.types.append(mine.type)
            self.made.parameters.append(mine)
            self.variables[id(parameter)] = mine
            add(self.made, mine)
            self.locals += 1
        self.made.minimum = self.made.maximum = len(self.made.types)
        for parameter in captured:
            self.variables[id(parameter)] = self.hide(parameter.name, parameter.type)
        self.arguments = [self.variable_node(self.variables[id(p)]) for p in old]

    # -- constants -------------------------------------------------------------------------

    def hide(self, name: str, kind: t.Type) -> FreeVariable:
        """A further parameter for a value known when the function value is made."""
        variable = FreeVariable(name, kind, f"h{len(self.secret)}")
        variable.owner = self.made
        self.secret.append(variable)
        return variable

    def constant(self, node: Node | None) -> bool:
        """Whether the value of a node is known when the function value is made."""
        return isinstance(node, ConstNode) or (
            isinstance(node, VariableNode) and isinstance(node.symbol, FreeVariable)
            and node.symbol.owner is self.made
        )  # fmt: skip

    def fold(self, node: CallNode) -> Node | None:
        if not all(map(self.constant, node.args)) or not foldable(node):
            return node
        if all(isinstance(arg, ConstNode) for arg in node.args):
            return super().fold(node)
        kind = node.type
        if kind is None:
            return node
        number = self.attempts
        self.attempts += 1
        self.changed = True
        if number in self.throwing:
            return None
        bound = [a for a in node.args if isinstance(a, VariableNode)]
        places = tuple(self.secret.index(_hidden(a)) for a in bound)
        self.ahead.append(Ahead(self.host.ahead(node), places))
        return self.variable_node(self.hide("", kind))

    def variable_node(self, variable: StackVariable) -> VariableNode:
        """The value of a variable."""
        node = VariableNode(variable)
        node.ref = False
        return node

    # -- the new function ------------------------------------------------------------------

    def run(self, virtual: bool) -> None:
        """Make the new function; _Missing when that is not possible."""
        old, made = self.old, self.made
        body: Node | None
        if old.is_lambda and old.body is not None:
            body = self.visit(old.body)
        elif old.is_method and virtual:
            self.changed = True
            body = self.call_method(old, list(self.arguments))
        else:
            body = self.call_function(old, list(self.arguments))
        if body is None:
            raise _Missing
        if made.has_return:
            # RV takes the type of the last statement for the type of the function
            made.ret = body.type
            self.changed |= made.ret is not old.ret
        elif old.ret is not None:
            body = self.cast(body, old.ret)
            if body is None:
                raise _Missing
        made.parameters += self.secret
        self.set_body(made, body)
        self.host.new_function(made)

    # -- the tree --------------------------------------------------------------------------

    def visit(self, node: Node) -> Node | None:
        """A part of the old tree as it is in the new one; None: it is missing there."""
        if isinstance(node, VariableNode):
            return self._mine(node)
        if isinstance(node, MemberNode):
            return self._member(node)
        if isinstance(node, Pending):
            raise _Missing
        if not isinstance(node, CallNode):
            return node
        function = node.symbol
        kind = function.kind
        args = [self.visit(arg) for arg in node.args]
        if kind in _BLOCKS:
            kept = self._until_missing(args)
            if args and not kept:
                raise _Missing
            return CallNode(function, kept)
        if kind in _STATEMENTS:
            return self._statement(function, args)
        if kind == "=" and not isinstance(_type(args[0]), t.RefType):
            self.changed = True
            return None
        if kind == "curry" and any(arg is not None and is_noop(arg) for arg in args):
            self.changed = True  # RV finds no function for the arguments left out
            return None
        if kind in ("=", "curry", "dynamic_cast"):
            return self.fold(CallNode(function, self._all(args)))
        if node.virtual:
            self.changed = True
        return self._call(function, args)

    def _mine(self, node: VariableNode) -> Node:
        old: Variable = node.symbol
        mine = self.variables.get(id(old))
        if mine is None:
            if not isinstance(old, StackVariable) or not self._owned(old):
                return node
            mine = StackVariable(f"v{self.locals}", old.type, self.new_code(""), old.implicit)
            self.locals += 1
            self.variables[id(old)] = mine
            add(self.made, mine)
        made = VariableNode(mine)
        made.ref = node.ref and not isinstance(mine, FreeVariable)
        return made

    def _owned(self, variable: Variable) -> bool:
        owner = variable.owner
        while owner is not None and not isinstance(owner, Function):
            owner = owner.owner
        return owner is self.old

    def _member(self, node: MemberNode) -> Node:
        (of,) = self._all([self.visit(node.args[0])])
        ref = node.ref and (not node.part or isinstance(of.type, t.RefType))
        return MemberNode(node.symbol, of, part=node.part, ref=ref)

    def _all(self, args: Sequence[Node | None]) -> list[Node]:
        """Arguments of which none may be missing."""
        out = [arg for arg in args if arg is not None]
        if len(out) < len(args):
            raise _Missing
        return out

    def _until_missing(self, args: Sequence[Node | None]) -> list[Node]:
        out: list[Node] = []
        for arg in args:
            if arg is None:
                self.changed = True
                break
            out.append(arg)
        return out

    def _statement(self, function: Function, args: list[Node | None]) -> Node:
        kind = function.kind
        if kind in ("return", "return_void"):
            self.made.has_return = True
        test = _TESTS.get(kind)
        if test is not None and args[test] is None:
            raise _Missing
        kept = self._until_missing(args)
        # (RV runs into a node that is not there)
        kept += [CallNode(SPECIAL["__rethrow"]) for _ in args[len(kept) :]]
        return CallNode(function, kept)

    def _call(self, function: Function, args: Sequence[Node | None]) -> Node | None:
        match = choose(self.overloaded(function), [_type(a) for a in args], self.root)
        if match is None:
            self.changed = True
            return None
        if None in args and all(isinstance(k, t.PatternType) for k in match.function.types):
            kept = self._until_missing(args)
            if match.function.ret is t.VOID and not kept:
                return ConstNode(t.VOID, None)
            return CallNode(SPECIAL["__rethrow"])
        return self.call_best([match.function], list(args))


def _type(node: Node | None) -> t.Type | None:
    return None if node is None else node.type


def _hidden(node: VariableNode) -> FreeVariable:
    variable = node.symbol
    assert isinstance(variable, FreeVariable)
    return variable


def _named(kinds: Sequence[t.Type]) -> list[Parameter]:
    """Parameters of a library function that does not name them."""
    return [Parameter(f"p{i}", kind, f"p{i}") for i, kind in enumerate(kinds)]
