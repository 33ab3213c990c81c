"""Sinks that show finished pictures, and the thread that serves them."""

from player.display.base import InputEvent, Sink
from player.display.opening import open_sink
from player.display.png import NullSink, PngSink
from player.display.scheduler import Display

__all__ = ["Display", "InputEvent", "NullSink", "PngSink", "Sink", "open_sink"]
