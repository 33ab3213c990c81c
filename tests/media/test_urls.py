"""Movies from real servers of this machine: ranges or none, TLS, accounts, breaks, silence."""

from __future__ import annotations

import gc
import ssl
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

av = pytest.importorskip("av")
pytest.importorskip("trustme")

from player.audio import SoundReader  # noqa: E402
from player.media import Reader, asking, open_media, opening  # noqa: E402
from player.media.asking import Rules  # noqa: E402
from player.media.opening import UrlPolicy, set_policy, set_url_parameters, shown_name  # noqa: E402
from player.media.reader import Levelled  # noqa: E402
from player.media.remote import RemoteFile  # noqa: E402
from player.media.spans import Spans  # noqa: E402
from rvshell.errors import MediaError  # noqa: E402
from tests.audio.making import tone, write_movie  # noqa: E402
from tests.image.test_levels import texture  # noqa: E402
from tests.media.servers import Behaviour, certified, serving  # noqa: E402
from tests.media.test_movies import grey, write  # noqa: E402
from tests.media.test_playlists import write_list  # noqa: E402
from tests.waiting import until  # noqa: E402

FRAMES = 48


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`late.mp4` has its index at the end, `fast.mp4` in front; `big.mp4` is larger than what
    is waited for; `sound.mov`, `still.png`, and `list.m3u8` of pieces."""
    made = tmp_path_factory.mktemp("site")
    write(made / "late.mp4", "libx264", "yuv420p", 12, FRAMES)
    with (
        av.open(str(made / "late.mp4")) as source,
        av.open(str(made / "fast.mp4"), "w", options={"movflags": "faststart"}) as target,
    ):
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    write(made / "big.mov", "rawvideo", "rgb24", 1, 60)
    (made / "noise").write_bytes((made / "fast.mp4").read_bytes())
    data = (made / "big.mov").read_bytes()
    with av.open(str(made / "huge.mov"), "w") as container:
        stream = container.add_stream("rawvideo", rate=24)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "rgb24"
        for n in range(40):
            frame = av.VideoFrame.from_ndarray(
                np.full((360, 640, 3), n * 6, np.uint8), format="rgb24"
            )
            container.mux(stream.encode(frame))
    assert data
    write_movie(made / "sound.mov", tone(2, 48000), 48)
    import OpenImageIO as oiio

    out = oiio.ImageOutput.create(str(made / "still.png"))
    out.open(str(made / "still.png"), oiio.ImageSpec(8, 6, 3, "uint8"))
    out.write_image(np.full((6, 8, 3), 77, np.uint8))
    out.close()
    write_list(made / "list.m3u8", FRAMES)
    return made


@pytest.fixture(autouse=True)
def rules() -> Iterator[None]:
    """Quick time-outs, and the default rules again afterwards."""
    set_policy(UrlPolicy(timeout=5.0))
    yield
    set_policy(UrlPolicy())
    assert not opening._open_files, "a connection is still held"


def check(url: str, frames: tuple[int, ...] = (1, 30, 12, 48, 2)) -> None:
    reader = open_media(url)
    try:
        assert (reader.facts.start, reader.facts.end) == (1, FRAMES)
        for frame in frames:
            picture = reader.read(frame)
            assert not picture.problem
            assert abs(grey(picture) - (frame - 1) * 4) <= 3, f"frame {frame}"
    finally:
        reader.close()
        del reader
        gc.collect()


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str]:
    """What an HTTPS server needs, and the authorities (PEM) that vouch for it."""
    bundle = tmp_path_factory.mktemp("authority") / "ca.pem"
    return certified(bundle), str(bundle)


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("ranges", [True, False], ids=["range", "no range"])
@pytest.mark.parametrize("name", ["fast.mp4", "late.mp4", "noise"])
def test_any_frame_of_any_server(
    folder: Path, secured: tuple[ssl.SSLContext, str], name: str, ranges: bool, secure: bool
) -> None:
    context, bundle = secured
    set_policy(UrlPolicy(timeout=5.0, authorities=bundle))
    with serving(folder, Behaviour(ranges=ranges), context=context if secure else None) as site:
        assert site.base.startswith("https:" if secure else "http:")
        check(f"{site.base}/{name}?token=abc")


def test_a_late_index_is_remarked(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with serving(folder) as site:
        check(f"{site.base}/fast.mp4")
        assert "faststart" not in caplog.text
        check(f"{site.base}/late.mp4")
        assert caplog.text.count("faststart") == 1
        caplog.clear()
        url = f"{site.base}/late.mp4?again"
        first, second = open_media(url), open_media(url)  # as picture and sound do
        assert caplog.text.count("faststart") == 1
        first.close()
        second.close()
        del first, second
    gc.collect()


def test_no_length_is_told(folder: Path) -> None:
    with serving(folder, Behaviour(ranges=False, length=False)) as site:
        check(f"{site.base}/late.mp4")


def test_a_connection_that_breaks_is_taken_up_where_it_broke(folder: Path) -> None:
    with serving(folder, Behaviour(breaks_after=200_000, breaks=6)) as site:
        reader = open_media(f"{site.base}/huge.mov")
        for frame in (1, 10, 20, 40):
            assert abs(grey_at(reader, frame) - (frame - 1) * 6) <= 2
        reader.close()
        starts = [int(r[1][6:-1]) for r in site.requests]
        assert len(starts) > 3 and any(s >= 200_000 for s in starts)
        del reader
    gc.collect()


def comes_back(reader: Reader, frame: int) -> None:
    until(lambda: not reader.read(frame).problem, "the frame after the server came back")


def grey_at(reader: Reader, frame: int) -> float:
    return float(reader.read(frame).pixels[5, 5, 0])


def test_scrubbing_asks_for_the_place_and_not_for_what_is_there(folder: Path) -> None:
    size = (folder / "huge.mov").stat().st_size
    with serving(folder, Behaviour(stalls_at=6_000_000)) as site:
        reader = open_media(f"{site.base}/huge.mov")  # its index is at the end
        assert abs(grey_at(reader, 2) - 6) <= 2
        site.behaviour.release.set()
        before = len(site.requests)
        assert abs(grey_at(reader, 2) - 6) <= 2
        assert len(site.requests) <= before + 1
        assert any(int(r[1][6:-1]) > size // 2 for r in site.requests)
        reader.close()
        del reader
    gc.collect()


@pytest.mark.parametrize(("where", "what"), [
    ("/none.mp4", "404"), ("/code/403", "403"), ("/code/500", "500"), ("/loop", "redirect"),
    ("/to/x?file:///etc/passwd", "redirects"), ("/to/x?ftp://127.0.0.1/x", "ftp URL"),
])  # fmt: skip
def test_refusals_are_one_clear_line(folder: Path, where: str, what: str) -> None:
    with serving(folder) as site, pytest.raises(MediaError) as caught:
        open_media(site.base + where)
    assert what in str(caught.value) and "\n" not in str(caught.value)


def test_nobody_there() -> None:
    with pytest.raises(MediaError, match="nobody listens"):
        open_media("http://127.0.0.1:9/x.mp4")


def test_redirects_are_followed_without_credentials(folder: Path) -> None:
    with serving(folder) as other, serving(folder) as site:
        plain = f"{other.base}/fast.mp4"
        url = site.base.replace("http://", "http://someone:secret@") + f"/to/there?{plain}"
        check(url)
        assert site.requests[0][2].startswith("Basic ")
        assert all(not r[2] for r in other.requests)


@pytest.mark.parametrize(("old", "new", "kept"), [
    ("http://h/a", "http://h/b", True), ("https://h/a", "https://h:443/b", True),
    ("http://h/a", "https://h/b", True), ("https://h/a", "http://h/b", False),
    ("http://h:8000/a", "https://h:8000/b", False), ("http://h/a", "http://h:8000/b", False),
    ("https://h/a", "https://i/a", False), ("https://h/a", "https://h.evil/a", False),
])  # fmt: skip
def test_where_secrets_may_follow(old: str, new: str, kept: bool) -> None:
    assert asking.same_server(old, new) is kept


def test_secrets_of_headers_and_of_redirects_go_no_further(folder: Path) -> None:
    """A header option, a source's cookie, and an account that a redirect itself names."""
    with serving(folder) as last, serving(folder) as second, serving(folder) as first:
        third = f"{last.base}/fast.mp4"
        account = second.base.replace("http://", "http://bob:key@") + f"/to/x?{third}"
        set_policy(UrlPolicy(timeout=5.0, headers=("X-Key: abc", "Authorization: Bearer t")))
        url = f"{first.base}/to/there?{account}"
        set_url_parameters(url, {"cookies": "session=1234; path=/"})
        check(url)
        assert first.requests[0][2] == "Bearer t" and "1234" in first.headers[0]["Cookie"]
        assert second.requests[0][2].startswith("Basic ")
        assert all(not r[2] for r in last.requests)
        for site in (second, last):
            assert not any({"X-Key", "Cookie"} & set(h) for h in site.headers)


