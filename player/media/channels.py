"""Views, layers and channels of one image file, as RV names them.

A file holds parts (OpenImageIO subimages), a part holds channels.  A channel's name is
`[view.]layer.channel`; the view may also come from the part's `view` attribute (multi-part
EXR) or the file's `multiView` list, whose first entry is the view of unprefixed channels.
A part without any dotted channel that is not the first of its view is a layer named after
the part, as renderers write it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["ChannelTable", "Part", "Selection", "build_table"]

#: what is shown of a layer, in this order, when it has the names
_COLOUR = ("R", "G", "B", "A")
_ALIASES = {
    "r": "R", "red": "R", "g": "G", "green": "G", "b": "B", "blue": "B", "a": "A", "alpha": "A",
    "y": "Y", "ya": "A",
}  # fmt: skip
#: how RV sorts channels; others come behind, by name
_ORDER = ("R", "G", "B", "X", "Y", "U", "V", "RY", "BY", "A")
#: what channels that are no whole colour are shown as, by their number
_SHOWN = {1: ("Y",), 2: ("Y", "A"), 3: ("R", "G", "B"), 4: ("R", "G", "B", "A")}


def _first(names: Sequence[str]) -> list[int]:
    """Three channels for red, green and blue, and the fourth when that is alpha; two are grey and
    its alpha."""

    def place(index: int) -> tuple[int, str]:
        name = names[index].upper() if len(names[index]) == 1 else names[index]
        return (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)

    order = sorted(range(len(names)), key=place)
    return order[: 4 if len(order) > 3 and names[order[3]] == "A" else 3]


@dataclass(frozen=True, slots=True)
class Part:
    """One subimage as its header describes it."""

    index: int
    name: str
    view: str
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which channels of which part to read, and the names they are shown under."""

    part: int
    indices: tuple[int, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChannelTable:
    """(view, layer) -> (part, channel indices, channel base names), in file order."""

    groups: tuple[tuple[str, str, int, tuple[int, ...], tuple[str, ...]], ...]
    views: tuple[str, ...]
    layers: tuple[str, ...]
    default_view: str

    def select(self, view: str = "", layer: str = "", channel: str = "") -> Selection:
        """The channels to read; an unknown view or layer falls back to the first there is.

        With *channel* only that one; otherwise R, G, B and A, or, of a layer without a whole
        colour, its first three channels as RV sorts them: X, Y, Z. Two are grey and its alpha.
        """
        if "." in layer and not self._find(view, layer):
            # RV accepts LAYER.CHANNEL written as one name
            head, _, tail = layer.rpartition(".")
            if self._find(view, head):
                layer, channel = head, channel or tail
        head, _, tail = channel.rpartition(".")
        if head and layer in ("", head) and self._find(view, head):
            layer, channel = head, tail
        group = (
            self._find(view, layer)
            or self._find("", layer)
            or self._find(view, "")
            or self._first(view)
            or self.groups[0]
        )
        _, _, part, indices, names = group
        if channel:
            for index, name in zip(indices, names, strict=True):
                if name == channel:
                    return Selection(part, (index,), (name,))
        canonical = [_ALIASES.get(n.lower(), n) for n in names]
        picked = [canonical.index(c) for c in _COLOUR if c in canonical]
        shown = tuple(canonical[i] for i in picked)
        if not {"R", "G", "B"} <= set(shown):
            if {"Y", "RY", "BY"} <= set(canonical):
                picked = [canonical.index(c) for c in ("Y", "A") if c in canonical]
            else:
                picked = _first(canonical)
            shown = tuple(canonical[i] for i in picked)
            if len(picked) == 2 or set(shown) & {"R", "G", "B"}:
                shown = _SHOWN[len(picked)]
        return Selection(part, tuple(indices[i] for i in picked), shown)

    def _find(
        self, view: str, layer: str
    ) -> tuple[str, str, int, tuple[int, ...], tuple[str, ...]] | None:
        view = view or self.default_view
        return next((g for g in self.groups if g[0] == view and g[1] == layer), None)

    def _first(self, view: str) -> tuple[str, str, int, tuple[int, ...], tuple[str, ...]] | None:
        return next((g for g in self.groups if g[0] == (view or self.default_view)), None)

    def view_layers(self) -> tuple[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], ...]:
        """(view, ((layer, channel names), ...)) for MediaFacts."""
        return tuple(
            (view, tuple((g[1], g[4]) for g in self.groups if g[0] == view))
            for view in (self.views or ("",))
        )


def build_table(parts: Sequence[Part], multi_view: Sequence[str] = ()) -> ChannelTable:
    """Sort the channels of *parts* into views and layers.  Raises ValueError without any."""
    known_views = list(dict.fromkeys([*multi_view, *(p.view for p in parts if p.view)]))
    default_view = multi_view[0] if multi_view else (known_views[0] if known_views else "")
    groups: dict[tuple[str, str, int], tuple[list[int], list[str]]] = {}
    taken: set[tuple[str, str]] = set()
    for part in parts:
        plain = all("." not in c for c in part.channels)
        for index, full in enumerate(part.channels):
            pieces = full.split(".")
            view = part.view
            if not view and multi_view and len(pieces) > 1:
                # OpenEXR: the view is the last but one component of LAYER.VIEW.CHANNEL
                for position in (len(pieces) - 2, 0):
                    if pieces[position] in multi_view:
                        view = pieces.pop(position)
                        break
            view = view or default_view
            layer = ".".join(pieces[:-1])
            if plain and not layer and (view, "") in taken and part.name:
                layer = part.name
            key = (view, layer, part.index)
            indices, names = groups.setdefault(key, ([], []))
            indices.append(index)
            names.append(pieces[-1])
        taken |= {(v, n) for v, n, i in groups if i == part.index}
    if not groups:
        raise ValueError("no channels")
    rows = tuple((v, n, p, tuple(i), tuple(c)) for (v, n, p), (i, c) in groups.items())
    layers = tuple(dict.fromkeys(r[1] for r in rows if r[1]))
    return ChannelTable(rows, tuple(known_views), layers, default_view)
