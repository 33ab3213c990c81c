"""The contacts file: who has ever asked to come in, and what was decided.

Theory of operation
-------------------
The file is a journal: one JSON object a line, the last line of a contact counts.  A change is
one appended line, written in a single call, so that it costs the same with ten contacts and
with ten thousand, that a killed player loses at most the change it was writing, and that
several players of one user can share the file (each looks whether it has grown before it
reads or writes).  When most lines are out of date the journal is written anew beside the old
one and moved over it.

Nobody waits for a lock, since the player's loop writes here.  Whoever appends looks afterwards
whether the file is still the one of that name, and appends to the new one as well if not;
whoever wrote a new one looks, after it is in place, for lines that came to the old one
meanwhile.  So every line is seen by one of the two, and a line twice is a line once.  Of two
that want to write a new one the second gives up.  A file is told from another by its inode, and
kept open as long as it matters, since the number of one that is gone is given out again.

A line that cannot be read is skipped with a message; before such a file is ever rewritten it
is kept under another name.  A file that cannot be written leaves the old content as it is
and the changes in memory, with one message.

RV keeps its contacts in a binary map of its settings, written when the dialog closes
(network.md section 6); nothing of that is kept.
"""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

try:
    import fcntl
except ImportError:  # no locks: one player at a time
    fcntl = None  # type: ignore[assignment]

__all__ = ["ALLOW", "ASK", "Contact", "ContactBook", "DENY", "MAX_CONTACTS", "PERMISSIONS"]

ASK, ALLOW, DENY = 0, 1, 2
PERMISSIONS: Final = ("ask", "allow", "deny")

MAX_CONTACTS: Final = 10_000
"""Contacts that are kept: names are the peers' own choice, and a stranger may send many.
Beyond it the oldest that were never decided about go."""

_SLACK: Final = 1000  # outdated lines before the journal is written anew
_MAX_FILE: Final = 64 * 1024 * 1024  # bytes of it that are read
_MOVES: Final = 3  # times that the file may be replaced under an append


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact.  Times are seconds since the epoch; `scopes` None means the default ones;
    `proof` names the key or certificate that proved the identity, when one did."""

    name: str
    host: str
    permission: int | None = None  # None: nobody decided, the default counts
    scopes: tuple[str, ...] | None = None
    app: str = ""
    address: str = ""
    first: float = 0.0
    last: float = 0.0
    proof: str = ""

    @property
    def key(self) -> str:
        return f"{self.name}@{self.host}"


class _Held:
    """A file open for reading: as long as it is, no other gets the number of its inode."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.inode = os.fstat(self._handle).st_ino

    def __del__(self) -> None:
        with contextlib.suppress(AttributeError):  # it could not be opened
            os.close(self._handle)


