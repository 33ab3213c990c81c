"""The conditions of `if`, `while`, `wait` and `expect`.

    frame >= 1010 and not playing          names of the far end's state (rvshell.verbs.state)
    fps 24                                 two values side by side are compared: fps == 24
    sources == 2 or "a.exr" in media
    nodesOfType("RVColor") != ""           a call is Mu, evaluated at the far end
    mu(frame() % 2) == 1                   mu(…) takes any Mu expression
    $count < 3                             variables of the shell

Precedence, from loose to tight: or, and, not, comparison and `in`, + -, * / %, unary minus.
Parsing is pure; `evaluate` asks a resolver for what only the far end knows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

from rvshell.errors import CommandFailed
from rvshell.script.syntax import Binary, Const, MuCall, Name, Subst, Unary, Var

if TYPE_CHECKING:
    from rvshell.script.scanner import Scanner
    from rvshell.script.syntax import Expr

__all__ = ["Resolver", "evaluate", "parse_expr", "truth"]

_NUMBER = re.compile(r"(\d+\.\d*|\.\d+|\d+)([eE][+-]?\d+)?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_COMPARE = ("==", "!=", "<=", ">=", "<", ">", "=")
_WORDS = frozenset(("and", "or", "not", "in"))
_CONSTANTS: dict[str, Any] = {"true": True, "false": False, "nil": None}


class Resolver(Protocol):
    """What evaluation needs from outside."""

    def state(self, name: str) -> Any:
        """The value of a name of the far end's state; raises KeyError when unknown."""

    def variable(self, name: str) -> Any:
        """The value of `$name`; raises KeyError when unset."""

    def mu(self, code: str) -> Any:
        """The value of a Mu expression at the far end."""

    def substitute(self, subst: Subst) -> str:
        """The output of `$(…)`."""


# -- parsing -------------------------------------------------------------------------


def parse_expr(scanner: Scanner) -> Expr:
    """The expression at the scanner's place; stops at what cannot belong to it."""
    scanner.skip_blanks()
    left = _or(scanner)
    scanner.skip_blanks()
    if _starts_value(scanner):  # `expect fps 24`
        pos = scanner.pos
        left = Binary("==", left, _sum(scanner), pos)
    return left


def _starts_value(s: Scanner) -> bool:
    c = s.peek()
    if c == "-":
        return s.peek(1).isdigit() or s.peek(1) == "."
    if s.at_end_of_statement() or c == "":
        return False
    return c.isalnum() or c in "\"'$_./" or (c == "#" and s.peek(1).isalpha())


def _word_here(s: Scanner) -> str:
    match = _NAME.match(s.text, s.pos)
    return match.group() if match else ""


def _enter(s: Scanner) -> None:
    s.depth += 1
    if s.depth > 60:
        raise s.source.error("nested too deeply", s.pos)


def _or(s: Scanner) -> Expr:
    left = _and(s)
    while True:
        s.skip_blanks()
        pos = s.pos
        if _word_here(s) == "or" or s.text.startswith("||", pos):
            s.pos += 2
        else:
            return left
        left = Binary("or", left, _and(s), pos)


def _and(s: Scanner) -> Expr:
    left = _not(s)
    while True:
        s.skip_blanks()
        pos = s.pos
        if _word_here(s) == "and":
            s.pos += 3
        elif s.text.startswith("&&", pos):
            s.pos += 2
        else:
            return left
        left = Binary("and", left, _not(s), pos)


def _not(s: Scanner) -> Expr:
    s.skip_blanks()
    pos = s.pos
    negated = _word_here(s) == "not"
    if negated or (s.peek() == "!" and s.peek(1) != "="):
        s.pos += 3 if negated else 1
        _enter(s)
        operand = _not(s)
        s.depth -= 1
        return Unary("not", operand, pos)
    return _comparison(s)


def _comparison(s: Scanner) -> Expr:
    left = _sum(s)
    s.skip_blanks()
    pos = s.pos
    for op in _COMPARE:
        if s.text.startswith(op, pos):
            s.pos += len(op)
            return Binary("==" if op == "=" else op, left, _sum(s), pos)
    if _word_here(s) == "in":
        s.pos += 2
        return Binary("in", left, _sum(s), pos)
    return left


def _sum(s: Scanner) -> Expr:
    left = _product(s)
    while True:
        s.skip_blanks()
        c, pos = s.peek(), s.pos
        if (
            c == "+"
            or (c == "-" and s.peek(1) in (" ", "\t", "("))
            or (c == "-" and s.peek(1) != "-" and s.text[pos - 1 : pos] not in (" ", "\t"))
        ):
            s.pos += 1
            left = Binary(c, left, _product(s), pos)
        else:
            return left


def _product(s: Scanner) -> Expr:
    left = _unary(s)
    while True:
        s.skip_blanks()
        c, pos = s.peek(), s.pos
        if c and c in "*/%":
            s.pos += 1
            left = Binary(c, left, _unary(s), pos)
        else:
            return left


def _unary(s: Scanner) -> Expr:
    s.skip_blanks()
    if s.peek() == "-" and s.peek(1) != "-":
        pos = s.pos
        s.pos += 1
        _enter(s)
        operand = _unary(s)
        s.depth -= 1
        return Unary("-", operand, pos)
    return _primary(s)


