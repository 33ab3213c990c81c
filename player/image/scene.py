"""What is to be drawn, with every property already turned into numbers.

A scene is a tree of `Quad` (one picture of one source) and `Composite` (several blended).
Coordinates: image height = 1, origin at the image's centre, y up; a `matrix` (3x3, float64)
maps a node's own space to its parent's.  The root of a view is fitted into the window by
`View`.  Nothing here knows of nodes: `plan.py` makes scenes from the session's evaluation,
tests make them by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from player.image.facts import Attributes
from player.image.lens import Lens
from player.image.marks import Mark
from player.image.ops import Op, PropertyReader
from player.image.sharpen import Sharpen

__all__ = ["WHOLE", "Box", "Clip", "Composite", "FetchKey", "HalfPlane", "Late", "Matrix3", "Quad",
           "Reformat", "Scene", "Step", "Strokes", "View", "blend_of", "identity", "rotation",
           "scaling", "translation"]  # fmt: skip

Matrix3 = npt.NDArray[np.float64]
#: left, right, bottom, top, as fractions of a frame
Box = tuple[float, float, float, float]
#: what of a frame is seen: its shape (0: the window's), and the matrix of a scene up to the node
#: in whose frame the box lies
Clip = tuple[Box, float, Matrix3]
#: the box of a frame of which everything is seen
WHOLE: Box = (0.0, 1.0, 0.0, 1.0)


def identity() -> Matrix3:
    return np.eye(3)


def scaling(x: float, y: float) -> Matrix3:
    return np.diag([x, y, 1.0])


def translation(x: float, y: float) -> Matrix3:
    m = np.eye(3)
    m[0, 2], m[1, 2] = x, y
    return m


def rotation(degrees: float) -> Matrix3:
    """Clockwise, as RV's rotate properties count."""
    r = -np.radians(degrees)
    c, s = np.cos(r), np.sin(r)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


@dataclass(frozen=True, slots=True)
class FetchKey:
    """Which picture: `pushed` ones come from the store by node, others from the media path, at a
    `level` of their file or a finer one."""

    node: str
    media: str
    frame: int
    view: str = ""
    layer: str = ""
    channel: str = ""
    pushed: bool = False
    level: int = 0


@dataclass(frozen=True, slots=True)
class Reformat:
    """RVFormat and RVChannelMap: crop box (inclusive, from the bottom left), canvas, sizes."""

    crop: tuple[int, int, int, int] | None = None
    uncrop: tuple[int, int, int, int] | None = None  # width, height, x, y (y from the top)
    fit: tuple[int, int] = (0, 0)
    resize: tuple[int, int] = (0, 0)
    scale: float = 1.0
    max_bits: int = 0
    allow_float: bool = True
    channels: tuple[str, ...] = ()

    @property
    def is_neutral(self) -> bool:
        return self == Reformat()


@dataclass(frozen=True, slots=True, eq=False)
class Strokes:
    """Annotations.  Those on an image (no `matrix`) go where it goes, whether a node moves it
    before or after; those on what a group shows lie in its frame, and `matrix` is the scene's
    own up to there.  They come after the colour operations of their image, as RV executes them
    when it has drawn it."""

    marks: tuple[Mark, ...]
    matrix: Matrix3 | None = None


@dataclass(frozen=True, slots=True)
class HalfPlane:
    """The side of a line that is kept of an image: the left one, seen along *angle* (radians)
    from *pivot*, or the right one when *swapped*.  Image height 1, origin at the image's lower
    left."""

    pivot: tuple[float, float]
    angle: float
    swapped: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Late:
    """An RVLinearize node behind others: its operations depend on the picture."""

    node: PropertyReader


Step = Op | Strokes | Sharpen | Late


