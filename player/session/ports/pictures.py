"""Pixels: those that programs push, those that are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

__all__ = ["NullPixelStore", "NullRenderer", "PixelStore", "Renderer"]


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
