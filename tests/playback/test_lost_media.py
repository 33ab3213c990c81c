"""Disks that go away and files that cannot be read while they play: a placeholder, one line in
the log, and playback goes on; what comes back is shown again.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from player.media import open_media
from rvshell.errors import MediaError
from tests.media.test_movies import write as write_movie
from tests.playback.test_playing import picture, write
from tests.players import Player, running_player
from tests.waiting import until

#: opens for everybody, and every read from its beginning is an input/output error
BROKEN_DISK = Path("/proc/self/mem")


def goes_on(player: Player) -> None:
    assert player.mu("isPlaying()") == "true"
    first = player.mu("frame()")
    until(lambda: player.mu("frame()") != first, "another frame")


def shots(folder: Path, frames: int = 8) -> Path:
    folder.mkdir()
    for n in range(1, frames + 1):
        write(folder / f"s.{n:04d}.tif", n * 10)
    return folder


def test_a_disk_that_goes_away_and_comes_back(tmp_path: Path) -> None:
    """A sequence, a movie and a still on it, all in one view."""
    disk = shots(tmp_path / "disk")
    write_movie(disk / "m.mov", "prores_ks", "yuv422p10le", 1, 8)
    write(disk / "still.png", 200)
    shot = tmp_path / "now.png"
    with running_player(
        f"{disk}/s.#.tif", f"{disk}/m.mov", f"{disk}/still.png", "-play", "-playMode", "2",
        "-nc", "-noPrefs", "--snapshot", str(shot), "--size", "32x18", display="png",
    ) as player:  # fmt: skip
        player.until("isPlaying()", "true")
        player.until("frameEnd()", "17")
        disk.rename(tmp_path / "elsewhere")
        player.mu("releaseAllCachedImages()")
        player.wait_for(r"ERROR: .*s\.\d*\.tif.*no such file")
        goes_on(player)
        player.mu("stop(); setFrame(3)")
        until(lambda: picture(shot) == 0, "a placeholder")
        said = [line for line in player.log if "ERROR" in line]
        assert len(said) == len(set(said)) and len(said) <= 10, said
        (tmp_path / "elsewhere").rename(disk)
        player.mu("setFrame(4)")
        until(lambda: picture(shot) == 40, "the picture again")
        player.mu("setFrame(17)")
        until(lambda: picture(shot) == 200, "the still again")


def test_frames_that_the_disk_cannot_read(tmp_path: Path) -> None:
    folder = shots(tmp_path / "disk")
    for n in (3, 5):
        (folder / f"s.{n:04d}.tif").unlink()
        (folder / f"s.{n:04d}.tif").symlink_to(BROKEN_DISK)
    shot = tmp_path / "now.png"
    with running_player(
        f"{folder}/s.#.tif", "-play", "-playMode", "1", "--snapshot", str(shot),
        "--size", "32x18", display="png",
    ) as player:  # fmt: skip
        player.wait_for(r"ERROR: .*s\.0003\.tif")
        player.wait_for(r"ERROR: .*s\.0005\.tif")
        goes_on(player)
        player.mu("stop(); setFrame(3)")
        until(lambda: picture(shot) == 0, "a placeholder")
        player.mu("setFrame(4)")
        until(lambda: picture(shot) == 40)
        for name in ("s.0003.tif", "s.0005.tif"):
            assert sum(name in line for line in player.log) == 1


@pytest.mark.parametrize("name", ["a.tif", "a.exr", "a.png", "a.dpx", "a.mov", "a.mkv", "a.wav"])
def test_an_input_output_error_is_a_reason(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.symlink_to(BROKEN_DISK)
    with path.open("rb") as file, pytest.raises(OSError):
        file.read(16)
    with pytest.raises(MediaError) as caught:
        open_media(str(path)).read(1)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_movie_that_is_cut_while_it_plays(tmp_path: Path) -> None:
    """Its end is gone: the last pictures stand in for it."""
    movie = Path(write_movie(tmp_path / "m.mkv", "mjpeg", "yuvj420p", 1, 40))
    with running_player(str(movie), "-play", "-playMode", "2", "-nc", "-noPrefs") as player:
        player.until("isPlaying()", "true")
        os.truncate(movie, movie.stat().st_size // 3)
        player.mu("releaseAllCachedImages(); setFrame(38)")
        goes_on(player)
        player.mu("stop(); setFrame(5)")
        player.until("currentFrameStatus()", "0")
        os.truncate(movie, 0)
        player.mu("releaseAllCachedImages(); play()")
        goes_on(player)
        player.process.send_signal(signal.SIGTERM)
        player.process.wait(60)
        assert not any("Traceback" in line for line in player.log)
