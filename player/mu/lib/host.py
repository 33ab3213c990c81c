"""Module ``io.path``, and what of ``runtime`` knows the interpreter."""

from __future__ import annotations

import os
from typing import Any, Final

from player.mu.lib.faults import nil_argument
from player.mu.lib.strings import string_array
from player.mu.values import Context, MuException, needs_context

__all__ = ["HOST"]


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
def _load_module(context: Context, name: str | None) -> bool:
    if name is None:
        nil_argument()
    return context.load_module(name)


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
    "runtime.eval (string; string text, [string] module_list)": _eval,
}
