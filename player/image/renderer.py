"""The session's Renderer: pictures of the current view and questions about them.

`view` and `job` run on the thread that owns the session (they read its graph); a job then
renders on any thread, from numbers only.  Queries answer from the last picture rendered,
or render one when there is none yet.  Pixels of sources come from the store of pushed
pictures (never cached: they change in place) or through the frame cache.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from player.image.annotations import Effects
from player.image.colorspace import to_rec709
from player.image.export import write_image
from player.image.headsup import HeadsUp, Status
from player.image.hud import Hud, Painted, draw
from player.image.infos import ImageAtPoint, RenderedImage
from player.image.levels import Levels, keys_of, levels_of, shared
from player.image.ocio import config_facts
from player.image.pictures import Pictures
from player.image.plan import plan_view
from player.image.queries import Pass, images_at, listed, seen_of
from player.image.reasons import draw_reasons, reasons_of
from player.image.render import Drawn, Rendered, gaps_of, render, render_float
from player.image.sample import expand
from player.image.scene import FetchKey, View
from player.image.stereo import needs_both_eyes
from player.image.tables import Bytes
from player.media.picture import Picture
from player.media.pushed import PixelStore
from player.media.readercache import ReaderCache
from player.session.evaluate import Blank
from player.session.uistate import GL_NEAREST

if TYPE_CHECKING:
    from player.session.session import Session

__all__ = ["ImageAtPoint", "ImageRenderer", "RenderedImage"]

_PATIENCE = 0.25  # seconds a screen waits for a picture from the network
_MENDING = 0.5  # of a frame's time
_NO_IMAGE = 2  # of currentFrameStatus
_ZERO = (0.0, 0.0, 0.0, 0.0)


def _effects(session: Session) -> Effects:
    node = session.graph.exact("rv")
    if node is None:
        return Effects()
    return Effects(
        bool(node.one("paintEffects.hold", 0)),
        bool(node.one("paintEffects.ghost", 0)),
        int(node.one("paintEffects.ghostBefore", 5)),
        int(node.one("paintEffects.ghostAfter", 5)),
    )


class ImageRenderer:
    """Implements the Renderer port for a session.

    `session` may be given later (`attach`), since a session is made with its ports.  With
    *exact* still pictures are computed without tables and baked cubes.
    """

    def __init__(
        self,
        readers: ReaderCache,
        pixels: PixelStore,
        *,
        size: tuple[int, int] = (1280, 720),
        budget: int = 1 << 30,
        on_filled: Callable[[], None] | None = None,
        exact: bool = False,
    ) -> None:
        self.readers = readers
        self.pixels = pixels
        self._pictures = Pictures(readers, pixels, budget, on_filled)
        self.cache = self._pictures.cache
        self.exact = exact
        self._session: Session | None = None
        self._heads = HeadsUp()
        self._size = size
        self._last: Rendered | None = None
        self._last_view = View(None)
        #: pixels of the screens; the view's size is that of the first
        self.screens: Callable[[], tuple[tuple[int, int], ...]] = tuple
        self._asked: object = None
        #: what scripts drew over the picture that comes next
        self.scripted: Painted | None = None
        #: whether screens show a smaller level until the one that is due has been read
        self.unfinished = False
        self.unwatched = False
        """Whether nobody shows the pictures: they are made when somebody asks about them."""

    def attach(self, session: Session) -> None:
        """The session whose view is shown."""
        self._session = session

    def fetch(self, key: FetchKey) -> Picture:
        """The whole picture of a key; a stand-in with the reason when there is none."""
        return self._pictures.fetch(key)

    def level_sizes(self) -> tuple[tuple[int, int], ...]:
        """The sizes that pictures are shown in."""
        return tuple(size for size in self.screens() if min(size) > 0) or (self._size,)

    def keys(self, frame: int) -> list[FetchKey]:
        """The pictures that showing a frame reads.  On the session's thread."""
        view = self.view(frame)
        if self.exact:
            return keys_of(view)
        return keys_of(view, levels_of(view, self.level_sizes(), self.readers.known))

    # -- rendering ---------------------------------------------------------------------

    def view(self, frame: int | None = None) -> View:
        """The scene at a frame (default: the current one).  On the session's thread."""
        session = self._session
        if session is None:
            return View(None)
        number = session.playback.frame if frame is None else frame
        tree = session.evaluate(number)
        mode = "off"
        for node in tree.chain:
            if node.type == "RVDisplayStereo":
                mode = str(node.one("stereo.type", "off"))
        ui = session.ui
        given: Any = {"background": ui.background, "margins": ui.margins, "frame": number,
                      "effects": _effects(session),
                      "session": session.graph.exact("rv"), "shown": session.view}  # fmt: skip
        if not needs_both_eyes(mode):
            return plan_view(tree, **given)
        left = session.evaluate(number, "left")
        right = session.evaluate(number, "right")
        return plan_view(left, right, **given)

    def job(self, frame: int | None = None, *, quick: bool = False) -> Callable[..., Any]:
        """What a display runs: renders the view as it is now at the size it is given, with what
        lies over it; with panel=False without the question that is asked, with whole=True of all
        the pixels that there are, and in *out* where that is possible; with shown=False nobody
        sees it, and no question is about it.  *quick* (while playing) picks the nearest pixels,
        and takes no longer than half a frame to mend what a sampled transform shows wrong."""
        view = self.view(frame)
        session, hud = self._session, Hud()
        nearest = quick
        if session is not None:
            hud = replace(self._heads.hud(session, self._last, self), scripted=self.scripted)
            nearest = quick or session.ui.filtering == GL_NEAREST
        filter, exact = "nearest" if nearest else "linear", self.exact and not quick
        fps = session.playback.fps if session is not None else 0.0
        patience = _MENDING / max(fps, 1.0) if quick else inf
        waiting: list[FetchKey] = []

        def run(
            width: int, height: int, pixel_aspect: float = 1.0, *, panel: bool = True,
            whole: bool = False, out: Bytes | None = None, shown: bool = True,
        ) -> Any:  # fmt: skip
            # where a screen's pixels are not square, square ones are rendered and the
            # columns spread over the screen's
            square = max(1, round(width * pixel_aspect))
            until = time.monotonic() + patience
            levels: Levels = {}
            if not exact and not whole:
                levels = levels_of(view, [(square, height)], self.readers.known)

            def fetch(key: FetchKey) -> Picture:
                wanted = replace(key, level=levels.get(shared(key), 0))
                small = self._pictures.meanwhile(wanted) if levels else None
                if small is None:
                    return self._pictures.fetch_shown(wanted, quick)
                waiting.append(wanted)
                return small.developed(quick)

            over = hud if panel else replace(hud, question=None)
            place = out if square == width and over.is_empty else None
            made = render(view, square, height, fetch, filter, exact=exact, until=until, out=place)
            if square != width:
                columns = np.minimum((np.arange(width) + 0.5) * square / width, square - 1)
                made = replace(made, pixels=made.pixels[:, columns.astype(int)])
            if not shown:
                return made.pixels
            self.unfinished = bool(waiting)
            # of several screens it is the first that questions are about
            screens = self.screens()
            if not screens or screens[0] in ((width, height), (0, 0)):
                self._last, self._last_view = made, view
                self._size = (width, height)
            if over.is_empty and not made.problems:
                return made.pixels
            picture = made.pixels.copy()
            if made.problems:
                draw_reasons(picture, reasons_of(made.drawn, width, height, width / square))
            draw(picture, over)
            return picture

        return run

    def render(self, frame: int | None = None, size: tuple[int, int] | None = None) -> Rendered:
        """Render now and remember it as the last picture."""
        width, height = size or self._size
        self._last = render(self.view(frame), width, height, self.fetch, exact=self.exact)
        self._size = (width, height)
        return self._last

    def resize(self, width: int, height: int) -> None:
        """The size pictures have when no display asks for its own."""
        self._size = (max(1, width), max(1, height))
        self._last = None

    def _newest(self) -> Rendered | None:
        """The last picture; of now when no screen has them made."""
        session = self._session
        if self.unwatched and session is not None:
            stamp = (session.graph.revision, session.playback.frame, self._size)
            if stamp != self._asked:
                self._asked = stamp
                self._last_view = self.view()
                self._last = render(
                    self._last_view, *self._size, self._pictures.fetch_shown, "nearest"
                )
        return self._last

    def _shown(self) -> Rendered:
        newest = self._newest()
        return newest if newest is not None else self.render()

    # -- for screens -------------------------------------------------------------------

    def natural_size(self) -> tuple[int, int] | None:
        """Pixels of the view's own picture, square ones; None while there is none."""
        session = self._session
        view = session.view if session is not None else None
        if session is None or view is None or not session.sources:
            return None
        if isinstance(session.evaluate(session.playback.frame), Blank):
            return None  # a source that is not in the view yet
        info = view.struct_info(session.playback.frame)
        width = round(info.width * (info.pixel_aspect or 1.0))
        return (width, info.height) if width > 0 and info.height > 0 else None

    def status(self) -> Status:
        """The transport, in a line and in numbers."""
        if self._session is None:
            return Status()
        problems = self.problems()
        last = self._last
        if not problems and last is not None and last.frame == self._session.playback.frame:
            problems = gaps_of(last.drawn)
        return self._heads.status(self._session, next(iter(problems), ""))

    def message_left(self) -> float | None:
        """Seconds until what lies over the picture changes by itself."""
        return self._heads.left(self._session) if self._session is not None else None

    def shown_pixel(self, x: float, y: float) -> tuple[float, float, float]:
        """What the last picture shows at a point of the view, 0..1."""
        last = self._last
        if last is None or not (0 <= x < self._size[0] and 0 <= y < self._size[1]):
            return (0.0, 0.0, 0.0)
        r, g, b = (float(v) / 255 for v in last.pixels[-1 - int(y), int(x), :3])
        return (r, g, b)

    def light(self, width: int, height: int) -> Any:
        """The view shown last as float32 RGBA (height, width, 4), top row first, before the
        display's curve and unclamped.  On any thread."""
        values, _ = render_float(
            self._last_view, width, height, self.fetch, display=False, exact=True
        )
        return values[::-1]

    def image_point(self, name: str, x: float, y: float) -> tuple[float, float] | None:
        """Where a point of a displayed image (heights from its centre) is in the view."""
        if self._last is None:
            return None
        d = next((d for d in self._last.drawn if d.quad.node == name), None)
        if d is None:
            return None
        p = d.picture
        at = d.to_canvas @ np.array([(x / d.aspect + 0.5) * p.width, (y + 0.5) * p.height, 1.0])
        return float(at[0]), float(at[1])

    # -- the port ----------------------------------------------------------------------

    def view_size(self) -> tuple[float, float]:
        return float(self._size[0]), float(self._size[1])

    def frame_status(self) -> int:
        last = self._newest()
        if last is None:
            return -1
        return last.status if last.drawn else _NO_IMAGE

    def colour_config(self) -> tuple[str, str]:
        return config_facts()

    def problems(self) -> tuple[str, ...]:
        """Why pictures of the last rendering are stand-ins; each reason once."""
        return self._last.problems if self._last is not None else ()

    def gaps(self) -> tuple[Drawn, ...]:
        """The images of the last rendering whose own frame is missing from its sequence."""
        drawn = self._last.drawn if self._last is not None else ()
        return tuple(d for d in drawn if d.picture.missing is not None)

    def gap_filled(self) -> bool:
        """Whether a frame that was missing then is there by now."""
        return any(self._pictures.has_come(shared(d.quad.key), d.picture) for d in self.gaps())

    def rendered(self) -> list[RenderedImage]:
        last = self._newest()
        if last is None:
            return []
        return listed(last.drawn, self._passes(last), self._size, self._device())

    def _passes(self, last: Rendered) -> list[Pass]:
        """The pictures made on the way to the last one, the outermost first."""
        session = self._session
        if session is None:
            return []
        if not last.drawn:
            return [(session.display.name, ())]
        view = self.view()
        names = dict.fromkeys(filter(None, (view.display_node, view.node)))
        return [
            (name, view.tags if name == view.node else ()) for name in names if "source" not in name
        ]

    def _device(self) -> str:
        session = self._session
        return str(session.display.one("device.name", "")) if session is not None else ""

    def _named(self, name: str | None) -> Drawn | None:
        """By full name, a leading part cut at "/", or the node's name."""
        for d in self._shown().drawn:
            full = d.quad.name
            if not name or full == name or d.quad.node == name or full.startswith(name + "/"):
                return d
        base = (name or "").split(".", 1)[0].split("/", 1)[0]
        return next((d for d in self._shown().drawn if d.quad.node == base), None)

    def image_geometry(self, name: str, use_stencil: bool) -> list[tuple[float, float]]:
        """Corners from the bottom left, counter-clockwise, in view pixels."""
        d = self._named(name) if name else None
        if d is None:
            return []
        w, h = d.picture.width, d.picture.height
        left, right, bottom, top = 0.0, 1.0, 0.0, 1.0
        if use_stencil and not d.picture.problem:
            left, right, bottom, top = seen_of(d)
        corners = ((left, bottom), (right, bottom), (right, top), (left, top))
        out = []
        for x, y in corners:
            at = d.to_canvas @ np.array([x * w, y * h, 1.0])
            out.append((float(round(at[0], 4)), float(round(at[1], 4))))
        return out

    def images_at(
        self, x: float, y: float, tag: str | None, sources_only: bool
    ) -> list[ImageAtPoint]:
        last = self._shown()
        return images_at(
            last.drawn, self._passes(last), self._size, self._device(), (x, y), tag, sources_only
        )

    def source_pixel(self, name: str | None, x: float, y: float) -> tuple[float, ...]:
        """Linear Rec. 709 RGBA of the image as read, at a pixel of the displayed frame."""
        d = self._named(name)
        if d is None or not (np.isfinite(x) and np.isfinite(y)):
            return _ZERO
        # pushed pixels change in place: the picture of the last rendering shows the newest
        p = self.fetch(d.quad.key) if d.quad.key.pushed else d.picture
        if p.blank:
            return _ZERO
        column, row = int(np.floor(x + 0.5)), int(np.floor(y + 0.5))
        if column < 0 or row < 0:
            return _ZERO
        if p.full is not None:
            p = self._pictures.row(d.quad.key, row % p.height)
        column, row = column % p.width - p.x, row % p.height - p.y
        h, w = p.pixels.shape[:2]
        if not (0 <= column < w and 0 <= row < h):
            return _ZERO
        rgba = expand(p.pixels[row : row + 1, column : column + 1], p.channels)[0, 0].astype(float)
        node: Any = d.quad.linearize
        if p.chromaticities is not None and not (
            node is not None and node.one("color.ignoreChromaticities", 0)
        ):
            rgba[:3] = to_rec709(p.chromaticities)[:3, :3] @ rgba[:3]
        return tuple(float(v) for v in rgba)

    def framebuffer_pixel(self, x: float, y: float) -> tuple[float, ...]:
        width, height = self._size
        if not (0 <= x < width and 0 <= y < height):
            return _ZERO
        values, _ = render_float(self.view(), width, height, self.fetch)
        return tuple(float(v) for v in values[int(y), int(x)])

    def export(self, path: str, source: bool = False) -> None:
        """Write the view as 8-bit RGBA, or the first source image as half; `.tif` unless the
        name has an extension.  Raises OSError."""
        if not os.path.splitext(path)[1]:
            path += ".tif"
        if source:
            shown = self.render().drawn
            if not shown or shown[0].picture.blank:
                raise OSError(f"{path}: there is no source image to write")
            p = self.fetch(shown[0].quad.key)
            pixels = expand(p.pixels, p.channels)[::-1].astype(np.float16)
            write_image(path, pixels, p.pixel_aspect)
            return
        write_image(path, self.render().pixels)

    def close(self) -> None:
        """End the cache's workers."""
        self.cache.close()
