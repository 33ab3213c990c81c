"""The network's settings: defaults, the user's file, the environment, the command line.

The later wins.  The file is `player.toml` in the user's configuration directory
(`~/.config/player` on Linux; `PLAYER_CONFIG_DIR` names another), the environment's variable
of `network.port` is `PLAYER_NETWORK_PORT`.  Every value remembers where it came from, for
`rvshell network config show --origin`.  What is changed while networking runs counts from
the next start on, as in RV's dialog; ports that a search ended on are not written back.

A value of the file or the environment that cannot be used is skipped with a message; the player
always starts.  One that the command line sets (`--set`, `--scopes` ...) is refused (`check`):
who mistypes what contacts may do must not get the default.
"""

from __future__ import annotations

import getpass
import logging
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from player.network.book import PERMISSIONS
from player.network.scopes import NAMES, parse_scopes
from rvshell.errors import CommandFailed, UsageError

__all__ = ["KEYS", "Key", "Settings", "config_directory", "parse_permission"]

_USUAL: Final = ("view", "control", "pixels", "media")
_TRUE: Final = ("true", "yes", "on", "1")
_FALSE: Final = ("false", "no", "off", "0")


@dataclass(frozen=True, slots=True)
class Key:
    """One setting: `section.name`, how it is read, its default, and a line of help."""

    name: str
    kind: str
    default: Any
    help: str

    @property
    def variable(self) -> str:
        return f"PLAYER_{self.name.replace('.', '_').upper()}"


def _keys(section: str, *rows: tuple[str, str, Any, str]) -> list[Key]:
    return [Key(f"{section}.{name}", kind, default, text) for name, kind, default, text in rows]


KEYS: Final[dict[str, Key]] = {
    key.name: key
    for key in [
        *_keys(
            "network",
            ("name", "name", "", "own contact name, as others see it (login name)"),
            ("port", "port", 45124, "port to listen on"),
            ("port_search", "int", 10, "ports tried after it when it is taken"),
            ("listen", "text", "127.0.0.1", "address to listen on; 0.0.0.0 for every network"),
            ("host", "text", "", "this machine's name in session URLs and introductions"),
            ("default_permission", "permission", 0, "new contacts: ask, allow or deny"),
            ("ask_timeout", "seconds", 60.0, "seconds a question waits; then it is a denial"),
            ("ask_local", "bool", False, "ask about programs of this user, too (tunnel ends)"),
            ("scopes", "scopes", _USUAL, "what an allowed contact may do"),
            ("proven_scopes", "scopes", (*_USUAL, "eval"), "the same of one that proved who it is"),
            ("reconnect", "bool", True, "dial again what was dialled and got lost"),
            ("require_proof", "bool", False, "from elsewhere only with a token or certificate"),
            ("token_file", "path", "", "file of tokens, a line each: NAME SECRET"),
            ("tls_cert", "path", "", "certificate (PEM); switches TLS on beside plain RV"),
            ("tls_key", "path", "", "its private key (PEM)"),
            ("tls_ca", "path", "", "authorities of client certificates (PEM)"),
            ("require_tls", "bool", False, "refuse plain connections from other machines"),
            ("zeroconf", "bool", False, "announce this player on the local network"),
            ("record_dir", "path", "", "record every connection there"),
        ),
        *_keys(
            "sync",
            ("auto", "bool", True, "start sync when another RV or player connects"),
            ("pull_on_join", "bool", True, "take over the session of the side that was dialled"),
            ("contacts_contacts", "bool", False, "mesh: connect the contacts with each other"),
            ("broadcast", "bool", True, "hub: pass on what one contact sends to the others"),
            ("send", "words", ("annotation", "color", "view", "stereo"), "groups that are sent"),
            ("block", "words", (), "groups that are not accepted"),
            ("send_pipelines", "words", ("Color", "Look", "View"), "pipeline groups that are sent"),
            ("block_pipelines", "words", (), "pipeline groups that are not accepted"),
            ("send_media", "bool", True, "send media changes"),
            ("accept_media", "bool", True, "accept media changes"),
            ("follow_transport", "bool", True, "follow frames and playback of others"),
            ("show_feedback", "bool", True, "messages about what others do"),
            ("show_pointers", "bool", True, "show the pointers of others"),
            ("pointer_trails", "bool", False, "with a trail"),
            ("show_errors", "bool", True, "messages about lost contacts"),
        ),
    ]
}  # fmt: skip


