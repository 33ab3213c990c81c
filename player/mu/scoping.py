"""The stack of scopes, and looking names up in it: the ground floor of the assembler.

Source of the rules: Open RV's ``Mu/NodeAssembler`` and ``MuLang/Lexer.l`` (``yyIdentifier``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from player.mu import types as t
from player.mu.symbols import (
    Alias,
    Constant,
    Function,
    LateModule,
    MemberVariable,
    Modifier,
    Module,
    Namespace,
    Root,
    ScopeState,
    Variable,
)

__all__ = ["Recover", "Scoping"]

S = TypeVar("S")


class Recover(Exception):
    """An action failed: the parser drops the production and recovers from the error."""


class Scoping:
    """Scopes of one text. ``root`` is the interpreter's global scope, ``unique`` its counter.

    ``failed`` turns true with the first reported error; a text that failed does not run.
    ``message`` and ``where`` (a token's offset) describe that first error.
    """

    def __init__(self, root: Root, unique: Callable[[], int]) -> None:
        self.root = root
        self._unique = unique
        self.scope_state = ScopeState(root, None, True)
        self.prefix: Any = None
        self.failed = False
        self.message = ""
        self.where = -1
        self.position = 0

    # -- errors ----------------------------------------------------------------------------

    def report(self, message: str) -> None:
        """Note an error; the text will not run."""
        if not self.failed:
            self.message = message
            self.where = self.position
        self.failed = True

    def fail(self, message: str) -> NoReturn:
        """Report an error and let the parser recover."""
        self.report(message)
        raise Recover

    # -- scopes ----------------------------------------------------------------------------

    def push(self, scope: Any, declarative: bool = True) -> None:
        """Enter a scope; one that is not declarative only lends its names."""
        if isinstance(scope, LateModule):
            scope.complete()
        self.scope_state = ScopeState(scope, self.scope_state, declarative)

    def pop(self) -> None:
        """Leave the innermost declarative scope."""
        state = self.scope_state
        while not state.declarative and state.parent is not None:
            state = state.parent
        self.scope_state = state.parent if state.parent is not None else state

    @property
    def scope(self) -> Any:
        """Where declarations go."""
        state: ScopeState | None = self.scope_state
        while state is not None:
            if state.declarative:
                return state.symbol
            state = state.parent
        return self.root

    def named_scope(self) -> Any:
        """The innermost scope that is not a block."""
        state: ScopeState | None = self.scope_state
        while state is not None:
            if state.declarative and not isinstance(state.symbol, Namespace):
                return state.symbol
            state = state.parent
        return self.root

    def same_scope(self, owner: Any, scope: Any) -> bool:
        """Whether two scopes are one; built-in symbols know only the shared global scope."""
        if owner is scope:
            return True
        return scope is self.root and isinstance(owner, Module) and owner.owner is None

    def unique_name(self, prefix: str) -> str:
        """A name nobody can have written."""
        return f"{prefix}{self._unique():x}"

    def push_block(self) -> None:
        """Enter a new nameless scope."""
        block = Namespace(self.unique_name("__"))
        block.owner = self.scope
        self.push(block)

    @property
    def class_scope(self) -> t.ClassType | None:
        """The class whose body is being declared."""
        scope = self.scope
        return scope if isinstance(scope, t.ClassType) else None

    def enclosing(self, kind: type[S]) -> S | None:
        """The innermost scope of a kind."""
        state: ScopeState | None = self.scope_state
        while state is not None:
            if isinstance(state.symbol, kind):
                return state.symbol
            state = state.parent
        return None

    @property
    def function(self) -> Function | None:
        """The function being declared."""
        return self.enclosing(Function)

    def set_prefix(self, symbol: Any) -> None:
        """Look names up in one scope only (what stands behind a dot); None: in all again."""
        self.prefix = symbol.target if isinstance(symbol, t.RefType) else symbol

    # -- lookup ----------------------------------------------------------------------------

    def hidden(self, name: str) -> bool:
        """Whether a broken expression left a prefix behind that hides a global name: RV looks
        even the functions of its statements up by name."""
        return self.prefix is not None and self.prefix.find(name) is None

    def find_first(self, name: str, kind: type[S]) -> S | None:
        """The first symbol of a kind under a name, from the innermost scope outwards."""
        if self.prefix is not None:
            return _first(self.prefix.find(name), kind)
        state: ScopeState | None = self.scope_state
        while state is not None:
            found = _first(state.symbol.find(name), kind)
            if found is not None:
                return found
            state = state.parent
        return None

    def functions(self, name: str) -> list[Function]:
        """All candidates of a name, in the order they are tried."""
        out: list[Function] = []
        if self.prefix is not None:
            _collect(self.prefix, name, out)
            return out
        state: ScopeState | None = self.scope_state
        while state is not None:
            _collect(state.symbol, name, out)
            state = state.parent
        return out

    # -- what the lexer asks ---------------------------------------------------------------

    def classify(self, name: str) -> tuple[str, Any]:
        """The token that a name is where it stands, and its symbol."""
        if self.prefix is not None:
            found = self.prefix.find(name)
            return ("IDENTIFIER", name) if found is None else self._behind_dot(found)
        state: ScopeState | None = self.scope_state
        while state is not None:
            found = state.symbol.find(name)
            if found is not None:
                return self._in_scope(found)
            state = state.parent
        return "IDENTIFIER", name

    def _behind_dot(self, found: list[Any]) -> tuple[str, Any]:
        followed = False
        while True:
            for kind, token in (
                (t.Type, "TYPE"), (Module, "MODULE"), (MemberVariable, "MEMBER"),
                (Constant, "CONSTANT"),
            ):  # fmt: skip
                symbol = _first(found, kind)
                if symbol is not None:
                    return ("TAG" if isinstance(symbol, t.VariantTag) else token), symbol
            alias = _first(found, Alias)
            if alias is None:
                return ("PREFIXED" if followed else "SYMBOL"), found[0]
            followed = True
            found = self.overloads(alias.target)

    def _in_scope(self, found: list[Any]) -> tuple[str, Any]:
        followed = False
        while True:
            kind = _first(found, t.Type)
            if kind is not None:
                return ("TAG" if isinstance(kind, t.VariantTag) else "TYPE"), kind
            symbol = found[0]
            if isinstance(symbol, Modifier):
                return "MODIFIER", symbol
            module = _first(found, Module)
            if module is not None:
                return "MODULE", module
            constant = _first(found, Constant)
            if constant is not None:
                return "CONSTANT", constant
            if isinstance(symbol, Variable):
                return ("PREFIXED" if followed else "SYMBOL"), symbol
            alias = _first(found, Alias)
            if alias is not None:
                found = self.overloads(alias.target)
                followed = True
                continue
            if isinstance(symbol, Function):
                owner = symbol.owner
                if isinstance(owner, t.Type) and owner.local == symbol.name:
                    return ("TAG" if isinstance(owner, t.VariantTag) else "TYPE"), owner
            return ("PREFIXED" if followed else "SYMBOL"), symbol

    def overloads(self, symbol: Any) -> list[Any]:
        """The overloads a symbol is one of."""
        owner = symbol.owner
        if isinstance(symbol, t.Type):
            if owner is None:
                return self.root.table.get(symbol.name, [symbol])
            name = symbol.local
        else:
            name = symbol.name
        if owner is None:
            return [symbol]
        scope = self.root if self.same_scope(owner, self.root) else owner
        found: list[Any] = scope.table.get(name, [symbol])
        return found


def _first(found: list[Any] | None, kind: type[S]) -> S | None:
    if found is not None:
        for symbol in found:
            if isinstance(symbol, kind):
                return symbol
    return None


def _collect(scope: Any, name: str, out: list[Function]) -> None:
    found = scope.table.get(name)
    if found is not None:
        out.extend(f for f in found if isinstance(f, Function))
    if isinstance(scope, t.ClassType):
        for base in scope.bases:
            _collect(base, name, out)
