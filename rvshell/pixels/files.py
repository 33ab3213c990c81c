"""Image files as pictures to push: every format that OpenImageIO reads, with views and layers.

A file's channels are sorted into views and layers as RV names them: `[layer.][view.]channel`,
the view may also be an attribute of its part, and a part without dotted channels that is not
the first of its view is a layer of the part's name.  An image source at the far end has one
type and number of channels for all its layers, so layers are brought to the widest: half
stays half and float float, luminance becomes RGB, and a missing alpha is opaque.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeAlias

import numpy as np

from rvshell.chroma import SUBSAMPLED, SubsampledInput
from rvshell.errors import MediaError
from rvshell.pixels.arrays import Pixels
from rvshell.pixels.streams import WALKERS, Source, kind_of

__all__ = [
    "ImageFile",
    "Plane",
    "Window",
    "around",
    "find_sequence",
    "find_sources",
    "frame_of",
    "is_pattern",
    "open_image_file",
]

_DTYPES: Final = {"uint8": "uint8", "uint16": "uint16", "half": "half", "float": "float"}
_NUMPY: Final = {"uint8": "uint8", "uint16": "uint16", "half": "float16", "float": "float32"}
_WIDTH: Final = {"uint8": 0, "uint16": 1, "half": 1, "float": 2}
_COLOUR: Final = {
    "r": 0, "red": 0, "g": 1, "green": 1, "b": 2, "blue": 2, "a": 3, "alpha": 3,
}  # fmt: skip


Window: TypeAlias = tuple[int, int, int, int]
"""x, y, width and height in the displayed frame, in pixels from its upper left."""


@dataclass(frozen=True, slots=True)
class Plane:
    """The channels of one view and layer: `indices` of part `part`, up to four, in order."""

    view: str
    layer: str
    part: int
    indices: tuple[int, ...]
    names: tuple[str, ...]

    @property
    def is_grey(self) -> bool:
        """One channel (and perhaps alpha): shown as luminance."""
        return len([n for n in self.names if _COLOUR.get(n.lower()) != 3]) == 1

    @property
    def shown(self) -> int:
        """Channels that it needs at the far end."""
        has_alpha = any(_COLOUR.get(n.lower()) == 3 for n in self.names)
        return 4 if has_alpha or len(self.names) == 4 else 3


class ImageFile:
    """An image file that was opened; reads one plane at a time.

    `width`, `height` is the displayed frame, `window` (x, y, width, height) the stored pixels
    in it, from the upper left: those of all parts that are shown in the same frame.  `planes` has
    one entry for each view and layer.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._oiio = _oiio()
        self._input = self._open()
        self._specs = self._headers()
        self.planes = self._table()
        first = self._specs[self.planes[0].part]
        self.width, self.height = first.full_width or first.width, first.full_height or first.height
        parts = {p.part for p in self.planes}
        self.window = around([self._window(self._specs[part]) for part in parts])
        aspect = float(first.getattribute("PixelAspectRatio") or 1.0)
        self.pixel_aspect = aspect if 0.01 < aspect < 100 else 1.0
        self.views = tuple(dict.fromkeys(p.view for p in self.planes if p.view))
        self.layers = tuple(dict.fromkeys(p.layer for p in self.planes))

    # -- reading the header ----------------------------------------------------------

    def _open(self) -> Any:
        config = self._oiio.ImageSpec()
        config.attribute("oiio:UnassociatedAlpha", 1)  # what is stored, unchanged
        config.attribute("oiio:RawColor", 1)
        if os.path.isdir(self.path):
            raise MediaError(f"{self.path}: is a directory", path=self.path)
        if not os.path.exists(self.path):
            raise MediaError(f"{self.path or repr('')}: no such file", path=self.path)
        if self.path.lower().endswith(".png"):
            self._check_png()
        try:
            found = self._oiio.ImageInput.open(self.path, config)
        except TypeError:
            raise self._broken("its name is not UTF-8, which OpenImageIO does not open") from None
        except (RuntimeError, UnicodeError, ValueError) as error:
            raise self._broken(str(error)) from None
        if found is None:
            reason = self._oiio.geterror()
            if SUBSAMPLED in reason:
                return SubsampledInput(self.path)
            raise self._broken(reason)
        return found

    def _check_png(self) -> None:
        """Of a PNG that was cut off libpng writes to stderr by itself: it does not get it."""
        try:
            with open(self.path, "rb") as file:
                if kind_of(start := file.read(9)) == "png":
                    WALKERS["png"](Source(file), start)
        except MediaError as error:
            raise self._broken(str(error).replace("the stream", "it")) from None
        except OSError as error:
            raise self._broken(str(error.strerror)) from None

    def _broken(self, reason: str) -> MediaError:
        text = " ".join(reason.split()) or "not an image"
        return MediaError(f"{self.path}: cannot be read: {text}", path=self.path)

    def _headers(self) -> list[Any]:
        specs: list[Any] = []
        while self._input.seek_subimage(len(specs), 0):
            specs.append(self._input.spec())
            if len(specs) > 1000:
                break
        self._input.geterror()
        formats = {str(self._input.format_name())}
        if formats & {"gif", "ico", "psd", "dds"}:  # frames, sizes, layers of another kind
            specs = specs[:1]
        if not specs or not any(s.nchannels for s in specs):
            raise self._broken("it has no channels")
        return specs

    def _table(self) -> list[Plane]:
        multi = self._specs[0].getattribute("multiView")
        multi_view = [multi] if isinstance(multi, str) else list(multi or ())
        default_view = multi_view[0] if multi_view else ""
        groups: dict[tuple[str, str], tuple[int, list[int], list[str]]] = {}
        for part, spec in enumerate(self._specs):
            if _frame(spec) != _frame(self._specs[0]):
                continue  # another frame cannot be a layer of the same source
            part_view = str(spec.getattribute("view") or "") or default_view
            part_name = str(spec.getattribute("oiio:subimagename") or "")
            plain = all("." not in c for c in spec.channelnames)
            rename = plain and part and part_name and (part_view, "") in groups
            for index, full in enumerate(spec.channelnames):
                *prefix, name = full.split(".")
                view = part_view
                for at in (len(prefix) - 1, 0):
                    if prefix and prefix[at] in multi_view:
                        view = prefix.pop(at)
                        break
                layer = ".".join(prefix) or (part_name if rename else "")
                where = groups.setdefault((view, layer), (part, [], []))
                if where[0] == part:
                    where[1].append(index)
                    where[2].append(name)
        return [
            _plane(view, layer, part, indices, names)
            for (view, layer), (part, indices, names) in groups.items()
        ]

    @staticmethod
    def _window(spec: Any) -> Window:
        """The stored pixels inside the displayed frame: x, y (from the top), width, height."""
        full_w, full_h = spec.full_width or spec.width, spec.full_height or spec.height
        x0, y0 = max(0, spec.x - spec.full_x), max(0, spec.y - spec.full_y)
        x1 = min(full_w, spec.x - spec.full_x + spec.width)
        y1 = min(full_h, spec.y - spec.full_y + spec.height)
        if x1 <= x0 or y1 <= y0:  # nothing of it is inside: show it as it is
            return 0, 0, spec.width, spec.height
        return x0, y0, x1 - x0, y1 - y0

    # -- what the far end needs ----------------------------------------------------------

    @cached_property
    def dtype(self) -> str:
        """The widest component type of its planes: uint8, uint16, half or float."""
        found = {self._plane_dtype(p) for p in self.planes}
        if len(found) == 1:
            return found.pop()
        widest = max(_WIDTH[d] for d in found)
        # half next to 16-bit integers needs float to hold both
        if widest == 2 or found >= {"half", "uint16"}:
            return "float"
        return max(found, key=lambda name: _WIDTH[name])

    def _plane_dtype(self, plane: Plane) -> str:
        spec = self._specs[plane.part]
        formats = [str(f) for f in spec.channelformats] or [str(spec.format)] * spec.nchannels
        names = {formats[i] for i in plane.indices}
        return _DTYPES.get(names.pop(), "float") if len(names) == 1 else "float"

    @cached_property
    def channels(self) -> int:
        """3 or 4."""
        return max(p.shown for p in self.planes)

    # -- pixels --------------------------------------------------------------------------

    def read(self, plane: Plane, window: Window | None = None) -> Pixels:
        """(height, width, channels) of `dtype` of a window (`window` of the file), top row first.

        Where it has no pixels there are zeros.  Raises MediaError.
        """
        spec = self._specs[plane.part]
        low, high = min(plane.indices), max(plane.indices) + 1
        if not self._input.seek_subimage(plane.part, 0):
            raise self._broken(self._input.geterror())
        data = self._input.read_image(plane.part, 0, low, high, self.dtype)
        if data is None:
            raise self._broken(self._input.geterror())
        stored = np.asarray(data).reshape(spec.height, spec.width, high - low)
        x, y, width, height = self._window(spec)
        left, top = x - (spec.x - spec.full_x), y - (spec.y - spec.full_y)
        if (width, height) == (spec.width, spec.height):
            left = top = 0
        stored = stored[top : top + height, left : left + width]
        wanted = [i - low for i in plane.indices]
        if not (wanted == list(range(self.channels)) and stored.shape[2] == self.channels):
            stored = self._arrange(plane, stored, wanted)
        left, top, wide, high = window or self.window
        if (x, y, width, height) == (left, top, wide, high):
            return stored
        out = np.zeros((high, wide, self.channels), stored.dtype)
        out[y - top : y - top + height, x - left : x - left + width] = stored
        return out

    def _arrange(self, plane: Plane, stored: Pixels, wanted: list[int]) -> Pixels:
        height, width = stored.shape[:2]
        out = np.empty((height, width, self.channels), _NUMPY[self.dtype])
        opaque = {"uint8": 255, "uint16": 65535}.get(self.dtype, 1)
        if self.channels == 4:
            out[..., 3] = opaque
        colours = [i for i, n in zip(wanted, plane.names, strict=True) if n != "A"]
        for channel in range(3):
            if plane.is_grey:
                out[..., channel] = stored[..., colours[0]]
            elif channel < len(colours):
                out[..., channel] = stored[..., colours[channel]]
            else:
                out[..., channel] = 0
        if self.channels == 4 and len(wanted) > len(colours):
            out[..., 3] = stored[..., wanted[plane.names.index("A")]]
        elif self.channels == 4 and len(colours) == 4:
            out[..., 3] = stored[..., colours[3]]
        return out

    def close(self) -> None:
        """Let go of the file."""
        self._input.close()


