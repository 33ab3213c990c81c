"""Pushed pixels from the socket to the session and to a picture."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.players import Player, running_player
from tests.waiting import DEADLINE, until

RAW = Path(__file__).resolve().parents[1] / "conformance" / "wire" / "raw"
LEFT = "c3668a84c37cbaedbab7277a2d43d609546b2480"
RIGHT = "ab203d5aa28796cf26d60265ee2970399716aea2"


def pixels_sha1(player: Player, view: str) -> str:
    """sha1 of the bytes of the only image source's frame 1, as the session holds them."""
    code = (
        "(lambda c, h: h.sha1(bytes(c.getByteProperty("
        f"c.nodesOfType('RVImageSource')[0] + '.image.1:{view}'))).hexdigest())"
        "(rv.commands, __import__('hashlib'))"
    )
    return player.python(code)


@pytest.mark.parametrize("step", [1 << 20, 1000, 61])
def test_the_recorded_session_of_the_real_rvshell(player: Player, step: int) -> None:
    stream = (RAW / "20_rvshell_gui_session.1.c2s.bin").read_bytes()
    with socket.create_connection(("127.0.0.1", player.port), timeout=DEADLINE) as sock:
        for start in range(0, len(stream), step):
            sock.sendall(stream[start : start + step])
        sock.shutdown(socket.SHUT_WR)
        came = b""
        while chunk := sock.recv(65536):
            came += chunk
    assert came.startswith(b"GREETING ")
    assert came.count(b'RETURN "FRAME = 1"') == 4
    assert pixels_sha1(player, "left") == LEFT
    assert pixels_sha1(player, "right") == RIGHT


def declare(player: Player, more: str = "") -> None:
    player.mu(
        '{ let s = newImageSource("shot", 64, 32, 64, 32, 0, 0, 1.0, 4, 8, false, 1, 3, 24.0, '
        "nil, nil); newImageSourcePixels(s, 1, nil, nil); setViewNode(nodeGroup(s)); s; }" + more
    )


def tile(rv: object, header: str, payload: bytes) -> bytes:
    return f"PIXELTILE({header}) {len(payload)} ".encode() + payload


def send(player: Player, *records: bytes) -> None:
    """Records of a client that then goes away, as a renderer's driver does."""
    with socket.create_connection(("127.0.0.1", player.port), timeout=DEADLINE) as sock:
        sock.sendall(b"NEWGREETING 10 driver drvPINGPONGCONTROL 1 0" + b"".join(records))
        sock.sendall(b"MESSAGE 10 DISCONNECT")
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(65536):
            pass


def pixel(player: Player, x: int, y: int) -> str:
    return player.mu(f'sourcePixelValue("sourceGroup000000_source", {x}, {y})')


def test_a_strip_a_tile_and_a_frame_land_where_they_belong(cleared: Player) -> None:
    declare(cleared)
    red, green = bytes((255, 0, 0, 255)), bytes((0, 255, 0, 255))
    send(
        cleared,
        tile(None, "media=shot,w=64,h=32,x=0,y=0,f=1", red * 64 * 32),
        tile(None, "media=shot,w=8,h=4,x=16,y=8,f=1", green * 32),
    )
    assert pixel(cleared, 0, 0) == "<1, 0, 0, 1>"
    assert pixel(cleared, 17, 9) == "<0, 1, 0, 1>"
    assert pixel(cleared, 24, 8) == "<1, 0, 0, 1>"


@pytest.mark.parametrize(
    ("header", "size", "said"),
    [
        ("media=shot,w=64,h=32,x=0,y=0,f=1", 5, "Received pixels of size 5"),
        ("media=shot,w=64,h=32,x=32,y=0,f=1", 64 * 32 * 4, "outside of 64x32"),
        ("media=shot,w=4,h=4,x=-1,y=0,f=1", 64, "at -1,0 outside of 64x32"),
        ("media=shot,w=4,h=4,x=0,y=-4,f=1", 64, "at 0,-4 outside of 64x32"),
        ("media=shot,w=-4,h=4,x=0,y=0,f=1", 64, "for -4x4"),
        ("media=shot,w=0,h=0,x=0,y=0,f=1", 4, "for 0x0"),
        ("media=shot,view=left,w=4,h=4,x=0,y=0,f=1", 64, "Bad view name: left"),
        ("media=shot,layer=a/b,w=4,h=4,x=0,y=0,f=1", 64, "Bad layer name"),
        ("media=other,w=4,h=4,x=0,y=0,f=1", 64, "no image source has that media name"),
    ],
)
def test_a_bad_tile_is_dropped_with_a_line_and_the_next_one_lands(
    cleared: Player, header: str, size: int, said: str
) -> None:
    declare(cleared)
    blue = bytes((0, 0, 255, 255))
    send(
        cleared,
        tile(None, header, b"\x07" * size),
        tile(None, "media=shot,w=1,h=1,x=5,y=5,f=1", blue),
    )
    assert pixel(cleared, 5, 5) == "<0, 0, 1, 1>"
    assert pixel(cleared, 1, 1) == "<0, 0, 0, 0>"
    assert until(lambda: [line for line in cleared.log if said in line], said)


def test_a_tile_makes_its_own_buffer_and_its_frame_is_clamped(cleared: Player) -> None:
    declare(cleared)
    white = bytes((255,) * 4)
    send(cleared, tile(None, "media=shot,w=1,h=1,x=0,y=0,f=99", white))
    cleared.mu("setFrame(3)")
    assert pixel(cleared, 0, 0) == "<1, 1, 1, 1>"


