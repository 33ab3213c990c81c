"""Runs the recorded conversations: the profile of ``tests/conformance/session``.

Each case gets a fresh session of the output profile: no packages, no window, no network, cache
off. Every text is evaluated as remote-eval gets it; what is sent meanwhile is noted, then what is
sent while the main loop settles. Cases with ``env`` were recorded with a renderer whose loop drew
three frames after each text; a text that contains ``spin`` let it run for a second. Time is not
the machine's: the clock stands still while a text runs.

``@WORK@`` in the texts stands for the work directory, and replies and events show it again (a
case that writes the directory out gets it back written out).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from player.image.render import render_float
from player.image.renderer import ImageRenderer
from player.media import PixelStore, Probe
from player.scripting.engine import Policy, ScriptEngine
from player.session.events import Event, StringEvent
from player.session.ports import Ports
from player.session.session import Session

__all__ = ["POINTS", "main", "run_case"]

WORK = "@WORK@"
SIZE = (1024, 768)
POINTS = {"center_pixel": (512, 384), "quarter_pixel": (256, 192)}
_TICK = 1 / 240
_FRAME = 5 * _TICK  # a turn of the loop that draws
_IDLE = 3 * _TICK  # one that has nothing to draw, as most have with an increment above 1
_SPIN = 244 * _TICK  # all turns after a text that spins


class _Conversation:
    def __init__(self, workdir: Path, rendered: bool, masked: bool = True) -> None:
        self.now = 0.0
        self.masked = masked
        self.workdir = str(workdir)
        self.sent: list[list[str]] = []
        self.probe, store = Probe(), PixelStore()
        self.renderer: ImageRenderer | None = None
        ports = Ports(media=self.probe, pixels=store)
        if rendered:
            self.renderer = ImageRenderer(self.probe.readers, store, size=SIZE)
            ports.renderer = self.renderer
        self.session = Session("output", ports=ports, clock=lambda: self.now)
        if self.renderer is not None:
            self.renderer.attach(self.session)
        self.console: list[str] = []
        self.session.warn = self.console.append
        self.engine = ScriptEngine(
            self.session, policy=Policy(limit=600.0), report=self.console.append
        )
        self.session.events.trace = self._note
        self.drawn = False

    def _note(self, event: Event) -> None:
        contents = event.contents if isinstance(event, StringEvent) else ""
        self.sent.append([event.name, self._shown(contents)])

    def _shown(self, text: str) -> str:
        return text.replace(self.workdir, WORK) if self.masked else text

    def _taken(self) -> list[list[str]]:
        sent, self.sent = self.sent, []
        return sent

    def _advance(self, seconds: float, step: float) -> None:
        for _ in range(round(seconds / step)):
            self.now += step
            self.session.playback.tick(self.now)
            self.session.settle(self.now)

    def text(self, text: str) -> dict[str, Any]:
        """Evaluate one text and let the main loop settle."""
        out: dict[str, Any] = {"reply": self._shown(self.engine.mu(text))}
        out["events"] = self._taken()
        self.session.settle(self.now)
        if self.renderer is not None:
            turn = _FRAME if abs(self.session.playback.inc) == 1 else _IDLE
            if "spin" in text:
                self._advance(_SPIN - 3 * turn, _TICK)
            self._advance(3 * turn, turn)
            self.renderer.render()
            values, _ = render_float(self.renderer.view(), *SIZE, self.renderer.fetch)
            for name, (x, y) in POINTS.items():
                out[name] = [float(v) for v in values[y, x]]
        out["events_after"] = self._taken()
        return out

    def close(self) -> None:
        self.engine.close()
        if self.renderer is not None:
            self.renderer.close()
        self.probe.readers.close()


def run_case(case: dict[str, Any], workdir: Path) -> dict[str, Any]:
    """What the player answers to a case: ``replies``, ``events``, ``events_after`` and, where
    the recording has them, ``center_pixel`` and ``quarter_pixel``; one entry for each text."""
    texts = case["programs"]
    talk = _Conversation(workdir, bool(case.get("env")), any(WORK in t for t in texts))
    try:
        found = [talk.text(t.replace(WORK, talk.workdir)) for t in texts]
    finally:
        talk.close()
    out: dict[str, Any] = {"case": case["case"], "replies": [f["reply"] for f in found]}
    for name in ("events", "events_after"):
        out[name] = [f[name] for f in found]
    if case.get("env"):
        for name in POINTS:
            out[name] = [f[name] for f in found]
    return out


def main(arguments: list[str]) -> None:
    """``FILE WORKDIR``: a JSON line for each case of the file."""
    file, workdir = arguments
    for line in Path(file).read_text("utf-8").splitlines():
        if line.strip():
            case = json.loads(line)
            try:
                found = run_case(case, Path(workdir))
            except Exception as error:
                found = {"case": case["case"], "error": f"{type(error).__name__}: {error}"}
            print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