class ContactBook:
    """All contacts, kept in `path` (None: in memory only).  Never raises for the file."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._contacts: dict[str, Contact] = {}
        self._log = logging.getLogger("player.network")
        self._stamp: tuple[int, int] = (0, 0)  # inode and size that have been read
        self._held: _Held | None = None  # that inode
        self._lines = 0
        self._bad = 0
        self._complained = ""
        self._refresh()

    # -- reading ---------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._contacts)

    def __iter__(self) -> Iterator[Contact]:
        self._refresh()
        return iter(list(self._contacts.values()))

    def get(self, key: str) -> Contact | None:
        """The contact `name@host`, None when it is unknown."""
        self._refresh()
        return self._contacts.get(key)

    def _refresh(self) -> None:
        """Read what was added to the file since, all of it when it is another file."""
        if self.path is None:
            return
        try:
            status = os.stat(self.path)
            if (status.st_ino, status.st_size) == self._stamp:
                return
            if not stat.S_ISREG(status.st_mode):
                raise OSError(errno.EINVAL, "it is no file")
            with open(self.path, "rb") as file:
                status = os.fstat(file.fileno())  # another one may have taken its place
                whole = status.st_ino != self._stamp[0] or status.st_size < self._stamp[1]
                start = 0 if whole else self._stamp[1]
                file.seek(start)
                data = file.read(_MAX_FILE)
                # what has no end yet is being written, or a killed player's: whoever appends will
                # end it
                end = data.rfind(b"\n") + 1
                self._mark(status.st_ino, start + end)
        except FileNotFoundError:
            return
        except OSError as error:
            self._complain(f"cannot be read: {error.strerror or error}")
            return
        if whole:
            self._contacts.clear()
            self._lines = self._bad = 0
        bad = self._bad
        for line in data[:end].split(b"\n"):
            if line.strip():
                self._lines += 1
                self._take(line)
        self._take(data[end:], whole=False)
        if self._bad > bad:
            self._complain(f"{self._bad - bad} lines cannot be read; the others count")

    def _mark(self, inode: int, size: int) -> None:
        """The file of that inode has been read as far as `size`.  Raises OSError."""
        assert self.path is not None
        if inode != self._stamp[0] and fcntl is not None:  # (elsewhere it cannot be replaced then)
            self._held = _Held(self.path)
            if self._held.inode != inode:
                inode = size = 0  # another one has taken its place: that is read next
        self._stamp = (inode, size)

    def _take(self, line: bytes, *, whole: bool = True) -> None:
        try:
            found: Any = json.loads(line)
            contact = _contact(found)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            self._bad += whole
            return
        if found.get("deleted") is True:
            self._contacts.pop(contact.key, None)
        else:
            self._contacts[contact.key] = contact

    # -- changing --------------------------------------------------------------------------

    def seen(self, name: str, host: str, *, app: str, address: str, proof: str = "") -> Contact:
        """Note that a contact came, accepted or not; the contact."""
        now = time.time()
        old = self.get(f"{name}@{host}")
        base = old if old is not None else Contact(name, host, first=now)
        new = replace(base, app=app, address=address, last=now, proof=proof or base.proof)
        self._put(new)
        return new

    def decide(
        self, key: str, permission: int | None = None, scopes: tuple[str, ...] | None = None
    ) -> Contact:
        """Set the permission, the scopes, or both of a contact, which is made when new."""
        old = self.get(key)
        if old is None:
            name, _, host = key.rpartition("@")
            old = Contact(name or key, host if name else "", first=time.time())
        new = replace(
            old,
            permission=old.permission if permission is None else permission,
            scopes=old.scopes if scopes is None else scopes,
        )
        self._put(new)
        return new

    def remove(self, key: str) -> bool:
        """Forget a contact; False when there is none."""
        contact = self.get(key)
        if contact is None:
            return False
        del self._contacts[key]
        self._append({"name": contact.name, "host": contact.host, "deleted": True})
        return True

    def _put(self, contact: Contact) -> None:
        new = contact.key not in self._contacts
        if new and len(self._contacts) >= MAX_CONTACTS:
            self._drop_oldest()
        self._contacts[contact.key] = contact
        record = {k: v for k, v in asdict(contact).items() if v not in (None, "")}
        self._append(record)

    def _drop_oldest(self) -> None:
        undecided = [c for c in self._contacts.values() if c.permission is None]
        if undecided:
            oldest = min(undecided, key=lambda c: c.last)
            del self._contacts[oldest.key]
            self._append({"name": oldest.name, "host": oldest.host, "deleted": True})

    # -- the file --------------------------------------------------------------------------

    def _append(self, record: dict[str, Any]) -> None:
        if self.path is None:
            return
        line = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self._lines > 2 * len(self._contacts) + _SLACK:
                self._rewrite(line)
            for _ in range(_MOVES):
                if self._write(line):
                    break
            self._lines += 1
            if "written" in self._complained:
                self._complained = ""  # the next time is worth a line again
        except OSError as error:
            self._complain(f"cannot be written: {error.strerror or error}; kept in memory")

    def _write(self, line: bytes) -> bool:
        """Append; False when another file has taken its place meanwhile."""
        assert self.path is not None
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        handle = os.open(self.path, flags, 0o600)
        try:
            status = os.fstat(handle)
            size = status.st_size
            if not stat.S_ISREG(status.st_mode):
                raise OSError(errno.EINVAL, "it is no file")
            if size and os.pread(handle, 1, size - 1) != b"\n":
                line = b"\n" + line  # behind what a killed player left
            written = os.write(handle, line)
            # others may have appended since: this line is where the writing ended, not at `size`
            end = os.lseek(handle, 0, os.SEEK_CUR)
            start = end - written
            if written < len(line):
                os.ftruncate(handle, start)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            with contextlib.suppress(OSError):
                if (status.st_ino, start) == self._stamp or not (self._stamp[0] or start):
                    self._mark(status.st_ino, end)
                return os.stat(self.path).st_ino == status.st_ino
            return False
        finally:
            os.close(handle)

    def _rewrite(self, change: bytes) -> None:
        """The journal anew, one line a contact, with a change; unless somebody is at it."""
        assert self.path is not None
        with self._alone() as alone, contextlib.suppress(FileNotFoundError):
            if not alone:
                return
            with open(self.path, "rb") as old:
                self._refresh()
                self._take(change)
                if self._bad:
                    kept = self.path.with_name(self.path.name + ".unreadable")
                    with contextlib.suppress(FileExistsError):
                        os.link(self.path, kept)
                old.seek(self._stamp[1])
                self._replace()
                late = old.read(_MAX_FILE)
            for line in late.splitlines(keepends=True):
                if line.strip() and line.endswith(b"\n"):  # else its writer will see to it
                    self._take(line)
                    self._write(line)
                    self._lines += 1

    def _replace(self) -> None:
        """Write the contacts to a new file and move it over the old one."""
        assert self.path is not None
        fresh = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        try:
            with open(fresh, "wb", opener=lambda p, f: os.open(p, f, 0o600)) as file:
                for contact in self._contacts.values():
                    record = {k: v for k, v in asdict(contact).items() if v not in (None, "")}
                    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
                    file.write(text.encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
                status = os.fstat(file.fileno())
            os.replace(fresh, self.path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(fresh)
            raise
        self._mark(status.st_ino, status.st_size)
        self._lines = len(self._contacts)
        self._bad = 0

    @contextlib.contextmanager
    def _alone(self) -> Iterator[bool]:
        """Whether nobody else is writing the journal anew; nobody begins to, meanwhile."""
        assert self.path is not None
        if fcntl is None:
            yield True
            return
        name = self.path.with_name(self.path.name + ".lock")
        with open(name, "ab", opener=lambda p, f: os.open(p, f, 0o600)) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def _complain(self, text: str) -> None:
        if text != self._complained:
            self._complained = text
            self._log.warning("contacts file %s: %s", self.path, text)


def _contact(found: Any) -> Contact:
    """A contact from a line's object.  Raises KeyError, TypeError or ValueError."""
    permission = found.get("permission")
    scopes = found.get("scopes")
    if permission is not None and permission not in (ASK, ALLOW, DENY):
        raise ValueError("permission")
    texts = [found["name"], found["host"], *(found.get(k, "") for k in ("app", "address", "proof"))]
    if not all(isinstance(t, str) for t in texts):
        raise TypeError("text")
    return Contact(
        texts[0],
        texts[1],
        permission,
        None if scopes is None else tuple(str(s) for s in scopes),
        texts[2],
        texts[3],
        float(found.get("first", 0.0)),
        float(found.get("last", 0.0)),
        texts[4],
    )
