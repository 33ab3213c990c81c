"""The Python API at real players: what it takes, what it refuses, and viewers that die."""

from __future__ import annotations

import logging
import socket
import threading
from array import array
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rvshell.errors import ConnectionFailed, PixelError, UsageError
from rvshell.pixels import Image, ImageSpec, open_image
from rvshell.pixels.names import decode_name, encode_layer, encode_name
from tests.pixels.running import RunningPlayer
from tests.pixels.test_push_verb import pixels_of
from tests.ports import free_port
from tests.waiting import until

RNG = np.random.default_rng(3)
KINDS = {"uint8": "Byte", "half": "Half", "float": "Float"}


def arrived(player: RunningPlayer, image: Image, key: str = "1", target: int = 0) -> np.ndarray:
    """(height, width, channels) as the player has it, top row first."""
    spec = image.spec
    width, height = spec.size
    count = width * height * spec.channels
    values = pixels_of(player, image.nodes[target], key, KINDS[spec.dtype], count)
    return values.astype(spec.numpy_dtype).reshape(height, width, spec.channels)[::-1]


# -- what it takes -----------------------------------------------------------------------


def test_three_lines_are_enough(player: RunningPlayer) -> None:
    pixels = RNG.random((9, 16, 4), np.float32)
    with open_image("beauty", 16, 9, port=player.port) as image:
        image.send(pixels)
        assert image.sync()
        np.testing.assert_array_equal(arrived(player, image), pixels)


class WithArray:
    def __init__(self, pixels: np.ndarray) -> None:
        self._pixels = pixels

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return self._pixels


class Broken:
    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        raise KeyError("gone")


class WithDLPack:
    """What torch and cupy have in common: no buffer, no __array__, only DLPack."""

    def __init__(self, pixels: np.ndarray) -> None:
        self._pixels = pixels

    def __dlpack__(self, **kwargs: Any) -> Any:
        return self._pixels.__dlpack__(**kwargs)

    def __dlpack_device__(self) -> Any:
        return self._pixels.__dlpack_device__()


class OfTorch(WithDLPack):
    """A parameter of a network: it has to be detached, and fetched from the device."""

    requires_grad = True

    def __dlpack_device__(self) -> Any:
        return (2, 0) if self.requires_grad else (1, 0)

    def detach(self) -> OfTorch:
        return self

    def cpu(self) -> WithDLPack:
        return WithDLPack(self._pixels)


class OnDevice(WithDLPack):
    """Memory of a GPU, which must be fetched."""

    def __dlpack_device__(self) -> Any:
        return (2, 0)

    def get(self) -> np.ndarray:
        return self._pixels


class WithMinus(WithDLPack):
    """A view of torch whose minus is not in its memory."""

    def resolve_neg(self) -> WithDLPack:
        return WithDLPack(-self._pixels)


PIXELS = RNG.random((6, 8, 3), np.float32)


@pytest.mark.parametrize(
    "data",
    [
        PIXELS,
        np.asfortranarray(PIXELS),
        np.repeat(np.repeat(PIXELS, 2, 0), 3, 1)[::2, ::3],  # every second row, every third column
        np.pad(PIXELS, ((1, 1), (2, 2), (0, 2)))[1:-1, 2:-2, :3],  # part of a wider picture
        PIXELS[::-1].copy()[::-1],
        PIXELS.tobytes(),
        bytearray(PIXELS.tobytes()),
        memoryview(PIXELS),
        array("f", PIXELS.reshape(-1).tolist()),
        WithArray(PIXELS),
        WithDLPack(PIXELS),
        OnDevice(PIXELS),
        OfTorch(PIXELS),
        WithMinus(-PIXELS),
        PIXELS.view(type("Sub", (np.ndarray,), {})),
    ],
    ids=lambda d: type(d).__name__,
)  # fmt: skip
@pytest.mark.parametrize("copy", [True, False])
def test_any_array(player: RunningPlayer, data: Any, copy: bool) -> None:
    with open_image("any", 8, 6, channels=3, port=player.port) as image:
        image.send(data, copy=copy)
        image.sync()
        np.testing.assert_array_equal(arrived(player, image), PIXELS)


