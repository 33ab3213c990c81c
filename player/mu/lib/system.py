"""Module ``system``: POSIX from Mu, and its errors.

What only looks is free: the environment, identities, ``stat``, the words that ``wait`` and
``stat`` give. Whatever changes the machine, or runs a program, asks the context for permission
first. Descriptors are those that Mu opened: any other is a bad one, so that no text can close or
read the host's own. What would end or double the process, or change whom it belongs to, is not
offered at all: it says so when it is called.
"""

from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
import time
from collections.abc import Callable
from typing import Any, Final, NoReturn

from player.mu import types as t
from player.mu.lib.faults import nil_argument
from player.mu.lib.strings import decode
from player.mu.numbers import wrap8, wrap16, wrap32, wrap64
from player.mu.values import (
    Context,
    MuArray,
    MuCons,
    MuObject,
    MuTuple,
    needs_context,
    needs_type,
    throw,
)

__all__ = ["SYSTEM"]

_INTS: Final = t.tuple_of(t.INT, t.INT)
_MOMENT: Final = t.tuple_of(t.INT64, t.INT)
_STRINGS: Final = t.list_of(t.STRING)


def _failed(error: OSError | None = None) -> NoReturn:
    """Raise what Mu calls an error of the system."""
    if isinstance(error, FileNotFoundError):
        throw("path name non-existant")
    throw("" if isinstance(error, PermissionError) else "posix exception")


