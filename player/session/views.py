"""What is viewed: switching, its history, and the state each view node keeps.

Leaving a view writes ``session.marks``, ``session.frame``, ``session.fps`` and, when in and out
were changed, ``session.region`` to its node; entering one restores them.

Source: Open RV ``src/lib/ip/IPCore/Session.cpp`` (setViewNode and its helpers).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from player.session.node import Node
from player.session.properties import SCALAR, Dims, Property, PropType

if TYPE_CHECKING:
    from player.session.session import Session

__all__ = ["Views"]

_PAIR: Dims = (2, 0, 0, 0)


def _declare(
    node: Node, name: str, type: PropType, values: Sequence[Any], dims: Dims = SCALAR
) -> None:
    prop = node.prop(name)
    if prop is None:
        prop = node.add(Property(name, type, (), dims=dims))
    prop.set(values)
    node.touch()


class Views:
    """The current view node and the history of view names."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.node: Node | None = None
        self.history: list[str] = []
        self.index = -1
        #: told False before the view changes and True after it, behind those who hear the events
        self.followers: list[Callable[[bool], None]] = []

    @property
    def name(self) -> str:
        return self.node.name if self.node is not None else ""

    def _at(self, index: int) -> str:
        if 0 <= index < len(self.history):
            name = self.history[index]
            if self._session.graph.find(name) is not None:
                return name
        return ""

    @property
    def previous(self) -> str:
        """The view before in the history, "" when there is none (any more)."""
        return self._at(self.index - 1) if self.index > 0 else ""

    @property
    def following(self) -> str:
        """The view after in the history, "" when there is none."""
        return self._at(self.index + 1) if self.index >= 0 else ""

    def switch(self, name: str, force: bool = False) -> bool:
        """View a node by name or ui name; False when there is none."""
        session = self._session
        graph = session.graph
        node = graph.find(name) or graph.find_by_ui_name(name)
        if node is None:
            return False
        old = self.node
        if node is old and not force:
            return True
        if old is not None and node is not old:
            self.store(old)
        session.emit("before-graph-view-change", name)
        self._tell(False)
        self.connect(node)
        if old is not None and node.name == self.previous:
            self.index -= 1
        elif old is not None and node.name == self.following:
            self.index += 1
        elif old is not node:
            if old is not None and self.index == -1:
                self.history = [old.name]
            else:
                del self.history[self.index + 1 :]
            self.index = len(self.history)
            self.history.append(node.name)
        if node is not old:
            self.restore(node)
        session.emit("after-graph-view-change", name)
        self._tell(True)
        return True

    def _tell(self, changed: bool) -> None:
        for follower in self.followers:
            follower(changed)

    def connect(self, node: Node) -> None:
        """Make the node the input of the view group."""
        if node is self.node:
            return
        group = self._session.view_group
        group.set_inputs([])
        group.set_inputs([node])
        self.node = node

    def store(self, node: Node) -> None:
        """Write the session's state to a view node (no events)."""
        playback = self._session.playback
        _declare(node, "session.marks", PropType.INT, playback.marks)
        in_out = (playback.in_point, playback.out_point)
        if in_out != (playback.range_start, playback.range_end):
            _declare(node, "session.region", PropType.INT, in_out, _PAIR)
        elif node.has("session.region"):
            node.remove("session.region")
        _declare(node, "session.frame", PropType.INT, [playback.frame])
        _declare(node, "session.fps", PropType.FLOAT, [playback.fps])

    def restore(self, node: Node) -> None:
        """Take the session's state from a view node."""
        session = self._session
        playback = session.playback
        root = session.graph.root
        assert root is not None
        info = root.range_info()
        playback.set_range(info.start, info.end + 1)
        playback.marks = sorted(node.get("session.marks"))
        region = node.get("session.region")
        if len(region) >= 2:
            playback.store_in(region[0])
            playback.store_out(region[1])
        elif info.cut_out >= info.cut_in:
            playback.store_in(info.cut_in)
            playback.store_out(info.cut_out + 1)
        frame = node.one("session.frame")
        playback.move(playback.range_start if frame is None else frame)
        fps = node.one("session.fps", 0.0)
        if fps == 0.0:
            fps = info.fps
            _declare(node, "session.fps", PropType.FLOAT, [fps])
        if fps > 0.0:
            playback.set_fps(fps)

    def clear(self) -> None:
        """The graph was emptied; the history stays, as in RV."""
        self.node = None
