"""Functions, lambdas, classes, unions, modules, constants: what a text adds to the language."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from player.mu import types as t
from player.mu.expressions import Expr, ExpressionCompiler, StaticError, Unresolved
from player.mu.lexer import Token
from player.mu.parser import Node
from player.mu.symbols import Const, Function, Module, Param, Scope, TypeName, Variable

__all__ = ["BodyError", "DeclarationCompiler"]


class BodyError(Exception):
    """A function body does not resolve: the whole text is refused with this message."""


class DeclarationCompiler(ExpressionCompiler):
    """Declarations; mixed into the compiler."""

    frames: list[Any]
    lines: list[str]
    indent: int
    module_scope: Scope | None = None
    root: Scope
    top: Scope
    serial: Callable[[], int]

    # -- functions -------------------------------------------------------------------------

    def params_of(self, node: Node) -> list[tuple[str, t.Type, str | None]]:
        """(name, type, code of the default) of a parameter list."""
        out = []
        for i, kid in enumerate(k for k in node.kids if k is not None):
            kind = self.type_of(kid.kids[0])
            name = kid.kids[1].text if len(kid.kids) > 1 else f"_{i}"
            if isinstance(self.scope.find(name), Const):
                raise StaticError(f"{name} is a constant")
            default = None
            if len(kid.kids) > 2 and kid.kids[2] is not None:
                default = self.convert(self.typed(kid.kids[2]), kind, wide=True)
            out.append((name, kind, default))
        return out

    def body(
        self, name: str, params: list[tuple[str, t.Type, str | None]], ret: t.Type | None,
        block: Node, this: t.ClassType | None,
    ) -> tuple[str, t.Type, set[str]]:  # fmt: skip
        """Write a Python function; returns its name, return type and captured variables."""
        from player.mu.compiler import Dropped, Frame, flatten

        compiler: Any = self
        outer_lines, outer_indent = self.lines, self.indent
        self.lines, self.indent = [], 1
        py = f"_f_{re.sub(r'[^A-Za-z0-9_]', '_', name)}_{compiler.serial()}"
        try:
            with compiler.inner(function=True) as scope:
                frame = Frame(scope.depth)
                frame.returns = ret
                self.frames.append(frame)
                arguments = []
                if this is not None:
                    scope.this = this
                    variable = compiler.declare("this", this)
                    arguments.append(variable.code)
                for parameter, kind, _ in params:
                    arguments.append(compiler.declare(parameter, kind).code)
                try:
                    with compiler.inner():
                        self.lines.append("    _r = None")
                        kind_of_value = compiler.sequence(flatten(block.kids[0]), True)
                except Unresolved as error:
                    raise BodyError(
                        "attempted call to unresolved function"
                        if error.call
                        else "attempted to reference unresolved symbol"
                    ) from None
                except Dropped:
                    kind_of_value = t.VOID
                finally:
                    self.frames.pop()
                if frame.returns is None:
                    frame.returns = kind_of_value or t.VOID
                result = frame.returns
                if result is not t.VOID:
                    value = Expr(kind_of_value or t.VOID, "_r")
                    if value.type is t.VOID:
                        if not frame.saw_return:
                            raise StaticError("a function with a value needs one")
                        self.lines.append("    return _r")
                    else:
                        try:
                            code = self.convert(value, result, wide=True)
                        except Unresolved:
                            raise StaticError("wrong return type") from None
                        self.lines.append(f"    return {code}")
            captures = set(frame.captures)
            keep = "".join(f", {c}={c}" for c in sorted(captures))
            head = [f"def {py}({', '.join(arguments)}{keep if arguments else keep[2:]}):"]
            if frame.globals:
                head.append(f"    global {', '.join(sorted(frame.globals))}")
            text = [*head, *self.lines]
        finally:
            self.lines, self.indent = outer_lines, outer_indent
        self.pending(py, text, captures)
        return py, result, captures

    def pending(self, py: str, text: list[str], captures: set[str]) -> None:
        """Put a finished function where it belongs: the namespace, or before the statement."""
        if captures or len(self.frames) > 1:
            pad = "    " * self.indent
            self.lines.extend(pad + line for line in text)
        else:
            exec(compile("\n".join(text), "<mu>", "exec"), self.consts)

    def x_lambda(self, node: Node) -> Expr:
        _, result, params, block = node.kids
        listed = self.params_of(params)
        ret = self.type_of(result) if result is not None else None
        name = f"__lambda{self.serial()}"
        py, returns, _captures = self.body(name, listed, ret, block, None)
        kind = t.function_of(returns, *(p[1] for p in listed))
        return Expr(kind, f"_Function({name!r}, {self.name_type(kind)}, {py})")

    def d_func_decl(self, node: Node) -> None:
        self.function(node, None)

    def function(self, node: Node, cls: t.ClassType | None) -> None:
        """A named function, method or operator."""
        kids = node.kids
        word = kids[0]
        if word.kind == "OPERATOR_NAME":
            name = word.text.partition(":")[2].strip()
            result, params, block = kids[1], kids[2], kids[3] if len(kids) > 3 else None
        else:
            name = kids[1].text
            result, params, block = kids[2], kids[3], kids[4] if len(kids) > 4 else None
        is_method = word.kind == "METHOD" and cls is not None
        listed = self.params_of(params)
        ret = self.type_of(result) if result is not None else None
        target = cls.members if cls is not None else self.target()
        constructor = is_method and cls is not None and name == cls.local_name
        where = "__new__" if constructor else name
        existing = target.names.get(where)
        if existing is not None and not isinstance(existing, list) and not constructor:
            if not (isinstance(existing, Variable) and existing.stale):
                raise StaticError(f"{name} is already declared")
            del target.names[where]
            existing = None
        shape = tuple(p[1] for p in listed)
        own = [Param(p[0], p[1], p[2]) for p in listed]
        if is_method and not constructor:
            own.insert(0, Param("this", cls))  # type: ignore[arg-type]
        for other in existing or []:
            same = [p.type for p in other.params] == [p.type for p in own]
            if same and other.method_of is cls and not (constructor and other.source is None):
                raise StaticError(f"{name} is already declared")
        prefix = target.prefix
        qualified = f"{prefix}.{name}" if prefix else name
        function = Function(name, qualified, own, ret, lambda a: "", method_of=cls)
        function.source = node
        function.failed = True
        if constructor:
            target.names["__new__"] = [
                f for f in existing or [] if f.source is not None or len(f.params) != len(own)
            ]
        function.name = where
        target.add_function(function)
        slot = f"_s_{re.sub(r'[^A-Za-z0-9_]', '_', name)}_{self.serial()}"
        function.emit = lambda a: f"{slot}({', '.join(a)})"
        function.value = slot
        if block is None:

            def unimplemented(*_: Any) -> None:
                from player.mu.values import throw

                throw("unimplemented method")

            self.consts[slot] = unimplemented
            function.ret = ret or t.VOID
            function.failed = False
        else:
            function.failed = False
            function.ret = ret
            try:
                py, returns, captures = self.body(
                    name, listed, t.VOID if constructor else ret, block,
                    cls if is_method else None,
                )  # fmt: skip
            except (StaticError, BodyError):
                function.failed = True
                raise
            function.ret = returns
            if captures or len(self.frames) > 1:
                compiler: Any = self
                compiler.emit(f"{slot} = {py}")
                local = py
                function.emit = lambda a: f"{local}({', '.join(a)})"
                function.value = local
            else:
                self.consts[slot] = self.consts[py]
        if constructor and cls is not None:
            function.ret = cls
            init = self.consts[slot]
            self.consts[slot] = _constructor(cls, init)
        elif is_method and cls is not None and slot in self.consts:
            key = f"{name}({','.join(k.name for k in shape)})"
            cls.members.names["__vtable__"][key] = self.consts[slot]
            function.emit = lambda a: f"_virtual({a[0]}, {key!r})({', '.join(a)})"

    def target(self) -> Scope:
        """The scope that a declaration here lands in."""
        return (self.module_scope or self.root) if self.scope is self.top else self.scope

    # -- classes and unions ----------------------------------------------------------------

    def d_class_decl(self, node: Node) -> None:
        from player.mu.compiler import flatten

        name = node.kids[1].text
        bases = [self.type_of(k) for k in node.kids[2:-1] if k is not None]
        target = self.target()
        if isinstance(target.names.get(name), TypeName):
            raise StaticError("redeclared class")
        full = f"{target.prefix}.{name}" if target.prefix else name
        base = bases[0] if bases and isinstance(bases[0], t.ClassType) else None
        cls = t.ClassType(full, base)
        members = cls.members = Scope(self.scope, prefix=full)
        members.this = cls
        table = dict(base.members.names["__vtable__"]) if base is not None else {}
        members.names["__vtable__"] = table
        target.names[name] = TypeName(cls)
        self.consts[f"_t{id(cls):x}"] = cls
        statements = flatten(node.kids[-1])
        for item in statements:
            if item.kind == "decl_stmt" and item.kids[0].kind == "var_decl":
                kind = self.type_of(item.kids[0].kids[0])
                for init in item.kids[0].kids[1:]:
                    cls.fields.append((init.kids[0].text, kind))
        self._default_constructor(cls)
        outer, self.scope = self.scope, members
        try:
            for item in statements:
                if item.kind == "func_decl":
                    self.function(item, cls)
                elif item.kind in ("class_decl", "union_decl", "symassign"):
                    getattr(self, "d_" + item.kind)(item)
        finally:
            self.scope = outer

    def _default_constructor(self, cls: t.ClassType) -> None:
        from player.mu.runtime import zero

        kind = self.name_type(cls)
        params = []
        for field, field_type in cls.fields:
            value = zero(field_type)
            params.append(Param(field, field_type, repr(value)))
        function = Function(
            "__new__", cls.name, params, cls, lambda a: f"_Object({kind}, [{', '.join(a)}])"
        )
        cls.members.names["__new__"] = [function]

    def d_union_decl(self, node: Node) -> None:
        name = node.kids[1].text
        target = self.target()
        full = f"{target.prefix}.{name}" if target.prefix else name
        union = t.UnionType(full)
        union.members = Scope(self.scope, prefix=full)
        target.names[name] = TypeName(union)
        for i, tag in enumerate(k for k in node.kids[2:] if k.kind == "tag"):
            payload = tag.kids[1] if len(tag.kids) > 1 else None
            kind = self.type_of(payload) if payload is not None else t.VOID
            union.tags.append(t.VariantTag(union, tag.kids[0].text, kind, i))

    # -- modules and names -----------------------------------------------------------------

    def d_require_stmt(self, node: Node) -> None:
        self.find_module(node.kids[0])

    def find_module(self, node: Node) -> Module:
        found: Any = self.scope.find(node.kids[0].text)
        for token in node.kids[1:]:
            found = found.scope.names.get(token.text) if isinstance(found, Module) else None
        if not isinstance(found, Module):
            raise StaticError("no such module")
        return found

    def d_use_stmt(self, node: Node) -> None:
        target = node.kids[0]
        if target.kind == "dotted":
            self.scope.opened.append(self.find_module(target).scope)
            return
        kind = self.type_of(target)
        if isinstance(kind, t.UnionType):
            opened = Scope()
            for tag in kind.tags:
                value = self.tag_value(tag)
                if value.functions is not None:
                    opened.names[tag.local_name] = value.functions
                else:
                    opened.names[tag.local_name] = Const(kind, value.code)
            self.scope.opened.append(opened)
        elif kind.members is not None:
            self.scope.opened.append(kind.members)

    def s_module_decl(self, node: Node, want: bool) -> t.Type | None:
        """``module: m {…}``; it has a value when its body has statements."""
        from player.mu.compiler import flatten

        compiler: Any = self
        path, body = node.kids[-2], node.kids[-1]
        target = self.module_scope or self.root
        for token in path.kids:
            found = target.names.get(token.text)
            if not isinstance(found, Module):
                full = f"{target.prefix}.{token.text}" if target.prefix else token.text
                found = target.names[token.text] = Module(full, Scope(target, prefix=full))
            target = found.scope
        outer_module, outer_scope, outer_top = self.module_scope, self.scope, self.top
        self.module_scope = target
        inner = Scope(target, prefix=target.prefix)
        inner.depth = outer_scope.depth
        self.scope = self.top = inner
        runs = False
        try:
            for item in flatten(body):
                compiler.statement(item, False)
                runs |= item.kind not in (
                    "func_decl", "class_decl", "union_decl", "symassign", "require_stmt",
                    "use_stmt", "noop", "module_decl", "doc_stmt",
                )  # fmt: skip
        finally:
            self.module_scope, self.scope, self.top = outer_module, outer_scope, outer_top
        if not runs:
            return None
        compiler.emit("_r = None")
        return t.VOID

    def d_symassign(self, node: Node) -> None:
        kids = [k for k in node.kids if not (isinstance(k, Token) and k.kind == "ALIAS")]
        name, right = kids[0].text, kids[1]
        target = self.target()
        if target.names.get(name) is not None:
            raise StaticError(f"{name} is already declared")
        if right.kind == "dotted":
            found: Any = self.scope.find(right.kids[0].text)
            for token in right.kids[1:]:
                found = found.scope.names.get(token.text) if isinstance(found, Module) else None
            if found is None:
                raise StaticError("unknown name")
            target.names[name] = found
        elif right.kind in ("const_suffix", "neg_value", "nil"):
            inner = right.kids[-1] if right.kind == "neg_value" else right
            value = self.typed(inner)
            sign = "-" if right.kind == "neg_value" else ""
            target.names[name] = Const(value.type, sign + value.code)
        else:
            target.names[name] = TypeName(self.type_of(right))

    def d_doc_stmt(self, node: Node) -> None:
        """Documentation has no effect on evaluation."""

    def d_doc_module(self, node: Node) -> None:
        """Documentation has no effect on evaluation."""


def _constructor(cls: t.ClassType, init: Any) -> Any:
    """A constructor method as the function that makes the object."""
    from player.mu.runtime import zero
    from player.mu.values import MuObject

    def make(*args: Any) -> MuObject:
        this = MuObject(cls, [zero(kind) for _, kind in cls.fields])
        init(this, *args)
        return this

    return make