@dataclass(frozen=True, slots=True, eq=False)
class Quad:
    """One source image.

    `linearize` is the RVLinearize node (its operations depend on the picture), `ops` what
    follows it.  `stencil` is a box of the stored picture; that it is `cut` out is said by a stack,
    as RV does nowhere else, and then nothing is seen beyond the frame that the image had before it
    was moved either.
    `pixel_aspect` 0 takes the picture's own.  `inner` moves the image, `fit_aspect` then
    shrinks it with that to a frame of this aspect (sequence and stack; -1 the window's, 0 not
    at all), and `matrix` moves the frame.  `lens` distorts the stored picture, `mask` leaves
    nothing of its other side, `attributes` are the user's.  `offset` moves the image by that
    part of its own width before anything else does.  `frame` is the shape of what is shrunk to the
    window's after all that, when it is wider (0 not at all).  `box` is what a Transform2D says of
    the sequence that shows the image, in its frame, and the matrix up to there.
    """

    key: FetchKey
    name: str = ""
    node: str = ""
    before: tuple[Op, ...] = ()
    linearize: PropertyReader | None = None
    ops: tuple[Step, ...] = ()
    reformat: Reformat = field(default_factory=Reformat)
    inner: Matrix3 = field(default_factory=identity)
    matrix: Matrix3 = field(default_factory=identity)
    stencil: Box = WHOLE
    cut: bool = False
    clips: tuple[Clip, ...] = ()
    box: tuple[Box, Matrix3] | None = None
    pixel_aspect: float = 0.0
    square: bool = False
    fit_aspect: float = 0.0
    offset: float = 0.0
    opacity: float = 1.0
    tags: tuple[tuple[str, str], ...] = ()
    eye: int = 0
    lens: Lens | None = None
    mask: HalfPlane | None = None
    attributes: Attributes = ()
    blend: str = ""
    frame: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Composite:
    """Several images; `children[0]` is on top.  `kind` is RV's composite.type, which a child
    with a `blend` of its own has that one in place of; "" for what is no stack.

    One that is `framed` is made as a picture of shape `aspect` before it is shown: nothing is seen
    beyond it, and what moves it from then on moves what it shows within, by `inner`.  `box`,
    `clips` and `frame` as an image's."""

    children: tuple[Scene, ...]
    kind: str = "over"
    amount: float = 0.5
    aspect: float = 0.0
    framed: bool = False
    inner: Matrix3 = field(default_factory=identity)
    clips: tuple[Clip, ...] = ()
    box: tuple[Box, Matrix3] | None = None
    ops: tuple[Step, ...] = ()
    matrix: Matrix3 = field(default_factory=identity)
    opacity: float = 1.0
    name: str = ""
    node: str = ""
    mask: HalfPlane | None = None
    blend: str = ""
    frame: float = 0.0


Scene = Quad | Composite

#: how stacks of these types lie over what is behind them; all others are laid over it
_BLENDS = {"add": "add", "difference": "", "-difference": "", "replace": "", "topmost": ""}


def blend_of(scene: Scene | None) -> str:
    """How a scene lies over the background: over, add or "", which replaces it."""
    if isinstance(scene, Composite) and scene.kind:
        return _BLENDS.get(scene.kind, "over")
    blend = scene.blend if scene is not None else ""
    return _BLENDS.get(blend, "over") if blend else ""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A whole picture to render.

    `aspect` is the shape that is fitted into the window, 0 for the image's own.  `right` is the
    right eye in a stereo mode.  `pan` and `zoom` are RVDispTransform2D's translate and
    scale.  `margins` are pixels left free at the left, right, top and bottom.  `blend` is how what
    is seen lies over the background, `tags` are those of the group that is seen.
    """

    left: Scene | None
    right: Scene | None = None
    stereo: str = "off"
    swap_scanlines: bool = False
    aspect: float = 0.0
    pan: tuple[float, float] = (0.0, 0.0)
    zoom: tuple[float, float] = (1.0, 1.0)
    display: tuple[Op, ...] = ()
    background: str = "black"
    margins: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    blend: str = ""
    frame: int = 1
    node: str = ""
    display_node: str = ""
    tags: tuple[tuple[str, str], ...] = ()
