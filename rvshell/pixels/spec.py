"""What an image is, and how it is declared at the far end.

The declaration is one block of Mu, as RV's own rvshell sends it, so that it works at any RV:
it calls `newImageSource` and answers with the node's name.  A source that a connection before
this one has made is used again when it is of the same shape, and replaced when it is not.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from operator import index
from typing import Any, Final

from rvshell.errors import PixelError
from rvshell.pixels.names import encode_layer, encode_name

__all__ = ["DTYPES", "ImageSpec", "quote"]

#: our names of the four component types -> (bits, floating point, numpy's name)
DTYPES: Final[dict[str, tuple[int, bool, str]]] = {
    "uint8": (8, False, "uint8"),
    "uint16": (16, False, "uint16"),
    "half": (16, True, "float16"),
    "float": (32, True, "float32"),
}
_ALIASES: Final = {
    "float16": "half", "float32": "float", "u1": "uint8", "u2": "uint16", "f2": "half",
    "f4": "float",
}  # fmt: skip
_ORDERS: Final = {"little": "<=|", "big": ">=|"}[sys.byteorder]  # of numpy's names of types

_MAX_SIDE: Final = 1 << 17  # pixels; RV keeps sizes in ints and textures end far below
_MAX_FRAME: Final = (1 << 31) - 1
_SMALL, _LARGE = 1e-6, 1e9  # what the far end's floats can reckon with


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """The shape of an image.

    `width` and `height` are the displayed frame in pixels; `window` (x, y, width, height) is
    the data window in it, from the upper left corner: only it has pixels (None: all of it).
    `channels` is 1 (luminance), 2, 3 (RGB) or 4 (RGBA), interleaved; `dtype` uint8, uint16,
    half or float, or numpy's name or type of these.  `frames` is (first, last); `views` and
    `layers` name what may be pushed besides the default (a text is one name); the first of each
    is shown first.  Raises PixelError.
    """

    name: str
    width: int
    height: int
    channels: int = 4
    dtype: str = "float"
    window: tuple[int, int, int, int] | None = None
    pixel_aspect: float = 1.0
    frames: tuple[int, int] = (1, 1)
    fps: float = 24.0
    layers: tuple[str, ...] = ()
    views: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        put = object.__setattr__
        # numpy.float16 as well as its name
        dtype = getattr(self.dtype, "__name__", None) or str(self.dtype)
        dtype = dtype.removeprefix("torch.")
        put(self, "dtype", _ALIASES.get(dtype.lstrip(_ORDERS), dtype))
        for what in ("layers", "views"):
            names = getattr(self, what)
            try:
                put(self, what, (names,) if isinstance(names, str) else tuple(names))
            except TypeError:
                raise PixelError(f"{self.name}: {what} are names, not {names!r}") from None
        for text in (self.name, *self.layers, *self.views):
            if not isinstance(text, str):
                raise PixelError(
                    f"{self.name}: {text!r} is no name of an image, layer or view",
                    hint="names are texts: str(…)",
                )
        for what, count in (("width", 0), ("height", 0), ("channels", 0), ("window", 4),
                            ("frames", 2)):  # fmt: skip
            put(self, what, _whole(self.name, what, getattr(self, what), count))
        if self.dtype not in DTYPES:
            raise PixelError(
                f"{self.name}: {self.dtype!r} is no type of pixels",
                hint=f"one of {', '.join(DTYPES)}",
            )
        if not 1 <= self.channels <= 4:
            raise PixelError(
                f"{self.name}: {self.channels} channels cannot be shown", hint="1 to 4 can"
            )
        window = self.window or (0, 0, self.width, self.height)
        for side in (self.width, self.height, *window[2:]):
            if not 1 <= side <= _MAX_SIDE:
                raise PixelError(
                    f"{self.name}: a side of {side} pixels is not possible",
                    hint=f"1 to {_MAX_SIDE} are",
                )
        if self.frames[0] > self.frames[1]:
            raise PixelError(f"{self.name}: frame {self.frames[0]} is after {self.frames[1]}")
        if max(map(abs, self.frames)) > _MAX_FRAME:
            raise PixelError(f"{self.name}: RV counts frames up to {_MAX_FRAME}")
        for what, name in (("fps", "fps"), ("pixel_aspect", "pixel aspect")):
            value = getattr(self, what)
            try:
                put(self, what, float(value))
            except (TypeError, ValueError, OverflowError):
                raise PixelError(f"{self.name}: {name} is a number, not {value!r}") from None
            if not _SMALL <= getattr(self, what) <= _LARGE:
                raise PixelError(
                    f"{self.name}: {name} cannot be {value!r}",
                    hint=f"it is positive: {_SMALL:g} to {_LARGE:g}",
                )
        for names, what in ((self.layers, "layer"), (self.views, "view")):
            if len(set(names)) != len(names):
                raise PixelError(f"{self.name}: a {what} is named twice")
        _ = self.media, self.wire_layers, self.wire_views  # raises for names that cannot be sent

    # -- shape -----------------------------------------------------------------------

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the stored pixels."""
        return self.window[2:] if self.window else (self.width, self.height)

    @property
    def numpy_dtype(self) -> str:
        """numpy's name of the component type."""
        return DTYPES[self.dtype][2]

    @property
    def pixel_bytes(self) -> int:
        """Bytes of one pixel."""
        return self.channels * DTYPES[self.dtype][0] // 8

    @property
    def frame_bytes(self) -> int:
        """Bytes of one frame of one view and layer."""
        width, height = self.size
        return width * height * self.pixel_bytes

    def grown(self, frame: int, layers: Iterable[str], views: Iterable[str]) -> ImageSpec:
        """The same with a frame, layers and views more, as far as it does not have them."""
        first, last = self.frames
        return replace(
            self, frames=(min(first, frame), max(last, frame)),
            layers=tuple(dict.fromkeys((*self.layers, *layers))),
            views=tuple(dict.fromkeys((*self.views, *views))),
        )  # fmt: skip

    # -- on the wire -----------------------------------------------------------------

    @property
    def media(self) -> str:
        """The media name as tiles carry it."""
        return encode_name(self.name)

    @property
    def wire_layers(self) -> tuple[str, ...]:
        """Layer names as tiles carry them."""
        return tuple(encode_layer(n) for n in self.layers)

    @property
    def wire_views(self) -> tuple[str, ...]:
        """View names as tiles carry them."""
        return tuple(encode_name(n, "view") for n in self.views)

    @property
    def named(self) -> bool:
        """Must the far end be told the name?  What it shows by itself is the last part of the
        media's path."""
        return self.name != self.media or "/" in self.name

    def _uncrop(self) -> tuple[int, int, int, int]:
        """Width, height, x and y of the whole image around the data, y upward."""
        _, height = self.size
        x, y, _, _ = self.window or (0, 0, 0, 0)
        return self.width, self.height, x, self.height - y - height

    def image_properties(self) -> dict[tuple[str, str], str]:
        """What an existing source must agree in: Mu values by property type and name."""
        width, height = self.size
        bits, is_float, _ = DTYPES[self.dtype]
        around = self._uncrop()
        return {
            ("Int", "width"): str(width),
            ("Int", "height"): str(height),
            ("Int", "uncropWidth"): str(around[0]),
            ("Int", "uncropHeight"): str(around[1]),
            ("Int", "uncropX"): str(around[2]),
            ("Int", "uncropY"): str(around[3]),
            ("Int", "bitsPerChannel"): str(bits),
            ("Int", "float"): str(int(is_float)),
            ("String", "channels"): f'"{"RGBA"[: self.channels]}"',
        }

    def mu_creation(self) -> str:
        """The call that makes the source; its value is the node's name."""
        width, height = self.size
        bits, is_float, _ = DTYPES[self.dtype]
        around = ", ".join(map(str, self._uncrop()))
        return (
            f"newImageSource({quote(self.media)}, {width}, {height}, {around}, "
            f"{float(self.pixel_aspect)!r}, {self.channels}, {bits}, {str(is_float).lower()}, "
            f"{self.frames[0]}, {self.frames[1]}, {float(self.fps)!r}, "
            f"{_array(self.wire_layers)}, {_array(self.wire_views)})"
        )

    def mu_declaration(self, *, show: bool = True) -> str:
        """Mu that makes the source (or finds it) and answers with its node name.

        With `show` the view is switched to it when other sources are there as well.
        """
        media = quote(self.media)
        same = " && ".join(
            f'get{kind}Property(n + ".image.{key}")[0] == {value}'
            for (kind, key), value in self.image_properties().items()
        )
        lines = [
            '{ string s = "";',
            'for_each (n; nodesOfType("RVImageSource")) {',
            f'if (getStringProperty(n + ".media.name")[0] == {media}) {{',
            f"if ({same}) s = n; else deleteNode(nodeGroup(n)); }} }}",
            'if (s == "") {',
            f"s = {self.mu_creation()};",
        ]
        if self.named:
            lines.append(f"extra_commands.setUIName(nodeGroup(s), {quote(self.name)});")
        lines.append("}")
        lines.append(self.mu_growth("s"))
        if show:
            lines.append('if (nodesOfType("RVSourceGroup").size() > 1) setViewNode(nodeGroup(s));')
        lines.append("s; }")
        return " ".join(lines)

    def mu_growth(self, node: str) -> str:
        """Mu statements that let an existing source take these frames, layers and views too.

        *node* is a Mu expression.  Properties that are right already are not touched.
        """
        start, end = self.frames
        lines = [
            f'if (getIntProperty({node} + ".image.start")[0] > {start}) '
            f'setIntProperty({node} + ".image.start", int[] {{{start}}});',
            f'if (getIntProperty({node} + ".image.end")[0] < {end}) '
            f'setIntProperty({node} + ".image.end", int[] {{{end}}});',
        ]
        for key, names in (("layers", self.wire_layers), ("views", self.wire_views)):
            if names:
                lines.append(
                    f"for_each (w; {_array(names)}) {{ let l = getStringProperty({node} + "
                    f'".image.{key}"); bool has = false; for_each (k; l) if (k == w) has = true; '
                    f"if (!has) {{ l.push_back(w); "
                    f'setStringProperty({node} + ".image.{key}", l, true); }} }}'
                )
        return " ".join(lines)

    def mu_allocation(
        self, node: str, frame: int, layer: str, view: str, *, caught: bool = True
    ) -> str:
        """Mu that makes the pixels of one frame, layer and view ("" for the default).

        An error's text is only seen by who catches it: `caught` answers with it.
        """
        call = (
            f"newImageSourcePixels({quote(node)}, {frame}, "
            f"{quote(layer) if layer else 'nil'}, {quote(view) if view else 'nil'})"
        )
        if not caught:
            return call
        return (
            f'{{ string r = ""; try {{ r = {call}; }} '
            'catch (exception e) { r = "ERROR: " + string(e); } r; }'
        )


def quote(text: str) -> str:
    """A Mu string literal."""
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(escapes.get(c, c) for c in text if c != "\0") + '"'


def _whole(name: str, what: str, value: Any, count: int) -> Any:
    """A whole number, or *count* of them (a window may be None), of any type of integers."""
    try:
        if not count:
            return index(value)
        numbers = None if value is None and what == "window" else tuple(map(index, value))
    except TypeError:
        pass
    else:
        if numbers is None or len(numbers) == count:
            return numbers
    wanted = f"{count} whole numbers" if count else "a whole number"
    raise PixelError(f"{name}: {what} is {wanted}, not {value!r}")


def _array(names: Sequence[str]) -> str:
    return "string[] {" + ", ".join(map(quote, names)) + "}" if names else "nil"
