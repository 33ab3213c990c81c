"""Who may come in, and with what rights: contacts, permissions, and asking the user.

Theory of operation
-------------------
Every connection is decided about once its greeting is read, in this order:

1. A program of this machine (RV's notion: 127.0.0.1 and ::1) that the kernel says belongs to
   the user of this player has every scope and is never asked for, as in RV, so that every
   existing client works.  It is not written into the contacts file.
2. A connection that this side dialled has been wanted: it gets the contact's scopes unless
   the contact is denied.  (RV asks about it as well.)
3. A peer that proved who it is (token or certificate) is allowed unless it is denied.
4. Everybody else, other users of this machine included, is recorded at once, and the
   contact's permission decides, the default for those that have none: allow, deny, or ask.

Asking makes a `Pending`: whoever listens is told, and somebody answers with `answer`.  No
answer in the set time is a denial, and so is a peer that goes away.  "Always" and "never" are
remembered.  What is known to go wrong in RV is done differently: a denial blocks nothing, a
stored "deny" counts, and an `@` in a name does not confuse (network.md sections 4 and 5).
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from player.network.book import ALLOW, ASK, DENY, Contact, ContactBook
from player.network.kernel import user_name
from player.network.peer import Peer
from player.network.scopes import ALL, DEFAULT_SCOPES, NAMES
from rvshell.errors import CommandFailed

__all__ = ["ANSWERS", "Doorman", "Pending"]

ANSWERS: Final = ("allow", "always", "deny", "never")
ASK_TIMEOUT: Final = 60.0
MAX_PENDING: Final = 64
MAX_FROM_ONE: Final = 4
"""Open questions at a time, of all and of one address: more are denied without a question."""


@dataclass(slots=True)
class Pending:
    """A peer that waits for a decision.  `since` and `until` are seconds since the epoch."""

    id: int
    peer: Peer
    contact: str
    scopes: frozenset[str]
    since: float
    until: float
    decided: asyncio.Future[str] = field(repr=False)

    def described(self) -> dict[str, object]:
        """For listings and events."""
        peer = self.peer
        return {
            "id": self.id,
            "contact": self.contact,
            "app": peer.app,
            "address": peer.address,
            "scopes": [s for s in NAMES if s in self.scopes],
            "seconds_left": max(0.0, round(self.until - time.time(), 1)),
        }


class Doorman:
    """`told(pending)` is called for each new question, `gone(pending)` when it is over."""

    def __init__(
        self,
        book: ContactBook,
        *,
        permission: int = ASK,
        scopes: frozenset[str] = DEFAULT_SCOPES,
        proven_scopes: frozenset[str] = ALL - {"python"},
        ask_timeout: float = ASK_TIMEOUT,
        ask_local: bool = False,
        require_proof: bool = False,
        require_tls: bool = False,
        told: Callable[[Pending], None] = lambda pending: None,
        gone: Callable[[Pending], None] = lambda pending: None,
        uid: int | None = None,
    ) -> None:
        self.book = book
        self.permission = permission
        self.scopes = scopes
        self.proven_scopes = proven_scopes
        self.ask_timeout = ask_timeout
        self.ask_local = ask_local
        self.require_proof = require_proof
        self.require_tls = require_tls
        self.told = told
        self.gone = gone
        self._uid = os.geteuid() if uid is None else uid
        self._pending: dict[int, Pending] = {}
        self._serial = 0
        self._log = logging.getLogger("player.network")

    # -- deciding --------------------------------------------------------------------------

    async def admit(self, peer: Peer) -> bool:
        """May this peer come in?  Sets its `scopes` and `trusted`."""
        if peer.local and peer.owner == self._uid and not self.ask_local:
            peer.trusted = True
            peer.scopes = ALL
            return True
        contact = self.book.seen(
            peer.name, peer.host, app=peer.app, address=peer.address, proof=peer.proof
        )
        permission = self.permission if contact.permission is None else contact.permission
        if permission == DENY:
            self._log.warning("%s refused: it is denied", _who(peer))
            return False
        if peer.incoming and not peer.local:
            if self.require_tls and not peer.secure:
                self._log.warning("%s refused: only with TLS (require_tls)", _who(peer))
                return False
            if self.require_proof and not peer.proof:
                self._log.warning("%s refused: it proved nothing (require_proof)", _who(peer))
                return False
        if peer.proof or not peer.incoming or permission == ALLOW:
            self._grant(peer, contact)
            return True
        return await self._ask(peer, contact)

    def _grant(self, peer: Peer, contact: Contact) -> None:
        usual = self.proven_scopes if peer.proof else self.scopes
        peer.scopes = usual if contact.scopes is None else frozenset(contact.scopes) & ALL
        names = ", ".join(s for s in NAMES if s in peer.scopes) or "nothing"
        self._log.info("%s admitted, it may: %s", _who(peer), names)

    async def _ask(self, peer: Peer, contact: Contact) -> bool:
        near = sum(p.peer.address == peer.address for p in self._pending.values())
        if len(self._pending) >= MAX_PENDING or near >= MAX_FROM_ONE:
            self._log.warning("%s refused: too many questions are open", _who(peer))
            return False
        now = time.time()
        self._serial += 1
        scopes = self.scopes if contact.scopes is None else frozenset(contact.scopes) & ALL
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        pending = Pending(
            self._serial, peer, contact.key, scopes, now, now + self.ask_timeout, future
        )
        self._pending[pending.id] = pending
        self._log.warning(
            "%s asks to connect; answer with: rvshell allow %d, or deny %d (%g s)",
            _who(peer), pending.id, pending.id, self.ask_timeout,
        )  # fmt: skip
        self.told(pending)
        try:
            answer = await asyncio.wait_for(future, self.ask_timeout)
        except TimeoutError:
            self._log.warning(
                "%s refused: nobody answered within %g s", _who(peer), self.ask_timeout
            )
            return False
        finally:
            del self._pending[pending.id]
            self.gone(pending)
        allowed = answer in ("allow", "always")
        if answer in ("always", "never"):
            contact = self.book.decide(contact.key, ALLOW if allowed else DENY)
        if not allowed:
            self._log.warning("%s refused: denied", _who(peer))
            return False
        if pending.scopes != scopes:
            granted = tuple(s for s in NAMES if s in pending.scopes)
            if answer == "always":
                contact = self.book.decide(contact.key, scopes=granted)
            contact = replace(contact, scopes=granted)
        self._grant(peer, contact)
        return True

    # -- the questions ---------------------------------------------------------------------

    @property
    def pending(self) -> list[Pending]:
        """The open questions, oldest first."""
        return list(self._pending.values())

    def answer(self, number: int, answer: str, scopes: frozenset[str] | None = None) -> Pending:
        """Answer a question (one of ANSWERS); `scopes` grants others than the ones shown.

        Raises CommandFailed when there is no such question, or no such answer.
        """
        if answer not in ANSWERS:
            raise CommandFailed(f"{answer!r} is no answer", hint=", ".join(ANSWERS))
        pending = self._pending.get(number)
        if pending is None or pending.decided.done():
            raise CommandFailed(
                f"no connection request {number}", hint="rvshell pending lists the open ones"
            )
        if scopes is not None:
            pending.scopes = scopes
        pending.decided.set_result(answer)
        return pending


def _who(peer: Peer) -> str:
    """A peer for the log: contact, address, program and, where it matters, its user."""
    text = f"{peer.contact} ({peer.address}, {peer.app or 'no app'})"
    if peer.local and peer.owner is not None:
        text += f" of user {user_name(peer.owner)}"
    elif peer.local:
        text += " of an unknown user"
    return text
