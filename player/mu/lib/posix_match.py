"""Matcher of POSIX regular expressions with the C library's choice of sub-matches.

Theory of operation
-------------------
The tree becomes a list of instructions (a Thompson automaton).  A search runs in two passes.
The first simulates all states at once and finds the leftmost start and its longest end; it is
linear in ``len(text) * len(program)``.  The second fixes sub-matches: glibc walks from start to
end taking at each choice the first branch (loop before exit, left before right, an empty branch
last) from which the end can still be reached.  That is a depth-first walk that remembers dead
``(instruction, position)`` pairs, so it is bounded by the same product.

Back-references cannot be decided by a set of states; they use the depth-first walk alone with
a budget of steps.
"""

from __future__ import annotations

from typing import Any

from player.mu.lib.posix_parse import ICASE, NEWLINE, Pattern, parse

__all__ = ["NOTBOL", "NOTEOL", "Program", "RegexBudget"]

NOTBOL, NOTEOL = 1, 2
_STEPS = 2_000_000

_WORD = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")

# instructions: (op, a, b)
_SET, _SPLIT, _OPEN, _CLOSE, _ASSERT, _REF, _MATCH, _JUMP = range(8)


class RegexBudget(Exception):
    """The matcher gave up: the pattern needs more steps than a player grants."""


