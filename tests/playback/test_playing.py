"""A player that plays: speed, order, the cache around the playhead, files that come and go."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from tests.players import Player, running_player
from tests.waiting import until

FRAMES = 24


def write(path: Path, value: int, size: tuple[int, int] = (32, 18)) -> None:
    out = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), oiio.ImageSpec(size[0], size[1], 3, "uint8"))
    out.write_image(np.full((size[1], size[0], 3), value, np.uint8))
    out.close()


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """`s.0001.tif` to `s.0024.tif`; frame n is 10 n."""
    for n in range(1, FRAMES + 1):
        write(tmp_path / f"s.{n:04d}.tif", n * 10)
    return tmp_path


def cached(player: Player) -> str:
    return player.mu("cacheInfo()._6")


def test_realtime_keeps_the_rate(shots: Path) -> None:
    with running_player(f"{shots}/s.#.tif", "-play", "-playMode", "2") as player:
        player.until("isPlaying()", "true")
        player.until("realFPS()", "24.0")
        player.until("skipped()", "0")


def test_every_frame_is_shown_to_a_screen(shots: Path) -> None:
    """Play-all-frames with a screen: each frame is told once, in order."""
    shot = shots / "now.png"
    with running_player(
        f"{shots}/s.#.tif", "-playMode", "1", "-loopMode", "1", "-fps", "200",
        "--snapshot", str(shot), "--size", "32x18", display="png",
    ) as player:  # fmt: skip
        player.until("frameEnd()", "24")
        with player.client() as client:
            client.exec_python(
                "import sys, rv.commands as c\n"
                "sys.seen = []\n"
                "def note(e):\n"
                "    import sys, rv.commands as c\n"
                "    sys.seen.append(c.frame())\n"
                "    e.reject()\n"
                "c.bind('default', 'global', 'frame-changed', note, '')\n"
                "c.play()\n"
            )
            until(lambda: client.eval_mu("isPlaying()") == "false")
            seen = client.eval_python("__import__('sys').seen")
        assert seen == str([*range(2, 25), 24]) or seen == str(list(range(2, 25)))


def test_look_ahead_region_and_none(shots: Path) -> None:
    with running_player(f"{shots}/s.#.tif") as player:
        player.until("cacheInfo()._6.size() == 2 && cacheInfo()._6[1] == 24", "true")
        assert player.mu("cacheMode()") == "1"
        assert player.mu("cacheInfo()._6[0]") == "1"
        used = int(player.mu("cacheInfo()._1"))
        assert used == FRAMES * 32 * 18 * 3
        player.mu("setCacheMode(CacheOff)")
        player.until("cacheInfo()._6.size()", "0")
        player.mu("{ setInPoint(5); setOutPoint(9); setCacheMode(CacheGreedy); }")
        player.until("cacheInfo()._6.size() == 2 && cacheInfo()._6[1] == 9", "true")
        player.until("cacheInfo()._6[0]", "5")
        player.mu("setCacheOutsideRegion(true)")
        player.until("cacheInfo()._6.size() == 2 && cacheInfo()._6[1] == 24", "true")
        assert player.mu("cacheInfo()._6[0]") == "1"


def test_the_cache_follows_a_jump_and_the_loop_point(tmp_path: Path) -> None:
    """A budget of a quarter of the range: what is cached is what plays next."""
    for n in range(1, 41):
        write(tmp_path / f"b.{n:04d}.tif", n * 5, (640, 360))
    budget = 10 * 640 * 360 * 3 / (1 << 30)
    with running_player(f"{tmp_path}/b.#.tif", "-lram", f"{budget:.6f}") as player:
        player.until("frameEnd()", "40")
        player.until("cacheInfo()._6.size() >= 2 && cacheInfo()._6[1] >= 8", "true")
        player.mu("setFrame(37)")

        def frames() -> set[int]:
            with player.client() as client:
                text = client.eval_mu("cacheInfo()._6")
            numbers = [int(n) for n in text.split("{")[1].strip(" }").split(",")]
            held: set[int] = set()
            for first, last in zip(numbers[::2], numbers[1::2], strict=True):
                held.update(range(first, last + 1))
            return held

        until(lambda: {37, 38, 39, 40, 1, 2} <= frames(), "the frames over the loop point")
        player.mu("setInc(-1)")
        until(lambda: {37, 36, 35, 34, 33, 32} <= frames(), "the frames before")


def picture(path: Path) -> int:
    """The grey in the middle of a snapshot, -1 while there is none."""
    inp = oiio.ImageInput.open(str(path)) if path.exists() else None
    if inp is None:
        oiio.geterror()
        return -1
    pixels = inp.read_image("uint8")
    inp.close()
    return int(pixels[pixels.shape[0] // 2, pixels.shape[1] // 2, 0]) if pixels is not None else -1


def test_a_frame_that_is_still_being_written(shots: Path) -> None:
    whole = (shots / "s.0002.tif").read_bytes()
    (shots / "s.0002.tif").write_bytes(whole[: len(whole) // 3])
    shot = shots / "now.png"
    with running_player(
        f"{shots}/s.#.tif", "--snapshot", str(shot), "--size", "32x18", display="png"
    ) as player:
        player.until("frameEnd()", "24")
        until(lambda: picture(shot) == 10)
        player.mu("setFrame(2)")
        player.wait_for(r"ERROR: .*s\.0002\.tif")
        (shots / "s.0002.tif").write_bytes(whole)
        until(lambda: picture(shot) == 20, "the frame when it is complete")
        assert sum("s.0002.tif" in line for line in player.log) == 1


def test_a_sequence_that_loses_its_files_goes_on(shots: Path) -> None:
    shot = shots / "now.png"
    with running_player(
        f"{shots}/s.#.tif", "-play", "-playMode", "2", "-nc", "-noPrefs",
        "--snapshot", str(shot), "--size", "32x18", display="png",
    ) as player:  # fmt: skip
        player.until("isPlaying()", "true")
        for n in range(1, FRAMES + 1):
            (shots / f"s.{n:04d}.tif").unlink()
        player.mu("releaseAllCachedImages()")
        player.wait_for(r"ERROR: .*no such file")
        assert player.mu("isPlaying()") == "true"
        first = player.mu("frame()")
        until(lambda: player.mu("frame()") != first)


def test_layers_and_views_by_request(tmp_path: Path) -> None:
    """`+select` chooses the layer or view of a multi-part file, as RV's request.imageComponent."""
    path = str(tmp_path / "m.exr")
    specs = []
    for name, view in (("beauty.left", "left"), ("beauty.right", "right")):
        spec = oiio.ImageSpec(8, 6, 4, "half")
        spec.channelnames = ("R", "G", "B", "glow.R")
        spec.attribute("oiio:subimagename", name)
        spec.attribute("view", view)
        specs.append(spec)
    out = oiio.ImageOutput.create(path)
    assert out.open(path, specs), out.geterror()
    for n, spec in enumerate(specs):
        if n:
            out.open(path, spec, "AppendSubimage")
        out.write_image(np.full((6, 8, 4), (0.25 + n / 4,) * 3 + (0.75,), np.float16))
    out.close()
    with running_player(path) as player:
        player.until("sources().size()", "1")

        def value() -> float:
            node = "sourceGroup000000_source"
            text = player.python(
                f"__import__('rv.commands').commands.sourcePixelValue('{node}', 4.0, 3.0)[0]"
            )
            return float(text)

        def select(*words: str) -> None:
            items = ", ".join(f'"{w}"' for w in words)
            player.mu(
                'setStringProperty("sourceGroup000000_source.request.imageComponent", '
                f"string[] {{{items}}}, true)"
            )

        until(lambda: value() == 0.25)
        select("view", "right")
        until(lambda: value() == 0.5)
        select("layer", "left", "glow")
        until(lambda: value() == 0.75)


def test_a_movie_with_sound_plays_to_its_end(tmp_path: Path) -> None:
    """Context play mode: the first source has sound, so time is real, and the sound's."""
    pytest.importorskip("av")
    pytest.importorskip("miniaudio")
    from tests.audio.making import tone, write_movie

    film = write_movie(tmp_path / "f.mov", tone(1.5, 48000), 36)
    with running_player(film, "-loopMode", "1", "-audioModule", "null") as player:
        player.until("frameEnd()", "36")
        assert player.mu("isRealtime()") == "true"
        player.mu("play()")
        until(lambda: float(player.mu("audioCacheInfo()._0")) > 0.05, "sound in the ring")
        player.until("isPlaying()", "false")
        assert player.mu("frame()") == "36"
        assert not any("without sound" in line for line in player.log)


def test_no_audio_is_no_sound(shots: Path) -> None:
    with running_player(f"{shots}/s.#.tif", "-noaudio", "-play", "-playMode", "2") as player:
        player.until("realFPS()", "24.0")
        assert player.mu("audioCacheInfo()._0") == "0.0"
