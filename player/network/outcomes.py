"""How dialling ended, for whoever asks a little later: the admin door answers at once."""

from __future__ import annotations

from typing import Final

from rvshell.errors import RvshellError

__all__ = ["Outcomes"]

_MOST: Final = 64  # of which the outcome is remembered


class Outcomes:
    """Numbered attempts; an attempt that is not told of any more counts as unknown."""

    def __init__(self) -> None:
        self._serial = 0
        self._found: dict[int, str | RvshellError | None] = {}

    def begin(self) -> int:
        """The number of a new attempt."""
        self._serial += 1
        self._found[self._serial] = None
        while len(self._found) > _MOST:
            del self._found[next(iter(self._found))]
        return self._serial

    def end(self, number: int, outcome: str | RvshellError) -> None:
        """It led to that contact, or to an error."""
        if number in self._found:
            self._found[number] = outcome

    def ask(self, number: int) -> str | None:
        """The contact; None while it is under way.  Raises its error; KeyError when nothing is
        known of that number."""
        found = self._found[number]
        if isinstance(found, RvshellError):
            raise found
        return found
