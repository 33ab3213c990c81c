"""View, window, network and miscellaneous commands: values, errors, events."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import pytest

from player.commands import CommandError, Context, EngineError, PropertyError, load_all
from player.commands.calling import Calls
from player.commands.errors import Cancelled
from player.session.events import Event, StringEvent
from player.session.ports import NullNetwork, NullUi


class Recorder:
    """Events of a session in order, as (name, contents)."""

    def __init__(self, context: Context) -> None:
        self.seen: list[tuple[str, str]] = []
        context.session.events.trace = self.note

    def note(self, event: Event) -> None:
        self.seen.append((event.name, getattr(event, "contents", "")))

    def take(self) -> list[tuple[str, str]]:
        seen, self.seen = self.seen, []
        return seen


@pytest.fixture
def c(context: Context) -> Calls:
    load_all()
    return Calls(context)


@pytest.fixture
def events(context: Context) -> Recorder:
    return Recorder(context)


def test_background(c: Calls, events: Recorder) -> None:
    for name, shown in (("checker", "checker"), ("grey18", "grey18"), ("nope", "black")):
        c.setBGMethod(name)
        assert c.bgMethod() == shown
    assert events.take() == [("bg-pattern-change", "")] * 3


def test_margins_event_carries_the_old_ones(c: Calls, events: Recorder) -> None:
    c.setMargins((10.0, 0.5, 0.0, 3.0))
    c.setMargins((-1.0, 2.0, -1.0, -1.0))
    assert c.margins() == (10.0, 2.0, 0.0, 3.0)
    assert events.take() == [("margins-changed", "0 0 0 0"), ("margins-changed", "10 0.5 0 3")]


def test_view_size(c: Calls, events: Recorder) -> None:
    assert c.viewSize() == (1024.0, 768.0)
    c.setViewSize(640, 480)
    assert c.viewSize() == (640.0, 480.0)
    assert events.take() == [("view-size-changed", ""), ("view-resized", "1024 768|640 480")]
    c.setViewSize(640, 480)
    assert events.take() == []
    with pytest.raises(PropertyError, match="bad view size"):
        c.setViewSize(0, 480)


def test_filtering(c: Calls) -> None:
    assert c.getFiltering() == 9729
    c.setFiltering(9728)
    assert c.getFiltering() == 9728
    with pytest.raises(
        PropertyError,
        match=r"in commands.setFiltering: setFiltering only accepts GL_LINEAR or GL_NEAREST",
    ):
        c.setFiltering(1)


def test_toggles_keep_their_state(c: Calls, context: Context) -> None:
    extra = Calls(context, "extra_commands")
    assert c.isFullScreen() is False
    c.fullScreenMode(True)
    assert c.isFullScreen() is True
    extra.toggleFullScreen()
    assert c.isFullScreen() is False
    c.toggleMenuBar()
    assert c.isMenuBarVisible() is True
    c.showTopViewToolbar(True)
    assert (c.isTopViewToolbarVisible(), c.isBottomViewToolbarVisible()) == (True, False)
    c.showConsole()
    assert c.isConsoleVisible() is True
    c.setPresentationMode(True)
    assert c.presentationMode() is False


@pytest.mark.parametrize(
    ("name", "args"),
    [("openFileDialog", (True,)), ("openMediaFileDialog", (True, 0)), ("saveFileDialog", (True,))],
)
def test_dialogs_are_cancelled(c: Calls, name: str, args: tuple[object, ...]) -> None:
    with pytest.raises(Cancelled, match="operation cancelled"):
        getattr(c, name)(*args)


def test_the_first_button_of_a_panel_is_pressed(c: Calls) -> None:
    assert c.alertPanel(True, 0, "t", "m", "Ok", None, None) == 0


def test_blocking_the_interface(c: Calls, events: Recorder) -> None:
    c.setUIBlocked(True)
    c.setUIBlocked(False)
    assert events.take() == [("block-ui-overlay", "true"), ("block-ui-overlay", "false")]


class ClosingUi(NullUi):
    def __init__(self) -> None:
        super().__init__()
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


def test_closing_can_be_vetoed(c: Calls, context: Context) -> None:
    ui = context.ports.ui = ClosingUi()

    def veto(event: Event) -> None:
        assert isinstance(event, StringEvent)
        event.return_content = "no"

    bus = context.session.events
    bus.bind("default", "global", "before-session-deletion", veto)
    c.close()
    assert ui.closed == 0
    bus.unbind("default", "global", "before-session-deletion")
    c.close()
    assert ui.closed == 1


def test_timers(context: Context, c: Calls) -> None:
    now = [50.0]
    context.session.clock = lambda: now[0]
    assert c.isTimerRunning() is False
    assert c.elapsedTime() > 1.7e9  # one that never ran counts from 1970, as in RV
    c.startTimer()
    now[0] = 52.5
    assert (c.isTimerRunning(), c.elapsedTime()) == (True, 2.5)
    assert c.stopTimer() == 2.5
    assert c.isTimerRunning() is False


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("shortAppName", "rv"),
        ("isDebug", False),
        ("licensingState", 2),
        ("validateShotgunToken", ""),
        ("getRendererType", "Composite"),
        ("stereoSupported", False),
        ("videoState", None),
        ("devicePixelRatio", 1.0),
        ("audioTextureID", 0),
        ("audioTextureComplete", 1.0),
        ("startupResize", False),
        ("optionsNoPackages", 0),
        ("redraw", None),
        ("center", None),
        ("rvioSetup", None),
    ],
)
def test_constant_answers(c: Calls, name: str, value: Any) -> None:
    assert getattr(c, name)() == value


def test_version_is_three_numbers(c: Calls) -> None:
    version = c.getVersion()
    assert len(version) == 3 and all(isinstance(n, int) for n in version)


def test_formats(c: Calls) -> None:
    assert {"exr", "tif", "mov"} <= {f.extension for f in c.ioFormats()}
    assert c.ioParameters("exr", True, "zip") == []
    with pytest.raises(PropertyError, match=r"in commands.ioParameters: nil codec"):
        c.ioParameters("exr", True)
    with pytest.raises(PropertyError, match=r"in commands.ioParameters: nil extension"):
        c.ioParameters(None, True)


def test_passwords_come_back(c: Calls) -> None:
    assert c.decodePassword(c.encodePassword("wörd")) == "wörd"
    assert c.encodePassword("word") != "word"
    assert c.decodePassword("%%%") == ""


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("crash", ()),
        ("openUrl", ("http://x",)),
        ("httpGet", ("http://x", [], "e")),
        ("httpPost", ("http://x", [], "text", "e")),
    ],
)
def test_refusals(c: Calls, name: str, args: tuple[Any, ...]) -> None:
    with pytest.raises(EngineError):
        getattr(c, name)(*args)


def test_the_cache_directory_is_the_users(c: Calls) -> None:
    assert os.path.isabs(c.cacheDir())


class Wire(NullNetwork):
    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[Any, ...]] = []

    def connect(self, name: str, host: str, port: int) -> None:
        self.sent.append(("connect", name, host, port))

    def send_message(self, text: str, recipients: Sequence[str] | None) -> None:
        self.sent.append(("message", text, recipients))

    def send_event(
        self, event: str, target: str, contents: str, recipients: Sequence[str] | None
    ) -> None:
        self.sent.append(("event", event, target, contents, recipients))

    def send_data_event(
        self, event: str, target: str, interp: str, data: bytes, recipients: Sequence[str] | None
    ) -> None:
        self.sent.append(("data", event, target, interp, data, recipients))


def test_remote_sending(c: Calls, context: Context) -> None:
    wire = context.ports.network = Wire()
    c.remoteConnect("n", "h")
    c.remoteConnect("n", "h", 5)
    c.remoteSendEvent("e", "*", "text")
    c.remoteSendEvent("e", "*", "text", [])
    c.remoteSendMessage("m", ["a@b"])
    c.remoteSendMessage("")
    c.remoteSendDataEvent("e", "*", "i", [1, 255, -1], ["a@b"])
    c.remoteSendDataEvent("e", "*", "i", [1], None)
    c.remoteSendDataEvent("e", "*", "i", [], ["a@b"])
    assert wire.sent == [
        ("connect", "n", "h", 0),  # the network knows the default port
        ("connect", "n", "h", 5),
        ("event", "e", "*", "text", None),
        ("event", "e", "*", "text", []),
        ("message", "m", ["a@b"]),
        ("data", "e", "*", "i", b"\x01\xff\xff", ["a@b"]),
    ]


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("remoteSendEvent", (None, "*", "c")),
        ("remoteSendEvent", ("e", None, "c")),
        ("remoteSendEvent", ("e", "*", None)),
        ("setRemoteLocalContactName", (None,)),
    ],
)
def test_nil_arguments_to_the_network(c: Calls, name: str, args: tuple[Any, ...]) -> None:
    with pytest.raises(PropertyError, match=r"\Anil argument to function\Z"):
        getattr(c, name)(*args)


def test_contact_name_and_permission(c: Calls) -> None:
    assert c.setRemoteLocalContactName("me") is None
    assert c.remoteLocalContactName() == "me"
    c.setRemoteDefaultPermission(2)
    assert c.remoteDefaultPermission() == 2
    assert c.remoteNetworkStatus() == 0
    assert c.remoteConnections() == []
    assert c.myNetworkHost()


def test_event_commands_have_rvs_errors(c: Calls) -> None:
    with pytest.raises(PropertyError, match=r"\Ain commands.unbind: No mode named nope\Z"):
        c.unbind("nope", "global", "x")
    c.bind("default", "global", "e", lambda event: None)
    with pytest.raises(PropertyError, match=r"\Ain commands.unbind: No table named nope\Z"):
        c.unbind("default", "nope", "x")
    c.unbind("default", "global", "nope")
    with pytest.raises(PropertyError, match=r"\Ain commands.bind: No mode named nope\Z"):
        c.bind("nope", "global", "x", lambda event: None)
    with pytest.raises(PropertyError, match=r"in commands.isModeActive: Nil argument to function"):
        c.isModeActive(None)
    with pytest.raises(PropertyError, match="no event name specified"):
        c.sendInternalEvent(None)
    c.defineMinorMode("m")
    with pytest.raises(EngineError, match="Duplicate mode: m"):
        c.defineMinorMode("m")
    with pytest.raises(EngineError, match='bad event table name: "nope"'):
        c.popEventTable("nope")


def test_sending_an_internal_event(c: Calls) -> None:
    def answer(event: Event) -> None:
        assert isinstance(event, StringEvent)
        event.return_content = f"{event.contents}|{event.sender}"

    c.bind("default", "global", "ask", answer, "doc")
    assert c.sendInternalEvent("ask", "text", "me") == "text|me"
    assert c.sendInternalEvent("ask") == "|"
    assert c.sendInternalEvent("nobody") == ""
    assert ("ask", "doc") in c.bindings()
    assert c.bindingDocumentation("ask") == "doc"


def test_direct_errors_are_command_errors(context: Context) -> None:
    with pytest.raises(CommandError):
        load_all().get("setFiltering").func(context, 1)
