"""Making the image source at the far end: in one piece of Mu, or call by call.

RV, and a player that lets this program evaluate, get one small program: nothing can come between
its steps.  A player that grants no more than `pixels` and `control` runs single calls only, so
there the same is done step by step, with the answers looked at here.
"""

from __future__ import annotations

from collections.abc import Sequence

from rvshell.client import Client
from rvshell.client.core import check_mu
from rvshell.errors import Refused, RemoteError
from rvshell.pixels.spec import ImageSpec, quote

__all__ = ["Declared", "declare"]


class Declared:
    """An image source of the far end: its `node`, and whether only calls may be made (`calls`)."""

    def __init__(self, client: Client, node: str, *, calls: bool) -> None:
        self._client = client
        self.node = node
        self.calls = calls

    def grow(self, spec: ImageSpec) -> None:
        """Frames, layers and views of the specification that the source does not have yet."""
        if self.calls:
            _grow(self._client, spec, self.node)
        else:
            self._client.event("remote-eval", spec.mu_growth(quote(self.node)))

    def allocation(self, spec: ImageSpec, frame: int, layer: str, view: str) -> str:
        """Mu that makes the pixels of one frame, layer and view."""
        return spec.mu_allocation(self.node, frame, layer, view, caught=not self.calls)


def declare(client: Client, spec: ImageSpec, *, show: bool) -> Declared:
    """Make the source, or find it.  Raises RemoteError, Refused."""
    code = spec.mu_declaration(show=show)
    try:
        reply, calls = client.eval_mu(code), False
    except Refused:
        reply, calls = _step_by_step(client, spec, show=show), True
    node = reply.strip('"')
    if not node:
        raise RemoteError(f"no image source was made: {reply!r}", text=reply, code=code)
    return Declared(client, node, calls=calls)


def _ask(client: Client, codes: Sequence[str]) -> list[str]:
    replies = client.request_many([("remote-eval", code) for code in codes])
    return [check_mu(code, reply) for code, reply in zip(codes, replies, strict=True)]


def _step_by_step(client: Client, spec: ImageSpec, *, show: bool) -> str:
    (joined,) = _ask(client, ['string.join(nodesOfType("RVImageSource"), " ")'])
    names = joined.strip('"').split()
    media = _ask(client, [f'getStringProperty("{n}.media.name")[0]' for n in names])
    node = ""
    for name in (n for n, m in zip(names, media, strict=True) if m == quote(spec.media)):
        wanted = spec.image_properties()
        asks = [f'get{kind}Property("{name}.image.{key}")[0]' for kind, key in wanted]
        found = _ask(client, asks)
        if found == list(wanted.values()):
            node = name
        else:
            _ask(client, [f'deleteNode(nodeGroup("{name}"))'])
    if not node:
        (reply,) = _ask(client, [spec.mu_creation()])
        node = reply.strip('"')
        if node and spec.named:
            _ask(client, [f'extra_commands.setUIName(nodeGroup("{node}"), {quote(spec.name)})'])
    if node:
        _grow(client, spec, node)
        if show:
            (count,) = _ask(client, ['nodesOfType("RVSourceGroup").size()'])
            if count != "1":
                _ask(client, [f'setViewNode(nodeGroup("{node}"))'])
    return node


def _grow(client: Client, spec: ImageSpec, node: str) -> None:
    ends = [f'getIntProperty("{node}.image.{key}")[0]' for key in ("start", "end")]
    start, end = _ask(client, ends)
    changes = []
    if int(start) > spec.frames[0]:
        changes.append(f'setIntProperty("{node}.image.start", int[] {{{spec.frames[0]}}})')
    if int(end) < spec.frames[1]:
        changes.append(f'setIntProperty("{node}.image.end", int[] {{{spec.frames[1]}}})')
    for key, names in (("layers", spec.wire_layers), ("views", spec.wire_views)):
        if not names:
            continue
        path = f'"{node}.image.{key}"'
        (joined,) = _ask(client, [f'string.join(getStringProperty({path}), " ")'])
        has = joined.strip('"').split()
        if more := [n for n in names if n not in has]:
            texts = ", ".join(map(quote, [*has, *more]))
            changes.append(f"setStringProperty({path}, string[] {{{texts}}}, true)")
    _ask(client, changes)
