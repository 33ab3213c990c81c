"""Attempts to reach Python or the machine from Mu: Mu code gets what Mu offers, nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from player.mu import Interpreter

SECRET = "MU_TEST_SECRET"


@pytest.fixture
def mu() -> Interpreter:
    interpreter = Interpreter(output=lambda text: None, deadline=5.0)
    interpreter.register_function("commands", "frame", "int ()", lambda: 42)
    interpreter.register_struct("Info", [("name", "string")])
    interpreter.register_opaque_class("Event", [("name", "string", (), lambda event: "e")])
    return interpreter


PYTHON_NAMES = [
    "__class__", "__init__", "__globals__", "__builtins__", "__import__", "__dict__",
    "__subclasses__", "__mro__", "__code__", "__getattribute__", "items", "fields", "call",
    "symbol", "message",
    "_ctx", "_main", "_concat", "_virtual", "namespace", "append", "format", "encode", "join",
    "eval", "exec", "open", "globals", "compile", "getattr", "chr", "str", "len", "os", "sys",
    "HELPERS", "k0", "v1_x", "self",
]  # fmt: skip


PLACES = [
    "{name};", "{name}();", "\"a\".{name};", "\"a\".{name}();", "int[] {1}.{name};",
    "string s = \"a\"; s.{name};", "int[] a; a.{name}(1);", "let f = commands.frame; f.{name};",
    "exception(\"a\").{name};", "Info().{name};", "(1, 2).{name};", "commands.{name};",
]  # fmt: skip


@pytest.mark.parametrize("name", PYTHON_NAMES)
def test_python_names_mean_nothing(mu: Interpreter, name: str) -> None:
    for text in PLACES:
        # unknown to Mu; "join" is a function of its strings, which takes more than this
        assert mu.reply(text.replace("{name}", name)).startswith(("ERROR: ", "string.join"))


@pytest.mark.parametrize(
    "text",
    [
        'int x = 3; x; "\\"); import os; os.abort(); (\\"";',
        "\"'''\\nimport os\\n'''\";",
        '"\\\\" + "\\n" + "{0}" + "{t}" + "{ret}";',
        '"{0.__class__}" % 1;',
        '"%(a)s" % 1;',
        '"%s" % "{__builtins__}";',
        "'\\u0000';",
        '"\\u0000\\u000a\\u000d";',
    ],
)
def test_literals_stay_literals(mu: Interpreter, text: str) -> None:
    assert isinstance(mu.reply(text), str)
    assert mu.reply("1 + 1") == "2"


@pytest.mark.parametrize(
    "name",
    ["def", "class", "import", "None", "True", "lambda", "exec", "nonlocal", "async", "__name__"],
)
def test_python_keywords_are_ordinary_names(mu: Interpreter, name: str) -> None:
    assert mu.reply(f"{{ int {name} = 3; {name} += 1; {name}; }}") == "4"
    assert mu.reply(f"\\: {name}f (int; int {name}) {{ {name} + 1; }} {name}f(4);") == "5"


MACHINE = [
    ("system.system(\"touch {path}\")", "system"),
    ("int r = system.system(\"touch {path}\"); r;", "system"),
    ("let f = system.system; f(\"touch {path}\");", "system"),
    ("system.setenv(\"" + SECRET + "\", \"x\", true)", "setenv"),
    ("system.putenv(\"" + SECRET + "=x\")", "putenv"),
    ("runtime.exit(0)", ""),
    ("runtime.exit()", ""),
    ("system.kill(1, 9)", ""),
    ("system.fork()", ""),
    ("system.unlink(\"{path}\")", ""),
    ("system.mkdir(\"{path}\", 511)", ""),
    ("system.execv(\"/bin/sh\", [\"sh\"])", ""),
    ("io.ofstream(\"{path}\")", ""),
    ("io.ofstream(\"{path}\", 0)", ""),
    ("io.process(\"/bin/sh\", [\"-c\"], int64(0))", ""),
    ("io.print(io.ofstream(\"{path}\"), \"x\")", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "action"), MACHINE)
def test_the_machine_is_out_of_reach(
    mu: Interpreter, tmp_path: Path, text: str, action: str
) -> None:
    path = tmp_path / "made"
    reply = mu.reply(text.replace("{path}", str(path)))
    assert reply.startswith("ERROR: remote-eval: exception: ")
    assert not path.exists()
    assert SECRET not in os.environ


@pytest.mark.parametrize(("text", "action"), [m for m in MACHINE if m[1]])
def test_a_refusal_says_what_is_missing(
    mu: Interpreter, tmp_path: Path, text: str, action: str
) -> None:
    call = text.replace("{path}", str(tmp_path / "made")).rstrip(";").removesuffix("; r")
    call = call.replace("let f = system.system; f(", "system.system(").replace("int r = ", "")
    guarded = f"string why; try {{ {call}; }} catch (exception e) {{ why = string(e); }} why;"
    assert f"{action} is not permitted here" in mu.reply(guarded)
    assert f'exception: "{action} is not permitted here' in mu.reply(f"{call};")


def test_permission_opens_what_it_names(tmp_path: Path) -> None:
    asked: list[tuple[str, str]] = []

    def permit(action: str, detail: str) -> bool:
        asked.append((action, detail))
        return action == "system"

    mu = Interpreter(permit=permit)
    path = tmp_path / "made"
    assert mu.reply(f'system.system("touch {path}")') == "0"
    assert path.exists()
    assert mu.reply(f'system.putenv("{SECRET}=x")').startswith("ERROR")
    assert asked == [("system", f"touch {path}"), ("putenv", f"{SECRET}=x")]


def test_runtime_eval_has_no_more_rights(mu: Interpreter, tmp_path: Path) -> None:
    path = tmp_path / "made"
    inner = f'system.system(\\"touch {path}\\")'
    assert mu.reply(f'runtime.eval("{inner}", ["commands"])').startswith("ERROR")
    assert not path.exists()
    assert mu.reply('runtime.eval("frame() + 1", ["commands"])') == '"43"'


def test_host_functions_get_values_of_their_types_only(mu: Interpreter) -> None:
    seen: list[object] = []
    mu.register_function(
        "commands", "take", "void (string s, int[] a)", lambda s, a: seen.append(s)
    )
    for text in ("take(3.5, nil)", "take((1, 2), nil)", "take(frame, nil)", "take(nil, 3)"):
        mu.reply(text)
    assert all(s is None or isinstance(s, str) for s in seen)


def test_the_library_cannot_be_replaced(mu: Interpreter) -> None:
    mu.reply("module: system { \\: system (int; string s) { 7; } }")
    mu.reply("module: math { \\: sin (float; float x) { 7.0; } }")
    other = Interpreter()
    assert other.reply("math.sin(0.0)") == "0.0"
    assert other.reply('system.system("true")').startswith("ERROR")
