"""Colour defaults when a session file is read: RV's source_setup leaves alone what the file says,
sets up what it leaves open, and switches the display."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from player.commands import Context, load_all
from player.commands.calling import Calls
from player.media import Probe
from player.session.given import Options
from player.session.ports import Ports
from player.session.session import Session

STILL = Path(__file__).resolve().parents[1] / "conformance" / "session" / "media" / "still.tif"
TO_LINEAR = "sourceGroup000000_tolinPipeline_0.color.sRGB2linear"
DISPLAY = "displayGroup0_colorPipeline_0.color.sRGB"

STUB = """GTOa (3)
rv : RVSession (3)
{
    session
    {
        string viewNode = "defaultSequence"
    }
}
sourceGroup000000_source : RVFileSource (1)
{
    media
    {
        string movie = "STILL"
    }
}
"""


def fresh(packages: bool = True) -> Calls:
    load_all()
    options = Options(no_packages=not packages)
    return Calls(Context(Session("display", ports=Ports(media=Probe()), options=options)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(STILL, tmp_path / "still.tif")
    return tmp_path


def read(path: Path, packages: bool = True) -> tuple[int, int]:
    """(to linear, display) after a session file has been read."""
    do = fresh(packages)
    do.addSource(str(path))
    assert len(do.sources()) == 1
    return int(do.getIntProperty(TO_LINEAR)[0]), int(do.getIntProperty(DISPLAY)[0])


def test_what_the_file_says_stays_and_the_display_is_switched(folder: Path) -> None:
    do = fresh()
    do.addSource(str(folder / "still.tif"))
    assert do.getIntProperty(TO_LINEAR) == [1] == do.getIntProperty(DISPLAY)
    do.saveSession(str(folder / "a.rv"))
    assert read(folder / "a.rv") == (1, 1)
    do.setIntProperty(TO_LINEAR, [0])
    do.saveSession(str(folder / "b.rv"))
    assert read(folder / "b.rv") == (0, 1)
    assert read(folder / "a.rv", packages=False) == (1, 0)


def test_what_the_file_leaves_open_is_set_up(folder: Path) -> None:
    path = folder / "stub.rv"
    path.write_text(STUB.replace("STILL", str(folder / "still.tif")))
    assert read(path) == (1, 1)


def test_media_that_is_not_there_switches_nothing(folder: Path) -> None:
    do = fresh()
    do.addSource(str(folder / "still.tif"))
    do.saveSession(str(folder / "a.rv"))
    (folder / "still.tif").unlink()
    assert read(folder / "a.rv") == (1, 0)
