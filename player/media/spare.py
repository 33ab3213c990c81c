"""What decoders keep of frames that nobody holds any more.

FFmpeg gives no frame's memory back while its decoder is open: the next frame gets it.  In a movie
that plays on it is used again.  When the frames of one movie make room for those of another one,
it is lost to both: a sequence of a dozen movies would hold the cache's budget a dozen times.  So
what each decoder keeps is counted, and when it is too much in all, decoders that were not used
lately are closed, those first that have rested longest; each is opened again for its next frame.

Even then FFmpeg frees the frames that are out when the last of them comes back.  So a cache that
drops one of them does well to drop all that nobody wants (`Picture.keeper`); while the last frames
of a movie are still to be shown and those of the next are read ahead there may be up to twice the
budget, and never more, however many movies there are.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict, deque
from typing import Final, Protocol

__all__ = ["Account", "Hold", "Spares", "shared_spares"]

_LIMIT: Final = 32 << 20  # bytes
_LATELY: Final = 12  # uses, and
_LATELY_EACH: Final = 2  # for every user: many movies may be shown at once


class Hold:
    """The memory of one frame: counts as used for as long as this lives."""

    __slots__ = ("account", "size")

    def __init__(self, size: int, account: Account) -> None:
        self.size = size
        self.account = account

    def __del__(self) -> None:
        # an append is one step: this may run inside anything, in any thread
        self.account.gone.append(self.size)


class Account:
    """The frames of one decoder since it was opened.  Used by one thread at a time."""

    def __init__(self) -> None:
        self._used = self._most = 0
        self.gone: deque[int] = deque()
        """Sizes of frames that nobody holds any more."""
        self.closed = False
        """Whether the decoder is closed: the frames that are out go back together."""

    def hold(self, size: int) -> Hold:
        """A frame of *size* bytes came out of the decoder."""
        self._settle()
        self._used += size
        self._most = max(self._most, self._used)
        return Hold(size, self)

    def _settle(self) -> None:
        while self.gone:
            self._used -= self.gone.popleft()

    @property
    def spare(self) -> int:
        """Bytes that the decoder keeps for frames to come."""
        self._settle()
        return self._most - self._used


class Spender(Protocol):
    """Who has decoders."""

    def spare(self) -> int:
        """Bytes that those of its decoders keep that are not in use now."""

    def rest(self) -> None:
        """Close these decoders until they are needed."""


class Spares:
    """All who have decoders, by when they last used them.  Holds none of them.  Thread-safe."""

    def __init__(self, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._uses = 0
        self._used: OrderedDict[weakref.ref[Spender], int] = OrderedDict()  # number of the last use

    def use(self, user: Spender) -> None:
        """*user* is about to decode: what those keep that rest stays within the limit."""
        known = weakref.ref(user)
        with self._lock:
            self._uses += 1
            self._used[known] = self._uses
            self._used.move_to_end(known)
            lately = self._uses - _LATELY - _LATELY_EACH * len(self._used)
            resting = self._there(lately)
        if resting:
            self._relieve(resting, self._limit)

    def _there(self, until: int) -> list[Spender]:
        """Whoever still exists and used its decoders last at or before that use."""
        found: list[Spender] = []
        for known, use in list(self._used.items()):
            if use > until:
                break
            user = known()
            if user is None:
                del self._used[known]
            else:
                found.append(user)
        return found

    def leave(self, user: Spender) -> None:
        """*user* has closed its decoders for good."""
        with self._lock:
            self._used.pop(weakref.ref(user), None)

    def clear(self) -> None:
        """Give all of it back: nothing more is decoded for now."""
        with self._lock:
            users = self._there(self._uses)
        self._relieve(users, 0)

    def _relieve(self, users: list[Spender], limit: int) -> None:
        kept = [(user, user.spare()) for user in users]
        total = sum(size for _, size in kept)
        for user, size in kept:
            if total <= limit:
                break
            if size > 0:
                user.rest()
                total -= size


_shared = Spares()


def shared_spares() -> Spares:
    """Those of this process."""
    return _shared
