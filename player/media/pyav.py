"""PyAV, as the movies need it, whichever version is there."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from rvshell.errors import MissingExtra

__all__ = ["import_av", "open_av"]

_LENIENT: Final = 19  # the version from which text that is not UTF-8 is no error


def import_av() -> Any:
    """PyAV, silent.  Raises MissingExtra."""
    try:
        import av
        import av.logging
    except ImportError:
        raise MissingExtra("av", "player", purpose="reading movies") from None
    # any level takes the interpreter's lock in FFmpeg's threads, which hangs at exit
    av.logging.set_level(None)
    return av


@cache
def _words() -> dict[str, str]:
    version = int(import_av().__version__.partition(".")[0])
    return {} if version >= _LENIENT else {"metadata_errors": "replace"}


def open_av(file: Any, **words: Any) -> Any:
    """`av.open` of a file to be read, whatever its texts are.  Raises what that raises."""
    return import_av().open(file, **_words(), **words)
