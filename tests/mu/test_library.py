"""Library functions where RV's arithmetic is its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from player.mu import Interpreter

ANSWERS = [
    # edges may be swapped, and every step rounds to 32 bits
    ("math_util.linstep(2.0, 1.0, 1.25)", "0.75"),
    ("math_util.smoothstep(2.0, 1.0, 1.25)", "0.84375"),
    ("math_util.hermite(1.5, 0.25, 1e3, 0.5, 0.3)", "146.699"),
    ("math_util.rotate(vector float[3](1,0,0), vector float[3](0,0,1), 0.0)", "<1, 0, 0>"),
    # zeros, infinities and what is not a number keep their signs
    ("math.ceil(-0.5)", "-0.0"),
    ("math.abs(0.0)", "-0.0"),
    ("math.pow(-0.0, -1.0)", "-inf.0"),
    ("math.pow(-0.0, -2.0)", "inf.0"),
    ("math.pow(double(-1e30), double(33))", "-inf.0"),
    ("math.hypot(0.0 / 0.0, 1.0)", "-nan"),
    # half: bits are converted once too often, steps are mixed up
    ("half.bits(half(0.5))", "29440"),
    ("half.convert(short(15360))", "1.0h"),
    ("half.round(half(0.3333), 2)", "0.3125h"),
    ("half h = half(0.5); (h++, h);", "(15872.0h, 1.5h)"),
    ("half h = half(2.5); (--h, h);", "(2.5h, 1.5h)"),
    # characters UTF-8 has nothing for
    ("char(-5)", 'ERROR: remote-eval: exception: "unknown exception"'),
    ("[char(55296)]", 'ERROR: remote-eval: exception: "unknown exception"'),
    ("char() + 'a'", '"a"'),
    ("char(-2147483647) + -2147483647", "'\\u0002'"),
    # arrays compare by their bits
    ("int[] a = nil; int[] b = nil; a == b;", "true"),
    ("int[] a = nil; int[] b = {1}; b == a;", "false"),
    ("float[] a = {0.0}; float[] b = {-0.0}; a == b;", "false"),
    ("int[] a = {1,2,3}; a.erase(1, -1); a;", "int[] {1, 1, 2, 3}"),
    ("vector float[2] v = vector float[2](1,2); v[3];",
     'ERROR: remote-eval: exception: "unknown exception"'),
    ("(vector float[2](1,2))[3]", 'ERROR: remote-eval: exception: "syntax error"'),
    # escapes are shown in exceptions and expressions, too
    ('exception("a\\"b")', 'exception: "a\\"b"'),
    ('regex("a\\nb")', '"a\\nb"r'),
    ('io.path.concat_paths("a", "b")', '"a:b"'),
    ('io.path.dirname("/a/b/")', '"/a/"'),
    ('io.path.join("a/", "b")', '"a/b"'),
    ("io.osstream()", '<#io.osstream "">'),
    ('io.isstream("x")', '<#io.isstream "x">'),
    ('let s = io.osstream(); io.print(s, 1e10); io.print(s, true); io.endl(s); string(s);',
     '"1e+101\\n"'),
    ('let s = io.isstream("12, 3.5 b c"); '
     '(io.read_int(s), io.read_char(s), io.read_float(s), io.read_string(s, 2), s.eof());',
     "(12, ',', 3.5, \"c\", true)"),
    ('let s = io.isstream("ab\\ncd"); '
     '(io.read_line(s, \'\\n\'), s.tellg(), io.read_all(s), s.good());',
     '("ab", 3, "cd", false)'),
    ('let s = io.isstream("zz"); (io.read_float(s), s.fail(), s.eof(), bool(s), !s);',
     "(0.0, true, false, false, true)"),
    ('let s = io.isstream("hello"); byte[] b; (s.read(b, 3), b, s.seekg(1), s.read());',
     '(3, byte[] {104, 101, 108}, <#io.isstream "hello">, 101)'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "answer"), ANSWERS)
def test_answers(text: str, answer: str) -> None:
    assert Interpreter().reply(text).split("\n")[0] == answer


LISTING = r"""
\: list (void; string path, string indent)
{
    for_each (e; io.directory(path))
    {
        let (name, kind) = e;
        if (name == "." || name == "..") continue;
        print("%s%s\n" % (indent, name));
        if (kind == io.DirFileType) list(io.path.join(path, name), indent + "  ");
    }
}
"""


def test_a_directory_is_listed_down_to_the_bottom(tmp_path: Path) -> None:
    (tmp_path / "shots" / "a").mkdir(parents=True)
    (tmp_path / "shots" / "a" / "1.exr").touch()
    (tmp_path / "notes.txt").touch()
    out: list[str] = []
    mu = Interpreter(LISTING, output=out.append)
    assert mu.reply(f'list("{tmp_path}", "");') == "void"
    assert "".join(out) == "notes.txt\nshots\n  a\n    1.exr\n"


def test_files_take_a_permission(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    mu = Interpreter(permit=lambda action, detail: detail == str(path))
    write = f'let f = io.ofstream("{path}"); io.print(f, "one\ntwo"); f.close(); f.is_open();'
    assert mu.reply(write) == "false"
    assert path.read_text() == "one\ntwo"
    assert mu.reply(f'io.read_all(io.ifstream("{path}"))') == '"one\\ntwo"'
    assert "read a file is not permitted here" in mu.reply('io.ifstream("/etc/passwd")')
