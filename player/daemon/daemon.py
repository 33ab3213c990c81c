"""A running player: its rooms, its turns, its beginning and its end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from player.audio import Player
from player.daemon.audio import Sound
from player.daemon.exporting import export, snapshot
from player.daemon.face import Face
from player.daemon.gaps import Gaps
from player.daemon.ingest import Ingest
from player.daemon.landed import Landed
from player.daemon.networking import Networking
from player.daemon.rehearsal import Rehearsal
from player.daemon.remote import Buffering, LateMedia, open_first, use_policy
from player.daemon.screens import Screens, default_display
from player.daemon.startup import Startup, listed_sources, session_options
from player.daemon.turns import Turns
from player.image import ImageRenderer, LookAhead
from player.media import PixelStore, Probe
from player.options import Options
from player.scripting.engine import ScriptEngine
from player.session.errors import SessionError
from player.session.ports import Ports
from player.session.session import Profile, Session
from rvshell.errors import ConnectionFailed, RvshellError, UsageError

__all__ = ["Daemon", "run"]

_PIXEL_BUDGET = 4 << 30
_IDLE = 1.0  # seconds between turns when nothing happens: watched files are looked at
_LOADING = 0.03  # seconds of opening media before peers are served again
_GIB = 1 << 30
_FEWEST_READERS, _MOST_READERS = 2, 64
_MOST_TOLD = 1000  # problems of pictures that are reported, each once
_SLOWEST_SOUND, _FASTEST_SOUND = 8000, 384_000
_TILE_TURN = 0.005  # seconds that tiles are collected before the screens are told


def _to_stderr(text: str) -> None:
    print(text.rstrip("\n"), file=sys.stderr, flush=True)


def _collect_from_now_on() -> None:
    """What a start made stays: the collector, which did not run during it, never looks at it."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


