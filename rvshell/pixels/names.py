"""Names that RV's wire can carry, and how the others are written.

A tile header is cut at `(`, `)`, `,`, `=` and blanks, so no name in it may hold one of these;
a layer name may not hold `/ @ # * : ;` either, since it becomes part of a property name.  Such
characters are sent as `%XX` of their UTF-8 bytes (and `%` itself as `%25`), and the source's
label, which both RV and the player show, is set to the name as it was given.
(Source: Open RV, IPCore/Session.cpp and ImageSourceIPNode.cpp.)
"""

from __future__ import annotations

from typing import Final

from rvshell.errors import PixelError

__all__ = ["MAX_NAME", "decode_name", "encode_layer", "encode_name"]

MAX_NAME: Final = 1024
"""Bytes of an encoded name: far below the limit of a header, far above any real name."""

_RESERVED: Final = frozenset('=,()% \t\r\n\v\f\0"\\')
_RESERVED_LAYER: Final = _RESERVED | frozenset("/@#*:;")


def _encode(name: str, reserved: frozenset[str], what: str) -> str:
    if not name:
        raise PixelError(f"{what} without a name cannot be sent", hint="give it one")
    if name == "-":
        raise PixelError(f"no {what} can be named '-'", hint="that is RV's word for none")
    if reserved.isdisjoint(name) and name.isprintable():
        encoded = name
    else:
        encoded = "".join(
            "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))
            if char in reserved or not char.isprintable()
            else char
            for char in name
        )
    if len(encoded.encode("utf-8", "replace")) > MAX_NAME:
        raise PixelError(
            f"the {what} name {name[:20]}… of {len(name)} characters is too long",
            hint=f"{MAX_NAME} bytes can be sent; what is no letter or digit may take three or more",
        )
    return encoded


def encode_name(name: str, what: str = "media") -> str:
    """A media or view name as it goes over the wire.  Raises PixelError."""
    return _encode(name, _RESERVED, what)


def encode_layer(name: str) -> str:
    """A layer name as it goes over the wire.  Raises PixelError."""
    return _encode(name, _RESERVED_LAYER, "layer")


def decode_name(name: str) -> str:
    """The name that `encode_name` or `encode_layer` was given."""
    from urllib.parse import unquote

    return unquote(name)
