"""Pictures by terminal graphics protocols: kitty and sixel."""

from __future__ import annotations

import base64
import zlib

import numpy as np

from player.display.base import Bytes

__all__ = ["kitty", "sixel", "tmux_wrap"]

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


def sixel(picture: Bytes) -> bytes:
    """*picture* in 216 colours (6 levels each, ordered dither), run-length encoded."""
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
        out.append(b"-")
    out.append(b"\x1b\\")
    return b"".join(out)
