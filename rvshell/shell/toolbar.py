"""The lines below the prompt: a signature when one is being typed, and the state of everything.

Pure: a board, a width and settings in, fragments out. When the terminal is narrow the least
important pieces go first; a line never wraps.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from rvshell.shell.rights import summary
from rvshell.shell.words import cut, width_of
from rvshell.verbs.output import escape

if TYPE_CHECKING:
    from rvshell.shell.board import Board

__all__ = ["Fragments", "prompt_text", "short_prompt", "status_line"]

Fragments = list[tuple[str, str]]

_LINK = {
    "connected": ("class:tb.ok", "●"),
    "connecting": ("class:tb.wait", "◌"),
    "lost": ("class:tb.bad", "✗"),
    "off": ("class:tb.off", "○"),
}
_GROUP = re.compile(r"\[[^\]]*\]")
_MODES = {"loop": "loop", "once": "once", "pingpong": "ping-pong"}


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else "?"


def status_line(
    board: Board,
    width: int,
    *,
    mode: str,
    editing: str,
    multiline: bool,
    plain: bool = False,
    status: int = 0,
) -> Fragments:
    """The state in at most *width* cells. *plain* avoids what a dumb terminal lacks; *status* is
    that of the last command."""
    pieces = _pieces(board, plain)
    if status:
        pieces.append((3, "class:tb.bad", f"failed: {status}"))
    right = f"{mode} F2  {editing} F4"
    if multiline:
        right = "multi-line F3  " + right
    pieces.append((4, "class:tb.keys", right))
    gap = 2
    while len(pieces) > 1 and sum(width_of(t) + gap for _, _, t in pieces) > width:
        worst = max(range(len(pieces)), key=lambda i: (pieces[i][0], i))
        if pieces[worst][0] == 0:
            break
        del pieces[worst]
    out: Fragments = []
    left = width
    for index, (_, style, text) in enumerate(pieces):
        lead = " " * gap if index else " "
        text = cut(text, left - len(lead))
        if not text:
            break
        out += [("class:tb", lead), (style, text)]
        left -= len(lead) + width_of(text)
    out.append(("class:tb", " " * max(0, left)))
    return out


def _pieces(board: Board, plain: bool) -> list[tuple[int, str, str]]:
    """(how dispensable, style, text): 0 stays to the last."""
    style, mark = _LINK.get(board.link, _LINK["off"])
    if plain:
        mark = {"connected": "*", "connecting": "~", "lost": "x"}.get(board.link, "-")
    where = board.target or "no player"
    state = {"connecting": " connecting…", "lost": " disconnected"}.get(board.link, "")
    pieces = [(0, style, f"{mark} {escape(where)}{state}")]
    if board.link != "connected":
        if board.error:
            pieces.append((3, "class:tb.bad", escape(board.error)))
        return pieces
    if board.peer:
        name = board.peer.partition(" ")[0] if board.program else board.peer
        pieces.append((8, "class:tb.dim", escape(f"{name} {board.program}".strip())))
    if limits := summary(board.granted):
        pieces.append((2, "class:tb.wait", limits))
    if board["frame"] is not None:
        sign = _sign(board, plain)
        pieces.append((1, "class:tb.frame", f"{sign} {board['frame']}"))
        ends = f"{board['start']}–{board['end']}"
        if (board["in"], board["out"]) != (board["start"], board["end"]):
            ends += f" [{board['in']}–{board['out']}]"
        pieces.append((2, "class:tb", ends.replace("–", "-") if plain else ends))
        speed = f"{_number(board['fps'])} fps"
        if board["playing"] and board["realfps"]:
            speed = f"{_number(round(board['realfps'], 1))}/{speed}"
        pieces.append((3, "class:tb", speed))
        pieces.append((7, "class:tb", _MODES.get(str(board["mode"]), "")))
        pieces.append((6, "class:tb.dim", escape(str(board["view"] or ""))))
    if board.media:
        first = os.path.basename(board.media[0]) or board.media[0]
        more = f" +{len(board.media) - 1}" if len(board.media) > 1 else ""
        pieces.append((5, "class:tb", cut(escape(first), 28) + more))
    if board.sync:
        pieces.append((4, "class:tb.ok", f"sync {escape(board.sync)}"))
    if board.sending:
        pieces.append((1, "class:tb.wait", board.sending))
    pieces.append((9, "class:tb.dim", f"{board.rtt:.1f} ms"))
    return pieces


def _sign(board: Board, plain: bool) -> str:
    if not board["playing"]:
        return "||" if plain else "■"
    backwards = isinstance(board["inc"], int) and board["inc"] < 0
    if plain:
        return "<" if backwards else ">"
    return "◀" if backwards else "▶"


def short_prompt(form: str, board: Board, mode: str, width: int) -> str:
    """The prompt in at most *width* cells: its `[…]` go, the first one first; else `> ` is it."""
    text = prompt_text(form, board, mode)
    while width_of(text) > width:
        form, dropped = _GROUP.subn("", form, count=1)
        if not dropped:
            return prompt_text("%m> ", board, mode)
        text = prompt_text(form, board, mode)
    return text


def prompt_text(form: str, board: Board, mode: str) -> str:
    """The prompt by its format: %h host, %p port, %t both, %n contact name of the far end,
    %v view, %f frame, %e last frame, %s play state, %m mode, %% a percent sign. `[…]` is left
    out when nothing in it is known."""
    values = {
        "t": board.target,
        "h": board.target.rpartition(":")[0] or board.target,
        "p": board.target.rpartition(":")[2],
        "n": board.peer.partition(" ")[0],
        "v": str(board["view"] or ""),
        "f": "" if board["frame"] is None else str(board["frame"]),
        "e": "" if board["end"] is None else str(board["end"]),
        "s": "▶" if board["playing"] else "",
        "m": {"verbs": "", "mu": "mu", "python": "py"}.get(mode, mode),
        "%": "%",
    }
    out: list[str] = []
    group: list[str] = []
    known, inside, i = False, False, 0
    while i < len(form):
        c = form[i]
        if c == "%" and i + 1 < len(form):
            i += 1
            value = escape(values.get(form[i], "%" + form[i]))
            known = known or bool(value)
            (group if inside else out).append(value)
        elif c == "[" and not inside:
            inside, known, group = True, False, []
        elif c == "]" and inside:
            inside = False
            out += group if known else []
        else:
            (group if inside else out).append(c)
        i += 1
    return "".join(out)
