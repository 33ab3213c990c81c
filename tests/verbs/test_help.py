"""What `help` says is whole, fits a terminal, and can be typed as it stands."""

from __future__ import annotations

import pytest

from rvshell.cli import HELP
from rvshell.script import flow
from rvshell.shell.ownverbs import _TABLE as OF_THE_PROMPT
from rvshell.verbs.helping import KEYWORDS, describe, explain, overview
from rvshell.verbs.registry import LONG, Verb, load
from rvshell.verbs.topics import TOPICS
from tests.script.test_rehearsal import rehearse

flow.install()
VERBS = [v for v in load() if v.scope != "shell" or v.name in ("help", "config", "completion")]


@pytest.mark.parametrize("verb", VERBS, ids=lambda v: v.name)
def test_every_example_can_be_typed(verb: Verb) -> None:
    for example in (verb.example, *verb.more):
        if verb.name in ("source", "unalias", "off", "replay"):  # needs what is not there
            continue
        ran = rehearse(f"{example}\n")
        assert (ran.out, ran.status) == ("", 0), (example, ran.err)


def test_on_eighty_columns_nothing_is_cut() -> None:
    at_the_prompt = [
        Verb(text, func, help=said, example=example, scope="shell")
        for text, func, said, example in OF_THE_PROMPT
    ]
    for verb in (*VERBS, *at_the_prompt):
        assert len(verb.summary) <= LONG, verb
        said = describe(verb, 80).partition("example:")[0]
        assert all(len(line) <= 79 for line in said.splitlines()), verb
    for line in overview(80).splitlines():
        assert len(line) <= 80 and not line.endswith("…"), line
    for name, text in (*TOPICS.items(), ("--help", HELP)):
        for line in text.splitlines():
            assert len(line) <= 80, (name, line)


def test_a_narrow_terminal_has_narrow_lines() -> None:
    said = describe(VERBS[0], 40).partition("example:")
    assert all(len(line) <= 40 for part in said[::2] for line in part.splitlines()[:1])


def test_words_and_signs_of_the_language_are_explained() -> None:
    for word in KEYWORDS:
        assert explain(word) == TOPICS["language"]
    assert "rvshell tap" in explain("programs") and "rvls" in explain("programs")


def test_what_is_called_so_is_found_first() -> None:
    assert explain("fram").startswith("frame [FRAME]")  # before step, whose help has the word
    found = explain("reloa")
    assert found.startswith("reload ") and found.index("reload() ->") < found.index(
        "Reload an OCIO"
    )
