"""Class ``Event`` as Mu texts see it (Open RV, ``MuTwkApp/EventType``).

Values are the event objects themselves. A method that makes no sense for the kind of event
throws ``in Event.NAME: bad event type``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NoReturn

from player.mu.values import throw
from player.session.events import (
    DataEvent,
    Event,
    KeyEvent,
    PointerEvent,
    RenderEvent,
    StringEvent,
)

__all__ = ["CONSTANTS", "METHODS"]

Vec2 = tuple[float, float]


def _bad(method: str, text: str = "bad event type") -> NoReturn:
    throw(f"in Event.{method}: {text}")


def _live(event: Event | None, method: str) -> Event:
    if event is None:
        _bad(method, "nil argument")
    return event


def _name(event: Event) -> str:
    return _live(event, "name").name


def _contents(event: Event) -> str:
    if isinstance(_live(event, "contents"), StringEvent | RenderEvent):
        return event.contents  # type: ignore[attr-defined, no-any-return]
    if isinstance(event, DataEvent):
        if event.text is None:
            _bad("contents", "event not text")
        return event.text
    _bad("contents")


def _contents_array(event: Event) -> list[str]:
    if isinstance(_live(event, "contentsArray"), StringEvent):
        assert isinstance(event, StringEvent)
        return list(event.contents_array) or [event.contents]
    _bad("contentsArray")


def _return_contents(event: Event) -> str | None:
    _live(event, "returnContents")
    return event.return_content if isinstance(event, StringEvent) else None


def _set_return_content(event: Event, text: str | None) -> None:
    _live(event, "setReturnContent")
    if text is None:
        throw("nil argument to function")
    if isinstance(event, StringEvent | DataEvent):
        event.return_content = text
    else:
        _bad("setReturnContent")


def _sender(event: Event) -> str:
    if isinstance(_live(event, "sender"), StringEvent | DataEvent):
        return event.sender  # type: ignore[attr-defined, no-any-return]
    _bad("sender")


def _data_contents(event: Event) -> list[int]:
    if isinstance(_live(event, "dataContents"), DataEvent):
        assert isinstance(event, DataEvent)
        return list(event.data)
    _bad("dataContents")


def _content_type(event: Event) -> int:
    _live(event, "contentType")
    _bad("contentType")


def _content_mime_type(event: Event) -> str:
    _live(event, "contentMimeType")
    if isinstance(event, DataEvent):
        return event.content_type
    if isinstance(event, StringEvent):
        return "text/plain"
    _bad("contentMimeType", "mime type not applicable")


def _reject(event: Event) -> None:
    _live(event, "reject").handled = False


def _time_stamp(event: Event) -> float:
    return _live(event, "timeStamp").time


def _pointer(method: str, field: str) -> Callable[[Event], Vec2]:
    def read(event: Event) -> Vec2:
        if isinstance(_live(event, method), PointerEvent):
            value: Vec2 = getattr(event, field)
            return value
        _bad(method)

    return read


def _domain(method: str) -> Callable[[Event], Vec2]:
    def read(event: Event) -> Vec2:
        if isinstance(_live(event, method), PointerEvent | RenderEvent):
            return event.domain  # type: ignore[attr-defined, no-any-return]
        _bad(method)

    return read


def _vertical_flip(event: Event) -> bool:
    if isinstance(_live(event, "domainVerticalFlip"), RenderEvent):
        assert isinstance(event, RenderEvent)
        return event.vertical_flip
    _bad("domainVerticalFlip", "event is not a RenderEvent")


def _buttons(event: Event) -> int:
    if isinstance(_live(event, "buttons"), PointerEvent):
        assert isinstance(event, PointerEvent)
        return event.buttons
    _bad("buttons")


def _modifiers(event: Event) -> int:
    if isinstance(_live(event, "modifiers"), PointerEvent | KeyEvent):
        return event.modifiers  # type: ignore[attr-defined, no-any-return]
    _bad("modifiers")


def _key(event: Event) -> int:
    if isinstance(_live(event, "key"), KeyEvent):
        assert isinstance(event, KeyEvent)
        return event.key
    _bad("key")


def _fixed(method: str, value: Any) -> Callable[[Event], Any]:
    def read(event: Event) -> Any:
        _live(event, method)
        return value

    return read


METHODS: Final[tuple[tuple[str, str, tuple[str, ...], Callable[..., Any]], ...]] = (
    ("name", "string", (), _name),
    ("contents", "string", (), _contents),
    ("contentsArray", "string[]", (), _contents_array),
    ("returnContents", "string", (), _return_contents),
    ("setReturnContent", "void", ("string",), _set_return_content),
    ("sender", "string", (), _sender),
    ("dataContents", "byte[]", (), _data_contents),
    ("contentType", "int", (), _content_type),
    ("contentMimeType", "string", (), _content_mime_type),
    ("reject", "void", (), _reject),
    ("timeStamp", "float", (), _time_stamp),
    ("activationTime", "float", (), _fixed("activationTime", 0.0)),
    ("pointer", "vector float[2]", (), _pointer("pointer", "pointer")),
    ("relativePointer", "vector float[2]", (), _pointer("relativePointer", "pointer")),
    ("reference", "vector float[2]", (), _pointer("reference", "reference")),
    ("domain", "vector float[2]", (), _domain("domain")),
    ("subDomain", "vector float[2]", (), _domain("subDomain")),
    ("domainVerticalFlip", "bool", (), _vertical_flip),
    ("buttons", "int", (), _buttons),
    ("modifiers", "int", (), _modifiers),
    ("key", "int", (), _key),
    ("pressure", "float", (), _fixed("pressure", 1.0)),
    ("tangentialPressure", "float", (), _fixed("tangentialPressure", 1.0)),
    ("rotation", "float", (), _fixed("rotation", 0.0)),
    ("xTilt", "int", (), _fixed("xTilt", 0)),
    ("yTilt", "int", (), _fixed("yTilt", 0)),
)
"""Name, result type, argument types, function of the event (and the arguments)."""

CONSTANTS: Final[dict[str, int]] = {
    "None": 0,
    "Shift": 1,
    "Control": 2,
    "Alt": 4,
    "Meta": 8,
    "Super": 16,
    "CapLock": 32,
    "NumLock": 64,
    "ScrollLock": 128,
    "Button1": 1,
    "Button2": 2,
    "Button3": 4,
    "UnknownObject": -1,
    "BadObject": 0,
    "FileObject": 1,
    "URLObject": 2,
    "TextObject": 3,
}
"""Constants of the class."""
