"""Telling a viewer on this machine where pixels are, instead of sending them.

See `rvshell.client.sharing` for the wire.  A few pieces may be under way at a time; what the
viewer does not copy is sent.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Iterable
from typing import Final, TypeAlias

from rvshell.client import Client
from rvshell.client import Pending as Request
from rvshell.client.address import Target
from rvshell.client.sharing import COPIED, SHARED, SHARING_EVENT, Memory, SharedTile, tiles_text
from rvshell.client.stream import is_loopback
from rvshell.pixels.canvas import Canvas, Rectangle
from rvshell.pixels.packing import strips
from rvshell.pixels.wire import TileEncoder

__all__ = ["Sharing", "wanted"]

Part: TypeAlias = list[tuple[Canvas, Rectangle]]

_WORTH: Final = 32 * 1024
"""Bytes of a tile from which a line of text is less work than sending it (measured)."""

_FLIGHTS: Final = 4  # pieces that may be under way


def wanted(wish: bool | None, targets: Iterable[Target]) -> bool:
    """Is there a use for shared memory?  None: unless $RVSHELL_SHARE is off."""
    if wish is None:
        wish = os.environ.get("RVSHELL_SHARE", "").lower() != "off"
    return wish and any(
        not target.scheme and (target.host == "localhost" or is_loopback(target.host))
        for target in targets
    )


class Sharing:
    """What one viewer was told of, once it has said that it reaches *memory*.  `lock` guards what
    canvases say of their readers."""

    def __init__(
        self, client: Client, encoder: TileEncoder, memory: Memory, lock: threading.Condition
    ) -> None:
        self._client = client
        self._encoder = encoder
        self._lock = lock
        self._question = client.submit(SHARING_EVENT, memory.offer)
        self._flights: deque[tuple[Request, Part]] = deque()
        self._on: bool | None = None  # None: not answered yet
        self.bytes = 0  # of pixels that the viewer was told of

    @property
    def busy(self) -> bool:
        """Has something not been copied yet?"""
        return bool(self._flights)

    def tell(self, batch: Part) -> Part:
        """Tell of what of *batch* is in shared memory and large enough; the rest, and what the
        viewer has refused, is to be sent.  Raises LinkError, DeadlineExceeded."""
        if not self._agreed():
            return batch
        rest: Part = []
        told: Part = []
        for item in batch:
            canvas, (_, _, width, height) = item
            (told if width * height * canvas.pixel >= _WORTH else rest).append(item)
        for part in strips(told):
            rest += self._tell(part)
        return rest

    def _agreed(self) -> bool:
        if self._on is None:
            self._client.process()
            if self._question.done:
                self._on = self._question.result() == SHARED
        return bool(self._on)

    def _tell(self, part: Part) -> Part:
        shared: Part = []
        rest: Part = []
        tiles: list[SharedTile] = []
        with self._lock:
            for item in part:
                canvas, (x, y, _, _) = item
                if canvas.shared < 0:
                    rest.append(item)
                    continue
                canvas.readers += 1
                start = canvas.shared + y * canvas.stride + x * canvas.pixel
                tiles.append(SharedTile(self._encoder.header(*item), start, canvas.stride))
                shared.append(item)
        if shared:
            self._flights.append((self._client.submit(SHARING_EVENT, tiles_text(tiles)), shared))
            self.bytes += sum(r[2] * r[3] * c.pixel for c, r in shared)
        while len(self._flights) > _FLIGHTS:
            rest += self._land()
        return rest

    def _land(self) -> Part:
        """Wait for the oldest; what of it is to be sent after all."""
        request, part = self._flights[0]
        client = self._client
        # asleep: a client that waits looks for its reply first, which takes the renderer's time
        until = time.monotonic() + client.timeout
        while not request.done and client.process(until - time.monotonic()):
            pass
        copied = client.wait(request, 0.0) == COPIED
        self._flights.popleft()
        with self._lock:
            for canvas, _ in part:
                canvas.readers -= 1
            self._lock.notify_all()
        if copied:
            return []
        self._on = False
        return part

    def land(self) -> Part:
        """Wait until nothing is under way; what is to be sent.  Raises as `tell`."""
        rest: Part = []
        while self._flights:
            rest += self._land()
        return rest

    def abandon(self) -> None:
        """The viewer is lost, and may or may not look at what it was told of."""
        with self._lock:
            while self._flights:
                for canvas, _ in self._flights.popleft()[1]:
                    canvas.readers -= 1
                    canvas.lost = True
