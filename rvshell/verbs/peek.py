"""Verbs that show pixels: peek, probe, histogram."""

from __future__ import annotations

import os
import shutil
import sys
import time
from typing import TYPE_CHECKING, Any

from rvshell.errors import CommandFailed, UsageError
from rvshell.verbs import drawing
from rvshell.verbs.muvalue import parse_value, quote
from rvshell.verbs.registry import verb

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__: list[str] = []

ANSWER_TIME = 0.1  # seconds that a terminal has to say what it can show
BARS = " ▁▂▃▄▅▆▇█"


@verb(
    "peek [--watch SECONDS] [--count COUNT] [--size WxH] [--kind auto|kitty|sixel|blocks|ascii]",
    help="Show here what the far end displays: by kitty's or sixel's protocol "
    "where the terminal has one, else in half blocks, or in letters without colours. --watch "
    "shows it again and again until Ctrl-C; --size is in characters.",
    example="peek --watch 0.5",
    more=("peek --size 60x17 --kind blocks",),
    scope="media",
)
def peek(
    ctx: Context,
    watch: float | None = None,
    count: int = 0,
    size: tuple[int, int] | None = None,
    kind: str = "auto",
) -> None:
    from rvshell.verbs.seen import displayed_png

    chosen = _kind(ctx, kind)
    turns, height = 0, 0
    while True:
        text, rows = _drawn(displayed_png(ctx), chosen, _room(size))
        if turns and ctx.on_terminal:
            ctx.draw(f"\x1b[{height}A\r")
        ctx.draw(text + "\n")
        height, turns = rows, turns + 1
        if watch is None or turns == count:
            return
        ctx.out.flush()
        time.sleep(watch)


def _room(size: tuple[int, int] | None) -> tuple[int, int]:
    terminal = shutil.get_terminal_size((80, 24))
    columns, rows = size or (terminal.columns, max(2, terminal.lines - 3))
    return min(columns, 500), min(rows, 300)


def _kind(ctx: Context, kind: str) -> str:
    if kind == "auto":
        from rvshell.verbs.targets import settings_of

        kind = settings_of(ctx)["picture"]
    if kind != "auto":
        return kind
    if not ctx.on_terminal:
        return "ascii"
    found = drawing.detect(os.environ)
    if not found:
        found = ctx.extras.get("picture") or ask_terminal()
        ctx.extras["picture"] = found
    return found


def ask_terminal() -> str:
    """Ask the terminal what it can show; blocks when it says nothing in time."""
    try:
        import select
        import termios
        import tty

        descriptor = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except (ImportError, OSError):
        return "blocks"
    try:
        before = termios.tcgetattr(descriptor)
        tty.setcbreak(descriptor)
        try:
            os.write(descriptor, drawing.QUERY.encode())
            answer, until = b"", time.monotonic() + ANSWER_TIME
            while not answer.endswith(b"c") and len(answer) < 1000:
                left = until - time.monotonic()
                if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                    break
                answer += os.read(descriptor, 100)
        finally:
            termios.tcsetattr(descriptor, termios.TCSANOW, before)
    except termios.error:
        return "blocks"
    finally:
        os.close(descriptor)
    return drawing.read_answer(answer.decode("latin-1"))


def _drawn(png: bytes, kind: str, room: tuple[int, int]) -> tuple[str, int]:
    """The text that draws a picture, and how many rows it takes."""
    import struct

    from rvshell.verbs.seen import scaled

    width, height = struct.unpack(">II", png[16:24])
    columns, rows = drawing.fitted(width, height, *room)
    if kind == "kitty":
        text = drawing.kitty(png, columns, rows, 4207)
        return (drawing.passthrough(text) if os.environ.get("TMUX") else text), rows
    if kind == "sixel":
        text = drawing.sixel(scaled(png, columns * 8, rows * 16))
        return (drawing.passthrough(text) if os.environ.get("TMUX") else text), rows
    if kind == "ascii":
        return drawing.letters(scaled(png, columns, rows)), rows
    return drawing.blocks(scaled(png, columns, rows * 2)), rows


@verb(
    "probe X Y [--source NODE]",
    help="Show the values of one pixel, as they were read. That is before the colour pipeline, of "
    "a source at the current frame; X and Y count from the lower left. Without --source the "
    "first source shown is taken.",
    example="probe 960 540",
    more=("probe 0 0 --source sourceGroup000001_source",),
    scope="media",
)
def probe(ctx: Context, x: int, y: int, source: str = "") -> Any:
    if x < 0 or y < 0:
        raise UsageError("probe: X and Y count from 0", hint="probe 960 540")
    if not source:
        shown = parse_value(ctx.remote.mu("sourcesAtFrame(frame())"))
        if not isinstance(shown, list) or not shown:
            raise CommandFailed("probe: no source is shown at this frame", hint="sources, add FILE")
        source = str(shown[0])
    value = parse_value(ctx.remote.mu(f"sourcePixelValue({quote(source)}, {x}.0, {y}.0)"))
    if not isinstance(value, list) or len(value) != 4:
        raise CommandFailed(f"probe: no value of {source}")
    return {"source": source, "x": x, "y": y, **dict(zip("rgba", value, strict=True))}


@verb(
    "histogram [--bins COUNT]",
    help="Show how the displayed values are spread. For red, green and blue: least, mean, "
    "greatest, and a strip of COUNT bins (32).",
    example="histogram --json",
    scope="media",
)
def histogram(ctx: Context, bins: int = 32) -> Any:
    import numpy as np

    from rvshell.verbs.seen import displayed_png, pixels

    if not 2 <= bins <= 256:
        raise UsageError("histogram: --bins is from 2 to 256")
    picture = pixels(displayed_png(ctx))
    rows = []
    for at, name in enumerate(("red", "green", "blue")):
        channel = picture[..., at]
        counts = np.histogram(channel, bins=bins, range=(0, 256))[0]
        row = {
            "channel": name,
            "min": int(channel.min()),
            "mean": round(float(channel.mean()), 1),
            "max": int(channel.max()),
        }
        row["bins"] = counts.tolist() if ctx.options.form else _strip(counts.tolist())
        rows.append(row)
    return rows


def _strip(counts: list[int]) -> str:
    """Counts as a strip of bars; what is there at all is seen."""
    most = max(counts) or 1
    encoding = (getattr(sys.stdout, "encoding", "") or "").lower()
    ramp = BARS if encoding.startswith("utf") else " .:-=+*#@"
    top = len(ramp) - 1
    return "".join(ramp[max(bool(n), round(n / most * top))] for n in counts)
