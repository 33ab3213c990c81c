"""Calls of functions: overload resolution, evaluation ahead of time, statements.

Source of the rules: Open RV's ``Mu/NodeAssembler.cpp`` (``callBestFunction``, ``callMethod``,
``callFunction``, ``constReduce``, ``functionReduce``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from player.mu import types as t
from player.mu.matching import choose
from player.mu.nodes import BLOCK, NOOP, SPECIAL, CallNode, ConstNode, Node, Pending
from player.mu.references import References
from player.mu.symbols import Function, Variable, qualified
from player.mu.values import MuException, MuThrow

__all__ = ["Calls", "first_function", "foldable"]

_CONDITIONS = {"__if": 0, "__while": 0, "__for": 1, "__do_while": 1}
_COUNTS = (t.INT, t.BYTE, t.SHORT, t.INT64, t.FLOAT, t.DOUBLE)


class Calls(References):
    """``host`` runs functions ahead of time and makes function values (the interpreter)."""

    host: Any
    allow_unresolved = True

    # -- evaluation ahead of time ----------------------------------------------------------

    def fold(self, node: CallNode) -> Node | None:
        function = node.symbol
        if function.unresolved or not (function.pure or function.maybe_pure):
            return node
        for arg in node.args:
            if not isinstance(arg, ConstNode):
                return node
        kind = node.type
        if kind is None or not foldable(node):
            return node
        try:
            return ConstNode(kind, self.host.evaluate_ahead(node))
        except MuThrow as error:
            if error.reported is not None:
                raise
            return None

    # -- choosing --------------------------------------------------------------------------

    def operator(self, name: str, *args: Node | None) -> Node | None:
        """A call of the best function of a name."""
        functions = self.functions(name)
        return self.call_best(functions, list(args)) if functions else None

    def statement(self, name: str, args: Sequence[Node | None]) -> Node | None:
        """A statement of its parts; unresolved when a part is or does not fit."""
        if self.hidden(name):
            return None
        given: list[Node] = [a if a is not None else CallNode(NOOP) for a in args]
        if any(a.type is None or a.type is t.UNRESOLVED for a in given):
            return self.unresolved_call(name, given) if self.allow_unresolved else None
        if not self._fit(name, given):
            return self.unresolved_call(name, given) if self.allow_unresolved else None
        return CallNode(SPECIAL[name], given)

    def _fit(self, name: str, args: list[Node]) -> bool:
        """Whether the parts of a statement have the types it needs; converts them."""
        at = _CONDITIONS.get(name)
        if at is not None:
            return args[at].type is t.BOOL
        if name == "__repeat":
            count = self.cast(args[0], t.INT) if args[0].type in _COUNTS else None
            if count is None:
                return False
            args[0] = count
        elif name == "__throw":
            kind = args[0].type
            if kind in (t.EXCEPTION, t.NIL, t.OBJECT):
                return True
            thrown = self.cast(args[0], t.OBJECT) if kind is not None and kind.is_class else None
            if thrown is None:
                return False
            args[0] = thrown
        elif name == "__try":
            return len(args) <= 3
        elif name in ("__for_each", "__for_index"):
            kind = args[-2].type
            if not isinstance(args[0].type, t.RefType) or kind is None or not kind.collection:
                return False
            if name == "__for_index":
                if not isinstance(kind, t.ArrayType):
                    return False
                return len(args) == 3 or (kind.dims is not None and len(args) <= 5)
        return True

    def block(self, args: Sequence[Node]) -> Node:
        """Several statements as one."""
        if any(a.type is None or a.type is t.UNRESOLVED for a in args):
            return self.unresolved_call("__statement_list", args)
        return CallNode(BLOCK, args)

    def unresolved_call(self, name: str, args: Sequence[Node | None]) -> Pending:
        """A call that later text may make possible."""
        given = [a for a in args if a is not None]
        return self.wait(Pending("call", name, self.scope_state, given))

    def call_best(self, functions: Sequence[Function], nodes: list[Node | None]) -> Node | None:
        """Call the candidate that fits best; an unresolved call when none does."""
        kinds: list[t.Type | None] = []
        for node in nodes:
            kind = None if node is None else node.type
            if node is not None and (kind is None or kind is t.UNRESOLVED):
                if self.allow_unresolved:
                    return self.unresolved_call(qualified(functions[0]), nodes)
                return None
            kinds.append(kind)
        match = choose(functions, kinds, self.root)
        if match is None:
            return self._call_peer(functions, nodes)
        function, swapped = match
        if swapped:
            nodes[0], nodes[1] = nodes[1], nodes[0]
        args: list[Node] = []
        types = function.types
        for i, node in enumerate(nodes):
            wanted = types[0] if function.variadic else types[i] if i < len(types) else None
            arg = node
            if wanted is not None and not isinstance(wanted, t.PatternType):
                arg = self.cast(node, wanted)
            if arg is None:
                raise MuThrow(MuException("nil argument to function"))
            args.append(arg)
        if not function.variadic:
            for parameter in function.parameters[len(nodes) : len(types)]:
                args.append(ConstNode(parameter.type, parameter.default))
        for parameter in function.free:
            variable = self.find_first(parameter.name, Variable)
            value = None if variable is None else self.value_of(variable)
            if value is None:
                self.report(f'unable to bind free variable "{parameter.name}"')
                return None
            args.append(value)
        call = CallNode(function, args)
        if function.kind == "activate":
            direct = self._direct(call)
            if not isinstance(direct, CallNode):
                return direct
            call = direct
        return self.fold(call)

    def _direct(self, call: CallNode) -> Node:
        """A call through a known function value becomes a call of the function."""
        called = call.args[0] if call.args else None
        if isinstance(called, ConstNode) and called.value is not None:
            function = called.value.symbol
            if isinstance(function, Function) and not function.is_lambda:
                made = self.call_best([function], list(call.args[1:]))
                if made is not None:
                    return made
        return call

    def _call_peer(self, functions: Sequence[Function], nodes: list[Node | None]) -> Node | None:
        """In a method, a peer method that wants ``this`` in front."""
        method = self._method()
        if method is not None:
            owner = method.owner
            count = len(nodes) + 1
            peers = [
                f for f in functions
                if f.minimum <= count <= f.maximum
                and (
                    f.owner is owner
                    or (isinstance(f.owner, t.Type) and isinstance(owner, t.AnyClass)
                        and owner.derives_from(f.owner))
                )
            ]  # fmt: skip
            if peers:
                this = self.value_of(method.parameters[0])
                nodes.insert(0, this)
                return self.call_best(peers, nodes)
        if self.allow_unresolved:
            return self.unresolved_call(functions[0].name, nodes)
        return None

    def _method(self) -> Function | None:
        state: Any = self.scope_state
        while state is not None:
            symbol = state.symbol
            if isinstance(symbol, Function) and symbol.is_method:
                return symbol
            state = state.parent
        return None

    def overloaded(self, function: Function) -> list[Function]:
        """All functions of a function's name in its scope."""
        return [f for f in self.overloads(function) if isinstance(f, Function)]

    def call_method(self, method: Function, nodes: list[Node | None]) -> Node | None:
        """Call a method; the object decides which one runs."""
        node = self.call_best(self.overloaded(method), nodes)
        if isinstance(node, CallNode) and (
            node.symbol.is_method or isinstance(method.owner, t.InterfaceType)
        ):
            node.virtual = True
        return node

    def call_function(self, function: Function, nodes: Sequence[Node | None]) -> Node | None:
        """Call one function, no other."""
        if len(function.types) + len(function.free) != len(nodes):
            return None
        args: list[Node] = []
        for node, wanted in zip(nodes, self._all_types(function), strict=False):
            kind = None if node is None else node.type
            if kind is None or kind is t.UNRESOLVED:
                self.report(f'an argument to function "{function.name}" is unresolved')
                return None
            arg = node if kind is wanted else self.cast(node, wanted)
            if arg is None:
                raise MuThrow(MuException("nil argument to function"))
            args.append(arg)
        call = CallNode(function, args)
        if function.kind == "activate":
            direct = self._direct(call)
            if not isinstance(direct, CallNode):
                return direct
            call = direct
        return self.fold(call)

    @staticmethod
    def _all_types(function: Function) -> list[t.Type]:
        return [*function.types, *(p.type for p in function.free)]


def foldable(node: CallNode) -> bool:
    """Whether a call is evaluated ahead of time when its arguments are constants."""
    function = node.symbol
    if function.unresolved or function is NOOP or not (function.pure or function.maybe_pure):
        return False
    if function.constructor and function.ret is not None and function.ret.mutable:
        return False
    if function.maybe_pure:
        for arg in node.args:
            if isinstance(arg.type, t.FuncType):
                value = arg.value if isinstance(arg, ConstNode) else None
                called = None if value is None else value.symbol
                if called is None or not (called.pure or called.maybe_pure):
                    return False
    return True


def first_function(found: Sequence[Any] | None) -> Function | None:
    """The first function among overloads."""
    for symbol in found or ():
        if isinstance(symbol, Function):
            return symbol
    return None
