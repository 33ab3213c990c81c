"""A player whose media is on a server: `player URL`, sessions, scripts, waiting, silence."""

from __future__ import annotations

from pathlib import Path

import pytest

av = pytest.importorskip("av")

from tests.media.servers import Behaviour, certified, serving  # noqa: E402
from tests.media.test_movies import write  # noqa: E402
from tests.players import running_player  # noqa: E402
from tests.waiting import until  # noqa: E402


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("films")
    write(made / "clip.mp4", "libx264", "yuv420p", 12, 60)
    return made


def test_a_url_on_the_command_line_plays(folder: Path) -> None:
    with serving(folder) as site, running_player(f"{site.base}/clip.mp4", "-play") as player:
        player.until("frameEnd()", "60")
        player.until("isPlaying()", "true")
        player.until("cacheInfo()._6.size() >= 2 && cacheInfo()._6[1] == 60", "true")
        assert player.mu("fps()") == "24.0"
        assert len(site.requests) <= 3


def test_sessions_and_scripts_take_urls(folder: Path, tmp_path: Path) -> None:
    with serving(folder) as site:
        url = f"{site.base}/clip.mp4?token=hidden"
        with running_player() as player:
            player.mu(f'addSource("{url}")')
            player.until("frameEnd()", "60")
            assert player.mu('sourceMedia(nodesOfType("RVFileSource")[0])._0').endswith(f'"{url}"')
            player.mu(f'saveSession("{tmp_path}/s.rv")')
        with running_player(str(tmp_path / "s.rv")) as player:
            player.until("frameEnd()", "60")
        with running_player() as player:
            player.mu(f'addSource("{site.base}/none.mp4?token=hidden")')
            player.wait_for("404")
            assert "hidden" not in "\n".join(player.log)


def test_a_silent_server_holds_nobody_up(folder: Path) -> None:
    behaviour = Behaviour(stalls_at=100, ranges=False)
    with serving(folder, behaviour) as site, running_player() as player:
        player.mu(f'addSource("{site.base}/clip.mp4")')
        # the source is there with the stand-in's range, and the player answers
        assert player.mu("frameEnd()") != "60"
        assert player.mu("sources().size()") == "1"
        behaviour.stalls_at = -1
        behaviour.release.set()
        player.until("frameEnd()", "60")
        assert player.mu("sources().size()") == "1"


def test_playing_waits_for_the_cache(folder: Path) -> None:
    film = Path(write(folder / "plain.mov", "rawvideo", "rgb24", 1, 60))
    with (
        av.open(str(film)) as source,
        av.open(str(folder / "front.mov"), "w", options={"movflags": "faststart"}) as target,
    ):
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    size = (folder / "front.mov").stat().st_size
    behaviour = Behaviour(ranges=False, stalls_at=size // 3)
    with serving(folder, behaviour) as site, running_player("-bwait", "60") as player:
        player.mu(f'addSource("{site.base}/front.mov")')
        player.until("frameEnd()", "60")
        with player.client() as client:
            client.exec_python(
                "import sys, rv.commands as c\n"
                "sys.seen = []\n"
                "def note(e):\n"
                "    import sys\n"
                "    sys.seen.append(e.name() + '(' + e.contents() + ')')\n"
                "    e.reject()\n"
                "for name in ('play-stop', 'play-start'):\n"
                "    c.bind('default', 'global', name, note, '')\n"
            )
            client.eval_mu("play()")
            until(lambda: client.eval_mu("isBuffering()") == "true")
            assert client.eval_mu("isPlaying()") == "false"
            behaviour.release.set()
            until(lambda: client.eval_mu("isPlaying()") == "true")
            seen = client.eval_python("' '.join(__import__('sys').seen)")
    assert seen.startswith("play-start() play-stop(buffering) play-start(buffering)")


def test_a_scheme_that_is_not_allowed(folder: Path) -> None:
    with running_player("ftp://127.0.0.1/clip.mp4") as player:
        player.wait_for("ftp URLs are not opened")
        assert player.mu("sources().size()") == "1"


def test_parameters_of_a_source_go_with_its_requests(folder: Path) -> None:
    behaviour = Behaviour(header=("X-Key", "abc"))
    with serving(folder, behaviour) as site, running_player() as player:
        url = f"{site.base}/clip.mp4"
        player.mu(f'addSourceVerbose(string[] {{"{url}", "+inparams", "headers=X-Key: abc"}})')
        player.until("frameEnd()", "60")
        assert "abc" not in "\n".join(player.log)


def test_https_with_an_authority_of_ones_own(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("trustme")
    bundle = tmp_path / "ca.pem"
    with serving(folder, context=certified(bundle)) as site:
        url = f"{site.base}/clip.mp4"
        with running_player(url) as player:
            player.wait_for("ERROR: .*certificate.*--url-ca FILE")
        with running_player(url, "--url-ca", str(bundle)) as player:
            player.until("frameEnd()", "60")


def test_a_player_that_waits_for_a_server_answers_and_ends(folder: Path) -> None:
    with serving(folder, Behaviour(stalls_at=0, ranges=False)) as site:
        with running_player(f"{site.base}/clip.mp4") as player:
            assert player.mu("frame()") == "1"
        assert player.process.returncode == 0
