"""rvshell from the system's shell: one-shot verbs, batch, exit statuses, what goes where."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rvshell.errors import EXIT_INTERRUPTED
from tests.ports import free_port
from tests.shell.harness import BARS, PlayerProcess, Terminal, environment, rvshell
from tests.waiting import until

RVSHELL = [sys.executable, "-m", "rvshell"]


# -- one-shot and batch --------------------------------------------------------------


def test_one_shot_verbs(bars: PlayerProcess, home: Path) -> None:
    at = ("-t", bars.address)
    assert rvshell(*at, "frame", "10", home=home).returncode == 0
    assert rvshell(*at, "frame", home=home).stdout == "10\n"
    assert rvshell(bars.address, "frame", home=home).stdout == "10\n"
    assert rvshell("frame", "-t", bars.address, home=home).stdout == "10\n"
    assert rvshell(*at, "mu", "frame() + 1", home=home).stdout == "11\n"
    assert rvshell(*at, "py", "'%d' % (rv.commands.frame() + 2)", home=home).stdout == "12\n"
    assert rvshell(*at, "get", "#RVColor.color.exposure", home=home).stdout == "0.0\n0.0\n0.0\n"
    assert rvshell(*at, "expect", "frame == 10", home=home).returncode == 0
    assert rvshell(*at, "sources", home=home).stdout == f"{BARS}\n"
    found = json.loads(rvshell(*at, "status", "--json", home=home).stdout)
    assert found["frame"] == 10 and found["end"] == 100 and found["playing"] is False
    assert rvshell(*at, "frame", "--help", home=home).stdout.startswith("usage: frame [FRAME]")


def test_the_newest_player_is_found_by_its_port_file(home: Path) -> None:
    player = PlayerProcess(home)
    try:
        assert rvshell("frame", home=home).stdout == "1\n"
        assert rvshell("targets", "--json", home=home).stdout.count(player.address) == 1
    finally:
        player.close()
    done = rvshell("frame", home=home)
    assert done.returncode == 3 and "no player or RV is running here" in done.stderr


def test_texts_code_and_files_run_in_order(bars: PlayerProcess, home: Path) -> None:
    script = home / "a.rvs"
    script.write_text("# comment\nframe 7\nframe\n")
    more = ("-c", "frame 3; frame", "-e", "frame() * 2", "-f", str(script))
    done = rvshell("-t", bars.address, *more, home=home)
    assert (done.returncode, done.stdout, done.stderr) == (0, "3\n6\n7\n", "")


def test_piped_standard_input(bars: PlayerProcess, home: Path) -> None:
    done = rvshell("-t", bars.address, home=home, stdin="frame 4\nframe\nframe() + 1\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "4\n5\n", "")
    done = rvshell("-t", bars.address, "-", home=home, stdin="frame\n")
    assert done.stdout == "4\n"


def test_a_command_file_is_a_program(bars: PlayerProcess, home: Path) -> None:
    scripts = Path(sys.executable).parent
    script = home / "check"
    script.write_text("#!/usr/bin/env -S rvshell -f\nexpect frame == 1\necho fine\n")
    script.chmod(0o755)
    env = environment(home, PATH=f"{scripts}:{os.environ['PATH']}", RVSHELL_TARGET=bars.address)
    done = subprocess.run([str(script)], env=env, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "fine\n", "")


def test_a_player_is_started_for_a_file_and_ended_with_it(home: Path) -> None:
    script = home / "a.rvs"
    script.write_text(f"add {BARS}\nstatus\n")
    done = rvshell("-f", str(script), "--json", home=home)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["end"] == 100
    assert "started a player" in done.stderr
    assert rvshell("frame", home=home).returncode == 3  # it is gone


# -- exit statuses -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["-c", "frame"], 0),
        (["-c", "view nonode"], 1),
        (["-c", "ply"], 2),
        (["-c", "frame x"], 2),
        (["--nope"], 2),
        (["-c"], 2),
        (["--timeout", "soon", "frame"], 2),
        (["-c", "wait frame > 500 --timeout 0.05"], 5),
        (["-c", "nope()"], 6),
        (["-c", "expect frame > 500"], 7),
        (["-f", "/no/such/file.rvs"], 1),
    ],
)
def test_exit_statuses(bars: PlayerProcess, home: Path, arguments: list[str], status: int) -> None:
    done = rvshell("-t", bars.address, *arguments, home=home)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    if status:
        assert done.stdout == "" and done.stderr.startswith("rvshell: ")
        assert len(done.stderr.splitlines()) <= 3  # the line, and perhaps text and caret


def test_no_connection_is_3_and_a_silent_far_end_is_5(home: Path) -> None:
    port = free_port()
    done = rvshell("-t", f"127.0.0.1:{port}", "frame", home=home)
    assert done.returncode == 3 and f"127.0.0.1:{port} refused" in done.stderr
    assert rvshell("-t", "no.such.host.invalid", "frame", home=home).returncode == 3
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        done = rvshell("-t", address, "--timeout", "0.3", "frame", home=home)
    assert done.returncode == 5, done.stderr


def test_interrupting_is_130(bars: PlayerProcess, home: Path) -> None:
    process = subprocess.Popen(
        [*RVSHELL, "-t", bars.address, "-c", "echo ready; wait frame > 500 --timeout 60"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(home), text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        # echo is flushed when the wait begins
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == EXIT_INTERRUPTED and "Traceback" not in err


def test_a_closed_pipe_ends_quietly(bars: PlayerProcess, home: Path) -> None:
    command = f"{' '.join(RVSHELL)} -t {bars.address} -c 'repeat 20000 {{ echo yes }}' | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        env=environment(home), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.stdout, done.stderr, done.returncode) == ("yes\n", "", 128 + signal.SIGPIPE)


# -- data and messages ---------------------------------------------------------------


def test_formats(bars: PlayerProcess, home: Path) -> None:
    def out(*arguments: str) -> str:
        return rvshell("-t", bars.address, *arguments, home=home).stdout

    assert out("range") == "start\t1\nend\t100\nin\t1\nout\t100\n"
    assert json.loads(out("range", "--json")) == {"start": 1, "end": 100, "in": 1, "out": 100}
    lines = out("nodes", "--types", "--jsonl").splitlines()
    assert len(lines) > 10 and {"node", "type"} == set(json.loads(lines[0]))
    assert len(json.loads(out("nodes", "--json"))) == len(lines)
    assert out("nodes", "--types").splitlines()[0] == "node\ttype"
    mixed = out("--json", "mu", '(1, 2.5, "x", int[] {1, 2})')
    assert json.loads(mixed) == [1, 2.5, "x", [1, 2]]


def test_no_colour_no_banner_no_prompt_in_a_pipe(bars: PlayerProcess, home: Path) -> None:
    done = rvshell("-t", bars.address, home=home, stdin="status\nnodes --tree\nhelp\n")
    assert done.returncode == 0 and "\x1b" not in done.stdout + done.stderr
    assert done.stderr == ""


def test_help_names_everything(home: Path) -> None:
    done = rvshell("--help", home=home)
    assert done.returncode == 0
    for piece in ("exit status:", "examples:", "environment:", "files:", "-c TEXT", "--dry-run",
                  "--pipeline", "config.toml", "completion bash"):  # fmt: skip
        assert piece in done.stdout
    assert rvshell("--version", home=home).stdout.startswith("rvshell ")
    verbs = rvshell("help", home=home).stdout
    named = """play stop step back frame fullscreen cache mu py event sources add clear snapshot
    status connect disconnect help quit"""
    for name in named.split():
        assert f"\n  {name} " in verbs or f"\n  {name}\n" in verbs, name


@pytest.mark.parametrize("arguments", [["--help"], ["help"], ["--complete", "fr"]])
def test_light_starts(home: Path, arguments: list[str]) -> None:
    code = (
        "import sys; from rvshell.cli import run; run(sys.argv[1:]); "
        "print(*sorted(m for m in sys.modules if '.' not in m), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True, text=True, env=environment(home), timeout=60, check=True,
    )  # fmt: skip
    loaded = set(done.stderr.split())
    assert not loaded & {"numpy", "prompt_toolkit", "asyncio", "OpenImageIO", "click", "pygments"}


def test_misspelt_verbs_and_options_are_named(home: Path) -> None:
    done = rvshell("staus", home=home)
    assert done.returncode == 2 and "did you mean 'status'" in done.stderr
    done = rvshell("--jsn", "frame", home=home)
    assert done.returncode == 2 and "did you mean --json" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["farme", "10"], 2, "did you mean 'frame'? Mu is sent with -e CODE"),
        (["farme", "somewhere"], 2, "given as --name farme -t somewhere"),
        (["frame() + 1"], 2, "Mu is sent with -e CODE"),
        (["a.exr"], 2, "rvshell add FILE loads it"),
        (["what", "/no/such/host"], 2, "unknown verb 'what'"),
        (["-c", "farme 10; play"], 2, "did you mean 'frame'? to send Mu: mu farme"),
        (["-c", "bogus; play"], 2, "unknown verb 'bogus' (? bogus finds what it may be;"),
        (["-c", "frame 2; bogus; frame 3"], 2, "unknown verb 'bogus'"),
        (["-c", "paly; frame"], 2, "did you mean 'play'?"),
        (["-c", "setframe 10"], 2, "RV has setFrame(int frame) -> void; to send Mu"),
        (["127.0.0.1:1"], 3, "connection to 127.0.0.1:1 refused"),
        (["nobody", "127.0.0.1", "1"], 3, "connection to 127.0.0.1:1 refused"),
    ],
)
def test_what_is_no_verb_is_never_passed_over(
    home: Path, arguments: list[str], status: int, told: str
) -> None:
    (home / "a.exr").touch()
    done = rvshell(*arguments, home=home)
    assert (done.returncode, done.stdout) == (status, "")
    assert told in done.stderr and done.stderr.count("Traceback") == 0


def test_words_of_other_programs_are_verbs_too(bars: PlayerProcess, home: Path) -> None:
    at = ("-t", bars.address)
    assert rvshell(*at, "goto", "10", home=home).returncode == 0
    assert rvshell(*at, "eval", "frame() + 1", home=home).stdout == "11\n"
    assert rvshell(*at, "-c", "int misspelt; misspelt = 3", home=home).returncode == 0


def test_hostile_text_is_escaped_on_a_terminal(bars: PlayerProcess, home: Path) -> None:
    from tests.shell.harness import Terminal

    shell = Terminal.rvshell(
        "-t", bars.address, "py", "chr(27) + ']0;x' + chr(7) + 'end'", home=home
    )
    try:
        assert shell.ended() == 0
        assert b"\x1b]0;x" not in shell.raw and b"\\x1b]0;x\\x07end" in shell.raw
    finally:
        shell.close()
    piped = rvshell("-t", bars.address, "py", "chr(27) + 'x'", home=home)
    assert piped.stdout == "\x1bx\n"  # data in a pipe is data


# -- settings, rc, targets -----------------------------------------------------------


def config(home: Path, text: str) -> None:
    folder = home / ".config" / "rvshell"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(text)


def test_where_a_setting_comes_from(home: Path) -> None:
    config(home, 'timeout = 7\nediting = "vi"\n')
    done = rvshell(
        "--timeout", "3", "config", "--origin", "--json", home=home, RVSHELL_EDITING="emacs"
    )
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert (rows["timeout"]["value"], rows["timeout"]["origin"]) == (3.0, "--timeout")
    assert (rows["editing"]["value"], rows["editing"]["origin"]) == ("emacs", "$RVSHELL_EDITING")
    assert rows["pager"]["origin"] == "default"
    assert rvshell("config", "timeout", home=home).stdout == "7.0\n"
    origin = json.loads(rvshell("config", "--origin", "--json", home=home).stdout)
    assert {r["origin"] for r in origin if r["name"] == "timeout"} == {
        str(home / ".config/rvshell/config.toml")
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("timeout = ", "config.toml: "),
        ("timout = 3", "did you mean timeout?"),
        ("timeout = -1", "is a number of seconds"),
        ('editing = "ed"', "one of emacs|vi"),
        ("[targets.x]\n", "has no address"),
    ],
)
def test_a_broken_config_file_is_one_line(home: Path, text: str, message: str) -> None:
    config(home, text)
    done = rvshell("frame", home=home)
    assert done.returncode == 2 and message in done.stderr and len(done.stderr.splitlines()) == 1


def test_nothing_is_read_from_the_current_directory(bars: PlayerProcess, home: Path) -> None:
    here = home / "work"
    here.mkdir()
    for name in ("rc.rvs", ".rvshellrc", "config.toml", "rvshell.toml"):
        (here / name).write_text("timeout = 1\necho owned\n")
    done = rvshell("-t", bars.address, "config", "timeout", home=home, cwd=here)
    assert done.stdout == "30.0\n"


def test_profiles_tags_and_broadcasts(bars: PlayerProcess, home: Path) -> None:
    second = PlayerProcess(home)
    dead = free_port()
    try:
        config(
            home,
            f"""
