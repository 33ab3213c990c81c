"""Patterns of ``let`` and ``case``, and the case statement.

A pattern becomes declarations and tests: a tag converts the value (which fails the pattern when
the tag is another), a constant compares, a name declares a variable.
Source of the rules: Open RV's ``Mu/NodeAssembler.cpp`` (``resolvePatterns``, ``casePattern``).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from player.mu import types as t
from player.mu.declarations import Declarations
from player.mu.matching import pattern_matches
from player.mu.nodes import SPECIAL, CallNode, Node
from player.mu.symbols import Function, MemberVariable, Variable
from player.mu.typetext import parse_type

__all__ = ["Pattern", "Patterns"]


class Pattern:
    """One pattern: a name, a constant, or parts that a type of some shape has."""

    __slots__ = ("constant", "name", "parts", "shape", "tag")

    def __init__(
        self, name: str = "_", *, constant: Node | None = None,
        parts: Sequence[Pattern] = (), shape: str = "",
    ) -> None:  # fmt: skip
        self.name = name
        self.constant = constant
        self.parts = list(parts)
        self.shape = shape
        self.tag: t.Type | None = None


def nested_list(parts: Sequence[Pattern], *, open_end: bool) -> Pattern:
    """``[a, b]`` or (``open_end``) ``a : b`` as pairs of a value and the rest."""
    rest = parts[-1] if open_end else Pattern(parts=[parts[-1], Pattern()], shape="?list")
    for part in reversed(parts[:-1]):
        rest = Pattern(parts=[part, rest], shape="?list")
    return rest


class Patterns(Declarations):
    """``cases`` holds the types of the values of the case statements that are open."""

    cases: list[t.Type | None]

    def resolve_pattern(self, pattern: Pattern, node: Node) -> Node | None:
        """Declarations and tests of a pattern for a value; None when it cannot fit."""
        self.declared_type = None
        value: Node | None = node
        tag = pattern.tag
        if tag is not None:
            value = self.cast(node, tag)
            if value is None:
                return None
            unpack = next(f for f in tag.find("__unpack") or () if isinstance(f, Function))
            value = self.call_function(unpack, [value])
            if value is None:
                return None
            if isinstance(tag, t.VariantTag) and tag.payload is t.VOID:
                return value
        assert value is not None
        kind = value.type
        if pattern.parts:
            return self._parts(pattern, value)
        if pattern.constant is not None:
            test = self.operator("eq" if kind is t.NIL else "==", value, pattern.constant)
            return self.statement("__bool_pattern_test", [test])
        if pattern.name == "_":
            return self.declare(self.unique_name("__any"), value)
        return self.declare(pattern.name, value)

    def _parts(self, pattern: Pattern, value: Node) -> Node | None:
        kind = value.type
        shape = parse_type(pattern.shape, lambda _: None)
        if kind is None or not pattern_matches(shape, kind):
            self.report("Pattern will not match against the type")
            return None
        name = self.unique_name("__var")
        declared = self.declare(name, value)
        variable = self.find_first(name, Variable)
        if declared is None or variable is None:
            return None
        if not isinstance(variable.type, t.AnyClass):
            self.report("pattern cannot match the type")
            return None
        fields = variable.type.fields
        nodes: list[Node] = [declared]
        if len(pattern.parts) != len(fields):
            lonely = not self.has_nodes()
            self.report("Number of patterns does not match number of fields")
            return None if lonely else self.block(nodes)
        for i, (part, (field, field_type)) in enumerate(zip(pattern.parts, fields, strict=True)):
            owner = self.value_of(variable)
            assert owner is not None
            member = MemberVariable(field, field_type, i)
            member.owner = variable.type
            place = self.member(member, owner)
            got = self.dereference(place)
            made = None if got is None else self.resolve_pattern(part, got)
            if made is None:
                # RV notices only when there are no other nodes about
                return self.block(nodes[:1]) if self.has_nodes() else None
            nodes.append(made)
        return self.block(nodes)

    @abstractmethod
    def has_nodes(self) -> bool:
        """Whether a list of nodes is under construction (the assembler knows)."""

    # -- case ------------------------------------------------------------------------------

    def begin_case(self, node: Node) -> Node | None:
        """``case (value)``: the tags of a union are visible in the arms."""
        self.push_block()
        kind = node.type
        if kind is not None:
            self.push(kind, False)
        self.declared_type = None
        self.declared_global = False
        self.cases.append(kind)
        return self.declare("__case_result", node)

    def case_pattern(self, pattern: Pattern) -> Node | None:
        """The test of one arm."""
        expected = self.cases[-1] if self.cases else None
        value = None
        if pattern.tag is not None and pattern.tag.owner is not expected:
            self.report("case pattern constructor does not match case expr type")
        else:
            value = self.value_named("__case_result")
            if value is not None and pattern.tag is not None:
                value = self.cast(value, pattern.tag)
        if value is not None:
            made = self.resolve_pattern(pattern, value)
            if made is not None:
                return made
        if self.cases:
            self.cases.pop()
        return None

    def end_case(self, declared: Node | None, arms: Sequence[Node]) -> Node | None:
        """The whole statement: the value and its arms."""
        made = self.statement("__case_test", [declared, *arms])
        self.pop()
        if self.cases:
            self.cases.pop()
        return made

    def case_arm(self, test: Node | None, statement: Node | None) -> Node | None:
        """One arm: a test and what it leads to."""
        parts = [p for p in (test, statement) if p is not None]
        for part in parts:
            if part.type in (None, t.UNRESOLVED):
                made: Node = self.unresolved_call("__pattern_test", parts)
                break
        else:
            made = CallNode(SPECIAL["__pattern_test"], parts)
        if self.hidden("__pattern_test"):
            self.pop()
            return None
        self.pop()
        return made
