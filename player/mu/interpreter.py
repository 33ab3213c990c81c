"""The interpreter: a session of evaluations, and the registration of a host's vocabulary.

A text is compiled once; the same text again runs the compiled program, as long as it declared
nothing and nothing was declared since (clients poll ``frame();``).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

from player.mu import types as t
from player.mu.builtin import NAMESPACE, base_scope, default_code, named_type
from player.mu.compiler import Compiler
from player.mu.declarations import BodyError
from player.mu.display import render
from player.mu.expressions import StaticError
from player.mu.parser import Node, parse
from player.mu.runtime import HELPERS
from player.mu.symbols import Const, Function, Module, Param, Scope, TypeName, Variable
from player.mu.typetext import parse_params, parse_type
from player.mu.values import MuFunction, MuThrow, throw

__all__ = ["Interpreter"]

_CACHE = 1024
_DECLARES = frozenset(
    {"func_decl", "class_decl", "union_decl", "symassign", "module_decl", "global_decl",
     "global_let", "var_decl", "let_decl"}
)  # fmt: skip


class _Failed(Exception):
    """The reply is an error text with this message; ``empty``: an empty reply."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Interpreter:
    """One Mu session. ``prelude`` is evaluated first, as global program text.

    ``permit(action, detail)`` decides about calls that touch the machine (``system.system``,
    ``system.setenv``...); without it they are refused. ``output`` receives what ``print``
    writes.
    """

    def __init__(
        self,
        prelude: str | None = None,
        *,
        permit: Callable[[str, str], bool] | None = None,
        output: Callable[[str], None] | None = None,
    ) -> None:
        self._permit = permit
        self._output = output or (lambda text: print(text, file=sys.stderr))
        self.scratch: dict[str, Any] = {}
        self.root = Scope(base_scope())
        self._serial = count(1)
        self._values: dict[tuple[int, int], MuFunction] = {}
        self.namespace: dict[str, Any] = {
            **HELPERS,
            **NAMESPACE,
            "_ctx": self,
            "_unresolved": _unresolved,
            "_fv": self._function_value,
            "_count": _count,
        }
        self._generation = 0
        self._cache: dict[tuple[str, tuple[str, ...]], tuple[int, Any, t.Type | None]] = {}
        self.register_module("commands")
        if prelude is not None:
            self.evaluate(prelude, ())

    # -- evaluation ------------------------------------------------------------------------

    def reply(
        self, text: str, prefix: str = "remote-eval", modules: Sequence[str] = ("commands",)
    ) -> str:
        """What RV's ``remote-eval`` answers to a text."""
        try:
            return self.eval_text(text, list(modules))
        except MuThrow as error:
            message = (
                error.value.message if hasattr(error.value, "message") else "unknown exception"
            )
            return f"ERROR: {prefix}: exception: \"{message}\"\nERROR: {prefix}: '{text}'\n"

    def eval_text(self, text: str, modules: Sequence[str]) -> str:
        """``runtime.eval``: the rendered value; MuThrow with RV's message when it fails."""
        kind, value = self.evaluate(text, tuple(modules))
        return "" if kind is None else render(kind, value)

    def typed_reply(self, text: str, modules: Sequence[str] = ()) -> str:
        """``commands.eval``: ``TYPE => VALUE``, empty for void and for broken texts."""
        try:
            kind, value = self.evaluate(text, tuple(modules))
        except MuThrow as error:
            return f"ERROR: {getattr(error.value, 'message', 'unknown exception')}\n"
        return "" if kind is None or kind is t.VOID else f"{kind.name} => {render(kind, value)}"

    def leaves_unresolved(self, text: str) -> bool:
        """Whether the last compilation of a text (without modules) left a name unresolved."""
        cached = self._cache.get((text, ()))
        return cached is not None and "_unresolved" in cached[1].__code__.co_names

    def evaluate(self, text: str, modules: tuple[str, ...]) -> tuple[t.Type | None, Any]:
        """Type and value of a text (type None: no value)."""
        key = (text, modules)
        cached = self._cache.get(key)
        if cached is None or cached[0] != self._generation:
            try:
                compiled = self._compile(text, modules)
            except _Failed as error:
                if not error.message:
                    return None, None
                throw(error.message)
            if compiled is None:
                return None, None
            program, kind, keep = compiled
            if keep:
                if len(self._cache) >= _CACHE:
                    self._cache.clear()
                self._cache[key] = (self._generation, program, kind)
        else:
            _, program, kind = cached
        try:
            return kind, program()
        except MuThrow:
            throw("unknown exception")
        except (AttributeError, TypeError, ArithmeticError, LookupError, ValueError,
                RecursionError, NameError, RuntimeError, MemoryError) as error:  # fmt: skip
            self.scratch["last error"] = error
            throw("unknown exception")

    def _compile(
        self, text: str, modules: tuple[str, ...]
    ) -> tuple[Any, t.Type | None, bool] | None:
        outcome = parse(text, self._is_type)
        if outcome.verdict == "empty":
            raise _Failed("")
        if outcome.verdict == "error":
            raise _Failed("syntax error")
        tree = outcome.tree
        assert tree is not None
        if tree.kind in ("empty_program", "bare_type"):
            return None
        scopes = [s for s in (self._module(m) for m in modules) if s is not None]
        compiler = Compiler(self.root, scopes, self.namespace, lambda: next(self._serial))
        declares = _declares(tree)
        if declares:
            self._generation += 1
        try:
            source, kind = compiler.program(tree)
        except StaticError:
            raise _Failed("syntax error") from None
        except BodyError as error:
            raise _Failed(str(error)) from None
        except RecursionError:
            raise _Failed("syntax error") from None
        finally:
            self._keep_names(compiler)
        try:
            code = compile(source, "<mu>", "exec")
        except SyntaxError:
            raise _Failed("unknown exception") from None
        exec(code, self.namespace)
        return self.namespace["_main"], kind, not declares

    def _keep_names(self, compiler: Compiler) -> None:
        """Top-level variables stay declared for ever, without their storage."""
        for name, symbol in compiler.top.names.items():
            if isinstance(symbol, Variable) and name not in self.root.names:
                stale = Variable(symbol.type, symbol.code)
                stale.stale = True
                self.root.names[name] = stale

    def _is_type(self, path: str) -> bool:
        head, _, rest = path.partition(".")
        found: Any = self.root.find(head)
        if found is None:
            found = self._module("commands").names.get(head)  # type: ignore[union-attr]
        while rest and found is not None:
            head, _, rest = rest.partition(".")
            scope = found.scope if isinstance(found, Module) else None
            if isinstance(found, TypeName):
                scope = found.type.members
            found = scope.names.get(head) if scope is not None else None
        return isinstance(found, TypeName)

    def _module(self, name: str) -> Scope | None:
        scope: Any = self.root
        for part in name.split("."):
            found = scope.find(part)
            if not isinstance(found, Module):
                return None
            scope = found.scope
        return scope  # type: ignore[no-any-return]

    def _function_value(self, call: Callable[..., Any], name: str, kind: t.Type) -> MuFunction:
        key = (id(call), id(kind))
        found = self._values.get(key)
        if found is None:
            found = self._values[key] = MuFunction(name, kind, call)
        return found

    # -- what library functions may ask ----------------------------------------------------

    def output(self, text: str) -> None:
        """Write to Mu's standard output."""
        self._output(text)

    def permit(self, action: str, detail: str) -> None:
        """Throw unless the host allows an action."""
        if self._permit is None or not self._permit(action, detail):
            throw(f"{action} is not permitted here: start the player with permission for it")

    def charge(self, size: int) -> None:
        """Refuse absurd single allocations (bytes)."""
        if size > 1 << 30:
            throw("out of memory")

    def load_module(self, name: str) -> bool:
        """Whether a module is known."""
        return self._module(name) is not None

    # -- the host's vocabulary -------------------------------------------------------------

    def register_module(self, name: str) -> Scope:
        """Make a module known; dotted names nest."""
        scope = self.root
        for part in name.split("."):
            found = scope.names.get(part) or scope.find(part)
            if not isinstance(found, Module):
                full = f"{scope.prefix}.{part}" if scope.prefix else part
                found = scope.names[part] = Module(full, Scope(self.root, prefix=full))
            scope = found.scope
        return scope

    def _lookup(self, name: str) -> t.Type | None:
        found = self.root.names.get(name)
        if isinstance(found, TypeName):
            return found.type
        return named_type(name)

    def register_struct(self, name: str, fields: Sequence[tuple[str, str]]) -> t.ClassType:
        """A class with fields only; values are ``MuObject``."""
        cls = t.ClassType(name)
        cls.members = Scope(self.root, prefix=name)
        cls.members.names["__vtable__"] = {}
        cls.fields = [(field, parse_type(kind, self._lookup)) for field, kind in fields]
        self.root.names[name] = TypeName(cls)
        return cls

    def register_opaque_class(
        self,
        name: str,
        methods: Sequence[tuple[str, str, Sequence[str], Callable[..., Any]]],
        constants: Any = (),
    ) -> t.Type:
        """A type whose values are the host's own; methods get the value first.

        ``methods``: (name, result type, argument types, callable taking runtime values);
        ``constants``: a mapping of int constants of the type.
        """
        kind = t.OpaqueType(name)
        kind.members = Scope(self.root, prefix=name)
        self.root.names[name] = TypeName(kind)
        for method, result, args, func in methods:
            listed = args if not isinstance(args, str) else [a for a in args.split(",") if a]
            params = [Param("this", kind)]
            params += [Param("", parse_type(a, self._lookup)) for a in listed]
            self._bind(kind.members, method, f"{name}.{method}", params,
                       parse_type(result, self._lookup), func)  # fmt: skip
        pairs = constants.items() if hasattr(constants, "items") else constants
        for constant, value in pairs:
            kind.members.names[constant] = Const(t.INT, repr(int(value)))
        return kind

    def register_function(
        self, module: str, name: str, signature: str, func: Callable[..., Any], doc: str = ""
    ) -> None:
        """A host function, e.g. ``("commands", "setFrame", "void (int frame)", f)``.

        ``func`` takes and returns runtime values (see ``values.py``).
        """
        scope = self.register_module(module)
        head, _, rest = signature.partition(" (")
        if not rest or signature.startswith("("):
            depth = 0
            for i, c in enumerate(signature):
                depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(c, 0)
                if c == "(" and depth == 1 and i and signature[i - 1] == " ":
                    head, rest = signature[: i - 1], signature[i + 1 :]
        if rest.startswith(("vector", "(vector")) and head == "":
            raise ValueError(f"bad signature {signature!r}")
        params = [
            Param(p.name, p.type, self._default(p.default))
            for p in parse_params(rest.rstrip()[:-1], self._lookup)
        ]
        self._bind(scope, name, f"{module}.{name}", params, parse_type(head, self._lookup), func)
        self._generation += 1

    def _default(self, text: str | None) -> str | None:
        """Code of a default: a literal, or a registered constant's name."""
        if text is not None and text.isidentifier():
            for module in ("commands",):
                scope = self._module(module)
                found = scope.names.get(text) if scope is not None else None
                if isinstance(found, Const):
                    return found.code
        return default_code(text)

    def _bind(
        self, scope: Scope, name: str, qualified: str, params: list[Param], ret: t.Type,
        func: Callable[..., Any],
    ) -> None:  # fmt: skip
        slot = f"_h{next(self._serial)}"
        self.namespace[slot] = func
        function = Function(
            name, qualified, params, ret, lambda a: f"{slot}({', '.join(a)})", value=slot
        )
        if not isinstance(scope.names.get(name), list):
            scope.names[name] = []
        scope.names[name].append(function)

    def register_constant(self, module: str, name: str, kind: str, value: Any) -> None:
        """A symbolic constant of a module."""
        scope = self.register_module(module)
        scope.names[name] = Const(parse_type(kind, self._lookup), repr(value))

    def register_alias(self, alias: str, name: str) -> None:
        """Another name of a registered type."""
        found = self.root.names.get(name)
        if found is not None:
            self.root.names[alias] = found


def _declares(node: Any) -> bool:
    """Whether a tree declares anything that outlives it."""
    if isinstance(node, Node):
        if node.kind in ("block",):
            return any(_inside(k) for k in node.kids)
        return node.kind in _DECLARES or any(_declares(k) for k in node.kids)
    return False


def _inside(node: Any) -> bool:
    """In a block only named functions, classes and modules matter."""
    if not isinstance(node, Node):
        return False
    if node.kind in ("func_decl", "class_decl", "union_decl", "module_decl"):
        return True
    return any(_inside(k) for k in node.kids)


def _unresolved() -> None:
    throw("unknown exception")


def _count(limit: Callable[[], int]) -> Iterator[int]:
    """Indices of an array that may grow meanwhile."""
    i = 0
    while i < limit():
        yield i
        i += 1
