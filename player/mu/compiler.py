"""Statements, declarations and programs: from syntax trees to Python functions.

Theory of operation
-------------------
A program text becomes one Python function. Locals are Python locals, Mu's globals are Python
globals of the interpreter's namespace, and every declared function is a Python function there.
Mu captures outer locals *by copy* when a function value is made: captured variables therefore
become default arguments of the inner Python function.

Resolution is static. A statement of the top level with an unresolved name becomes one that
throws when it is reached, without executing any part of it; inside a function or lambda body
it refuses the whole text (:class:`TextError`). Names that an earlier text declared at its top
level exist without storage: a statement that mentions one is dropped (:class:`Dropped`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from player.mu import types as t
from player.mu.declarations import DeclarationCompiler
from player.mu.expressions import Expr, StaticError, Unresolved
from player.mu.lexer import Token
from player.mu.parser import Node
from player.mu.patterns import PatternCompiler
from player.mu.symbols import Scope, TypeName, Variable

__all__ = ["Compiler", "Dropped", "TextError", "flatten"]

_SILENT = frozenset(
    {"func_decl", "class_decl", "union_decl", "require_stmt", "use_stmt", "symassign",
     "doc_stmt", "doc_module"}
)  # fmt: skip


class TextError(Exception):
    """The whole text is refused with this message."""


class Dropped(Exception):
    """The statement mentions a name without storage."""


class Frame:
    """A Python function being written: what it captures and which globals it touches."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.captures: set[str] = set()
        self.globals: set[str] = set()
        self.returns: t.Type | None = None
        self.saw_return = False


def flatten(node: Any) -> list[Any]:
    """The statements of a (left-nested) statement list."""
    out: list[Any] = []
    while isinstance(node, Node) and node.kind == "stmt_list":
        if len(node.kids) == 2:
            out.append(node.kids[1])
        node = node.kids[0] if node.kids else None
    if node is not None:
        out.append(node)
    return out[::-1]


def _has(node: Any, kind: str, stop: tuple[str, ...] = ()) -> bool:
    if isinstance(node, list):
        return any(_has(k, kind, stop) for k in node)
    if not isinstance(node, Node) or node.kind in stop:
        return False
    return node.kind == kind or any(_has(k, kind, stop) for k in node.kids)


