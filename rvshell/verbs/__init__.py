"""The shell's own vocabulary: one registry for help, completion, usage and documentation.

Theory of operation. A verb is declared once (``registry``) by the line its help shows; from that
line ``signature`` reads its arguments, ``helping`` writes its help, the prompt completes it and
the README lists it. Its function gets a ``context`` (options, output, variables) and asks the far
end through ``remote``; ``performing`` sends what it returns and shows the value by ``output``.

``settings`` and ``targets`` are the user's configuration and the many far ends; ``telling`` is Mu
that makes a far end tell of its events; ``logs``, ``pager``, ``progress`` and ``redact`` serve the
output. The other modules are the verbs themselves.

What comes over the wire is never trusted: it is read by ``muvalue`` into values or left as text,
and every text is escaped before a terminal sees it.
"""
