"""RV's packages: where their Mu and Python files are, and which modes to start with.

A support folder has Mu files in ``Mu`` and Python files in ``Python`` (RV manual, "Packages").
The folders of RV_SUPPORT_PATH, and ``~/.rv``, are put behind those of MU_MODULE_PATH and of
Python's own path, as RV does. The player loads no package by itself: the flags
``ModeManagerPreload`` and ``ModeManagerLoad`` name the modes to start with
(``modules/mode_manager.mu``).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Final

__all__ = ["START", "add_support_folders", "wants_modes"]

START: Final = "mode_manager.loadFlagged()"
"""The Mu text that loads the modes of the flags."""

_FLAGS: Final = ("ModeManagerPreload", "ModeManagerLoad")


def _support_folders(kind: str) -> list[str]:
    roots = os.environ.get("RV_SUPPORT_PATH", "").split(os.pathsep)
    folders = [os.path.join(root, kind) for root in (*roots, os.path.expanduser("~/.rv")) if root]
    return [folder for folder in folders if os.path.isdir(folder)]


def add_support_folders() -> None:
    """Put the support folders into MU_MODULE_PATH and Python's path, once each."""
    listed = [folder for folder in os.environ.get("MU_MODULE_PATH", "").split(os.pathsep) if folder]
    listed += [folder for folder in _support_folders("Mu") if folder not in listed]
    if listed:
        os.environ["MU_MODULE_PATH"] = os.pathsep.join(listed)
    sys.path += [folder for folder in _support_folders("Python") if folder not in sys.path]


def wants_modes(flags: Mapping[str, str]) -> bool:
    """Whether the command line names modes to start with."""
    return any(flags.get(name) for name in _FLAGS)
