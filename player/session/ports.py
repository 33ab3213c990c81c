"""Ports: what the session asks of the world, as protocols, each with a null implementation.

The session owns no pixels, files, sockets or windows. Whoever wires the player injects
implementations; with nothing attached the null ones answer as RV does when there is nothing
to show.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

__all__ = [
    "AudioPort",
    "CachePort",
    "Chapter",
    "MediaInfo",
    "MediaProbe",
    "NetworkControl",
    "NullAudio",
    "NullCache",
    "NullMediaProbe",
    "NullNetwork",
    "NullPixelStore",
    "NullRenderer",
    "NullSync",
    "NullUi",
    "PixelStore",
    "Ports",
    "Renderer",
    "SyncPort",
    "UiPort",
]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of a movie; frames are inclusive."""

    title: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What is known of one file or pattern without decoding it.

    ``width``/``height`` are the stored pixels (data window), ``uncrop_*`` the displayed frame.
    ``start``/``end`` are inclusive frame numbers, ``fps`` is 0.0 when the media carries none.
    ``views``/``layers`` are names in file order; ``channel_names`` all channels.
    ``missing`` marks a placeholder. ``data_type`` per channel uses RV's type numbers.
    """

    path: str
    width: int = 0
    height: int = 0
    uncrop_width: int = 0
    uncrop_height: int = 0
    uncrop_x: int = 0
    uncrop_y: int = 0
    pixel_aspect: float = 1.0
    channels: int = 0
    bits: int = 8
    is_float: bool = False
    start: int = 1
    end: int = 1
    inc: int = 1
    fps: float = 0.0
    has_video: bool = True
    has_audio: bool = False
    audio_channels: int = 0
    audio_rate: float = 0.0
    views: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    default_view: str = ""
    channel_names: tuple[str, ...] = ()
    view_layers: tuple[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], ...] = ()
    chapters: tuple[Chapter, ...] = ()
    planes: int = 1
    missing: bool = False
    is_sequence: bool = False
    attributes: tuple[tuple[str, str], ...] = ()
    data_attributes: tuple[tuple[str, bytes], ...] = field(default=())
    orientation: str = "natural"


@runtime_checkable
class MediaProbe(Protocol):
    """Questions about files; implemented by ``player.media.probe``."""

    def probe(self, path: str) -> MediaInfo | None:
        """Information on a file, pattern or procedural name; None when it cannot be read."""
        ...

    def parameters(self, path: str, pairs: Sequence[tuple[str, str]]) -> None:
        """What a source says of how its media is to be read (``+inparams``)."""
        ...

    def exists(self, path: str) -> bool:
        """Whether the file, or at least one file of the pattern, exists."""
        ...

    def is_directory(self, path: str) -> bool: ...

    def list_directory(self, path: str) -> list[str]:
        """Sequences (contracted) and movies of a directory, in RV's order, full paths."""
        ...

    def existing_frames(self, pattern: str) -> list[tuple[int, str]]:
        """(frame, file) of a pattern that exist, in order; ``[(-1, path)]`` for a plain file."""
        ...

    def contract(self, files: Sequence[str], min_size: int = 5) -> list[str]:
        """File names grouped into sequence patterns."""
        ...

    def sequence_of(self, path: str) -> tuple[str, int]:
        """(pattern, frame) of the sequence a file is part of; (path, 0) otherwise."""
        ...

    def read_text(self, path: str, limit: int = 1 << 20) -> str:
        """A small text file (CDL, profile ...); raises OSError."""
        ...

    def forget(self, path: str) -> None:
        """Drop what is remembered about a path (reload)."""
        ...


