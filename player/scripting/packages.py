"""RV's packages: where their Mu and Python files are, and which modes to start with.

A support folder has Mu files in ``Mu``, Python files in ``Python`` and definitions of node types
in ``Nodes`` (RV manual, "Packages").
The support folders are those of RV_SUPPORT_PATH, or ``~/.rv`` when it is not set; they are put
behind those of MU_MODULE_PATH and of Python's own path, and packages find the list in
TWK_APP_SUPPORT_PATH, as in RV. The player loads no package by itself: the flags
``ModeManagerPreload`` and ``ModeManagerLoad`` name the modes to start with
(``modules/mode_manager.mu``).

Packages also ask the environment for RV's version (TWK_APP_VERSION: that of ``getVersion()``) and
programs (RV_APP_RV, RV_APP_RVIO). Where RV is not installed these are the player and its
``player-rvio``.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from typing import Final

from player.commands.misc import VERSION
from player.session.definitions.packaged import add_packaged_nodes

__all__ = ["START", "add_support_folders", "wants_modes"]

START: Final = "mode_manager.loadFlagged()"
"""The Mu text that loads the modes of the flags."""

_FLAGS: Final = ("ModeManagerPreload", "ModeManagerLoad")
_PROGRAMS: Final = {"RV_APP_RV": ("rv", "player"), "RV_APP_RVIO": ("rvio", "player-rvio")}


def _support_roots() -> list[str]:
    named = os.environ.get("RV_SUPPORT_PATH") or os.path.expanduser("~/.rv")
    return [root for root in named.split(os.pathsep) if root and os.path.isdir(root)]


def _add_to(variable: str, folders: list[str]) -> None:
    listed = [folder for folder in os.environ.get(variable, "").split(os.pathsep) if folder]
    listed += [folder for folder in folders if folder not in listed]
    if listed:
        os.environ[variable] = os.pathsep.join(listed)


def add_support_folders(warn: Callable[[str], None]) -> None:
    """Put the support folders into the paths that Mu, Python and packages look at, once each, and
    declare the node types of their ``Nodes``. ``warn`` gets lines about those."""
    roots = _support_roots()
    of_kind = {
        kind: [folder for root in roots if os.path.isdir(folder := os.path.join(root, kind))]
        for kind in ("Mu", "Python", "Nodes")
    }
    os.environ.setdefault("TWK_APP_VERSION", ".".join(map(str, VERSION)))
    add_packaged_nodes(of_kind["Nodes"], warn)
    _add_to("TWK_APP_SUPPORT_PATH", roots)
    _add_to("MU_MODULE_PATH", of_kind["Mu"])
    sys.path += [folder for folder in of_kind["Python"] if folder not in sys.path]
    for variable, names in _PROGRAMS.items():
        os.environ.setdefault(variable, next(filter(None, map(_program, names)), ""))


def _program(name: str) -> str | None:
    """A program of the PATH, or beside the Python that runs."""
    return shutil.which(name) or shutil.which(name, path=os.path.dirname(sys.executable))


def wants_modes(flags: Mapping[str, str]) -> bool:
    """Whether the command line names modes to start with."""
    return any(flags.get(name) for name in _FLAGS)
