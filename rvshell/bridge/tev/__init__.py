"""tev's TCP protocol on tev's port, so that what can send to tev sends to a player or RV.

- `packets`  the protocol, sans I/O: bytes to dataclasses, every limit and error
- `relay`    images of tev as image sources at the far end, channels sorted into layers
- `server`   the listener, a thread for each sender, and `rvshell bridge tev`
"""

from __future__ import annotations

__all__: list[str] = []
