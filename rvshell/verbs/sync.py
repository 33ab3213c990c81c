"""The verb `sync`: RV's Sync menu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rvshell.errors import UsageError
from rvshell.verbs import rvnetwork
from rvshell.verbs.admin import ask_player
from rvshell.verbs.registry import verb

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__: list[str] = []

_PLAIN = {
    "on": "sync-on",
    "off": "sync-off",
    "status": "sync-status",
    "save": "sync-save",
    "push": "sync-push",
    "pointers": "sync-pointers",
    "check": "sync-check",
    "url": "sync-url",
}


@verb(
    "sync [ACTION] [TEXT…] [--source NODE]",
    help="Synchronise the player with other players and RVs: those that it is connected to. "
    "Actions: on, off, status; send and accept with +GROUP and -GROUP (color, view, stereo, "
    "annotation, displayStereo, displayColor, matte, format, audio, media, pipeline:Look); save "
    "makes these the defaults; push the session to all, pull [CONTACT] its session; check what "
    "others show differently; pointers of others; point X Y; mesh on|off; url for others to "
    "join.",
    example="sync send +audio -color",
    more=("sync on; sync status",),
    scope="network",
    kinds={
        "ACTION": "on|off|status|send|accept|save|push|pull|check|pointers|point|mesh|url",
        "TEXT": "switch",
    },
)
def sync(
    ctx: Context,
    action: str | None = None,
    text: list[str] | None = None,
    source: str | None = None,
) -> Any:
    words = list(text or [])
    action = action or "status"
    if action in _PLAIN:
        known = action in ("on", "off", "status")  # the others RV has in its menu only
        instead = (lambda c: rvnetwork.sync(c, action)) if known else None
        answer = ask_player(ctx, _PLAIN[action], instead=instead)
        return None if action == "on" else answer
    if action in ("send", "accept"):
        if not words:
            status = ask_player(ctx, "sync-status")
            return status[action]
        listed = [w for word in words for w in word.split(",") if w]
        status = ask_player(ctx, "sync-switch", accept=action == "accept", words=listed)
        return status[action]
    if action == "pull":
        return ask_player(ctx, "sync-pull", contact=words[0] if words else "")
    if action == "mesh":
        if words not in (["on"], ["off"]):
            raise UsageError("sync mesh", hint="on or off")
        return ask_player(ctx, "sync-mesh", on=words == ["on"])
    if action == "point":
        try:
            x, y = (float(word) for word in words)
        except ValueError:
            raise UsageError(
                "sync point needs two numbers", hint="image-centred, the image is 1 high: 0.1 -0.2"
            ) from None
        return ask_player(ctx, "sync-point", x=x, y=y, source=source or "")
    raise UsageError(
        f"sync {action}: no such action",
        hint=", ".join([*_PLAIN, "send", "accept", "pull", "point", "mesh"]),
    )
