"""The command language at work on a player."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.shell.running import Batch


def test_variables_and_substitution(batch: Batch) -> None:
    assert batch.out("set s=/a/b.exr; echo $s ${s}x '$s'") == "/a/b.exr /a/b.exrx $s\n"
    assert batch.out("frame 12; echo $frame of $end") == "12 of 100\n"
    assert batch.out("set a = 3 4; echo $a") == "3 4\n"
    assert batch.out('echo $(mu frame() * 2) "$(echo a; echo b)"') == "24 a\nb\n"
    assert batch.out("frame 1; frame; echo $_ $?") == "1\n1 0\n"
    assert batch.out("echo $(viewNode())") == "defaultSequence\n"
    ran = batch.run("echo $nothing")
    assert ran.status == 2 and "$nothing is not set" in ran.err and "^" in ran.err


def test_if_while_repeat_for(batch: Batch) -> None:
    text = """
    for f in 1..3 {
        frame $f
        if frame == 2 { echo two } else if frame > 2 { echo more } else { echo one }
    }
    repeat 2 { step }
    while frame > 4 { back }
    frame
    for x in a "b c" $(echo l1; echo l2) { echo "<$x>" }
    """
    assert batch.out(text).split() == (
        ["one", "two", "more", "4", "5", "4", "4", "<a>", "<b", "c>", "<l1>", "<l2>"]
    )


def test_conditions(batch: Batch) -> None:
    for good in (
        "frame == 1 and end == 100",
        "fps 24",
        "fps 24.0",
        "not playing",
        "view defaultSequence",
        "'RVColor' in $(nodes --types)",
        "mu(frame() % 2) == 1",
        "frameEnd() >= 100 or false",
        "-1 < frame",
        "2 * 3 + 1 == 7",
        "mode loop",
        'view == "defaultSequence"',
    ):
        assert batch.run(f"expect {good}").status == 0, good
    for bad in ("frame > 1", "playing", "fps 25", "not (frame 1)", "view nothing"):
        ran = batch.run(f"expect {bad}")
        assert ran.status == 7, bad
    assert "frame is 1" in batch.run("expect frame > 50").err


def test_functions_and_aliases(batch: Batch) -> None:
    assert batch.out("def go { frame $1; echo $@ $# }\ngo 7 x\nframe") == "7 x 2\n7\n"
    assert batch.out("alias rw = 'first; echo'\nframe 9\nrw back; frame") == "back\n1\n"
    ran = batch.run("def loop { loop }\nloop")
    assert ran.status == 1 and "nested too deeply" in ran.err


def test_events_are_handled_between_statements(batch: Batch) -> None:
    assert batch.out("on play-start 'echo $event'\nplay; stop; echo after") == "play-start\nafter\n"
    shown = batch.out("on ^play-s 'echo $event'\nset n = $(mu { play(); stop(); 7; })\necho $n")
    assert shown == "play-start\nplay-stop\n7\n"  # not into the value that is caught


def test_values_as_json_anywhere(batch: Batch) -> None:
    assert json.loads(batch.out("range --json"))["end"] == 100
    assert batch.out("frame; range --jsonl > /dev/null; frame") == "1\n1\n"
    assert batch.out("echo -- --json") == "--json\n"
    assert len(batch.out("nodes --types --jsonl").splitlines()) > 5


def test_waiting(batch: Batch) -> None:
    assert batch.run("play; wait frame >= 3 --timeout 10; stop").status == 0
    ran = batch.run("wait frame >= 3000 --timeout 0.05")
    assert ran.status == 5 and "not so within 0.05 s" in ran.err
    ran = batch.run("wait --event never-comes --timeout 0.05")
    assert ran.status == 5


def test_output_to_files_and_commands(batch: Batch, tmp_path: Path) -> None:
    path = tmp_path / "out put.txt"
    assert batch.out(f"echo one > '{path}'; echo two >> '{path}'; frame | cat -n > /dev/null") == ""
    assert path.read_text() == "one\ntwo\n"
    assert batch.out("echo b a | tr a-z A-Z") == "B A\n"
    assert batch.out("set x=$(! echo hi)\necho $x") == "hi\n"
    ran = batch.run("! exit 3")
    assert ran.status == 1 and "status 3" in ran.err
    ran = batch.run("echo x > /no/such/dir/file")
    assert ran.status == 1 and "cannot write" in ran.err


def test_source_and_its_errors(batch: Batch, tmp_path: Path) -> None:
    script = tmp_path / "a.rvs"
    script.write_text(
        "#!/usr/bin/env -S rvshell -f\n# comment\nset greeting=hello\necho $greeting\n"
    )
    assert batch.out(f"source {script}; echo $greeting") == "hello\nhello\n"
    script.write_text("echo ok\nfram 3\n")
    ran = batch.run(f"source {script}")
    assert ran.status == 2 and f"{script}:2:1" in ran.err and "did you mean 'frame'" in ran.err
    assert ran.out == ""  # a file is checked whole before anything runs
    script.write_text(f"source {script}\n")
    assert "nested too deeply" in batch.run(f"source {script}").err
    (tmp_path / "bin").write_bytes(b"\xff\xfe\x00")
    assert batch.run(f"source {tmp_path / 'bin'}").status == 1
    assert "cannot read" in batch.run("source /no/such.rvs").err


def test_time_bench_watch(batch: Batch) -> None:
    ran = batch.run("time frame")
    assert ran.out == "1\n" and ran.err.endswith(" ms\n")
    found = json.loads(batch.out("bench 20 frame", form="json"))
    assert found["count"] == 20 and found["p50_ms"] <= found["p95_ms"]
    assert batch.out("watch 0.01 frame --count 3") == "1\n1\n1\n"
    lines = batch.out("watch 0.01 range --count 2").splitlines()
    assert len(lines) == 2 and json.loads(lines[1])["end"] == 100


def test_the_first_error_stops_and_keep_going_goes_on(batch: Batch) -> None:
    ran = batch.run("expect frame 5\necho next")
    assert (ran.out, ran.status) == ("", 7)
    ran = batch.run("expect frame 5\necho next\nview nonode", keep_going=True)
    assert (ran.out, ran.status) == ("next\n", 7)
    assert len(ran.err.splitlines()) == 2


def test_leaving_with_a_status(batch: Batch) -> None:
    assert batch.run("if frame == 1 { quit 3 }; frame").status == 3
    assert batch.run("quit; nosuch()").status == 0
    assert batch.run("view nonode; quit 4", keep_going=True).status == 4
    assert "no exit status" in batch.run("quit 256").err


def test_the_directory_of_this_shell(
    batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a.rvs").write_text("echo found\n")
    assert batch.out("cd inner; pwd; source a.rvs") == f"{tmp_path}/inner\nfound\n"
    assert "cd: nowhere: No such file" in batch.run("cd nowhere").err


def test_dry_run_sends_nothing(batch: Batch) -> None:
    ran = batch.run("frame 50; if end == 100 { play }", dry_run=True)
    assert ran.status == 0 and "would run: frame 50" in ran.err
    assert batch.out("frame") == "1\n"
    assert batch.run("fps fast", dry_run=True).status == 2


@pytest.mark.parametrize(
    ("text", "status", "message"),
    [
        ("frame abc", 2, "'abc' is not a frame number"),
        ("frame 1 2", 2, "too many arguments"),
        ("frame 99999999999", 2, "out of range"),
        ("mode sideways", 2, "not one of loop, once, pingpong"),
        ("fps 0", 2, "not above 0"),
        ("status --nope", 2, "unknown option --nope"),
        ("view nonode", 1, "no node 'nonode'"),
        ("get a.b", 2, "no property path"),
        ("get '#RVColor.color.nope'", 6, "no property"),
        ("mu 1 +", 6, "Mu: "),
        ("py 1/0", 6, "ZeroDivisionError"),
        ("add /no/such/file.exr", 1, "no such file"),
        ("set x", 2, "no value"),
        ("ply", 2, "did you mean 'play'"),
    ],
)
def test_bad_input_is_one_line_and_a_status(
    batch: Batch, text: str, status: int, message: str
) -> None:
    ran = batch.run(text)
    assert ran.status == status, ran
    assert message in ran.err and "Traceback" not in ran.err and ran.out == ""
    assert batch.out("frame") == "1\n"


def test_replies_of_a_pipeline_come_in_order(batch: Batch) -> None:
    text = "".join(f"frame {n}\nframe\n" for n in range(1, 60))
    ran = batch.run("", stdin=text, pipeline=True)
    assert ran.status == 0
    assert ran.out.split() == [str(n) for n in range(1, 60)]


def test_a_pipeline_names_the_line_that_failed(batch: Batch) -> None:
    ran = batch.run("", stdin="frame 3\nmu 1 +\nframe 4\n", pipeline=True)
    assert ran.status == 6 and "stdin:2" in ran.err


def test_standard_input_runs_line_by_line(batch: Batch) -> None:
    ran = batch.run("", stdin="frame 3\nframe\nrepeat 2 {\nstep\n}\n")
    assert (ran.out, ran.status) == ("3\n4\n5\n", 0)
    ran = batch.run("", stdin="echo a\nrepeat 2 {\n")
    assert ran.status == 2 and "stdin:2" in ran.err and ran.out == "a\n"
