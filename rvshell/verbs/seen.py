"""What the far end displays now, as a picture on this side.

RV and the player write it into a file by `exportCurrentFrame`. When the far end is on this
machine the file is read where it is. From another machine a player is asked for the bytes, which
needs no more than the right to look; at an RV Python reads the file and answers with its bytes.
Both come as base64 text.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import tempfile
from typing import TYPE_CHECKING, Any

from rvshell.errors import CommandFailed, MissingExtra, Refused, RemoteError
from rvshell.verbs.admin import ask_player
from rvshell.verbs.muvalue import quote
from rvshell.verbs.registry import Request

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__ = ["displayed_png", "pixels", "scaled"]

_FAR = (
    "(lambda b, o, p: (rv.commands.exportCurrentFrame(p), "
    "b.b64encode(open(p, 'rb').read()).decode('ascii'), o.remove(p))[1])"
    "(__import__('base64'), __import__('os'), __import__('tempfile').mktemp('.png'))"
)
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def displayed_png(ctx: Context) -> bytes:
    """The displayed frame as the bytes of a PNG file. Raises CommandFailed."""
    refused: Refused | None = None
    ways = (_from_player, _from_python)
    for way in (_from_here, *ways) if ctx.remote.is_local else ways:
        try:
            data = way(ctx)
        except Refused as error:
            refused = refused or error
        except (binascii.Error, ValueError, RemoteError, CommandFailed):
            continue
        else:
            if data.startswith(_SIGNATURE):
                return data
    if refused is not None:
        raise refused
    raise CommandFailed(
        "the far end gave no picture", hint="does it display one, and may Python run there?"
    )


def _from_player(ctx: Context) -> bytes:
    return base64.b64decode(str(ask_player(ctx, "picture")))


def _from_python(ctx: Context) -> bytes:
    return base64.b64decode(ctx.remote.ask(Request(_FAR, None, "remote-pyeval")))


def _from_here(ctx: Context) -> bytes:
    descriptor, path = tempfile.mkstemp(".png", "rvshell-")
    os.close(descriptor)
    try:
        ctx.remote.mu(f"exportCurrentFrame({quote(path)})")
        with open(path, "rb") as file:
            return file.read()
    finally:
        with contextlib.suppress(OSError):
            os.unlink(path)


def _oiio() -> Any:
    try:
        import OpenImageIO
    except ImportError:
        raise MissingExtra("OpenImageIO", "player", purpose="reading a picture") from None
    return OpenImageIO


def _buffer(png: bytes) -> Any:
    oiio = _oiio()
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        file.write(png)
        file.flush()
        image = oiio.ImageBuf(file.name)
        if not image.read(0, 0, True, oiio.UINT8):
            raise CommandFailed("the far end gave no picture that can be read")
    return image


def pixels(png: bytes) -> Any:
    """The picture as an array of shape (height, width, 3), uint8, top row first."""
    array = _buffer(png).get_pixels(_oiio().UINT8)
    return array[..., :3] if array.shape[-1] >= 3 else array[..., :1].repeat(3, axis=-1)


def scaled(png: bytes, width: int, height: int) -> Any:
    """The picture in another size, as `pixels` gives it."""
    oiio = _oiio()
    image = _buffer(png)
    small = oiio.ImageBufAlgo.resize(image, roi=oiio.ROI(0, width, 0, height, 0, 1, 0, 4))
    array = small.get_pixels(oiio.UINT8)
    return array[..., :3] if array.shape[-1] >= 3 else array[..., :1].repeat(3, axis=-1)
