"""Python's search for garbage, put off while a large part of a session is made.

Opening thousands of sources makes hundreds of thousands of objects that stay. The collector looks
at what is new again and again, and at everything whenever that has grown by a quarter: half as
long as making the objects takes. Nothing is lost by putting it off: a graph that is dropped goes
without the collector (``Node.unlink``).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collector_paused"]


@contextmanager
def collector_paused() -> Iterator[None]:
    """No search inside the block; what it made counts as old afterwards. May be nested."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.collect(1)  # what is new into the oldest generation, which is rarely looked through
        gc.enable()
