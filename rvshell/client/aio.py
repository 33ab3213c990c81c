"""The asyncio client: the same verbs as the blocking one, awaited.

    async with await AsyncClient.connect() as rv:
        await rv.eval_mu("play()")

The heartbeat stays on: the event loop answers PING at any time, and a silent far end is
noticed.  Requests of several tasks may overlap; replies come in the order of requests.
Large payloads are written in pieces, waiting for the socket in between; what must be
sent meanwhile (a request of another task, PONG) follows when the payload is complete.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, TypeVar, cast

from rvshell.client.core import Buffer, Core, EventCallback, Pending, check_mu, tile_views
from rvshell.client.stream import connection_failed, needs_more
from rvshell.errors import (
    ConnectionLost,
    DeadlineExceeded,
    RemoteProtocolError,
    RvshellError,
)
from rvshell.protocol import (
    DEFAULT_PORT,
    DataEvent,
    Event,
    Greeting,
    PixelTile,
    Timing,
    UnknownMessage,
    encode_data_header,
    encode_event,
)

if TYPE_CHECKING:
    from rvshell.client.dialing import Opened

__all__ = ["AsyncClient"]

_T = TypeVar("_T")

TIMEOUT: Final = 30.0
CLOSE_TIMEOUT: Final = 2.0
TICK: Final = 1.0  # seconds between two looks at the clocks
_PIECE: Final = 256 * 1024  # bytes of payload between two looks at the flow control


class AsyncClient(asyncio.BufferedProtocol):
    """A connection to a player or RV; made by `connect`.

    `timeout` is the default of every wait, in seconds.  Errors are those of `Client`.
    """

    def __init__(self, name: str, app: str, timeout: float, heartbeat: bool) -> None:
        self.timeout = timeout
        self._core = Core(
            name,
            app,
            now=time.monotonic(),
            timing=Timing(greeting=timeout, heartbeat=heartbeat),
        )
        self._heartbeat = heartbeat
        self._transport: asyncio.Transport | None = None
        self._greeted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._writable = asyncio.Event()
        self._writable.set()
        self._sending = asyncio.Lock()
        self._in_payload = False
        self._deferred: list[bytes] = []
        self._opened: Opened | None = None
        self._ticker: asyncio.Task[None] | None = None

    @classmethod
    async def connect(
        cls,
        host: str = "127.0.0.1",
        port: int = DEFAULT_PORT,
        *,
        name: str = "rvshell-1",
        app: str = "rvshell",
        timeout: float = TIMEOUT,
        heartbeat: bool = True,
        sock: socket.socket | None = None,
        scheme: str = "",
        user: str = "",
        ssh_port: int = 0,
        accept: Callable[[str, int, str], bool] | None = None,
    ) -> Self:
        """Connect (or take the connected `sock`) and exchange greetings.

        The arguments, and what is raised, are those of `Client.connect`.
        """
        if sock is None and needs_more(scheme, host):
            from rvshell.client.dialing import open_connection

            opened = await asyncio.to_thread(
                open_connection, scheme, host, port,
                timeout=timeout, user=user, ssh_port=ssh_port, accept=accept,
            )  # fmt: skip
            try:
                client = await cls.connect(
                    host, port, name=name, app=app, timeout=timeout, heartbeat=heartbeat,
                    sock=opened.sock,
                )  # fmt: skip
            except RvshellError as error:
                explained = await asyncio.to_thread(opened.explain, error)
                await asyncio.to_thread(opened.close)
                raise explained from None
            client._opened = opened
            return client
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout
        where = {"sock": sock} if sock is not None else {"host": host, "port": port}
        try:
            _, made = await asyncio.wait_for(
                loop.create_connection(lambda: cls(name, app, timeout, heartbeat), **where),
                timeout,
            )
        except (OSError, UnicodeError, OverflowError) as error:
            raise connection_failed(error, host, port, timeout) from None
        try:
            await asyncio.wait_for(asyncio.shield(made._greeted), max(0.0, until - loop.time()))
        except asyncio.CancelledError:  # whoever waited has given up
            made._abort()
            raise
        except TimeoutError:
            made._abort()
            raise DeadlineExceeded(
                f"no greeting within {timeout:g} s",
                hint="the user of the far end may be being asked, or it is no RV",
                seconds=timeout,
            ) from None
        if not heartbeat:
            made._write(made._core.connection.control_heartbeat(False))
        made._ticker = loop.create_task(made._tick())
        return made

    # -- talking ---------------------------------------------------------------------

    async def event(self, name: str, contents: str = "", target: str = "*") -> None:
        """Send EVENT; there is no reply."""
        self._core.check()
        self._write(encode_event(name, contents, target))
        await self._drain()

    def submit(self, name: str, contents: str = "") -> asyncio.Future[str]:
        """Send RETURNEVENT now; the future is its reply."""
        pending, data = self._core.request(name, contents)
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def finished(done: Pending) -> None:
            if future.done():  # its waiter gave up
                return
            if done.error is None:
                future.set_result(done.contents)
            else:
                future.set_exception(done.error)
                future.exception()  # nobody may be waiting for it

        pending.callback = finished
        self._write(data)
        return future

    async def request(self, name: str, contents: str = "", timeout: float | None = None) -> str:
        """Send RETURNEVENT and wait for the reply's contents."""
        seconds = self.timeout if timeout is None else timeout
        return await self._reply(self.submit(name, contents), name, seconds)

    async def request_many(
        self, requests: Iterable[tuple[str, str]], timeout: float | None = None
    ) -> list[str]:
        """Send many (name, contents) at once and wait for all replies, in order."""
        seconds = self.timeout if timeout is None else timeout
        futures = [self.submit(name, contents) for name, contents in requests]
        everything = asyncio.gather(*futures)
        return await self._reply(everything, f"{len(futures)} requests", seconds)

    async def _reply(self, future: asyncio.Future[_T], what: str, seconds: float) -> _T:
        try:
            return await asyncio.wait_for(future, seconds)
        except DeadlineExceeded:
            raise
        except TimeoutError:
            raise DeadlineExceeded(
                f"no reply to {what!r} within {seconds:g} s",
                hint="the far end may be busy",
                seconds=seconds,
            ) from None

    async def eval_mu(self, code: str, timeout: float | None = None) -> str:
        """Evaluate Mu; its value as RV displays it.  Raises RemoteError."""
        return check_mu(code, await self.request("remote-eval", code, timeout))

    async def eval_python(self, code: str, timeout: float | None = None) -> str:
        """Evaluate a Python expression; `str()` of its value, exceptions as text."""
        return await self.request("remote-pyeval", code, timeout)

    async def exec_python(self, code: str, timeout: float | None = None) -> None:
        """Execute Python statements and wait until they have run."""
        await self.request("remote-pyexec", code, timeout)

    async def send_tile(self, header: PixelTile, data: Buffer, *more: Buffer) -> None:
        """Send a tile of pixels, rows upward; the size is taken from the buffers."""
        await self._send_data(tile_views(header, data, more))

    async def send_tiles(self, tiles: Iterable[tuple[PixelTile, Buffer]]) -> None:
        """Send many tiles; small ones share system calls, large ones go from where they are."""
        batch: list[bytes | memoryview] = []
        size = 0
        for header, data in tiles:
            views = tile_views(header, data)
            large = len(views[1]) >= _PIECE
            if not large:
                batch += views
                size += len(views[0]) + len(views[1])
            if batch and (large or size >= _PIECE):
                await self._send_data([b"".join(batch)])
                batch, size = [], 0
            if large:
                await self._send_data(views)
        if batch:
            await self._send_data([b"".join(batch)])

    async def send_data(
        self, event: str, content_type: str, data: Buffer, target: str = "*"
    ) -> None:
        """Send a DATAEVENT, at least one byte."""
        view = memoryview(data).cast("B")
        header = encode_data_header(DataEvent(event, target, content_type, view.nbytes))
        await self._send_data([header, view])

    async def _send_data(self, buffers: Iterable[bytes | memoryview]) -> None:
        async with self._sending:
            self._core.check()
            self._in_payload = True
            whole = False
            try:
                for buffer in buffers:
                    view = memoryview(buffer)
                    for start in range(0, len(view), _PIECE):
                        await self._drain()
                        if self._transport is not None:
                            self._transport.write(view[start : start + _PIECE])
                whole = True
            finally:
                self._in_payload = False
                if not whole:  # half a record: nothing can follow it
                    self._fail(ConnectionLost("a payload was interrupted"))
                    self._abort()
            deferred, self._deferred = self._deferred, []
            for data in deferred:
                self._write(data)
            await self._drain()

    # -- listening -------------------------------------------------------------------

    def on_event(self, callback: EventCallback) -> None:
        """Call `callback(event)` for each EVENT that comes."""
        self._core.callbacks.append(callback)

    @property
    def messages(self) -> deque[Event | DataEvent | UnknownMessage]:
        """What came besides replies, oldest first, at most 1000; take from the left."""
        return self._core.messages

    @property
    def peer(self) -> Greeting | None:
        """The far end's greeting."""
        return self._core.peer

    @property
    def closed(self) -> bool:
        """True when the connection is over, from either side."""
        return self._core.error is not None

    async def wait_closed(self) -> None:
        """Wait until the connection is over."""
        await asyncio.shield(self._gone)

    async def close(self) -> None:
        """Say DISCONNECT and close; may be called twice."""
        if self._core.error is None:
            self._write(self._core.connection.disconnect())
            self._fail(ConnectionLost("the client is closed"))
            if self._transport is not None:
                self._transport.close()
        if self._ticker is not None:
            self._ticker.cancel()
        try:
            await asyncio.wait_for(asyncio.shield(self._gone), CLOSE_TIMEOUT)
        except TimeoutError:
            self._abort()
        if self._opened is not None:
            await asyncio.to_thread(self._opened.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    # -- from asyncio ----------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._core.connection.start())

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._core.get_buffer()

    def buffer_updated(self, nbytes: int) -> None:
        try:
            output = self._core.buffer_updated(nbytes, time.monotonic())
        except RemoteProtocolError as error:
            self._fail(error)
            self._abort()
            return
        if output:
            self._write(output)
        if self._core.error is not None:
            self._fail(self._core.error)
            if self._transport is not None:
                self._transport.close()
        elif self._core.peer is not None and not self._greeted.done():
            self._greeted.set_result(None)

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(self._core.end_of_stream())
        self._writable.set()
        if self._ticker is not None:
            self._ticker.cancel()
        if not self._gone.done():
            self._gone.set_result(None)

    # -- bytes -----------------------------------------------------------------------

    def _write(self, data: bytes) -> None:
        if self._in_payload:
            self._deferred.append(data)
        elif self._transport is not None:
            self._transport.write(data)

    async def _drain(self) -> None:
        self._core.check()
        if self._writable.is_set():
            return
        try:
            await asyncio.wait_for(self._writable.wait(), self.timeout)
        except TimeoutError:
            raise DeadlineExceeded(
                "the far end does not take any more data",
                hint="is it busy or stopped?",
                seconds=self.timeout,
            ) from None
        self._core.check()

    async def _tick(self) -> None:
        while self._core.error is None:
            await asyncio.sleep(TICK)
            output = self._core.timer(time.monotonic())
            if output:
                self._write(output)
            if self._core.error is not None:
                self._abort()

    def _fail(self, error: RvshellError) -> None:
        self._core.fail(error)
        if not self._greeted.done():
            self._greeted.set_exception(error)
            self._greeted.exception()  # nobody may be waiting for it

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()
