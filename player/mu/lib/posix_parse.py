"""Parser of POSIX regular expressions (basic and extended) to a small syntax tree.

Theory of operation
-------------------
RV compiles Mu's ``regex`` with the C library's ``regcomp``, so what is accepted and which
message an error carries are glibc's.  Patterns are bytes: the interpreter runs in the C
locale, where every byte is a character.  The tree is made of tuples, in the shapes glibc
itself expands a pattern to, because the choice of sub-matches depends on them: ``x{1,3}`` is
``x((x)?x)?`` and ``x+`` is ``x x*``.

Nodes: ``("set", frozenset[int])``, ``("cat", a, b)``, ``("alt", a|None, b|None)``,
``("star", a)``, ``("group", n, a|None, optional)``, ``("assert", kind)``, ``("ref", n)`` and
``None`` for the empty expression.
"""

from __future__ import annotations

from typing import Any

__all__ = ["BASIC", "EXTENDED", "ICASE", "NEWLINE", "NOSUB", "Pattern", "RegexError", "parse"]

BASIC, EXTENDED, ICASE, NEWLINE, NOSUB = 0, 1, 2, 4, 8

Node = Any

_DUP_MAX = 0x7FFF
# copies of one expression that repetitions may make in total
_SIZE_MAX = 60_000

_DIGIT = frozenset(b"0123456789")
_LOWER = frozenset(b"abcdefghijklmnopqrstuvwxyz")
_UPPER = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_SPACE = frozenset(b" \t\n\v\f\r")
_ALPHA = _LOWER | _UPPER
_GRAPH = frozenset(range(33, 127))
_WORD = _ALPHA | _DIGIT | frozenset(b"_")
_ALL = frozenset(range(256))
_CLASSES = {
    "alpha": _ALPHA,
    "digit": _DIGIT,
    "alnum": _ALPHA | _DIGIT,
    "upper": _UPPER,
    "lower": _LOWER,
    "space": _SPACE,
    "blank": frozenset(b" \t"),
    "punct": _GRAPH - _ALPHA - _DIGIT,
    "print": _GRAPH | frozenset(b" "),
    "graph": _GRAPH,
    "cntrl": frozenset(range(32)) | frozenset((127,)),
    "xdigit": _DIGIT | frozenset(b"abcdefABCDEF"),
}


class RegexError(Exception):
    """A pattern ``regcomp`` refuses; the message is the C library's."""


class Pattern:
    """What :func:`parse` returns: ``tree``, ``groups`` (their count), ``backrefs``."""

    __slots__ = ("backrefs", "groups", "tree")

    def __init__(self, tree: Node, groups: int, backrefs: bool) -> None:
        self.tree = tree
        self.groups = groups
        self.backrefs = backrefs


def _upper(c: int) -> int:
    return c - 32 if 97 <= c <= 122 else c


def fold(chars: frozenset[int]) -> frozenset[int]:
    """The set with both cases of its ASCII letters."""
    more = {c ^ 32 for c in chars if chr(c).isalpha() and c < 128}
    return chars | more


