"""Whole sessions between partners: pull, push, and the transport state behind them.

A session goes as RV sends it: `DATAEVENT(remote-push-session,SESSION,session-data)` with a
gzipped binary GTO file, then the frame.  What comes may be text as well.  It is read
completely before the session is touched, so that a file that cannot be read changes nothing
and leaves no lock behind.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from player.network.sync.stamps import Stamp
from player.session.errors import SessionError
from player.session.events import DataEvent, StringEvent
from player.session.files import SessionFileError, parse_gto, save_session
from player.session.node import Node
from rvshell.errors import CommandFailed

if TYPE_CHECKING:
    from player.network.sync.sync import Sync

__all__ = ["Transfer"]

_PULL_TIMEOUT: Final = 60.0  # seconds for a session that was asked for
_MAX_STATE: Final = 1 << 20


class Transfer:
    """Pull, push and the bindings for them."""

    def __init__(self, sync: Sync) -> None:
        self._sync = sync
        self._log = logging.getLogger("player.sync")
        self._expected: dict[str, float] = {}

    def handlers(self) -> dict[str, Callable[[Any], None]]:
        """Event -> handler."""
        return {
            "remote-pull-session": self._pulled,
            "remote-push-session": self._pushed,
            "remote-sync-player-state": self._state,
        }

    # -- sending ---------------------------------------------------------------------------

    def pull(self, contact: str = "") -> None:
        """Ask a partner (the only one, unless named) for its session.

        Raises CommandFailed without a partner, or with several and none named.
        """
        sync = self._sync
        sync.need_partners()
        if not contact and len(sync.partners) > 1:
            raise CommandFailed(
                "can't request session from more than one connection",
                hint=f"name one: {', '.join(p.contact for p in sync.partners)}",
            )
        partner = sync.find(contact) if contact else sync.partners[0]
        if partner is None:
            raise CommandFailed(f"{contact} does not sync", hint="rvshell sync status")
        self.expect(partner.contact)
        sync.network.send_event(
            "remote-pull-session", partner.session, f"|{sync.session.name}|", [partner.contact]
        )
        sync.say("Requesting Session Data ... ")

    def expect(self, contact: str) -> None:
        """Our question for a session is on its way."""
        self._expected[contact] = self._sync.clock() + _PULL_TIMEOUT

    @property
    def waiting(self) -> bool:
        """Whether a session that was asked for has not come yet."""
        now = self._sync.clock()
        self._expected = {c: t for c, t in self._expected.items() if t > now}
        return bool(self._expected)

    def push_all(self) -> None:
        """Send the session to every partner.  Raises CommandFailed without one."""
        sync = self._sync
        sync.need_partners()
        data = self._data()
        sync.say("Sending Session Data ... ")
        for partner in sync.partners:
            self._push(partner.contact, partner.session, data)
        self._frame()

    def _data(self) -> bytes:
        """The session as RV writes it for others."""
        session = self._sync.session
        name, locked = session.file_name, self._sync.receiving()
        with tempfile.TemporaryDirectory(prefix="player-sync-") as folder, locked:
            path = os.path.join(folder, "SessionToRemote.rv")
            try:
                save_session(session, path, as_copy=True, compressed=True)
            except (SessionFileError, OSError) as error:
                raise CommandFailed(f"the session cannot be written: {error}") from None
            session.file_name = name
            return Path(path).read_bytes()

    def _push(self, contact: str, session: str, data: bytes) -> None:
        self._sync.network.send_data_event(
            "remote-push-session", session, "session-data", data, [contact]
        )

    def _frame(self) -> None:
        playback = self._sync.session.playback
        self._sync.send("remote-sync-frame-changed", str(playback.frame))
        self.send_state()

    def _pulled(self, event: StringEvent) -> None:
        """A partner asks for our session."""
        sync = self._sync
        partner = sync.find(event.sender)
        if partner is None:
            self._log.warning("%s asks for the session but does not sync", event.sender)
            return
        try:
            data = self._data()
        except CommandFailed as error:
            self._log.error("%s", error)
            return
        sync.say("Sending Session Data ... ")
        self._push(partner.contact, partner.session, data)
        self._frame()

    # -- receiving -------------------------------------------------------------------------

    def _pushed(self, event: DataEvent) -> None:
        """A partner's session replaces ours."""
        sync, session = self._sync, self._sync.session
        self._expected.pop(event.sender, None)
        if sync.find(event.sender) is None:
            self._log.warning("%s pushed a session but does not sync: ignored", event.sender)
            return
        sync.activity = sync.clock()
        try:
            parsed = parse_gto(event.data, "session data")
            if not any(o.protocol == "RVSession" for o in parsed.objects):
                raise SessionFileError("it holds no RVSession")
        except (SessionFileError, ValueError) as error:
            self._log.error("session data of %s cannot be read: %s", event.sender, error)
            return
        stereo = self._stereo()
        name, mode = session.file_name, session.cache_mode
        with tempfile.TemporaryDirectory(prefix="player-sync-") as folder, sync.receiving():
            path = os.path.join(folder, "SessionFromContact.rv")
            Path(path).write_bytes(event.data)
            session.set_cache_mode(0)
            try:
                session.read_session(path, False)
            except (SessionFileError, SessionError) as error:
                self._log.error("session data of %s: %s", event.sender, error)
            finally:
                session.set_cache_mode(mode)
                session.file_name = name
                for node in self._displays():
                    node.assign("stereo.type", [stereo])
            session.settle()
            sync.registers.clear()
        sync.agreement.taken(event.sender)
        sync.say(f"Session of {event.sender}")
        session.ports.ui.redraw()

    def _displays(self) -> list[Node]:
        """The stereo nodes of our display: how we see it is not the partner's business."""
        session = self._sync.session
        nodes = session.graph.by_type("RVDisplayStereo")
        return [node for node in nodes if node.group is session.display]

    def _stereo(self) -> str:
        nodes = self._displays()
        return str(nodes[0].one("stereo.type", "off")) if nodes else "off"

    # -- transport between players ---------------------------------------------------------

    def send_state(self) -> None:
        """Tell players what the view's state is now: frame, rate, region, marks and the rest.
        RV restores its own when the view changes, and has no message for all of it."""
        sync, playback = self._sync, self._sync.session.playback
        if not any(p.player is not None for p in sync.partners):
            return
        stamp = sync.registers.now()
        state = {
            "frame": playback.frame,
            "fps": playback.fps,
            "in": playback.in_point,
            "out": playback.out_point,
            "marks": list(playback.marks),
            "inc": playback.inc,
            "mode": playback.mode,
            "realtime": playback.realtime,
        }
        self._note(state, stamp)
        sync.send("remote-sync-player-state", json.dumps(state), stamp, players=True, whole=True)

    def _note(self, state: dict[str, Any], stamp: Stamp) -> dict[str, bool]:
        """Take the stamp in every register of the state; which ones it is new for."""
        newer = self._sync.registers.newer
        values = {
            "transport": ("remote-sync-frame-changed", str(state["frame"])),
            "fps": ("remote-sync-fps", f"{state['fps']:f}"),
            "in": ("remote-sync-new-in-point", str(state["in"])),
            "out": ("remote-sync-new-out-point", str(state["out"] - 1)),
            "inc": None,
            "mode": None,
            "realtime": None,
            "marks": None,
        }
        return {key: newer(key, stamp, value) for key, value in values.items()}

    def _state(self, event: StringEvent) -> None:
        sync = self._sync
        playback = sync.session.playback
        stamp = sync.inbound.take_stamp(event.sender)
        if sync.find(event.sender) is None or len(event.contents) > _MAX_STATE:
            return
        try:
            found = json.loads(event.contents)
            state = {k: int(found[k]) for k in ("frame", "in", "out", "inc", "mode")}
            marks = {int(m) for m in found["marks"]}
            fps, realtime = float(found["fps"]), bool(found["realtime"])
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
            self._log.warning("%s: a state that cannot be read", event.sender)
            return
        if not sync.settings["sync.follow_transport"] or not 0.0 < fps < 1e6:
            return
        sync.activity = sync.clock()
        if sync.session.graph.range_dirty:
            sync.session.settle()
        new = self._note({**state, "fps": fps}, stamp)
        with sync.receiving():
            if new["fps"] and fps != playback.fps:
                playback.set_fps(fps)
            if new["in"]:
                playback.store_in(state["in"])
            if new["out"]:
                playback.store_out(state["out"])
            if new["inc"] and playback.inc != state["inc"]:
                playback.set_inc(state["inc"])
            if new["mode"]:
                playback.set_mode(state["mode"])
            if new["realtime"]:
                playback.set_realtime(realtime)
            if new["marks"]:
                for mark in marks.symmetric_difference(playback.marks):
                    if sync.registers.older(f"mark:{mark}", stamp):
                        continue  # that very mark was changed since
                    (playback.mark if mark in marks else playback.unmark)(mark)
            if new["transport"] and not playback.playing:
                playback.set_frame(state["frame"])
        if any(new.values()) and sync.broadcast:
            sync.send(
                "remote-sync-player-state", event.contents, stamp,
                not_to=event.sender, players=True, whole=True,
            )  # fmt: skip
