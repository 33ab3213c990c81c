"""One movie being written.  Its pictures come in order, its sound with them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from typing import Any, Final

from player.encoding.beside import Beside, beside
from player.encoding.choosing import chosen, format_of, pixel_format
from player.encoding.colours import Colours
from player.encoding.parameters import Parameters, sorted_parameters, timecode
from player.encoding.sound import Samples, said, sound_frame, sound_stream
from player.encoding.wanted import Wanted, rate_of
from player.media.pyav import import_av

__all__ = ["MovieWriter"]

_REC709: Final = 1  # FFmpeg's number of primaries and of the transfer function
_LAMBDA: Final = 118  # FFmpeg's quantiser scale as its lambda
_CONSTANT: Final = {"libx264": 51, "libx265": 51, "libx264rgb": 51, "libvpx-vp9": 63,
                    "libvpx": 63, "libsvtav1": 63}  # fmt: skip
"""Encoders that are given a constant quality, and the worst there is."""


class MovieWriter(Beside):
    """Writes a movie.  Raises UsageError and LocalError for what cannot be.

    `colours` makes frames of pictures, by any thread; `warnings` are lines about what was not
    applied; `has_sound` says whether `write` wants samples.
    """

    def __init__(self, wanted: Wanted) -> None:
        self._av = import_av()
        self._path = wanted.path
        self._size = wanted.size
        self.rate = rate_of(wanted.fps)
        self.audio_rate = wanted.audio_rate
        extension = os.path.splitext(wanted.path)[1]
        self._beside = beside(wanted.path)
        self._pictures = 0
        self._samples = 0
        parameters = sorted_parameters(wanted.parameters)
        self._container = self._opened(parameters)
        try:
            video, audio = chosen(self._container, wanted)
            name = pixel_format(video, parameters.own.get("pix_fmt", ""))
            self.colours = Colours(name, video.name, wanted.size[1])
            self._videos = [
                self._video_stream(video, wanted, parameters) for _ in range(wanted.eyes)
            ]
            self._audio = (
                None if audio is None else sound_stream(self._container, audio, wanted, parameters)
            )
            self._tell(wanted, parameters)
            self.has_sound = self._audio is not None
            with self._said(f"{video.name} in {extension}"):
                self._container.start_encoding()
            self.warnings = self._unmatched(parameters)
        except BaseException:
            self.abandon()
            raise

    # -- making ------------------------------------------------------------------------

    def _opened(self, parameters: Parameters) -> Any:
        options = dict(parameters.container)
        extension = os.path.splitext(self._path)[1].lower()
        if extension in (".mov", ".mp4", ".m4v"):
            # players on the network need not look at the end first
            flags = options.get("movflags", "")
            options["movflags"] = "+".join(filter(None, (flags.replace("|", "+"), "faststart")))
            scale = self.rate.numerator * (100 if self.rate.denominator == 1 else 1)
            options.setdefault("video_track_timescale", parameters.own.get("timescale", str(scale)))
        with self._said("the container"):
            return self._av.open(
                self._beside, "w", format=format_of(self._path), container_options=options
            )

    def _video_stream(self, codec: Any, wanted: Wanted, parameters: Parameters) -> Any:
        options = dict(_quality(codec.name, wanted.quality))
        if codec.name == "dnxhd" and not {"profile", "b"} & parameters.video.keys():
            # that of FFmpeg takes few sizes only
            options["profile"] = "dnxhr_hqx" if self.colours.deep else "dnxhr_hq"
        if codec.name == "libx265":  # which tells all it does
            said = filter(None, (parameters.video.get("x265-params"), "log-level=error"))
            parameters.video["x265-params"] = ":".join(said)
        if codec.name == "libsvtav1":  # as does this one, unless its variable says otherwise
            os.environ.setdefault("SVT_LOG", "1")
        stream = self._container.add_stream(codec.name, rate=self.rate)
        stream.width, stream.height = self.colours.padded(wanted.size)
        stream.pix_fmt = self.colours.name
        stream.options = options | parameters.video
        context = stream.codec_context
        context.time_base = 1 / self.rate
        context.color_primaries = context.color_trc = _REC709
        context.colorspace, context.color_range = self.colours.matrix, self.colours.range
        context.sample_aspect_ratio = wanted.pixel_aspect
        if "reelname" in parameters.own:
            stream.metadata["reel_name"] = parameters.own["reelname"]
        return stream

    def _tell(self, wanted: Wanted, parameters: Parameters) -> None:
        said = {"comment": wanted.comment, "copyright": wanted.copyright} | parameters.metadata
        if "timecode" in parameters.own:
            said["timecode"] = timecode(parameters.own["timecode"], self.rate)
        self._container.metadata.update({name: text for name, text in said.items() if text})

    def _unmatched(self, parameters: Parameters) -> list[str]:
        """What no one knew, as RV tells it."""
        left = list(parameters.unknown)
        for stream, asked, prefix in (
            (self._videos[0], parameters.video, "vc"), (self._audio, parameters.audio, "ac"),
        ):  # fmt: skip
            if stream is not None:
                left += [f"{prefix}:{name}" for name in asked if name in stream.options]
        return [f"-outparams {name}: there is no such option" for name in left]

    # -- writing -----------------------------------------------------------------------

    def samples_due(self) -> int:
        """How many samples sound with the next picture."""
        ends = round((self._pictures + 1) / self.rate * self.audio_rate)
        return ends - self._samples

    def write(self, frames: Any, samples: Samples | None = None) -> None:
        """The next picture, or one for each track, and its (n, 2) samples.  Raises LocalError."""
        tracks = frames if isinstance(frames, list) else [frames]
        with self._said("encoding"):
            for stream, frame in zip(self._videos, tracks, strict=True):
                frame.pts, frame.time_base = self._pictures, 1 / self.rate
                self._container.mux(stream.encode(frame))
            self._pictures += 1
            if self._audio is not None and samples is not None and len(samples):
                sound = sound_frame(samples, self.audio_rate, self._samples)
                self._samples += len(samples)
                self._container.mux(self._audio.encode(sound))

    def _streams(self) -> Iterable[Any]:
        return filter(None, (*self._videos, self._audio))

    @contextlib.contextmanager
    def _said(self, what: str) -> Iterator[None]:
        with said(self._path, what, self._size, self.rate):
            yield


def _quality(codec: str, quality: float | None) -> dict[str, str]:
    """The options of an encoder for rvio's `-quality`, 0 to 1, where it has such a thing."""
    if codec == "mjpeg":  # as RV reckons it
        scale = 100000 ** (1.0 - (0.9 if quality is None else quality)) / _LAMBDA
        step = str(min(31, max(1, round(scale))))
        return {"qmin": step, "qmax": step}
    if quality is not None and codec in _CONSTANT:
        return {"crf": str(round((1.0 - min(1.0, max(0.0, quality))) * _CONSTANT[codec]))} | (
            {"b": "0"} if codec.startswith("libvpx") else {}
        )
    return {"crf": "18"} if codec == "libx264" else {}
