"""What the command line wants of the session: at its birth, and when its media is there."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Final

from player.commands.calling import Calls
from player.options import Options
from player.scripting.engine import ScriptEngine
from player.session.errors import SessionError
from player.session.given import Options as SessionOptions
from player.session.kinds.stack import StackGroup
from player.session.node import Node
from player.session.session import Session
from player.session.sourceargs import SourceArgs, parse_source_args

__all__ = ["Startup", "listed_sources", "session_options"]

_NEUTRAL: Final = {f.name: f for f in dataclasses.fields(SourceArgs)}
_LOAD_CACHE: Final = {0: 0, 1: 1, 2: 2}


def session_options(options: Options) -> SessionOptions:
    """The part of the command line that the session itself keeps."""
    return SessionOptions(
        play=options.play,
        play_mode=options.play_mode,
        loop_mode=options.loop_mode,
        default_fps=options.fps or SessionOptions().default_fps,
        load_cache=_LOAD_CACHE.get(options.cache_mode, 0),
        view=options.view,
        volume=options.volume,
        gamma=options.gamma,
        srgb=options.srgb,
        rec709=options.rec709,
        brightness=options.brightness,
        no_packages=not options.packages,
        flags=dict(options.flags),
    )


def listed_sources(options: Options) -> list[SourceArgs]:
    """The sources that the command line names, with what they inherit from outside their
    brackets.  Raises SessionError."""
    listed = parse_source_args(options.inputs)
    for args in listed:
        if options.fps and not args.fps:
            args.fps = options.fps
        if not args.single:
            continue  # only bracketed sources inherit (cli.md, parsing traps)
        for name, value in options.source_defaults.items():
            known = _NEUTRAL.get(name)
            if known is not None and getattr(args, name) in (known.default, []):
                setattr(args, name, list(value) if isinstance(value, tuple) else value)
    return listed


class Startup:
    """Loads the media, then applies what waits for it: view, comparison, stereo, scripts.

    `step` is called at each turn until it returns True.  `report` gets lines for the log.
    """

    def __init__(
        self,
        session: Session,
        engine: ScriptEngine,
        options: Options,
        report: Callable[[str], None],
    ) -> None:
        self._session = session
        self._engine = engine
        self._options = options
        self._report = report
        self._done = False

    def load(self) -> None:
        """Queue the media of the command line.  Raises SessionError for bad brackets."""
        options = self._options
        session = self._session
        session.initialized()
        self._engine.load_packages()
        session.ui.background = options.background
        self._defaults()
        listed = listed_sources(options)
        if not listed:
            session.process_options(False)
            return
        if options.infer_sequence:
            whole = session.ports.media.sequence_of
            for args in listed:
                args.files = list(dict.fromkeys(whole(file)[0] or file for file in args.files))
        sessions = sum(f.endswith(".rv") for args in listed for f in args.files)
        files = sum(len(args.files) for args in listed)
        tag = "drop-no-sequence" if options.no_sequence else ""
        session.sources.enqueue_sources(listed, True, bool(sessions and files > 1), tag)

    def step(self) -> bool:
        """True when everything has been applied."""
        if not self._done and self._session.sources.queue is None:
            self._done = True
            self._apply()
            self._session.emit("session-initialized")
        return self._done

    def _set(self, node: Node | None, name: str, *values: object) -> None:
        prop = node.prop(name) if node is not None else None
        if node is not None and prop is not None:
            prop.set(values)
            node.changed(prop)

    def _defaults(self) -> None:
        """Options that shape the default views before there is any media."""
        options, graph = self._options, self._session.graph
        if options.composite:
            stack = graph.exact("defaultStack")
            mode = "topmost" if options.composite == "layer" else options.composite
            self._set(graph.exact("defaultStack_stack"), "composite.type", mode)
            if options.composite == "layer":
                self._set(graph.exact("defaultStack_stack"), "mode.strictFrameRanges", 1)
                self._set(stack, "output.chosenAudioInput", ".topmost.")
        if options.render_cursor:
            self._session.ui.hud.add("render-cursor")
        if options.layout:
            self._set(graph.exact("defaultLayout"), "layout.mode", options.layout)
        if not options.auto_retime:
            for view in self._session.default_views():
                self._set(view, "timing.retimeInputs", 0)

    def _apply(self) -> None:
        """Everything that RV does after the first load, in its order."""
        self._stereo_and_wipe()
        self._luts()
        self._formats()
        self._events_and_code()

    def _stereo_and_wipe(self) -> None:
        options, session = self._options, self._session
        for node in session.graph.by_type("RVDisplayStereo"):
            if options.stereo:
                self._set(node, "stereo.type", options.stereo)
            if options.stereo_swap:
                self._set(node, "stereo.swap", 1)
        if options.wipe:
            if not isinstance(session.view, StackGroup):
                session.set_view("defaultStack")
            view = session.view
            if view is not None:
                view.assign("ui.wipes", [1])
                view.assign("composite.type", ["over"])
            wiping = session.events.modes.is_active("wipe")
            if session.profile == "display" and not wiping:  # RV's session manager sees to it
                Calls(self._engine.context, "rvui").toggleWipe()

    def _luts(self) -> None:
        options, session = self._options, self._session
        luts: tuple[tuple[str, Callable[[str], object]], ...] = (
            (options.display_lut, lambda p: session.read_lut(p, "#RVDisplayColor", True)),
            (options.file_lut, lambda p: session.read_lut_on_all(p, "RVLinearize")),
            (options.look_lut, lambda p: session.read_lut_on_all(p, "RVLookLUT")),
        )
        for path, read in luts:
            if path:
                try:
                    read(path)
                except SessionError as error:
                    self._report(f"ERROR: {path}: {error}")

    def _formats(self) -> None:
        options = self._options
        for node in self._session.graph.by_type("RVFormat"):
            if options.resample != "area":
                self._set(node, "geometry.resampleMethod", options.resample)
            if options.scale != 1.0:
                self._set(node, "geometry.scale", options.scale)
            if options.max_bits != 32:
                self._set(node, "color.maxBitDepth", options.max_bits)
            if options.no_float:
                self._set(node, "color.allowFloatingPoint", 0)

    def _events_and_code(self) -> None:
        options, session = self._options, self._session
        for name, text in options.send_events:
            session.send(f"external-{name}", text)
        if options.eval_mu:
            answer = self._engine.mu_host.command_line(options.eval_mu)
            if answer != 'string => "noprint"':
                self._report(f"INFO: eval returned: {answer}")
        if options.eval_python:
            answer = self._engine.pyeval(options.eval_python)
            self._report(f"INFO: pyeval returned: {answer}")
