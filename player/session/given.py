"""What a session is given: by the command line, and by files for others to read again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from player.session.timeline.playback import DEFAULT_FPS

if TYPE_CHECKING:
    from player.session.files.model import GtoObject

__all__ = ["Foreign", "Options"]


@dataclass(slots=True)
class Options:
    """What the command line decided, as far as the session cares."""

    play: bool = False
    play_mode: int = 0
    loop_mode: int = 0
    default_fps: float = DEFAULT_FPS
    load_cache: int = 1
    view: str = ""
    volume: float = 1.0
    gamma: float = 1.0
    srgb: bool = False
    rec709: bool = False
    brightness: float = 0.0
    no_packages: bool = False
    flags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Foreign:
    """What a session file held of types that are not known here; written again as it was.

    ``objects`` are GTO objects, ``top`` the names of those that can be viewed, ``connections``
    (input, node) pairs in which one of them takes part.
    """

    objects: list[GtoObject] = field(default_factory=list)
    top: list[str] = field(default_factory=list)
    connections: list[tuple[str, str]] = field(default_factory=list)
