"""Playback: section 1 of the vocabulary (frame, increment, rate, modes, play and stop)."""

from __future__ import annotations

from player.commands.context import Context
from player.commands.registry import command

__all__: list[str] = []


@command("play() -> void", tier="A", doc="Start playback.")
def play(ctx: Context) -> None:
    ctx.session.playback.play()


@command("stop() -> void", tier="A", doc="Stop playback; the frame stays where it is.")
def stop(ctx: Context) -> None:
    ctx.session.playback.stop()


@command("isPlaying() -> bool", tier="A", doc="Whether the play timer runs.")
def is_playing(ctx: Context) -> bool:
    return ctx.session.playback.playing


@command("isBuffering() -> bool", tier="B", doc="Whether playback waits for the cache.")
def is_buffering(ctx: Context) -> bool:
    return ctx.session.playback.buffering


@command("frame() -> int", tier="A", doc="Current frame of the view.")
def frame(ctx: Context) -> int:
    return ctx.session.playback.frame


@command("setFrame(int frame) -> void", tier="A", doc="Go to a frame, clamped to the range.")
def set_frame(ctx: Context, frame: int) -> None:
    ctx.session.playback.set_frame(frame)


@command("inc() -> int", tier="A", doc="Frame increment while playing.")
def inc(ctx: Context) -> int:
    return ctx.session.playback.inc


@command("setInc(int inc) -> void", tier="A", doc="Set the increment; negative plays backwards.")
def set_inc(ctx: Context, inc: int) -> None:
    ctx.session.playback.set_inc(inc)


@command("playMode() -> int", tier="A", doc="PlayLoop, PlayOnce or PlayPingPong.")
def play_mode(ctx: Context) -> int:
    return ctx.session.playback.mode


@command("setPlayMode(int mode) -> void", tier="A", doc="Set the play mode.")
def set_play_mode(ctx: Context, mode: int) -> None:
    ctx.session.playback.set_mode(mode)


@command("isRealtime() -> bool", tier="A", doc="Whether frames are skipped to keep the rate.")
def is_realtime(ctx: Context) -> bool:
    return ctx.session.playback.realtime


@command("setRealtime(bool realtime) -> void", tier="A", doc="Skip frames to keep the rate.")
def set_realtime(ctx: Context, realtime: bool) -> None:
    ctx.session.playback.set_realtime(realtime)


@command("fps() -> float", tier="A", doc="Target playback rate in frames per second.")
def fps(ctx: Context) -> float:
    return ctx.session.playback.fps


@command("setFPS(float fps) -> void", tier="A", doc="Set the target playback rate.")
def set_fps(ctx: Context, fps: float) -> None:
    ctx.session.playback.set_fps(fps)


@command("realFPS() -> float", tier="A", doc="Measured playback rate; 0.0 when stopped.")
def real_fps(ctx: Context) -> float:
    return ctx.session.playback.real_fps


@command("skipped() -> int", tier="B", doc="Frames skipped by the last state advance.")
def skipped(ctx: Context) -> int:
    return ctx.session.playback.skipped


@command("mbps() -> float", tier="B", doc="Measured read rate in MB/s.")
def mbps(ctx: Context) -> float:
    return 0.0


@command("resetMbps() -> void", tier="B", doc="Reset the read rate statistic.")
def reset_mbps(ctx: Context) -> None:
    return None


@command(
    "scrubAudio(bool on, float chunkDuration=0.0, int loopCount=0) -> void",
    tier="C",
    doc="Switch audio scrubbing; chunk length in seconds.",
)
def scrub_audio(ctx: Context, on: bool, chunkDuration: float = 0.0, loopCount: int = 0) -> None:
    ctx.ports.audio.scrub(on, chunkDuration, loopCount)


@command("optionsPlay() -> int", tier="B", doc="1 when started with -play.")
def options_play(ctx: Context) -> int:
    return int(ctx.session.options.play)


@command("optionsPlayReset() -> void", tier="B", doc="Forget -play.", python=False)
def options_play_reset(ctx: Context) -> None:
    ctx.session.options.play = False
