"""An export that is one movie: frames of the view in order, and their sound.

Pictures are rendered and converted by the export's threads and encoded here.  All have the size
of the largest, as RV's.  A frame that cannot be read stays in its place, as it is shown, so that
what follows keeps its time.  The sound of a picture is that of its frame, also when frames are
left out; at another rate than the session's it is stretched as in playing.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from player.audio import has_sound
from player.daemon.making import Eyes, Maker, Shot, on_display, shown_by
from player.daemon.soundout import Sound, silence
from player.encoding import MovieWriter, Wanted
from player.finishing import Finish, Finished
from player.image import ImageRenderer
from player.options import Options
from player.session.session import Session
from rvshell.errors import UsageError

__all__ = ["Movie"]


class _Job:
    """Renders a frame and makes of it what is encoded; `__call__` gives the reason when what is
    shown is a stand-in."""

    def __init__(self, make: Callable[[], Eyes], writer: MovieWriter) -> None:
        self._make = make
        self._writer = writer
        self.gaps: tuple[str, ...] = ()
        self.frames: list[Any] = []

    def __call__(self) -> str:
        eyes, problem, self.gaps = self._make()
        self.frames = [self._writer.colours.frame(pixels) for pixels in eyes]
        return problem


def _rgba(picture: Finished) -> Any:
    """Four channels of a picture that may have others; what has no alpha is opaque."""
    pixels, names = picture.pixels, picture.channels
    top = np.iinfo(pixels.dtype).max
    made = np.full((*pixels.shape[:2], 4), top, pixels.dtype)
    made[..., :3] = pixels[..., :3] if pixels.shape[2] > 2 else pixels[..., :1]
    if "A" in names and len(names) > 1:
        made[..., 3] = pixels[..., names.index("A")]
    return made


class Movie:
    """Writes the movie that the options ask for.  Raises UsageError and LocalError."""

    def __init__(
        self, options: Options, session: Session, renderer: ImageRenderer, maker: Maker | None,
        size: tuple[int, int], report: Callable[[str], None],
    ) -> None:  # fmt: skip
        """*maker* is that of rvio's rules."""
        self._path = options.export
        self._renderer = renderer
        self._maker = maker
        self._size = size
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
                eyes=maker.eyes if maker is not None else 1,
            )
        )  # fmt: skip
        for warning in self._writer.warnings:
            report(f"WARNING: {warning}")
        self._sound = Sound(session, rate) if self._writer.has_sound else None
        self._quick = maker is None or on_display(options, maker.finish, opaque=True)

    def job(self, shot: Shot, size: tuple[int, int]) -> _Job:
        return _Job(self._planned(shot), self._writer)

    def _planned(self, shot: Shot) -> Callable[[], Eyes]:
        colours, maker = self._writer.colours, self._maker
        if maker is None or (self._quick and not colours.has_alpha):
            if maker is not None:
                return maker.plan_shown(shot, self._size, deep=colours.deep)
            views, fetch = [self._renderer.view(shot.frame)], self._renderer.fetch
            return lambda: shown_by(views, self._size, fetch, deep=colours.deep)
        kind = "uint16" if colours.deep else "uint8"
        # where the display makes the colour there is only the type to change
        own = Finish(kind=kind) if self._quick else replace(maker.finish_of(shot), kind=kind)
        make = maker.plan(shot, self._size, display=True, finish=own)

        def finish() -> Eyes:
            made = make()
            return [_rgba(picture) for picture in made.pictures], made.problem, made.gaps

        return finish

    def landed(self, job: _Job, shot: Shot) -> None:
        """Encode what a job has made, the next in order.  Raises LocalError."""
        samples = None
        if self._sound is not None:
            due = self._writer.samples_due()
            samples = silence(due) if shot.leads else self._sound.samples(shot.frame, due)
        self._writer.write(job.frames, samples)
        job.frames = []

    def finish(self) -> None:
        self._writer.finish()
        if self._sound is not None:
            self._sound.close()

    def abandon(self, done: int, count: int) -> str:
        self._writer.abandon()
        if self._sound is not None:
            self._sound.close()
        return f"{os.path.basename(self._path)} is not written"


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
