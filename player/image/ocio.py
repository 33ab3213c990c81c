"""OpenColorIO nodes: OCIO, OCIOFile, OCIOLook, OCIODisplay, SYNLinearize and SYNDisplay.

The configuration is `$OCIO`'s: a file, or one that is built into the library
(``ocio://default``, ``ocio://studio-config-latest``); without it RV has OpenColorIO's raw
configuration, in which no colour space is linear, and a node without names does nothing.
Empty names stand for the scene-linear role, the default display and its default view.
(Open RV, ``OCIONodes/OCIOIPNode``.)

Transforms are exact processors on float pixels; `compiled.py` bakes those that mix channels.
A transform that cannot be made leaves the picture as it is and says why, once.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from player.image.ops import Op, PropertyReader, channelwise, general
from player.image.transfer import Array

__all__ = ["OCIO_TYPES", "complain", "config_facts", "file_ops", "ocio_ops"]

OCIO_TYPES = frozenset(
    ("OCIO", "OCIOFile", "OCIOLook", "OCIODisplay", "SYNLinearize", "SYNDisplay")
)
_log = logging.getLogger(__name__)
_XYZ_TO_709 = (
    3.240969941905, -1.537383177570, -0.498610760293, 0, -0.969243636281, 1.875967501508,
    0.041555057407, 0, 0.055630079697, -0.203976958889, 1.056971514243, 0, 0, 0, 0, 1,
)  # fmt: skip


@lru_cache(maxsize=64)
def complain(text: str) -> None:
    """One line in the log for a transform that cannot be made; the same one only once."""
    _log.error("%s", text)


def _stamp(path: str) -> tuple[str, float]:
    try:
        return path, os.stat(path).st_mtime
    except OSError:
        return path, 0.0


@lru_cache(maxsize=4)
def _config(stamp: tuple[str, float]) -> Any:
    import PyOpenColorIO as ocio

    if not stamp[0]:
        return ocio.Config.CreateRaw()
    try:
        return ocio.Config.CreateFromFile(stamp[0])
    except ocio.Exception as error:
        complain(f"$OCIO: {' '.join(str(error).split())}")
        return ocio.Config.CreateRaw()


def _current() -> Any:
    return _config(_stamp(os.environ.get("OCIO", "")))


def config_facts() -> tuple[str, str]:
    """(description, working directory) of the configuration, for `config.*` properties."""
    try:
        config = _current()
    except ImportError:
        return ("", "")
    return str(config.getDescription()), str(config.getWorkingDir())


def _linear(config: Any) -> str:
    space = config.getColorSpace("scene_linear")
    return str(space.getName()) if space is not None else ""


def _text(node: PropertyReader, name: str, default: str = "") -> str:
    return str(node.one(name, "") or "") or default


def _context(config: Any, node: Any) -> tuple[Any, tuple[tuple[str, str], ...]]:
    """The configuration's context with the node's `ocio_context.*` variables."""
    names = [n for n in getattr(node, "props", ()) if str(n).startswith("ocio_context.")]
    variables = tuple(sorted((n[13:], str(node.one(n, ""))) for n in names))
    context = config.getCurrentContext()
    for key, value in variables:
        context.setStringVar(key, value)
    return context, variables


def _transform(function: str, node: PropertyReader, config: Any) -> tuple[Any, Any] | None:
    """(key, transform) of a node's function; None when it does nothing."""
    import PyOpenColorIO as ocio

    source = _text(node, "ocio.inColorSpace", _linear(config))
    if function in ("synlinearize", "syndisplay"):
        return _profile(function, node)
    if not source:
        return None
    if function == "color":
        target = _text(node, "ocio_color.outColorSpace", _linear(config))
        return (source, target), ocio.ColorSpaceTransform(src=source, dst=target)
    if function == "look":
        target = _text(node, "ocio_look.outColorSpace", _linear(config))
        look = _text(node, "ocio_look.look")
        back = int(node.one("ocio_look.direction", 0) or 0) == 1
        made = ocio.LookTransform(src=target if back else source,
                                  dst=source if back else target, looks=look)  # fmt: skip
        if back:
            made.setDirection(ocio.TRANSFORM_DIR_INVERSE)
        return (source, target, look, back), made
    if function == "display":
        display = _text(node, "ocio_display.display", config.getDefaultDisplay())
        view = _text(node, "ocio_display.view", config.getDefaultView(display))
        return (source, display, view), ocio.DisplayViewTransform(
            src=source, display=display, view=view
        )
    return None


@lru_cache(maxsize=1)
def _profiles() -> tempfile.TemporaryDirectory[str]:
    """A directory that goes with the process."""
    return tempfile.TemporaryDirectory(prefix="player-icc-")


