"""Shared tiles: pixels that a sender of ours and a player of the same machine both see.

Bytes that go through a socket are copied into it and out of it.  Where both ends run on one
machine under one user, the sender's pixels can lie in memory that the player maps too; then a
tile is a line of text, and the player copies its pixels once, to where they belong.  Nobody needs
this: a far end that replies nothing (RV, a player of another user, machine or container) gets
tiles as ever.

    question   RETURNEVENT player-memory * offer PID FD SIZE TOKEN        reply   shared
    tiles      RETURNEVENT player-memory * tiles, then on lines of their own
               PIXELTILE(…) SIZE START STRIDE                             reply   copied

A tile's header and SIZE are as on RV's wire; its lowest row begins at byte START of the memory,
the others follow every STRIDE bytes.  The memory must keep the pixels until the reply, which is
also how a sender that is quicker than its viewer learns to wait.  A reply of anything else means
that the tiles have to be sent, and no more shared.

The memory has no name on any disk: it is a descriptor of the sender's process (memfd), which the
player opens through /proc, as the system allows to programs of one user.  It ends with the last
process that has it, however that dies.  Trust: the memory begins with a page that holds the token
of the question, so that a peer who cannot write memory here (at the far end of a tunnel) cannot
point at somebody else's; and it is sealed, so that it cannot shrink under the one who reads it.
"""

from __future__ import annotations

import hmac
import mmap
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from rvshell.errors import RemoteProtocolError
from rvshell.protocol import PixelTile
from rvshell.protocol.texts import parse_data_header

try:
    import fcntl

    _GET_SEALS: Final = fcntl.F_GET_SEALS
    _SEALS: Final = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
    _make: Final = os.memfd_create
except (ImportError, AttributeError):  # not Linux
    _make = None  # type: ignore[assignment,misc]

__all__ = [
    "COPIED",
    "SHARED",
    "SHARING_EVENT",
    "Memory",
    "Shared",
    "SharedTile",
    "offered",
    "possible",
    "read_tiles",
    "tiles_text",
]

SHARING_EVENT: Final = "player-memory"
SHARED: Final = "shared"
COPIED: Final = "copied"

_NAME: Final = "rvshell-pixels"
_PAGE: Final = mmap.PAGESIZE
_SEEN: Final = 8 << 20  # bytes that are copied between two times
_OFFER: Final = re.compile(r"offer ([1-9][0-9]{0,9}) ([0-9]{1,9}) ([0-9]{1,15}) ([0-9a-f]{64})")
_TILE: Final = re.compile(r"(PIXELTILE\([^ )]*\)) ([0-9]{1,10}) ([0-9]{1,15}) ([0-9]{1,10})")


def possible() -> bool:
    """Can this system share memory so?"""
    return _make is not None