class NullMediaProbe:
    """No readers: every path is missing media."""

    def probe(self, path: str) -> MediaInfo | None:
        return None

    def parameters(self, path: str, pairs: Sequence[tuple[str, str]]) -> None:
        return None

    def exists(self, path: str) -> bool:
        return os.path.exists(path)

    def is_directory(self, path: str) -> bool:
        return os.path.isdir(path)

    def list_directory(self, path: str) -> list[str]:
        return [os.path.join(path, n) for n in sorted(os.listdir(path)) if not n.startswith(".")]

    def existing_frames(self, pattern: str) -> list[tuple[int, str]]:
        return [(-1, pattern)] if os.path.exists(pattern) else []

    def contract(self, files: Sequence[str], min_size: int = 5) -> list[str]:
        return list(files)

    def sequence_of(self, path: str) -> tuple[str, int]:
        return (path, 0) if os.path.exists(path) else ("", 0)

    def read_text(self, path: str, limit: int = 1 << 20) -> str:
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read(limit)

    def forget(self, path: str) -> None:
        return None


@runtime_checkable
class PixelStore(Protocol):
    """Pushed pictures; implemented by ``player.media.pushed``. ``source`` is a node name."""

    def define(
        self,
        source: str,
        media: str,
        width: int,
        height: int,
        uncrop: tuple[int, int, int, int],
        channels: int,
        bits: int,
        is_float: bool,
        start: int,
        end: int,
        fps: float,
        views: Sequence[str],
        layers: Sequence[str],
        default_view: str | None = None,
        default_layer: str | None = None,
    ) -> None:
        """Declare or change a source; the defaults (None: the first) are what is meant by ``-``."""
        ...

    def remove(self, source: str) -> None: ...

    def allocate(self, source: str, frame: int, layer: str, view: str) -> str:
        """Zero-filled storage if there is none; returns the key ``FRAME[:view][;layer]``."""
        ...

    def store(
        self,
        media: str,
        frame: int,
        view: str,
        layer: str,
        x: int,
        y: int,
        w: int,
        h: int,
        data: bytes | memoryview,
    ) -> list[tuple[str, str]]:
        """Copy a tile into every source of that media; [(source, key)] that took it."""
        ...

    def keys(self, source: str) -> list[str]: ...

    def pixels(self, source: str, key: str) -> Any | None:
        """The array (rows bottom-up) of one key, or None."""
        ...


class NullPixelStore:
    """Remembers which pictures exist, keeps no pixels."""

    def __init__(self) -> None:
        self._keys: dict[str, list[str]] = {}

    def define(self, source: str, *args: Any, **kwargs: Any) -> None:
        self._keys[source] = []

    def remove(self, source: str) -> None:
        self._keys.pop(source, None)

    def allocate(self, source: str, frame: int, layer: str, view: str) -> str:
        key = f"{frame}" + (f":{view}" if view else "") + (f";{layer}" if layer else "")
        keys = self._keys.setdefault(source, [])
        if key not in keys:
            keys.append(key)
        return key

    def store(
        self,
        media: str,
        frame: int,
        view: str,
        layer: str,
        x: int,
        y: int,
        w: int,
        h: int,
        data: bytes | memoryview,
    ) -> list[tuple[str, str]]:
        return []

    def keys(self, source: str) -> list[str]:
        return list(self._keys.get(source, ()))

    def pixels(self, source: str, key: str) -> Any | None:
        return None


@runtime_checkable
class Renderer(Protocol):
    """Pictures of the current view. Points and sizes in view pixels, origin bottom-left."""

    def view_size(self) -> tuple[float, float]: ...

    def rendered(self) -> list[Any]:
        """``RenderedImageInfo`` of the last render; empty before the first one."""
        ...

    def image_geometry(self, name: str, use_stencil: bool) -> list[tuple[float, float]]: ...

    def images_at(self, x: float, y: float, tag: str | None, sources_only: bool) -> list[Any]:
        """``PixelImageInfo``, topmost first."""
        ...

    def source_pixel(self, name: str | None, x: float, y: float) -> tuple[float, ...]: ...

    def framebuffer_pixel(self, x: float, y: float) -> tuple[float, ...]: ...

    def frame_status(self) -> int:
        """Bit mask of ``currentFrameStatus``; -1 when nothing has been shown yet."""
        ...

    def colour_config(self) -> tuple[str, str]:
        """Description and working directory of the OpenColorIO configuration in use."""
        ...

    def export(self, path: str, source: bool = False) -> None:
        """Write the view (or the first source image) to a file; raises OSError."""
        ...