class Program:
    """A compiled pattern.  ``groups`` is the number of parenthesised groups."""

    def __init__(self, pattern: bytes, flags: int) -> None:
        parsed: Pattern = parse(pattern, flags)
        self.flags = flags
        self.groups = parsed.groups
        self.backrefs = parsed.backrefs
        self.code: list[tuple[int, Any, Any]] = []
        self._emit(parsed.tree)
        self.code.append((_MATCH, 0, 0))
        self.first = self._first_bytes()

    # -- compilation --------------------------------------------------------------------------
    def _emit(self, root: Any) -> None:
        code = self.code
        # explicit stack: nodes to compile, or callables to patch what was emitted
        stack: list[Any] = [root]
        while stack:
            node = stack.pop()
            if callable(node):
                node()
                continue
            if node is None:
                continue
            kind = node[0]
            if kind == "set":
                code.append((_SET, node[1], 0))
            elif kind == "cat":
                stack.append(node[2])
                stack.append(node[1])
            elif kind == "group":
                code.append((_OPEN, node[1], 0))
                entry = (_CLOSE, node[1], node[3])
                stack.append(lambda entry=entry: code.append(entry))
                stack.append(node[2])
            elif kind == "assert":
                code.append((_ASSERT, node[1], 0))
            elif kind == "ref":
                code.append((_REF, node[1], 0))
            elif kind == "star":
                at = len(code)
                code.append((_SPLIT, at + 1, 0))

                def close_star(at: int = at) -> None:
                    code.append((_JUMP, at, 0))
                    code[at] = (_SPLIT, at + 1, len(code))

                stack.append(close_star)
                stack.append(node[1])
            else:
                left, right = node[1], node[2]
                if left is None:  # the empty branch is tried last
                    left, right = right, None
                at = len(code)
                code.append((_SPLIT, at + 1, 0))

                def middle(at: int = at, right: Any = right) -> None:
                    jump = len(code)
                    code.append((_JUMP, 0, 0))
                    code[at] = (_SPLIT, at + 1, len(code))

                    def close_alt() -> None:
                        code[jump] = (_JUMP, len(code), 0)

                    stack.append(close_alt)
                    stack.append(right)

                stack.append(middle)
                stack.append(left)

    def _first_bytes(self) -> frozenset[int] | None:
        """Bytes a match can begin with, or None when it may begin with anything."""
        seen: set[int] = set()
        stack = [0]
        out: set[int] = set()
        while stack:
            pc = stack.pop()
            if pc in seen:
                continue
            seen.add(pc)
            op, a, b = self.code[pc]
            if op == _SET:
                out |= a
            elif op == _SPLIT:
                stack += (a, b)
            elif op == _JUMP:
                stack.append(a)
            elif op in (_OPEN, _CLOSE):
                stack.append(pc + 1)
            else:
                return None
        return frozenset(out)

    # -- matching ------------------------------------------------------------------------------
    def search(self, text: bytes, eflags: int = 0) -> list[tuple[int, int]] | None:
        """Spans of the whole match and of every group ((-1, -1) when it took no part)."""
        text = text.split(b"\0")[0]
        steps = _STEPS
        for start in range(len(text) + 1):
            if self.first is not None and (start >= len(text) or text[start] not in self.first):
                continue
            if self.backrefs:
                found, steps = self._backtrack(text, start, eflags, steps)
                if found is not None:
                    return found
                continue
            end = self._longest(text, start, eflags)
            steps -= 1
            if end is not None:
                if not self.groups:
                    return [(start, end)]
                return self._walk(text, start, end, eflags)
        return None

    def test(self, text: bytes) -> bool:
        """Whether the text contains a match."""
        return self.search(text) is not None

    def _holds(self, kind: str, text: bytes, i: int, eflags: int) -> bool:
        newline = self.flags & NEWLINE
        if kind == "^":
            if i == 0:
                return not eflags & NOTBOL
            return bool(newline) and text[i - 1] == 10
        if kind == "$":
            if i == len(text):
                return not eflags & NOTEOL
            return bool(newline) and text[i] == 10
        if kind == "`":
            return i == 0
        if kind == "'":
            return i == len(text)
        before = i > 0 and text[i - 1] in _WORD
        after = i < len(text) and text[i] in _WORD
        if kind == "b":
            return before != after
        if kind == "B":
            return before == after
        if kind == "<":
            return after and not before
        return before and not after

    def _longest(self, text: bytes, start: int, eflags: int) -> int | None:
        code = self.code
        best: int | None = None
        current = [0]
        size = len(text)
        for i in range(start, size + 1):
            seen: set[int] = set()
            stack = current
            sets: list[int] = []
            while stack:
                pc = stack.pop()
                if pc in seen:
                    continue
                seen.add(pc)
                op, a, b = code[pc]
                if op == _SET:
                    sets.append(pc)
                elif op == _SPLIT:
                    stack.append(b)
                    stack.append(a)
                elif op == _JUMP:
                    stack.append(a)
                elif op == _MATCH:
                    best = i
                elif op != _ASSERT or self._holds(a, text, i, eflags):
                    stack.append(pc + 1)
            if not sets or i >= size:
                break
            c = text[i]
            current = [pc + 1 for pc in sets if c in code[pc][1]]
            if not current:
                break
        return best

    def _walk(self, text: bytes, start: int, end: int, eflags: int) -> list[tuple[int, int]]:
        """Choose the sub-matches of the match [start, end): the first path that arrives."""
        code = self.code
        path: list[tuple[int, int]] = []
        dead: set[tuple[int, int]] = set()
        choices: list[tuple[int, int, int, frozenset[int]]] = []
        # choices taken since the last byte: a loop met again is left
        turns: frozenset[int] = frozenset()
        pc, i = 0, start
        while True:
            state = (pc, i)
            op, a, b = code[pc]
            if op == _SPLIT and pc in turns:
                pc = b
                continue
            ok = op in (_JUMP, _OPEN, _CLOSE) or state not in dead
            if ok:
                dead.add(state)
                if op == _SET:
                    ok = i < end and text[i] in a
                    if ok:
                        pc, i, turns = pc + 1, i + 1, frozenset()
                elif op == _SPLIT:
                    turns |= {pc}
                    choices.append((b, i, len(path), turns))
                    pc = a
                elif op == _JUMP:
                    pc = a
                elif op == _MATCH:
                    ok = i == end
                    if ok:
                        break
                elif op == _ASSERT:
                    ok = self._holds(a, text, i, eflags)
                    if ok:
                        pc += 1
                else:
                    path.append(state)
                    pc += 1
            if not ok:
                if not choices:
                    break
                pc, i, size, turns = choices.pop()
                del path[size:]
        return self._registers(path, start, end)

    def _registers(
        self, path: list[tuple[int, int]], start: int, end: int
    ) -> list[tuple[int, int]]:
        spans = [(-1, -1)] * (self.groups + 1)
        spans[0] = (start, end)
        previous = list(spans)
        for pc, i in path:
            op, number, optional = self.code[pc]
            if op == _OPEN:
                spans[number] = (i, -1)
            else:
                begin = spans[number][0]
                if begin < i:
                    spans[number] = (begin, i)
                    previous = list(spans)
                elif optional and previous[number][0] != -1:
                    # an empty turn of a loop gives way to the last one that was not empty
                    spans = list(previous)
                else:
                    spans[number] = (begin, i)
        spans[0] = (start, end)
        return [s if s[1] != -1 else (-1, -1) for s in spans]

    def _backtrack(
        self, text: bytes, start: int, eflags: int, steps: int
    ) -> tuple[list[tuple[int, int]] | None, int]:
        """Longest match at ``start`` of a pattern with back-references."""
        code = self.code
        size = len(text)
        fold = bool(self.flags & ICASE)
        best: list[tuple[int, int]] | None = None
        empty = ((-1, -1),) * (self.groups + 1)
        todo: list[tuple[int, int, tuple[tuple[int, int], ...], frozenset[int]]] = [
            (0, start, empty, frozenset())
        ]
        while todo:
            pc, i, spans, loops = todo.pop()
            while True:
                steps -= 1
                if steps < 0:
                    raise RegexBudget
                op, a, b = code[pc]
                if op == _SET:
                    if i >= size or text[i] not in a:
                        break
                    pc, i, loops = pc + 1, i + 1, frozenset()
                elif op == _SPLIT:
                    if pc in loops:
                        pc = b
                        continue
                    loops |= {pc}
                    todo.append((b, i, spans, loops))
                    pc = a
                elif op == _JUMP:
                    pc = a
                elif op == _MATCH:
                    if best is None or i > best[0][1]:
                        best = [(start, i), *spans[1:]]
                    break
                elif op == _ASSERT:
                    if not self._holds(a, text, i, eflags):
                        break
                    pc += 1
                elif op == _REF:
                    s, e = spans[a]
                    if e < 0:
                        break
                    want, got = text[s:e], text[i : i + e - s]
                    if got != want and not (fold and got.lower() == want.lower()):
                        break
                    i += e - s
                    pc += 1
                else:
                    span = (i, -1) if op == _OPEN else (spans[a][0], i)
                    spans = (*spans[:a], span, *spans[a + 1 :])
                    pc += 1
            if best is not None and best[0][1] == size:
                break
        if best is not None:
            best = [s if s[1] != -1 else (-1, -1) for s in best]
        return best, steps
