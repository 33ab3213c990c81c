"""Values to text: plain for pipes, aligned for terminals, JSON on request.

Standard output carries data only. Text that came over the wire may hold anything; on a terminal
its control characters are shown escaped (`\\x1b`), never sent raw, so that a hostile media name
cannot move the cursor, change the title or type for the user.

Formats: a scalar is one line; a list one line an item; a dict `name<TAB>value` lines (aligned on
a terminal); a list of dicts tab-separated columns with a header line (aligned on a terminal).
JSON is one document a value, a list on request (`jsonl`) one document an item.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = [
    "cells",
    "cut",
    "escape",
    "is_plain",
    "plain",
    "render",
    "scalar",
    "shell_quote",
    "to_json",
]

# C0 but tab and newline, DEL, C1, and the marks that reorder text
_UNSAFE = {i: f"\\x{i:02x}" for i in (*range(0x20), 0x7F, *range(0x80, 0xA0)) if i not in (9, 10)}
_UNSAFE |= {
    i: f"\\u{i:04x}" for i in (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


# what a word of the command language may be made of without quotes
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:+")


def shell_quote(text: str) -> str:
    """*text* as one word of the command language."""
    if text and _PLAIN.issuperset(text):
        return text
    return "'" + text.replace("'", "'\\''") + "'" if text else "''"


def _is_struct(value: Any) -> TypeGuard[Any]:
    """Whether a parsed Mu value is a struct: a named tuple with fields."""
    return isinstance(value, tuple) and hasattr(value, "fields")


def escape(text: str) -> str:
    """*text* with every control character made visible; newlines and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_UNSAFE)


def scalar(value: Any) -> str:
    """One value on one line: true/false as Mu writes them, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # what RV shows: six digits, and .0 so that it is seen to be a float
        text = f"{value:g}"
        return text if any(c in text for c in ".en") else text + ".0"
    if _is_struct(value):
        return f"{value.name} {{{', '.join(map(_nested, value.fields))}}}"
    if isinstance(value, list | tuple):
        return " ".join(map(_nested, value))
    if isinstance(value, dict):
        return " ".join(f"{k}={_nested(v)}" for k, v in value.items())
    return str(value)


def _nested(value: Any) -> str:
    text = scalar(value)
    if isinstance(value, list | tuple):
        return f"({text})"
    return f'"{text}"' if isinstance(value, str) and (" " in text or not text) else text


def plain(value: Any, *, terminal: bool = False) -> str:
    """The text of a value, without a last newline; "" when there is nothing to show."""
    if value is None:
        return ""
    if isinstance(value, dict):
        rows = [(str(k), scalar(v)) for k, v in value.items()]
        return _columns(rows, terminal)
    if isinstance(value, list):
        if value and all(isinstance(v, dict) for v in value):
            names = list(dict.fromkeys(k for row in value for k in row))
            rows = [tuple(names)] + [tuple(scalar(r.get(k)) for k in names) for r in value]
            return _columns(rows, terminal)
        return "\n".join(scalar(v) for v in value)
    return scalar(value)


def _columns(rows: Iterable[Sequence[str]], terminal: bool) -> str:
    table = [[_cell(c) for c in row] for row in rows]
    if not terminal:
        return "\n".join("\t".join(row) for row in table)
    widths = [max(cells(row[i]) for row in table) for i in range(len(table[0]))] if table else []
    from shutil import get_terminal_size

    room = get_terminal_size((80, 24)).columns
    lines = (
        "  ".join(c + " " * (w - cells(c)) for c, w in zip(row, widths, strict=True))
        for row in table
    )
    # only here: what goes into a pipe is whole
    return "\n".join(cut(line.rstrip(), room) for line in lines)


def cells(text: str) -> int:
    """How many cells of a terminal a text takes: two for a letter of East Asia, none for a mark
    that stands on another."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(
        0 if category(c) in ("Mn", "Me", "Cf") else 2 if east_asian_width(c) in "WF" else 1
        for c in text
    )


def cut(line: str, room: int, width: Callable[[str], int] = cells) -> str:
    """*line* in at most *room* cells of a terminal, with … where something is missing. *width*
    tells how many cells a text takes."""
    if width(line) <= room:
        return line
    end, left = 0, room - 1
    while end < len(line) and (left := left - width(line[end])) >= 0:
        end += 1
    return line[:end] + "…"


def is_plain(environment: Mapping[str, str] = os.environ) -> bool:
    """A terminal that cannot be drawn on freely."""
    return environment.get("TERM", "") in ("", "dumb", "unknown")


def _cell(text: str) -> str:
    return text.replace("\t", "\\t").replace("\n", "\\n")


def _jsonable(value: Any) -> Any:
    if _is_struct(value):
        return {"type": value.name, "fields": [_jsonable(v) for v in value.fields]}
    if isinstance(value, list | tuple):
        return [_jsonable(v) for v in value]
    if isinstance(value, dict):
        return {str(k): _jsonable(v) for k, v in value.items()}
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None  # JSON has no such numbers
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def to_json(value: Any, *, lines: bool = False) -> str:
    """JSON text of a value; with *lines* a list becomes one document a line."""
    import json

    def dump(v: Any) -> str:
        return json.dumps(_jsonable(v), ensure_ascii=False)

    if lines and isinstance(value, list):
        return "\n".join(map(dump, value))
    return dump(value)


def render(value: Any, form: str = "", *, terminal: bool = False) -> str:
    """A value in the format asked for ("", "json" or "jsonl"), safe for a terminal if it is one."""
    if form:
        text = to_json(value, lines=form == "jsonl")
    else:
        text = plain(value, terminal=terminal)
    return escape(text) if terminal else text
