"""From the session's evaluation tree to a scene: node properties become numbers.

The only file of this room that knows node types.  Nodes are read through `type`, `name`,
`get` and `one`; the trees are those of `player.session.evaluate`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from player.image.annotations import Effects, painted
from player.image.facts import bounds_of, user_attributes
from player.image.lens import lens_of
from player.image.nodeops import COLOUR_TYPES, color_ops, linearize_ops, node_ops
from player.image.ocio import complain
from player.image.ops import Op, join, run_ops
from player.image.overlay import overlaid
from player.image.placing import half_plane_of, matrix_of, pair_of, reformat_of, tags_of
from player.image.scene import (
    WHOLE,
    Composite,
    FetchKey,
    Late,
    Matrix3,
    Quad,
    Scene,
    Step,
    Strokes,
    View,
    blend_of,
    identity,
    rotation,
    scaling,
    translation,
)
from player.image.sharpen import sharpen_of
from player.session.evaluate import Blank, Group, ImageTree, Leaf

__all__ = ["plan_view"]

Margins = tuple[float, float, float, float]

#: stereo modes that give each eye a part of the window: no node takes its size there
_HALVES: Final = ("pair", "mirror", "hsqueezed", "vsqueezed")
#: those that make one picture of both
_MERGED: Final = ("anaglyph", "lumanaglyph", "checker", "scanline")
#: fit_aspect of an image that is fitted into the window itself
WINDOW = -1.0


def _aspect(tree: Group) -> float:
    """The shape of a group's picture, 0 when it has none."""
    width, height = tree.size
    return width / height if width > 0 and height > 0 else 0.0


def _fitted(scene: Scene, fit: float, tree: ImageTree) -> Scene:
    """What a group shows, in the frame of another that it is an input of: RV shrinks what is
    wider, level by level, with what moved it before.  A source's image is fitted when its size
    is known, a group's when the window's is."""
    if isinstance(tree, Group):
        own = _aspect(tree)
        if fit == WINDOW:
            return replace(scene, frame=own)
        k = fit / own if 0 < fit < own else 1.0
        return replace(scene, matrix=scaling(k, k) @ scene.matrix)
    if isinstance(tree, Leaf) and isinstance(scene, Quad):
        return replace(scene, fit_aspect=fit, inner=scene.matrix, matrix=identity())
    return replace(scene, fit_aspect=fit) if isinstance(scene, Quad) else scene


