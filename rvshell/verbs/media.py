"""Verbs of sources: load, list, clear, snapshot."""

from __future__ import annotations

import os
import shutil
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from rvshell.errors import CommandFailed, MediaError, Refused, RemoteError
from rvshell.verbs.muvalue import MEDIA, joined, lines, parse_value, quote, read_media, text_array
from rvshell.verbs.registry import Request, verb

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__: list[str] = []

_ENDS = ("start", "end")
_LITTLE = 1 << 20  # bytes: hardly a picture

# what marks a name as a pattern, a group or a URL: it cannot be looked for as one file
_NOT_A_FILE = ("://", "#", "@", "%", "*", "[", "]", "{", "-,", ".movieproc")


@verb(
    "sources [--long]",
    help="List the media of every source, one file a line. --long also shows node, frame range, "
    "size and channels.",
    example="sources --long",
    more=("sources | sort > media.txt",),
    scope="media",
)
def sources(ctx: Context, long: bool = False) -> Any:
    if not long:
        try:
            return lines(ctx.remote.mu(MEDIA))
        except Refused:
            return read_media(ctx.remote.mu("sources()"))
    names: list[str] = []
    asks: list[Request] = []
    for kind in ("RVFileSource", "RVImageSource"):
        for name in lines(ctx.remote.mu(joined(f'nodesOfType("{kind}")'))):
            first, last = "i.startFrame", "i.endFrame"
            if kind == "RVImageSource":  # its range grows with its pixels; the info does not tell
                first, last = (f"getIntProperty({quote(name + '.image.' + p)})[0]" for p in _ENDS)
            code = (
                f"{{ let i = sourceMediaInfo({quote(name)}); (sourceMedia({quote(name)})._0, "
                f"{first}, {last}, i.fps, i.width, i.height, i.channels, i.bitsPerChannel, "
                "i.isFloat); }"
            )
            names.append(name)
            asks.append(Request(code))
    keys = ("media", "start", "end", "fps", "width", "height", "channels", "bits", "float")
    rows: list[dict[str, Any]] = []
    for name, reply in zip(names, ctx.remote.ask_all(asks), strict=True):
        value = parse_value(reply)
        found = dict(zip(keys, value, strict=False)) if isinstance(value, tuple) else {}
        rows.append({"node": name, **found})
    return rows


def located(path: str) -> str:
    """A file name as the far end must get it: absolute when it exists here.

    Raises MediaError for a plain name that is nowhere on this machine and looks relative.
    """
    if any(mark in path for mark in _NOT_A_FILE):
        base = os.path.dirname(path)
        relative = "://" not in path and not path.endswith(".movieproc") and path[:1] != "["
        if relative and not os.path.isabs(path) and os.path.isdir(base or "."):
            return os.path.abspath(path)
        return path
    expanded = os.path.expanduser(path)
    if os.path.exists(expanded):
        return os.path.abspath(expanded)
    return path


@verb(
    "add FILE… [--tag TEXT] [--missing]",
    help="Load media: files, sequences, directories, URLs. Every FILE becomes a source, those in "
    "brackets one together: [ left.exr right.exr +in 5 ]. A file that does not exist on this "
    "machine is refused when the far end is on it too, unless --missing is given.",
    example="add shot.1001-1100#.exr",
    more=(
        "add [ plate.#.exr sound.wav ]",
        "add https://example.com/shot.mov",
    ),
    scope="media",
    aliases=("load", "open"),
)
def add(ctx: Context, file: list[str], tag: str = "", missing: bool = False) -> Any:
    files = [f if f in ("[", "]") or f[:1] in "+-" else located(f) for f in file]
    if not missing and ctx.remote.is_local:
        for path in files:
            if path.startswith(("+", "-")) or any(mark in path for mark in _NOT_A_FILE):
                continue
            if not os.path.exists(path) and not _is_option_value(files, path):
                raise MediaError(
                    f"add: no such file: {path}",
                    hint="check the spelling, or give --missing to load it anyway",
                    path=path,
                )
    before = _count(ctx)
    ctx.remote.mu(f"addSources({text_array(_plus(files))}, {quote(tag)}, false, true)")
    if _count_loaded(ctx) <= before:
        raise CommandFailed("add: nothing was loaded", hint="is it media that the player reads?")
    return None


def _plus(words: list[str]) -> list[str]:
    """Inside brackets RV wants options as +in, users write -in as on its command line."""
    inside, out = False, []
    for word in words:
        inside = word == "[" or (inside and word != "]")
        dashed = inside and len(word) > 1 and word[0] == "-" and word[1].isalpha()
        out.append("+" + word[1:] if dashed else word)
    return out


