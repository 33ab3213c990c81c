"""The session room: the one owner of state. Pure Python, no I/O loop, no threads, no pixels.

Time comes in as an argument; files, pixels, sockets and windows are ports
(:mod:`player.session.ports`).

Theory of operation
-------------------
``Session`` holds a :class:`~player.session.graph.Graph` of nodes, the
:class:`~player.session.timeline.playback.Playback`, the views, the sources and the event bus. A
command changes one of them and every event of the change is sent before the command returns, in
RV's order; what RV's main loop does later (deriving the range, loading what is queued) is
``Session.settle``, called after each batch of input.

*Nodes.* ``definitions/nodes.txt`` lists every type with its properties and defaults; a property
that was never asked for lives there only. ``kinds/`` has the behaviour of the types that have
any. A change travels along the outputs as RV's does (``Node.propagate_*``), so that the events
come out in RV's order by construction: where an event is missing or doubled, look at what
propagates, not at the place that should have sent it.

*Cost.* A session may have thousands of sources in three default views. So a fan-in node keeps
the range and size of each input (``kinds/inputfacts``) and asks again only those that were
marked; appending inputs touches nothing that is there (``append_inputs``); setting the same
inputs again, as reading a file does for every source, is put off until somebody looks
(``_pending``). ``scripts/bench session`` shows the growth, ``tests/session/test_invariants.py``
checks that what is remembered is what the inputs say.

*Exactness.* ``tests/session/test_conversations.py`` replays what RV answered to 329 conversations:
every reply, event and picture. RV's quirks that look like mistakes (two inputs-changed events of
the view group, a frame clamped without an event) are recorded behaviour; the few deliberate
differences are listed in that test with their reasons.
"""
