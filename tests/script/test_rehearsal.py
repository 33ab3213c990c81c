"""`--dry-run`: everything is checked and told, nothing is done. There is no far end here at all."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from rvshell.script.batch import run_steps
from rvshell.verbs.context import Context, Options
from rvshell.verbs.remote import Remote
from rvshell.verbs.target import Target
from tests.shell.running import Ran


class Nobody(Remote):
    """A far end that must not be spoken to."""

    def connect(self, target: Target | None = None) -> None:
        raise AssertionError("something was to be sent")


def rehearse(text: str, **options: bool) -> Ran:
    out, err = io.StringIO(), io.StringIO()
    remote = Nobody(Target("127.0.0.1", 1), name="nobody")
    ctx = Context(Options(dry_run=True, **options), remote, out=out, err=err)
    status = run_steps(ctx, [("text", text)])
    return Ran(out.getvalue(), err.getvalue(), status)


def told(text: str) -> list[str]:
    ran = rehearse(text)
    assert (ran.out, ran.status) == ("", 0), ran
    return [line.removeprefix("would run: ") for line in ran.err.splitlines()]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("frame 50; play", ["frame 50", "play"]),
        ("frame() + 1", ["mu frame() + 1"]),
        ("echo 'a b' $frame", ["echo 'a b' $frame"]),
        ("set x=7; frame $x", ["set x=7", "frame 7"]),
        ("set x=$(frame); frame $x", ["  frame", "set x=$(…)", "frame $x"]),
        ("alias rw = 'first; play'; rw", ["alias rw = 'first; play'", "first", "play"]),
        ("def go { frame $1 }; go 3", ["frame 3"]),
        ("for f in 1..3 { frame $f }", ["frame 1", "frame 2", "frame 3"]),
        ("for f in $(marks) { frame $f }", ["  marks", "for f in $(…)", "  frame $f"]),
        ("repeat 2 { step }", ["repeat 2", "  step"]),
        ("while not playing { step }", ["while not playing", "  step"]),
        (
            "if frame == 3 or frameEnd() > 9 { stop } else if fps 24 { play } else { back }",
            ["if (frame == 3) or (frameEnd() > 9)", "  stop", "else if fps == 24", "  play", "else",
             "  back"],
        ),
        ("wait frame >= 3 --timeout 2", ["wait frame >= 3 --timeout 2"]),
        ("@all frame 1", ["@all frame 1"]),
        ("time frame; bench 3 frame", ["time frame", "bench 3 frame"]),
        ("quit; play", ["quit"]),
        ("if playing { quit }; play", ["if playing", "  quit", "play"]),
    ],
)  # fmt: skip
def test_what_is_told(text: str, lines: list[str]) -> None:
    assert told(text) == lines


def test_nothing_is_done_here_either(tmp_path: Path) -> None:
    made = tmp_path / "made"
    assert told(f"! touch {made}") == [f"!touch {made}"]
    assert told(f"echo a b > {made}") == [f"echo a b > {made}"]
    assert told(f"frame | tee {made}") == [f"frame | tee {made}"]
    assert told(f"tee {made}") == [f"tee {made}"]
    assert told(f"echo $(! touch {made})") == [f"  !touch {made}", "echo $(…)"]
    assert not made.exists()


def test_files_that_are_read_are_rehearsed(tmp_path: Path) -> None:
    script = tmp_path / "a.rvs"
    script.write_text("frame 3\n")
    assert told(f"source {script}") == [f"source {script}", "frame 3"]
    script.write_text("frame 3\nfrme\n")
    ran = rehearse(f"source {script}")
    assert ran.status == 2 and f"{script}:2:1" in ran.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("frame abc", "is not a frame number"),
        ("if playing { frame abc }", "is not a frame number"),
        ("set x=abc; frame $x", "is not a frame number"),
        ("echo $nothing", "$nothing is not set"),
        ("while frame > $nothing { step }", "$nothing is not set"),
        ("time farme", "did you mean 'frame'"),
        ("on play-stop 'stpo'", "did you mean 'stop'"),
        ("@all farme 1", "did you mean 'frame'"),
        ("repeat x { step }", "not a number of times"),
    ],
)
def test_what_is_wrong_is_found(text: str, message: str) -> None:
    ran = rehearse(text)
    assert ran.status == 2 and message in ran.err, ran


def test_quiet_and_going_on() -> None:
    assert rehearse("frame 1", quiet=True) == Ran("", "", 0)
    ran = rehearse("alias a = play; frame abc; play", keep_going=True)
    assert ran.status == 2 and "would run: play" in ran.err
