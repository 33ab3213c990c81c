"""Sources: adding and changing media (section 3 of the vocabulary)."""

from __future__ import annotations

from player.commands.announce import announced
from player.commands.calling import listed
from player.commands.context import Context
from player.commands.engine import engine
from player.commands.errors import CommandError, EngineError
from player.commands.registry import command

__all__: list[str] = []


@command("addSource(string fileName, string tag=nil) -> void", tier="A", doc="Load media.")
def add_source(ctx: Context, fileName: str | None, tag: str | None = None) -> None:
    if fileName is None:
        raise CommandError("nil source")
    engine(lambda: ctx.session.sources.read(fileName, tag=tag or ""))


@command(
    "addSource(string[] fileNames, string tag=nil) -> void",
    tier="A",
    doc="Load files and options as one source.",
)
def add_source_files(ctx: Context, fileNames: list[str], tag: str | None = None) -> None:
    words = listed(fileNames)
    engine(lambda: ctx.session.sources.add_with_options(words, tag or ""))


def _load_events(ctx: Context, before: bool) -> None:
    if before:
        ctx.session.emit("before-progressive-loading")
        ctx.session.emit("before-progressive-proxy-loading")
    else:
        ctx.session.emit("after-progressive-proxy-loading")
        ctx.session.emit("after-progressive-loading")


def _verbose(ctx: Context, words: list[str], tag: str | None) -> str:
    mapped = [ctx.session.map_path(w) for w in words]
    node = engine(lambda: ctx.session.sources.add_with_options(mapped, tag or ""))
    if node is None:
        raise EngineError("no source to add to")
    return node.name


def _remote(ctx: Context, words: list[str]) -> list[str]:
    paths = ctx.session.paths
    return [paths.restore(paths.expand(w)) for w in words]


@command(
    "addSourceVerbose(string[] filePathsAndOptions, string tag=nil) -> string",
    tier="A",
    doc="Load files and +options as one source; its node.",
)
def add_source_verbose(ctx: Context, filePathsAndOptions: list[str], tag: str | None = None) -> str:
    words = listed(filePathsAndOptions)
    args = [_remote(ctx, words), tag or ""]
    with announced(ctx.session, "addSourceVerbose", args):
        _load_events(ctx, True)
        name = _verbose(ctx, words, tag)
        _load_events(ctx, False)
    return name


@command(
    "addSources(string[] fileNames, string tag=nil, bool processOpts=false, bool merge=false)"
    " -> void",
    tier="A",
    doc="Queue a list in command line syntax for loading.",
)
def add_sources(
    ctx: Context,
    fileNames: list[str],
    tag: str | None = None,
    processOpts: bool = False,
    merge: bool = False,
) -> None:
    given = listed(fileNames)
    args = [_remote(ctx, given), tag or "", processOpts, merge]
    with announced(ctx.session, "addSources", args):
        words = [ctx.session.map_path(w) for w in given]
        engine(lambda: ctx.session.sources.enqueue(words, processOpts, merge, tag or ""))


@command(
    "addSourcesVerbose(string[][] filePathsAndOptions, string tag=nil) -> string[]",
    tier="A",
    doc="Several sources of files and +options; their nodes.",
)
def add_sources_verbose(
    ctx: Context, filePathsAndOptions: list[list[str]], tag: str | None = None
) -> list[str]:
    wanted = [listed(words) for words in listed(filePathsAndOptions)]
    args = [[_remote(ctx, words) for words in wanted], tag or ""]
    with announced(ctx.session, "addSourcesVerbose", args):
        _load_events(ctx, True)
        names = [_verbose(ctx, words, tag) for words in wanted]
        _load_events(ctx, False)
    return names


@command("addSourceBegin() -> void", tier="B", doc="Put off connecting to the default views.")
def add_source_begin(ctx: Context) -> None:
    ctx.session.sources.begin()


@command("addSourceEnd() -> void", tier="B", doc="Connect what was put off.")
def add_source_end(ctx: Context) -> None:
    ctx.session.sources.end()


@command("startPreloadingMedia(string fileName) -> void", tier="B", doc="A hint; nothing to do.")
def start_preloading_media(ctx: Context, fileName: str | None) -> None:
    return None


@command("waitForProgressiveLoading() -> void", tier="B", doc="Load everything that is queued.")
def wait_for_progressive_loading(ctx: Context) -> None:
    while ctx.session.sources.queue is not None:
        ctx.session.sources.queue.step()


@command(
    "setProgressiveSourceLoading(bool enable) -> void",
    tier="B",
    doc="Remember whether media opens in the background.",
)
def set_progressive_source_loading(ctx: Context, enable: bool) -> None:
    ctx.session.progressive = enable


@command("progressiveSourceLoading() -> bool", tier="B", doc="What was set.")
def progressive_source_loading(ctx: Context) -> bool:
    return ctx.session.progressive


def _append(ctx: Context, node: str, name: str | None, tag: str | None) -> None:
    if name is None:
        raise CommandError("nil file arg")
    session = ctx.session
    path = session.sources.incoming(name, tag or "")
    if ctx.ports.media.is_directory(path):
        listed = ctx.ports.media.list_directory(path)
        if len(listed) != 1:
            what = "contains no media" if not listed else "contains too many sequences"
            raise EngineError(f"Directory {what}")
        path = listed[0]
    engine(lambda: session.sources.add_to(node, session.sources.stereo_paths(path)))


@command(
    "addToSource(string fileName, string tag=nil) -> void",
    tier="A",
    doc="Append media to the most recent source.",
)
def add_to_source(ctx: Context, fileName: str | None, tag: str | None = None) -> None:
    _append(ctx, "", fileName, tag)


@command(
    "addToSource(string sourceNode, string fileName, string tag) -> void",
    tier="A",
    doc="Append media to a source.",
)
def add_to_source_node(
    ctx: Context, sourceNode: str | None, fileName: str | None, tag: str | None
) -> None:
    if sourceNode is None:
        raise CommandError("nil node arg")
    _append(ctx, sourceNode, fileName, tag)


@command(
    "setSourceMedia(string sourceNode, string[] fileNames, string tag=nil) -> void",
    tier="A",
    doc="Replace all media of a source.",
)
def set_source_media(
    ctx: Context, sourceNode: str | None, fileNames: list[str], tag: str | None = None
) -> None:
    if sourceNode is None:
        raise CommandError("nil node arg")
    files = listed(fileNames)
    engine(lambda: ctx.session.sources.replace_media(sourceNode, files, tag or ""))


@command(
    "relocateSource(string oldFileName, string newFileName) -> void",
    tier="A",
    doc="Change the first file of every source that has exactly the old one.",
)
def relocate_source(ctx: Context, oldFileName: str | None, newFileName: str | None) -> None:
    if oldFileName is None or newFileName is None:
        raise CommandError("nil source")
    engine(lambda: ctx.session.sources.relocate(oldFileName, newFileName))


@command(
    "relocateSource(string sourceNode, string oldFileName, string newFileName) -> void",
    tier="A",
    doc="Change the first file of a source.",
)
def relocate_source_node(
    ctx: Context, sourceNode: str | None, oldFileName: str | None, newFileName: str | None
) -> None:
    if sourceNode is None:
        raise CommandError("nil node arg")
    if oldFileName is None:
        raise CommandError("old media name is nil")
    if newFileName is None:
        raise CommandError("new media name is nil")
    engine(lambda: ctx.session.sources.relocate(oldFileName, newFileName, sourceNode))
