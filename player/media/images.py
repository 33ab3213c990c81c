"""Still images by OpenImageIO.

Rows are read in strips of 64 into pooled arrays: one call for a whole UHD frame holds the
interpreter lock for up to 180 ms when it allocates and copies, a strip for less than 5.
Each read is single-threaded; two readers on two frames use two cores as well as two
threads on one frame do, and the order of completion stays predictable.  Only the channels
that are shown are read.  Half stays half, float stays float, 8 and 16 bit stay integers.

The stored pixels are the data window cut to the display window, which is how RV's EXR
reader works unless told otherwise.

A tiled file may hold the picture several times, each time half as large (the mip-map levels of
textures), and JPEG files make such by themselves.  Level 0 is the picture; a smaller one is read
for who shows no more of it, and is its file's own idea of the picture made smaller.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from functools import lru_cache
from typing import Any

import numpy as np

from player.media.attributes import corner_of, image_attributes, primaries_of
from player.media.channels import ChannelTable, Part, build_table
from player.media.jpeg import jpeg_levels, read_jpeg_level
from player.media.limits import check_geometry, check_regular
from player.media.picture import Picture
from player.media.pool import shared_pool
from rvshell.chroma import SUBSAMPLED, SubsampledInput
from rvshell.errors import MediaError

__all__ = ["IMAGE_EXTENSIONS", "MOST_LEVELS", "ImageHeader", "image_header", "is_image_name",
           "is_moving", "read_image"]  # fmt: skip

STRIP = 64  # rows per call
_MOST_CHUNKS = 256  # looked at for what a PNG file is
MOST_LEVELS = 17  # of the largest picture there may be

#: extension -> format, as the OpenImageIO wheel reads them; "tx"-like names are TIFF
_EXTENSIONS = """
exr sxr mxr openexr tif tiff tx env sm vsm jpg jpe jpeg jif jfif jfi bmp dib cin cineon dds dpx
fits gif hdr rgbe ico iff z jp2 j2k j2c jph jxl ppm pgm pbm pnm pfm png psd pdd psb rla sgi rgb
rgba bw int inta pic tga targa tpic webp zfile aces
"""
IMAGE_EXTENSIONS = frozenset(_EXTENSIONS.split())

_AS_STORED = frozenset(("jpeg", "openexr", "dpx", "cineon"))

_NATIVE: dict[str, tuple[str, type[Any]]] = {
    "uint8": ("uint8", np.uint8),
    "uint16": ("uint16", np.uint16),
    "half": ("half", np.float16),
    "float": ("float", np.float32),
}

_setup_lock = threading.Lock()
_ready = False


def _oiio() -> Any:
    """The OpenImageIO module, set up once: one thread per read, no cache of its own."""
    global _ready
    import OpenImageIO

    if not _ready:
        with _setup_lock:
            OpenImageIO.attribute("threads", 1)
            OpenImageIO.attribute("exr_threads", -1)
            _ready = True
    return OpenImageIO


def is_image_name(path: str) -> bool:
    """Whether the extension is one of a still image."""
    return os.path.splitext(path)[1][1:].lower() in IMAGE_EXTENSIONS


def is_moving(path: str) -> bool:
    """Whether the file of a still image's name holds an animation that FFmpeg plays: a GIF of
    several images, or an animated PNG."""
    extension = os.path.splitext(path)[1].lower()
    if extension == ".gif":
        inp = _open(path)
        try:
            spec = inp.spec()
            check_geometry(spec.width, spec.height, spec.nchannels, 1, path)
            return bool(inp.seek_subimage(1, 0))
        finally:
            _reason(inp)
            inp.close()
    return extension == ".png" and _has_chunk(path, b"acTL", before=b"IDAT")


def _has_chunk(path: str, name: bytes, before: bytes) -> bool:
    """Whether a PNG file has a chunk in front of another kind of chunk."""
    with suppress(OSError), open(path, "rb") as file:
        if file.read(8) != b"\x89PNG\r\n\x1a\n":
            return False
        for _ in range(_MOST_CHUNKS):
            head = file.read(8)
            if len(head) < 8 or head[4:] in (name, before):
                return head[4:] == name
            file.seek(int.from_bytes(head[:4], "big") + 4, os.SEEK_CUR)
    return False


class ImageHeader:
    """What the header of an image file says.  `spec(part)` is OpenImageIO's ImageSpec,
    `levels(part)` the sizes of its smaller levels."""

    __slots__ = ("_levels", "attributes", "bits", "format_name", "path", "specs", "table")

    def __init__(
        self, path: str, specs: list[Any], format_name: str,
        levels: list[tuple[tuple[int, int], ...]],
    ) -> None:  # fmt: skip
        self.path = path
        self.specs = specs
        self._levels = levels
        self.format_name = format_name
        multi = specs[0].getattribute("multiView")
        names = [multi] if isinstance(multi, str) else list(multi or ())
        parts = [
            Part(
                index,
                str(s.getattribute("oiio:subimagename") or s.getattribute("name") or ""),
                str(s.getattribute("view") or ""),
                tuple(s.channelnames),
            )
            for index, s in enumerate(specs)
            if s.nchannels
        ]
        try:
            self.table: ChannelTable = build_table(parts, names)
        except ValueError:
            raise MediaError(f"{path}: has no channels", path=path) from None
        self.attributes = image_attributes(specs[0], format_name)
        self.bits = int(specs[0].getattribute("oiio:BitsPerSample") or 0)

    def spec(self, part: int) -> Any:
        """OpenImageIO's ImageSpec of a part."""
        return self.specs[part]

    def levels(self, part: int) -> tuple[tuple[int, int], ...]:
        """(width, height) of level 1, 2... of a part: each half of the one before."""
        return self._levels[part]

    def window(self, part: int) -> tuple[int, int, int, int, int, int]:
        """(x0, y0, x1, y1) of the stored pixels inside the display window and its size.

        x from the left, y from the TOP of the display window, x1 and y1 exclusive.
        """
        return _window(self.specs[part])

    def native(self, part: int, indices: tuple[int, ...]) -> tuple[str, type[Any]]:
        """OpenImageIO's format name and the numpy type to read these channels in."""
        s = self.specs[part]
        formats = list(s.channelformats) if s.channelformats else []
        names = {str(formats[i]) for i in indices} if formats else {str(s.format)}
        if len(names) == 1:
            return _NATIVE.get(names.pop(), ("float", np.float32))
        return ("half", np.float16) if names <= {"half", "uint8"} else ("float", np.float32)


