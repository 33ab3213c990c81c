"""What a player has of a machine: window, cache, sound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

__all__ = ["AudioPort", "CachePort", "NullAudio", "NullCache", "NullUi", "UiPort"]


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
        return (0, 0, 0, 0.0, 5.0, 0.0, [])

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
