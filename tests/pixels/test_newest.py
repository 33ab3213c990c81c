"""What was pushed last is what everything shows at once: pixel values, snapshots, exports, the
screen; and what does not go in is refused with a line while the rest stays."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from rvshell.client import Client
from rvshell.pixels import open_image
from rvshell.protocol import PAYLOAD_DONE, Event, Greeting, Parser, PixelTile, encode_return
from tests.pixels.running import RunningPlayer
from tests.screens import HAVE_XVFB, VirtualScreen, virtual_screen
from tests.waiting import until

SIZE = 64, 32

pytestmark = pytest.mark.skipif(not HAVE_XVFB, reason="Xvfb is not installed")


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualScreen]:
    with virtual_screen(tmp_path_factory.mktemp("screen"), (640, 320)) as made:
        yield made


@pytest.fixture(scope="module")
def shared_player(
    screen: VirtualScreen, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningPlayer]:
    """A player with a window that is all of the screen."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in screen.env.items():
            patch.setenv(name, value)
        words = ("--size", "640x320")
        with RunningPlayer(tmp_path_factory.mktemp("player"), *words, display="window") as player:
            yield player


def colour(path: Path, x: int, y: int) -> list[int]:
    """A pixel of a picture, counted from its upper left corner."""
    return oiio.ImageBuf(str(path)).get_pixels("uint8")[y, x, :3].tolist()


def at(screen: VirtualScreen, x: int, y: int) -> list[int]:
    """What the screen shows in the middle of a pixel, counted from the upper left corner."""
    return screen.shot()[y * 10 + 5, x * 10 + 5].tolist()


def flat(rgb: tuple[int, int, int], height: int = 32, width: int = 64) -> np.ndarray:
    return np.full((height, width, 3), rgb, np.uint8)


def test_the_screen_shows_the_newest(player: RunningPlayer, screen: VirtualScreen) -> None:
    with open_image("shown", *SIZE, channels=3, dtype="uint8", port=player.port) as image:
        for number in range(6):
            rgb = [number * 40, 255 - number * 40, 0]
            image.send(flat((rgb[0], rgb[1], 0)))
            image.send_tile(32, 16, flat((0, 0, 255), 16, 32))
            assert image.sync()
            with Client.connect(port=player.port, name="looker") as client:
                told = client.request("player-admin", '{"do": "tiles"}')
            counts = json.loads(told)["ok"]
            assert counts["shown"] == counts["came"] > 0
            # the X server draws when it gets to it
            until(lambda rgb=rgb: at(screen, 5, 5) == rgb and at(screen, 60, 28) == [0, 0, 255])


def test_sync_waits_until_it_is_shown() -> None:
    """A far end that shows the third picture after the question; and RV, which knows none."""
    for answers in ([f'{{"ok": {{"came": 9, "shown": {n}}}}}' for n in (6, 8, 9)], [""]):
        asked: list[str] = []
        with far_end(answers, asked) as port, open_image("far", 4, 4, port=port) as image:
            image.send(np.zeros((4, 4, 4), np.float32))
            assert image.sync()
            assert len(asked) == len(answers)


def test_what_rv_is_told() -> None:
    """One block of Mu makes the source, one call the pixels, as RV's own rvshell does it."""
    told: list[str] = []
    with (
        far_end([""], [], told) as port,
        open_image("b", 4, 3, frames=(1, 2), views=("left", "right"), port=port) as image,
    ):
        image.send(np.zeros((3, 4, 4), np.float32), view="right")
        assert image.sync()
    made, pixels, tile, *rest = told
    assert made.startswith('{ string s = "";') and made.endswith("s; }")
    assert made.count("newImageSource(") == 1
    assert (
        's = newImageSource("b", 4, 3, 4, 3, 0, 0, 1.0, 4, 32, true, 1, 2, 24.0, nil, '
        'string[] {"left", "right"});'
    ) in made
    assert 'newImageSourcePixels("sourceGroup000000_source", 1, nil, "right")' in pixels
    assert (tile, rest) == ("4x3+0+0", ["redraw(); frame();", "frame();"])


