"""Playlists (HLS): FFmpeg reads the list, the requests that it leads to are made here.

FFmpeg checks the certificate of the list's server and of no other, and sends the same headers to
every server that a list names, and a list may name any.  Here each certificate is checked, and
headers go to the server of the list only, as does the account in its URL, or the one that a
redirect named for where it led to; pieces elsewhere are asked for without.  Pieces that are
encrypted only FFmpeg itself can read: it does, headers and all, if they are on that one server, and
certificates are no concern.  A list in a file may lead to files as well.

A container that reads through files of ours must be closed before Python's collector finds it: the
collector may take the files first, and FFmpeg then closes them a second time, which ends the
process.  So all of them are held here until they are closed.
"""

from __future__ import annotations

import atexit
import io
import logging
import os
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urljoin

from player.media.asking import Rules, same_server, with_account
from player.media.limits import check_regular
from player.media.pyav import import_av, open_av
from player.media.remote import Cursor, RemoteFile
from rvshell.errors import MediaError

__all__ = ["Requests", "first_named", "open_playlist"]

_OPTIONS: Final = {"http_persistent": "0", "http_multiple": "0"}  # requests are made here

_ATTRIBUTE: Final = re.compile(r'URI=(?:"([^"]*)"|([^",\s]+))')
_LONGEST: Final = 16 << 20  # bytes of a list

_MOST_TIMES: Final = 8  # that the same may be asked for while a list is opened
_MOST_ASKED: Final = 1000  # others

_lock = threading.Lock()
_open: list[Any] = []

_log = logging.getLogger("player.media")


class _Piece(Cursor):
    """What FFmpeg reads of a URL: from its byte `first` to `end` (-1: the last)."""

    def __init__(self, remote: RemoteFile, first: int, end: int) -> None:
        super().__init__(remote)
        self._at = first
        self._end = end
        self._whole = first == 0 and end < 0

    def seekable(self) -> bool:
        return self._whole

    def read(self, size: int = -1) -> bytes:
        if self._end >= 0:
            left = max(0, self._end - self._at)
            size = left if size is None or size < 0 else min(size, left)
        return super().read(size)

    def close(self) -> None:
        if not self.closed:
            self._remote.close()
        super().close()


class _File(io.FileIO):
    """A file that a list in a file names; FFmpeg does not close all of them."""

    def __del__(self) -> None:
        self.close()


