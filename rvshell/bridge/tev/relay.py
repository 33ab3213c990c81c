"""Images of tev as image sources at the far end.

tev's channels have names; `albedo.R`, `albedo.G`, `albedo.B` are a layer of RV, R, G, B, A (or
nothing tev would call a group) the first one.  An image source has the same number of channels
in all its layers: four when any of them has an alpha, else three.  A single channel is shown as
grey.  Values stay float.

tev's images stay until they are closed, and many senders never close one.  The newest stay
connected, so that a viewer that is started again gets them; of the others nothing is kept but
their shape, and one of them connects again when an update of it comes (channels of the updated
place that are not sent again are then black).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from rvshell.bridge.tev.packets import (
    CloseImage,
    CreateImage,
    OpenImage,
    Packet,
    ReloadImage,
    UpdateImage,
    VectorGraphics,
)
from rvshell.client import Client
from rvshell.client.address import Target
from rvshell.errors import PixelError, RvshellError
from rvshell.pixels import Image, ImageSpec

__all__ = ["Layer", "Relay", "sort_channels"]

log = logging.getLogger("rvshell.bridge.tev")

_SLOTS: Final = {"r": 0, "g": 1, "b": 2, "a": 3, "x": 0, "y": 1, "z": 2, "u": 0, "v": 1}
_MAX_PIXELS: Final = 1 << 28  # a player takes no more either
_CONNECTED: Final = 32
"""Images that stay connected; a player takes 512 connections of all programs."""
_KNOWN: Final = 4096  # images of which the shape is known
_DEFAULT: Final = "default"  # the name of the layer without one, when there are others


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of RV: the tev channels in it, by the place they are shown in."""

    name: str
    places: dict[str, tuple[int, ...]]

    @property
    def has_alpha(self) -> bool:
        """Is the fourth channel given?"""
        return any(3 in places for places in self.places.values())


