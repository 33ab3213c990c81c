"""Reading a verb's signature line, and words into arguments by it.

A verb is declared by the line its help shows, for example

    push IMAGE… [--tiles WxH] [--stereo] [--frame N]

and that line is the only description of its arguments there is: usage, completion and
argument parsing are all read from it.

    NAME          a required argument        [NAME]        an optional one
    NAME…         one or more                [NAME…]       any number
    on|off        one of these words         FRAME|here    a frame or this word
    --flag        a switch                   --opt VALUE   an option with a value
    -i VALUE      a short option             CODE          the rest of the line as it is
    EXPR          a condition, which the command language reads itself

Options may stand anywhere; `--` ends them, and between `[` and `]` words are left alone.
A word like `-12` or `-0.5` is a number, not an option. The *kind* of an argument (what it must
look like and what completes it) follows from its name by `KINDS`, unless the verb says otherwise.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from rvshell.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["KINDS", "Option", "Param", "Signature", "nearest", "parse_signature"]

KINDS: dict[str, str] = {
    "N": "int",
    "COUNT": "int",
    "FRAME": "frame",
    "FPS": "float",
    "SECONDS": "seconds",
    "X": "int",
    "Y": "int",
    "W": "int",
    "H": "int",
    "PORT": "int",
    "FILE": "path",
    "IMAGE": "path",
    "OUT": "path",
    "NODE": "node",
    "TYPE": "nodetype",
    "PROPERTY": "property",
    "EVENT": "event",
    "CODE": "raw",
    "TEXT": "text",
    "TARGET": "target",
    "VERB": "verb",
    "CONTACT": "contact",
    "SCOPES": "scopes",
    "P": "allow|ask|deny",
    "WxH": "size",
}


class Param(NamedTuple):
    """A positional argument: `name` as shown, `kind`, whether it must be there and may repeat."""

    name: str
    kind: str
    required: bool
    repeats: bool
    choices: tuple[str, ...]

    @property
    def key(self) -> str:
        """The keyword its value is passed as."""
        return "word" if self.choices else self.name.lower().replace("-", "_")


class Option(NamedTuple):
    """`--flag` or `--name VALUE` (value is "" for a flag)."""

    flag: str
    value: str
    kind: str
    choices: tuple[str, ...]

    @property
    def key(self) -> str:
        """The keyword its value is passed as."""
        return self.flag.lstrip("-").replace("-", "_")


class Signature(NamedTuple):
    """The arguments of one verb."""

    verb: str
    params: tuple[Param, ...]
    options: tuple[Option, ...]
    text: str

    def option(self, flag: str) -> Option | None:
        """The option written as *flag*, or None."""
        return next((o for o in self.options if o.flag == flag), None)

    def param_at(self, index: int) -> Param | None:
        """The parameter that the positional word number *index* (from 0) belongs to."""
        if index < len(self.params):
            return self.params[index]
        return self.params[-1] if self.params and self.params[-1].repeats else None

    def positionals(self, words: Sequence[str]) -> int:
        """How many of *words*, which need not be right or complete, are no options."""
        count, i = 0, 0
        while i < len(words):
            option = self.option(words[i]) if words[i].startswith("-") else None
            if option is None:
                count += 1
            elif option.value:
                i += 1
            i += 1
        return count

    def bind(self, words: Sequence[str]) -> dict[str, Any]:
        """Turn *words* into keyword arguments.

        Raises UsageError with the usage line as its hint.
        """
        if not words and not any(p.required or p.repeats for p in self.params):
            return {}
        return _Binder(self).bind(words)


_PIECE = re.compile(r"\[[^\]]*\]|\S+")


def parse_signature(text: str, kinds: Mapping[str, str] | None = None) -> Signature:
    """Read a signature line; *kinds* overrides `KINDS` for this verb."""
    verb, _, rest = text.partition(" ")
    params: list[Param] = []
    options: list[Option] = []

    def kind_of(name: str) -> str:
        bare = name.rstrip("…")
        if "|" in bare:  # choices; a word in capitals among them stands for its kind
            bare = next((w for w in bare.split("|") if w.isupper()), "")
            if not bare:
                return "choice"
        return (kinds or {}).get(bare) or KINDS.get(bare, "text")

    def choices_of(name: str) -> tuple[str, ...]:
        return tuple(w for w in name.split("|") if w.islower()) if "|" in name else ()

    pieces = _PIECE.findall(rest)
    i = 0
    while i < len(pieces):
        piece = pieces[i]
        required = not piece.startswith("[")
        words = piece.strip("[]").split()
        if words == ["EXPR"]:
            pass
        elif words[0].startswith("-"):
            if required and i + 1 < len(pieces) and not pieces[i + 1].startswith(("-", "[")):
                i += 1
                words.append(pieces[i])
            value = words[1] if len(words) > 1 else ""
            options.append(
                Option(words[0], value, kind_of(value) if value else "flag", choices_of(value))
            )
        else:
            for name in words:
                choices = choices_of(name)
                params.append(
                    Param(
                        name.rstrip("…"),
                        kind_of(name),
                        required,
                        name.endswith("…"),
                        choices,
                    )
                )
        i += 1
    return Signature(verb, tuple(params), tuple(options), text)


_NUMBER = re.compile(r"-(\d|\.\d)")


class _Binder:
    """One binding of words to a signature."""

    def __init__(self, signature: Signature) -> None:
        self.signature = signature

    def fail(self, message: str, hint: str = "", word: str = "") -> UsageError:
        usage = f"usage: {self.signature.text}"
        return UsageError(
            f"{self.signature.verb}: {message}",
            hint=f"{hint}; {usage}" if hint else usage,
            word=word,
        )

    def bind(self, words: Sequence[str]) -> dict[str, Any]:
        params = self.signature.params
        if params and params[-1].kind == "raw" and not self.signature.options:
            return self.positional(list(words))
        plain: list[str] = []
        values: dict[str, Any] = {}
        i, literal, bracket = 0, False, False
        while i < len(words):
            word = words[i]
            i += 1
            if word in ("[", "]"):
                bracket = word == "["  # options in brackets are those of a source
            if literal or bracket or not word.startswith("-") or word == "-" or _NUMBER.match(word):
                plain.append(word)
                continue
            if word == "--":
                literal = True
                continue
            flag, equals, given = word.partition("=")
            option = self.signature.option(flag)
            if option is None and params and params[-1].kind == "switch" and word[1] != "-":
                plain.append(word)  # `-color` switches a group off
                continue
            if option is None:
                known = [o.flag for o in self.signature.options]
                guess = nearest(flag, known)
                raise self.fail(
                    f"unknown option {flag}", f"did you mean {guess}?" if guess else "", word
                )
            if not option.value:
                if equals:
                    raise self.fail(f"{flag} takes no value")
                values[option.key] = True
                continue
            if not equals:
                if i >= len(words):
                    raise self.fail(f"{flag} needs a value")
                given = words[i]
                i += 1
            values[option.key] = self.convert(given, option.kind, option.choices, flag)
        values.update(self.positional(plain))
        return values

    def positional(self, words: list[str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        at = 0
        for index, param in enumerate(self.signature.params):
            if param.repeats:
                later = sum(p.required for p in self.signature.params[index + 1 :])
                taken = words[at : max(at, len(words) - later)]
                if param.required and not taken:
                    raise self.fail(f"{param.name} is missing")
                values[param.key] = [
                    self.convert(w, param.kind, param.choices, param.name) for w in taken
                ]
                at += len(taken)
            elif param.kind == "raw":
                text = " ".join(words[at:])
                if param.required and not text.strip():
                    raise self.fail(f"{param.name} is missing")
                if text:
                    values[param.key] = text
                at = len(words)
            elif at < len(words):
                values[param.key] = self.convert(words[at], param.kind, param.choices, param.name)
                at += 1
            elif param.required:
                raise self.fail(f"{param.name} is missing")
        if at < len(words):
            raise self.fail(f"too many arguments: {words[at]!r}", word=words[at])
        return values

    def convert(self, word: str, kind: str, choices: tuple[str, ...], name: str) -> Any:
        if word in choices:
            return word
        if choices and kind == "choice":
            guess = nearest(word, choices)
            raise self.fail(
                f"{word!r} is not one of {', '.join(choices)}",
                f"did you mean {guess}?" if guess else "",
                word,
            )
        try:
            if kind in ("int", "frame"):
                value = int(word)
                if not -(2**31) <= value < 2**31:
                    raise self.fail(f"{name}: {word} is out of range", word=word)
                return value
            if kind in ("float", "seconds"):
                number = float(word.removesuffix("s") if kind == "seconds" else word)
                if number != number or abs(number) == float("inf"):
                    raise ValueError
                if kind == "seconds" and number < 0:
                    raise self.fail(f"{name}: {word} is negative", word=word)
                return number
            if kind == "size":
                w, _, h = word.lower().partition("x")
                size = (int(w), int(h or w))
                if min(size) < 1:
                    raise ValueError
                return size
        except ValueError:
            what = {
                "int": "a whole number",
                "frame": "a frame number",
                "size": "a size like 10x10",
                "seconds": "a number of seconds",
            }.get(kind, "a number")
            raise self.fail(f"{name}: {word!r} is not {what}", word=word) from None
        return word


def nearest(word: str, known: Sequence[str] | Any, likeness: float = 0.6) -> str:
    """The known word nearest to *word*, or "" when none is near."""
    from difflib import get_close_matches  # only when something is already wrong

    names = list(known)
    found = get_close_matches(word, names, n=1, cutoff=likeness)
    if not found:
        found = [n for n in names if len(word) > 2 and n.lower() == word.lower()]
    return found[0] if found else ""
