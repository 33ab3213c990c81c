"""The interactive prompt.

Theory of operation. Three parties work at the same time and meet in as little as possible:

* The *link* (``link``, ``live``) owns the connection in a thread with an event loop of its own.
  It answers the heartbeat while the user thinks, reconnects when the far end went away, and is
  told of changes by the far end (``telling``): one event with the whole state in it, so that
  nothing is ever asked for the toolbar at the speed of the prompt.
* The *board* (``board``) is what is known of the far end now; the *snapshot* (``snapshot``) is
  what completion may offer. The link writes them, everybody else only reads. Both are replaced
  value by value, never locked: a reader sees an old value or a new one.
* The *prompt* (``prompt``, ``keys``, ``toolbar``, ``lexers``, ``completer``) draws them and reads
  lines. The completion engine (``engine``) is pure: text, cursor and a snapshot in, items and a
  signature out. It never waits for the network, and runs beside the user's typing.

A line is run by the same ``rvshell.script.Runner`` as a command file; only the `Remote` below it
is another one (``live``), whose waits can be ended by Ctrl-C without losing the connection.
"""
