"""Ports: what the session asks of the world, as protocols, each with a null implementation.

The session owns no pixels, files, sockets or windows. Whoever wires the player injects
implementations; with nothing attached the null ones answer as RV does when there is nothing
to show.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from player.session.ports.machine import AudioPort, CachePort, NullAudio, NullCache, NullUi, UiPort
from player.session.ports.media import Chapter, LookUpTable, MediaInfo, MediaProbe, NullMediaProbe
from player.session.ports.network import NetworkControl, NullNetwork, NullSync, SyncPort
from player.session.ports.pictures import NullPixelStore, NullRenderer, PixelStore, Renderer

__all__ = [
    "AudioPort",
    "CachePort",
    "Chapter",
    "LookUpTable",
    "MediaInfo",
    "MediaProbe",
    "NetworkControl",
    "NullAudio",
    "NullCache",
    "NullMediaProbe",
    "NullNetwork",
    "NullPixelStore",
    "NullRenderer",
    "NullSync",
    "NullUi",
    "PixelStore",
    "Ports",
    "Renderer",
    "SyncPort",
    "UiPort",
]


@dataclass(slots=True)
class Ports:
    """All ports of a session in one place."""

    media: MediaProbe = field(default_factory=NullMediaProbe)
    pixels: PixelStore = field(default_factory=NullPixelStore)
    renderer: Renderer = field(default_factory=NullRenderer)
    network: NetworkControl = field(default_factory=NullNetwork)
    sync: SyncPort = field(default_factory=NullSync)
    ui: UiPort = field(default_factory=NullUi)
    cache: CachePort = field(default_factory=NullCache)
    audio: AudioPort = field(default_factory=NullAudio)
