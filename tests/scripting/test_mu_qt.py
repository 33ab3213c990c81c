"""Qt's questions about files, as packages written in Mu ask them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from player.mu import Interpreter
from player.scripting.engine import Policy, ScriptEngine
from player.scripting.mu_qt import register_qt_files
from player.session.session import Session

WHOLE = r"""
module: whole {
    use rvtypes;
    use commands;
    require qt;

    class: Whole : MinorMode
    {
        method: widen (void; Event event)
        {
            let (path, how) = (event.contents().split(";;")[0], event.returnContents()),
                info = qt.QFileInfo(if how != "" then how else path);
            event.reject();
            if (info.exists() && info.isFile())
            {
                event.setReturnContent(info.absolutePath() + "/" + info.completeBaseName());
            }
        }

        method: Whole (Whole; string name)
        {
            init(name, [("incoming-source-path", widen, "")], nil);
        }
    }
}
"""


@pytest.fixture
def engine() -> Iterator[ScriptEngine]:
    made = ScriptEngine(Session(), policy=Policy(limit=60.0), report=lambda text: None)
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.0001.exr", "a.txt", "C.tar.gz", ".hidden"):
        (tmp_path / name).write_text(name)
    (tmp_path / "sub").mkdir()
    (tmp_path / "link").symlink_to("a.txt")
    return tmp_path


def test_a_package_that_looks_at_what_comes_in(engine: ScriptEngine, folder: Path) -> None:
    engine.mu(WHOLE)
    engine.mu('{ rvtypes.MinorMode m = whole.Whole("whole-mode"); m.toggle(); }')
    session = engine.context.session
    assert session.send("incoming-source-path", f"{folder}/b.0001.exr;;") == f"{folder}/b.0001"
    assert session.send("incoming-source-path", f"{folder}/b.#.exr;;") == ""


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("(i.fileName(), i.baseName(), i.completeBaseName())", '("C.tar.gz", "C", "C.tar")'),
        ("(i.suffix(), i.completeSuffix(), i.size())", '("gz", "tar.gz", 8)'),
        ("(i.exists(), i.isFile(), i.isDir(), i.isHidden())", "(true, true, false, false)"),
        ('i.canonicalFilePath() == i.path() + "/" + i.fileName()', "true"),
    ],
)
def test_what_is_known_of_a_file(engine: ScriptEngine, folder: Path, asked: str, told: str) -> None:
    assert engine.mu(f'{{ let i = qt.QFileInfo("{folder}/C.tar.gz"); {asked}; }}') == told


def test_a_file_that_is_not_there(engine: ScriptEngine, folder: Path) -> None:
    code = f'{{ let i = qt.QFileInfo("{folder}/no\\0"); (i.exists(), i.canonicalFilePath()); }}'
    assert engine.mu(code) == '(false, "")'
    assert engine.mu("qt.QFileInfo(nil).exists()") == "false"


def test_a_folder(engine: ScriptEngine, folder: Path) -> None:
    def listed(arguments: str) -> str:
        return engine.mu(f'qt.QDir("{folder}").entryList({arguments})')

    every = "qt.QDir.AllEntries | qt.QDir.NoDotAndDotDot"
    assert listed(f"{every}, qt.QDir.Name") == (
        'string[] {"a.txt", "b.0001.exr", "C.tar.gz", "link", "sub"}'
    )
    assert listed(f"{every} | qt.QDir.NoSymLinks | qt.QDir.Hidden, 0") == (
        'string[] {".hidden", "a.txt", "b.0001.exr", "C.tar.gz", "sub"}'
    )
    assert listed("qt.QDir.Dirs, 0") == 'string[] {".", "..", "sub"}'
    globs = 'string[] {"*.EXR", "a*"}'
    assert listed(f"{globs}, qt.QDir.Files, 0") == 'string[] {"a.txt", "b.0001.exr"}'
    infos = f'for_each (i; qt.QDir("{folder}").entryInfoList({every}, 0)) if (i.isDir()) '
    assert engine.mu(f'{{ string r = ""; {infos} r += i.filePath(); r; }}') == f'"{folder}/sub"'


def test_changes(engine: ScriptEngine, folder: Path) -> None:
    new, old = f'"{folder}/new.txt"', f'"{folder}/a.txt"'
    assert engine.mu(f"qt.QFile.copy({old}, {new})") == "true"
    assert engine.mu(f"qt.QFile.copy({old}, {new})") == "false"  # never over another file
    assert engine.mu(f"qt.QFile.rename({new}, {old})") == "false"
    assert engine.mu(f"(qt.QFile.remove({new}), qt.QFile.remove({new}))") == "(true, false)"
    steps = 'd.mkpath("x/y"), d.exists("x/y"), d.cd("x"), d.dirName(), d.rmdir("y"), d.cd("y")'
    assert engine.mu(f'{{ let d = qt.QDir("{folder}"); ({steps}); }}') == (
        '(true, true, true, "x", true, false)'
    )


def test_changes_are_asked_for(folder: Path) -> None:
    mu = Interpreter(permit=lambda action, detail: False)
    register_qt_files(mu)
    assert "remove is not permitted" in mu.reply(f'qt.QFile.remove("{folder}/a.txt")', "mu")
    assert (folder / "a.txt").exists()