class _Planner:
    """One evaluation for one eye (None in mono)."""

    def __init__(
        self, eye: int | None, stereo: Any | None, effects: Effects, session: Any | None,
        filling: Any | None,
    ) -> None:  # fmt: skip
        self.eye = eye
        self.stereo = stereo
        self.effects = effects
        self.session = session
        self.filling = filling

    def whole(self, tree: ImageTree) -> Scene | None:
        """The scene of what is viewed: an image by itself is fitted into the window."""
        scene = self.scene(tree)
        return _fitted(scene, WINDOW, tree) if scene and isinstance(tree, Leaf) else scene

    def scene(self, tree: ImageTree) -> Scene | None:
        if isinstance(tree, Leaf):
            return self._chain(self._quad(tree), tree)
        if isinstance(tree, Group):
            made = self._group(tree)
            return None if made is None else self._chain(made, tree)
        return None

    def _quad(self, leaf: Leaf) -> Quad:
        node = leaf.node
        if leaf.pushed:
            name = f"{node.name}.0/0/{leaf.key or leaf.frame}"
        else:
            name = f"{node.name}.{self.eye or 0}/{leaf.view or 0}/{leaf.frame}"
        key = FetchKey(
            node.name, leaf.media, leaf.frame, leaf.view, leaf.layer, leaf.channel, leaf.pushed
        )
        aspect = float(node.one("image.pixelAspect", 0.0) or 0.0) if leaf.pushed else 0.0
        return Quad(
            key, name=name, node=node.name, pixel_aspect=aspect,
            eye=self.eye or 0, attributes=user_attributes(node),
        )  # fmt: skip

    def _group(self, tree: Group) -> Scene | None:
        aspect = _aspect(tree)
        node = tree.node
        fit = 0.0 if tree.kind == "layout" else aspect
        if node is self.filling:
            fit = 0.0 if _passed_on(tree) is not None else WINDOW
        children = [(child, self.scene(child)) for child in tree.children]
        wiped = tree.kind in ("stack", "layout")
        present = tuple(
            _wiped(_fitted(scene, fit, child), child) if wiped else _fitted(scene, fit, child)
            for child, scene in children
            if scene is not None
        )
        if not present:
            return None
        if tree.kind in ("sequence", "switch"):
            opacity = 1.0
            values = node.get("composite.inputOpacities")
            if tree.kind == "sequence" and tree.inputs and tree.inputs[0] < len(values):
                opacity = float(values[tree.inputs[0]])
            only = present[0]
            mask, blend = None, only.blend
            if tree.kind == "sequence" and tree.inputs:
                mask = half_plane_of(node, tree.inputs)
                modes = node.get("composite.inputBlendModes")
                if tree.inputs[0] < len(modes) and not blend:
                    blend = str(modes[tree.inputs[0]]) or "over"
                if isinstance(only, Composite):
                    only = replace(only, framed=True)
            return replace(
                only, opacity=only.opacity * opacity, mask=mask or only.mask, blend=blend
            )
        kind = str(node.one("composite.type", "over"))
        # replace and dissolve are merged by a shader, which knows its inputs by number
        merged = kind in ("replace", "topmost", "dissolve", "add")
        if not node.one("mode.supportReversedOrderBlending", 1) and not merged:
            present = present[::-1]
        return Composite(
            present,
            kind,
            float(node.one("composite.dissolveAmount", 0.5)),
            0.0 if node is self.filling else aspect,
            kind in ("replace", "dissolve"),
            node=node.name,
            name=node.name,
        )

    def _chain(self, scene: Scene, tree: Leaf | Group) -> Scene:
        """What the nodes of a chain make of an image, or of what a group shows."""
        grouped = isinstance(tree, Group)
        group = scene.matrix if grouped else None
        for node, frame in zip(tree.chain, tree.frames, strict=True):
            if node.type in ("RVPaint", "RVOverlay"):
                scene = self._paint(scene, node, frame, group)
                if node.type == "RVPaint" and isinstance(scene, Quad):
                    scene = replace(scene, tags=(*scene.tags, *tags_of(node)))
            elif node.type == "RVUnsharpMask":
                scene = self._sharpen(scene, node, frame)
            elif node.type == "RVTransform2D":
                scene = _moved(scene, node, grouped)
            elif node.type == "RVSourceStereo":
                scene = self._eye(scene, node)
            elif isinstance(scene, Quad) and not grouped:
                scene = self._pass(scene, node)
            else:
                shaped = isinstance(tree, Group) and tree.node is not self.filling
                aspect = _aspect(tree) if isinstance(tree, Group) and shaped else 0.0
                scene = _coloured_group(scene, _ops_of(node), aspect)
        return scene

    @staticmethod
    def _sharpen(scene: Scene, node: Any, frame: int) -> Scene:
        # an image says itself how high it is, a composite is as high as its node says
        height = 0 if isinstance(scene, Quad) else int(node.struct_info(frame).height)
        step = sharpen_of(node, height)
        return scene if step is None else replace(scene, ops=(*scene.ops, step))

    def _paint(self, scene: Scene, node: Any, frame: int, group: Matrix3 | None) -> Scene:
        if node.type == "RVPaint":
            marks = painted(node, frame, self.eye, self.effects)
        else:
            marks = overlaid(node, self.session, frame, self.eye)
        if not marks:
            return scene
        return replace(scene, ops=(*scene.ops, Strokes(tuple(marks), group)))

    def _pass(self, scene: Quad, node: Any) -> Scene:
        kind = node.type
        if kind == "RVLinearize":
            if scene.linearize is None and not scene.ops:
                return replace(scene, linearize=node)
            return _coloured(scene, (Late(node),))
        if kind == "RVLensWarp":
            return self._warp(scene, node)
        if kind == "RVFormat":
            return replace(scene, reformat=reformat_of(node, scene.reformat))
        if kind == "RVChannelMap":
            names = tuple(str(c) for c in node.get("format.channels"))
            return replace(scene, reformat=replace(scene.reformat, channels=names))
        if kind == "RVCacheLUT":
            return replace(scene, before=(*scene.before, *node_ops(node, kind)))
        bounds = bounds_of(scene.attributes) if kind == "RVColor" else None
        if bounds is not None and node.one("color.normalize", 0) == 1:
            return _coloured(scene, join(color_ops(node, bounds=bounds)))
        return _coloured(scene, _ops_of(node))

    def _eye(self, scene: Scene, node: Any) -> Scene:
        if self.eye is None or not isinstance(scene, Quad):
            return scene
        relative = float(node.one("stereo.relativeOffset", 0.0) or 0.0)
        right = float(node.one("stereo.rightOffset", 0.0) or 0.0)
        flip = bool(node.one("rightTransform.flip", 0))
        flop = bool(node.one("rightTransform.flop", 0))
        turn = float(node.one("rightTransform.rotate", 0.0) or 0.0)
        move = pair_of(node, "rightTransform.translate", 0.0)
        if self.stereo is not None:
            s = self.stereo
            relative += float(s.one("stereo.relativeOffset", 0.0) or 0.0)
            right += float(s.one("stereo.rightOffset", 0.0) or 0.0)
            flip ^= bool(s.one("rightTransform.flip", 0))
            flop ^= bool(s.one("rightTransform.flop", 0))
            turn += float(s.one("rightTransform.rotate", 0.0) or 0.0)
            extra = pair_of(s, "rightTransform.translate", 0.0)
            move = (move[0] + extra[0], move[1] + extra[1])
        if self.eye == 0:
            return replace(scene, offset=scene.offset - relative)
        m = rotation(turn) @ scaling(-1.0 if flop else 1.0, -1.0 if flip else 1.0)
        m = translation(*move) @ m
        return replace(scene, matrix=m @ scene.matrix, offset=scene.offset + relative + right)

    @staticmethod
    def _warp(scene: Quad, node: Any) -> Quad:
        if not node.one("node.active", 1):
            return replace(scene, square=True)
        aspect = float(node.one("warp.pixelAspectRatio", 0.0) or 0.0)
        return replace(
            scene,
            pixel_aspect=aspect if aspect > 0 else scene.pixel_aspect,
            lens=lens_of(node) or scene.lens,
        )


