"""``rv.qtutils``: the Qt widgets of the session window. A player has none: all are None."""

from __future__ import annotations

__all__ = [
    "javascriptExport",
    "sessionBottomToolBar",
    "sessionGLView",
    "sessionTopToolBar",
    "sessionWindow",
]


def sessionWindow() -> None:
    """The main window."""


def sessionGLView() -> None:
    """The picture's widget."""


def sessionTopToolBar() -> None:
    """The upper tool bar."""


def sessionBottomToolBar() -> None:
    """The lower tool bar."""


def javascriptExport(webFrame: object) -> None:
    """Would give a web page access to the session."""
