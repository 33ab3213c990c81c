"""Real HTTP and HTTPS servers of this machine that behave as told."""

from __future__ import annotations

import base64
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

__all__ = ["Behaviour", "Served", "serving"]


@dataclass
class Behaviour:
    """How the server answers.

    `breaks_after` closes a connection after so many bytes, `breaks` times in all; `stalls_at`
    is a position of the file that is never sent until `release` is set; `user` asks for
    "name:password"; `header` for that header line.
    """

    ranges: bool = True
    breaks_after: int = 0
    breaks: int = 1_000_000
    stalls_at: int = -1
    user: str = ""
    header: tuple[str, str] | None = None
    length: bool = True
    release: threading.Event = field(default_factory=threading.Event)


@dataclass
class Served:
    """A running server; `requests` are (path, Range, Authorization) in order, `headers` all of
    their headers."""

    base: str
    behaviour: Behaviour
    requests: list[tuple[str, str, str]]
    headers: list[Any]


def _handler(
    folder: Path, behaviour: Behaviour, log: list[tuple[str, str, str]], headers: list[Any]
) -> Any:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            return None

        def _refuse(self, code: int, *headers: tuple[str, str]) -> None:
            self.send_response(code)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            self.close_connection = True
            headers.append(self.headers)
            log.append(
                (path, self.headers.get("Range", ""), self.headers.get("Authorization", ""))
            )  # fmt: skip
            if path.startswith("/to/"):
                self._refuse(302, ("Location", query))
                return
            if path == "/loop":
                self._refuse(302, ("Location", "/loop"))
                return
            if path.startswith("/code/"):
                self._refuse(int(path.rpartition("/")[2]))
                return
            b = behaviour
            if b.user:
                token = base64.b64encode(b.user.encode()).decode()
                if self.headers.get("Authorization") != f"Basic {token}":
                    self._refuse(401, ("WWW-Authenticate", 'Basic realm="x"'))
                    return
            if b.header and self.headers.get(b.header[0]) != b.header[1]:
                self._refuse(403)
                return
            file = folder / unquote(path.lstrip("/"))
            if not file.is_file():
                self._refuse(404)
                return
            self._send(file.read_bytes())

        def _send(self, data: bytes) -> None:
            b = behaviour
            start = 0
            found = re.match(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            if b.ranges and found:
                start = int(found[1])
                if start >= len(data):
                    self._refuse(416)
                    return
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            else:
                self.send_response(200)
            if b.length:
                self.send_header("Content-Length", str(len(data) - start))
            self.send_header("Connection", "close")
            self.end_headers()
            at = start
            while at < len(data):
                end = min(len(data), at + 16_384)
                if b.breaks_after and b.breaks > 0 and at - start >= b.breaks_after:
                    b.breaks -= 1
                    return
                if at <= b.stalls_at < end:
                    self.wfile.write(data[at : b.stalls_at])
                    self.wfile.flush()
                    at = b.stalls_at
                    b.release.wait(60)
                self.wfile.write(data[at:end])
                at = end

        def handle(self) -> None:
            try:
                super().handle()
            except (ConnectionError, TimeoutError, ssl.SSLError):
                return

    return Handler


def certified(bundle: Path) -> ssl.SSLContext:
    """What `serving` needs to be trusted, as localhost, by who trusts the authority that is
    written to *bundle*."""
    import trustme

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(bundle))
    return context


@contextmanager
def serving(
    folder: Path, behaviour: Behaviour | None = None, *, context: ssl.SSLContext | None = None
) -> Iterator[Served]:
    """A server of the files of `folder` for the length of a block."""
    behaviour = behaviour or Behaviour()
    requests: list[tuple[str, str, str]] = []
    headers: list[Any] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(folder, behaviour, requests, headers))
    server.daemon_threads = True
    server.handle_error = lambda *a: None  # type: ignore[method-assign,assignment]
    scheme = "http"
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    host = "localhost" if context is not None else "127.0.0.1"
    try:
        yield Served(f"{scheme}://{host}:{server.server_port}", behaviour, requests, headers)
    finally:
        behaviour.release.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
