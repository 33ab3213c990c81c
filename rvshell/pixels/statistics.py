"""What an image tells of each of its targets."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Statistics"]


@dataclass(slots=True)
class Statistics:
    """What has happened to the tiles of one target so far."""

    connected: bool = False  # the viewer is there now
    trouble: str = ""  # why it is not
    tiles: int = 0  # tiles sent
    bytes: int = 0  # bytes of pixels sent
    coalesced: int = 0  # tiles that were overwritten, or covered, before they left
    dropped: int = 0  # tiles given up: no viewer, or one that is too slow
    waiting: int = 0  # tiles that wait now
    connections: int = 0  # times that a viewer was connected
    seconds: float = 0.0  # time spent sending
    wire: int = 0  # bytes that the pixels took on the wire
    packing: str = ""  # how they are compressed now
    link: float = 0.0  # bytes a second that the link was measured to take; 0: more than is sent
    blocked: float = 0.0  # seconds that the renderer was made to wait
    refusals: list[str] = field(default_factory=list)  # what the far end refused, newest last

    @property
    def rate(self) -> float:
        """Bytes of pixels a second while sending."""
        return self.bytes / self.seconds if self.seconds else 0.0
