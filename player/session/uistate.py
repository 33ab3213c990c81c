"""What the user interface of a session remembers when there is none.

Commands that toggle or set something in RV's window keep it here, so that scripts read back what
they wrote. Nothing in here changes a picture except the margins and the background, which the
image room reads.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from player.session.history import History

__all__ = ["BACKGROUNDS", "GL_LINEAR", "GL_NEAREST", "Feedback", "Question", "UiState"]

GL_NEAREST: Final = 9728
GL_LINEAR: Final = 9729

BACKGROUNDS: Final = ("black", "white", "grey18", "grey50", "checker", "crosshatch")
"""Names of the background patterns; any other name means the first."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """A message shown over the picture: text, seconds, session time when it was asked for."""

    text: str
    seconds: float
    time: float


@dataclass(frozen=True, slots=True)
class Question:
    """Something that whoever sits at a screen may decide: its number, lines of text (the first
    says it all in short), and the answers as (key, label, word)."""

    number: int
    lines: tuple[str, ...]
    answers: tuple[tuple[str, str, str], ...]


@dataclass(slots=True)
class UiState:
    """Toggles, margins, background, messages, timers and settings of one session.

    ``margins`` are left, right, top, bottom in pixels. ``settings`` is keyed by (group, name).
    ``hud`` names the widgets shown over the picture (info, strip, inspector, timeline, details,
    process, histogram, render-cursor); ``pointer`` is where the pointer was last, in view pixels,
    ``pointers`` those of other players: contact to (source node, x, y in image heights from the
    image's centre, session time of the last move); ``trails`` where they were before, oldest
    first, when trails are wanted.
    ``question`` is shown on every screen until it is answered, ``typing`` while it is typed.
    ``timer_start`` is the session time when the user's timer was started (None: never),
    ``timer_stopped`` its seconds when it was stopped (None: it runs).
    ``view_size`` is used when neither renderer nor window knows better. ``mu_eval`` is set by
    whoever has a Mu interpreter: text to ``TYPE => VALUE``.
    """

    margins: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    background: str = "black"
    filtering: int = GL_LINEAR
    view_size: tuple[float, float] = (1024.0, 768.0)
    title: str = ""
    cursor: int = 0
    blocked: bool = False
    presentation: bool = False
    menu_bar: bool = False
    top_toolbar: bool = False
    bottom_toolbar: bool = False
    console: bool = False
    scrubbed: bool = False
    step_wraps: bool = False
    motion_scope: bool = False
    sync: bool = False
    timer_start: float | None = None
    timer_stopped: float | None = None
    started: float = 0.0
    last_pixel_redraw: float = 0.0
    question: Question | None = None
    typing: str = ""
    feedback: deque[Feedback] = field(default_factory=lambda: deque(maxlen=100))
    settings: dict[tuple[str, str], Any] = field(default_factory=dict)
    driver_attributes: dict[str, str] = field(default_factory=dict)
    watched: set[str] = field(default_factory=set)
    saved_in_out: tuple[int, int] | None = None
    matte_aspect: float = 0.0
    matte_opacity: float = 0.33
    show_matte: bool = False
    hud: set[str] = field(default_factory=set)
    pointer: tuple[float, float] | None = None
    pointers: dict[str, tuple[str, float, float, float]] = field(default_factory=dict)
    trails: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    cache_outside: bool = False
    history: History = field(default_factory=History)
    data: Any = None
    mu_eval: Callable[[str], str] | None = None

    def start_timer(self, now: float) -> None:
        """(Re)start the user's timer at a session time."""
        self.timer_start, self.timer_stopped = now, None

    def elapsed(self, now: float) -> float:
        """Seconds on the user's timer; one that never was started counts from 1970, as in RV
        (``TwkUtil/Timer``)."""
        if self.timer_stopped is not None:
            return self.timer_stopped
        return time.time() if self.timer_start is None else now - self.timer_start

    def stop_timer(self, now: float) -> float:
        """Stop it; its seconds, which stay readable."""
        start = self.timer_start
        self.timer_stopped = time.time() if start is None else now - start
        return self.timer_stopped
