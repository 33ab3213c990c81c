"""Whether to compress what goes to a viewer: by what the link was measured to do.

Nothing is asked and nothing is packed on loopback, on a link that is quick, without the packages,
and at a far end that does not answer, such as RV.  A link is as quick as it was while the system
made the sender wait; as long as it never does, the link is no bottleneck.

Of the codecs that both ends have (and of none) the one is taken that costs the least time for a
byte of pixels: packing it here, unpacking it there (taken for the same), and the link's time for
what is left of it.  What a codec does is measured on the pixels that are sent, and again now and
then, since pictures differ.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from typing import Final

from rvshell.client.packing import MAX_RAW, available, pack
from rvshell.client.stream import Buffer, is_loopback
from rvshell.pixels.canvas import Canvas, Rectangle
from rvshell.pixels.wire import TileEncoder

__all__ = ["PIECE", "Packing", "allowed", "strips"]

PIECE: Final = 1 << 20
"""Bytes of pixels that go to another machine at a time; larger rectangles go in strips."""

_QUICK: Final = 1.0e9  # bytes a second from which a link is not worth the processor's time
_WAITED: Final = 0.002  # seconds that a call of the system takes when it had to wait
_WINDOW: Final = 0.05  # seconds of waiting over which a link is measured
_FREE: Final = 64  # calls in a row without waiting after which it is taken to be twice as quick
_GAIN: Final = 0.8  # of the time without packing; less is not worth it
_AGAIN: Final = 32  # pieces after which another codec is looked at again

assert PIECE <= MAX_RAW


def strips(
    batch: Sequence[tuple[Canvas, Rectangle]],
) -> Iterator[list[tuple[Canvas, Rectangle]]]:
    """A batch in parts of at most about PIECE bytes; a larger rectangle is cut into strips.

    A link is measured, and what was decided looked at again, between two parts.
    """
    part: list[tuple[Canvas, Rectangle]] = []
    size = 0
    for canvas, (x, y, width, height) in batch:
        rows = max(1, PIECE // (width * canvas.pixel))
        for at in range(y, y + height, rows):
            strip = x, at, width, min(rows, y + height - at)
            count = width * strip[3] * canvas.pixel
            if part and size + count > PIECE:
                yield part
                part, size = [], 0
            part.append((canvas, strip))
            size += count
    if part:
        yield part


def allowed(wish: bool | None, address: str) -> bool:
    """May a link to an address be compressed?  None: what $RVSHELL_COMPRESS says (on, off), else
    unless it is loopback."""
    if wish is None:
        said = os.environ.get("RVSHELL_COMPRESS", "").lower()
        wish = {"on": True, "off": False}.get(said)
    if wish is None:
        wish = not is_loopback(address)
    return wish and bool(available())


class Packing:
    """The measurements and decisions of one connection."""

    def __init__(self) -> None:
        self.link = 0.0  # bytes a second; 0 while it is not known
        self.codec = ""  # what is used now
        self._codecs: tuple[str, ...] = ()
        self._work: dict[str, float] = {}  # seconds for a byte of pixels
        self._rest: dict[str, float] = {}  # bytes on the wire for a byte of pixels
        self._window = [0, 0.0]
        self._free = 0
        self._pieces = 0

    @property
    def slow(self) -> bool:
        """Is the link slow enough to ask the far end?"""
        return 0 < self.link < _QUICK

    def agree(self, codecs: Sequence[str]) -> None:
        """These are known at both ends."""
        self._codecs = tuple(codecs)

    def sent(self, count: int, seconds: float) -> None:
        """So many bytes were given to the system in so many seconds."""
        if seconds < _WAITED:
            self._free += 1
            if self._free >= _FREE and self.link:
                self._free = 0
                self.link *= 2
            return
        self._free = 0
        window = self._window
        window[0] += count
        window[1] += seconds
        if window[1] >= _WINDOW:
            measured = window[0] / window[1]
            self.link = (self.link + measured) / 2 if self.link else measured
            self._window = [0, 0.0]

    def choose(self) -> str:
        """The codec for what comes next, "" for none."""
        if not self._codecs or not self.link:
            return ""
        for codec in self._codecs:
            if codec not in self._work:
                self.codec = codec  # it has to be seen at work
                return codec
        self._pieces += 1
        if self._pieces % _AGAIN == 0:
            return self._codecs[self._pieces // _AGAIN % len(self._codecs)]
        cost = {c: 2 * self._work[c] + self._rest[c] / self.link for c in self._codecs}
        best = min(cost, key=cost.__getitem__)
        self.codec = best if cost[best] < _GAIN / self.link else ""
        return self.codec

    def encode(
        self, encoder: TileEncoder, batch: Sequence[tuple[Canvas, Rectangle]], codec: str
    ) -> tuple[list[Buffer], int]:
        """The records of a part (`strips`) as buffers in order, tiles that do not get smaller as
        they are; and how many bytes that is."""
        out: list[Buffer] = []
        total = 0
        for canvas, rectangle in batch:
            total += self._piece(encoder, canvas, rectangle, codec, out)
        return out, total

    def _piece(
        self, encoder: TileEncoder, canvas: Canvas, piece: Rectangle, codec: str,
        out: list[Buffer],
    ) -> int:  # fmt: skip
        x, y, width, height = piece
        started = time.perf_counter()
        left = x * canvas.pixel
        pixels = canvas.rows[y : y + height, left : left + width * canvas.pixel].tobytes()
        header = encoder.header(canvas, piece)
        record = pack(codec, header, pixels, canvas.pixel) if len(pixels) <= MAX_RAW else None
        out += record if record is not None else (header, pixels)
        size = sum(map(len, record)) if record is not None else len(pixels)
        self._note(codec, len(pixels), size, time.perf_counter() - started)
        return size

    def _note(self, codec: str, count: int, size: int, seconds: float) -> None:
        work, rest = seconds / count, size / count
        known = codec in self._work
        self._work[codec] = (3 * self._work[codec] + work) / 4 if known else work
        self._rest[codec] = (3 * self._rest[codec] + rest) / 4 if known else rest
