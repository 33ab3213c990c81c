"""How a lambda prints: its signature and its body, in the manner of Lisp.

Source: Open RV's ``Mu/NodePrinter.cpp`` and ``Mu/Function.cpp`` (``output``).
"""

from __future__ import annotations

from player.mu.display import render
from player.mu.nodes import ConstNode, Node
from player.mu.symbols import REQUIRED, Function, qualified

__all__ = ["lambda_text", "node_text"]


def lambda_text(function: Function) -> str:
    """``__lambda1 (int; int a) (+ __lambda1.a 1)``."""
    parts = []
    for parameter in function.parameters[: len(function.types)]:
        text = f"{parameter.type.name} {parameter.name}"
        if parameter.default is not REQUIRED:
            text += f" = {render(parameter.type, parameter.default)}"
        parts.append(text)
    ret = function.ret.name if function.ret is not None else ""
    head = f"{qualified(function)} ({ret};{' ' if parts else ''}{', '.join(parts)})"
    return f"{head} {node_text(function.body)}"


def node_text(node: Node | None) -> str:
    """``(+ a 1)``."""
    if node is None:
        return ""
    if isinstance(node, ConstNode):
        return render(node.type, node.value)
    name = qualified(node.symbol) if node.symbol is not None else "unresolved"
    if not node.args and not isinstance(node.symbol, Function):
        return name
    return f"({' '.join([name, *map(node_text, node.args)])})"
