"""Modules ``system`` and ``io.path``, ``print``, ``assert``: what touches the machine.

Whatever changes the machine, or runs a program, asks the context for permission first.
"""

from __future__ import annotations

import os
import subprocess
import time
from typing import Any, Final

from player.mu.display import render
from player.mu.lib.faults import nil_argument
from player.mu.lib.strings import string_array
from player.mu.types import Type
from player.mu.values import Context, MuException, needs_context, throw

__all__ = ["HOST"]


def _getenv(name: str, *default: str | None) -> str | None:
    value = os.environ.get(name)
    if value is None:
        if not default:
            throw("posix exception")
        return default[0]
    return value


@needs_context
def _setenv(context: Context, name: str, value: str, overwrite: bool) -> None:
    context.permit("setenv", name)
    if overwrite or name not in os.environ:
        os.environ[name] = value


@needs_context
def _putenv(context: Context, text: str) -> None:
    context.permit("putenv", text)
    name, _, value = text.partition("=")
    os.environ[name] = value


@needs_context
def _system(context: Context, command: str) -> int:
    context.permit("system", command)
    code = subprocess.call(command, shell=True)
    return code << 8 if code >= 0 else -code


def _basename(path: str) -> str:
    return path.rpartition("/")[2]


def _dirname(path: str) -> str:
    at = path.rfind("/")
    if at > 0 and at == len(path) - 1:
        at = path.rfind("/", 0, at)
    return path[: at + 1]


def _extension(path: str | None) -> str | None:
    if path is None:
        return None
    return path.rpartition(".")[2] if "." in path else ""


def _without_extension(path: str | None) -> str | None:
    if path is None:
        return None
    return path.rpartition(".")[0] if "." in path else path


def _join(a: str | None, b: str | None) -> str:
    if a is None or b is None:
        nil_argument()
    return f"{a}{b}" if a.endswith("/") else f"{a}/{b}"


def _search_path(a: str | None, b: str | None) -> str:
    if a is None or b is None:
        nil_argument()
    return f"{a}:{b}"


def _expand(path: str) -> str:
    """``~`` with all behind it, but for the next ``/~``, is the home directory."""
    home = os.environ.get("HOME", "")
    while home and "~" not in home and (at := path.find("~")) >= 0:
        end = path.find("/~", at + 1)
        path = path[:at] + home + path[at + 1 if end < 0 else end :]
    return path


@needs_context
def print_value(context: Context, value: Any, kind: Type) -> None:
    """``print``: strings raw, everything else rendered."""
    context.output(value if isinstance(value, str) else render(kind, value, True))


@needs_context
def _load_module(context: Context, name: str | None) -> bool:
    if name is None:
        nil_argument()
    return context.load_module(name)


def _nothing(*_: Any) -> None:
    """What has no effect here."""


def _backtrace(error: MuException | None) -> Any:
    if error is None:
        nil_argument()
    return string_array([])


@needs_context
def _eval(context: Context, text: str, modules: Any) -> str:
    names = []
    while modules is not None:
        names.append(modules.value)
        modules = modules.next
    return context.eval_text(text, names)


HOST: Final[dict[str, Any]] = {
    "system.getenv (string; string)": _getenv,
    "system.getenv (string; string, string)": _getenv,
    "system.getcwd (string;)": os.getcwd,
    "system.getpid (int;)": os.getpid,
    "system.time (int64;)": lambda: int(time.time()),
    "system.setenv (void; string, string, bool)": _setenv,
    "system.putenv (void; string)": _putenv,
    "system.system (int; string)": _system,
    "io.path.basename (string; string)": _basename,
    "io.path.dirname (string; string)": _dirname,
    "io.path.extension (string; string)": _extension,
    "io.path.without_extension (string; string)": _without_extension,
    "io.path.join (string; string, string)": _join,
    "io.path.concat_paths (string; string, string)": _search_path,
    "io.path.exists (bool; string)": os.path.exists,
    "io.path.expand (string; string)": _expand,
    "io.path.path_separator (string;)": lambda: "/",
    "io.path.concat_separator (string;)": lambda: ":",
    "exception.backtrace (string[]; exception)": _backtrace,
    "exception.copy (object; exception)": lambda error: MuException(error.message),
    "object.identity (object; object)": lambda value: value,
    "runtime.build_os (string;)": lambda: "LINUX",
    "runtime.build_architecture (string;)": lambda: "IA32_64",
    "runtime.build_compiler (string;)": lambda: "GNU",
    "runtime.load_module (bool; string module_name)": _load_module,
    # a client that steers RV's garbage collector has nothing to steer here, and no error either
    "runtime.gc.enable (void;)": _nothing,
    "runtime.gc.disable (void;)": _nothing,
    "runtime.gc.perform_collection (void;)": _nothing,
    "runtime.gc.push_api (void; int api)": _nothing,
    "runtime.gc.parallel_enabled (bool;)": lambda: False,
    "runtime.gc.all_interior_pointers (bool;)": lambda: True,
    "runtime.eval (string; string text, [string] module_list)": _eval,
}
