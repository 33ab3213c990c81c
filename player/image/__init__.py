"""The session's graph evaluated to display pixels on the CPU.

Theory of operation
-------------------
`plan.py` turns the evaluation tree into a `Scene` (`scene.py`): quads and composites with all
properties already numbers, made on the session's thread.  `render.py` draws a scene on any
thread.  Colour is a chain of operations (`ops.py`, made by `nodeops.py`, `displayops.py`,
`ocio.py`, `lut.py`), compiled once for its keys (`compiled.py`): a table over the 65,536 half
values where channels do not mix (`tables.py`), table - matrix - table where they do, a sampled
cube (`baked.py`) for what is costly, and step by step where exactness is asked for.  A cube shows
by itself where it is not right (`judging.py`, `marked.py`); what is right there is computed, while
playing as long as there is time for it, and remembered (`remembering.py`).  A view that is on for
a while gets a finer cube (`refining.py`).

The thread that renders shares the interpreter with the one that receives pixels: a picture is
best made in few calls that do without the interpreter, whatever their number of operations.

Two ways through a picture: the short one (`shortway.py`, `piece.py`, `loose.py`) goes from stored
pixels to 8 bits at once, as long as images lie beside each other or over each other with few pixels
between opaque and clear (`alpha.py`); the long one works in float canvases and does everything,
other composites (`blending.py`), distortions and annotations (`annotations.py`, `strokes.py`)
among it; while playing by parts, from tables to floats (`tables.py`) and from floats to 8 bits
(`even.py`) in one call each.  What lies over the finished picture (`hud.py`, `headsup.py`,
`reasons.py`) is drawn in 8 bits and is never part of a query's answer.

A file that holds its picture in several sizes is read at the one that is enough for what is shown
(`levels.py`): the key of the frame cache names the level, and a finer one serves as well.  Answers,
files and exact pictures are always made of the whole picture.

Order is RV's throughout, also where it surprises: see the docstrings of `nodeops.py` and
`displayops.py`.  Rows are bottom-up until the last step.
"""

from player.image.headsup import Status
from player.image.lookahead import LookAhead
from player.image.render import Rendered, gaps_of, render
from player.image.renderer import ImageRenderer

__all__ = ["ImageRenderer", "LookAhead", "Rendered", "Status", "gaps_of", "render"]
