"""Path variables: RV_OS_PATH_* and RV_PATHSWAP_* translate paths between machines.

``RV_PATHSWAP_NAME=/prefix``: a path that starts with ``${RV_PATHSWAP_NAME}`` means the prefix, and
paths that are written or sent start with the variable. ``RV_OS_PATH_LINUX_x``, ``_OSX_x`` and
``_WINDOWS_x`` give the same place on three systems; a path that comes in and starts like one of
the others is turned into ours. The environment is read once, when the map is made, and a variable
counts only if it has a value without a further ``=``.

Prefixes are plain text (``/net/show`` also begins ``/net/shows``), as in RV, and count only at the
start of a path. Sources: RV user manual, "Path swapping"; Open RV's
handling of the variables at start-up (notes: sync.md, section 10).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping

__all__ = ["PathMap", "conform", "sanitised"]

_SYSTEMS = ("OSX", "WINDOWS", "LINUX")
"""What the digits of RV_PATH_OS_OVERRIDE mean."""

_URL = re.compile(r"[a-z]*://")


def conform(path: str) -> str:
    """A path without doubled slashes; an URL as it is."""
    if _URL.match(path):
        return path
    while "//" in path:
        path = path.replace("//", "/")
    return path


def sanitised(path: str) -> str:
    """A path as it comes in: slashes forward and single, none at the end.

    Two slashes stay at the very start (shares) and after a colon (URLs); of a longer run one pair
    is made one.
    """
    path = path.replace("\\", "/")
    at = path.find("//")
    while at >= 0:
        if at > 0 and path[at - 1] != ":":
            path = path[:at] + path[at + 1 :]
        at = path.find("//", at + 2)
    return path[:-1] if path.endswith("/") and len(path) > 1 else path


class _Prefixes:
    """Beginnings of paths and what they become; the longest that fits is taken."""

    def __init__(self, pairs: Mapping[str, str], *, any_case: bool = False) -> None:
        self._any_case = any_case
        self._pairs = sorted(
            ((k.lower() if any_case else k, v) for k, v in pairs.items() if k),
            key=lambda pair: (-len(pair[0]), pair[0]),
        )

    def apply(self, path: str) -> str:
        looked_at = path.lower() if self._any_case else path
        for prefix, new in self._pairs:
            if looked_at.startswith(prefix):
                return new + path[len(prefix) :]
        return path


class PathMap:
    """Expands and restores path variables of an environment."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        found = os.environ if environment is None else environment
        known = {
            k: v
            for k, v in found.items()
            if k.startswith(("RV_PATHSWAP_", "RV_OS_PATH_")) and v and "=" not in v
        }
        swaps = {f"${{{k}}}": v for k, v in known.items() if k.startswith("RV_PATHSWAP_")}
        host = _host(found.get("RV_PATH_OS_OVERRIDE"))
        self._outgoing = _Prefixes({v: k for k, v in swaps.items()}, any_case=host == "WINDOWS")
        self._incoming = [_Prefixes(swaps, any_case=host == "WINDOWS")]
        for system in ("OSX", "LINUX", "WINDOWS"):
            if system != host:
                theirs = f"RV_OS_PATH_{system}"
                pairs = {
                    sanitised(v): known[ours]
                    for k, v in known.items()
                    if k.startswith(theirs)
                    and (ours := f"RV_OS_PATH_{host}{k.removeprefix(theirs)}") in known
                }
                any_case = "WINDOWS" in (system, host)
                self._incoming.append(_Prefixes(pairs, any_case=any_case))

    def expand(self, path: str) -> str:
        """A path with variables and foreign prefixes replaced by what they mean here."""
        path = sanitised(path)
        for prefixes in self._incoming:
            new = sanitised(prefixes.apply(path))
            if new != path:
                return new
        return path

    def restore(self, path: str) -> str:
        """A path with the longest known prefix written as its variable."""
        return self._outgoing.apply(path)

    def restorer(self) -> Callable[[str], str]:
        """``restore`` for many paths."""
        return self._outgoing.apply


def _host(override: str | None) -> str:
    """The system paths are turned into: ours, unless RV_PATH_OS_OVERRIDE says another."""
    if override is None:
        return "LINUX"
    digits = re.match(r"\s*\d+", override)
    number = int(digits[0]) if digits else 0
    return _SYSTEMS[number] if number < len(_SYSTEMS) else "LINUX"
