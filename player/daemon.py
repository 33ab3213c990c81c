"""The daemon: wires the rooms together and owns the loop and the order of shutting down.

Theory of operation: one asyncio loop owns the session. Network records come in through
:class:`NetworkDoor`, change the session, and mark it changed; one ``settle`` follows each batch
of input, as RV's main loop does between events. A picture is offered to the display when
something changed; the display's own thread renders and shows it, and drops rather than queues.
"""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import signal
import sys
import time
from collections.abc import Callable
from typing import Literal

from player.display import Display, open_sink
from player.image import ImageRenderer, LookAhead
from player.media import BadTile, PixelStore, Probe
from player.network import Peer, Server
from player.options import Options
from player.scripting.engine import ScriptEngine
from player.session.events import PixelBlockEvent
from player.session.ports import Ports
from player.session.session import Session
from rvshell.protocol import DEFAULT_PORT, PixelTile

__all__ = ["Daemon", "run"]

Profile = Literal["display", "output"]

_PIXEL_BUDGET = 4 << 30
_FRAME_SECONDS = 1 / 240


class _Tile:
    """A tile on its way into its landings, or into an event when a script listens."""

    def __init__(self, daemon: Daemon, header: PixelTile, landings: list) -> None:  # type: ignore[type-arg]
        self._daemon = daemon
        self._header = header
        self._landings = landings

    def buffer(self) -> memoryview | None:
        """Where the bytes go straight, when there is one contiguous destination."""
        if len(self._landings) == 1:
            view: memoryview | None = self._landings[0].view
            return view
        return None

    def write(self, data: memoryview) -> None:
        """The whole payload."""
        if not self._landings:
            self._daemon.tile_event(self._header, bytes(data))
            return
        for landing in self._landings:
            landing.write(data)

    def done(self) -> None:
        """The payload is complete."""
        for landing in self._landings:
            if len(self._landings) == 1 and landing.view is not None:
                landing.done()
        self._daemon.pixels_changed()

    def aborted(self) -> None:
        """The connection died in the middle; what arrived stays."""


