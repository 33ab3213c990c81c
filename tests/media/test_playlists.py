"""HLS from real servers: who is sent the headers, pieces in parts of files, missing, encrypted."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

av = pytest.importorskip("av")

from player.media import open_media, playlists  # noqa: E402
from player.media.opening import UrlPolicy, set_policy, set_url_parameters  # noqa: E402
from rvshell.errors import MediaError  # noqa: E402
from tests.media.servers import Behaviour, Served, certified, serving  # noqa: E402
from tests.media.test_movies import grey, write  # noqa: E402

FRAMES = 48
TOKEN = ("X-Token", "s3cret")
LINE = ": ".join(TOKEN)


def write_list(path: Path, frames: int = FRAMES, **options: str) -> None:
    """A playlist of pieces of half a second, each frame 4 lighter than the one before."""
    source_path = path.with_suffix(".mp4")
    write(source_path, "libx264", "yuv420p", 12, frames)
    with (
        av.open(str(source_path)) as source,
        av.open(
            str(path),
            "w",
            format="hls",
            options={"hls_time": "0.5", "hls_list_size": "0", **options},
        ) as target,
    ):
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)


@pytest.fixture(autouse=True)
def rules() -> Iterator[None]:
    set_policy(UrlPolicy(timeout=5.0, headers=(LINE,)))
    yield
    set_policy(UrlPolicy())
    gc.collect()


def check(url: str, missing: frozenset[int] = frozenset()) -> None:
    reader = open_media(url)
    try:
        for frame in (1, 30, 5, 44):
            picture = reader.read(reader.facts.start - 1 + frame)
            if frame not in missing:
                assert abs(grey(picture) - (frame - 1) * 4) <= 3, f"frame {frame}"
    finally:
        reader.close()


def told(site: Served) -> set[bool]:
    """Whether its requests had the token."""
    return {headers.get(TOKEN[0]) == TOKEN[1] for headers in site.headers}


def elsewhere(path: Path, base: str) -> None:
    """Let the second half of the pieces be on another server."""
    lines = path.read_text().splitlines()
    pieces = [n for n, line in enumerate(lines) if line and not line.startswith("#")]
    for n in pieces[len(pieces) // 2 :]:
        lines[n] = f"{base}/{lines[n]}"
    path.write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("own", [True, False], ids=["of the source", "of the player"])
def test_headers_stay_with_their_server(tmp_path: Path, own: bool) -> None:
    write_list(tmp_path / "list.m3u8")
    with serving(tmp_path, Behaviour(header=TOKEN)) as site, serving(tmp_path) as other:
        elsewhere(tmp_path / "list.m3u8", other.base)
        url = f"{site.base}/list.m3u8"
        if own:
            set_policy(UrlPolicy(timeout=5.0))
            set_url_parameters(url, {"headers": LINE})
        check(url)
        assert told(site) == {True}
        assert told(other) == {False}


def test_a_playlist_behind_a_redirect(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    write_list(tmp_path / "deep" / "list.m3u8")
    with serving(tmp_path, Behaviour(header=TOKEN)) as site:
        check(f"{site.base}/to/short.m3u8?{site.base}/deep/list.m3u8")
        assert told(site) == {True}


ACCOUNT = "ann:k%40y"


def with_account(url: str) -> str:
    return url.replace("://", f"://{ACCOUNT}@")


def accounts(site: Served) -> set[bool]:
    """Whether its requests had the account."""
    return {bool(authorization) for _, _, authorization in site.requests}


@pytest.mark.parametrize("headers", [True, False], ids=["headers", "none"])
@pytest.mark.parametrize("written", ["relative", "absolute"])
def test_an_account_goes_on_behind_a_redirect(tmp_path: Path, headers: bool, written: str) -> None:
    """To the pieces on the server that it is meant for, and to no other."""
    (tmp_path / "deep").mkdir()
    path = tmp_path / "deep" / "list.m3u8"
    write_list(path)
    if not headers:
        set_policy(UrlPolicy(timeout=5.0))
    behaviour = Behaviour(user="ann:k@y", header=TOKEN if headers else None)
    with serving(tmp_path, behaviour) as site, serving(tmp_path) as other:
        elsewhere(path, f"{other.base}/deep")
        if written == "absolute":
            path.write_text(path.read_text().replace("\nlist", f"\n{site.base}/deep/list"))
        check(f"{with_account(site.base)}/to/short.m3u8?{site.base}/deep/list.m3u8")
        assert len(site.requests) > 3 and accounts(site) == {True}
        assert len(other.requests) > 1 and accounts(other) == {False} == told(other)


def test_an_account_for_encrypted_pieces(tmp_path: Path) -> None:
    """FFmpeg asks for these itself, and only then with the account."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "k.bin").write_bytes(bytes(range(16)))
    (tmp_path / "k.info").write_text(f"k.bin\n{tmp_path}/deep/k.bin\n")
    path = tmp_path / "deep" / "list.m3u8"
    write_list(path, hls_key_info_file=str(tmp_path / "k.info"))
    set_policy(UrlPolicy(timeout=5.0))
    with serving(tmp_path, Behaviour(user="ann:k@y")) as site, serving(tmp_path) as other:
        elsewhere(path, f"{other.base}/deep")
        check(f"{with_account(site.base)}/to/short.m3u8?{site.base}/deep/list.m3u8")
        assert len(other.requests) > 1 and accounts(other) == {False}


