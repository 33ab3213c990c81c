"""The thread that sends: one for each target of an image.

    CONNECTING -> (greeted, declared) -> OPEN -> lost -> CONNECTING …   until stopped or FAILED

It takes rectangles out of `pending` in batches, sends them and answers questions (`sync`).
Nothing that happens here raises in the renderer's thread: a viewer that is not there, or goes
away, is logged once (logger `rvshell.pixels`) and tried again with growing pauses; what cannot
be mended by trying again (the far end refuses the declaration) is kept in `error`.

The first time a canvas is sent, `newImageSourcePixels` is asked for it as RV's own rvshell does.
Tiles are never answered, so this is where a far end that has no memory left can say so.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from rvshell.client import Client
from rvshell.client import Pending as Request
from rvshell.client.address import Target
from rvshell.client.packing import PACKING_EVENT, available, common
from rvshell.client.stream import UNSENT, is_loopback
from rvshell.errors import (
    ConnectionLost,
    DeadlineExceeded,
    LinkError,
    Refused,
    RvshellError,
)
from rvshell.pixels.canvas import Canvas, CanvasKey, Pending, Rectangle
from rvshell.pixels.declaring import declare
from rvshell.pixels.packing import Packing, allowed, strips
from rvshell.pixels.spec import ImageSpec
from rvshell.pixels.statistics import Statistics
from rvshell.pixels.wire import TileEncoder

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["GOODBYE", "Sender"]

_BATCH: Final = 256  # rectangles taken at once: two buffers each, one system call
_BATCH_BYTES: Final = 1 << 20
_LARGE: Final = 1 << 20  # bytes of a rectangle that goes straight into its place
_SHORT: Final = 256 * 1024  # bytes of such that wait in the kernel
_BATCH_ALLOCATIONS: Final = 64  # questions under way
_PAUSES: Final = (0.1, 0.2, 0.5, 1.0, 2.0)  # seconds between two attempts to connect
_IDLE: Final = 0.25  # seconds between two looks at an idle connection
GOODBYE: Final = 2.5  # seconds for a viewer to say goodbye
_MOMENT: Final = 0.2  # seconds for a thread that has nothing to wait for
_SCREEN: Final = 2.0  # seconds after which a screen is taken to be off
_FRAME: Final = 0.003  # seconds between two questions whether it shows

log = logging.getLogger("rvshell.pixels")


class Sender:
    """Sends the canvases of an image to one target.

    `lock` guards everything that both threads touch; it is the image's.
    """

    def __init__(
        self,
        spec: ImageSpec,
        target: Target,
        *,
        lock: threading.Condition,
        canvases: Iterable[Canvas],
        name: str,
        timeout: float,
        reconnect: bool,
        show: bool,
        compress: bool | None = None,
        quiet: bool = False,
    ) -> None:
        self.spec = spec
        self._quiet = quiet  # somebody else tells of viewers that go and come
        self.target = target
        self.pending = Pending()
        self.connected = False
        self.tried = False  # the first attempt to connect has ended, one way or the other
        self.node = ""
        self.error: RvshellError | None = None
        self._lock = lock
        self._canvases = canvases
        self._name = name
        self._timeout = timeout
        self.reconnects = reconnect
        self._show = show
        self._statistics = Statistics()
        self._encoder = TileEncoder(spec.media)
        self._compress = compress
        self._far = False  # the far end is, or may be, on another machine
        self._packing: Packing | None = None
        self._question: Request | None = None  # whether the far end unpacks
        self._allocated: set[CanvasKey] = set()
        self._allocating: deque[tuple[CanvasKey, Request]] = deque()
        self._asked = 0  # questions of sync()
        self._answered = 0
        self._idle = False
        self._grown = False
        self._closing = False
        self._finishing = False
        self._warned = False
        self._given_up = 0  # canvases that are no longer kept
        self._out: set[Canvas] = set()  # canvases whose memory is being sent from
        self._client: Client | None = None
        self._moved = time.monotonic()  # when something was begun, or done, last
        self._thread = threading.Thread(target=self._run, name=f"pixels to {target}", daemon=True)

    @property
    def alive(self) -> bool:
        """Is there any hope that something will be sent?"""
        return self.error is None and not self._closing

    # -- from the renderer's thread, with the lock held ---------------------------------

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def add(self, canvas: Canvas, rectangle: Rectangle) -> None:
        """A rectangle of a canvas has new pixels."""
        if not self.connected:
            return  # everything that is kept goes when there is a connection
        self._statistics.coalesced += self.pending.add(canvas, rectangle)
        if self._idle:
            self._idle = False
            self._lock.notify_all()

    def needs(self, canvas: Canvas) -> bool:
        """Does something of it wait, or is its memory being sent from now?"""
        return self.connected and (canvas in self.pending or canvas in self._out)

    def reads(self, canvas: Canvas) -> bool:
        """Is its memory being sent from now?"""
        return canvas in self._out

    @property
    def left(self) -> bool:
        """Is there anything that a viewer has yet to be given?"""
        return self.connected and bool(self.pending or self._out)

    @property
    def stalled(self) -> float:
        """Seconds since the viewer took something, of a sender that has something to send."""
        client = self._client
        moved = self._moved if client is None else max(self._moved, client.moved)
        return time.monotonic() - moved

    def late(self, seconds: float) -> None:
        """The viewer has taken nothing for so long: say so, or give it up."""
        taken = f"{self.target} has taken nothing for {seconds:g} s"
        if not self.reconnects:
            self.fail(DeadlineExceeded(taken, hint="is it stopped or busy?", seconds=seconds))
            return
        log.warning(
            "%s: %s (is it stopped or busy?); what waits is sent in the background, at the latest "
            "until this program ends", self.spec.name, taken,
        )  # fmt: skip

    def give_up(self, canvas: Canvas) -> int:
        """The canvas is no more."""
        self._given_up += 1
        gone = self.pending.drop(canvas)
        self._statistics.dropped += gone
        return gone

    def grow(self, spec: ImageSpec) -> None:
        """The image has more frames than before."""
        self.spec = spec
        self._grown = True

    def ask(self) -> int:
        """Ask the far end to answer when it has everything; a ticket for `answered`."""
        self._asked += 1
        self._idle = False
        self._lock.notify_all()
        return self._asked

    def answered(self, ticket: int) -> bool:
        """Has it?"""
        return self._answered >= ticket

    @property
    def sent(self) -> int:
        """Bytes of pixels sent so far: it grows while there is progress."""
        return self._statistics.bytes

    def statistics(self, blocked: float) -> Statistics:
        """A snapshot."""
        now = replace(
            self._statistics, connected=self.connected, waiting=len(self.pending), blocked=blocked
        )
        now.refusals = list(self._statistics.refusals)
        return now

    def fail(self, error: RvshellError) -> None:
        """Give the target up."""
        with self._lock:
            self.error = self.error or error
            self.stop()

    def finish(self) -> None:
        """End when nothing waits any more: at once when there is nobody to send it to."""
        with self._lock:
            self._finishing = True
            if not self.connected:
                self._closing = True
            self._lock.notify_all()

    def stop(self) -> None:
        """End; what waits is not sent."""
        self._closing = True
        self._lock.notify_all()

    def end(self, until: float) -> None:
        """Wait for the end after `stop`, without the lock; the connection of a viewer that keeps
        it waiting beyond the monotonic time *until* is cut."""
        if not self.connected:  # nothing can be lost
            until = min(until, time.monotonic() + _MOMENT)
        self._thread.join(max(0.0, until - time.monotonic()))
        client = self._client
        if client is not None and self._thread.is_alive():
            client.abort()
            self._thread.join(_MOMENT)

    def outlive(self, still: float) -> None:
        """Wait for the end after `finish`, without the lock, until nothing has moved for so many
        seconds."""
        said = False
        while self.connected and self._thread.is_alive():
            stalled = self.stalled
            if stalled >= (still if self.left else GOODBYE):
                break
            if self.left and stalled >= GOODBYE and not said:
                said = True
                log.warning(
                    "%s: waiting %g s for %s to take what is left; Ctrl-C gives it up",
                    self.spec.name, still - stalled, self.target,
                )  # fmt: skip
            self._thread.join(_IDLE)
        if self.left:
            log.warning(
                "%s: %s takes nothing (is it stopped or busy?); what waits is given up",
                self.spec.name, self.target,
            )  # fmt: skip

    # -- the thread --------------------------------------------------------------------

    def _run(self) -> None:
        attempt = 0
        while not self._closing:
            try:
                with self._connect() as client:
                    attempt = 0
                    self._opened()
                    self._pump(client)
            except (LinkError, DeadlineExceeded, Refused) as error:
                self._lost(error)
            except RvshellError as error:  # trying again would not help
                self._failed(error)
            except Exception as error:
                log.exception("%s: pushing to %s ended", self.spec.name, self.target)
                self._failed(RvshellError(f"internal error: {error}"))
            if self.error is not None:
                return
            self._wait(_PAUSES[min(attempt, len(_PAUSES) - 1)])
            attempt += 1
        with self._lock:
            self.connected = False
            self._lock.notify_all()

    def _connect(self) -> Client:
        client = Client.connect(
            **self.target._asdict(), name=self._name, app="rv-shell", timeout=self._timeout
        )
        self._client = client
        address = client.far_address
        self._far = not is_loopback(address)
        self._packing = Packing() if allowed(self._compress, address) else None
        self._question = None
        try:
            if self._closing:
                raise ConnectionLost("the image was closed")
            self._declared = declare(client, self.spec, show=self._show)
        except BaseException:
            client.close()
            raise
        self.node = self._declared.node
        return client

    def _opened(self) -> None:
        self._allocated.clear()
        self._allocating.clear()
        with self._lock:
            self.connected = self.tried = True
            self._statistics.connections += 1
            self._statistics.trouble = ""
            self.pending.clear()
            for canvas in self._canvases:
                for rectangle in canvas.written:
                    self.pending.add(canvas, rectangle)
            self._lock.notify_all()
        if self._warned:
            lost = (
                f"; {self._given_up} older pictures are no longer kept and not sent again"
                if self._given_up
                else ""
            )
            log.warning("%s: connected to %s%s", self.spec.name, self.target, lost)
            self._warned = False

    def _lost(self, error: RvshellError) -> None:
        with self._lock:
            self.connected, self.tried = False, True
            self._out = set()
            self._statistics.trouble = error.describe()
            if not self.reconnects:
                self.error = self.error or error.with_traceback(None)
            self._closing = self._closing or self._finishing
            self._lock.notify_all()
        if not (self._warned or self._quiet or self._closing) and self.reconnects:
            self._warned = True
            log.warning(
                "%s: %s; going on without a viewer at %s, trying again",
                self.spec.name, error.describe(), self.target,
            )  # fmt: skip

    def _failed(self, error: RvshellError) -> None:
        with self._lock:
            self.connected, self.tried = False, True
            self._out = set()
            self.error = error.with_traceback(None)  # its frames hold all of this
            self._lock.notify_all()
        if self.reconnects:
            log.warning("%s: not pushed any more: %s", self.spec.name, error.describe())

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        with self._lock:
            while not self._closing and (left := until - time.monotonic()) > 0:
                self._lock.wait(left)

    def _pump(self, client: Client) -> None:
        while True:
            with self._lock:
                if self._closing:
                    return
                batch = self.pending.take(_BATCH, _BATCH_BYTES)
                self._out = {canvas for canvas, _ in batch}
                self._moved = time.monotonic()
                asked = self._asked
                if not batch and asked == self._answered:
                    if self._finishing:
                        self._closing = True
                        return
                    self._idle = True
                    self._lock.wait(_IDLE)
                    self._idle = False
            if batch:
                self._send(client, batch)
            elif asked != self._answered:
                self._sync(client, asked)
            else:
                client.process()
                self._check_allocations(client, wait=False)

    def _send(self, client: Client, batch: list[tuple[Canvas, Rectangle]]) -> None:
        if self._grown:
            self._grown = False
            self._declared.grow(self.spec)
        for canvas, _ in batch:
            if canvas.key not in self._allocated:
                self._allocate(client, canvas.key)
        for part in strips(batch) if self._far or self._packing is not None else (batch,):
            self._send_part(client, part)
        with self._lock:
            self._statistics.tiles += len(batch)
            self._out = set()
            self._lock.notify_all()

    def _send_part(self, client: Client, part: list[tuple[Canvas, Rectangle]]) -> None:
        started = time.perf_counter()
        packing = self._packing
        codec = self._agreed(client, packing) if packing is not None else ""
        if packing is None or not codec:
            buffers, size = self._encoder.encode(part)
            wire = size
        else:
            buffers, wire = packing.encode(self._encoder, part, codec)
            size = sum(r[2] * r[3] * c.pixel for c, r in part)
        encoded = time.perf_counter()
        # what the far end receives into its place it takes as fast as it can be sent: the less
        # waits, the more of it is in the processor's cache; small tiles cost the far end time
        client.send_encoded(buffers, _SHORT if size >= _LARGE * len(part) else UNSENT)
        ended = time.perf_counter()
        self._moved = time.monotonic()
        statistics = self._statistics
        if packing is not None:
            packing.sent(wire, ended - encoded)
            statistics.packing, statistics.link = packing.codec, packing.link
        statistics.seconds += ended - started
        statistics.bytes += size
        statistics.wire += wire

    def _agreed(self, client: Client, packing: Packing) -> str:
        """The codec for the next batch, "" for none; asks the far end once when that may help."""
        question = self._question
        if question is None:
            if packing.slow:
                self._question = client.submit(PACKING_EVENT, " ".join(available()))
            return ""
        if not question.done:
            return ""
        packing.agree(common(question.result()))
        return packing.choose()

    def _allocate(self, client: Client, key: CanvasKey) -> None:
        frame, view, layer = key
        self._allocated.add(key)
        code = self._declared.allocation(self.spec, frame, layer, view)
        self._allocating.append((key, client.submit("remote-eval", code)))
        self._check_allocations(client, wait=len(self._allocating) > _BATCH_ALLOCATIONS)

    def _check_allocations(self, client: Client, *, wait: bool) -> None:
        """Look at the answers that have come."""
        while self._allocating:
            key, request = self._allocating[0]
            if not request.done:
                if not wait:
                    return
                client.wait(request)
            self._allocating.popleft()
            reply = request.result()
            if reply.lstrip('"').startswith("ERROR: "):
                self._refused(key, reply)

    def _refused(self, key: CanvasKey, reply: str) -> None:
        frame, view, layer = key
        where = " ".join(w for w in (f"frame {frame}", view, layer) if w)
        found = re.search(r'exception: \\?"(?:in commands\.\w+: )?(.*?)\\?"', reply)
        text = f"{where}: {found[1] if found else reply.partition(chr(10))[0]}"
        first = not self._statistics.refusals
        with self._lock:
            self._statistics.refusals = [*self._statistics.refusals[-99:], text]
        if first:
            log.warning(
                "%s: refused by %s: %s (further refusals are in the statistics)",
                self.spec.name, self.target, text,
            )  # fmt: skip

    def _sync(self, client: Client, asked: int) -> None:
        """Asked twice, since RV's first answer comes before the picture is drawn."""
        client.eval_mu("redraw(); frame();")
        client.eval_mu("frame();")
        self._until_shown(client)
        self._check_allocations(client, wait=True)
        with self._lock:
            self._answered = asked
            self._lock.notify_all()

    def _until_shown(self, client: Client) -> None:
        """Until a player's screens show what came; it draws beside answering.  RV does not, and
        does not know the question."""
        goal = None
        until = time.monotonic() + _SCREEN
        while True:
            try:
                counts = json.loads(client.request("player-admin", '{"do": "tiles"}'))["ok"]
            except (ValueError, KeyError, TypeError):
                return
            goal = counts["came"] if goal is None else goal
            if counts["shown"] >= goal or time.monotonic() > until:
                return
            time.sleep(_FRAME)
