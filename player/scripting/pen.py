"""What a pen is, with which Mu programs draw while there is one (``mu_graphics``)."""

from __future__ import annotations

from typing import Any, Protocol

__all__ = ["Pen", "Pens"]


class Pen(Protocol):
    """Takes the calls of modules ``gl``, ``glu`` and ``gltext``."""

    def call(self, name: str, args: tuple[Any, ...]) -> Any:
        """The answer to a function of that name: numbers, texts and tuples of these;
        NotImplemented for what is left to the context without a GPU.  Arrays come as flat lists,
        vectors as tuples."""


class Pens:
    """The pen of the moment, or none."""

    __slots__ = ("now",)

    def __init__(self) -> None:
        self.now: Pen | None = None