def _moved(scene: Scene, node: Any, grouped: bool) -> Scene:
    """What RVTransform2D does: it moves, and says anew what a stack is to show of it.  Of a picture
    that has been made it moves what is in it."""
    if not node.one("transform.active", 1):
        return scene
    values = [float(v) for v in node.get("stencil.visibleBox")]
    box = (values[0], values[1], values[2], values[3]) if len(values) == 4 else WHOLE
    cuts = box[0] > 0 or box[1] < 1 or box[2] > 0 or box[3] < 1
    move = matrix_of(node)
    if isinstance(scene, Quad) and not grouped:
        scene = replace(scene, stencil=box if cuts else WHOLE)
    else:
        scene = replace(scene, box=(box, scene.matrix) if cuts else None)
    if isinstance(scene, Quad):
        scene = replace(scene, tags=(*scene.tags, *tags_of(node)))
    elif scene.framed:
        return replace(scene, inner=move @ scene.inner)
    return replace(scene, matrix=move @ scene.matrix)


def _wiped(scene: Scene, tree: ImageTree) -> Scene:
    """An input of a stack, of which only a part may be seen: it is cut out of the input's own
    picture, so that nothing goes beyond the frame that has where nothing moved it."""
    if isinstance(scene, Quad) and isinstance(tree, Leaf):
        return replace(scene, cut=scene.stencil != WHOLE)
    if scene.box is None or not isinstance(tree, Group):
        return scene
    box, before = scene.box
    aspect = _aspect(tree)
    clips = (*scene.clips, (box, aspect, before), (WHOLE, aspect, scene.matrix))
    scene = replace(scene, clips=clips, box=None)
    return replace(scene, framed=True) if isinstance(scene, Composite) else scene


def _ops_of(node: Any) -> tuple[Op, ...]:
    """The colour operations of a node that need not know what they are for."""
    kind = node.type
    if kind.startswith("ICC") and node.one("node.active", 1):
        complain(f"{node.name}: ICC transforms are not applied; use OpenColorIO's")
    if kind == "Dynamic" and node.one("function.glsl", ""):
        complain(f"{node.name}: GLSL code needs a GPU; the picture passes as it is")
    if kind == "RVLinearize":
        return linearize_ops(node)
    if kind in COLOUR_TYPES and kind != "RVCacheLUT" and not _is_display(node):
        return node_ops(node, kind)
    return ()


def _coloured(scene: Scene, ops: Sequence[Step]) -> Scene:
    """With these colour operations, which come before what is painted on the image."""
    steps: list[Step] = list(scene.ops)
    place = len(steps)
    while place and isinstance(steps[place - 1], Strokes):
        place -= 1
    steps[place:place] = ops
    return replace(scene, ops=tuple(steps))


