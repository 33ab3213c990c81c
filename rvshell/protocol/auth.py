"""Proving who one is before anything else: a challenge and response over a shared token.

RV knows nothing like it, so it is invisible to RV and its clients: a server that offers it
says nothing until the peer has begun, and a peer begins only when its user has given it a
token for that server.  Records are framed like RV's, `PLAYERAUTH SP length SP JSON`:

    client   {"v": 1, "id": NAME, "nonce": N}
    server   {"nonce": M, "proof": P}              or {"error": TEXT}
    client   {"proof": Q}
    server   {"ok": true}                          or {"error": TEXT}

P and Q are HMAC-SHA256 of the token over who proves it, both nonces, the name and, under
TLS, the server's certificate, so that neither can be used again, turned round, or passed on
through somebody in between.  The token itself never travels.  Standard library only.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any, Final

from rvshell.errors import Refused, RemoteProtocolError

__all__ = ["AUTH_WORD", "AuthClient", "AuthServer"]

AUTH_WORD: Final = b"PLAYERAUTH "
_MAX: Final = 4096  # bytes of one record
_MAX_NAME: Final = 256


def _record(value: dict[str, Any]) -> bytes:
    body = json.dumps(value).encode()
    return AUTH_WORD + b"%d %b" % (len(body), body)


def _proof(secret: str, who: str, nonces: tuple[str, str], name: str, binding: bytes) -> str:
    text = "\n".join((who, *nonces, name)).encode() + b"\n" + binding
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


class _Records:
    """Bytes in, records out."""

    def __init__(self) -> None:
        self.data = b""

    def next(self) -> dict[str, Any] | None:
        """The next record, None when it is incomplete.  Raises RemoteProtocolError."""
        if not self.data.startswith(AUTH_WORD):
            if AUTH_WORD.startswith(self.data):
                return None
            raise RemoteProtocolError("the far end does not know this way to prove an identity")
        length, space, rest = self.data[len(AUTH_WORD) :].partition(b" ")
        if not space:
            if len(length) > 5:
                raise RemoteProtocolError("a proof of identity of absurd length")
            return None
        if not length.isdigit() or int(length) > _MAX:
            raise RemoteProtocolError("a proof of identity of absurd length")
        size = int(length)
        if len(rest) < size:
            return None
        self.data = rest[size:]
        try:
            value = json.loads(rest[:size])
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise RemoteProtocolError("a proof of identity that cannot be read")
        return value


class AuthClient:
    """The side that proves: `start()`, then `feed()` until `done`.

    `binding` is the SHA-256 of the server's certificate under TLS, else b"".
    """

    def __init__(self, name: str, secret: str, binding: bytes = b"") -> None:
        self._name = name
        self._secret = secret
        self._binding = binding
        self._nonce = secrets.token_hex(16)
        self._records = _Records()
        self._answered = False
        self.done = False

    @property
    def leftover(self) -> bytes:
        """What came behind the last record."""
        return self._records.data

    def start(self) -> bytes:
        """The first record."""
        return _record({"v": 1, "id": self._name, "nonce": self._nonce})

    def feed(self, data: bytes) -> bytes:
        """Take what came; what is to be sent.  Raises Refused, RemoteProtocolError."""
        self._records.data += data
        out = b""
        while not self.done and (value := self._records.next()) is not None:
            if "error" in value:
                raise Refused(
                    f"identity refused: {value['error']}", hint="is it the right token and name?"
                )
            if not self._answered:
                out += self._answer(value)
            elif value.get("ok") is True:
                self.done = True
            else:
                raise RemoteProtocolError("a proof of identity that cannot be read")
        return out

    def _answer(self, value: dict[str, Any]) -> bytes:
        nonces = (self._nonce, str(value.get("nonce")))
        wanted = _proof(self._secret, "server", nonces, self._name, self._binding)
        if not hmac.compare_digest(wanted, str(value.get("proof"))):
            raise Refused(
                "the far end does not know the token, or somebody is in between",
                hint="check the token of that host",
            )
        self._answered = True
        proof = _proof(self._secret, "client", nonces, self._name, self._binding)
        return _record({"proof": proof})


class AuthServer:
    """The side that is proved to: `feed()` until `plain` or `name` is set.

    `tokens` is name to token; the name `*` is a token for any name.  A peer that begins with
    anything else than an authentication is `plain`; `leftover` is what it sent.
    """

    def __init__(self, tokens: Mapping[str, str], binding: bytes = b"") -> None:
        self._tokens = tokens
        self._binding = binding
        self._nonce = secrets.token_hex(16)
        self._records = _Records()
        self._claimed: tuple[str, str, str] | None = None  # name, its nonce, token
        self.plain = False
        self.name = ""

    @property
    def leftover(self) -> bytes:
        """What came behind the authentication, or all of it when there was none."""
        return self._records.data

    def feed(self, data: bytes) -> bytes:
        """Take what came; what is to be sent.

        Raises Refused (its `failure` is to be sent before closing) or RemoteProtocolError.
        """
        records = self._records
        records.data += data
        seen = records.data[: len(AUTH_WORD)]
        if self._claimed is None and not AUTH_WORD.startswith(seen):
            self.plain = True
            return b""
        out = b""
        while not self.name and (value := records.next()) is not None:
            out += self._claim(value) if self._claimed is None else self._check(value)
        return out

    def _claim(self, value: dict[str, Any]) -> bytes:
        name, nonce = str(value.get("id", ""))[:_MAX_NAME], str(value.get("nonce", ""))
        if value.get("v") != 1 or not 16 <= len(nonce) <= 128 or not name.isprintable() or not name:
            raise RemoteProtocolError("a proof of identity that cannot be read")
        # an unknown name is answered like a known one: nobody learns which names there are
        token = self._tokens.get(name) or self._tokens.get("*") or secrets.token_hex(16)
        self._claimed = (name, nonce, token)
        proof = _proof(token, "server", (nonce, self._nonce), name, self._binding)
        return _record({"nonce": self._nonce, "proof": proof})

    def _check(self, value: dict[str, Any]) -> bytes:
        assert self._claimed is not None
        name, nonce, token = self._claimed
        wanted = _proof(token, "client", (nonce, self._nonce), name, self._binding)
        if not hmac.compare_digest(wanted, str(value.get("proof"))):
            raise Refused(f"{name!r} could not prove its identity")
        self.name = name
        return _record({"ok": True})

    @staticmethod
    def failure(text: str) -> bytes:
        """The last record to a peer that is refused."""
        return _record({"error": text})
