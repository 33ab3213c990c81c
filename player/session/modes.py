"""Modes and the stack of event tables.

A mode owns named event tables. ``default`` is the major mode; minor modes are declared, then
switched on and off. The active stack holds table *names*, bottom first. From it the stack of
tables is built: for each name the major mode's table, then those of the active minor modes from
the last to the first in (order, sort key). Events look from the top of that stack downwards, so
minor modes are asked before the major one (Open RV, ``TwkApp/Document``).

The built stack is renewed when the next event arrives, not in the middle of one: a table pushed
by a handler takes part from the next event on, while a binding changed in a table that is already
there counts at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from player.session.bindings import Action, BindingError, EventTable, NoSuchMode

__all__ = ["DuplicateMode", "Mode", "Modes", "NoSuchTable"]


class DuplicateMode(BindingError):
    """A minor mode of that name exists."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Duplicate mode: {name}")


class NoSuchTable(BindingError):
    """The event table does not exist."""


class Mode:
    """A set of event tables by name. ``major`` marks the one that is always active."""

    __slots__ = ("major", "name", "order", "serial", "sort_key", "tables")

    def __init__(
        self, name: str, sort_key: str | None = None, order: int = 0, *, major: bool = False
    ) -> None:
        self.name = name
        self.sort_key = name if sort_key is None else sort_key
        self.order = order
        self.major = major
        self.serial = 0
        self.tables: dict[str, EventTable] = {}


class Modes:
    """All modes of a session, which are active, and the stack of table names.

    ``revision`` grows with every change that can alter a lookup; caches compare it.
    """

    def __init__(self) -> None:
        self.major = Mode("default", major=True)
        self._modes: dict[str, Mode] = {"default": self.major}
        self._minor: list[Mode] = []
        self._names: list[str] = ["global"]
        self._built: list[EventTable] = []
        self._dirty = True
        self.revision = 0

    # -- modes ---------------------------------------------------------------------------

    def define_minor(self, name: str, sort_key: str | None = None, order: int = 0) -> None:
        """Declare a minor mode, inactive. Raises :class:`DuplicateMode`."""
        if name in self._modes:
            raise DuplicateMode(name)
        mode = Mode(name, sort_key, order)
        mode.serial = len(self._modes)
        self._modes[name] = mode
        self._touch()

    def find(self, name: str) -> Mode:
        """The mode. Raises :class:`NoSuchMode`."""
        mode = self._modes.get(name)
        if mode is None:
            raise NoSuchMode(name)
        return mode

    def activate(self, name: str) -> bool:
        """Switch a minor mode on; False when there is no such mode (RV only warns)."""
        mode = self._modes.get(name)
        if mode is None:
            return False
        if not mode.major and mode not in self._minor:
            self._minor.append(mode)
            self._minor.sort(key=lambda m: (m.order, m.sort_key, m.serial))
            self._touch()
        return True

    def deactivate(self, name: str) -> None:
        """Switch a minor mode off; unknown names and the major mode are ignored."""
        mode = self._modes.get(name)
        if mode is not None and mode in self._minor:
            self._minor.remove(mode)
            self._touch()

    def is_active(self, name: str) -> bool:
        mode = self._modes.get(name)
        return mode is not None and (mode.major or mode in self._minor)

    def names(self) -> list[str]:
        """Names of all modes, active or not."""
        return list(self._modes)

    def active(self) -> list[str]:
        """Names of the active modes, the major one first, then minor ones in lookup order."""
        return [self.major.name, *(mode.name for mode in self._minor)]

    # -- bindings ------------------------------------------------------------------------

    def bind(self, mode: str, table: str, event: str, action: Action) -> None:
        """Bind an exact event name. Raises :class:`NoSuchMode`; makes the table if needed."""
        self._table(mode, table).bind(event, action)
        self._touch()

    def bind_pattern(self, mode: str, table: str, pattern: str, action: Action) -> None:
        """Bind a POSIX extended expression. Raises :class:`BindingError` for a bad one."""
        self._table(mode, table).bind_pattern(pattern, action)
        self._touch()

    def unbind(self, mode: str, table: str, event: str) -> None:
        """Remove an exact binding. Raises :class:`NoSuchMode` or :class:`NoSuchTable`."""
        self._existing(mode, table).unbind(event)
        self._touch()

    def unbind_pattern(self, mode: str, table: str, pattern: str) -> None:
        """Remove a pattern binding. Raises :class:`NoSuchMode` or :class:`NoSuchTable`."""
        self._existing(mode, table).unbind_pattern(pattern)
        self._touch()

    def set_bbox(self, mode: str, table: str, bbox: tuple[int, int, int, int]) -> None:
        """Remember the pointer rectangle of a table (made if needed)."""
        self._table(mode, table).bbox = bbox

    def documentation(self, event: str, mode: str | None, table: str | None) -> str | None:
        """Text of the binding that would take ``event``.

        With both names the one table is asked and its absence is an error; otherwise all active
        tables from the top, None when nobody takes it.
        """
        if mode is not None and table is not None:
            action = self._existing(mode, table).query(event)
            if action is None:
                raise BindingError(f"Not bound: {event}")
            return action.doc
        self.refresh()
        action = next(self.candidates(event), None)
        return None if action is None else action.doc

    def bindings(self, builtin: bool = True) -> list[tuple[str, str]]:
        """(event, documentation) of every exact binding that is active, top table first; with
        ``builtin`` false without the player's own."""
        return [
            (event, action.doc)
            for table in reversed(self.stack())
            for event, action in table.exact()
            if builtin or not action.builtin
        ]

    # -- table stack ---------------------------------------------------------------------

    def push_table(self, name: str) -> None:
        """Put a table name on top of the stack, moving it there if it is in it."""
        if name in self._names:
            self._names.remove(name)
        self._names.append(name)
        self._touch()

    def pop_table(self, name: str | None = None) -> None:
        """Take the top name, or the given one, off. Raises :class:`NoSuchTable`.

        Popping ``global`` by name leaves RV without any table, deaf to every client; here the
        empty stack gets it back, as RV's popping without a name does.
        """
        if name is None:
            if self._names:
                self._names.pop()
        elif name in self._names:
            self._names.remove(name)
        else:
            raise NoSuchTable(f'bad event table name: "{name}"')
        if not self._names:
            self._names.append("global")
        self._touch()

    def stack(self) -> list[EventTable]:
        """The active tables, bottom first, one for each mode that has a table of that name."""
        self.refresh()
        return self._built

    def refresh(self) -> None:
        """Rebuild the active tables after a change."""
        if not self._dirty:
            return
        built: list[EventTable] = []
        for name in self._names:
            for mode in (self.major, *reversed(self._minor)):
                table = mode.tables.get(name)
                if table is not None:
                    built.append(table)
        self._built = built
        self._dirty = False

    def candidates(self, event: str) -> Iterator[Action]:
        """The actions that are asked for an event, in order, by the stack as it was built."""
        if self._dirty and not self._built:
            self.refresh()
        for table in reversed(self._built):
            action = table.query(event)
            if action is not None:
                yield action

    def _table(self, mode: str, table: str) -> EventTable:
        owner = self.find(mode)
        found = owner.tables.get(table)
        if found is None:
            found = owner.tables[table] = EventTable(table)
        return found

    def _existing(self, mode: str, table: str) -> EventTable:
        found = self.find(mode).tables.get(table)
        if found is None:
            raise NoSuchTable(f"No table named {table}")
        return found

    def _touch(self) -> None:
        self._dirty = True
        self.revision += 1
