"""RVFileSource: files, patterns and procedural media.

Setting ``media.movie`` (while ``media.active``) opens every file through the media port, one
after the other, and tells media, image size and range changes after each. What cannot be opened
is replaced by a placeholder of 1280x720, frames 1..19 at 24 fps (or what ``proxy.*`` remembers),
makes the source inactive and sends ``source-media-unavailable``.

Source: Open RV ``src/lib/ip/IPBaseNodes/FileSourceIPNode.cpp``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from player.session.kinds.source import Source
from player.session.node import IDENTITY, RangeInfo, StructInfo
from player.session.ports import MediaInfo
from player.session.properties import Property

__all__ = ["DEFAULT_FPS", "FileSource"]

DEFAULT_FPS = 24.0


def _mirrored(x: float, y: float) -> tuple[float, ...]:
    return (x, 0.0, 0.0, 0.0, 0.0, y, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)


_TURNS = {
    "top-left": _mirrored(1.0, -1.0),
    "top-right": _mirrored(-1.0, -1.0),
    "bottom-right": _mirrored(-1.0, 1.0),
}


class FileSource(Source):
    __slots__ = ("_media", "_names", "in_params")

    kind = "RVFileSource"

    def _setup(self) -> None:
        super()._setup()
        self._media: list[MediaInfo] = []
        self._names: list[str] = []
        self.in_params: list[tuple[str, str]] = []

    @property
    def media(self) -> Sequence[MediaInfo]:
        return self._media

    @property
    def media_names(self) -> Sequence[str]:
        return self._names

    @property
    def filename(self) -> str:
        """All files joined with ``|``."""
        return "|".join(self.get("media.movie"))

    @property
    def has_video(self) -> bool:
        return any(m.has_video for m in self._media)

    @property
    def has_audio(self) -> bool:
        for m in self._media:  # asked of every source again and again while thousands load
            if m.has_audio and not (m.has_video and self.one("group.noMovieAudio", 0)):
                return True
        return False

    @property
    def video_media(self) -> MediaInfo | None:
        """The first media with pictures (the first at all when none has)."""
        return next((m for m in self._media if m.has_video), self.first_info)

    # -- opening ------------------------------------------------------------------------------

    def clear_media(self) -> None:
        self._media = []
        self._names = []
        for name in ("media.movie", "media.name", "request.stereoViews"):
            self.assign(name, [])

    def reload_media(self) -> None:
        """Open all files of ``media.movie`` anew."""
        files = list(self.get("media.movie"))
        self.clear_media()
        self.assign("media.movie", files)
        self.assign("media.active", [1])
        for file in files:
            self._open(file)

    def _open(self, file: str) -> None:
        if self.in_params:
            self.graph.hooks.parameters(file, self.in_params)
        info = self.graph.probe(file)
        if info is None:
            info = self._placeholder(file)
            self.set_media_active(False)
            self.graph.emit("source-media-unavailable", f"{self.name};;{file};;{self.rep_name}")
        self._media.append(info)
        self._names.append(file)
        views: list[str] = []
        for m in self._media:
            views.extend(v for v in m.views if v not in views)
        self._update_stereo_views(views)
        self.touch()
        if self.group is not None:
            self.group.forget_ranges()
        self.propagate_media()
        self.propagate_structure()
        self.propagate_range()

    def _placeholder(self, file: str) -> MediaInfo:
        known = self.get("proxy.range") or (1, 20)
        size = self.get("proxy.size") or (1280, 720)
        return MediaInfo(
            path=file,
            width=size[0],
            height=size[1],
            uncrop_width=size[0],
            uncrop_height=size[1],
            channels=4,
            bits=8,
            start=known[0],
            end=known[1] - 1,
            inc=self.one("proxy.inc", 1),
            fps=self.one("proxy.fps", DEFAULT_FPS),
            missing=True,
        )

    def changed(self, prop: Property) -> None:
        name = prop.name
        if name in (
            "group.rangeOffset",
            "group.rangeStart",
            "cut.in",
            "cut.out",
            "group.fps",
        ):
            self.propagate_range()
        elif name in ("media.movie", "media.active") and self.media_active():
            self.reload_media()
        super().changed(prop)

    def dropped(self, full_name: str) -> None:
        if full_name == f"{self.name}.group.rangeStart":
            self.propagate_range()
        super().dropped(full_name)

    # -- what is asked ------------------------------------------------------------------------

    @property
    def fps(self) -> float:
        """``group.fps``, else the media's rate, else 24 (which is then remembered)."""
        own: float = self.one("group.fps", 0.0)
        if own != 0.0:
            return own
        video = audio = 0.0
        for m in self._media:
            if m.fps > 0.5:
                if m.has_video:
                    video = m.fps
                else:
                    audio = m.fps
        rate = video or audio
        if rate:
            return rate
        if self._media:
            self.assign("group.fps", [DEFAULT_FPS])
        return DEFAULT_FPS

    def range_info(self) -> RangeInfo:
        m = self.video_media
        if m is None:
            return RangeInfo()
        offset = self.one("group.rangeOffset", 0)
        start, end = m.start + offset, m.end + offset
        first = self.one("group.rangeStart")
        if first is not None:
            start, end = first, first - start + end
        cut_in = min(end, max(start, self.one("cut.in", start)))
        cut_out = max(start, min(end, self.one("cut.out", end)))
        return RangeInfo(start, end, m.inc, self.fps, cut_in, cut_out)

    def media_frame(self, frame: int) -> int:
        """The frame number inside the file for a frame of this node."""
        m = self.video_media
        frame -= self.one("group.rangeOffset", 0)
        first = self.one("group.rangeStart")
        if first is not None and m is not None:
            frame += m.start - first
        return frame

    def struct_info(self, frame: int) -> StructInfo:
        m = self.video_media
        if m is None or not m.has_video:
            return StructInfo()
        pa = m.pixel_aspect if m.pixel_aspect else 1.0
        width = m.uncrop_width * (pa if pa > 1.0 else 1.0)
        height = m.uncrop_height / (pa if pa < 1.0 else 1.0)
        return StructInfo(int(width), int(height), pa, _TURNS.get(m.orientation, IDENTITY))

    def adopt(self, index: int, info: MediaInfo) -> None:
        """Replace what is known of one media (its pixels or header became known)."""
        self._media[index] = replace(info)
        self.touch()
