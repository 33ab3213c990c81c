"""Which codecs a movie gets, by its container and what is asked for.

RV's writer takes the codec that is named, else MJPEG and 16 bits of PCM where the container
holds these, else what is usual in the container (`validateCodecs` of Open RV's MovieFFMpeg).
The player itself, where it is not rvio, takes what is usual: H.264 and AAC in MP4.
"""

from __future__ import annotations

import os
import re
from typing import Any, Final

from player.encoding.wanted import Wanted
from player.media.pyav import import_av
from rvshell.errors import UsageError

__all__ = ["chosen", "is_movie", "pixel_format"]

_EXTENSIONS: Final = frozenset(
    (".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpg", ".mpeg", ".mxf", ".ts", ".webm")
)
_AS_RV: Final = ("mjpeg", "pcm_s16be")
_UNCOMPRESSED: Final = frozenset(("mov", "matroska", "avi", "mxf"))  # sound as these have it
_HARDWARE: Final = re.compile(r".*_(amf|nvenc|qsv|v4l2m2m|vaapi|videotoolbox|mf|vulkan)")


def is_movie(path: str) -> bool:
    """Whether a file of this name is a movie."""
    return os.path.splitext(path)[1].lower() in _EXTENSIONS


def _encoder(av: Any, name: str) -> Any | None:
    try:
        return av.Codec(name, "w")
    except ValueError:  # av.codec.codec.UnknownCodecError
        return None


def _holds(container: Any, codec: Any) -> bool:
    return codec.canonical_name in container.supported_codecs


def _there_are(av: Any, container: Any, kind: str) -> str:
    names: set[str] = set()
    for name in container.supported_codecs:
        codec = _encoder(av, name)
        if codec is not None and codec.type == kind and not _HARDWARE.fullmatch(codec.name):
            names.add(codec.name)
    return ", ".join(sorted(names))


def _named(av: Any, container: Any, kind: str, name: str, path: str) -> Any:
    word = "-codec" if kind == "video" else "-audiocodec"
    codec = _encoder(av, name)
    if codec is None or codec.type != kind:
        hint = f"there are {_there_are(av, container, kind)}"
        raise UsageError(f"{word} {name}: there is no such {kind} encoder", hint=hint)
    if not _holds(container, codec):
        extension = os.path.splitext(path)[1]
        hint = f"there can be {_there_are(av, container, kind)}"
        raise UsageError(f"{word} {name}: {extension} cannot hold it", hint=hint)
    return codec


def chosen(container: Any, wanted: Wanted) -> tuple[Any, Any | None]:
    """The encoders of pictures and of sound (None for none).  Raises UsageError."""
    av = import_av()

    def first(kind: str, name: str, *guesses: str) -> Any | None:
        if name:
            return _named(av, container, kind, name, wanted.path)
        for guess in guesses:
            codec = _encoder(av, guess)
            if codec is not None and codec.type == kind and _holds(container, codec):
                return codec
        return None

    picture, sound = _AS_RV if wanted.as_rvio else ("", "")
    if container.format.name in _UNCOMPRESSED:
        sound = sound or "pcm_s16le"
    video = first("video", wanted.codec, picture, container.default_video_codec)
    if video is None:
        extension = os.path.splitext(wanted.path)[1]
        raise UsageError(f"--export {wanted.path}: {extension} cannot hold pictures")
    if not wanted.sound:
        return video, None
    usual = (container.default_audio_codec, "pcm_s16le", "aac")
    return video, first("audio", wanted.audio_codec, sound, *usual)


def pixel_format(codec: Any, asked: str) -> str:
    """The pixels that an encoder is given: those asked for, else the first it takes, as in RV.

    Raises UsageError."""
    there = [format.name for format in codec.video_formats or ()]
    if asked and there and asked not in there:
        raise UsageError(
            f"-outparams pix_fmt={asked}: {codec.name} does not take it",
            hint=f"it takes {', '.join(there)}",
        )
    return asked or (there[0] if there else "yuv420p")
