"""Left and right files of a name with ``%v`` or ``%V``.

Source: RV user manual, "Stereo viewing"; Open RV ``src/lib/app/RvApp/RvSession.cpp``
(checkForStereoPaths), ``src/lib/ip/IPCore/Session.cpp``. Environment: RV_STEREO_CHAR_PAIRS for
``%v`` (default ``L:R:l:r``), RV_STEREO_NAME_PAIRS for ``%V`` (``left:right:Left:Right``).
"""

from __future__ import annotations

import os
from collections.abc import Callable

__all__ = ["is_stereo", "stereo_pair"]


def is_stereo(path: str) -> bool:
    """Whether a path holds an eye symbol."""
    return "%v" in path or "%V" in path


def _pairs(variable: str, default: str) -> list[tuple[str, str]]:
    words = [w for w in os.environ.get(variable, default).split(":") if w]
    return list(zip(words[::2], words[1::2], strict=False))


def stereo_pair(path: str, exists: Callable[[str], bool]) -> list[str]:
    """The files of both eyes, only the left one when the right one is missing, none when no
    left one ``exists``."""
    for left, right in _pairs("RV_STEREO_CHAR_PAIRS", "L:R:l:r"):
        for large_left, large_right in _pairs("RV_STEREO_NAME_PAIRS", "left:right:Left:Right"):
            first = path.replace("%v", left).replace("%V", large_left)
            if exists(first):
                second = path.replace("%v", right).replace("%V", large_right)
                return [first, second] if exists(second) else [first]
    return []
