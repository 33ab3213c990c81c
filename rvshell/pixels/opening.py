"""`open_image`: what a renderer says of an image and its viewers, before anything starts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import index
from typing import Any

from rvshell.client.address import Target, parse_target
from rvshell.errors import PixelError, UsageError
from rvshell.pixels.image import Image
from rvshell.pixels.spec import ImageSpec
from rvshell.protocol import DEFAULT_PORT

__all__ = ["open_image"]

_MAX_PORT = 65535


def open_image(
    name: str,
    width: int,
    height: int,
    *,
    channels: int = 4,
    dtype: str = "float",
    window: tuple[int, int, int, int] | None = None,
    pixel_aspect: float = 1.0,
    frames: tuple[int, int] = (1, 1),
    fps: float = 24.0,
    layers: Sequence[str] = (),
    views: Sequence[str] = (),
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    targets: str | Iterable[str | tuple[str, int]] | None = None,
    **options: Any,
) -> Image:
    """Open an image at a player or RV; see `ImageSpec` for its shape, `Image` for the rest.

    `targets` are addresses as `rvshell` takes them (`wall`, `wall:45125`, `tls://wall`,
    `ssh://me@wall`; a text is one address) or (host, port) pairs, instead of `host` and `port`.
    Raises PixelError, and UsageError for what is no address.
    """
    names: dict[str, Any] = {"layers": layers, "views": views}  # it makes tuples of them
    spec = ImageSpec(
        name, width, height, channels, dtype, window, pixel_aspect, frames, fps, **names
    )
    if targets is None:
        found = [_pair(spec.name, (host, port))]
    elif isinstance(targets, str):
        found = [parse_target(targets)]
    else:
        try:
            wanted = list(targets)
        except TypeError:
            raise PixelError(
                f"{spec.name}: targets is a list of addresses, not {targets!r}"
            ) from None
        found = [
            parse_target(target) if isinstance(target, str) else _pair(spec.name, target)
            for target in wanted
        ]
    return Image(spec, found, **options)


def _pair(name: str, target: Any) -> Target:
    if isinstance(target, Target):
        return target
    try:
        host, port = target
        port = index(port)
    except (TypeError, ValueError):
        host, port = None, 0
    if not isinstance(host, str) or not 1 <= port <= _MAX_PORT:
        raise UsageError(
            f"{name}: {target!r} is no place to push to",
            hint="a host's name and a port from 1 to 65535, or a text like wall:45124",
        )
    return Target(host, port)
