"""The command language and everything that runs it without a prompt.

``scanner`` and ``parser`` turn a text into the tree of ``syntax`` (``expr``: conditions), which is
checked whole (``checks``) before anything is sent and then run by ``run`` (``names``: what
conditions ask; ``broadcast``: one statement on many targets; ``handlers``: what is done on events;
``flow``: the verbs of the language). ``batch`` runs files and standard input, ``lines`` is the
protocol for devices. Parsing is pure; only `Runner` talks to a far end.
"""
