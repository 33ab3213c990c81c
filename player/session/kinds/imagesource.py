"""RVImageSource: pictures pushed by programs; geometry and range are properties.

Pixels live in the pixel store port; here are the names of what exists
(``image.FRAME[:view][;layer]``). What scripts read as media information is remembered when the
source is made, and taken from the properties when the session is written or read: other writes
of the properties change ranges, sizes and new pixels only, as in RV. The default view and layer
are what is shown unless ``request.imageComponent`` asks for others.

Source: Open RV ``src/lib/ip/IPBaseNodes/ImageSourceIPNode.cpp``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from player.session.kinds.source import Source
from player.session.node import RangeInfo, StructInfo
from player.session.pixelprops import PixelProperty
from player.session.ports import MediaInfo
from player.session.properties import Property, PropType

__all__ = ["ILLEGAL_LAYER", "NO_CUT_IN", "NO_CUT_OUT", "ImageSource"]

NO_CUT_IN = -2147483647
NO_CUT_OUT = 2147483647
ILLEGAL_LAYER = frozenset("/@#*:;")
"""Characters a pushed layer name must not have."""

_STRUCTURE = frozenset(
    f"image.{n}"
    for n in (
        "width",
        "height",
        "uncropWidth",
        "uncropHeight",
        "uncropX",
        "uncropY",
        "pixelAspect",
    )
)
_RANGE = frozenset({"image.fps", "image.start", "image.end", "image.inc", "cut.in", "cut.out"})
_PLACED = _STRUCTURE | frozenset(
    f"image.{n}"
    for n in (
        "start",
        "end",
        "channels",
        "bitsPerChannel",
        "float",
        "layers",
        "views",
        "defaultLayer",
        "defaultView",
    )
)
"""What decides whether a tile is taken, and where it goes."""
_NO_VIEWS = (("", ()),)
_PIXELS = {
    (8, False): PropType.BYTE,
    (16, False): PropType.SHORT,
    (16, True): PropType.HALF,
    (32, True): PropType.FLOAT,
}


class ImageSource(Source):
    __slots__ = ("_info",)

    kind = "RVImageSource"

    def _setup(self) -> None:
        super()._setup()
        self._info = MediaInfo(path=self.name, view_layers=_NO_VIEWS)

    @property
    def media(self) -> Sequence[MediaInfo]:
        return (self._info,)

    def _list_views(self) -> None:
        """Views and their layers as scripts see them; views without any show a nameless one."""
        i = self._info
        layers = tuple((name, ()) for name in i.layers) or ((("", ()),) if i.views else ())
        self._info = replace(i, view_layers=tuple((v, layers) for v in i.views or ("",)))

    @property
    def media_names(self) -> Sequence[str]:
        return list(self.get("media.name"))[:1]

    @property
    def media_name(self) -> str:
        value: str = self.one("media.name", "")
        return value

    def configure(self, info: MediaInfo) -> None:
        """Take over the geometry and range of a new source and tell everybody."""
        self._info = info
        self._list_views()
        bits, floating = info.bits, info.is_float
        values: dict[str, list[object]] = {
            "media.name": [info.path],
            "image.width": [info.width],
            "image.height": [info.height],
            "image.uncropWidth": [info.uncrop_width],
            "image.uncropHeight": [info.uncrop_height],
            "image.uncropX": [info.uncrop_x],
            "image.uncropY": [info.uncrop_y],
            "image.pixelAspect": [info.pixel_aspect],
            "image.fps": [info.fps],
            "image.start": [info.start],
            "image.end": [info.end],
            "image.inc": [info.inc],
            "image.channels": ["RGBA"[: info.channels]],
            "image.bitsPerChannel": [bits],
            "image.float": [int(floating)],
            "image.layers": list(info.layers),
            "image.views": list(info.views),
        }
        if info.views:
            values["image.defaultView"] = [info.views[0]]
        if info.layers:
            values["image.defaultLayer"] = [info.layers[0]]
        for name, value in values.items():
            self.assign(name, value)
        movie = self.prop("media.movie")
        if movie is not None:
            movie.set([info.path, *movie.values[1:]])
        self._update_stereo_views(info.views)
        self.define_pixels()
        self.propagate_structure()
        self.propagate_range()
        self.propagate_media()

    def define_pixels(self) -> None:
        """Tell the pixel store the geometry, range, views and layers as they are now, since RV
        looks at these properties whenever a tile comes."""
        one = self.one
        width, height = one("image.width", 0), one("image.height", 0)
        uncrop = (one("image.uncropWidth", 0), one("image.uncropHeight", 0))
        placed = (0, 0)
        if uncrop != (width, height):
            placed = (one("image.uncropX", 0), one("image.uncropY", 0))
        self.graph.pixels.define(
            self.name,
            self._info.path,
            width,
            height,
            (*uncrop, *placed),
            len(one("image.channels", "")),
            one("image.bitsPerChannel", 0),
            bool(one("image.float", 0)),
            one("image.start", 1),
            one("image.end", 1),
            one("image.fps", 0.0),
            tuple(self.get("image.views")),
            tuple(self.get("image.layers")),
            one("image.defaultView", ""),
            one("image.defaultLayer", ""),
        )

    def take_properties(self) -> None:
        """Take geometry and range from the properties, as after reading a session file."""
        one = self.one
        self._info = MediaInfo(
            path=self.media_name,
            width=one("image.width", 0),
            height=one("image.height", 0),
            uncrop_width=one("image.uncropWidth", 0),
            uncrop_height=one("image.uncropHeight", 0),
            uncrop_x=one("image.uncropX", 0),
            uncrop_y=one("image.uncropY", 0),
            pixel_aspect=one("image.pixelAspect", 1.0),
            channels=len(one("image.channels", "")),
            bits=one("image.bitsPerChannel", 0),
            is_float=bool(one("image.float", 0)),
            start=one("image.start", 1),
            end=one("image.end", 1),
            inc=one("image.inc", 1),
            fps=one("image.fps", 0.0),
            views=tuple(self.get("image.views")),
            layers=tuple(self.get("image.layers")),
            default_view=one("image.defaultView", ""),
            view_layers=self._info.view_layers,
        )
        self.define_pixels()

    def written(self) -> None:
        """The session was written: take the properties as they are, and keep what was written
        of the shape."""
        self.take_properties()
        self._list_views()
        self.assign("media.movie", [self.media_name, *self.get("media.movie")[1:]])
        info = self.range_info()
        shape = self.struct_info(info.start)
        for name, values in (
            ("proxy.range", [info.start, info.end + 1]),
            ("proxy.inc", [info.inc]),
            ("proxy.size", [shape.width, shape.height]),
        ):
            if not self.has(name):
                self.add(Property(name, PropType.INT, dims=(len(values), 0, 0, 0)))
            self.assign(name, values)

    def allocate(self, frame: int, view: str = "-", layer: str = "-") -> str:
        """Pixels of a frame, zero when they are new; the key. ValueError for a bad name."""
        if not view or not layer:
            raise ValueError(f"Bad {'layer' if view else 'view'} name: ")
        key = self.graph.pixels.allocate(self.name, frame, layer, view)
        self.note_pixels(key)
        return key

    def note_pixels(self, key: str) -> Property | None:
        """The property of a picture in the store, made when it is not there yet."""
        name = f"image.{key}"
        found = self.prop(name)
        type_ = self.pixel_type()
        if found is None and type_ is not None:
            pixels = self.graph.pixels.pixels(self.name, key)
            one = self.one
            count = one("image.width", 0) * one("image.height", 0) * len(one("image.channels", ""))
            if pixels is not None:
                count = memoryview(pixels).nbytes // memoryview(pixels).itemsize
            found = self.add(PixelProperty(self.graph.pixels, self.name, key, type_, count))
        return found

    def pixel_key(self, frame: int, view: str, layer: str) -> str:
        """``FRAME[:view][;layer]`` for explicit names or ``-`` (the default ones)."""
        frame = min(max(frame, self.one("image.start", 1)), self.one("image.end", 1))
        v = self.one("image.defaultView", "") if view == "-" else view
        la = self.one("image.defaultLayer", "") if layer == "-" else layer
        la = la.replace(".", "*")
        return f"{frame}" + (f":{v}" if v else "") + (f";{la}" if la else "")

    def nearest_key(self, frame: int, view: str, layer: str) -> str:
        """The key of the pixels shown at a frame: the nearest earlier ones, else the next."""
        stem = self.pixel_key(frame, view, layer)
        wanted, _, _ = stem.partition(":")
        number = int(wanted.partition(";")[0])
        suffix = stem[len(str(number)) :]
        numbers = []
        for key in self.graph.pixels.keys(self.name):
            digits = key.partition(":")[0].partition(";")[0]
            if key == digits + suffix and digits.lstrip("-").isdigit():
                numbers.append(int(digits))
        earlier = [n for n in numbers if n <= number]
        if earlier:
            return f"{max(earlier)}{suffix}"
        return f"{min(numbers)}{suffix}" if numbers else ""

    def pixel_type(self) -> PropType | None:
        """The property type of this source's pixels; None when it can have none."""
        bits = self.one("image.bitsPerChannel", 0)
        return _PIXELS.get((bits, bool(self.one("image.float", 0))))

    def changed(self, prop: Property) -> None:
        super().changed(prop)
        if prop.name in _STRUCTURE:
            self.propagate_structure()
        if prop.name in _RANGE:
            self.propagate_range()
        if prop.name in _PLACED and self.media_name:
            self.define_pixels()

    def destroy(self) -> None:
        self.graph.pixels.remove(self.name)
        super().destroy()

    def range_info(self) -> RangeInfo:
        one = self.one
        start, end = one("image.start", 1), one("image.end", 1)
        cut_in, cut_out = one("cut.in", NO_CUT_IN), one("cut.out", NO_CUT_OUT)
        return RangeInfo(
            start,
            end,
            one("image.inc", 1),
            one("image.fps", 0.0),
            start if cut_in == NO_CUT_IN else cut_in,
            end if cut_out == NO_CUT_OUT else cut_out,
        )

    def struct_info(self, frame: int) -> StructInfo:
        one = self.one
        return StructInfo(
            one("image.uncropWidth", 0), one("image.uncropHeight", 0), one("image.pixelAspect", 1.0)
        )
