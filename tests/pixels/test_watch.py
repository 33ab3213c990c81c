"""`rvshell push --watch`: what appears in a directory appears in a real player."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rvshell.client.address import parse_target
from rvshell.pixels.files import frame_of
from rvshell.pixels.pushing import Options
from rvshell.pixels.watch import Watcher, pattern_of
from tests.pixels.running import RunningPlayer, rvshell
from tests.pixels.test_push_stereo import write
from tests.pixels.test_push_verb import node_of, pixels_of, range_of
from tests.pixels.watching import Watching
from tests.ports import free_port
from tests.waiting import until

pytest.importorskip("watchfiles")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "out"
    made.mkdir()
    yield made


def value(player: RunningPlayer, media: str, key: str, count: int) -> set[float]:
    """The values of a picture; none while there is no such picture yet, or another one."""
    try:
        return set(pixels_of(player, node_of(player, media), key, "Half", count))
    except (ValueError, LookupError, AssertionError):
        return set()


def flat(number: float, size: tuple[int, int] = (4, 6)) -> np.ndarray:
    return np.full((*size, 4), number, np.float16)


def movie(path: Path, frames: int, width: int = 64) -> None:
    """Grey, each frame lighter; there as a whole from the first moment on."""
    av = pytest.importorskip("av")
    with av.open(str(path.with_suffix(".part")), "w", format="mov") as out:
        stream = out.add_stream("png", rate=12)
        stream.width, stream.height, stream.pix_fmt = width, 36, "rgb24"
        for n in range(frames):
            picture = np.full((36, width, 3), 10 * (n + 1), np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        out.mux(stream.encode())
    path.with_suffix(".part").rename(path)


def test_movies_are_pushed_too(player: RunningPlayer, folder: Path) -> None:
    movie(folder / "clip.mov", 3)
    watching = Watching(player, folder)
    watching.wait_for("clip.mov -> clip.mov frames 1-3")
    node = node_of(player, "clip.mov")
    until(lambda: set(pixels_of(player, node, "3", "Byte", 36 * 64 * 3)) == {30})
    movie(folder / "clip.mov", 4, width=32)  # rendered again, smaller
    watching.wait_for("clip.mov -> clip.mov frames 1-4")
    until(lambda: range_of(player, node_of(player, "clip.mov")) == [1, 4])
    node = node_of(player, "clip.mov")
    until(lambda: set(pixels_of(player, node, "4", "Byte", 36 * 32 * 3)) == {40})
    write(folder / "shot.0001.exr", flat(1), "half")
    watching.wait_for("shot.0001.exr -> shot.#.exr frame 1")
    assert watching.close() == 130


def test_a_sequence_grows_and_files_are_rewritten(player: RunningPlayer, folder: Path) -> None:
    write(folder / "shot.0001.exr", flat(1), "half")
    watching = Watching(player, folder)
    watching.wait_for("shot.0001.exr -> shot.#.exr frame 1")
    write(folder / "shot.0003.exr", flat(3), "half")
    write(folder / "still.exr", flat(9), "half")
    (folder / "notes.txt").write_text("not an image")
    watching.wait_for("frame 3")
    watching.wait_for("still.exr -> still.exr frame 1")
    until(lambda: value(player, "shot.#.exr", "3", 96) == {3.0})
    assert range_of(player, node_of(player, "shot.#.exr")) == [1, 3]
    write(folder / "shot.0001.exr", flat(7), "half")
    until(lambda: value(player, "shot.#.exr", "1", 96) == {7.0})
    assert value(player, "still.exr", "1", 96) == {9.0}
    assert watching.close() == 130


def test_half_written_files_are_awaited(player: RunningPlayer, folder: Path) -> None:
    write(folder.parent / "x.exr", flat(5, (64, 64)), "half", compression="none")
    data = (folder.parent / "x.exr").read_bytes()
    watching = Watching(player, folder)
    watching.wait_for("watching")
    target = folder / "x.0042.exr"
    target.write_bytes(data[: len(data) // 2])
    write(folder / "other.exr", flat(1), "half")
    watching.wait_for("other.exr ->")  # by now the half file has been looked at
    assert not any("x.0042.exr ->" in line for line in watching.lines)
    with open(target, "ab") as file:
        file.write(data[len(data) // 2 :])
    watching.wait_for("x.0042.exr -> x.#.exr frame 42")
    write(folder.parent / "p.png", np.full((64, 64, 3), 9, np.uint8), "uint8")
    half = (folder.parent / "p.png").read_bytes()
    (folder / "aa.png").write_bytes(half[:-20])
    write(folder / "another.exr", flat(1), "half")
    watching.wait_for("another.exr ->")
    (folder / "aa.png").write_bytes(half)
    watching.wait_for("aa.png -> aa.png frame 1")
    assert not any("libpng" in line for line in watching.lines)
    until(lambda: value(player, "x.#.exr", "42", 64 * 64 * 4) == {5.0})
    watching.close()


def test_renamed_into_place_and_reshaped(player: RunningPlayer, folder: Path) -> None:
    """Renderers write to another name and rename; and render again in another size."""
    watching = Watching(player, folder / "beauty.%04d.exr")
    watching.wait_for("watching")
    write(folder.parent / "t.exr", flat(2), "half")
    os.rename(folder.parent / "t.exr", folder / "beauty.0010.exr")
    watching.wait_for("frame 10")
    write(folder / "other.0010.exr", flat(1), "half")  # not of the pattern
    write(folder / "beauty.0010.exr", flat(4, (8, 10)), "half")
    until(lambda: value(player, "beauty", "10", 320) == {4.0})
    until(lambda: player.ask('nodesOfType("RVImageSource")').count("_source") == 1)
    assert player.numbers(f'getIntProperty("{node_of(player, "beauty")}.image.width")') == [10]
    assert not any("other" in line for line in watching.lines)
    watching.close()


def test_odd_names_and_what_is_no_file(player: RunningPlayer, folder: Path) -> None:
    """A pipe would be waited for, and a name that is not UTF-8 ends what tells of changes."""
    watching = Watching(player, folder)
    watching.wait_for("watching")
    os.mkfifo(folder / "pipe.exr")
    (folder / "folder.exr").mkdir()
    (folder / "nothing.exr").symlink_to("/nosuch")
    write(folder.parent / "t.exr", flat(2), "half")
    os.link(folder.parent / "t.exr", os.path.join(os.fsencode(folder), b"odd \xff.exr"))
    names = ["a b.exr", "(a,b)=[1].exr", "ü 日本 100%.exr", "#.exr"]
    for name in names:
        (folder / name).symlink_to(folder.parent / "t.exr")
    for name in names:
        watching.wait_for(f"{name} -> {name} frame 1")
        until(lambda name=name: name in player.ask(
            "{ string[] r; for_each (n; nodesOfType(\"RVImageSource\")) "
            'r.push_back(getStringProperty(nodeGroup(n) + ".ui.name")[0]); r; }'))  # fmt: skip
    os.symlink(folder.parent / "t.exr", os.path.join(os.fsencode(folder), b"\xfe.exr"))
    write(folder.parent / "n.exr", flat(3), "half")
    os.rename(folder.parent / "n.exr", folder / "a b.exr")
    until(lambda: value(player, "a%20b.exr", "1", 96) == {3.0})
    assert sum("-> (a,b)" in line for line in watching.lines) == 1  # those before not again
    assert watching.close() == 130


def test_deleted_made_again_and_the_directory_too(player: RunningPlayer, folder: Path) -> None:
    watching = Watching(player, folder)
    watching.wait_for("watching")
    for number in (1, 2):
        write(folder / "a.0001.exr", flat(number), "half")
        watching.wait_for("frame 1")
        until(lambda number=number: value(player, "a.#.exr", "1", 96) == {float(number)})
        os.unlink(folder / "a.0001.exr")
    os.rmdir(folder)
    watching.wait_for("has gone away")
    folder.mkdir()
    write(folder / "a.0002.exr", flat(7), "half")
    watching.wait_for("frame 2")
    until(lambda: value(player, "a.#.exr", "2", 96) == {7.0})
    assert range_of(player, node_of(player, "a.#.exr")) == [1, 2]
    assert watching.close() == 130


def test_more_sources_than_stay_connected(player: RunningPlayer, folder: Path) -> None:
    write(folder.parent / "t.exr", flat(2), "half")
    data = (folder.parent / "t.exr").read_bytes()
    names = [f"still{chr(97 + n // 26)}{chr(97 + n % 26)}.exr" for n in range(70)]
    for name in names:
        (folder / name).write_bytes(data)
    watching = Watching(player, folder)
    watching.wait_for(names[-1])
    until(lambda: len(player.ask('nodesOfType("RVImageSource")').split('"')[1::2]) == 70)
    assert player.ask("remoteConnections()").count(f"-{watching.process.pid}-") <= 32
    write(folder / names[0], flat(5), "half")  # one that is not connected any more
    until(lambda: value(player, names[0], "1", 96) == {5.0})
    until(lambda: value(player, names[40], "1", 96) == {2.0})
    assert watching.close() == 130


def test_a_viewer_that_is_started_again_gets_everything(
    tmp_path_factory: pytest.TempPathFactory, folder: Path
) -> None:
    """All frames of all sources: more than are kept, from more than stay connected."""
    names = [f"still{chr(97 + n // 26)}{chr(97 + n % 26)}.exr" for n in range(40)]
    with RunningPlayer(tmp_path_factory.mktemp("first")) as first:
        watching = Watching(first, folder)
        watching.wait_for("watching")
        for frame in range(1, 6):
            write(folder / f"shot.{frame:04}.exr", flat(frame), "half")
        for name in names:
            write(folder / name, flat(7), "half")
        until(lambda: sum("->" in line for line in watching.lines) == 45)
        first.kill()
    watching.wait_for(f"; what there is goes to 127.0.0.1:{first.port} when it is there")
    write(folder / "shot.0003.exr", flat(33), "half")
    watching.wait_for("shot.0003.exr -> ")
    with RunningPlayer(tmp_path_factory.mktemp("second"), port=first.port) as second:
        until(lambda: second.ask('nodesOfType("RVImageSource").size();') == "41")
        wanted = {1: 1.0, 2: 2.0, 3: 33.0, 4: 4.0, 5: 5.0}
        for frame, number in wanted.items():
            until(lambda f=frame, n=number: value(second, "shot.#.exr", str(f), 96) == {n})
        for name in (names[0], names[39]):
            until(lambda name=name: value(second, name, "1", 96) == {7.0})
        told = [line for line in watching.lines if "->" not in line]
        assert len(told) == 3 and "is there: everything is pushed again" in told[-1], told
        assert watching.close() == 130


@pytest.mark.parametrize("error", [errno.ESTALE, errno.ENOSPC, errno.EMFILE])
def test_where_the_kernel_is_not_told(
    player: RunningPlayer, folder: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    """On a file server another machine's files make no event, and it may be away for a while; a
    kernel watches so many directories and no more."""
    monkeypatch.setattr("rvshell.pixels.watch._AGAIN", 0.05)
    said: list[str] = []
    options = Options((parse_target(f"127.0.0.1:{player.port}"),))
    watcher = Watcher(str(folder), options, said.append)
    stop, scandir, stale = threading.Event(), os.scandir, [3]

    def silent(*_: Any, **__: Any) -> Iterator[set[Any]]:
        if error == errno.ENOSPC:
            raise OSError(error, os.strerror(error))
        if error == errno.EMFILE:  # watchfiles has it in words
            raise RuntimeError(os.strerror(error))
        while not stop.wait(0.05):
            yield set()

    def away(path: str) -> Any:
        if stale[0] and error == errno.ESTALE:
            stale[0] -= 1
            raise OSError(error, os.strerror(error))
        return scandir(path)

    watcher._watch = silent
    thread = threading.Thread(target=watcher.run, args=(stop,))
    thread.start()
    try:
        write(folder / "a.0001.exr", flat(1), "half")
        until(lambda: value(player, "a.#.exr", "1", 96) == {1.0})
        monkeypatch.setattr(os, "scandir", away)
        write(folder / "a.0001.exr", flat(2), "half")
        write(folder / "a.0002.exr", flat(3), "half")
        until(lambda: value(player, "a.#.exr", "1", 96) == {2.0})
        until(lambda: value(player, "a.#.exr", "2", 96) == {3.0})
    finally:
        stop.set()
        thread.join()
    reason = os.strerror(error)
    untold = f"{folder}: its changes are not told: {reason}; it is looked at now and then"
    told = {
        errno.ESTALE: f"{folder}: {reason}; waiting for it",
        errno.ENOSPC: untold,
        errno.EMFILE: untold,
    }
    assert [line for line in said if "->" not in line] == [told[error]]


def test_a_target_that_comes_late_gets_everything_and_keeps_nobody_back(
    player: RunningPlayer, tmp_path_factory: pytest.TempPathFactory, folder: Path
) -> None:
    port = free_port()
    targets = f"127.0.0.1:{port},127.0.0.1:{player.port}"
    watching = Watching(player, folder, "--to", targets)
    watching.wait_for("watching")
    for frame in (1, 2, 3):
        write(folder / f"a.{frame:04}.exr", flat(frame), "half")
        until(lambda f=frame: value(player, "a.#.exr", str(f), 96) == {float(f)})
    with RunningPlayer(tmp_path_factory.mktemp("late"), port=port) as late:
        for frame in (1, 2, 3):
            until(lambda f=frame: value(late, "a.#.exr", str(f), 96) == {float(f)})
    watching.wait_for(f"what there is goes to 127.0.0.1:{port} when it is there")
    watching.wait_for(f"127.0.0.1:{port} is there: everything is pushed again")
    assert watching.close() == 130


def test_no_such_directory(player: RunningPlayer, tmp_path: Path) -> None:
    done = rvshell("push", "--watch", str(tmp_path / "no" / "x.#.exr"), port=player.port)
    assert done.returncode == 1 and "no such directory" in done.stderr
    assert rvshell("push", "--watch", "a", "b", port=player.port).returncode == 2


def test_names() -> None:
    assert frame_of("a.0012.exr") == ("a.#.exr", 12)
    assert frame_of("a_v2_7.png") == ("a_v2_#.png", 7)
    assert frame_of("still.exr") == ("still.exr", 1)
    assert frame_of("notes.txt") is None and frame_of(".tmp.0001.exr") is None
    match = pattern_of("a.#.exr")
    assert match("a.0012.exr") == ("a.#.exr", 12) and match("a.12.exr") is None
    assert pattern_of("a.@@.exr")("a.07.exr") == ("a.@@.exr", 7)
    assert pattern_of("a.%d.exr")("a.7.exr") == ("a.%d.exr", 7)
    assert pattern_of("one.exr")("one.exr") == ("one.exr", 1)