def test_names_are_sent_as_servers_know_them(folder: Path) -> None:
    (folder / "Aufnähme 1 #2.mp4").write_bytes((folder / "fast.mp4").read_bytes())
    with serving(folder) as site:
        check(f"{site.base}/Aufnähme 1 %232.mp4?key=ä b")
        assert all(r[0] == "/Aufn%C3%A4hme%201%20%232.mp4" for r in site.requests)


@pytest.mark.parametrize("url", [
    "http://127.0.0.1:9x/a.mp4?token=hidden", "http://[::1/a.mp4?token=hidden",
    "http://ann:hidden@127.0.0.1:99999/a.mp4", "http://ann:hidden@/a.mp4", "http:///a?hidden",
])  # fmt: skip
def test_what_is_no_url_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(MediaError) as caught:
        open_media(url)
    assert "hidden" not in str(caught.value) + caught.value.describe()
    assert "\n" not in str(caught.value)


def test_a_file_that_changes_on_the_server_is_not_mixed_with_what_it_was(tmp_path: Path) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(bytes(400_000))
    rules = Rules(timeout=5, headers=(), context=None, schemes=frozenset({"http"}), agent="t")
    with serving(tmp_path, Behaviour(breaks_after=150_000, stalls_at=100_000)) as site:
        remote = RemoteFile(f"{site.base}/a.bin", "a.bin", rules)
        assert remote.read(0, 10) == bytes(10)
        file.write_bytes(b"x" * 500_000)
        site.behaviour.stalls_at = -1
        site.behaviour.release.set()
        with pytest.raises(OSError, match="changed on the server"):
            remote.complete()
        remote.close()


