"""The caches: section 10 of the vocabulary."""

from __future__ import annotations

import os

from player.commands.context import Context
from player.commands.registry import command

__all__: list[str] = []

SECTION = "cache"


@command("cacheMode() -> int", tier="A", section=SECTION, doc="0 off, 1 look-ahead, 2 region.")
def cache_mode(ctx: Context) -> int:
    return ctx.session.cache_mode


@command(
    "setCacheMode(int mode) -> void",
    tier="A",
    section=SECTION,
    doc="Set the cache mode; event cache-mode-changed when it differs.",
)
def set_cache_mode(ctx: Context, mode: int) -> None:
    ctx.session.set_cache_mode(mode)


@command(
    "cacheInfo() -> (int64,int64,int64,float,float,float,int[])",
    tier="A",
    section=SECTION,
    doc="(capacity, used, used, seconds ahead, longest wait, seconds of audio, cached ranges).",
)
def cache_info(ctx: Context) -> tuple[int, int, int, float, float, float, list[int]]:
    capacity, used, _, ahead, wait, _, ranges = ctx.ports.cache.usage()
    audio, _ = ctx.ports.audio.cache_info()
    return capacity, used, used, ahead, wait, audio, ranges


@command(
    "isCaching() -> bool",
    tier="B",
    section=SECTION,
    doc="Whether frames that should be cached are not cached yet.",
)
def is_caching(ctx: Context) -> bool:
    session = ctx.session
    if session.cache_mode not in (1, 2):
        return False
    capacity, used, _, _, _, _, _ = ctx.ports.cache.usage()
    playback = session.playback
    wanted = playback.out_point - playback.in_point
    return used < capacity and len(ctx.ports.cache.frames()) < wanted


@command(
    "cacheSize() -> int",
    tier="B",
    section=SECTION,
    doc="Five sixths of the machine's memory in bytes, of which RV returns the lower 32 bits.",
)
def cache_size(ctx: Context) -> int:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return (memory - memory // 6 + (1 << 31)) % (1 << 32) - (1 << 31)


@command(
    "cacheOutsideRegion() -> bool",
    tier="B",
    section=SECTION,
    doc="Whether spare cache may hold frames outside of in and out.",
)
def cache_outside_region(ctx: Context) -> bool:
    return ctx.session.ui.cache_outside


@command(
    "setCacheOutsideRegion(bool cacheOutside) -> void",
    tier="B",
    section=SECTION,
    doc="Set it; the cache is switched off and on again around it.",
)
def set_cache_outside_region(ctx: Context, cacheOutside: bool) -> None:
    session = ctx.session
    mode = session.cache_mode
    session.set_cache_mode(0)
    session.ui.cache_outside = cacheOutside
    session.set_cache_mode(mode)


@command(
    "clearAllButFrame(int frame) -> void",
    tier="B",
    section=SECTION,
    doc="Drop every cached image except those of a frame.",
)
def clear_all_but_frame(ctx: Context, frame: int) -> None:
    ctx.ports.cache.flush(frame)
    ctx.ports.ui.redraw()


@command(
    "releaseAllCachedImages() -> void",
    tier="B",
    section=SECTION,
    doc="Switch caching off and drop every cached image.",
)
def release_all_cached_images(ctx: Context) -> None:
    ctx.session.set_cache_mode(0)
    ctx.ports.cache.release()


@command(
    "releaseAllUnusedImages() -> void",
    tier="B",
    section=SECTION,
    doc="Drop every cached image that is not displayed.",
)
def release_all_unused_images(ctx: Context) -> None:
    clear_all_but_frame(ctx, ctx.session.playback.frame)


@command("flushImageFBOs() -> void", tier="C", section=SECTION, doc="No graphics memory: nothing.")
def flush_image_fbos(ctx: Context) -> None:
    return None


@command("audioCacheMode() -> int", tier="B", section=SECTION, doc="1 buffer, 2 greedy.")
def audio_cache_mode(ctx: Context) -> int:
    return ctx.session.playback.audio_mode


@command(
    "setAudioCacheMode(int mode) -> void",
    tier="B",
    section=SECTION,
    doc="2 is greedy, anything else buffer.",
)
def set_audio_cache_mode(ctx: Context, mode: int) -> None:
    ctx.session.playback.set_audio_mode(mode)


@command(
    "audioCacheInfo() -> (float,int[])",
    tier="B",
    section=SECTION,
    python=False,
    doc="(seconds cached, ranges).",
)
def audio_cache_info(ctx: Context) -> tuple[float, list[int]]:
    return ctx.ports.audio.cache_info()
