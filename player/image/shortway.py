"""From stored pixels to 8 bits at once, for the common pictures.

An upright image whose colour does not depend on alpha, or only where it is not opaque
(`loose.py`), needs no float canvas: its pixels are picked (while playing, when it may be turned as
well) or filtered (a frame that stands still) and go through one table or cube.  Stacks and layouts
of such images take the same way; what lies over something else and is not opaque, which is looked
at in the pixels that are drawn, is mixed with it where it has to be (`piece.py`); what is hidden by
an image that fills the picture is not sampled at all.  The two eyes of a stereo mode are made so,
too, and put together as bytes.  Mattes are the one kind of marks that do not need the long way:
what they darken goes once more through a chain that is that much darker.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from player.image.alpha import softness
from player.image.byteorder import put
from player.image.canvas import (
    Canvas,
    Cut,
    Drawn,
    around,
    eyes_of,
    frame_matrix,
    quad_ops,
)
from player.image.compiled import Compiled, compile_ops
from player.image.filtering import filtered
from player.image.loose import Loose
from player.image.marks import Matte
from player.image.nodeops import PREMULTIPLY
from player.image.ops import LUMA, Op, colour_matrix
from player.image.patterns import Pattern
from player.image.piece import MOST_MIXED, Dark, Lit, Mixed, Piece, Spread
from player.image.sample import Placement, nearest_places, pick, pick_nearest
from player.image.scene import WHOLE, Composite, Matrix3, Quad, Scene, Strokes, View
from player.image.stereo import EYE_MATRICES, combine
from player.image.strokes import matte_boxes
from player.image.tables import Bytes, quantise
from player.media.picture import Picture
from player.media.pool import shared_pool

__all__ = ["short_way"]

_PLAIN = (("R", "G", "B", "A"), ("R", "G", "B"), ("Y",), ("R",))
#: composites in which an opaque image does not hide what is below it
_MIXING = ("add", "difference", "-difference", "dissolve")
_GREY = colour_matrix(np.vstack([*[[*LUMA, 0.0]] * 3, [0.0, 0.0, 0.0, 1.0]]))
_ENLARGED = 0.5  # stored pixels for one that is shown, at most
_THINNEST = 64  # of how many rows and columns one may be taken: an image far away is a dot


def _quads(
    scene: Scene, outer: Matrix3, canvas: Canvas, frames: tuple[Cut, ...] = ()
) -> Iterator[tuple[Quad, Matrix3, tuple[Cut, ...]] | None]:
    """The images of a scene from the top down, where each lies, and the frames of pictures that it
    is a part of; None for what needs the long way."""
    if isinstance(scene, Quad):
        plain = scene.opacity == 1.0 and scene.lens is None and scene.mask is None
        yield (scene, outer, frames) if plain else None
        return
    kinds = {scene.kind, *(c.blend for c in scene.children)}
    mixes = not kinds.isdisjoint(_MIXING) and len(scene.children) > 1
    if mixes or scene.ops or scene.clips or scene.opacity != 1.0 or scene.mask:
        yield None
        return
    if scene.framed and scene.aspect:
        at = canvas.pixels @ outer @ scene.matrix @ frame_matrix(scene.aspect)
        frames = (*frames, (WHOLE, at))
    children = scene.children[:1] if scene.kind == "topmost" else scene.children
    for child in children:
        yield from _quads(child, around(scene, child, outer, canvas.aspect), canvas, frames)


def _behind(view: View, out: Bytes) -> None:
    """The background through the display's operations: RGBA, top row first."""
    height, width = out.shape[:2]
    pattern = Pattern(view.background, width)
    shown = quantise(compile_ops(view.display).apply(pattern.rows.copy()))
    shown[..., 3] = 255
    put(out[::-1], shown[pattern.kinds(np.arange(height))])


def _piece(
    view: View, canvas: Canvas, d: Drawn, p: Placement, after: tuple[Op, ...]
) -> Piece | None:
    """An image at its place, ready to be drawn; None when it needs the long way."""
    display = (*after, *view.display)
    steps = quad_ops(d.quad, d.picture)
    ops = [s for s in steps if isinstance(s, Op)]
    strokes = [s for s in steps if isinstance(s, Strokes)]
    plain = len(ops) + len(strokes) == len(steps)
    if not plain or d.picture.blank or d.picture.channels not in _PLAIN or canvas.slanting(d):
        return None
    chain = compile_ops([*ops, *display])
    loose = None
    if not (chain.rgb_only or canvas.exact) and len(d.picture.channels) == 4:
        loose = Loose.of([*ops, *display])
        chain = loose.opaque if loose is not None else chain
    quick = canvas.filter == "nearest" and not canvas.exact
    if not chain.rgb_only or not (p.upright or (quick and not strokes)):
        return None
    dark = _dark(strokes, ops, display, d, canvas)
    if dark is None or (dark and loose is not None):
        return None
    piece = Piece(p, chain, [], []) if p.empty else _sampled(canvas, d, p, chain, dark, quick)
    if piece is None:
        return None
    piece.light = compile_ops(ops)
    if loose is None:
        return piece
    piece.loose = loose
    return piece if all(loose.suits(block) for *_, block in piece.blocks) else None


