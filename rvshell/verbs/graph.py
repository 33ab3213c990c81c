"""Verbs that draw: the node graph as a tree or for Graphviz, and the timeline as a strip."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rvshell.errors import CommandFailed, Refused
from rvshell.verbs.muvalue import NODE_TYPES, joined, lines, parse_value, quote, read_types
from rvshell.verbs.registry import Request, verb

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__ = ["Graph", "node_types", "read_graph", "strip", "tree_lines"]


def node_types(ctx: Context) -> dict[str, str]:
    """The types of all nodes by name: one question, or one a node where a loop is refused."""
    try:
        return read_types(ctx.remote.mu(NODE_TYPES))
    except Refused:
        names = lines(ctx.remote.mu(joined("nodes()")))
        replies = ctx.remote.ask_all([Request(f"nodeType({quote(n)})") for n in names])
        return {n: str(parse_value(r)) for n, r in zip(names, replies, strict=True)}


class Graph:
    """Types, inputs and (of groups, when asked for) members by node."""

    def __init__(
        self,
        types: dict[str, str],
        inputs: dict[str, list[str]],
        members: dict[str, list[str]] | None = None,
    ) -> None:
        self.types = types
        self.inputs = inputs
        self.members = members or {}


def read_graph(ctx: Context, members: bool = False) -> Graph:
    """All nodes and what is connected to them, in two round trips; with *members* also what is
    in groups, in one more."""
    types = node_types(ctx)
    asks = [Request(joined(f"nodeConnections({quote(n)}, false)._0")) for n in types]
    replies = ctx.remote.ask_all(asks)
    found = Graph(types, {n: lines(r) for n, r in zip(types, replies, strict=True)})
    if members:
        groups = [n for n, t in types.items() if t.endswith("Group")]
        inside = ctx.remote.ask_raw([Request(joined(f"nodesInGroup({quote(n)})")) for n in groups])
        found.members = {n: lines(r) for n, r in zip(groups, inside, strict=True)}
    return found


def tree_lines(graph: Graph, root: str, plain: bool = False) -> Iterator[str]:
    """The tree below *root*; a node that was shown before is not followed again."""
    seen: set[str] = set()
    # (node, what stands before it, what stands before what is below it)
    waiting = [(root, "", "")]
    fork, last, bar = ("+- ", "`- ", "|  ") if plain else ("├─ ", "└─ ", "│  ")
    while waiting:
        node, lead, below = waiting.pop()
        inputs = graph.inputs.get(node, [])
        again = node in seen and bool(inputs)
        yield f"{lead}{node}  {graph.types.get(node, '?')}{' …' if again else ''}"
        if again:
            continue
        seen.add(node)
        if members := graph.members.get(node):
            inner = "|  " if plain else "│  "
            lead_in = below + (inner if inputs else "   ")
            for member in members:
                yield f"{lead_in}· {member}  {graph.types.get(member, '?')}"
        children = []
        for i, child in enumerate(inputs):
            end = i == len(inputs) - 1
            children.append(
                (child, below + (last if end else fork), below + ("   " if end else bar))
            )
        waiting += reversed(children)


@verb(
    "graph [NODE] [--members] [--dot]",
    help="Show the graph below NODE, or the view, as a tree. --members also shows what is in "
    "groups, --dot writes it all for Graphviz.",
    example="graph --dot > graph.dot",
    more=("graph defaultStack --members",),
    scope="view",
)
def graph(ctx: Context, node: str | None = None, members: bool = False, dot: bool = False) -> Any:
    found = read_graph(ctx, members)
    if dot:
        return "\n".join(_dot(found))
    root = node or str(parse_value(ctx.remote.mu("viewNode()")) or "")
    if root not in found.types:
        from rvshell.verbs.signature import nearest

        guess = nearest(root, list(found.types))
        raise CommandFailed(
            f"no node {root!r}", hint=f"did you mean {guess}?" if guess else "nodes"
        )
    if ctx.options.form:
        return [{"node": n, "type": t, "inputs": found.inputs[n]} for n, t in found.types.items()]
    return "\n".join(tree_lines(found, root))


def _dot(found: Graph) -> Iterator[str]:
    yield "digraph session {"
    yield "  rankdir=BT; node [shape=box, fontname=sans];"
    for name, node_type in found.types.items():
        yield f'  {_dotted(name)} [label="{_plain(name)}\\n{_plain(node_type)}"];'
    for name, inputs in found.inputs.items():
        for source in inputs:
            yield f"  {_dotted(source)} -> {_dotted(name)};"
    yield "}"


def _plain(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _dotted(name: str) -> str:
    return f'"{_plain(name)}"'


@verb(
    "timeline [--width COUNT]",
    help="Show the frame range as a strip. ━ is between in and out, ─ outside, █ cached, ◆ a mark, "
    "▼ the current frame.",
    example="timeline",
    scope="playback",
    aliases=("tl",),
)
def timeline(ctx: Context, width: int | None = None) -> Any:
    replies = ctx.remote.ask_all(
        [
            Request("(frameStart(), frameEnd(), inPoint(), outPoint(), frame())"),
            Request("markedFrames()"),
            Request("cacheInfo()._6"),
        ]
    )
    ends, marks, cached = map(parse_value, replies)
    if not isinstance(ends, tuple) or len(ends) != 5:
        raise CommandFailed("timeline: the far end gave no range")
    start, end, first, last, now = ends
    marks = [m for m in marks if isinstance(m, int)] if isinstance(marks, list) else []
    numbers = [n for n in cached if isinstance(n, int)] if isinstance(cached, list) else []
    ranges = list(zip(numbers[::2], numbers[1::2], strict=False))
    if ctx.options.form:
        return {
            "start": start, "end": end, "in": first, "out": last, "frame": now,
            "marks": marks, "cached": [list(r) for r in ranges],
        }  # fmt: skip
    columns = width or shutil.get_terminal_size((80, 24)).columns
    return strip(start, end, first, last, now, marks, ranges, max(10, min(columns, 1000)))


def strip(
    start: int,
    end: int,
    first: int,
    last: int,
    now: int,
    marks: list[int],
    cached: list[tuple[int, int]],
    width: int,
) -> str:
    """The timeline on three lines of at most *width* cells."""
    ends = f"{start} ", f" {end}"
    room = max(1, min(width - len(ends[0]) - len(ends[1]), end - start + 1))
    count = max(1, end - start + 1)

    def column(frame: int) -> int:
        return min(room - 1, max(0, (frame - start) * room // count))

    body = ["─"] * room
    for c in range(column(first), column(last) + 1):
        body[c] = "━"
    for a, b in cached:
        for c in range(column(a), column(b) + 1):
            body[c] = "█" if body[c] == "━" else "▒"
    for mark in marks:
        if start <= mark <= end:
            body[column(mark)] = "◆"
    lead = " " * (len(ends[0]) + column(now))
    label = f"▼ {now}"
    if len(lead) + len(label) > width:
        lead, label = " " * max(0, len(lead) - len(str(now)) - 1), f"{now} ▼"
    out = [lead + label, ends[0] + "".join(body) + ends[1]]
    if (first, last) != (start, end):
        below = [" "] * room
        below[column(first)], below[column(last)] = "[", "]"
        out.append(" " * len(ends[0]) + "".join(below).rstrip() + f"   in {first} out {last}")
    return "\n".join(out)
