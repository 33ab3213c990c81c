"""Pictures for a terminal: kitty's and sixel's protocols, 24-bit half blocks, letters.

Pure: arrays of shape (height, width, 3), uint8, top row first, in; text for the terminal out.
A cell is taken to be twice as high as wide. numpy is imported by the functions that need it.

Sources: the kitty graphics protocol's documentation, DEC STD 070 (sixels), tmux's passthrough.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from rvshell.verbs.output import is_plain

__all__ = ["blocks", "detect", "fitted", "kitty", "letters", "passthrough", "read_answer", "sixel"]

QUERY = "\x1b_Gi=4207,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[c"
_CHUNK = 4096  # characters of base64 in one of kitty's pieces
_RAMP = " .:-=+*#%@"


def detect(environment: Mapping[str, str]) -> str:
    """What the environment says of the terminal: kitty, sixel, blocks, ascii, or "" for nothing.

    Inside tmux or screen half blocks are used: they keep no pictures when panes are switched.
    """
    term, program = environment.get("TERM", ""), environment.get("TERM_PROGRAM", "").lower()
    if environment.get("NO_COLOR") or is_plain(environment):
        return "ascii"
    if environment.get("TMUX") or environment.get("STY") or term.startswith(("tmux", "screen")):
        return "blocks"
    if environment.get("KITTY_WINDOW_ID") or term == "xterm-kitty":
        return "kitty"
    if program in ("ghostty", "wezterm"):
        return "kitty"
    if program in ("mlterm", "contour") or term.startswith(("foot", "mlterm")):
        return "sixel"
    return "blocks" if term == "linux" or program in ("apple_terminal", "vscode") else ""


def read_answer(text: str) -> str:
    """What a terminal's answer to `QUERY` means: kitty, sixel or blocks."""
    if "_Gi=4207;OK" in text:
        return "kitty"
    at = text.find("\x1b[?")
    attributes = text[at + 3 :].partition("c")[0].split(";") if at >= 0 else []
    return "sixel" if "4" in attributes else "blocks"


def fitted(width: int, height: int, columns: int, rows: int) -> tuple[int, int]:
    """Columns and rows of cells for a picture of *width* x *height* pixels, at most these."""
    wide = min(columns, max(1, round(rows * 2 * width / max(1, height))))
    high = max(1, min(rows, round(wide * height / max(1, width) / 2)))
    return max(1, wide), high


def blocks(picture: Any) -> str:
    """Half blocks: one cell shows two pixels, one above the other. The height must be even."""
    lines = []
    for y in range(0, picture.shape[0], 2):
        upper, lower = picture[y].tolist(), picture[y + 1].tolist()
        cells: list[str] = []
        before: tuple[list[int], list[int]] | None = None
        for a, b in zip(upper, lower, strict=True):
            if (a, b) != before:
                cells.append(f"\x1b[38;2;{a[0]};{a[1]};{a[2]};48;2;{b[0]};{b[1]};{b[2]}m")
                before = (a, b)
            cells.append("▀")
        lines.append("".join(cells) + "\x1b[0m")
    return "\n".join(lines)


def letters(picture: Any) -> str:
    """Letters of more or less ink, for a terminal without colours: one for each pixel."""
    import numpy as np

    light = picture @ np.array([0.2126, 0.7152, 0.0722]) / 255.0
    index = np.minimum((light * len(_RAMP)).astype(int), len(_RAMP) - 1)
    return "\n".join("".join(_RAMP[i] for i in row) for row in index.tolist())


def kitty(png: bytes, columns: int, rows: int, number: int) -> str:
    """A PNG in kitty's protocol, scaled to cells; *number* replaces a picture of that number."""
    data = base64.standard_b64encode(png).decode("ascii")
    pieces = [data[i : i + _CHUNK] for i in range(0, len(data), _CHUNK)] or [""]
    out = []
    for at, piece in enumerate(pieces):
        first = f"a=T,f=100,i={number},p=1,c={columns},r={rows},q=2," if at == 0 else ""
        out.append(f"\x1b_G{first}m={int(at < len(pieces) - 1)};{piece}\x1b\\")
    return "".join(out)


def sixel(picture: Any) -> str:
    """Sixels of a palette of 6 x 6 x 6 colours with ordered dithering."""
    import numpy as np

    height, width = picture.shape[:2]
    bayer = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) / 16.0 - 0.5
    noise = np.tile(bayer, (height // 4 + 1, width // 4 + 1))[:height, :width, None]
    levels = np.clip(np.rint(picture / 51.0 + noise * 0.9), 0, 5).astype(np.int16)
    index = levels[..., 0] * 36 + levels[..., 1] * 6 + levels[..., 2]
    out = [f'\x1bPq"1;1;{width};{height}']
    for colour in np.unique(index).tolist():
        r, g, b = colour // 36 * 20, colour // 6 % 6 * 20, colour % 6 * 20
        out.append(f"#{colour};2;{r};{g};{b}")
    for y in range(0, height, 6):
        band = index[y : y + 6]
        weights = (1 << np.arange(band.shape[0]))[:, None]
        for colour in np.unique(band).tolist():
            bits = ((band == colour) * weights).sum(axis=0) + 63
            out.append(f"#{colour}{_runs(bits.tolist())}$")
        out.append("-")
    return "".join(out) + "\x1b\\"


def _runs(bits: list[int]) -> str:
    """Sixel characters with repetitions as `!N`."""
    out: list[str] = []
    i = 0
    while i < len(bits):
        end = i + 1
        while end < len(bits) and bits[end] == bits[i]:
            end += 1
        count, c = end - i, chr(bits[i])
        out.append(f"!{count}{c}" if count > 3 else c * count)
        i = end
    return "".join(out)


def passthrough(text: str) -> str:
    """A picture's sequences wrapped so that tmux hands them on (it must be allowed to)."""
    pieces = text.split("\x1b\\")
    wrapped = [
        "\x1bPtmux;" + (piece + "\x1b\\").replace("\x1b", "\x1b\x1b") + "\x1b\\"
        for piece in pieces
        if piece
    ]
    return "".join(wrapped)