def _primary(s: Scanner) -> Expr:
    pos, c = s.pos, s.peek()
    if c == "(":
        s.pos += 1
        _enter(s)
        inner = parse_expr(s)
        s.depth -= 1
        s.skip_blanks()
        if s.peek() != ")":
            if s.peek() == "":
                raise s.source.incomplete("this '(' is not closed", pos, ")")
            raise s.source.error("expected ')'", s.pos, "the bracket opened here is not closed")
        s.pos += 1
        return inner
    number = _NUMBER.match(s.text, pos)
    if number:
        text = number.group()
        s.pos = number.end()
        value = int(text) if text.isdigit() else float(text)
        return Const(value, pos)
    if c in ("'", '"'):
        word = s.word()
        if word.literal is not None:
            return Const(word.literal, pos)
        if len(word.parts) == 1 and isinstance(word.parts[0], Var | Subst):
            return word.parts[0]
        raise s.source.error("a text in a condition is one piece", pos, 'use "…" + $name')
    if c == "$":
        found = s.dollar()
        if found is not None:
            return found
    if c == "#" and s.peek(1).isalpha():
        return Const(s.word().literal or "", pos)
    name = _NAME.match(s.text, pos)
    if name:
        return _named(s, name.group(), pos, name.end())
    if c and c in "./":
        return Const(s.word().literal or "", pos)
    if s.at_end_of_statement():
        raise s.source.error("a condition is missing here", pos, "for example frame >= 10")
    raise s.source.error(f"unexpected {c!r} in a condition", pos, "for example frame >= 10")


def _named(s: Scanner, name: str, pos: int, end: int) -> Expr:
    if name in _WORDS:
        raise s.source.error(f"{name!r} needs a value before it", pos)
    s.pos = end
    if s.peek() == "(":
        s.pos += 1
        inner = s.code()
        text = inner.literal
        if s.peek() != ")":
            raise s.source.incomplete("this '(' is not closed", end, ")")
        s.pos += 1
        if text is None:
            raise s.source.error("no variables inside a call", pos, "compare with $name outside")
        if name == "mu":
            return MuCall(text, pos)
        return MuCall(s.text[pos : s.pos], pos)
    if name in _CONSTANTS:
        return Const(_CONSTANTS[name], pos)
    return Name(name, pos)


# -- evaluating ----------------------------------------------------------------------


def evaluate(expr: Expr, resolver: Resolver) -> Any:
    """The value of *expr*. Raises CommandFailed for operands that do not fit."""
    if isinstance(expr, Const):
        return expr.value
    if isinstance(expr, Name):
        return resolver.state(expr.name)
    if isinstance(expr, Var):
        return number_or_text(resolver.variable(expr.name))
    if isinstance(expr, Subst):
        return number_or_text(resolver.substitute(expr))
    if isinstance(expr, MuCall):
        return resolver.mu(expr.code)
    if isinstance(expr, Unary):
        value = evaluate(expr.operand, resolver)
        if expr.op == "not":
            return not truth(value)
        if isinstance(value, int | float):
            return -value
        raise CommandFailed(f"-{value!r} is no number")
    if expr.op == "and":
        return truth(evaluate(expr.left, resolver)) and truth(evaluate(expr.right, resolver))
    if expr.op == "or":
        return truth(evaluate(expr.left, resolver)) or truth(evaluate(expr.right, resolver))
    return _apply(expr.op, evaluate(expr.left, resolver), evaluate(expr.right, resolver))


def _apply(op: str, a: Any, b: Any) -> Any:
    if op in ("==", "!="):
        return same(a, b) == (op == "==")
    try:
        match op:
            case "in":
                return (
                    any(same(a, x) for x in b) if isinstance(b, list | tuple) else str(a) in str(b)
                )
            case "<":
                return a < b
            case "<=":
                return a <= b
            case ">":
                return a > b
            case ">=":
                return a >= b
            case "+":
                return a + b if not isinstance(a, str) and not isinstance(b, str) else f"{a}{b}"
            case "-":
                return a - b
            case "*":
                return a * b
            case "/":
                return a / b
            case _:
                return a % b
    except (TypeError, OverflowError, MemoryError):
        raise CommandFailed(f"{_show(a)} {op} {_show(b)} cannot be worked out") from None
    except ZeroDivisionError:
        raise CommandFailed(f"{_show(a)} {op} 0: division by zero") from None


def _show(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def same(a: Any, b: Any) -> bool:
    """Equality as a user means it: 24 == 24.0, "24" == 24, floats to six digits."""
    if isinstance(a, bool) or isinstance(b, bool):
        return truth(a) == truth(b) if not isinstance(a, str | None) else a == b
    if isinstance(a, int | float) and isinstance(b, int | float):
        return bool(a == b) or abs(a - b) <= 1e-6 * max(abs(a), abs(b))
    if isinstance(a, str) != isinstance(b, str):
        return bool(number_or_text(a) == number_or_text(b))
    return bool(a == b)


def truth(value: Any) -> bool:
    """Is a value true? "false", "", 0, nil and empty lists are not."""
    if isinstance(value, str):
        return value.strip() not in ("", "0", "false", "nil", "off")
    return bool(value)


def number_or_text(value: Any) -> Any:
    """A text that is a number becomes that number."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return value
