"""From the session to what lies over the picture (`hud.py`), on the session's thread."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from player.image.facts import profile_note
from player.image.hud import Hud, RemotePointer

if TYPE_CHECKING:
    from player.image.canvas import Drawn
    from player.image.render import Rendered
    from player.session.session import Session
    from player.session.uistate import Question

__all__ = ["HeadsUp", "Status"]

_NAME = 40  # letters of a name
_TILE_SHOWN = 1.0  # seconds the outline of the newest tile stays
_POINTER_SHOWN = 10.0  # seconds a remote pointer stays without a move (RV's)


@dataclass(frozen=True, slots=True)
class Status:
    """The transport: one line of text, its numbers (frames inclusive), the title that a
    script gave the window, and what the user is asked."""

    text: str = ""
    frame: int = 1
    start: int = 1
    end: int = 1
    fps: float = 24.0
    playing: bool = False
    title: str = ""
    question: Question | None = None


class HeadsUp:
    """Answers for one session what is drawn over its picture, and for how long."""

    def __init__(self) -> None:
        self._tile: tuple[object, int, float] = (None, -1, 0.0)
        self._until: float | None = None

    # -- lines ---------------------------------------------------------------------------

    @staticmethod
    def message(session: Session) -> str:
        """What is being typed, else the message of the moment, "" when its time is over."""
        if session.ui.typing:
            return session.ui.typing
        queue = session.ui.feedback
        if queue and session.clock() < queue[-1].time + queue[-1].seconds:
            return queue[-1].text
        return ""

    @staticmethod
    def _name(session: Session) -> str:
        view = session.view
        leaf = session.evaluate(session.playback.frame)
        while getattr(leaf, "children", ()):
            leaf = leaf.children[0]  # type: ignore[union-attr]
        media = str(getattr(leaf, "media", "") or "")
        if media:
            name = os.path.basename(media) or media
            return name if len(name) <= _NAME else f"{name[: _NAME - 12]}…{name[-11:]}"
        return str(view.one("ui.name", view.name)) if view is not None else ""

    def status(self, session: Session, problem: str = "") -> Status:
        """What is shown, where the playhead is, whether it moves; *problem* is what is wrong
        with the picture."""
        p = session.playback
        return Status(
            self._line(session, problem), p.frame, p.range_start, p.range_end - 1, p.fps, p.playing,
            session.ui.title, session.ui.question,
        )  # fmt: skip

    def _line(self, session: Session, problem: str) -> str:
        p = session.playback
        question = session.ui.question
        if question is not None:
            keys = ", ".join(f"{key}={label}" for key, label, _ in question.answers)
            return f"{question.lines[0]}: {keys}"
        if session.ui.typing:
            return session.ui.typing
        name = self._name(session) if session.sources else "player"
        message = self.message(session) or problem.removeprefix(f"{name}: ")
        if not session.sources:
            return f"{name}  {message}".strip()
        state = "▶" if p.playing else "❙❙"
        line = f"{name}  {p.frame} [{p.range_start}-{p.range_end - 1}]  {p.fps:g} fps  {state}"
        return f"{line}  {message}" if message else line

    def left(self, session: Session) -> float | None:
        """Seconds until something drawn over the picture disappears by itself."""
        now = session.clock()
        ends = [self._until] if self._until is not None else []
        queue = session.ui.feedback
        if queue:
            ends.append(queue[-1].time + queue[-1].seconds)
        ends += [seen + _POINTER_SHOWN for *_, seen in session.ui.pointers.values()]
        future = [e - now for e in ends if e > now]
        return min(future) if future else None

    # -- widgets -------------------------------------------------------------------------

    def hud(self, session: Session, last: Rendered | None, renderer: Any) -> Hud:
        """What to draw over the picture that comes after *last*."""
        self._until = None
        ui = session.ui
        shown = ui.hud
        first = last.drawn[0] if last is not None and last.drawn else None
        strip = self._strip(session) if "strip" in shown else ""
        inspector, swatch = (), None
        if "inspector" in shown and ui.pointer is not None and first is not None:
            inspector, swatch = self._inspector(ui.pointer, renderer)
        return Hud(
            message=self.message(session),
            strip=strip,
            info=self._info(first) if "info" in shown else (),
            details=(
                *(self._details(first) if "details" in shown else ()),
                *(self._progress(session) if "process" in shown else ()),
            ),
            inspector=inspector,
            swatch=swatch,
            at=ui.pointer or (0.0, 0.0),
            timeline=self._timeline(session) if "timeline" in shown else None,
            cached=tuple(session.ports.cache.usage()[6]) if "timeline" in shown else (),
            tile=self._newest(session, first, renderer) if "render-cursor" in shown else None,
            pointers=self._pointers(session, renderer),
            histogram="histogram" in shown,
            question=ui.question,
        )

    def _strip(self, session: Session) -> str:
        p = session.playback
        seconds = (p.frame - p.range_start) / (p.fps or 24.0)
        return f"{self._name(session)}   frame {p.frame}   {seconds:.2f} s   {p.fps:g} fps"

    @staticmethod
    def _info(d: Drawn | None) -> tuple[tuple[str, str], ...]:
        if d is None:
            return ()
        p = d.picture
        kind = f"{p.pixels.itemsize * 8} bit{' float' if p.pixels.dtype.kind == 'f' else ''}"
        rows = [
            ("File", os.path.basename(d.quad.key.media)),
            ("Frame", str(p.frame)),
            ("Resolution", f"{p.width} x {p.height}"),
            ("PixelAspect", f"{p.pixel_aspect:g}"),
            ("Channels", f"{' '.join(p.channels)}, {kind}"),
        ]
        profile = profile_note(p)
        if profile:
            rows.append(("ICC profile", profile[:60]))
        return (*rows, *((k, v[:60]) for k, v in p.attributes[:16]))

    @staticmethod
    def _details(d: Drawn | None) -> tuple[tuple[str, str], ...]:
        if d is None:
            return ()
        key = d.quad.key
        rows = [("Node", d.quad.node), ("Media", key.media), ("View", key.view),
                ("Layer", key.layer)]  # fmt: skip
        return tuple(r for r in rows if r[1])

    @staticmethod
    def _progress(session: Session) -> tuple[tuple[str, str], ...]:
        """How far the cache is."""
        capacity, used, *_, pairs = session.ports.cache.usage()
        frames = sum(b - a + 1 for a, b in zip(pairs[::2], pairs[1::2], strict=False))
        p = session.playback
        return (
            ("Cached", f"{frames} of {p.range_end - p.range_start} frames"),
            ("Memory", f"{used >> 20} of {capacity >> 20} MiB"),
        )

    @staticmethod
    def _inspector(at: tuple[float, float], renderer: Any) -> tuple[Any, Any]:
        hits = [h for h in renderer.images_at(at[0], at[1], None, True) if h.inside]
        if not hits:
            return (), None
        hit = hits[0]
        column = hit.px / hit.pixelAspect if hit.pixelAspect > 0 else hit.px
        source = renderer.source_pixel(hit.name, column - 0.5, hit.py - 0.5)
        shown = renderer.shown_pixel(at[0], at[1])

        def numbers(values: Any) -> str:
            return " ".join(f"{v:.4g}" for v in values)

        rows = (
            ("Pixel", f"{int(column)}, {int(hit.py)}"),
            ("Source", numbers(source)),
            ("Display", " ".join(str(round(255 * v)) for v in shown)),
        )
        return rows, shown

    @staticmethod
    def _timeline(session: Session) -> Any:
        p = session.playback
        return (p.frame, p.range_start, p.range_end - 1, p.in_point, p.out_point - 1,
                tuple(p.marks))  # fmt: skip

    def _newest(self, session: Session, d: Drawn | None, renderer: Any) -> Any:
        """The newest tile's box while a render is running."""
        if d is None or not d.quad.key.pushed:
            return None
        key = d.quad.key
        found = renderer.pixels.newest(key.node, key.frame, key.view, key.layer)
        if found is None:
            return None
        (x, y, w, h), count = found
        now = session.clock()
        if self._tile[:2] != (key, count):
            self._tile = (key, count, now)
        if now - self._tile[2] > _TILE_SHOWN or (h, w) == d.picture.pixels.shape[:2]:
            return None
        self._until = self._tile[2] + _TILE_SHOWN
        m = d.to_canvas
        x, y = x + d.picture.x, y + d.picture.y
        return (float(m[0, 0] * x + m[0, 2]), float(m[1, 1] * y + m[1, 2]),
                float(m[0, 0] * (x + w) + m[0, 2]), float(m[1, 1] * (y + h) + m[1, 2]))  # fmt: skip

    @staticmethod
    def _pointers(session: Session, renderer: Any) -> tuple[RemotePointer, ...]:
        out, now = [], session.clock()
        for contact, (source, x, y, seen) in session.ui.pointers.items():
            at = renderer.image_point(source, x, y) if now - seen < _POINTER_SHOWN else None
            if at is not None:
                been = session.ui.trails.get(contact, ())
                points = (renderer.image_point(source, *point) for point in been)
                trail = tuple(point for point in points if point is not None)
                out.append(RemotePointer(contact.split("@")[0], at[0], at[1], trail))
        return tuple(out)
