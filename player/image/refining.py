"""Work that may wait: finer cubes of the views that are on for a while.

A cube of 129 nodes a side has an eighth of the bad cells' room of one of 65, so that what is left
to compute costs next to nothing.  Making it takes two seconds of a processor, so it is made by a
thread that gives way to all others, and the coarse one serves until then.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Final

__all__ = ["finished", "go_on", "later"]

_NICE: Final = 15
_PATIENCE: Final = 10.0  # seconds, for a piece of work that takes a twentieth of one

_log = logging.getLogger(__name__)


class _Ended(Exception):
    """The process ends: nobody needs what is being made."""


_ending = threading.Event()


def go_on() -> None:
    """Called between pieces of such work: ends it when the process does."""
    if _ending.is_set():
        raise _Ended


_jobs: SimpleQueue[Callable[[], None]] = SimpleQueue()
_start = threading.Lock()
_started: list[threading.Thread] = []


def later(job: Callable[[], None]) -> None:
    """Do something when there is time for it, after what was asked for before."""
    with _start:
        if not _started:
            _started.append(threading.Thread(target=_serve, name="refining", daemon=True))
            _started[0].start()
            # an interpreter that ends must not find it within OpenColorIO
            atexit.register(_end, _started[0])
    _jobs.put(job)


def _end(thread: threading.Thread) -> None:
    _ending.set()
    _jobs.put(go_on)
    thread.join(_PATIENCE)


def finished(timeout: float) -> bool:
    """Wait until everything asked for so far is done; False when the time is over."""
    done = threading.Event()
    later(done.set)
    return done.wait(timeout)


def _serve() -> None:
    with suppress(OSError, AttributeError):  # Linux: a thread has a priority of its own
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
    while True:
        job = _jobs.get()
        try:
            job()
        except _Ended:
            return
        except Exception:  # the coarse cube goes on serving
            _log.exception("a finer cube of a colour transform could not be made")
        del job
