"""Colours and the small drawings of the prompt."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from prompt_toolkit.application.current import get_app
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput
from prompt_toolkit.styles import Style

from rvshell.shell.words import cut, width_of
from rvshell.verbs.output import escape, is_plain

if TYPE_CHECKING:
    from rvshell.shell.signatures import Described

__all__ = ["STYLE", "HintProcessor", "no_colour", "signature_line"]

STYLE = Style.from_dict(
    {
        "prompt": "ansicyan bold",
        "prompt.off": "ansiyellow",
        "prompt.more": "ansibrightblack",
        "hint": "ansibrightblack",
        "auto-suggestion": "ansibrightblack",
        "verb": "ansigreen bold",
        "keyword": "ansimagenta bold",
        "function": "ansibrightblue",
        "type": "ansicyan",
        "string": "ansiyellow",
        "number": "ansicyan",
        "comment": "ansibrightblack italic",
        "variable": "ansimagenta",
        "option": "ansicyan",
        "property": "ansibrightblue",
        "operator": "ansibrightblack",
        "state": "ansicyan",
        "shell": "ansiyellow",
        "unknown": "",
        "bottom-toolbar": "noreverse bg:#262626 #bcbcbc",
        "tb": "bg:#262626 #bcbcbc",
        "tb.ok": "bg:#262626 #87d787 bold",
        "tb.wait": "bg:#262626 #ffd75f",
        "tb.bad": "bg:#262626 #ff8787 bold",
        "tb.off": "bg:#262626 #8a8a8a",
        "tb.dim": "bg:#262626 #8a8a8a",
        "tb.frame": "bg:#262626 #ffffff bold",
        "tb.keys": "bg:#262626 #8a8a8a",
        "sig": "bg:#303030 #bcbcbc",
        "sig.now": "bg:#303030 #ffffff bold underline",
        "sig.doc": "bg:#303030 #8a8a8a italic",
        "completion-menu": "bg:#303030 #d0d0d0",
        "completion-menu.completion.current": "bg:#5f87af #ffffff",
        "completion-menu.meta.completion": "bg:#262626 #8a8a8a",
        "completion-menu.meta.completion.current": "bg:#3a3a3a #d0d0d0",
        # of menu items; prompt_toolkit has a style of its own for everything called "menu"
        "kind.verb": "#87d787",
        "kind.alias": "#87d787",
        "kind.function": "#87d787",
        "kind.keyword": "#d787d7",
        "kind.command": "#87afd7",
        "kind.node": "#d7af5f",
        "kind.property": "#d7af5f",
        "kind.option": "#5fd7d7",
    }
)


def no_colour() -> bool:
    """Is colour not wanted? (no-color.org, or a terminal that has none)"""
    return bool(os.environ.get("NO_COLOR")) or is_plain()


def signature_line(found: Described, width: int) -> StyleAndTextTuples:
    """A signature with its current parameter marked, and the documentation, on one line."""
    parts = [
        ("class:sig", " " + escape(found.before)),
        ("class:sig.now", escape(found.current)),
        ("class:sig", escape(found.after)),
        ("class:sig.doc", "  " + escape(found.doc)),
    ]
    out: StyleAndTextTuples = []
    left = width
    for style, text in parts:
        text = cut(text, left)
        out.append((style, text))
        left -= width_of(text)
        if left < 2:
            break
    out.append(("class:sig", " " * max(0, left)))
    return out


class HintProcessor(Processor):
    """Puts the rest of a usage line behind the last line of the text, in grey."""

    def __init__(self, hint: Callable[[Document], str]) -> None:
        self.hint = hint

    def apply_transformation(self, given: TransformationInput) -> Transformation:
        if given.lineno != given.document.line_count - 1:
            return Transformation(given.fragments)
        buffer = given.buffer_control.buffer
        if get_app().is_done:  # what stays on the screen is what was typed
            return Transformation(given.fragments)
        if buffer.suggestion and buffer.suggestion.text:
            return Transformation(given.fragments)
        try:
            text = self.hint(given.document)
        except Exception:
            text = ""  # never in the way of typing
        return Transformation([*given.fragments, ("class:hint", text)] if text else given.fragments)
