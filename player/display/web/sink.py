"""The sink behind the page."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from player.display.base import Bytes, InputEvent, OnInput, Status
from player.display.naming import Pointer, key_event
from player.display.png import encode_png
from player.display.web.jpeg import JpegEncoder
from player.display.web.server import PageServer

__all__ = ["WebSink"]

_STILL = 0.2  # seconds between pictures that are no longer a movie
_LARGEST = (1920, 1200)
_SMALLEST = (160, 90)
_MODIFIERS = ("alt", "control", "meta", "shift")


class WebSink:
    """Pictures for browsers; `announce` is told the address."""

    name = "web"
    has_input = False  # it comes on the server's threads
    asks_itself = True
    whole = False

    def __init__(
        self, width: int = 1280, height: int = 720, *, port: int = 0,
        on_input: OnInput | None = None, announce: Callable[[str], None] | None = None,
    ) -> None:  # fmt: skip
        self._size = (width, height)
        self._on_input = on_input
        self._picture: Bytes | None = None
        self._number = 0
        self._still = True
        self._shown_at = 0.0
        self._status = Status()
        self._encoded: tuple[int, str, bytes] = (0, "", b"")
        self._changed = threading.Condition()
        self._encoding = threading.Lock()
        self._jpeg = JpegEncoder()
        self._pointer = Pointer()
        self._server: PageServer | None = PageServer(self, port)
        self.address = self._server.address
        if announce is not None:
            announce(f"INFO: the picture is at {self.address}")

    # -- for the display ---------------------------------------------------------------

    def size(self) -> tuple[int, int]:
        return self._size

    def pixel_aspect(self) -> float:
        return 1.0

    def canvas(self) -> None:
        return None

    def show(self, picture: Bytes) -> None:
        now = time.monotonic()
        with self._changed:
            self._picture = picture
            self._number += 1
            self._still = now - self._shown_at > _STILL
            self._shown_at = now
            self._changed.notify_all()

    def poll(self) -> bool:
        return True

    def set_full_screen(self, on: bool) -> None:
        return None

    def set_status(self, status: Status) -> None:
        with self._changed:
            self._status = status
            self._changed.notify_all()

    def fit(self, width: int, height: int) -> None:
        return None

    def close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            with self._changed:
                self._number += 1
                self._changed.notify_all()
            server.close()

    # -- for the server's threads ------------------------------------------------------

    @property
    def closed(self) -> bool:
        """Whether the page has ended."""
        return self._server is None

    def status(self) -> dict[str, Any]:
        """What the page shows of the transport, as JSON."""
        s, q = self._status, self._status.question
        asked = None
        if q is not None:
            answers = [{"key": k, "label": label, "word": w} for k, label, w in q.answers]
            asked = {"number": q.number, "lines": list(q.lines), "answers": answers}
        return {"text": s.text, "frame": s.frame, "start": s.start, "end": s.end, "fps": s.fps,
                "playing": s.playing, "question": asked}  # fmt: skip

    def wait(self, after: int, known: str, asked: int, seconds: float) -> int:
        """Wait for a picture newer than number *after*, another status line than *known*, or
        another question than number *asked* (0 for none); the number of the newest picture."""

        def other() -> bool:
            s = self._status
            question = 0 if s.question is None else s.question.number
            return self.closed or self._number > after or s.text != known or question != asked

        with self._changed:
            self._changed.wait_for(other, seconds)
            return self._number

    def encoded(self) -> tuple[int, str, bytes]:
        """(number, media type, bytes) of the newest picture; number 0 before the first."""
        with self._encoding:
            with self._changed:
                number, picture, still = self._number, self._picture, self._still
            if picture is None:
                return 0, "", b""
            if self._encoded[0] != number:
                data = None if still else self._jpeg.encode(picture)
                if data is None:
                    made = ("image/png", encode_png(picture[..., :3], level=1))
                else:
                    made = ("image/jpeg", data)
                self._encoded = (number, *made)
            return self._encoded

    def take(self, event: dict[str, Any]) -> None:
        """Something pressed on the page.  Raises ValueError, TypeError, KeyError for nonsense."""
        kind = event["kind"]
        if kind == "size":
            width, height = int(event["width"]), int(event["height"])
            self._size = (
                min(max(width, _SMALLEST[0]), _LARGEST[0]),
                min(max(height, _SMALLEST[1]), _LARGEST[1]),
            )
            return
        held = {m for m in _MODIFIERS if event.get(m)}
        if kind == "key":
            word = str(event["key"])
            if not 0 < len(word) <= 20 or not word.isprintable():
                raise ValueError("no key")
            self._send([key_event(word, held, down=bool(event.get("down", True)))])
        elif kind == "frame":
            self._send([InputEvent("frame", key=int(event["frame"]))])
        elif kind == "answer":
            self._answer(int(event["number"]), str(event["answer"]))
        elif kind in ("press", "release", "move", "wheel"):
            self._point(kind, event, held)
        else:
            raise ValueError("no such event")

    def _answer(self, number: int, word: str) -> None:
        asked = self._status.question
        if asked is None or asked.number != number:
            return  # it is over
        if word not in [known for _, _, known in asked.answers]:
            raise ValueError("no such answer")
        self._send([InputEvent("answer", key=number, text=word)])

    def _point(self, kind: str, event: dict[str, Any], held: set[str]) -> None:
        width, height = self._size
        x, y = float(event["x"]), float(event["y"])  # 0..1 from the upper left
        if not (-1 <= x <= 2 and -1 <= y <= 2):
            raise ValueError("no place")
        self._pointer.place(x * width, (1 - y) * height, width, height)
        button = int(event.get("button", 1))
        if button not in (1, 2, 3):
            raise ValueError("no button")
        if kind == "press":
            self._send(self._pointer.press(button, held, time.monotonic()))
        elif kind == "release":
            self._send(self._pointer.release(button, held))
        elif kind == "move":
            self._send(self._pointer.move(held))
        else:
            self._send(self._pointer.wheel(bool(event.get("up")), held))

    def _send(self, events: list[InputEvent]) -> None:
        if self._on_input is not None:
            for event in events:
                self._on_input(event)
