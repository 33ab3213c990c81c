"""Files on disk: which form a session file has, and reading and writing it whole.

RV's three forms: text (begins with "GTOa"), binary (a magic number) and gzipped binary; a
gzipped text file is read as well.  A name that does not exist is tried with ".gz" appended.
Writing goes to a new file beside the old one, which is replaced when all is written: a full
disk or a crash leaves the old session.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import zlib
from collections.abc import Callable, Iterable
from typing import Final

from . import limits
from .binary import format_binary, is_binary, parse_binary
from .errors import SessionFileError
from .model import GtoFile
from .text_reader import parse_text

__all__ = ["parse_gto", "read_gto", "write_bytes", "write_gto_compressed"]

_GZIP: Final = b"\x1f\x8b"
_CHUNK: Final = 1 << 20


def read_gto(path: str, *, warn: Callable[[str], None] | None = None) -> GtoFile:
    """Read a session file of any form.  Raises SessionFileError, also for I/O errors."""
    name = path
    if not os.path.exists(name) and os.path.exists(f"{name}.gz"):
        name = f"{name}.gz"
    try:
        if not os.path.isfile(name):
            missing = not os.path.exists(name)
            raise SessionFileError("no such file" if missing else "not a file", path=path)
        if os.path.getsize(name) > limits.MAX_FILE_BYTES:
            raise SessionFileError(f"larger than {limits.MAX_FILE_BYTES} bytes", path=path)
        with open(name, "rb") as stream:
            data = stream.read(limits.MAX_FILE_BYTES + 1)
    except OSError as error:
        raise SessionFileError(error.strerror or str(error), path=path) from error
    return parse_gto(data, path, warn=warn)


def parse_gto(data: bytes, path: str = "", *, warn: Callable[[str], None] | None = None) -> GtoFile:
    """The contents of a session file of any form.  Raises SessionFileError."""
    if data[:2] == _GZIP:
        data = _inflate(data, path)
    if is_binary(data):
        return parse_binary(data, path)
    if data[:4] == b"GTOa":
        return parse_text(data, path, warn=warn)
    raise SessionFileError("not a session file: neither text nor binary GTO", path=path)


def _inflate(data: bytes, path: str) -> bytes:
    """Decompress with a limit, all members of the file."""
    parts: list[bytes] = []
    total = 0
    rest = data
    try:
        while rest[:2] == _GZIP:
            inflater = zlib.decompressobj(31)
            while not inflater.eof:
                part = inflater.decompress(rest, _CHUNK)
                rest = inflater.unconsumed_tail
                total += len(part)
                if total > limits.MAX_FILE_BYTES:
                    raise SessionFileError(
                        f"larger than {limits.MAX_FILE_BYTES} bytes when decompressed", path=path
                    )
                parts.append(part)
                if not part and not rest and not inflater.eof:
                    raise SessionFileError("truncated: the compressed data ends early", path=path)
            rest = inflater.unused_data
    except zlib.error as error:
        raise SessionFileError(f"damaged compressed data ({error})", path=path) from error
    return b"".join(parts)


def write_bytes(path: str, parts: Iterable[bytes]) -> None:
    """Write a file in one step: `parts` go to a temporary file that replaces `path`.

    Raises SessionFileError for I/O errors; `path` is then as it was.
    """
    path = os.path.realpath(path)
    folder, name = os.path.split(path)
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{name[:100]}.", dir=folder)
        with os.fdopen(handle, "wb") as stream:
            for part in parts:
                stream.write(part)
        mode = os.stat(path).st_mode & 0o777 if os.path.exists(path) else 0o666 & ~_umask()
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        raise SessionFileError(error.strerror or str(error), path=path) from error


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def write_gto_compressed(path: str, file: GtoFile) -> None:
    """Write the gzipped binary form, as RV does for sessions with in-memory images."""
    deflater = zlib.compressobj(6, zlib.DEFLATED, 31)
    data = format_binary(file, "RV")
    write_bytes(path, (deflater.compress(data), deflater.flush()))
