"""What is closed is gone at once, and not when Python looks for garbage: a large player, which
holds many objects, hardly ever does.
"""

from __future__ import annotations

import gc
import ssl
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

av = pytest.importorskip("av")

from player.media import open_media  # noqa: E402
from player.media.moviedecode import Decoder  # noqa: E402
from player.media.readercache import ReaderCache  # noqa: E402
from player.media.remote import RemoteFile  # noqa: E402
from rvshell.errors import MediaError  # noqa: E402
from tests.media.servers import Behaviour, serving  # noqa: E402
from tests.media.test_movies import write  # noqa: E402
from tests.waiting import until  # noqa: E402


@pytest.fixture(autouse=True)
def uncollected() -> Iterator[None]:
    """No search for garbage meanwhile."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def alive(*kinds: type) -> int:
    return sum(issubclass(type(thing), kinds) for thing in gc.get_objects())


def test_a_movie_that_is_closed_has_no_decoder(tmp_path: Path) -> None:
    """Its threads, and its frames: a hundred megabytes of a large one."""
    path = write(tmp_path / "a.mov", "libx264", "yuv420p")
    kinds = (Decoder, av.CodecContext, av.container.InputContainer)
    before = alive(*kinds)
    reader = open_media(path)
    for frame in (30, 3, 60):
        reader.read(frame)
    assert alive(*kinds) > before
    reader.close()
    assert alive(*kinds) == before


def test_a_url_that_is_closed_has_no_connection(tmp_path: Path) -> None:
    write(tmp_path / "a.mov", "libx264", "yuv420p")
    kinds = (RemoteFile, urllib.request.OpenerDirector, Decoder)
    before = alive(*kinds)
    with serving(tmp_path, Behaviour()) as site:
        reader = open_media(f"{site.base}/a.mov")
        reader.read(30)
        contexts = alive(ssl.SSLContext)
        for number in range(5):
            reader.close()
            del reader
            until(lambda: alive(*kinds) == before)  # its thread ends by itself
            reader = open_media(f"{site.base}/a.mov?{number}")
        assert alive(ssl.SSLContext) == contexts  # a megabyte each
        reader.close()


def test_what_could_not_be_opened_holds_nothing(tmp_path: Path) -> None:
    readers = ReaderCache()
    kinds = (RemoteFile, urllib.request.OpenerDirector)
    before = alive(*kinds)
    with serving(tmp_path, Behaviour()) as site:
        for number in range(3):
            with pytest.raises(MediaError, match="not there"):
                readers.get(f"{site.base}/none{number}.mov")
    assert alive(*kinds) == before
    readers.close()
