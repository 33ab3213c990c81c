"""What the toolbar and the prompt show: the state of the link and of the far end, as last told.

Pure: the link writes what it hears, the toolbar reads. `changed` is called after every change;
it must be quick and may be called from the link's thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rvshell.verbs.state import CACHE_MODES, PLAY_MODES, readable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Board"]

# the fields of a told state, in the order of `telling.STATE`
_FIELDS = ("frame", "start", "end", "in", "out", "inc", "fps", "realfps", "playing", "mode",
           "cache", "view", "sync")  # fmt: skip


class Board:
    """Values by name; `link` is off, connecting, connected or lost."""

    def __init__(self, changed: Callable[[], None] | None = None) -> None:
        self.changed = changed or (lambda: None)
        self.link = "off"
        self.target = ""
        self.peer = ""  # name and application of the far end's greeting
        self.program = ""  # what runs there, with its version
        self.granted: tuple[str, ...] = ()  # scopes that a player granted; () when not known
        self.rtt = 0.0  # milliseconds of the last round trip
        self.media: tuple[str, ...] = ()
        self.contacts: tuple[str, ...] = ()
        self.sync = ""
        self.sending = ""  # queue depth and rate while pixels are pushed
        self.error = ""  # why the link was lost
        self.values: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)

    def set(self, **fields: Any) -> None:
        """Set attributes and tell."""
        for name, value in fields.items():
            setattr(self, name, value)
        self.changed()

    def update(self, values: Mapping[str, Any]) -> None:
        """Take in values by name (as `rvshell.verbs.state` names them)."""
        self.values.update(values)
        self.changed()

    def tell(self, text: str) -> bool:
        """Take in a told state: the fields of `telling` separated by tabs.

        Anything may come over the wire: what does not read as a state is left alone and
        answered with False.
        """
        words = text.split("\t")
        if len(words) < len(_FIELDS):
            return False
        found: dict[str, Any] = {}
        try:
            for name, word in zip(_FIELDS, words, strict=False):
                if name in ("fps", "realfps"):
                    found[name] = float(word)
                elif name == "view":
                    found[name] = word
                elif name in ("playing", "sync"):
                    if word not in ("0", "1"):
                        return False
                    found[name] = word == "1"
                else:
                    found[name] = readable(name, int(word))
        except ValueError:
            return False
        if found["mode"] not in PLAY_MODES or found["cache"] not in CACHE_MODES:
            return False
        self.sync = "on" if found.pop("sync") else ""
        self.update(found)
        return True

    def forget(self) -> None:
        """The link is gone: what was known is not known any more."""
        self.values.clear()
        self.media = self.contacts = self.granted = ()
        self.program = ""
        self.sync = self.sending = ""
        self.rtt = 0.0