def config_directory(environ: Mapping[str, str] = os.environ) -> Path:
    """Where `player.toml` and the contacts are."""
    given = environ.get("PLAYER_CONFIG_DIR")
    if given:
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_config_dir("player", appauthor=False))


def parse_permission(text: str) -> int:
    """0, 1, 2 from a word or digit; `reject` is RV's dialog's word for deny.  UsageError."""
    word = text.strip().lower()
    word = "deny" if word == "reject" else word
    if word in PERMISSIONS:
        return PERMISSIONS.index(word)
    if word in ("0", "1", "2"):
        return int(word)
    raise UsageError(f"{text!r} is no permission", hint="ask, allow or deny")


def _read(key: Key, value: Any) -> Any:
    """A raw value (TOML's or text) as the setting's type.  Raises UsageError."""
    kind = key.kind
    try:
        if kind == "bool":
            if isinstance(value, bool):
                return value
            word = str(value).strip().lower()
            if word in _TRUE or word in _FALSE:
                return word in _TRUE
            raise ValueError("true or false")
        if kind in ("int", "port"):
            number = int(value)
            if isinstance(value, bool) or not 0 <= number <= 65535:
                raise ValueError("a number from 0 to 65535")
            return number
        if kind == "seconds":
            seconds = float(value)
            if not 0 < seconds <= 86400:
                raise ValueError("seconds, more than 0")
            return seconds
        if kind == "permission":
            return parse_permission(str(value))
        if kind == "words":
            return _words(value)
        if kind == "scopes":
            granted = parse_scopes(_words(value))
            return tuple(s for s in NAMES if s in granted)
        text = str(value)
        if not text.isprintable():
            raise ValueError("no control characters")
        if kind == "name" and any(c in text for c in " @|"):
            raise ValueError("no blanks, no @ and no |")
        return os.path.expanduser(text) if kind == "path" else text
    except UsageError:
        raise
    except (TypeError, ValueError) as error:
        reason = str(error)
        if reason.startswith(("invalid literal", "could not convert")):  # Python's own words
            reason = "it is a number"
        raise UsageError(f"{key.name}: {value!r} cannot be used", hint=reason) from None


def check(name: str, value: Any) -> None:
    """Raises UsageError for a setting that there is not, or a value that it cannot have."""
    if name not in KEYS:
        from difflib import get_close_matches

        near = get_close_matches(name, KEYS, 1)
        hint = f"did you mean {near[0]}?" if near else "`rvshell network config` lists them"
        raise UsageError(f"there is no setting {name}", hint=hint)
    _read(KEYS[name], value)


def _words(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list | tuple) else re.split(r"[,\s]+", str(value))
    return tuple(str(item) for item in items if str(item))


