"""Settings: a default, the user's config file, the environment, the command line; later ones win.

The file is `config.toml` in the user's config directory (`~/.config/rvshell`), or what
$RVSHELL_CONFIG names; it is never looked for in the current directory. The environment variable
of a setting is RVSHELL_ and its name in capitals. `config --origin` shows where each value came
from.

    timeout = 10.0
    editing = "vi"

    [targets.studio-a]            # connect studio-a, @studio-a frame, @wall play
    address = "render-wall:45124"
    tags = ["wall", "review"]
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

from rvshell.errors import UsageError

__all__ = ["SETTINGS", "Profile", "Setting", "Settings", "config_folder", "config_path"]


class Setting(NamedTuple):
    """`kind` is text, number, switch, or words to choose from separated by |."""

    default: Any
    kind: str
    doc: str


SETTINGS: dict[str, Setting] = {
    "target": Setting("", "text", "address or profile to connect to"),
    "timeout": Setting(30.0, "number", "seconds of every wait for the far end"),
    "deadline": Setting(5.0, "number", "seconds that a broadcast (@all) waits for a target"),
    "editing": Setting("emacs", "emacs|vi", "keys of the prompt"),
    "prompt": Setting("", "text", "format of the prompt (help prompt)"),
    "pager": Setting(True, "switch", "long output goes through $PAGER"),
    "history": Setting(True, "switch", "keep a history file"),
    "confirm": Setting(True, "switch", "ask before something that cannot be undone"),
    "retry": Setting(True, "switch", "connect again by itself, and ask again what can be"),
    "events": Setting("", "text", "events to show above the prompt, a regular expression"),
    "menu": Setting(True, "switch", "completions open while typing"),
    "picture": Setting("auto", "auto|kitty|sixel|blocks|ascii", "how peek draws"),
}


class Profile(NamedTuple):
    """A named target of the config file."""

    name: str
    address: str
    tags: tuple[str, ...]


def config_folder() -> str:
    """Where the user's configuration is."""
    if sys.platform in ("darwin", "win32"):
        from platformdirs import user_config_dir

        return user_config_dir("rvshell")
    base = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return os.path.join(base, "rvshell")


def config_path() -> str:
    """The config file."""
    return os.environ.get("RVSHELL_CONFIG") or os.path.join(config_folder(), "config.toml")


class Settings:
    """Values and where they came from."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {name: s.default for name, s in SETTINGS.items()}
        self.origins: dict[str, str] = dict.fromkeys(SETTINGS, "default")
        self.profiles: dict[str, Profile] = {}

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Defaults, then the file, then the environment. Raises UsageError."""
        found = cls()
        path = config_path()
        try:
            with open(path, "rb") as file:
                data = file.read()
        except (FileNotFoundError, NotADirectoryError):
            data = b""
        except OSError as error:
            raise UsageError(f"cannot read {path}: {error.strerror}") from None
        if data:
            found._take_file(path, data)
        for key, value in (os.environ if environment is None else environment).items():
            name = key.removeprefix("RVSHELL_").lower()
            if key.startswith("RVSHELL_") and name in SETTINGS:
                found.put(name, value, f"${key}")
        return found

    def _take_file(self, path: str, data: bytes) -> None:
        import tomllib

        try:
            tree = tomllib.loads(data.decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UsageError(f"{path}: {error}", hint="it is a TOML file") from None
        targets = tree.pop("targets", {})
        for name, value in tree.items():
            if name not in SETTINGS:
                from rvshell.verbs.signature import nearest

                guess = nearest(name, list(SETTINGS))
                raise UsageError(
                    f"{path}: unknown setting {name!r}",
                    hint=f"did you mean {guess}?" if guess else "config lists them",
                )
            self.put(name, value, path)
        if not isinstance(targets, dict):
            raise UsageError(f"{path}: targets is no table", hint="[targets.NAME]")
        for name, entry in targets.items():
            address = entry.get("address", "") if isinstance(entry, dict) else entry
            tags = entry.get("tags", []) if isinstance(entry, dict) else []
            if not isinstance(address, str) or not address or not isinstance(tags, list):
                raise UsageError(
                    f"{path}: target {name!r} has no address",
                    hint='[targets.NAME] with address = "HOST:PORT"',
                )
            self.profiles[name] = Profile(name, address, tuple(map(str, tags)))

    def put(self, name: str, value: Any, origin: str) -> None:
        """Set a value; a text is read by the kind of the setting. Raises UsageError."""
        self.values[name] = _read(name, SETTINGS[name], value, origin)
        self.origins[name] = origin


def _read(name: str, setting: Setting, value: Any, origin: str) -> Any:
    text = str(value).strip() if not isinstance(value, bool) else value
    if setting.kind == "switch":
        known = {"on": True, "off": False, "true": True, "false": False, "1": True, "0": False}
        truth = text if isinstance(text, bool) else known.get(text.lower())
        if truth is None:
            raise UsageError(f"{origin}: {name} is on or off, not {value!r}")
        return truth
    if setting.kind == "number":
        try:
            number = float(text)
        except ValueError:
            number = -1.0
        if not 0 < number < 1e9:
            raise UsageError(f"{origin}: {name} is a number of seconds, not {value!r}")
        return number
    if "|" in setting.kind and text not in setting.kind.split("|"):
        raise UsageError(f"{origin}: {name} is one of {setting.kind}, not {value!r}")
    return str(value)
