"""Images that nobody closes: dropped, open when the program ends, or taken along by a fork.

What waits of a dropped image is still sent, in the background; at the end of the program it is
waited for, as `Image.close` does.  Threads do not live on in a forked process, and a lock that one
of them held stays locked in it, so there every image is closed.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rvshell.pixels.image import Image
    from rvshell.pixels.sender import Sender

__all__ = ["STILL", "look_after"]

STILL: Final = 10.0
"""Seconds without progress after which what waits at the end of the program is given up."""

_images: weakref.WeakSet[Image] = weakref.WeakSet()
_senders: weakref.WeakSet[Sender] = weakref.WeakSet()


def look_after(image: Image, senders: Sequence[Sender]) -> None:
    """Do what has to be done when nobody closes *image*, whose pixels go by *senders*."""
    _images.add(image)
    _senders.update(senders)
    weakref.finalize(image, _dropped, os.getpid(), senders).atexit = False
    _look_after_worker()


def _look_after_worker() -> None:
    """A process of `multiprocessing` ends without what `atexit` was told."""
    process = sys.modules.get("multiprocessing.process")
    if process is not None and process.parent_process() is not None:
        from multiprocessing.util import Finalize

        Finalize(None, _at_exit, exitpriority=10)


def _dropped(process: int, senders: Sequence[Sender]) -> None:
    if os.getpid() == process:
        for sender in senders:
            sender.finish()


@atexit.register
def _at_exit() -> None:
    senders = list(_senders)
    with contextlib.suppress(KeyboardInterrupt):  # it is waited for no longer
        for sender in senders:
            sender.finish()
        for sender in senders:
            sender.outlive(STILL)


def _after_fork() -> None:
    for image in list(_images):
        image.left_to_parent()
    _images.clear()
    _senders.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