def around(windows: Sequence[Window]) -> Window:
    """The smallest window that has all of them in it."""
    left, top = min(w[0] for w in windows), min(w[1] for w in windows)
    right, bottom = max(w[0] + w[2] for w in windows), max(w[1] + w[3] for w in windows)
    return left, top, right - left, bottom - top


def _frame(spec: Any) -> tuple[int, int, int, int]:
    """The displayed frame of a part."""
    size = spec.full_width or spec.width, spec.full_height or spec.height
    return spec.full_x, spec.full_y, *size


def _plane(view: str, layer: str, part: int, indices: Sequence[int], names: Sequence[str]) -> Plane:
    """The channels to show: R, G, B, A as far as there are, else luminance Y (and A; the Y of a
    vector X, Y, Z is none), else the first four."""
    slots = {_COLOUR[n.lower()]: i for i, n in enumerate(names) if n.lower() in _COLOUR}
    if slots.keys() & {0, 1, 2}:
        picked = [slots[k] for k in sorted(slots)]
    elif (low := {n.lower() for n in names}) and "y" in low and not low & {"x", "z"}:
        grey = next(i for i, n in enumerate(names) if n.lower() == "y")
        picked = [grey] + ([slots[3]] if 3 in slots else [])
    else:
        picked = list(range(min(4, len(names))))
    shown = ["A" if _COLOUR.get(names[i].lower()) == 3 else names[i] for i in picked]
    return Plane(view, layer, part, tuple(indices[i] for i in picked), tuple(shown))


