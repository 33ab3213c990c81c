"""Expressions: types, overloads, conversions, and the Python code of each.

An expression becomes an :class:`Expr`: its static type and Python code. Code is always safe to
evaluate once, from left to right. Names that do not resolve raise :class:`Unresolved`, which
the statement level turns into a construct that throws when it is reached; what Mu's own parser
refuses while parsing raises :class:`StaticError` (a "syntax error" reply).
"""

from __future__ import annotations

from typing import Any

from player.mu import types as t
from player.mu.builtin import named_type
from player.mu.casts import cast, cast_wide
from player.mu.lexer import Token
from player.mu.parser import Node
from player.mu.symbols import Const, Function, Module, Scope, TypeName, Variable, choose
from player.mu.texts import char_value, float_value, int_value, string_value

__all__ = ["Expr", "ExpressionCompiler", "StaticError", "Unresolved"]


class StaticError(Exception):
    """The text is refused while it is parsed."""


class Unresolved(Exception):
    """No such name (``call`` false) or no matching function (``call`` true)."""

    def __init__(self, call: bool) -> None:
        super().__init__(call)
        self.call = call


class Expr:
    """Type and code; ``store`` makes the code that assigns a value's code to it, if it can."""

    __slots__ = ("code", "functions", "store", "type")

    def __init__(
        self, type: t.Type, code: str, store: Any = None, functions: list[Function] | None = None
    ) -> None:
        self.type = type
        self.code = code
        self.store = store
        self.functions = functions


_ARRAY_METHODS = {
    "size": ("int", "_size({})"),
    "empty": ("bool", "(not {}.items)"),
    "clear": ("void", "{}.items.clear()"),
    "pop_back": ("elem", "_pop({})"),
    "rest": ("self", "_Array({0}.type, {0}.items[1:])"),
}
_CONSTRUCTORS: dict[tuple[t.Type, t.Type], str] = {
    (t.STRING, t.INT): "_to_int({})",
    (t.STRING, t.FLOAT): "_f32(_to_float({}))",
    (t.STRING, t.DOUBLE): "_to_float({})",
    (t.STRING, t.BOOL): '({} == "true")',
    (t.CHAR, t.INT): "{}",
    (t.INT, t.CHAR): "{}",
    (t.STRING, t.STRING): "{}",
    (t.STRING, t.EXCEPTION): "_Exception({})",
}


