"""Sinks by name: what `--display` takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from player.display.base import OnInput, Sink
from player.display.png import NullSink, PngSink
from player.display.terminal import TerminalSink
from rvshell.errors import UsageError

__all__ = ["KINDS", "open_sink"]

KINDS = ("null", "png", "terminal", "kitty", "sixel", "blocks", "window", "web")


def open_sink(
    text: str, *, width: int = 1280, height: int = 720, title: str = "player",
    on_input: OnInput | None = None, full_screen: bool = False, keys: int | None = None,
    announce: Callable[[str], None] | None = None,
    light: Callable[[int, int], Any] | None = None,
) -> Sink:  # fmt: skip
    """Open `null`, `png:FILE`, `terminal` (or `kitty`, `sixel`, `blocks`), `window` or `web`.

    `null:WxH` and `png:FILE` take their size from *width* and *height* otherwise.  Raises
    UsageError for another name, MissingExtra without SDL, LocalError without a screen.
    """
    kind, _, rest = text.partition(":")
    if kind == "null":
        if rest:
            try:
                width, height = (int(n) for n in rest.split("x"))
            except ValueError:
                raise UsageError(f"--display {text}: not a size", hint="null:1280x720") from None
        return NullSink(width, height)
    if kind == "png":
        if not rest:
            raise UsageError("--display png needs a file", hint="--display png:out.png")
        return PngSink(rest, width, height, light)
    if kind in ("terminal", "kitty", "sixel", "blocks"):
        protocol = "" if kind == "terminal" else kind
        return TerminalSink(protocol=protocol, keys=keys, on_input=on_input)
    if kind == "window":
        from player.display.window import WindowSink  # SDL costs 109 ms to import

        return WindowSink(title, width, height, on_input=on_input, full_screen=full_screen)
    if kind == "web":
        from player.display.web import WebSink

        if rest and not (rest.isdigit() and int(rest) < 65536):
            raise UsageError(f"--display {text}: not a port", hint="web or web:8080")
        return WebSink(width, height, port=int(rest or 0), on_input=on_input, announce=announce)
    raise UsageError(f"--display {text}: no such display", hint="one of " + ", ".join(KINDS))
