"""The session's graph evaluated to display pixels on the CPU."""

from player.image.headsup import Status
from player.image.lookahead import LookAhead
from player.image.render import Rendered, render
from player.image.renderer import ImageRenderer

__all__ = ["ImageRenderer", "LookAhead", "Rendered", "Status", "render"]
