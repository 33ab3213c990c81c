"""A page for a browser on this machine: the live picture and the transport.

Theory of operation
-------------------
A `WebSink` is a sink like the others; beside it a small HTTP server (`server.py`) answers on
127.0.0.1 only, under a path that begins with a random token: who does not know the address
can do nothing, and requests whose Host or Origin is another site are refused, so that no page
of another site can steer the player through the user's browser.  The page asks for the picture
after the one it has and is kept waiting until there is one (`picture?after=N`); what is
pressed on it comes back as JSON (`input`) and becomes RV's events.

Pictures are encoded when a browser asks, once for each: JPEG of highest quality (4:4:4) while
pictures come quickly, PNG, which is exact, when one stands still.
"""

from __future__ import annotations

from player.display.web.sink import WebSink

__all__ = ["WebSink"]