def _garbled(path: str) -> MediaError:
    return MediaError(f"{path}: cannot be read as an image: its names are no text", path=path)


def _reason(source: Any, otherwise: str = "not an image") -> str:
    """What OpenImageIO (or one of its inputs) says went wrong, in one line."""
    try:
        return " ".join(str(source.geterror()).split()) or otherwise
    except UnicodeError:  # it quotes the damage
        return "damaged"


def _open(path: str) -> Any:
    oiio = _oiio()
    if os.path.isdir(path):
        raise MediaError(f"{path}: is a directory", path=path)
    check_regular(path)
    config = oiio.ImageSpec()
    config.attribute("oiio:UnassociatedAlpha", 1)  # keep what is stored; the pipeline decides
    config.attribute("oiio:RawColor", 1)
    try:
        path.encode()
    except UnicodeError:
        name = os.fsencode(path).decode(errors="backslashreplace")
        raise MediaError(
            f"{name}: OpenImageIO opens no names that are not UTF-8", path=name, hint="rename it"
        ) from None
    try:
        inp = oiio.ImageInput.open(path, config)
    except (RuntimeError, TypeError, UnicodeError, ValueError) as error:
        raise MediaError(f"{path}: {error}", path=path) from None
    if inp is None:
        if not os.path.exists(path):
            _reason(oiio)
            raise MediaError(f"{path}: no such file", path=path)
        if os.path.getsize(path) == 0:
            _reason(oiio)
            raise MediaError(f"{path}: is empty", path=path)
        reason = _reason(oiio).replace(f"({path})", "").replace(f'"{path}"', "").strip()
        if SUBSAMPLED in reason:
            return SubsampledInput(path, check_geometry)
        raise MediaError(f"{path}: cannot be read as an image: {reason}", path=path)
    return inp


def _window(s: Any) -> tuple[int, int, int, int, int, int]:
    """`ImageHeader.window` of a spec."""
    fw, fh = (
        (s.full_width, s.full_height) if s.full_width and s.full_height else (s.width, s.height)
    )
    x0, y0 = max(0, s.x - s.full_x), max(0, s.y - s.full_y)
    x1 = min(fw, s.x - s.full_x + s.width)
    y1 = min(fh, s.y - s.full_y + s.height)
    return x0, y0, x1, y1, fw, fh


def _cuts(spec: Any) -> tuple[int, int, int, int]:
    """Pixels of the data window that are not shown: at its left, right, top and bottom."""
    x0, y0, x1, y1, *_ = _window(spec)
    left, top = x0 - (spec.x - spec.full_x), y0 - (spec.y - spec.full_y)
    return left, spec.width - left - (x1 - x0), top, spec.height - top - (y1 - y0)


