"""Sync messages applied to the session, and passed on to the other partners.

A message that names a register older than what is known is neither applied nor passed on.
Values are read as C reads them (`atoi`, `atof`); what cannot be used is ignored with a line
in the log, and one bad part of a batch does not spoil the others.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from player.network.sync import texts
from player.network.sync.stamps import Stamp
from player.session.errors import SessionError
from player.session.events import StringEvent
from player.session.node import Node

if TYPE_CHECKING:
    from player.network.sync.sync import Partner, Sync

__all__ = ["Inbound", "TRANSPORT_KEYS"]

TRANSPORT_KEYS: Final = ("transport", "fps", "in", "out")
"""Registers that a change of the view overwrites with what the new view remembers."""

_MAX_PARTS: Final = 100_000
_MAX_TRAIL: Final = 15
_MAX_VIRTUAL: Final = 256
_INT: Final = re.compile(r"\s*([-+]?\d{1,18})")
_FLOAT: Final = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
_VIEW: Final = re.compile(r'^try \{\s*setViewNode\("([^"\\]*)"\);\s*\} catch \(\.\.\.\) \{;\}$')
_INPUTS: Final = re.compile(r'^try \{\s*setNodeInputs\("([^"\\]*)", string\[\] \{')
_SET: Final = re.compile(r'commands\.setSourceMedia\("([^"\\]*)", string')
_NODE: Final = re.compile(
    r'^try \{\s*commands\.newNode\("([^"\\]*)", "([^"\\]*)"\);\s*\} catch \(\.\.\.\) \{;\}$'
)
_CLEAR: Final = re.compile(r"rvui\.clearEverything\(\);")
_MAX_FRAME: Final = 2**31 - 1


def atoi(text: str) -> int:
    """An integer as C's atoi reads it, kept in 32 bits."""
    found = _INT.match(text)
    return max(-_MAX_FRAME, min(_MAX_FRAME, int(found[1]))) if found else 0


def atof(text: str) -> float:
    """A number as C's atof reads it."""
    found = _FLOAT.match(text)
    return float(found[1]) if found else 0.0