deadline = 10
[targets.one]
address = "{bars.address}"
tags = ["wall"]
[targets.two]
address = "{second.address}"
tags = ["wall", "left"]
[targets.gone]
address = "127.0.0.1:{dead}"
""",
        )
        assert rvshell("-t", "one", "frame", "9", home=home).returncode == 0
        assert rvshell("one", "-c", "frame", home=home).stdout == "9\n"
        assert rvshell("-t", "two", "-c", "connect one; frame", home=home).stdout == "9\n"
        done = rvshell("@wall", "frame", home=home)
        assert done.returncode == 0, done.stderr
        rows = [line.split("\t") for line in done.stdout.splitlines()]
        assert rows[0] == ["target", "status", "ms", "result"]
        assert {(r[0], r[1], r[3]) for r in rows[1:]} == {("one", "0", "9"), ("two", "0", "1")}
        assert rvshell("@left,one", home=home).returncode == 2
        done = rvshell("-c", "@all frame; @two fps 12", "--keep-going", "--json", home=home)
        found = {row["target"]: row for row in json.loads(done.stdout.splitlines()[0])}
        assert found["gone"]["status"] == 3 and "refused" in found["gone"]["result"]
        assert found["one"]["result"] == 9 and done.returncode == 3
        assert rvshell("-t", "two", "fps", home=home).stdout == "12.0\n"
        assert "no such target" in rvshell("@nobody", "frame", home=home).stderr
        listed = json.loads(rvshell("targets", "--json", home=home).stdout)
        assert [r["name"] for r in listed][:3] == ["one", "two", "gone"]
    finally:
        second.close()


def test_a_broadcast_does_not_wait_for_the_slowest(bars: PlayerProcess, home: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        config(
            home,
            f'deadline = 0.5\n[targets]\nslow = "127.0.0.1:{silent.getsockname()[1]}"\n'
            f'quick = "{bars.address}"\n',
        )
        done = rvshell("@slow,quick", "frame", "--json", home=home)
    found = {row["target"]: row for row in json.loads(done.stdout)}
    assert found["slow"]["status"] == 5 and "within 0.5 s" in found["slow"]["result"]
    assert found["quick"]["result"] == 1 and done.returncode == 5


def test_the_log_has_the_wire_and_no_secrets(bars: PlayerProcess, home: Path) -> None:
    log = home / "wire.log"
    done = rvshell(
        "-t", bars.address, "-v", "--log-file", str(log),
        "-c", 'frame; mu "password=hunter2"', home=home,
    )  # fmt: skip
    assert done.returncode == 0 and "> remote-eval frame()" in done.stderr and "< 1" in done.stderr
    text = log.read_text()
    assert "> remote-eval frame()" in text and "hunter2" not in text + done.stderr
    assert log.stat().st_mode & 0o777 == 0o600


# -- completion of the system's shell ------------------------------------------------


def complete(home: Path, *words: str) -> dict[str, str]:
    out = rvshell("--complete", *words, home=home).stdout
    return dict(line.split("\t", 1) for line in out.splitlines())


def test_completion_words(bars: PlayerProcess, home: Path) -> None:
    (home / "shots").mkdir()
    (home / "shot.exr").write_text("")
    assert (
        "frame" in complete(home, "fr")
        and "Show the current frame" in complete(home, "fr")["frame"]
    )
    assert set(complete(home, "mode", "")) >= {"loop", "once", "pingpong"}
    assert set(complete(home, "add", "sh")) == {"shots/", "shot.exr"}
    assert set(complete(home, "--ti")) == {"--timeout"}
    assert {"@all", "@local"} <= set(complete(home, "@"))
    assert "--long" in complete(home, "sources", "--")
    at = ("-t", bars.address)

    def learnt(wanted: str, *words: str) -> None:
        """It waits for a player no longer than a user would: on a busy machine it may give up."""
        until(lambda: wanted in complete(home, *at, *words), f"{wanted} for {words}")

    learnt("defaultStack", "view", "defaultSt")
    learnt("#RVColor.", "get", "#RVCo")
    learnt("#RVColor.color.exposure", "get", "#RVColor.color.exp")
    learnt("defaultStack_stack.composite.type", "set", "defaultStack_stack.comp")
    assert complete(home, "view", "defaultSt") == {}  # no network unless a target is named
    assert complete(home, "-t", f"127.0.0.1:{free_port()}", "view", "d") == {}
    assert "play" in complete(home, "@all", "pl")


@pytest.mark.parametrize(("words", "wanted"), [
    (("ta",), {"tap", "targets"}),
    (("tap", "--"), {"--filter", "--hex", "--no-ping", "--json", "--record", "--count"}),
    (("bridge", ""), {"tev"}),
    (("bridge", "tev", "--l"), {"--listen"}),
    (("rvpush", "m"), {"merge", "mu-eval", "mu-eval-return"}),
    (("rvpush", "-t"), {"-tag"}),
    (("rvpush", "set", "sho"), {"shot.rvs"}),
    (("-f", "sh"), {"shot.rvs"}),
    (("--json", "--log-file", ""), {"shot.rvs", "logs/"}),
    (("-f", "logs/"), {"logs/a.log"}),
    (("--progress", ""), {"auto", "json", "none"}),
    (("--timeout", ""), set()),
    (("push", "--frame", "fr"), set()),  # a value of a verb is none of rvshell's
])  # fmt: skip
def test_completion_of_options_and_other_programs(
    home: Path, words: tuple[str, ...], wanted: set[str]
) -> None:
    (home / "shot.rvs").write_text("")
    (home / "logs").mkdir(exist_ok=True)
    (home / "logs" / "a.log").write_text("")
    assert set(complete(home, *words)) == wanted


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_completion_in_bash(bars: PlayerProcess, home: Path) -> None:
    scripts = Path(sys.executable).parent
    (home / "a shot.exr").write_text("")
    code = """
    eval "$(rvshell completion bash)"
    try() { COMP_LINE=$1 COMP_POINT=${#1}; _rvshell; echo "${COMPREPLY[@]}"; }
    try "rvshell mode p"
    try "rvshell fullsc"
    try "rvshell add a"
    try "rvshell add 'a"
    for again in {1..40}; do  # it waits for a player no longer than a user would
        names=$(try "rvshell -t TARGET view defaultSt"); [ -z "$names" ] || break
    done
    echo "$names"
    try "rvshell -t HOST:"
    complete -p rvshell
    COMP_WORDS=(player --log-level w) COMP_CWORD=2; _player; echo "${COMPREPLY[@]}"
    complete -p player
    """.replace("TARGET", bars.address).replace("HOST", bars.address.partition(":")[0])
    env = environment(home, PATH=f"{scripts}:{os.environ['PATH']}")
    env["TMPDIR"] = str(bars.home)  # where its port file is
    done = subprocess.run(
        ["bash", "-c", code], env=env, cwd=home, capture_output=True, text=True, timeout=300
    )
    lines = done.stdout.splitlines()
    assert lines[:3] == ["pingpong", "fullscreen", "a\\ shot.exr"], done
    assert lines[3] == "a shot.exr" and lines[4].split()[0] == "defaultStack"
    assert str(bars.port) in lines[5].split()
    assert "_rvshell" in lines[6]
    assert lines[7] == "warning" and "_player" in lines[8]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_completion_scripts_of_other_shells(home: Path, shell: str) -> None:
    script = rvshell("completion", shell, home=home).stdout
    assert "rvshell --complete" in script
    if shutil.which(shell):
        (home / "c").write_text(script)
        subprocess.run([shell, "-n", str(home / "c")], check=True, timeout=60)


@pytest.mark.skipif(shutil.which("fish") is None, reason="needs fish")
def test_completion_in_fish(home: Path) -> None:
    (home / "a shot.exr").write_text("")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    code = """
    rvshell completion fish | source
    complete -C "rvshell fullsc"
    complete -C "rvshell mode p"
    complete -C "rvshell add 'a sh"
    """
    done = subprocess.run(
        ["fish", "--no-config", "-c", code], cwd=home,
        env=environment(home, PATH=path), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.split("\n")[:3] == [
        "fullscreen\tShow, set or toggle full screen.",
        "pingpong",
        "a shot.exr",
    ]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="needs zsh")
def test_completion_in_zsh(home: Path) -> None:
    (home / "a shot.exr").write_text("")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    shell = Terminal(["zsh", "-f"], home, PATH=path)
    try:
        shell.line("PS1='Z> '; autoload -U compinit; compinit -u; source <(rvshell completion zsh)")
        shell.line("echo loaded")
        shell.until("\nloaded\n")
        for typed, completed in (
            ("rvshell fullsc", "rvshell fullscreen"),
            ("rvshell mode p", "rvshell mode pingpong"),
            ("rvshell add a", r"rvshell add a\ shot.exr"),
            ("rvshell add 'a", "rvshell add 'a shot.exr'"),
        ):
            shell.send("\x15" + typed + "\t")
            shell.until(lambda t, line=completed: t.prompt == f"Z> {line}", completed)  # type: ignore[misc]
    finally:
        shell.close()


def test_ten_thousand_lines_through_a_pipe(bars: PlayerProcess, home: Path) -> None:
    text = "".join(f"frame {1 + n % 100}\n" for n in range(5000)) + "frame\n" * 5000
    start = time.monotonic()
    done = rvshell("-t", bars.address, "--pipeline", home=home, stdin=text)
    assert done.returncode == 0 and done.stdout == "100\n" * 5000
    assert time.monotonic() - start < 20  # only against waiting for each: that takes minutes
