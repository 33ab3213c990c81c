"""Modules in files: ``require NAME`` finds ``NAME.mu`` in the folders of the module path."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from player.mu.values import MuThrow

__all__ = ["MAXIMUM", "environment_path", "load_source"]

MAXIMUM: Final = 16 << 20
"""The largest file that is read as a module, in bytes."""

_NAME: Final = re.compile(r"[^\W\d]\w*")


def environment_path(default: Sequence[str] = (".",)) -> list[str]:
    """The folders of MU_MODULE_PATH; ``default`` when it is not set."""
    listed = os.environ.get("MU_MODULE_PATH")
    folders = list(default) if listed is None else listed.split(os.pathsep)
    return [folder for folder in folders if folder]


def _find(name: str, folders: Iterable[str]) -> Path | None:
    """The first file of a module's name. A name that is no word has none."""
    if _NAME.fullmatch(name) is None:
        return None
    for folder in folders:
        path = Path(folder) / f"{name}.mu"
        try:
            if path.is_file():
                return path
        except (OSError, ValueError):
            continue
    return None


def load_source(
    name: str,
    folders: Iterable[str],
    declare: Callable[[str], object],
    report: Callable[[str], None],
) -> str:
    """Declare what a module's file holds; the file's path, empty when there is none.

    ``report`` is told about an error; what was declared before it stays, as in RV.
    """
    path = _find(name, folders)
    if path is None:
        return ""
    try:
        if path.stat().st_size > MAXIMUM:
            raise ValueError("the file is too large to be a module")
        declare(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, MuThrow) as error:
        value = error.value if isinstance(error, MuThrow) else error
        message = getattr(value, "message", value)
        report(f'ERROR: while loading source module "{path}"\nERROR: {message}\n')
    return str(path)
