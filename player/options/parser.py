"""Parsing RV's command line.

Theory of operation
-------------------
Arguments are looked at one after the other (Open RV: src/lib/app/RvApp/Options.cpp).  A word
that begins with a dash and is no negative number is an option and takes its arguments; all
others are media and may stand anywhere.  Between the words `[` and `]` nothing is an option:
a leading dash becomes `+` there and the words are kept, because what they mean belongs to
one source and is the session's business (`player.session.sourceargs`).  `rvlink://` words
are expanded into the words they hold first of all.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any, Final

from .arithmetic import evaluate, is_negative_number
from .errors import OptionError
from .model import DISPLAYS, Options
from .table import INERT, Option, find, names

__all__ = ["parse"]

DEFAULT_PORT: Final = 45124

_STACKS: Final = {
    "over": "over",
    "diff": "difference",
    "replace": "replace",
    "topmost": "topmost",
    "layer": "layer",
}

#: option -> the network's setting that it gives for this run
_SETTINGS: Final = {
    "tls-cert": "network.tls_cert",
    "tls-key": "network.tls_key",
    "tls-ca": "network.tls_ca",
    "token-file": "network.token_file",
    "ask-local": "network.ask_local",
    "scopes": "network.scopes",
}

#: option -> name of the SourceArgs field that bracketed sources inherit, and how to read it
_DEFAULTS: Final[dict[str, str]] = {
    "ro": "range_offset",
    "rs": "range_start",
    "ao": "audio_offset",
    "so": "stereo_offset",
    "rso": "right_offset",
    "fcdl": "fcdl",
    "lcdl": "lcdl",
    "flut": "flut",
    "llut": "llut",
    "pclut": "pclut",
    "cmap": "cmap",
    "mediaRepName": "rep_name",
    "mediaRepSource": "rep_source",
    "in": "cut_in",
    "out": "cut_out",
}
#: Accepted by RV outside brackets, and without effect there.
_BRACKETS_ONLY: Final = frozenset(("pa", "crop", "uncrop"))


_OF_EXPORT: Final = {
    "frames": "--frames", "codec": "--codec", "quality": "--quality", "out_fps": "--outfps",
    "out_params": "--outparams", "pixel_aspect": "--outpa", "audio_codec": "--audiocodec",
    "audio_channels": "--audiochannels", "comment": "--comment", "copyright": "--copyright",
}  # fmt: skip


def parse(
    argv: Sequence[str],
    *,
    expand_link: Callable[[str], Sequence[str]] | None = None,
    map_path: Callable[[str], str] | None = None,
) -> Options:
    """Parse the words behind the program's name.

    `expand_link` turns an `rvlink://` URL into words (without it such a URL is an error);
    `map_path` is applied to every media word (RV_PATHSWAP_* variables).  Raises OptionError.
    """
    words: list[str] = []
    for word in argv:
        if word.startswith("rvlink://"):
            if expand_link is None:
                raise OptionError("an rvlink:// URL cannot be opened here")
            words.extend(expand_link(word))
        else:
            words.append("-help" if word == "-h" else word)
    state = _Parser(_mangle(words), map_path or (lambda path: path))
    state.run()
    return state.finish()


def _mangle(words: list[str]) -> list[str]:
    """Between brackets, `-word` becomes `+word` unless it is a negative number."""
    out = []
    inside = False
    for word in words:
        if word == "[":
            inside = True
        elif word == "]":
            inside = False
        elif inside and word.startswith("-") and not _below_zero(word):
            word = "+" + word[1:]
        out.append(word)
    return out


def _is_media(word: str) -> bool:
    """Whether a word is a path, a name with an extension or procedural: no flag is called so."""
    if word.endswith(".movieproc"):
        return True
    return "=" not in word and ("/" in word or re.search(r"\.\w+$", word) is not None)


def _below_zero(word: str) -> bool:
    """C's `!(atof(word) >= 0)` for a word with a leading minus."""
    found = re.match(r"-(?:(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|inf|nan)", word, re.IGNORECASE)
    if found is None:
        return False
    return found[1] is None or float(found[0]) != 0.0


