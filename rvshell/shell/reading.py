"""Is a typed text complete, and if not so, how does it go on? Asked at every Enter."""

from __future__ import annotations

import ast
import codeop
import re
from typing import TYPE_CHECKING

from rvshell.errors import ScriptError
from rvshell.script.syntax import Block, Call, Incomplete, Source, Text, Word
from rvshell.shell import mufront
from rvshell.verbs.registry import REGISTRY

if TYPE_CHECKING:
    from rvshell.script.run import Runner

__all__ = ["check", "parsed"]

_ASSIGNED = re.compile(r"([A-Za-z][\w-]*)\s*=\s*([^=\s][^;]*)")
_OPEN = {"(": ")", "[": "]", "{": "}"}


def check(runner: Runner, text: str, mode: str) -> Incomplete | ScriptError | None:
    """None when it can be run, Incomplete when more lines could mend it, else what is wrong."""
    if not text.strip():
        return None
    source = Source(text)
    if mode == "verbs" or text.startswith(":"):
        if mode != "verbs":
            source = Source(text.removeprefix(":"))
        try:
            return _plain_mu(runner.parse(source), source)
        except ScriptError as error:
            return error
    if mode == "python":
        return _python(source)
    return _mu(source) or mufront.check(source)


def _plain_mu(block: Block, source: Source) -> ScriptError | None:
    """Mu among verbs is looked at as well; it ends with its line."""
    for statement in block.statements:
        if isinstance(statement, Call) and statement.plain and statement.args[0].literal:
            word = statement.args[0]
            if source.text[word.pos : word.pos + len(word.literal or "")] == word.literal:
                found = mufront.check(source, word.pos, word.pos + len(word.literal or ""))
                if found is not None:
                    hint = _assigned(word.literal or "") or mufront.FORCE
                    return source.error(found.message, _offset(source, found), hint)
    return None


def _assigned(text: str) -> str:
    """`fps = 24` is Mu that cannot be; what would set it is a verb with its value."""
    found = _ASSIGNED.fullmatch(text.strip().removesuffix(";"))
    if found is None or found[1] not in REGISTRY or not REGISTRY.find(found[1]).signature.params:
        return ""
    return f"to set it: {found[1]} {found[2]}"


def _offset(source: Source, error: ScriptError) -> int:
    lines = source.text.split("\n")
    return sum(len(x) + 1 for x in lines[: error.line - source.first_line]) + error.column - 1


def _mu(source: Source) -> Incomplete | ScriptError | None:
    """By the brackets, strings and comments of Mu."""
    text, i = source.text, 0
    opened: list[tuple[str, int]] = []
    while i < len(text):
        c = text[i]
        if c in "\"'":
            end = i + 1
            while end < len(text) and text[end] != c:
                end += 2 if text[end] == "\\" else 1
            if end >= len(text):
                return source.incomplete("this string is not closed", i, c)
            i = end
        elif text.startswith("//", i):
            end = text.find("\n", i)
            i = len(text) if end < 0 else end
        elif text.startswith("/*", i):
            end = text.find("*/", i + 2)
            if end < 0:
                return source.incomplete("this comment is not closed", i, "*/")
            i = end + 1
        elif c in _OPEN:
            opened.append((_OPEN[c], i))
        elif c in ")]}":
            if not opened or opened[-1][0] != c:
                missing = f"{opened[-1][0]} is missing" if opened else "nothing is open"
                return source.error(f"{c!r} does not match", i, missing)
            opened.pop()
        i += 1
    if opened:
        closing, at = opened[-1]
        return source.incomplete(f"this {text[at]!r} is not closed", at, closing)
    return None


def _python(source: Source) -> Incomplete | ScriptError | None:
    text = source.text
    try:
        if codeop.compile_command(text, symbol="exec") is None:
            return source.incomplete("the code goes on", len(text), "more code")
    except (SyntaxError, OverflowError, ValueError) as error:
        line, column = getattr(error, "lineno", 1) or 1, getattr(error, "offset", 1) or 1
        pos = sum(len(x) + 1 for x in text.split("\n")[: line - 1]) + column - 1
        return source.error(getattr(error, "msg", None) or str(error), min(pos, len(text)))
    return None


def _is_expression(code: str) -> bool:
    """Is Python *code* one expression (it has a value) rather than statements?"""
    try:
        ast.parse(code.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return False
    return True


def parsed(runner: Runner, text: str, mode: str, *, force: bool = False) -> tuple[Block, Source]:
    """The tree of a line typed in *mode*: Mu and Python are taken exactly as they are, and with
    *force* whatever is thought of them here.

    Raises ScriptError.
    """
    if mode == "verbs" or text.startswith(":"):
        source = Source(text.removeprefix(":") if mode != "verbs" else text)
        block = runner.parse(source)
        problem = None if force else _plain_mu(block, source)
        if problem is not None:
            raise problem
        return block, source
    problem = None if force else check(runner, text, mode)
    if problem is not None:
        raise problem
    verb = "mu" if mode == "mu" else "py" if _is_expression(text) else "pyexec"
    word = Word((Text(text.strip()),), 0, len(text), False)
    return Block((Call(verb, (word,), None, None, 0, plain=True),)), Source(text)
