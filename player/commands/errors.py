"""What a command may raise, and what a caller sees of it.

Kinds, after what RV's scripting layer lets through:

* :class:`CommandError`: a bad argument. Mu sees ``in commands.NAME: MESSAGE``.
* :class:`PropertyError`: a property that is missing or of another type. No prefix.
* :class:`Cancelled`: nobody answered a dialog. No prefix either.
* :class:`EngineError`: raised below the command layer. Mu only ever sees ``unknown exception``;
  Python sees the text.
"""

from __future__ import annotations

from player.session.errors import GraphError, SessionError

__all__ = [
    "Cancelled",
    "CommandError",
    "EngineError",
    "GraphError",
    "PropertyError",
    "SessionError",
]


class CommandError(Exception):
    """A bad argument; the text is what follows ``in commands.NAME: ``."""


class PropertyError(Exception):
    """``invalid property name X`` or ``wrong property type X`` (the whole text)."""


class Cancelled(PropertyError):
    """A dialog was closed without an answer, as all are where nobody sees them."""

    def __init__(self) -> None:
        super().__init__("operation cancelled")


class EngineError(Exception):
    """An error whose text Mu never shows (``unknown exception``)."""