class Daemon:
    """A running player."""

    def __init__(self, options: Options, report: Callable[[str], None] | None = None) -> None:
        self.options = options
        self._report = report or (lambda text: print(text.rstrip("\n"), file=sys.stderr))
        self.probe = Probe()
        self.pixels = PixelStore(_PIXEL_BUDGET)
        width, height = options.size or (1280, 720)
        self.renderer = ImageRenderer(self.probe.readers, self.pixels, size=(width, height))
        self.ahead = LookAhead(self.renderer)
        ports = Ports(
            media=self.probe, pixels=self.pixels, renderer=self.renderer, cache=self.ahead
        )
        profile: Profile = "output" if options.profile == "output" else "display"
        self.session = Session(ports=ports, profile=profile)
        self.renderer.attach(self.session)
        self.ahead.attach(self.session)
        self.engine = ScriptEngine(self.session, report=self._report)
        self.server: Server | None = None
        self.display: Display | None = None
        self._dirty = asyncio.Event()
        self._stop = asyncio.Event()
        self.session.on_change(self._dirty.set)

    # -- network.Handler ---------------------------------------------------------------------

    async def admit(self, peer: Peer) -> bool:
        """Local peers are always let in; others by ``-networkPerm``."""
        return peer.local or self.options.permission == 1

    def connected(self, peer: Peer) -> None:
        """A peer has been greeted."""
        self.session.send("remote-connection-start", peer.contact)

    def disconnected(self, peer: Peer, reason: str) -> None:
        """A peer has gone."""
        self.session.send("remote-connection-stop", peer.contact)

    def event(self, peer: Peer, name: str, contents: str, wants_reply: bool) -> str:
        """EVENT or RETURNEVENT."""
        reply = self.engine.dispatcher.event(peer.contact, name, contents, wants_reply)
        self._dirty.set()
        return reply

    def data(self, peer: Peer, event: str, target: str, content_type: str, payload: bytes) -> None:
        """DATAEVENT."""
        self.engine.dispatcher.data(peer.contact, event, content_type, payload)
        self._dirty.set()

    def tile(self, peer: Peer, header: PixelTile) -> _Tile | None:
        """PIXELTILE: where its bytes go; None to throw them away."""
        if not self.engine.dispatcher.pixel_block_is_default():
            return _Tile(self, header, [])
        try:
            landings = self.pixels.landings(
                header.media, header.frame, header.view, header.layer,
                header.x, header.y, header.width, header.height, header.size,
            )  # fmt: skip
        except BadTile as error:
            self._report(f"ERROR: tile for {header.media} from {peer.contact}: {error}")
            return None
        return _Tile(self, header, landings) if landings else None

    def tile_event(self, header: PixelTile, payload: bytes) -> None:
        """A tile that a script wants to see first."""
        event = PixelBlockEvent(
            header.event, header.media, header.layer, header.view, header.frame,
            header.x, header.y, header.width, header.height, payload,
        )  # fmt: skip
        self.engine.dispatcher.tile(event)

    def pixels_changed(self) -> None:
        """Tiles have landed."""
        self._dirty.set()

    # -- life --------------------------------------------------------------------------------

    def stop(self) -> None:
        """Ask the daemon to end; a second request ends it at once."""
        if self._stop.is_set():
            raise KeyboardInterrupt
        self._stop.set()

    async def run(self) -> int:
        """Serve until stopped; returns the exit status."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop)
        options = self.options
        if options.network:
            name = options.user or getpass.getuser()

            port = DEFAULT_PORT if options.port is None else options.port
            self.server = Server(self, name=name, host=options.listen, port=port, tag=options.tag)
            await self.server.start()
        if options.display and options.display != "null":
            kind = options.display
            width, height = options.size or (1280, 720)
            self.display = Display([lambda: open_sink(kind, width=width, height=height)])
            await loop.run_in_executor(None, self.display.start)
        self._load()
        try:
            await self._serve()
        finally:
            await self._close()
        return 0

    def _load(self) -> None:
        """The command line's media and scripts."""
        if self.options.inputs:
            quoted = ", ".join('"' + p.replace('"', '\\"') + '"' for p in self.options.inputs)
            self.engine.mu(f'addSources(string[] {{{quoted}}}, "", false, false);')
        self.session.settle(time.monotonic())
        if self.options.eval_mu:
            self._report(f"INFO: eval returned: {self.engine.mu(self.options.eval_mu)}")
        if self.options.play:
            self.engine.mu("play()")
        self._dirty.set()

    async def _serve(self) -> None:
        stopping = asyncio.ensure_future(self._stop.wait())
        try:
            while not self._stop.is_set():
                playing = self.session.playback.playing
                wait = asyncio.ensure_future(self._dirty.wait())
                await asyncio.wait(
                    {wait, stopping},
                    timeout=_FRAME_SECONDS if playing else 1.0,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                wait.cancel()
                changed = self._dirty.is_set()
                self._dirty.clear()
                now = time.monotonic()
                frame = self.session.playback.frame
                self.session.playback.tick(now)
                self.session.settle(now)
                self.engine.poll(now)
                if (changed or frame != self.session.playback.frame) and self.display is not None:
                    job = self.renderer.job(quick=playing)
                    self.display.offer(job, frame=self.session.playback.frame)
        finally:
            stopping.cancel()

    async def _close(self) -> None:
        """Stop listening, say goodbye, stop showing, let go of the files."""
        if self.server is not None:
            await self.server.close()
        loop = asyncio.get_running_loop()
        if self.display is not None:
            await loop.run_in_executor(None, self.display.stop)
        self.engine.close()
        with contextlib.suppress(OSError):
            self.renderer.close()
            self.probe.readers.close()


def run(options: Options) -> int:
    """Run a player with these options until it is stopped."""

    async def main() -> int:
        return await Daemon(options).run()

    try:
        return asyncio.run(main())
    except KeyboardInterrupt:
        return 130
