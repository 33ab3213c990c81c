"""Of Mu's module ``qt`` what needs no window: ``QFileInfo``, ``QDir``, and of ``QFile`` the
functions that take names.

Packages ask these about media and folders. Names, values and what is nil or empty are those of
Qt 5 (QtCore's documentation), types those of RV's binding (Open RV ``MuQt5``).
"""

from __future__ import annotations

import os
import shutil
import weakref
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from player.mu import Interpreter
from player.mu.types import STRING, Type, array_of
from player.mu.values import MuArray

__all__ = ["register_qt_files"]

_DIRS, _FILES, _NO_LINKS = 0x1, 0x2, 0x8
_HIDDEN, _CASE, _NO_DOT, _NO_DOT_DOT = 0x100, 0x800, 0x2000, 0x4000
_FILTERS: Final = {
    "Dirs": _DIRS, "Files": _FILES, "Drives": 0x4, "NoSymLinks": _NO_LINKS, "AllEntries": 0x7,
    "Readable": 0x10, "Writable": 0x20, "Executable": 0x40, "Modified": 0x80, "Hidden": _HIDDEN,
    "System": 0x200, "AllDirs": 0x400, "CaseSensitive": _CASE, "NoDot": _NO_DOT,
    "NoDotDot": _NO_DOT_DOT, "NoDotAndDotDot": _NO_DOT | _NO_DOT_DOT, "NoFilter": -1,
}  # fmt: skip
_SORTING: Final = {
    "Name": 0x0, "Time": 0x1, "Size": 0x2, "Unsorted": 0x3, "DirsFirst": 0x4, "Reversed": 0x8,
    "IgnoreCase": 0x10, "DirsLast": 0x20, "LocaleAware": 0x40, "Type": 0x80, "NoSort": -1,
}  # fmt: skip


class _Path:
    """The value of a QFileInfo or QDir; a QDir moves by ``cd``."""

    __slots__ = ("path",)

    def __init__(self, path: str | None) -> None:
        self.path = path or ""

    @property
    def absolute(self) -> str:
        return os.path.abspath(self.path)

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    def canonical(self) -> str:
        return os.path.realpath(self.path) if os.path.exists(self.path) else ""


def _asked(question: Callable[[str], Any], otherwise: Any) -> Callable[[_Path], Any]:
    """A question about a path; what cannot be a path (a zero byte) has the other answer."""

    def ask(value: _Path) -> Any:
        try:
            return question(value.path)
        except (OSError, ValueError):
            return otherwise

    return ask


def _access(mode: int) -> Callable[[str], bool]:
    return lambda path: os.access(path, mode)


_INFO: Final[tuple[tuple[str, str, Callable[[_Path], Any]], ...]] = (
    ("exists", "bool", _asked(os.path.exists, False)),
    ("isFile", "bool", _asked(os.path.isfile, False)),
    ("isDir", "bool", _asked(os.path.isdir, False)),
    ("isSymLink", "bool", _asked(os.path.islink, False)),
    ("isReadable", "bool", _asked(_access(os.R_OK), False)),
    ("isWritable", "bool", _asked(_access(os.W_OK), False)),
    ("isExecutable", "bool", _asked(_access(os.X_OK), False)),
    ("isHidden", "bool", lambda v: v.name.startswith(".")),
    ("isAbsolute", "bool", lambda v: v.path.startswith("/")),
    ("isRelative", "bool", lambda v: not v.path.startswith("/")),
    ("fileName", "string", lambda v: v.name),
    ("filePath", "string", lambda v: v.path),
    ("path", "string", lambda v: os.path.dirname(v.path) or "."),
    ("absolutePath", "string", lambda v: os.path.dirname(v.absolute)),
    ("absoluteFilePath", "string", lambda v: v.absolute),
    ("canonicalPath", "string", lambda v: os.path.dirname(v.canonical())),
    ("canonicalFilePath", "string", _Path.canonical),
    ("baseName", "string", lambda v: v.name.partition(".")[0]),
    ("completeBaseName", "string", lambda v: v.name.rpartition(".")[0] or v.name),
    ("suffix", "string", lambda v: v.name.rpartition(".")[2] if "." in v.name else ""),
    ("completeSuffix", "string", lambda v: v.name.partition(".")[2]),
    ("size", "int64", _asked(os.path.getsize, 0)),
)


def _entries(folder: str, globs: Sequence[str | None], filters: int) -> list[str]:
    """The names in a folder that a QDir lists, sorted without regard to case."""
    if filters < 0:
        filters = _FILTERS["AllEntries"]
    try:
        names = sorted(os.listdir(folder), key=str.casefold)
    except (OSError, ValueError):
        return []
    dots = [n for n, bit in ((".", _NO_DOT), ("..", _NO_DOT_DOT)) if not filters & bit]
    fold: Callable[[str], str] = str if filters & _CASE else str.casefold

    def wanted(name: str) -> bool:
        path = os.path.join(folder, name)
        if name not in dots and name.startswith(".") and not filters & _HIDDEN:
            return False
        if os.path.islink(path) and filters & _NO_LINKS:
            return False
        if not filters & (_DIRS if os.path.isdir(path) else _FILES):
            return False
        return not globs or any(fnmatchcase(fold(name), fold(glob or "")) for glob in globs)

    return [name for name in (*dots, *names) if wanted(name)]


def _tried(action: Callable[..., Any]) -> Callable[..., bool]:
    """A change to the machine: whether it worked."""

    def run(*args: str | None) -> bool:
        try:
            action(*(arg or "" for arg in args))
        except (OSError, ValueError):
            return False
        return True

    return run


def _rename(old: str, new: str) -> None:
    if os.path.exists(new):
        raise FileExistsError(new)
    os.rename(old, new)


