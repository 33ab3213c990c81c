"""Opening containers with FFmpeg: files as they are, URLs by the rules of the house.

http and https are read by `remote`, and what playlists (HLS) lead to by `playlists`; other schemes
by FFmpeg itself.  Which URLs may be opened, and how, is
decided once for the process (`set_policy`): an allow-list of schemes, certificates that are
checked, a time after which a silent server is given up, headers that are sent.  FFmpeg is told the
protocols that a playlist may lead to, so that a remote text cannot name a local file.  Whatever is
shown of a URL has lost its password and its query: these are credentials more often than not.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import re
import ssl
import threading
import weakref
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit, urlunsplit

from player.media.limits import check_regular
from player.media.pyav import import_av, open_av
from player.media.wholeness import end_of_pictures
from rvshell.errors import MediaError

if TYPE_CHECKING:  # imported when the first URL is opened: urllib is a twentieth of the start
    from player.media.asking import Rules
    from player.media.remote import RemoteFile

__all__ = [
    "UrlPolicy",
    "check_url",
    "hold",
    "is_url",
    "open_container",
    "policy",
    "release",
    "remote_file",
    "remote_progress",
    "set_policy",
    "set_url_parameters",
    "shown_name",
]

_URL: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")
_BELOW: Final = {"https": "tls,tcp", "http": "tcp", "hls": "tcp"}
_RECONNECT: Final = {
    "reconnect": "1",
    "reconnect_streamed": "1",
    "reconnect_on_network_error": "1",
    "reconnect_delay_max": "5",
}
_USER_AGENT: Final = "player"


@dataclass(frozen=True, slots=True)
class UrlPolicy:
    """How media URLs are opened.

    `schemes` may be opened; `insecure` leaves certificates unchecked; `authorities` is a PEM
    file ("" for the system's); `headers` are "Name: value" lines sent with every request;
    `timeout` is seconds a server may be silent.
    """

    schemes: frozenset[str] = frozenset(("http", "https"))
    insecure: bool = False
    authorities: str = ""
    headers: tuple[str, ...] = ()
    timeout: float = 15.0


_policy = UrlPolicy()


def policy() -> UrlPolicy:
    """The rules in force."""
    return _policy


def set_policy(rules: UrlPolicy) -> None:
    """The rules for everything opened from now on."""
    global _policy
    _policy = rules


def is_url(path: str) -> bool:
    """Whether a media name is a URL and no file."""
    return _URL.match(path) is not None


def shown_name(path: str) -> str:
    """A media name for messages: a URL without user, password and query."""
    if not is_url(path):
        return path
    try:
        parts = urlsplit(path)
        host = parts.hostname or ""
        if parts.port:
            host += f":{parts.port}"
    except ValueError:
        return path.split("://", 1)[0] + "://..."
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def check_url(url: str) -> str:
    """The scheme of a URL that may be opened.  Raises MediaError."""
    scheme = url.split("://", 1)[0].lower()
    if scheme not in _policy.schemes:
        name = shown_name(url)
        raise MediaError(
            f"{name}: {scheme} URLs are not opened",
            path=name,
            hint=f"player --url-schemes {','.join(sorted({*_policy.schemes, scheme}))}",
        )
    if "\n" in url or "\r" in url:
        raise MediaError("a URL cannot hold a line break")
    try:
        _ = urlsplit(url).port
    except ValueError:
        raise MediaError(f"{shown_name(url)}: is no URL that can be asked for") from None
    return scheme


def _authorities() -> str:
    if _policy.authorities:
        return _policy.authorities
    paths = ssl.get_default_verify_paths()
    for found in (os.environ.get("SSL_CERT_FILE"), paths.cafile, paths.openssl_cafile):
        if found and os.path.exists(found):
            return found
    try:
        return str(importlib.import_module("certifi").where())
    except (ImportError, AttributeError):
        return ""


def url_options(scheme: str, lines: tuple[str, ...]) -> dict[str, str]:
    """FFmpeg's options for a URL that it opens itself; `lines` are a source's own headers."""
    rules = _policy
    below = {scheme, *_BELOW.get(scheme, "tcp,tls").split(",")}
    if scheme in ("http", "https"):
        below |= {s for s in ("http", "https") if s in rules.schemes} | {"tls", "tcp", "crypto"}
    options = {
        "protocol_whitelist": ",".join(sorted(below)),
        "rw_timeout": str(int(rules.timeout * 1e6)),
    }
    if scheme in ("http", "https"):
        options |= _RECONNECT | {"user_agent": _USER_AGENT, "multiple_requests": "1"}
        headers = (*rules.headers, *lines)
        if headers:
            options["headers"] = "".join(f"{line.strip()}\r\n" for line in headers)
        if rules.insecure:
            options["tls_verify"] = "0"
        else:
            options["tls_verify"] = "1"
            bundle = _authorities()
            if bundle:
                options["ca_file"] = bundle
    return options


def _reason(error: BaseException, name: str, path: str) -> str:
    text = str(getattr(error, "strerror", None) or error) or type(error).__name__
    for secret in (path, *_policy.headers):
        text = text.replace(secret, name)
    return " ".join(text.split())


# -- http and https ------------------------------------------------------------------------

_PLAYLISTS: Final = ("application/vnd.apple.mpegurl", "application/x-mpegurl", "audio/mpegurl",
                     "audio/x-mpegurl", "application/dash+xml")  # fmt: skip
_BUFFER: Final = 256 << 10
_LIST_HEAD: Final = 64 << 10  # bytes of a list that tell what it is

_log = logging.getLogger("player.media")
_lock = threading.RLock()  # a cursor may be collected while it is held
_open_files: dict[str, RemoteFile] = {}
_users: dict[str, int] = {}
_parameters: dict[str, tuple[str, ...]] = {}


def set_url_parameters(url: str, parameters: dict[str, str]) -> None:
    """A source's own `headers` and `cookies` for the requests of its URL."""
    lines = [line.strip() for line in parameters.get("headers", "").splitlines() if ":" in line]
    if parameters.get("cookies"):
        pairs = [c.split(";")[0].strip() for c in parameters["cookies"].splitlines()]
        lines.append("Cookie: " + "; ".join(filter(None, pairs)))
    with _lock:
        _parameters[url] = tuple(lines)


@lru_cache(maxsize=2)
def _context(authorities: str, stamp: object, insecure: bool) -> ssl.SSLContext:
    """Who may vouch for servers: a megabyte and some milliseconds, once and not for each URL."""
    context = ssl.create_default_context(cafile=authorities or None)
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _rules() -> Rules:
    authorities = _authorities()
    stamp = None
    with contextlib.suppress(OSError, ValueError):
        stamp = os.stat(authorities).st_mtime_ns
    from player.media.asking import Rules

    return Rules(
        timeout=_policy.timeout, headers=_policy.headers,
        context=_context(authorities, stamp, _policy.insecure),
        schemes=_policy.schemes, agent=_USER_AGENT,
    )  # fmt: skip


def remote_file(url: str) -> RemoteFile:
    """The bytes of an http or https URL; call `release` for each call of this.

    Raises MediaError.
    """
    check_url(url)
    with _lock:
        held = _open_files.get(url)
        if held is not None:
            _users[url] += 1
            return held
        extra = _parameters.get(url, ())
    from player.media.remote import RemoteFile

    made = RemoteFile(url, shown_name(url), _rules(), extra)
    with _lock:
        held = _open_files.get(url)
        if held is None:
            _open_files[url], _users[url] = made, 1
            return made
        _users[url] += 1
    made.close()
    return held


def hold(url: str) -> bool:
    """One user more of the bytes of a URL, if they are kept here; `release` takes it back."""
    with _lock:
        if url in _users:
            _users[url] += 1
        return url in _users


def release(url: str) -> None:
    """One user less; the last one closes the connection and drops the bytes."""
    with _lock:
        if url not in _users:
            return
        _users[url] -= 1
        if _users[url] > 0:
            return
        del _users[url]
        held = _open_files.pop(url)
    held.close()


def remote_progress(url: str) -> tuple[int, int] | None:
    """(bytes here, bytes in all or -1) of a URL that is open."""
    with _lock:
        held = _open_files.get(url)
    return held.progress() if held is not None else None


def _open_remote(path: str, name: str) -> Any:
    remote = remote_file(path)
    if remote.kind in _PLAYLISTS or urlsplit(path).path.lower().endswith((".m3u8", ".mpd")):
        release(path)
        return _open_playlist(path, remote.location or path)
    cursor = remote.cursor()
    try:
        container = open_av(cursor, buffer_size=_BUFFER)
    except BaseException as error:
        release(path)
        if cursor.failure:
            raise MediaError(f"{name}: {cursor.failure}", path=name) from None
        raise error from None
    weakref.finalize(cursor, release, path).atexit = False
    if not remote.remarked and _index_last(remote):
        remote.remarked = True
        _log.info(
            "%s: its index is at its end, which takes a request more; written with "
            "-movflags +faststart it would start at once", name,
        )  # fmt: skip
    return container


def _open_playlist(path: str, location: str) -> Any:
    """The playlist *path*, which is found at *location*: its container, or the URL with which
    FFmpeg may make the requests itself."""
    from player.media.playlists import Requests, open_playlist

    extra = _parameters.get(path, ())
    requests = Requests(path, location, _rules(), extra, check=check_url, shown=shown_name)
    found = open_playlist(requests, _timeouts())
    if found is not None:
        return found
    if path.startswith("https:") and not _policy.insecure:
        name = shown_name(path)
        raise MediaError(
            f"{name}: a playlist of encrypted pieces can be read by FFmpeg only, which asks for "
            "them without checking certificates", path=name, hint="player --url-insecure",
        )  # fmt: skip
    # FFmpeg forgets the account at a redirect; without one it may ask again where it is led to
    return location if any("@" in urlsplit(url).netloc for url in (path, location)) else path


def _open_local_list(path: str) -> Any | None:
    """A playlist in a file, which may lead to files, and to URLs that may be opened, without the
    headers that are meant for others; None when FFmpeg must read it, from files only."""
    from player.media.playlists import Requests, open_playlist

    rules = _rules().without_headers()
    requests = Requests(path, path, rules, (), check=check_url, shown=shown_name, is_local=True)
    return open_playlist(requests, _timeouts())


def _timeouts() -> tuple[float, float]:
    """Seconds for PyAV: to open, to read."""
    return _policy.timeout * 2, _policy.timeout


def _index_last(remote: RemoteFile) -> bool:
    """Whether a QuickTime or MP4 file has its samples in front of their index."""
    at = 0
    for _ in range(8):
        here, _ = remote.progress()
        if at + 16 > here:
            return False
        head = remote.read(at, 16)
        size, kind = int.from_bytes(head[:4], "big"), head[4:8]
        if kind == b"mdat":
            return True
        if kind not in (b"ftyp", b"free", b"skip", b"wide") or size < 8:
            return False
        at += size
    return False


def _about_list(path: str, name: str) -> MediaError | None:
    """Why FFmpeg could not open a list of others: it has no reader for DASH, and of a piece that it
    may not or cannot open it says no more than of any damage."""
    from player.media.playlists import first_named

    where = path
    try:
        if is_url(path):
            remote = remote_file(path)
            try:
                text, where = remote.read(0, _LIST_HEAD), remote.location or path
            finally:
                release(path)
        else:
            with open(path, "rb") as file:
                text = file.read(_LIST_HEAD)
    except (MediaError, OSError):
        return None
    if b"<MPD" in text:
        return MediaError(
            f"{name}: is a DASH presentation, which PyAV's FFmpeg cannot read (it is built without "
            "libxml2)", path=name, hint="open its HLS list (.m3u8) or one of its media files",
        )  # fmt: skip
    if not text.startswith(b"#EXTM3U") or not (piece := first_named(text, where)):
        return None
    shown = shown_name(piece)
    if is_url(piece):
        scheme = piece.split("://", 1)[0].lower()
        if scheme == "file" and is_url(path):
            return MediaError(f"{name}: a list from a server may not lead to {shown}", path=name)
        if scheme != "file":
            try:
                check_url(piece)
            except MediaError as error:
                return MediaError(f"{name}: leads to {error}", path=name, hint=error.hint)
    return MediaError(f"{name}: {shown}, to which it leads, cannot be read", path=name)


def open_container(path: str) -> Any:
    """A PyAV container of a file or URL.

    Raises MediaError with one clear reason that shows no credentials.
    """
    av = import_av()
    name = shown_name(path)
    options: dict[str, str] = {}
    timeout: Any = None
    where = path
    if not is_url(path):
        check_regular(path)
        if not os.path.isabs(path):  # or its beginning might be the name of a protocol of FFmpeg's
            where = os.path.join(os.curdir, path)
    try:
        if is_url(path):
            scheme = check_url(path)
            if scheme in ("http", "https"):
                opened = _open_remote(path, name)
                if not isinstance(opened, str):
                    return opened
                where = opened
            options = url_options(scheme, _parameters.get(path, ()))
            timeout = _timeouts()
        elif path.lower().endswith((".m3u8", ".m3u")):
            if (opened := _open_local_list(path)) is not None:
                return opened
            options = {"protocol_whitelist": "file,crypto,data"}
        elif end := end_of_pictures(path):
            where = f"subfile,,start,0,end,{end},,:{where}"
        return open_av(where, options=options, timeout=timeout)
    except (av.error.FFmpegError, OSError, ValueError, UnicodeError) as error:
        reason = _reason(error, name, where)
    if told := _about_list(path, name):
        raise told
    if timeout is not None and "exit" in reason.lower():
        reason = f"the server did not answer within {_policy.timeout * 2:g} seconds"
    raise MediaError(f"{name}: cannot be read as a movie: {reason}", path=name)
