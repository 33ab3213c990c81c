"""A search of the history that begins while what was typed is still being completed."""

from __future__ import annotations

from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition

from rvshell.shell.completer import EngineCompleter
from rvshell.shell.engine import Answer
from rvshell.shell.recall import Recall
from rvshell.shell.snapshot import Snapshot


async def test_lines_are_offered_all_the_same() -> None:
    completer = EngineCompleter(Snapshot(), lambda: "verbs", lambda: 80)
    completer.recall = recall = Recall(lambda: ["echo first thing", "frame 3"])
    began: list[bool] = []
    recall.active = Condition(lambda: bool(began))

    def answer(document: Document) -> Answer:
        began.append(True)  # the key comes now
        return Answer(document.cursor_position, [])

    completer.answer = answer  # type: ignore[method-assign]
    typed = Document("thing", 5)
    found = completer.get_completions_async(typed, CompleteEvent(text_inserted=True))
    assert [completion.text async for completion in found] == ["echo first thing"]
