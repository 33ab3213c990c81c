"""The trace of what goes over the wire: on standard error with -v, in a file with --log-file."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from rvshell.errors import MediaError
from rvshell.verbs.output import escape
from rvshell.verbs.redact import redact

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__ = ["trace"]

_MAX_SHOWN = 2000  # characters of one question or reply


def trace(ctx: Context, path: str) -> Callable[[str], None]:
    """What a `Remote` is to call. Raises MediaError when the file cannot be written."""
    file = None
    if path:
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        except OSError as error:
            raise MediaError(f"cannot write {path}: {error.strerror}", path=path) from None
        file = os.fdopen(descriptor, "a", encoding="utf-8", buffering=1)

    def show(text: str) -> None:
        line = escape(redact(text)).replace("\n", "\\n")
        if len(line) > _MAX_SHOWN:
            line = f"{line[:_MAX_SHOWN]}… ({len(line)} characters)"
        if file is not None:
            from datetime import datetime

            file.write(f"{datetime.now().isoformat(timespec='milliseconds')} {line}\n")
        if ctx.options.verbose:
            ctx.complain(line)

    return show
