"""The rights of a contact, command by command, and ways around them that must not work."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from player.daemon.limited import Limited
from player.network import Peer
from player.network.scopes import ALL, NAMES, command_scope
from player.scripting.engine import ScriptEngine
from player.session.session import Session
from tests.network.test_permissions import admin
from tests.players import running_player
from tests.waiting import until


class Bench:
    """An engine with a peer whose scopes the test chooses."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.engine = ScriptEngine(Session(), report=self.log.append)
        self.limited = Limited(self.engine, self.log.append)
        self.peer = Peer(None, address="10.0.0.1", port=1, local=False, incoming=True, since=0.0)
        self.peer.contact = "eve@far"

    def mu(self, text: str, *scopes: str) -> str:
        self.peer.scopes = frozenset(scopes)
        return self.limited.mu(self.peer, text)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.engine.close()


@pytest.mark.parametrize("scope", NAMES)
def test_no_command_is_reached_without_its_scope(bench: Bench, scope: str) -> None:
    """Whatever the arguments: the name alone is enough to be refused."""
    granted = ALL - {scope, "eval", "python"}
    for command in bench.engine.registry:
        if command_scope(command.name) in granted:
            continue
        full = f"{command.module}.{command.name}"
        for text in (f"{command.name}()", f"{full};", f"let x = {full};", f"(1).{full}()"):
            reply = bench.mu(text, *granted)
            assert "permission denied" in reply, (command.name, text, reply)


@pytest.mark.parametrize(
    "text",
    [
        "system.system(\"true\")", "use system; system(\"true\");", "require system;",
        "sys\\\ntem", "/* */ system.system(\"x\")", "commands.eval(\"1\")",
        "runtime.eval(\"1\", nil)",
        "\\: f (int;) { 1; } f();", "function: f (int;) { 1; }", "class: A { int x; }",
        "operator: + (int; int a, int b) { 1; }", "for_each (x; sources()) play();",
        "while (true) { play(); }", "do { play(); } while (true);", "repeat (100000000) play();",
        "case (1) { 1 -> { play(); } }", "let system = 1;", "let string = saveSession;",
        "global int x = 1;", "module: m { int x; }", "documentation: \"x\"", "x = 1",
        "qt.QWidget()", "io.path.exists(\"/etc\")", "getenv(\"HOME\")", "string(getenv)",
        "bind(\"a\", \"b\", \"c\", nil, \"d\")", "int[] {1}.system", "\"\".system(\"x\")",
        "import os", "`true`", "$(true)", "#!", "join(nodes(), \"\")", "commands.join",
        "qt.QFile.remove(\"/x\")", "system.size", "let x = frame(); x.name(1)", "(1).name(2)",
        "system._0", "string.join", "\"\".join(nodes())", "let f = commands.name; f(1)",
    ],
)  # fmt: skip
def test_ways_around_are_refused(bench: Bench, text: str) -> None:
    reply = bench.mu(text, "view", "control", "pixels", "media")
    assert "permission denied" in reply, reply
    assert bench.log[-1].startswith("WARNING: eve@far: permission denied")


@pytest.mark.parametrize("text", ["play\u0000system()", "\uff53ystem()", "frame \u00a0 system()"])
def test_where_the_language_ends_the_text_ends(bench: Bench, text: str) -> None:
    """The check reads with the language's own scanner: it sees what would be run."""
    assert bench.mu(text, "view", "control") in (
        "",
        bench.mu(text[:5].strip("\0"), "view", "control"),
    )


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("frame()", "1"), ("commands.frame();", "1"), ("(frame(), fps())", "(1, 24.0)"),
        ('"x" + "y"', '"xy"'), ("sources().size()", "0"), ("1 + 2 * 3;", "7"),
        ("string[] {\"a\", \"system\"};", 'string[] {"a", "system"}'),
        ("let n = sources(); n.size();", "0"), ("if (isPlaying()) stop(); frame();", "1"),
        ("// system\nframe();", "1"), ("try { setFrame(3); } catch (...) {;}", "void"),
        ("{ let a = 1; setFrame(a); }", "void"), ("require commands; frame();", "1"),
        ('string.join(nodesOfType("RVSequenceGroup"), "\n")', '"defaultSequence"'),
        ('propertyInfo("defaultSequence.ui.name").size', "1"),
        ('nodeConnections("defaultSequence", false)._0.size()', "0"),
        ('let i = propertyInfo("defaultSequence.ui.name"); (i.type, i.size);', "(8, 1)"),
    ],
)  # fmt: skip
def test_what_clients_send_is_run(bench: Bench, text: str, reply: str) -> None:
    assert bench.mu(text, "view", "control") == reply


WORDS = ("system", "eval", "bind", "saveSession", "close", "play", "frame", "let", "x", "=", "(",
         ")", "{", "}", ";", ".", "commands", '"a"', "1", "function:", "use", "require", "runtime",
         "try", "catch", "...", ",", "io", "getenv", "remoteConnect")  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(words=st.lists(st.sampled_from(WORDS), max_size=14))
def test_no_sequence_of_words_reaches_the_machine(words: list[str]) -> None:
    bench = _shared()
    text = " ".join(words)
    reply = bench.mu(text, "view", "control")
    forbidden = {"system", "eval", "bind", "saveSession", "close", "function:", "use", "runtime",
                 "io", "getenv", "remoteConnect"}  # fmt: skip
    # What does not parse (a dangling `function:`) is answered before anything is judged or run.
    refused = "permission denied" in reply or "syntax error" in reply
    assert not forbidden.intersection(words) or refused, (text, reply)


_benches: list[Bench] = []


def _shared() -> Bench:
    if not _benches:
        _benches.append(Bench())
        _benches[0].engine.guard.close()
    return _benches[0]


def test_a_program_of_another_user_is_asked_about(tmp_path: Path) -> None:
    """A real process of another user on this machine."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("only root can start a program as another user")
    with running_player(env={"PLAYER_CONFIG_DIR": str(tmp_path)}) as player:
        other = subprocess.Popen(
            ["setpriv", "--reuid", "65534", "--clear-groups", "bash", "-c",
             f"exec 3<>/dev/tcp/127.0.0.1/{player.port}; "
             "printf 'NEWGREETING 6 me app' >&3; head -c 8 <&3"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        with player.client() as local:
            (question,) = until(lambda: admin(local, "pending"))
            assert question["contact"] == "me@localhost"
            admin(local, "answer", id=question["id"], answer="allow")
            assert other.communicate(timeout=20)[0] == b"GREETING"
        assert any("of user nobody" in line for line in player.log)
