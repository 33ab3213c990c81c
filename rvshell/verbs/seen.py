"""What the far end displays now, as a picture on this side.

RV and the player write it into a file by `exportCurrentFrame`. When the far end is on this
machine the file is read where it is; otherwise Python at the far end reads it and answers with
its bytes as base64 text.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import tempfile
from typing import TYPE_CHECKING, Any

from rvshell.errors import CommandFailed, MissingExtra, RemoteError
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
    data = _from_here(ctx) if ctx.remote.is_local else b""
    if not data:
        try:
            data = base64.b64decode(ctx.remote.ask(Request(_FAR, None, "remote-pyeval")))
        except (binascii.Error, ValueError, RemoteError):
            data = b""
    if not data.startswith(_SIGNATURE):
        raise CommandFailed(
            "the far end gave no picture", hint="does it display one, and may Python run there?"
        )
    return data


def _from_here(ctx: Context) -> bytes:
    descriptor, path = tempfile.mkstemp(".png", "rvshell-")
    os.close(descriptor)
    try:
        ctx.remote.mu(f"exportCurrentFrame({quote(path)})")
        with open(path, "rb") as file:
            return file.read()
    except RemoteError:
        return b""
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
