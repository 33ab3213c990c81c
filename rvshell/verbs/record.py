"""Verbs that record connections and replay recordings."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from rvshell.errors import ExpectationFailed, UsageError
from rvshell.verbs.admin import ask_player
from rvshell.verbs.registry import Request, verb

if TYPE_CHECKING:
    from rvshell.client.recording import Entry
    from rvshell.verbs.context import Context

__all__: list[str] = []


@verb(
    "record OUT",
    help="Record the player's new connections into files. OUT is a directory and gets a readable "
    "file for each; record off ends it. Each line is one record: time, way, text.",
    example="record /tmp/talks",
    more=("record off",),
    scope="network",
)
def record(ctx: Context, out: str) -> None:
    directory = "" if out == "off" else os.path.abspath(os.path.expanduser(out))
    ask_player(ctx, "record", directory=directory)
    ctx.say(f"new connections are recorded in {directory}" if directory else "nothing is recorded")


@verb(
    "replay FILE [--speed X] [--assert]",
    help="Send again what a recording says was sent. That is to a player or RV: --speed 2 is twice "
    "as fast as it was, --speed 0 as fast as possible. --assert compares each reply with the "
    "recorded one. RV's own recordings are read as well (what RV sent).",
    example="replay talk.jsonl --speed 0 --assert",
    scope="network",
    kinds={"X": "float"},
)
def replay(ctx: Context, file: str, speed: float = 1.0, **options: Any) -> Any:
    from rvshell.client.recording import read_recording

    if not 0 <= speed <= 1e6:
        raise UsageError("replay: --speed must not be negative")
    entries = read_recording(os.path.expanduser(file))
    checked = bool(options.get("assert"))
    ways = {entry.way for entry in entries}
    sent = "in" if "in" in ways else "out"  # the player's recording, or RV's own
    replies = [e.text[7:] for e in entries if e.way != sent and e.text.startswith("RETURN ")]
    start, asked, count = time.monotonic(), 0, 0
    for entry in (e for e in entries if e.way == sent):
        if speed:
            time.sleep(max(0.0, start + entry.time / speed - time.monotonic()))
        count += 1
        reply = _send(ctx, entry)
        if reply is None:
            continue
        if checked and asked < len(replies) and reply != replies[asked]:
            raise ExpectationFailed(
                f"replay: record {count} {entry.text[:60]!r} was answered with "
                f"{reply[:80]!r} instead of {replies[asked][:80]!r}"
            )
        asked += 1
    if checked and asked < len(replies):
        raise ExpectationFailed(f"replay: {len(replies) - asked} recorded replies did not come")
    return {"records": count, "replies": asked}


def _send(ctx: Context, entry: Entry) -> str | None:
    """Send one record; the reply when it asks for one."""
    word, _, rest = entry.text.partition(" ")
    name, _, rest = rest.partition(" ")
    contents = rest.partition(" ")[2]
    if word == "RETURNEVENT":
        return ctx.remote.ask_raw([Request(contents, None, name)])[0]
    if word == "EVENT":
        ctx.remote.send_event(name, contents)
    elif entry.head:
        from rvshell.client.recording import send_data_entry

        send_data_entry(ctx.remote.client, entry)
    return None