def test_accounts_and_headers_never_show(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    secret = "s3cr%21et"
    with serving(folder, Behaviour(user="ann:s3cr!et")) as site:
        url = site.base.replace("http://", f"http://ann:{secret}@") + "/fast.mp4"
        check(url)
        with pytest.raises(MediaError) as caught:
            open_media(site.base.replace("http://", "http://ann:wrong@") + "/fast.mp4?key=hidden")
        text = str(caught.value) + caught.value.describe() + caplog.text
        assert "user and password" in text and "wrong" not in text and "hidden" not in text
    with serving(folder, Behaviour(header=("X-Key", "abc"))) as site:
        set_policy(UrlPolicy(timeout=5.0, headers=("X-Key: abc",)))
        check(f"{site.base}/fast.mp4")
        set_policy(UrlPolicy(timeout=5.0))
        with pytest.raises(MediaError):
            open_media(f"{site.base}/fast.mp4")
        set_url_parameters(f"{site.base}/late.mp4", {"headers": "X-Key: abc"})
        check(f"{site.base}/late.mp4")
        assert "abc" not in repr(opening.policy().schemes)
    assert shown_name("https://u:p@h:8/a.mp4?t=1") == "https://h:8/a.mp4"


def test_certificates_are_checked(folder: Path, secured: tuple[ssl.SSLContext, str]) -> None:
    context, bundle = secured
    with serving(folder, context=context) as site:
        with pytest.raises(MediaError, match="certificate"):
            open_media(f"{site.base}/fast.mp4")
        set_policy(UrlPolicy(timeout=5.0, authorities=bundle))
        check(f"{site.base}/fast.mp4")
        set_policy(UrlPolicy(timeout=5.0, insecure=True))
        check(f"{site.base}/late.mp4")
        host = site.base.replace("localhost", "127.0.0.1")
        set_policy(UrlPolicy(timeout=5.0, authorities=bundle))
        with pytest.raises(MediaError, match="certificate"):
            open_media(f"{host}/fast.mp4")


@pytest.mark.parametrize("url", [
    "file:///etc/passwd", "ftp://127.0.0.1/x.mp4", "concat://a|b", "data://x", "HTTPX://a/b",
])  # fmt: skip
def test_other_schemes_are_not_opened(url: str) -> None:
    with pytest.raises(MediaError, match="not opened"):
        open_media(url)


def test_a_server_that_falls_silent_gives_the_reason_and_comes_back(folder: Path) -> None:
    set_policy(UrlPolicy(timeout=0.4))
    with serving(folder, Behaviour(stalls_at=9_000_000, ranges=False)) as site:
        place = f"{site.base}/huge.mov"
        with pytest.raises(MediaError) as caught:
            open_media(place)  # the index is at the end, which does not come
        assert "silent" in str(caught.value)
        site.behaviour.release.set()
        reader = open_media(place)
        assert abs(grey_at(reader, 40) - 39 * 6) <= 2
        reader.close()
        del reader, caught
    gc.collect()


def test_a_picture_that_does_not_come_is_a_problem_of_its_own_frame(folder: Path) -> None:
    set_policy(UrlPolicy(timeout=0.4))
    (folder / "front.mov").unlink(missing_ok=True)
    with (
        av.open(str(folder / "huge.mov")) as source,
        av.open(str(folder / "front.mov"), "w", options={"movflags": "faststart"}) as target,
    ):
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    with serving(folder, Behaviour(stalls_at=20_000_000, ranges=False)) as site:
        reader = open_media(f"{site.base}/front.mov")
        assert not reader.read(3).problem
        late = reader.read(38)
        assert "silent" in late.problem and "\n" not in late.problem
        site.behaviour.stalls_at = -1
        site.behaviour.release.set()
        comes_back(reader, 38)
        reader.close()
        del reader, late
    gc.collect()


def test_the_sound_comes_over_the_same_connection(folder: Path) -> None:
    with serving(folder) as site:
        url = f"{site.base}/sound.mov"
        reader, sound = open_media(url), SoundReader(url, 48000)
        assert not reader.read(40).problem
        got = sound.read(24_000, 1000)
        np.testing.assert_allclose(got, tone(2, 48000)[:, 24_000:25_000].T, atol=2e-4)
        assert len(site.requests) <= 3
        reader.close()
        sound.close()
        del reader, sound
    gc.collect()


def test_a_still_image_and_a_playlist(folder: Path) -> None:
    with serving(folder) as site:
        reader = open_media(f"{site.base}/still.png?x=1")
        assert float(reader.read(1).pixels[2, 2, 1]) == 77
        reader.close()
        listed = open_media(f"{site.base}/list.m3u8")
        for frame in (1, 30, 5):
            picture = listed.read(listed.facts.start - 1 + frame)
            assert abs(grey(picture) - (frame - 1) * 4) <= 3
        listed.close()
        del reader, listed
    gc.collect()


def test_a_still_image_is_read_as_small_as_it_is_shown(tmp_path: Path) -> None:
    texture(tmp_path / "t.exr")
    with serving(tmp_path) as site:
        reader = open_media(f"{site.base}/t.exr?v=12")
        assert isinstance(reader, Levelled) and reader.levels > 2
        whole, small, row = reader.read(1), reader.read_level(2, 1), reader.read_row(7, 1)
        assert (whole.pixels.shape, small.pixels.shape) == ((256, 512, 3), (64, 128, 3))
        assert whole.frame == small.frame == row.frame == reader.facts.start == 1
        np.testing.assert_array_equal(row.pixels[0], whole.pixels[7])
        assert len(site.requests) == 1
        reader.close()
        del reader
    gc.collect()


def test_a_playlist_cannot_name_local_files(folder: Path, tmp_path: Path) -> None:
    target = (folder / "late.mp4").as_uri()
    (tmp_path / "evil.m3u8").write_text(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{target}\n#EXT-X-ENDLIST\n"
    )
    with serving(tmp_path) as site, pytest.raises(MediaError):
        open_media(f"{site.base}/evil.m3u8")


def test_too_large_for_the_disk_is_refused_at_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("player.media.remote._LARGEST", 1000)
    with serving(folder) as site, pytest.raises(MediaError, match="do not fit"):
        RemoteFile(
            f"{site.base}/fast.mp4", "x",
            Rules(timeout=5, headers=(), context=None, schemes=frozenset({"http"}), agent="t"),
        )  # fmt: skip


def test_spans_against_a_set() -> None:
    rng = np.random.default_rng(2)
    spans, truth = Spans(), np.zeros(400, bool)
    for _ in range(300):
        start, length = int(rng.integers(0, 380)), int(rng.integers(0, 20))
        spans.add(start, start + length)
        truth[start : start + length] = True
        assert spans.total == int(truth.sum())
        at = int(rng.integers(0, 400))
        missing = np.flatnonzero(~truth[at:])
        assert spans.until(at) == (at + int(missing[0]) if len(missing) else 400)
        if truth.sum() > 250:
            spans, truth = Spans(), np.zeros(400, bool)
