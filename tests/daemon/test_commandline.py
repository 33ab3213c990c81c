"""What the command line asks of the session, seen from outside."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.players import running_player


def test_a_sequence_is_loaded_with_its_range(shots: Path) -> None:
    with running_player(f"{shots}/grey.#.tif") as player:
        player.until("sources().size();", "1")
        assert player.mu("(frameStart(), frameEnd())") == "(1, 10)"
        assert player.mu("viewNode()") == '"defaultSequence"'


def test_bracketed_options_belong_to_their_source(shots: Path) -> None:
    words = ["[", f"{shots}/grey.#.tif", "-in", "3", "-out", "7", "]", f"{shots}/still.tif"]
    with running_player(*words) as player:
        player.until("sources().size();", "2")
        assert player.mu("(frameStart(), frameEnd())") == "(1, 6)"
        assert player.mu('getIntProperty("sourceGroup000000_source.cut.in")') == "int[] {3}"


def test_defaults_reach_bracketed_sources_only(shots: Path) -> None:
    words = ["-in", "4", "[", f"{shots}/grey.#.tif", "]", f"{shots}/grey.#.tif"]
    with running_player(*words) as player:
        player.until("sources().size();", "2")
        assert player.mu('getIntProperty("sourceGroup000000_source.cut.in")') == "int[] {4}"
        assert player.mu('getIntProperty("sourceGroup000001_source.cut.in")') != "int[] {4}"


def test_rate_view_and_play(shots: Path) -> None:
    words = ["-fps", "12", "-view", "defaultStack", "-loopMode", "2", "-play"]
    with running_player(*words, f"{shots}/grey.#.tif") as player:
        player.until("isPlaying();", "true")
        assert player.mu("fps()") == "12.0"
        assert player.mu("viewNode()") == '"defaultStack"'
        assert player.mu("playMode()") == "2"


def test_comparisons_and_stereo(shots: Path) -> None:
    with running_player("-diff", f"{shots}/grey.#.tif", "-stereo", "pair") as player:
        player.until("sources().size();", "1")
        assert player.mu("viewNode()") == '"defaultStack"'
        kind = 'getStringProperty("defaultStack_stack.composite.type")'
        assert player.mu(kind) == 'string[] {"difference"}'
        player.until('getStringProperty("#RVDisplayStereo.stereo.type");', 'string[] {"pair"}')


def test_scripts_and_flags_run_once_the_media_is_there(shots: Path) -> None:
    words = ["-eval", "frameEnd();", "-pyeval", "6 * 7", "-flags", "colour=red", "plain"]
    with running_player(*words, "--", f"{shots}/grey.#.tif") as player:
        assert player.wait_for(r"eval returned: (.*)")[1] == "int => 10"
        assert player.wait_for(r"pyeval returned: (.*)")[1] == "42"
        assert player.mu('commandLineFlag("colour", "none")') == '"red"'
        assert player.mu('commandLineFlag("plain", "none")') == '"true"'


def test_a_missing_file_is_said_and_stood_in_for(shots: Path) -> None:
    with running_player(f"{shots}/no_such.exr") as player:
        player.until("sources().size();", "1")
        assert player.mu("frameEnd()") == "19"  # RV's placeholder
        assert any("no_such.exr" in line for line in player.log)


def test_the_port_is_written_where_a_flag_says(tmp_path: Path) -> None:
    file = tmp_path / "port"
    with running_player("-flags", f"networkPortFile={file}") as player:
        player.until("frame();", "1")
        assert file.read_text() == f"{player.port}\n"


def test_the_plain_file_list_becomes_a_sequence(shots: Path) -> None:
    files = [f"{shots}/grey.{n:04d}.tif" for n in range(1, 11)]
    with running_player(*files) as player:
        player.until("frameEnd();", "10")
        assert player.mu("sources().size()") == "1"
    with running_player("-noSequence", *files) as player:
        player.until("sources().size();", "10")


def test_a_sequence_is_inferred_from_one_of_its_files(shots: Path) -> None:
    one = f"{shots}/grey.0004.tif"
    with running_player("-inferSequence", one, f"{shots}/still.tif") as player:
        player.until("sources().size();", "2")
        assert player.mu("sources()[0]._0") == f'"{shots}/grey.1-10#.tif"'
        assert player.mu("frameEnd()") == "11"


def test_a_link_is_a_command_line(shots: Path) -> None:
    with running_player(f"rvlink://[ {shots}/grey.#.tif -in 3 ] -view defaultStack") as player:
        player.until("viewNode();", '"defaultStack"')
        assert player.mu('getIntProperty("sourceGroup000000_source.cut.in")') == "int[] {3}"


def test_words_about_the_program_are_printed() -> None:
    def out(*words: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "player", *words], capture_output=True, text=True, check=True
        ).stdout

    assert out("-version").strip() == out("--version").strip() != ""
    assert " exr " in out("-formats")
    assert out("-encodeURL", "-play", "a b.mov") == "rvlink://%20-play%20'a%20b.mov'\n"
    assert out("-bakeURL", "x").startswith("rvlink://baked/2078")
    assert "-networkPort" in out("-help")


def test_a_link_may_not_do_everything() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "player", "rvlink://-eval system.system('true')"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "may not use -eval" in done.stderr


def test_rvpush_reaches_it(shots: Path, tmp_path: Path) -> None:
    def push(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "rvshell", "rvpush", "-tag", "pushed", *words],
            capture_output=True,
            text=True,
            env={**os.environ, "RVPUSH_RV_EXECUTABLE_PATH": "none", "TMPDIR": str(tmp_path)},
        )

    assert push("mu-eval-return", "frame()").returncode == 11, "nothing runs and nothing may start"
    with running_player("-networkTag", "pushed", env={"TMPDIR": str(tmp_path)}) as player:
        assert push("set", "[", f"{shots}/grey.#.tif", "-in", "5", "]").returncode == 0
        player.until("sources().size();", "1")
        assert push("merge", f"{shots}/still.tif").returncode == 0
        player.until("sources().size();", "2")
        player.until("frameEnd();", "7")  # once it is known how long they are
        assert push("mu-eval-return", "frameEnd()").stdout == "7\n"
        assert push("py-eval-return", "'a' + 'b'").stdout == "ab\n"
        assert push("url", f"rvlink://{shots}/still.tif").returncode == 0
        player.until("sources().size();", "1")


def test_wipe_lets_edges_be_dragged_at_once(shots: Path) -> None:
    with running_player("-wipe", f"{shots}/grey.#.tif", f"{shots}/grey.#.tif") as player:
        player.until("viewNode()", '"defaultStack"')
        player.until("rvui.wipeShown()", "2")  # CheckedMenuState
        with player.client() as rv:
            rv.eval_mu("rvui.toggleWipe()")
            told = '(rvui.wipeShown(), getIntProperty("defaultStack.ui.wipes")[0])'
            assert rv.eval_mu(told) == "(1, 0)"


def test_wipes_of_a_session_file_are_there_without_f6(shots: Path, tmp_path: Path) -> None:
    """RV's mode manager switches them with the view."""
    saved = tmp_path / "wiped.rv"
    grey = f"{shots}/grey.#.tif"
    edge = 'getFloatProperty("defaultStack_t_sourceGroup000000.stencil.visibleBox")'
    with running_player("-wipe", grey, grey) as player:
        player.until("rvui.wipeShown()", "2")
        box = edge.replace("get", "set").replace(")", ", float[] {0, 0.5, 0, 1})")
        player.mu(f'{box}; saveSession("{saved}");')
    with running_player(str(saved)) as player:
        player.until("viewNode()", '"defaultStack"')
        player.until("rvui.wipeShown()", "2")
        player.mu('setViewNode("defaultSequence")')
        assert player.mu('isModeActive("wipe")') == "false"
        player.mu('setViewNode("defaultStack")')
        assert player.mu("rvui.wipeShown()") == "2"
        assert player.mu(edge) == "float[] {0.0, 0.5, 0.0, 1.0}"
        player.mu("{ require rvtypes; rvtypes.State s = data(); s.wipe.toggle(); }")
        assert player.mu("rvui.wipeShown()") == "1"
        assert player.mu(edge) == "float[] {0.0, 0.5, 0.0, 1.0}"
