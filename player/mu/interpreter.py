"""The interpreter: a session of evaluations, and the registration of a host's vocabulary.

A text is compiled once; the same text again runs the compiled program, as long as nothing was
declared since (clients poll ``frame();``).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from player.mu import types as t
from player.mu.assembler import Assembler, SyntaxFailure
from player.mu.closures import HOLE, Closures
from player.mu.declarations import zero
from player.mu.display import printed, render
from player.mu.host import Registration
from player.mu.limits import DEPTH, Bounds
from player.mu.modulepath import load_source
from player.mu.nodes import CallNode, ConstNode, Node, VariableNode
from player.mu.parser import parse
from player.mu.runtime import HELPERS, ReturnFromCatch, thrown
from player.mu.symbols import CHANGES, Function, Module, Parameter, qualified
from player.mu.units import Unit
from player.mu.values import (
    MuArray,
    MuException,
    MuFunction,
    MuLimit,
    MuObject,
    MuThrow,
    MuTuple,
    complain,
    throw,
)

__all__ = ["Interpreter"]

_CACHE = 1024  # compiled texts
_CACHE_LENGTH = 1 << 20  # characters of them: what is compiled takes about nine times as many bytes
_SHARED = (MuArray, MuTuple, MuObject)
_UNKNOWN = "unknown exception"
_TOO_DEEP = f"evaluation stopped: calls nested more than {DEPTH} deep"
_NEEDS_TYPES = ("ret", "tag", "type0", "type1", "args", "text0")

_SYNTAX = "syntax error"


class Program(NamedTuple):
    """A compiled text. ``run`` is None when there is nothing to run. It is good as long as
    ``changes`` is the number of declarations; ``keep``: it may be run again at all.
    ``unresolved``: a statement has an open name. ``handler``: it declares a function and binds."""

    run: Any
    type: t.Type | None
    changes: int
    keep: bool = False
    unresolved: bool = False
    handler: bool = False


_NOTHING = Program(None, None, -1)
_DROPPED = Program(None, None, -2)
"""What is left of a text of which the parser dropped a part."""
_AGAIN = Program(None, None, -3)
"""Of a text that leaves the root of the text before it, which RV then evaluates again."""


class Interpreter(Registration):
    """One Mu session. ``prelude`` is evaluated first, as global program text.

    ``module_path`` are the folders in which ``require`` looks for modules; ``report`` gets what
    RV writes on its console about one that fails.

    ``permit(action, detail)`` decides about calls that touch the machine (``system.system``,
    ``system.setenv``...); without it they are refused. ``output`` receives what ``print``
    writes. ``deadline`` (seconds) and ``memory`` (bytes the process may grow by) bound every
    evaluation, 0 means no bound; both can be set later on ``bounds``.
    """

    def __init__(
        self,
        prelude: str | None = None,
        *,
        permit: Callable[[str, str], bool] | None = None,
        output: Callable[[str], None] | None = None,
        deadline: float = 0.0,
        memory: int = 0,
    ) -> None:
        super().__init__()
        self._permit = permit
        self.bounds = Bounds(deadline, memory)
        self._output = output or (lambda text: print(text, file=sys.stderr))
        self.scratch: dict[str, Any] = {}
        self.locations: dict[str, str] = {}
        self.module_path: list[str] = []
        self.report: Callable[[str], None] = _to_stderr
        self.namespace: dict[str, Any] = {
            **HELPERS,
            "_HOLE": HOLE,
            "_closure": Closures(self).make,
            "_ctx": self,
            "_disambiguate": self._disambiguate,
            "_print": self._print,
            "_virtual": self._virtual,
        }
        self._cache: dict[tuple[str, tuple[str, ...]], Program] = {}
        self._cached = 0  # characters
        # texts that declared an event handler and bound it: a client that comes again sends the
        # same one, and RV's refusal of the second declaration helps nobody
        self._handlers: dict[tuple[str, tuple[str, ...]], Program] = {}
        self._text, self._latest = "", _NOTHING
        self._root = Program(lambda: None, t.VOID, -1)
        self._count = 0
        self._globals = 0
        self.register_module("commands")
        if prelude is not None:
            self.evaluate(prelude, ())

    # -- evaluation ------------------------------------------------------------------------

    def reply(
        self, text: str, prefix: str = "remote-eval", modules: Sequence[str] = ("commands",)
    ) -> str:
        """What RV's ``remote-eval`` answers to a text."""
        try:
            return self.eval_text(text, modules)
        except MuThrow as error:
            message = getattr(error.value, "message", _UNKNOWN)
        except MuLimit as limit:
            message = str(limit)
        return f"ERROR: {prefix}: exception: \"{message}\"\nERROR: {prefix}: '{text}'\n"

    def eval_text(self, text: str, modules: Sequence[str]) -> str:
        """``runtime.eval``: the rendered value; MuThrow with RV's message when it fails."""
        return self.bounds.run(self._rendered, text, tuple(modules))[1]

    def typed_reply(self, text: str, modules: Sequence[str] = ()) -> str:
        """``commands.eval``: ``TYPE => VALUE``, empty for void and for broken texts."""
        try:
            kind, shown = self.bounds.run(self._rendered, text, tuple(modules))
        except MuThrow as error:
            return f"ERROR: {getattr(error.value, 'message', _UNKNOWN)}\n"
        return "" if kind is None or kind is t.VOID else f"{kind.name} => {shown}"

    def leaves_unresolved(self, text: str) -> bool:
        """Whether the last compilation of a text (without modules) left a name unresolved."""
        cached = self._cache.get((text, ()))
        return (cached or self._latest).unresolved if cached or self._text == text else False

    def evaluate(self, text: str, modules: tuple[str, ...]) -> tuple[t.Type | None, Any]:
        """Type and value of a text (type None: no value).

        MuThrow with RV's message when it fails, MuLimit when it goes over a bound.
        """
        return self.bounds.run(self._evaluate, text, modules)

    def _rendered(self, text: str, modules: tuple[str, ...]) -> tuple[t.Type | None, str]:
        kind, value = self._evaluate(text, modules)
        if kind is None:
            return None, ""
        try:
            return kind, render(kind, value)
        except Exception as error:
            raise self._outcome(error) from None

    def _evaluate(self, text: str, modules: tuple[str, ...]) -> tuple[t.Type | None, Any]:
        program = self._cache.get((text, modules))
        if program is None or program.changes != CHANGES.count:
            program = self._program(text, modules)
        if program is _AGAIN:
            program = self._root
        elif program is not _DROPPED:
            self._root = program
        if program.run is None:
            return None, None
        try:
            value = program.run()
        except ReturnFromCatch:
            return None, None
        except Exception as error:
            raise self._outcome(error) from None
        if program.handler:
            self._handlers[text, modules] = program
        return program.type, value

    def _outcome(self, error: Exception) -> MuThrow | MuLimit:
        """What an error that ended a text is to the caller."""
        if isinstance(error, RecursionError):
            return MuLimit(_TOO_DEEP)
        self.scratch["last error"] = error
        reported = error.reported if isinstance(error, MuThrow) else None
        return MuThrow(MuException(reported or _UNKNOWN))

    def _program(self, text: str, modules: tuple[str, ...]) -> Program:
        """A text's program, compiled now: there is none, or something was declared since."""
        key = (text, modules)
        try:
            program = self._compile(text, modules)
        except MuThrow as error:
            handler = self._handlers.get(key)
            if handler is not None and getattr(error.value, "message", "") == _SYNTAX:
                return handler
            raise
        except Exception as error:
            raise self._outcome(error) from None
        self._text, self._latest = text, program
        if program.keep:
            if key not in self._cache:
                self._cached += len(text)
            if len(self._cache) >= _CACHE or self._cached > _CACHE_LENGTH:
                self._cache.clear()
                self._cached = len(text)
            self._cache[key] = program
        return program

    def _compile(self, text: str, modules: tuple[str, ...]) -> Program:
        scopes = [m for m in map(self.find_module, modules) if m is not None]
        before = CHANGES.count
        assembler = Assembler(self, scopes)
        try:
            if not parse(text, assembler):
                return _DROPPED
            if assembler.rooted:
                self._root = _NOTHING
            assembler.finish()
        except SyntaxFailure:
            self._root = _NOTHING
            throw(_SYNTAX)
        except MuThrow as error:
            throw(error.reported or error.value.message)
        root = assembler.result
        if root is None:
            return _NOTHING if assembler.rooted else _AGAIN
        kind = root.type or t.VOID
        if isinstance(kind, t.RefType):
            kind = kind.target
        unit = Unit(self)
        run = unit.program(root)
        declared = before != CHANGES.count
        return Program(
            run,
            kind,
            CHANGES.count,
            keep=not declared and not any(isinstance(c, _SHARED) for c in unit.constants),
            unresolved="_unresolved" in run.__code__.co_names,
            handler=declared and assembler.declared > 0 and "bind" in text,
        )

    # -- what the assembler asks -----------------------------------------------------------

    def unique(self) -> int:
        """The next number for a name nobody can have written."""
        self._count += 1
        return self._count

    def unique_name(self, prefix: str) -> str:
        """A name nobody can have written."""
        return f"{prefix}{self.unique():x}"

    def new_global(self, name: str, kind: t.Type) -> str:
        """Storage for a global variable; its name in generated code."""
        self._globals += 1
        code = f"g{self._globals}_{name}"
        self.namespace[code] = zero(kind)
        return code

    def new_function(self, function: Function) -> None:
        """Name a declared function in generated code."""
        self._globals += 1
        safe = "".join(c if c.isalnum() and c.isascii() else "_" for c in function.name)
        function.py = f"f{self._globals}_{safe}"

    def function_value(self, function: Function, kind: t.Type) -> MuFunction:
        """A function as a value; it is compiled when it is first called."""
        return MuFunction(qualified(function), kind, self.later(function), function)

    def later(self, function: Function) -> Callable[..., Any]:
        """The Python function of a Mu function, which is compiled when it is first called."""
        return _Late(self, function)

    def callable(self, function: Function) -> Callable[..., Any]:
        """The Python function of a Mu function."""
        if function.call is not None and not (function.context or function.typed):
            return function.call
        if not function.native:
            made = self.namespace.get(function.py) if function.written else None
            return made if made is not None else Unit(self).function(function)
        parameters = [Parameter(f"a{i}", k, f"a{i}") for i, k in enumerate(function.types)]
        caller = Function(function.name, function.ret, function.types)
        caller.native = False
        caller.parameters = parameters
        caller.body = CallNode(function, [_value(p) for p in parameters])
        self.new_function(caller)
        return Unit(self).function(caller)

    def ahead(self, node: CallNode) -> Callable[..., Any]:
        """The Python function of a call whose arguments are constants or variables; it takes the
        values of the variables and throws what ``evaluate_ahead`` throws."""
        parameters: list[Parameter] = []
        args: list[Node] = []
        for arg in node.args:
            if isinstance(arg, ConstNode):
                args.append(arg)
            else:
                name = f"a{len(parameters)}"
                parameters.append(Parameter(name, arg.type or t.VOID, name))
                args.append(_value(parameters[-1]))
        caller = Function(node.symbol.name, node.type, [p.type for p in parameters])
        caller.native = False
        caller.parameters = parameters
        caller.body = CallNode(node.symbol, args)
        self.new_function(caller)
        call = _Late(self, caller)

        def run(*values: Any) -> Any:
            return _guarded(lambda: call(*values))

        return run

    def evaluate_ahead(self, node: CallNode) -> Any:
        """The value of a call with constant arguments."""
        return _guarded(lambda: self._ahead(node))

    def _ahead(self, node: CallNode) -> Any:
        function = node.symbol
        if function.ahead is None:
            function.ahead = _by_template(function)
        if function.ahead is not None:
            return function.ahead(*(a.value for a in node.args if isinstance(a, ConstNode)))
        return Unit(self).program(node)()

    def require(self, name: str) -> Module | None:
        """A module by its name: known, or in a file of the module path; None when there is none.

        An error in the file is told to ``report``; what it declared before stays, as in RV.
        """
        module = self.find_module(name)
        if module is not None:
            return module
        path = load_source(name, self.module_path, self.declare, self.report)
        module = self.find_module(name)
        if module is not None and path:
            self.locations[name] = path
        return module

    def declare(self, text: str) -> bool:
        """Evaluate global program text, a module mostly, in the midst of whatever runs.

        False when the parser dropped a part of it, which RV does in silence; MuThrow with RV's
        message when it fails.
        """
        program = self._compile(text, ())
        if program.run is not None:
            try:
                program.run()
            except ReturnFromCatch:
                return True
            except Exception as error:
                raise self._outcome(error) from None
        return program is not _DROPPED

    # -- what generated code asks ----------------------------------------------------------

    def _virtual(self, this: MuObject, method: Function, call: Callable[..., Any]) -> Any:
        """The function that a method call reaches for an object."""
        if this is None:
            throw("nil argument to function")
        if not isinstance(this, MuObject):
            return call
        found = this.cls.dispatch.get(method)
        if found is None:
            chosen = _override(this.cls, method)
            found = call if chosen is None or chosen is method else self.callable(chosen)
            this.cls.dispatch[method] = found
        return found

    def _disambiguate(self, value: MuFunction | None, kind: t.FuncType) -> MuFunction:
        """One of the functions an overloaded name stands for."""
        if value is None:
            throw("nil argument to function")
        function = value.symbol
        if value.type is kind:
            return value
        if isinstance(function, Function) and function.owner is not None:
            scope = function.owner
            if isinstance(scope, Module) and scope.owner is None:
                scope = self.root
            for symbol in scope.table.get(function.name, ()):
                if isinstance(symbol, Function) and symbol.type is kind:
                    return self.function_value(symbol, kind)
        throw("bad dynamic cast")

    def _print(self, value: Any, kind: t.Type) -> None:
        self.output(printed(kind, value))

    # -- what library functions may ask ----------------------------------------------------

    def output(self, text: str) -> None:
        """Write to Mu's standard output."""
        self._output(text)

    def permit(self, action: str, detail: str) -> None:
        """Throw unless the host allows an action."""
        if self._permit is None or not self._permit(action, detail):
            complain(f"{action} is not permitted here: start the player with permission for it")

    def charge(self, size: int) -> None:
        """Refuse absurd single allocations (bytes)."""
        if size > 1 << 30:
            raise MuLimit("out of memory")

    def location(self, module: Module) -> str:
        """The file of a module; empty for what is built in, or declared by a text."""
        return self.locations.get(qualified(module), "")

    def load_module(self, name: str) -> bool:
        """Whether a module is known, or can be loaded."""
        return self.require(name) is not None


