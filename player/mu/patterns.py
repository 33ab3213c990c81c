"""Patterns of ``let`` and ``case``: a list of Python tests that bind names as they go.

A binding is written ``[name := value]``, a non-empty list and therefore always true.
"""

from __future__ import annotations

from typing import Any

from player.mu import types as t
from player.mu.expressions import ExpressionCompiler, StaticError, Unresolved
from player.mu.parser import Node
from player.mu.symbols import Const, Variable

__all__ = ["PatternCompiler"]


class PatternCompiler(ExpressionCompiler):
    """The patterns' part of the compiler."""

    def declare(self, name: str, kind: t.Type) -> Variable:
        """A new local variable (the statement compiler's)."""
        raise AssertionError

    def pattern(self, node: Any, kind: t.Type, code: str, *, let: bool) -> list[str]:
        """Tests that a value of ``kind``, reached by ``code``, fits; in order."""
        if node.kind == "pattern":
            if len(node.kids) == 1:
                return self.pattern(node.kids[0], kind, code, let=let)
            return self._cons(node.kids, kind, code, let)
        kids = node.kids
        if node.kind == "pat_any":
            return []
        if node.kind == "pat_name":
            return self._name(kids[0].text, kind, code, let)
        if node.kind in ("pat_tuple", "pat_struct", "pat_list"):
            parts = kids[0].kids
            if node.kind == "pat_list":
                if not isinstance(kind, t.ListType):
                    raise StaticError("not a list")
                tests, at = [], code
                for part in parts:
                    if not let:
                        tests.append(f"{at} is not None")
                    tests += self.pattern(part, kind.elem, f"{at}.value", let=let)
                    at = f"{at}.next"
                return tests
            if isinstance(kind, t.TupleType):
                elems, field = list(kind.elems), "items"
            elif isinstance(kind, t.ClassType) and node.kind == "pat_struct":
                elems, field = [f[1] for f in kind.fields], "fields"
            else:
                raise StaticError("pattern does not fit the type")
            if len(elems) != len(parts):
                raise StaticError("pattern has another number of parts")
            tests = []
            for i, (part, elem) in enumerate(zip(parts, elems, strict=True)):
                tests += self.pattern(part, elem, f"{code}.{field}[{i}]", let=let)
            return tests
        if node.kind == "pat_ctor0":
            return self._tag(kids[0], None, kind, code, let)
        if node.kind == "pat_ctor":
            return self._tag(kids[0], kids[1], kind, code, let)
        if node.kind in ("const_suffix", "pat_neg"):
            value = self.expr(kids[-1] if node.kind == "pat_neg" else node)
            if node.kind == "pat_neg":
                value.code = f"-{value.code}"
            wanted = self.convert(value, kind)
            return [f"({code} == {wanted})"]
        raise StaticError(f"cannot match {node.kind}")

    def _name(self, name: str, kind: t.Type, code: str, let: bool) -> list[str]:
        if isinstance(kind, t.UnionType):
            for tag in kind.tags:
                if tag.local_name == name and tag.payload is t.VOID and not let:
                    return [f"({code}.tag is {self.name_type(tag)})"]
        found = self.scope.find(name)
        if isinstance(found, Const):
            return [f"({code} == {found.code})"]
        variable = self.declare(name, kind)
        return [f"[{variable.code} := {code}]"]

    def _cons(self, parts: list[Any], kind: t.Type, code: str, let: bool) -> list[str]:
        if not isinstance(kind, t.ListType):
            raise StaticError("not a list")
        tests, at = [], code
        for part in parts[:-1]:
            if not let:
                tests.append(f"{at} is not None")
            tests += self.pattern(part, kind.elem, f"{at}.value", let=let)
            at = f"{at}.next"
        return tests + self.pattern(parts[-1], kind, at, let=let)

    def _tag(
        self, name: Any, payload: Node | None, kind: t.Type, code: str, let: bool
    ) -> list[str]:
        if not isinstance(kind, t.UnionType):
            raise Unresolved(True)
        local = name.kids[-1].text if isinstance(name, Node) else name.text
        for tag in kind.tags:
            if tag.local_name == local:
                tests = [f"({code}.tag is {self.name_type(tag)})"]
                if payload is not None:
                    tests += self.pattern(payload, tag.payload, f"{code}.value", let=let)
                return tests
        raise StaticError(f"no tag {local}")
