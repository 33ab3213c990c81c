"""Variables, fields and conversions: the assembler's middle floor.

Source of the rules: Open RV's ``Mu/NodeAssembler.cpp`` (``cast``, ``dereferenceLValue``,
``referenceVariable``, ``referenceMemberVariable``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from player.mu import types as t
from player.mu.matching import overloads_of, pattern_matches, resolve
from player.mu.nodes import (
    DYNAMIC_CAST,
    CallNode,
    ConstNode,
    MemberNode,
    Node,
    Pending,
    VariableNode,
)
from player.mu.scoping import Scoping
from player.mu.structure import install
from player.mu.symbols import (
    FreeVariable,
    Function,
    GlobalVariable,
    MemberVariable,
    Parameter,
    StackVariable,
    Variable,
    add,
)
from player.mu.values import MuException, MuThrow

__all__ = ["References"]


class References(Scoping, ABC):
    """Adds the stack frame being built: ``frame`` holds the variables it has."""

    frame: list[StackVariable]
    unresolved: list[Function]

    @abstractmethod
    def fold(self, node: CallNode) -> Node | None:
        """Evaluate a call ahead of time when it is possible; None when that fails."""

    def known(self, kind: t.Type) -> t.Type:
        """Make a structural type known to this interpreter."""
        install(kind, self.root)
        return kind

    def wait(self, pending: Pending) -> Pending:
        """Remember that the function being declared has something unresolved in it."""
        function = self.function
        if function is not None and not function.unresolved:
            function.unresolved = True
            self.unresolved.append(function)
        return pending

    # -- variables -------------------------------------------------------------------------

    def new_code(self, name: str) -> str:
        """A Python name for a variable."""
        return f"v{self._unique_code()}_{name}" if name.isascii() else f"v{self._unique_code()}"

    _codes = 0

    def _unique_code(self) -> int:
        self._codes += 1
        return self._codes

    def declare_local(self, name: str, kind: t.Type, *, implicit: bool = False) -> StackVariable:
        """A new variable in the scope and the frame."""
        variable = StackVariable(name, kind, self.new_code(name), implicit)
        self.place_variable(variable)
        add(self.scope, variable)
        return variable

    def place_variable(self, variable: StackVariable) -> None:
        """Give a variable the next place in the frame."""
        variable.slot = len(self.frame)
        self.frame.append(variable)

    def in_frame(self, variable: StackVariable) -> bool:
        """Whether a variable belongs to the frame being built, not to one around it."""
        return any(v is variable for v in self.frame)

    def capture(self, variable: Variable) -> FreeVariable:
        """A copy of an outer variable, passed to the function being declared."""
        function = self.function
        assert function is not None
        free = FreeVariable(variable.name, variable.type, self.new_code(variable.name))
        free.default = None
        self.place_variable(free)
        function.parameters.append(free)
        add(function, free)
        return free

    def reference(self, variable: Variable) -> Node | None:
        """The place of a variable."""
        if isinstance(variable, MemberVariable):
            function = self.function
            if function is not None:
                for symbol in function.table.get("this", ()):
                    if isinstance(symbol, Parameter):
                        prefix = self.dereference(self.reference(symbol))
                        return None if prefix is None else self.member(variable, prefix)
            return None
        if isinstance(variable, StackVariable) and (
            variable.type is t.UNRESOLVED or isinstance(variable.type, t.TypeVariable)
        ):
            return self._unresolved_variable(variable)
        if not isinstance(variable, (StackVariable, GlobalVariable)):
            return None
        return VariableNode(variable)

    def _unresolved_variable(self, variable: StackVariable) -> Node | None:
        if isinstance(self.named_scope(), Function):
            return self.wait(
                Pending("variable", variable.name, self.scope_state, call=False, variable=variable)
            )
        self.report(f'Unresolved reference to "{variable.name}"')
        return None

    def value_of(self, variable: Variable) -> Node | None:
        """The value of a variable."""
        return self.dereference(self.reference(variable))

    def value_named(self, name: str) -> Node | None:
        """The value of the variable of a name."""
        variable = self.find_first(name, Variable)
        if variable is None:
            self.report(f'Cannot dereference variable of name "{name}"')
            return None
        return self.value_of(variable)

    def member(self, variable: MemberVariable, of: Node) -> Node | None:
        """A field of an object, or a component of a vector."""
        owner = variable.owner
        if isinstance(owner, t.VectorType):
            return MemberNode(variable, of, part=True, ref=isinstance(of.type, t.RefType))
        of_value = self.dereference(of)
        if of_value is None:
            return None
        return MemberNode(variable, of_value, part=False, ref=True)

    # -- conversions -----------------------------------------------------------------------

    def dereference(self, node: Node | None) -> Node | None:
        """The value of what may be a place; a union's tag becomes the union."""
        if node is None:
            return None
        kind = node.type
        if kind is t.UNRESOLVED:
            if isinstance(node, Pending) and node.what == "member":
                return node
            return Pending("dereference", "", self.scope_state, [node], call=False)
        if isinstance(kind, t.RefType):
            if isinstance(node, (VariableNode, MemberNode)):
                node.ref = False
                return node
            return self.cast(node, kind.target)
        if isinstance(kind, t.VariantTag):
            return self.cast(node, kind.union)
        return node

    def cast(self, node: Node | None, target: t.Type) -> Node | None:
        """Convert a value; None when there is no way.

        This is the wide conversion of initialisation, assignment and return: there a cast may
        take a pattern, so that any object becomes a string.
        """
        if node is None:
            raise MuThrow(MuException("nil argument to function"))
        source = node.type
        if source is target:
            return node
        if source is t.UNRESOLVED:
            return self.wait(Pending("cast", target.name, self.scope_state, [node]))
        if source is None:
            raise MuThrow(MuException("nil argument to function"))
        matches = target.match(source)
        classes = target.is_class and source.is_class
        if matches and (not classes or _substitutable(source, target)):
            return node
        if (
            (isinstance(target, t.InterfaceType) and source.is_class)
            or (target.is_class and isinstance(source, t.InterfaceType))
            or (matches and classes)
        ):
            return self.dynamic_cast(node, target)
        function = self._cast_function(source, target)
        if function is not None:
            return self.fold(CallNode(function, [node]))
        if classes and isinstance(target, t.AnyClass) and target.derives_from(source):
            return self.dynamic_cast(node, target)
        return None

    def dynamic_cast(self, node: Node, target: t.Type) -> Node | None:
        """A conversion that is checked when it runs."""
        return self.fold(CallNode(DYNAMIC_CAST, [ConstNode(target, None), node]))

    def _cast_function(self, source: t.Type, target: t.Type) -> Function | None:
        found: Function | None = None
        scopes: list[Any] = [overloads_of(target, self.root), target.find(target.local) or ()]
        for overloads in scopes:
            for symbol in overloads:
                if not isinstance(symbol, Function) or not symbol.cast or not symbol.types:
                    continue
                resolve(symbol, self.root)
                wanted = symbol.types[0]
                if wanted is source:
                    return symbol
                if isinstance(wanted, t.PatternType) and pattern_matches(wanted, source):
                    found = symbol
            if found is not None:
                return found
        return None


def _substitutable(source: t.Type, target: t.Type) -> bool:
    """Whether an object can be used as one of its first bases without any change."""
    if source is target:
        return True
    if isinstance(source, t.AnyClass) and source.bases and source.derives_from(target):
        return _substitutable(source.bases[0], target)
    return False
