"""`Image`: what a renderer calls.  It is made by `opening.open_image`."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Sequence
from copy import copy
from operator import index
from types import TracebackType
from typing import Any, Final, Self

from rvshell.client.address import Target
from rvshell.errors import DeadlineExceeded, PixelError, RvshellError
from rvshell.pixels.arrays import as_pixels
from rvshell.pixels.canvas import Canvas, Canvases, CanvasKey, Rectangle, has_contiguous_rows
from rvshell.pixels.checks import check_options, misfit, no_place
from rvshell.pixels.names import encode_layer, encode_name
from rvshell.pixels.sender import GOODBYE, Sender
from rvshell.pixels.spec import ImageSpec
from rvshell.pixels.statistics import Statistics
from rvshell.pixels.unclosed import look_after

__all__ = ["Image"]

MEMORY: Final = 48 << 20
"""Bytes of pixels that are kept for a viewer that is slow or comes back, by default."""

PATIENCE: Final = 2.0
"""Seconds that a renderer waits for a slow viewer before the oldest frame is given up."""

_AT_ONCE: Final = 0.5  # seconds for a goodbye when nothing more is to be sent
_LARGE: Final = 256 * 1024  # bytes of a tile that is copied without holding the lock
_numbers = iter(range(1, 1 << 62))


class Image:
    """An image that is being pushed; a context manager.  Its methods are thread-safe.

    A viewer that is not there, or goes away, never raises here: there is one log line (logger
    `rvshell.pixels`), and what is kept is sent when there is one again.  With `reconnect` False
    `sync` and `close` raise instead, when there is none left.

    An image that is not closed sends what waits when it is dropped or the program ends.  In a
    forked process it is closed: there an image of its own has to be opened.

    `memory` is how many bytes of pixels are kept at most; the frame that is being written is
    always kept whole.  That is what a viewer gets that was started again: the newest frame and the
    older ones that are still kept (the log says how many are not, the oldest go first); a render of
    many frames that must survive its viewer whole needs memory for all of them.  `patience` is
    how many seconds a new frame waits for a viewer that is slower than the renderer before the
    oldest frame is given up (None: as long as the viewer makes progress); one that has taken
    nothing at all since is not waited for again.  `timeout` is the
    number of seconds for everything the viewer is asked.  `show` False leaves the viewer's view
    where it is.  `compress` True lets a link be compressed that turns out to be slow, when both
    ends can, False does not; None leaves loopback alone (see `packing`).  `quiet` leaves the lines
    about viewers that go and come out: `statistics` tells.
    """

    def __init__(
        self,
        spec: ImageSpec,
        targets: Sequence[Target],
        *,
        memory: int = MEMORY,
        patience: float | None = PATIENCE,
        timeout: float = 30.0,
        reconnect: bool = True,
        show: bool = True,
        contact: str = "",
        compress: bool | None = None,
        quiet: bool = False,
    ) -> None:
        if not targets:
            raise PixelError(f"{spec.name}: there is nobody to push to", hint="name a target")
        check_options(spec.name, memory, patience, timeout, contact)
        self.spec = spec
        # entered as it is, not by its condition: a Ctrl-C in there would leave it locked
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._canvases = Canvases(spec, memory)
        self._dtype = self._canvases.dtype
        self._patience = patience
        self._timeout = timeout
        self._blocked = 0.0
        self._stuck = -1  # bytes that were sent when patience ended
        self._closed = ""  # why nothing can be sent any more
        self._frame = spec.frames[0]
        self._keys: dict[tuple[int | None, str | None, str | None], Canvas] = {}
        number = next(_numbers)
        self._senders = [
            Sender(
                spec, target, lock=self._changed, canvases=self._canvases,
                # RV refuses a second contact of the same name
                name=contact or f"rv-shell-{os.getpid()}-push{number}", timeout=timeout,
                reconnect=reconnect, show=show, compress=compress, quiet=quiet,
            )
            for target in targets
        ]  # fmt: skip
        look_after(self, self._senders)
        for sender in self._senders:
            sender.start()
        self._wait(lambda: all(s.tried for s in self._senders), PATIENCE)

    def require(self) -> None:
        """Wait for the targets; a target that does not let us in is given up.

        For programs that have nothing to do without a viewer.  Raises LinkError, RemoteError,
        Refused or DeadlineExceeded when there is none.
        """
        with self._lock:
            self._check_open()
        self._wait(lambda: all(s.connected or not s.alive for s in self._senders), self._timeout)
        for sender in self._senders:
            if sender.error is None and not sender.connected:
                sender.fail(
                    DeadlineExceeded(
                        f"{sender.target} did not let us in within {self._timeout:g} s",
                        hint="the user of the far end may be being asked",
                        seconds=self._timeout,
                    )
                )
        errors = self.errors
        if errors[0] is not None and None not in errors:
            raise copy(errors[0])

    def check(self) -> None:
        """Raise what has ended the connection, with `reconnect` False: of several, when all
        have ended."""
        errors = self.errors
        if errors[0] is not None and None not in errors and not self._senders[0].reconnects:
            raise copy(errors[0])

    @property
    def errors(self) -> list[RvshellError | None]:
        """For each target what has ended it for good; None while there is hope."""
        return [s.error for s in self._senders]

    # -- pixels ----------------------------------------------------------------------

    def send_tile(
        self,
        x: int,
        y: int,
        pixels: Any,
        *,
        frame: int | None = None,
        layer: str | None = None,
        view: str | None = None,
        size: tuple[int, int] | None = None,
        bottom_up: bool = False,
    ) -> None:
        """Pixels of a rectangle; copied, so that the caller's memory is free at once.

        `x`, `y` is its upper left corner, counted from the upper left of the stored pixels
        (with `bottom_up` its lower left one, counted from the lower left, and the rows run
        upward).  `pixels` is (height, width, channels) of the image's type, or flat with
        `size` (width, height).  `frame` stays what it was when left out; `layer` and `view`
        are the first ones.  Raises PixelError.
        """
        array = as_pixels(pixels, self._dtype, self.spec.channels, size)
        try:
            x, y = index(x), index(y)
        except TypeError:
            raise no_place(x, y) from None
        height, width = array.shape[:2]
        all_height, all_width, _ = self._canvases.shape
        if not (0 <= x <= all_width - width and 0 <= y <= all_height - height and array.size):
            raise misfit(x, y, width, height, self.spec.size)
        if not bottom_up:
            array = array[::-1]
            y = all_height - y - height
        with self._lock:
            canvas = self._keys.get((frame, layer, view))
            if canvas is None or canvas.borrowed:
                whole = width == all_width and height == all_height
                canvas = self._writable(frame, layer, view, whole)
            large = array.nbytes > _LARGE
            if large:
                canvas.writers += 1
            else:
                canvas.array[y : y + height, x : x + width] = array
                self._wrote(canvas, (x, y, width, height))
        if large:
            try:
                canvas.array[y : y + height, x : x + width] = array
            finally:
                with self._lock:
                    canvas.writers -= 1
                    self._wrote(canvas, (x, y, width, height))

    def send_channels(
        self,
        x: int,
        y: int,
        pixels: Any,
        channels: Sequence[int],
        *,
        frame: int | None = None,
        layer: str | None = None,
        view: str | None = None,
    ) -> None:
        """As `send_tile`, of some channels only; the others stay as they are.

        `pixels` is (height, width, len(channels)), `channels` are their numbers (0 is red).
        """
        if list(channels) == list(range(self.spec.channels)):
            self.send_tile(x, y, pixels, frame=frame, layer=layer, view=view)
            return
        array = as_pixels(pixels, self._dtype, len(channels))[::-1]
        try:
            x, y = index(x), index(y)
        except TypeError:
            raise no_place(x, y) from None
        height, width = array.shape[:2]
        all_height, all_width, depth = self._canvases.shape
        if not (0 <= x <= all_width - width and 0 <= y <= all_height - height and array.size):
            raise misfit(x, y, width, height, self.spec.size)
        if not all(0 <= channel < depth for channel in channels):
            raise PixelError(f"channels {list(channels)} of an image of {depth}")
        y = all_height - y - height
        with self._lock:
            canvas = self._writable(frame, layer, view, False)
            for number, channel in enumerate(channels):
                canvas.array[y : y + height, x : x + width, channel] = array[:, :, number]
            self._wrote(canvas, (x, y, width, height))

    def send(
        self,
        pixels: Any,
        *,
        frame: int | None = None,
        layer: str | None = None,
        view: str | None = None,
        bottom_up: bool = False,
        copy: bool = True,
    ) -> None:
        """All pixels of a frame, layer and view.

        With `copy` False they are sent from the caller's memory, if its rows are contiguous:
        it must not be changed before `sync` returns, nor later when a viewer that comes back
        is to get the same picture.  Raises PixelError.
        """
        all_height, all_width, _ = self._canvases.shape
        if copy:
            self.send_tile(
                0, 0, pixels, frame=frame, layer=layer, view=view, size=(all_width, all_height),
                bottom_up=bottom_up,
            )  # fmt: skip
            return
        array = as_pixels(pixels, self._dtype, self.spec.channels, (all_width, all_height))
        if not has_contiguous_rows(array):
            self.send(array, frame=frame, layer=layer, view=view, bottom_up=bottom_up)
            return
        if not bottom_up:
            array = array[::-1]
        with self._lock:
            self._check_open()
            key = self._key(frame, layer, view)
            canvas = self._kept(key)
            if canvas is None:
                canvas = self._canvases.adopt(key, array)
            else:
                self._canvases.lend(canvas, array, read=self._is_read(canvas))
            self._wrote(canvas, canvas.full)

    def grow(self, frame: int, layers: Iterable[str] = (), views: Iterable[str] = ()) -> None:
        """Let the range go as far as *frame*, and more layers and views be pushed, when they
        may not yet.  Raises PixelError."""
        with self._lock:
            spec = self.spec.grown(frame, layers, views)
            if spec == self.spec:
                return
            self.spec = spec
            for sender in self._senders:
                sender.grow(spec)

    # -- canvases, with the lock held --------------------------------------------------

    def _check_open(self) -> None:
        if self._closed:
            raise PixelError(f"{self.spec.name} {self._closed}")

    def _key(self, frame: int | None, layer: str | None, view: str | None) -> tuple[int, str, str]:
        spec = self.spec
        if frame is None:
            frame = self._frame
        elif not spec.frames[0] <= frame <= spec.frames[1]:
            raise PixelError(
                f"frame {frame} is not in {spec.frames[0]} … {spec.frames[1]}",
                hint="open the image with the whole range",
            )
        for name, names, what in ((layer, spec.layers, "layer"), (view, spec.views, "view")):
            if name is not None and name not in names:
                raise PixelError(
                    f"{what} {name!r} was not declared",
                    hint=f"it has {', '.join(names)}" if names else f"it has no {what}s",
                )
        return (
            frame,
            encode_name(view, "view") if view is not None else (spec.wire_views or ("",))[0],
            encode_layer(layer) if layer is not None else (spec.wire_layers or ("",))[0],
        )

    def _wrote(self, canvas: Canvas, rectangle: Rectangle) -> None:
        canvas.note(rectangle)
        for sender in self._senders:
            sender.add(canvas, rectangle)

    def _writable(
        self, frame: int | None, layer: str | None, view: str | None, whole: bool
    ) -> Canvas:
        """The canvas to write to, made when needed; `whole`: all of it will be written."""
        self._check_open()
        key = self._key(frame, layer, view)
        if key[0] != self._frame:
            self._frame = key[0]
            self._keys.clear()
        canvas = self._kept(key) or self._canvases.create(key, blank=not whole)
        self._canvases.own(canvas, copy=not whole)
        self._keys[frame, layer, view] = self._keys[key[0], layer, view] = canvas
        return canvas

    def _kept(self, key: CanvasKey) -> Canvas | None:
        """The canvas of *key*; None when there is none, but room for it."""
        if self._canvases.get(key) is None:
            self._make_room(key[0])
            self._check_open()
        return self._canvases.get(key)  # while there was no room another thread may have made it

    def _make_room(self, frame: int) -> None:
        """Give up what was sent, wait for what is being sent, give up what is not."""
        size = self.spec.frame_bytes
        started = time.monotonic()
        moved, sent = started, self._sent()
        while self._canvases.over(size) and (old := self._canvases.oldest(frame)):
            free = next((c for c in old if not self._is_pending(c)), None)
            if free is None:
                now = time.monotonic()
                if self._patience is None:
                    if self._sent() != sent:
                        moved, sent = now, self._sent()
                    left = moved + self._timeout - now
                else:
                    stuck = self._sent() == self._stuck
                    left = 0.0 if stuck else started + self._patience - now
                if left > 0:
                    self._changed.wait(left)
                    self._blocked += time.monotonic() - now
                    continue
                self._stuck = self._sent()
                free = old[0]
            for sender in self._senders:
                sender.give_up(free)
            self._keys.clear()
            self._canvases.forget(free, read=self._is_read(free))

    def _is_pending(self, canvas: Canvas) -> bool:
        return any(s.needs(canvas) for s in self._senders)

    def _is_read(self, canvas: Canvas) -> bool:
        return any(s.reads(canvas) for s in self._senders)

    def _sent(self) -> int:
        return sum(s.sent for s in self._senders)

    # -- waiting ---------------------------------------------------------------------

    def _wait(self, condition: Any, timeout: float) -> bool:
        until = time.monotonic() + timeout
        with self._lock:
            while not condition():
                left = until - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(left)
        return True

    def sync(self, timeout: float | None = None) -> bool:
        """Wait until every viewer has everything and shows it (RV: has drawn it).

        False when that did not happen within `timeout` seconds (None: the image's), or a viewer
        is not there.  With `reconnect` False the reason is raised: LinkError, RemoteError or
        DeadlineExceeded.  PixelError when the image is closed.
        """
        with self._lock:
            self._check_open()
            tickets = [(s, s.ask()) for s in self._senders]
        seconds = self._timeout if timeout is None else timeout
        done = self._wait(
            lambda: all(s.answered(t) or not s.connected for s, t in tickets), seconds
        )
        self.check()
        if not done and not self._senders[0].reconnects:
            raise DeadlineExceeded(
                f"{self.spec.name}: not taken within {seconds:g} s",
                hint="the far end may be busy",
                seconds=seconds,
            )
        return all(s.answered(t) for s, t in tickets)

    @property
    def connected(self) -> bool:
        """Is every viewer there?"""
        return all(s.connected for s in self._senders)

    @property
    def waiting(self) -> int:
        """Tiles that have not been sent, of all targets together."""
        with self._lock:
            return sum(len(s.pending) for s in self._senders)

    @property
    def nodes(self) -> list[str]:
        """The name of the source node at each target, "" while it is not there."""
        return [s.node for s in self._senders]

    @property
    def statistics(self) -> list[Statistics]:
        """One for each target."""
        with self._lock:
            return [s.statistics(self._blocked) for s in self._senders]

    # -- the end ---------------------------------------------------------------------

    def close(self, *, flush: bool = True) -> None:
        """Send what waits, say goodbye, end the threads.

        A viewer that takes nothing for `patience` seconds (at least 2; None: `timeout`) is not
        waited for any longer: what it has not taken goes on in the background, at the latest until
        the program ends.  May be called twice.  With `reconnect` False such a viewer is given up,
        and what ended a connection is raised.
        """
        if self._closed:
            return
        late = self._drain() if flush else []
        with self._lock:
            self._closed = "is closed"
            self._keys.clear()
            for sender in self._senders:
                if sender not in late:
                    sender.stop()
        for sender in late:
            sender.finish()
        until = time.monotonic() + (GOODBYE if flush else _AT_ONCE)
        for sender in self._senders:
            if sender not in late:
                sender.end(until)
        if flush:
            self.check()

    def _drain(self) -> list[Sender]:
        """Wait until everything is sent; the senders whose viewers do not take it."""
        seconds = self._timeout if self._patience is None else max(PATIENCE, self._patience)
        with self._lock:
            while left := [s for s in self._senders if s.left]:
                longest = seconds - min(s.stalled for s in left)
                if longest <= 0:
                    break
                self._changed.wait(longest)
        for sender in left:
            sender.late(seconds)
        return [s for s in left if s.alive]

    def left_to_parent(self) -> None:
        """This process was forked from the one that sends it."""
        self._lock = threading.RLock()  # another thread may have held the old one
        self._changed = threading.Condition(self._lock)
        self._closed = "belongs to the process that opened it; open one in this process"
        self._keys.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close(flush=kind is None or issubclass(kind, (KeyboardInterrupt, SystemExit)))