def _levels(inp: Any, spec: Any, part: int) -> tuple[tuple[int, int], ...]:
    """The sizes of the smaller levels of a part, as far as they are halves of each other, and of
    overscan: its edge must not lie between two pixels."""
    if inp.format_name() == "jpeg" and spec.format == "uint8":
        chroma = spec.get_string_attribute("jpeg:subsampling")
        return jpeg_levels(spec.width, spec.height, spec.nchannels, chroma)
    if not spec.tile_width:
        return ()
    cuts = _cuts(spec)
    found: list[tuple[int, int]] = []
    width, height = spec.width, spec.height
    for level in range(1, MOST_LEVELS):
        if max(width, height) == 1 or not inp.seek_subimage(part, level):
            break
        made = inp.spec()
        halves = (abs(2 * made.width - width) <= 1 or width == made.width == 1) and (
            abs(2 * made.height - height) <= 1 or height == made.height == 1
        )
        whole = not any(cuts) or (2 * made.width, 2 * made.height) == (width, height)
        between = any(cut % 2**level for cut in cuts) or not whole
        if not halves or between or made.nchannels != spec.nchannels or not made.tile_width:
            break
        width, height = made.width, made.height
        found.append((width, height))
    _reason(inp)
    return tuple(found)


def _header(path: str, inp: Any) -> ImageHeader:
    specs, levels = [], []
    for index in range(1024):
        if not inp.seek_subimage(index, 0):
            _reason(inp)  # taken, so that it is not reported later
            break
        specs.append(inp.spec())
        levels.append(_levels(inp, specs[-1], index))
    if not specs:
        raise MediaError(f"{path}: has no image", path=path)
    if inp.format_name() in ("gif", "webp", "tiff", "ico", "psd"):
        # further pages are frames, sizes or layers of their own, never AOVs
        specs = specs[:1]
    for s in specs:
        check_geometry(s.width, s.height, s.nchannels, 1, path)
        if s.full_width > 0 and s.full_height > 0:
            check_geometry(s.full_width, s.full_height, 1, 1, path)
    return ImageHeader(path, specs, inp.format_name(), levels)


@lru_cache(maxsize=256)
def _cached_header(path: str, stamp: tuple[int, int]) -> ImageHeader:
    inp = _open(path)
    try:
        return _header(path, inp)
    except UnicodeError:
        raise _garbled(path) from None
    finally:
        inp.close()


def _stamp(path: str) -> tuple[int, int]:
    try:
        st = os.stat(path)
    except (OSError, ValueError):
        return (0, 0)
    return (st.st_mtime_ns, st.st_size)


def image_header(path: str) -> ImageHeader:
    """The header of an image file.  Raises MediaError with the reason."""
    return _cached_header(path, _stamp(path))


def read_image(
    path: str, *, view: str = "", layer: str = "", channel: str = "", frame: int = 1,
    level: int = 0, row: int | None = None,
) -> Picture:  # fmt: skip
    """Decode one view and layer of an image file: its pixels at *level*, or at the smallest
    that the file has; with *row* no more than this row of the displayed frame (0 is the lowest).

    Raises MediaError with one clear reason: missing, empty, not an image, over a limit,
    damaged.  Rows that a damaged file still gives are kept and `problem` says so; in place of a
    damaged level the whole picture is read.
    """
    inp = _open(path)
    try:
        header = _cached_header(path, _stamp(path))
        picked = header.table.select(view, layer, channel)
        what = (picked.part, picked.indices, picked.names, frame)
        if level:
            with suppress(MediaError):
                made = _read(inp, header, *what, level, None)
                if not made.problem:
                    return made
        return _read(inp, header, *what, 0, row)
    except UnicodeError:
        raise _garbled(path) from None
    finally:
        inp.close()