def test_a_script_may_take_tiles_first(player: Player) -> None:
    declare(player)
    player.mu(
        'commands.bind("default", "global", "pixel-block", '
        '\\: (void; Event e) { markFrame(2, true); insertCreatePixelBlock(e); }, "mine");'
    )
    send(player, tile(None, "media=shot,w=1,h=1,x=2,y=2,f=1", bytes((255, 0, 0, 255))))
    assert pixel(player, 2, 2) == "<1, 0, 0, 1>"
    assert player.mu("markedFrames()") == "int[] {2}"


def test_pushed_pixels_reach_the_screen(tmp_path: Path) -> None:
    import OpenImageIO as oiio

    shown = tmp_path / "shown.png"
    with running_player("--snapshot", str(shown), "--size", "128x64", display="png") as player:
        declare(player)
        send(
            player,
            tile(None, "media=shot,w=64,h=32,x=0,y=0,f=1", bytes((255, 0, 0, 255)) * 64 * 32),
            tile(None, "media=shot,w=64,h=16,x=0,y=0,f=1", bytes((0, 0, 255, 255)) * 64 * 16),
        )

        def colours() -> tuple[list[int], list[int]] | None:
            if not shown.exists():
                return None
            pixels = oiio.ImageBuf(str(shown)).get_pixels("uint8")
            return list(pixels[16, 64][:3]), list(pixels[48, 64][:3])

        # the bottom half of the picture (y = 0 upwards) is the blue one
        until(lambda: colours() == ([255, 0, 0], [0, 0, 255]), "the picture on the screen")


@pytest.mark.parametrize(
    ("bits", "floating", "linearized", "display"),
    [(8, "false", 1, 1), (16, "true", 0, 1), (32, "true", 0, 1), (16, "false", 0, 0)],
)
def test_pushed_pixels_are_shown_as_what_they_are(
    cleared: Player, bits: int, floating: str, linearized: int, display: int
) -> None:
    """8 bits are sRGB, floating point is scene-linear; 16 bits say nothing of themselves."""
    cleared.mu(
        f'newImageSource("x", 4, 4, 4, 4, 0, 0, 1.0, 4, {bits}, {floating}, 1, 1, 24.0, nil, nil)'
    )
    linear = "sourceGroup000000_tolinPipeline_0.color.sRGB2linear"
    assert cleared.mu(f'getIntProperty("{linear}")') == f"int[] {{{linearized}}}"
    shown = "displayGroup0_colorPipeline_0.color.sRGB"
    assert cleared.mu(f'getIntProperty("{shown}")') == f"int[] {{{display}}}"


BUFFERS = "sum(type(o).__name__ == 'Buffer' for o in __import__('gc').get_objects())"


@pytest.mark.parametrize("channels", ["RGBA", "RGBAZZ"])  # more than four are sent, not kept
def test_pixels_of_a_cleared_session_are_let_go_of_without_the_collector(
    cleared: Player, channels: str
) -> None:
    """It hardly ever looks through what is old, and a frame is eight megabytes and more."""
    size, pixel = 512, len(channels)
    tiles = []
    for width in (size, size // 2, 16):  # contiguous; rows of a large tile; a train of small ones
        payload = bytes(width * width * pixel)
        tiles += [
            tile(None, f"media=big,w={width},h={width},x={x},y=0,f=1", payload)
            for x in range(0, size, width)
        ]  # fmt: skip
    with cleared.client() as rv, socket.create_connection(("127.0.0.1", cleared.port)) as sock:
        rv.eval_python("__import__('gc').collect()")
        rv.eval_python("__import__('gc').disable()")
        try:
            sock.sendall(b"NEWGREETING 10 driver drvPINGPONGCONTROL 1 0")
            for _ in range(3):
                rv.eval_mu(
                    f'{{ let s = newImageSource("big", {size}, {size}, {size}, {size}, 0, 0, 1.0, '
                    "4, 8, false, 1, 3, 24.0, nil, nil); setStringProperty(s + "
                    f'".image.channels", string[] {{"{channels}"}}, true); }}'
                )
                # twice: the second time neighbours are put together
                sock.sendall(b"".join(tiles * 2) + b'MESSAGE 31 RETURNEVENT remote-eval * "ok";')
                answer = b""
                while not answer.endswith(b'RETURN "ok"'):
                    answer += sock.recv(4096)
                assert int(rv.eval_python(BUFFERS)) >= 1
                rv.eval_mu("clearSession();")
            # the driver stays, and sends no more
            until(lambda: rv.eval_python(BUFFERS) == "0", "the pixels to be let go of")
        finally:
            rv.eval_python("__import__('gc').enable()")


def test_what_is_wrong_with_tiles_is_logged_once_however_many_media_there_were(
    cleared: Player,
) -> None:
    dot = bytes(4)
    lost = [tile(None, f"media=gone{n},w=1,h=1,x=0,y=0,f=1", dot) for n in range(1001)]
    late = [tile(None, f"media=late,w=1,h=1,x={x},y=0,f=1", dot) for x in range(20)]
    declare(cleared)
    wrong = [tile(None, f"media=shot,w=2,h=1,x={x},y=0,f=1", dot) for x in range(20)]
    outside = [tile(None, f"media=shot,w=1,h=1,x={x},y=32,f=1", dot) for x in range(20)]
    send(cleared, *lost, *late, *wrong, *outside, tile(None, "media=last,w=1,h=1,x=0,y=0", dot))
    cleared.wait_for("tiles of last")
    assert sum("tiles of late" in line for line in cleared.log) == 1
    assert sum("ERROR: tile of shot" in line for line in cleared.log) == 2, cleared.log[-60:]