class ExpressionCompiler:
    """The expression half of the compiler; ``Compiler`` adds statements and declarations."""

    scope: Scope
    consts: dict[str, Any]
    counter: int

    # -- helpers ---------------------------------------------------------------------------

    def name_type(self, kind: t.Type) -> str:
        """The name by which generated code reaches a type."""
        name = f"_t{id(kind):x}"
        self.consts[name] = kind
        return name

    def convert(self, value: Expr, wanted: t.Type, *, wide: bool = False) -> str:
        """Code of a value converted; Unresolved when it cannot be."""
        if value.functions is not None and isinstance(wanted, t.FuncType):
            for function in value.functions:
                if function.type is wanted or self._compatible(function, wanted):
                    return self.function_value(function)
            raise Unresolved(True)
        code = cast(value.type, wanted, value.code)
        if code is None and wide:
            code = cast_wide(value.type, wanted, value.code, self.name_type(value.type))
            if code is not None and code.startswith("_narrow("):
                code = f"_narrow({value.code}, {self.name_type(wanted)})"
        if code is None:
            raise Unresolved(True)
        return code

    @staticmethod
    def _compatible(function: Function, wanted: t.FuncType) -> bool:
        if len(function.params) != len(wanted.args) or function.ret is not wanted.ret:
            return False
        return all(p.type is a for p, a in zip(function.params, wanted.args, strict=True))

    def function_value(self, function: Function) -> str:
        """A function as a value: one object for each declared function."""
        if function.value is None:
            raise Unresolved(False)
        if function.value.startswith("_f"):
            return f"_fv({function.value}, {function.qualified!r}, {self.name_type(function.type)})"
        return (
            f"_Function({function.qualified!r}, {self.name_type(function.type)}, {function.value})"
        )

    def type_of(self, node: Node) -> t.Type:
        """The type a type node names."""
        kind = node.kind
        kids = node.kids
        if kind == "type_name":
            return self.named(kids[0].text)
        if kind == "array_type":
            elem = self.type_of(kids[0])
            sizes = [d.kids[0] for d in kids[1].kids]
            if sizes[0] is None:
                return t.array_of(elem)
            return t.array_of(elem, tuple(int_value(s.text)[1] for s in sizes))
        if kind == "list_type":
            return t.list_of(self.type_of(kids[0]))
        if kind == "tuple_type":
            parts = [self.type_of(k) for k in kids]
            return parts[0] if len(parts) == 1 else t.tuple_of(*parts)
        if kind == "func_type":
            return t.function_of(
                self.type_of(kids[0]), *(self.type_of(k) for k in kids[1:] if k is not None)
            )
        if kind == "vector_type":
            inner = kids[-1]
            if inner.kind == "array_type" and self.type_of(inner.kids[0]) is t.FLOAT:
                size = inner.kids[1].kids[0].kids[0]
                if size is not None and size.text in "234":
                    return t.vector_of(int(size.text))
        raise StaticError(f"no such type: {kind}")

    def named(self, path: str) -> t.Type:
        """A type by its (dotted) name."""
        parts = path.split(".")
        found: Any = self.scope.find(parts[0])
        for part in parts[1:]:
            inner = found.scope if isinstance(found, Module) else None
            if isinstance(found, TypeName):
                inner = found.type.members
            found = inner.names.get(part) if inner is not None else None
        if isinstance(found, TypeName):
            return found.type
        builtin = named_type(path)
        if builtin is None:
            raise StaticError(f"no such type: {path}")
        return builtin

    # -- dispatch --------------------------------------------------------------------------

    def expr(self, node: Any) -> Expr:
        """Compile an expression node."""
        if isinstance(node, Token):
            return self.constant(node)
        method = getattr(self, "x_" + node.kind, None)
        if method is None:
            raise StaticError(f"cannot compile {node.kind}")
        result: Expr = method(node)
        return result

    def typed(self, node: Any) -> Expr:
        """An expression that has to have a value (not a bare overloaded function)."""
        value = self.expr(node)
        if value.functions is not None and value.code == "":
            if len(value.functions) > 1:
                return Expr(
                    t.AmbiguousFuncType("(;)", True),
                    self.function_value(value.functions[0]),
                    None,
                    value.functions,
                )
            function = value.functions[0]
            return Expr(function.type, self.function_value(function), None, value.functions)
        return value

    # -- constants and names ---------------------------------------------------------------

    def constant(self, token: Token) -> Expr:
        kind, text = token.kind, token.text
        if kind == "INT":
            wide, number = int_value(text)
            return Expr(t.INT64 if wide else t.INT, repr(number))
        if kind == "FLOAT":
            return Expr(t.FLOAT, float_value(text))
        if kind == "STRING":
            return Expr(t.STRING, repr(string_value(text)))
        if kind == "CHAR":
            code = char_value(text)
            if code is None:
                raise StaticError("bad character constant")
            return Expr(t.CHAR, repr(code))
        if kind in ("TRUE", "FALSE"):
            return Expr(t.BOOL, "True" if kind == "TRUE" else "False")
        raise StaticError(f"unexpected {text}")

    def x_const_suffix(self, node: Node) -> Expr:
        value = self.constant(node.kids[0].kids[0] if isinstance(node.kids[0], Node) else
                              node.kids[0])  # fmt: skip
        if node.kids[1] is None:
            return value
        suffix = self.scope.find("suffix")
        if isinstance(suffix, Module):
            found = suffix.scope.names.get(node.kids[1].text)
            if isinstance(found, list):
                return self.invoke(found, [value])
        raise StaticError("unknown suffix")

    def x_constant(self, node: Node) -> Expr:
        return self.constant(node.kids[0])

    def x_nil(self, node: Node) -> Expr:
        return Expr(t.NIL, "None")

    def x_paren(self, node: Node) -> Expr:
        return self.expr(node.kids[0])

    def x_tuple(self, node: Node) -> Expr:
        parts = [self.typed(k) for k in node.kids]
        if any(p.type is t.NIL for p in parts):
            raise StaticError("nil in a tuple")
        if any(p.type is t.VOID for p in parts):
            raise Unresolved(True)
        kind = t.tuple_of(*(p.type for p in parts))
        return Expr(kind, f"_Tuple({self.name_type(kind)}, [{', '.join(p.code for p in parts)}])")

    def x_name(self, node: Node) -> Expr:
        return self.lookup(node.kids[0].text)

    def lookup(self, name: str) -> Expr:
        """A plain name."""
        for scope in self.scope.chain():
            found = scope.names.get(name)
            if found is None:
                if scope.this is not None and scope.names.get("this") is not None:
                    member = self.own_member(scope, name)
                    if member is not None:
                        return member
                continue
            return self.symbol(found, name)
        raise Unresolved(False)

    def own_member(self, scope: Scope, name: str) -> Expr | None:
        """A field or method of the class whose method is being compiled."""
        cls = scope.this
        assert cls is not None
        this = Expr(cls, self.symbol(scope.names["this"], "this").code)
        return self.member_of(this, name, missing=True)

    def symbol(self, found: Any, name: str) -> Expr:
        if isinstance(found, Variable):
            if found.depth < self.scope.depth:
                found.captured = True
            return Expr(found.type, found.code, lambda code: f"({found.code} := {code})")
        if isinstance(found, Const):
            return Expr(found.type, found.code)
        if isinstance(found, list):
            return Expr(t.VOID, "", None, self.scope.functions(name))
        raise StaticError(f"{name} is not a value")

    def x_member(self, node: Node) -> Expr:
        owner, name = node.kids[0], node.kids[1].text
        module = self.module_of(owner)
        if module is not None:
            found = module.scope.names.get(name)
            if found is None:
                raise StaticError(f"no {name} in module {module.name}")
            if isinstance(found, list):
                from player.mu.symbols import ordered

                return Expr(t.VOID, "", None, ordered(found))
            return self.symbol(found, name)
        value = self.typed(owner)
        found_member = self.member_of(value, name)
        assert found_member is not None
        return found_member

    def module_of(self, node: Any) -> Module | None:
        """The module an expression names, if it does."""
        if not isinstance(node, Node):
            return None
        if node.kind == "name":
            found = self.scope.find(node.kids[0].text)
            return found if isinstance(found, Module) else None
        if node.kind == "member":
            outer = self.module_of(node.kids[0])
            inner = outer.scope.names.get(node.kids[1].text) if outer else None
            return inner if isinstance(inner, Module) else None
        return None

    def member_of(self, value: Expr, name: str, missing: bool = False) -> Expr | None:
        """A field, component, element or bound method of a value."""
        kind, code = value.type, value.code
        if isinstance(kind, t.TupleType) and name[:1] == "_" and name[1:].isdigit():
            i = int(name[1:])
            if i < len(kind.elems):
                return Expr(kind.elems[i], f"{code}.items[{i}]",
                            lambda v: f"_set({code}.items, {i}, {v})")  # fmt: skip
        if isinstance(kind, t.VectorType) and name in "xyzw"[: kind.size]:
            i = "xyzw".index(name)
            store = None
            if value.store is not None:
                outer = value.store
                store = lambda v: f"{outer(f'({code}[:{i}] + ({v},) + {code}[{i + 1}:])')}[{i}]"  # noqa: E731
            return Expr(t.FLOAT, f"{code}[{i}]", store)
        if isinstance(kind, t.ListType) and name in ("value", "next"):
            return Expr(kind.elem if name == "value" else kind, f"{code}.{name}")
        if isinstance(kind, t.ClassType):
            for i, (field, field_type) in reversed(list(enumerate(kind.fields))):
                if field == name:
                    return Expr(field_type, f"{code}.fields[{i}]",
                                lambda v, i=i: f"_set({code}.fields, {i}, {v})")  # fmt: skip
        methods = self.methods(kind, name)
        if methods:
            return Expr(kind, code, None, methods)
        if isinstance(kind, t.ArrayType) and (
            name in _ARRAY_METHODS or name in ("push_back", "resize", "erase", "front", "back")
        ):
            return Expr(kind, code, None, [])
        if missing:
            return None
        raise Unresolved(False)

    def methods(self, kind: t.Type, name: str) -> list[Function]:
        """Functions of a type's own scope, base classes included."""
        from player.mu.symbols import ordered

        out: list[Function] = []
        classes: list[t.Type] = [kind]
        while classes:
            current = classes.pop(0)
            if current.members is not None:
                found = current.members.names.get(name)
                if isinstance(found, list):
                    out.extend(ordered(found))
            if isinstance(current, t.ClassType):
                classes.extend(current.bases)
        return out

    def x_type_member(self, node: Node) -> Expr:
        kind, name = self.type_of(node.kids[0]), node.kids[1].text
        if isinstance(kind, t.UnionType):
            for tag in kind.tags:
                if tag.local_name == name:
                    return self.tag_value(tag)
        functions = self.methods(kind, name)
        if functions:
            return Expr(t.VOID, "", None, functions)
        found = kind.members.names.get(name) if kind.members is not None else None
        if isinstance(found, (Const, Variable)):
            return self.symbol(found, name)
        raise StaticError(f"no {name} in {kind.name}")

    def tag_value(self, tag: t.VariantTag) -> Expr:
        name = self.name_type(tag)
        if tag.payload is t.VOID:
            return Expr(tag.union, f"_Variant({name}, None)")
        params = tag.payload.elems if isinstance(tag.payload, t.TupleType) else (tag.payload,)
        from player.mu.symbols import Param

        def emit(args: list[str]) -> str:
            inner = args[0]
            if isinstance(tag.payload, t.TupleType):
                inner = f"_Tuple({self.name_type(tag.payload)}, [{', '.join(args)}])"
            return f"_Variant({name}, {inner})"

        whole = Function(tag.local_name, tag.name, [Param("", p) for p in params], tag.union, emit)
        out = [whole]
        if isinstance(tag.payload, t.TupleType):
            out.append(
                Function(tag.local_name, tag.name, [Param("", tag.payload)], tag.union,
                         lambda a: f"_Variant({name}, {a[0]})")
            )  # fmt: skip
        return Expr(t.VOID, "", None, out)

    # -- calls -----------------------------------------------------------------------------

    def invoke(self, functions: list[Function], args: list[Expr]) -> Expr:
        """Overload resolution and the call."""
        kinds = [a.type for a in args]
        match = choose(functions, kinds)
        if match is None:
            match = self._match_functions(functions, args)
        if match is None:
            raise Unresolved(True)
        function, swapped = match
        if function.failed:
            raise StaticError("call of a function whose declaration failed")
        if swapped:
            args = args[::-1]
        codes = [
            a.code if isinstance(p.type, t.PatternType) else self.convert(a, p.type)
            for a, p in zip(args, function.params, strict=False)
        ]
        codes += [p.default or "None" for p in function.params[len(args) :]]
        codes += [
            self.name_type(a.type)
            for a, p in zip(args, function.params, strict=False)
            if isinstance(p.type, t.PatternType)
        ]
        if function.name == "%" and function.ret is t.STRING and len(codes) == 2:
            codes.append(self.name_type(args[1].type))
        if function.ret is None:
            raise Unresolved(True)
        ret: t.Type = function.ret
        if isinstance(ret, t.PatternType):
            ret = args[-1].type
        return Expr(ret, function.emit(codes))

    def _match_functions(
        self, functions: list[Function], args: list[Expr]
    ) -> tuple[Function, bool] | None:
        """Resolution when an argument is a bare function name."""
        if not any(a.functions is not None for a in args):
            return None
        for function in functions:
            if not function.least <= len(args) <= len(function.params):
                continue
            try:
                for a, p in zip(args, function.params, strict=False):
                    self.convert(a, p.type)
            except Unresolved:
                continue
            return function, False
        return None

    def x_call(self, node: Node) -> Expr:
        callee = self.expr(node.kids[0])
        slots = [s.kids[0] for s in node.kids[1].kids]
        if slots == [None]:
            slots = []
        if any(s is None for s in slots):
            return self.partial(callee, slots)
        args = [self.typed(s) for s in slots]
        return self.apply(callee, args, node.kids[0])

    def apply(self, callee: Expr, args: list[Expr], node: Any = None) -> Expr:
        if callee.functions is not None and callee.code == "":
            return self.invoke(callee.functions, args)
        if callee.functions is not None and node is not None:
            this = Expr(callee.type, callee.code)
            if isinstance(this.type, t.ArrayType) and not callee.functions:
                name = node.kids[1].text if node.kind == "member" else ""
                return self.array_method(this, name, args)
            return self.invoke(callee.functions, [this, *args])
        kind = callee.type
        if isinstance(kind, t.FuncType):
            if len(kind.args) != len(args):
                raise Unresolved(True)
            codes = [self.convert(a, w) for a, w in zip(args, kind.args, strict=True)]
            return Expr(kind.ret, f"{callee.code}.call({', '.join(codes)})")
        raise Unresolved(True)

    def partial(self, callee: Expr, slots: list[Any]) -> Expr:
        """``f(1,)``: a function of the omitted arguments."""
        functions = callee.functions or []
        wanted = len(slots)
        for function in functions:
            if len(function.params) != wanted:
                continue
            given = {i: self.typed(s) for i, s in enumerate(slots) if s is not None}
            names = [f"p{i}" for i in range(wanted) if i not in given]
            open_types = [p.type for i, p in enumerate(function.params) if i not in given]
            codes, keep = [], []
            for i, p in enumerate(function.params):
                if i in given:
                    keep.append(f"k{i}={self.convert(given[i], p.type)}")
                    codes.append(f"k{i}")
                else:
                    codes.append(f"p{i}")
            kind = t.function_of(function.ret or t.VOID, *open_types)
            header = ", ".join([*names, *keep])
            return Expr(
                kind,
                f"_Function({function.qualified!r}, {self.name_type(kind)}, "
                f"(lambda {header}: {function.emit(codes)}))",
            )
        raise Unresolved(True)

    def array_method(self, this: Expr, name: str, args: list[Expr]) -> Expr:
        kind = this.type
        assert isinstance(kind, t.ArrayType)
        code = this.code
        if name in _ARRAY_METHODS and not args:
            result, template = _ARRAY_METHODS[name]
            kinds = {"int": t.INT, "bool": t.BOOL, "void": t.VOID, "elem": kind.elem, "self": kind}
            return Expr(kinds[result], template.format(code))
        if name in ("front", "back") and not args:
            at = f"_front({code})" + ("" if name == "front" else " - 1")
            return Expr(kind.elem, f"{code}.items[{at}]",
                        lambda v: f"_set({code}.items, {at}, {v})")  # fmt: skip
        if name == "push_back" and len(args) == 1:
            return Expr(kind.elem, f"_push({code}, {self.convert(args[0], kind.elem)})")
        if name == "resize" and len(args) == 1:
            return Expr(t.VOID, f"_resize({code}, {self.convert(args[0], t.INT)})")
        if name == "erase" and len(args) == 2:
            codes = ", ".join(self.convert(a, t.INT) for a in args)
            return Expr(t.VOID, f"_erase({code}, {codes})")
        raise Unresolved(True)

    def x_construct(self, node: Node) -> Expr:
        kind = self.type_of(node.kids[0])
        slots = [s.kids[0] for s in node.kids[1].kids]
        args = [] if slots == [None] else [self.typed(s) for s in slots if s is not None]
        return self.construct(kind, args)

    def construct(self, kind: t.Type, args: list[Expr]) -> Expr:
        """``T(…)``."""
        name = self.name_type(kind)
        if isinstance(kind, t.ClassType) and kind.members is not None:
            made = kind.members.names.get("__new__")
            if isinstance(made, list):
                return self.invoke(made, args)
            raise Unresolved(True)
        if not args:
            return Expr(kind, f"_default({name})")
        if isinstance(kind, t.VectorType):
            parts = [self.convert(a, t.FLOAT) for a in args]
            if len(parts) == 1:
                return Expr(kind, f"_splat({parts[0]}, {kind.size})")
            if len(parts) != kind.size:
                raise Unresolved(True)
            return Expr(kind, f"({', '.join(parts)},)")
        if isinstance(kind, t.ArrayType):
            if len(args) == 1 and (args[0].type is kind or args[0].type is t.NIL):
                source = args[0].code
                return Expr(kind, f"_Array({name}, {source}.items[:])")
            return Expr(kind, self.aggregate_code(kind, args))
        if kind is t.REGEX and len(args) in (1, 2):
            codes = [self.convert(a, w) for a, w in zip(args, (t.STRING, t.INT), strict=False)]
            return Expr(kind, f"_regex({', '.join(codes)})")
        if len(args) != 1:
            raise Unresolved(True)
        source_type = args[0].type
        template = _CONSTRUCTORS.get((source_type, kind))
        if template is not None:
            return Expr(kind, template.format(args[0].code))
        if source_type is kind and kind not in (t.CHAR, t.REGEX, t.EXCEPTION):
            return args[0]
        if kind is t.STRING and source_type.ref and source_type is not t.NIL:
            return Expr(kind, f"_render({self.name_type(source_type)}, {args[0].code}, True)")
        if kind in (t.BOOL, t.INT) and source_type in (t.BOOL, t.INT):
            as_text = self.convert(args[0], t.STRING)
            return Expr(kind, _CONSTRUCTORS[t.STRING, kind].format(as_text))
        return Expr(kind, self.convert(args[0], kind))

    # -- aggregates ------------------------------------------------------------------------

    def x_aggregate(self, node: Node) -> Expr:
        kind = self.type_of(node.kids[0])
        return Expr(kind, self.aggregate(kind, node.kids[1]))

    def aggregate(self, kind: t.Type, node: Any) -> str:
        """Code of ``T {…}`` for a known type."""
        if not isinstance(node, Node) or not node.kind.startswith("agg_"):
            return self.convert(self.typed(node), kind, wide=True)
        if node.kind == "agg_empty":
            return f"_default({self.name_type(kind)})"
        items = node.kids[0].kids
        if node.kind == "agg_nested":
            items = []
            inner = node.kids[0]
            while isinstance(inner, Node) and inner.kind == "agg_items":
                items.insert(0, inner.kids[-1])
                inner = inner.kids[0] if len(inner.kids) > 1 else None
        if isinstance(kind, t.ArrayType):
            if len(items) == 1 and node.kind == "agg_args":
                only = self.typed(items[0])
                if only.type is kind or only.type is t.NIL:
                    return f"_Array({self.name_type(kind)}, {only.code}.items[:])"
            codes = [self.aggregate(kind.elem, i) for i in items]
            return f"_Array({self.name_type(kind)}, [{', '.join(codes)}])"
        if isinstance(kind, t.TupleType) and len(items) == len(kind.elems):
            codes = [self.aggregate(e, i) for e, i in zip(kind.elems, items, strict=True)]
            return f"_Tuple({self.name_type(kind)}, [{', '.join(codes)}])"
        if isinstance(kind, t.ListType):
            codes = [self.aggregate(kind.elem, i) for i in items]
            return f"_list({', '.join([self.name_type(kind), *codes])})"
        if isinstance(kind, t.ClassType):
            args = []
            for (_, field_type), item in zip(kind.fields, items, strict=False):
                args.append(Expr(field_type, self.aggregate(field_type, item)))
            return self.construct(kind, args).code
        return self.construct(kind, [self.typed(i) for i in items]).code

    def aggregate_code(self, kind: t.ArrayType, args: list[Expr]) -> str:
        codes = ", ".join(self.convert(a, kind.elem) for a in args)
        return f"_Array({self.name_type(kind)}, [{codes}])"

    def x_list(self, node: Node) -> Expr:
        parts = [self.typed(k) for k in node.kids]
        elem = parts[0].type
        if any(p.type is not elem for p in parts) or elem in (t.NIL, t.VOID):
            raise Unresolved(True)
        kind = t.list_of(elem)
        return Expr(kind, f"_list({', '.join([self.name_type(kind), *(p.code for p in parts)])})")

    def x_cons(self, node: Node) -> Expr:
        head, tail = self.typed(node.kids[0]), self.typed(node.kids[1])
        if isinstance(tail.type, t.ListType):
            return Expr(tail.type, f"_Cons({self.convert(head, tail.type.elem)}, {tail.code})")
        if tail.type is t.NIL:
            elem = t.INT if head.type is t.INT else t.STRING
            return Expr(t.list_of(elem), f"_Cons({self.convert(head, elem)}, None)")
        raise Unresolved(True)

    # -- operators -------------------------------------------------------------------------

    def operate(self, name: str, args: list[Expr]) -> Expr:
        candidates: list[Function] = []
        if args[0].type.members is not None:
            candidates.extend(self.methods(args[0].type, name))
        candidates.extend(self.scope.functions(name))
        return self.invoke(candidates, args)

    def x_binop(self, node: Node) -> Expr:
        left, op, right = node.kids
        return self.operate(op.text, [self.typed(left), self.typed(right)])

    def _word(self, node: Node, op: str) -> Expr:
        return self.operate(op, [self.typed(k) for k in node.kids if isinstance(k, Node)])

    def x_or_(self, node: Node) -> Expr:
        return self._word(node, "||")

    def x_and_(self, node: Node) -> Expr:
        return self._word(node, "&&")

    def x_bitor(self, node: Node) -> Expr:
        return self._word(node, "|")

    def x_bitxor(self, node: Node) -> Expr:
        return self._word(node, "^")

    def x_bitand(self, node: Node) -> Expr:
        return self._word(node, "&")

    def x_not_(self, node: Node) -> Expr:
        return self.operate("!", [self.typed(node.kids[-1])])

    def x_bitnot(self, node: Node) -> Expr:
        return self.operate("~", [self.typed(node.kids[-1])])

    def x_neg(self, node: Node) -> Expr:
        return self.operate("-", [self.typed(node.kids[-1])])

    def x_if_expr(self, node: Node) -> Expr:
        test, first, second = (self.typed(k) for k in node.kids)
        if test.type is not t.BOOL:
            raise Unresolved(True)
        kind = second.type if first.type is t.NIL else first.type
        a, b = self.convert(first, kind, wide=True), self.convert(second, kind, wide=True)
        return Expr(kind, f"({a} if {test.code} else {b})")

    def _step(self, node: Any, op: str, after: bool) -> Expr:
        target = self.typed(node)
        if target.store is None or target.type not in (
            t.INT, t.INT64, t.SHORT, t.BYTE, t.FLOAT, t.DOUBLE, t.HALF, t.CHAR,
        ):  # fmt: skip
            raise Unresolved(True)
        if target.type is t.CHAR:
            code = target.store(f"({target.code} {op} 1)")
            return Expr(t.CHAR, f"({code} {'-' if op == '+' else '+'} 1)" if after else code)
        one = Expr(target.type, "1" if target.type not in (t.FLOAT, t.DOUBLE, t.HALF) else "1.0")
        stepped = self.operate(op, [target, one])
        code = target.store(self.convert(stepped, target.type))
        if not after:
            return Expr(target.type, code)
        back = self.operate("-" if op == "+" else "+", [Expr(target.type, code), one])
        return Expr(target.type, self.convert(back, target.type))

    def x_post_inc(self, node: Node) -> Expr:
        return self._step(node.kids[0], node.kids[1].text[0], True)

    def x_pre_inc(self, node: Node) -> Expr:
        return self._step(node.kids[1], node.kids[0].text[0], False)

    def x_index(self, node: Node) -> Expr:
        value = self.typed(node.kids[0])
        args = [self.typed(a) for a in node.kids[1].kids]
        kind = value.type
        if isinstance(kind, t.ArrayType):
            codes = ", ".join(self.convert(a, t.INT) for a in args)
            at = f"_index({value.code}, {codes})"
            return Expr(kind.elem, f"_get({value.code}, {codes})",
                        lambda v: f"_set({value.code}.items, {at}, {v})")  # fmt: skip
        if isinstance(kind, t.VectorType) and len(args) == 1:
            return Expr(t.FLOAT, f"{value.code}[{self.convert(args[0], t.INT)}]")
        functions = self.methods(kind, "[]")
        if functions:
            return self.invoke(functions, [value, *args])
        raise Unresolved(True)

    def x_assign(self, node: Node) -> Expr:
        target, value = self.typed(node.kids[0]), self.typed(node.kids[1])
        if target.store is None:
            raise StaticError("cannot assign")
        try:
            code = self.convert(value, target.type, wide=True)
        except Unresolved:
            raise StaticError("cannot assign that type") from None
        return Expr(target.type, target.store(code), target.store)

    def x_assign_op(self, node: Node) -> Expr:
        target, op, value = node.kids
        left, right = self.typed(target), self.typed(value)
        if left.store is None or left.type is t.CHAR:
            raise StaticError("cannot assign")
        if left.type is t.STRING and right.type.ref and right.type is not t.STRING:
            right = Expr(t.STRING, self.convert(right, t.STRING, wide=True))
        else:
            right = Expr(left.type, self.convert(right, left.type))
        result = self.operate(op.text[:-1], [left, right])
        if left.type is t.STRING and op.text == "+=" and left.code.isidentifier():
            return Expr(t.STRING, left.store(f"{left.code} + {right.code}"), left.store)
        return Expr(left.type, left.store(self.convert(result, left.type)), left.store)

    def x_op_ref(self, node: Node) -> Expr:
        token = node.kids[0]
        while isinstance(token, Node):
            token = token.kids[0] if token.kids else Token("", "()", 0)
        return Expr(t.VOID, "", None, self.scope.functions(token.text))
