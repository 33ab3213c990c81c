"""How much of a session file is believed.

A session file may come from anyone.  Everything that a file can ask for is compared with
one of these before memory is set aside for it.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "MAX_DECLARED_ELEMENTS",
    "MAX_DEPTH",
    "MAX_FILE_BYTES",
    "MAX_OBJECTS",
    "MAX_WIDTH",
]

#: Bytes of a file after decompression.  In-memory images make the largest sessions: this is
#: sixteen 4K half-float frames with room to spare, and what one allocation may cost.
MAX_FILE_BYTES: Final = 1 << 30

#: Objects in one file: 5,000 sources make about 150,000.
MAX_OBJECTS: Final = 4_000_000

#: Components inside components.  RV writes one level; the text grammar allows any number.
MAX_DEPTH: Final = 64

#: Numbers in one element (a float[4,4] has 16).
MAX_WIDTH: Final = 4096

#: Elements that `[ 1 ... ]` may be filled up to: the only place where few bytes of text can
#: ask for much memory.
MAX_DECLARED_ELEMENTS: Final = 16_000_000