class _Parser:
    """One run over the words; `values` collects the fields of Options."""

    def __init__(self, words: list[str], map_path: Callable[[str], str]) -> None:
        self.words = words
        self.at = 0
        self.map_path = map_path
        self.values: dict[str, Any] = {}
        self.inputs: list[str] = []
        self.defaults: dict[str, object] = {}
        self.accepted: dict[str, tuple[str, ...]] = {}
        self.warnings: list[str] = []
        self.flags: dict[str, str] = {}
        self.settings: dict[str, str] = {}
        self.events: list[tuple[str, str]] = []
        self.caches: set[str] = set()
        self.compares: list[str] = []

    # -- words -----------------------------------------------------------------------

    def run(self) -> None:
        inside = False
        while self.at < len(self.words):
            word = self.words[self.at]
            self.at += 1
            if word == "[" or word == "]":
                if inside and word == "[":
                    raise OptionError(
                        "Cannot nest source groups", hint="[ and ] go around one source's files"
                    )
                inside = word == "["
                self.inputs.append(word)
            elif inside:
                self.inputs.append(word if word.startswith("+") else self.map_path(word))
            elif word == "--":
                self.inputs.extend(map(self.map_path, self.words[self.at :]))
                return
            elif self.is_option(word):
                self.option(word)
            else:
                self.inputs.append(self.map_path(word))
        if inside:
            raise OptionError("Unmatched '[' in input", hint="close the source group with ]")

    @staticmethod
    def is_option(word: str) -> bool:
        return len(word) > 1 and word[0] == "-" and not is_negative_number(word)

    def option(self, word: str) -> None:
        name, equals, attached = word.partition("=") if word.startswith("--") else (word, "", "")
        option = find(name)
        if option is None:
            known = {spelling.lstrip("-").lower(): spelling for spelling in names()}
            near = difflib.get_close_matches(name.lstrip("-").lower(), known, 1, cutoff=0.7)
            hint = f"did you mean {known[near[0]]}?" if near else "player --help lists the options"
            raise OptionError(f"unknown option {name}", hint=hint)
        given = [attached] if equals else None
        self.apply(option, self.arguments(option, given))

    def arguments(self, option: Option, given: list[str] | None) -> list[Any]:
        kinds = option.takes.split()
        if kinds and kinds[-1].endswith("..."):
            if given is not None:
                return list(given)
            rest = self.at
            while rest < len(self.words) and not self.is_option(self.words[rest]):
                if self.words[rest] in ("[", "]"):
                    break
                rest += 1
            words, self.at = self.words[self.at : rest], rest
            return list(words)
        if given is not None and not kinds:
            raise OptionError(f"{option.spelling} takes no value")
        values: list[Any] = []
        for kind in kinds:
            if kind.startswith("["):
                if not given and self.at < len(self.words):
                    try:
                        number = evaluate(self.words[self.at])
                    except ValueError:
                        continue
                    values.append(int(number))
                    self.at += 1
                continue
            if given:
                text = given.pop()
            elif self.at < len(self.words):
                text = self.words[self.at]
                self.at += 1
            else:
                raise OptionError(
                    f"{option.spelling} needs {option.takes}", hint="the command line ends there"
                )
            values.append(_read(option, kind, text))
        return values

    # -- meaning ---------------------------------------------------------------------

    def apply(self, option: Option, values: list[Any]) -> None:
        name = option.name
        if name in INERT:
            self.accepted[name] = tuple(str(v) for v in values)
            return
        if name in _DEFAULTS:
            self.defaults[_DEFAULTS[name]] = values[0]
        if option.field:
            self.values[option.field] = values[0] if values else True
            return
        if name in _STACKS or name in ("tile", "wipe"):
            if name not in self.compares:
                self.compares.append(name)
        elif name in ("c", "l", "nc"):
            self.caches.add(name)
        elif name in _SETTINGS:
            self.settings[_SETTINGS[name]] = values[0] if values else "true"
        elif name in _BRACKETS_ONLY:
            self.warnings.append(f"-{name} has an effect only between [ and ]")
        elif name not in _DEFAULTS:
            getattr(self, "_" + name.replace("-", "_"))(values)

    def _station(self, _: list[Any]) -> None:
        self.settings.setdefault("network.default_permission", "deny")
        self.settings.setdefault("network.scopes", "view,control,pixels,media")
        self.settings.setdefault("network.proven_scopes", "view,control,pixels,media")

    def _set(self, values: list[Any]) -> None:
        name, equals, value = values[0].partition("=")
        if not equals or "." not in name:
            raise OptionError(f"--set {values[0]}", hint="--set network.ask_timeout=20")
        self.settings[name] = value

    def _no_network(self, _: list[Any]) -> None:
        self.values["network"] = False

    def _url_insecure(self, _: list[Any]) -> None:
        self.values["url_insecure"] = True

    def _url_header(self, values: list[Any]) -> None:
        text = values[0]
        if ":" not in text or "\n" in text or "\r" in text:
            raise OptionError("--url-header needs a header line", hint="--url-header 'Name: value'")
        self.values["url_headers"] = (*self.values.get("url_headers", ()), text)

    def _network(self, _: list[Any]) -> None:
        self.values.setdefault("network", True)

    def _display(self, values: list[Any]) -> None:
        kinds = [_choice("--display", kind, DISPLAYS) for kind in values[0].split(",")]
        self.values["display"] = ",".join(kinds)

    def _profile(self, values: list[Any]) -> None:
        self.values["profile"] = _choice("--profile", values[0], ("display", "output"))

    def _log_level(self, values: list[Any]) -> None:
        levels = ("error", "warning", "info", "debug")
        self.values["log_level"] = _choice("--log-level", values[0], levels)

    def _size(self, values: list[Any]) -> None:
        found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", values[0])
        width, height = (int(found[1]), int(found[2])) if found else (0, 0)
        if not (1 <= width <= 16384 and 1 <= height <= 16384):
            raise OptionError(f"--size {values[0]} is no size", hint="for example 1280x720")
        self.values["size"] = (width, height)

    def _select(self, values: list[Any]) -> None:
        self.defaults["select_type"], self.defaults["select_name"] = values

    def _noMovieAudio(self, _: list[Any]) -> None:
        self.defaults["no_movie_audio"] = True

    def _inparams(self, words: list[str]) -> None:
        pairs: list[tuple[str, str]] = []
        while words and "=" in words[0]:
            key, _, value = words.pop(0).partition("=")
            pairs.append((key, value))
        old = self.defaults.get("in_params", ())
        assert isinstance(old, tuple)
        self.defaults["in_params"] = (*old, *pairs)
        self.inputs.extend(map(self.map_path, words))

    def _noaudio(self, _: list[Any]) -> None:
        self.values["audio"] = False

    def _sessionType(self, values: list[Any]) -> None:
        view = {"sequence": "defaultSequence", "stack": "defaultStack"}.get(values[0])
        if view:
            self.values["session_type_view"] = view

    def _networkConnect(self, values: list[Any]) -> None:
        host, port = values[0], (values[1] if len(values) > 1 else DEFAULT_PORT)
        self.values["connect"] = (host, _port("-networkConnect", port))

    def _networkPerm(self, values: list[Any]) -> None:
        if values[0] not in (-1, 0, 1, 2):
            raise OptionError(f"-networkPerm {values[0]}", hint="0 ask, 1 allow, 2 deny")
        self.values["permission"] = None if values[0] < 0 else values[0]

    def _flags(self, words: list[str]) -> None:
        """Flags up to the first word that can only be a medium; RV would take that, and all
        words up to the next option, for flags too."""
        for i, word in enumerate(words):
            if _is_media(word):
                self.inputs.extend(map(self.map_path, words[i:]))
                return
            parts = [part for part in word.split("=") if part]
            if not 1 <= len(parts) <= 2:
                self.warnings.append(f"malformed flag {word}")
                continue
            self.flags[parts[0]] = parts[1] if len(parts) == 2 else "true"

    def _sendEvent(self, words: list[str]) -> None:
        for i in range(0, len(words), 2):
            self.events.append((words[i], words[i + 1] if i + 1 < len(words) else ""))

    def _nopackages(self, _: list[Any]) -> None:
        self.values["packages"] = False

    def _outparams(self, words: list[str]) -> None:
        """Words up to the first that sets nothing, which is a medium as for -inparams."""
        given = self.values.get("out_params", ())
        while words and ("=" in words[0] or words[0].startswith("libx264autoresize")):
            given = (*given, words.pop(0))
        self.values["out_params"] = given
        self.inputs.extend(map(self.map_path, words))

    def _debug(self, words: list[str]) -> None:
        self.values["debug"] = (*self.values.get("debug", ()), *words)

    def _help(self, _: list[Any]) -> None:
        self.values["show"] = "help"

    def _version(self, _: list[Any]) -> None:
        self.values.setdefault("show", "version")

    def _formats(self, _: list[Any]) -> None:
        self.values.setdefault("show", "formats")

    def _encodeURL(self, _: list[Any]) -> None:
        self.values.setdefault("show", "encode-url")

    def _bakeURL(self, _: list[Any]) -> None:
        self.values.setdefault("show", "bake-url")

    # -- the whole -------------------------------------------------------------------

    def finish(self) -> Options:
        values = self.values
        for name in ("auto_retime", "progressive_loading", "stereo_swap", "reuse_session"):
            if name in values:
                values[name] = values[name] != 0
        if "port" in values:
            _port("-networkPort", values["port"])
        if self.flags.get("networkPortFile"):
            values["port_file"] = self.flags["networkPortFile"]
        self.compare(values)
        view = values.pop("session_type_view", None)
        if view:
            values["view"] = view
        if "nc" in self.caches:
            values["cache_mode"] = 0
        elif "c" in self.caches:
            values["cache_mode"] = 2  # the look-ahead default gives way
        if values.get("gamma", 1.0) != 1.0:
            values["srgb"] = values["rec709"] = False
        elif values.get("rec709"):
            values["srgb"] = False
        if not values.get("export"):
            alone = [text for name, text in _OF_EXPORT.items() if name in values]
            if alone:
                self.warnings.append(f"{', '.join(alone)}: of use with --export only")
        return Options(
            inputs=tuple(self.inputs),
            source_defaults=MappingProxyType(self.defaults),
            flags=MappingProxyType(self.flags),
            settings=MappingProxyType(self.settings),
            send_events=tuple(self.events),
            accepted=MappingProxyType(self.accepted),
            warnings=tuple(self.warnings),
            **values,
        )

    def compare(self, values: dict[str, Any]) -> None:
        """-over, -tile and their like: one at most."""
        if len(self.compares) > 1:
            raise OptionError(
                "only one of -wipe, -over, -diff, -replace, -layer, -topmost and -tile may be given"
            )
        for name in self.compares:
            if name == "wipe":
                values["wipe"] = True
            elif name == "tile":
                values["view"], values["layout"] = "defaultLayout", "packed"
            else:
                values["view"], values["composite"] = "defaultStack", _STACKS[name]


def _read(option: Option, kind: str, text: str) -> Any:
    if kind in ("N", "F", "0/1"):
        try:
            number = evaluate(text)
        except ValueError:
            raise OptionError(f"{option.spelling} needs a number, not {text!r}") from None
        return number if kind == "F" else int(number)
    return text


def _choice(option: str, value: str, allowed: Sequence[str]) -> str:
    if value not in allowed:
        raise OptionError(f"{option} {value} is unknown", hint=f"one of {', '.join(allowed)}")
    return value


def _port(option: str, port: int) -> int:
    if not 0 <= port <= 65535:
        raise OptionError(f"{option} {port} is no port", hint="0 to 65535")
    return port
