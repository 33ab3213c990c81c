"""Sound being written: the track of a movie, or a file of its own."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from player.encoding.beside import Beside, beside
from player.encoding.choosing import chosen_sound, format_of
from player.encoding.parameters import Parameters, sorted_parameters
from player.encoding.wanted import Wanted, rate_of
from player.media.pyav import import_av
from rvshell.errors import LocalError, UsageError

__all__ = ["Samples", "SoundWriter", "said", "sound_frame", "sound_stream"]

Samples = npt.NDArray[np.float32]

_LAYOUTS: Final = {
    1: "mono", 2: "stereo", 3: "2.1", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1",
}  # fmt: skip
_NEEDS_RATE: Final = frozenset(("wmav1", "wmav2"))
_BIT_RATE: Final = 192_000
"""Of encoders that have none of their own."""


def sound_stream(container: Any, codec: Any, wanted: Wanted, parameters: Parameters) -> Any:
    """A track of sound in an open container.  Raises UsageError."""
    layout = _LAYOUTS.get(wanted.audio_channels or 2)
    if layout is None:
        raise UsageError(f"-audiochannels {wanted.audio_channels}", hint="1 to 8")
    stream = container.add_stream(codec.name, rate=wanted.audio_rate)
    stream.layout = layout
    if "sample_fmt" in parameters.own:
        stream.format = parameters.own["sample_fmt"]
    stream.options = dict(parameters.audio)
    if codec.name in _NEEDS_RATE and "b" not in parameters.audio:
        stream.bit_rate = _BIT_RATE
    stream.codec_context.time_base = Fraction(1, wanted.audio_rate)
    return stream


def sound_frame(samples: Samples, rate: int, at: int) -> Any:
    """(n, 2) samples, the first of which is number *at*, as what an encoder takes."""
    frame = import_av().AudioFrame.from_ndarray(
        np.ascontiguousarray(samples.reshape(1, -1)), format="flt", layout="stereo"
    )
    frame.sample_rate = rate
    frame.pts, frame.time_base = at, Fraction(1, rate)
    return frame


@contextlib.contextmanager
def said(path: str, what: str, size: tuple[int, int], rate: Fraction) -> Iterator[None]:
    """FFmpeg's errors as one line of ours."""
    try:
        yield
    except (import_av().error.FFmpegError, OSError, ValueError) as error:
        number = getattr(error, "errno", None)
        if isinstance(error, OSError) and number in (errno.ENOSPC, errno.EFBIG, errno.EACCES):
            raise LocalError(f"{path}: {os.strerror(number)}") from None
        reason = getattr(error, "strerror", None) or str(error)
        hint = ""
        if number == errno.EINVAL:
            width, height = size
            hint = (
                f"it may not take {width}x{height}, {float(rate):g} frames per second or"
                " an option; -codec names another"
            )
        raise LocalError(f"{path}: {what}: {reason}", hint=hint) from None


class SoundWriter(Beside):
    """Writes a file of sound.  Raises UsageError and LocalError for what cannot be.

    `warnings` are lines about what was not applied."""

    def __init__(self, wanted: Wanted) -> None:
        self._path, self._wanted = wanted.path, wanted
        self._rate = rate_of(wanted.fps)
        extension = os.path.splitext(wanted.path)[1]
        self._beside = beside(wanted.path)
        self._frames = self._samples = 0
        parameters = sorted_parameters(wanted.parameters)
        with self._said("the container"):
            self._container = import_av().open(
                self._beside, "w", format=format_of(self._path),
                container_options=dict(parameters.container),
            )  # fmt: skip
        try:
            codec = chosen_sound(self._container, wanted)
            self._stream = sound_stream(self._container, codec, wanted, parameters)
            told = {"comment": wanted.comment, "copyright": wanted.copyright}
            for name, text in (told | parameters.metadata).items():
                if text:
                    self._container.metadata[name] = text
            with self._said(f"{codec.name} in {extension}"):
                self._container.start_encoding()
        except BaseException:
            self.abandon()
            raise
        left = [name for name in parameters.audio if name in self._stream.options]
        unknown = [*parameters.unknown, *(f"ac:{name}" for name in left)]
        self.warnings = [f"-outparams {name}: there is no such option" for name in unknown]

    def samples_due(self) -> int:
        """How many samples sound with the next frame."""
        ends = round((self._frames + 1) / self._rate * self._wanted.audio_rate)
        return ends - self._samples

    def write(self, samples: Samples) -> None:
        """The (n, 2) samples of the next frame.  Raises LocalError."""
        self._frames += 1
        if not len(samples):
            return
        frame = sound_frame(samples, self._wanted.audio_rate, self._samples)
        self._samples += len(samples)
        with self._said("encoding"):
            self._container.mux(self._stream.encode(frame))

    def _streams(self) -> Iterable[Any]:
        return (self._stream,)

    @contextlib.contextmanager
    def _said(self, what: str) -> Iterator[None]:
        with said(self._path, what, (0, 0), self._rate):
            yield
