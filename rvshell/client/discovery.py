"""Finding running players and RVs of this machine by their port files.

Each RV with networking on writes `<system temp>/tweak_rv_proc/<pid>_<tag>` with its port
in it and deletes it at the end, unless it crashed.  The directory is open to everybody,
so a file counts only if it belongs to the user who asks and its process is alive; rvpush
checks neither.  Nothing is ever deleted here.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from rvshell.protocol.frozen import frozen

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["PlayerInfo", "find_players", "port_directory"]

_MAX_FILE = 64  # bytes: a port and a line end


@frozen
class PlayerInfo:
    """A player or RV that can be reached at 127.0.0.1:`port`."""

    port: int
    pid: int
    tag: str
    path: str
    started: float  # modification time of the file, seconds since the epoch


def port_directory() -> str:
    """The directory that RV, rvpush and the player share, in what Qt takes for temporary."""
    folder = os.environ.get("TMPDIR") or "/tmp"
    if not os.path.isdir(folder):
        import tempfile  # dear to import, and never needed on a sound Unix

        folder = tempfile.gettempdir()
    return os.path.join(folder, "tweak_rv_proc")


def find_players(tag: str | None = None, directory: str | Path | None = None) -> list[PlayerInfo]:
    """The running players of this user, newest first.

    `tag` None finds all, "" those without a tag, anything else those with exactly that
    tag (`-networkTag`).  Whether they answer is not tried.
    """
    found: list[PlayerInfo] = []
    try:
        entries = list(os.scandir(directory or port_directory()))
    except OSError:
        return found
    for entry in entries:
        info = _read(entry.path)
        if info is not None and (tag is None or info.tag == tag):
            found.append(info)
    found.sort(key=lambda info: (info.started, info.pid), reverse=True)
    return found


def _read(path: str) -> PlayerInfo | None:
    number, _, tag = os.path.basename(path).partition("_")
    try:
        pid = int(number)
        if pid <= 0 or not number.isascii():
            return None
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(handle, "rb") as file:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
                return None
            port = int(file.read(_MAX_FILE).split(b"\n")[0])
        os.kill(pid, 0)  # raises when it is dead, or somebody else's
    except (OSError, ValueError, OverflowError):
        return None
    if not 0 < port < 65536:
        return None
    return PlayerInfo(port, pid, tag, path, status.st_mtime)
