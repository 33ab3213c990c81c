"""Habits of other programs at the prompt."""

from __future__ import annotations

import pytest

from rvshell.script import flow
from rvshell.script.batch import Runner
from rvshell.shell.reading import check
from rvshell.shell.reflexes import meant
from rvshell.verbs.context import Context, Options
from rvshell.verbs.registry import REGISTRY, load
from rvshell.verbs.remote import Remote
from tests.shell.harness import Terminal

load()
flow.install()


@pytest.mark.parametrize(
    ("typed", "here"),
    [
        (r"\q", "quit"),
        (":q!", "quit"),
        ("exit();", "quit"),
        (r"\?", "help"),
        ("man frame", "help frame"),
        ("setFrame?", "help setFrame"),
        (r"\d", "nodes --types"),
        (r"\d defaultStack", "props defaultStack"),
        (r"\c wall:45124", "connect wall:45124"),
        (r"\! ls -l", "! ls -l"),
        ("rvls", "sources"),
        ("quit", ""),
        ("frame 10", ""),
        ("frame() > 3 ? 1 : 2", ""),
        (r"\d;", "nodes --types"),
        (r"\x", ""),
        ("man", "help"),
        ("", ""),
    ],
)
def test_what_is_meant(typed: str, here: str) -> None:
    assert meant(typed) == here
    if here:
        assert here.split()[0] in {*REGISTRY.names(), "!", "history", "timing"}


def test_a_verb_with_an_equals_sign_is_told_how_it_is_set() -> None:
    runner = Runner(Context(Options(), Remote(None, name="nobody")))
    problem = check(runner, "fps = 30", "verbs")
    assert problem is not None and problem.hint == "to set it: fps 30"
    assert check(runner, "frame() == 30", "verbs") is None


def test_the_prompt_does_it_and_says_its_name_here(terminal: Terminal) -> None:
    terminal.line(r"\echo hi")
    terminal.until("\nhere that is: echo hi\nhi\n")
    terminal.line("fps?")
    terminal.until("\nusage: fps [FPS]")
    terminal.send("get #RVColor.color.exposu")
    terminal.until("#RVColor.color.exposure  ", "the properties")
    terminal.key("ctrl-c")
    terminal.line("set exposure 1")
    terminal.until("did you mean #RVColor.color.exposure?")
    terminal.line("quit 3")
    assert terminal.ended() == 3


def test_what_cannot_be_reached_does_not_cost_the_connection(terminal: Terminal) -> None:
    terminal.line("connect nowhere.invalid")
    terminal.until("still connected to 127.0.0.1")
    terminal.until("unknown host 'nowhere.invalid'")
    terminal.line("frame() + 41")
    terminal.until("\n42\n")