@contextmanager
def far_end(answers: list[str], asked: list[str], told: list[str] | None = None) -> Iterator[int]:
    """One that greets, evaluates to a node's name (`told` gets the Mu, and of tiles where they
    go), and has these answers to `player-admin`."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        sock, _ = server.accept()
        parser = Parser()
        with sock:
            while count := sock.recv_into(parser.get_buffer()):
                parser.buffer_updated(count)
                while (record := parser.next_record()) is not None:
                    if record is PAYLOAD_DONE:
                        continue
                    if isinstance(record, Greeting):
                        sock.sendall(b"GREETING 2 rv")
                    elif isinstance(record, PixelTile):
                        if told is not None:
                            told.append(f"{record.width}x{record.height}+{record.x}+{record.y}")
                        if parser.payload is None:
                            parser.skip()
                    elif isinstance(record, Event) and record.name == "player-admin":
                        asked.append(record.contents)
                        sock.sendall(encode_return(answers[len(asked) - 1]))
                    elif isinstance(record, Event) and record.wants_reply:
                        if told is not None:
                            told.append(record.contents)
                        sock.sendall(encode_return('"sourceGroup000000_source"'))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        thread.join(30)
        server.close()


def test_values_snapshots_and_exports_are_of_the_newest(
    player: RunningPlayer, tmp_path: Path
) -> None:
    """Asked on the connection that the tiles came by, with nothing in between."""
    with open_image("now", *SIZE, channels=3, dtype="uint8", port=player.port) as image:
        image.send(flat((1, 2, 3)))
        assert image.sync()  # values are those of a picture that is shown, as in RV
        (node,) = image.nodes
    snapshot, export = tmp_path / "shown.png", tmp_path / "export.png"
    with Client.connect(port=player.port, name="renderer") as client:
        for number in range(12):
            rgb = (0, number * 20, 255 - number * 20)
            client.send_tile(PixelTile("now", width=64, height=32, x=0, y=0, frame=1), flat(rgb))
            value = client.eval_mu(f'sourcePixelValue("{node}", 7.0, 3.0)')
            found = [float(number) for number in value.strip("<>").split(",")]
            assert found == pytest.approx([*(v / 255 for v in rgb), 1], abs=1e-4)
            client.eval_mu(f'exportCurrentFrame("{snapshot}");')
            assert colour(snapshot, 7, 7) == list(rgb)
            client.eval_mu(f'exportCurrentSourceFrame("{export}");')
            assert colour(export, 7, 7) == list(rgb)


def test_the_last_of_overlapping_tiles_is_on_top(player: RunningPlayer) -> None:
    expected = np.zeros((32, 64, 3), np.uint8)
    rng = np.random.default_rng(5)
    with open_image("laps", *SIZE, channels=3, dtype="uint8", port=player.port) as image:
        for _ in range(400):
            width, height = (int(n) for n in rng.integers(1, 24, 2))
            x, y = int(rng.integers(0, 65 - width)), int(rng.integers(0, 33 - height))
            tile = rng.integers(0, 256, (height, width, 3), np.uint8)
            image.send_tile(x, y, tile)
            expected[y : y + height, x : x + width] = tile
        assert image.sync()
        code = f"bytes(rv.commands.getByteProperty('{image.nodes[0]}.image.1')).hex()"
        with Client.connect(port=player.port, name="reader") as client:
            assert client.eval_python(code) == expected[::-1].tobytes().hex()


def test_a_picture_of_nan_and_infinity_is_shown(
    player: RunningPlayer, screen: VirtualScreen
) -> None:
    pixels = np.zeros((32, 64, 4), np.float32)
    pixels[:8], pixels[8:16], pixels[16:24] = np.nan, np.inf, -np.inf
    pixels[24:] = 1
    with open_image("odd", *SIZE, port=player.port) as image:
        image.send(pixels)
        assert image.sync()
        until(lambda: [at(screen, 9, y)[0] for y in (12, 20, 28)] == [255, 0, 255])
        image.send(np.ones((32, 64, 4), np.float32))
        until(lambda: at(screen, 9, 3) == [255, 255, 255])
    assert not [line for line in player.log if "ERROR" in line or "Warning" in line]


def test_the_newest_tile_is_outlined_for_a_moment(tmp_path: Path) -> None:
    """With --render-cursor; it goes by itself, though nothing else is drawn then."""
    black, blue = flat((0, 0, 0)), flat((0, 0, 255), 8, 16)
    with pytest.MonkeyPatch.context() as patch, virtual_screen(tmp_path, (640, 320)) as screen:
        for name, value in screen.env.items():
            patch.setenv(name, value)
        words = ("--size", "640x320", "--render-cursor")
        with (
            RunningPlayer(tmp_path, *words, display="window") as player,
            open_image("cursor", *SIZE, channels=3, dtype="uint8", port=player.port) as image,
        ):
            image.send(black)
            assert image.sync()

            def outlined() -> bool:
                shot = screen.shot().astype(int)
                around = shot[70:170, 310:490].reshape(-1, 3)  # the tile is 320…480, 80…160
                far = shot[200:, 500:].reshape(-1, 3)
                return bool((around[:, :2] > 60).any()) and not far.any()

            def again() -> bool:
                image.send_tile(32, 8, blue)
                return outlined()

            until(again, "an outline")
            until(lambda: at(screen, 40, 12) == [0, 0, 255] and not outlined(), "no outline")
