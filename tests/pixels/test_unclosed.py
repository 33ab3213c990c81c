"""Images that nobody closes, images of a process that forks, and a viewer that hangs."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from rvshell.errors import DeadlineExceeded, PixelError
from rvshell.pixels import open_image
from tests.pixels.running import REPO, RunningPlayer
from tests.pixels.test_image import RNG, arrived
from tests.pixels.test_push_verb import node_of, pixels_of
from tests.waiting import DEADLINE, until


def run(code: str, player: RunningPlayer) -> str:
    """What a program writes that has the image `image` of 64 x 64 open."""
    head = (
        "import os, sys, threading, numpy as np\n"
        "from rvshell.errors import PixelError\n"
        "from rvshell.pixels import open_image\n"
        f"image = open_image('left', 64, 64, frames=(1, 9), port={player.port})\n"
        "ones = np.ones((64, 64, 4), np.float32)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", head + code], capture_output=True, text=True, cwd=REPO,
        timeout=DEADLINE,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_end_of_the_program_waits_for_what_is_left(player: RunningPlayer) -> None:
    """Without `with` or `close`: eight frames of 16 MB, and the last thing is a small one."""
    run(
        f"large = open_image('large', 1024, 1024, frames=(1, 8), port={player.port},\n"
        "                   memory=1 << 30)\n"
        "for frame in range(1, 9):\n"
        "    large.send(np.full((1024, 1024, 4), frame, np.float32), frame=frame)\n"
        "    image.send(ones * frame, frame=frame)\n",
        player,
    )
    node = node_of(player, "large")
    wanted = ", ".join(f'"{node}.image.{frame}"' for frame in range(1, 9))
    until(lambda: "false" not in player.ask(
        f"bool[] r; for_each (p; string[] {{{wanted}}}) r.push_back(propertyExists(p)); r;"
    ))  # fmt: skip
    until(lambda: player.numbers(f'sourcePixelValue("{node}", 1023.0, 1023.0)')[0] == 1)
    player.ask("setFrame(8);")
    until(lambda: player.numbers(f'sourcePixelValue("{node}", 1023.0, 1023.0)')[0] == 8)
    left = pixels_of(player, node_of(player, "left"), "8", "Float", 64 * 64 * 4)
    assert set(left) == {8.0}


def test_a_dropped_image_sends_what_waits_and_ends(player: RunningPlayer) -> None:
    pixels = RNG.random((256, 256, 4), np.float32)
    before = set(threading.enumerate())
    open_image("dropped", 256, 256, port=player.port).send(pixels)
    gc.collect()
    until(lambda: not set(threading.enumerate()) - before)
    got = pixels_of(player, node_of(player, "dropped"), "1", "Float", pixels.size)
    np.testing.assert_array_equal(got.astype(np.float32), pixels[::-1].reshape(-1))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_is_told_and_does_not_disturb(player: RunningPlayer) -> None:
    """Also when another thread held the image at that moment."""
    told = run(
        "image.send(ones)\n"
        "held, go = threading.Event(), threading.Event()\n"
        "def hold():\n"
        "    with image._lock:\n"
        "        held.set()\n"
        "        go.wait()\n"
        "holder = threading.Thread(target=hold)\n"
        "holder.start()\n"
        "held.wait()\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    for call in (lambda: image.send(ones), lambda: image.sync()):\n"
        "        try:\n"
        "            call()\n"
        "        except PixelError as error:\n"
        "            print(error)\n"
        "    image.close()\n"
        "    del image\n"
        "    sys.exit(0)\n"
        "_, status = os.waitpid(child, 0)\n"
        "go.set()\n"
        "holder.join()\n"
        "image.send(ones * 2)\n"
        "print(status, image.sync())\n"
        "image.close()\n",
        player,
    )
    line = "left belongs to the process that opened it; open one in this process"
    assert told.splitlines() == [line, line, "0 True"]
    left = pixels_of(player, node_of(player, "left"), "1", "Float", 64 * 64 * 4)
    assert set(left) == {2.0}


def test_a_closed_image_says_so_at_once(player: RunningPlayer) -> None:
    image = open_image("closed", 4, 4, port=player.port)
    image.close()
    assert not image.connected
    with pytest.raises(PixelError, match="closed is closed"):
        image.require()
    with pytest.raises(PixelError, match="closed is closed"):
        image.sync()


def test_a_player_that_hangs_does_not_keep_the_program_at_close(
    own_player: RunningPlayer, caplog: pytest.LogCaptureFixture
) -> None:
    """What it has not taken goes on when it does."""
    pixels = RNG.random((1024, 1024, 4), np.float32)
    before = set(threading.enumerate())
    image = open_image("hangs", 1024, 1024, frames=(1, 2), port=own_player.port)
    other = open_image("waits", 8, 8, port=own_player.port, show=False)  # nothing of it waits
    image.send(pixels)
    assert image.sync() and other.sync()
    own_player.process.send_signal(signal.SIGSTOP)
    try:
        image.send(pixels * 2, frame=2)
        image.close()
        other.close()
        assert set(threading.enumerate()) - before  # the image's goes on
        (warning,) = caplog.messages
        assert "has taken nothing for 2 s (is it stopped or busy?)" in warning
        late = open_image("late", 8, 8, port=own_player.port)
        late.close()  # it is not even connected
    finally:
        own_player.process.send_signal(signal.SIGCONT)
    until(lambda: not set(threading.enumerate()) - before)
    node = node_of(own_player, "hangs")
    own_player.ask("setFrame(2);")
    code = f'sourcePixelValue("{node}", 1000.0, 20.0)'
    wanted = pixels[-21, 1000] * 2
    until(lambda: np.allclose(own_player.numbers(code)[:4], wanted, rtol=1e-4, atol=1e-5))
    assert "late" not in own_player.ask("sources()")  # it was closed before it could be shown


def test_without_reconnect_a_player_that_hangs_is_an_error(own_player: RunningPlayer) -> None:
    pixels = RNG.random((1024, 1024, 4), np.float32)
    image = open_image("hangs", 1024, 1024, port=own_player.port, reconnect=False)
    assert image.sync()
    own_player.process.send_signal(signal.SIGSTOP)
    try:
        image.send(pixels)
        with pytest.raises(DeadlineExceeded, match="has taken nothing for 2 s"):
            image.close()
    finally:
        own_player.process.send_signal(signal.SIGCONT)


def test_an_exception_does_not_wait_for_a_player_that_hangs(own_player: RunningPlayer) -> None:
    before = set(threading.enumerate())
    own_pixels = RNG.random((1024, 1024, 4), np.float32)
    try:
        with (
            pytest.raises(ValueError, match="the render failed"),
            open_image("hangs", 1024, 1024, port=own_player.port) as image,
        ):
            assert image.sync()
            own_player.process.send_signal(signal.SIGSTOP)
            image.send(own_pixels)
            raise ValueError("the render failed")
        assert not set(threading.enumerate()) - before  # its thread was in the middle of a tile
    finally:
        own_player.process.send_signal(signal.SIGCONT)


def test_ctrl_c_ends_the_wait_for_a_player_that_hangs(own_player: RunningPlayer) -> None:
    code = (
        "import sys, numpy as np\n"
        "from rvshell.pixels import open_image\n"
        f"image = open_image('left', 1024, 1024, port={own_player.port})\n"
        "image.sync()\n"
        "print(flush=True)\n"
        "sys.stdin.readline()\n"
        "image.send(np.ones((1024, 1024, 4), np.float32))\n"
    )
    program = subprocess.Popen(
        [sys.executable, "-c", code], cwd=REPO, text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert program.stdin and program.stdout and program.stderr
    program.stdout.readline()
    own_player.process.send_signal(signal.SIGSTOP)
    try:
        program.stdin.write("\n")
        program.stdin.flush()
        waiting = program.stderr.readline()
        program.send_signal(signal.SIGINT)
        _, more = program.communicate(timeout=DEADLINE)
    finally:
        own_player.process.send_signal(signal.SIGCONT)
    target = f"127.0.0.1:{own_player.port}"
    assert waiting.startswith("left: waiting ") and f"for {target} to take" in waiting
    assert (program.returncode, more) == (0, "")


def test_a_worker_of_multiprocessing_sends_what_waits(player: RunningPlayer) -> None:
    """It ends without running what `atexit` was told."""
    run(
        "import multiprocessing\n"
        "def work(number):\n"
        f"    mine = open_image('left', 64, 64, frames=(1, 9), port={player.port})\n"
        "    mine.send(ones * number, frame=number)\n"
        "fork = multiprocessing.get_context('fork')\n"
        "workers = [fork.Process(target=work, args=(number,)) for number in (1, 2, 3)]\n"
        "for worker in workers:\n"
        "    worker.start()\n"
        "for worker in workers:\n"
        "    worker.join()\n",
        player,
    )
    node = node_of(player, "left")
    for frame in (1, 2, 3):
        until(lambda frame=frame: player.ask(f'propertyExists("{node}.image.{frame}")') == "true")
        left = pixels_of(player, node, str(frame), "Float", 64 * 64 * 4)
        assert set(left) == {float(frame)}


def test_a_player_that_hangs_for_a_while(own_player: RunningPlayer) -> None:
    """The render goes on, `sync` comes back, and later everything is there."""
    pixels = RNG.random((1024, 1024, 4), np.float32)
    with open_image("hangs", 1024, 1024, frames=(1, 20), port=own_player.port,
                    patience=0.2) as image:  # fmt: skip
        image.send(pixels)
        assert image.sync()
        own_player.process.send_signal(signal.SIGSTOP)
        try:
            for frame in range(1, 21):
                image.send(pixels * frame, frame=frame)
            assert image.sync(timeout=0.1) is False
            (statistics,) = image.statistics
            assert statistics.dropped > 10
            assert statistics.blocked < 2  # it was waited for once, not for each frame
        finally:
            own_player.process.send_signal(signal.SIGCONT)
        assert image.sync()
        own_player.ask("setFrame(20);")
        code = f'sourcePixelValue("{image.nodes[0]}", 1000.0, 20.0)'
        np.testing.assert_allclose(
            own_player.numbers(code)[:4], pixels[-21, 1000] * 20, rtol=1e-4, atol=1e-5
        )


@pytest.mark.parametrize("integer", [np.uint8, np.int32, np.int64])
def test_places_of_any_integer(player: RunningPlayer, integer: type) -> None:
    """Small types must not run over: 300 - 8 - 200 is no uint8 on the way."""
    with open_image("places", 300, 300, channels=1, port=player.port) as image:
        wanted = np.zeros((300, 300, 1), np.float32)
        for place in np.arange(0, 250, 50, dtype=integer):
            image.send_tile(place, place, np.full((8, 8, 1), place, np.float32))
            at = int(place)
            wanted[at : at + 8, at : at + 8] = at
        image.sync()
        np.testing.assert_array_equal(arrived(player, image), wanted)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timers")
def test_ctrl_c_in_the_middle_of_a_tile(player: RunningPlayer) -> None:
    """At forty moments: what waits is sent, and no lock stays locked, so that the thread ends."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before, pixels = signal.signal(signal.SIGALRM, interrupt), np.ones((16, 16, 4), np.uint8)
    try:
        for number in range(40):
            image = open_image("stopped", 512, 512, dtype="uint8", port=player.port)
            with pytest.raises(KeyboardInterrupt), image:
                signal.setitimer(signal.ITIMER_REAL, 0.001 + number * 0.0002)
                while True:
                    image.send_tile(0, 0, pixels)
            assert not [t for t in threading.enumerate() if t.name.startswith("pixels to")]
            assert image.waiting == 0
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
