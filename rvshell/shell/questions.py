"""The questions completion asks, and how their replies are read."""

from __future__ import annotations

from typing import Final

from rvshell.verbs.muvalue import lines

__all__ = ["MAX_NODES", "MEDIA", "NODES", "read_nodes"]

MAX_NODES: Final = 5000

NODES: Final = (
    '{ string r = ""; for_each (n; nodes()) r = r + n + "\\t" + nodeType(n) + "\\n"; r; }'
)
MEDIA: Final = '{ string r = ""; for_each (s; sources()) r = r + s._0 + "\\n"; r; }'


def read_nodes(reply: str) -> dict[str, str]:
    """Types by name from the reply to `NODES`."""
    return dict(line.split("\t", 1) for line in lines(reply)[:MAX_NODES] if "\t" in line)