@pytest.mark.parametrize("headers", [True, False], ids=["headers", "none"])
def test_an_account_does_not_follow_to_another_server(tmp_path: Path, headers: bool) -> None:
    write_list(tmp_path / "list.m3u8")
    if not headers:
        set_policy(UrlPolicy(timeout=5.0))
    with serving(tmp_path, Behaviour(user="ann:k@y")) as site, serving(tmp_path) as other:
        check(f"{with_account(site.base)}/to/short.m3u8?{other.base}/list.m3u8")
        assert accounts(site) == {True}
        assert len(other.requests) > 3 and accounts(other) == {False} == told(other)


@pytest.mark.parametrize("headers", [True, False], ids=["headers", "none"])
@pytest.mark.parametrize("written", ["relative", "absolute"])
def test_an_account_that_a_redirect_names(tmp_path: Path, headers: bool, written: str) -> None:
    """Is for the pieces there, and beside them a further redirect does not lose it."""
    path = tmp_path / "list.m3u8"
    write_list(path)
    if not headers:
        set_policy(UrlPolicy(timeout=5.0))
    with (
        serving(tmp_path, Behaviour(user="ann:k@y")) as there,
        serving(tmp_path, Behaviour(header=TOKEN if headers else None)) as site,
        serving(tmp_path) as other,
    ):
        elsewhere(path, other.base)
        if written == "absolute":
            path.write_text(path.read_text().replace("\nlist", f"\n{there.base}/list"))
        onward = f"{with_account(there.base)}/to/list.m3u8?{there.base}/list.m3u8"
        check(f"{site.base}/to/short.m3u8?{onward}")
        assert len(there.requests) > 3 and accounts(there) == {True}
        assert len(other.requests) > 1 and accounts(other) == {False} == accounts(site)
        assert told(there) == told(other) == {False}


def test_an_account_that_a_redirect_names_is_not_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "list.m3u8").write_text("no list\n")
    with serving(tmp_path, Behaviour(user="ann:k@y")) as there, serving(tmp_path) as site:
        onward = f"{with_account(there.base)}/list.m3u8"
        with pytest.raises(MediaError) as caught:
            open_media(f"{site.base}/to/short.m3u8?{onward}")
    said = str(caught.value) + caught.value.describe() + caplog.text
    assert "cannot be read" in said
    assert not any(secret in said for secret in ("ann:", "k%40y", "k@y"))


def test_pieces_that_are_parts_of_a_file(tmp_path: Path) -> None:
    write_list(tmp_path / "list.m3u8", hls_flags="single_file")
    assert "#EXT-X-BYTERANGE" in (tmp_path / "list.m3u8").read_text()
    with serving(tmp_path, Behaviour(header=TOKEN)) as site:
        check(f"{site.base}/list.m3u8")


def test_a_piece_that_is_missing_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_list(tmp_path / "list.m3u8")
    (tmp_path / "list2.ts").unlink()
    with serving(tmp_path, Behaviour(header=TOKEN)) as site:
        check(f"{site.base}/list.m3u8", frozenset({30}))
        assert f"{site.base}/list2.ts: the server answers 404 (not there)" in caplog.text


