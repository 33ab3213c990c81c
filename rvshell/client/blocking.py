"""The blocking client: one thread, no event loop, a deadline on every wait.

    with Client.connect("127.0.0.1") as rv:
        rv.eval_mu("play()")
        print(rv.eval_mu("frame()"))

A blocking client cannot answer PING while its program does something else, so it turns
the heartbeat off after the greeting, as RV's own rvshell and rvpush do; PINGs that come
while it waits are answered all the same.  A Client belongs to one thread at a time.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from rvshell.client import stream
from rvshell.client.core import Buffer, Core, EventCallback, Pending, check_mu, tile_views
from rvshell.client.stream import Stream, dial, needs_more
from rvshell.errors import ConnectionLost, DeadlineExceeded, RemoteProtocolError, RvshellError
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

__all__ = ["Client"]

TIMEOUT: Final = 30.0
"""Seconds for connecting and for a reply, unless told otherwise: RV's rvshell waits as
long for the answer to its longest request."""

_SPIN: Final = 0.0003
_SLEEPS: Final = 64
"""Seconds that a reply is looked for before sleeping, and replies that are slept for at once after
one that took longer."""

CLOSE_TIMEOUT: Final = 2.0
"""Seconds that close() waits for the far end to take the last bytes."""


class Client:
    """A connection to a player or RV; made by `connect` or around a connected socket.

    `timeout` is the default of every wait, in seconds.  Every method raises
    ConnectionLost when the connection ends, DeadlineExceeded when its time is over, and
    RemoteProtocolError when what comes is not RV's protocol.
    """

    def __init__(
        self,
        sock: socket.socket,
        *,
        name: str = "rvshell-1",
        app: str = "rvshell",
        timeout: float = TIMEOUT,
        heartbeat: bool = False,
    ) -> None:
        self.timeout = timeout
        self._core = Core(
            name, app, now=time.monotonic(), timing=Timing(greeting=timeout, heartbeat=False)
        )
        self._stream = Stream(sock, self._receive)
        self._sleeps = 0
        self._closed = False
        self._opened: Opened | None = None
        try:
            self._greet(heartbeat, time.monotonic() + timeout)
        except BaseException:
            self._stream.close()
            self._closed = True
            raise

    @classmethod
    def connect(
        cls,
        host: str = "127.0.0.1",
        port: int = DEFAULT_PORT,
        *,
        name: str = "rvshell-1",
        app: str = "rvshell",
        timeout: float = TIMEOUT,
        heartbeat: bool = False,
        scheme: str = "",
        user: str = "",
        ssh_port: int = 0,
        accept: Callable[[str, int, str], bool] | None = None,
    ) -> Self:
        """Connect and exchange greetings; `timeout` seconds for both, and for later waits.

        `scheme` is "", "tls" (`accept` is asked about an unknown certificate) or "ssh" (as
        `user`, at `ssh_port`); a token that is known for the host is proved first.

        Raises ConnectionFailed (refused, unknown host, no answer), DeadlineExceeded (no
        greeting: the user of the far end may be being asked), ConnectionLost (denied),
        Refused (certificate or identity).
        """
        if not needs_more(scheme, host):
            sock = dial(host, port, timeout)
            return cls(sock, name=name, app=app, timeout=timeout, heartbeat=heartbeat)
        from rvshell.client.dialing import open_connection

        opened = open_connection(
            scheme, host, port, timeout=timeout, user=user, ssh_port=ssh_port, accept=accept
        )
        try:
            client = cls(opened.sock, name=name, app=app, timeout=timeout, heartbeat=heartbeat)
        except RvshellError as error:
            explained = opened.explain(error)
            opened.close()
            raise explained from None
        client._opened = opened
        return client

    def _greet(self, heartbeat: bool, until: float) -> None:
        self._stream.send_one(self._core.connection.start(), until)
        while self._core.peer is None:
            came = self._pump(until)
            self._core.check()
            if not came:
                raise DeadlineExceeded(
                    f"no greeting within {self.timeout:g} s",
                    hint="the user of the far end may be being asked, or it is no RV",
                    seconds=self.timeout,
                )
        if not heartbeat:
            self._stream.send_one(self._core.connection.control_heartbeat(False), until)

    # -- talking ---------------------------------------------------------------------

    def event(self, name: str, contents: str = "", target: str = "*") -> None:
        """Send EVENT; there is no reply.  Raises LocalProtocolError."""
        self._send(encode_event(name, contents, target))

    def request(self, name: str, contents: str = "", timeout: float | None = None) -> str:
        """Send RETURNEVENT and wait for the reply's contents."""
        return self.wait(self.submit(name, contents), timeout)

    def submit(self, name: str, contents: str = "") -> Pending:
        """Send RETURNEVENT without waiting; `wait()` gets the reply."""
        pending, data = self._core.request(name, contents)
        self._send(data)
        return pending

    def request_many(
        self, requests: Iterable[tuple[str, str]], timeout: float | None = None
    ) -> list[str]:
        """Send many (name, contents) at once and wait for all replies, in order.

        Much faster than one after the other: the far end answers while it is being
        asked.  The deadline is for all of them.
        """
        seconds = self.timeout if timeout is None else timeout
        until = time.monotonic() + seconds
        pendings: list[Pending] = []
        batch: list[bytes] = []
        for name, contents in requests:
            pending, data = self._core.request(name, contents)
            pendings.append(pending)
            batch.append(data)
            if len(batch) == 256:
                self._send(b"".join(batch), until)
                batch.clear()
        if batch:
            self._send(b"".join(batch), until)
        if pendings:
            self._wait(pendings[-1], until, seconds)
        return [pending.result() for pending in pendings]

    def wait(self, pending: Pending, timeout: float | None = None) -> str:
        """Wait for the reply of a submitted request."""
        if not pending.done:
            seconds = self.timeout if timeout is None else timeout
            self._wait(pending, time.monotonic() + seconds, seconds)
        return pending.result()

    def eval_mu(self, code: str, timeout: float | None = None) -> str:
        """Evaluate Mu and return its value as RV displays it.

        Raises RemoteError when the reply is RV's `ERROR: remote-eval:` text.
        """
        return check_mu(code, self.request("remote-eval", code, timeout))

    def eval_python(self, code: str, timeout: float | None = None) -> str:
        """Evaluate a Python expression; `str()` of its value, "" for None.

        An exception comes back as text (`<class 'NameError'>: …`): RV does not mark it.
        """
        return self.request("remote-pyeval", code, timeout)

    def exec_python(self, code: str, timeout: float | None = None) -> None:
        """Execute Python statements and wait until they have run; errors show only at the
        far end."""
        self.request("remote-pyexec", code, timeout)

    def send_tile(self, header: PixelTile, data: Buffer, *more: Buffer) -> None:
        """Send a tile of pixels, rows upward; `more` are further pieces of the payload.

        The size is taken from the buffers, which are sent from where they are and as they are:
        it is `rvshell.pixels` that compresses for slow links.
        """
        self._send(tile_views(header, data, more))

    def send_tiles(self, tiles: Iterable[tuple[PixelTile, Buffer]]) -> None:
        """Send many tiles; small ones share system calls."""
        batch: list[bytes | memoryview] = []
        size = 0
        for header, data in tiles:
            views = tile_views(header, data)
            batch += views
            size += len(views[1])
            if len(batch) >= 512 or size >= 1 << 20:
                self._send(batch)
                batch = []
                size = 0
        if batch:
            self._send(batch)

    def send_encoded(self, buffers: Sequence[stream.Buffer], unsent: int = stream.UNSENT) -> None:
        """Send whole records that are encoded already (`protocol.encode_tile_header` and the
        like), gathered from where they are; for senders of very many tiles.  So many bytes of it
        may wait in the kernel to be sent."""
        self._stream.limit(unsent)
        self._send(buffers)

    def send_data(self, event: str, content_type: str, data: Buffer, target: str = "*") -> None:
        """Send a DATAEVENT, at least one byte."""
        view = memoryview(data).cast("B")
        header = encode_data_header(DataEvent(event, target, content_type, view.nbytes))
        self._send([header, view])

    # -- listening -------------------------------------------------------------------

    def on_event(self, callback: EventCallback) -> None:
        """Call `callback(event)` for each EVENT that comes, while this client waits."""
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
    def far_address(self) -> str:
        """The far end's IP address; "" when TLS or ssh is in between."""
        try:
            name = self._stream.sock.getpeername()
        except OSError:  # it is gone
            return ""
        return str(name[0]) if isinstance(name, tuple) else ""

    def process(self, timeout: float = 0.0) -> bool:
        """Work off what has come, waiting at most `timeout` seconds for the first of it.

        True when something came.  Call it now and then to get events between requests.
        """
        self._core.check()
        came = self._pump(time.monotonic() + timeout)
        self._core.check()
        return came

    @property
    def closed(self) -> bool:
        """True when the connection is over, from either side."""
        return self._closed or self._core.error is not None

    @property
    def moved(self) -> float:
        """The monotonic time when the far end last took something that had to wait."""
        return self._stream.moved

    def abort(self) -> None:
        """Cut the connection, from another thread: whatever waits there ends with
        ConnectionLost."""
        self._stream.abort()

    def close(self) -> None:
        """Say DISCONNECT and close; may be called twice, never raises for a lost peer."""
        if self._closed:
            return
        if self._core.error is None:
            with contextlib.suppress(ConnectionLost, DeadlineExceeded, RemoteProtocolError):
                until = time.monotonic() + CLOSE_TIMEOUT
                self._send(self._core.connection.disconnect(), until)
                # closing with unread bytes would reset the connection under our last ones
                with contextlib.suppress(OSError):
                    self._stream.sock.shutdown(socket.SHUT_WR)
                while self._core.error is None and self._pump(until):
                    pass
        self._closed = True
        self._core.fail(ConnectionLost("the client is closed"))
        self._stream.close()
        if self._opened is not None:
            self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- bytes -----------------------------------------------------------------------

    def _send(self, data: bytes | Sequence[stream.Buffer], until: float | None = None) -> None:
        if self._core.error is not None:
            self._core.check()
        if until is None:
            until = time.monotonic() + self.timeout
        try:
            if isinstance(data, bytes):
                self._stream.send_one(data, until)
            else:
                self._stream.send(data, until)
        except (ConnectionLost, DeadlineExceeded) as error:
            self._read_last_words()
            self._core.fail(error)  # a record may be half sent: nothing can follow it
            self._stream.close()
            raise

    def _read_last_words(self) -> None:
        """Replies that came before the connection broke still count."""
        with contextlib.suppress(ConnectionLost, RemoteProtocolError):
            while self._core.error is None and self._receive():
                pass

    def _wait(self, pending: Pending, until: float, seconds: float) -> None:
        if self._sleeps:
            self._sleeps -= 1
        elif self._stream.plain:
            self._catch(pending)
        while not pending.done:
            if not self._pump(until):
                raise DeadlineExceeded(
                    f"no reply to {pending.name!r} within {seconds:g} s",
                    hint="the far end may be busy",
                    seconds=seconds,
                )

    def _catch(self, pending: Pending) -> None:
        """Look for the reply without going to sleep: a player of this machine answers sooner
        than a sleeping process is woken.  Where it does not, the next ones are slept for."""
        clock, recv_into, get_buffer = (
            time.perf_counter, self._stream.sock.recv_into, self._core.get_buffer
        )  # fmt: skip
        stop = clock() + _SPIN
        memory = get_buffer()
        while not pending.done:
            try:
                count = recv_into(memory)
            except BlockingIOError:
                pass
            except OSError:  # whoever waits now sees it as well
                return
            else:
                self._came(count)
                memory = get_buffer()
            if clock() > stop:
                self._sleeps = _SLEEPS
                return

    def _pump(self, until: float) -> bool:
        """Wait for bytes and work them off; False when `until` has passed, or when the
        connection is over."""
        stream = self._stream
        # poll sees what a plain socket holds; what a TLS one holds back only reading tells
        if not stream.plain and self._receive():
            return True
        while self._core.error is None and stream.wait_readable(until):
            if self._receive():
                return True
        return False

    def _receive(self) -> bool:
        """Work off what is there; True when something was."""
        core = self._core
        if core.error is not None:
            return False
        try:
            count = self._stream.recv_into(core.get_buffer())
        except ConnectionLost as error:
            core.fail(error)
            return True
        if count is None:
            return False
        self._came(count)
        return True

    def _came(self, count: int) -> None:
        """Work off so many bytes that were received, 0 at the end of the stream."""
        core = self._core
        try:
            if count == 0:
                raise core.end_of_stream()
            output = core.buffer_updated(count, time.monotonic())
        except (ConnectionLost, RemoteProtocolError) as error:
            core.fail(error)
            return
        if output:
            self._stream.send_one(output, time.monotonic() + self.timeout)
