"""Drawing over pictures as OpenGL's fixed functions do, without a GPU: overlays and leaders.

Theory of operation
-------------------
``Drawing`` holds a list of polygons, lines, texts and textures in the pixels of a picture that
begins at the lower left, as RV's overlay scripts count; ``paint`` blends them into linear floats,
in the order they were drawn.  ``overlays`` and ``slate`` fill one with what RV's stock scripts
draw (frameburn, watermark, bug, matte; simpleslate), ``gl`` with what Mu programs do through
modules ``gl`` and ``gltext``.  A drawing is made once and may be painted by any thread.

Letters are those of OpenImageIO's DroidSans, as wide as RV's Luxi Sans within a few percent, on
lines as high as RV's.
"""

from player.drawing.canvas import Drawing
from player.drawing.overlays import OVERLAYS, Place, overlay
from player.drawing.slate import LEADERS, leader

__all__ = ["Drawing", "LEADERS", "OVERLAYS", "Place", "leader", "overlay"]
