"""How a lambda prints: its signature and its body, in the manner of Lisp.

Source: Open RV's ``Mu/NodePrinter.cpp`` and ``Mu/Function.cpp`` (``output``).
"""

from __future__ import annotations

from player.mu.display import render
from player.mu.nodes import ConstNode, Node
from player.mu.symbols import REQUIRED, Function, Parameter, Variable, qualified
from player.mu.values import MuFunction

__all__ = ["lambda_text", "node_text"]


def lambda_text(value: MuFunction) -> str:
    """``__lambda1 (int; int a) (+ __lambda1.a 1)``."""
    function: Function = value.symbol
    taken = function.parameters[: len(function.types)]
    closure = _Closure(value, function.parameters[len(function.types) :])
    parts = []
    for parameter in taken:
        text = f"{parameter.type.name} {parameter.name}"
        if parameter.default is not REQUIRED:
            text += f" = {render(parameter.type, parameter.default)}"
        parts.append(text)
    ret = function.ret.name if function.ret is not None else ""
    head = f"{value.name} ({ret};{' ' if parts else ''}{', '.join(parts)})"
    return f"{head} {node_text(function.body, closure)}"


class _Closure:
    """The names and values that a closure gives to the variables of its function."""

    def __init__(self, value: MuFunction, hidden: list[Parameter]) -> None:
        self.name = value.name
        self.function = value.symbol
        self.values = {id(p): (p.type, v) for p, v in zip(hidden, value.bound, strict=False)}

    def variable(self, variable: Variable) -> str | None:
        """What a variable prints as; None: as it does elsewhere."""
        known = self.values.get(id(variable))
        if known is not None:
            return render(*known)
        return f"{self.name}.{variable.name}" if variable.owner is self.function else None


def node_text(node: Node | None, closure: _Closure | None = None) -> str:
    """``(+ a 1)``."""
    if node is None:
        return ""
    if isinstance(node, ConstNode):
        return render(node.type, node.value)
    symbol = node.symbol
    if closure is not None and isinstance(symbol, Variable):
        own = closure.variable(symbol)
        if own is not None:
            return own
    name = qualified(symbol) if symbol is not None else "unresolved"
    if not node.args and not isinstance(symbol, Function):
        return name
    return f"({' '.join([name, *(node_text(arg, closure) for arg in node.args)])})"