def _coloured_group(scene: Scene, ops: tuple[Op, ...], aspect: float) -> Scene:
    """What a group shows, coloured as a picture of that shape: what is around an image in it, too,
    and nothing beyond.  An image that lies within it by itself, in operations that leave black
    as it is, needs none of that."""
    if not ops:
        return scene
    if isinstance(scene, Quad):
        still = not scene.offset and np.array_equal(scene.inner, np.eye(3))
        plain = scene.opacity == 1.0 and scene.mask is None and (still or not aspect)
        if plain and not run_ops(ops, np.zeros((1, 4), np.float32)).any():
            return _coloured(scene, ops)
        marks = tuple(s for s in scene.ops if isinstance(s, Strokes) and s.matrix is not None)
        within = tuple(s for s in scene.ops if s not in marks)
        image = replace(scene, ops=within, matrix=identity(), blend="", box=None)
        scene = Composite(
            (image,), "", aspect=aspect, ops=marks, matrix=scene.matrix, blend=scene.blend,
            box=scene.box, name=scene.name, node=scene.node,
        )  # fmt: skip
    return _coloured(replace(scene, framed=True), ops)


def _is_display(node: Any) -> bool:
    """Whether a node belongs to the pipeline of a display."""
    group = getattr(node, "group", None)
    while group is not None and group.type != "RVDisplayPipelineGroup":
        group = getattr(group, "group", None)
    return group is not None


def _filling(tree: ImageTree, shown: Any | None) -> Any | None:
    """The node that takes the size of the window for its own: by its property, and only while its
    group is the view node."""
    if not isinstance(tree, Group) or tree.kind == "layout" or tree.node.group is not shown:
        return None
    return tree.node if tree.node.one("output.interactiveSize", 0) else None


def _passed_on(tree: ImageTree) -> Group | None:
    """The group in a sequence's or switch's place that has the size of the window: as a whole, what
    is narrow in it too, it is fitted into the window as if it were viewed by itself."""
    if isinstance(tree, Group) and tree.kind in ("sequence", "switch") and tree.children:
        child = tree.children[0]
        if isinstance(child, Group) and _aspect(child) > 0:
            return child
    return None


def plan_view(
    tree: ImageTree,
    right: ImageTree | None = None,
    *,
    background: str = "black",
    frame: int = 1,
    effects: Effects | None = None,
    session: Any | None = None,
    margins: Margins = (0.0, 0.0, 0.0, 0.0),
    shown: Any | None = None,
) -> View:
    """The scene of an evaluation; *tree* is the left eye when *right* is given.  *session* is
    the RVSession node, *shown* the view node."""
    effects = effects or Effects()
    display: list[Op] = []
    pan, zoom = (0.0, 0.0), (1.0, 1.0)
    stereo: Any | None = None
    display_node = ""
    tags: list[tuple[str, str]] = []
    chain: tuple[Any, ...] = tree.chain
    for node in chain:
        if node.type in COLOUR_TYPES and _is_display(node):
            display += node_ops(node, node.type)
            display_node = display_node or node.name
        elif node.type == "RVDisplayStereo":
            stereo = node
        elif node.type in ("RVPaint", "RVTransform2D"):
            tags += tags_of(node)
        elif node.type == "RVDispTransform2D":
            pan = pair_of(node, "transform.translate", 0.0)
            zoom = pair_of(node, "transform.scale", 1.0)
    mode = str(stereo.one("stereo.type", "off")) if stereo is not None else "off"
    if right is not None and stereo is not None and stereo.one("stereo.swap", 0):
        # the eyes look at each other's images; offsets and transforms stay where they are
        tree, right = right, tree
    left_eye = 0 if right is not None else None
    filling = None if right is not None and mode in _HALVES else _filling(tree, shown)
    left_scene = _Planner(left_eye, stereo, effects, session, filling).whole(tree)
    right_scene = None
    if right is not None:
        right_scene = _Planner(1, stereo, effects, session, filling).whole(right)
    if right is not None and mode in _MERGED:
        background = "black"  # both eyes are made before anything is laid over it
    aspect = 0.0
    whole = tree if filling is None else _passed_on(tree)
    if isinstance(whole, Group):
        aspect = _aspect(whole)
    scenes = [left_scene, right_scene]
    if isinstance(left_scene, Composite) and left_scene.framed:
        # what is seen was made as a picture: it is looked at within that
        look = scaling(*zoom) @ translation(*pan)
        scenes = [_looked_at(scene, look) for scene in scenes]
        pan, zoom = (0.0, 0.0), (1.0, 1.0)
    return View(
        scenes[0],
        scenes[1],
        mode if right is not None else "off",
        aspect=aspect,
        pan=pan,
        zoom=zoom,
        display=join(display),
        background=background,
        margins=margins,
        blend=blend_of(left_scene),
        frame=frame,
        node=tree.node.name if not isinstance(tree, Blank) else "",
        display_node=display_node,
        tags=tuple(tags) if isinstance(tree, Group) else (),
    )


def _looked_at(scene: Scene | None, look: Matrix3) -> Scene | None:
    return replace(scene, inner=look @ scene.inner) if isinstance(scene, Composite) else scene