class Settings:
    """All values with their origins.  `directory` None means no file at all."""

    def __init__(
        self,
        directory: Path | None,
        *,
        environ: Mapping[str, str] | None = None,
        flags: Mapping[str, Any] | None = None,
    ) -> None:
        self.path = None if directory is None else directory / "player.toml"
        self.directory = directory
        self._environ = dict(os.environ if environ is None else environ)
        self._flags = dict(flags or {})
        self._log = logging.getLogger("player.network")
        self._values: dict[str, tuple[Any, str]] = {}
        self.load()

    def load(self) -> None:
        """Read everything again."""
        values = {name: (key.default, "default") for name, key in KEYS.items()}
        values["network.name"] = (_login_name(), "login name")
        for origin, found in (
            (str(self.path), self._from_file()),
            ("environment", self._from_environment()),
            ("command line", self._flags),
        ):
            for name, raw in found.items():
                if name not in KEYS:
                    self._log.warning("%s: no setting %s", origin, name)
                    continue
                try:
                    where = f"${KEYS[name].variable}" if origin == "environment" else origin
                    values[name] = (_read(KEYS[name], raw), where)
                except UsageError as error:
                    self._log.warning("%s: %s", origin, error.describe())
        self._values = values

    def _from_file(self) -> dict[str, Any]:
        if self.path is None:
            return {}
        try:
            table = tomllib.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            self._log.warning("%s is ignored: %s", self.path, error)
            return {}
        found = {}
        for section, entries in table.items():
            for name, value in entries.items() if isinstance(entries, dict) else ():
                if f"{section}.{name}" in KEYS:
                    found[f"{section}.{name}"] = value
                elif section in ("network", "sync"):
                    self._log.warning("%s: unknown setting %s.%s", self.path, section, name)
        return found

    def _from_environment(self) -> dict[str, str]:
        known = ((name, self._environ.get(key.variable)) for name, key in KEYS.items())
        return {name: text for name, text in known if text is not None}

    # -- values ----------------------------------------------------------------------------

    def __getitem__(self, name: str) -> Any:
        return self._values[name][0]

    def origin(self, name: str) -> str:
        """Where a value came from."""
        return self._values[name][1]

    def listed(self) -> list[dict[str, Any]]:
        """Every setting: name, value, origin, help."""
        return [
            {"name": n, "value": _shown(KEYS[n], v), "origin": o, "help": KEYS[n].help}
            for n, (v, o) in self._values.items()
        ]

    def override(self, name: str, value: Any, origin: str) -> None:
        """A value for this run only."""
        self._values[name] = (_read(KEYS[name], value), origin)

    # -- the file --------------------------------------------------------------------------

    def store(self, name: str, value: Any) -> None:
        """Write a value into the file and use it.  None takes it out of the file.

        Raises UsageError for a bad name or value, CommandFailed when the file cannot be
        written.
        """
        if name not in KEYS:
            raise UsageError(f"no setting {name!r}", hint=", ".join(KEYS))
        if self.path is None:
            raise CommandFailed("this player keeps no settings")
        key = KEYS[name]
        value = None if value is None else _read(key, value)
        try:
            text = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
            tomllib.loads(text)
            new = _edited(text, name, None if value is None else _toml(_shown(key, value)))
            tomllib.loads(new)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
            fresh.write_text(new, encoding="utf-8")
            os.replace(fresh, self.path)
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise CommandFailed(f"{self.path} cannot be written: {error}") from None
        if name not in self._flags and key.variable not in self._environ:
            origin = str(self.path) if value is not None else "default"
            default = _login_name() if name == "network.name" else key.default
            self._values[name] = (default if value is None else value, origin)


def _shown(key: Key, value: Any) -> Any:
    if key.kind == "permission":
        return PERMISSIONS[value]
    return list(value) if isinstance(value, tuple) else value


def _toml(value: Any) -> str:
    import json

    if isinstance(value, list):
        return f"[{', '.join(json.dumps(str(v), ensure_ascii=False) for v in value)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return json.dumps(str(value), ensure_ascii=False)


def _edited(text: str, name: str, value: str | None) -> str:
    """The file with one line set (or taken out), everything else as the user wrote it."""
    section, _, key = name.partition(".")
    lines = text.splitlines()
    head = next((i for i, line in enumerate(lines) if line.strip() == f"[{section}]"), None)
    if head is None:
        if value is None:
            return text
        lines += [*([""] if lines else []), f"[{section}]", f"{key} = {value}"]
        return "\n".join(lines) + "\n"
    end = head + 1
    while end < len(lines) and not lines[end].lstrip().startswith("["):
        if re.match(rf"\s*{re.escape(key)}\s*=", lines[end]):
            last = end
            while last + 1 < len(lines) and not _whole("\n".join(lines[end : last + 1])):
                last += 1  # an array over several lines
            lines[end : last + 1] = [] if value is None else [f"{key} = {value}"]
            return "\n".join(lines) + "\n"
        end += 1
    if value is not None:
        while end > head + 1 and not lines[end - 1].strip():
            end -= 1
        lines.insert(end, f"{key} = {value}")
    return "\n".join(lines) + "\n"


def _whole(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _login_name() -> str:
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "user"
    return re.sub(r"[\s@|]", "_", name) or "user"
