"""Numbers on the command line: RV takes simple arithmetic (``-gamma 1/2.2``)."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from typing import Final

__all__ = ["evaluate", "is_negative_number"]

_MAX_TEXT: Final = 200  # nothing a person types; keeps the parser's recursion shallow

# "007" is a number to RV and none to Python's grammar
_LEADING_ZEROS: Final = re.compile(r"(?<![\w.])0+(?=\d)")

_BINARY: Final[dict[type[ast.operator], Callable[[float, float], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: math.pow,
    ast.BitXor: math.pow,
}


def _value(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return float(str(node.value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd):
        return _value(node.operand)
    if isinstance(node, ast.BinOp) and (function := _BINARY.get(type(node.op))):
        return function(_value(node.left), _value(node.right))
    raise ValueError("not a number")


def evaluate(text: str) -> float:
    """The finite value of a number or of + - * / ^ and brackets over numbers.

    Raises ValueError for anything else.
    """
    if len(text) > _MAX_TEXT:
        raise ValueError("not a number")
    try:
        result = _value(ast.parse(_LEADING_ZEROS.sub("", text.strip()), mode="eval").body)
    except (SyntaxError, ArithmeticError, ValueError, RecursionError, MemoryError):
        raise ValueError("not a number") from None
    if not math.isfinite(result):
        raise ValueError("not a finite number")
    return result


def is_negative_number(text: str) -> bool:
    """Whether a word with a leading minus is a value rather than an option."""
    return len(text) > 1 and text[0] == "-" and (text[1].isdigit() or text[1:2] == ".")
