"""player: a headless-capable player that speaks Open RV's network protocol and scripting.

The rooms, and what each may import (a test walks the imports and enforces this table):

==============  =============================================  ==============================
room            job                                            may import
==============  =============================================  ==============================
``session``     the one owner of state: nodes, sources,        nothing
                timeline, playback, events, ``.rv`` files
``commands``    RV's scripting vocabulary over the session     session
``mu``          the Mu language; knows nothing of RV           nothing
``scripting``   remote-eval, remote-pyeval, the ``rv`` module  mu, commands, session
``media``       readers of images and movies, pushed pixels    session (ports only)
``cache``       frame cache and decode workers                 media, heap
``image``       the session's graph to display pixels          session, cache, media
``encoding``    movies and sound that are written              media
``finishing``   curves, channels and numbers of rvio's output  image
``drawing``     overlays and slates, as OpenGL draws           nothing
``rvio``        rvio's command line                            options, commandline, encoding
``rvls``        rvls: what there is, and what is in it         media, session, encoding
``display``     window, terminal, web page, files, nothing    image
``network``     listener, peers, heartbeat, port file          rvshell.protocol, session
``daemon``      wires the rooms together, owns the loop        all
==============  =============================================  ==============================

A player starts by having its heap made for pictures (``heap.py``), then reads its command line
(``commandline.py``).

One event loop owns the session: every state change happens there, in order, as RV's own main
thread does it. Frames are kept bottom-up, as the wire brings them, and flipped when shown.
"""

__version__ = "0.1.0"
__all__ = ["__version__"]
