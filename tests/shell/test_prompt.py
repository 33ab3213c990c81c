"""The prompt as a user sees it: a real terminal, a real player."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rvshell.shell.live import only_asks
from rvshell.verbs.registry import Request
from tests.ports import free_port
from tests.shell.harness import BARS, PlayerProcess, Terminal, environment, rvshell
from tests.waiting import until


def ready(t: Terminal) -> bool:
    return t.prompt.endswith(">")


# -- what is shown -------------------------------------------------------------------


def test_prompt_and_toolbar_show_the_far_end(terminal: Terminal, bars: PlayerProcess) -> None:
    terminal.until(lambda t: f"rv:{bars.address} defaultSequence 1/100" in t.prompt)
    for piece in (f"● {bars.address}", "■ 1", "1–100", "24 fps", "verbs F2", "emacs F4"):
        assert piece in terminal.toolbar


def test_toolbar_follows_another_client_without_being_asked(
    terminal: Terminal, bars: PlayerProcess, home: Path
) -> None:
    assert rvshell(bars.address, "-c", "frame 42", home=home).returncode == 0
    terminal.until(lambda t: "■ 42" in t.toolbar)
    rvshell(bars.address, "-c", "in 10; out 50; fps 12.5", home=home)
    terminal.until(lambda t: "[10–50]" in t.toolbar and "12.5 fps" in t.toolbar)
    rvshell(bars.address, "-c", "play", home=home)
    terminal.until(lambda t: "▶" in t.toolbar)
    rvshell(bars.address, "-c", "stop; inc -1; play", home=home)
    terminal.until(lambda t: "◀" in t.toolbar)
    rvshell(bars.address, "-c", "stop; inc 1", home=home)
    terminal.until(lambda t: "■" in t.toolbar)


def test_verbs_and_plain_mu(terminal: Terminal) -> None:
    terminal.line("frame 17")
    terminal.until(lambda t: "■ 17" in t.toolbar)
    terminal.line("frame() + 1")
    terminal.until("\n18\n")
    terminal.line("sources")
    terminal.until(f"\n{BARS}\n")


def test_an_error_is_one_line_with_a_caret_and_a_suggestion(terminal: Terminal) -> None:
    terminal.line("ply")
    terminal.until(
        "\nrvshell: unknown verb 'ply' (did you mean 'play'? to send Mu: mu ply …)\nply\n^\n"
    )
    terminal.line("echo a)")
    terminal.until("unexpected ')' (nothing is open that it could close)\necho a)\n      ^\n")
    terminal.line("nope(1)")
    terminal.until("Mu: ")
    terminal.line("frame 9")
    terminal.until(lambda t: "■ 9" in t.toolbar)


def test_text_from_the_wire_never_reaches_the_terminal_raw(terminal: Terminal) -> None:
    terminal.line('py chr(27) + "]0;owned" + chr(7) + chr(0x9b) + "31mred"')
    terminal.until("\n\\x1b]0;owned\\x07\\x9b31mred\n")
    assert b"\x1b]0;owned" not in terminal.raw
    assert b"\xc2\x9b" not in terminal.raw


# -- completion, hints, signatures ---------------------------------------------------


def test_menu_with_documentation_opens_while_typing(terminal: Terminal) -> None:
    terminal.send("fullsc")
    shown = terminal.until("Show, set or toggle full screen.")
    assert re.search(r"fullscreen +Show, set or toggle", shown)
    terminal.key("tab")
    terminal.until(lambda t: "fullscreen" in t.prompt)


def test_completion_finds_a_command_by_a_part_of_its_name(terminal: Terminal) -> None:
    terminal.send("insertPix")
    shown = terminal.until("insertCreatePixelBlock")
    assert "insertCreatePixelBlock" in shown


def test_a_question_needs_no_blank(terminal: Terminal) -> None:
    terminal.line("?marked")
    terminal.until("markedFrames() -> int[]")


def test_live_names_of_nodes_and_properties_are_offered(terminal: Terminal) -> None:
    terminal.send("view default")
    shown = terminal.until("defaultStack")
    assert "RVStackGroup" in shown
    terminal.key("ctrl-u")
    terminal.send("get #RVColor.color.expo")
    terminal.until(lambda t: re.search(r"#RVColor\.color\.exposure +RVColor", t.text))


def test_enter_takes_the_chosen_completion_and_does_not_run_it(terminal: Terminal) -> None:
    terminal.send("mod")
    terminal.until("Show or set what happens at the end")
    terminal.key("tab")
    terminal.key("enter")
    terminal.send(" pingpong")
    terminal.until(lambda t: t.prompt.endswith("> mode pingpong"))


def test_usage_is_hinted_behind_the_cursor_and_below(terminal: Terminal) -> None:
    terminal.send("cache ")
    terminal.until(lambda t: "cache [off|buffer|greedy]" in t.prompt)
    assert "cache [off|buffer|greedy]  Show or set the cache" in terminal.text
    terminal.key("ctrl-u")
    terminal.send('getFloatProperty("x", ')
    terminal.until("getFloatProperty(string propertyName, int start=0")


# -- editing -------------------------------------------------------------------------


def test_an_open_bracket_continues_on_the_next_line(terminal: Terminal) -> None:
    terminal.line("repeat 2 {")
    terminal.until(lambda t: t.prompt.strip() == "...")
    terminal.line("echo again")
    terminal.line("}")
    terminal.until(lambda t: t.text.count("\nagain\n") + t.text.count("\nagain") >= 2)
    terminal.line("(frame() +")
    terminal.until(lambda t: t.prompt.strip() == "...")
    terminal.line("100)")
    terminal.until("\n101\n")


def test_f3_makes_enter_a_new_line_and_alt_enter_runs(terminal: Terminal) -> None:
    terminal.key("f3")
    terminal.until(lambda t: "multi-line F3" in t.toolbar)
    terminal.line("echo one")
    terminal.send("echo two")
    terminal.until(lambda t: re.search(r"\.\.\. echo two$", t.prompt))
    terminal.key("alt-enter")
    terminal.until("\none\ntwo\nrv:")
    terminal.key("f3")
    terminal.until(lambda t: "multi-line F3" not in t.toolbar)


def test_three_modes_with_one_key_and_a_visible_sign(terminal: Terminal) -> None:
    terminal.key("f2")
    terminal.until(lambda t: "mu F2" in t.toolbar and " mu>" in t.prompt)
    terminal.line("frameEnd()")
    terminal.until("\n100\n")
    terminal.line(":frame 33")
    terminal.until(lambda t: "■ 33" in t.toolbar)
    terminal.key("f2")
    terminal.until(lambda t: "python F2" in t.toolbar and " py>" in t.prompt)
    terminal.line("'%d' % (rv.commands.frame() * 2)")
    terminal.until("\n66\n")
    terminal.line("rv.commands.setFrame(8)")
    terminal.until(lambda t: "■ 8" in t.toolbar)
    terminal.key("f2")
    terminal.until(lambda t: "verbs F2" in t.toolbar)


def test_vi_keys_and_their_mode_in_the_toolbar(terminal: Terminal) -> None:
    terminal.key("f4")
    terminal.until(lambda t: "vi-insert F4" in t.toolbar)
    terminal.send("frame 123")
    terminal.key("escape")
    terminal.until(lambda t: "vi-nav F4" in t.toolbar)
    terminal.send("xx")
    terminal.key("enter")
    terminal.until(lambda t: "■ 1 " in t.toolbar and "> frame 1\n" in t.text + "\n")


def test_history_is_kept_for_the_user_alone_without_secrets(
    terminal: Terminal, bars: PlayerProcess, home: Path
) -> None:
    terminal.line("echo first thing")
    terminal.line("echo token=hunter2 more")
    terminal.line(" echo hidden line")
    terminal.until("\nhidden line")
    terminal.line("quit")
    assert terminal.ended() == 0
    (path,) = home.rglob("history-*")
    kept = path.read_text()
    assert "first thing" in kept and "token=*** more" in kept
    assert "hunter2" not in kept and "hidden line" not in kept
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    again = Terminal.rvshell(bars.address, home=home)
    try:
        again.until(ready)
        again.send("echo fi")
        again.until(lambda t: "echo first thing" in t.prompt)
        again.key("ctrl-e")
        again.key("enter")
        again.until("\nfirst thing\n")
        again.send("thing")
        again.key("f7")
        again.until(lambda t: t.text.count("echo first thing") >= 2)
    finally:
        again.close()


def test_editor_gets_the_line_and_gives_it_back(bars: PlayerProcess, home: Path) -> None:
    editor = home / "editor"
    editor.write_text('#!/bin/sh\nsed -i s/WORLD/friend/ "$1"\n')
    editor.chmod(0o755)
    shell = Terminal.rvshell(bars.address, home=home, EDITOR=str(editor), VISUAL="")
    try:
        shell.until(ready)
        shell.send("echo hello WORLD")
        shell.key("ctrl-x ctrl-e")
        shell.until(lambda t: "echo hello friend" in t.prompt)
    finally:
        shell.close()


def test_pasting_runs_nothing_by_itself_and_opens_no_menu(terminal: Terminal) -> None:
    terminal.send("\x1b[200~frame 5\nframe 6\nframe 7\x1b[201~")
    terminal.until("... frame 7")
    assert "■ 1 " in terminal.toolbar
    terminal.key("enter")
    terminal.until(lambda t: "■ 7" in t.toolbar)


def test_key_help(terminal: Terminal) -> None:
    terminal.key("f1")
    terminal.until("leave, on an empty line")
    assert "Ctrl-X Ctrl-E" in terminal.text
    terminal.until(ready)


# -- leaving, interrupting, reconnecting ---------------------------------------------


def test_ctrl_c_clears_the_line_and_ctrl_d_leaves(terminal: Terminal) -> None:
    terminal.send("frame 77")
    terminal.until("frame 77")
    terminal.key("ctrl-c")
    terminal.until(ready)
    terminal.line("echo still here")
    terminal.until("\nstill here")
    terminal.until(lambda t: "■ 1 " in t.toolbar)
    terminal.key("ctrl-d")
    assert terminal.ended() == 0


def test_ctrl_c_ends_a_wait_and_keeps_the_connection(terminal: Terminal) -> None:
    terminal.line("echo go; wait frame >= 1000 --timeout 600")
    terminal.until("\ngo")
    terminal.key("ctrl-c")
    terminal.until("^C cancelled")
    assert "may still run" not in terminal.text  # there is nothing to run
    terminal.line("frame 12")
    terminal.until(lambda t: "■ 12" in t.toolbar)


def test_ctrl_r_finds_lines_by_parts_of_words(terminal: Terminal) -> None:
    for line in ("echo first light", "echo second light", "sources"):
        terminal.line(line)
    terminal.until(lambda t: BARS in t.rows)
    terminal.key("ctrl-r")
    terminal.until("search the history:")
    terminal.send("li ec")
    terminal.until(lambda t: [r.strip() for r in t.rows if "echo" in r and ">" not in r]
                   == ["echo second light", "echo first light"], "the newest first")  # fmt: skip
    terminal.send("\b" * 5 + "efl")  # letters alone are enough
    terminal.until(lambda t: t.prompt.endswith("search the history: efl"))
    terminal.until(lambda t: not any(r.strip() == "echo second light" for r in t.rows))
    terminal.key("enter")
    terminal.until(lambda t: t.prompt.endswith("> echo first light"))
    terminal.key("enter")
    terminal.until("> echo first light\nfirst light\n")


def test_up_goes_through_the_lines_that_begin_so(terminal: Terminal) -> None:
    for line in ("echo one", "frame 3", "echo two", "frame 4"):
        terminal.line(line)
    terminal.until(lambda t: "■ 4" in t.toolbar)
    terminal.send("echo")
    terminal.until("setAudioCacheMode", "the menu, which is not in the way")
    terminal.key("up")
    terminal.until(lambda t: "setAudioCacheMode" not in t.text and t.prompt.endswith("> echo two"))
    terminal.key("up")
    terminal.until(lambda t: t.prompt.endswith("> echo one"))
    terminal.key("down")
    terminal.until(lambda t: t.prompt.endswith("> echo two"))


def test_ctrl_c_closes_only_the_search(terminal: Terminal) -> None:
    terminal.send("ec")
    terminal.key("ctrl-r")
    terminal.until("search")
    terminal.send("xyz")
    terminal.until("search the history: ecxyz")
    terminal.key("ctrl-c")
    terminal.until(lambda t: "search" not in t.text and t.prompt.endswith("> ec"))
    terminal.key("ctrl-u")
    terminal.line("echo after")
    terminal.until("\nafter")


def test_the_prompt_survives_the_player_and_finds_it_again(home: Path) -> None:
    first = PlayerProcess(home, port=free_port())
    port = first.port
    shell = Terminal.rvshell(first.address, home=home)
    second = None
    try:
        shell.until(lambda t: "■ 1" in t.toolbar)
        first.kill()
        shell.until(lambda t: "disconnected" in t.toolbar)
        shell.line("frame")
        shell.until("asked again when the connection is back")
        shell.line("play")  # would change something: it is for the user to say it again
        shell.until(lambda t: t.text.count("refused") == 2)
        second = PlayerProcess(home, port=port)
        shell.until(f"{first.address}> frame\n1\n")
        shell.until(lambda t: "■ 1" in t.toolbar)
        assert shell.text.count("asked again") == 1
        shell.line("frame() + 40")
        shell.until("\n41\n")
    finally:
        shell.close()
        first.close()
        if second:
            second.close()


def test_with_retry_off_nothing_is_asked_again(home: Path) -> None:
    first = PlayerProcess(home)
    shell = Terminal.rvshell(first.address, home=home, RVSHELL_RETRY="false")
    try:
        shell.until(lambda t: "■ 1" in t.toolbar)
        first.kill()
        shell.until(lambda t: "disconnected" in t.prompt)
        shell.line("frame")
        shell.until("refused")
        shell.until(ready)
        assert "asked again" not in shell.text
    finally:
        shell.close()
        first.close()


def test_a_watch_goes_on_when_the_player_is_back(home: Path) -> None:
    first = PlayerProcess(home, port=free_port())
    shell = Terminal.rvshell(first.address, home=home)
    second = None
    try:
        shell.until(lambda t: "■ 1" in t.toolbar)
        shell.line("watch 0.1 frame() + 6")
        shell.until("\n7")
        first.kill()
        shell.until(lambda t: "refused" in t.text and "\n7" not in t.text)
        second = PlayerProcess(home, port=first.port)
        shell.until(lambda t: t.text.endswith("\n7") and "refused" not in t.text)
        shell.key("ctrl-c")
        shell.until(ready)
    finally:
        shell.close()
        first.close()
        if second:
            second.close()


def test_ctrl_d_that_was_typed_before_the_prompt_was_there(bars: PlayerProcess, home: Path) -> None:
    shell = Terminal.rvshell(bars.address, home=home)
    try:
        shell.send("fra")
        shell.until(lambda t: t.prompt.endswith("> fra"), "what was typed")
        assert shell.text.count("fra") == 1
        shell.key("ctrl-u")
        shell.key("ctrl-d")
        assert shell.ended() == 0
    finally:
        shell.close()
    shell = Terminal.rvshell(bars.address, home=home)
    try:
        shell.send("\x04")
        assert shell.ended() == 0
    finally:
        shell.close()
    shell = Terminal.rvshell(bars.address, home=home)
    try:
        shell.until(lambda t: "1–100" in t.toolbar, "the toolbar")
        shell.line("wait frame == 5 --timeout 0.5")
        shell.send("\x04")
        assert shell.ended() == 0
    finally:
        shell.close()


def test_what_is_typed_ahead_is_shown_once_and_behind_the_prompt(
    terminal: Terminal, bars: PlayerProcess, home: Path
) -> None:
    terminal.line("echo ready; wait frame == 9")
    terminal.until("\nready")
    terminal.line("echo ahead")
    assert rvshell(bars.address, "-c", "frame 9", home=home).returncode == 0
    shown = terminal.until("\nahead\n")
    assert re.search(r"\nready\nrv:.*> echo ahead\nahead\nrv:", shown)
    assert shown.count("echo ahead") == 1


def test_a_line_that_a_command_did_not_end_stays(terminal: Terminal) -> None:
    terminal.line("! printf unended")
    terminal.until("\nunended⏎\nrv:")
    terminal.line("! stty -a")  # who is run sees an ordinary terminal
    terminal.until(" echo ")
    terminal.line("echo more")
    assert "\nunended⏎\n" in terminal.until("\nmore\n")


@pytest.mark.parametrize(
    ("code", "asks"),
    [
        ("frame()", True),
        ("(frame(), fps())", True),
        ('string.join(nodes(), "\\n")', True),
        ('getFloatProperty("a.b.c")', True),
        ("setFrame(3)", False),
        ("frame(); play()", False),
        ("{ play(); frame(); }", False),
        ("play()", False),
        ("nextFrame()", False),
    ],
)
def test_what_may_be_asked_twice(code: str, asks: bool) -> None:
    assert only_asks(Request(code)) is asks
    assert only_asks(Request(code, None, "remote-pyexec")) is False
    assert only_asks(Request(code, again=True)) is True


def test_a_wrong_port_is_one_clear_line(home: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        shell = Terminal.rvshell(f"127.0.0.1:{port}", home=home)
        try:
            shell.until("refused")
            shell.until(lambda t: "disconnected" in t.prompt)
            assert "Traceback" not in shell.text
            shell.key("ctrl-d")
            assert shell.ended() == 0
        finally:
            shell.close()


def test_the_original_programs_arguments(bars: PlayerProcess, home: Path) -> None:
    shell = Terminal.rvshell("myname", "127.0.0.1", str(bars.port), home=home)
    try:
        shell.until(lambda t: "1–100" in t.toolbar)
        shell.line("peers")
        shell.until("myname@")
        shell.line("quit")
        assert shell.ended() == 0
    finally:
        shell.close()


# -- all kinds of terminals ----------------------------------------------------------


@pytest.mark.parametrize("size", [(20, 4), (40, 10), (250, 60)])
def test_any_size_of_terminal(bars: PlayerProcess, home: Path, size: tuple[int, int]) -> None:
    shell = Terminal.rvshell(bars.address, home=home, size=size)
    try:
        shell.until(lambda t: bars.address[:9] in t.toolbar)
        shell.line("echo x")
        shell.until(lambda t: "x" in t.rows)
        shell.resize(60, 15)
        shell.send("frame ")
        shell.until(lambda t: "frame" in t.text and bars.address in t.text)
        shell.line("12")
        shell.until(lambda t: "■ 12" in t.toolbar)
    finally:
        shell.close()


def test_no_colour_when_it_is_not_wanted(bars: PlayerProcess, home: Path) -> None:
    shell = Terminal.rvshell(bars.address, home=home, NO_COLOR="1")
    try:
        shell.until(lambda t: "1–100" in t.toolbar)
        shell.line("echo colourless")
        shell.until("\ncolourless")
        assert not re.search(rb"\x1b\[[\d;]*(3[1-7]|4[1-7]|9\d|38;|48;)[\d;]*m", shell.raw)
    finally:
        shell.close()


def test_a_dumb_terminal_can_be_typed_at(bars: PlayerProcess, home: Path) -> None:
    shell = Terminal.rvshell(bars.address, home=home, TERM="dumb")
    try:
        shell.until(">")
        shell.line("frame() + 500")
        shell.until("501")
        shell.line("quit")
        assert shell.ended() == 0
    finally:
        shell.close()


# -- verbs of the prompt itself ------------------------------------------------------


def test_events_are_printed_above_the_prompt(
    terminal: Terminal, bars: PlayerProcess, home: Path
) -> None:
    terminal.line("events filter ^my-")
    terminal.until(ready)
    terminal.send("echo typ")
    rvshell(bars.address, "event", "other", "x", home=home)
    rvshell(bars.address, "event", "my-event", "one\x1b[31m two", home=home)
    terminal.until("[my-event] one\\x1b[31m two")
    terminal.until(lambda t: t.prompt.endswith("echo typ"))
    terminal.send("ed\r")
    terminal.until("\ntyped")
    assert "[other]" not in terminal.text
    terminal.line("events off")
    terminal.line("events")
    terminal.until("\noff")


def test_what_is_to_be_done_on_an_event(
    terminal: Terminal, bars: PlayerProcess, home: Path
) -> None:
    terminal.line("on play-stop 'echo stopped at $frame'")
    terminal.until(ready)
    rvshell(bars.address, "-c", "frame 5; play; stop; frame 7", home=home)
    terminal.until("stopped at")
    terminal.line("on")
    terminal.until("echo stopped")
    terminal.line("off play-stop")
    terminal.until(ready)


def test_history_timing_and_recalling(terminal: Terminal) -> None:
    terminal.line("echo remembered")
    terminal.line("history -n 3")
    terminal.until(lambda t: re.search(r"\n +1  echo remembered\n", t.text))
    terminal.line("!1")
    terminal.until(lambda t: t.text.count("\nremembered") == 2)
    terminal.line("!99")
    terminal.until("no line 99 in the history")
    terminal.line("timing on")
    terminal.line("frame")
    terminal.until(
        lambda t: re.search(r"time: [\d.]+ ms = here [\d.]+ \+ wire ([\d.]+ \+|and) far", t.text)
    )


def test_the_rc_file_runs_after_connecting_and_only_it(bars: PlayerProcess, home: Path) -> None:
    folder = home / ".config" / "rvshell"
    folder.mkdir(parents=True)
    (folder / "rc.rvs").write_text("alias now = 'echo it is $frame'\ndef go {\n  frame $1\n}\n")
    (folder / "config.toml").write_text('editing = "vi"\nprompt = "%f of %e: "\n')
    work = home / "work"
    work.mkdir()
    (work / "rc.rvs").write_text("echo owned\n")
    shell = Terminal.rvshell(bars.address, home=home, cwd=work)
    try:
        shell.until(lambda t: "1 of 100:" in t.prompt and "vi-insert" in t.toolbar)
        shell.line("go 6; now")
        shell.until("\nit is 6")
        assert "owned" not in shell.text
    finally:
        shell.close()
    plain = Terminal.rvshell("--no-rc", bars.address, home=home)
    try:
        plain.until("of 100:")
        plain.line("now")
        plain.until("Mu: ")
    finally:
        plain.close()


def test_a_transcript_has_lines_and_answers_without_secrets(terminal: Terminal, home: Path) -> None:
    terminal.line("tee session.log")
    terminal.line("frame() + 70")
    terminal.until("\n71")
    terminal.line("echo token=hunter2")
    terminal.line("nope()")
    terminal.until("Mu: ")
    terminal.line("tee off")
    terminal.until(ready)
    text = (home / "session.log").read_text()
    assert "> frame() + 70\n71\n" in text and "token=***" in text and "Mu: " in text
    assert "hunter2" not in text


def test_long_output_is_paged(bars: PlayerProcess, home: Path) -> None:
    shell = Terminal.rvshell(bars.address, home=home, PAGER="head -3")
    try:
        shell.until(ready)
        shell.line("help")
        shell.until("Start here:")
        shell.line("echo done")
        shell.until("\ndone")
        assert "Scripts:" not in shell.text
    finally:
        shell.close()


def test_destructive_verbs_ask_first(terminal: Terminal) -> None:
    terminal.line("clear")
    terminal.until("Remove all sources? [y/N]")
    terminal.line("n")
    terminal.until("not done")
    terminal.line("sources")
    terminal.until(f"\n{BARS}")
    terminal.line("clear")
    terminal.until(lambda t: t.text.count("[y/N]") == 2)
    terminal.line("y")
    terminal.until(lambda t: "1–100" not in t.toolbar and ready(t))


def test_a_second_ctrl_c_drops_a_connection_that_hangs(home: Path) -> None:
    import socketserver
    import threading

    class Silent(socketserver.BaseRequestHandler):
        """Greets, and never answers anything."""

        def handle(self) -> None:
            self.request.sendall(b"NEWGREETING 9 silent rv")
            while data := self.request.recv(65536):
                if b"play" in data:
                    asked.set()

    asked = threading.Event()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Silent) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        shell = Terminal.rvshell(f"127.0.0.1:{server.server_address[1]}", home=home)
        try:
            shell.until(lambda t: "silent rv" in t.toolbar)
            shell.line("echo go; play")
            shell.until("\ngo")
            shell.until(lambda t: asked.is_set())
            shell.key("ctrl-c")
            shell.until("^C cancelled (the far end may still run it)")
            shell.line("echo go2; frame")
            shell.until("\ngo2")
            shell.key("ctrl-c")
            shell.until(lambda t: "connection was dropped" in t.text or t.text.count("^C") == 2)
            shell.until(ready)
            shell.key("ctrl-d")
            assert shell.ended() == 0
        finally:
            shell.close()
            server.shutdown()


def test_simple_prompt(bars: PlayerProcess, home: Path) -> None:
    shell = Terminal.rvshell("--simple-prompt", bars.address, home=home)
    try:
        shell.until(lambda t: "1/100> " in t.prompt + " ")
        assert "F2" not in shell.text
        shell.line("frame() + 800")
        shell.until("\n801")
    finally:
        shell.close()


def test_many_events_leave_the_prompt_quick_and_small(
    terminal: Terminal, bars: PlayerProcess, home: Path
) -> None:
    def memory() -> int:
        """KiB of the shell's process."""
        status = Path(f"/proc/{terminal.child.pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0])

    def storm(last: int) -> None:
        text = "".join(f"frame {1 + n % 100}\n" for n in range(1000))
        done = rvshell(bars.address, "--pipeline", "-", home=home, stdin=f"{text}frame {last}\n")
        assert done.returncode == 0
        terminal.until(lambda t: f"■ {last}" in t.toolbar)

    storm(33)
    before = memory()
    storm(44)
    storm(55)
    assert memory() - before < 8 * 1024
    terminal.line("echo quick")
    terminal.until("\nquick")


def test_mu_that_is_wrong_is_shown_and_not_sent(terminal: Terminal) -> None:
    terminal.key("f2")
    terminal.until(lambda t: "mu F2" in t.toolbar)
    terminal.line("setFrame(2); 1 2")
    terminal.until(
        "unexpected '2' (Alt-Enter sends it all the same)\nsetFrame(2); 1 2\n               ^\n"
    )
    terminal.until(lambda t: "■ 1 " in t.toolbar)
    terminal.line("frame() +")
    terminal.until(lambda t: t.prompt.strip() == "...")
    terminal.line("41")
    terminal.until("\n42\n")
    terminal.send("1 2")
    terminal.key("alt-enter")
    terminal.until("Mu: syntax error")


def test_watch_draws_in_place_until_ctrl_c(
    terminal: Terminal, bars: PlayerProcess, home: Path
) -> None:
    terminal.line("watch 0.05 range")
    terminal.until("\nout")
    rvshell(bars.address, "in", "42", home=home)
    terminal.until(lambda t: re.search(r"in +42", t.text))
    assert len(re.findall(r"^in ", terminal.text, re.M)) == 1
    terminal.key("ctrl-c")
    terminal.until("^C cancelled")
    terminal.until(ready)


def test_the_last_failure_is_in_the_toolbar(terminal: Terminal) -> None:
    terminal.line("expect frame == 99")
    terminal.until(lambda t: "failed: 7" in t.toolbar)
    terminal.line("expect frame == 1")
    terminal.until(lambda t: "failed" not in t.toolbar and ready(t))


@pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")
def test_in_tmux(bars: PlayerProcess, home: Path) -> None:
    """The whole way a user goes: a real terminal multiplexer, keys, a screen."""
    socket_path = home / "mux"
    env = environment(home, SHELL="/bin/sh")

    def tmux(*words: str) -> str:
        command = ["tmux", "-S", str(socket_path), "-f", "/dev/null", *words]
        return subprocess.run(
            command, env=env, capture_output=True, text=True, timeout=30, check=True
        ).stdout

    def screen() -> str:
        return tmux("capture-pane", "-p", "-t", "shell")

    program = shlex.join([sys.executable, "-m", "rvshell", bars.address])
    tmux("new-session", "-d", "-s", "shell", "-x", "100", "-y", "24", program)
    try:
        until(lambda: "■ 1 " in screen(), "the toolbar")
        tmux("send-keys", "-t", "shell", "fullsc")
        until(lambda: "Show, set or toggle full screen." in screen(), "the menu")
        tmux("send-keys", "-t", "shell", "C-c", "frame 12", "Enter")
        until(lambda: "■ 12 " in screen(), "the frame")
        tmux("send-keys", "-t", "shell", "peek --size 20x6", "Enter")
        until(lambda: screen().count("▀▀▀▀") >= 5, "the picture")
        tmux("resize-window", "-t", "shell", "-x", "60", "-y", "15")
        tmux("send-keys", "-t", "shell", "echo resized", "Enter")
        until(lambda: "\nresized\n" in screen(), "the answer")
        tmux("send-keys", "-t", "shell", "C-d")
        until(lambda: not socket_path.exists() or not running(tmux), "the end")
    finally:
        subprocess.run(["tmux", "-S", str(socket_path), "kill-server"], capture_output=True)


def running(tmux: Callable[..., str]) -> bool:
    try:
        return "shell" in tmux("list-sessions")
    except subprocess.CalledProcessError:
        return False


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_the_player_it_started_ends_with_it(home: Path, number: signal.Signals) -> None:
    shell = Terminal.rvshell(home=home)
    try:
        found = re.search(r"started a player on (127.0.0.1:\d+)", shell.until("started a player"))
        assert found
        shell.until(lambda t: "■ 1 " in t.toolbar)
        assert rvshell(found[1], "frame", home=home).stdout == "1\n"
        shell.child.kill(number)
        assert shell.ended() == 128 + number
        assert rvshell("-t", found[1], "frame", home=home).returncode == 3
        assert "Traceback" not in shell.text
    finally:
        shell.close()


def test_a_job_runs_beside_the_prompt(terminal: Terminal, home: Path) -> None:
    terminal.line("wait frame == 77 --timeout 60; echo it came &")
    terminal.until("[1] wait frame")
    terminal.line("jobs")
    terminal.until(lambda t: re.search(r"1 +running .*wait frame", t.text))
    terminal.line("frame 77")
    terminal.until("it came\n[1] done: wait frame == 77")
    terminal.line("nope() &")
    terminal.until("[2] Mu: ")
    terminal.line("ply &")
    terminal.until("did you mean 'play'")


def test_sync_is_in_the_toolbar(terminal: Terminal) -> None:
    terminal.line("sync on")
    terminal.until(lambda t: "sync on" in t.toolbar)
    terminal.line("sync off")
    terminal.until(lambda t: "●" in t.toolbar and "sync" not in t.toolbar)


def test_the_vocabulary_of_the_far_end_is_asked_for(bars: PlayerProcess, home: Path) -> None:
    code = "rv.commands.brandNewThing = lambda: 1"
    assert rvshell(bars.address, "pyexec", code, home=home).returncode == 0
    shell = Terminal.rvshell(bars.address, home=home)
    try:
        shell.until(lambda t: "1–100" in t.toolbar)
        shell.send("brandNew")
        shell.until("known to the far end")
    finally:
        shell.close()
