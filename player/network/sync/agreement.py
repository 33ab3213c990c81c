"""Do we show the same?  Digests of the state, and taking over the parent's when not.

Each player tells its player partners of itself (`remote-sync-player`, JSON): its id, the
lowest id it knows of (*root*) and how far that is, and a digest of each part of its state.
That is sent when sync begins and whenever the state has come to rest and differs from what
was told last.  The partner nearest to the root is the *parent*; a part that had agreed with
it once, differs now, and still differs after a pause on both sides, is mended by pulling the
parent's session.  One pull for one difference: what a pull does not mend is reported, and
left until something changes.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from player.network.sync.groups import ALWAYS, GROUPS, NEVER
from player.session.events import StringEvent
from player.session.node import Node
from player.session.properties import Property

if TYPE_CHECKING:
    from player.network.sync.sync import Partner, Sync

__all__ = ["Agreement", "QUIET"]

QUIET: Final = 0.5
"""Seconds without a message in or out after which digests are compared."""

_PATIENCE: Final = 1.0  # seconds that a difference must last
_MAX_TEXT: Final = 64 * 1024
_FAR: Final = 16  # hops: a root that is further away is gone
_LOCAL: Final = ("session.", "internal.", "output.size")
"""What views remember, how nodes came to be, and what follows from the inputs."""

_PARTS: Final = ("graph", "media", "view", "transport", "always")


class Agreement:
    """Digests and the tree of players."""

    def __init__(self, sync: Sync) -> None:
        self._sync = sync
        self._log = logging.getLogger("player.sync")
        self._told: dict[str, Any] = {}
        self._cached: tuple[Any, dict[str, str]] = (None, {})
        self._agreed: dict[str, set[str]] = {}  # player id -> parts that were equal once
        self._differs_since: float | None = None
        self._tried: set[tuple[str, str]] = set()
        self.pulls = 0

    def handlers(self) -> dict[str, Callable[[Any], None]]:
        """Event -> handler."""
        return {"remote-sync-player": self._hear}

    # -- digests ---------------------------------------------------------------------------

    def digests(self) -> dict[str, str]:
        """A short digest of each part of the state, the same for equal states."""
        session = self._sync.session
        playback = session.playback
        stamp = (
            session.graph.revision, playback.frame, playback.playing, playback.fps, playback.inc,
            playback.in_point, playback.out_point, tuple(playback.marks), playback.mode,
            playback.realtime, session.view,
        )  # fmt: skip
        if stamp != self._cached[0]:
            self._cached = (stamp, {k: _digest(v) for k, v in self._parts().items()})
        return self._cached[1]

    def state_hash(self) -> str:
        """One digest of everything that this player syncs."""
        parts = self._compared()
        return _digest(sorted(item for item in self.digests().items() if item[0] in parts))

    def _parts(self) -> dict[str, Any]:
        session = self._sync.session
        playback, restore = session.playback, session.paths.restore
        parts: dict[str, list[Any]] = {name: [] for name in (*_PARTS, *GROUPS)}
        for name in sorted(session.graph.nodes):
            node = session.graph.nodes[name]
            if node.type in ("Root", "RVDisplayGroup", "RVOutputGroup"):
                continue
            if node.group is None:
                parts["graph"].append((name, node.type, [i.name for i in node.inputs]))
            if node.type in ("RVFileSource", "RVImageSource"):
                media = [restore(str(m)) for m in node.get("media.movie")]
                parts["media"].append((name, media))
            for full, group, values in _synced(node):
                parts[group].append((full, values))
        parts["view"] = [session.views.name]
        parts["transport"] = [
            None if playback.playing else playback.frame,
            playback.playing, f"{playback.fps:f}", playback.inc, playback.in_point,
            playback.out_point, list(playback.marks), playback.mode, playback.realtime,
        ]  # fmt: skip
        return parts

    # -- telling ---------------------------------------------------------------------------

    def _about_us(self) -> dict[str, Any]:
        root, distance, _ = self._best()
        return {
            "id": self._sync.identity,
            "root": root,
            "distance": distance,
            "digests": self.digests(),
            "groups": sorted(self._compared()),
        }

    def _compared(self) -> set[str]:
        """The parts that this side both sends and accepts."""
        groups = self._sync.groups
        return {*_PARTS, *(groups.send - groups.block)}

    def introduce(self, contact: str) -> None:
        """Tell one partner (a player or RV, which ignores it) who we are."""
        partner = self._sync.find(contact)
        if partner is not None:
            text = json.dumps(self._about_us())
            send = self._sync.network.send_event
            send("remote-sync-player", partner.session, text, [contact])

    def _tell(self) -> None:
        about = self._about_us()
        self._told = about
        text = json.dumps(about)
        for partner in self._sync.partners:
            if partner.player is not None:
                self._sync.network.send_event(
                    "remote-sync-player", partner.session, text, [partner.contact]
                )

    def _hear(self, event: StringEvent) -> None:
        partner = self._sync.find(event.sender)
        if partner is None or len(event.contents) > _MAX_TEXT:
            return
        try:
            about = json.loads(event.contents)
            known = {
                "id": str(about["id"])[:64],
                "root": str(about["root"])[:64],
                "distance": int(about["distance"]),
                "digests": {str(k): str(v) for k, v in about["digests"].items()},
                "groups": {str(g) for g in about["groups"]},
            }
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            self._log.warning("%s: an introduction that cannot be read", event.sender)
            return
        first = partner.player is None
        partner.player = known
        if first:
            self.introduce(partner.contact)
        self._differs_since = None
        self._note_agreement(partner)

    # -- the tree --------------------------------------------------------------------------

    def _best(self) -> tuple[str, int, Partner | None]:
        """The root we know, how far it is, and the partner on the way to it."""
        best: tuple[str, int, str] = (self._sync.identity, 0, "")
        parent: Partner | None = None
        for partner in self._sync.partners:
            about = partner.player
            if about is None or not 0 <= about["distance"] < _FAR:
                continue
            found = (about["root"], about["distance"] + 1, about["id"])
            if found < best:
                best, parent = found, partner
        return best[0], best[1], parent

    def _common(self, partner: Partner) -> list[str]:
        about = partner.player
        if about is None:
            return []
        mine = self.digests()
        parts = self._compared() & about["groups"]
        return [p for p in sorted(parts) if p in mine and p in about["digests"]]

    def _note_agreement(self, partner: Partner) -> list[str]:
        """Remember the parts that are equal; the ones that differ but were equal once."""
        about = partner.player
        if about is None:
            return []
        agreed = self._agreed.setdefault(about["id"], set())
        differing = []
        mine = self.digests()
        for part in self._common(partner):
            if mine[part] == about["digests"][part]:
                agreed.add(part)
            elif part in agreed:
                differing.append(part)
        return differing

    def agrees(self, partner: Partner) -> bool | None:
        """Whether a partner shows the same; None when it does not tell (RV)."""
        about = partner.player
        if about is None:
            return None
        mine = self.digests()
        return all(mine[p] == about["digests"][p] for p in self._common(partner))

    def differences(self, partner: Partner) -> list[str]:
        """The parts in which a player partner differs."""
        about = partner.player
        if about is None:
            return []
        mine = self.digests()
        return [p for p in self._common(partner) if mine[p] != about["digests"][p]]

    def taken(self, contact: str) -> None:
        """The session of a partner has been taken over."""
        self._differs_since = None
        partner = self._sync.find(contact)
        if partner is not None and partner.player is not None:
            self._agreed.setdefault(partner.player["id"], set()).update(self._compared())

    # -- time ------------------------------------------------------------------------------

    def tick(self) -> None:
        """Look whether all is quiet; tell what changed; mend what differs."""
        sync = self._sync
        if not any(p.player is not None for p in sync.partners):
            return
        now = sync.clock()
        if now - sync.activity < QUIET or sync.session.playback.playing or sync.transfer.waiting:
            self._differs_since = None
            return
        if self._about_us() != self._told:
            self._tell()
        _, _, parent = self._best()
        if parent is None or parent.player is None:
            self._differs_since = None
            return
        differing = self._note_agreement(parent)
        if not differing:
            self._differs_since = None
            return
        if self._differs_since is None:
            self._differs_since = now
        elif now - self._differs_since >= _PATIENCE:
            self._mend(parent, differing)

    def _mend(self, parent: Partner, differing: list[str]) -> None:
        assert parent.player is not None
        theirs = _digest(sorted(parent.player["digests"].items()))
        tried = (self.state_hash(), theirs)
        if tried in self._tried:
            return
        if len(self._tried) > 1000:
            self._tried.clear()
        self._tried.add(tried)
        self._differs_since = None
        self.pulls += 1
        self._log.warning(
            "%s and this player differ in %s: taking over its session",
            parent.contact, ", ".join(differing),
        )  # fmt: skip
        self._sync.transfer.pull(parent.contact)


def _synced(node: Node) -> list[tuple[str, str, list[Any]]]:
    """(full name, part, values) of the properties of a node that sync may carry and that are
    not as its type made them."""
    found: list[tuple[str, str, list[Any]]] = []
    if node.type == "RVTransform2D" and node.group and node.group.type == "RVLayoutGroup":
        return found  # a layout places its inputs when it is looked at
    for name, prop in sorted(node.modified().items()):
        alt = f"#{node.type}.{name}"
        full = f"{node.name}.{name}"
        if NEVER.search(full) or name.startswith(_LOCAL) or not _changed(node, prop):
            continue
        if ALWAYS.search(alt):
            found.append((full, "always", list(prop.values)))
            continue
        for group, pattern in GROUPS.items():
            if pattern.search(alt):
                found.append((full, group, list(prop.values)))
                break
    return found


def _changed(node: Node, prop: Property) -> bool:
    spec = node.definition.specs.get(prop.name)
    if spec is None:
        return bool(prop.values)
    return list(prop.values) != list(spec.make(node.type).values)


def _digest(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