class Daemon:
    """A player for these options.  Made and run inside the loop; `report` gets log lines."""

    def __init__(self, options: Options, report: Callable[[str], None] = _to_stderr) -> None:
        self.options = options
        self._report = report
        self._stopping = asyncio.Event()
        self._status = 0
        self._told: set[str] = set()
        self.turns = Turns(self._turn)
        wake = self.turns.wake
        use_policy(options)
        late = LateMedia(wake)
        probe = Probe(on_problem=self._problem, on_opened=late.opened)
        self._readers = probe.readers
        self.pixels = PixelStore(_PIXEL_BUDGET)
        size = options.size or (1280, 720)
        self.renderer = ImageRenderer(
            probe.readers, self.pixels, size=size, exact=options.exact, on_filled=self._filled
        )
        self._waiting = self._fresh = False
        self._looked = 0.0
        self.ahead = LookAhead(
            self.renderer,
            ahead=int(options.lookahead_cache_gb * _GIB),
            region=int(options.region_cache_gb * _GIB),
            wait=options.max_wait,
            # as in RV: without the variable almost all of it is for what comes
            lookback=options.lookback / 100 if os.environ.get("RV_ACTIVE_TAIL_CACHING") else 0.0,
        )
        readers = options.reader_threads or min(max(_FEWEST_READERS, os.cpu_count() or 1), 8)
        self.renderer.cache.set_workers(min(readers, _MOST_READERS))
        self.networking = Networking(options, report, wake)
        self.network = self.networking.control
        sound = None
        if options.audio:
            sound = Player(
                kind=options.audio_module,
                device=options.audio_device,
                rate=int(min(max(options.audio_rate, _SLOWEST_SOUND), _FASTEST_SOUND)),
                report=report,
            )
        profile: Profile = "output" if options.profile == "output" else "display"
        self.session = Session(
            profile=profile,
            ports=Ports(
                media=probe,
                pixels=self.pixels,
                renderer=self.renderer,
                cache=self.ahead,
                network=self.network,
            ),
            clock=sound.clock if sound is not None else time.monotonic,
            options=session_options(options),
        )
        self.sound = Sound(self.session, sound)
        self.session.ports.audio = self.sound
        self.session.warn = report
        self.renderer.attach(self.session)
        self.ahead.attach(self.session)
        late.attach(self.session)
        self.buffering = Buffering(
            self.session,
            self.ahead,
            need=options.prebuffer,
            longest=options.max_wait,
            report=report,
        )
        self._ahead_of: object = None
        self.engine = ScriptEngine(self.session, report=report)
        self.screens = Screens(
            self.session,
            self.renderer,
            kinds=_screen_kinds(options),
            size=size,
            full_screen=options.fullscreen,
            fixed=options.size is not None,
            wake=self.turns.wake_from_thread,
            closed=self.stop,
            report=report,
            pens=self.engine.mu_host.pens,
        )
        self.gaps = Gaps(self.session, self.renderer, self.screens, report)
        self.session.ports.ui = Face(self.screens, report, self.stop)
        self.ingest = Ingest(
            self.session,
            self.engine,
            self.pixels,
            networking=self.networking,
            wake=wake,
            settle=self.turns.now,
            tiles_came=self._tiles_came,
            report=report,
        )
        self.landed = Landed(self.session, self.pixels)
        self.networking.bind(self.session, self.engine, self.ingest)
        self.networking.admin.add_open("tiles", lambda *_: self.screens.tile_counts())
        self.screens.answered = self.networking.answer
        if self.screens.watched:
            self.screens.was_shown = Rehearsal(self.session, self.renderer, self.sound).shown
        self.startup = Startup(self.session, self.engine, options, report)

    # -- turns -------------------------------------------------------------------------------

    def _tiles_came(self, count: int) -> None:
        self.screens.tiles += count
        self.screens.give_way()
        self.turns.wake_within(_TILE_TURN)

    def _filled(self) -> None:
        """A picture was read ahead.  In a thread of the cache."""
        if self._waiting:
            self._fresh = True
            self.turns.wake_from_thread()

    def _problem(self, reason: str) -> None:
        """Tell why media or a picture cannot be read, once."""
        if reason not in self._told:
            if len(self._told) >= _MOST_TOLD:
                self._told.clear()
            self._told.add(reason)
            self._report(f"ERROR: {reason}")

    def _look_again(self, now: float) -> None:
        """Ask anew for a picture that could not be read, when there is hope."""
        problems = self.renderer.problems()
        for reason in problems:
            self._problem(reason)
        unfinished = bool(problems) or self.renderer.unfinished
        due = self.session.playback.buffering or unfinished
        self._waiting = due or bool(self.renderer.gaps())
        if self._waiting and (self._fresh or now - self._looked >= _IDLE):
            self._looked = now
            self._fresh = False
            if due or self.renderer.gap_filled():
                self.screens.redraw()

    def _turn(self) -> float | None:
        """The session's turn: the clock, what is pending, the screens."""
        session, screens = self.session, self.screens
        playback = session.playback
        now = session.clock()
        # one step per picture shown, as RV does it: a slow screen skips or waits by the mode
        if screens.ready:
            playback.tick(now)
        later = self.landed.announce(now)
        settled = session.settle(now + _LOADING)
        self.startup.step()
        self.engine.poll(now)
        self.buffering.update()
        self.sound.update()
        self.gaps.update()
        self._look_again(now)
        screens.update()
        if later is not None:
            self.turns.wake_within(later)
        if self._read_ahead():
            self.turns.wake()
        loop_now = self.turns.time()
        if not settled:
            return loop_now  # more media waits; the peers come first
        due = playback.deadline() if playback.playing else None
        if due is None:
            return loop_now + _IDLE if self.engine.waiting or self._waiting else None
        if not screens.ready:
            return loop_now + _IDLE  # the screen wakes us when it is ready
        return loop_now + max(0.0, due - now)

    def _read_ahead(self) -> bool:
        """Tell the cache what is needed next; True when there is more to tell."""
        # pixels that land, which may be all the time, leave what is read from files as it is
        revision = self.session.graph.revision - self.landed.changes
        if revision != self._ahead_of:
            self._ahead_of = revision
            self.ahead.invalidate()
        return self.ahead.update()

    # -- life ----------------------------------------------------------------------------------

    def stop(self) -> None:
        """Ask the daemon to end."""
        self._stopping.set()

    def _interrupted(self, number: int) -> None:
        if not self._stopping.is_set():
            self._status = 0 if number == signal.SIGTERM else 130
            self.stop()
        elif number == signal.SIGINT:  # a second Ctrl-C
            raise KeyboardInterrupt

    async def run(self) -> int:
        """Serve until stopped; returns the exit status."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._interrupted, signal.SIGINT)
        # not by the loop, which would give the signal back to the system when it closes
        signal.signal(
            signal.SIGTERM,
            lambda number, frame: loop.call_soon_threadsafe(self._interrupted, number),
        )
        # a terminal that closes is a lost screen, and others may still be connected
        loop.add_signal_handler(signal.SIGHUP, lambda: None)
        try:
            await self._open_screens()
            self.renderer.unwatched = not self.screens.open
            await self._listen()
            asked = self.options.display or not listed_sources(self.options)
            if not (asked or default_display()):
                self._report("INFO: neither a desktop nor a terminal: nothing is shown (--display)")
            _collect_from_now_on()
            stopped = asyncio.ensure_future(self._stopping.wait())
            opening = asyncio.ensure_future(open_first(self._readers, listed_sources(self.options)))
            await asyncio.wait({stopped, opening}, return_when=asyncio.FIRST_COMPLETED)
            if opening.done():
                opening.result()
                self.startup.load()
                self.turns.wake()
            opening.cancel()
            await stopped
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # some programs send it twice
            await self._close()
        return self._status

    async def _open_screens(self) -> None:
        """Open the screens.  One that nobody asked for by name may be missing (DISPLAY of a
        desktop that is gone, no SDL): the player goes on without it."""
        try:
            await self.screens.start()
        except RvshellError as error:
            if self.options.display:
                raise
            self._report(f"WARNING: {error.describe()}; going on without a screen")
            self.screens.give_up()

    async def _listen(self) -> None:
        options = self.options
        if not options.network:
            return
        try:
            port = await self.network.start()
        except ConnectionFailed:
            if not self.screens.open:
                raise  # nobody could ever reach this player
            return
        if options.port_file:
            try:
                Path(options.port_file).write_text(f"{port}\n")
            except OSError as error:
                self._report(f"ERROR: {options.port_file}: cannot be written: {error.strerror}")
        if options.connect is not None:
            host, their_port = options.connect
            self.network.connect("", host, their_port, keep=True)

    async def _close(self) -> None:
        """Stop listening, say goodbye, stop showing, let go of the files."""
        self.turns.close()
        self.networking.close()
        await self.network.close()
        await self.screens.stop()
        self.sound.close()
        self.engine.close()
        with contextlib.suppress(OSError):
            self.renderer.close()
            self._readers.close()


def _screen_kinds(options: Options) -> list[str]:
    """The sinks to open; raises UsageError for a name that is none."""
    kinds = [k for k in (options.display or default_display()).split(",") if k and k != "null"]
    out = []
    for kind in kinds:
        if kind == "png":
            if not options.snapshot:
                raise UsageError(
                    "--display png needs a file", hint="--display png --snapshot FILE.png"
                )
            kind = f"png:{options.snapshot}"
        out.append(kind)
    return out


def run(options: Options) -> int:
    """Run a player with these options until it is stopped; the exit status."""
    levels = {"error": logging.ERROR, "warning": logging.WARNING, "info": logging.INFO}
    logging.basicConfig(
        level=levels.get(options.log_level, logging.DEBUG),
        format="%(levelname)s: %(message)s",
        stream=sys.stderr,
    )

    async def main() -> int:
        return await Daemon(options).run()

    try:
        if options.export:
            _collect_from_now_on()
            return export(options, _to_stderr)
        if options.snapshot and not options.display:
            _collect_from_now_on()
            return snapshot(options, _to_stderr)
        return asyncio.run(main())
    except KeyboardInterrupt:
        return 130
    except (RvshellError, SessionError) as error:
        text = error.describe() if isinstance(error, RvshellError) else str(error)
        print(f"{'ERROR' if options.as_rvio else 'player'}: {text}", file=sys.stderr)
        return error.exit_code if isinstance(error, RvshellError) else 1
