"""Completion for the system's shell: `rvshell completion bash|zsh|fish`.

The scripts (in ``rvshell/verbs/data``) call `rvshell --complete WORD…` with the words up to the
cursor, the last one being completed, or (bash) `--complete-line LINE`; each line of the answer is
a word, a tab, and what it is. Nothing is asked of the network unless a target is among the words,
and then only for a moment.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from rvshell.errors import RvshellError

if TYPE_CHECKING:
    from rvshell.shell.snapshot import Snapshot

__all__ = ["answer", "split"]

WAIT = 0.1  # seconds for a target that was named

_PROGRAMS: Final = {"tap": "show what is said", "bridge": "of other worlds", "rvpush": "RV's"}
_FILES: Final = ("-f", "--file", "--log-file")
_VALUES: Final = {
    "--progress": ("auto", "json", "none"),
    **dict.fromkeys(("--name", "--timeout", "-c", "--command", "-e", "--eval"), ()),
}  # of rvshell's own options; some are anything at all


def answer(words: Sequence[str], usage: Callable[[str], str]) -> int:
    """Print what the last of *words* could become; never fails, never says why. Options are read
    from the *usage* of rvshell ("") and of its other programs ("tap" ...)."""
    try:
        for text, meta in candidates(list(words) or [""], usage):
            print(f"{text}\t{meta}")
    except (RvshellError, OSError):
        return 0
    return 0


def split(line: str) -> list[str]:
    """The words of a command line up to the cursor, without the program's name; the last is the
    one that is being typed, "" when none is yet."""
    import shlex

    for closing in ("", "'", '"'):
        try:
            words = shlex.split(line + closing)
        except ValueError:  # a quote is still open, or a backslash ends it
            continue
        if not closing and line[-1:].isspace():
            words.append("")
        return words[1:]
    return []


def candidates(words: list[str], usage: Callable[[str], str]) -> list[tuple[str, str]]:
    """(word, what it is) for the last of *words*."""
    from rvshell.script import flow
    from rvshell.shell.engine import complete
    from rvshell.shell.snapshot import Snapshot
    from rvshell.verbs.output import shell_quote
    from rvshell.verbs.registry import load

    registry = load()
    flow.install()
    *before, typed = words
    if before[:1] and before[0] in _PROGRAMS:
        return _of_program(before, typed, usage(before[0]))
    option = before[-1] if before and _is_own(before[:-1]) else ""
    if option in ("-t", "--target"):
        return [(n, w) for n, w in _targets().items() if n.startswith(typed)]
    if option in _FILES:
        return _named_files(typed)
    if option in _VALUES:
        return [(n, "") for n in _VALUES[option] if n.startswith(typed)]
    snapshot = Snapshot()
    target = _skip_options(before)
    if before[:1] and before[0] not in registry and not before[0].startswith("@"):
        before = before[1:]  # a target or a name
    if not before and typed.startswith("-"):
        return [(o, "") for o in _options(usage("")) if o.startswith(typed)]
    if not before:
        found = [(v.name, v.summary) for v in registry if v.name.startswith(typed)]
        if len(words) == 1:
            found += [(n, w) for n, w in _PROGRAMS.items() if n.startswith(typed)]
        found += [(n, w) for n, w in _targets().items() if n.startswith(typed)]
        return found + [(n, w) for n, w in _selectors() if n.startswith(typed)]
    if before[0].startswith("@"):
        before = before[1:]
        if not before:
            return [(v.name, v.summary) for v in registry if v.name.startswith(typed)]
    if target:
        _learn(snapshot, target, typed)
    snapshot.targets = _targets()
    line = " ".join([before[0], *map(shell_quote, before[1:])]) + " "
    answered = complete(line + typed, len(line + typed), snapshot, _files)
    return [
        (item.text, item.meta)
        for item in answered.items
        if item.text.startswith(typed) and item.kind != "command"
    ]


def _is_own(before: list[str]) -> bool:
    """Are these words options of rvshell itself, with their values?"""
    rest = list(before)
    _skip_options(rest)
    return not rest


def _of_program(before: list[str], typed: str, usage: str) -> list[tuple[str, str]]:
    """As `candidates`, for `rvshell tap`, `bridge` and `rvpush`, whose help *usage* is."""
    program, *given = before
    rest = [word for word in given if not word.startswith("-")]
    found: list[tuple[str, str]] = []
    if typed.startswith("-"):
        options = {o for line in usage.splitlines() for o in re.findall(r"^  (-[\w-]+)", line)}
        options |= set(re.findall(r"\[(-[\w-]+)", usage.splitlines()[0]))
        found = [(o, "") for o in sorted(options)]
    elif program == "bridge" and not rest:
        found = [("tev", "images that are sent to tev")]
    elif program == "rvpush" and not rest:
        found = re.findall(r"^  ([a-z]+(?:-[a-z]+)*) [A-Z]\S* +(.*)", usage, re.M)
    elif program == "rvpush":
        return _named_files(typed)
    elif given[-1] != "--listen":
        found = list(_targets().items())
    return [(name, what) for name, what in found if name.startswith(typed)]


def _named_files(typed: str) -> list[tuple[str, str]]:
    folder, _, name = typed.rpartition("/")
    folder += "/" * ("/" in typed)
    return [
        (folder + found + "/" * is_folder, "")
        for found, is_folder in _files(folder or ".")
        if found.startswith(name) and (name or found[0] != ".")
    ]


def _skip_options(before: list[str]) -> str:
    """Take the options of rvshell itself out of *before*; returns the target they name."""
    target = ""
    while before and before[0].startswith("-"):
        option = before.pop(0)
        if option in ("-t", "--target", *_FILES, *_VALUES):
            value = before.pop(0) if before else ""
            target = value if option in ("-t", "--target") else target
        elif option.startswith("--target="):
            target = option.partition("=")[2]
    return target


def _options(text: str) -> list[str]:
    """The options that the usage explains: those that its lines begin with."""
    lines = re.findall(r"^  (-[^ ].*)", text, re.M)
    return sorted({o for line in lines for o in re.findall(r"(?<![\w-])--[a-z][a-z-]+", line)})


def _selectors() -> list[tuple[str, str]]:
    """What stands before a verb that many targets run: @all, and the profiles with their tags."""
    from rvshell.verbs.settings import Settings

    profiles = Settings.load().profiles.values()
    tags = sorted({tag for profile in profiles for tag in profile.tags})
    return [
        ("@all", "profiles and running players"),
        ("@local", "running players"),
        *(("@" + p.name, p.address) for p in profiles),
        *(("@" + tag, "targets with this tag") for tag in tags),
    ]


def _targets() -> dict[str, str]:
    from rvshell.client import find_players
    from rvshell.verbs.settings import Settings

    found = {p.name: p.address for p in Settings.load().profiles.values()}
    for player in find_players():
        found[f"127.0.0.1:{player.port}"] = player.tag or "running here"
    return found


def _learn(snapshot: Snapshot, target: str, typed: str) -> None:
    """The names of nodes of a target that was named; once one of them, or a #Type, has been typed
    with its dot, its properties."""
    from rvshell.client import Client
    from rvshell.verbs.muvalue import NODE_TYPES, joined, lines, quote, read_types
    from rvshell.verbs.settings import Settings
    from rvshell.verbs.targets import find

    address = find(target, Settings.load())
    try:
        with Client.connect(address.host, address.port, name=f"c{os.getpid()}", timeout=WAIT) as c:
            snapshot.nodes = read_types(c.eval_mu(NODE_TYPES))
            name, dot, _ = typed.partition(".")
            for node, node_type in snapshot.nodes.items() if dot else ():
                if name in (node, f"#{node_type}"):
                    found = lines(c.eval_mu(joined(f"properties({quote(node)})")))
                    snapshot.add_properties(dict.fromkeys(found, node_type))
                    break
    except RvshellError:
        return


def _files(folder: str) -> list[tuple[str, bool]]:
    try:
        with os.scandir(os.path.expanduser(folder)) as entries:
            return sorted((e.name, e.is_dir()) for e in entries)
    except OSError:
        return []
