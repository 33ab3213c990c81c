"""What is logged about one peer's oddities: the first few, then that there are more."""

from __future__ import annotations

import logging
from typing import Final

from player.network.peer import Peer

__all__ = ["Notes"]

_MOST: Final = 20
"""Lines about one peer; after these only its end is logged."""


class Notes:
    """Called with each oddity of `peer`."""

    def __init__(self, log: logging.Logger, peer: Peer) -> None:
        self._log = log
        self._peer = peer
        self._count = 0

    def __call__(self, text: str) -> None:
        self._count += 1
        if self._count <= _MOST:
            self._log.warning("%s: %s", self._peer.label, text)
        elif self._count == _MOST + 1:
            self._log.warning("%s: further oddities are not logged", self._peer.label)