@pytest.mark.parametrize("dtype", ["uint8", "half", "float"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_types_and_channels(player: RunningPlayer, dtype: str, channels: int) -> None:
    with open_image("t", 13, 7, channels=channels, dtype=dtype, port=player.port) as image:
        pixels = (RNG.random((7, 13, channels)) * 200).astype(image.spec.numpy_dtype)
        image.send_tile(0, 0, pixels[:4])
        image.send_tile(0, 4, pixels[4:, :5])
        image.send_tile(5, 4, pixels[4:, 5:])
        if channels == 1:
            image.send_tile(0, 0, pixels[:4, :, 0])
        image.sync()
        np.testing.assert_array_equal(arrived(player, image), pixels)


@pytest.mark.parametrize("dtype", ["uint16", np.uint16, np.dtype("uint16")], ids=str)
def test_sixteen_bits(player: RunningPlayer, dtype: Any) -> None:
    """Scripts cannot read such properties, in RV as here: the values are looked at."""
    pixels = RNG.integers(0, 1 << 16, (3, 4, 3), np.uint16)
    with open_image("deep", 4, 3, channels=3, dtype=dtype, port=player.port) as image:
        image.send(pixels)
        image.sync()
        for y, x in np.ndindex(3, 4):
            code = f'sourcePixelValue("{image.nodes[0]}", {x}.0, {2 - y}.0)'
            got = np.rint(np.array(player.numbers(code)[:3]) * 65535)
            np.testing.assert_array_equal(got, pixels[y, x])


def test_odd_floats_are_just_pixels(player: RunningPlayer) -> None:
    pixels = np.array([[[np.nan, np.inf, -np.inf, -0.0], [6e-8, 65504, 1, 0]]], np.float16)
    with open_image("odd", 2, 1, dtype="half", port=player.port) as image:
        image.send(pixels)
        image.sync()
        got = arrived(player, image)
        np.testing.assert_array_equal(got[..., 1:], pixels[..., 1:])
        assert np.isnan(got[0, 0, 0])


def test_bottom_up(player: RunningPlayer) -> None:
    pixels = RNG.random((6, 4, 4), np.float32)
    with open_image("up", 4, 6, port=player.port) as image:
        image.send(pixels, bottom_up=True)
        image.send_tile(1, 0, pixels[:2, 1:3] + 1, bottom_up=True)
        image.sync()
        expected = pixels.copy()
        expected[:2, 1:3] += 1
        np.testing.assert_array_equal(arrived(player, image), expected[::-1])


def test_views_layers_frames(player: RunningPlayer) -> None:
    with open_image(
        "many", 4, 3, views=("left", "right"), layers=("beauty", "a.b"), frames=(5, 8),
        port=player.port,
    ) as image:  # fmt: skip
        value = 0.0
        expected = {}
        for frame in (5, 6, 8):
            for view in ("left", "right"):
                for layer in ("beauty", "a.b"):
                    value += 1
                    image.send(np.full((3, 4, 4), value, np.float32), frame=frame, view=view,
                               layer=layer)  # fmt: skip
                    expected[f"{frame}:{view};{layer.replace('.', '*')}"] = value
        image.sync()
        for key, number in expected.items():
            assert set(arrived(player, image, key).reshape(-1)) == {number}


def test_the_frame_is_remembered(player: RunningPlayer) -> None:
    with open_image("frames", 2, 2, frames=(1, 3), port=player.port) as image:
        image.send(np.full((2, 2, 4), 1, np.float32))
        image.send_tile(0, 0, np.full((1, 1, 4), 2, np.float32), frame=2)
        image.send_tile(1, 1, np.full((1, 1, 4), 3, np.float32))
        image.sync()
        assert arrived(player, image, "2")[..., 0].tolist() == [[2, 0], [0, 3]]
        assert set(arrived(player, image, "1").reshape(-1)) == {1}


def test_data_window_and_aspect(player: RunningPlayer) -> None:
    with open_image(
        "window", 20, 10, window=(3, 2, 8, 4), pixel_aspect=2.0, fps=30, port=player.port
    ) as image:
        image.send(np.full((4, 8, 4), 0.5, np.float32))
        image.sync()
        found = {
            name: player.numbers(f'getIntProperty("{image.nodes[0]}.image.{name}")')
            for name in ("width", "height", "uncropWidth", "uncropHeight", "uncropX", "uncropY")
        }
        assert [v[0] for v in found.values()] == [8, 4, 20, 10, 3, 4]  # from the bottom: 10-2-4
        aspect = player.numbers(f'getFloatProperty("{image.nodes[0]}.image.pixelAspect")')
        assert aspect == [2.0]


def test_names_that_the_wire_cannot_carry(player: RunningPlayer) -> None:
    name, layer = "a=(b), c 100%", "dir/light #1"
    with open_image(name, 2, 2, layers=("beauty", layer), port=player.port) as image:
        image.send(np.ones((2, 2, 4), np.float32), layer=layer)
        image.sync()
        node = image.nodes[0]
        assert name in player.ask(f'getStringProperty(nodeGroup("{node}") + ".ui.name")')
        assert decode_name(image.spec.media) == name
        assert arrived(player, image, f"1;{encode_layer(layer)}").all()


def test_a_name_with_folders_is_shown_as_given(player: RunningPlayer) -> None:
    with open_image("shots/010/beauty", 2, 2, port=player.port) as image:
        assert image.sync()
        (node,) = image.nodes
        assert player.ask(f'extra_commands.uiName(nodeGroup("{node}"))') == f'"{image.spec.name}"'


@pytest.mark.parametrize("name", ["x", "a b", "ü(=),%", "日本", "a\tb\n", '"\\'])
def test_names_come_back(name: str) -> None:
    encoded = encode_name(name)
    assert not set(encoded) & set('=,() \t\n"\\')
    assert decode_name(encoded) == name


# -- what it refuses -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "y", "pixels", "text"),
    [
        (0, 0, np.zeros((2, 2, 4), np.float64), "type float64.*float32"),
        (0, 0, np.zeros((2, 2, 3), np.float32), "shape"),
        (0, 0, np.zeros((2, 2), np.float32), "shape"),
        (0, 0, np.zeros((0, 2, 4), np.float32), "empty"),
        (0, 0, np.zeros((0, 0, 4), np.float32), "empty"),
        (-1, 0, np.zeros((2, 2, 4), np.float32), "not inside"),
        (0, 9, np.zeros((2, 2, 4), np.float32), "not inside"),
        (15, 0, np.zeros((2, 2, 4), np.float32), "not inside"),
        (0.5, 0, np.zeros((2, 2, 4), np.float32), "two whole numbers, not 0.5, 0"),
        (0, 0, "pixels", "does not give its pixels"),
        (0, 0, [[1.0]], "does not give its pixels"),
        (0, 0, np.zeros((2, 2, 4), ">f4"), "float32 in the byte order of other machines"),
        (0, 0, memoryview(bytes(128))[::2], "do not lie together"),
        (0, 0, Broken(), "a Broken does not give its pixels: 'gone'"),
        (0, 0, np.zeros((2, 2, 4), np.int32), "type int32"),
        (0, 0, np.zeros((2, 2, 2, 4), np.float32), "shape"),
        (0, 0, b"123", "whole float32"),
    ],
)
def test_wrong_tiles(player: RunningPlayer, x: Any, y: int, pixels: Any, text: str) -> None:
    with open_image("wrong", 16, 10, port=player.port) as image:
        image.send(np.ones((10, 16, 4), np.float32))
        with pytest.raises(PixelError, match=text):
            image.send_tile(x, y, pixels)
        for words in ({"layer": "nope"}, {"view": "nope"}, {"frame": 2}):
            with pytest.raises(PixelError):
                image.send_tile(0, 0, np.ones((2, 2, 4), np.float32), **words)
        image.sync()
        assert arrived(player, image).all()  # nothing already shown is lost
    with pytest.raises(PixelError, match="closed"):
        image.send(np.ones((10, 16, 4), np.float32))


@pytest.mark.parametrize(
    "words",
    [
        {"width": 0}, {"height": -1}, {"channels": 5}, {"dtype": "double"}, {"frames": (3, 1)},
        {"fps": 0}, {"layers": ("a", "a")}, {"name": ""}, {"window": (0, 0, 0, 4)},
        {"width": 1 << 20}, {"name": "x" * 2000}, {"width": 4.0}, {"window": (1, 2)},
        {"frames": 5}, {"frames": (1, 1 << 31)}, {"fps": float("nan")}, {"fps": float("inf")},
        {"pixel_aspect": float("inf")}, {"name": Path("a")}, {"layers": (1,)},
        {"layers": None}, {"views": 5}, {"fps": None}, {"pixel_aspect": "wide"},
        {"pixel_aspect": 1e300}, {"dtype": ">f4"},
    ],
)  # fmt: skip
def test_wrong_shapes(words: dict[str, Any]) -> None:
    with pytest.raises(PixelError):
        ImageSpec(**{"name": "n", "width": 4, "height": 4, **words})


@pytest.mark.parametrize(
    "words",
    [
        {"port": 0}, {"port": 99999}, {"port": "x"}, {"host": 5}, {"targets": []}, {"targets": 5},
        {"targets": ("127.0.0.1", 45124)}, {"targets": [("a", 1, 2, 3)]}, {"targets": "a:b"},
        {"timeout": None}, {"timeout": 0}, {"memory": "1G"}, {"patience": "x"},
        {"contact": "a b"}, {"contact": "a\nb"},
    ],
)  # fmt: skip
def test_wrong_targets_and_options(words: dict[str, Any]) -> None:
    """They are found before anything is started."""
    before = threading.active_count()
    with pytest.raises((PixelError, UsageError)):
        open_image("n", 4, 4, **words)
    assert threading.active_count() == before


def test_one_target_may_be_a_text(player: RunningPlayer) -> None:
    with open_image("n", 4, 4, targets=f"127.0.0.1:{player.port}") as image:
        assert image.sync()


@pytest.mark.parametrize(
    "dtype", ["half", "float16", "f2", "<f2", np.half, np.dtype("<f2"), "torch.float16"], ids=repr
)
def test_a_type_has_many_names(dtype: Any) -> None:
    assert ImageSpec("n", 4, 4, dtype=dtype).dtype == "half"


def test_one_layer_or_view_may_be_a_text() -> None:
    spec = ImageSpec("n", 4, 4, layers="beauty", views="left")  # type: ignore[arg-type]
    assert (spec.layers, spec.views) == (("beauty",), ("left",))


def test_a_player_without_room_says_so(
    own_player: RunningPlayer, caplog: pytest.LogCaptureFixture
) -> None:
    """The player's budget is 4 GiB: a frame beyond it is refused, and the sender hears of it."""
    side = 1 << 14  # 16,384 x 16,384 float RGBA: all of it
    tile = np.ones((4, 4, 4), np.float32)
    with (
        open_image("huge", side, side, port=own_player.port) as huge,
        open_image("small", 8, 8, port=own_player.port) as small,
    ):
        code = huge.spec.mu_allocation(huge.nodes[0], 1, "", "")
        own_player.ask(code)
        small.send_tile(0, 0, tile)  # the render goes on
        small.sync()
        (statistics,) = small.statistics
        assert len(statistics.refusals) == 1 and "no room for" in statistics.refusals[0]
    assert [r for r in caplog.records if "refused" in r.message and "no room for" in r.message]


# -- viewers that are not there, die, and come back ------------------------------------------


def test_a_viewer_that_was_never_there(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "rvshell.pixels")
    with open_image("alone", 64, 64, frames=(1, 50), port=free_port()) as image:
        for frame in range(1, 51):
            image.send(np.full((64, 64, 4), frame, np.float32), frame=frame)
        assert not image.connected
        assert image.sync(timeout=0.2) is False
    assert len([r for r in caplog.records if "going on without a viewer" in r.message]) == 1


def test_without_reconnect_it_is_said() -> None:
    image = open_image("alone", 4, 4, port=free_port(), reconnect=False)
    for call in (image.require, image.check, image.sync, image.close):
        with pytest.raises(ConnectionFailed, match="refused"):
            call()


def test_a_viewer_that_comes_late_gets_what_there_is(tmp_path: Path) -> None:
    port = free_port()
    pixels = RNG.random((9, 16, 4), np.float32)
    with open_image("late", 16, 9, port=port) as image:
        image.send(pixels)
        with RunningPlayer(tmp_path, port=port) as player:
            until(lambda: image.connected)
            assert image.sync()
            np.testing.assert_array_equal(arrived(player, image), pixels)


def test_killed_and_restarted_ten_times(tmp_path: Path) -> None:
    """A 100-frame render goes on; in the end every pixel of the last frame is right."""
    port = free_port()
    width, height, bucket = 160, 90, 32
    final = np.zeros((2, height, width, 4), np.float32)
    kills = 0
    player = RunningPlayer(tmp_path, port=port)
    try:
        with open_image(
            "render", width, height, layers=("beauty", "id"), frames=(1, 100), port=port
        ) as image:
            for frame in range(1, 101):
                final = RNG.random((2, height, width, 4), np.float32)
                for y in range(0, height, bucket):
                    for x in range(0, width, bucket):
                        for index, layer in enumerate(("beauty", "id")):
                            tile = final[index, y : y + bucket, x : x + bucket]
                            image.send_tile(x, y, tile, frame=frame, layer=layer)
                    if frame % 10 == 5 and y == bucket:
                        player.kill()
                        player.close()
                        kills += 1
                        player = RunningPlayer(tmp_path, port=port)
            until(lambda: image.connected)
            assert image.sync()
            for index, layer in enumerate(("beauty", "id")):
                got = arrived(player, image, f"100;{layer}")
                np.testing.assert_array_equal(got, final[index])
            (statistics,) = image.statistics
            assert kills == 10 and statistics.connections >= 2
    finally:
        player.close()


def test_several_may_send_one_picture_to_a_viewer_that_dies(tmp_path: Path) -> None:
    """As processes of a farm do: nobody sends black for what another one has rendered."""
    port, pixels = free_port(), RNG.random((32, 96, 4), np.float32)
    player = RunningPlayer(tmp_path, port=port)
    try:
        images = [open_image("shared", 96, 32, port=port) for _ in range(3)]
        for number, image in enumerate(images):
            for x in (number * 32, number * 32 + 16):
                image.send_tile(x, 0, pixels[:, x : x + 16])
            assert image.sync()
        player.kill()
        player.close()
        until(lambda: not any(image.connected for image in images))
        player = RunningPlayer(tmp_path, port=port)
        until(lambda: all(image.connected for image in images))
        for image in images:
            assert image.sync()
        np.testing.assert_array_equal(arrived(player, images[0]), pixels)
        for image in images:
            image.close()
    finally:
        player.close()


def test_killed_in_the_middle_of_ten_thousand_tiles(tmp_path: Path) -> None:
    player = RunningPlayer(tmp_path)
    with open_image("dies", 1600, 1600, dtype="uint8", port=player.port) as image:
        pixels = np.zeros((16, 16, 4), np.uint8)
        for number in range(10_000):
            image.send_tile(number % 100 * 16, number // 100 * 16, pixels)
            if number == 5000:
                player.kill()
        until(lambda: not image.connected)
        assert image.sync(timeout=0.1) is False
    player.close()


def test_a_viewer_that_stops_reading_costs_no_more_than_patience() -> None:
    """A far end that greets, answers, and then reads nothing: frames are given up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def greet() -> None:
        sock, _ = listener.accept()
        sock.recv(1000)
        sock.sendall(b"GREETING 6 rvuser")
        data = b""
        while b"newImageSource" not in data:
            data += sock.recv(100_000)
        sock.sendall(b'MESSAGE 13 RETURN "node"')
        stop.wait(30)
        sock.close()

    stop = threading.Event()
    thread = threading.Thread(target=greet, daemon=True)
    thread.start()
    image = open_image(
        "stuck", 640, 640, frames=(1, 40), port=listener.getsockname()[1], patience=0.5
    )
    try:
        assert image.connected
        for frame in range(1, 41):
            image.send(np.zeros((640, 640, 4), np.float32), frame=frame)
        (statistics,) = image.statistics
        assert statistics.dropped > 0
        assert statistics.blocked < 5.0
    finally:
        stop.set()
        image.close(flush=False)
        thread.join(5)
        listener.close()


def test_two_viewers_one_of_them_missing(player: RunningPlayer) -> None:
    pixels = RNG.random((9, 16, 4), np.float32)
    targets = [("127.0.0.1", free_port()), ("127.0.0.1", player.port)]
    with open_image("two", 16, 9, targets=targets) as image:
        image.send(pixels)
        until(lambda: image.statistics[1].tiles == 1)
        assert image.sync(timeout=5) is False  # one of them has not
        np.testing.assert_array_equal(arrived(player, image, target=1), pixels)


# -- the queue -------------------------------------------------------------------------------


def test_tiles_that_are_overwritten_are_coalesced(player: RunningPlayer) -> None:
    with open_image("hot", 256, 256, dtype="uint8", port=player.port) as image:
        for number in range(20_000):
            image.send_tile(0, 0, np.full((16, 16, 4), number % 251, np.uint8))
        image.sync()
        (statistics,) = image.statistics
        assert statistics.tiles + statistics.coalesced == 20_000
        assert statistics.coalesced > 0
        assert set(arrived(player, image)[:16, :16].reshape(-1)) == {19_999 % 251}


def test_memory_is_bounded(player: RunningPlayer) -> None:
    """400 frames of 4 MB: what is kept stays within the limit."""
    with open_image(
        "long", 512, 512, frames=(1, 400), port=player.port, memory=20 << 20, patience=None
    ) as image:
        pixels = np.ones((512, 512, 4), np.float32)
        for frame in range(1, 401):
            image.send_tile(0, 0, pixels[:64, :64], frame=frame)
            assert image._canvases.used <= 20 << 20
        image.sync()
        assert image.statistics[0].tiles == 400


def test_threads_may_share_an_image(player: RunningPlayer) -> None:
    pixels = RNG.random((128, 128, 4), np.float32)
    with open_image("threads", 128, 128, frames=(1, 4), port=player.port) as image:

        def work(part: int) -> None:
            for frame in range(1, 5):
                for y in range(part * 32, part * 32 + 32, 8):
                    for x in range(0, 128, 8):
                        image.send_tile(x, y, pixels[y : y + 8, x : x + 8], frame=frame)

        threads = [threading.Thread(target=work, args=(part,)) for part in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        image.sync()
        for frame in range(1, 5):
            np.testing.assert_array_equal(arrived(player, image, str(frame)), pixels)


def test_an_exception_in_the_render_does_not_wait(player: RunningPlayer) -> None:
    with pytest.raises(ZeroDivisionError), open_image("bad", 4, 4, port=player.port) as image:
        image.send(np.ones((4, 4, 4), np.float32))
        raise ZeroDivisionError
    assert not [t for t in threading.enumerate() if t.name.startswith("pixels to")]


# -- what the player tells of it -------------------------------------------------------------


def test_tiles_make_properties_and_events(player: RunningPlayer) -> None:
    """Without newImageSourcePixels, as old drivers push: the property is there with the tile,
    and whoever listens hears that the source changed, a few times for ten thousand tiles."""
    from rvshell.client import Client
    from rvshell.protocol import PixelTile

    with Client.connect(port=player.port, name="listener") as client:
        heard: list[str] = []
        client.on_event(lambda event: heard.append(event.contents))
        client.eval_mu(
            'newImageSource("quiet", 32, 32, 32, 32, 0, 0, 1.0, 4, 8, false, 1, 3, 24.0, nil, nil)'
        )
        client.eval_mu(
            '{ bind("default", "global", "source-group-complete", \\: (void; Event e) { '
            'for_each (c; remoteConnections()) remoteSendEvent("done", "*", e.contents(), '
            'string[] {c}); e.reject(); }, ""); }'
        )
        tile = bytes([7]) * 1024
        for number in range(10_000):
            client.send_tile(PixelTile("quiet", x=number % 2 * 16, y=0, width=16, height=16,
                                       frame=2), tile)  # fmt: skip
        (node,) = player.ask('nodesOfType("RVImageSource")').split('"')[1::2]
        assert client.eval_mu(f'getByteProperty("{node}.image.2").size()') == "4096"
        until(lambda: client.process(0.05) or [h for h in heard if "modified" in h])
        assert len(heard) < 100
        client.eval_mu('unbind("default", "global", "source-group-complete")')


def test_an_image_whose_pixels_have_not_come_is_empty_and_no_problem(tmp_path: Path) -> None:
    with RunningPlayer(tmp_path) as player:
        player.ask('newImageSource("soon", 8, 6, 8, 6, 0, 0, 1.0, 4, 8, false, 1, 1, 24.0);')
        for name in ("now.png", "now.exr"):
            player.ask(f'redraw(); frame(); exportCurrentFrame("{tmp_path / name}");')
            assert (tmp_path / name).stat().st_size
        assert not [line for line in player.log if "ERROR" in line]
