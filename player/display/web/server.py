"""HTTP for the page: one token, one machine, four addresses.

`/TOKEN/` is the page, `/TOKEN/picture?after=N` waits for the next picture, `/TOKEN/status` is
JSON, `/TOKEN/input` takes events as JSON.  Everything else is 404 without a word more.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from rvshell.errors import LocalError

__all__ = ["Page", "PageServer"]

_WAIT = 10.0  # seconds a request for the next picture is kept
_BODY = 1 << 16  # bytes of input at once
_EVENTS = 256  # of one request
_CONNECTIONS = 32
_IDLE = 60.0  # seconds after which a silent connection is closed


class Page(Protocol):
    """What is shown on the page, and who takes what is pressed there; called by any thread."""

    @property
    def closed(self) -> bool:
        """Whether the page has ended."""

    def status(self) -> dict[str, Any]:
        """What the page shows of the transport, as JSON."""

    def wait(self, after: int, known: str, asked: int, seconds: float) -> int:
        """Wait for a picture newer than number *after*, another status line than *known*, or
        another question than number *asked* (0 for none); the number of the newest picture."""

    def encoded(self) -> tuple[int, str, bytes]:
        """(number, media type, bytes) of the newest picture; number 0 before the first."""

    def take(self, event: dict[str, Any]) -> None:
        """Something pressed on the page.  Raises ValueError, TypeError, KeyError for nonsense."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "player"
    sys_version = ""
    timeout = _IDLE
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the addresses hold the token."""

    # -- who asks ----------------------------------------------------------------------

    def _path(self) -> str | None:
        """The path behind the token; None when the request is refused."""
        hosts = self.server.hosts
        if self.headers.get("Host", "") not in hosts:
            return None
        origin = self.headers.get("Origin")
        if origin is not None and origin not in {f"http://{h}" for h in hosts}:
            return None
        parts = urlsplit(self.path).path.split("/", 2)
        if len(parts) != 3 or not hmac.compare_digest(
            parts[1].encode(), self.server.token.encode()
        ):
            return None
        return parts[2]

    def _answer(
        self, status: int, body: bytes = b"", kind: str = "text/plain", **headers: str
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    # -- what is asked -----------------------------------------------------------------

    def do_GET(self) -> None:
        path, sink = self._path(), self.server.sink
        with suppress(ConnectionError):
            if path == "":
                self._page()
            elif path == "picture":
                self._picture(sink)
            elif path == "status":
                self._answer(200, json.dumps(sink.status()).encode(), "application/json")
            else:
                self._answer(404)

    def _page(self) -> None:
        nonce = secrets.token_urlsafe(16)
        text = files("player.display.web").joinpath("page.html").read_text("utf-8")
        policy = (
            f"default-src 'none'; connect-src 'self'; img-src 'self' blob:; "
            f"script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
            f"frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
        )
        body = text.replace("@NONCE@", nonce).encode()
        self._answer(200, body, "text/html; charset=utf-8", Content_Security_Policy=policy)

    def _picture(self, sink: Page) -> None:
        query = parse_qs(urlsplit(self.path).query)
        try:
            after = int(query.get("after", ["0"])[0])
            asked = int(query.get("asked", ["0"])[0])
        except ValueError:
            self._answer(400)
            return
        newest = sink.wait(after, query.get("text", [""])[0], asked, _WAIT)
        status = json.dumps(sink.status())  # ASCII: it goes into a header
        if sink.closed:
            self._answer(410)
            return
        if newest <= after:
            self._answer(200, kind="application/octet-stream", X_Number="0", X_Status=status)
            return
        number, kind, data = sink.encoded()
        self._answer(200, data, kind or "text/plain", X_Number=str(number), X_Status=status)

    def do_POST(self) -> None:
        with suppress(ConnectionError):
            if self._path() != "input":
                self.close_connection = True
                self._answer(404)
                return
            try:
                length = int(self.headers.get("Content-Length", ""))
            except ValueError:
                length = -1
            if not 0 <= length <= _BODY:
                self.close_connection = True
                self._answer(413)
                return
            self._take(self.rfile.read(length))

    def _take(self, body: bytes) -> None:
        try:
            events = json.loads(body)
            if not isinstance(events, list) or len(events) > _EVENTS:
                raise ValueError("no list of events")
            for event in events:
                self.server.sink.take(event)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            self._answer(400)
            return
        self._answer(200)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, sink: Page, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.sink = sink
        self.token = secrets.token_urlsafe(24)
        self.hosts = {f"127.0.0.1:{self.server_port}", f"localhost:{self.server_port}"}
        self._room = threading.Semaphore(_CONNECTIONS)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._room.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that went away in the middle is no error."""


class PageServer:
    """The server on a thread of its own.  Raises LocalError when the port is taken."""

    def __init__(self, sink: Page, port: int = 0) -> None:
        try:
            self._server = _Server(sink, port)
        except OSError as error:
            raise LocalError(
                f"the web display cannot listen on 127.0.0.1:{port}: {error.strerror}",
                hint="--display web takes any free port",
            ) from None
        self.address = f"http://127.0.0.1:{self._server.server_port}/{self._server.token}/"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.2}, name="web",
            daemon=True,
        )  # fmt: skip
        self._thread.start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(2.0)
