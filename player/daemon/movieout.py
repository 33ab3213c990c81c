"""An export that is one movie: frames of the view in order, and their sound.

Pictures are rendered and converted by the export's threads and encoded here.  All have the size
of the largest, as RV's.  A frame that cannot be read stays in its place, as it is shown, so that
what follows keeps its time.  The sound of a picture is that of its frame, also when frames are
left out; at another rate than the session's it is stretched as in playing.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

import numpy as np

from player.audio import Mixer, Voice, has_sound, master_gains, voices
from player.daemon.conversions import scaled
from player.daemon.rendered import shown
from player.encoding import MovieWriter, Wanted
from player.image import ImageRenderer
from player.image.scene import FetchKey, View
from player.media import Picture
from player.options import Options
from player.session.session import Session
from rvshell.errors import UsageError

__all__ = ["Movie"]

_PLAN: Final = 4.0  # seconds of sound that are planned at once
_MARGIN: Final = 0.25  # seconds planned around them, for grains and rounding


class _Job:
    """Renders a frame and makes of it what is encoded; `__call__` gives the reason when what is
    shown is a stand-in."""

    def __init__(
        self, view: View, size: tuple[int, int], fetch: Callable[[FetchKey], Picture],
        writer: MovieWriter,
    ) -> None:  # fmt: skip
        self._view = view
        self._size = size
        self._fetch = fetch
        self._writer = writer
        self.gaps: tuple[str, ...] = ()
        self.frame: Any = None

    def __call__(self) -> str:
        colours = self._writer.colours
        pixels, problem, self.gaps = shown(self._view, self._size, self._fetch, deep=colours.deep)
        self.frame = colours.frame(pixels)
        return problem


class _Sound:
    """What is heard in the view, by frames."""

    def __init__(self, session: Session, rate: int) -> None:
        self._session = session
        self._mixer = Mixer(rate)
        self._rate = rate
        self._gains = np.array(master_gains(session), np.float32)
        self._heard: list[Voice] = []
        self._planned = (0.0, 0.0)

    def samples(self, frame: int, count: int) -> Any:
        """`count` samples from where the frame begins on, (n, 2)."""
        playback = self._session.playback
        at = (frame - playback.range_start) / playback.fps
        if not self._planned[0] <= at <= at + count / self._rate <= self._planned[1]:
            self._planned = (at, at + _PLAN)
            begin, length = at - _MARGIN, _PLAN + 2 * _MARGIN
            self._heard = voices(self._session, begin, length)
        mixed = self._mixer.mix(self._heard, round(at * self._rate), count)
        return np.clip(mixed * self._gains, -1.0, 1.0)

    def close(self) -> None:
        self._mixer.close()


class Movie:
    """Writes the movie that the options ask for.  Raises UsageError and LocalError."""

    def __init__(
        self, options: Options, session: Session, renderer: ImageRenderer, frames: list[int],
        report: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._path = options.export
        self._renderer = renderer
        self._size = scaled(options.size or _largest(session, frames), options.conversions)
        if options.out_fps > 0:
            session.playback.set_fps(options.out_fps)  # the sound follows
        rate = round(options.audio_rate)
        self._writer = MovieWriter(
            Wanted(
                path=options.export, size=self._size, fps=session.playback.fps,
                codec=options.codec, quality=options.quality, parameters=options.out_params,
                pixel_aspect=_aspect(options.pixel_aspect),
                sound=options.audio and has_sound(session), audio_codec=options.audio_codec,
                audio_rate=rate, audio_channels=options.audio_channels, comment=options.comment,
                copyright=options.copyright, as_rvio=options.as_rvio,
            )
        )  # fmt: skip
        for warning in self._writer.warnings:
            report(f"WARNING: {warning}")
        self._sound = _Sound(session, rate) if self._writer.has_sound else None

    def job(self, frame: int, size: tuple[int, int]) -> _Job:
        view, fetch = self._renderer.view(frame), self._renderer.fetch
        return _Job(view, self._size, fetch, self._writer)

    def landed(self, job: _Job, frame: int) -> None:
        """Encode what a job has made, the next in order.  Raises LocalError."""
        samples = None
        if self._sound is not None:
            samples = self._sound.samples(frame, self._writer.samples_due())
        self._writer.write(job.frame, samples)
        job.frame = None

    def finish(self) -> None:
        self._writer.finish()
        if self._sound is not None:
            self._sound.close()

    def abandon(self, done: int, count: int) -> str:
        self._writer.abandon()
        if self._sound is not None:
            self._sound.close()
        return f"{os.path.basename(self._path)} is not written"


def _largest(session: Session, frames: list[int]) -> tuple[int, int]:
    node = session.view
    infos = [node.struct_info(frame) for frame in frames] if node is not None else []
    width = max((int(info.width) for info in infos), default=0)
    height = max((int(info.height) for info in infos), default=0)
    return (width, height) if width > 0 and height > 0 else (1280, 720)


def _aspect(text: str) -> Fraction:
    """`-outpa`: 16:9, 1.33.  Raises UsageError."""
    if not text:
        return Fraction(1)
    try:
        above, colon, below = text.partition(":")
        aspect = Fraction(above) / Fraction(below) if colon else Fraction(above)
    except (ValueError, ZeroDivisionError):
        aspect = Fraction(0)
    if aspect <= 0:
        raise UsageError(f"-outpa {text} is no ratio", hint="16:9 or 1.33")
    return aspect.limit_denominator(1000)
