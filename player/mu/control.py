"""Lines of Python for Mu's statements: blocks, loops, ``try``, patterns.

A statement is a node like all others. ``do`` writes a node's lines for its effect, ``into`` lines
that end in its value, ``lines_first`` what has to stand before a statement that uses the value.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

from player.mu import types as t
from player.mu.nodes import CallNode, ConstNode, Node, VariableNode
from player.mu.places import Places
from player.mu.symbols import Function

__all__ = ["STATEMENTS", "Control", "is_hole"]

STATEMENTS = frozenset(
    {"if", "for", "while", "do_while", "repeat", "for_each", "for_index", "break", "continue",
     "throw", "rethrow", "try", "case_test", "return", "return_void", "block", "frame",
     "pattern_block", "bool_pattern_test"}
)  # fmt: skip

Sink = Callable[[str], str]


def is_statement(node: Node) -> bool:
    """Whether a node needs lines of its own."""
    while isinstance(node, CallNode):
        if node.symbol.kind in STATEMENTS:
            return True
        if len(node.args) != 1 or not node.symbol.cast:
            return False
        node = node.args[0]
    return False


class Control(Places):
    """The emitter's part for statements. ``lines`` are those of the function being written,
    ``depth`` their indentation; ``loops`` what each open loop does before ``continue``,
    ``errors`` the names of the exceptions that open ``catch`` clauses hold."""

    lines: list[str]
    depth: int
    loops: list[Callable[[], None] | None]
    errors: list[str]
    function: Function | None

    @abstractmethod
    def default(self, kind: t.Type) -> str:
        """Code of a value for a function that ends without one."""

    def indented(self, node: Node, write: Callable[[Node], None] | None = None) -> None:
        """A node's lines one level deeper."""
        self.depth += 1
        before = len(self.lines)
        (write or self.do)(node)
        if len(self.lines) == before:
            self.line("pass")
        self.depth -= 1

    def lines_first(self, node: Node) -> str:
        """The value of a node that needs lines, which come before this statement."""
        held = self.temp()
        self.line(f"{held} = None")
        self.into(node, lambda code: f"{held} = {code}")
        return held

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
            if kind in STATEMENTS:
                self.do(node)
                if kind not in ("return", "return_void"):
                    self.line(sink("None"))
                return
            if node.symbol.cast and len(node.args) == 1 and is_statement(node.args[0]):
                held = self.lines_first(node.args[0])
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
        self.alternatives(
            node, lambda n: isinstance(n, CallNode) and n.symbol.kind == "if", self.do
        )

    def alternatives(
        self, node: Node, chooses: Callable[[Node], bool], write: Callable[[Node], None]
    ) -> None:
        """A choice, whose last part may be another one (``chooses``), and so on: one chain, as
        Python bounds how deep lines are indented. ``write`` writes what a test leads to."""
        depth = self.depth
        word = "if"
        while True:
            test, then, *rest = node.args
            before = len(self.lines)
            chained = word == "elif"
            self.depth += chained
            code = self.x(test, first=True)
            if chained and len(self.lines) == before:
                self.depth -= 1
            elif chained:
                self.lines.insert(before, "    " * (self.depth - 1) + "else:")
                word = "if"
            self.line(f"{word} {code}:")
            self.indented(then, write)
            if not rest or is_hole(rest[0]):
                break
            node = rest[0]
            if not chooses(node):
                self.line("else:")
                self.indented(node, write)
                break
            word = "elif"
        self.depth = depth

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
            self.line(f"if not ({test}): _fail_match()")
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
            compared = node.args[0]
            tests = [self._tag_test(arg) for arg in compared.args]
            return " and ".join([*filter(None, tests), self.x(compared)])
        return self._tag_test(node.args[1] if node.symbol.kind == "=" else node)

    def _tag_test(self, inner: Node) -> str | None:
        """Code of whether a union value has the tag that a part of it is taken from."""
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


def is_hole(node: Node) -> bool:
    """Whether a node stands for nothing: an omitted argument, no ``else``."""
    return isinstance(node, CallNode) and node.symbol.kind == "noop"


def _takes_away(node: Node) -> bool:
    """Whether a tree calls what takes elements of arrays away."""
    if isinstance(node, CallNode) and node.symbol.name in ("pop_back", "resize", "clear"):
        return True
    return any(_takes_away(arg) for arg in node.args)
