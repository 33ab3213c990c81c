"""The import tables of both packages (see their ``__init__`` docstrings), enforced.

Every import statement is looked at, also those inside functions: a lazy import is still a
dependency. ``if TYPE_CHECKING:`` blocks count too, since a type is knowledge of the other room.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[1]

# room -> rooms (of either package) it may import besides itself
RVSHELL = {
    "errors": set(),
    "vectored": set(),
    "leaving": set(),
    "moviecolour": set(),
    "chroma": {"rvshell.errors"},
    "protocol": {"rvshell.errors"},
    "client": {"rvshell.errors", "rvshell.protocol"},
    "pixels": {
        "rvshell.errors",
        "rvshell.protocol",
        "rvshell.client",
        "rvshell.vectored",
        "rvshell.moviecolour",
        "rvshell.chroma",
    },
    "bridge": {"rvshell.errors", "rvshell.protocol", "rvshell.client", "rvshell.pixels"},
    "rvlink": {"rvshell.errors"},
    "rvpush": {"rvshell.errors", "rvshell.protocol", "rvshell.client", "rvshell.rvlink"},
    "verbs": {"rvshell.errors", "rvshell.client", "rvshell.pixels"},
    "script": {"rvshell.errors", "rvshell.client", "rvshell.verbs"},
    # the one exception of the house: the shell may use the front end of the language
    "shell": {"rvshell.errors", "rvshell.client", "rvshell.verbs", "rvshell.script", "player.mu"},
    "cli": {"*rvshell", "player.mu"},
    "__main__": {"*rvshell"},
    "__init__": {"rvshell.client"},
}
PLAYER = {
    "session": set(),
    "options": set(),
    "mu": set(),
    # rvlink: what a link may say is one list for both ends
    "commands": {"player.session", "rvshell.rvlink", "rvshell.errors"},
    "scripting": {"player.session", "player.commands", "player.mu"},
    "media": {
        "rvshell.errors",
        "rvshell.vectored",
        "rvshell.moviecolour",
        "rvshell.chroma",
        "player.session",
    },  # implements its ports
    "cache": {"rvshell.errors", "player.heap", "player.media", "player.session"},
    "image": {"rvshell.errors", "player.session", "player.media", "player.cache"},
    "encoding": {"rvshell.errors", "player.media"},
    "drawing": {"rvshell.errors"},
    "finishing": {"player.image"},
    "audio": {"rvshell.errors", "player.session", "player.media"},
    "display": {"rvshell.errors", "player.session", "player.image"},
    "network": {"rvshell.errors", "rvshell.protocol", "rvshell.client", "player.session"},
    "daemon": {"*player", "rvshell.errors", "rvshell.protocol"},
    "commandline": {"*player", "rvshell.errors", "rvshell.rvlink"},
    "heap": set(),
    "__main__": {"player.heap", "player.commandline", "rvshell.leaving"},
    "rvio": {
        "player.heap",
        "player.options",
        "player.commandline",
        "player.encoding",
        "rvshell.errors",
        "rvshell.leaving",
    },
    "rvls": {
        "player.media",
        "player.encoding",
        "player.session",
        "rvshell.errors",
        "rvshell.leaving",
    },
    "__init__": set(),
}


def room_of(path: Path, package: str) -> str:
    return path.relative_to(REPO / package).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Absolute names of the modules of ours that a file imports."""
    module = path.relative_to(REPO).with_suffix("").parts
    package = module[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            name = ".".join(p for p in (base, node.module) if p)
            if name in ("rvshell", "player"):
                found.update(f"{name}.{alias.name}" for alias in node.names)
            else:
                found.add(name)
    return {name for name in found if name.split(".")[0] in ("rvshell", "player")}


def files(package: str) -> list[Path]:
    return sorted((REPO / package).rglob("*.py"))


@pytest.mark.parametrize(
    ("package", "table"), [("rvshell", RVSHELL), ("player", PLAYER)], ids=["rvshell", "player"]
)
def test_rooms_import_only_what_the_table_allows(package: str, table: dict[str, set[str]]) -> None:
    broken = []
    for path in files(package):
        room = room_of(path, package)
        assert room in table, f"{path}: a room that the table does not know"
        allowed = table[room]
        for name in sorted(imports(path)):
            top, _, rest = name.partition(".")
            target = f"{top}.{rest.split('.')[0]}" if rest else top
            if target == f"{package}.{room}" or f"*{top}" in allowed or target in allowed:
                continue
            if rest == "__version__" or (top == package and rest.startswith("__version__")):
                continue
            broken.append(f"{path.relative_to(REPO)} imports {name}")
    assert not broken, "\n".join(broken)


def test_protocol_is_standard_library_only() -> None:
    import sys

    for path in files("rvshell"):
        if room_of(path, "rvshell") not in ("protocol", "errors", "client"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for name in names:
                top = name.split(".")[0]
                assert top in sys.stdlib_module_names or top == "rvshell", f"{path}: {name}"


def test_protocol_touches_no_socket_clock_or_thread() -> None:
    for path in files("rvshell"):
        if room_of(path, "rvshell") != "protocol":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            forbidden = {"socket", "time", "threading", "asyncio", "select", "selectors"}
            assert not forbidden.intersection(names), path


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import rvshell", {"numpy", "prompt_toolkit", "asyncio", "OpenImageIO", "click"}),
        ("import rvshell.client", {"numpy", "prompt_toolkit", "asyncio", "OpenImageIO"}),
        ("import player.session", {"numpy", "asyncio", "threading_", "OpenImageIO"}),
        ("import player.mu", {"numpy", "asyncio", "OpenImageIO"}),
    ],
)
def test_light_imports(statement: str, unwanted: set[str]) -> None:
    import subprocess
    import sys

    code = f"{statement}\nimport sys\nprint(*sorted(m for m in sys.modules if '.' not in m))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPO
    )
    assert not unwanted.intersection(done.stdout.split())
