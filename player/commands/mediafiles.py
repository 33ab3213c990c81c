"""Files: reading again, kinds, sequences, flags (section 3 of the vocabulary)."""

from __future__ import annotations

from player.commands.context import Context
from player.commands.errors import CommandError, EngineError, PropertyError
from player.commands.registry import command
from player.session.kinds.filesource import FileSource
from player.session.node import Node

__all__: list[str] = []

_LUTS = frozenset(
    {"rvchlut", "rv3dlut", "lt", "3dl", "cube", "shakelt", "mga", "vf", "csp", "a3d", "txt"}
)
_MOVIES = frozenset(
    {"mov", "mp4", "m4v", "avi", "mkv", "webm", "mxf", "mpg", "mpeg", "movieproc", "wav", "aif"}
)
_IMAGES = frozenset(
    {"exr", "tif", "tiff", "png", "jpg", "jpeg", "dpx", "cin", "tga", "hdr", "sgi", "iff", "psd"}
    | {"sxr", "openexr", "bmp", "gif", "j2k", "jp2", "rgb", "rla", "tx", "z", "yuv", "ari", "dng"}
)


@command("loadTotal() -> int", tier="B", doc="Items being loaded; 0 when idle.")
def load_total(ctx: Context) -> int:
    queue = ctx.session.sources.queue
    return queue.total if queue is not None else 0


@command("loadCount() -> int", tier="B", doc="Items loaded so far.")
def load_count(ctx: Context) -> int:
    queue = ctx.session.sources.queue
    return queue.loaded if queue is not None else 0


def _forget(ctx: Context, nodes: list[Node]) -> None:
    for node in nodes:
        if isinstance(node, FileSource):
            for name in node.media_names:
                ctx.ports.media.forget(name)


@command("reload() -> void", tier="A", doc="Read the current frame's files again.")
def reload(ctx: Context) -> None:
    _forget(ctx, ctx.session.current_nodes("RVFileSource"))
    ctx.ports.cache.flush()
    ctx.ports.ui.redraw()


@command("reload(int startFrame, int endFrame) -> void", tier="A", doc="Read frames again.")
def reload_range(ctx: Context, startFrame: int, endFrame: int) -> None:
    _forget(ctx, ctx.session.graph.by_type("RVFileSource"))
    ctx.ports.cache.flush()
    ctx.ports.ui.redraw()


@command(
    "loadChangedFrames(string[] sourceNodes) -> void",
    tier="B",
    doc="Forget file information of sources, so that changed files are read again.",
)
def load_changed_frames(ctx: Context, sourceNodes: list[str | None]) -> None:
    session = ctx.session
    if sourceNodes is None:
        raise PropertyError("nil argument to function")
    mode = session.cache_mode
    session.set_cache_mode(0)
    ctx.ports.cache.flush()
    nodes: list[Node] = []
    for name in sourceNodes:
        if name is None:
            raise CommandError("nil sourceName")
        node = session.graph.find(name)
        if node is None:
            raise CommandError("sourceName does not exist")
        nodes.append(node)
    for node in nodes:
        if not isinstance(node, FileSource):
            raise CommandError("given sourceName is not an RVFileSource")
        _forget(ctx, [node])
    session.set_cache_mode(mode)


@command("fileKind(string filename) -> int", tier="B", doc="FileKind by extension.")
def file_kind(ctx: Context, filename: str | None) -> int:
    if filename is None:
        raise CommandError("nil file")
    media = ctx.ports.media
    if media.is_directory(filename):
        return 5
    extension = filename.rpartition(".")[2] if "." in filename else ""
    if extension in ("rv", "rvedl", "edl"):
        if not media.exists(filename):
            raise EngineError(f"File {filename} does not exist")
        return 6 if extension == "rv" else 7
    if extension in ("cdl", "cc", "ccc"):
        return 3
    if extension in _LUTS:
        return 4
    lower = extension.lower()
    if lower in _IMAGES:
        return 1
    # RV's batch engine was observed without movie readers: there a movie has to exist
    known = ctx.session.profile == "display" or lower == "movieproc"
    if lower in _MOVIES and (known or media.exists(filename)):
        return 2
    if not media.exists(filename):
        raise EngineError(f"File {filename} does not exist")
    return 0


@command("existingFilesInSequence(string sequence) -> string[]", tier="B", doc="Files that exist.")
def existing_files_in_sequence(ctx: Context, sequence: str | None) -> list[str]:
    if sequence is None:
        raise CommandError("nil sequence string")
    return [name for _, name in ctx.ports.media.existing_frames(sequence)]


@command("existingFramesInSequence(string sequence) -> int[]", tier="B", doc="Frames that exist.")
def existing_frames_in_sequence(ctx: Context, sequence: str | None) -> list[int]:
    if sequence is None:
        raise CommandError("nil sequence string")
    return [frame for frame, _ in ctx.ports.media.existing_frames(sequence)]


@command("contractSequences(string[] files) -> string[]", tier="B", doc="File names as patterns.")
def contract_sequences(ctx: Context, files: list[str] | None) -> list[str]:
    if files is None:
        raise CommandError("Nil argument to function")
    return ctx.ports.media.contract(files) if files else []


@command("sequenceOfFile(string file) -> (string,int)", tier="B", doc="Pattern and frame.")
def sequence_of_file(ctx: Context, file: str | None) -> tuple[str, int]:
    if file is None:
        raise CommandError("nil file")
    return ctx.ports.media.sequence_of(file)


@command(
    "commandLineFlag(string flagName, string defaultValue=nil) -> string",
    tier="A",
    doc="Value of -flags name=value.",
)
def command_line_flag(
    ctx: Context, flagName: str | None, defaultValue: str | None = None
) -> str | None:
    if flagName is None:
        raise CommandError("flag key is nil")
    return ctx.session.options.flags.get(flagName) or defaultValue