class Memory:
    """Memory of *size* bytes that a player may be let look into; zero, and taken from the system
    only where it is written to.  Raises OSError."""

    def __init__(self, size: int) -> None:
        if _make is None:
            raise OSError("this system cannot share memory")
        self.size = size
        self._token = secrets.token_hex(32)
        self._fd = _make(_NAME, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            os.ftruncate(self._fd, _PAGE + size)
            fcntl.fcntl(self._fd, fcntl.F_ADD_SEALS, _SEALS)
            self._map = mmap.mmap(self._fd, _PAGE + size)
        except BaseException:
            os.close(self._fd)
            raise
        self._map[: len(self._token)] = self._token.encode()

    @property
    def pixels(self) -> memoryview:
        """The bytes, writable; they live as long as anybody has a view of them."""
        return memoryview(self._map)[_PAGE:]

    def forget(self, start: int, count: int) -> None:
        """Give the memory of some bytes back to the system; they are zero from now on.

        `start` is a multiple of `mmap.PAGESIZE`."""
        self._map.madvise(mmap.MADV_REMOVE, _PAGE + start, count)

    @property
    def offer(self) -> str:
        """The question's contents."""
        return f"offer {os.getpid()} {self._fd} {self.size} {self._token}"

    def close(self) -> None:
        """Let nobody else in; who is in stays."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class Shared:
    """A sender's memory, seen by who copies out of it: `pixels` are its bytes, to read."""

    def __init__(self, memory: mmap.mmap) -> None:
        self._memory = memory
        self.pixels = memoryview(memory)[_PAGE:]
        self._seen = 0

    def copied(self, count: int) -> None:
        """So many bytes were read.  What was read counts as ours, too, until it is let go."""
        self._seen += count
        if self._seen >= _SEEN:
            self._seen = 0
            self._memory.madvise(mmap.MADV_DONTNEED)  # the pixels stay, in the sender's memory


def offered(contents: str) -> Shared:
    """The memory that a question offers.

    Raises RemoteProtocolError when it is not there, is not what it says, or is not the asker's.
    """
    found = _OFFER.fullmatch(contents)
    if found is None or _make is None:
        raise RemoteProtocolError("no offer of memory")
    path, size = f"/proc/{found[1]}/fd/{found[2]}", int(found[3])
    try:
        # looked at before it is opened: opening may do something where it is a device or a pipe
        if not os.readlink(path).startswith(f"/memfd:{_NAME}"):
            raise RemoteProtocolError(f"{path} is not memory of ours")
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            seals, length = fcntl.fcntl(fd, _GET_SEALS), os.fstat(fd).st_size
            if not seals & fcntl.F_SEAL_SHRINK or length < _PAGE + size:
                raise RemoteProtocolError("memory that may shrink, or is too small")
            memory = mmap.mmap(fd, _PAGE + size, prot=mmap.PROT_READ)
        finally:
            os.close(fd)
    except (OSError, ValueError, OverflowError) as error:
        raise RemoteProtocolError(f"memory that cannot be reached: {error}") from None
    if not hmac.compare_digest(memory[: len(found[4])], found[4].encode()):
        raise RemoteProtocolError("memory of somebody else")
    return Shared(memory)


class SharedTile(NamedTuple):
    """A tile whose rows lie `stride` bytes apart in shared memory, the lowest at `start`."""

    header: bytes
    start: int
    stride: int


def tiles_text(tiles: Iterable[SharedTile]) -> str:
    """The contents that tell of tiles; `header` is as `encode_tile_header` gives it."""
    lines = [f"{tile.header.decode()}{tile.start} {tile.stride}" for tile in tiles]
    return "\n".join(("tiles", *lines))


def read_tiles(
    contents: str, memory: memoryview, known: dict[str, PixelTile]
) -> Iterator[tuple[PixelTile, int, int]]:
    """Header, start and stride of each tile that is told of.

    `known` remembers headers, so that one text gives one object.  Raises RemoteProtocolError for
    what is not well formed, or not inside the memory.
    """
    lines = iter(contents.split("\n"))
    if next(lines) != "tiles":
        raise RemoteProtocolError("neither an offer of memory nor tiles in it")
    for line in lines:
        found = _TILE.fullmatch(line)
        if found is None:
            raise RemoteProtocolError(f"a shared tile without a tile's header: {line[:80]!r}")
        head, size = found[1], int(found[2])
        tile = known.get(head)
        if tile is None or tile.size != size:
            if len(known) >= 4096:
                known.clear()
            parsed = parse_data_header(head, size)
            assert isinstance(parsed, PixelTile)
            tile = known[head] = parsed
        start, stride = int(found[3]), int(found[4])
        height = tile.height
        if height < 1 or size % height or size // height > stride:
            raise RemoteProtocolError(f"a shared tile of {size} bytes in {height} rows")
        if start + (height - 1) * stride + size // height > len(memory):
            raise RemoteProtocolError(f"a shared tile at {start}, outside of the memory")
        yield tile, start, stride
