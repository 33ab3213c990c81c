"""Media behind http and https: one connection per URL, its bytes kept in a file beside it.

FFmpeg reads through cursors; a thread fetches.  It fetches from where somebody reads towards the
end, and goes elsewhere when somebody reads elsewhere (a new request with a Range).  What came
once is kept in a temporary file, so that scrubbing, the sound's own reader and a second look
cost no further request.  A server that knows no ranges is read once from the beginning; whoever
wants the end waits for it, which is slower and works.

A connection that breaks is taken up again where it broke, five times in a row with growing
pauses; a server that says nothing for the policy's time is given up for a moment, with the
reason, and asked again when somebody reads.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import shutil
import socket
import tempfile
import threading
import time
import urllib.error
from http.client import HTTPException, HTTPResponse
from typing import Any, Final
from urllib.parse import urlsplit

from player.media.asking import Rules, ask, redirected, why
from player.media.spans import Spans
from rvshell.errors import MediaError

__all__ = ["Cursor", "RemoteFile"]

_PIECE: Final = 128 << 10
_NEAR: Final = 2 << 20  # bytes ahead that are waited for rather than asked for
_CUSHION: Final = 8 << 20  # bytes behind a reader's place that let other gaps wait
_ATTEMPTS: Final = 5
_PAUSE: Final = 0.2  # seconds before the second attempt, then doubled
_BACK_OFF: Final = 1.0  # seconds a failure is believed
_SPARE: Final = 1 << 30  # bytes of the disk that are left alone
_LARGEST: Final = 1 << 40

_log = logging.getLogger("player.media")


class _Changed(OSError):
    """The URL has another file now: its parts do not belong to those that are here."""


def _total(response: HTTPResponse) -> int:
    """Bytes of the whole file; -1 when the server does not say."""
    if response.status == 206:
        text = (response.headers.get("Content-Range") or "").rpartition("/")[2]
    else:
        text = response.headers.get("Content-Length") or ""
    return int(text) if text.isdigit() else -1


class RemoteFile:
    """The bytes of a URL.  Thread-safe.

    Opening sends the first request.  Raises MediaError when the server cannot be reached or
    refuses.  `name` is what messages call it; `extra` are further header lines.
    """

    def __init__(self, url: str, name: str, rules: Rules, extra: tuple[str, ...] = ()) -> None:
        self.name = name
        self._rules = rules
        self._url = url
        self._extra = extra
        self._wake = threading.Condition()
        self._closed = False
        self._held = Spans()
        self._position = 0  # where the thread writes next
        self._wanted = 0  # where somebody reads
        self._failure = ""
        self._failed_at = 0.0
        self._response: Any = None  # what the thread waits for
        self._called = False
        self.size = -1
        """Bytes; -1 until the end was seen of a server that does not say."""
        self.ranges = False
        """Whether any part can be asked for."""
        self.kind = ""
        """The content type."""
        self.location = ""
        """Where a redirect has led to."""
        self.remarked = False
        """Whether the order of its parts has been remarked on: picture and sound both open it."""
        suffix = os.path.splitext(urlsplit(self._url).path)[1][:10]
        try:
            response: HTTPResponse | None = self._request(0)
        except (OSError, HTTPException, ValueError) as error:
            if isinstance(error, urllib.error.HTTPError):
                error.close()
            raise MediaError(f"{name}: {why(error)}", path=name) from None
        assert response is not None
        try:
            self._learn(response)
            self._file = tempfile.NamedTemporaryFile(prefix="player-", suffix=suffix)  # noqa: SIM115
        except BaseException:
            response.close()
            raise
        self._thread = threading.Thread(
            target=self._run, args=(response,), name="fetch", daemon=True
        )
        self._thread.start()

    # -- requests ------------------------------------------------------------------------

    def _request(self, position: int) -> HTTPResponse:
        return ask(self._url, self._rules, self._extra, position)

    def _learn(self, response: HTTPResponse) -> None:
        self.kind = response.headers.get_content_type()
        self.location = redirected(self._url, response)
        self.ranges = response.status == 206
        total = _total(response)
        if total > _LARGEST or total > shutil.disk_usage(tempfile.gettempdir()).free - _SPARE:
            raise MediaError(
                f"{self.name}: {total >> 20} MiB do not fit the temporary folder", path=self.name,
                hint="set TMPDIR to a larger disk",
            )  # fmt: skip
        self.size = total

    # -- the fetching thread ---------------------------------------------------------------

    def _run(self, response: HTTPResponse | None) -> None:
        attempt = 0
        while True:
            with self._wake:
                if response is None:
                    while not self._closed and not self._something_to_do():
                        self._wake.wait()
                if self._closed:
                    break
                position = self._position
            try:
                if response is None:
                    start = self._where()
                    response = self._request(start)
                    if self.size >= 0 and _total(response) not in (-1, self.size):
                        raise _Changed(0, "it has changed on the server")
                    if response.status != 206 and start > 0:
                        start = 0  # it has forgotten how: everything again
                        self.ranges = False
                    with self._wake:
                        self._position = position = start
                with self._wake:
                    self._response = response
                piece = response.read1(_PIECE)
                if not piece and self.size >= 0 and position < self.size:
                    raise ConnectionResetError(0, "the connection was closed early")
            except (OSError, HTTPException, ValueError) as error:
                if response is not None:
                    self._response = None
                    response.close()
                    response = None
                if isinstance(error, urllib.error.HTTPError):
                    error.close()
                with self._wake:
                    called, self._called = self._called, False
                if called:
                    continue  # not broken: somebody reads elsewhere
                attempt += 1
                refused = isinstance(error, urllib.error.HTTPError) and error.code < 500
                lasting = refused or isinstance(error, _Changed)
                if attempt >= _ATTEMPTS or lasting:
                    self._fail(why(error))
                    attempt = 0
                else:
                    with self._wake:
                        self._wake.wait(_PAUSE * 2 ** (attempt - 1))
                continue
            attempt = 0
            if not self._took(position, piece):
                self._response = None
                response.close()
                response = None
        if response is not None:
            with contextlib.suppress(OSError):
                response.close()

    def _took(self, position: int, piece: bytes) -> bool:
        """Keep a piece; False when this response is of no further use."""
        with self._wake:
            if self._closed:
                return False
            self._called = False
            end = position + len(piece)
            if piece:
                os.pwrite(self._file.fileno(), piece, position)
                self._held.add(position, end)
            elif self.size < 0:
                self.size = position
            self._position = end
            self._failure = ""
            self._wake.notify_all()
            if not piece or 0 <= self.size <= end:
                return False
            if not self.ranges:
                return True
            if self._held.until(end) > end:
                return False  # what follows is here already
            missing = self._held.until(self._wanted)
            short = missing < self.size and missing - self._wanted < _CUSHION
            return not short or end <= missing <= end + _NEAR

    def _where(self) -> int:
        """The first missing byte from where somebody reads, else from the beginning."""
        if not self.ranges:
            return 0
        with self._wake:
            at = self._held.until(min(self._wanted, max(self.size, 0)))
            return at if at < self.size or self.size < 0 else self._held.until(0)

    def _something_to_do(self) -> bool:
        if self.size >= 0 and self._held.until(0) >= self.size:
            return False
        return not self._failure

    def _fail(self, reason: str) -> None:
        with self._wake:
            self._failure = reason
            self._failed_at = time.monotonic()
            self._wake.notify_all()
        _log.warning("%s: %s", self.name, reason)

    # -- readers ---------------------------------------------------------------------------

    def read(self, position: int, count: int) -> bytes:
        """At most `count` bytes from `position`; b"" at the end.  Waits for what is missing.

        Raises OSError with the reason when it does not come.
        """
        deadline = time.monotonic() + self._rules.timeout
        with self._wake:
            self._wanted = position
            if self._failure and time.monotonic() - self._failed_at > _BACK_OFF:
                self._failure = ""
            self._wake.notify_all()
            while True:
                if self._closed:
                    raise OSError(0, f"{self.name} was closed")
                end = self._held.until(position)
                if end > position:
                    break
                if 0 <= self.size <= position:
                    return b""
                if self._failure:
                    raise OSError(0, self._failure)
                self._call(position)
                before = self._position
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(0, "the server is silent")
                self._wake.wait(left)
                if self._position != before:  # it goes on
                    deadline = time.monotonic() + self._rules.timeout
        return os.pread(self._file.fileno(), min(count, end - position), position)

    def _call(self, position: int) -> None:
        """Have the thread come here when it waits for the server at another place."""
        far = not self._position <= position <= self._position + _NEAR
        if not (far and self.ranges and self._response is not None) or self._called:
            return
        self._called = True
        with contextlib.suppress(OSError, AttributeError):
            self._response.fp.raw._sock.shutdown(socket.SHUT_RDWR)

    def cursor(self) -> Cursor:
        """A file object of its own position."""
        return Cursor(self)

    def progress(self) -> tuple[int, int]:
        """(bytes here, bytes in all or -1)."""
        with self._wake:
            return self._held.total, self.size

    def complete(self) -> str:
        """The path of a file with all bytes; waits for them.  Raises OSError."""
        at = 0
        while True:
            with self._wake:
                at = self._held.until(at)
            if not self.read(at, 1):
                return self._file.name

    def close(self) -> None:
        """End the thread and drop the bytes."""
        with self._wake:
            if self._closed:
                return
            self._closed = True
            self._wake.notify_all()
            if self._response is not None:
                with contextlib.suppress(OSError, AttributeError):
                    self._response.fp.raw._sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(0.2)  # one that waits for the server ends by itself
        self._file.close()


class Cursor(io.RawIOBase):
    """A position in a RemoteFile, for FFmpeg."""

    def __init__(self, remote: RemoteFile) -> None:
        super().__init__()
        self._remote = remote
        self._at = 0
        self.failure = ""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_CUR:
            offset += self._at
        elif whence == os.SEEK_END:
            if self._remote.size < 0:
                self._remote.complete()
            offset += self._remote.size
        self._at = max(0, offset)
        return self._at

    def read(self, size: int = -1) -> bytes:
        if size is None or size < 0:
            size = 1 << 62
        try:
            data = self._remote.read(self._at, size)
        except OSError as error:
            self.failure = error.strerror or str(error)
            raise
        self._at += len(data)
        return data
