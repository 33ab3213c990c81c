"""A real window on a virtual X server, looked at with a screenshot."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from player.display import Display, InputEvent, NullSink
from player.display.window import WindowSink
from tests.waiting import until

pytestmark = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed")


@contextmanager
def virtual(folder: Path, *options: str, host: str = "") -> Iterator[Path]:
    """A virtual X server, reached at *host*; the path of its frame buffer file."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "800x600x24", "-nolisten", "tcp",
         "-fbdir", str(folder), *options],
        pass_fds=[write], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    assert number, "Xvfb did not start"
    patch = pytest.MonkeyPatch()
    patch.setenv("DISPLAY", f"{host}:{number}")
    patch.setenv("SDL_VIDEODRIVER", "x11")
    yield folder / "Xvfb_screen0"
    patch.undo()
    server.terminate()
    server.wait(10)


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A virtual X server for all; the path of its frame buffer file."""
    with virtual(tmp_path_factory.mktemp("screen")) as frame_buffer:
        yield frame_buffer


def screenshot(path: Path) -> np.ndarray:
    """The X server's frame buffer (XWD) as (600, 800, 3) RGB."""
    data = path.read_bytes()
    header, colours = int.from_bytes(data[:4], "big"), int.from_bytes(data[76:80], "big")
    start = header + colours * 12
    pixels = np.frombuffer(data, np.uint8, 800 * 600 * 4, start).reshape(600, 800, 4)
    return pixels[..., 2::-1]


