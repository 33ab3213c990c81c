"""A real window on a virtual X server, looked at with a screenshot."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from player.display import Display, InputEvent
from player.display.window import WindowSink
from tests.waiting import until

pytestmark = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed")


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A virtual X server; the path of its frame buffer file."""
    folder = tmp_path_factory.mktemp("screen")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "800x600x24", "-nolisten", "tcp",
         "-fbdir", str(folder)],
        pass_fds=[write], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    assert number, "Xvfb did not start"
    patch = pytest.MonkeyPatch()
    patch.setenv("DISPLAY", f":{number}")
    patch.setenv("SDL_VIDEODRIVER", "x11")
    yield folder / "Xvfb_screen0"
    patch.undo()
    server.terminate()
    server.wait(10)


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

    def job(width: int, height: int, aspect: float) -> np.ndarray:
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
