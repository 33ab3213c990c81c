"""Errors of the session's own making; the command layer translates them."""

from __future__ import annotations

__all__ = ["GraphError", "SessionError"]


class SessionError(Exception):
    """The request cannot be carried out; the state is unchanged."""


class GraphError(SessionError):
    """A node or connection that cannot be made."""
