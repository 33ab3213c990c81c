"""Sync's questions at the admin door: what `rvshell sync` asks."""

from __future__ import annotations

from typing import Any

from player.network.admin import Admin
from player.network.sync.sync import Sync

__all__ = ["SyncDoor"]


class SyncDoor:
    """Answers about one `Sync`."""

    def __init__(self, sync: Sync) -> None:
        self._sync = sync

    def join(self, admin: Admin) -> None:
        """Add the answers to the door."""
        for name, answer in {
            "sync-status": lambda q: self._sync.switches.status(),
            "sync-on": self._on,
            "sync-off": lambda q: self._sync.stop(),
            "sync-switch": self._switch,
            "sync-save": lambda q: self._sync.switches.save(),
            "sync-push": lambda q: self._sync.transfer.push_all(),
            "sync-pull": lambda q: self._sync.transfer.pull(str(q.get("contact") or "")),
            "sync-pointers": lambda q: self._sync.switches.pointers(),
            "sync-point": self._point,
            "sync-check": lambda q: self._check(),
            "sync-url": lambda q: self._sync.switches.url(),
            "sync-mesh": self._mesh,
        }.items():
            admin.add(name, answer)

    def _on(self, question: dict[str, Any]) -> dict[str, Any]:
        self._sync.start(everybody=True)
        return self._sync.switches.status()

    def _switch(self, question: dict[str, Any]) -> dict[str, Any]:
        words = [str(w) for w in question["words"]]
        self._sync.switches.switch(bool(question["accept"]), words)
        return self._sync.switches.status()

    def _mesh(self, question: dict[str, Any]) -> None:
        """Sync with Contacts' Contacts; broadcasting is its opposite, at once (not in RV)."""
        sync = self._sync
        sync.mesh = bool(question["on"])
        sync.broadcast = bool(sync.settings["sync.broadcast"]) and not sync.mesh

    def _point(self, question: dict[str, Any]) -> None:
        self._sync.need_partners()
        source = str(question.get("source") or "") or self._shown()
        self._sync.outbound.point(source, float(question["x"]), float(question["y"]))

    def _shown(self) -> str:
        images = self._sync.session.ports.renderer.rendered()
        if images:
            return str(images[0].name).split("/")[0]
        sources = self._sync.session.graph.by_type("RVFileSource")
        return sources[0].name if sources else ""

    def _check(self) -> list[dict[str, Any]]:
        """What others show differently, a line each."""
        found = []
        for partner in self._sync.partners:
            if partner.player is None:
                found.append({"contact": partner.contact, "differs": "unknown: it is an RV"})
                continue
            parts = self._sync.agreement.differences(partner)
            found.append({"contact": partner.contact, "differs": " ".join(parts) or "nothing"})
        return found