def _sampled(
    canvas: Canvas, d: Drawn, p: Placement, chain: Compiled, dark: list[Dark], quick: bool
) -> Piece | None:
    """The pixels of an image that are drawn."""
    if quick:
        enlarged = p.upright and abs(np.linalg.det(p.inverse[:2, :2])) < _ENLARGED
        if enlarged and not dark:
            part, spread = _part(d.picture.pixels, p.among(d.picture.stored, d.picture.pixels))
            return Piece(p, chain, [(0, len(part), part)], [], None, spread)
        picked, mask = _picked(d.picture, p)
        return Piece(p, chain, [(0, p.y1 - p.y0, picked)], dark, mask)
    pixels = d.picture.pixels
    if canvas.exact and not (chain.is_channelwise and pixels.dtype != np.float32 and p.one_to_one):
        return None  # only a table that has an entry for each value is exact
    there = p.among(d.picture.stored, pixels)
    if there.one_to_one:  # nothing lies between the pixels
        return Piece(p, chain, [(0, p.y1 - p.y0, pick_nearest(pixels, there))], dark)
    return Piece(p, chain, filtered(pixels, there.inverse, p.x0, p.y0, p.x1, p.y1), dark)


def _part(pixels: npt.NDArray[Any], p: Placement) -> tuple[npt.NDArray[Any], Spread]:
    """The pixels that are seen of an enlarged picture, and which of them goes where: fewer are
    coloured than are shown."""
    rows, columns = nearest_places(p, pixels.shape[1], pixels.shape[0])
    top, left = int(rows.min()), int(columns.min())
    part = pixels[top : int(rows.max()) + 1, left : int(columns.max()) + 1]
    return part, (rows - top, columns - left)


def _picked(
    picture: Picture, p: Placement
) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_] | None]:
    """The nearest pixels, out of no more than a picture shown smaller needs."""
    scale = float(np.hypot(p.inverse[:2, 0], p.inverse[:2, 1]).min())
    pixels = picture.thinned(int(min(scale, _THINNEST)))
    return pick(pixels, p.among(picture.stored, pixels))


def _dark(
    strokes: list[Strokes], ops: list[Op], display: tuple[Op, ...], d: Drawn, canvas: Canvas
) -> list[Dark] | None:
    """What mattes darken: a chain and the canvas pixels it is for; None for other marks."""
    out: list[Dark] = []
    for stroke in strokes:
        for mark in stroke.marks:
            if not isinstance(mark, Matte) or out or stroke.matrix is not None:
                return None
            left = 1.0 - mark.opacity
            chain = compile_ops([*ops, colour_matrix(np.diag([left, left, left, 1.0])), *display])
            w, h = d.picture.width, d.picture.height
            for x0, y0, x1, y1 in matte_boxes(mark, d.aspect):
                if x1 <= x0 or y1 <= y0:
                    continue
                corners = np.array([[x0, x1], [y0, y1], [1.0, 1.0]])
                corners[:2] = (corners[:2] / [[d.aspect], [1.0]] + 0.5) * [[w], [h]]
                at = d.to_canvas @ corners
                ends = np.clip([at[:2].min(1), at[:2].max(1)], 0, [canvas.width, canvas.height])
                ax, ay, bx, by = (int(v) for v in np.ceil(ends - 0.5).ravel())
                out.append((chain, ax, ay, bx, by))
    return out