def test_a_playlist_that_is_refused(tmp_path: Path) -> None:
    write_list(tmp_path / "list.m3u8")
    (tmp_path / "main.m3u8").write_text("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=100000\nlist.m3u8\n")
    with serving(tmp_path, Behaviour(header=TOKEN)) as site, serving(tmp_path) as other:
        check(f"{other.base}/main.m3u8")
        (tmp_path / "main.m3u8").write_text(
            f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=100000\n{site.base}/list.m3u8\n"
        )
        with pytest.raises(MediaError, match=r"list\.m3u8: the server answers 403"):
            open_media(f"{other.base}/main.m3u8")
        assert told(site) == {False}


@pytest.mark.parametrize("piece", ["\nlist0", "\nlist3", 'URI="'])
def test_encrypted_pieces(tmp_path: Path, piece: str) -> None:
    """FFmpeg must ask for them itself: not where that would tell another server."""
    (tmp_path / "k.bin").write_bytes(bytes(range(16)))
    (tmp_path / "k.info").write_text(f"k.bin\n{tmp_path}/k.bin\n")
    write_list(tmp_path / "list.m3u8", hls_key_info_file=str(tmp_path / "k.info"))
    with serving(tmp_path, Behaviour(header=TOKEN)) as site, serving(tmp_path) as other:
        check(f"{site.base}/list.m3u8")
        assert told(site) == {True}
        text = (tmp_path / "list.m3u8").read_text()
        (tmp_path / "list.m3u8").write_text(
            text.replace(piece, piece.replace("list", f"{other.base}/list"))
            if "list" in piece
            else text.replace(piece, f"{piece}{other.base}/")
        )
        with pytest.raises(MediaError, match="encrypted pieces on other servers"):
            open_media(f"{site.base}/list.m3u8")
        assert not other.headers or told(other) == {False}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("#EXTM3U\r\n#EXTINF:1,\r\n a.ts \r\n", {"a.ts"}),
        # an empty line hides nothing, and quotes may be missing
        ('#EXTM3U\n\n#EXT-X-KEY:METHOD=AES-128,URI="http://o/k",IV=0x1\n', {"http://o/k"}),
        ("#EXT-X-KEY:METHOD=AES-128,URI=http://o/k,IV=0x1\n", {"http://o/k"}),
    ],
)
def test_what_a_list_names(text: str, names: set[str]) -> None:
    assert set(playlists._named(text)) - {""} == names


@pytest.mark.parametrize("target", ["file:///etc/hostname", "concat:a|b", "data:,x", "ftp://h/x"])
def test_a_playlist_leads_to_servers_only(tmp_path: Path, target: str) -> None:
    (tmp_path / "evil.m3u8").write_text(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{target}\n#EXT-X-ENDLIST\n"
    )
    with serving(tmp_path, Behaviour(header=TOKEN)) as site, pytest.raises(MediaError):
        open_media(f"{site.base}/evil.m3u8")


def test_a_reader_that_nobody_closed_is_not_collected(tmp_path: Path) -> None:
    """PyAV would end the process."""
    write_list(tmp_path / "list.m3u8")
    with serving(tmp_path, Behaviour(header=TOKEN)) as site:
        reader = open_media(f"{site.base}/list.m3u8")
        own: list[object] = [reader]
        own.append(own)  # a circle, which only the collector opens
        before = len(playlists._open)
        del reader, own
        gc.collect()
        assert len(playlists._open) == before > 0
        check(f"{site.base}/list.m3u8")
        playlists._close_all()


@pytest.mark.parametrize("headers", [(), (LINE,)], ids=["bare", "headers"])
@pytest.mark.parametrize("local", [False, True], ids=["URL", "file"])
def test_certificates_of_all_servers_are_checked(
    tmp_path: Path, headers: tuple[str, ...], local: bool
) -> None:
    """FFmpeg checks that of the list's server only."""
    pytest.importorskip("trustme")
    path = tmp_path / "list.m3u8"
    write_list(path)
    text = path.read_text()
    trusted, unknown = (certified(tmp_path / name) for name in ("ca.pem", "other.pem"))
    authorities = str(tmp_path / "ca.pem")
    with (
        serving(tmp_path, context=trusted) as site,
        serving(tmp_path, context=trusted) as friend,
        serving(tmp_path, context=unknown) as other,
    ):
        url = str(path) if local else f"{site.base}/list.m3u8"
        set_policy(UrlPolicy(timeout=5.0, authorities=authorities, headers=headers))
        elsewhere(path, friend.base)
        check(url)
        assert told(friend) == {False}
        path.write_text(text)
        elsewhere(path, other.base)
        reader = open_media(url)
        assert abs(grey(reader.read(reader.facts.start + 2)) - 8) <= 3
        assert "its piece of the list could not be read" in reader.read(reader.facts.end).problem
        assert not other.requests
        reader.close()
        insecure = UrlPolicy(timeout=5.0, authorities=authorities, headers=headers, insecure=True)
        set_policy(insecure)
        check(url)
        assert other.requests and told(other) == {False}