def _to_stderr(text: str) -> None:
    sys.stderr.write(text)


def _guarded(call: Callable[[], Any]) -> Any:
    """The value of something evaluated ahead; MuThrow (or MuLimit) when there is none."""
    try:
        return call()
    except MuThrow:
        raise
    except RecursionError:
        raise MuLimit(_TOO_DEEP) from None
    except Exception as error:
        # (the body of a function that was refused may be anything)
        raise MuThrow(thrown(error).value) from None


def _by_template(function: Function) -> Callable[..., Any] | None:
    """A Python function of a native's template, when it needs nothing but values."""
    template = function.template
    if template is None or function.kind or any(f"{{{n}}}" in template for n in _NEEDS_TYPES):
        return None
    names = [f"a{i}" for i in range(len(function.types))]
    code = f"lambda {', '.join(names)}: {template.format(*names, t='t')}"
    made: Callable[..., Any] = eval(code, dict(HELPERS))
    return made


class _Late:
    """Compiles a function when it is first called."""

    __slots__ = ("_call", "function", "host")

    def __init__(self, host: Interpreter, function: Function) -> None:
        self.host = host
        self.function = function
        self._call: Callable[..., Any] | None = None

    def __call__(self, *args: Any) -> Any:
        call = self._call
        if call is None:
            call = self._call = self.host.callable(self.function)
        return call(*args)


def _value(parameter: Parameter) -> VariableNode:
    node = VariableNode(parameter)
    node.ref = False
    return node


def _override(kind: t.AnyClass, method: Function) -> Function | None:
    found = kind.find(method.name)
    for symbol in found or ():
        if not isinstance(symbol, Function) or not symbol.is_method:
            continue
        if symbol.ret is method.ret and symbol.types[1:] == method.types[1:]:
            return symbol
    return None