def _read(
    inp: Any, header: ImageHeader, part: int, indices: tuple[int, ...], names: tuple[str, ...],
    frame: int, level: int, row: int | None,
) -> Picture:  # fmt: skip
    spec = header.spec(part)
    path = header.path
    if spec.deep:
        raise MediaError(f"{path}: deep images are not shown", path=path, hint="flatten it first")
    format_name, dtype = header.native(part, indices)
    x0, y0, x1, y1, fw, fh = header.window(part)
    flip, flop = _mirrored(spec, inp.format_name())
    if row is not None:  # it may lie outside of what is stored
        place = row if flip else fh - 1 - row
        y0, y1 = max(y0, place), min(y1, place + 1)
    aspect = float(spec.getattribute("PixelAspectRatio") or 1.0)
    common: dict[str, Any] = {
        "width": fw,
        "height": fh,
        "pixel_aspect": aspect if 0.0 < aspect < 1e4 else 1.0,
        "frame": frame,
        "premultiplied": not spec.get_int_attribute("oiio:UnassociatedAlpha", 0),
        "chromaticities": primaries_of(spec),
        "attributes": header.attributes,
    }
    if x1 <= x0 or y1 <= y0:  # the data window lies outside of what is shown
        return Picture(np.zeros((1, 1, len(names)), dtype), names, **common)
    width, height = x1 - x0, y1 - y0
    x, y = x0, fh - y1
    if flip:
        y = y0
    if flop:
        x = fw - x1
    left, right, top, bottom = _cuts(spec)
    rows = (left, y0 + spec.full_y, y1 + spec.full_y)
    level = min(level, len(header.levels(part)))
    if level:
        common["full"] = (height, width)
        width, height = header.levels(part)[level - 1]
        width -= (left >> level) + (right >> level)
        height -= (top >> level) + (bottom >> level)
        if inp.format_name() == "jpeg":
            pixels = read_jpeg_level(path, width, height, spec.nchannels)[::-1]
            if len(indices) < spec.nchannels:
                pixels = pixels[:, :, list(indices)]
            return Picture(np.ascontiguousarray(pixels), names, x=x, y=y, **common)
        inp.seek_subimage(part, level)
        spec = inp.spec()
        first = spec.y + (top >> level)
        rows = (left >> level, first, first + height)
    check_geometry(width, height, len(names), np.dtype(dtype).itemsize, path)
    pixels = shared_pool.take((height, width, len(names)), dtype)
    try:
        problem = _read_rows(inp, spec, (part, level), indices, format_name, pixels, rows)
    except MediaError as error:
        raise MediaError(f"{path}: {error}", path=path) from None
    if flip:
        pixels = pixels[::-1]
    if flop:
        pixels = pixels[:, ::-1]
    return Picture(
        np.ascontiguousarray(pixels), names, x=x, y=y,
        problem=f"{path}: {problem}" if problem else "", **common,
    )  # fmt: skip


def _mirrored(spec: Any, format_name: str) -> tuple[bool, bool]:
    """(rows run upwards, columns run leftwards) by the file's orientation.

    As RV: JPEG shows its EXIF orientation as an attribute only, the others are mirrored and
    never turned (5 to 8 count as 1 to 4).
    """
    if format_name in _AS_STORED:
        return False, False
    corner = corner_of(spec)
    return corner in (2, 3), corner in (1, 2)


def _read_rows(
    inp: Any, spec: Any, place: tuple[int, int], indices: tuple[int, ...], format_name: str,
    out: Any, window: tuple[int, int, int],
) -> str:  # fmt: skip
    """Fill *out* (bottom-up) from the rows at *place* (part, level); a reason when some could not
    be read.  *window*: columns in front of those that are wanted, the file's number of the first
    row and of the end of the rows."""
    first, last = min(indices), max(indices) + 1
    relative = [i - first for i in indices]
    straight = relative == list(range(len(relative)))
    dx, begun, end = window
    step = STRIP
    tiled = spec.tile_width > 0
    if tiled:
        step = max(spec.tile_height, STRIP // spec.tile_height * spec.tile_height)
    width = out.shape[1]
    # strips start on the file's own grid, so that compressed chunks are decoded once
    top = spec.y
    row = begun
    while row < end:
        begin = top + (row - top) // step * step
        stop = min(begin + step, spec.y + spec.height)
        if tiled:
            strip = inp.read_tiles(
                *place, spec.x, spec.x + spec.width, begin, stop, 0, 1, first, last, format_name
            )
        else:
            strip = inp.read_scanlines(*place, begin, stop, 0, first, last, format_name)
        if strip is None:
            reason = _reason(inp, "damaged")
            out[: end - row] = 0
            if row == begun:
                raise MediaError(f"{inp.format_name()} data cannot be decoded: {reason}")
            return f"rows from {row - top} on cannot be decoded: {reason}"
        strip = strip.reshape(stop - begin, spec.width, last - first)
        until = min(stop, end)
        part_rows = strip[row - begin : until - begin, dx : dx + width]
        if not straight:
            part_rows = part_rows[:, :, relative]
        # file rows run down, ours run up
        out[end - until : end - row] = part_rows[::-1]
        row = until
    return ""
