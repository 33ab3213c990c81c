"""Module ``app_utils``: every short form of bind, in Mu (RV's ``mu_rvui/app_utils``)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from player.media import Probe
from player.scripting.engine import Policy, ScriptEngine
from player.session.ports import Ports
from player.session.session import Session


@pytest.fixture
def engine() -> Iterator[ScriptEngine]:
    session = Session("output", ports=Ports(media=Probe()), clock=lambda: 100.0)
    engine = ScriptEngine(session, policy=Policy(limit=20.0), report=lambda text: None)
    yield engine
    engine.close()


PLAIN = "\\: (void;) { markFrame(1, true); }"
WHOLE = "\\: (void; Event e) { markFrame(1, true); e.setReturnContent(e.name()); }"


@pytest.mark.parametrize(
    ("text", "event", "doc"),
    [
        (f'bind("default", "global", "a", {PLAIN}, "d")', "a", "d"),
        (f'bind("default", "global", "a", "mark_category", {PLAIN}, "d")', "a", "d"),
        (f'bind("default", "global", "a", "mark_category", {WHOLE})', "a", ""),
        (f'bind("a", {PLAIN})', "a", ""),
        (f'bind("a", "mark_category", {PLAIN}, "d")', "a", "d"),
        (f'bind("a", {WHOLE}, "d")', "a", "d"),
        (f'bind("a", "mark_category", {WHOLE}, "d")', "a", "d"),
        (f'bindRegex("default", "global", "^a.", {PLAIN})', "ab", ""),
        (f'bindRegex("default", "global", "^a.", "mark_category", {PLAIN})', "ab", ""),
        (f'bindRegex("^a.", {PLAIN})', "ab", ""),
        (f'bindRegex("^a.", "mark_category", {PLAIN})', "ab", ""),
    ],
)
def test_short_forms(engine: ScriptEngine, text: str, event: str, doc: str) -> None:
    assert engine.mu(f"app_utils.{text}") == "void"
    assert engine.mu(f'bindingDocumentation("{event}")') == f'"{doc}"'
    answer = event if WHOLE in text else ""
    assert engine.mu(f'sendInternalEvent("{event}")') == f'"{answer}"'
    assert engine.mu("markedFrames()") == "int[] {1}"
    engine.mu('markFrame(1, false); disableEventCategory("mark_category");')
    engine.mu(f'sendInternalEvent("{event}")')
    kept = "" if "mark_category" in text else "1"
    assert engine.mu("markedFrames()") == f"int[] {{{kept}}}"


def test_the_rest(engine: ScriptEngine) -> None:
    assert engine.mu('app_utils.bind("a", app_utils.noop); sendInternalEvent("a");') == '""'
    engine.mu('app_utils.unbind("a")')
    assert engine.mu('bindingDocumentation("a")') == "nil"
    assert engine.mu('app_utils.checkAndBlockEventCategory("mark_category")') == "true"
    assert engine.mu("(app_utils.disabledItem(), app_utils.enabledItem())") == "(-1, 0)"
    assert engine.mu('app_utils.reverse(string[] {"a", "b"})') == 'string[] {"b", "a"}'
    cancelled = engine.mu(
        '{ string told; try { openFileDialog(true, false, false, [("mov", "Movies")]); }'
        " catch (exception exc) { told = string(exc); } told; }"
    )
    assert cancelled == r'"exception: \"operation cancelled\""'