class Compiler(PatternCompiler, DeclarationCompiler):
    """Compiles one text for an interpreter.

    ``namespace`` receives types and functions; ``root`` is the interpreter's global scope.
    """

    def __init__(
        self,
        root: Scope,
        modules: list[Scope],
        namespace: dict[str, Any],
        serial: Callable[[], int],
    ) -> None:
        self.root = root
        self.consts = namespace
        self.serial = serial
        self.counter = 0
        self.lines: list[str] = []
        self.indent = 0
        self.frames: list[Frame] = []
        base = Scope(root)
        base.opened = list(modules)
        base.depth = 0
        self.base = base
        self.scope = base
        self.top = base
        self.value_type: t.Type | None = None

    # -- writing ---------------------------------------------------------------------------

    def emit(self, line: str) -> None:
        self.lines.append("    " * self.indent + line)

    @contextmanager
    def indented(self) -> Iterator[None]:
        self.indent += 1
        yield
        self.indent -= 1

    @contextmanager
    def inner(self, **options: Any) -> Iterator[Scope]:
        outer = self.scope
        self.scope = Scope(outer, **options)
        try:
            yield self.scope
        finally:
            self.scope = outer

    def fresh(self, name: str) -> str:
        self.counter += 1
        return f"v_{name}_{self.counter}"

    def symbol(self, found: Any, name: str) -> Expr:
        if isinstance(found, Variable):
            if found.stale:
                raise Dropped
            for frame in self.frames:
                if found.depth == 0:
                    frame.globals.add(found.code)
                elif found.depth < frame.depth:
                    frame.captures.add(found.code)
        return super().symbol(found, name)

    def declare(self, name: str, kind: t.Type) -> Variable:
        """A new local variable."""
        existing = self.scope.names.get(name)
        if self.scope is self.top and existing is None:
            existing = self.root.names.get(name)
            if not (isinstance(existing, Variable) and existing.stale):
                existing = None
        if existing is not None and not isinstance(existing, list):
            raise StaticError(f"{name} shadows an existing declaration")
        variable = Variable(kind, self.fresh(name), self.scope.depth)
        self.scope.names[name] = variable
        return variable

    # -- programs --------------------------------------------------------------------------

    def program(self, tree: Node) -> tuple[str, t.Type | None]:
        """Source of ``_main`` and the type of its value (None: no value)."""
        node = tree.kids[0] if tree.kids else None
        self.frames.append(Frame(1))
        self.top = self.scope = Scope(self.base, function=True)
        header = len(self.lines)
        self.emit("_r = None")
        self.value_type = None
        if tree.kind == "bare_expr":
            self.guarded(lambda: self.expression_value(node))
        elif tree.kind == "program":
            self.program_list(flatten(node))
        frame = self.frames.pop()
        self.emit("return _r")
        body = self.lines[header:]
        head = ["def _main():"]
        if frame.globals:
            head.append(f"    global {', '.join(sorted(frame.globals))}")
        return "\n".join([*head, *("    " + line for line in body)]), self.value_type

    def program_list(self, statements: list[Any]) -> None:
        first = True
        for node in statements:
            if node.kind == "noop":
                if first:
                    self.value_type = t.VOID
            elif node.kind in _SILENT:
                self.silent(node)
            else:
                self.guarded(partial(self.statement, node, True))
            first = False

    def guarded(self, action: Callable[[], t.Type | None]) -> None:
        """One top-level statement: unresolved ones throw when reached, dropped ones vanish."""
        mark = len(self.lines)
        try:
            kind = action()
        except Unresolved:
            del self.lines[mark:]
            self.indent = 0
            self.emit("_unresolved()")
            kind = t.VOID
        except Dropped:
            del self.lines[mark:]
            self.indent = 0
            return
        if kind is not None:
            self.value_type = kind

    def silent(self, node: Node) -> None:
        """A declaration without a value."""
        getattr(self, "d_" + node.kind)(node)

    # -- statements ------------------------------------------------------------------------

    def statement(self, node: Any, want: bool) -> t.Type | None:
        """Write a statement. With ``want`` its value is left in ``_r``; returns its type."""
        if not isinstance(node, Node):
            return self.expression_value(node) if want else self.effect(node)
        if node.kind in _SILENT:
            self.silent(node)
            return None
        method = getattr(self, "s_" + node.kind, None)
        if method is None:
            return self.expression_value(node) if want else self.effect(node)
        result: t.Type | None = method(node, want)
        return result

    def expression_value(self, node: Any) -> t.Type:
        value = self.typed(node)
        self.emit(f"_r = {value.code}")
        return value.type

    def effect(self, node: Any) -> t.Type:
        value = self.typed(node)
        self.emit(value.code)
        return value.type

    def s_expr_stmt(self, node: Node, want: bool) -> t.Type:
        return self.expression_value(node.kids[0]) if want else self.effect(node.kids[0])

    def s_noop(self, node: Node, want: bool) -> None:
        self.emit("pass")

    def sequence(self, statements: list[Any], want: bool) -> t.Type | None:
        """The statements of a block; the value is that of the last one that has one."""
        valued = [
            i for i, n in enumerate(statements)
            if not (isinstance(n, Node) and (n.kind in _SILENT or (n.kind == "noop" and i)))
        ]  # fmt: skip
        last = valued[-1] if want and valued else -1
        kind: t.Type | None = None
        ended = False
        for i, node in enumerate(statements):
            if ended:
                raise StaticError("statement after return")
            if i == last and isinstance(node, Node) and node.kind == "noop":
                kind = t.VOID
                continue
            try:
                got = self.statement(node, i == last)
            except Dropped:
                got = t.VOID
            if i == last:
                kind = got
            ended = isinstance(node, Node) and node.kind == "return_stmt"
        return kind

    def s_block(self, node: Node, want: bool) -> t.Type | None:
        with self.inner():
            self.emit("pass")
            return self.sequence(flatten(node.kids[0]), want)

    def nested(self, node: Any) -> None:
        """A statement as the body of another, indented."""
        with self.indented(), self.inner():
            mark = len(self.lines)
            self.statement(node, False)
            if len(self.lines) == mark:
                self.emit("pass")

    def condition(self, node: Any) -> str:
        test = self.typed(node)
        if test.type is not t.BOOL:
            raise Unresolved(True)
        return test.code

    def void(self, want: bool) -> t.Type:
        if want:
            self.emit("_r = None")
        return t.VOID

    def s_if_stmt(self, node: Node, want: bool) -> t.Type:
        self.emit(f"if {self.condition(node.kids[0])}:")
        self.nested(node.kids[1])
        if len(node.kids) > 2:
            self.emit("else:")
            self.nested(node.kids[2])
        return self.void(want)

    s_if_else_stmt = s_if_stmt

    def s_while_stmt(self, node: Node, want: bool) -> t.Type:
        self.emit(f"while {self.condition(node.kids[0])}:")
        self.nested(node.kids[1])
        return self.void(want)

    def s_do_stmt(self, node: Node, want: bool) -> t.Type:
        first = self.fresh("first")
        self.emit(f"{first} = True")
        test = self.condition(node.kids[1])
        self.emit(f"while {first} or {test}:")
        with self.indented():
            self.emit(f"{first} = False")
        self.nested(node.kids[0])
        return self.void(want)

    def s_repeat_stmt(self, node: Node, want: bool) -> t.Type:
        count = self.convert(self.typed(node.kids[0]), t.INT)
        self.emit(f"for {self.fresh('n')} in range({count}):")
        self.nested(node.kids[1])
        return self.void(want)

    def s_for_stmt(self, node: Node, want: bool) -> t.Type:
        init, test, step, body = node.kids
        with self.inner():
            self.statement(init, False)
            loops = ("for_stmt", "while_stmt", "do_stmt", "repeat_stmt", "for_each_stmt",
                     "for_index_stmt", "lambda", "func_decl")  # fmt: skip
            continues = _has(body, "continue_stmt", loops)
            again = self.fresh("again")
            if continues:
                self.emit(f"{again} = False")
                self.emit("while True:")
                with self.indented():
                    self.emit(f"if {again}:")
                    with self.indented():
                        self.effect(step)
                    self.emit(f"{again} = True")
                    if test is not None:
                        self.emit(f"if not {self.condition(test)}: break")
            else:
                self.emit(f"while {self.condition(test) if test is not None else 'True'}:")
            self.nested(body)
            if not continues:
                with self.indented():
                    self.effect(step)
        return self.void(want)

    def s_for_each_stmt(self, node: Node, want: bool) -> t.Type:
        name, collection, body = node.kids
        source = self.typed(collection)
        kind = source.type
        if not isinstance(kind, (t.ArrayType, t.ListType)):
            raise Unresolved(True)
        with self.inner():
            variable = self.declare(name.text, kind.elem)
            self.emit(f"for {variable.code} in _each({source.code}):")
            self.nested(body)
        return self.void(want)

    def s_for_index_stmt(self, node: Node, want: bool) -> t.Type:
        *names, collection, body = node.kids
        source = self.typed(collection)
        kind = source.type
        if not isinstance(kind, t.ArrayType):
            raise Unresolved(True)
        held = self.fresh("array")
        self.emit(f"{held} = {source.code}")
        with self.inner():
            depth = 0
            for i, name in enumerate(names):
                variable = self.declare(name.text, t.INT)
                limit = str(kind.dims[i]) if kind.dims is not None else f"len({held}.items)"
                self.emit(
                    f"for {variable.code} in _count(lambda: {limit}):"
                    if kind.dims is None
                    else f"for {variable.code} in range({limit}):"
                )
                if kind.dims is None:
                    self.lines[-1] = self.lines[-1].replace(
                        f"lambda: {limit}", f"lambda {held}={held}: {limit}"
                    )
                self.indent += 1
                depth += 1
            self.indent -= 1
            self.nested(body)
            self.indent -= depth - 1
        return self.void(want)

    def s_break_stmt(self, node: Node, want: bool) -> None:
        self.emit("break")

    def s_continue_stmt(self, node: Node, want: bool) -> None:
        self.emit("continue")

    def s_return_stmt(self, node: Node, want: bool) -> t.Type:
        frame = self.frames[-1]
        if len(self.frames) < 2:
            raise StaticError("return outside of a function")
        frame.saw_return = True
        value = self.typed(node.kids[0]) if node.kids and node.kids[0] is not None else None
        if value is None:
            default = f"_default({self.name_type(frame.returns or t.VOID)})"
            self.emit(f"return {default}")
            return t.VOID
        if frame.returns is None:
            frame.returns = value.type
        if frame.returns is t.VOID:
            self.emit(value.code)
            self.emit("return None")
        else:
            self.emit(f"return {self.convert(value, frame.returns, wide=True)}")
        return value.type

    def s_throw_stmt(self, node: Node, want: bool) -> t.Type:
        value = node.kids[0] if node.kids else None
        if value is None:
            self.emit("raise")
            return t.VOID
        thrown = self.typed(value)
        if not thrown.type.ref:
            raise Unresolved(True)
        self.emit(f"raise _Throw({thrown.code}, {self.name_type(thrown.type)})")
        return t.VOID

    def s_try_stmt(self, node: Node, want: bool) -> t.Type:
        block, *catches = node.kids
        if len(catches) > 2:
            raise Unresolved(True)
        self.emit("try:")
        self.nested(block)
        error = self.fresh("error")
        self.emit("except Exception as _e:")
        with self.indented():
            self.emit(f"{error} = _thrown(_e)")
            word = "if"
            closed = False
            for clause in catches:
                with self.inner():
                    if clause.kind == "catch_all":
                        body = clause.kids[-1]
                        self.emit("if True:" if word == "if" else "else:")
                        closed = True
                    else:
                        kind_node, name, body = clause.kids
                        kind = self.type_of(kind_node)
                        variable = self.declare(name.text, kind)
                        test = f"_is({error}.value, {self.name_type(kind)})"
                        self.emit(f"{word} {test}:")
                        with self.indented():
                            self.emit(f"{variable.code} = {error}.value")
                    self.nested(body)
                word = "elif"
            if not closed:
                self.emit("else:")
                with self.indented():
                    self.emit(f"raise {error} from None")
        return self.void(want)

    def s_decl_stmt(self, node: Node, want: bool) -> t.Type:
        return self.statement(node.kids[0], want) or t.VOID

    def s_var_decl(self, node: Node, want: bool) -> t.Type:
        kind = self.type_of(node.kids[0])
        if kind is t.VOID:
            raise StaticError("a variable cannot be void")
        for init in node.kids[1:]:
            self.variable(init, kind, want)
        return kind

    def variable(self, init: Node, kind: t.Type, want: bool) -> None:
        name = init.kids[0].text
        if isinstance(self.scope.names.get(name), TypeName):
            raise StaticError(f"{name} is a type")
        if len(init.kids) > 1:
            try:
                code = self.aggregate(kind, init.kids[1])
            except Unresolved as error:
                if error.call and not (isinstance(init.kids[1], Node) and "call" in repr(init)):
                    self.declare(name, kind)
                    raise StaticError("cannot initialise") from None
                self.declare(name, kind)
                raise
        else:
            code = f"_default({self.name_type(kind)})"
        variable = self.declare(name, kind)
        self.emit(f"{variable.code} = {code}")
        if want:
            self.emit(f"_r = {variable.code}")

    def s_global_decl(self, node: Node, want: bool) -> t.Type:
        kind = self.type_of(node.kids[0])
        for init in node.kids[1:]:
            name = init.kids[0].text
            code = (
                self.aggregate(kind, init.kids[1])
                if len(init.kids) > 1
                else f"_default({self.name_type(kind)})"
            )
            self.global_variable(name, kind, code, want)
        return kind

    def global_variable(self, name: str, kind: t.Type, code: str, want: bool) -> None:
        if self.scope is not self.top:
            variable = self.declare(name, kind)
            self.emit(f"{variable.code} = {code}")
        else:
            target = self.home
            if isinstance(target.names.get(name), Variable):
                raise StaticError(f"{name} shadows an existing declaration")
            variable = Variable(kind, f"g_{name}_{self.serial()}", 0)
            target.names[name] = variable
            from player.mu.runtime import default_value

            self.consts[variable.code] = default_value(kind)
            self.frames[0].globals.add(variable.code)
            self.emit(f"{variable.code} = {code}")
        if want:
            self.emit(f"_r = {variable.code}")

    @property
    def home(self) -> Scope:
        """Where declarations of the top level go: the global scope or the open module."""
        return self.module_scope or self.root

    def s_let_decl(self, node: Node, want: bool) -> t.Type:
        kind: t.Type = t.VOID
        for init in node.kids:
            value = self.typed(init.kids[1])
            if value.type in (t.NIL, t.VOID):
                raise StaticError("let needs a typed value")
            kind = value.type
            if isinstance(kind, t.AmbiguousFuncType):
                raise StaticError("ambiguous function")
            held = self.fresh("let")
            self.emit(f"{held} = {value.code}")
            tests = self.pattern(init.kids[0], kind, held, let=True)
            self.emit(f"{' and '.join(tests)} or _fail_match()" if tests else "pass")
            if want:
                self.emit(f"_r = {held}")
        return kind

    def s_global_let(self, node: Node, want: bool) -> t.Type:
        kind: t.Type = t.VOID
        for init in node.kids:
            value = self.typed(init.kids[1])
            name = init.kids[0].kids[0].kids[0]
            if not isinstance(name, Token) or value.type in (t.NIL, t.VOID):
                raise StaticError("global let needs a name and a typed value")
            kind = value.type
            self.global_variable(name.text, kind, value.code, want)
        return kind

    def s_case_stmt(self, node: Node, want: bool) -> t.Type:
        value = self.typed(node.kids[0])
        held, matched = self.fresh("case"), self.fresh("matched")
        self.emit(f"{held} = {value.code}")
        self.emit(f"{matched} = True")
        word = "if"
        for arm in node.kids[1:]:
            with self.inner():
                tests = self.pattern(arm.kids[0], value.type, held, let=False)
                self.emit(f"{word} {' and '.join(tests) or 'True'}:")
                self.nested(arm.kids[1])
            word = "elif"
        self.emit("else:")
        with self.indented():
            self.emit(f"{matched} = False")
        if want:
            self.emit(f"_r = {matched}")
        return t.BOOL
