"""The wire: tiles from the client into the running player, and what memory that takes.

The reference is a bare Python `sendall`/`recv_into` pair moving the same bytes, turn by turn.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

from _pairs import Bare, Player, in_turns, records, running
from harness import Result

from rvshell.protocol import PixelTile

# name, width, height, tile, bits, float, goal, times a round
CASES = [
    ("16x16 RGBA8", 1920, 1080, (16, 16), 8, False, None, 4),
    ("64x64 RGBA8", 1920, 1080, (64, 64), 8, False, None, 10),
    ("256x256 RGBA8", 1920, 1080, (256, 256), 8, False, 0.6, 30),
    ("1080p RGBA8", 1920, 1080, (1920, 1080), 8, False, 0.9, 30),
    ("UHD RGBA half", 3840, 2160, (3840, 2160), 16, True, 0.9, 8),
    ("2K RGBA float", 2048, 1556, (2048, 1556), 32, True, 0.9, 10),
]

SENDER = """
import resource, sys
from rvshell.client import Client
from rvshell.protocol import PixelTile
client = Client.connect(port=int(sys.argv[1]), name="memory")
tile = bytes(64 * 64 * 4)
header = PixelTile("wire-3", width=64, height=64, frame=1)
client.send_tile(header, tile)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for _ in range(64):
    client.send_tiles([(header, tile)] * 1024)
client.eval_mu("frame();")
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10)
client.close()
"""


def tiles(
    media: str, width: int, height: int, tile: tuple[int, int], pixel: int
) -> list[tuple[PixelTile, bytes]]:
    data = os.urandom(tile[0] * tile[1] * pixel)
    out = []
    for y in range(0, height, tile[1]):
        for x in range(0, width, tile[0]):
            w, h = min(tile[0], width - x), min(tile[1], height - y)
            header = PixelTile(media, x=x, y=y, width=w, height=h, frame=1, size=w * h * pixel)
            out.append((header, data[: w * h * pixel]))
    return out


def run() -> Iterator[Result]:
    player = Player()
    with running(player):
        for index, (name, width, height, tile, bits, is_float, goal, times) in enumerate(CASES):
            media = f"wire-{index}"
            player.source(media, width, height, bits, is_float)
            work = tiles(media, width, height, tile, bits // 2)
            data = records(media, width, height, tile, bits // 2)
            size = sum(len(b) for b in data) * times
            with contextlib.closing(Bare(width * height * bits // 2)) as bare:
                mine, other, ratio = in_turns(
                    lambda w=work, n=times: player.send(w, n),  # type: ignore[misc]
                    lambda d=data, n=times, b=bare: b.push(d, n),  # type: ignore[misc]
                )
            rate = f" {len(work) * times / mine:,.0f}/s" if len(work) > 10 else ""
            yield Result(
                name, f"{size / mine / 1e9:.2f} GB/s{rate}", f"bare {size / other / 1e9:.2f} GB/s",
                ratio, goal,
            )  # fmt: skip
            if index != 3:
                player.client.eval_mu("clearSession();")
        yield from memory(player)


def memory(player: Player) -> Iterator[Result]:
    """Peaks: the player's while a tile of 66 MB arrives, a sender's over a gigabyte."""
    done = subprocess.run(
        [sys.executable, "-c", SENDER, str(player.port)], capture_output=True, text=True, check=True
    )
    grown = int(done.stdout)
    yield Result(
        "sender over 1 GB of 64x64, MB above its start", f"{grown / 1e6:.1f} MB", "64 MB",
        grown / 1e6, 64, "<=",
    )  # fmt: skip
    fresh = Player()
    with running(fresh):
        fresh.client.eval_mu("frame();")
        before = fresh.memory("VmHWM")
        fresh.source("one", 3840, 2160, 16, True)
        fresh.send(tiles("one", 3840, 2160, (3840, 2160), 8), 1)
        stored = 3840 * 2160 * 8
        over = fresh.memory("VmHWM") - before - stored
    yield Result(
        "player while a 66 MB tile arrives, MB above the stored frame", f"{over / 1e6:.1f} MB",
        "16 MB", over / 1e6, 16, "<=",
    )  # fmt: skip
