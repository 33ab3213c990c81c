"""One registry of RV's scripting vocabulary.

A command is declared once, by decorating the function that does it with the Mu signature::

    @command("setFrame(int frame) -> void", tier="A", doc="Go to a frame.")
    def set_frame(ctx: Context, frame: int) -> None: ...

Everything else is derived from that: the Mu overloads, the Python signature, help, completion
and the ``.pyi``. Several entries with the same name are overloads in registration order; Python
reaches only the first one, as in RV.

Values passed to and returned by the functions: int, float, bool, str (or None for nil), list
for ``T[]`` and ``[T]``, tuple for Mu tuples and vectors, flat list for ``float[4,4]``, the
dataclasses of :mod:`player.commands.structs` for structs, events and callables as they are.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeVar

__all__ = [
    "REGISTRY",
    "REQUIRED",
    "Command",
    "Param",
    "Registry",
    "command",
    "load_all",
    "parse_signature",
    "python_type",
]

F = TypeVar("F", bound=Callable[..., Any])


class _Required:
    __slots__ = ()

    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Final = _Required()


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter: name, Mu type as written, default (Python value) or ``REQUIRED``."""

    name: str
    type: str
    default: Any = REQUIRED

    @property
    def required(self) -> bool:
        return self.default is REQUIRED


@dataclass(frozen=True, slots=True)
class Command:
    """One overload of one command."""

    name: str
    module: str
    signature: str
    params: tuple[Param, ...]
    returns: str
    func: Callable[..., Any]
    tier: str
    doc: str
    section: str
    python: bool

    @property
    def full_name(self) -> str:
        return f"{self.module}.{self.name}"

    @property
    def python_signature(self) -> str:
        """``setFrame(frame: int) -> None``."""
        parts = []
        for p in self.params:
            text = f"{p.name}: {python_type(p.type)}"
            if not p.required:
                text += f"={p.default!r}"
            parts.append(text)
        return f"{self.name}({', '.join(parts)}) -> {python_type(self.returns)}"


def _split_top(text: str, sep: str) -> list[str]:
    """Split at separators that are outside brackets and string literals."""
    parts: list[str] = []
    depth = 0
    quoted = False
    start = 0
    for i, ch in enumerate(text):
        if ch == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif ch in "([{":
            depth += 1
        elif ch in ")]}":
            depth -= 1
        elif ch == sep and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    parts.append(text[start:])
    return parts


def _default(text: str) -> Any:
    text = text.strip()
    if text == "nil":
        return None
    if text in ("true", "false"):
        return text == "true"
    if text.startswith('"') and text.endswith('"'):
        return text[1:-1]
    try:
        return int(text, 0)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"unreadable default {text!r} in a signature") from None


def parse_signature(signature: str) -> tuple[str, tuple[Param, ...], str]:
    """``name(type a, type b=1) -> type`` as (name, params, return type).

    Raises ValueError for a text that is not a signature.
    """
    head, arrow, returns = signature.rpartition("->")
    head = head.strip()
    if not arrow or "(" not in head or not head.endswith(")"):
        raise ValueError(f"not a signature: {signature!r}")
    name, _, body = head.partition("(")
    body = body[:-1].strip()
    params: list[Param] = []
    for part in _split_top(body, ",") if body else []:
        declared, equals, default = _partition_default(part)
        type_text, _, param_name = declared.strip().rpartition(" ")
        if not type_text or not param_name.isidentifier():
            raise ValueError(f"bad parameter {part!r} in {signature!r}")
        value = _default(default) if equals else REQUIRED
        if isinstance(value, int) and not isinstance(value, bool) and type_text == "float":
            value = float(value)
        params.append(Param(param_name, type_text.strip(), value))
    return name.strip(), tuple(params), returns.strip()


def _partition_default(part: str) -> tuple[str, bool, str]:
    pieces = _split_top(part, "=")
    if len(pieces) == 1:
        return part, False, ""
    return pieces[0], True, "=".join(pieces[1:])


