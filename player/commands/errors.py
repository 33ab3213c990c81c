"""What a command may raise, and what a caller sees of it.

Three kinds, after what RV's scripting layer lets through:

* :class:`CommandError`: a bad argument. Mu sees ``in commands.NAME: MESSAGE``.
* :class:`PropertyError`: a property that is missing or of another type. No prefix.
* :class:`EngineError`: raised below the command layer. Mu only ever sees ``unknown exception``;
  Python sees the text.
"""

from __future__ import annotations

from player.session.errors import GraphError, SessionError

__all__ = ["CommandError", "EngineError", "GraphError", "PropertyError", "SessionError"]


class CommandError(Exception):
    """A bad argument; the text is what follows ``in commands.NAME: ``."""


class PropertyError(Exception):
    """``invalid property name X`` or ``wrong property type X`` (the whole text)."""


class EngineError(Exception):
    """An error whose text Mu never shows (``unknown exception``)."""
