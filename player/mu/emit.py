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
from player.mu.nodes import CallNode, ConstNode, MemberNode, Node, Pending, VariableNode
from player.mu.places import Places
from player.mu.printing import node_text
from player.mu.symbols import Function, GlobalVariable, Module, Root, Variable
from player.mu.values import MuFunction

__all__ = ["Emitter"]

_STATEMENTS = frozenset(
    {"if", "for", "while", "do_while", "repeat", "for_each", "for_index", "break", "continue",
     "throw", "rethrow", "try", "case_test", "return", "return_void", "block", "frame",
     "pattern_block", "bool_pattern_test"}
)  # fmt: skip
_SPINE = 40
_READS_TEXT = ("_concat", "_str_", "_format", "_regex", "_parse")
"""Templates for which a string is only its characters, not an object with an identity."""

_SIMPLE = (int, float)

Sink = Callable[[str], str]


def is_statement(node: Node) -> bool:
    """Whether a node needs lines of its own."""
    while isinstance(node, CallNode):
        if node.symbol.kind in _STATEMENTS:
            return True
        if len(node.args) != 1 or not node.symbol.cast:
            return False
        node = node.args[0]
    return False


class Emitter(Places):
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
            # a variable of a frame that is not there: RV reads whatever lies on the stack
            self.unset[code] = variable.type
        elif self.levels.setdefault(code, self.depth) > self.depth:
            # mentioned outside of the branch that declares it, which may not have run
            self.levels[code] = self.depth
            self.unset[code] = variable.type
        return code

    def _owns(self, variable: Variable) -> bool:
        """Whether a variable is one of the function being written."""
        owner = variable.owner
        if owner is None:
            return True
        while owner is not None and not isinstance(owner, Function):
            owner = owner.owner
        return owner is None or owner is self.function

    def indented(self, node: Node) -> None:
        """A node's lines one level deeper."""
        self.depth += 1
        before = len(self.lines)
        self.do(node)
        if len(self.lines) == before:
            self.line("pass")
        self.depth -= 1

    # -- expressions -----------------------------------------------------------------------

    def x(self, node: Node, *, first: bool = False) -> str:
        """Code of a node's value. ``first``: nothing of this statement runs before it, so that
        parts of deep expressions may go to lines of their own."""
        if isinstance(node, ConstNode):
            return self.constant(node)
        if isinstance(node, VariableNode):
            return self.variable(node.symbol)
        if isinstance(node, MemberNode):
            return self.place(node, first=first).load
        if isinstance(node, Pending):
            return f"_unresolved({node.call})"
        assert isinstance(node, CallNode)
        function = node.symbol
        kind = function.kind
        if kind in _STATEMENTS:
            return self._lines_first(node)
        if kind == "=" or kind == "assign":
            return self.assigned(node)
        if kind:
            method = getattr(self, "x_" + kind.replace("+", "p").replace("-", "m"), None)
            if method is not None:
                made: str = method(node)
                return made
        args = node.args
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

    def codes(self, args: Sequence[Node], *, first: bool = False) -> list[str]:
        """Codes of arguments."""
        out = []
        for arg in args:
            out.append(self.x(arg, first=first))
            first = False
        return out

    def fill(self, function: Function, args: Sequence[Node], *, first: bool = False) -> str:
        """Code of a call by template."""
        template = function.template
        assert template is not None
        plain = template.startswith(_READS_TEXT)
        codes: list[str] = []
        for arg in args:
            if plain and isinstance(arg, ConstNode) and isinstance(arg.value, str):
                codes.append(repr(str(arg.value)))
            elif first and _spine(arg) > _SPINE:
                held = self.temp()
                self.line(f"{held} = {self.x(arg, first=True)}")
                codes.append(held)
            else:
                codes.append(self.x(arg, first=first))
            first = False
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

    def _native(self, node: CallNode, codes: list[str]) -> str:
        function = node.symbol
        if function.context:
            codes = ["_ctx", *codes]
        if function.typed:
            for arg, wanted in zip(node.args, function.types, strict=False):
                if isinstance(wanted, t.PatternType):
                    codes.append(self.host.type_name(arg.type))
        return f"{self.host.native_name(function)}({', '.join(codes)})"

    def _lines_first(self, node: Node) -> str:
        """The value of a node that needs lines, which come before this statement."""
        held = self.temp()
        self.line(f"{held} = None")
        self.into(node, lambda code: f"{held} = {code}")
        return held

    def constant(self, node: ConstNode) -> str:
        value = node.value
        if value is None:
            return "None"
        if isinstance(value, MuFunction):
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
        kind, value, *args = node.args
        function = value.value.symbol if isinstance(value, ConstNode) and value.value else None
        codes = ["_HOLE" if _is_hole(a) else self.x(a) for a in args]
        name = self.host.type_name(kind.symbol)
        if isinstance(function, Function) and function.is_lambda and self._assigns(function, args):
            return f"_broken({name}, {self.x(value)}, {', '.join(codes)})"
        tail = "".join(f", {c}" for c in codes)
        return f"_curry({name}, {self.x(value)}{tail})"

    def _assigns(self, function: Function, args: Sequence[Node]) -> bool:
        """Whether a lambda assigns to a parameter that is given here: RV makes a constant of it."""
        given = {
            id(p) for p, a in zip(function.parameters, args, strict=False) if not _is_hole(a)
        }  # fmt: skip
        return _changes(function.body, given)

    # -- statements ------------------------------------------------------------------------

    def do(self, node: Node) -> None:
        """Lines of a node for its effect."""
        if isinstance(node, CallNode):
            kind = node.symbol.kind
            if kind:
                method = getattr(self, "s_" + kind, None)
                if method is not None:
                    method(node)
                    return
                if self.assignment(node):
                    return
            if is_statement(node) and node.symbol.cast:
                self.do(node.args[0])
                return
        elif isinstance(node, (ConstNode, VariableNode)):
            return
        self.line(self.x(node, first=True))

    def into(self, node: Node, sink: Sink) -> None:
        """Lines of a node, the last of which hands its value to ``sink``."""
        if isinstance(node, CallNode):
            kind = node.symbol.kind
            if kind in ("block", "frame"):
                for part in node.args[:-1]:
                    self.do(part)
                self.into(node.args[-1], sink)
                return
            if kind == "pattern_block":
                for part in node.args[:-1]:
                    self.let(part)
                self.let(node.args[-1], sink)
                return
            if kind == "case_test":
                self.line(sink(self.case(node)))
                return
            if kind in _STATEMENTS:
                self.do(node)
                if kind not in ("return", "return_void"):
                    self.line(sink("None"))
                return
            if node.symbol.cast and len(node.args) == 1 and is_statement(node.args[0]):
                held = self._lines_first(node.args[0])
                template = node.symbol.template
                code = held
                if template is not None:
                    code = self.filled(node.symbol, template, node.args, [held])
                self.line(sink(code))
                return
            if isinstance(node.type, t.RefType) and self.assignment(node):
                self.line(sink(self.place(node.args[0]).again()))
                return
        self.line(sink(self.x(node, first=True)))

    def s_noop(self, node: CallNode) -> None:
        """Nothing."""

    def s_block(self, node: CallNode) -> None:
        for part in node.args:
            self.do(part)

    s_frame = s_block

    def s_pattern_block(self, node: CallNode) -> None:
        for part in node.args:
            self.let(part)

    def s_return(self, node: CallNode) -> None:
        if self.errors:
            self.line(f"raise _ReturnFromCatch({self.x(node.args[0])})")
        else:
            self.into(node.args[0], lambda code: f"return {code}")

    def s_return_void(self, node: CallNode) -> None:
        ret = self.function.ret if self.function is not None else None
        value = self.default(ret) if ret is not None and ret is not t.VOID else "None"
        self.line(f"raise _ReturnFromCatch({value})" if self.errors else f"return {value}")

    def s_throw(self, node: CallNode) -> None:
        self.line(f"raise _Throw({self.x(node.args[0], first=True)})")

    def s_rethrow(self, node: CallNode) -> None:
        self.line(f"raise {self.errors[-1]}" if self.errors else "_rethrow()")

    def s_break(self, node: CallNode) -> None:
        self.line("break" if self.loops else "_unresolved(True)")

    def s_continue(self, node: CallNode) -> None:
        if not self.loops:
            self.line("_unresolved(True)")
            return
        step = self.loops[-1]
        if step is not None:
            step()
        self.line("continue")

    def s_if(self, node: CallNode) -> None:
        self.line(f"if {self.x(node.args[0], first=True)}:")
        self.indented(node.args[1])
        if len(node.args) > 2 and not _is_hole(node.args[2]):
            self.line("else:")
            self.indented(node.args[2])

    def loop(self, body: Node, step: Callable[[], None] | None) -> None:
        """The body of a loop; ``step`` writes what also runs before ``continue``."""
        self.loops.append(step)
        self.indented(body)
        self.loops.pop()

    def loop_while(self, test: Node) -> None:
        """The head of a loop. CPython specialises the code of a loop only when it ends in an
        unconditional jump, which ``while condition`` does not have."""
        self.line("while True:")
        if not (isinstance(test, ConstNode) and test.value):
            self.depth += 1
            self.line(f"if not {self.x(test, first=True)}: break")
            self.depth -= 1

    def s_while(self, node: CallNode) -> None:
        self.loop_while(node.args[0])
        self.loop(node.args[1], None)

    def s_do_while(self, node: CallNode) -> None:
        body, test = node.args
        self.line("while True:")

        def check() -> None:
            self.line(f"if not {self.x(test, first=True)}: break")

        self.loop(body, check)
        self.depth += 1
        check()
        self.depth -= 1

    def s_for(self, node: CallNode) -> None:
        init, test, step, body = node.args
        self.do(init)
        self.loop_while(test)
        counted = self.counted(test, step, body)

        def advance() -> None:
            if counted is not None:
                self.line(counted)
            else:
                self.do(step)

        self.loop(body, advance)
        self.depth += 1
        advance()
        self.depth -= 1

    def target(self, declared: Node) -> str:
        """The variable that a loop declares; its initial value is not needed."""
        while isinstance(declared, CallNode):
            declared = declared.args[0]
        return self.place(declared).load

    def s_repeat(self, node: CallNode) -> None:
        self.line(f"for {self.temp()} in range({self.x(node.args[0], first=True)}):")
        self.loop(node.args[1], None)

    def s_for_each(self, node: CallNode) -> None:
        place, collection, body = node.args
        target = self.target(place)
        each = "_each_kept" if _takes_away(body) else "_each"
        self.line(f"for {target} in {each}({self.x(collection, first=True)}):")
        self.loop(body, None)

    def s_for_index(self, node: CallNode) -> None:
        *places, collection, body = node.args
        kind = collection.type
        held = self.temp()
        self.line(f"{held} = {self.x(collection, first=True)}")
        targets = [self.target(p) for p in places]
        assert isinstance(kind, t.ArrayType)
        if kind.dims is None:
            self.line(f"for {targets[0]} in _indices({held}):")
        else:
            names = ", ".join(targets)
            sizes = ", ".join(map(str, kind.dims[: len(places)]))
            self.line(f"for {names}{',' if len(places) == 1 else ''} in _grid({sizes}):")
        self.loop(body, None)

    def s_try(self, node: CallNode) -> None:
        body, *clauses = node.args
        self.line("try:")
        self.indented(body)
        if self.function is not None and not self.errors:
            held = self.temp()
            self.line(f"except _ReturnFromCatch as {held}:")
            self.line(f"    return {held}.value")
        caught, error = self.temp(), self.temp()
        self.line(f"except Exception as {caught}:")
        self.depth += 1
        self.line(f"{error} = _thrown({caught})")
        self.errors.append(error)
        word = "if"
        closed = False
        for clause in clauses:
            assert isinstance(clause, CallNode)
            if clause.symbol.kind == "catch_all":
                self.line(f"{word} True:" if word == "if" else "else:")
                self.indented(clause.args[0])
                closed = True
                break
            declared, handler = clause.args
            kind = declared.type
            target = kind.target if isinstance(kind, t.RefType) else kind
            self.line(f"{word} _catches({error}, {self.host.type_name(target)}):")
            self.depth += 1
            self.do(declared)
            self.depth -= 1
            self.indented(handler)
            word = "elif"
        if not closed:
            self.line("else:" if clauses else "if True:")
            self.line(f"    raise {error} from None")
        self.errors.pop()
        self.depth -= 1

    # -- patterns --------------------------------------------------------------------------

    def let(self, node: Node, sink: Sink | None = None) -> None:
        """A declaration whose pattern has to fit; it throws when it does not."""
        if isinstance(node, CallNode) and node.symbol.kind == "block":
            for part in node.args[:-1]:
                self.let(part)
            self.let(node.args[-1], sink)
            return
        test = self.test(node)
        if test is not None:
            self.line(f"if not {test}: _fail_match()")
        if isinstance(node, CallNode) and node.symbol.kind == "bool_pattern_test":
            if sink is not None:
                self.line(sink("True"))
        elif sink is not None:
            self.into(node, sink)
        else:
            self.do(node)

    def test(self, node: Node) -> str | None:
        """Code of what has to hold before a part of a pattern; None when nothing has to."""
        if not isinstance(node, CallNode):
            return None
        if node.symbol.kind == "bool_pattern_test":
            return self.x(node.args[0])
        inner: Node = node.args[1] if node.symbol.kind == "=" else node
        while isinstance(inner, CallNode):
            template = inner.symbol.template
            if template is not None and template.startswith("_upcast"):
                tag = self.host.type_name(inner.symbol.ret)
                return f"({self.x(inner.args[0])}.tag is {tag})"
            if len(inner.args) != 1:
                return None
            inner = inner.args[0]
        return None

    def case(self, node: CallNode) -> str:
        """A case statement; returns the name that tells whether an arm was taken."""
        declared, *arms = node.args
        self.do(declared)
        taken = self.temp()
        self.line(f"{taken} = False")
        for i, arm in enumerate(arms):
            depth = self.depth
            if i:
                self.line(f"if not {taken}:")
                self.depth += 1
            self._arm(arm.args[0])
            self.line(f"{taken} = True")
            for part in arm.args[1:]:
                self.do(part)
            self.depth = depth
        return taken

    def s_case_test(self, node: CallNode) -> None:
        self.case(node)

    def _arm(self, node: Node) -> None:
        if isinstance(node, CallNode) and node.symbol.kind == "block":
            for part in node.args:
                self._arm(part)
            return
        test = self.test(node)
        if test is not None:
            self.line(f"if {test}:")
            self.depth += 1
        if not (isinstance(node, CallNode) and node.symbol.kind == "bool_pattern_test"):
            self.do(node)


def _module_local(variable: Variable) -> bool:
    """Whether a variable belongs to the body of a module, which may have run in another text."""
    owner = variable.owner
    return isinstance(owner, Module) and not isinstance(owner, Root)


def _is_hole(node: Node) -> bool:
    return isinstance(node, CallNode) and node.symbol.kind == "noop"


def _changes(node: Node | None, given: set[int]) -> bool:
    """Whether a tree uses one of some variables as a place."""
    if node is None:
        return False
    if isinstance(node, VariableNode) and node.ref and id(node.symbol) in given:
        return True
    return any(_changes(arg, given) for arg in node.args)


def _takes_away(node: Node) -> bool:
    """Whether a tree calls what takes elements of arrays away."""
    if isinstance(node, CallNode) and node.symbol.name in ("pop_back", "resize", "clear"):
        return True
    return any(_takes_away(arg) for arg in node.args)


def _spine(node: Node) -> int:
    """How deep the first arguments go, as far as it matters."""
    depth = 0
    while node.args and depth <= _SPINE:
        node = node.args[0]
        depth += 1
    return depth
