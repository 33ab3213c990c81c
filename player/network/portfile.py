"""The port file: how rvpush, rvshell and others find a running player.

`<system temp>/tweak_rv_proc/<pid>_<tag>` holds the port and a line end.  The directory is
shared with every RV and every user of the machine, so nothing in it is trusted: the file
is created exclusively and never through a link, and only our own file is ever removed.
RV makes the directory 0777; here it gets the sticky bit, so that users cannot delete each
other's files.  Source: RvNetworkDialog.cpp, savePortNumber.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
from pathlib import Path

from rvshell.client.discovery import port_directory
from rvshell.errors import UsageError

__all__ = ["PortFile"]


class PortFile:
    """This process's port file; `tag` distinguishes players, and may be empty.

    Raises UsageError for a tag that is no part of a file name.
    """

    def __init__(self, tag: str = "", directory: Path | None = None) -> None:
        if "/" in tag or "\0" in tag:
            raise UsageError(f"tag {tag!r} cannot be used", hint="it must not hold a slash")
        self._directory = directory or Path(port_directory())
        self.path = self._directory / f"{os.getpid()}_{tag}"
        self._log = logging.getLogger("player.network")
        self._text = b""

    def write(self, port: int) -> bool:
        """Announce `port`.  False, with a log line, when that cannot be done safely: the
        player works without, it is only not found."""
        text = b"%d\n" % port
        try:
            self._prepare()
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            handle = os.open(self.path, flags, 0o644)
            with open(handle, "wb") as file:
                file.write(text)
        except OSError as error:
            self._log.warning("no port file %s: %s", self.path, error.strerror or error)
            return False
        self._text = text
        return True

    def _prepare(self) -> None:
        """Make the directory and clear away what an earlier process of our number left."""
        with contextlib.suppress(FileExistsError):
            os.mkdir(self._directory)
            os.chmod(self._directory, 0o1777)
        if not stat.S_ISDIR(os.lstat(self._directory).st_mode):
            raise NotADirectoryError(0, f"{self._directory} is no directory")
        with contextlib.suppress(FileNotFoundError):
            found = os.lstat(self.path)
            if found.st_uid != os.geteuid():
                raise PermissionError(0, "it belongs to another user")
            os.unlink(self.path)

    def remove(self) -> None:
        """Take the announcement back, if the file is still ours."""
        if not self._text:
            return
        text, self._text = self._text, b""
        try:
            handle = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            with open(handle, "rb") as file:
                ours = os.fstat(handle).st_uid == os.geteuid() and file.read(64) == text
            if ours:
                os.unlink(self.path)
        except OSError as error:
            self._log.debug("port file %s: %s", self.path, error)