class Inbound:
    """The bindings of remote events."""

    def __init__(self, sync: Sync) -> None:
        self._sync = sync
        self._stamps: dict[str, Stamp] = {}
        self._log = logging.getLogger("player.sync")

    def handlers(self) -> dict[str, Callable[[Any], None]]:
        """Event -> handler."""
        transport: dict[str, tuple[str, Callable[[str, str, str], None]]] = {
            "remote-sync-frame-changed": ("transport", self._frame),
            "remote-sync-play-start": ("transport", self._play),
            "remote-sync-play-stop": ("transport", self._stop),
            "remote-sync-play-inc": ("inc", self._inc),
            "remote-sync-new-in-point": ("in", self._in_point),
            "remote-sync-new-out-point": ("out", self._out_point),
            "remote-sync-mark-frame": ("mark", self._mark),
            "remote-sync-unmark-frame": ("mark", self._unmark),
            "remote-sync-fps": ("fps", self._fps),
            "remote-sync-realtime": ("realtime", self._realtime),
            "remote-sync-play-all-frames": ("realtime", self._all_frames),
            "remote-sync-play-mode": ("mode", self._mode),
            "remote-mode-toggled": ("toggle", self._toggled),
        }
        table: dict[str, Callable[[StringEvent], None]] = {
            name: self._transport(name, key, apply) for name, (key, apply) in transport.items()
        }
        table |= {
            "remote-sync-graph-state": self._state,
            "remote-sync-new-property": self._state,
            "remote-sync-delete-property": self._state,
            "remote-sync-eval": self._eval,
            "remote-sync-read-lut-complete": self._lut,
            "remote-sync-pointer": self._pointer,
            "remote-sync-enter": self._presence(True),
            "remote-sync-leave": self._presence(False),
        }
        return {
            **{name: self._counted(handler) for name, handler in table.items()},
            "remote-sync-stamp": self._stamp,
        }

    # -- envelopes -------------------------------------------------------------------------

    def _counted(self, handler: Callable[[StringEvent], None]) -> Callable[[StringEvent], None]:
        def handle(event: StringEvent) -> None:
            sync = self._sync
            sync.reading = False
            sync.received += 1
            sync.activity = sync.clock()
            handler(event)

        return handle

    def _stamp(self, event: StringEvent) -> None:
        """The stamp of the message that follows on the same connection."""
        stamp = Stamp.read(event.contents)
        if stamp is not None and self._sync.find(event.sender) is not None:
            self._stamps[event.sender] = stamp
            self._sync.registers.hear(stamp)

    def take_stamp(self, contact: str) -> Stamp:
        """The stamp of the message being handled; a new one for what RV sent."""
        return self._stamps.pop(contact, None) or self._sync.registers.now()

    def fields(self, event: StringEvent) -> tuple[str, str]:
        """Payload and originator of an event in the usual envelope."""
        contents = event.contents
        partner = self._sync.find(event.sender)
        if partner is not None:
            payload, found, rest = contents.rpartition(f"|{partner.session}|")
            if found:
                return payload, rest.partition("|")[0]
        payload, _, rest = contents.partition("|")
        return payload, rest.partition("|")[2].partition("|")[0]

    def _name(self, contact: str) -> str:
        """How feedback calls a contact."""
        name, _, host = contact.rpartition("@")
        if self._sync.find(contact) is None and not name:
            return "Unknown"
        return name if host in ("localhost", "127.0.0.1") and name else contact

    # -- transport -------------------------------------------------------------------------

    def _transport(
        self, name: str, key: str, apply: Callable[[str, str, str], None]
    ) -> Callable[[StringEvent], None]:
        def handle(event: StringEvent) -> None:
            sync = self._sync
            payload, originator = self.fields(event)
            stamped = event.sender in self._stamps
            stamp = self.take_stamp(event.sender)
            if not sync.settings["sync.follow_transport"] and key != "toggle":
                return
            if key == "transport" and sync.find(event.sender) is None:
                return
            register = f"{key}:{payload.partition('|')[0]}" if key in ("mark", "toggle") else key
            if key == "transport" and not stamped and self._same(name, payload):
                return  # an equal frame is ignored completely, as in RV
            if key == "mark" and sync.registers.older("marks", stamp):
                return  # the whole list was told since
            if not sync.registers.newer(register, stamp, (name, payload)):
                return
            if sync.session.graph.range_dirty:
                sync.session.settle()
            who = self._name(originator or event.sender)
            with sync.receiving():
                apply(payload, who, event.sender)
            if sync.broadcast:
                sync.send(name, payload, stamp, not_to=event.sender)

        return handle

    def _same(self, name: str, payload: str) -> bool:
        playback = self._sync.session.playback
        if name == "remote-sync-frame-changed":
            return atoi(payload) == playback.frame
        return playback.playing is (name == "remote-sync-play-start")

    def reapply(self, stamp: Stamp) -> None:
        """Registers newer than a change of view count more than what the view remembers."""
        sync = self._sync
        appliers = {
            "remote-sync-frame-changed": self._frame,
            "remote-sync-play-start": self._play,
            "remote-sync-play-stop": self._stop,
            "remote-sync-new-in-point": self._in_point,
            "remote-sync-new-out-point": self._out_point,
            "remote-sync-fps": self._fps,
            "remote-sync-mark-frame": self._mark,
            "remote-sync-unmark-frame": self._unmark,
        }
        for value in sync.registers.after(stamp, TRANSPORT_KEYS, "mark:"):
            if isinstance(value, tuple) and value[0] in appliers:
                appliers[value[0]](value[1], "", "")

    def _say(self, who: str, text: str, seconds: float = 1.0) -> None:
        if who:
            self._sync.say(text, seconds)

    def _frame(self, payload: str, who: str, sender: str) -> None:
        session = self._sync.session
        frame = atoi(payload)
        if frame == session.playback.frame:
            return
        session.playback.set_frame(frame)
        if payload.endswith(";;scrubbed"):
            session.ports.audio.scrub(True, 1.0 / max(session.playback.fps, 1.0), 1)
        self._say(who, f"{who} Changed Frame to {frame}")

    def _play(self, payload: str, who: str, sender: str) -> None:
        playback = self._sync.session.playback
        if not playback.playing:
            playback.set_frame(atoi(payload))
            playback.play()
            self._say(who, f"PLAY - {who}", 2.0)

    def _stop(self, payload: str, who: str, sender: str) -> None:
        playback = self._sync.session.playback
        if playback.playing:
            playback.stop()
            self._say(who, f"STOP - {who}", 2.0)
        playback.set_frame(atoi(payload))

    def _inc(self, payload: str, who: str, sender: str) -> None:
        self._sync.session.playback.set_inc(atoi(payload))

    def _in_point(self, payload: str, who: str, sender: str) -> None:
        self._sync.session.playback.store_in(atoi(payload))
        self._say(who, f"{who} Set IN Point")

    def _out_point(self, payload: str, who: str, sender: str) -> None:
        self._sync.session.playback.store_out(atoi(payload) + 1)
        self._say(who, f"{who} Set OUT Point")

    def _mark(self, payload: str, who: str, sender: str) -> None:
        self._sync.session.playback.mark(atoi(payload))
        self._say(who, f"{who} Marked Frame {atoi(payload)}")

    def _unmark(self, payload: str, who: str, sender: str) -> None:
        self._sync.session.playback.unmark(atoi(payload))
        self._say(who, f"{who} Unmarked Frame {atoi(payload)}")

    def _fps(self, payload: str, who: str, sender: str) -> None:
        fps = atof(payload)
        playback = self._sync.session.playback
        if 0.0 < fps < 1e6 and fps != playback.fps:
            playback.set_fps(fps)

    def _realtime(self, payload: str, who: str, sender: str) -> None:
        self._sync.session.playback.set_realtime(True)

    def _all_frames(self, payload: str, who: str, sender: str) -> None:
        self._sync.session.playback.set_realtime(False)

    def _mode(self, payload: str, who: str, sender: str) -> None:
        self._sync.session.playback.set_mode(atoi(payload))

    def _toggled(self, payload: str, who: str, sender: str) -> None:
        """Only wipes are acted on, as in RV."""
        mode, _, state = payload.partition("|")
        events = self._sync.session.events
        on = state.startswith("true")
        if mode != "wipe" or events.modes.is_active("wipe") is on:
            return
        if on:
            self._sync.evaluate(sender, "require rvui; rvui.toggleWipe();")
        else:  # the edges are the session's: where they are comes by itself
            events.modes.deactivate("wipe")
            events.send("mode-toggled", "wipe|false", sender="Mode")

    # -- properties ------------------------------------------------------------------------

    def _state(self, event: StringEvent) -> None:
        """A batch of property changes, creations and insertions."""
        sync = self._sync
        payload, _ = self.fields(event)
        stamp = self.take_stamp(event.sender)
        if sync.session.view is None:
            return
        taken: list[str] = []
        last = ""
        with sync.receiving():
            for part in payload.split("&")[:_MAX_PARTS]:
                full, _, rest = part.partition("/")
                alt, _, text = rest.partition("/")
                name, _, prop = full.partition(".")
                node = sync.session.graph.exact(name)
                if not text or not sync.groups.accepts(full, alt, node):
                    continue
                if node is None:
                    self._log.debug("%s: no node %s", event.sender, name[:80])
                    continue
                if self._part(event.sender, node, full, prop, text, stamp):
                    taken.append(part)
                    last = prop
        if not taken:
            return
        sync.session.ports.ui.redraw()
        if last:
            who = self._name(event.sender)
            sync.say(f"{who} : {last.rpartition('.')[2]}")
        if sync.broadcast:
            joined = "&".join(taken)
            sync.send("remote-sync-graph-state", joined, stamp, not_to=event.sender, min_version=2)

    def _part(self, sender: str, node: Node, full: str, prop: str, text: str, stamp: Stamp) -> bool:
        """Apply one part; whether it was new."""
        sync = self._sync
        if not text.startswith("set"):
            if not sync.registers.first(stamp, text):
                return False
            sync.evaluate(sender, text)
            return True
        if not sync.registers.newer(f"prop:{full}", stamp):
            return False
        change = texts.read_change(text)
        if change is None or change.name != full:
            sync.evaluate(sender, text)
            return True
        found = node.prop(prop)
        if found is None or found.type is not change.type:
            return False
        found.set(change.values)
        with suppress(SessionError):  # a table whose other half is still to come
            node.changed(found)
        return True

    # -- the graph -------------------------------------------------------------------------

    def _eval(self, event: StringEvent) -> None:
        """A graph edit: evaluated, and passed on unchanged."""
        sync, text = self._sync, event.contents
        stamp = self.take_stamp(event.sender)
        event.handled = True  # the default binding would evaluate it again
        key = self._key(text)
        new = (
            sync.registers.newer(key, stamp, text) if key else sync.registers.first(stamp, text)
        )  # fmt: skip
        if not new:
            return
        with sync.receiving():
            if not self._exists(text):
                reply = sync.evaluate(event.sender, text)
                event.return_content = reply
            if key == "view":
                self.reapply(stamp)
            if _CLEAR.search(text):
                sync.registers.clear()
            if sync.session.graph.range_dirty:
                sync.session.settle()
        if sync.broadcast:
            sync.send("remote-sync-eval", text, stamp, not_to=event.sender, whole=True)

    @staticmethod
    def _key(text: str) -> str:
        """The register that a graph edit sets, "" when it is an edit that happens once."""
        if _VIEW.match(text):
            return "view"
        found = _INPUTS.match(text)
        if found:
            return f"inputs:{found[1]}"
        found = _SET.search(text)
        return f"media:{found[1]}" if found else ""

    def _exists(self, text: str) -> bool:
        """A node of that type and name that is there already is not made again under
        another name."""
        found = _NODE.match(text)
        if found is None:
            return False
        node = self._sync.session.graph.exact(found[2])
        return node is not None and node.type == found[1]

    def _lut(self, event: StringEvent) -> None:
        sync = self._sync
        payload, _ = self.fields(event)
        stamp = self.take_stamp(event.sender)
        path, _, name = payload.partition(";;")
        node = sync.session.graph.exact(name)
        if node is None or not sync.groups.accepts_pipeline(node):
            return
        if not sync.registers.newer(f"lut:{name}", stamp):
            return
        with sync.receiving():
            sync.evaluate(
                event.sender,
                f'readLUT({texts.quoted(path, fields=False)}, "{name}");',
            )
        if sync.broadcast:
            sync.send("remote-sync-read-lut-complete", payload, stamp, not_to=event.sender)

    # -- pointers --------------------------------------------------------------------------

    def _pointer(self, event: StringEvent) -> None:
        sync = self._sync
        payload, originator = self.fields(event)
        partner = sync.find(event.sender)
        fields = payload.split(";")
        source = fields[0].partition("/")[0]
        if partner is None or len(fields) < 3 or not source or len(source) > 256:
            return
        x, y = atof(fields[1]), atof(fields[2])
        own = originator in ("", "nil", event.sender)
        target = partner if own else self._virtual(originator, event.sender)
        if target is None:
            return
        self._move(target, source, x, y)
        if own and sync.broadcast:  # passed on one hop, no further
            sync.send("remote-sync-pointer", f"{source};{x:f};{y:f}", not_to=event.sender)

    def _virtual(self, originator: str, via: str) -> Partner | None:
        from player.network.sync.sync import Partner

        virtual = self._sync.virtual
        name = "".join(c for c in originator[:256] if c.isprintable())
        if name not in virtual:
            if len(virtual) >= _MAX_VIRTUAL:
                return None
            virtual[name] = Partner(name, via)
        return virtual[name]

    def _move(self, partner: Partner, source: str, x: float, y: float) -> None:
        sync = self._sync
        if source != partner.source:
            partner.trail = []
        partner.source, partner.x, partner.y = source, x, y
        partner.active = True
        partner.moved = sync.clock()
        ui = sync.session.ui
        if sync.settings["sync.pointer_trails"]:
            ui.trails[partner.contact] = list(partner.trail)
            partner.trail = [*partner.trail[-(_MAX_TRAIL - 1) :], (x, y)]
        if sync.settings["sync.show_pointers"]:
            sync.session.ui.pointers[partner.contact] = (source, x, y, sync.session.clock())
            sync.session.ports.ui.redraw()

    def _presence(self, active: bool) -> Callable[[StringEvent], None]:
        def set_active(event: StringEvent) -> None:
            partner = self._sync.find(event.sender)
            if partner is not None:
                partner.active = active
                if not active:
                    self._sync.session.ui.pointers.pop(partner.contact, None)
                    self._sync.session.ui.trails.pop(partner.contact, None)
                    self._sync.session.ports.ui.redraw()

        return set_active