class NullRenderer:
    """Nothing was ever rendered."""

    def view_size(self) -> tuple[float, float]:
        return (0.0, 0.0)

    def rendered(self) -> list[Any]:
        return []

    def image_geometry(self, name: str, use_stencil: bool) -> list[tuple[float, float]]:
        return []

    def images_at(self, x: float, y: float, tag: str | None, sources_only: bool) -> list[Any]:
        return []

    def source_pixel(self, name: str | None, x: float, y: float) -> tuple[float, ...]:
        return (0.0, 0.0, 0.0, 0.0)

    def framebuffer_pixel(self, x: float, y: float) -> tuple[float, ...]:
        return (0.0, 0.0, 0.0, 0.0)

    def frame_status(self) -> int:
        return -1

    def colour_config(self) -> tuple[str, str]:
        return ("", "")

    def export(self, path: str, source: bool = False) -> None:
        raise OSError(f"no renderer to write {path}")


@runtime_checkable
class NetworkControl(Protocol):
    """The ``remote*`` commands' view of the network."""

    def status(self) -> int: ...
    def set_status(self, on: bool) -> None: ...
    def connect(self, name: str, host: str, port: int) -> None: ...
    def disconnect(self, contact: str) -> None: ...
    def connections(self) -> list[str]: ...
    def applications(self) -> list[str]: ...
    def contacts(self) -> list[str]: ...
    def contact_permission(self, contact: str) -> int: ...
    def set_contact_permission(self, contact: str, permission: int) -> None: ...
    def default_permission(self) -> int: ...
    def set_default_permission(self, permission: int) -> None: ...
    def local_contact(self) -> str: ...
    def set_local_contact(self, name: str) -> None: ...
    def port(self) -> int: ...
    def host(self) -> str:
        """The configured name of this machine, "" when there is none."""
        ...

    def spoof(self, path: str, scale: float, verbose: bool) -> None: ...
    def is_incoming(self, contact: str) -> bool: ...
    def send_message(self, text: str, recipients: Sequence[str] | None) -> None: ...
    def send_event(
        self, event: str, target: str, contents: str, recipients: Sequence[str] | None
    ) -> None: ...
    def send_data_event(
        self, event: str, target: str, interp: str, data: bytes, recipients: Sequence[str] | None
    ) -> None: ...


class NullNetwork:
    """Network switched off: settings are kept, nothing is sent."""

    def __init__(self) -> None:
        self._default_permission = 0
        self._permissions: dict[str, int] = {}
        self._contact = "user"

    def status(self) -> int:
        return 0

    def set_status(self, on: bool) -> None:
        return None

    def connect(self, name: str, host: str, port: int) -> None:
        return None

    def disconnect(self, contact: str) -> None:
        return None

    def connections(self) -> list[str]:
        return []

    def applications(self) -> list[str]:
        return []

    def contacts(self) -> list[str]:
        return []

    def contact_permission(self, contact: str) -> int:
        return self._permissions.get(contact, self._default_permission)

    def set_contact_permission(self, contact: str, permission: int) -> None:
        self._permissions[contact] = permission

    def default_permission(self) -> int:
        return self._default_permission

    def set_default_permission(self, permission: int) -> None:
        self._default_permission = permission

    def local_contact(self) -> str:
        return self._contact

    def set_local_contact(self, name: str) -> None:
        self._contact = name

    def port(self) -> int:
        return 45124

    def host(self) -> str:
        return ""

    def spoof(self, path: str, scale: float, verbose: bool) -> None:
        return None

    def is_incoming(self, contact: str) -> bool:
        return False

    def send_message(self, text: str, recipients: Sequence[str] | None) -> None:
        return None

    def send_event(
        self, event: str, target: str, contents: str, recipients: Sequence[str] | None
    ) -> None:
        return None

    def send_data_event(
        self, event: str, target: str, interp: str, data: bytes, recipients: Sequence[str] | None
    ) -> None:
        return None