def sort_channels(names: Sequence[str]) -> list[Layer]:
    """tev's channels as layers, in the order of their first channel."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(name.rpartition(".")[0], []).append(name)
    layers = []
    for group, members in groups.items():
        shorts = [m.rpartition(".")[2].lower() for m in members]
        if len(members) == 1:
            places: dict[str, tuple[int, ...]] = {members[0]: (0, 1, 2)}
        elif set(shorts) == {"l", "a"} or set(shorts) == {"y", "a"}:
            places = {
                m: (3,) if s == "a" else (0, 1, 2) for m, s in zip(members, shorts, strict=True)
            }
        elif all(s in _SLOTS for s in shorts) and len({_SLOTS[s] for s in shorts}) == len(shorts):
            places = {m: (_SLOTS[s],) for m, s in zip(members, shorts, strict=True)}
        else:
            places = {m: (i,) for i, m in enumerate(members[:4])}
        layers.append(Layer(group, places))
    return layers


class _Shown:
    """One image of tev at the far end."""

    def __init__(self, spec: ImageSpec, layers: list[Layer], names: dict[str, str | None]) -> None:
        self.spec = spec
        self.layers = layers
        self.names = names  # layer of tev -> layer at the far end
        self.lock = threading.RLock()  # while it is connected, used or let go
        self.image: Image | None = None
        self.again = False  # was it let go before?
        self.over = False  # closed, or another one has its name
        self.node = ""  # at the far end, of what was let go
        self._plans: dict[tuple[str, ...], list[tuple[Layer, list[tuple[int, int]]]]] = {}

    def let_go(self, *, over: bool = False) -> None:
        """Send what waits and close the connection; the far end keeps the image."""
        with self.lock:
            self.over = self.over or over
            if self.image is not None:
                self.node = self.image.nodes[0] or self.node
                self.image.close()
                self.image, self.again = None, True

    def plan(self, channels: tuple[str, ...]) -> list[tuple[Layer, list[tuple[int, int]]]]:
        """For each layer: (number of the channel in the packet, place it is shown in)."""
        plan = self._plans.get(channels)
        if plan is None:
            plan = []
            for layer in self.layers:
                pairs = [
                    (number, place)
                    for number, channel in enumerate(channels)
                    for place in layer.places.get(channel, ())
                ]
                if pairs:
                    plan.append((layer, pairs))
            self._plans[channels] = plan
        return plan


class Relay:
    """What came from any number of senders, to one far end.  Thread-safe.

    `target` is the player or RV; `options` go to `Image`.
    """

    def __init__(self, target: Target, **options: Any) -> None:
        self.target = target
        self._options = options
        self._lock = threading.RLock()
        self._shown: dict[str, _Shown] = {}  # the one that was used last is last
        self._opened: dict[str, str] = {}  # name -> node
        self._told: set[str] = set()

    def take(self, packet: Packet) -> None:
        """Do what a packet says; what cannot be done is logged, never raised."""
        try:
            if isinstance(packet, UpdateImage):
                self._update(packet)
            elif isinstance(packet, CreateImage):
                self._create(packet)
            elif isinstance(packet, OpenImage):
                self._open(packet)
            elif isinstance(packet, ReloadImage):
                self._reload(packet)
            elif isinstance(packet, CloseImage):
                self._close(packet.name)
            elif isinstance(packet, VectorGraphics):
                self._tell(f"{packet.name}: vector graphics are not shown")
        except RvshellError as error:
            log.warning("%s: %s", getattr(packet, "name", ""), error.describe())
        except MemoryError:
            log.warning("%s: does not fit into memory", getattr(packet, "name", ""))

    def _tell(self, text: str) -> None:
        """Log something once."""
        if text not in self._told and len(self._told) < 1000:
            self._told.add(text)
            log.warning("%s", text)

    # -- images that are sent ----------------------------------------------------------

    def _create(self, packet: CreateImage) -> None:
        if packet.width * packet.height > _MAX_PIXELS:
            raise PixelError(f"{packet.width} x {packet.height} pixels are too many")
        layers = sort_channels(packet.channels)
        channels = 4 if any(layer.has_alpha for layer in layers) else 3
        names = [layer.name or _DEFAULT for layer in layers]
        spec = ImageSpec(
            packet.name, packet.width, packet.height, channels, "float",
            layers=tuple(names) if len(names) > 1 or layers[0].name else (),
        )  # fmt: skip
        shown = _Shown(
            spec, layers,
            {y.name: n if spec.layers else None for y, n in zip(layers, names, strict=True)},
        )  # fmt: skip
        with self._lock:
            old = self._shown.pop(packet.name, None)
            self._shown[packet.name] = shown
        if old is not None:
            old.let_go(over=True)
        with shown.lock:
            if shown.over:
                return
            image = self._connected(shown, show=packet.focus)
            for layer in layers:
                blank = np.zeros((packet.height, packet.width, channels), np.float32)
                if channels == 4 and not layer.has_alpha:
                    blank[..., 3] = 1
                image.send(blank, layer=shown.names[layer.name])
        self._let_go()

    def _connected(self, shown: _Shown, *, show: bool) -> Image:
        """Its image; the lock of *shown* is held."""
        if shown.image is None:
            shown.image = Image(shown.spec, [self.target], show=show, **self._options)
        return shown.image

    def _let_go(self) -> None:
        """Let those go that were used longest ago, when too many are connected."""
        with self._lock:
            names = list(self._shown)
            forgotten = [self._shown.pop(name) for name in names[:-_KNOWN]]
            connected = [s for s in self._shown.values() if s.image is not None]
        for shown in forgotten:
            shown.let_go(over=True)
        for shown in connected[:-_CONNECTED]:
            shown.let_go()

    def _update(self, packet: UpdateImage) -> None:
        with self._lock:
            shown = self._shown.pop(packet.name, None)
            if shown is not None:
                self._shown[packet.name] = shown
        if shown is None:
            self._tell(f"{packet.name}: an update of an image that was never created is dropped")
            return
        plan = shown.plan(packet.channels)
        if not plan:
            self._tell(f"{packet.name}: has no channels {', '.join(packet.channels)}")
            return
        with shown.lock:
            if shown.over:
                return
            new = shown.image is None
            image = self._connected(shown, show=False)
            for layer, pairs in plan:
                self._send(packet, shown, image, layer, pairs)
        if new:
            self._let_go()

    def _send(
        self, packet: UpdateImage, shown: _Shown, image: Image, layer: Layer,
        pairs: list[tuple[int, int]],
    ) -> None:  # fmt: skip
        """The channels of one layer; `pairs` as `_Shown.plan` gives them."""
        first = pairs[0][0]
        offset, stride = packet.offsets[first], packet.strides[first]
        numbers = [number for number, _ in pairs]
        places = [place for _, place in pairs]
        together = all(
            packet.strides[n] == stride and packet.offsets[n] == offset + k
            for k, n in enumerate(numbers)
        )
        bare = shown.again and shown.spec.channels == 4 and not layer.has_alpha
        if together and not bare:  # interleaved: one copy
            pixels = _strided(packet, offset, stride, len(pairs))
        else:
            pixels = np.ones((packet.height, packet.width, len(pairs) + bare), np.float32)
            for k, number in enumerate(numbers):
                one = _strided(packet, packet.offsets[number], packet.strides[number], 1)
                pixels[..., k] = one[..., 0]
        if bare:  # its alpha is not in memory any more
            places.append(3)
        image.send_channels(packet.x, packet.y, pixels, places, layer=shown.names[layer.name])

    def _close(self, name: str) -> None:
        with self._lock:
            shown = self._shown.pop(name, None)
            node = self._opened.pop(name, "")
        if shown is not None:
            shown.let_go(over=True)
            node = shown.node
        if node:
            self._ask(f'deleteNode(nodeGroup("{node}"))')

    # -- images of the viewer's machine ----------------------------------------------------

    def _open(self, packet: OpenImage) -> None:
        path = packet.path.replace("\\", "\\\\").replace('"', '\\"')
        node = self._ask(f'addSourceVerbose(string[] {{"{path}"}}, "")').strip('"')
        with self._lock:
            self._opened[packet.path] = node
        if packet.channels:
            layer = packet.channels.replace("\\", "\\\\").replace('"', '\\"')
            self._ask(
                f'setStringProperty("{node}.request.imageComponent", '
                f'string[] {{"layer", "", "{layer}"}}, true)'
            )
        if packet.focus:
            self._ask(f'setViewNode(nodeGroup("{node}"))')

    def _reload(self, packet: ReloadImage) -> None:
        node = self._opened.get(packet.name, "")
        if not node:
            self._tell(f"{packet.name}: an image that was not opened cannot be reloaded")
            return
        self._ask("reload()")
        if packet.focus:
            self._ask(f'setViewNode(nodeGroup("{node}"))')

    def _ask(self, code: str) -> str:
        """One question to the far end."""
        import os

        name = f"rv-shell-{os.getpid()}-tev{threading.get_ident()}"
        with Client.connect(**self.target._asdict(), name=name, app="rv-shell") as client:
            return client.eval_mu(code)

    def flush(self) -> None:
        """Wait until everything that came is at the far end."""
        with self._lock:
            images = [shown.image for shown in self._shown.values()]
        for image in images:
            if image is not None:
                image.sync()

    def close(self) -> None:
        """Send what waits and let go; the far end keeps its images."""
        with self._lock:
            for shown in self._shown.values():
                shown.let_go(over=True)
            self._shown.clear()


def _strided(packet: UpdateImage, offset: int, stride: int, count: int) -> Any:
    """(height, width, count) floats of neighbouring channels; a view of the packet."""
    width, height = packet.width, packet.height
    values = np.frombuffer(packet.data, np.float32, len(packet.data) // 4)[offset:]
    return np.lib.stride_tricks.as_strided(
        values, (height, width, count), (width * stride * 4, stride * 4, 4), writeable=False
    )
