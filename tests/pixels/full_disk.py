"""A disk that is full under a pipe's pictures and under snapshots: run by test_full_disk inside
`unshare -rm` with an empty folder; prints what happened, ends with 0."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from player.image.export import write_image
from tests.pixels.running import RunningPlayer, rvshell
from tests.pixels.watching import Watching


def fill(folder: Path) -> None:
    """Leave no room at all."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(512)):
                pass
        except OSError:
            return


def main(folder: Path) -> None:
    home, full = folder / "home", folder / "full"
    home.mkdir()
    full.mkdir()
    noise = np.random.default_rng(1).integers(0, 255, (1200, 1000, 4)).astype(np.uint8)
    for name in ("big.png", "small.png"):
        write_image(str(home / name), noise if name == "big.png" else noise[:8, :8])
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(full)], check=True)
    with RunningPlayer(home) as player:
        os.environ["TMPDIR"] = str(full)
        done = rvshell(
            "push", "-", "--name", "pipe", port=player.port, data=(home / "big.png").read_bytes()
        )
        assert done.returncode != 0 and "No space left on device" in done.stderr, done.stderr
        assert "Traceback" not in done.stderr and len(done.stderr.splitlines()) < 3, done.stderr
        assert os.listdir(full) == [], os.listdir(full)
        print("ok: pipe", flush=True)
        small = (home / "small.png").read_bytes()
        done = rvshell("push", "-", "--name", "pipe", port=player.port, data=small)
        assert done.returncode == 0, done.stderr
        print("ok: a smaller one", flush=True)

        snapshot = full / "now.png"
        assert rvshell("snapshot", str(snapshot), port=player.port).returncode == 0
        before = snapshot.read_bytes()
        done = rvshell("push", str(home / "big.png"), port=player.port)
        assert done.returncode == 0, done.stderr
        fill(full)
        done = rvshell("snapshot", str(snapshot), port=player.port)
        assert done.returncode != 0 and "the disk is full" in done.stderr, done.stderr
        assert any("now.png: No space left on device" in line for line in player.log), player.log
        assert "Traceback" not in done.stderr, done.stderr
        assert snapshot.read_bytes() == before
        print("ok: snapshot", flush=True)
        done = rvshell("save", str(full / "now.rv"), port=player.port)
        assert done.returncode != 0 and "the disk is full" in done.stderr, done.stderr
        log = full / "log"
        done = rvshell("-c", f"tee '{log}'; echo 1; echo 2", port=player.port)
        assert (done.returncode, done.stdout) == (0, "1\n2\n"), done
        assert (
            done.stderr == f"tee: {log}: No space left on device; there is no transcript "
            "from here on\n"
        ), done.stderr  # once
        print("ok: save and tee", flush=True)
        (full / "filler").unlink()
        watch(player, full, small)
        print("ok: watched", flush=True)
        assert player.ask("frame();") == "1"


def watch(player: RunningPlayer, full: Path, picture: bytes) -> None:
    """A frame that the disk had no room for is awaited; those behind it are shown meanwhile."""
    shots = full / "shots"
    shots.mkdir()
    watching = Watching(player, shots)
    watching.wait_for("watching")
    (shots / "a.0001.png").write_bytes(picture)
    watching.wait_for("a.0001.png -> a.#.png frame 1")
    with (shots / "a.0002.png").open("wb", buffering=0) as file:
        file.write(picture[: len(picture) // 2])
        fill(full)
        try:
            while file.write(picture):
                pass
        except OSError as error:
            assert error.errno == errno.ENOSPC
    (full / "filler").unlink()
    (shots / "a.0003.png").write_bytes(picture)
    watching.wait_for("a.0003.png -> a.#.png frame 3")
    assert not any("a.0002.png" in line for line in watching.lines), watching.lines
    (shots / "a.0002.png").write_bytes(picture)
    watching.wait_for("a.0002.png -> a.#.png frame 2")
    assert watching.close() == 130


if __name__ == "__main__":
    main(Path(sys.argv[1]))
