"""prompt_toolkit's view of the completion engine: in a worker thread, after a short pause.

While the user types on, an answer for an old text is thrown away (prompt_toolkit compares the
documents). An exception in the engine shows nothing and ends nothing.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Callable, Iterable

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from rvshell.shell.engine import Answer, Item, complete
from rvshell.shell.recall import Recall
from rvshell.shell.snapshot import Snapshot
from rvshell.shell.words import cut
from rvshell.verbs.output import escape

__all__ = ["DirectoryCache", "EngineCompleter"]

DEBOUNCE = 0.08  # seconds without typing before a menu is worked out
_MAX_NAMES = 2000  # of one directory


class DirectoryCache:
    """Names in directories, kept for a moment: each key stroke would list them again."""

    def __init__(self, keep: float = 2.0) -> None:
        self.keep = keep
        self._found: dict[str, tuple[float, list[tuple[str, bool]]]] = {}

    def __call__(self, folder: str) -> list[tuple[str, bool]]:
        now = time.monotonic()
        folder = os.path.abspath(os.path.expanduser(folder))  # cd may have been said
        kept = self._found.get(folder)
        if kept is not None and now - kept[0] < self.keep:
            return kept[1]
        names: list[tuple[str, bool]] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    names.append((entry.name, entry.is_dir()))
                    if len(names) >= _MAX_NAMES:
                        break
        except (OSError, ValueError):
            pass
        names.sort()
        if len(self._found) > 50:
            self._found.clear()
        self._found[folder] = (now, names)
        return names


class EngineCompleter(Completer):
    """Asks the engine; `mode` says which of the three languages is being typed."""

    def __init__(self, snapshot: Snapshot, mode: Callable[[], str], width: Callable[[], int]):
        self.snapshot = snapshot
        self.mode = mode
        self.width = width
        self.files = DirectoryCache()
        self.fetch: Callable[[], None] = self.snapshot.wanted.clear
        self.recall: Recall | None = None  # while it searches, lines of history are offered
        self.recalled = ""  # a line that came from the history, which was not typed
        self.last_ms = 0.0

    def answer(self, document: Document) -> Answer:
        """The engine's answer for a document; empty when the engine fails."""
        start = time.perf_counter()
        try:
            return complete(
                document.text, document.cursor_position, self.snapshot, self.files, self.mode()
            )
        except Exception:
            return Answer(document.cursor_position, [])
        finally:
            self.last_ms = (time.perf_counter() - start) * 1000

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        return self._completions(document, self.answer(document))

    def _completions(self, document: Document, answer: Answer) -> list[Completion]:
        room = max(20, self.width() - 44)
        return [
            Completion(
                _quoted(item.text, item.kind, document, answer.start),
                start_position=answer.start - document.cursor_position,
                display=escape(_shown(item)),
                display_meta=escape(cut(item.meta, room)),
                style=f"class:kind.{item.kind}" if item.kind else "",
            )
            for item in answer.items
        ]

    def _searches(self) -> bool:
        return self.recall is not None and self.recall.active()

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        answer = None
        if complete_event.text_inserted:
            await asyncio.sleep(DEBOUNCE)
        if not self._searches():
            if complete_event.text_inserted and document.text == self.recalled:
                return
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(None, self.answer, document)
        # a search that began meanwhile was not asked: prompt_toolkit asks one thing at a time
        if answer is None or self._searches():
            for completion in self.recall.completions(document) if self.recall else ():
                yield completion
            return
        if self.snapshot.wanted:
            self.fetch()
        nothing_typed = answer.start == document.cursor_position
        everything = answer.items[:1] and answer.items[0].kind == "command"
        if complete_event.text_inserted and nothing_typed and everything:
            return  # all of RV's commands are an answer to Tab, not to a comma
        for completion in self._completions(document, answer):
            yield completion


def _shown(item: Item) -> str:
    """An item on the menu; of a long path the end tells more than the beginning."""
    if item.kind in ("property", "node", "file", "media") and len(item.text) > 40:
        return "…" + item.text[-39:]
    return cut(item.text, 40)


def _quoted(text: str, kind: str, document: Document, start: int) -> str:
    """A name with blanks is quoted, unless the user has opened a quote already."""
    if kind not in ("file", "folder", "media", "node", "property"):
        return text
    if start > 0 and document.text[start - 1] in "'\"":
        return text
    if any(c in " \t'\"$;|>{}()\\" for c in text) and not text.startswith("#"):
        return "'" + text.replace("'", "'\\''") + ("" if kind == "folder" else "'")
    return text