class _Parser:
    def __init__(self, text: bytes, flags: int) -> None:
        self.text = text
        self.pos = 0
        self.extended = bool(flags & EXTENDED)
        self.icase = bool(flags & ICASE)
        self.newline = bool(flags & NEWLINE)
        self.groups = 0
        self.closed: set[int] = set()
        self.backrefs = False
        self.size = 0
        self.depth = 0

    # -- tokens: (kind, value, length); kinds as glibc's peek_token ---------------------------
    def peek(self) -> tuple[str, int, int]:
        text, i = self.text, self.pos
        if i >= len(text):
            return ("end", 0, 0)
        c = text[i]
        ext = self.extended
        if c == 0x5C:
            if i + 1 >= len(text):
                return ("backslash", c, 1)
            d = chr(text[i + 1])
            if d in "123456789":
                return ("ref", text[i + 1] - 48, 2)
            if d in "wWsSbB<>`'":
                return ("esc", text[i + 1], 2)
            if not ext and d in "()|{}+?":
                return (
                    {"(": "(", ")": ")", "|": "|", "{": "{", "}": "}"}.get(d, d),
                    text[i + 1],
                    2,
                )
            return ("char", text[i + 1], 2)
        ch = chr(c)
        if ch in "*.[":
            return (ch, c, 1)
        if ext and ch in "()|{}+?":
            return (ch, c, 1)
        if ch == "^":
            if not ext and i != 0 and text[max(0, i - 2) : i] not in (b"\\(", b"\\|"):
                return ("char", c, 1)
            return ("^", c, 1)
        if ch == "$":
            if not ext and i + 1 != len(text) and text[i + 1 : i + 3] not in (b"\\)", b"\\|"):
                return ("char", c, 1)
            return ("$", c, 1)
        return ("char", c, 1)

    def take(self, length: int) -> None:
        self.pos += length

    # -- grammar ------------------------------------------------------------------------------
    def alternatives(self, nest: int) -> Node:
        self.depth += 1
        if self.depth > 200:
            raise RegexError("Memory exhausted")
        before = set(self.closed)
        tree = self.branch(nest)
        while self.peek()[0] == "|":
            self.take(self.peek()[2])
            kind = self.peek()[0]
            right = None
            if kind not in ("|", "end") and not (nest and kind == ")"):
                # a group of one branch cannot be referred to in another
                closed, self.closed = self.closed, set(before)
                right = self.branch(nest)
                self.closed |= closed
            tree = ("alt", tree, right)
        self.depth -= 1
        return tree

    def branch(self, nest: int) -> Node:
        tree = self.expression(nest)
        while True:
            kind = self.peek()[0]
            if kind in ("|", "end") or (nest and kind == ")"):
                return tree
            item = self.expression(nest)
            if tree is not None and item is not None:
                tree = ("cat", tree, item)
            elif tree is None:
                tree = item

    def expression(self, nest: int) -> Node:
        kind, value, length = self.peek()
        tree: Node
        if kind == "char":
            self.take(length)
            tree = self.char(value)
        elif kind == "(":
            self.take(length)
            tree = self.group(nest + 1)
        elif kind == "[":
            self.take(length)
            tree = self.bracket()
        elif kind == "ref":
            if value not in self.closed:
                raise RegexError("Invalid back reference")
            self.take(length)
            self.backrefs = True
            tree = ("ref", value)
        elif kind in ("*", "+", "?") or kind == "{":
            if self.extended and kind != "{":
                raise RegexError("Invalid preceding regular expression")
            if kind == "{":
                raise RegexError("Invalid preceding regular expression")
            self.take(length)
            tree = self.char(value)
        elif kind == ")":
            if not self.extended:
                raise RegexError("Unmatched ( or \\(")
            self.take(length)
            tree = self.char(value)
        elif kind == "}":
            self.take(length)
            tree = self.char(value)
        elif kind in ("^", "$"):
            self.take(length)
            tree = ("assert", kind)
            if kind == "^":
                # a star after an anchor is a literal in basic syntax, an error in extended
                nkind = self.peek()[0]
                if nkind in ("*", "+", "?", "{"):
                    if self.extended:
                        raise RegexError("Invalid preceding regular expression")
                    if nkind == "*":
                        return tree
            return self.repeats(tree) if kind == "$" and not self.extended else tree
        elif kind == ".":
            self.take(length)
            tree = ("set", _ALL - {0} - ({10} if self.newline else set()))
        elif kind == "esc":
            self.take(length)
            d = chr(value)
            if d in "bB<>`'":
                return ("assert", d)
            chars = _WORD if d in "wW" else _SPACE
            tree = ("set", chars if d in "ws" else _ALL - {0} - chars)
        elif kind == "backslash":
            raise RegexError("Trailing backslash")
        elif kind in ("|", "end"):
            return None
        else:
            raise RegexError("Invalid preceding regular expression")
        return self.repeats(tree)

    def char(self, value: int) -> Node:
        chars = frozenset((value,))
        return ("set", fold(chars) if self.icase else chars)

    def group(self, nest: int) -> Node:
        self.groups += 1
        number = self.groups
        tree = None
        if self.peek()[0] != ")":
            tree = self.alternatives(nest)
        kind, _, length = self.peek()
        if kind != ")":
            raise RegexError("Unmatched ( or \\(")
        self.take(length)
        if number <= 9:
            self.closed.add(number)
        return ("group", number, tree, False)

    # -- repetition -----------------------------------------------------------------------------
    def repeats(self, tree: Node) -> Node:
        while True:
            kind, _, length = self.peek()
            if kind not in ("*", "+", "?", "{"):
                return tree
            if kind == "{":
                low, high = self.interval(length)
            else:
                self.take(length)
                low, high = {"*": (0, -1), "+": (1, -1), "?": (0, 1)}[kind]
            tree = self.dup(tree, low, high)
            if not self.extended and self.peek()[0] in ("*", "{"):
                raise RegexError("Invalid preceding regular expression")

    def interval(self, length: int) -> tuple[int, int]:
        """``{low,high}``; reads like glibc up to the closing brace or the end of the text."""
        self.take(length)
        bad = RegexError("Invalid content of \\{\\}")
        low, mark = self.number()
        if low == -1:
            if mark != ",":
                raise bad
            low = 0
        high = low
        if low != -2 and mark == ",":
            high, mark = self.number()
        if low == -2 or high == -2:
            raise RegexError("Unmatched \\{") if mark == "" else bad
        if high != -1 and low > high:
            raise bad
        if max(low, high) > _DUP_MAX:
            raise RegexError("Regular expression too big")
        return low, high

    def number(self) -> tuple[int, str]:
        """A number (-1: none, -2: garbage) and what ended it: ``,``, ``}`` or nothing."""
        number = -1
        while True:
            kind, value, length = self.peek()
            if kind == "end":
                return -2, ""
            self.take(length)
            if kind == "}":
                return number, "}"
            if kind == "char" and value == 0x2C:
                return number, ","
            digit = kind == "char" and 48 <= value <= 57
            if not digit or number == -2:
                number = -2
            else:
                number = min(max(number, 0) * 10 + value - 48, _DUP_MAX + 1)

    def dup(self, elem: Node, low: int, high: int) -> Node:
        if elem is None:
            return None
        if low == 0 and high == 0:
            return None
        self.size += (max(low, high, 1)) * _count(elem)
        if self.size > _SIZE_MAX:
            raise RegexError("Memory exhausted")
        head: Node = None
        if low > 0:
            head = elem
            for _ in range(2, low + 1):
                head = ("cat", head, elem)
            if low == high:
                return head
        if elem[0] == "group":
            elem = _optional(elem, elem[1])
        tree: Node = ("star", elem) if high == -1 else ("alt", elem, None)
        for _ in range(low + 2, high + 1):
            tree = ("alt", ("cat", tree, elem), None)
        return tree if head is None else ("cat", head, tree)

    # -- bracket expressions ----------------------------------------------------------------------
    def bracket(self) -> Node:
        text = self.text
        unmatched = RegexError("Unmatched [, [^, [:, [., or [=")
        negate = False
        if self.pos < len(text) and text[self.pos] == 0x5E:
            negate = True
            self.pos += 1
        if self.pos >= len(text):
            raise RegexError("Invalid regular expression")
        chars: set[int] = set()
        first = True
        while True:
            if self.pos >= len(text):
                raise unmatched
            if text[self.pos] == 0x5D and not first:
                self.pos += 1
                break
            start = self.element(first)
            first = False
            if isinstance(start, frozenset):
                chars |= start
                if text[self.pos : self.pos + 1] == b"-" and text[
                    self.pos + 1 : self.pos + 2
                ] not in (b"]", b""):
                    raise RegexError("Invalid range end")
                continue
            if text[self.pos : self.pos + 1] == b"-" and self.pos + 1 < len(text):
                if text[self.pos + 1] == 0x5D:
                    chars.add(start)
                    continue
                self.pos += 1
                end = self.element(True)
                if isinstance(end, frozenset):
                    raise RegexError("Invalid range end")
                if self.icase:  # the whole pattern is read in upper case
                    start, end = _upper(start), _upper(end)
                if end < start:
                    raise RegexError("Invalid range end")
                chars.update(range(start, end + 1))
                continue
            chars.add(start)
        made = frozenset(chars)
        if self.icase:
            made = fold(made)
        if negate:
            made = _ALL - made - {0}
            if self.newline:
                made -= {10}
        return ("set", made)

    def element(self, first: bool) -> int | frozenset[int]:
        text = self.text
        c = text[self.pos]
        if c == 0x5B and self.pos + 1 < len(text) and chr(text[self.pos + 1]) in ".:=":
            mark = text[self.pos + 1 : self.pos + 2]
            end = text.find(mark + b"]", self.pos + 2)
            if end < 0:
                raise RegexError("Unmatched [, [^, [:, [., or [=")
            name = text[self.pos + 2 : end]
            self.pos = end + 2
            if mark == b":":
                cls = name.decode("latin-1")
                if cls not in _CLASSES:
                    raise RegexError("Invalid character class name")
                if self.icase and cls in ("upper", "lower"):
                    cls = "alpha"
                return _CLASSES[cls]
            if len(name) != 1:
                raise RegexError("Invalid collation character")
            return name[0] if mark == b"." else frozenset(name)
        self.pos += 1
        return c


def _count(node: Node) -> int:
    total, stack = 0, [node]
    while stack:
        item = stack.pop()
        if isinstance(item, tuple):
            total += 1
            stack.extend(x for x in item[1:] if isinstance(x, tuple))
    return total


def _optional(node: Node, number: int) -> Node:
    """Mark the groups called ``number`` inside ``node`` as part of an optional repetition."""
    if not isinstance(node, tuple):
        return node
    if node[0] == "group":
        return ("group", node[1], _optional(node[2], number), node[3] or node[1] == number)
    if node[0] in ("cat", "alt", "star"):
        return (node[0], *(_optional(x, number) for x in node[1:]))
    return node


def parse(text: bytes, flags: int) -> Pattern:
    """Parse a pattern; raises :class:`RegexError` with glibc's message."""
    parser = _Parser(text.split(b"\0")[0], flags)
    tree = parser.alternatives(0)
    if parser.pos < len(parser.text):
        raise RegexError("Unmatched ) or \\)")
    return Pattern(tree, parser.groups, parser.backrefs)