def _posix(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose OSError becomes Mu's exception; nil is no path."""

    def call(*args: Any) -> Any:
        if None in args:
            nil_argument()
        try:
            return function(*args)
        except OSError as error:
            _failed(error)
        except ValueError:  # a zero byte in a path, or a number that is none of the system's
            _failed()

    return call


def _changes(action: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that needs permission."""
    checked = _posix(function)

    @needs_context
    def call(context: Context, *args: Any) -> Any:
        context.permit(action, " ".join(map(str, args)))
        return checked(*args)

    return call


# -- environment -----------------------------------------------------------------------------


def _getenv(name: str, *default: str | None) -> str | None:
    value = os.environ.get(name)
    if value is None:
        if not default:
            throw("posix exception")
        return default[0]
    return value


def _environment() -> MuCons | None:
    listed: MuCons | None = None
    for name, value in reversed(list(os.environ.items())):
        listed = MuCons(f"{name}={value}", listed, _STRINGS)
    return listed


def _setenv(name: str, value: str, overwrite: bool) -> None:
    if not name or "=" in name:
        _failed()
    if overwrite or name not in os.environ:
        os.environ[name] = value


def _putenv(text: str) -> None:
    name, _, value = text.partition("=")
    os.environ[name] = value


def _unsetenv(name: str) -> None:
    os.environ.pop(name, None)


# -- processes -------------------------------------------------------------------------------


def _system(command: str) -> int:
    code = subprocess.call(command, shell=True)
    return code << 8 if code >= 0 else -code


def _output_of(command: str) -> str:
    done = subprocess.run(command, shell=True, stdout=subprocess.PIPE, check=False)
    return decode(done.stdout)


def _group_of(process: int) -> int:
    try:
        return os.getpgid(process)
    except OSError:
        return -1


def _signal(process: int, number: int) -> None:
    own = process in (0, -1, os.getpid(), -os.getpgrp())
    if own and number not in (0, signal.SIGCHLD, signal.SIGWINCH):
        _failed()  # the player does not end itself
    os.kill(process, number)


def _moment() -> MuTuple:
    now = time.time_ns() // 1000
    return MuTuple(_MOMENT, [now // 1_000_000, now % 1_000_000])


# -- files -----------------------------------------------------------------------------------


def _time_of(kind: t.ClassType, nanoseconds: int) -> MuObject:
    return MuObject(kind, [nanoseconds // 10**9, nanoseconds % 10**9])


@needs_type
def _stat(kind: t.ClassType, path: str | None) -> MuObject:
    """As RV shows it: the size is read from the wrong place, 32 bits up."""
    found: os.stat_result = _posix(os.stat)(path)
    moment = dict(kind.fields)["st_atime"]
    assert isinstance(moment, t.ClassType)
    return MuObject(
        kind,
        [
            wrap32(found.st_dev),
            wrap32(found.st_ino),
            wrap16(found.st_mode),
            wrap16(found.st_nlink),
            wrap32(found.st_uid),
            wrap32(found.st_gid),
            wrap64(found.st_size << 32),
            _time_of(moment, found.st_atime_ns),
            _time_of(moment, found.st_mtime_ns),
            _time_of(moment, found.st_ctime_ns),
        ],
    )


def _descriptors(context: Context) -> set[int]:
    found: set[int] = context.scratch.setdefault("descriptors", set())
    return found


def _owned(context: Context, descriptor: int) -> int:
    if descriptor not in _descriptors(context):
        _failed()
    return descriptor


@needs_context
def _open(context: Context, path: str, flags: int, mode: int) -> int:
    context.permit("open", path)
    descriptor: int = _posix(os.open)(path, flags, mode)
    _descriptors(context).add(descriptor)
    return descriptor


@needs_context
def _close(context: Context, descriptor: int) -> None:
    os.close(_owned(context, descriptor))
    _descriptors(context).discard(descriptor)


@needs_context
def _duplicate(context: Context, descriptor: int) -> int:
    made: int = _posix(os.dup)(_owned(context, descriptor))
    _descriptors(context).add(made)
    return made


@needs_context
def _pipe(context: Context) -> MuTuple:
    context.permit("pipe", "")
    ends: tuple[int, int] = _posix(os.pipe)()
    _descriptors(context).update(ends)
    return MuTuple(_INTS, list(ends))


@needs_context
def _read(context: Context, descriptor: int, into: MuArray | None) -> int:
    if into is None:
        nil_argument()
    data: bytes = _posix(os.read)(_owned(context, descriptor), len(into.items))
    into.items[: len(data)] = map(wrap8, data)
    return len(data)


@needs_context
def _write(context: Context, descriptor: int, data: MuArray | None) -> int:
    if data is None:
        nil_argument()
    written: int = _posix(os.write)(
        _owned(context, descriptor), bytes(byte & 255 for byte in data.items)
    )
    return written


@needs_context
def _seek(context: Context, descriptor: int, offset: int, whence: int) -> int:
    return wrap32(_posix(os.lseek)(_owned(context, descriptor), offset, whence))


def _mode(test: Callable[[int], bool]) -> Callable[[int], bool]:
    return lambda mode: test(mode & 0xFFFF)


SYSTEM: Final[dict[str, Any]] = {
    "system.getenv (string; string)": _getenv,
    "system.getenv (string; string, string)": _getenv,
    "system.getenv ([string];)": _environment,
    "system.setenv (void; string, string, bool)": _changes("setenv", _setenv),
    "system.putenv (void; string)": _changes("putenv", _putenv),
    "system.unsetenv (void; string)": _changes("unsetenv", _unsetenv),
    "system.getcwd (string;)": _posix(os.getcwd),
    "system.chdir (void; string)": _changes("chdir", os.chdir),
    "system.ctermid (string;)": os.ctermid,
    "system.getuid (int;)": os.getuid,
    "system.geteuid (int;)": os.geteuid,
    "system.getgid (int;)": os.getgid,
    "system.getegid (int;)": os.getegid,
    "system.getpid (int;)": os.getpid,
    "system.getppid (int;)": os.getppid,
    "system.getpgrp (int;)": os.getpgrp,
    "system.getpgid (int; int)": _group_of,
    "system.getdtablesize (int;)": lambda: wrap32(resource.getrlimit(resource.RLIMIT_NOFILE)[0]),
    "system.time (int64;)": lambda: int(time.time()),
    "system.gettimeofday ((int64,int);)": _moment,
    "system.system (int; string)": _changes("system", _system),
    "system.system2 (string; string)": _changes("system", _output_of),
    "system.defaultWindowsOpen (int; string)": lambda url: 0,  # does nothing but on Windows
    "system.kill (void; int, int)": _changes("kill", _signal),
    "system.WIFEXITED (bool; int)": os.WIFEXITED,
    "system.WIFSIGNALED (bool; int)": os.WIFSIGNALED,
    "system.WIFSTOPPED (bool; int)": os.WIFSTOPPED,
    "system.WEXITSTATUS (int; int)": lambda word: word >> 8 & 255,
    "system.WTERMSIG (int; int)": lambda word: word & 127,
    "system.WSTOPSIG (int; int)": lambda word: word >> 8 & 255,
    "system.WCOREDUMP (int; bool)": lambda word: 0,  # its argument is a bool, by mistake
    "system.stat (system.statinfo; string)": _stat,
    "system.S_ISBLK (bool; short)": _mode(stat.S_ISBLK),
    "system.S_ISCHR (bool; short)": _mode(stat.S_ISCHR),
    "system.S_ISDIR (bool; short)": _mode(stat.S_ISDIR),
    "system.S_ISFIFO (bool; short)": _mode(stat.S_ISFIFO),
    "system.S_ISLNK (bool; short)": _mode(stat.S_ISLNK),
    "system.S_ISREG (bool; short)": _mode(stat.S_ISREG),
    "system.S_ISSOCK (bool; short)": _mode(stat.S_ISSOCK),
    "system.readlink (string; string)": _posix(os.readlink),
    "system.umask (int; int)": _changes("umask", lambda mask: os.umask(mask & 0o777)),
    "system.chmod (void; string, int)": _changes("chmod", os.chmod),
    "system.mkdir (void; string, int)": _changes("mkdir", os.mkdir),
    "system.mkfifo (void; string, int)": _changes("mkfifo", os.mkfifo),
    "system.link (void; string, string)": _changes("link", os.link),
    "system.unlink (void; string)": _changes("unlink", os.unlink),
    "system.open (int; string, int, int)": _open,
    "system.close (void; int)": _close,
    "system.dup (int; int)": _duplicate,
    "system.pipe ((int,int);)": _pipe,
    "system.read (int; int, byte[])": _read,
    "system.write (int; int, byte[])": _write,
    "system.lseek (int; int, int, int)": _seek,
}
"""By signature. Not offered: fork, exec, wait, _exit, the ``set*id`` family, dup2, fcntl, flock,
ioctl, mknod, socket, and C's FILE."""
