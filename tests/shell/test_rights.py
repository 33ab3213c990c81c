"""What the prompt says of what the far end grants."""

from __future__ import annotations

import pytest

from rvshell.script import flow
from rvshell.shell.board import Board
from rvshell.shell.refresh import read_me
from rvshell.shell.rights import _ALWAYS, _WITH_WORDS, SCOPES, needed, summary
from rvshell.shell.toolbar import status_line
from rvshell.verbs.registry import load


def test_the_table_names_verbs() -> None:
    registry = load()
    flow.install()
    prompt_only = {"events"}
    assert {v for v in {**_ALWAYS, **_WITH_WORDS} if v not in registry} <= prompt_only


@pytest.mark.parametrize(
    ("line", "granted", "said"),
    [
        ("play", ("view",), "control is not granted here"),
        ("frame", ("view",), ""),
        ("frame 3", ("view",), "control is not granted here"),
        ("frame 3", ("view", "control"), ""),
        ("push a.exr", ("view", "control"), "pixels is not granted here"),
        ("contacts", SCOPES, "only the player's own user may"),
        ("contacts", (*SCOPES, "own"), ""),
        ("play", (), ""),
        ("", ("view",), ""),
    ],
)
def test_what_will_be_refused(line: str, granted: tuple[str, ...], said: str) -> None:
    assert needed(line.split(), granted) == said


@pytest.mark.parametrize(
    ("granted", "said"),
    [
        ((), ""),
        (SCOPES, ""),
        (("view",), "view only"),
        (("view", "control", "pixels", "media"), "no eval, python"),
    ],
)
def test_the_toolbar_says_what_is_not_granted(granted: tuple[str, ...], said: str) -> None:
    assert summary(granted) == said
    board = Board()
    board.set(link="connected", target="wall:45124", peer="wall rv", granted=granted)
    line = "".join(t for _, t in status_line(board, 120, mode="v", editing="e", multiline=False))
    assert (f"  {said}  " in line) if said else ("view only" not in line and "no " not in line)


@pytest.mark.parametrize(
    ("reply", "program", "granted"),
    [
        (
            '{"ok": {"program": "player", "version": "0.1.0", "scopes": ["view"]}}',
            "player 0.1.0",
            ("view",),
        ),
        ('{"error": "no such question", "hint": ""}', "", ()),
        ("", "", ()),
        ("[" * 100_000, "", ()),
        ('{"ok": 3}', "", ()),
        ('{"ok": {"program": "p", "version": "1", "scopes": 3}}', "", ()),
    ],
)
def test_whatever_is_answered(reply: str, program: str, granted: tuple[str, ...]) -> None:
    assert read_me(reply) == (program, granted)
