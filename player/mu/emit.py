"""Python from typed trees.

Theory of operation
-------------------
A function becomes a Python function, a program ``_main``. Locals are Python locals, globals
Python globals of the interpreter's namespace. Mu captures outer variables by copy: they are
further parameters, bound when a function value is made.

Statements are nodes like all others, so one node may have to be written as an expression
(:meth:`Emitter.x`), as lines (:meth:`Emitter.do`), or as lines that end in a value
(:meth:`Emitter.into`). Expressions use ``:=`` for what is needed twice; the codes that are put
together are evaluated once and from left to right, as Mu does.

Nil is ``None``: what the real interpreter tests on every access shows itself as an
AttributeError here, and ``runtime.thrown`` gives it Mu's name when somebody catches it. An
index out of range is Python's IndexError, whose idea of negative indices is Mu's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from player.mu import types as t
from player.mu.control import STATEMENTS, Control, is_hole
from player.mu.display import node_text
from player.mu.nodes import CallNode, ConstNode, MemberNode, Node, Pending, VariableNode
from player.mu.symbols import Function, GlobalVariable, Module, Root, StackVariable, Variable
from player.mu.values import MuFunction

__all__ = ["Emitter"]
_DEEP = 40
"""Nodes below one another from which expressions are written in parts: Python's parser takes 200
open parentheses."""
_CHOOSING = ("&&", "||", "?:")
"""Operators of which not all arguments are evaluated."""
_READS_TEXT = ("_concat", "_str_", "_format", "_regex", "_parse")
"""Templates for which a string is only its characters, not an object with an identity."""

_SIMPLE = (int, float)

_READINGS: dict[tuple[t.Type, t.Type], str] = {
    (t.INT, t.FLOAT): "_as_float", (t.CHAR, t.FLOAT): "_as_float",
    (t.INT, t.BOOL): "_as_bool", (t.CHAR, t.BOOL): "_as_bool",
    (t.FLOAT, t.INT): "_as_int", (t.FLOAT, t.CHAR): "_as_int",
}  # fmt: skip
"""How the bits of one type read as another."""


class Emitter(Control):
    """Writes one Python function. ``host`` names types, constants and functions."""

    def __init__(self, host: Any) -> None:
        self.host = host
        self.lines: list[str] = []
        self.depth = 1
        self.temps = 0
        self.globals: set[str] = set()
        self.loops: list[Callable[[], None] | None] = []
        self.errors: list[str] = []
        self.function: Function | None = None
        self.levels: dict[str, int] = {}
        self.unset: dict[str, t.Type] = {}
        self.heights: dict[int, int] = {}

    # -- functions -------------------------------------------------------------------------

    def program(self, root: Node) -> str:
        """Source of ``_main``, which returns the program's value."""
        self.into(root, lambda code: f"return {code}")
        return self._whole("_main", [])

    def body(self, function: Function) -> str:
        """Source of a declared function."""
        self.function = function
        body = function.body
        ret = function.ret
        parameters = [p.code for p in function.parameters]
        self.levels = dict.fromkeys(parameters, 0)
        if body is None or function.abstract:
            self.line("_abstract()")
        elif ret is t.VOID or ret is None:
            self.do(body)
        else:
            kind = body.type
            if kind is t.VOID:
                self.do(body)
                self.line(f"return {self.default(ret)}")
            else:
                self.into(body, lambda code: f"return {code}")
        return self._whole(function.py, parameters)

    def _whole(self, name: str, parameters: Sequence[str]) -> str:
        head = [f"def {name}({', '.join(parameters)}):"]
        if self.globals:
            head.append(f"    global {', '.join(sorted(self.globals))}")
        head += [f"    {code} = {self.zero(kind)}" for code, kind in self.unset.items()]
        return "\n".join([*head, *(self.lines or ["    pass"])])

    def zero(self, kind: t.Type) -> str:
        """Code of what a variable holds before it is set."""
        return "None" if kind.ref else f"_default({self.host.type_name(kind)})"

    def default(self, kind: t.Type) -> str:
        """Code of a value for a function that ends without one."""
        return self.zero(kind)

    # -- writing ---------------------------------------------------------------------------

    def line(self, code: str) -> None:
        self.lines.append("    " * self.depth + code)

    def temp(self) -> str:
        self.temps += 1
        return f"t{self.temps}"

    def variable(self, variable: Variable) -> str:
        code = variable.code
        if isinstance(variable, GlobalVariable):
            self.globals.add(code)
        elif not self._owns(variable) or _module_local(variable):
            # a variable of a frame that is not there: RV finds what lies there on the stack
            mine = self._same_place(variable)
            if mine is not None and _alike(mine.type, variable.type):
                return self.variable(mine)
            self.unset[code] = variable.type
        elif self.levels.setdefault(code, self.depth) > self.depth:
            # mentioned outside of the branch that declares it, which may not have run
            self.levels[code] = self.depth
            self.unset[code] = variable.type
        return code

    def _same_place(self, variable: Variable) -> Variable | None:
        """The variable of this function that has the place of one of another function."""
        frame = self.function.frame if self.function is not None else []
        if (
            isinstance(variable, StackVariable)
            and 0 <= variable.slot < len(frame)
            and not self._owns(variable)
        ):
            mine: StackVariable = frame[variable.slot]
            return mine
        return None

    def _read(self, variable: Variable) -> str:
        """Code of a variable's value. One of a frame that is not there is read from the place of
        another variable, whatever that holds."""
        mine = self._same_place(variable)
        if mine is not None:
            reading = _READINGS.get((mine.type, variable.type))
            if reading is not None:
                return f"{reading}({self.variable(mine)})"
        return self.variable(variable)

    def _owns(self, variable: Variable) -> bool:
        """Whether a variable is one of the function being written."""
        owner = variable.owner
        if owner is None:
            return True
        while owner is not None and not isinstance(owner, Function):
            owner = owner.owner
        return owner is self.function

    # -- expressions -----------------------------------------------------------------------

    def x(self, node: Node, *, first: bool = False) -> str:
        """Code of a node's value. ``first``: nothing of this statement runs before it, so that
        parts of deep expressions may go to lines of their own."""
        if isinstance(node, ConstNode):
            return self.constant(node)
        if isinstance(node, VariableNode):
            return self._read(node.symbol)
        if isinstance(node, MemberNode):
            return self.place(node, first=first).load
        if isinstance(node, Pending):
            return f"_unresolved({node.call})"
        assert isinstance(node, CallNode)
        function = node.symbol
        kind = function.kind
        if kind in STATEMENTS:
            return self.lines_first(node)
        if kind == "=" or kind == "assign":
            return self.assigned(node)
        if kind:
            method = getattr(self, "x_" + kind.replace("+", "p").replace("-", "m"), None)
            if method is not None:
                made: str = method(node)
                return made
        args = node.args
        if first and _is_choice(node) and self.deep(node):
            return self.chosen(node)
        if function.template is not None:
            return self.fill(function, args, first=first)
        codes = self.codes(args, first=first)
        if function.native:
            return self._native(node, codes)
        if node.virtual:
            this = self.temp()
            names = f"{self.host.symbol_name(function)}, {self.host.function_name(function)}"
            rest = ", ".join([this, *codes[1:]])
            return f"_virtual({this} := {codes[0]}, {names})({rest})"
        return f"{self.host.function_name(function)}({', '.join(codes)})"

    def codes(
        self,
        args: Sequence[Node],
        *,
        first: bool = False,
        plain: bool = False,
        all_run: bool = True,
    ) -> list[str]:
        """Codes of arguments. ``plain``: strings are only their characters; ``all_run``: all of
        them are evaluated, whatever the values are."""
        held = 0
        if first:
            held = max((i for i, arg in enumerate(args, 1) if self.deep(arg)), default=0)
        if not all_run:
            held = min(held, 1)
        out = []
        for i, arg in enumerate(args):
            if plain and isinstance(arg, ConstNode) and isinstance(arg.value, str):
                out.append(repr(str(arg.value)))
            elif i < held and not isinstance(arg, ConstNode):
                name = self.temp()
                self.line(f"{name} = {self.x(arg, first=True)}")
                out.append(name)
                continue
            else:
                out.append(self.x(arg, first=first))
            first = first and i + 1 < held
        return out

    def fill(self, function: Function, args: Sequence[Node], *, first: bool = False) -> str:
        """Code of a call by template."""
        template = function.template
        assert template is not None
        plain = template.startswith(_READS_TEXT)
        codes = self.codes(args, first=first, plain=plain, all_run=function.name not in _CHOOSING)
        return self.filled(function, template, args, codes)

    def filled(
        self, function: Function, template: str, args: Sequence[Node], codes: Sequence[str]
    ) -> str:
        """A template with codes put in."""
        names: dict[str, str] = {}
        if "{t}" in template:
            names["t"] = self.temp()
        if "{ret}" in template and function.ret is not None:
            names["ret"] = self.host.type_name(function.ret)
        if "{tag}" in template:
            names["tag"] = self.host.type_name(function.owner)
        if "{type0}" in template:
            names["type0"] = self.host.type_name(args[0].type)
        if "{type1}" in template:
            names["type1"] = self.host.type_name(args[1].type)
        if "{text0}" in template:
            names["text0"] = repr(node_text(args[0]))
        if "{args}" in template:
            names["args"] = ", ".join(codes)
        return template.format(*codes, **names)

    def chosen(self, node: Node) -> str:
        """The value of a choice that is written as lines."""
        held = self.temp()

        def keep(part: Node) -> None:
            self.line(f"{held} = {self.x(part, first=True)}")

        self.alternatives(node, _is_choice, keep)
        return held

    def deep(self, node: Node) -> bool:
        """Whether an expression has too many levels to be written as one."""
        return self._height(node) > _DEEP

    def _height(self, node: Node) -> int:
        height = self.heights.get(id(node))
        if height is None:
            height = self.heights[id(node)] = 1 + max(map(self._height, node.args), default=0)
        return height

    def _native(self, node: CallNode, codes: list[str]) -> str:
        function = node.symbol
        if function.context:
            codes = ["_ctx", *codes]
        if function.typed:
            for arg, wanted in zip(node.args, function.types, strict=False):
                if isinstance(wanted, t.PatternType):
                    codes.append(self.host.type_name(arg.type))
        return f"{self.host.native_name(function)}({', '.join(codes)})"

    def constant(self, node: ConstNode) -> str:
        value = node.value
        if value is None:
            return "None"
        if isinstance(value, MuFunction):
            if not value.bound:
                self.host.need(value.symbol)
        elif isinstance(value, _SIMPLE):
            if isinstance(value, float) and not math.isfinite(value):
                return "_inf" if value > 0 else "_minus_inf" if value < 0 else self._held(value)
            code = repr(value)
            return f"({code})" if code[0] == "-" else code
        return self._held(value)

    def _held(self, value: Any) -> str:
        name: str = self.host.constant_name(value)
        return name

    # -- kinds of functions ----------------------------------------------------------------

    def x_noop(self, node: CallNode) -> str:
        return "None"

    def x_dereference(self, node: CallNode) -> str:
        return self.place(node.args[0]).load

    def x_element(self, node: CallNode) -> str:
        return self.place(node).load

    x_front = x_back = x_component = x_element

    def x_activate(self, node: CallNode) -> str:
        codes = self.codes(node.args)
        return f"{codes[0]}.call({', '.join(codes[1:])})"

    def x_exception(self, node: CallNode) -> str:
        return f"{self.errors[-1]}.value" if self.errors else "None"

    def x_dynamic_cast(self, node: CallNode) -> str:
        kind = node.args[0].symbol
        code = self.x(node.args[1])
        if kind is t.OBJECT:
            return code
        return f"_narrow({code}, {self.host.type_name(kind)})"

    def x_curry(self, node: CallNode) -> str:
        kind, *given = node.args
        codes = ["_HOLE" if is_hole(arg) else self.x(arg) for arg in given]
        return f"_closure({self.host.type_name(kind.symbol)}, {', '.join(codes)})"


def _is_choice(node: Node) -> bool:
    return isinstance(node, CallNode) and node.symbol.name == "?:" and len(node.args) == 3


def _alike(mine: t.Type, other: t.Type) -> bool:
    """Whether what is kept for one type can be used as another's."""
    return mine is other or (mine.ref and other.ref) or {mine, other} == {t.INT, t.CHAR}


def _module_local(variable: Variable) -> bool:
    """Whether a variable belongs to the body of a module, which may have run in another text."""
    owner = variable.owner
    return isinstance(owner, Module) and not isinstance(owner, Root)