def _seen(
    view: View, canvas: Canvas, scene: Scene, outer: Matrix3, after: tuple[Op, ...] = (),
    alone: bool = True,
) -> list[Piece] | None:  # fmt: skip
    """What is seen of a scene, from the top down; None when it needs the long way.  *after* is
    done before the display's operations.  One that is not *alone* may lie over another eye."""
    patterned = view.background != "black"
    base = _lit(view, canvas) if view.blend and patterned else None
    may_mix = alone and not canvas.exact and _only_over(scene)
    may_mix &= bool(view.blend) or not patterned
    display = compile_ops((*after, *view.display))

    left = int(MOST_MIXED * canvas.width * canvas.height)

    def mixed(piece: Piece) -> Mixed | None:
        nonlocal left
        if piece.mixed is None and may_mix and (edges := piece.edges(left)) is not None:
            piece.mixed = Mixed(edges, display, base)
            left -= piece.mixed.count
        return piece.mixed

    pieces: list[Piece] = []
    through: list[Piece] = []  # something below may be seen through these
    hidden = False
    found = list(_quads(scene, outer, canvas))
    drawn = [canvas.locate(*one) for one in found if one is not None]
    if len(drawn) < len(found):
        return None
    places = [canvas.placement(d) for d in drawn]
    for number, (d, place) in enumerate(zip(drawn, places, strict=True), 1):
        if hidden:
            break  # the others are there for queries, and not seen
        below = base is not None or any(place.meets(lower) for lower in places[number:])
        if below and _soft_places(d, place) > 1.5 * left:
            return None  # which need not be looked at closely
        piece = _piece(view, canvas, d, place, after)
        if piece is None or (piece.is_dark_beyond and (patterned or number < len(found))):
            return None
        for upper in through:
            if place.meets(upper.placement):
                over = mixed(upper) if piece.is_lit else None
                if over is None:
                    return None
                over.below.append(piece)
        pieces.append(piece)
        if number == len(found) and base is None:
            break  # nothing shows through it
        if piece.opaque:
            hidden = piece.covers(canvas)
        elif base is not None and mixed(piece) is None:
            return None
        else:
            through.append(piece)
    return pieces or None


def _only_over(scene: Scene) -> bool:
    """Whether what is not opaque is laid over what is below, everywhere."""
    if isinstance(scene, Quad):
        return True
    kinds = {scene.kind, *(child.blend for child in scene.children)}
    replaces = "replace" in kinds and len(scene.children) > 1
    return not replaces and all(_only_over(child) for child in scene.children)


def _soft_places(d: Drawn, p: Placement) -> float:
    """About how many pixels an image is neither opaque nor clear at."""
    if d.picture.blank or len(d.picture.channels) != 4 or p.empty:
        return 0.0
    loose = any(step.key == PREMULTIPLY for step in quad_ops(d.quad, d.picture)
                if isinstance(step, Op))  # fmt: skip
    return softness(d.picture.pixels, loose) * (p.x1 - p.x0) * (p.y1 - p.y0)


def _framed(scene: Scene | None) -> bool:
    return isinstance(scene, Composite) and scene.framed


def _lit(view: View, canvas: Canvas) -> Lit:
    pattern = Pattern(view.background, canvas.width)
    return lambda rows, columns: pattern.rows[pattern.kinds(rows), columns]


def _made(view: View, canvas: Canvas, pieces: list[Piece], out: Bytes | None) -> Bytes:
    """Pieces, from the top down, over the background, in *out* if given."""
    if out is None:
        out = shared_pool.take((canvas.height, canvas.width, 4), np.uint8)
    if pieces[-1].mixed is not None or not pieces[-1].covers(canvas):
        _behind(view, out)
    for piece in reversed(pieces):
        piece.draw(out, canvas.until)
    return out


def _one_or_apart(view: View, canvas: Canvas, out: Bytes | None) -> Bytes | None:
    """One eye, or two that lie apart; where the right one is drawn it wins."""
    pieces: list[Piece] = []
    eyes = list(canvas.eyes())
    for _, scene, placed in eyes:
        seen = _seen(view, canvas, scene, placed, alone=len(eyes) == 1) if scene else None
        if seen is None:
            return None
        pieces = seen + pieces
    if canvas.exact and not pieces[-1].covers(canvas):
        return None
    return _made(view, canvas, pieces, out)


def _mingled(view: View, canvas: Canvas, out: Bytes | None) -> Bytes | None:
    """Two eyes in the same place.  Which pixels are taken of which is the same before and after
    the display's operations, and which channels, where these do not mix them."""
    tinted = view.stereo in ("anaglyph", "lumanaglyph")
    if canvas.exact or (tinted and not all(op.per_channel for op in view.display)):
        return None
    after = (_GREY,) if view.stereo == "lumanaglyph" else ()
    eyes: dict[str, list[Piece]] = {}
    for eye, scene, placed in canvas.eyes():
        seen = _seen(view, canvas, scene, placed, after) if scene else None
        if seen is None:
            return None
        eyes[eye] = seen
    made = {eye: _made(view, canvas, seen, None)[::-1] for eye, seen in eyes.items()}
    mingled = combine("anaglyph" if tinted else view.stereo, made)[::-1]
    if out is None:
        return np.ascontiguousarray(mingled)
    put(out, mingled)
    return out


def short_way(view: View, canvas: Canvas, out: Bytes | None = None) -> Bytes | None:
    """The finished picture, top row first, in *out* if given; None (and nothing drawn) when the
    scene needs the long way."""
    mingles = len(eyes_of(view)) == 2 and view.stereo not in EYE_MATRICES
    if view.background != "black" and (view.blend == "add" or _framed(view.left)):
        return None  # which shows something of it else than through what is clear
    made = (_mingled if mingles else _one_or_apart)(view, canvas, out)
    if made is None:
        canvas.drawn.clear()
    return made
