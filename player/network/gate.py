"""The gate in front of a connection: an identity is proved before anything else is read."""

from __future__ import annotations

from typing import Final

from rvshell.errors import Refused
from rvshell.protocol.auth import AuthServer

__all__ = ["Gate"]

_READ: Final = 4096
"""Bytes read at a time."""


class Gate:
    """Takes bytes in its own `memory` until it is known who comes.

    Afterwards `name` is the proved one ("" for a plain client, which nothing was asked of) and
    `leftover` what came behind the proof.  `answer` is what is to be sent after each piece.
    """

    def __init__(self, proof: AuthServer) -> None:
        self._proof = proof
        self._memory = bytearray(_READ)
        self.memory = memoryview(self._memory)
        self.answer = b""

    @property
    def name(self) -> str:
        return self._proof.name

    @property
    def leftover(self) -> bytes:
        return self._proof.leftover

    def came(self, count: int) -> bool:
        """`count` bytes are in the memory; True once it is known who comes.

        Raises Refused when the proof is wrong, RemoteProtocolError when it is none.
        """
        self.answer = b""
        try:
            self.answer = self._proof.feed(bytes(self._memory[:count]))
        except Refused:
            self.answer = self._proof.failure("it could not be proved")
            raise
        return self._proof.plain or bool(self._proof.name)