class Requests:
    """Opens for FFmpeg what a playlist at *url* names, which is found at *location*.

    `rules` hold what may be sent, `extra` are header lines of this source's own; `check` raises
    MediaError for a URL that may not be opened, `shown` names one without its secrets.  One that
    `is_local` is in a file, and may name files.
    """

    def __init__(
        self, url: str, location: str, rules: Rules, extra: tuple[str, ...], *,
        check: Callable[[str], str], shown: Callable[[str], str], is_local: bool = False,
    ) -> None:  # fmt: skip
        self.location = location
        self._url = url
        self._rules = rules
        self._extra = extra
        self._check = check
        self._shown = shown
        self._is_local = is_local
        self.failure = ""
        """Why the last of the requests that failed did."""
        self.encrypted = False
        self._opened: list[str] = []
        self.opening = True
        self._asked: Counter[str] = Counter()
        self.has_headers = bool(rules.headers or extra)
        """Whether FFmpeg would tell other servers what is meant for this one."""

    def __call__(
        self, url: str, flags: int, options: Mapping[str, str]
    ) -> io.RawIOBase | io.BytesIO:
        if url.startswith("crypto"):
            self.encrypted = True
            return io.BytesIO()
        if self.opening:
            self._asked[url] += 1
            if self._asked[url] > _MOST_TIMES or len(self._asked) > _MOST_ASKED:
                self.failure = (
                    f"{self._shown(self._url)}: a list that leads to itself, or to no end"
                )
                return io.BytesIO()
        if self._is_local and (url.startswith("file:") or "://" not in url):
            return self._file(url.removeprefix("file:"), options)
        try:
            remote = self._remote(url)
        except MediaError as error:
            # to FFmpeg a piece that is missing is one without pictures
            self.failure = str(error)
            _log.warning("%s", error)
            return io.BytesIO()
        self._opened.append(url)
        return _Piece(remote, int(options.get("offset", 0)), int(options.get("end_offset", -1)))

    def _file(self, path: str, options: Mapping[str, str]) -> io.RawIOBase | io.BytesIO:
        try:
            check_regular(path)
            file = _File(path)
            if "end_offset" not in options:
                return file
            with file:
                first = int(options.get("offset", 0))
                file.seek(first)
                return io.BytesIO(file.read(max(0, int(options["end_offset"]) - first)))
        except (OSError, MediaError) as error:
            self.failure = f"{path}: {error.strerror}" if isinstance(error, OSError) else str(error)
            _log.warning("%s", self.failure)
            return io.BytesIO()

    def _remote(self, url: str) -> RemoteFile:
        name = self._shown(url)
        if self._check(url) not in ("http", "https"):
            raise MediaError(f"{name}: no URL that a playlist may lead to", path=name)
        if same_server(self._url, url):
            return RemoteFile(with_account(self._url, url), name, self._rules, self._extra)
        return RemoteFile(with_account(self.location, url), name, self._rules.without_headers())

    def names_others(self) -> bool:
        """Whether the lists that were opened name another server than theirs."""
        for url in self._opened:
            try:
                remote = self._remote(url)
            except MediaError:
                return True  # it was there before
            try:
                text = b""
                while len(text) <= _LONGEST and (more := remote.read(len(text), _LONGEST)):
                    text += more
            except OSError:
                return True
            finally:
                remote.close()
            if text.startswith(b"#EXTM3U") and (
                len(text) > _LONGEST
                or any(
                    not same_server(self._url, urljoin(url, name))
                    for name in _named(text.decode(errors="replace"))
                )
            ):
                return True
        return False


def _named(text: str) -> Iterator[str]:
    """What a list names: a line each, and attributes of others."""
    for line in text.split("\n"):
        if line.startswith("#"):
            for found in _ATTRIBUTE.finditer(line):
                yield found[1] or found[2] or ""
        else:
            yield line.strip()


def first_named(text: bytes, base: str) -> str:
    """What the list at *base*, a URL or a file, names first; "" for nothing."""
    for name in _named(text.decode(errors="replace")):
        if name:
            is_file = "://" not in base
            return os.path.join(os.path.dirname(base), name) if is_file and "://" not in name else (
                urljoin(base, name)
            )  # fmt: skip
    return ""


def _is_open(container: Any) -> bool:
    try:
        _ = container.duration
    except AssertionError:
        return False
    return True


def _hold(container: Any) -> None:
    """Keep a container until it is closed."""
    with _lock:
        _open[:] = [*filter(_is_open, _open), container]


@atexit.register
def _close_all() -> None:
    for container in _open:
        container.close()


def open_playlist(requests: Requests, timeout: Any) -> Any | None:
    """A PyAV container of the playlist; None when FFmpeg must do it by itself.

    It is to be closed by whoever asked for it.  Raises MediaError, and what PyAV raises.
    """
    av = import_av()
    try:
        container = open_av(
            requests.location, options=dict(_OPTIONS), timeout=timeout, io_open=requests
        )
    except (av.error.FFmpegError, OSError, ValueError):
        if not requests.encrypted:
            if requests.failure:
                raise MediaError(requests.failure) from None
            raise
    else:
        requests.opening = False
        _hold(container)
        if not requests.encrypted:
            return container
        container.close()
    if requests.has_headers and requests.names_others():
        raise MediaError(
            "a playlist of encrypted pieces on other servers cannot be read without sending them"
            " this one's headers"
        )
    return None
