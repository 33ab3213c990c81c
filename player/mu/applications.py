"""Calls of what an expression names, function values, assignment.

Source of the rules: Open RV's ``Mu/NodeAssembler.cpp`` (``call``, ``functionConstant``,
``methodThunk``, ``dynamicPartialEvalOrApply``, ``assignmentOperator``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from player.mu import types as t
from player.mu.calls import Calls, first_function
from player.mu.matching import choose, resolve
from player.mu.nodes import ASSIGN, CURRY, NOOP, CallNode, ConstNode, Node, Pending, is_noop
from player.mu.symbols import Function, Variable
from player.mu.values import MuException, MuFunction, MuThrow

__all__ = ["Applications"]


class Applications(Calls):
    """Adds what may stand in front of the parentheses of a call."""

    # -- calling what an expression names --------------------------------------------------

    def call_value(self, node: Node, nodes: list[Node | None]) -> Node | None:
        """Call the value of an expression."""
        target = self.dereference(node)
        if target is None:
            return None
        kind = target.type
        if kind is not None and (kind.is_class or isinstance(kind, t.InterfaceType)):
            overloads = kind.find("()")
            function = first_function(overloads)
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
        if isinstance(symbol, t.TypeVariable):
            return self.unresolved_call(symbol.name, nodes)
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
        if not kind.primitive:
            found = self._type_functions(kind)
            if found:
                allocate = first_function(kind.find("__allocate"))
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
            return self._partial_of(functions, nodes, virtual)
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

    def _partial_of(
        self, functions: list[Function], nodes: list[Node | None], virtual: bool
    ) -> Node | None:
        if any(n is None for n in nodes):
            return None
        match = choose(functions, [_open_type(n) for n in nodes], self.root)
        if match is None:
            return None
        value = self.function_value(match.function, literal=True)
        return None if value is None else self.partial(value, nodes, virtual=virtual)

    def _call_variable(
        self, variable: Variable, nodes: list[Node | None], virtual: bool
    ) -> Node | None:
        place = self.reference(variable)
        if place is None:
            self.report(f'Unable to reference variable "{variable.name}"')
            return None
        function = first_function(variable.type.find("()"))
        if function is not None:
            if any(is_noop(n) for n in nodes):
                return self.partial(place, nodes, virtual=virtual)
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

    def partial(
        self, target: Node, nodes: Sequence[Node | None], *, virtual: bool = True
    ) -> Node | None:
        """``f(1,)``: a function of the arguments left out (``closures`` makes it). ``virtual``:
        of a method, the one of the object's own class."""
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
        flag = ConstNode(t.BOOL, virtual)
        return self.fold(CallNode(CURRY, [ConstNode(made, None), value, flag, *args]))

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


def _open_type(node: Node | None) -> t.Type | None:
    """The type of an argument, None (anything) for an omitted one."""
    if node is None:
        return None
    kind = node.type
    return None if kind is t.VOID else kind
