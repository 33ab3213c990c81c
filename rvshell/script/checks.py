"""What can be found wrong with a tree before anything is sent, and how errors are told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rvshell.errors import ExpectationFailed, RvshellError, UsageError
from rvshell.script.parser import KEYWORDS
from rvshell.script.syntax import (
    Block,
    Broadcast,
    Call,
    Define,
    For,
    If,
    Repeat,
    Source,
    While,
)
from rvshell.verbs.registry import REGISTRY
from rvshell.verbs.signature import nearest

if TYPE_CHECKING:
    from rvshell.verbs.context import Context
    from rvshell.verbs.registry import Verb

__all__ = ["blamed", "check_block", "form_of", "place", "report"]

_MISSPELT = re.compile(r"([A-Za-z][\w-]*)(?: +[\w.\"'#/-]+)* *;")
_ALONE = re.compile(r"[A-Za-z][\w-]* *; *([\w-]+)(?! *[\w-]*[(.=])")
# what begins a declaration or a statement of Mu that looks like a verb with a word
_TYPES = frozenset(
    ("bool", "byte", "char", "double", "float", "half", "int", "int64", "short", "string", "vec2",
     "vec3", "vec4", "void", "use", "require", "module", "function", "method", "class",
     "interface", "union", "global", "let", "return", "throw", "break", "continue")
)  # fmt: skip


# what other programs have, and what does it here
_HABITS = {
    "ls": "sources, or nodes; !ls lists files",
    "tap": "rvshell tap, a program of its own (help programs)",
    "bridge": "rvshell bridge, a program of its own (help programs)",
    "rvls": "sources --long, or nodes",
    "rvpush": "add, or push for pixels",
    "ping": "status, or doctor",
    "info": "status, or sources --long",
    "man": "help",
    "next_frame": "step",
    "volume": "set '#RVSoundTrack.audio.volume'",
    "select": "view",
    "delete": "clear",
    "print": "echo",
}
SURE = 0.75  # how alike a word and a verb are when nothing else can be meant


def check_block(block: Block, source: Source, known: set[str]) -> None:
    """Find unknown verbs and wrong arguments in a tree; *known* are names besides the verbs.

    Raises ScriptError or UsageError with its place.
    """
    for s in block.statements:
        if isinstance(s, Define):
            known.add(s.name)
        bodies: list[Block] = []
        if isinstance(s, For | Repeat | While | Define):
            bodies = [s.body]
        elif isinstance(s, If):
            bodies = [body for _, body in s.branches] + ([s.otherwise] if s.otherwise else [])
        if isinstance(s, Broadcast):
            bodies = [Block((s.statement,))]
        for body in bodies:
            check_block(body, source, known)
        if isinstance(s, Call):
            if s.plain:
                _check_plain(s, source, known)
            elif s.verb not in known:
                _check_call(s, source)


def form_of(verb: Verb, words: list[str]) -> str:
    """json or jsonl when one of the words asks for it and the verb has no such option."""
    if verb.tail == "words" and verb.scope != "script":
        for form in ("json", "jsonl"):
            if f"--{form}" in words and verb.signature.option(f"--{form}") is None:
                return form
    return ""


def _check_call(call: Call, source: Source) -> None:
    if call.verb not in REGISTRY:
        raise _unknown(call.verb, source, call.pos, [])
    words = [w.literal for w in call.args if w.literal is not None]
    if len(words) < len(call.args) or words == ["--help"]:
        return
    found = REGISTRY.find(call.verb)
    form = form_of(found, words)
    try:
        arguments = found.signature.bind([w for w in words if not form or w != f"--{form}"])
        source.bound[id(call)] = (call, arguments)
    except UsageError as error:
        raise place(error, source, blamed(error, call)) from None


def _check_plain(call: Call, source: Source, known: set[str]) -> None:
    """`farme 10; play` and `paly; frame` could be Mu, but are misspelt verbs: a word, perhaps with
    plain words behind it, before a semicolon. Mu's declarations (`int x;`) are left alone. So is
    what resembles no verb, but for `bogus; play`: as Mu it would do nothing and say nothing."""
    text = (call.args[0].literal if call.args else None) or ""
    found = _MISSPELT.match(text)
    if not found or found[1] in _TYPES:
        return
    verbs = [*REGISTRY.names(), *known]
    alone = _ALONE.match(text)
    if nearest(found[1], verbs, 0.7) or (alone and alone[1] in verbs):
        raise _unknown(found[1], source, call.pos, sorted(known))


def _unknown(name: str, source: Source, pos: int, known: list[str]) -> RvshellError:
    """The error of a word that is no verb, with what may have been meant."""
    from rvshell.verbs.helping import has_something_about
    from rvshell.verbs.rvcommands import commands

    names = [*REGISTRY.names(), *KEYWORDS, *known]
    guess = nearest(name, names, SURE)
    if guess is None and not has_something_about(name):
        guess = nearest(name, names)
        hint = "help lists the verbs;"
    else:
        hint = f"? {name} finds what it may be;"
    if guess:
        hint = f"did you mean {guess!r}?"
    if name in _HABITS:
        hint = f"here that is {_HABITS[name]};"
    for command in commands():
        if command.name.lower() == name.lower():
            hint = f"RV has {command.signature};"
            break
    return source.error(f"unknown verb {name!r}", pos, f"{hint} to send Mu: mu {name} …")


def blamed(error: RvshellError, call: Call) -> int:
    """Where the word is that an error of a call is about; the call's place when it is not said."""
    word = error.word if isinstance(error, UsageError) else ""
    places = [w.pos for w in call.args if word and w.literal is not None and word == w.literal]
    return places[-1] if places else call.pos


def place(error: RvshellError, source: Source, pos: int) -> RvshellError:
    """Tell a usage error where it is, when it does not know."""
    if isinstance(error, UsageError) and not error.line and source.text.strip():
        error.line, error.column, error.text = source.where(pos)
        error.source = source.name
    elif not isinstance(error, UsageError | ExpectationFailed) and source.name:
        line, _, _ = source.where(pos)
        if not error.message.startswith(f"{source.name}:"):
            error.message = f"{source.name}:{line}: {error.message}"
    return error


def report(ctx: Context, error: RvshellError) -> None:
    """Show an error: one line, and the caret when it points into a text."""
    ctx.complain(f"rvshell: {error.describe()}")
    if isinstance(error, UsageError) and (
        error.source or "\n" in error.text or error.column > 1 or ctx.options.interactive
    ):
        caret = error.caret()
        if caret:
            ctx.complain(caret)