def _is_option_value(words: list[str], word: str) -> bool:
    at = words.index(word)
    return at > 0 and words[at - 1][:1] in "+-" and words[at - 1] not in ("+", "-")


def _count(ctx: Context) -> int:
    value = parse_value(ctx.remote.mu("sources().size()"))
    return value if isinstance(value, int) else 0


def _count_loaded(ctx: Context) -> int:
    """The number of sources once everything that is queued is loaded."""
    until, pause = monotonic() + ctx.options.timeout, 0.005
    while monotonic() < until:
        try:
            value = parse_value(ctx.remote.mu("(loadCount(), loadTotal())"))
        except RemoteError:
            break  # an RV that cannot say whether it still loads
        match value:
            case (int(loaded), int(total)) if loaded < total:
                sleep(pause)
            case _:
                break
        pause = min(2 * pause, 0.1)
    return _count(ctx)


@verb(
    "clear [--yes]",
    help="Remove all sources from the session.",
    example="clear",
    scope="media",
)
def clear(ctx: Context, yes: bool = False) -> Any:
    if not yes and not ctx.confirm("Remove all sources?"):
        raise CommandFailed("clear: not done", hint="say y, or give --yes")
    return Request("clearSession()")


@verb(
    "reload",
    help="Read the media of the current frame again.",
    example="reload",
    scope="media",
    pipelines=True,
)
def reload(ctx: Context) -> Request:
    return Request("reload()")


@verb(
    "snapshot FILE",
    help="Write what is shown now into a picture file. The far end writes it, so FILE is on its "
    "machine; a relative name is taken from this directory. Who may only look there gets a PNG on "
    "this machine.",
    example="snapshot /tmp/now.png",
    scope="media",
    aliases=("export",),
)
def snapshot(ctx: Context, file: str) -> Any:
    path = _target(ctx, "snapshot", file)
    before = _stamp(path)
    try:
        ctx.remote.mu(f"exportCurrentFrame({quote(path)})")
    except Refused:  # we may write no files there, but perhaps look
        if not path.lower().endswith(".png"):
            raise
        return _snapshot_here(ctx, path)
    except RemoteError as error:
        raise _unwritten(ctx, "snapshot", path, error) from None
    if ctx.remote.is_local and _stamp(path) == before:
        raise CommandFailed(
            f"snapshot: {path} was not written", hint="may the far end write there?"
        )
    return path


def _target(ctx: Context, verb: str, file: str) -> str:
    """The whole name of a file that the far end is to write; MediaError when its directory is
    known to be missing (the far end would say no more than "unknown exception")."""
    path = os.path.abspath(os.path.expanduser(file))
    if ctx.remote.is_local and not os.path.isdir(os.path.dirname(path)):
        raise MediaError(f"{verb}: no such directory: {os.path.dirname(path)}", path=path)
    return path


def _unwritten(ctx: Context, verb: str, path: str, error: RemoteError) -> CommandFailed:
    """The far end could not write a file; it says no more than "unknown exception"."""
    hint = "what the far end prints says why"
    if ctx.remote.is_local:
        folder = os.path.dirname(path)
        if os.path.isdir(path):
            hint = "it is a directory"
        elif shutil.disk_usage(folder).free < _LITTLE:
            hint = "the disk is full"
        elif not os.access(path if os.path.exists(path) else folder, os.W_OK):
            hint = "it may not be written"
    return CommandFailed(f"{verb}: {path} was not written ({error.message})", hint=hint)


def _snapshot_here(ctx: Context, path: str) -> str:
    from rvshell.verbs.seen import displayed_png

    png = displayed_png(ctx)
    try:
        with open(path, "wb") as file:
            file.write(png)
    except OSError as error:
        raise MediaError(f"snapshot: cannot write {path}: {error.strerror}", path=path) from None
    ctx.say("snapshot: written on this machine, since the far end lets us write no files there")
    return path


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


@verb(
    "save FILE",
    help="Save the session as an .rv file. The far end writes it, so FILE is on its machine.",
    example="save review.rv",
    scope="media",
)
def save(ctx: Context, file: str) -> None:
    path = _target(ctx, "save", file)
    try:
        ctx.remote.mu(f"saveSession({quote(path)})")
    except RemoteError as error:
        raise _unwritten(ctx, "save", path, error) from None
