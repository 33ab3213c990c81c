"""Colours for what is typed: verb lines, Mu and Python.

Own scanners for verb lines, Mu and Python, each one regular expression (in Mu mode the language's
own front end, where it is installed). Lines are coloured one
by one with the state that the line before left (an open string or comment), so that a thousand
pasted lines cost no more than the screenful that is shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text.base import StyleAndTextTuples
from prompt_toolkit.lexers import Lexer

from rvshell.script.parser import KEYWORDS
from rvshell.shell import mufront
from rvshell.verbs.registry import REGISTRY
from rvshell.verbs.state import STATE

__all__ = ["MU_KEYWORDS", "ModeLexer", "mu_line", "python_line", "verb_line"]


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text))


MU_KEYWORDS: Final = _words(
    """break case catch class continue do documentation else enum_t extern for for_each for_index
    function global if interface lambda let method module operator repeat require return then
    throw try type union use while true false nil"""
)
_MU_TYPES: Final = _words(
    """bool byte char double float half int int64 regex short string vec2 vec3 vec4 void float2
    float3 float4 object dynamic_array Event"""
)
_PYTHON: Final = _words(
    """and as assert async await break class continue def del elif else except finally for from
    global if import in is lambda nonlocal not or pass raise return try while with yield None
    True False"""
)

_CODE = re.compile(
    r"""(?P<comment>//.*|/\*.*?(?:\*/|$))|(?P<string>"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?)"""
    r"""|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[hf]?)|(?P<name>[A-Za-z_]\w*)"""
    r"""|(?P<variable>\$\w+)|(?P<blank>\s+)|(?P<other>.)"""
)
_PYCODE = re.compile(
    r"""(?P<comment>\#.*)|(?P<string>[rbfuRBFU]{0,2}(?:"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?))"""
    r"""|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)"""
    r"""|(?P<variable>\$\w+)|(?P<blank>\s+)|(?P<other>.)"""
)
_WORDS = re.compile(
    r"""(?P<string>"(?:\\.|[^"\\])*"?|'[^']*'?)|(?P<variable>\$(?:\w+|\{\w+\}|[?@#]))"""
    r"""|(?P<option>(?<=\s)--?[A-Za-z][\w-]*)|(?P<comment>(?<=\s)\#(?:\s.*)?$)"""
    r"""|(?P<property>[\#@][A-Za-z]\w*\.[\w.]+)|(?P<number>(?<![\w.])-?\d+(?:\.\d+)?(?![\w.]))"""
    r"""|(?P<operator>[|>;{}]|[=!<>]=?)|(?P<name>[A-Za-z_][\w.-]*)|(?P<blank>\s+)|(?P<other>.)"""
)
_FIRST = re.compile(r"(\s*)([A-Za-z_][\w-]*|\?)(?=$|[\s;|>}])")


def mu_line(line: str, comment: bool = False) -> tuple[StyleAndTextTuples, bool]:
    """A line of Mu in colours; *comment*: does it begin inside /* */, and does it end so?"""
    out: StyleAndTextTuples = []
    at = 0
    if comment:
        end = line.find("*/")
        if end < 0:
            return [("class:comment", line)], True
        at = end + 2
        out.append(("class:comment", line[:at]))
    inside = False
    for match in _CODE.finditer(line, at):
        kind, text = match.lastgroup, match.group()
        if kind == "name":
            if text in MU_KEYWORDS:
                style = "class:keyword"
            elif text in _MU_TYPES:
                style = "class:type"
            elif line[match.end() :].lstrip().startswith("("):
                style = "class:function"
            else:
                style = "class:name"
        else:
            style = f"class:{kind}" if kind not in ("blank", "other") else ""
            inside = kind == "comment" and text.startswith("/*") and not text.endswith("*/")
        out.append((style, text))
    return out, inside


def python_line(line: str) -> StyleAndTextTuples:
    """A line of Python in colours."""
    out: StyleAndTextTuples = []
    for match in _PYCODE.finditer(line):
        kind, text = match.lastgroup, match.group()
        style = f"class:{kind}" if kind not in ("blank", "other") else ""
        if kind == "name":
            style = "class:keyword" if text in _PYTHON else "class:name"
            if style == "class:name" and line[match.end() : match.end() + 1] == "(":
                style = "class:function"
        out.append((style, text))
    return out


def verb_line(line: str, known: Callable[[str], bool]) -> StyleAndTextTuples:
    """A line of verbs in colours; what does not begin with a verb is Mu."""
    out: StyleAndTextTuples = []
    at = 0
    while at < len(line):
        first = _FIRST.match(line, at)
        if first is None or not (known(first.group(2)) or first.group(2) in KEYWORDS):
            rest = line[at:]
            if rest.lstrip().startswith(("#", "!")):
                return [*out, ("class:comment" if rest.lstrip()[0] == "#" else "class:shell", rest)]
            if first is not None and first.end() == len(line):
                return [*out, ("", first.group(1)), ("class:unknown", first.group(2))]
            return [*out, *mu_line(rest)[0]]
        style = "class:keyword" if first.group(2) in KEYWORDS else "class:verb"
        out += [("", first.group(1)), (style, first.group(2))]
        at = first.end()
        verb = REGISTRY.get(first.group(2))
        if verb is not None and verb.tail == "raw":
            return [*out, *mu_line(line[at:])[0]]
        if verb is not None and verb.tail == "python":
            return [*out, *python_line(line[at:])]
        at = _arguments(line, at, out)
    return out


def _arguments(line: str, at: int, out: StyleAndTextTuples) -> int:
    """Colour words up to the next statement; returns where it begins."""
    for match in _WORDS.finditer(line, at):
        kind, text = match.lastgroup, match.group()
        style = f"class:{kind}" if kind not in ("blank", "other", "name") else ""
        if kind == "name" and text in STATE:
            style = "class:state"
        out.append((style, text))
        if kind == "operator" and text in ";{}":
            return match.end()
    return len(line)


class ModeLexer(Lexer):
    """Colours by the mode of the prompt; never raises."""

    def __init__(self, mode: Callable[[], str], known: Callable[[str], bool]) -> None:
        self.mode = mode
        self.known = known

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        lines = document.lines
        mode = self.mode()
        if mode == "mu" and not document.text.startswith(":"):
            pieces = mufront.coloured(document.text)
            if pieces is not None:
                return lambda number: list(pieces[number]) if number < len(pieces) else []
        comments = _comment_states(lines) if mode == "mu" and "/*" in document.text else None

        def get_line(number: int) -> StyleAndTextTuples:
            try:
                line = lines[number]
            except IndexError:
                return []
            try:
                if mode != "verbs" and not document.text.startswith(":"):
                    if mode == "python":
                        return python_line(line)
                    return mu_line(line, bool(comments and comments[number]))[0]
                lead = ":" if mode != "verbs" and number == 0 else ""
                found = verb_line(line[len(lead) :], self.known)
                return [("class:operator", lead), *found] if lead else found
            except Exception:
                return [("", line)]

        return get_line

    def invalidation_hash(self) -> str:
        return self.mode()


def _comment_states(lines: list[str]) -> list[bool]:
    states, inside = [], False
    for line in lines:
        states.append(inside)
        inside = mu_line(line, inside)[1]
    return states
