"""Words on a terminal: how wide they are, cut to fit, and those below the picture."""

from __future__ import annotations

from unicodedata import category, east_asian_width

__all__ = ["cells", "fitted", "last_row", "plain"]

_WORTH = 20  # columns that are worth beginning a message in
_LOUD = {"ERROR": "\x1b[0;91m", "WARNING": "\x1b[0;93m"}  # red, yellow


def plain(text: str) -> str:
    """*text* without what a terminal would obey."""
    return "".join(c if c.isprintable() else " " for c in text)


def cells(text: str) -> int:
    """The columns that *text* takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if category(c) in ("Mn", "Me", "Cf") else 2 if east_asian_width(c) in "WF" else 1
        for c in text
    )


def _cut(text: str, room: int) -> str:
    """*text* in at most *room* columns, with … where something is missing."""
    if cells(text) <= room:
        return text
    while text and cells(text) > room - 1:
        text = text[:-1]
    return f"{text}…" if room > 0 else ""


def fitted(text: str, room: int) -> str:
    """*text* in just as many columns."""
    text = _cut(text, room)
    return text + " " * (room - cells(text))


def last_row(status: str, newest: str, hint: str, columns: int) -> str:
    """What is shown, the newest message and what to press, side by side in at most so many
    columns: the message at any rate, then the rest as far as it fits; mere information is cut
    off for what is shown.  Nothing is said twice."""
    said = newest.partition(": ")[2]
    while said:
        status = status.replace(said, "").rstrip()
        said = said.partition(": ")[2]
    left = columns - 4 - cells(status)
    if newest.startswith("INFO") and status and left >= _WORTH:
        newest = _cut(newest, left)
    parts = [_cut(text, columns - 1) for text in (status, newest, hint)]
    room, kept = columns + 2, set()
    for number in (1, 0, 2):
        needed = cells(parts[number]) + 3
        if 3 < needed <= room:
            kept.add(number)
            room -= needed
    loud = _LOUD.get(newest.partition(":")[0])
    if loud is not None:
        parts[1] = f"{loud}{parts[1]}\x1b[0;2m"
    return " " + "   ".join(parts[number] for number in sorted(kept))
