"""The user's timer and the sound cache of a session (``TwkUtil/Timer``, ``IPCore/Session``)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from player.media import Probe
from player.scripting.engine import Policy, ScriptEngine
from player.session.events import Event
from player.session.ports import Ports
from player.session.session import Session


class Desk:
    """A session whose clock stands at ``now``."""

    def __init__(self) -> None:
        self.now = 100.0
        self.session = Session("output", ports=Ports(media=Probe()), clock=lambda: self.now)
        self.engine = ScriptEngine(self.session, policy=Policy(limit=20.0), report=self._reported)
        self.reports: list[str] = []
        self.sent: list[str] = []
        self.mu('addSource("solid,start=1,end=10.movieproc")')
        self.session.events.trace = self._note

    def _reported(self, text: str) -> None:
        self.reports.append(text)

    def _note(self, event: Event) -> None:
        self.sent.append(event.name)

    def mu(self, text: str) -> str:
        return self.engine.mu(text)

    def events(self, text: str) -> list[str]:
        self.sent.clear()
        self.mu(text)
        return list(self.sent)


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.engine.close()


def test_a_stopped_timer_keeps_its_value(desk: Desk) -> None:
    desk.mu("startTimer()")
    desk.now += 2.5
    assert desk.mu("(isTimerRunning(), elapsedTime())") == "(true, 2.5)"
    assert desk.mu("stopTimer()") == "2.5"
    desk.now += 1.0
    assert desk.mu("(isTimerRunning(), elapsedTime())") == "(false, 2.5)"
    desk.mu("startTimer(); clearSession();")
    assert desk.mu("isTimerRunning()") == "false"


def test_a_timer_that_never_ran_counts_from_1970(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("player.session.uistate.time.time", lambda: 1_500_000_000.0)
    session = Session("output", ports=Ports(media=Probe()))
    engine = ScriptEngine(session, policy=Policy(limit=20.0))
    assert engine.mu("isTimerRunning()") == "false"
    assert engine.mu("elapsedTime() == 1.5e9") == "true"
    assert engine.mu("stopTimer() == 1.5e9") == "true"
    monkeypatch.setattr("player.session.uistate.time.time", lambda: 1_600_000_000.0)
    assert engine.mu("elapsedTime() == 1.5e9") == "true"
    engine.close()


MOMENT = ["before-play-start", "play-start", "play-stop"]


def test_sound_without_a_device_plays_for_a_moment(desk: Desk) -> None:
    assert desk.events("setAudioCacheMode(2)") == MOMENT
    assert desk.mu("audioCacheMode()") == "1"
    assert desk.events("setFPS(30.0)") == ["fps-changed"]
    assert desk.events("setAudioCacheMode(1)") == MOMENT


def test_sound_that_is_cached_whole_plays_for_a_moment_at_another_rate() -> None:
    desk = Desk()
    desk.session.playback.audio_ready = True
    assert desk.events("setAudioCacheMode(2)") == []
    assert desk.events("setFPS(30.0)") == [*MOMENT, "fps-changed"]
    desk.mu("setAudioCacheMode(2); clearSession();")
    assert desk.mu("audioCacheMode()") == "1"


def test_negative_ranges_clamp_to_their_last_frame(desk: Desk) -> None:
    desk.mu("setFrameStart(-10); setFrameEnd(-3);")
    desk.mu("setFrame(5)")
    assert desk.mu("(frame(), frameStart(), frameEnd())") == "(-3, -10, -3)"


def test_backwards_the_lag_is_counted_below_zero(desk: Desk) -> None:
    """``Session::advanceState`` divides by the increment and drops the wrong sign."""
    desk.mu("setRealtime(true); setInc(-1); setFPS(10.0); setFrame(10); play();")
    desk.session.playback.tick(desk.now + 0.01)
    assert desk.mu("(frame(), skipped())") == "(10, -1)"
    desk.session.playback.tick(desk.now + 0.4)
    assert desk.mu("(frame(), skipped())") == "(7, 0)"  # int(-4.0 + 0.5)


def test_a_failing_handler_is_reported_with_its_exception(desk: Desk) -> None:
    desk.mu('bind("default", "global", "e", \\: (void; Event e) { throw exception("boo"); })')
    desk.mu('sendInternalEvent("e"); sendInternalEvent("e");')
    text = 'ERROR: event = e\nERROR: Exception Value: exception: "boo"\n'
    assert desk.reports == [text]
