"""An export to picture files by rvio's rules: one file a frame, with its type of number.

EXR holds halves (PIZ), TIFF floats, PNG, JPEG and most others 8 bits, unless ``-outformat``,
``-out8`` or ``-outhalf`` say otherwise; DPX and Cineon 10 bits in any case.  Values are written as
they are, alpha too.  Stereo in one file (``-outstereo separate``) is EXR's alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Any, Final

import numpy as np

from player.daemon.finishes import transfer_of
from player.daemon.headers import exr_attributes, given_parameters
from player.daemon.making import Eyes, Made, Maker, Shot, on_display
from player.finishing import Finished
from player.finishing.finish import converted
from player.image.chroma import require_writer, write_planes
from player.image.export import EXR_COMPRESSIONS, Attribute, replaced, write_image
from player.image.film import cineon, dpx
from player.options import Options
from player.session.session import Session
from rvshell.errors import UsageError

__all__ = ["EXR", "FILM", "JPEG", "PictureFiles"]

FILM: Final = frozenset((".dpx", ".cin"))
EXR: Final = frozenset((".exr", ".aces", ".sxr", ".openexr"))
JPEG: Final = frozenset((".jpg", ".jpeg"))
_KINDS: Final = {
    ".hdr": ("float32",), ".tif": ("float32", "uint8", "uint16"),
    ".tiff": ("float32", "uint8", "uint16"), ".png": ("uint8", "uint16"),
    **dict.fromkeys(EXR, ("float16", "float32")), **dict.fromkeys(FILM, ("uint16", "uint8")),
}  # fmt: skip
"""The numbers that a format may hold, what it holds of itself first."""
_TIFF: Final = frozenset((".tif", ".tiff"))
_TIFF_CODECS: Final = {
    "none": "none", "lzw": "lzw", "packbits": "packbits", "jpeg": "jpeg", "deflate": "zip",
    "adobe_deflate": "zip", "zip": "zip",
}  # fmt: skip
"""As rvio and as OpenImageIO name them."""
_RUNS: Final = frozenset((".tga", ".targa"))
_ACES_PACKED: Final = ("none", "piz", "b44a")
_JPEG_QUALITY: Final = 0.9
_DWA: Final = 45.0


class _Job:
    """Makes a frame and writes it; `__call__` gives the reason when it could not, `gaps` then
    tells which frames of sequences others were written for."""

    def __init__(self, make: Callable[[], Made], write: Callable[[Made], None]) -> None:
        self._make = make
        self._write = write
        self.gaps: tuple[str, ...] = ()

    def __call__(self) -> str:
        try:
            made = self._make()
            self.gaps = made.gaps
            if not made.problem:
                self._write(made)
        except OSError as error:
            return str(error)
        return made.problem


class PictureFiles:
    """Files of their own for the frames.  Raises UsageError."""

    def __init__(
        self, options: Options, session: Session, maker: Maker, name: Callable[[int], str],
        report: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._options = options
        self._maker = maker
        self._name = name
        self.extension = os.path.splitext(options.export)[1].lower()
        self._exr = self.extension in EXR
        if maker.eyes == 2 and not self._exr:
            raise UsageError(
                f"-outstereo: {self.extension} holds one picture",
                hint="EXR and movies hold two; -outstereo anaglyph, pair, left ... make one",
            )
        if maker.finish.samples is not None and not self._exr:
            raise UsageError(f"-yryby: {self.extension} has no such channels", hint="EXR has")
        if maker.finish.samples is not None:
            require_writer()
        self._compression = self._packing(report)
        self._attributes: list[Attribute] = (
            exr_attributes(options, session) if self._exr else []
        )  # fmt: skip
        self._given = given_parameters(options)
        self._transfer = transfer_of(options)
        self._fps = options.out_fps or session.playback.fps
        self._quick = self.extension in JPEG and on_display(options, maker.finish, opaque=True)
        self._count = 0
        self.total = 1

    def _packing(self, report: Callable[[str], None]) -> str:
        """OpenImageIO's word for the compression."""
        name, quality = self._options.codec.lower(), self._options.quality
        if self.extension in JPEG:
            level = _JPEG_QUALITY if quality is None else quality
            return f"jpeg:{min(100, max(1, int(level * 100 + 1e-6)))}"
        if self.extension in _TIFF:
            if name and name not in _TIFF_CODECS:
                report(f"WARNING: -codec {self._options.codec}: TIFF has no such; it gets deflate")
            return _TIFF_CODECS.get(name, "zip")
        if not self._exr:
            return name if self.extension in _RUNS else ""
        if name and name not in EXR_COMPRESSIONS:
            known = ", ".join(EXR_COMPRESSIONS)
            report(f"WARNING: -codec {self._options.codec}: EXR has {known}; it gets piz")
            name = ""
        name = name or "piz"
        if "outaces" in self._options.conversions and name not in _ACES_PACKED:
            report(f"WARNING: -codec {self._options.codec}: ACES files have none, piz or b44a")
            name = "b44a" if name == "b44" else "piz"
        return f"{name}:{_DWA if quality is None else quality:g}" if name[:3] == "dwa" else name

    def job(self, shot: Shot, size: tuple[int, int]) -> _Job:
        path = self._name(shot.frame)
        position, self._count = self._count, self._count + 1
        if self._quick:
            show = self._maker.plan_shown(shot, size, deep=False)
            return _Job(lambda: _as_made(show()), lambda made: self._write(path, made, 0, 0))
        own = self._maker.finish_of(shot)
        own = replace(own, kind=self._kind(own.kind))
        make = self._maker.plan(shot, size, display=True, finish=own)
        return _Job(make, lambda made: self._write(path, made, shot.frame, position))

    def _kind(self, asked: str) -> str:
        """The type of number that pictures are made with: what the file has, or whole numbers
        that it is to have the values of."""
        kinds = _KINDS.get(self.extension, ("uint8",))
        return asked if asked in kinds or asked.startswith("uint") else kinds[0]

    def _write(self, path: str, made: Made, frame: int, position: int) -> None:
        first = made.pictures[0]
        aspect = _aspect(self._options.pixel_aspect)
        if self.extension in FILM:
            self._write_film(path, first, frame, position)
            return
        if first.planes is not None:
            planes = dict(first.planes)
            if len(made.pictures) == 2 and (right := made.pictures[1].planes) is not None:
                planes |= {f"right.{name}": plane for name, plane in right.items()}
            write_planes(
                path, planes, compression=self._compression, aspect=aspect,
                attributes=self._attributes, stereo=len(made.pictures) == 2,
            )  # fmt: skip
            return
        pixels, names = self._stored(first), list(first.channels)
        attributes = list(self._attributes)
        if len(made.pictures) == 2:
            pixels = np.concatenate([pixels, self._stored(made.pictures[1])], axis=2)
            names += [f"right.{name}" for name in first.channels]
            attributes.append(("multiView", "string[2]", ("left", "right")))
        # OpenImageIO does not know all names of EXR files
        renamed = self._exr and self.extension != ".exr"
        with replaced(path) if renamed else nullcontext(path) as target:
            written = f"{target}.exr" if renamed else target
            write_image(
                written, pixels, aspect, compression=self._compression, channels=names,
                attributes=attributes, as_it_is=True,
            )  # fmt: skip
            if renamed:
                os.replace(written, target)

    def _stored(self, picture: Finished) -> Any:
        """The pixels as the file has them."""
        pixels, kinds = picture.pixels, _KINDS.get(self.extension, ("uint8",))
        if str(pixels.dtype) in kinds:
            return pixels
        if pixels.dtype == np.uint8 or pixels.dtype == np.uint16:
            top = 255 if pixels.dtype == np.uint8 else 65535
            wide = pixels.astype(np.float32) / top
            # EXR has no whole numbers; 16 bits of them need floats
            deep = "float32" if self._exr and top > 255 else kinds[0]
            return converted(wide, deep)
        return converted(pixels.astype(np.float32), kinds[0])

    def _write_film(self, path: str, picture: Finished, frame: int, position: int) -> None:
        names, pixels = picture.channels, picture.pixels
        places = [names.index(name) if name in names else 0 for name in "RGB"]
        rgb = pixels[..., places]
        codes: Any
        if rgb.dtype == np.uint8:
            codes = rgb.astype(np.uint32) << 2
        elif rgb.dtype == np.uint16:
            codes = rgb.astype(np.uint32) >> 6
        else:
            codes = converted(rgb.astype(np.float32), "uint16").astype(np.uint32) >> 6
        base = os.path.basename(path)
        if self.extension == ".cin":
            data = cineon(codes, name=base)
        else:
            given = self._given | self._own()
            data = dpx(
                codes, given, name=base, transfer=self._transfer, frame=frame,
                position=position, count=self.total, fps=self._fps,
            )  # fmt: skip
        with replaced(path) as beside, open(beside, "wb") as file:
            file.write(data)

    def _own(self) -> dict[str, str]:
        """What the other words say in DPX."""
        options = self._options
        own = {}
        if options.out_fps:
            own["output/fps"] = f"{options.out_fps:g}"
        if options.copyright:
            own["output/copyright"] = options.copyright
        above, colon, below = (options.pixel_aspect or "1:1").partition(":")
        own["output/pa/numerator"] = above if colon else str(int(1000000 * float(above)))
        own["output/pa/denominator"] = below if colon else "1000000"
        return own

    def landed(self, job: _Job, shot: Shot) -> None:
        """Nothing: each is written where it is made."""

    def finish(self) -> None:
        """Nothing."""

    def abandon(self, done: int, count: int) -> str:
        return f"{done} of {count} frames are written"


def _as_made(eyes: Eyes) -> Made:
    pixels, problem, gaps = eyes
    return Made([Finished(eye, ("R", "G", "B", "A")) for eye in pixels], problem, gaps)


def _aspect(text: str) -> float:
    if not text:
        return 1.0
    try:
        above, colon, below = text.partition(":")
        aspect = float(above) / float(below) if colon else float(above)
    except (ValueError, ZeroDivisionError):
        aspect = 0.0
    if aspect <= 0:
        raise UsageError(f"-outpa {text} is no ratio", hint="16:9 or 1.33")
    return aspect
