"""The page: what it lets in, what it shows, and a real browser on it."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import OpenImageIO as oiio
import pytest

from player.display import InputEvent, open_sink
from player.display.web import WebSink
from player.image import Status
from rvshell.errors import LocalError, UsageError
from tests.display.browser import CHROMIUM, Browser
from tests.waiting import until


@pytest.fixture
def events() -> list[InputEvent]:
    return []


@pytest.fixture
def sink(events: list[InputEvent]) -> Iterator[WebSink]:
    made = WebSink(64, 36, on_input=events.append)
    yield made
    made.close()


def halves(width: int, height: int) -> np.ndarray:
    picture = np.full((height, width, 4), 255, np.uint8)
    picture[: height // 2, :, :3] = (250, 120, 10)
    picture[height // 2 :, :, :3] = (5, 60, 240)
    return picture


def ask(
    sink: WebSink, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    at = urlsplit(sink.address)
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=20)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        data = answer.read()
    finally:
        connection.close()
    return answer.status, dict(answer.getheaders()), data


def path(sink: WebSink, rest: str = "") -> str:
    return urlsplit(sink.address).path + rest


def post(sink: WebSink, *made: dict[str, Any]) -> int:
    return ask(sink, path(sink, "input"), "POST", json.dumps(made).encode())[0]


def decode(data: bytes, kind: str, folder: Path) -> np.ndarray:
    file = folder / f"x.{kind.rpartition('/')[2]}"
    file.write_bytes(data)
    pixels: np.ndarray = oiio.ImageBuf(str(file)).get_pixels("uint8")
    return pixels


# -- who may ask -----------------------------------------------------------------------------


def test_it_listens_on_this_machine_only(sink: WebSink) -> None:
    at = urlsplit(sink.address)
    assert at.hostname == "127.0.0.1" and len(at.path) > 30
    found = socket.getaddrinfo(socket.gethostname(), at.port, type=socket.SOCK_STREAM)
    for *_, address in found:
        if not str(address[0]).startswith("127."):
            with pytest.raises(OSError), socket.create_connection(address[:2], 2):
                pass


def test_without_the_token_there_is_nothing(sink: WebSink) -> None:
    assert ask(sink, path(sink))[0] == 200
    token = path(sink).strip("/")
    for wrong in ("/", "/x/", f"/{token[:-1]}/", f"/{token}x/", f"/{token}", "//", "/../",
                  f"/{token}/nothing", f"/{token}/page.html", "/%00/"):  # fmt: skip
        status, _, body = ask(sink, wrong)
        assert (status, body) == (404, b""), wrong


def test_other_sites_are_refused(sink: WebSink, events: list[InputEvent]) -> None:
    at = urlsplit(sink.address).netloc
    for headers in ({"Host": "evil.example"}, {"Host": f"evil.example:{at.split(':')[1]}"},
                    {"Host": at, "Origin": "http://evil.example"},
                    {"Host": at, "Origin": "null"}):  # fmt: skip
        assert ask(sink, path(sink), **headers)[0] == 404
        body = json.dumps([{"kind": "key", "key": "a"}]).encode()
        assert ask(sink, path(sink, "input"), "POST", body, **headers)[0] == 404
    assert events == []
    assert ask(sink, path(sink), Origin=f"http://{at}")[0] == 200


def test_the_page_may_load_nothing_from_elsewhere(sink: WebSink) -> None:
    _, headers, body = ask(sink, path(sink))
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'") and "frame-ancestors 'none'" in policy
    nonce = policy.split("nonce-")[1].split("'")[0]
    assert f'<script nonce="{nonce}">'.encode() in body and b"http" not in body.replace(
        b"html", b""
    )
    assert headers["Cache-Control"] == "no-store" and headers["Referrer-Policy"] == "no-referrer"
    assert nonce not in ask(sink, path(sink))[1]["Content-Security-Policy"]


@pytest.mark.parametrize("body", [
    b"", b"[", b"{}", b"[1]", b"[null]", b'[{"kind":"key"}]', b'[{"kind":"key","key":""}]',
    b'[{"kind":"key","key":"\\u0000"}]', b'[{"kind":"nothing"}]', b'[{"kind":"press","x":"a"}]',
    b'[{"kind":"press","x":1e400,"y":0}]', b'[{"kind":"press","x":0,"y":0,"button":9}]',
    b'[{"kind":"size","width":1e999,"height":1}]', b'[{"kind":"frame","frame":"x"}]',
    b"[" * 20000, b"[" + b'{"kind":"move","x":0,"y":0},' * 300 + b"1]",
])  # fmt: skip
def test_nonsense_is_refused(sink: WebSink, events: list[InputEvent], body: bytes) -> None:
    assert ask(sink, path(sink, "input"), "POST", body)[0] == 400
    assert post(sink, {"kind": "key", "key": "a"}) == 200
    assert events[-1].name == "key-down--a"


def test_too_much_is_refused(sink: WebSink) -> None:
    assert ask(sink, path(sink, "input"), "POST", b" " * (1 << 17))[0] == 413
    assert ask(sink, path(sink, "input"), "POST", b"x", **{"Content-Length": "-1"})[0] == 413
    assert ask(sink, path(sink, "picture?after=x"))[0] == 400


def test_a_port_that_is_taken_is_one_line(sink: WebSink) -> None:
    with pytest.raises(LocalError, match="cannot listen on 127"):
        WebSink(port=urlsplit(sink.address).port or 0)
    with pytest.raises(UsageError):
        open_sink("web:x")


# -- pictures and input ----------------------------------------------------------------------


def test_a_still_picture_is_exact_and_moving_ones_are_close(sink: WebSink, tmp_path: Path) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (36, 64, 4), np.uint8)
    picture[..., 3] = 255
    sink.show(picture)
    status, headers, data = ask(sink, path(sink, "picture?after=0"))
    assert (status, headers["Content-Type"]) == (200, "image/png")
    np.testing.assert_array_equal(decode(data, "image/png", tmp_path)[..., :3], picture[..., :3])
    number = int(headers["X-Number"])
    smooth = np.full((36, 64, 4), 255, np.uint8)
    smooth[..., 0] = np.arange(64) * 4
    smooth[..., 1] = (np.arange(36) * 7)[:, None]
    for _ in range(3):
        sink.show(smooth)
    _, headers, data = ask(sink, path(sink, f"picture?after={number}"))
    assert headers["Content-Type"] == "image/jpeg" and int(headers["X-Number"]) == number + 3
    off = np.abs(decode(data, "image/jpeg", tmp_path).astype(int) - smooth[..., :3])
    assert off.max() <= 4


def test_the_status_comes_along(sink: WebSink) -> None:
    sink.show(halves(64, 36))
    status = Status("shot.exr  7 [1-9]  ▶", 7, 1, 9, 24.0, True)
    sink.set_status(status)
    _, headers, data = ask(sink, path(sink, "picture?after=1&text=old"))
    assert data == b"" and headers["X-Number"] == "0"  # no new picture, another line
    assert json.loads(headers["X-Status"]) == {
        "text": status.text, "frame": 7, "start": 1, "end": 9, "fps": 24.0, "playing": True,
        "question": None,
    }  # fmt: skip
    assert json.loads(ask(sink, path(sink, "status"))[2])["frame"] == 7


def test_input_is_rvs(sink: WebSink, events: list[InputEvent]) -> None:
    post(
        sink,
        {"kind": "key", "key": "x", "control": True},
        {"kind": "key", "key": "left", "alt": True},
        {"kind": "press", "x": 0.25, "y": 0.25, "button": 1, "shift": True},
        {"kind": "move", "x": 0.5, "y": 0.5, "shift": True},
        {"kind": "release", "x": 0.5, "y": 0.5, "button": 1, "shift": True},
        {"kind": "wheel", "x": 0.5, "y": 0.5, "up": True},
        {"kind": "frame", "frame": 12},
    )
    assert [e.name for e in events] == [
        "key-down--control--x", "key-down--alt--left", "pointer-1--shift--push",
        "pointer-1--shift--drag", "pointer-1--shift--release", "pointer--wheelup", "frame",
    ]  # fmt: skip
    assert (events[2].x, events[2].y, events[2].width, events[2].height) == (16, 27, 64, 36)
    assert events[-1].key == 12
    post(sink, {"kind": "size", "width": 900, "height": 500})
    assert sink.size() == (900, 500)
    post(sink, {"kind": "size", "width": 1, "height": 10**9})
    assert sink.size() == (160, 1200)


def test_closing_ends_those_who_wait(sink: WebSink) -> None:
    sink.show(halves(64, 36))
    answers: list[int] = []

    def wait() -> None:
        with suppress(OSError, http.client.HTTPException):
            answers.append(ask(sink, path(sink, "picture?after=1"))[0])

    thread = threading.Thread(target=wait)
    thread.start()
    sink.close()
    thread.join(15)
    assert answers in ([410], [])  # told, or cut off with the connection
    assert not thread.is_alive()
    sink.close()


# -- a browser -------------------------------------------------------------------------------


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt install chromium-headless-shell")
def test_in_a_browser(sink: WebSink, events: list[InputEvent], tmp_path: Path) -> None:
    browser = Browser(tmp_path / "profile", 800, 600)
    try:
        browser.open(sink.address)
        # the page asks for pictures of its own size
        until(lambda: sink.size()[0] > 700, "the size of the page")
        width, height = sink.size()
        sink.set_status(Status("shot.exr  3 [1-9]  24 fps", 3, 1, 9, 24.0, False))
        sink.show(halves(width, height))
        browser.wait("document.getElementById('picture').dataset.number > 0", "the picture")
        png = tmp_path / "page.png"
        png.write_bytes(browser.shot())
        pixels = oiio.ImageBuf(str(png)).get_pixels("uint8")
        assert tuple(pixels[height // 4, 400, :3]) == (250, 120, 10)
        assert tuple(pixels[3 * height // 4, 400, :3]) == (5, 60, 240)
        assert browser.js("document.title") == "shot.exr 3 [1-9] 24 fps"  # blanks run together
        assert browser.js("[+time.min, +time.max, +time.value]".replace(
            "time", "document.getElementById('time')")) == [1, 9, 3]  # fmt: skip
        # keys, the mouse, the buttons and the slider
        browser.key("ArrowRight")
        browser.key("c", "c")
        middle = (400.0, height / 2)
        browser.mouse("mousePressed", *middle, button="left", buttons=1, clickCount=1)
        browser.mouse("mouseMoved", 440.0, height / 2, button="left", buttons=1)
        browser.mouse("mouseReleased", 440.0, height / 2, button="left", clickCount=1)
        browser.js("document.getElementById('play').click()")
        browser.js(
            "(t => { t.value = 8; t.dispatchEvent(new Event('input')); })"
            "(document.getElementById('time'))"
        )
        until(lambda: [e for e in events if e.name == "frame"], "the slider")
        names = [e.name for e in events]
        for name in ("key-down--right", "key-down--c", "pointer-1--push", "pointer-1--drag",
                     "pointer-1--release", "key-down-- "):  # fmt: skip
            assert name in names, name
        push = next(e for e in events if e.name == "pointer-1--push")
        assert abs(push.x / push.width - 0.5) < 0.01 and abs(push.y / push.height - 0.5) < 0.01
        assert events[-1].key == 8 or any(e.name == "frame" and e.key == 8 for e in events)
        # on a narrow page the text has a row of its own
        assert browser.js("document.getElementById('notice').hidden")
        text, row = "document.getElementById('text')", "document.querySelector('footer')"
        browser.call("Emulation.setDeviceMetricsOverride", width=360, height=500,
                     deviceScaleFactor=1, mobile=False)  # fmt: skip
        browser.wait(f"{text}.clientWidth > 0.8 * {row}.clientWidth", "the text's own row")
        assert browser.js(f"{text}.scrollWidth <= {text}.clientWidth")
        browser.call("Emulation.clearDeviceMetricsOverride")
        until(lambda: sink.size() == (width, height), "the old size")
        # moving pictures arrive one after the other
        for level in range(40, 240, 20):
            sink.show(np.full((height, width, 4), level, np.uint8))
        browser.wait("document.getElementById('picture').dataset.number >= 11", "the last picture")
        sink.close()
        browser.wait("document.getElementById('text').textContent.includes('ended')", "the end")
        notice = "document.getElementById('notice')"
        assert browser.js(f"{notice}.hidden === false && {notice}.textContent.includes('ended')")
        assert browser.problems == [] or all("ERR_" in p or "410" in p for p in browser.problems)
    finally:
        browser.close()
