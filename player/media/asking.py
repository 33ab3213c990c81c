"""Requests to media servers: who is told what, and why one has failed.

A user and password in a URL become a header.  Headers that could be secret (all but the player's
own) go to the host that they are meant for: a redirect to another one, or from https to http,
leaves them behind.  An account that a redirect itself names is for where it leads to, as it is
for curl and FFmpeg.
"""

from __future__ import annotations

import base64
import ssl
import urllib.error
import urllib.request
from http.client import HTTPMessage, HTTPResponse, InvalidURL
from typing import IO, Any, Final
from urllib.parse import quote, unquote, urlsplit, urlunsplit

__all__ = ["Rules", "ask", "redirected", "same_server", "why", "with_account"]

_REDIRECTS: Final = 10
_SENT: Final = "%/:=&?~+!$,;'@()*[]|"  # as they are
_PORTS: Final = {"http": 80, "https": 443}


class Rules:
    """What requests need to know of the policy: time-out, headers, certificates, schemes."""

    def __init__(
        self, *, timeout: float, headers: tuple[str, ...], context: ssl.SSLContext | None,
        schemes: frozenset[str], agent: str,
    ) -> None:  # fmt: skip
        self.timeout = timeout
        self.headers = headers
        self.context = context
        self.schemes = schemes
        self.agent = agent

    def without_headers(self) -> Rules:
        """The same for a server that is told nothing secret."""
        return Rules(
            timeout=self.timeout, headers=(), context=self.context, schemes=self.schemes,
            agent=self.agent,
        )  # fmt: skip


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows to allowed schemes only, and takes no credentials to another host."""

    max_redirections = _REDIRECTS

    def __init__(self, url: str, schemes: frozenset[str], secret: frozenset[str]) -> None:
        self.location = url
        """Where they have led to from *url*, with the account that is good there."""
        self._schemes = schemes
        self._secret = secret

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str,
        headers: HTTPMessage, newurl: str,
    ) -> urllib.request.Request | None:  # fmt: skip
        self.location = with_account(self.location, newurl)
        newurl, account = _split(newurl)
        scheme = urlsplit(newurl).scheme.lower()
        if scheme not in self._schemes:
            fp.close()
            raise urllib.error.URLError(f"redirected to a {scheme} URL, which is not opened")
        made = super().redirect_request(req, fp, code, msg, headers, newurl)
        if made is not None:
            for name, value in req.header_items():
                if name.lower() == "range":
                    made.add_header(name, value)
            if not same_server(req.full_url, newurl):
                for name in self._secret:
                    made.remove_header(name.capitalize())
            if account:
                made.add_header("Authorization", account)
        return made


def same_server(old: str, new: str) -> bool:
    """Whether a URL that another one leads to is on the same server, or on its https."""
    before, after = urlsplit(old), urlsplit(new)
    ports = [part.port or _PORTS.get(part.scheme) for part in (before, after)]
    if before.hostname != after.hostname:
        return False
    same = before.scheme == after.scheme and ports[0] == ports[1]
    return same or ((before.scheme, after.scheme), ports) == (("http", "https"), [80, 443])


def with_account(old: str, new: str) -> str:
    """*new*, to which *old* leads, with the user and password of *old*: on the same server, unless
    it names its own."""
    parts = urlsplit(new)
    user, at, _ = urlsplit(old).netloc.rpartition("@")
    if not at or "@" in parts.netloc or not same_server(old, new):
        return new
    return urlunsplit(parts._replace(netloc=f"{user}@{parts.netloc}"))


def _split(url: str) -> tuple[str, str]:
    """(URL as it is sent: without user and password, with nothing but ASCII; value of the
    Authorization header or "")."""
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    path, query = (quote(text, safe=_SENT) for text in (parts.path, parts.query))
    plain = urlunsplit((parts.scheme, host, path, query, ""))
    if not user:
        return plain, ""
    pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    return plain, f"Basic {base64.b64encode(pair.encode()).decode()}"


def redirected(url: str, response: HTTPResponse) -> str:
    """Where the answer to a request for *url* came from, account and all; "" when from there."""
    return "" if response.url == url else str(response.url)


def why(error: BaseException) -> str:
    """One clear reason for people."""
    if isinstance(error, urllib.error.HTTPError):
        if 300 <= error.code < 400:
            return f"redirects in a circle or to where it may not ({error.code})"
        known = {401: "needs a user and password", 403: "refused", 404: "not there"}
        return f"the server answers {error.code} ({known.get(error.code, error.reason)})"
    if isinstance(error, (InvalidURL, ValueError)):  # these quote all of it
        return "is no URL that can be asked for"
    reason = getattr(error, "reason", error)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return (
            f"its certificate cannot be trusted: {reason.verify_message} "
            "(--url-ca FILE names who may vouch for it)"
        )
    if isinstance(reason, TimeoutError):
        return "the server is silent"
    if isinstance(reason, ConnectionRefusedError):
        return "nobody listens there"
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror.lower()
    return " ".join(str(reason).split()) or type(error).__name__


def ask(url: str, rules: Rules, extra: tuple[str, ...], position: int) -> HTTPResponse:
    """The answer to a request for the bytes from *position* on; *extra* are further header lines.

    Raises OSError, HTTPException, ValueError.
    """
    plain, account = _split(url)
    headers = {"User-Agent": rules.agent, "Accept": "*/*"}
    if account:
        headers["Authorization"] = account
    for line in (*rules.headers, *extra):
        key, _, value = line.partition(":")
        if key.strip():
            headers[key.strip()] = value.strip()
    secret = frozenset({*headers, "Authorization"}) - {"User-Agent", "Accept"}
    headers["Range"] = f"bytes={position}-"
    redirects = _Redirects(url, rules.schemes, secret)
    handlers: list[Any] = [redirects]
    if rules.context is not None:
        handlers.append(urllib.request.HTTPSHandler(context=rules.context))
    opener = urllib.request.build_opener(*handlers)
    request = urllib.request.Request(plain, headers=headers)
    try:
        response: HTTPResponse = opener.open(request, timeout=rules.timeout)
    finally:
        for handler in vars(opener)["handlers"]:
            handler.parent = None  # they hold each other
    response.url = redirects.location
    return response
