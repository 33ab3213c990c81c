"""What scripts draw over the picture on event `render`, as packages do in RV: in Mu and in Python,
in the `render` methods of their modes (``rvui.mu`` binds the event when there is a session state),
in functions of ``addRenderFunction``, in bindings of their own.

While the event is handled, modules ``gl``, ``glu``, ``gltext``, ``glyph`` and Python's ``OpenGL``
draw with a context that has no GPU (``player.drawing``); textures and display lists stay from one
picture to the next.  It is kept as a list of what was drawn and painted by whoever shows the
picture, in the size that it has there.

Source: Open RV ``Session::userRender`` and ``rvui.mu``'s ``render``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from player.drawing import Drawing
from player.drawing.context import Context
from player.scripting.pen import Pens
from player.session.events import RenderEvent
from player.session.session import Session

__all__ = ["RENDER", "ScriptDrawing"]

RENDER = "render"


class _Scripted:
    """A drawing and the size of the view that it was made for; paints pictures of any size."""

    def __init__(self, drawing: Drawing, size: tuple[int, int]) -> None:
        self._drawing = drawing
        self._size = size

    def paint(self, pixels: Any) -> None:
        height, width = pixels.shape[:2]
        drawing = self._drawing
        if (width, height) != self._size:
            drawing = drawing.scaled(width / self._size[0], height / self._size[1])
        drawing.paint(pixels)


class ScriptDrawing:
    """Asks the scripts of a session; on its thread only.  *pens* is where Mu's and Python's
    modules find the context."""

    def __init__(
        self, session: Session, pens: Pens, size: Callable[[], tuple[float, float]]
    ) -> None:
        self._session = session
        self._pens = pens
        self._size = size
        self._context: Context | None = None

    def __call__(self) -> _Scripted | None:
        """What is drawn over the next picture; None for nothing."""
        events = self._session.events
        width, height = (max(1, round(v)) for v in self._size())
        if not events.is_bound(RENDER) or self._pens.now is not None:
            return None
        context = self._context
        if context is None:
            context = self._context = Context(width, height)
        drawing = context.begin(width, height)
        self._pens.now = context
        try:
            events.dispatch(RenderEvent(RENDER, "", (float(width), float(height))))
        finally:
            self._pens.now = None
        return _Scripted(drawing, (width, height)) if drawing else None
