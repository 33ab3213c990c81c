"""The display thread: latest picture, deadlines, lost sinks, PNG."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from player.display import Display, NullSink, PngSink, open_sink
from player.display.base import Bytes, SinkLost, Status
from player.session.uistate import Question
from rvshell.errors import LocalError, UsageError
from tests.waiting import until


def plain(value: int, width: int, height: int) -> Bytes:
    return np.full((height, width, 4), value, np.uint8)


def test_the_latest_picture_wins_and_the_others_are_dropped() -> None:
    sink = NullSink(4, 3)
    gate, inside = threading.Event(), threading.Event()
    display = Display([lambda: sink])
    display.start()

    def slow(w: int, h: int, aspect: float) -> Bytes:
        inside.set()
        gate.wait(10)
        return plain(0, w, h)

    display.offer(slow)
    assert inside.wait(10)
    for value in range(1, 6):
        display.offer(lambda w, h, a, v=value: plain(v, w, h), frame=value)
    gate.set()
    until(lambda: display.counters.shown == 2)
    display.stop()
    assert sink.last is not None and int(sink.last[0, 0, 0]) == 5
    assert (display.counters.shown, display.counters.dropped, sink.shown) == (2, 4, 2)


def test_a_picture_waits_until_it_is_due() -> None:
    now = [100.0]
    sink = NullSink(4, 3)
    display = Display([lambda: sink], clock=lambda: now[0])
    display.start()
    display.offer(lambda w, h, a: plain(9, w, h), due=100.05)
    display.set_full_screen(True)  # lets the thread turn round once
    until(lambda: not display._calls)
    assert sink.shown == 0
    now[0] = 100.06
    until(lambda: sink.shown == 1)
    display.stop()


def test_a_lost_sink_and_a_failing_job_end_nothing(caplog: pytest.LogCaptureFixture) -> None:
    class Lost(NullSink):
        def show(self, picture: Bytes) -> None:
            raise SinkLost("gone")

    kept, reasons = NullSink(4, 3), []
    display = Display([Lost, lambda: kept], on_lost=lambda *lost: reasons.append(lost))
    display.start()

    def broken(w: int, h: int, aspect: float) -> Bytes:
        raise ValueError("no picture")

    for count in (1, 2, 3):
        display.offer(broken)
        until(lambda n=count: display.counters.failed >= n)
    assert [m for m in caplog.messages if "no picture" in m] == [
        "the picture cannot be made: ValueError: no picture"
    ]
    display.offer(lambda w, h, a: plain(1, w, h))
    until(lambda: kept.shown == 1 and reasons == [("gone", 1)])
    display.offer(lambda w, h, a: plain(2, w, h))
    until(lambda: kept.shown == 2)
    display.stop()


def test_a_screen_that_does_not_answer_is_given_up() -> None:
    answers, closed = threading.Event(), threading.Event()

    class Late(NullSink):
        def __init__(self) -> None:
            super().__init__()
            answers.wait(60)

        def close(self) -> None:
            closed.set()

    display = Display([Late])
    with pytest.raises(LocalError, match="does not answer"):
        display.start(0.01)
    display.offer(lambda w, h, a: plain(1, w, h))
    answers.set()
    assert closed.wait(60)
    assert display.counters.shown == 0


def test_a_screen_that_asks_itself_gets_pictures_without_the_question() -> None:
    panel, page = NullSink(4, 3), NullSink(4, 3)
    page.asks_itself = True
    made: list[bool] = []

    def job(w: int, h: int, aspect: float, *, panel: bool = True) -> Bytes:
        made.append(panel)
        return plain(9 if panel else 5, w, h)

    def shown() -> tuple[int, int]:
        assert panel.last is not None and page.last is not None
        return int(panel.last[0, 0, 0]), int(page.last[0, 0, 0])

    display = Display([lambda: panel, lambda: page])
    display.start()
    display.offer(job)
    until(lambda: display.counters.shown == 1)
    assert shown() == (9, 9) and made == [True]  # nothing is asked: one picture for both
    display.set_status(Status(question=Question(1, ("may they?",), (("y", "Yes", "yes"),))))
    display.offer(job)
    until(lambda: display.counters.shown == 2)
    assert shown() == (9, 5)
    display.stop()


def test_png(tmp_path: Path) -> None:
    path = tmp_path / "out.png"
    sink = PngSink(str(path), 20, 10)
    picture = np.random.default_rng(1).integers(0, 256, (10, 20, 4), np.uint8)
    sink.show(picture)
    read = oiio.ImageInput.open(str(path)).read_image("uint8")
    np.testing.assert_array_equal(read, picture[..., :3])
    assert list(tmp_path.iterdir()) == [path]
    for value in (1, 2, 3):  # a movie: the file may lag, the last picture gets there
        sink.show(plain(value, 20, 10))
    sink.close()
    assert (oiio.ImageInput.open(str(path)).read_image("uint8") == 3).all()
    with pytest.raises(SinkLost, match="cannot be written"):
        PngSink(str(tmp_path / "no" / "x.png")).show(picture)


def test_names_of_sinks() -> None:
    assert open_sink("null:30x20").size() == (30, 20)
    for wrong in ("png", "null:x", "hologram"):
        with pytest.raises(UsageError):
            open_sink(wrong)


def test_exr_holds_the_light_and_not_the_display(tmp_path: Path) -> None:
    path = tmp_path / "out.exr"
    light = np.linspace(-1, 30, 10 * 20 * 4, dtype=np.float32).reshape(10, 20, 4)
    sink = PngSink(str(path), 20, 10, lambda width, height: light[:height, :width])
    sink.show(plain(9, 20, 10))
    file = oiio.ImageInput.open(str(path))
    assert file.spec().format == oiio.HALF
    np.testing.assert_array_equal(file.read_image("float"), light.astype(np.float16))
    with pytest.raises(SinkLost, match="cannot be written"):
        PngSink(str(tmp_path / "no" / "x.exr"), 20, 10, lambda w, h: light).show(plain(1, 20, 10))
