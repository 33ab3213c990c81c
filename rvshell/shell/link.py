"""The connection of an interactive shell, in a thread with an event loop of its own.

The user may think for an hour: the heartbeat must be answered meanwhile, events must arrive, and
a far end that went away must be found again. So the asyncio client lives here, and the main
thread asks it by `call`, a wait that Ctrl-C ends without harming the connection: the reply that
nobody waits for any more is thrown away in its turn.

When the connection is lost the link dials again after 0.5 s, then less and less often up to
every 30 s, each time a little randomly, until it is told to stop. `hurry` dials at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, TypeVar

from rvshell.client import AsyncClient
from rvshell.errors import DeadlineExceeded, LinkError, RvshellError
from rvshell.shell.board import Board
from rvshell.shell.events import PENDING, REQUEST, open_requests
from rvshell.shell.refresh import Refresher
from rvshell.verbs import telling
from rvshell.verbs.target import Target

__all__ = ["Link", "backoff"]

T = TypeVar("T")

FIRST_WAIT = 0.5  # seconds before the first new attempt
LONGEST_WAIT = 30.0
CONNECT_TIMEOUT = 10.0  # seconds of an attempt in the background
PATIENCE = 3.0  # seconds of silence before the user is told what is waited for
SLACK = 1.0  # seconds that the main thread waits longer than the link does


def backoff(attempt: int, chance: float) -> float:
    """Seconds before the attempt of that number (from 0); *chance* is from 0 to 1."""
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempt, 10)) * (0.75 + 0.25 * chance)


class _Waited:
    """Work of the loop that another thread waits for, and may give up."""

    def __init__(self) -> None:
        self.task: asyncio.Task[Any] | None = None
        self.given_up = False

    async def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        if self.given_up:
            coroutine.close()
            raise asyncio.CancelledError
        self.task = asyncio.current_task()
        return await coroutine

    def give_up(self) -> None:
        """In the loop: end the work, or see that it does not begin."""
        self.given_up = True
        if self.task is not None:
            self.task.cancel()


async def _end_tasks() -> None:
    """Cancel everything else that runs in this loop, and wait for it."""
    others = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class Link:
    """One connection that is kept up. `call` is for other threads, coroutines are for its own."""

    def __init__(self, name: str, app: str, timeout: float, board: Board, refresher: Refresher):
        self.name = name
        self.app = app
        self.timeout = timeout
        self.board = board
        self.refresher = refresher
        self.on_event: Callable[[str, str], None] = lambda name, contents: None
        self.on_long: Callable[[], None] = lambda: None
        self._heard = threading.Event()
        self.client: AsyncClient | None = None
        self.target: Target | None = None
        self.keep = False  # dial again when the connection is lost
        self.mode = ""  # the minor mode that tells, at the far end
        self._behind: set[str] = set()  # those of connections that were lost
        self.forwards: list[str] = []  # patterns of events that the user wants
        self._serial = 0
        self._open_lock = asyncio.Lock()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._wake = asyncio.Event()
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="rvshell-link", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    # -- from the main thread --------------------------------------------------------

    def call(self, coroutine: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
        """Run it in the link's loop and wait. Ctrl-C ends the wait, not the connection; a wait
        that becomes long is told of."""
        seconds = self.timeout if timeout is None else timeout
        waited = _Waited()
        try:
            # Ctrl-C may come while this is being handed over: what is given up is known to
            # `waited`, not only to a future that we may never get
            future = asyncio.run_coroutine_threadsafe(waited.run(coroutine), self.loop)
            if seconds > PATIENCE:
                with contextlib.suppress(FutureTimeout):
                    return future.result(PATIENCE)
                if not future.done():
                    self.on_long()
            return future.result(seconds + SLACK)
        except FutureTimeout as error:
            if isinstance(error, RvshellError):  # DeadlineExceeded is a TimeoutError too
                raise
            self.loop.call_soon_threadsafe(waited.give_up)
            raise DeadlineExceeded(f"no answer within {seconds:g} s", seconds=seconds) from None
        except CancelledError:
            raise DeadlineExceeded("the connection was dropped", seconds=0.0) from None
        except KeyboardInterrupt:
            self.loop.call_soon_threadsafe(waited.give_up)
            raise

    def shut(self) -> None:
        """Say goodbye and end the thread."""
        with contextlib.suppress(RvshellError, KeyboardInterrupt):
            self.call(self.close(), 3.0)
        with contextlib.suppress(RvshellError, KeyboardInterrupt):
            self.call(_end_tasks(), 1.0)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(3.0)
        if not self._thread.is_alive():
            self.loop.close()

    # -- connecting ------------------------------------------------------------------

    async def open(
        self,
        target: Target,
        timeout: float | None = None,
        accept: Callable[[str, int, str], bool] | None = None,
    ) -> None:
        """Connect to *target*, closing what is open; *accept* asks about a certificate that
        nobody vouches for (in the background none is accepted). Raises as `AsyncClient.connect`.
        """
        async with self._open_lock:
            await self._drop()
            self.target = target
            self.board.set(link="connecting", target=str(target), error="")
            try:
                client = await AsyncClient.connect(
                    **target._asdict(),
                    name=self.name,
                    app=self.app,
                    timeout=self.timeout if timeout is None else timeout,
                    accept=accept,
                )
            except RvshellError as error:
                self.board.set(link="lost" if self.keep else "off", error=str(error))
                raise
            except asyncio.CancelledError:  # Ctrl-C
                self.board.set(link="off")
                raise
            self.client = client
            client.on_event(lambda event: self._came(event.name, event.contents))
            peer = client.peer
            self.board.set(link="connected", peer=f"{peer.name} {peer.app}".strip() if peer else "")
            self._spawn(self._watch(client))
            self._spawn(self._greet(client))

    async def ensure(self) -> AsyncClient:
        """The open client; dials the known target when there is none."""
        if self.client is not None and not self.client.closed:
            return self.client
        if self.target is None:
            raise LinkError("not connected", hint="connect HOST:PORT")
        await self.open(self.target)
        assert self.client is not None
        return self.client

    async def close(self) -> None:
        """Leave the far end as it was, and disconnect."""
        self.keep = False
        self._wake.set()
        client = self.client
        if client is not None and self.mode and not client.closed:
            with contextlib.suppress(RvshellError):
                await client.request("remote-eval", telling.leave(self.mode), 1.0)
        await self._drop()
        self.board.forget()
        self.board.set(link="off")
        for task in tuple(self._tasks):
            task.cancel()

    async def abort(self) -> None:
        """Drop a connection that hangs; it is made anew when something is asked."""
        client, self.client = self.client, None
        if client is not None:
            client._abort()
            self.board.set(link="lost", error="dropped")

    async def _drop(self) -> None:
        client, self.client = self.client, None
        self.mode = ""
        if client is not None:
            await client.close()

    async def _watch(self, client: AsyncClient) -> None:
        """Wait for the end of a connection, then find the far end again."""
        await client.wait_closed()
        if self.client is not client:
            return
        self._behind.add(self.mode)
        self.client, self.mode = None, ""
        self.board.forget()
        self.board.set(link="lost", error="the far end closed the connection")
        if self.keep:
            await self.retry()

    async def retry(self) -> None:
        """Dial until it answers, or somebody else did, or nobody wants it any more."""
        attempt = 0
        while self.keep and self.client is None and self.target is not None:
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), backoff(attempt, random.random()))
            if not self.keep or self.client is not None:
                return
            attempt += 1
            with contextlib.suppress(RvshellError):
                await self.open(self.target, CONNECT_TIMEOUT)

    @property
    def wire(self) -> float:
        """Seconds of the last round trip of the heartbeat, which no command was run for."""
        client = self.client
        rtt = client._core.connection.heartbeat.rtt if client is not None else None
        return rtt or 0.0

    def hurry(self) -> None:
        """Dial now rather than later."""
        self.loop.call_soon_threadsafe(self._wake.set)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Start work from another thread without waiting for it."""
        self.loop.call_soon_threadsafe(self._spawn, work)

    # -- telling ---------------------------------------------------------------------

    async def _greet(self, client: AsyncClient) -> None:
        """Have the far end tell of its state, then learn what completion wants to know."""
        with contextlib.suppress(RvshellError):
            await self.look()
            for old in (self._behind | {self.mode}) - {""}:  # else it would tell us, too
                await client.request("remote-eval", telling.leave(old))
            self._behind.clear()
            self._serial += 1
            mode = f"rvshell_{os.urandom(4).hex()}_{self._serial}"
            reply = await client.request("remote-eval", telling.subscribe(self.name, mode))
            if reply == "true" and self.client is client:
                self.mode = mode
                for pattern in self.forwards:
                    await self._forward(pattern)
            elif self.client is client:
                await client.request("player-admin", telling.watch())
                if self.forwards:
                    await self._hear()
        with contextlib.suppress(RvshellError):
            # who asked before we came; RV has no answer to that
            for contents in open_requests(await client.request(*PENDING)):
                self.on_event(REQUEST, contents)
        with contextlib.suppress(RvshellError):
            await self.refresher.learn(client)

    async def forward(self, pattern: str) -> bool:
        """Have events that match *pattern* sent here, now and after every new connection."""
        if pattern in self.forwards:
            return True
        self.forwards.append(pattern)
        told = False
        try:
            told = await self._forward(pattern)
        finally:
            if not told and self.client is not None:
                self.forwards.remove(pattern)
        return told

    async def _forward(self, pattern: str) -> bool:
        if self.client is None:
            return False
        if not self.mode:  # we may bind nothing there, but a player tells who may look
            return await self._hear()
        self._serial += 1
        code = telling.forward(self.name, self.mode, self._serial, pattern)
        return await self.client.request("remote-eval", code) == "true"

    async def _hear(self) -> bool:
        assert self.client is not None
        return telling.is_heard(
            await self.client.request("player-admin", telling.hear(self.forwards))
        )

    def _came(self, name: str, contents: str) -> None:
        if name == telling.TOLD:
            if self.board.tell(contents) and self.client is not None:
                cause = contents.split("\t", 14)[13:14]
                if cause and cause[0] in telling.GRAPH:
                    self.refresher.soon(self.client, self._spawn)
            return
        self.on_event(name, contents)
        self._heard.set()

    def idle(self, seconds: float) -> bool:
        """Wait in another thread for an event that is no telling of the state."""
        came = self._heard.wait(max(0.0, seconds))
        self._heard.clear()
        return came

    async def look(self) -> None:
        """Ask for the state once: after connecting, and after a command where nothing tells."""
        client = self.client
        if client is not None:
            start = time.perf_counter()
            reply = await client.request("remote-eval", telling.STATE + ";")
            self.board.rtt = (time.perf_counter() - start) * 1000
            self.board.tell(reply.strip('"').replace("\\t", "\t"))

    # -- asking ----------------------------------------------------------------------

    async def request(self, event: str, contents: str, timeout: float) -> str:
        """The reply to one question."""
        client = await self.ensure()
        start = time.perf_counter()
        reply = await client.request(event, contents, timeout)
        self.board.rtt = (time.perf_counter() - start) * 1000
        return reply

    async def request_many(self, questions: Sequence[tuple[str, str]], timeout: float) -> list[str]:
        """The replies to many questions, sent together."""
        client = await self.ensure()
        return await client.request_many(questions, timeout)
