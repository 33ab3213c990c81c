"""Every default binding of RV is there, in its table, under its name, with its documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from player.commands import Context, load_all
from player.commands.calling import Calls
from player.commands.keys import install_keys
from player.image.headsup import HeadsUp
from player.media import Probe
from player.session.events import KeyEvent, RenderEvent
from player.session.ports import Ports
from player.session.session import Session

TABLE = Path(__file__).with_name("default_bindings.tsv")
SOURCE = "solid,start=1,end=20,fps=24,width=8,height=8.movieproc"


class Keys:
    """A session with the default keys; ``said`` is what was shown last."""

    def __init__(self, *media: str) -> None:
        load_all()
        self.session = Session(ports=Ports(media=Probe()))
        context = Context(self.session)
        install_keys(context)
        self.do = Calls(context)
        for name in media:
            self.do.addSource(name)
        self.session.settle()

    def press(self, *names: str) -> None:
        """As a script does it."""
        for name in names:
            self.do.sendInternalEvent(f"key-down--{name}", "", "")

    def type(self, text: str) -> None:
        """As a window does it."""
        for char in text:
            self.session.events.dispatch(KeyEvent(f"key-down--{char}", ord(char)))

    @property
    def said(self) -> str:
        return self.session.ui.feedback[-1].text

    @property
    def shown(self) -> str:
        """What screens show now."""
        return HeadsUp.message(self.session)

    @property
    def tables(self) -> list[str]:
        return list(self.do.activeEventTables())


@pytest.fixture
def keys() -> Keys:
    return Keys(SOURCE)


def _rows() -> list[list[str]]:
    lines = TABLE.read_text().splitlines()
    return [[*line.split("\t"), ""][:4] for line in lines if not line.startswith("#")]


def test_the_table_is_bound(keys: Keys) -> None:
    tables = keys.session.events.modes.major.tables
    missing = []
    for table, kind, event, doc in _rows():
        listed = tables[table].exact() if kind == "bind" else tables[table].patterns()
        found = dict(listed).get(event)
        if found is None or found.doc != doc:
            missing.append((table, event, doc, found and found.doc))
    assert not missing


@pytest.mark.parametrize(
    ("key", "prop", "step", "reset"),
    [
        ("e", "#RVColor.color.exposure", 0.2, 0.0),
        ("S", "#RVColor.color.saturation", 0.1, 1.0),
        ("h", "#RVColor.color.hue", 0.05 * 3.14159265, 0.0),
        ("y", "#RVColor.color.gamma", 0.2, 1.0),
        ("k", "#RVColor.color.contrast", 0.02, 0.0),
        ("B", "@RVDisplayColor.color.brightness", 0.2, 0.0),
        ("control--v", "#RVSoundTrack.audio.volume", 0.05, 1.0),
    ],
)
def test_a_parameter_is_edited_by_keys(
    keys: Keys, key: str, prop: str, step: float, reset: float
) -> None:
    name = prop.rsplit(".", 1)[1]
    keys.press(key)
    assert keys.said == f"Edit {name} (? for hotkey help)"
    assert "paramscrub" in keys.tables
    keys.press("+", "=")
    values = keys.do.getFloatProperty(prop)
    assert values == pytest.approx([reset + 2 * step] * len(values), abs=1e-5)
    keys.press("-")
    assert keys.said == f"{name} => {reset + step:.2f}"
    keys.press("R")
    assert keys.do.getFloatProperty(prop) == [reset] * len(values)
    assert keys.said == f"Finished Editing {name} => {reset:.2f}"
    assert "paramscrub" not in keys.tables


def test_one_channel_and_the_lock(keys: Keys) -> None:
    prop = "#RVColor.color.exposure"
    keys.press("e", "g", "+")
    assert keys.do.getFloatProperty(prop) == pytest.approx([0.0, 0.2, 0.0])
    assert keys.said == "green exposure => 0.20"
    keys.press("l")
    assert keys.said == "Edit green exposure (locked, ESC to exit, ? for hotkey help)"
    keys.press("x", "R")
    assert keys.said == "Set green exposure => 0.00"
    assert "paramscrub" in keys.tables
    keys.press("escape")
    assert "paramscrub" not in keys.tables


def test_stereo_offsets_are_edited_in_hundredths(keys: Keys) -> None:
    keys.press("alt--s", "o")
    assert keys.said == "Edit relativeOffset (? for hotkey help)"
    keys.press("+", "+")
    assert keys.do.getFloatProperty("@RVDisplayStereo.stereo.relativeOffset") == pytest.approx(
        [0.0002], abs=1e-7
    )
    keys.press("escape")
    assert keys.said == "Finished Editing relativeOffset => 0.02"
    assert "stereo" in keys.tables
    for key, prop in (
        ("r", "@RVDisplayStereo.stereo.rightOffset"),
        ("c", "#RVSourceStereo.stereo.relativeOffset"),
        ("R", "#RVSourceStereo.stereo.rightOffset"),
    ):
        keys.press(key, "-", "escape")
        assert keys.do.getFloatProperty(prop) == pytest.approx([-0.0001], abs=1e-7)


def test_nothing_to_edit_without_sources() -> None:
    keys = Keys()
    keys.press("e")
    assert "paramscrub" not in keys.tables


def test_values_are_typed_in_a_window(keys: Keys) -> None:
    keys.type("G")
    assert keys.shown == "Go To Frame: "
    keys.type("12")
    assert keys.shown == "Go To Frame: 12"
    assert "textentry" in keys.tables
    keys.press("enter")
    assert keys.do.frame() == 12 and "textentry" not in keys.tables
    assert keys.shown == ""
    keys.type("F25")
    assert keys.shown == "FPS [24]: 25"
    keys.press("backspace", "enter")
    assert keys.do.fps() == 2
    keys.type("F0")
    keys.press("keypad-enter")
    assert keys.do.fps() == 2 and keys.said == "ERROR: FPS must be larger than 0"
    keys.do.setIntProperty("@RVDisplayColor.color.sRGB", [1])
    keys.type("v2.2")
    keys.press("enter")
    assert keys.do.getFloatProperty("@RVDisplayColor.color.gamma") == pytest.approx([2.2])
    assert keys.do.getIntProperty("@RVDisplayColor.color.sRGB") == [0]
    keys.type("e3")
    keys.press("enter")
    assert keys.do.getFloatProperty("#RVColor.color.exposure") == [3, 3, 3]
    assert keys.said == "Finished Editing exposure => 3.00"


def test_text_that_is_no_number_and_a_change_of_mind(keys: Keys) -> None:
    keys.type("Gx")
    keys.press("enter")
    assert keys.do.frame() == 1
    keys.type("G7")
    keys.press("escape")
    assert keys.said == "Cancelled" and keys.do.frame() == 1
    keys.press("G", "7", "enter")  # an event that a script sends carries no key
    assert keys.do.frame() == 1 and "textentry" not in keys.tables


def test_dialogs_are_cancelled_and_sessions_saved(keys: Keys, tmp_path: Path) -> None:
    keys.press("control--i", "control--o", "control--O", "control--S", "control--e")
    assert len(keys.do.sources()) == 1
    keys.press("control--s")  # it has no name yet
    path = tmp_path / "s.rv"
    keys.do.saveSession(str(path))
    path.unlink()
    keys.press("control--s")
    assert path.exists()


def test_locks_are_told_and_a_random_table(keys: Keys) -> None:
    keys.press("caplock--A")
    assert keys.said == "WARNING: cap-lock is ON"
    keys.press("*")
    assert keys.said == "Using Random Color Luminance LUT"
    assert keys.do.getIntProperty("#RVColor.luminanceLUT.active") == [1]
    table = keys.do.getFloatProperty("#RVColor.luminanceLUT.lut")
    assert len(table) == 3 * keys.do.getIntProperty("#RVColor.luminanceLUT.size")[0]


def test_a_missing_frame_is_told_for_a_second(keys: Keys) -> None:
    source = "sourceGroup000000_source.0/0/7"
    keys.session.events.dispatch(RenderEvent("missing-image", f"7;{source}", (8.0, 8.0)))
    assert keys.said == f"MISSING: frame 7 of {SOURCE}"
    assert keys.session.ui.feedback[-1].seconds == 1.0
