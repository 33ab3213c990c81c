"""The Event object that Python handlers get (Open RV, ``PyTwkApp/PyEventType``).

Calls that make no sense for the kind of event raise ``Exception("Bad argument")``, as in RV.
``buttons`` and ``modifiers`` answer 0 instead; tablet queries have fixed answers because no
tablet ever speaks to this player.
"""

from __future__ import annotations

from player.session.events import (
    DataEvent,
    Event,
    KeyEvent,
    PointerEvent,
    RenderEvent,
    StringEvent,
)

__all__ = ["PyEvent"]


def _bad() -> Exception:
    return Exception("Bad argument")


class PyEvent:
    """What ``event`` is in a handler and in remote-pyeval / remote-pyexec texts."""

    __slots__ = ("event",)

    def __init__(self, event: Event | None = None) -> None:
        self.event = event

    def _get(self) -> Event:
        if self.event is None:
            raise _bad()
        return self.event

    def name(self) -> str:
        """Name of the event."""
        return self._get().name

    def contents(self) -> str:
        """Text of a string or render event, or of a data event that has one."""
        event = self._get()
        if isinstance(event, StringEvent | RenderEvent):
            return event.contents
        if isinstance(event, DataEvent) and event.text is not None:
            return event.text
        raise _bad()

    def returnContents(self) -> str:
        """What has been answered so far; "" for events that take no answer."""
        event = self._get()
        return event.return_content if isinstance(event, StringEvent) else ""

    def setReturnContent(self, text: str) -> None:
        """Answer the event; the last answer wins."""
        event = self._get()
        if not isinstance(text, str):
            raise TypeError(f"argument 1 must be str, not {type(text).__name__}")
        if not isinstance(event, StringEvent | DataEvent):
            raise _bad()
        event.return_content = text

    def dataContents(self) -> list[int] | None:
        """Bytes of a data event as signed numbers; None for any other event."""
        event = self._get()
        if not isinstance(event, DataEvent):
            return None
        return [b - 256 if b > 127 else b for b in event.data]

    def sender(self) -> str:
        """Who sent a string or data event (a contact, or a name chosen by the sender)."""
        event = self._get()
        if isinstance(event, StringEvent | DataEvent):
            return event.sender
        raise _bad()

    def contentType(self) -> int:
        """Kind of dropped object; only drag events have one, and none arrive here."""
        self._get()
        raise _bad()

    def contentMimeType(self) -> bytes:
        """Type text of a data event, ``text/plain`` for string events."""
        event = self._get()
        if isinstance(event, DataEvent):
            return event.content_type.encode()
        if isinstance(event, StringEvent):
            return b"text/plain"
        raise _bad()

    def reject(self) -> None:
        """Let the next binding have the event."""
        self._get().handled = False

    def timeStamp(self) -> float:
        """Seconds since the first event."""
        return self._get().time

    def activationTime(self) -> float:
        self._get()
        return 0.0

    def pointer(self) -> tuple[float, float]:
        """Pointer position in view pixels."""
        event = self._get()
        if isinstance(event, PointerEvent):
            return event.pointer
        raise _bad()

    relativePointer = pointer

    def domain(self) -> tuple[float, float]:
        """Size of the view."""
        event = self._get()
        if isinstance(event, PointerEvent | RenderEvent):
            return event.domain
        raise _bad()

    subDomain = domain

    def domainVerticalFlip(self) -> bool:
        event = self._get()
        if isinstance(event, RenderEvent):
            return event.vertical_flip
        raise _bad()

    def buttons(self) -> int:
        event = self._get()
        return event.buttons if isinstance(event, PointerEvent) else 0

    def modifiers(self) -> int:
        event = self._get()
        return event.modifiers if isinstance(event, PointerEvent | KeyEvent) else 0

    def key(self) -> int:
        event = self._get()
        if isinstance(event, KeyEvent):
            return event.key
        raise _bad()

    def pressure(self) -> float:
        self._get()
        return 1.0

    def tangentialPressure(self) -> float:
        self._get()
        return 1.0

    def rotation(self) -> float:
        self._get()
        return 1.0

    def xTilt(self) -> int:
        self._get()
        return 1

    def yTilt(self) -> int:
        self._get()
        return 1
