"""`-overlay` and `-leader` of rvio: which script draws what.

Stock scripts are drawn by `player.drawing`; any other is a Mu module that is looked for as RV
does, also one that has a stock script's name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from player.drawing import LEADERS, OVERLAYS, Drawing, Place, leader, overlay
from player.options import Options
from rvshell.errors import UsageError

__all__ = ["Draw", "Layers"]

Draw = Callable[[bool], Drawing]
"""Makes a drawing, told whether the frame is missing."""


class Layers:
    """The scripts of a command line.  Raises UsageError for one that is not there.

    A script whose words make no sense is told and left out, as rvio goes on without it."""

    def __init__(self, options: Options, scripts: Any, report: Callable[[str], None]) -> None:
        self._overlays = [_layer("-overlay", words, scripts) for words in options.overlays]
        self._leaders = [_layer("-leader", words, scripts) for words in options.leaders]
        for layers in (self._overlays, self._leaders):
            for layer in list(layers):
                try:
                    layer(Place(64, 64, 1), trial=True)
                except UsageError as error:
                    report(f"ERROR: {error.describe()}: it is not drawn")
                    layers.remove(layer)

    def has_scripts(self, *, leading: bool) -> bool:
        """Whether something is drawn by scripts, which ask about the session."""
        layers = self._leaders if leading else self._overlays
        return any(layer.func is _of_script for layer in layers)

    def drawings(self, place: Place, *, leading: bool) -> list[Draw]:
        """What draws on a picture, in order.  On the main thread; what is given on any."""
        layers = self._leaders if leading else self._overlays
        return [layer(place) for layer in layers]


def _layer(option: str, words: tuple[str, ...], scripts: Any) -> partial[Draw]:
    name = words[0]
    script = scripts.find(name) if scripts is not None else None
    if script is not None:
        return partial(_of_script, script, words)
    if name in OVERLAYS:
        return partial(_stock, overlay, words)
    if name in LEADERS:
        return partial(_stock, leader, words)
    known = ", ".join(sorted((*OVERLAYS, *LEADERS)))
    raise UsageError(
        f"{option} {name}: can't find {name}", hint=f"there are {known}, and Mu modules"
    )


def _stock(
    draw: Callable[..., Drawing], words: tuple[str, ...], place: Place, *, trial: bool = False
) -> Draw:
    if trial:
        draw(words, place)

    def made(missing: bool) -> Drawing:
        return draw(words, replace(place, missing=missing))

    return made


def _of_script(script: Any, words: tuple[str, ...], place: Place, *, trial: bool = False) -> Draw:
    if trial:
        return lambda missing: Drawing()
    drawing = script(words, place)
    return lambda missing: drawing
