"""Applying ``+options`` to a source: each becomes a property write, with its event.

Source: Open RV ``src/lib/app/RvApp/RvSession.cpp`` (applySingleSourceArgs).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from player.session.kinds.source import Source
from player.session.node import Node
from player.session.properties import Property, PropType
from player.session.sourceargs import SourceArgs

if TYPE_CHECKING:
    from player.session.session import Session

__all__ = ["apply_source_args"]


def _write(node: Node | None, name: str, values: Iterable[Any]) -> None:
    prop = node.prop(name) if node is not None else None
    if node is not None and prop is not None:
        prop.set(values)
        node.changed(prop)


def _member(source: Source, stem: str, index: int | None = None) -> Node | None:
    """A member of the source's group by the end of its name."""
    if source.group is None:
        return None
    name = f"{source.group.name}_{stem}" + ("" if index is None else f"_{index}")
    return source.graph.exact(name)


def _in_pipeline(source: Source, stem: str, type: str) -> Node | None:
    pipeline = _member(source, stem)
    members = pipeline.members if pipeline is not None else ()
    return next((m for m in members if m.type == type), None)


def apply_source_args(session: Session, args: SourceArgs, node: Source) -> None:
    """Write what the options say; options at their neutral value write nothing."""
    if args.cut_in is not None:
        _write(node, "cut.in", [args.cut_in])
    if args.cut_out is not None:
        _write(node, "cut.out", [args.cut_out])
    if args.fps != 0.0:
        _write(node, "group.fps", [args.fps])
        session.first_rate(args.fps)
    if args.volume != -1.0:
        _write(node, "group.volume", [1.0 if args.volume is None else args.volume])
    if args.audio_offset != 0.0:
        _write(node, "group.audioOffset", [args.audio_offset])
    if args.range_offset != 0:
        _write(node, "group.rangeOffset", [args.range_offset])
    if args.range_start is not None:
        prop = node.prop("group.rangeStart")
        if prop is None:
            prop = node.add(Property("group.rangeStart", PropType.INT, [0]))
        node.created(prop)
        _write(node, "group.rangeStart", [args.range_start])
    if args.no_movie_audio:
        _write(node, "group.noMovieAudio", [1])
    stereo = _member(node, "sourceStereo")
    if args.stereo_offset != 0.0:
        _write(stereo, "stereo.relativeOffset", [args.stereo_offset])
    if args.right_offset != 0.0:
        _write(stereo, "stereo.rightOffset", [args.right_offset])
    if args.pixel_aspect != 0.0:
        warp = _in_pipeline(node, "tolinPipeline", "RVLensWarp")
        _write(warp, "warp.pixelAspectRatio", [args.pixel_aspect])
    _select(args, node)
    _colour_files(session, args, node)
    _crop(args, node)


def _select(args: SourceArgs, node: Source) -> None:
    if args.select_type and args.select_name:
        parts = args.select_name.split(",")
        whole = args.select_name
        chosen: list[str] = []
        if args.select_type == "view":
            chosen = ["view", parts[0]]
        elif args.select_type == "layer":
            chosen = ["layer", *(parts[:2] if len(parts) > 1 else ["", whole])]
        elif args.select_type == "channel":
            chosen = ["channel", *(parts[:3] if len(parts) > 2 else ["", "", whole])]
        if chosen:
            node.assign("request.imageComponent", chosen)
    if args.cmap:
        channels = [c for c in args.cmap.split(",") if c]
        mapping = _member(node, "channelMap")
        if mapping is not None:
            mapping.assign("format.channels", channels)
        if len(channels) > 1 or not (args.select_type or args.select_name):
            node.assign("request.readAllChannels", [1])


def _colour_files(session: Session, args: SourceArgs, node: Source) -> None:
    linear = _in_pipeline(node, "tolinPipeline", "RVLinearize")
    colour = _in_pipeline(node, "colorPipeline", "RVColor")
    look = _in_pipeline(node, "lookPipeline", "RVLookLUT")
    for path, target in ((args.fcdl, linear), (args.lcdl, colour)):
        if path and target is not None:
            session.read_cdl(path, target.name)
    for path, target in (
        (args.flut, linear),
        (args.pclut, _member(node, "cacheLUT")),
        (args.llut, look),
    ):
        if path and target is not None:
            session.read_lut(path, target.name, True)


def _crop(args: SourceArgs, node: Source) -> None:
    target = _member(node, "format")
    if target is None:
        return
    if args.crop is not None:
        names = ("xmin", "ymin", "xmax", "ymax")
        for name, value in zip(names, args.crop, strict=True):
            target.assign(f"crop.{name}", [value])
        target.assign("crop.active", [1])
    if args.uncrop is not None:
        for name, value in zip(("width", "height", "x", "y"), args.uncrop, strict=True):
            target.assign(f"uncrop.{name}", [value])
        target.assign("uncrop.active", [1])
