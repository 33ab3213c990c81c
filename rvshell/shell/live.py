"""The `Remote` of the prompt: the same questions, asked over the link.

`client` gives verbs that talk to a client themselves (pushing pixels, waiting for events) the
methods of the blocking client, each of them a call into the link's loop.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from rvshell.errors import ConnectionLost, LinkError
from rvshell.shell.board import Board
from rvshell.shell.link import Link
from rvshell.shell.refresh import Refresher
from rvshell.verbs.registry import Request
from rvshell.verbs.remote import Remote
from rvshell.verbs.target import Target

if TYPE_CHECKING:
    from rvshell.client import Client
    from rvshell.client.core import Buffer


__all__ = ["LiveRemote", "only_asks"]


# one call, or the text of one, of a command that only answers
_ASKS = re.compile(
    r"(string\.join\()?(get[A-Z]\w*|is[A-Z]\w*|nodes?([A-Z]\w*)?|sources?([A-Z]\w*)?|properties"
    r"|property(Info|Exists)|frame(Start|End)?|inPoint|outPoint|viewNodes?|markedFrames"
    r"|remoteConnections|cacheInfo|fps|realFPS|inc|playMode|imagesAtPixel|sourcePixelValue)\("
)


def only_asks(request: Request) -> bool:
    """Does it do no harm to ask this twice?"""
    if request.again:
        return True
    code = request.contents
    if request.event != "remote-eval" or any(c in code for c in ";{}="):
        return False
    return _ASKS.match(code.strip().removeprefix("(")) is not None


class LiveRemote(Remote):
    """A connection that outlives each line and looks after itself."""

    def __init__(
        self, remote: Remote, board: Board, refresher: Refresher, *, retry: bool = True
    ) -> None:
        super().__init__(
            remote.target,
            name=remote.name,
            app=remote.app,
            timeout=remote.timeout,
            start=remote.start,
            say=remote.say,
        )
        self.board = board
        self.retry = retry  # connect again by itself, and ask again what can be
        self.trace = remote.trace
        self.asked_only = True  # nothing since this was set has changed anything there
        self.link = Link(self.name, self.app, self.timeout, board, refresher)
        self._facade = _Facade(self.link)
        self.link.on_event = self.heard
        self.link.on_long = self._long

    @property
    def recovers(self) -> bool:
        return self.retry

    @property
    def connected(self) -> bool:
        return self.link.client is not None

    @property
    def client(self) -> Client:
        self.asked_only = False
        if not self.connected:
            self.connect()
        return cast("Client", self._facade)

    def connect(self, target: Target | None = None) -> None:
        """Connect, to *target* when given, and stay connected from then on. What cannot be reached
        does not cost the connection there was."""
        before = (self.target, self.fixed) if self.connected else (None, False)
        if target is not None:
            self.target, self.fixed = target, True
        address = self.resolve()
        try:
            self.link.call(self.link.open(address, self.timeout, self.accept), self.timeout)
        except LinkError:
            if target is not None and before[0] not in (None, target):
                self.target, self.fixed = before
                self._back()
            elif not self.fixed and self.started is None:
                self.target = None
            raise
        self.link.keep = self.retry

    def _long(self) -> None:
        self.say(f"waiting for {self.target}; Ctrl-C ends the wait")

    def _back(self) -> None:
        """Connect again where we were."""
        with suppress(LinkError):
            self.link.call(self.link.open(self.resolve(), self.timeout, self.accept), self.timeout)
            self.say(f"still connected to {self.target}")

    def disconnect(self) -> None:
        self.link.call(self.link.close(), 5.0)

    def lost(self) -> None:
        """The link notices by itself."""

    def close(self) -> None:
        self.link.shut()
        if self.started is not None:
            self.started.close()
            self.started = None

    def subscribe(self, pattern: str) -> bool:
        return self.link.call(self.link.forward(pattern))

    def idle(self, seconds: float) -> bool:
        return self.link.idle(seconds)

    def drop(self) -> None:
        """Give a hanging connection up."""
        self.link.spawn(self.link.abort())

    def _ready(self) -> None:
        if not self.connected:
            self.connect()

    def exchange(self, requests: Sequence[Request]) -> list[str]:
        harmless = all(map(only_asks, requests))
        self.asked_only = self.asked_only and harmless
        self._ready()
        questions = [(r.event, r.contents) for r in requests]
        try:
            return self._send(questions)
        except ConnectionLost:
            if not (self.retry and harmless):
                raise ConnectionLost(
                    "the connection was lost before the answer came",
                    hint="it may have been done; the next command connects again",
                ) from None
            self.connect()
            return self._send(questions)

    def _send(self, questions: list[tuple[str, str]]) -> list[str]:
        if len(questions) == 1:
            return [self.link.call(self.link.request(*questions[0], self.timeout))]
        return self.link.call(self.link.request_many(questions, self.timeout))

    def send_event(self, name: str, contents: str) -> None:
        if self.trace is not None:
            self.trace(f"> EVENT {name} {contents}")
        self.client.event(name, contents)


class _Facade:
    """The blocking client's methods over the link."""

    def __init__(self, link: Link) -> None:
        self._link = link

    @property
    def timeout(self) -> float:
        return self._link.timeout

    @property
    def peer(self) -> Any:
        client = self._link.client
        return client.peer if client is not None else None

    @property
    def closed(self) -> bool:
        client = self._link.client
        return client is None or client.closed

    def _call(self, method: str, *arguments: Any, timeout: float | None = None) -> Any:
        async def work() -> Any:
            client = await self._link.ensure()
            return await getattr(client, method)(*arguments)

        return self._link.call(work(), timeout)

    def event(self, name: str, contents: str = "", target: str = "*") -> None:
        self._call("event", name, contents, target)

    def request(self, name: str, contents: str = "", timeout: float | None = None) -> str:
        return str(self._call("request", name, contents, timeout, timeout=timeout))

    def request_many(
        self, requests: Iterable[tuple[str, str]], timeout: float | None = None
    ) -> list[str]:
        return list(self._call("request_many", list(requests), timeout, timeout=timeout))

    def eval_mu(self, code: str, timeout: float | None = None) -> str:
        return str(self._call("eval_mu", code, timeout, timeout=timeout))

    def eval_python(self, code: str, timeout: float | None = None) -> str:
        return str(self._call("eval_python", code, timeout, timeout=timeout))

    def exec_python(self, code: str, timeout: float | None = None) -> None:
        self._call("exec_python", code, timeout, timeout=timeout)

    def send_tile(self, header: Any, data: Buffer, *more: Buffer) -> None:
        self._call("send_tile", header, data, *more)

    def send_tiles(self, tiles: Iterable[tuple[Any, Buffer]]) -> None:
        for header, data in tiles:
            self._call("send_tile", header, data)

    def send_data(self, event: str, content_type: str, data: Buffer, target: str = "*") -> None:
        self._call("send_data", event, content_type, data, target)

    def on_event(self, callback: Callable[[Any], None]) -> None:
        client = self._link.client
        if client is not None:
            client.on_event(callback)

    def process(self, timeout: float = 0.0) -> bool:
        """Wait for an event, at most *timeout* seconds; they are worked off without it too."""
        return self._link.idle(timeout)

    def close(self) -> None:
        self._link.call(self._link.close(), 5.0)
