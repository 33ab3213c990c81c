"""A subscription that is sent again.

Clients subscribe to an event with a text that declares a function and binds it. When such a
client connects again it sends the same text; RV then answers "syntax error", since the function
is declared already, and the client believes that it is not subscribed. A player is kinder: of a
text that has worked before, word for word, the declarations are left out and the rest is run.
"""

from __future__ import annotations

import re
from collections import OrderedDict

__all__ = ["Subscriptions", "without_functions"]

_LIMIT = 256
_LONGEST = 1 << 16
_HEAD = re.compile(r"\bfunction:\s*[A-Za-z_]\w*\s*\(")
_SKIP = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/|[{}]', re.S)


def without_functions(text: str) -> str:
    """The text without its top-level ``function: name (...) { ... }`` declarations."""
    out: list[str] = []
    at = 0
    while (head := _HEAD.search(text, at)) is not None:
        depth = 0
        end = -1
        for match in _SKIP.finditer(text, head.end()):
            if match[0] == "{":
                depth += 1
            elif match[0] == "}":
                depth -= 1
                if depth <= 0:
                    end = match.end()
                    break
        if end < 0:
            break
        out.append(text[at : head.start()])
        at = end
    out.append(text[at:])
    return "".join(out)


class Subscriptions:
    """Texts that declared and bound a function and worked, the most recent ones."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, None] = OrderedDict()

    def note(self, text: str) -> None:
        """A text worked."""
        if "function:" in text and "bind" in text and len(text) <= _LONGEST:
            self._known[text] = None
            self._known.move_to_end(text)
            if len(self._known) > _LIMIT:
                self._known.popitem(last=False)

    def again(self, text: str) -> str | None:
        """What to run for a text that worked before; None for any other."""
        return without_functions(text) if text in self._known else None
