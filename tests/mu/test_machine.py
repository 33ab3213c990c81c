"""Programs and files from Mu: ``io.process`` and what of ``system`` needs permission."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from player.mu import Interpreter

REFUSED = "is not permitted here: start the player with permission for it"


@pytest.fixture
def mu() -> Interpreter:
    return Interpreter(permit=lambda action, detail: action != "exit", output=lambda text: None)


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ('{ let p = io.process("/bin/echo", ["hi", "you"], int64(60000));'
         " let s = io.read_all(p.out()); (s, p.close(), p.exit_code(), bool(p)); }",
         r'("hi you\n", true, 0, false)'),
        ('{ let p = io.process("/bin/cat", nil, int64(60000)); io.print(p.in(), "abc\\n");'
         ' let line = io.read_line(p.out(), \'\\n\'); io.print(p.in(), "2 x"); p.close_in();'
         " let o = p.out(); (line, io.read_int(o), io.read_string(o), o.eof(), p.close()); }",
         '("abc", 2, "x", true, true)'),
        ('{ let p = io.process("/bin/sh", ["-c", "echo bad 1>&2; exit 3"], int64(60000));'
         " (io.read_string(p.err()), p.close(), p.exit_code()); }",
         '("bad", true, 0)'),
        ('{ let p = io.process("/bin/sleep", ["1000"], int64(-1)); p.kill(); p.close(); }',
         "true"),
        ('{ let p = io.process("/bin/sleep", ["1000"], int64(50)); let s = io.read_all(p.out());'
         " (s, p.out().bad(), p.close(), bool(p)); }",
         '("", true, false, false)'),
        ('{ let p = io.process("/bin/sleep", ["1000"], int64(-1)); int code = -5;'
         " try { code = p.exit_code(); } catch (...) { code = -1; } p.kill(); code; }", "-1"),
        ("{ let (a, b) = system.pipe(); let n = system.write(b, byte[]{1,2,3});"
         " byte[] q = byte[]{0,0,0,0,0}; (n, system.read(a, q), q); }",
         "(3, 3, byte[] {1, 2, 3, 0, 0})"),
        ('{ system.setenv("ZZ_MU", "1", true); let a = system.getenv("ZZ_MU");'
         ' system.unsetenv("ZZ_MU"); (a, system.getenv("ZZ_MU", "gone")); }', '("1", "gone")'),
        ('system.system2("echo hi")', r'"hi\n"'),
        ('system.system("exit 3")', "768"),
    ],
)  # fmt: skip
def test_with_permission(mu: Interpreter, text: str, reply: str) -> None:
    assert mu.reply(text) == reply


def test_files(mu: Interpreter, tmp_path: Path) -> None:
    assert mu.reply(f'system.mkdir("{tmp_path}/made", 448)') == "void"
    assert (tmp_path / "made").is_dir()
    assert mu.reply(
        f'{{ let f = system.open("{tmp_path}/made/x", system.O_RDWR | system.O_CREAT, 384);'
        " system.write(f, byte[]{104, 105}); system.lseek(f, 1, 0); byte[] q = byte[]{0};"
        " system.read(f, q); system.close(f); q; }"
    ) == "byte[] {105}"  # fmt: skip
    assert (tmp_path / "made" / "x").read_bytes() == b"hi"
    mu.reply(f'system.link("{tmp_path}/made/x", "{tmp_path}/y")')
    mu.reply(f'system.unlink("{tmp_path}/made/x")')
    assert sorted(p.name for p in tmp_path.iterdir()) == ["made", "y"]
    (tmp_path / "z").symlink_to("elsewhere")
    assert mu.reply(f'system.readlink("{tmp_path}/z")') == '"elsewhere"'
    assert mu.reply(f'{{ let s = system.stat("{tmp_path}/y"); system.S_ISREG(s.st_mode); }}') == (
        "true"
    )


def test_the_hosts_descriptors_are_out_of_reach(mu: Interpreter, tmp_path: Path) -> None:
    with (tmp_path / "own").open("w+") as own:
        number = own.fileno()
        for text in (f"system.close({number})", f"system.write({number}, byte[]{{1}})",
                     f"system.dup({number})", "system.close(0)"):  # fmt: skip
            assert mu.reply(text).startswith('ERROR: remote-eval: exception: "unknown exception"')
        os.fstat(number)


@pytest.mark.parametrize(
    "text",
    ['io.process("/bin/true", nil, int64(0))', 'system.mkdir("/x", 0)', 'system.unlink("/x")',
     'system.system2("true")', "system.kill(1, 0)", 'system.open("/dev/null", 0, 0)',
     "system.pipe()", "runtime.exit(3)", "system.umask(0)", 'system.chdir("/")'],
)  # fmt: skip
def test_without_permission(text: str) -> None:
    reply = Interpreter(output=lambda text: None).reply(text)
    assert REFUSED in reply


@pytest.mark.parametrize(
    "text",
    ["system.fork()", "system._exit(3)", 'system.exec("/bin/true", nil, nil)', "system.setuid(5)",
     "system.dup2(0, 1)"],
)  # fmt: skip
def test_what_would_end_the_player_is_not_offered(mu: Interpreter, text: str) -> None:
    assert "is not available in this player" in mu.reply(text)


def test_a_program_cannot_signal_the_player(mu: Interpreter) -> None:
    assert mu.reply(f"system.kill({os.getpid()}, 15)").startswith("ERROR")
    assert mu.reply("system.kill(0, 9)").startswith("ERROR")


def test_exit_needs_its_own_permission(mu: Interpreter) -> None:
    assert REFUSED in mu.reply("runtime.exit(3)")
    with pytest.raises(SystemExit) as ended:
        Interpreter(permit=lambda action, detail: True).reply("runtime.exit(3)")
    assert ended.value.code == 3