@runtime_checkable
class SyncPort(Protocol):
    """The sync mode as commands see it."""

    def start(self) -> None: ...
    def toggle(self) -> None: ...
    def automatic(self) -> None:
        """An RV may have connected: start, if the user wants that."""
        ...

    def remote_start(self) -> None:
        """A peer asks to sync."""
        ...

    def accepts_media(self) -> bool: ...


class NullSync:
    """Nobody to sync with; media of a peer that sends some is taken."""

    def start(self) -> None:
        return None

    def toggle(self) -> None:
        return None

    def automatic(self) -> None:
        return None

    def remote_start(self) -> None:
        return None

    def accepts_media(self) -> bool:
        return True


@runtime_checkable
class UiPort(Protocol):
    """The window, as far as a player has one."""

    def full_screen(self) -> bool: ...
    def set_full_screen(self, on: bool) -> None: ...
    def feedback(self, text: str, seconds: float) -> None: ...
    def alert(self, kind: int, title: str, text: str, buttons: Sequence[str]) -> int:
        """Index of the button pressed; -1 when nobody can answer."""
        ...

    def console(self, text: str) -> None: ...
    def close(self) -> None: ...
    def size(self) -> tuple[int, int]: ...
    def set_size(self, width: int, height: int) -> None: ...
    def redraw(self) -> None: ...


class NullUi:
    """No window; toggles keep their state."""

    def __init__(self) -> None:
        self._full = False
        self._size = (0, 0)

    def full_screen(self) -> bool:
        return self._full

    def set_full_screen(self, on: bool) -> None:
        self._full = on

    def feedback(self, text: str, seconds: float) -> None:
        return None

    def alert(self, kind: int, title: str, text: str, buttons: Sequence[str]) -> int:
        return -1

    def console(self, text: str) -> None:
        return None

    def close(self) -> None:
        return None

    def size(self) -> tuple[int, int]:
        return self._size

    def set_size(self, width: int, height: int) -> None:
        self._size = (width, height)

    def redraw(self) -> None:
        return None


@runtime_checkable
class CachePort(Protocol):
    """The frame cache as commands see it. Sizes in bytes, frames inclusive."""

    def set_mode(self, mode: int) -> None: ...
    def size(self) -> int: ...
    def usage(self) -> tuple[int, int, int, float, float, float, list[int]]:
        """(capacity, used, lookahead, lookahead seconds, wait, audio, cached frame pairs)."""
        ...

    def release(self) -> None: ...

    def flush(self, frame: int | None = None) -> None:
        """Drop everything, or everything but the pictures of one frame."""
        ...

    def frames(self) -> list[int]: ...


class NullCache:
    """Nothing is cached."""

    def set_mode(self, mode: int) -> None:
        return None

    def size(self) -> int:
        return 0

    def usage(self) -> tuple[int, int, int, float, float, float, list[int]]:
        return (0, 0, 0, 0.0, 0.0, 0.0, [])

    def release(self) -> None:
        return None

    def flush(self, frame: int | None = None) -> None:
        return None

    def frames(self) -> list[int]:
        return []


@runtime_checkable
class AudioPort(Protocol):
    """Audio output as commands see it."""

    def cache_info(self) -> tuple[float, list[int]]: ...
    def scrub(self, on: bool, chunk: float, loops: int) -> None: ...


class NullAudio:
    def cache_info(self) -> tuple[float, list[int]]:
        return (0.0, [])

    def scrub(self, on: bool, chunk: float, loops: int) -> None:
        return None


@dataclass(slots=True)
class Ports:
    """All ports of a session in one place."""

    media: MediaProbe = field(default_factory=NullMediaProbe)
    pixels: PixelStore = field(default_factory=NullPixelStore)
    renderer: Renderer = field(default_factory=NullRenderer)
    network: NetworkControl = field(default_factory=NullNetwork)
    sync: SyncPort = field(default_factory=NullSync)
    ui: UiPort = field(default_factory=NullUi)
    cache: CachePort = field(default_factory=NullCache)
    audio: AudioPort = field(default_factory=NullAudio)
