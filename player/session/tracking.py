"""Keeping the playhead with its source while defaultSequence's edit list is derived anew.

Source: Open RV ``src/lib/app/RvApp/RvSession.cpp`` (onSequenceChanging, onSequenceChanged).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from player.session.kinds.sequence import Sequence
from player.session.node import Node

if TYPE_CHECKING:
    from player.session.session import Session

__all__ = ["SequenceTracker"]


class SequenceTracker:
    """Follows one sequence node; the first change after each ``follow`` is not acted on."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._node: Sequence | None = None
        self._first = False
        self._entry = -1
        self._start = 0
        self._on = os.environ.get("RV_USE_SEQUENCE_EVENTS_TRACKING", "1") != "0"

    def follow(self, node: Sequence | None) -> None:
        """Watch a sequence, or none."""
        if not self._on:
            return
        if self._node is not None and self._node is not node:
            self._node.tracker = None
        self._node = node
        if node is not None:
            node.tracker = self
            self._first = True

    def forget(self, node: Node) -> None:
        """The node is being deleted."""
        if node is self._node or (self._node is not None and self._node.group is node):
            self.follow(None)

    @property
    def watching(self) -> bool:
        """Whether a change of the edit list matters now."""
        return self._node is not None and not self._session.reading

    def before(self) -> None:
        """The edit list is about to be derived anew: remember where the playhead is."""
        node = self._node
        if node is None or self._session.reading:
            return
        if self._first:
            self._first = False
            return
        self._entry = node.entry_at(self._session.playback.frame)
        known = node.source_range(self._entry)
        if known is not None:
            self._start = known[1]

    def after(self) -> None:
        """Move the playhead along with its entry."""
        entry, self._entry = self._entry, -1
        if entry < 0 or self._node is None:
            return
        known = self._node.source_range(entry)
        if known is None:
            return
        frame = self._session.playback.frame
        moved = known[1] + frame - self._start
        if moved != frame:
            self._session.playback.set_frame(moved)
