"""Sinks that show finished pictures, and the thread that serves them.

Theory of operation
-------------------
One thread (`scheduler.Display`) owns every sink: SDL wants all calls from one thread, and a
slow terminal must not hold up the session.  It holds one job, the newest; a job renders the
picture at the size a sink asks for, so each screen gets its own; where there is one screen only,
in memory that the sink has for it (`Sink.canvas`).  Input goes the other way as
`InputEvent`s under RV's names (`naming.py`): keys by the character typed, pointers with the
release-and-push that RV makes when buttons or modifiers change in a drag.

What makes pictures late while pixels pour in is not the interpreter, which a picture needs for
a few calls only, but that there is more to do than processors: nine tenths of the time until a
picture is on the screen are spent waiting for one.  So the thread asks for its turns sooner
(`promptness.py`), and does not wait for the X server's turn either (`xpictures.py`).  A process
of its own would wait for the same processors.

    window.py     SDL2, software only; sdlinput.py its events, xpictures.py (xwire.py) memory
                  shared with the X server, xguard.py a server that dies
    terminal.py   half blocks, kitty, sixel; ttykeys.py what is typed, lastrow.py the words below,
                  capture.py stderr
    web/          a page on this machine
    png.py        a file (PNG, EXR), and nothing at all

A sink that is lost raises `SinkLost`; the others and the player go on.
"""

from player.display.base import InputEvent, Sink, SinkLost
from player.display.opening import open_sink
from player.display.png import NullSink, PngSink
from player.display.scheduler import Display

__all__ = ["Display", "InputEvent", "NullSink", "PngSink", "Sink", "SinkLost", "open_sink"]
