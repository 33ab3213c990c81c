"""What the user sees and changes of a sync: RV's Sync menu."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from player.network.sync.groups import GROUPS, PIPELINES
from rvshell.errors import UsageError

if TYPE_CHECKING:
    from player.network.sync.sync import Sync

__all__ = ["Switches", "own_name"]


def own_name() -> str:
    """This machine's name with its domain."""
    return socket.getfqdn()


class Switches:
    """Status, switches, the URL to join, and the pointers of others, of one `Sync`."""

    def __init__(self, sync: Sync) -> None:
        self._sync = sync

    def status(self) -> dict[str, Any]:
        """What `rvshell sync status` shows."""
        g = self._sync.groups
        return {
            "on": self._sync.on,
            "topology": "mesh" if self._sync.mesh else "hub" if self._sync.broadcast else "pairs",
            "partners": [
                {"contact": p.contact, "session": p.session, "version": p.version,
                 "player": p.player is not None, "agrees": self._sync.agreement.agrees(p)}
                for p in self._sync.partners
            ],
            "send": [n for n in GROUPS if n in g.send],
            "accept": [n for n in GROUPS if n not in g.block],
            "send_pipelines": [n for n in PIPELINES if n in g.send_pipelines],
            "accept_pipelines": [n for n in PIPELINES if n not in g.block_pipelines],
            "send_media": g.send_media,
            "accept_media": g.accept_media,
            "state": self._sync.agreement.state_hash(),
            "sent": self._sync.sent,
            "received": self._sync.received,
        }  # fmt: skip

    def switch(self, accept: bool, words: Sequence[str]) -> None:
        """`+color -audio media pipeline:Look`: switches for sending or accepting.

        Raises UsageError for a word that is no group.
        """
        g = self._sync.groups
        for word in words:
            on = not word.startswith("-")
            name = word.lstrip("+-")
            kind, _, pipeline = name.partition(":")
            if kind == "pipeline" and pipeline in PIPELINES:
                chosen = g.block_pipelines if accept else g.send_pipelines
                self._flip(chosen, pipeline, on is not accept)
            elif name == "media":
                if accept:
                    g.accept_media = on
                else:
                    g.send_media = on
            elif name in GROUPS:
                self._flip(g.block if accept else g.send, name, on is not accept)
            else:
                known = [*GROUPS, "media", *(f"pipeline:{p}" for p in PIPELINES)]
                raise UsageError(f"{name!r} is no group", hint=", ".join(known))

    @staticmethod
    def _flip(chosen: set[str], name: str, on: bool) -> None:
        if on:
            chosen.add(name)
        else:
            chosen.discard(name)

    def save(self) -> None:
        """Save as Default Settings.  Raises CommandFailed."""
        g, store = self._sync.groups, self._sync.settings.store
        store("sync.send", [n for n in GROUPS if n in g.send])
        store("sync.block", [n for n in GROUPS if n in g.block])
        store("sync.send_pipelines", [n for n in PIPELINES if n in g.send_pipelines])
        store("sync.block_pipelines", [n for n in PIPELINES if n in g.block_pipelines])
        store("sync.send_media", g.send_media)
        store("sync.accept_media", g.accept_media)

    def url(self) -> str:
        """The rvlink URL by which others join this session (RV's Copy Session URL)."""
        host, port = self._sync.network.host() or own_name(), self._sync.network.port()
        line = f" -network -networkConnect {host} {port} -flags syncPullFirst"
        return f"rvlink://baked/{line.encode().hex()}"

    def pointers(self) -> list[dict[str, Any]]:
        """The pointers of others that are shown."""
        now = self._sync.clock()
        everyone = [*self._sync.partners, *self._sync.virtual.values()]
        return [
            {"name": p.contact.partition("@")[0], "source": p.source, "x": p.x, "y": p.y,
             "seconds": round(now - p.moved, 1), "trail": len(p.trail)}
            for p in everyone if p.active and p.source and now - p.moved < 10.0
        ]  # fmt: skip