def _oiio() -> Any:
    import OpenImageIO

    return OpenImageIO


def open_image_file(path: str) -> ImageFile:
    """Open an image file.  Raises MediaError: missing, unreadable, or no image."""
    return ImageFile(path)


# -- sequences ---------------------------------------------------------------------------


def find_sequence(text: str) -> Iterator[tuple[int, str]]:
    """(frame, path) of the files that a pattern names, in order of frames.

    `shot.#.exr`, `shot.1-10#.exr`, `shot.%04d.exr`, `shot.@@@.exr`: with a range exactly these
    frames (missing files are left out), else all there are.  Raises MediaError when there is
    none.
    """
    import fileseq

    pattern = _as_fileseq(text)
    try:
        wanted = fileseq.FileSequence(pattern)
        if wanted.frameSet() is not None:
            pairs = [(int(f), wanted.frame(f)) for f in wanted.frameSet()]
            pairs = [(f, p) for f, p in pairs if os.path.exists(p)]
        else:
            found = fileseq.findSequenceOnDisk(pattern, strictPadding="#" not in text)
            pairs = [(int(f), found.frame(f)) for f in found.frameSet() or ()]
    except (fileseq.exceptions.FileSeqException, ValueError, OSError) as error:
        raise MediaError(f"{text}: {' '.join(str(error).split())}", path=text) from None
    if not pairs:
        raise MediaError(f"{text}: no such files", path=text)
    yield from sorted(pairs)