@lru_cache(maxsize=8)
def _profile_file(data: bytes) -> str:
    """ICC data as a file, which is what OpenColorIO reads."""
    name = f"player-{os.getuid()}-{hashlib.sha256(data).hexdigest()[:24]}.icc"
    path = os.path.join(_profiles().name, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


def _profile(function: str, node: PropertyReader) -> tuple[Any, Any] | None:
    """An ICC profile between its device and linear Rec. 709."""
    import PyOpenColorIO as ocio

    forward = function == "syndisplay"
    url = _text(node, "outTransform.url" if forward else "inTransform.url")
    data = b""
    if not url and not forward:
        data = bytes(int(v) & 255 for v in node.get("inTransform.data"))
        url = _profile_file(data) if data else ""
    if not url:
        return None
    matrix = ocio.MatrixTransform(matrix=_XYZ_TO_709)
    file = ocio.FileTransform(src=url, interpolation=ocio.INTERP_BEST)
    if forward:
        matrix.setDirection(ocio.TRANSFORM_DIR_INVERSE)
        return (_stamp(url),), ocio.GroupTransform([matrix, file])
    file.setDirection(ocio.TRANSFORM_DIR_INVERSE)
    return (_stamp(url),), ocio.GroupTransform([file, matrix])


#: what costs little by itself: the exact processor is as quick as a cube
_CHEAP = frozenset(("MatrixTransform", "RangeTransform", "ExponentTransform", "LogTransform",
    "ExponentWithLinearTransform", "LogAffineTransform", "LogCameraTransform", "Lut1DTransform",
    "Lut3DTransform", "CDLTransform"))  # fmt: skip


def processor_ops(key: Hashable, processor: Any) -> tuple[Op, ...]:
    """An OpenColorIO processor as operations: none when it changes nothing, and the channel-wise
    end of a costly one by itself."""
    import PyOpenColorIO as ocio

    if processor.isNoOp():
        return ()
    best = processor.getOptimizedProcessor(
        ocio.BIT_DEPTH_F32, ocio.BIT_DEPTH_F32, ocio.OPTIMIZATION_DEFAULT
    )
    if not processor.hasChannelCrosstalk():
        return (_each(key, best),)
    transforms = list(best.createGroupTransform())
    steps = [type(t).__name__ for t in transforms]
    heavy = len(steps) > 6 or not _CHEAP.issuperset(steps)
    if not heavy:
        return (general(key, _through(best), rgb_only=True),)
    end = next(n for n in range(len(steps), -1, -1)
               if n == 0 or _processor(transforms[n - 1:]).hasChannelCrosstalk())  # fmt: skip
    light = _processor(transforms[:end])
    first = general((key, "light"), _through(light), rgb_only=True, heavy=True)
    if end == len(steps):
        return (first,)
    return (first, _each((key, "end"), _processor(transforms[end:])))


def _processor(transforms: Sequence[Any]) -> Any:
    """With a configuration of its own: one remembers processors by less than all of a LUT."""
    import PyOpenColorIO as ocio

    return ocio.Config.CreateRaw().getProcessor(ocio.GroupTransform(list(transforms)))


def _each(key: Hashable, processor: Any) -> Op:
    cpu = processor.getDefaultCPUProcessor()

    def each(rgb: Array) -> Array:
        flat = np.array(rgb, np.float32)
        cpu.applyRGB(flat.reshape(-1, 3))
        return flat

    return channelwise(key, each)


def _through(processor: Any) -> Callable[[Array], Array]:
    cpu = processor.getDefaultCPUProcessor()

    def through(rgba: Array) -> Array:
        whole = np.ascontiguousarray(rgba, np.float32)
        cpu.applyRGBA(whole.reshape(-1, 4))
        return whole

    return through


_ops: OrderedDict[Hashable, tuple[Op, ...]] = OrderedDict()


def ocio_ops(node: PropertyReader, node_type: str) -> tuple[Op, ...]:
    """The transform of an OpenColorIO node; none when it is not active or cannot be made."""
    if not node.one("ocio.active", 1):
        return ()
    import PyOpenColorIO as ocio

    raw = node_type in ("SYNLinearize", "SYNDisplay")
    config = ocio.Config.CreateRaw() if raw else _current()
    function = _text(node, "ocio.function", "color")
    try:
        made = _transform(function, node, config)
        if made is None:
            return ()
        context, variables = _context(config, node)
        key = ("ocio", "" if raw else _stamp(os.environ.get("OCIO", "")), function, *made[0],
               variables)  # fmt: skip
        if key not in _ops:
            processor = config.getProcessor(context, made[1], ocio.TRANSFORM_DIR_FORWARD)
            _ops[key] = processor_ops(key, processor)
            while len(_ops) > 64:
                _ops.popitem(last=False)
        return _ops[key]
    except (ocio.Exception, ocio.ExceptionMissingFile, OSError, ValueError) as error:
        hint = "" if os.environ.get("OCIO") or raw else " ($OCIO is not set)"
        complain(f"{getattr(node, 'name', node_type)}: {' '.join(str(error).split())}{hint}")
        return ()


def file_ops(path: str) -> tuple[Op, ...]:
    """A LUT file, trilinear as RV's: any format that OpenColorIO reads.  None at all when it does
    nothing or cannot be read."""
    import PyOpenColorIO as ocio

    key = ("lut file", _stamp(path))
    if key not in _ops:
        transform = ocio.FileTransform(src=path, interpolation=ocio.INTERP_LINEAR)
        try:
            _ops[key] = processor_ops(key, ocio.Config.CreateRaw().getProcessor(transform))
        except ocio.ExceptionMissingFile:  # no kind of ocio.Exception; the session told of it
            _ops[key] = ()
        except ocio.Exception as error:
            complain(f"{path}: {' '.join(str(error).split())}")
            _ops[key] = ()
    return _ops[key]
