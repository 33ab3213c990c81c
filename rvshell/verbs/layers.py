"""Which layer and view of multi-part pictures and of pushed pixels is shown.

RV keeps the choice in a source's ``request.imageComponent``: nothing (what the file gives of
itself), ("view", VIEW) or ("layer", VIEW, LAYER).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from rvshell.errors import CommandFailed
from rvshell.verbs.muvalue import joined, lines, parse_value, quote
from rvshell.verbs.registry import Request, verb
from rvshell.verbs.signature import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rvshell.verbs.context import Context

__all__: list[str] = []

_NOTHING = ("default", "-")

# Pushed pixels may come in layers that the source was not made with: then only its properties know.
_PARTS = """{
  string[] all;
  if (nodeType(%(node)s) == "RVImageSource") {
    let views = getStringProperty(%(node)s + ".image.views"),
        layers = getStringProperty(%(node)s + ".image.layers");
    if (views.empty()) views = string[] {""};
    for_each (v; views) {
      all.push_back(v + "\\t");
      for_each (l; layers) all.push_back(v + "\\t" + l);
    }
  } else for_each (v; sourceMediaInfo(%(node)s).viewInfos) {
    all.push_back(v.name + "\\t");
    for_each (l; v.layers) all.push_back(v.name + "\\t" + l.name);
  }
  string.join(all, "\\n");
}"""


class _Part(NamedTuple):
    node: str
    view: str
    layer: str


@verb(
    "layer [NAME] [--view VIEW] [--source NODE]",
    help="List the layers and views, or show layer NAME. Listed are those of the sources "
    "at the current frame, or of NODE, and which of them is shown; NAME is shown wherever there "
    "is one. layer default shows what the file gives of itself.",
    example="layer normal",
    scope="media",
    aliases=("layers",),
)
def layer(ctx: Context, name: str = "", view: str = "", source: str = "") -> Any:
    nodes = [source] if source else lines(ctx.remote.mu(joined("sourcesAtFrame(frame())")))
    if not nodes:
        raise CommandFailed("layer: no source is shown at this frame", hint="sources, add FILE")
    if name in _NOTHING and not view:
        _ask_for(ctx, dict.fromkeys(nodes, ()))
        return None
    parts = _parts(ctx, nodes)
    if not name and not view:
        return _listed(ctx, parts)
    chosen = {
        part.node: ("layer", view, name) if name else ("view", view)
        for part in parts
        if (not name or part.layer == name) and (not view or part.view == view)
    }
    if not chosen:
        raise _missing(parts, name, view)
    _ask_for(ctx, chosen)
    return None


def _parts(ctx: Context, nodes: list[str]) -> list[_Part]:
    """What there is: for each view itself (layer "") and for each of its layers."""
    asks = [Request(_PARTS % {"node": quote(node)}) for node in nodes]
    return [
        _Part(node, *row.split("\t", 1))
        for node, reply in zip(nodes, ctx.remote.ask_all(asks), strict=True)
        for row in lines(reply)
        if "\t" in row
    ]


def _listed(ctx: Context, parts: list[_Part]) -> list[dict[str, Any]]:
    rows = []
    for node in dict.fromkeys(part.node for part in parts):
        value = parse_value(ctx.remote.mu(f"getStringProperty({quote(_component(node))})"))
        asked = [str(word) for word in value] if isinstance(value, list) else []
        for at, part in enumerate(part for part in parts if part.node == node):
            rows.append({**part._asdict(), "shown": _is_shown(part, asked, at == 0)})
    return rows


def _is_shown(part: _Part, asked: list[str], first: bool) -> bool:
    match asked:
        case ["view", view]:
            return (part.view, part.layer) == (view, "")
        case ["layer", layer]:
            return part.layer == layer
        case ["layer", view, layer, *_]:
            return part.layer == layer and view in ("", part.view)
    return first


def _missing(parts: Iterable[_Part], name: str, view: str) -> CommandFailed:
    what, wanted = ("layer", name) if name else ("view", view)
    there = sorted({part.layer if name else part.view for part in parts} - {""})
    if view and name and name in there:
        return CommandFailed(
            f"layer: no layer {name!r} in a view {view!r}", hint="layer lists them"
        )
    guess = nearest(wanted, there)
    known = f"there are {', '.join(there)}" if there else f"there are no {what}s"
    return CommandFailed(
        f"layer: no {what} {wanted!r}", hint=f"did you mean {guess!r}?" if guess else known
    )


def _component(node: str) -> str:
    return f"{node}.request.imageComponent"


def _ask_for(ctx: Context, chosen: Mapping[str, tuple[str, ...]]) -> None:
    asks = []
    for node, words in chosen.items():
        value = f"string[] {{{', '.join(quote(word) for word in words)}}}"
        asks.append(Request(f"setStringProperty({quote(_component(node))}, {value}, true)"))
    ctx.remote.ask_all(asks)
