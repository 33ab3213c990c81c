"""Sources and media: section 3 of the vocabulary."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from player.commands.announce import announced
from player.commands.context import Context
from player.commands.errors import CommandError, EngineError
from player.commands.registry import command
from player.commands.structs import (
    ChannelInfo,
    ChapterInfo,
    LayerInfo,
    SourceMediaInfo,
    ViewInfo,
)
from player.session.errors import SessionError
from player.session.kinds.filesource import FileSource
from player.session.kinds.source import Source
from player.session.node import Node
from player.session.ports import MediaInfo
from player.session.visitors import Leaves

__all__ = ["media_struct"]

T = TypeVar("T")
_KINDS = {"cdl": 3, "cc": 3, "ccc": 3, "rv": 6, "rvedl": 7, "edl": 7}
_LUTS = frozenset({"3dl", "lut", "rv3dlut", "rvchlut", "csp", "rsr", "cube", "a3d", "mga"})
_MOVIES = frozenset(
    {"mov", "mp4", "m4v", "avi", "mkv", "webm", "mxf", "mpg", "mpeg", "movieproc", "wav", "aif"}
)
_IMAGES = frozenset(
    {"exr", "tif", "tiff", "png", "jpg", "jpeg", "dpx", "cin", "tga", "hdr", "sgi", "iff", "psd"}
    | {"sxr", "openexr", "bmp", "gif", "j2k", "jp2", "rgb", "rla", "tx", "z", "yuv", "ari", "dng"}
)


def _engine(action: Callable[[], T]) -> T:
    """Run something of the session; its errors are engine errors."""
    try:
        return action()
    except SessionError as error:
        raise EngineError(str(error)) from None


@command("addSource(string fileName, string tag=nil) -> void", tier="A", doc="Load media.")
def add_source(ctx: Context, fileName: str | None, tag: str | None = None) -> None:
    if fileName is None:
        raise CommandError("nil source")
    _engine(lambda: ctx.session.sources.read(fileName, tag=tag or ""))


@command(
    "addSource(string[] fileNames, string tag=nil) -> void",
    tier="A",
    doc="Load files and options as one source.",
)
def add_source_files(ctx: Context, fileNames: list[str], tag: str | None = None) -> None:
    if fileNames is None:
        raise CommandError("nil source")
    _engine(lambda: ctx.session.sources.add_with_options(fileNames, tag or ""))


def _load_events(ctx: Context, before: bool) -> None:
    if before:
        ctx.session.emit("before-progressive-loading")
        ctx.session.emit("before-progressive-proxy-loading")
    else:
        ctx.session.emit("after-progressive-proxy-loading")
        ctx.session.emit("after-progressive-loading")


def _verbose(ctx: Context, words: list[str], tag: str | None) -> str:
    mapped = [ctx.session.map_path(w) for w in words]
    node = _engine(lambda: ctx.session.sources.add_with_options(mapped, tag or ""))
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
    args = [_remote(ctx, filePathsAndOptions), tag or ""]
    with announced(ctx.session, "addSourceVerbose", args):
        _load_events(ctx, True)
        name = _verbose(ctx, filePathsAndOptions, tag)
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
    args = [_remote(ctx, fileNames), tag or "", processOpts, merge]
    with announced(ctx.session, "addSources", args):
        words = [ctx.session.map_path(w) for w in fileNames]
        _engine(lambda: ctx.session.sources.enqueue(words, processOpts, merge, tag or ""))


@command(
    "addSourcesVerbose(string[][] filePathsAndOptions, string tag=nil) -> string[]",
    tier="A",
    doc="Several sources of files and +options; their nodes.",
)
def add_sources_verbose(
    ctx: Context, filePathsAndOptions: list[list[str]], tag: str | None = None
) -> list[str]:
    args = [[_remote(ctx, words) for words in filePathsAndOptions], tag or ""]
    with announced(ctx.session, "addSourcesVerbose", args):
        _load_events(ctx, True)
        names = [_verbose(ctx, words, tag) for words in filePathsAndOptions]
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
        raise CommandError("nil source")
    session = ctx.session
    path = session.sources.incoming(name, tag or "")
    if ctx.ports.media.is_directory(path):
        listed = ctx.ports.media.list_directory(path)
        if len(listed) != 1:
            what = "contains no media" if not listed else "contains too many sequences"
            raise EngineError(f"Directory {what}")
        path = listed[0]
    _engine(lambda: session.sources.add_to(node, session.sources.stereo_paths(path)))


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
        raise CommandError("nil source")
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
        raise CommandError("nil source")
    _engine(lambda: ctx.session.sources.replace_media(sourceNode, fileNames, tag or ""))


@command(
    "relocateSource(string oldFileName, string newFileName) -> void",
    tier="A",
    doc="Change the first file of every source that has exactly the old one.",
)
def relocate_source(ctx: Context, oldFileName: str | None, newFileName: str | None) -> None:
    if oldFileName is None or newFileName is None:
        raise CommandError("nil source")
    _engine(lambda: ctx.session.sources.relocate(oldFileName, newFileName))


@command(
    "relocateSource(string sourceNode, string oldFileName, string newFileName) -> void",
    tier="A",
    doc="Change the first file of a source.",
)
def relocate_source_node(
    ctx: Context, sourceNode: str | None, oldFileName: str | None, newFileName: str | None
) -> None:
    if sourceNode is None or oldFileName is None or newFileName is None:
        raise CommandError("nil source")
    _engine(lambda: ctx.session.sources.relocate(oldFileName, newFileName, sourceNode))


@command(
    "sources() -> (string,int,int,int,float,bool,bool)[]",
    tier="A",
    doc="(file, start, end, inc, fps, hasAudio, hasVideo) of every source.",
)
def sources(ctx: Context) -> list[tuple[str, int, int, int, float, bool, bool] | None]:
    found: list[tuple[str, int, int, int, float, bool, bool] | None] = []
    for node in ctx.session.sources.nodes:
        i = node.first_info
        names = node.media_names
        if i is None or not names:
            found.append(None)
            continue
        found.append((names[0], i.start, i.end, i.inc, i.fps, i.has_audio, i.has_video))
    return found


@command(
    "sourceMedia(string sourceName) -> (string,string[],string[])",
    tier="A",
    doc="(file, layers, views) of one media of a source.",
)
def source_media(ctx: Context, sourceName: str | None) -> tuple[str, list[str], list[str]]:
    if sourceName is None:
        raise CommandError("nil source")
    name, dot, rest = sourceName.partition(".")
    number = rest.partition("/")[0] if dot and "/" in rest else ""
    node = ctx.session.source_node(name)
    if node is None:
        raise CommandError("bad source name")
    index = int(number) if number.isdigit() else 0
    if not 0 <= index < min(len(node.media), len(node.media_names)):
        raise EngineError(f"Index {index} is out-of-bounds")
    info = node.media[index]
    return node.media_names[index], list(info.layers), list(info.views)


def media_struct(info: MediaInfo, file: str) -> SourceMediaInfo:
    """Media information as scripts see it."""
    kind = {8: 6, 16: 5 if info.is_float else 7, 32: 1 if info.is_float else 2}.get(info.bits, 6)

    def channels(names: tuple[str, ...]) -> list[ChannelInfo]:
        return [ChannelInfo(n, kind) for n in names]

    views = [
        ViewInfo(name, [LayerInfo(la, channels(ch)) for la, ch in layers if la], _plain(layers))
        for name, layers in info.view_layers
    ]
    for view in views:
        view.noLayerChannels = [
            ChannelInfo(c.name, kind) if isinstance(c, ChannelInfo) else ChannelInfo(c, kind)
            for c in view.noLayerChannels
        ]
    return SourceMediaInfo(
        info.width,
        info.height,
        info.uncrop_width,
        info.uncrop_height,
        info.uncrop_x,
        info.uncrop_y,
        info.bits,
        info.channels,
        info.is_float,
        1,
        info.start,
        info.end,
        info.fps,
        info.audio_channels if info.has_audio else 0,
        info.audio_rate if info.has_audio else 0.0,
        channels(info.channel_names),
        views,
        info.default_view,
        file,
        info.has_audio,
        info.has_video,
        [ChapterInfo(c.title, c.start, c.end) for c in info.chapters],
        info.pixel_aspect,
    )


def _plain(layers: tuple[tuple[str, tuple[str, ...]], ...]) -> list[Any]:
    return [ChannelInfo(c, 0) for name, names in layers if not name for c in names]


def _media_index(node: Source, media: str | None) -> int:
    names = list(node.media_names)
    if media is None:
        if not names or not node.media:
            raise EngineError("Index 0 is out-of-bounds")
        return 0
    if media not in names:
        raise CommandError("bad source name")
    return names.index(media)


@command(
    "sourceMediaInfo(string sourceName, string mediaName=nil) -> SourceMediaInfo",
    tier="A",
    doc="Size, range and channels of a source's media.",
)
def source_media_info(
    ctx: Context, sourceName: str | None, mediaName: str | None = None
) -> SourceMediaInfo | None:
    if sourceName is None:
        raise CommandError("nil source")
    node = ctx.session.source_node(sourceName)
    if node is None:
        return None
    if not node.media_active() and not node.media:
        raise CommandError(
            "Source is not active. A source can be activated by the Multiple Media "
            "Representations drop down menu or via the setActiveSourceMediaRep() command."
        )
    index = _media_index(node, mediaName)
    return media_struct(node.media[index], node.media_names[index])


@command(
    "sourceMediaInfoList(string nodeName) -> [SourceMediaInfo]",
    tier="B",
    doc="Information on all files of a source, last first.",
)
def source_media_info_list(ctx: Context, nodeName: str | None) -> list[SourceMediaInfo]:
    node = ctx.session.source_node(nodeName) if nodeName is not None else None
    if node is None:
        return []
    pairs = list(zip(node.media, node.media_names, strict=False))
    return [media_struct(info, name) for info, name in reversed(pairs)]


@command("sourceNameWithoutFrame(string name) -> string", tier="B", doc="Without the last part.")
def source_name_without_frame(ctx: Context, name: str | None) -> str:
    return (name or "").rpartition("/")[0] or (name or "")


@command("sourcesAtFrame(int frame) -> string[]", tier="A", doc="Source nodes shown at a frame.")
def sources_at_frame(ctx: Context, frame: int) -> list[str]:
    leaves = Leaves()
    assert ctx.session.graph.root is not None
    ctx.session.graph.root.meta(frame, leaves)
    return [n.name for n in leaves.found]


def _shown(ctx: Context, name: str | None) -> MediaInfo | None:
    """The media of the first displayed image (of a name)."""
    for image in ctx.ports.renderer.rendered():
        if name is None or str(image.name).startswith(name):
            node = ctx.session.source_node(str(image.name))
            if node is not None:
                return node.first_info
    return None


def _described(ctx: Context, name: str | None, media: str | None) -> MediaInfo | None:
    if media is None:
        return _shown(ctx, name)
    node = ctx.session.source_node(name or "")
    return node.media[_media_index(node, media)] if node is not None else None


@command(
    "sourceAttributes(string sourceName, string mediaName=nil) -> (string,string)[]",
    tier="A",
    doc="Attributes of a displayed image or of opened media.",
)
def source_attributes(
    ctx: Context, sourceName: str | None, mediaName: str | None = None
) -> list[tuple[str, str]] | None:
    info = _described(ctx, sourceName, mediaName)
    return list(info.attributes) if info is not None else None


@command(
    "sourceDataAttributes(string sourceName, string mediaName=nil) -> (string,byte[])[]",
    tier="B",
    doc="Binary attributes of a displayed image or of opened media.",
)
def source_data_attributes(
    ctx: Context, sourceName: str | None, mediaName: str | None = None
) -> list[tuple[str, list[int]]] | None:
    info = _described(ctx, sourceName, mediaName)
    return [(n, list(d)) for n, d in info.data_attributes] if info is not None else None


@command(
    "sourceDisplayChannelNames(string sourceName) -> string[]",
    tier="B",
    doc="Channels of a displayed image.",
)
def source_display_channel_names(ctx: Context, sourceName: str | None) -> list[str] | None:
    info = _shown(ctx, sourceName)
    return list(info.channel_names) if info is not None else None


@command(
    "getCurrentNodesOfType(string typeName) -> string[]",
    tier="B",
    doc="The closest nodes of a type in what is shown.",
)
def get_current_nodes_of_type(ctx: Context, typeName: str | None) -> list[str]:
    if typeName is None:
        raise CommandError("nil type name")
    return [n.name for n in ctx.session.current_nodes(typeName)]


@command("getCurrentAttributes() -> (string,string)[]", tier="B", doc="Of the first image.")
def get_current_attributes(ctx: Context) -> list[tuple[str, str]] | None:
    info = _shown(ctx, None)
    return list(info.attributes) if info is not None else None


@command("getCurrentImageChannelNames() -> string[]", tier="B", doc="Of the first image.")
def get_current_image_channel_names(ctx: Context) -> list[str] | None:
    info = _shown(ctx, None)
    return list(info.channel_names) if info is not None else None


@command("getCurrentImageSize() -> vector float[2]", tier="B", doc="Size of the first image.")
def get_current_image_size(ctx: Context) -> tuple[float, float]:
    info = _shown(ctx, None)
    if info is not None:
        return float(info.uncrop_width), float(info.uncrop_height)
    images = ctx.ports.renderer.rendered()
    return (float(images[0].width), float(images[0].height)) if images else (0.0, 0.0)


@command("contentAspect() -> float", tier="C", doc="Aspect under the pointer; 0.0 without one.")
def content_aspect(ctx: Context) -> float:
    return 0.0


@command(
    "addSourceMediaRep(string sourceNode, string mediaRepName, "
    "string[] mediaRepPathsAndOptions, string tag=nil) -> string",
    tier="B",
    doc="Add an alternative representation to a source; the new node.",
)
def add_source_media_rep(
    ctx: Context,
    sourceNode: str | None,
    mediaRepName: str | None,
    mediaRepPathsAndOptions: list[str],
    tag: str | None = None,
) -> str:
    if sourceNode is None or mediaRepName is None:
        raise CommandError("nil source")
    node = _engine(
        lambda: ctx.session.sources.add_with_options(
            mediaRepPathsAndOptions, tag or "", mediaRepName, sourceNode
        )
    )
    return node.name if node is not None else ""


@command(
    "setActiveSourceMediaRep(string sourceNode, string mediaRepName, string tag=nil) -> void",
    tier="B",
    doc="Switch the representation of a source.",
)
def set_active_source_media_rep(
    ctx: Context, sourceNode: str | None, mediaRepName: str | None, tag: str | None = None
) -> None:
    _engine(lambda: ctx.session.sources.activate(sourceNode or "", mediaRepName or ""))


@command("sourceMediaRep(string sourceNode) -> string", tier="B", doc="The active representation.")
def source_media_rep(ctx: Context, sourceNode: str | None) -> str:
    from player.session.sources import source_behind

    switches = ctx.session.sources.switches(sourceNode or "")
    if switches:
        chosen = switches[0].active_input
        active = source_behind(chosen) if chosen is not None else None
    else:
        active = ctx.session.source_node(sourceNode or "")
    return active.rep_name if active is not None else ""


@command("sourceMediaReps(string sourceNode) -> string[]", tier="B", doc="All representations.")
def source_media_reps(ctx: Context, sourceNode: str | None) -> list[str]:
    return [rep for rep, _ in ctx.session.sources.representations(sourceNode or "")]


@command(
    "sourceMediaRepsAndNodes(string sourceOrSwitchNode) -> (string,string)[]",
    tier="B",
    doc="(representation, source node) in switch order.",
)
def source_media_reps_and_nodes(
    ctx: Context, sourceOrSwitchNode: str | None
) -> list[tuple[str, str]] | None:
    return ctx.session.sources.representations(sourceOrSwitchNode or "") or None


def _switch(ctx: Context, name: str | None) -> Node | None:
    found = ctx.session.sources.switches(name or "")
    return found[0] if found else None


@command("sourceMediaRepSwitchNode(string sourceNode) -> string", tier="B", doc="The switch node.")
def source_media_rep_switch_node(ctx: Context, sourceNode: str | None) -> str:
    switch = _switch(ctx, sourceNode)
    return switch.name if switch is not None else ""


@command(
    "sourceMediaRepSourceNode(string sourceNode) -> string",
    tier="B",
    doc="Source node of the switch's first input.",
)
def source_media_rep_source_node(ctx: Context, sourceNode: str | None) -> str:
    from player.session.sources import source_behind

    switch = _switch(ctx, sourceNode)
    source = source_behind(switch.inputs[0]) if switch is not None and switch.inputs else None
    return source.name if source is not None else ""


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
    ctx.ports.cache.flush(ctx.session.playback.frame)
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
    mode = session.cache_mode
    session.set_cache_mode(0)
    for name in sourceNodes:
        if name is None:
            raise CommandError("nil argument to function")
        node = session.graph.find(name)
        if node is None:
            raise CommandError("sourceName does not exist")
        if not isinstance(node, FileSource):
            raise CommandError("given sourceName is not an RVFileSource")
        _forget(ctx, [node])
    session.set_cache_mode(mode)


@command("fileKind(string filename) -> int", tier="B", doc="FileKind by extension.")
def file_kind(ctx: Context, filename: str | None) -> int:
    if filename is None:
        raise CommandError("nil filename")
    media = ctx.ports.media
    if media.is_directory(filename):
        return 5
    extension = filename.rpartition(".")[2].lower() if "." in filename else ""
    if extension in _LUTS:
        return 4
    if extension in _MOVIES:
        return 2
    if extension in _IMAGES:
        return 1
    if extension in ("cdl", "cc", "ccc"):
        return 3
    if not media.exists(filename):
        raise EngineError(f"no such file {filename}")
    return _KINDS.get(extension, 0)


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
        raise CommandError("nil flag name")
    return ctx.session.options.flags.get(flagName) or defaultValue


@command("isCurrentFrameError() -> bool", tier="A", doc="Whether an error image is shown.")
def is_current_frame_error(ctx: Context) -> bool:
    return ctx.ports.renderer.frame_status() > 0 and bool(ctx.ports.renderer.frame_status() & 1)


@command("isCurrentFrameIncomplete() -> bool", tier="A", doc="Whether a partial image is shown.")
def is_current_frame_incomplete(ctx: Context) -> bool:
    status = ctx.ports.renderer.frame_status()
    return status < 0 or bool(status & 24)


@command("currentFrameStatus() -> int", tier="A", doc="Bits of image states; 0 is fine.")
def current_frame_status(ctx: Context) -> int:
    return max(ctx.ports.renderer.frame_status(), 0)
