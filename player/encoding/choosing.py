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

__all__ = ["chosen", "chosen_sound", "format_of", "formats", "is_movie", "is_sound",
           "pixel_format"]  # fmt: skip

_EXTENSIONS: Final = frozenset((
    ".3g2", ".3gp", ".apng", ".asf", ".avi", ".dv", ".f4v", ".flv", ".gif", ".m2ts", ".m2v",
    ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".nut", ".ogv", ".qt", ".rm",
    ".swf", ".ts", ".vob", ".webm", ".wmv", ".y4m",
))  # fmt: skip
_SOUNDS: Final = frozenset((
    ".aac", ".ac3", ".aif", ".aifc", ".aiff", ".au", ".caf", ".flac", ".m4a", ".mka", ".mp2",
    ".mp3", ".oga", ".ogg", ".opus", ".w64", ".wav", ".wma",
))  # fmt: skip
_FORMATS: Final = {".qt": "mov", ".mka": "matroska"}
"""Of extensions that FFmpeg does not know."""
_AS_RV: Final = ("mjpeg", "pcm_s16be")
_UNCOMPRESSED: Final = frozenset(("mov", "matroska", "avi", "mxf"))  # sound as these have it
_TELEPHONES: Final = frozenset(("3gp", "3g2"))
_HARDWARE: Final = re.compile(r".*_(amf|nvenc|qsv|v4l2m2m|vaapi|videotoolbox|mf|vulkan)")


def is_movie(path: str) -> bool:
    """Whether a file of this name is a movie."""
    return os.path.splitext(path)[1].lower() in _EXTENSIONS


def is_sound(path: str) -> bool:
    """Whether a file of this name holds sound alone."""
    return os.path.splitext(path)[1].lower() in _SOUNDS


def format_of(path: str) -> str | None:
    """FFmpeg's name of the container where it cannot tell by the file's."""
    return _FORMATS.get(os.path.splitext(path)[1].lower())


def formats() -> list[str]:
    """What can be written, a line each as rvio lists its formats."""
    from player.media import IMAGE_EXTENSIONS

    def line(extension: str, what: str) -> str:
        return f'format "{extension.lstrip(".")}" - {what}'

    return [
        *(line(name, "image (read)") for name in sorted(IMAGE_EXTENSIONS)),
        *(line(name, "movie (write, audio write)") for name in sorted(_EXTENSIONS)),
        *(line(name, "audio (audio write)") for name in sorted(_SOUNDS)),
        line("rv", "session (read, write)"), line("null", "nothing (write)"),
    ]  # fmt: skip


def _encoder(av: Any, name: str) -> Any | None:
    try:
        return av.Codec(name, "w")
    except ValueError:  # av.codec.codec.UnknownCodecError
        return None


def _holds(container: Any, codec: Any) -> bool:
    names = container.supported_codecs
    return codec.canonical_name in names or codec.name in names


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


def _first(container: Any, kind: str, name: str, path: str, guesses: tuple[str, ...]) -> Any:
    """The encoder that is named, else the first guess that there is and that can be held."""
    av = import_av()
    if name:
        return _named(av, container, kind, name, path)
    for guess in guesses:
        codec = _encoder(av, guess)
        if codec is not None and codec.type == kind and _holds(container, codec):
            return codec
    return None


def chosen_sound(container: Any, wanted: Wanted) -> Any:
    """The encoder of a file of sound alone.  Raises UsageError."""
    usual = (container.default_audio_codec, _AS_RV[1], "pcm_s16le", "aac")
    codec = _first(container, "audio", wanted.audio_codec, wanted.path, usual)
    if codec is None:
        extension = os.path.splitext(wanted.path)[1]
        raise UsageError(f"{wanted.path}: {extension} cannot hold sound")
    return codec


def chosen(container: Any, wanted: Wanted) -> tuple[Any, Any | None]:
    """The encoders of pictures and of sound (None for none).  Raises UsageError."""

    def first(kind: str, name: str, *guesses: str) -> Any | None:
        return _first(container, kind, name, wanted.path, guesses)

    picture, sound = _AS_RV if wanted.as_rvio else ("", "")
    if picture and os.path.splitext(wanted.path)[1].lower() == ".y4m":
        picture = "rawvideo"
    if container.format.name in _UNCOMPRESSED:
        sound = sound or "pcm_s16le"
    if container.format.name == "flv":
        sound = "aac"  # its MP3 has no 48 kHz
    if container.format.name in _TELEPHONES:
        picture, sound = "mpeg4", "aac"  # FFmpeg's own take a few sizes and 8 kHz only
    video = first("video", wanted.codec, picture, container.default_video_codec)
    if video is None:
        extension = os.path.splitext(wanted.path)[1]
        word = "-o" if wanted.as_rvio else "--export"
        raise UsageError(f"{word} {wanted.path}: {extension} cannot hold pictures")
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
