"""What is closed is gone at once, and not when Python looks for garbage: a large player, which
holds many objects, hardly ever does.
"""

from __future__ import annotations

import gc
import ssl
import urllib.request
from pathlib import Path
from typing import Any

import pytest

av = pytest.importorskip("av")

from player.image.pictures import Pictures  # noqa: E402
from player.image.scene import FetchKey  # noqa: E402
from player.media import Picture, PixelStore, open_media  # noqa: E402
from player.media.moviedecode import Decoder  # noqa: E402
from player.media.movies import MovieReader  # noqa: E402
from player.media.readercache import ReaderCache  # noqa: E402
from player.media.remote import RemoteFile  # noqa: E402
from player.media.spare import shared_spares  # noqa: E402
from rvshell.errors import MediaError  # noqa: E402
from tests.media.servers import Behaviour, serving  # noqa: E402
from tests.media.test_movies import write  # noqa: E402
from tests.players import running_player  # noqa: E402
from tests.uncollected import uncollected  # noqa: E402, F401
from tests.waiting import until  # noqa: E402


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


def test_movies_of_urls_rest_as_others_do_and_ask_for_nothing_again(tmp_path: Path) -> None:
    write(tmp_path / "a.mov", "libx264", "yuv420p")
    before = alive(Decoder, av.container.InputContainer)
    with serving(tmp_path, Behaviour()) as site:
        reader = open_media(f"{site.base}/a.mov")
        shown = reader.read(30).pixels.copy()
        shared_spares().clear()
        assert alive(av.container.InputContainer) == 0
        asked = len(site.requests)
        for frame in (1, 60, 30):
            assert not reader.read(frame).problem
        assert (reader.read(30).pixels == shown).all()
        assert len(site.requests) == asked
        reader.close()
        assert alive(Decoder, av.container.InputContainer) == before
        until(lambda: alive(RemoteFile) == 0)


def test_what_is_closed_while_it_is_read_stays_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was decoded on the way to a picture is not asked of a reader opened for that."""
    path = write(tmp_path / "a.mov", "libx264", "yuv420p")
    readers = ReaderCache()
    pictures = Pictures(readers, PixelStore(), 1 << 28, None)
    read = MovieReader.read

    def meanwhile(self: MovieReader, *what: Any) -> Picture:
        made = read(self, *what)
        readers.forget(path)
        return made

    monkeypatch.setattr(MovieReader, "read", meanwhile)
    assert not pictures.fetch(FetchKey("source", path, 30)).problem
    assert readers.known(path) is None
    pictures.cache.close()


def test_media_of_a_cleared_session_are_closed_with_the_next(tmp_path: Path) -> None:
    """But those that come back: a tool that clears the session often loads the same again."""
    paths = [write(tmp_path / name, "libx264", "yuv420p") for name in ("a.mov", "b.mov", "c.mov")]
    with running_player() as player, player.client() as client:

        def held() -> list[str]:
            folder = Path(f"/proc/{player.process.pid}/fd")
            return sorted({str(p.readlink()) for p in folder.iterdir()} & set(paths))

        for path in paths[:2]:
            client.eval_mu(f'addSource("{path}")')
        until(lambda: held() == paths[:2])
        client.eval_mu("clearSession()")
        client.eval_mu(f'addSource("{paths[1]}")')
        client.eval_mu(f'addSource("{paths[2]}")')
        until(lambda: held() == paths[1:])
