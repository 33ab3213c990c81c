"""What is said of tiles and options that an image cannot take."""

from __future__ import annotations

from typing import Any

from rvshell.errors import PixelError

__all__ = ["check_options", "misfit", "no_place"]


def check_options(name: str, memory: Any, patience: Any, timeout: Any, contact: Any) -> None:
    """Raise PixelError for options that would not end the program before its first pixel."""
    numbers = {"memory": memory, "patience": 0 if patience is None else patience,
               "timeout": timeout}  # fmt: skip
    for what, value in numbers.items():
        if not isinstance(value, (int, float)) or value != value:
            wanted = "bytes" if what == "memory" else "seconds"
            raise PixelError(f"{name}: {what} is a number of {wanted}, not {value!r}")
    if timeout <= 0:
        raise PixelError(f"{name}: a timeout of {timeout:g} s is over before it begins")
    if not isinstance(contact, str) or len(contact.split()) > 1:
        raise PixelError(f"{name}: contact is one word, not {contact!r}")


def no_place(x: Any, y: Any) -> PixelError:
    """A tile whose corner is no pixel."""
    return PixelError(f"a tile's place is two whole numbers, not {x!r}, {y!r}")


def misfit(x: int, y: int, width: int, height: int, size: tuple[int, int]) -> PixelError:
    """A tile that is empty, or not inside the stored pixels."""
    if not (width and height):
        return PixelError(f"a tile of {width} x {height} pixels is empty")
    return PixelError(
        f"a tile of {width} x {height} at {x}, {y} is not inside {size[0]} x {size[1]}",
        hint="coordinates count from the corner of the stored pixels",
    )
