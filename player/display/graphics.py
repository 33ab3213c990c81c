"""Pictures by terminal graphics protocols: kitty and sixel."""

from __future__ import annotations

import base64
import os
import secrets
import zlib
from contextlib import suppress

import numpy as np

from player.display.base import Bytes

__all__ = ["SharedPictures", "kitty", "sixel", "tmux_wrap"]

_CHUNK = 4096


def tmux_wrap(data: bytes) -> bytes:
    """Passed through tmux to the terminal around it (needs `allow-passthrough on`)."""
    return b"\x1bPtmux;" + data.replace(b"\x1b", b"\x1b\x1b") + b"\x1b\\"


def kitty(picture: Bytes, columns: int, rows: int, *, tmux: bool = False) -> bytes:
    """Show *picture* (RGB or RGBA uint8) scaled to the cells at the cursor, image id 1."""
    height, width = picture.shape[:2]
    rgb = np.ascontiguousarray(picture[..., :3])
    text = base64.standard_b64encode(zlib.compress(rgb.tobytes(), 1))
    head = f"a=T,q=2,i=1,p=1,C=1,f=24,o=z,s={width},v={height},c={columns},r={rows}".encode()
    pieces = []
    for at in range(0, len(text), _CHUNK):
        more = b"m=1" if at + _CHUNK < len(text) else b"m=0"
        keys = head + b"," + more if at == 0 else more
        piece = b"\x1b_G" + keys + b";" + text[at : at + _CHUNK] + b"\x1b\\"
        pieces.append(tmux_wrap(piece) if tmux else piece)
    return b"".join(pieces)


class SharedPictures:
    """Pictures handed to a local kitty by POSIX shared memory: 60 bytes go over the wire.

    The terminal removes each object when it has read it; what it did not read is removed
    after the next pictures, and by `close`.
    """

    _FOLDER = "/dev/shm"
    _KEPT = 3

    def __init__(self) -> None:
        self._number = 0
        self._stem = f"player-{os.getpid()}-{secrets.token_hex(4)}"
        self._names: list[str] = []

    def _store(self, data: memoryview | bytes) -> str:
        """A new object with these bytes, readable by the user only.  Raises OSError."""
        self._number += 1
        name = f"{self._stem}-{self._number}"
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW
        descriptor = os.open(os.path.join(self._FOLDER, name), flags, 0o600)
        self._names.append(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        while len(self._names) > self._KEPT:
            self._remove(self._names.pop(0))
        return name

    def _remove(self, name: str) -> None:
        with suppress(OSError):
            os.unlink(os.path.join(self._FOLDER, name))

    def question(self) -> bytes:
        """Asks the terminal, as image 32, whether it can read an object of ours."""
        try:
            name = self._store(b"\0\0\0")
        except OSError:
            return b""
        return b"\x1b_Gi=32,s=1,v=1,a=q,t=s,f=24;" + base64.b64encode(name.encode()) + b"\x1b\\"

    def kitty(self, picture: Bytes, columns: int, rows: int) -> bytes:
        """As `kitty`; falls back to it when there is no room for an object."""
        height, width = picture.shape[:2]
        whole = np.ascontiguousarray(picture)
        try:
            name = self._store(whole.data.cast("B"))
        except OSError:
            return kitty(picture, columns, rows)
        depth = 8 * picture.shape[2]
        head = f"a=T,q=2,i=1,p=1,C=1,t=s,f={depth},s={width},v={height},c={columns},r={rows}"
        return b"\x1b_G" + head.encode() + b";" + base64.b64encode(name.encode()) + b"\x1b\\"

    def close(self) -> None:
        """Remove what was not read."""
        while self._names:
            self._remove(self._names.pop())


def sixel(picture: Bytes) -> bytes:
    """*picture* in 216 colours (6 levels each, ordered dither), run-length encoded.

    Terminals go on in the row below the last band of six: a height that is a multiple of six covers
    nothing more, and there is no further band begun behind the last.
    """
    h, w = picture.shape[:2]
    bayer = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]])
    threshold = np.tile((bayer + 0.5) / 16.0, (h // 4 + 1, w // 4 + 1))[:h, :w, None]
    level = np.minimum((picture[..., :3] / 51.0 + threshold).astype(np.uint8), 5)
    index = (level[..., 0] * 36 + level[..., 1] * 6 + level[..., 2]).astype(np.uint8)
    out = [b'\x1bPq"1;1;%d;%d' % (w, h)]
    for colour in np.unique(index):
        r, rest = divmod(int(colour), 36)
        g, b = divmod(rest, 6)
        out.append(b"#%d;2;%d;%d;%d" % (colour, r * 20, g * 20, b * 20))
    weights = (1 << np.arange(6)).astype(np.uint8)
    for top in range(0, h, 6):
        if top:
            out.append(b"-")
        band = index[top : top + 6]
        for colour in np.unique(band):
            mask = (band == colour).astype(np.uint8) * weights[: len(band), None]
            values = mask.sum(axis=0, dtype=np.uint8) + 63
            edges = np.flatnonzero(np.diff(values)) + 1
            starts = np.concatenate(([0], edges))
            lengths = np.diff(np.concatenate((starts, [w])))
            out.append(b"#%d" % colour)
            for start, n in zip(starts, lengths, strict=True):
                char = bytes([values[start]])
                out.append(b"!%d%s" % (n, char) if n > 3 else char * int(n))
            out.append(b"$")
    out.append(b"\x1b\\")
    return b"".join(out)
