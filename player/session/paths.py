"""Path variables: RV_OS_PATH_* and RV_PATHSWAP_* translate paths between machines.

``RV_PATHSWAP_NAME=/prefix``: ``${RV_PATHSWAP_NAME}`` in a path means the prefix, and paths that
are written start with the variable. ``RV_OS_PATH_LINUX_x``, ``_OSX_x`` and ``_WINDOWS_x`` give
the same place on three systems; a path that starts like one of the others is turned into ours.

Source: RV user manual, "Path swapping".
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping

__all__ = ["PathMap", "conform"]

_VARIABLE = re.compile(r"\$\{(RV_PATHSWAP_[A-Za-z0-9_]+)\}")


_URL = re.compile(r"[a-z]*://")


def conform(path: str) -> str:
    """A path without doubled slashes; an URL as it is."""
    if _URL.match(path):
        return path
    while "//" in path:
        path = path.replace("//", "/")
    return path


class PathMap:
    """Expands and restores path variables of an environment."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = environment if environment is not None else os.environ

    def _swaps(self) -> list[tuple[str, str]]:
        found = [(k, v) for k, v in self._environment.items() if k.startswith("RV_PATHSWAP_") and v]
        return sorted(found, key=lambda kv: (-len(kv[1]), kv[0]))

    def expand(self, path: str) -> str:
        """A path with variables and foreign prefixes replaced by what they mean here."""
        if "${" in path:
            path = _VARIABLE.sub(lambda m: self._environment.get(m[1], m[0]), path)
        for name, ours in self._environment.items():
            if not name.startswith("RV_OS_PATH_LINUX_"):
                continue
            suffix = name.removeprefix("RV_OS_PATH_LINUX_")
            for system in ("OSX", "WINDOWS"):
                theirs = self._environment.get(f"RV_OS_PATH_{system}_{suffix}", "")
                plain = path.replace("\\", "/") if system == "WINDOWS" else path
                if theirs and plain.startswith(theirs.replace("\\", "/")):
                    return ours + plain[len(theirs) :]
        return path

    def restore(self, path: str) -> str:
        """A path with the longest known prefix written as its variable."""
        return self.restorer()(path)

    def restorer(self) -> Callable[[str], str]:
        """``restore`` for many paths: the variables are looked up once."""
        swaps = self._swaps()

        def restore(path: str) -> str:
            for name, prefix in swaps:
                if path.startswith(prefix):
                    return f"${{{name}}}{path[len(prefix) :]}"
            return path

        return restore
