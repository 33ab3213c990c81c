"""Many targets: profiles of the config file, running players, tags; verbs that list them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rvshell.errors import CommandFailed, UsageError
from rvshell.verbs.registry import verb
from rvshell.verbs.settings import SETTINGS, Settings, config_path
from rvshell.verbs.target import Target, parse_target

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__ = ["find", "select", "settings_of"]


def settings_of(ctx: Context) -> Settings:
    """The settings of this run, read when first asked for."""
    found = ctx.extras.get("settings")
    if not isinstance(found, Settings):
        found = ctx.extras["settings"] = Settings.load()
    return found


def find(text: str, settings: Settings) -> Target:
    """The address that *text* names: a profile, else HOST[:PORT]. Raises UsageError."""
    profile = settings.profiles.get(text)
    return parse_target(profile.address if profile is not None else text)


def select(selector: str, settings: Settings) -> dict[str, Target]:
    """The targets that a selector names, by name: `all` (profiles and running players of this
    machine), `local` (running players), a profile, a tag, an address; several with commas.

    Raises UsageError when it names none.
    """
    found: dict[str, Target] = {}
    for word in selector.split(","):
        before = len(found)
        for profile in settings.profiles.values():
            if word in ("all", profile.name) or word in profile.tags:
                found[profile.name] = parse_target(profile.address)
        if word in ("all", "local"):
            known = set(found.values())
            for target in _running():
                if target not in known:
                    found[str(target)] = target
        elif len(found) == before and (":" in word or "." in word or word == "localhost"):
            found[word] = parse_target(word)
        if len(found) == before:
            raise UsageError(
                f"@{word}: no such target", hint="targets lists them; @all, a tag, or HOST:PORT"
            )
    return found


def _running() -> list[Target]:
    from rvshell.client import find_players

    return [Target("127.0.0.1", p.port) for p in find_players()]


@verb(
    "targets",
    help="List the targets that connect and @NAME know: the profiles of the config file with "
    "their tags, and the running players of this machine.",
    example="targets --json",
    scope="link",
)
def targets(ctx: Context) -> Any:
    settings = settings_of(ctx)
    now = ctx.remote.target
    rows = [
        {
            "name": p.name,
            "address": p.address,
            "tags": ",".join(p.tags),
            "connected": parse_target(p.address) == now,
        }
        for p in settings.profiles.values()
    ]
    from rvshell.client import find_players

    for player in find_players():
        target = Target("127.0.0.1", player.port)
        rows.append(
            {
                "name": player.tag or f"pid {player.pid}",
                "address": str(target),
                "tags": "local",
                "connected": target == now,
            }
        )
    if not rows:
        raise CommandFailed("no targets", hint=f"start a player, or name some in {config_path()}")
    return rows


@verb(
    "config [TEXT] [--origin] [--path]",
    help="Show the settings, or the one called TEXT. --origin also shows where each value came "
    "from (default, config file, environment, command line), --path the file's name.",
    example="config --origin",
    more=("config timeout",),
    scope="shell",
    kinds={"TEXT": "setting"},
)
def config(ctx: Context, text: str | None = None, origin: bool = False, path: bool = False) -> Any:
    if path:
        return config_path()
    settings = settings_of(ctx)
    if text is not None:
        if text not in SETTINGS:
            raise UsageError(f"config: no setting {text!r}", hint="config lists them")
        return settings[text]
    if not origin:
        return dict(settings.values)
    return [
        {"name": n, "value": settings[n], "origin": settings.origins[n], "about": s.doc}
        for n, s in SETTINGS.items()
    ]