_NUMBER: Final = re.compile(r"(.*?)(-?\d+)(\.[^.]+)")
_EXTENSIONS: Final = frozenset(
    ("exr", "png", "jpg", "jpeg", "tif", "tiff", "tx", "hdr", "dpx", "cin", "tga", "bmp", "ppm",
     "pgm", "pfm", "pnm", "webp", "jp2", "jxl", "sgi", "rgb", "psd")
)  # fmt: skip


def frame_of(name: str) -> tuple[str, int] | None:
    """Source and frame of a file name; None when its extension is none of a still image."""
    if name.startswith(".") or name.rpartition(".")[2].lower() not in _EXTENSIONS:
        return None
    found = _NUMBER.fullmatch(name)
    if found is None:
        return name, 1
    return f"{found[1]}#{found[3]}", int(found[2])


def find_sources(directory: str) -> dict[str, list[tuple[int, str]]]:
    """The still images of a directory by source, in order: (frame, path) each.

    Raises MediaError when it cannot be read.
    """
    found: dict[str, list[tuple[int, str]]] = {}
    try:
        names = sorted(os.listdir(directory))
    except OSError as error:
        raise MediaError(f"{directory}: {error.strerror}", path=directory) from None
    for name in names:
        if place := frame_of(name):
            found.setdefault(place[0], []).append((place[1], os.path.join(directory, name)))
    return {name: sorted(pairs) for name, pairs in found.items()}


def is_pattern(text: str) -> bool:
    """Does *text* name the frames of a sequence rather than one file?"""
    name = os.path.basename(text)
    return not os.path.exists(text) and any(c in name for c in "#@%")


def _as_fileseq(text: str) -> str:
    """RV's `#` is four digits, and so is fileseq's; a run of them is RV's one."""
    return re.sub(r"#+", "#", text)
