"""Pixels: what arrives in the player, what leaves a renderer, what both cost.

Ingest rows: the same encoded bytes into the player and into a bare `recv_into` loop, by the same
`sendall`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from _pairs import Bare, Player, count_tiles, in_turns, records, running
from harness import Result

# name, width, height, tile, bits, float, goal, times per round
INGEST = [
    ("1080p RGBA8 full frames", 1920, 1080, (1920, 1080), 8, False, 0.95, 40),
    ("1080p RGBA8 strips of 64 rows", 1920, 1080, (1920, 64), 8, False, 0.95, 40),
    ("UHD RGBA half full frames", 3840, 2160, (3840, 2160), 16, True, 0.95, 8),
    ("UHD RGBA half 512x512", 3840, 2160, (512, 512), 16, True, 0.85, 8),
    ("1080p RGBA8 256x256", 1920, 1080, (256, 256), 8, False, 0.75, 40),
    ("1080p RGBA8 64x64", 1920, 1080, (64, 64), 8, False, 0.5, 30),
]


def ingest() -> Iterator[Result]:
    player = Player()
    with running(player):
        for index, (name, width, height, tile, bits, is_float, goal, times) in enumerate(INGEST):
            media = f"bench-{index}"
            player.source(media, width, height, bits, is_float)
            data = records(media, width, height, tile, bits // 2)
            size = sum(len(b) for b in data) * times
            with contextlib.closing(Bare(width * height * bits // 2)) as bare:
                mine, other, ratio = in_turns(
                    lambda d=data, n=times: player.push(d, n),  # type: ignore[misc]
                    lambda d=data, n=times, b=bare: b.push(d, n),  # type: ignore[misc]
                )
            yield Result(
                f"ingest, {name}", f"{size / mine / 1e9:.2f} GB/s",
                f"bare {size / other / 1e9:.2f} GB/s", ratio, goal,
            )  # fmt: skip
            player.client.eval_mu("clearSession();")
        player.source("small", 1920, 1080, 8, False)
        data = records("small", 1920, 1080, (16, 16), 4)
        tiles = count_tiles(1920, 1080, (16, 16)) * 20
        with contextlib.closing(Bare(1920 * 1080 * 4)) as bare:
            mine, other, ratio = in_turns(
                lambda: player.push(data, 20), lambda: bare.push(data, 20), rounds=5
            )
        yield Result(
            "ingest, 16x16 RGBA8, tiles/s", f"{tiles / mine:,.0f}", f"bare {tiles / other:,.0f}",
            tiles / mine, 400_000,
        )  # fmt: skip


def run() -> Iterator[Result]:
    yield from ingest()
