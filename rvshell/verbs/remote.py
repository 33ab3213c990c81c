"""The shell's one way to the far end: connects when first needed, reconnects when it was lost.

Verbs never see the client: they ask for the reply to a `Request` (or several at once) and get
text, or an exception of `rvshell.errors`. An error text that RV sends as a normal reply is
recognised here and raised as RemoteError.
"""

from __future__ import annotations

import contextlib
from time import perf_counter
from typing import TYPE_CHECKING

from rvshell.errors import ConnectionFailed, LinkError, Refused, RemoteError, RvshellError
from rvshell.verbs.registry import Request
from rvshell.verbs.target import StartedPlayer, Target, is_local_host, newest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rvshell.client import Client

__all__ = ["Remote", "check_reply"]

_MU_ERROR = "ERROR: "
_BATCH = 200  # requests under way at once: far below what either end buffers


class Remote:
    """A connection that is made when something is asked.

    *target* None means the newest running player or RV, and with *start* one of our own when
    there is none. *name* is the contact name; *app* the second word of the greeting.
    """

    @property
    def recovers(self) -> bool:
        """Does it find the far end again by itself, however long that takes?"""
        return False

    def __init__(
        self,
        target: Target | None = None,
        *,
        name: str = "",
        app: str = "rv-shell",
        timeout: float = 30.0,
        start: bool = False,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self.target = target
        self.fixed = target is not None
        self.name = name or default_name()
        self.app = app
        self.timeout = timeout
        self.start = start
        self.say = say or (lambda text: None)
        self.started: StartedPlayer | None = None
        self.listeners: list[Callable[[str, str], None]] = []  # told of every event that comes
        self.trace: Callable[[str], None] | None = None  # told of every question and reply
        self.asked = 0.0  # seconds spent waiting for replies
        self._client: Client | None = None
        self._mode = ""  # the minor mode that tells of events, at the far end
        self._behind: list[str] = []  # those of connections that were lost
        self._patterns: list[str] = []

    # -- connecting ------------------------------------------------------------------

    @property
    def connected(self) -> bool:
        """Is there a connection that has not been found dead?"""
        return self._client is not None

    @property
    def is_local(self) -> bool:
        """Is the far end on this machine (its files are ours)?"""
        address = self.resolve()
        return address.scheme != "ssh" and is_local_host(address.host)

    def resolve(self) -> Target:
        """The address to dial; finds or starts a player when none was given."""
        if self.target is None:
            self.target = newest()
        if self.target is None:
            if not self.start:
                raise ConnectionFailed(
                    "no player or RV is running here",
                    hint="start one with: player, or give HOST:PORT",
                )
            self.started = StartedPlayer()
            self.target = self.started.target
            self.say(f"started a player on {self.target}; it ends with this shell")
        return self.target

    @property
    def client(self) -> Client:
        """The open client; connects."""
        if self._client is None:
            self.connect()
        assert self._client is not None
        return self._client

    def connect(self, target: Target | None = None) -> None:
        """Connect, to *target* when given; the old connection is closed first."""
        from rvshell.client import Client

        if target is not None:
            self.target, self.fixed = target, True
        self.disconnect()
        address = self.resolve()
        try:
            self._client = Client.connect(
                **address._asdict(), name=self.name, app=self.app, timeout=self.timeout,
                accept=self.accept,
            )  # fmt: skip
        except LinkError:
            if not self.fixed and self.started is None:
                self.target = None  # it may be another one next time
            raise
        self._client.on_event(lambda event: self.heard(event.name, event.contents))
        self._end_behind()
        patterns, self._patterns = self._patterns, []
        for pattern in patterns:  # what was asked of the old connection
            self.subscribe(pattern)

    def _end_behind(self) -> None:
        """End what an old connection had told: else the new one, of the same name, hears twice."""
        from rvshell.verbs import telling

        behind, self._behind = self._behind, []
        for mode in behind:
            with contextlib.suppress(RvshellError):
                self.mu(telling.leave(mode))

    @staticmethod
    def accept(host: str, port: int, fingerprint: str) -> bool:
        """Ask about a certificate that nobody vouches for; without a terminal it is refused."""
        import sys

        from rvshell.verbs.echo import said_yes

        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            return False
        print(f"{host}:{port} shows a certificate that nobody vouches for:", file=sys.stderr)
        print(f"  {fingerprint}\nTrust it from now on? [y/N] ", end="", file=sys.stderr, flush=True)
        return said_yes()

    def heard(self, name: str, contents: str) -> None:
        """An event came: tell the listeners. One told on our behalf is that event."""
        from rvshell.verbs import telling

        if name == telling.EVENT:
            name, _, contents = contents.partition("\t")
        for listener in tuple(self.listeners):
            listener(name, contents)

    def subscribe(self, pattern: str) -> bool:
        """Have the far end tell of events whose names match; did it agree?"""
        from os import urandom

        from rvshell.verbs import telling

        if pattern in self._patterns:
            return True
        if not self.connected:
            self.connect()
        mode = self._mode or f"rvshell_{urandom(4).hex()}"
        try:
            if not self._mode:
                self.mu(telling.define(mode))
                self._mode = mode
            code = telling.forward(self.name, mode, len(self._patterns), pattern)
            heard = self.mu(code) == "true"
        except Refused:  # we may bind nothing there, but a player tells who may look
            question = Request(telling.hear([*self._patterns, pattern]), None, "player-admin")
            heard = telling.is_heard(self.ask(question))
        if heard:
            self._patterns.append(pattern)
        return heard

    def idle(self, seconds: float) -> bool:
        """Wait for events at most *seconds* long; False when none came."""
        try:
            return self.client.process(seconds)
        except LinkError:
            self.lost()
            raise

    def disconnect(self) -> None:
        """Say goodbye; nothing happens when there is no connection."""
        client, self._client = self._client, None
        mode, self._mode = self._mode, ""
        if client is not None:
            if mode and not client.closed:
                from rvshell.verbs import telling

                with contextlib.suppress(RvshellError):
                    client.request("remote-eval", telling.leave(mode), timeout=2.0)
            client.close()

    def lost(self) -> None:
        """The connection was found dead: the next question connects again."""
        client, self._client = self._client, None
        if self._mode:
            self._behind.append(self._mode)
        self._mode = ""
        if client is not None:
            with contextlib.suppress(LinkError):
                client.close()

    def close(self) -> None:
        """Disconnect, and end the player that this shell started."""
        self.disconnect()
        if self.started is not None:
            self.started.close()
            self.started = None

    # -- asking ----------------------------------------------------------------------

    def ask(self, request: Request) -> str:
        """The reply to a request. Raises RemoteError when it is an error text."""
        return check_reply(request, self.ask_raw((request,))[0])

    def ask_raw(self, requests: Sequence[Request]) -> list[str]:
        """The replies to many requests, unchecked; sent without waiting for each."""
        replies: list[str] = []
        for at in range(0, len(requests), _BATCH):
            part = requests[at : at + _BATCH]
            start = perf_counter()
            try:
                replies += self.exchange(part)
            finally:
                self.asked += perf_counter() - start
            if self.trace is not None:
                for question, reply in zip(part, replies[at:], strict=False):
                    self.trace(f"> {question.event} {question.contents}")
                    self.trace(f"< {reply}")
        return replies

    def exchange(self, requests: Sequence[Request]) -> list[str]:
        """Send these, at most `_BATCH`, and wait for the replies."""
        try:
            if len(requests) == 1:
                event, contents = requests[0].event, requests[0].contents
                return [self.client.request(event, contents, timeout=self.timeout)]
            questions = [(r.event, r.contents) for r in requests]
            return self.client.request_many(questions, timeout=self.timeout)
        except LinkError:
            self.lost()
            raise

    def ask_all(self, requests: Sequence[Request]) -> list[str]:
        """The replies to many requests; raises RemoteError at the first error text."""
        replies = self.ask_raw(requests)
        return [check_reply(q, r) for q, r in zip(requests, replies, strict=True)]

    def mu(self, code: str) -> str:
        """The reply to Mu code."""
        return self.ask(Request(code))

    def send_event(self, name: str, contents: str) -> None:
        """An event that is not answered."""
        if self.trace is not None:
            self.trace(f"> EVENT {name} {contents}")
        try:
            self.client.event(name, contents)
        except LinkError:
            self.lost()
            raise


def check_reply(request: Request, reply: str) -> str:
    """*reply*, or RemoteError when it is the text of an error (network.md: remote-eval)."""
    if request.event == "remote-eval":
        if reply.startswith(_MU_ERROR):
            _check_granted(reply)
            message, hint = _mu_message(reply), ""
            if message.endswith(")") and (hint := _about_calls(request.contents, message)):
                message = message.partition(" (")[0]  # this says more than the general words
            raise RemoteError(
                message,
                hint=hint,
                text=reply,
                code=request.contents,
            )
    elif request.event == "remote-pyeval" and reply.startswith("<class '") and "'>: " in reply:
        _check_granted(reply)
        name, _, text = reply[8:].partition("'>: ")
        hint = "statements are run by pyexec CODE" if _is_statements(request.contents) else ""
        raise RemoteError(f"Python: {name}: {text}", hint=hint, text=reply, code=request.contents)
    return reply


def _is_statements(code: str) -> bool:
    """Whether *code* is Python, but no expression."""
    for mode in ("eval", "exec"):
        try:
            compile(code, "", mode)
        except (SyntaxError, ValueError):
            continue
        return mode == "exec"
    return False


def _about_calls(code: str, message: str) -> str:
    """What may be wrong with the calls of a text that RV only calls an "unknown exception": a
    misspelt command, or a command with other arguments."""
    import re

    from rvshell.verbs.rvcommands import commands
    from rvshell.verbs.signature import nearest

    known: dict[str, list[str]] = {}
    for command in commands():
        known.setdefault(command.name, []).append(command.signature)
    called = re.findall(r"(?<![\w\".])(?:commands\.|extra_commands\.)?([A-Za-z]\w*) *\(", code)
    for name in called:
        if name not in known and (guess := nearest(name, known, 0.8)):
            return f"did you mean {guess}?"
    if "syntax error" in message:
        return ""
    bare = set(re.findall(r"(?<![\w\".])([A-Za-z]\w*) *\(", code))
    for name in called:  # Mu knows the names of `commands` by themselves, others by their module
        modules = sorted(c.module for c in commands() if c.name == name)
        if name in bare and modules and "commands" not in modules:
            return f"it is {modules[0]}.{name}"
    signatures = [s for name in called[:1] for s in known.get(name, ())]
    return " or ".join(signatures[:2])


def _check_granted(reply: str) -> None:
    from rvshell.client.core import check_granted

    check_granted(reply)


def _mu_message(reply: str) -> str:
    """`ERROR: remote-eval: exception: "text"` as one readable line."""
    first = reply.split("\n", 1)[0].removeprefix(_MU_ERROR).removeprefix("remote-eval: ")
    text = first.removeprefix("exception: ").strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    hints = {
        "unknown exception": " (no such name, or no function with these arguments)",
        "syntax error": " (the code does not parse, or a module has no such name)",
    }
    return f"Mu: {text}{hints.get(text, '')}"


def default_name() -> str:
    """A contact name that tells shells apart: RV refuses a second one of the same name."""
    import os

    return f"rv-shell-{os.getpid()}"
