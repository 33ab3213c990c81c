"""The history of edits, as far as RV's sessions use it.

No command of RV's session records itself; what a script sees are the compound commands it begins
and ends: an ended one lies on the undo stack under its name, and ``undo`` and ``redo`` move it
between the stacks (Open RV, ``TwkApp/Command``). Compounds nest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

__all__ = ["History"]

_LIMIT: Final = 10_000


@dataclass(slots=True)
class _Compound:
    name: str
    parts: list[_Compound] = field(default_factory=list)

    def count(self) -> int:
        """How many compounds it is, its parts and theirs included."""
        found, waiting = 0, [self]
        while waiting:
            found += 1
            waiting.extend(waiting.pop().parts)
        return found


class History:
    """Undo and redo stacks, newest first; of more than 10,000 compounds the oldest go."""

    __slots__ = ("_open", "_redo", "_size", "_undo")

    def __init__(self) -> None:
        self._undo: list[_Compound] = []
        self._redo: list[_Compound] = []
        self._open: list[_Compound] = []
        self._size = 0

    def begin(self, name: str) -> None:
        """Begin a compound command; inside another one it becomes a part of that."""
        while self._size >= _LIMIT and (kept := self._undo or self._redo):
            self._size -= kept.pop().count()
        if self._size < _LIMIT:
            self._size += 1
            self._open.append(_Compound(name))

    def end(self) -> None:
        """End the innermost compound command; nothing when none is open."""
        if not self._open:
            return
        done = self._open.pop()
        if self._open:
            self._open[-1].parts.insert(0, done)
        else:
            self._undo.insert(0, done)
            self._size -= sum(undone.count() for undone in self._redo)
            self._redo.clear()

    def undo(self) -> None:
        """Undo the newest command; nothing while a compound is open."""
        if self._undo and not self._open:
            self._redo.insert(0, self._undo.pop(0))

    def redo(self) -> None:
        """Redo what was undone last; nothing while a compound is open."""
        if self._redo and not self._open:
            self._undo.insert(0, self._redo.pop(0))

    def clear(self) -> None:
        """Forget the commands of the innermost open compound, else all."""
        if self._open:
            parts = self._open[-1].parts
            self._size -= sum(part.count() for part in parts)
            parts.clear()
        else:
            self._undo.clear()
            self._redo.clear()
            self._size = 0

    def undo_texts(self) -> list[str]:
        """``NAME (NAME)`` of every command that can be undone, parts below it with a dot for
        each level in front."""
        texts: list[str] = []
        waiting = [(c, 0) for c in reversed(self._undo)]
        while waiting:
            compound, depth = waiting.pop()
            texts.append(f"{'.' * depth}{compound.name} ({compound.name})")
            waiting.extend((c, depth + 1) for c in reversed(compound.parts))
        return texts

    def redo_texts(self) -> list[str]:
        """The names of the commands that can be redone."""
        return [compound.name for compound in self._redo]
