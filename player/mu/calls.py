"""Calls: overload resolution, evaluation ahead of time, function values.

Source of the rules: Open RV's ``Mu/NodeAssembler.cpp`` (``callBestFunction``, ``call``,
``constReduce``, ``functionConstant``, ``dynamicPartialEvalOrApply``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from player.mu import types as t
from player.mu.matching import choose, resolve
from player.mu.nodes import (
    ASSIGN,
    BLOCK,
    CURRY,
    NOOP,
    SPECIAL,
    CallNode,
    ConstNode,
    Node,
    Pending,
    is_noop,
)
from player.mu.references import References
from player.mu.symbols import Function, Variable, qualified
from player.mu.values import MuException, MuFunction, MuThrow

__all__ = ["Calls"]

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
        args = node.args
        for arg in args:
            if not isinstance(arg, ConstNode):
                return node
        if function is NOOP or (function.constructor and _mutable(function.ret)):
            return node
        kind = node.type
        if kind is None:
            return node
        if function.maybe_pure:
            for arg in args:
                value = arg.value if isinstance(arg, ConstNode) else None
                if isinstance(arg.type, t.FuncType):
                    if value is None:
                        return node
                    called = value.symbol
                    if called is None or not (called.pure or called.maybe_pure):
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

    # -- calling what an expression names --------------------------------------------------

    def call_value(self, node: Node, nodes: list[Node | None]) -> Node | None:
        """Call the value of an expression."""
        target = self.dereference(node)
        if target is None:
            return None
        kind = target.type
        if kind is not None and (kind.is_class or isinstance(kind, t.InterfaceType)):
            overloads = kind.find("()")
            function = _first_function(overloads)
            if function is None:
                return None
            if any(is_noop(n) for n in nodes):
                made = self.partial(target, nodes)
            else:
                made = self.call_method(function, [target, *nodes])
            if made is None:
                self.report("Function argument mis-match")
            return made
        if kind is t.UNRESOLVED:
            assert isinstance(target, Pending)
            inner = target.args[0] if target.args else None
            if target.what == "member" or (
                target.what == "dereference" and isinstance(inner, Pending)
                and inner.what == "member"
            ):  # fmt: skip
                given = [n for n in nodes if n is not None]
                return self.wait(Pending("member_call", "()", self.scope_state, [target, *given]))
            if not any(is_noop(n) for n in nodes):
                self.report("unresolved in this context")
            return None
        made = self.operator("()", *nodes)
        if made is None:
            self.report("operator() is not defined")
        return made

    def call_symbol(
        self, symbol: Any, nodes: list[Node | None], *, virtual: bool = True
    ) -> Node | None:
        """Call what a name means: a function, a type's constructor or a variable's value."""
        if isinstance(symbol, t.Type):
            given = len(nodes)
            functions = self._constructors(symbol, nodes)
            if functions is None:
                return None
            if len(nodes) > given:
                return self.call_best(functions, nodes)
        else:
            functions = self.functions(symbol.name)
        if functions:
            return self._call_functions(symbol, functions, nodes, virtual)
        if isinstance(symbol, t.Type):
            self.report("expecting a function")
            return None
        variable = self.find_first(symbol.name, Variable)
        if variable is None:
            self.report("expecting a function")
            return None
        return self._call_variable(variable, nodes, virtual)

    def _constructors(self, kind: t.Type, nodes: list[Node | None]) -> list[Function] | None:
        """The constructors of a type; class constructors get the new object in front."""
        if isinstance(kind, t.TypeVariable):
            self.report("a type variable has no constructor")
            return None
        if not kind.primitive:
            found = self._type_functions(kind)
            if found:
                allocate = _first_function(kind.find("__allocate"))
                if allocate is not None:
                    nodes.insert(0, CallNode(allocate))
                return found
        owner = self.root if kind.owner is None else kind.owner
        name = kind.name if kind.owner is None else kind.local
        return [f for f in owner.table.get(name, ()) if isinstance(f, Function)]

    def _type_functions(self, kind: t.Type) -> list[Function]:
        out: list[Function] = []
        classes: list[t.Type] = [kind]
        while classes:
            current = classes.pop(0)
            # a class finds the constructors of its own name in its bases too
            out += [f for f in current.table.get(kind.local, ()) if isinstance(f, Function)]
            if isinstance(current, t.AnyClass):
                classes[:0] = current.bases
        return out

    def _call_functions(
        self, symbol: Any, functions: list[Function], nodes: list[Node | None], virtual: bool
    ) -> Node | None:
        if any(n is None or is_noop(n) for n in nodes):
            return self._partial_of(functions, nodes)
        methods = sum(1 for f in functions if f.is_method)
        if methods and methods < len(functions):
            # functions of a class and methods compete
            if any(n is None for n in nodes):
                return None
            match = choose(functions, [_open_type(n) for n in nodes], self.root)
            if match is not None:
                if match.function.is_method and virtual:
                    return self.call_method(match.function, nodes)
                return self.call_function(match.function, nodes)
        if isinstance(symbol, Function) and symbol.is_method:
            if virtual:
                return self.call_method(symbol, nodes)
            return self.call_function(symbol, nodes)
        return self.call_best(functions, nodes)

    def _partial_of(self, functions: list[Function], nodes: list[Node | None]) -> Node | None:
        if any(n is None for n in nodes):
            return None
        match = choose(functions, [_open_type(n) for n in nodes], self.root)
        if match is None:
            return None
        value = self.function_value(match.function, literal=True)
        return None if value is None else self.partial(value, nodes)

    def _call_variable(
        self, variable: Variable, nodes: list[Node | None], virtual: bool
    ) -> Node | None:
        place = self.reference(variable)
        if place is None:
            self.report(f'Unable to reference variable "{variable.name}"')
            return None
        function = _first_function(variable.type.find("()"))
        if function is not None:
            if any(is_noop(n) for n in nodes):
                return self.partial(place, nodes)
            target = self.dereference(place)
            if virtual:
                return self.call_method(function, [target, *nodes])
            return self.call_function(function, [target, *nodes])
        if place.type is t.UNRESOLVED:
            return self.unresolved_call("()", [place, *nodes])
        return None

    # -- function values -------------------------------------------------------------------

    def function_value(self, function: Function, *, literal: bool = False) -> Node | None:
        """A function as a value; a nested one takes its captured variables along."""
        overloaded = self.overloaded(function)
        if (
            (len(overloaded) > 1 or (overloaded and overloaded[0] is not function))
            and not function.is_lambda
            and not literal
        ):
            return ConstNode(t.AMBIGUOUS, self.host.function_value(function, t.AMBIGUOUS))
        kind = function.type
        self.known(kind)
        node = ConstNode(kind, self.host.function_value(function, kind))
        if not function.free:
            return node
        nodes: list[Node | None] = [CallNode(NOOP) for _ in function.types]
        for parameter in function.free:
            variable = self.find_first(parameter.name, Variable)
            if variable is None:
                self.report(f'unable to bind free variable "{parameter.name}"')
                return None
            nodes.append(self.value_of(variable))
        return self.partial(node, nodes)

    def method_value(self, method: Function, this: Node | None) -> Node | None:
        """A method bound to its object."""
        value = self.function_value(method, literal=True)
        if value is None:
            return None
        rest: list[Node | None] = [
            CallNode(NOOP) for _ in range(len(method.types) + len(method.free) - 1)
        ]
        return self.partial(value, [this, *rest])

    def partial(self, target: Node, nodes: Sequence[Node | None]) -> Node | None:
        """``f(1,)``: a function of the arguments left out."""
        value = self.dereference(target)
        kind = None if value is None else value.type
        if value is None or not isinstance(kind, t.FuncType):
            return None
        function: Function | None = None
        if isinstance(value, ConstNode) and isinstance(value.value, MuFunction):
            function = value.value.symbol
        wanted = list(kind.args)
        left: list[t.Type] = []
        args: list[Node] = []
        for i, node in enumerate(nodes):
            if i < len(wanted):
                if is_noop(node):
                    assert node is not None
                    left.append(wanted[i])
                    args.append(node)
                    continue
                to = wanted[i]
            elif function is not None and i < len(function.parameters):
                to = function.parameters[i].type
            else:
                return None
            arg = self.cast(node, to)
            if arg is None:
                raise MuThrow(MuException("nil argument to function"))
            args.append(arg)
        made = self.known(t.function_of(kind.ret, *left))
        return self.fold(CallNode(CURRY, [ConstNode(made, None), value, *args]))

    def resolve_assignments(self) -> None:
        """Any assignment looks at the assignments of all unions."""
        for function in self.functions("="):
            resolve(function, self.root)

    # -- assignment ------------------------------------------------------------------------

    def assign(self, operator: str, place: Node, value: Node) -> Node | None:
        """``=``, ``+=`` ...; the value is converted to what the place holds first."""
        if place.type is t.UNRESOLVED or value.type is t.UNRESOLVED:
            return Pending("assign", "=", self.scope_state, [place, value])
        kind = place.type
        if not isinstance(kind, t.RefType):
            self.report("illegal assignment")
            return None
        converted = self.cast(value, kind.target)
        if converted is None:
            self.report("cannot cast for assignment")
            return None
        if operator == "=":
            if self.root.ambiguous:
                self.resolve_assignments()
            own = [f for f in self.functions("=") if f.kind != "="]
            if own:
                match = choose(own, [kind, converted.type], self.root)
                if match is not None:
                    return self.call_best([match.function], [place, converted])
            if converted.type is None or converted.type is t.UNRESOLVED:
                return self.unresolved_call("=", [place, converted])
            return CallNode(ASSIGN, [place, converted])
        return self.operator(operator, place, converted)


def _mutable(kind: t.Type | None) -> bool:
    return kind is not None and kind.mutable


def _open_type(node: Node | None) -> t.Type | None:
    """The type of an argument, None (anything) for an omitted one."""
    if node is None:
        return None
    kind = node.type
    return None if kind is t.VOID else kind


def _first_function(found: list[Any] | None) -> Function | None:
    for symbol in found or ():
        if isinstance(symbol, Function):
            return symbol
    return None
