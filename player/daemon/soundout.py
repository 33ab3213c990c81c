"""The sound of an export: beside pictures, or a file of its own.

The sound of a frame is that of its time in the view, also when frames are left out.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from player.audio import Mixer, Voice, has_sound, master_gains, voices
from player.daemon.making import Shot
from player.encoding import SoundWriter, Wanted
from player.options import Options
from player.session.session import Session
from rvshell.errors import UsageError

__all__ = ["Sound", "SoundFile", "silence"]

_PLAN: Final = 4.0  # seconds of sound that are planned at once
_MARGIN: Final = 0.25  # seconds planned around them, for grains and rounding


def silence(count: int) -> Any:
    """*count* samples of nothing, (n, 2)."""
    return np.zeros((count, 2), np.float32)


class Sound:
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


class _Nothing:
    """There is nothing to render for sound."""

    gaps: tuple[str, ...] = ()

    def __call__(self) -> str:
        return ""


class SoundFile:
    """Writes what is heard.  Raises UsageError and LocalError."""

    def __init__(self, options: Options, session: Session, report: Callable[[str], None]) -> None:
        if not has_sound(session):
            raise UsageError(f"{options.export}: there is no sound", hint="name media with sound")
        if options.out_fps > 0:
            session.playback.set_fps(options.out_fps)
        self._path = options.export
        rate = round(options.audio_rate)
        self._sound = Sound(session, rate)
        self._writer = SoundWriter(
            Wanted(
                path=options.export, size=(1, 1), fps=session.playback.fps,
                parameters=options.out_params, audio_codec=options.audio_codec or options.codec,
                audio_rate=rate, audio_channels=options.audio_channels, comment=options.comment,
                copyright=options.copyright, as_rvio=options.as_rvio, sound=True,
            )
        )  # fmt: skip
        for warning in self._writer.warnings:
            report(f"WARNING: {warning}")

    def job(self, shot: Shot, size: tuple[int, int]) -> _Nothing:
        return _Nothing()

    def landed(self, job: _Nothing, shot: Shot) -> None:
        due = self._writer.samples_due()
        self._writer.write(silence(due) if shot.leads else self._sound.samples(shot.frame, due))

    def finish(self) -> None:
        self._writer.finish()
        self._sound.close()

    def abandon(self, done: int, count: int) -> str:
        self._writer.abandon()
        self._sound.close()
        return f"{os.path.basename(self._path)} is not written"
