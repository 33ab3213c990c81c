"""The daemon: wires the rooms together and owns the loop and the order of shutting down.

Theory of operation
-------------------
One asyncio loop on the main thread owns the session.  Everything that changes it comes in
through one of four doors: a peer's record (`ingest`), a key or pointer of a screen
(`screens`), a second passing (`Turns`), the command line (`startup`).  Each door calls
`Turns.wake()`, and one *turn* follows when the batch of input is done, as RV's main loop
does its work between events: the clock moves the playhead, the session settles, and the
screens are told when what they show is out of date.

    socket -> network.Link -> ingest -> dispatcher -> session      (a request and its reply)
    socket -> network.Link -> ingest -> PixelStore memory          (a tile: no turn between)
    session, PixelStore  -- turn -->  screens -> display thread -> window, terminal, PNG

A screen is offered the newest picture only when the one before has been shown: a slow
screen drops pictures and holds nobody up.
"""

from __future__ import annotations

from player.daemon.daemon import Daemon, run

__all__ = ["Daemon", "run"]
