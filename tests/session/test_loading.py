"""addSources: directories, filters, batches; the words a session starts with."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from player.commands import Context, load_all
from player.commands.calling import Calls
from player.media import Probe
from player.session.events import Event, StringEvent
from player.session.ports import Ports
from player.session.session import Session

MEDIA = Path(__file__).resolve().parents[1] / "conformance" / "session" / "media"


class Heard:
    """A session and what it sent."""

    def __init__(self) -> None:
        load_all()
        self.session = Session("output", ports=Ports(media=Probe()))
        self.calls = Calls(Context(self.session))
        self.sent: list[str] = []
        self.session.events.trace = self.note

    def note(self, event: Event) -> None:
        assert isinstance(event, StringEvent)
        self.sent.append(f"{event.name}({event.contents})")


@pytest.fixture
def heard() -> Iterator[Heard]:
    yield Heard()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("still.tif", "foo.0100.tif", "shot2_v3.tif"):
        shutil.copy(MEDIA / name, tmp_path / name)
    (tmp_path / ".hidden.tif").touch()
    return tmp_path


def names(heard: Heard) -> set[str]:
    return {Path(file).name for file, *_ in heard.calls.sources()}


def test_a_directory_is_unpacked(heard: Heard, folder: Path) -> None:
    heard.calls.addSources([str(folder)])
    assert heard.calls.loadTotal() == 3
    heard.session.settle()
    assert names(heard) == {"still.tif", "foo.0100.tif", "shot2_v3.tif"}
    asked = [e for e in heard.sent if e.startswith("directory-filter")]
    assert len(asked) == 1, "no answer ends the questions"
    assert heard.sent.index(asked[0]) < heard.sent.index("before-progressive-loading()")


def test_a_filter_drops_entries(heard: Heard, folder: Path) -> None:
    def judge(event: Event) -> None:
        assert isinstance(event, StringEvent)
        event.return_content = "0 no" if "foo" in event.contents else "1"

    heard.session.events.bind("default", "global", "directory-filter", judge)
    heard.calls.addSources([str(folder)])
    heard.session.settle()
    assert names(heard) == {"still.tif", "shot2_v3.tif"}
    assert sum(e.startswith("directory-filter") for e in heard.sent) == 3


def test_an_empty_directory_is_missing_media(heard: Heard, tmp_path: Path) -> None:
    heard.calls.addSources([str(tmp_path)])
    heard.session.settle()
    assert names(heard) == {"emptyDirectory"}
    assert any(e.startswith("source-media-unavailable") for e in heard.sent)


def test_a_path_may_be_replaced_on_its_way_in(heard: Heard, folder: Path) -> None:
    def swap(event: Event) -> None:
        assert isinstance(event, StringEvent)
        if event.contents == "asset://still;;pipeline":
            event.return_content = str(folder / "still.tif")

    heard.session.events.bind("default", "global", "incoming-source-path", swap)
    heard.calls.addSource("asset://still", "pipeline")
    assert names(heard) == {"still.tif"}


def test_the_words_at_the_start(heard: Heard) -> None:
    heard.session.initialized()
    assert heard.sent == ["state-intialized()", "state-initialized()"]