_PYTHON = {
    "void": "None",
    "int": "int",
    "int64": "int",
    "short": "int",
    "byte": "int",
    "float": "float",
    "double": "float",
    "half": "float",
    "bool": "bool",
    "string": "str",
    "char": "str",
    "object": "object",
    "Event": "Event",
    "Vec2": "tuple[float, float]",
}


def python_type(mu: str) -> str:
    """The Python type a Mu type text is seen as (``int[]`` -> ``list[int]``)."""
    mu = mu.strip()
    if mu in _PYTHON:
        return _PYTHON[mu]
    if mu.startswith("vector float["):
        n = int(mu[len("vector float[") : -1])
        return "tuple[" + ", ".join(["float"] * n) + "]"
    if mu.endswith("[]"):
        return f"list[{python_type(mu[:-2])}]"
    if mu == "float[4,4]":
        return "list[float]"
    if mu.startswith("[") and mu.endswith("]"):
        return f"list[{python_type(mu[1:-1])}]"
    if mu.startswith("(") and mu.endswith(")"):
        inner = mu[1:-1]
        if ";" in inner:
            result, _, args = inner.partition(";")
            listed = ", ".join(python_type(a.strip()) for a in _split_top(args, ",") if a.strip())
            return f"Callable[[{listed}], {python_type(result)}]"
        parts = _split_top(inner, ",")
        if len(parts) == 1:
            return python_type(parts[0])
        return "tuple[" + ", ".join(python_type(p) for p in parts) + "]"
    return "dict[str, Any]" if mu[:1].isupper() else "Any"


class Registry:
    """All commands, by module and name, in registration order."""

    def __init__(self) -> None:
        self._commands: list[Command] = []
        self._by_name: dict[tuple[str, str], list[Command]] = {}

    def add(self, entry: Command) -> None:
        self._commands.append(entry)
        self._by_name.setdefault((entry.module, entry.name), []).append(entry)

    def __iter__(self) -> Iterator[Command]:
        return iter(self._commands)

    def __len__(self) -> int:
        return len(self._commands)

    def overloads(self, name: str, module: str = "commands") -> list[Command]:
        """The overloads of a name, [] if unknown."""
        return list(self._by_name.get((module, name), ()))

    def get(self, name: str, module: str = "commands") -> Command:
        """The first overload; KeyError if unknown."""
        return self._by_name[(module, name)][0]

    def names(self, module: str | None = None) -> list[str]:
        """Names in registration order, each once."""
        return [n for m, n in self._by_name if module is None or m == module]

    def modules(self) -> list[str]:
        return list(dict.fromkeys(m for m, _ in self._by_name))


REGISTRY: Final = Registry()


def command(
    signature: str,
    *,
    tier: str,
    doc: str,
    module: str = "commands",
    section: str = "",
    python: bool | None = None,
) -> Callable[[F], F]:
    """Register the decorated function ``func(ctx, *args)`` under a Mu signature.

    ``python`` says whether Python sees it; by default the first overload of a name does.
    """
    name, params, returns = parse_signature(signature)
    if tier not in ("A", "B", "C"):
        raise ValueError(f"tier {tier!r} of {name}: A, B or C")

    def register(func: F) -> F:
        exposed = python if python is not None else not REGISTRY.overloads(name, module)
        REGISTRY.add(
            Command(
                name=name,
                module=module,
                signature=signature,
                params=params,
                returns=returns,
                func=func,
                tier=tier,
                doc=doc,
                section=section or func.__module__.rpartition(".")[2],
                python=exposed,
            )
        )
        return func

    return register


_loaded = False


def load_all() -> Registry:
    """Import every command module of this package once, in name order; the registry."""
    global _loaded
    if not _loaded:
        for info in sorted(pkgutil.iter_modules([os.path.dirname(__file__)]), key=lambda m: m.name):
            importlib.import_module(f"{__package__}.{info.name}")
        _loaded = True
    return REGISTRY