def _copy(old: str, new: str) -> None:
    if os.path.exists(new):
        raise FileExistsError(new)
    shutil.copy(old, new)


class _Files:
    """Declares the classes. Changes are asked for at ``permit``, as ``system``'s are.

    Types of which there are arrays are kept for good, so their functions must not hold the
    interpreter.
    """

    def __init__(self, mu: Interpreter) -> None:
        self._mu = weakref.ref(mu)

    def _changing(self, action: str, function: Callable[..., Any]) -> Callable[..., bool]:
        tried, held = _tried(function), self._mu

        def run(*args: Any) -> bool:
            mu = held()
            assert mu is not None
            mu.permit(action, " ".join(map(str, args)))
            return tried(*args)

        return run

    def _in_folder(self, action: str, function: Callable[..., Any]) -> Callable[..., bool]:
        """A change to names in a QDir."""
        changing = self._changing(action, function)
        return lambda v, *names: changing(*(os.path.join(v.path, name or "") for name in names))

    def register(self, mu: Interpreter) -> None:
        info = mu.register_opaque_class("qt.QFileInfo", [(n, kind, (), f) for n, kind, f in _INFO])
        mu.register_function("qt", "QFileInfo", "qt.QFileInfo (string path)", _Path)
        mu.register_static(info, "exists", "bool (string path)", os.path.exists)
        file = mu.register_opaque_class("qt.QFile", ())
        mu.register_static(file, "exists", "bool (string path)", os.path.exists)
        for name, signature, function in (
            ("remove", "bool (string path)", os.unlink),
            ("rename", "bool (string old, string new)", _rename),
            ("copy", "bool (string old, string new)", _copy),
        ):
            mu.register_static(file, name, signature, self._changing(name, function))
        self._directory(mu, info)

    def _directory(self, mu: Interpreter, info: Type) -> None:
        def found(v: _Path, globs: MuArray | None, filters: int, _sort: int) -> MuArray:
            paths = [_Path(os.path.join(v.path, name)) for name in _names(v, globs, filters)]
            return MuArray(array_of(info), paths)

        same = {name: call for name, _, call in _INFO}
        methods: list[tuple[str, str, Sequence[str], Callable[..., Any]]] = [
            ("path", "string", (), lambda v: v.path),
            ("absolutePath", "string", (), lambda v: v.absolute),
            ("canonicalPath", "string", (), _Path.canonical),
            ("dirName", "string", (), lambda v: v.name),
            ("filePath", "string", ("string",), lambda v, n: os.path.join(v.path, n or "")),
            ("absoluteFilePath", "string", ("string",), lambda v, n: os.path.join(v.absolute, n)),
            ("exists", "bool", (), same["isDir"]),
            ("exists", "bool", ("string",), lambda v, n: os.path.exists(os.path.join(v.path, n))),
            ("isReadable", "bool", (), same["isReadable"]),
            ("isAbsolute", "bool", (), same["isAbsolute"]),
            ("isRelative", "bool", (), same["isRelative"]),
            ("cd", "bool", ("string",), self._cd),
            ("cdUp", "bool", (), lambda v: self._cd(v, "..")),
            ("mkdir", "bool", ("string",), self._in_folder("mkdir", os.mkdir)),
            ("mkpath", "bool", ("string",), self._in_folder("mkdir", _make_path)),
            ("rmdir", "bool", ("string",), self._in_folder("rmdir", os.rmdir)),
            ("remove", "bool", ("string",), self._in_folder("remove", os.unlink)),
            ("rename", "bool", ("string", "string"), self._in_folder("rename", _rename)),
            ("entryList", "string[]", ("string[]", "int", "int"), _named),
            ("entryList", "string[]", ("int", "int"), lambda v, f, s: _named(v, None, f, s)),
            ("entryInfoList", "qt.QFileInfo[]", ("string[]", "int", "int"), found),
            ("entryInfoList", "qt.QFileInfo[]", ("int", "int"),
             lambda v, f, s: found(v, None, f, s)),
        ]  # fmt: skip
        kind = mu.register_opaque_class("qt.QDir", methods, _FILTERS | _SORTING)
        mu.register_function("qt", "QDir", "qt.QDir (string path)", _Path)
        for name, place in (
            ("home", lambda: os.path.expanduser("~")),
            ("temp", lambda: os.environ.get("TMPDIR", "/tmp").rstrip("/") or "/"),
            ("current", os.getcwd),
            ("root", lambda: "/"),
        ):
            mu.register_static(kind, f"{name}Path", "string ()", place)
            mu.register_static(kind, name, "qt.QDir ()", _placed(place))
        mu.register_static(kind, "cleanPath", "string (string path)", _clean)

    @staticmethod
    def _cd(value: _Path, name: str | None) -> bool:
        path = os.path.normpath(os.path.join(value.path, name or ""))
        if os.path.isdir(path):
            value.path = path
            return True
        return False


def _names(value: _Path, globs: MuArray | None, filters: int) -> list[str]:
    return _entries(value.path or ".", globs.items if globs is not None else (), filters)


def _named(value: _Path, globs: MuArray | None, filters: int, _sort: int) -> MuArray:
    return MuArray(array_of(STRING), _names(value, globs, filters))


def _placed(place: Callable[[], str]) -> Callable[[], _Path]:
    return lambda: _Path(place())


def _make_path(path: str) -> None:
    os.makedirs(path, exist_ok=True)


def _clean(path: str | None) -> str:
    return os.path.normpath(path) if path else ""


def register_qt_files(mu: Interpreter) -> None:
    """Declare the classes in the module ``qt``."""
    _Files(mu).register(mu)
