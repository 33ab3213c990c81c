"""EXR pictures whose channels are not all of one size, which OpenImageIO refuses: brightness (Y) at
every pixel, colour (RY, BY) at every second one of every second row, as OpenEXR's RGBA interface
writes them.

`SubsampledInput` has those methods of OpenImageIO's ImageInput that its two readers use: the
player's (`player/media/images.py`) and the one that pushes (`rvshell/pixels/files.py`).  OpenEXR's
own package decodes, all channels at once when the first rows are asked for; rows become red, green
and blue in strips, as they are read.  Colour between two samples is the mean by distance; a sample
belongs to the pixel whose place it divides, as the format says.  (RV lets the graphics card spread
them, which moves colour by a quarter of a sample.)

Source: "Technical Introduction to OpenEXR", Luminance/Chroma Images: RY = (R - Y) / Y, BY = (B - Y)
/ Y, and Y by the weights of the file's primaries, Rec. 709's without any.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from rvshell.errors import MediaError

__all__ = ["SUBSAMPLED", "SubsampledInput", "luminance_weights"]

#: OpenImageIO's words for what it does not read
SUBSAMPLED: Final = "Subsampled channels"

Chromaticities = tuple[
    tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]
]
"""x, y of red, green, blue and white."""

_Plane = npt.NDArray[Any]
_Floats = npt.NDArray[np.float32]

_REC709: Final[Chromaticities] = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), (0.3127, 0.3290))
_LUMINANCE: Final = ("Y", "RY", "BY")
_COLOURS: Final = ("R", "G", "B")
_MOST_SAMPLING: Final = 64
#: what OpenEXR says in the header that is no attribute of OpenImageIO's, or is set apart
_APART: Final = frozenset(["channels", "dataWindow", "displayWindow", "preview", "tiles", "type"])
#: OpenImageIO's names of the others
_NAMES: Final = {
    "pixelAspectRatio": "PixelAspectRatio", "comments": "ImageDescription", "owner": "Copyright",
    "capDate": "DateTime", "framesPerSecond": "FramesPerSecond", "compression": "compression",
    "screenWindowWidth": "PixelScreenWindowWidth", "expTime": "ExposureTime", "name": "name",
    "aperture": "FNumber",
}  # fmt: skip


def luminance_weights(chromaticities: Chromaticities | None) -> tuple[float, float, float]:
    """How much red, green and blue of these primaries (Rec. 709's without any) make the
    brightness; their sum is 1.  Primaries that are none count as Rec. 709's."""
    for red, green, blue, white in (chromaticities or _REC709, _REC709):
        points = np.array([[x, y, 1 - x - y] for x, y in (red, green, blue)]).T
        x, y = white
        try:
            amounts = np.linalg.solve(points, np.array([x / y, 1.0, (1 - x - y) / y]))
        except (np.linalg.LinAlgError, ZeroDivisionError):
            continue
        r, g, b = (float(v) for v in amounts * points[1])
        if np.isfinite([r, g, b]).all() and abs(g) > 1e-6:
            return r, g, b
    raise AssertionError


def _spread(plane: _Plane, xs: int, ys: int, begin: int, stop: int, width: int) -> _Floats:
    """Rows *begin* to *stop* of a channel of which there is a sample at each *xs*-th pixel of each
    *ys*-th row, at every pixel."""
    if ys == 1:
        rows = plane[begin:stop].astype(np.float32)
    else:
        down = np.arange(begin, stop) / ys
        above = np.minimum(down.astype(np.intp), len(plane) - 1)
        below = np.minimum(above + 1, len(plane) - 1)
        first = above[0]
        rows = plane[first : below[-1] + 1].astype(np.float32)
        share = (down - above).astype(np.float32)[:, None]
        rows = rows[above - first] * (1 - share) + rows[below - first] * share
    if xs == 1:
        return rows
    along = np.arange(width) / xs
    left = np.minimum(along.astype(np.intp), plane.shape[1] - 1)
    right = np.minimum(left + 1, plane.shape[1] - 1)
    share = (along - left).astype(np.float32)
    spread: _Floats = rows[:, left] * (1 - share) + rows[:, right] * share
    return spread


class _Layout:
    """Which channels of the file each channel of a part comes from."""

    def __init__(self, sampling: dict[str, tuple[int, int]]) -> None:
        self.sampling = sampling
        self.made: dict[str, tuple[str, int]] = {}  # name -> prefix of its Y, RY, BY; which
        prefixes = {n[:-1] for n in sampling if n == "Y" or n.endswith(".Y")}
        whole = {p for p in prefixes if all(p + n in sampling for n in _LUMINANCE)}
        # a file that has both is as it is
        whole = {p for p in whole if not any(p + n in sampling for n in _COLOURS)}
        for prefix in sorted(whole):
            self.made |= {prefix + n: (prefix, i) for i, n in enumerate(_COLOURS)}
        used = {p + n for p in whole for n in _LUMINANCE}
        self.names = [*self.made, *(n for n in sampling if n not in used)]


class SubsampledInput:
    """An open EXR file some of whose channels have fewer samples than pixels.

    Raises MediaError: OpenEXR's package is not there (and says how it comes), the header is
    damaged, or `check` (width, height, channels, bytes of each, path) does not like it.
    """

    def __init__(
        self, path: str, check: Callable[[int, int, int, int, str], object] | None = None
    ) -> None:
        self._path = path
        self._check = check or _unlimited
        try:
            import OpenEXR
        except ImportError:
            raise MediaError(
                f"{path}: has less colour than brightness (a luminance/chroma EXR), which "
                "needs OpenEXR: pip install 'rvshell[exr]'", path=path,
            ) from None  # fmt: skip
        self._open = partial(OpenEXR.File, path, separate_channels=True, num_threads=0)
        self._planes: list[dict[str, _Plane]] | None = None
        self._weights: list[tuple[float, float, float]] = []
        self._layouts: list[_Layout] = []
        self._specs: list[Any] = []
        self._error, self._at = "", 0
        try:
            file = self._open(header_only=True)
            for part in range(len(file.parts)):
                self._add(file.header(part))
        except (RuntimeError, ValueError, TypeError, KeyError, OverflowError) as error:
            raise MediaError(f"{path}: cannot be read as an image: {_line(error)}") from None

    def _add(self, header: dict[str, Any]) -> None:
        import OpenImageIO as oiio

        (x0, y0), (x1, y1) = (_pair(p) for p in header["dataWindow"])
        (fx0, fy0), (fx1, fy1) = (_pair(p) for p in header["displayWindow"])
        channels = header["channels"]
        sampling = {str(c.name): (int(c.xSampling), int(c.ySampling)) for c in channels}
        layout = _Layout(sampling)
        width, height = x1 - x0 + 1, y1 - y0 + 1
        self._check(width, height, len(layout.names), 4, self._path)
        self._check(fx1 - fx0 + 1, fy1 - fy0 + 1, 1, 1, self._path)
        for xs, ys in sampling.values():
            if not (0 < xs <= _MOST_SAMPLING and 0 < ys <= _MOST_SAMPLING):
                raise ValueError(f"a sample at every {xs} x {ys} pixels")
        spec = oiio.ImageSpec(width, height, len(layout.names), "half")
        spec.x, spec.y, spec.full_x, spec.full_y = x0, y0, fx0, fy0
        spec.full_width, spec.full_height = fx1 - fx0 + 1, fy1 - fy0 + 1
        spec.channelnames = tuple(layout.names)
        for name, value in header.items():
            if name not in _APART:
                _set(spec, _NAMES.get(name, name), value)
        primaries = header.get("chromaticities")
        points = None
        if primaries is not None:
            flat = [float(v) for v in np.ravel(np.asarray(primaries, np.float64))]
            if len(flat) == 8:
                points = tuple(zip(flat[::2], flat[1::2], strict=True))
                spec.attribute("chromaticities", "float[8]", flat)
        self._weights.append(luminance_weights(points))  # type: ignore[arg-type]
        self._layouts.append(layout)
        self._specs.append(spec)

    # -- what OpenImageIO's inputs have --------------------------------------------------

    def format_name(self) -> str:
        """The name of the format."""
        return "openexr"

    def seek_subimage(self, part: int, level: int) -> bool:
        """Go to a part; whether it is there.  There are no smaller levels of such."""
        if part >= len(self._specs) or level:
            return False
        self._at = part
        return True

    def spec(self) -> Any:
        """The ImageSpec of the part."""
        return self._specs[self._at]

    def geterror(self) -> str:
        """What went wrong last, once."""
        error, self._error = self._error, ""
        return error

    def close(self) -> None:
        """Let go of the pixels."""
        self._planes = None

    def read_image(
        self, part: int, level: int, first: int, last: int, format_name: str
    ) -> _Plane | None:
        """All rows of channels, as `read_scanlines`."""
        spec = self._specs[part]
        return self.read_scanlines(
            part, level, spec.y, spec.y + spec.height, 0, first, last, format_name
        )

    def read_scanlines(
        self, part: int, level: int, begin: int, stop: int, z: int, first: int, last: int,
        format_name: str,
    ) -> _Plane | None:  # fmt: skip
        """Rows of channels as (rows, columns, channels); None when they cannot be decoded."""
        spec, layout = self._specs[part], self._layouts[part]
        begin, stop = begin - spec.y, stop - spec.y
        kind = np.float16 if format_name == "half" else np.float32
        out = np.empty((stop - begin, spec.width, last - first), kind)
        try:
            planes = self._decoded()[part]
            colours: dict[str, tuple[_Floats, ...]] = {}
            for place, name in enumerate(layout.names[first:last]):
                prefix, which = layout.made.get(name, ("", -1))
                if which < 0:
                    made = self._rows(planes, layout, name, begin, stop, spec.width)
                else:
                    if prefix not in colours:
                        y, ry, by = (
                            self._rows(planes, layout, prefix + n, begin, stop, spec.width)
                            for n in _LUMINANCE
                        )
                        colours[prefix] = _rgb(y, ry, by, self._weights[part])
                    made = colours[prefix][which]
                with np.errstate(over="ignore", invalid="ignore"):
                    out[:, :, place] = made
        except (RuntimeError, ValueError, KeyError, IndexError, MemoryError) as error:
            self._error = _line(error)
            return None
        return out

    def _rows(
        self, planes: dict[str, _Plane], layout: _Layout, name: str, begin: int, stop: int,
        width: int,
    ) -> _Floats:  # fmt: skip
        return _spread(planes[name], *layout.sampling[name], begin, stop, width)

    def _decoded(self) -> list[dict[str, _Plane]]:
        if self._planes is None:
            file = self._open()
            self._planes = [
                {n: c.pixels for n, c in file.channels(part).items()}
                for part in range(len(file.parts))
            ]
        return self._planes


def _rgb(
    y: _Floats, ry: _Floats, by: _Floats, weights: tuple[float, float, float]
) -> tuple[_Floats, _Floats, _Floats]:
    with np.errstate(over="ignore", invalid="ignore"):
        red, blue = (ry + 1) * y, (by + 1) * y
        green = (y - red * weights[0] - blue * weights[2]) / np.float32(weights[1])
    return red, green, blue


def _unlimited(width: int, height: int, channels: int, size: int, path: str) -> None:
    """Everything is read."""


def _pair(point: Any) -> tuple[int, int]:
    x, y = point
    return int(x), int(y)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _set(spec: Any, name: str, value: Any) -> None:
    """An attribute of plain kind; others are left out."""
    if name == "compression":
        value = str(value).rsplit(".", 1)[-1].removesuffix("_COMPRESSION").lower()
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        spec.attribute(name, value)
    elif isinstance(value, np.ndarray) and value.dtype.kind in "if" and 0 < value.size <= 16:
        kind = "int" if value.dtype.kind == "i" else "float"
        spec.attribute(name, f"{kind}[{value.size}]", value.ravel().tolist())