def test_encrypted_pieces_whose_server_would_not_be_checked(tmp_path: Path) -> None:
    pytest.importorskip("trustme")
    (tmp_path / "key").write_bytes(bytes(range(16)))
    (tmp_path / "info").write_text(f"key\n{tmp_path / 'key'}\n")
    write_list(tmp_path / "list.m3u8", hls_key_info_file=str(tmp_path / "info"))
    context = certified(tmp_path / "ca.pem")
    with serving(tmp_path, context=context) as site:
        rules = {"timeout": 5.0, "authorities": str(tmp_path / "ca.pem")}
        set_policy(UrlPolicy(**rules))  # type: ignore[arg-type]
        with pytest.raises(MediaError, match="without checking certificates") as caught:
            open_media(f"{site.base}/list.m3u8")
        assert "--url-insecure" in str(caught.value.hint)
        set_policy(UrlPolicy(insecure=True, **rules))  # type: ignore[arg-type]
        check(f"{site.base}/list.m3u8")


def test_a_list_in_a_file_may_lead_to_urls_and_files(tmp_path: Path) -> None:
    folder = tmp_path / "there"
    folder.mkdir()
    write_list(folder / "list.m3u8")
    lines = (folder / "list.m3u8").read_text().splitlines()
    named = [n for n, line in enumerate(lines) if line and not line.startswith("#")]
    for n in named[1:]:
        lines[n] = str(folder / lines[n])
    with serving(folder) as site:
        lines[named[0]] = f"{site.base}/{lines[named[0]]}"
        path = tmp_path / "list.m3u8"
        path.write_text("\n".join(lines) + "\n")
        check(str(path))
        assert told(site) == {False}
        set_policy(UrlPolicy(schemes=frozenset(["https"])))
        reader = open_media(str(path))  # but for the piece that may not be asked for
        assert len(site.requests) > 0
        before = len(site.requests)
        reader.read(reader.facts.start)
        reader.close()
        assert len(site.requests) == before


@pytest.mark.parametrize(("text", "message"), [
    ('<?xml version="1.0"?><MPD type="static"></MPD>', "is a DASH presentation"),
    ("#EXTM3U\n#EXTINF:1,\nftp://host/a.ts\n", "ftp URLs are not opened"),
    ("#EXTM3U\n#EXTINF:1,\nmissing.ts\n", "missing.ts"),
])  # fmt: skip
@pytest.mark.parametrize("local", [False, True], ids=["URL", "file"])
def test_lists_that_cannot_be_played_say_why(
    tmp_path: Path, text: str, message: str, local: bool
) -> None:
    path = tmp_path / ("list.mpd" if "MPD" in text else "list.m3u8")
    path.write_text(text)
    with serving(tmp_path) as site:
        with pytest.raises(MediaError) as caught:
            open_media(str(path) if local else f"{site.base}/{path.name}")
        assert message in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("local", [False, True], ids=["URL", "file"])
@pytest.mark.parametrize("names", [["list.m3u8"], ["b.m3u8", "list.m3u8"]])
def test_a_list_that_leads_to_itself_comes_to_an_end(
    tmp_path: Path, names: list[str], local: bool
) -> None:
    lists = dict(zip(["list.m3u8", "b.m3u8"], names, strict=False))
    for name, target in lists.items():
        text = f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{target}\n"
        (tmp_path / name).write_text(text)
    with serving(tmp_path) as site, pytest.raises(MediaError):
        open_media(str(tmp_path / "list.m3u8") if local else f"{site.base}/list.m3u8")
    assert len(site.requests) < 50
