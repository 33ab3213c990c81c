"""The shell: lines through a pipe, a pasted text, idle events, completion, the system's shell."""

from __future__ import annotations

import asyncio
import gc
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from typing import TYPE_CHECKING

from _player import player
from harness import Result, seconds

from rvshell import Client

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.input import PipeInput

    from rvshell.shell.prompt import Shell
    from rvshell.shell.snapshot import Snapshot

LINES = 10_000
PASTED = 1_000
EVENTS = 1_000_000
PROPERTIES = 5_000


def piped(port: int) -> Iterator[Result]:
    """10,000 lines through `rvshell --pipeline`, against the bare client asking the same."""
    text = "".join(f"frame {1 + n % 50}\nframe\n" for n in range(LINES // 2))
    questions = [
        ("remote-eval", q)
        for n in range(LINES // 2)
        for q in (f"setFrame({1 + n % 50})", "frame()")
    ]
    argv = [sys.executable, "-m", "rvshell", "-t", f"127.0.0.1:{port}", "--pipeline"]

    def ours() -> None:
        done = subprocess.run(argv, input=text, text=True, capture_output=True, check=True)
        assert done.stdout.count("\n") == LINES // 2

    def bare() -> None:
        with Client.connect(port=port, name="bench") as client:
            client.request_many(questions)

    mine, other = [], []
    for _ in range(3):
        other.append(seconds(bare))
        mine.append(seconds(ours))
    a, b = min(mine), min(other)
    yield Result("10,000 piped lines", f"{a:.2f} s", f"bare client {b:.2f} s", a / b, 4.0, "<=")
    yield Result("  against the bar of 2 s", f"{a:.2f} s", "2 s", a / 2.0, 1.0, "<=")


def new_shell() -> Shell:
    """A prompt that is connected to nothing and remembers nothing."""
    from rvshell.shell.prompt import Shell
    from rvshell.verbs.context import Context, Options
    from rvshell.verbs.remote import Remote
    from rvshell.verbs.settings import Settings

    ctx = Context(Options(interactive=True), Remote())
    ctx.extras["settings"] = Settings()
    ctx.extras["settings"].values["history"] = False
    return Shell(ctx)


def pasted() -> Iterator[Result]:
    """1,000 lines pasted at the prompt, until drawn, against prompt_toolkit's plain prompt."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.application import create_app_session
    from prompt_toolkit.data_structures import Size
    from prompt_toolkit.input import create_pipe_input
    from prompt_toolkit.output.vt100 import Vt100_Output

    text = "\n".join(f"frame {n}; echo 'line {n}' # note" for n in range(PASTED))

    def run(make: object) -> float:
        with create_pipe_input() as pipe:
            output = Vt100_Output(io.StringIO(), lambda: Size(rows=40, columns=120), term="xterm")
            with create_app_session(input=pipe, output=output):
                session: PromptSession[str] = make()  # type: ignore[operator]
                # Alt-Enter takes the text as it is in either prompt
                pipe.send_text(f"\x1b[200~{text}\x1b[201~\x1b\r")
                start = time.perf_counter()
                found = session.prompt()
                elapsed = time.perf_counter() - start
                assert found.count("\n") == PASTED - 1
                return elapsed

    def plain() -> PromptSession[str]:
        return PromptSession(multiline=True)

    def ours() -> PromptSession[str]:
        shell = new_shell()
        shells.append(shell)
        return shell.session

    shells: list[Shell] = []
    mine, other = [], []
    for _ in range(5):
        other.append(run(plain))
        mine.append(run(ours))
    for shell in shells:
        shell.remote.close()
    a, b = statistics.median(mine), statistics.median(other)
    plain_time = f"plain prompt {b * 1e3:.0f} ms"
    yield Result("1,000 pasted lines", f"{a * 1e3:.0f} ms", plain_time, a / b, 3.0, "<=")
    yield Result("  against the bar of 300 ms", f"{a * 1e3:.0f} ms", "300 ms", a / 0.3, 1.0, "<=")


def idle() -> Iterator[Result]:
    """A million events for the toolbar: memory after them against memory after the first."""
    from rvshell.shell.board import Board
    from rvshell.shell.toolbar import status_line

    board = Board()
    board.set(link="connected", target="127.0.0.1:45124", media=("a.exr", "b.exr"))

    def events(count: int) -> None:
        for n in range(count):
            board.tell(f"{n % 100}\t1\t100\t1\t100\t1\t24\t23.9\t1\t0\t1\tdefaultSequence\t0\tx\t")
            if n % 1000 == 0:
                status_line(board, 120, mode="verbs", editing="emacs", multiline=False)

    tracemalloc.start()
    events(EVENTS // 100)
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    took = seconds(lambda: events(EVENTS - EVENTS // 100))
    tracemalloc.start()
    start = tracemalloc.get_traced_memory()[0]
    events(EVENTS // 100)
    gc.collect()
    after = before + tracemalloc.get_traced_memory()[0] - start
    tracemalloc.stop()
    first = f"at first {before / 1024:.0f} KiB"
    ratio = after / max(before, 1)
    yield Result("10^6 toolbar events: memory", f"{after / 1024:.0f} KiB", first, ratio, 1.5, "<=")
    rate = EVENTS / took
    yield Result("  events a second", f"{rate:,.0f}", "24 a second", rate / 24)


def fill(snapshot: Snapshot) -> None:
    """The names of a large session."""
    snapshot.nodes = {f"sourceGroup{n:06}_RVColor{n % 7}": "RVColor" for n in range(250)}
    snapshot.set_properties(
        {f"{n}.component{i // 5}.property{i}": "RVColor" for n in snapshot.nodes for i in range(20)}
    )
    assert len(snapshot.properties) == PROPERTIES


def stroke(session: PromptSession[str], pipe: PipeInput) -> tuple[list[float], list[float]]:
    """Types at a prompt, three keys a line: the seconds from each key to the drawn menu, and the
    seconds of CPU time that they took."""
    lines = ("get sourceGroup00012", "set sourceGroup000001_RVColor1.comp", "view sourceG", "fram",
             "frame()+getFloatProp", "nodes RVC", "push shot.exr --ti")  # fmt: skip
    app, buffer = session.app, session.default_buffer
    walls: list[float] = []
    works: list[float] = []

    async def type_it() -> None:
        drawn = asyncio.Event()
        app.after_render += lambda _: drawn.set()
        for line in lines * 3:
            buffer.text, buffer.cursor_position = line[:-3], len(line) - 3
            for key in line[-3:]:
                buffer.complete_state = None
                await asyncio.sleep(0.05)  # nothing of the last one is under way
                wall, work = time.perf_counter(), time.process_time()
                pipe.send_text(key)
                while not (buffer.complete_state and buffer.complete_state.completions):
                    drawn.clear()
                    await asyncio.wait_for(drawn.wait(), 10.0)
                walls.append(time.perf_counter() - wall)
                works.append(time.process_time() - work)
        app.exit(result="")

    session.prompt(pre_run=lambda: app.create_background_task(type_it()))
    return walls, works


def menu() -> Iterator[Result]:
    """From a key stroke to the drawn menu, with 5,000 properties, against 30 ms and against a
    plain prompt with the same words. The pause that is made on purpose is taken away, so that
    all work of a key stroke is counted, in wall time and in CPU time."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.application import create_app_session
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.data_structures import Size
    from prompt_toolkit.input import create_pipe_input
    from prompt_toolkit.output.vt100 import Vt100_Output

    from rvshell.shell import completer
    from rvshell.verbs.registry import REGISTRY

    mine: tuple[list[float], list[float]] = ([], [])
    other: tuple[list[float], list[float]] = ([], [])
    pause, completer.DEBOUNCE = completer.DEBOUNCE, 0.0
    for _ in range(3):
        for plain, times in ((True, other), (False, mine)):
            with create_pipe_input() as pipe:
                output = Vt100_Output(
                    io.StringIO(), lambda: Size(rows=40, columns=120), term="xterm"
                )
                with create_app_session(input=pipe, output=output):
                    shell = new_shell()
                    fill(shell.snapshot)
                    shell.settle()
                    found = shell.snapshot
                    words = [*found.properties, *found.nodes, *found.commands, *REGISTRY.names()]
                    words += ["--tiles", "--tile-size", "--title"]
                    session = (
                        PromptSession(completer=WordCompleter(words, match_middle=True))
                        if plain
                        else shell.session
                    )
                    for kept, new in zip(times, stroke(session, pipe), strict=True):
                        kept += new
                    shell.remote.close()
    completer.DEBOUNCE = pause

    def p95(values: list[float]) -> float:
        return sorted(values)[int(len(values) * 0.95)] * 1e3

    wall, work, plain_work = p95(mine[0]), p95(mine[1]), p95(other[1])
    yield Result("key stroke to menu, p95", f"{wall:.1f} ms", "30 ms", wall / 30, 1.0, "<=")
    yield Result("  CPU time of it, p95", f"{work:.1f} ms", "30 ms", work / 30, 0.5, "<=")
    name = f"plain prompt {plain_work:.1f} ms"
    yield Result("  CPU time, against a plain prompt", f"{work:.1f} ms", name, work / plain_work)


def completion() -> Iterator[Result]:
    """The engine with 5,000 properties: the 95th percentile of key strokes against 30 ms."""
    from rvshell.script import flow
    from rvshell.shell.engine import complete
    from rvshell.shell.refresh import vocabulary
    from rvshell.shell.signatures import describe, hint_of
    from rvshell.shell.snapshot import Snapshot
    from rvshell.verbs.registry import load

    load()
    flow.install()
    snapshot = Snapshot(commands=vocabulary())
    fill(snapshot)
    typed = (
        "get sourceGroup000123_RVColor4.component2.prop", "set #RVColor.component1.property7 0.5",
        "frame 10", 'getFloatProperty("sourceGroup0001', "view sourceGroup0000",
        "fullscreen toggle",
        "extra_commands.stepForw", "wait frame >= 10 and play", "push shot.exr --til",
    )  # fmt: skip
    times = []
    for line in typed:
        for at in range(1, len(line) + 1):
            start = time.perf_counter()
            complete(line[:at], at, snapshot, lambda folder: [])
            describe(line[:at], at, snapshot)
            hint_of(line[:at], snapshot)
            times.append((time.perf_counter() - start) * 1e3)
    times.sort()
    p95 = times[int(len(times) * 0.95)]
    yield Result("completion, 5,000 properties, p95", f"{p95:.1f} ms", "30 ms", p95 / 30, 1.0, "<=")


def tab() -> Iterator[Result]:
    """One Tab in the system's shell."""
    words = [sys.executable, "-m", "rvshell", "--complete", "fr"]
    mine, other = [], []
    for _ in range(7):
        other.append(seconds(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True)))
        mine.append(seconds(lambda: subprocess.run(words, check=True, stdout=subprocess.DEVNULL)))
    a, b = statistics.median(mine), statistics.median(other)
    name = f"python -c pass {b * 1e3:.0f} ms"
    yield Result("Tab in bash", f"{a * 1e3:.0f} ms", name, a / b)
    yield Result("  against the bar of 150 ms", f"{a * 1e3:.0f} ms", "150 ms", a / 0.15, 1.0, "<=")


def run() -> Iterator[Result]:
    os.environ["RVSHELL_HISTORY"] = "off"
    with tempfile.TemporaryDirectory() as folder:
        # installed programs have their bytecode; so do these, from the first run on
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = folder
        yield from started()
    yield from pasted()
    yield from idle()
    yield from completion()
    yield from menu()


def started() -> Iterator[Result]:
    """What runs programs of its own."""
    with player("smptebars,start=1,end=100.movieproc") as running:
        yield from piped(running.port)
        yield from tab()
