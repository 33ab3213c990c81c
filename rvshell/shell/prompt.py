"""The prompt: reads lines, shows the state of the far end below them, and runs them.

Lines run exactly as a command file's lines do (``rvshell.script``), except that an error never
ends the session. See the room's docstring for who does what.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.auto_suggest import AutoSuggest, AutoSuggestFromHistory, Suggestion
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Condition, to_filter
from prompt_toolkit.history import History, InMemoryHistory
from prompt_toolkit.output.color_depth import ColorDepth
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.shortcuts import CompleteStyle

from rvshell.client import find_players
from rvshell.errors import LinkError, RvshellError
from rvshell.script.checks import report
from rvshell.script.run import Leave
from rvshell.script.runners import runner_of
from rvshell.shell import looks, mufront, ownverbs
from rvshell.shell.board import Board
from rvshell.shell.completer import EngineCompleter
from rvshell.shell.drawing import RESERVED, Drawing, terminal_width
from rvshell.shell.engine import prepare
from rvshell.shell.events import EventPrinter
from rvshell.shell.history import open_history
from rvshell.shell.jobs import Jobs
from rvshell.shell.keys import bindings
from rvshell.shell.lexers import ModeLexer
from rvshell.shell.live import LiveRemote
from rvshell.shell.recall import Recall
from rvshell.shell.refresh import Refresher, vocabulary
from rvshell.shell.snapshot import Snapshot
from rvshell.shell.typed import Typed
from rvshell.verbs.output import escape, is_plain, shell_quote
from rvshell.verbs.registry import REGISTRY
from rvshell.verbs.rvcommands import events
from rvshell.verbs.settings import config_folder
from rvshell.verbs.targets import settings_of

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__ = ["PROMPT", "Shell", "run"]

PROMPT = "rv:%t[ %v][ %f/%e%s][ %m]> "
AHEAD = 0.05  # seconds in which a prompt that is drawn reads what was typed before
LAST = 15.0  # seconds in which a shell that is to end has ended
REDRAW = 0.1  # seconds between two drawings of the toolbar at most: 10 Hz


class _Hints(AutoSuggest):
    """The grey text behind the cursor: the line from history, else the rest of the usage."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.history = AutoSuggestFromHistory()

    def get_suggestion(self, buffer: Buffer, document: Document) -> Suggestion | None:
        if not document.text.strip() or self.shell.recall.active():
            return None
        return self.history.get_suggestion(buffer, document)