def halves(width: int, height: int) -> np.ndarray:
    picture = np.full((height, width, 4), 255, np.uint8)
    picture[: height // 2, :, :3] = (250, 120, 10)
    picture[height // 2 :, :, :3] = (5, 60, 240)
    return picture


def colours(shot: np.ndarray) -> set[tuple[int, ...]]:
    flat, counts = np.unique(shot.reshape(-1, 3), axis=0, return_counts=True)
    return {tuple(map(int, c)) for c, n in zip(flat, counts, strict=True) if n > 1000}


def test_the_picture_is_on_the_screen_and_follows_a_resize(screen: Path, tmp_path: Path) -> None:
    sizes: list[tuple[int, int]] = []
    made: list[WindowSink] = []

    def factory() -> WindowSink:
        made.append(WindowSink("test", 400, 300))
        return made[0]

    def job(width: int, height: int, aspect: float, out: np.ndarray | None) -> np.ndarray:
        sizes.append((width, height))
        return halves(width, height)

    display = Display([factory])
    display.start()
    try:
        display.offer(job)
        both = {(250, 120, 10), (5, 60, 240)}
        until(lambda: both <= colours(screenshot(screen)), "the picture on the screen")
        shot = screenshot(screen)
        rows = np.flatnonzero((shot == (250, 120, 10)).all(axis=2).any(axis=1))
        columns = np.flatnonzero((shot == (250, 120, 10)).all(axis=2).any(axis=0))
        assert (len(rows), len(columns)) == (150, 400)
        out = os.environ.get("KEEP_SCREENSHOTS")
        if out:
            file = oiio.ImageOutput.create("a.png")
            file.open(f"{out}/window.png", oiio.ImageSpec(800, 600, 3, "uint8"))
            file.write_image(np.ascontiguousarray(shot))
            file.close()
        made[0].resize(200, 100)
        until(lambda: (200, 100) in sizes, "a picture of the new size")
    finally:
        display.stop()
    until(lambda: not colours(screenshot(screen)) & both, "the window to be gone")


def test_keys_and_the_close_button_are_told(screen: Path) -> None:
    import ctypes

    import sdl2

    events: list[InputEvent] = []
    sink = WindowSink("test", 100, 80, on_input=events.append)
    try:
        event = sdl2.SDL_Event()
        event.type = sdl2.SDL_KEYDOWN
        event.key.keysym.sym = sdl2.SDLK_SPACE
        sdl2.SDL_PushEvent(ctypes.byref(event))
        move = sdl2.SDL_Event()
        move.type = sdl2.SDL_MOUSEBUTTONDOWN
        move.button.button, move.button.x, move.button.y = 1, 10, 20
        sdl2.SDL_PushEvent(ctypes.byref(move))
        until(lambda: sink.poll() and len([e for e in events if "move" not in e.name]) >= 2)
        named = {e.name: e for e in events}
        assert "key-down-- " in named
        push = named["pointer-1--push"]
        assert (push.buttons, push.modifiers) == (1, 0)
        assert (push.x, push.y, push.width, push.height) == (10, 60, 100, 80)
        dropped = sdl2.SDL_Event()
        dropped.type = sdl2.SDL_DROPFILE
        word = b"/shots/a b.exr"
        # as SDL makes it: whoever reads it frees it
        copy = sdl2.SDL_malloc(len(word) + 1)
        ctypes.memmove(copy, word + b"\0", len(word) + 1)
        at = ctypes.addressof(dropped.drop) + type(dropped.drop).file.offset
        ctypes.c_void_p.from_address(at).value = copy
        sdl2.SDL_PushEvent(ctypes.byref(dropped))
        until(lambda: sink.poll() and any(e.name == "drop" for e in events), "the file")
        assert next(e for e in events if e.name == "drop").text == word.decode()
        closing = sdl2.SDL_Event()
        closing.type = sdl2.SDL_WINDOWEVENT
        closing.window.event = sdl2.SDL_WINDOWEVENT_CLOSE
        sdl2.SDL_PushEvent(ctypes.byref(closing))
        until(lambda: not sink.poll(), "the close button")
    finally:
        sink.close()
        sink.close()


def test_without_a_screen_there_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    from rvshell.errors import LocalError

    monkeypatch.setenv("DISPLAY", ":9999")
    monkeypatch.setenv("SDL_VIDEODRIVER", "x11")
    errors: list[BaseException] = []

    def attempt() -> None:
        display = Display([lambda: WindowSink("test")])
        try:
            display.start()
        except LocalError as error:
            errors.append(error)

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join(15)
    assert len(errors) == 1 and "no screen for a window" in str(errors[0])


def stripes(width: int, height: int, first: int) -> np.ndarray:
    picture = np.zeros((height, width, 4), np.uint8)
    y, x = np.mgrid[0:height, 0:width]
    picture[..., 0], picture[..., 1] = (x + first) % 256, y % 256
    picture[..., 2], picture[..., 3] = (x * 3 + y + first + 90) % 256, 255
    return picture


def shown(shot: np.ndarray, picture: np.ndarray) -> bool:
    """Whether a picture is somewhere in a screenshot, byte for byte."""
    height, width = picture.shape[:2]
    rows, columns = np.nonzero((shot == picture[0, 0, :3]).all(axis=2))
    return any(
        np.array_equal(shot[y : y + height, x : x + width], picture[..., :3])
        for y, x in zip(rows, columns, strict=True)
        if y + height <= shot.shape[0] and x + width <= shot.shape[1]
    )


def secret(folder: Path) -> tuple[str, str]:
    """A server's option for an Xauthority file with a cookie for any display."""
    parts = (b"", b"", b"MIT-MAGIC-COOKIE-1", bytes(range(16)))
    data = b"\xff\xff" + b"".join(len(p).to_bytes(2, "big") + p for p in parts)
    (folder / "authority").write_bytes(data)
    return "-auth", str(folder / "authority")


@pytest.mark.parametrize("way", ["shared", "with a cookie", "by SDL", "over the network"])
def test_every_byte_is_on_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    options: tuple[str, ...] = ("-extension", "MIT-SHM") if way == "by SDL" else ()
    host = "localhost" if way == "over the network" else ""  # what ssh -X looks like
    if host:
        options = ("-listen", "tcp", "-ac")
    if way == "with a cookie":
        options = secret(tmp_path)
        monkeypatch.setenv("XAUTHORITY", options[1])
    with virtual(tmp_path, *options, host=host) as frame_buffer:
        sink = WindowSink("test", 320, 200)
        try:
            by_sdl = way in ("by SDL", "over the network")
            assert (sink._shared is None) == by_sdl
            for first, (width, height) in enumerate([(320, 200), (321, 199), (240, 160)]):
                sink.resize(width, height)
                until(lambda w=width, h=height: sink.poll() and sink.size() == (w, h))
                for n in range(3):
                    picture = stripes(width, height, 40 * first + 7 * n)
                    sink.show(picture)
                    until(lambda p=picture: sink.poll() and shown(screenshot(frame_buffer), p))
            # one of another size, while a resize is on its way: what fits is shown
            larger = stripes(400, 300, 99)
            sink.show(larger)
            until(lambda: shown(screenshot(frame_buffer), larger[:160, :240]))
            smaller = stripes(100, 60, 7)
            sink.show(smaller)
            until(lambda: shown(screenshot(frame_buffer), smaller))
            assert (sink._shared is None) == by_sdl  # all of them that way
        finally:
            sink.close()


def test_unusual_pixels_are_left_to_sdl(tmp_path: Path) -> None:
    with virtual(tmp_path, "-screen", "0", "320x240x16"):
        sink = WindowSink("test", 200, 100)
        try:
            assert sink._shared is None
            sink.show(stripes(200, 100, 3))
            assert sink.poll()
        finally:
            sink.close()


@pytest.mark.parametrize("way", ["shared", "by SDL"])
def test_a_picture_is_made_where_the_server_reads_it(tmp_path: Path, way: str) -> None:
    sinks: list[WindowSink] = []
    made: list[tuple[np.ndarray, np.ndarray | None]] = []

    def factory() -> WindowSink:
        sinks.append(WindowSink("test", 320, 200))
        return sinks[0]

    def job(w: int, h: int, aspect: float, out: np.ndarray | None = None) -> np.ndarray:
        picture = stripes(w, h, 17 * len(made))
        made.append((picture, out))
        if out is None:
            return picture
        out[...] = picture
        return out

    with virtual(tmp_path, *(("-extension", "MIT-SHM") if way == "by SDL" else ())) as frame_buffer:
        display = Display([factory])
        display.start()
        try:
            for count in (1, 2, 3):
                display.offer(job)
                until(lambda n=count: display.counters.shown == n)
                until(lambda: shown(screenshot(frame_buffer), made[-1][0]))
            display._post(lambda sink: sink.resize(240, 160))
            until(lambda: made[-1][0].shape[:2] == (160, 240), "a picture of the new size")
            until(lambda: shown(screenshot(frame_buffer), made[-1][0]))
        finally:
            display.stop()
    assert all((out is None) == (way == "by SDL") for _, out in made)


def test_what_several_screens_show_is_no_ones_memory(screen: Path, tmp_path: Path) -> None:
    made: list[np.ndarray] = []

    def job(w: int, h: int, aspect: float) -> np.ndarray:  # no `out`
        made.append(stripes(w, h, 5))
        return made[-1]

    null = NullSink(200, 100)
    display = Display([lambda: WindowSink("test", 200, 100), lambda: null])
    display.start()
    try:
        display.offer(job)
        until(lambda: bool(made) and shown(screenshot(screen), made[-1]))
        assert null.last is made[-1]
    finally:
        display.stop()


def test_a_server_that_refuses_a_picture_gets_it_otherwise(screen: Path) -> None:
    sink = WindowSink("test", 200, 100)
    try:
        shared = sink._shared
        assert shared is not None
        shared._window = 1  # no such window: an error of the protocol
        picture = stripes(200, 100, 3)
        sink.show(picture)  # and no other comes after it
        until(lambda: sink.poll() and shown(screenshot(screen), picture))
        assert sink._shared is None
    finally:
        sink.close()


def test_a_server_that_is_silent_is_not_waited_for_for_ever(
    screen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = WindowSink("test", 200, 100)
    try:
        assert sink._shared is not None
        monkeypatch.setattr("player.display.xpictures._PATIENCE", 0.05)
        sink._shared._line._sock.settimeout(0.05)
        sink._shared._busy = True  # of a picture that it never got
        sink.show(stripes(200, 100, 5))
        assert sink._shared is None
        until(lambda: sink.poll() and shown(screenshot(screen), stripes(200, 100, 5)))
    finally:
        sink.close()
