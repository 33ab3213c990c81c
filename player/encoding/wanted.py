"""What a movie shall be."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

__all__ = ["Wanted", "rate_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A movie to be written.  Empty names and None mean that nothing was asked for.

    `size` is (width, height) of the pictures in pixels, `fps` pictures a second, `quality` 0 to 1,
    `parameters` the words of `-outparams` (NAME=VALUE), `audio_rate` samples a second;
    `as_rvio` says whether codecs that are not named are those of RV's writer, `eyes` how many
    tracks of pictures there are.
    """

    path: str
    size: tuple[int, int]
    fps: float
    codec: str = ""
    quality: float | None = None
    parameters: tuple[str, ...] = ()
    pixel_aspect: Fraction = Fraction(1)
    sound: bool = False
    audio_codec: str = ""
    audio_rate: int = 48000
    audio_channels: int = 2
    comment: str = ""
    copyright: str = ""
    as_rvio: bool = False
    eyes: int = 1


def rate_of(fps: float) -> Fraction:
    """The rate as the exact fraction that is meant: 23.976 and its like are NTSC's."""
    whole = round(fps)
    if abs(fps - whole) < 1e-4 and whole:
        return Fraction(whole)
    above = round(fps * 1.001)
    if above and abs(fps - above / 1.001) < 6e-3:
        return Fraction(above * 1000, 1001)
    return Fraction(fps).limit_denominator(1001)
