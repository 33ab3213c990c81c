"""Why a connection fails, step by step, in words: `rvshell doctor`.

Each step says what was tried, whether it worked, and what a failure usually means.  The
first step that fails ends the examination.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

from rvshell.client.blocking import Client
from rvshell.client.dialing import open_connection
from rvshell.errors import ConnectionFailed, ConnectionLost, DeadlineExceeded, RvshellError

__all__ = ["Step", "examine"]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried.  `seconds` it took; `advice` is "" when it worked."""

    name: str
    ok: bool
    found: str
    advice: str = ""
    seconds: float = 0.0


def examine(
    host: str,
    port: int,
    *,
    timeout: float = 10.0,
    name: str = "rvshell-doctor",
    scheme: str = "",
    user: str = "",
    ssh_port: int = 0,
) -> Iterator[Step]:
    """The steps, as they are done."""
    if scheme != "ssh":
        addresses: list[str] = []
        yield from _resolve(host, port, addresses)
        if not addresses:
            return
        reached = False
        for address in addresses:
            step = _reach(address, port, timeout)
            yield step
            reached = reached or step.ok
        if not reached:
            return
    yield from _talk(host, port, timeout, name, scheme, user, ssh_port)


def _resolve(host: str, port: int, addresses: list[str]) -> Iterator[Step]:
    start = time.monotonic()
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        yield Step(
            "name", False, f"{host} is unknown: {getattr(error, 'strerror', error)}",
            "Check the spelling, or use the address; a VPN may have names of its own.",
        )  # fmt: skip
        return
    addresses += dict.fromkeys(str(entry[4][0]) for entry in found)
    yield Step("name", True, f"{host} is {', '.join(addresses)}", "", time.monotonic() - start)


def _reach(address: str, port: int, timeout: float) -> Step:
    start = time.monotonic()
    where = f"port {port} of {address}"
    try:
        socket.create_connection((address, port), timeout).close()
    except ConnectionRefusedError:
        return Step(
            "port", False, f"{where} refuses",
            "The machine is there but nothing listens: is the player (or RV with -network) "
            "running, on that port, and not only for its own machine (--listen)?",
            time.monotonic() - start,
        )  # fmt: skip
    except TimeoutError:
        return Step(
            "port", False, f"{where} does not answer within {timeout:g} s",
            "A firewall drops the connection, or the machine is off. If the other direction "
            "works, it is the firewall on that side; ssh://user@host gets through most.",
            time.monotonic() - start,
        )  # fmt: skip
    except OSError as error:
        return Step(
            "port", False, f"{where}: {error.strerror or error}",
            "There is no way to that machine from here: check the network and the VPN.",
            time.monotonic() - start,
        )  # fmt: skip
    return Step("port", True, f"{where} is open", "", time.monotonic() - start)


def _talk(
    host: str, port: int, timeout: float, name: str, scheme: str, user: str, ssh_port: int
) -> Iterator[Step]:
    start = time.monotonic()
    opened = None
    try:
        opened = open_connection(scheme, host, port, timeout=timeout, user=user, ssh_port=ssh_port)
        if scheme:
            yield Step(scheme, True, f"{scheme} works", "", time.monotonic() - start)
            start = time.monotonic()
        client = Client(opened.sock, name=name, app="rv-shell", timeout=timeout)
    except DeadlineExceeded:
        yield Step(
            "greeting", False, f"no greeting within {timeout:g} s",
            "Its user is being asked to allow this contact (rvshell pending, or RV's dialog), "
            "or another program than RV listens there.",
            time.monotonic() - start,
        )  # fmt: skip
        _end(opened)
        return
    except ConnectionLost as error:
        told = error if opened is None else opened.explain(error)
        if told is not error:
            yield Step(
                "port", False, str(told),
                "The machine is there but nothing listens: is the player (or RV with -network) "
                "running, on that port?",
                time.monotonic() - start,
            )  # fmt: skip
            _end(opened)
            return
        yield Step(
            "greeting", False, str(error),
            "It refused this contact: denied in its contacts, a default of deny, or (RV only) "
            "another connection of the same name.",
            time.monotonic() - start,
        )  # fmt: skip
        _end(opened)
        return
    except RvshellError as error:
        kind = "tls" if scheme == "tls" else scheme or "greeting"
        advice = error.hint or "What listens there does not speak RV's protocol."
        if isinstance(error, ConnectionFailed) and scheme == "tls":
            advice = "That player has no --tls-cert, or something in between speaks for it."
        yield Step(kind, False, str(error), advice, time.monotonic() - start)
        _end(opened)
        return
    yield from _use(client, start)
    with contextlib.suppress(RvshellError):
        client.close()
    _end(opened)


def _end(opened: object) -> None:
    close = getattr(opened, "close", None)
    if close is not None:
        close()


def _use(client: Client, start: float) -> Iterator[Step]:
    peer = client.peer
    who = f"{peer.name!r}, program {peer.app or 'rv'!r}" if peer is not None else "?"
    yield Step("greeting", True, f"it is {who}, and lets us in", "", time.monotonic() - start)
    start = time.monotonic()
    try:
        reply = client.request("remote-eval", "frame()")
    except RvshellError as error:
        yield Step(
            "answer", False, str(error),
            "It greeted but does not answer: is it busy, or stopped in a dialog?",
            time.monotonic() - start,
        )  # fmt: skip
        return
    took = time.monotonic() - start
    if "permission denied" in reply:
        yield Step(
            "rights", False, reply.partition("\n")[0],
            "The contact is allowed but may not even ask: rvshell contacts set … --scopes view",
            took,
        )  # fmt: skip
        return
    yield Step("answer", True, f"it answers, round trip {took * 1000:.1f} ms", "", took)
