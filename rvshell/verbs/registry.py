"""The shell's vocabulary: one registry, from which everything about a verb is read.

A verb is declared once, by `@verb(signature, help=…, example=…, scope=…)`. Help, usage,
argument parsing, completion, `help --markdown` (the README's table) and the man-page text
all come from that declaration; nothing about a verb is written twice.

A verb's function gets the `Context` and its bound arguments. What it returns is its *value*
(a number, text, list, dict or None), which the runner shows in the format asked for. A verb
that is no more than one question to the far end returns a `Request` instead: the runner sends
it, and may send many of them without waiting for each reply (`--pipeline`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from rvshell.errors import ScriptError
from rvshell.verbs.signature import Signature, nearest, parse_signature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    VerbFunction = Callable[..., Any]

__all__ = [
    "REGISTRY",
    "SCOPES",
    "Registry",
    "Request",
    "Verb",
    "home_of",
    "load",
    "load_only",
    "verb",
]

LONG = 51  # characters of a summary that stands whole beside a usage on 80 columns
# scope -> heading, in the order `help` shows them
SCOPES: dict[str, str] = {
    "playback": "Playback",
    "media": "Media and pixels",
    "view": "View and nodes",
    "code": "Code and events",
    "link": "Connection",
    "network": "Network, contacts and sync",
    "script": "Scripts",
    "shell": "Shell",
}


class Request(NamedTuple):
    """One question to the far end: the event, its contents, and how to read the reply.

    `read` turns the reply's text into the verb's value; None means that the value is None
    (the reply is still awaited and an error in it is still raised). `again` says that asking
    it twice does no harm: the prompt asks again when the connection was lost in between.
    """

    contents: str
    read: Callable[[str], Any] | None = None
    event: str = "remote-eval"
    again: bool = False


class Verb:
    """One word of the vocabulary."""

    __slots__ = (
        "_signature",
        "aliases",
        "example",
        "func",
        "help",
        "hidden",
        "kinds",
        "more",
        "name",
        "pipelines",
        "scope",
        "tail",
        "text",
    )

    def __init__(
        self,
        text: str,
        func: VerbFunction,
        *,
        help: str,
        example: str,
        scope: str,
        more: tuple[str, ...] = (),
        aliases: tuple[str, ...] = (),
        kinds: Mapping[str, str] | None = None,
        tail: str = "words",
        pipelines: bool = False,
    ) -> None:
        self.text = text
        self.name = text.partition(" ")[0]
        self.func = func
        self.help = help
        self.example = example
        self.more = more  # examples
        self.scope = scope
        self.aliases = aliases
        self.kinds = kinds
        self.tail = tail
        self.pipelines = pipelines
        self._signature: Signature | None = None

    @property
    def signature(self) -> Signature:
        """Parsed on first use: starting up reads none."""
        if self._signature is None:
            self._signature = parse_signature(self.text, self.kinds)
        return self._signature

    @property
    def summary(self) -> str:
        """The first sentence of the help."""
        head = self.help.partition(". ")[0].removesuffix(".")
        if len(head) > LONG and ": " in head:
            head = head.partition(": ")[0]
        return head + "."

    def __repr__(self) -> str:
        return f"<Verb {self.name}>"


class Registry:
    """Verbs by name and alias, in the order they were declared."""

    def __init__(self) -> None:
        self._verbs: dict[str, Verb] = {}
        self._names: dict[str, Verb] = {}

    def add(self, verb: Verb) -> None:
        """Take a verb in; a name or alias that is taken is a mistake in this program."""
        for name in (verb.name, *verb.aliases):
            if name in self._names:
                raise ValueError(f"the verb {name!r} is declared twice")
            self._names[name] = verb
        self._verbs[verb.name] = verb

    def get(self, name: str) -> Verb | None:
        """The verb of that name or alias, or None."""
        return self._names.get(name)

    def find(self, name: str) -> Verb:
        """The verb of that name; raises ScriptError with the nearest name as hint."""
        found = self._names.get(name)
        if found is None:
            guess = nearest(name, list(self._names))
            raise ScriptError(
                f"unknown verb {name!r}",
                hint=f"did you mean {guess!r}?" if guess else "type help for the verbs",
            )
        return found

    def names(self) -> list[str]:
        """All names and aliases."""
        return list(self._names)

    def __iter__(self) -> Iterator[Verb]:
        return iter(self._verbs.values())

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def __len__(self) -> int:
        return len(self._verbs)


REGISTRY = Registry()


def verb(
    text: str,
    *,
    help: str,
    example: str,
    scope: str,
    more: tuple[str, ...] = (),
    aliases: tuple[str, ...] = (),
    kinds: Mapping[str, str] | None = None,
    tail: str = "words",
    pipelines: bool = False,
) -> Callable[[VerbFunction], VerbFunction]:
    """Declare a verb. *more* are further examples, each a line that could be typed. *tail* is how
    the rest of its line is read: words, raw or expr.

    *pipelines* says that it returns a `Request` and changes nothing on this side.
    """

    def declare(func: VerbFunction) -> VerbFunction:
        REGISTRY.add(
            Verb(
                text,
                func,
                help=help,
                example=example,
                scope=scope,
                more=more,
                aliases=aliases,
                kinds=kinds,
                tail=tail,
                pipelines=pipelines,
            )
        )
        return func

    return declare


# one a line, so that additions do not collide; help shows verbs of a scope in this order
_MODULES = (
    "playback",
    "media",
    "layers",
    "push",
    "nodes",
    "graph",
    "peek",
    "keys",
    "code",
    "link",
    "targets",
    "network",
    "contacts",
    "sync",
    "record",
    "doctor",
    "general",
)
_loaded = False

# where the verbs of a quick one-shot are, so that the others need not be imported for them
_HOMES = {
    name: module
    for module, names in (
        (
            "playback",
            "play stop pause toggle step next back prev frame goto seek first last in out range "
            "inc fps mode realtime fullscreen cache mark unmark marks",
        ),
        ("media", "sources add load open clear reload snapshot export save"),
        ("nodes", "view nodes props get set connections"),
        ("link", "status peers players"),
    )
    for name in names.split()
}


def home_of(name: str) -> str | None:
    """The module of a common verb, or None when it is not one of those."""
    return _HOMES.get(name)


def load_only(name: str) -> None:
    """Import the module of a common verb."""
    if not _loaded and name in _HOMES:
        from importlib import import_module

        import_module(f"rvshell.verbs.{_HOMES[name]}")


def load() -> Registry:
    """The registry with every verb of this room in it (they import light)."""
    global _loaded
    if not _loaded:
        from importlib import import_module

        for name in _MODULES:
            import_module(f"rvshell.verbs.{name}")
        _loaded = True
    return REGISTRY