class Shell:
    """One interactive session."""

    def __init__(self, ctx: Context, *, simple: bool = False) -> None:
        self.ctx = ctx
        self.settings = settings_of(ctx)
        self.mode = "verbs"
        self.multiline = False
        self.force = False  # Alt-Enter: send it whatever is thought of it here
        self.form = self.settings["prompt"] or PROMPT
        self.plain = simple or is_plain()
        self.snapshot = Snapshot(commands=vocabulary(), events=events())
        self.board = Board(self._changed)
        self.refresher = Refresher(self.board, self.snapshot, self._learnt)
        self.remote = LiveRemote(
            ctx.remote, self.board, self.refresher, retry=self.settings["retry"]
        )
        ctx.remote = self.remote
        ctx.extras["shell"] = self
        self.runner = runner_of(ctx)
        ownverbs.install()
        self.timing = False
        self.jobs = Jobs(self.board, self.print_above)
        self.events = EventPrinter(self.print_above)
        self.remote.listeners += (self.events.came, self._event)
        self.typed = Typed(self)
        self._drawn = 0.0
        self._redrawing = False
        self.fresh = False  # what comes now was typed before the prompt was there
        self.completer = EngineCompleter(self.snapshot, lambda: self.mode, terminal_width)
        self.completer.fetch = self._fetch
        self.recall = self.completer.recall = Recall(lambda: self.session.history.get_strings())
        self.drawing = Drawing(self)
        self.session = self._session()
        self.session.app.after_render += self._drawn_once

    def _session(self) -> PromptSession[str]:
        menu = self.settings["menu"] and not self.plain
        session: PromptSession[str] = PromptSession(
            message=self.drawing.message,
            history=self._history(),
            completer=self.completer,
            complete_while_typing=Condition(lambda: menu or self.recall.active()),
            complete_style=CompleteStyle.COLUMN,
            auto_suggest=_Hints(self),
            lexer=ModeLexer(lambda: self.mode, self._known),
            input_processors=[looks.HintProcessor(self.drawing.hint)],
            bottom_toolbar=None if self.plain else self.drawing.toolbar,
            key_bindings=bindings(self),
            multiline=True,
            prompt_continuation=self.drawing.continuation,
            enable_open_in_editor=True,
            enable_suspend=True,
            tempfile_suffix=".rvs",
            search_ignore_case=True,
            style=looks.STYLE,
            color_depth=ColorDepth.DEPTH_1_BIT if self.plain or looks.no_colour() else None,
            reserve_space_for_menu=RESERVED,
            editing_mode=EditingMode.VI if self.settings["editing"] == "vi" else EditingMode.EMACS,
        )
        # up and down go through the lines that begin with what is typed
        session.default_buffer.enable_history_search = to_filter(True)
        return session

    # -- what the prompt knows --------------------------------------------------------

    def sync_snapshot(self) -> None:
        """What the runner and the board know, for the engine."""
        board, snapshot = self.board, self.snapshot
        snapshot.variables = tuple(v for v in self.ctx.variables if v.isidentifier())
        snapshot.functions = tuple(self.runner.functions)
        snapshot.aliases = self.ctx.aliases
        if board["frame"] is not None:
            snapshot.frames = (board["start"], board["end"], board["frame"])

    def _fetch(self) -> None:
        """Completion looked for properties that are not here yet."""
        client = self.remote.link.client
        if client is not None:
            self.remote.link.spawn(self.refresher.fetch_wanted(client))

    def find_targets(self) -> None:
        """What `connect` can be completed with: profiles and the players of this machine."""
        found = {p.name: p.address for p in self.settings.profiles.values()}
        with contextlib.suppress(OSError):
            for player in find_players():
                found[f"127.0.0.1:{player.port}"] = player.tag or "running here"
        self.snapshot.targets = found

    def _known(self, name: str) -> bool:
        return name in REGISTRY or name in self.runner.functions or name in self.ctx.aliases

    def _changed(self) -> None:
        """Something on the board is new; may come from the link's thread, at any rate."""
        session: PromptSession[str] | None = getattr(self, "session", None)
        if session is None:
            return
        loop = session.app.loop
        if self.board.link == "connected" and self.typed.waiting and loop is not None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(lambda: run_in_terminal(self._connected))
        if self._redrawing:
            return
        if session.app.is_running and loop is not None:
            self._redrawing = True
            with contextlib.suppress(RuntimeError):  # the loop has just ended
                loop.call_soon_threadsafe(self._redraw_soon)
                return
            self._redrawing = False

    def _learnt(self) -> None:
        """The snapshot is new: an open menu is worked out again. From the link's thread."""
        prepare(self.snapshot)
        session: PromptSession[str] | None = getattr(self, "session", None)
        if session is not None and session.app.is_running and session.app.loop is not None:
            with contextlib.suppress(RuntimeError):
                session.app.loop.call_soon_threadsafe(self._complete_again)

    def _complete_again(self) -> None:
        buffer = self.session.default_buffer
        chosen = buffer.complete_state is not None and buffer.complete_state.complete_index
        if buffer.text.strip() and not self.plain and not chosen:
            buffer.start_completion(select_first=False)

    def _redraw_soon(self) -> None:
        """In the prompt's loop: draw now, or when the last drawing is long enough ago."""
        loop = self.session.app.loop
        wait = self._drawn + REDRAW - time.monotonic()
        if loop is not None and wait > 0:
            loop.call_later(wait, self._redraw)
        else:
            self._redraw()

    def _redraw(self) -> None:
        self._redrawing = False
        self._drawn = time.monotonic()
        self.session.app.invalidate()

    def print_above(self, text: str) -> None:
        """Show a text above the prompt (or at once, when no line is being read)."""
        text = escape(text)
        app = self.session.app
        if app.is_running and app.loop is not None:
            app.loop.call_soon_threadsafe(lambda: run_in_terminal(lambda: print(text)))
        else:
            print(text, flush=True)

    # -- reading and running ---------------------------------------------------------

    def run(self, *, rc: bool = True) -> int:
        """Read and run lines until the end of input; returns the exit status."""
        mufront.preload()
        self.find_targets()
        self.greet()
        self.settle()
        try:
            if rc:
                self.run_rc()
        except Leave:
            return self.ctx.leave_status
        while True:
            self._redrawing = False
            if not self.plain and sys.stdout.isatty():
                print(self.drawing.fresh_line(), end="", flush=True)
            try:
                with patch_stdout(raw=True):
                    text = self.session.prompt(pre_run=self._begun)
            except KeyboardInterrupt:
                self.typed.forget()
                continue
            except EOFError:
                return 0
            try:
                self.typed.line(text)
            except Leave:
                return self.ctx.leave_status

    def settle(self) -> None:
        """What is loaded by now stays: the garbage collector need not walk all of it while the
        user types (a pause of 40 ms)."""
        prepare(self.snapshot)
        gc.freeze()

    def _connected(self) -> None:
        with contextlib.suppress(Leave):
            self.typed.connected()

    def _begun(self) -> None:
        self.fresh = True

    def _drawn_once(self, app: object) -> None:
        """What was typed before the prompt was there is read right behind its first drawing."""
        loop = self.session.app.loop
        if self.fresh and loop is not None:
            loop.call_later(AHEAD, setattr, self, "fresh", False)

    def greet(self) -> None:
        """Connect; without success the link goes on trying while the user may type."""
        try:
            self.remote.connect()
        except LinkError as error:
            report(self.ctx, error)
            if self.remote.fixed and self.settings["retry"]:
                self.remote.link.keep = True
                self.remote.link.spawn(self.remote.link.retry())
        except RvshellError as error:
            report(self.ctx, error)
        except KeyboardInterrupt:
            print("\r^C not connected; connect tries again", file=sys.stderr)
        if not self.plain and sys.stdout.isatty():  # what was typed before this was there
            print("\r\x1b[K", end="", flush=True)
        if not self.ctx.options.quiet:
            print("rvshell: F1 keys, help verbs, Tab completes, Ctrl-D leaves", flush=True)

    def run_rc(self) -> None:
        """The user's rc file: of the config directory, never of the current one."""
        path = os.path.join(config_folder(), "rc.rvs")
        if os.path.isfile(path):
            self.typed.line("source " + shell_quote(path))
        if self.settings["events"]:
            self.typed.line("events filter " + shell_quote(self.settings["events"]))

    def _history(self) -> History:
        if not self.settings["history"]:
            return InMemoryHistory()
        return open_history(str(self.remote.target or ""))

    def _event(self, name: str, contents: str) -> None:
        """Something came: what `on` asked for runs when the prompt is between two keys."""
        app = self.session.app
        if "handlers" in self.ctx.extras and app.is_running and app.loop is not None:
            with contextlib.suppress(RuntimeError):
                app.loop.call_soon_threadsafe(lambda: run_in_terminal(self.typed.drain))


def run(ctx: Context, *, simple: bool = False, rc: bool = True) -> int:
    """The interactive shell on this terminal; returns the exit status.

    *simple* has neither colours nor menus nor toolbar; *rc*: run the user's rc.rvs.
    """
    shell = Shell(ctx, simple=simple)

    def leave(number: int) -> None:
        with contextlib.suppress(Exception):
            shell.remote.close()
        os._exit(128 + number)

    def ended(number: int, frame: object) -> None:
        # an exception that comes at any place may be caught there: then it ends without
        last = threading.Timer(LAST, leave, (number,))
        last.daemon = True
        last.start()
        raise SystemExit(128 + number)

    # a closed window or a kill ends it as Ctrl-D does: the player that it started ends, too
    for name in ("SIGHUP", "SIGTERM"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), ended)
    try:
        return shell.run(rc=rc)
    finally:
        shell.remote.close()
