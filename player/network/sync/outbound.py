"""Local events as sync messages: what this player's user does, told to the partners.

Nothing is sent while a remote change is being applied.  Frames are told only while nothing
plays: players run freely and meet again when they stop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from player.network.sync import texts
from player.session.events import PointerEvent, StringEvent
from player.session.node import Node

if TYPE_CHECKING:
    from player.network.sync.sync import Sync

__all__ = ["Outbound"]

_TURNS = ("turn-around", "buffering")


class Outbound:
    """The bindings of local events."""

    def __init__(self, sync: Sync) -> None:
        self._sync = sync
        self._changing_view = False

    def handlers(self) -> dict[str, Callable[[Any], None]]:
        """Event -> handler."""
        table: dict[str, Callable[[Any], None]] = {
            "frame-changed": self._frame_changed,
            "play-start": self._play("remote-sync-play-start"),
            "play-stop": self._play("remote-sync-play-stop"),
            "play-inc": self._inc,
            "new-in-point": self._in_point,
            "new-out-point": self._out_point,
            "mark-frame": self._mark("remote-sync-mark-frame"),
            "unmark-frame": self._mark("remote-sync-unmark-frame"),
            "fps-changed": self._fps,
            "realtime-play-mode": self._realtime,
            "play-all-frames-mode": self._realtime,
            "play-mode-changed": self._mode,
            "mode-toggled": self._toggled,
            "graph-state-change": self._changed,
            "graph-state-change-insert": self._inserted,
            "graph-new-property": self._new_property,
            "new-node": self._new_node,
            "after-node-delete": self._deleted,
            "graph-node-inputs-changed": self._inputs,
            "before-graph-view-change": self._before_view,
            "after-graph-view-change": self._view,
            "source-modified": self._media_added,
            "media-relocated": self._media_moved,
            "source-media-set": self._media_set,
            "session-clear-everything": self._cleared,
            "read-lut-complete": self._lut,
        }
        unlocked: dict[str, Callable[[Any], None]] = {
            "pointer--move": self._pointer,
            "stylus-pen--move": self._pointer,
            "pointer--enter": self._presence("remote-sync-enter"),
            "pointer--leave": self._presence("remote-sync-leave"),
            "before-session-read": lambda event: self._reading(True),
            "after-session-read": lambda event: self._reading(False),
        }
        return {name: self._unless_locked(f) for name, f in table.items()} | unlocked

    def _unless_locked(self, handler: Callable[[Any], None]) -> Callable[[Any], None]:
        def handle(event: Any) -> None:
            sync = self._sync
            if not sync.locked and sync.partners:
                handler(event)

        return handle

    def _reading(self, on: bool) -> None:
        """Loading a session file is nobody else's business.  A file that cannot be read has
        no second event: `Sync.tick` and the next message end it, too."""
        self._sync.reading = on

    # -- transport -------------------------------------------------------------------------

    def _register(self, key: str, event: str, payload: str, value: Any = None) -> None:
        sync = self._sync
        stamp = sync.registers.now()
        sync.registers.newer(key, stamp, (event, payload) if value is None else value)
        sync.send(event, payload, stamp)

    def _frame_changed(self, event: StringEvent) -> None:
        session = self._sync.session
        if session.playback.playing or event.contents in _TURNS:
            return
        payload = str(session.playback.frame)
        if session.ui.scrubbed:
            payload += ";;scrubbed"
        self._register("transport", "remote-sync-frame-changed", payload)

    def _play(self, name: str) -> Callable[[StringEvent], None]:
        def tell(event: StringEvent) -> None:
            if event.contents not in _TURNS:
                frame = self._sync.session.playback.frame
                self._register("transport", name, str(frame))

        return tell

    def _inc(self, event: StringEvent) -> None:
        """RV stops and starts around the message: the others hear stop, direction, start."""
        playback = self._sync.session.playback
        playing = playback.playing
        if playing:
            playback.stop()
        self._register("inc", "remote-sync-play-inc", str(playback.inc))
        if playing:
            playback.play()

    def _in_point(self, event: StringEvent) -> None:
        if not self._changing_view:
            frame = self._sync.session.playback.in_point
            self._register("in", "remote-sync-new-in-point", str(frame))

    def _out_point(self, event: StringEvent) -> None:
        if not self._changing_view:  # inclusive on the wire, exclusive in the local event
            frame = self._sync.session.playback.out_point - 1
            self._register("out", "remote-sync-new-out-point", str(frame))

    def _mark(self, name: str) -> Callable[[StringEvent], None]:
        def tell(event: StringEvent) -> None:
            self._register(f"mark:{event.contents}", name, event.contents)

        return tell

    def _fps(self, event: StringEvent) -> None:
        self._register("fps", "remote-sync-fps", f"{self._sync.session.playback.fps:f}")

    def _realtime(self, event: StringEvent) -> None:
        on = self._sync.session.playback.realtime
        name = "remote-sync-realtime" if on else "remote-sync-play-all-frames"
        self._register("realtime", name, "")

    def _mode(self, event: StringEvent) -> None:
        mode = self._sync.session.playback.mode
        self._register("mode", "remote-sync-play-mode", str(mode))

    def _toggled(self, event: StringEvent) -> None:
        name, _, state = event.contents.partition("|")
        if name and "|" not in state:
            self._register(f"toggle:{name}", "remote-mode-toggled", event.contents)

    # -- properties ------------------------------------------------------------------------

    def _property(self, full: str) -> tuple[Node, str, str] | None:
        """Node, property and `#Type` name of a full property name that can be sent."""
        name, _, rest = full.partition(".")
        node = self._sync.session.graph.exact(name)
        if node is None or any(c in full for c in '|&/"\\'):
            return None
        return node, rest, f"#{node.type}.{rest}"

    def _changed(self, event: StringEvent) -> None:
        found = self._property(event.contents)
        if found is None:
            return
        node, rest, alt = found
        sync, full = self._sync, event.contents
        if not sync.groups.sends(full, alt, node):
            return
        if sync.groups.inserted_only(alt):
            return
        prop = node.prop(rest)
        text = "" if prop is None else texts.change_text(full, prop)
        if not text:
            return
        if alt == "#RVDisplayStereo.stereo.type" and prop is not None:
            hardware = bool(prop.values) and "hardware" in prop.values[0]
            text += f"; setHardwareStereoMode({'true' if hardware else 'false'});"
        stamp = sync.registers.now()
        sync.registers.newer(f"prop:{full}", stamp)
        sync.send("remote-sync-graph-state", f"{full}/{alt}/{text}", stamp)

    def _inserted(self, event: StringEvent) -> None:
        full, index, count = event.contents.split(";")
        found = self._property(full)
        if found is None:
            return
        node, rest, alt = found
        sync = self._sync
        if not sync.groups.listed(full, alt):
            return
        prop = node.prop(rest)
        text = "" if prop is None else texts.insert_text(full, prop, int(index), int(count))
        if text:
            payload = f"{full}/{alt}/{text}"
            stamp = sync.registers.now()
            sync.registers.first(stamp, payload)
            sync.send("remote-sync-graph-state", payload, stamp, min_version=2)

    def _new_property(self, event: StringEvent) -> None:
        full = event.contents.rpartition(";")[2]
        found = self._property(full)
        if found is None:
            return
        node, rest, alt = found
        sync = self._sync
        prop = node.prop(rest)
        if prop is None or not sync.groups.listed(full, alt):
            return
        text = texts.create_text(full, prop)
        if text:
            payload = f"{full}/{alt}/{text}"
            stamp = sync.registers.now()
            sync.registers.first(stamp, payload)
            sync.send("remote-sync-new-property", payload, stamp)

    # -- the graph -------------------------------------------------------------------------

    def _eval(self, body: str, key: str = "") -> None:
        sync = self._sync
        stamp = sync.registers.now()
        text = texts.guarded(body)
        if key:
            sync.registers.newer(key, stamp, text)
        else:
            sync.registers.first(stamp, text)
        sync.send("remote-sync-eval", text, stamp, whole=True)

    def _paths(self, values: list[str]) -> str:
        restore = self._sync.session.paths.restore
        items = ", ".join(texts.quoted(restore(v), fields=False) for v in values)
        return f"string[] {{{items}}}"

    def _new_node(self, event: StringEvent) -> None:
        node = self._sync.session.graph.exact(event.contents)
        if node is None:
            return
        if node.type != "RVFileSource":
            self._eval(f'commands.newNode("{node.type}", "{node.name}");')
            return
        media = self._paths(list(node.get("media.movie")))
        self._eval(
            " { let cmode = cacheMode(); commands.setCacheMode(commands.CacheOff); "
            f'commands.addSource({media}, "sync"); commands.setCacheMode(cmode); }} '
        )

    def _deleted(self, event: StringEvent) -> None:
        self._eval(f'deleteNode("{event.contents}");')

    def _inputs(self, event: StringEvent) -> None:
        node = self._sync.session.graph.exact(event.contents)
        if node is None or node.type in ("RVDisplayGroup", "Root", "RVViewGroup", "RVOutputGroup"):
            return
        names = ", ".join(f'"{n.name}"' for n in node.inputs)
        body = f'setNodeInputs("{node.name}", string[] {{{names}}});'
        self._eval(body, f"inputs:{node.name}")

    def _before_view(self, event: StringEvent) -> None:
        self._changing_view = True

    def _view(self, event: StringEvent) -> None:
        self._changing_view = False
        self._eval(f'setViewNode("{event.contents}");', "view")
        self._sync.transfer.send_state()

    def _cleared(self, event: StringEvent) -> None:
        self._eval("require rvui; rvui.clearEverything();")
        self._sync.registers.clear()

    def _media_change(self, body: str, key: str) -> None:
        if self._sync.groups.send_media:
            self._eval(f" require sync; if (sync.acceptingMediaChanges()) {body} ", key)

    def _media_added(self, event: StringEvent) -> None:
        fields = event.contents.split(";;")
        if len(fields) > 2:
            path = texts.quoted(self._sync.session.paths.restore(fields[2]), fields=False)
            self._media_change(f'commands.addToSource("{fields[0]}", {path}, "sync");', "")

    def _media_moved(self, event: StringEvent) -> None:
        fields = event.contents.split(";;")
        if len(fields) > 2:
            old = texts.quoted(fields[1], fields=False)
            new = texts.quoted(self._sync.session.paths.restore(fields[2]), fields=False)
            self._media_change(f'commands.relocateSource("{fields[0]}", {old}, {new});', "")

    def _media_set(self, event: StringEvent) -> None:
        name = event.contents.partition(";;")[0]
        node = self._sync.session.graph.exact(name)
        if node is None:
            return
        media = self._paths(list(node.get("media.movie")))
        self._media_change(
            "{ let cmode = cacheMode(); commands.setCacheMode(commands.CacheOff); "
            f'commands.setSourceMedia("{name}", {media}, "sync"); '
            "commands.setCacheMode(cmode); }",
            f"media:{name}",
        )

    def _lut(self, event: StringEvent) -> None:
        path, _, name = event.contents.partition(";;")
        node = self._sync.session.graph.exact(name)
        if node is not None and self._sync.groups.sends_lut(node):
            payload = f"{self._sync.session.paths.restore(path)};;{name}"
            self._register(f"lut:{name}", "remote-sync-read-lut-complete", payload)

    # -- pointer ---------------------------------------------------------------------------

    def _pointer(self, event: PointerEvent) -> None:
        """Where the pointer is in the picture under it: image-centred, image height 1."""
        sync = self._sync
        if not sync.partners:
            return
        try:
            images = sync.session.ports.renderer.images_at(*event.pointer, None, True)
            name = str(images[0].name).split("/")[0] if images else ""
            if not name:
                return
            x, y = sync.commands.eventToImageSpace(name, event.pointer, True)
        except Exception:  # no picture there
            return
        self.point(name, x, y)

    def point(self, source: str, x: float, y: float) -> None:
        """Send a pointer position, as `rvshell sync point` does."""
        self._sync.send("remote-sync-pointer", f"{source};{x:f};{y:f}")

    def _presence(self, name: str) -> Callable[[Any], None]:
        def tell(event: Any) -> None:
            if self._sync.partners:
                self._sync.send(name, "-")

        return tell
