"""Lamport stamps and the registers that remember the newest one."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final, NamedTuple

__all__ = ["Registers", "Stamp"]

_SEEN: Final = 4096
_REGISTERS: Final = 100_000
_FAR: Final = 1 << 53  # a clock that claims more is not believed


class Stamp(NamedTuple):
    """When (a Lamport clock) and by whom (a player's id) a change was made; ordered."""

    time: int
    player: str

    def __str__(self) -> str:
        return f"{self.time};{self.player}"

    @classmethod
    def read(cls, text: str) -> Stamp | None:
        """A stamp from its text, None for any other text."""
        time, _, player = text.partition(";")
        if not time.isascii() or not time.isdigit() or len(time) > 16 or not 0 < len(player) <= 64:
            return None
        number = int(time)
        return cls(number, player) if number < _FAR else None


class Registers:
    """The newest stamp (and value) of every thing that can be set, and the stamps of
    changes that can only be made once."""

    def __init__(self, player: str) -> None:
        self.player = player
        self.clock = 0
        self._newest: OrderedDict[str, tuple[Stamp, Any]] = OrderedDict()
        self._seen: OrderedDict[tuple[Stamp, str], None] = OrderedDict()

    def now(self) -> Stamp:
        """A stamp later than everything that was seen."""
        self.clock += 1
        return Stamp(self.clock, self.player)

    def hear(self, stamp: Stamp) -> None:
        """Somebody's clock was at least so far."""
        self.clock = max(self.clock, stamp.time)

    def newer(self, key: str, stamp: Stamp, value: Any = None) -> bool:
        """True, and the register takes the stamp, when it is the newest for `key`."""
        old = self._newest.get(key)
        if old is not None and old[0] >= stamp:
            return False
        self._newest[key] = (stamp, value)
        self._newest.move_to_end(key)
        if len(self._newest) > _REGISTERS:
            self._newest.popitem(last=False)
        return True

    def older(self, key: str, stamp: Stamp) -> bool:
        """Whether a stamp is no newer than what is known for `key`."""
        old = self._newest.get(key)
        return old is not None and stamp <= old[0]

    def first(self, stamp: Stamp, text: str) -> bool:
        """True the first time this change is seen."""
        key = (stamp, text)
        if key in self._seen:
            return False
        self._seen[key] = None
        if len(self._seen) > _SEEN:
            self._seen.popitem(last=False)
        return True

    def after(self, stamp: Stamp, keys: tuple[str, ...], prefix: str) -> list[Any]:
        """Values of the registers of `keys`, and of those beginning with `prefix`, that are
        newer than `stamp`, oldest first."""
        found = [
            entry
            for key, entry in self._newest.items()
            if entry[0] > stamp and (key in keys or key.startswith(prefix))
        ]
        return [value for _, value in sorted(found, key=lambda entry: entry[0])]

    def clear(self) -> None:
        """The whole state was replaced."""
        self._newest.clear()
