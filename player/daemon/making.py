"""The pictures of an export by rvio's rules, from the graph to what a file holds.

    view(s) of a frame --render--> linear floats --overlays--> --finish--> Finished, one an eye

A leader's frames come before those of the view, with numbers below theirs; nothing is rendered
for them.  What an overlay draws is in the light of the picture, in front of the output's curve.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from player.daemon.finishes import finish_of, leader_finish
from player.daemon.overlaying import Draw, Layers
from player.daemon.rendered import light, shown
from player.drawing import Place
from player.finishing import Finish, Finished, finished
from player.image import ImageRenderer
from player.image.scene import FetchKey, View
from player.media import Picture
from player.options import Options
from player.session.session import Session

__all__ = ["Eyes", "Made", "Maker", "Shot", "on_display", "shots_of", "shown_by"]


def on_display(options: Options, finish: Finish, *, opaque: bool) -> bool:
    """Whether the display's part of rendering makes the output's colour, as 8 or 16 bits: that
    is quicker where nothing is drawn over pictures, nothing else is done to them and they are
    *opaque*, in movies and JPEG."""
    more = finish.changes_colour or finish.channels or finish.samples
    return opaque and not (options.overlays or options.leaders or more)


@dataclass(frozen=True, slots=True)
class Shot:
    """What is written as one picture: a frame of the view, or of a leader in front of it."""

    frame: int
    leads: bool = False


def shots_of(options: Options, frames: list[int]) -> list[Shot]:
    """The frames with those of the leader before them."""
    count = int(options.conversions.get("leaderframes", ("1",))[0]) if options.leaders else 0
    first = frames[0] if frames else 1
    return [
        *(Shot(frame, True) for frame in range(first - count, first)),
        *(Shot(frame) for frame in frames),
    ]


Eyes = tuple[list[Any], str, tuple[str, ...]]
"""Pixels of each eye, why they are a stand-in, and which frames others stand for."""


@dataclass(slots=True)
class Made:
    """`pictures` of one or two eyes; `problem` is why they are stand-ins, `gaps` which frames
    others stand for."""

    pictures: list[Finished]
    problem: str = ""
    gaps: tuple[str, ...] = ()


class Maker:
    """Plans on the main thread what any thread can make.  Raises UsageError."""

    def __init__(
        self, options: Options, session: Session, renderer: ImageRenderer, layers: Layers,
    ) -> None:  # fmt: skip
        self._session = session
        self._renderer = renderer
        self._layers = layers
        self.finish = finish_of(options.conversions)
        self._leading = leader_finish(self.finish)
        stereo = options.conversions.get("outstereo")
        self.eyes = 2 if stereo in ((), ("separate",)) else 1

    def finish_of(self, shot: Shot) -> Finish:
        """What is done to a picture."""
        return self._leading if shot.leads else self.finish

    def views(self, frame: int) -> list[View]:
        """What is seen at a frame, by each eye that is written."""
        if self.eyes == 1:
            return [self._renderer.view(frame)]
        made = []
        nodes = self._session.graph.by_type("RVDisplayStereo")
        for eye in ("left", "right"):
            for node in nodes:
                node.assign("stereo.type", [eye])
            made.append(self._renderer.view(frame))
        return made

    def plan_shown(self, shot: Shot, size: tuple[int, int], *, deep: bool) -> Callable[[], Eyes]:
        """What makes RGBA of 8 or 16 bits as the display shows them, for each eye."""
        views, fetch = self.views(shot.frame), self._renderer.fetch
        return lambda: shown_by(views, size, fetch, deep=deep)

    def _drawings(self, shot: Shot, size: tuple[int, int]) -> list[list[Draw]]:
        """What is drawn over each eye."""
        place = Place(*size, shot.frame, stereo=self.eyes == 2)
        if not shot.leads and self._layers.has_scripts(leading=False):
            place = replace(place, facts=self._facts(shot.frame, size))
        return [
            self._layers.drawings(replace(place, right_eye=eye == 1), leading=shot.leads)
            for eye in range(self.eyes)
        ]

    def _facts(self, frame: int, size: tuple[int, int]) -> tuple[tuple[str, str], ...]:
        """What scripts are told of a picture: the attributes of its images, and which frames
        are missing.  The session is at that frame, for what they ask themselves."""
        session, renderer = self._session, self._renderer
        session.playback.set_frame(frame)
        session.settle()
        renderer.unwatched = True  # what is shown is looked for when somebody asks
        renderer.resize(*size)
        told: list[tuple[str, str]] = []
        for image in renderer.rendered():
            node = session.source_node(str(image.name))
            info = node.first_info if node is not None else None
            for name, text in info.attributes if info is not None else ():
                told.append((f"/{image.name}/./{name}", text))
        missing = [str(gap.picture.missing) for gap in renderer.gaps()]
        return (*told, *([("missing-image", "\n".join(missing))] if missing else ()))

    def plan(
        self, shot: Shot, size: tuple[int, int], *, display: bool, finish: Finish | None = None
    ) -> Callable[[], Made]:
        """What makes the pictures; *display* is whether they have the display's colour."""
        drawings = self._drawings(shot, size)
        if shot.leads:
            blank = finish or self.finish_of(shot)

            def lead() -> Made:
                out = Made([])
                for eye in drawings:
                    pixels = np.zeros((size[1], size[0], 4), np.float32)
                    pixels[..., 3] = 1
                    for draw in eye:
                        draw(False).paint(pixels)
                    out.pictures.append(finished(pixels, blank))
                return out

            return lead
        views, fetch = self.views(shot.frame), self._renderer.fetch
        wanted = finish or self.finish
        return lambda: _made(views, size, fetch, drawings, wanted, display)


def shown_by(
    views: list[View], size: tuple[int, int], fetch: Callable[[FetchKey], Picture], *, deep: bool
) -> Eyes:
    """What the screen shows of the views."""
    made = [shown(view, size, fetch, deep=deep) for view in views]
    gaps = tuple(dict.fromkeys(gap for eye in made for gap in eye[2]))
    return [m[0] for m in made], next((m[1] for m in made if m[1]), ""), gaps


def _made(
    views: list[View], size: tuple[int, int], fetch: Callable[[FetchKey], Picture],
    drawings: list[list[Draw]], finish: Finish, display: bool,
) -> Made:  # fmt: skip
    out = Made([])
    for view, drawn in zip(views, drawings, strict=True):
        pixels, problem, gaps = light(view, size, fetch, display=display, own=bool(drawn))
        for draw in drawn:
            draw(bool(gaps)).paint(pixels)
        out.pictures.append(finished(pixels, finish))
        out.problem = out.problem or problem
        out.gaps = tuple(dict.fromkeys((*out.gaps, *gaps)))
    return out
