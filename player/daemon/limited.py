"""Events of contacts that may not do everything: checked before anything is run.

Theory of operation
-------------------
A contact without the scope `eval` may still send Mu, since every client speaks in it, but
only texts made of calls to commands that its scopes allow: literals, arrays, tuples, `let`,
`if`, `try`, braces, fields of what commands answer and `string.join` are fine; function and
class definitions, loops and every name that is not on a list are refused before the text is
compiled.

A contact with `eval` but without `python` may send any Mu.  It gets an interpreter of its
own (one for each set of scopes), in which commands that touch the machine refuse, and texts
that name Mu's own system functions are not compiled at all.  What such a text defines or
binds lives in that interpreter, so that it has no more rights when it runs later, and no
program of the user ever calls it by accident.

Every refusal is logged, and answered with RV's form of an error text.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Final

from player.commands import CONSTANTS, STRUCTS
from player.commands.context import Context
from player.commands.errors import CommandError
from player.commands.registry import Command
from player.mu.lexer import Token, scan
from player.network import Peer
from player.network.scopes import EVALUATORS, command_scope, event_scope
from player.scripting.engine import ScriptEngine
from player.scripting.muhost import MuHost

__all__ = ["Limited"]

_MAX_TEXT: Final = 4 * 1024 * 1024
_WORD_LIST: Final = """let if then else try catch require true false nil commands
    extra_commands rvui sync string int float bool byte half double size front back empty"""
_WORDS: Final = frozenset(_WORD_LIST.split())
_METHODS: Final = frozenset({"size", "front", "back", "empty"})
_FIELDS: Final = frozenset(
    name for fields in STRUCTS.values() for name, kind in fields if "(" not in kind
)
"""Fields of what commands answer: they are read, never called."""
_SIGNS: Final = "( ) [ ] { } , ; . + - * / % = == != < > <= >= && || ! ..."
_PUNCTUATION: Final = frozenset(_SIGNS.split(" "))
_LITERALS: Final = frozenset({"STRING", "INT", "FLOAT", "CHAR"})
_MACHINE_LIST: Final = """system getenv setenv putenv getcwd getpid expand exists eval io runtime qt
    python fopen ifstream ofstream process"""
_MACHINE: Final = frozenset(_MACHINE_LIST.split())
"""Names of Mu's own library that a program without `python` may not use in any way."""


class _Refused(Exception):
    """What is not allowed, and the scope that would allow it."""

    def __init__(self, what: str, scope: str) -> None:
        super().__init__(f"permission denied: {what} needs scope {scope}")


class Limited:
    """Runs events of limited peers; `report` gets one line for each refusal."""

    def __init__(self, engine: ScriptEngine, report: Callable[[str], None]) -> None:
        self._engine = engine
        self._report = report
        self._hosts: dict[frozenset[str], MuHost] = {}
        self._names = {c.name for c in engine.registry}
        self._refused: _Refused | None = None

    def event(
        self, peer: Peer, name: str, contents: str, wants_reply: bool, *, through_bus: bool = False
    ) -> str:
        """EVENT or RETURNEVENT of a limited peer; the contents of the reply.

        `through_bus` says that somebody (sync) takes this evaluator event itself.
        """
        if name in ("remote-eval", "remote-sync-eval") and not through_bus:
            return self.mu(peer, contents, name)
        scope = event_scope(name) if name not in EVALUATORS else "control"
        if name in ("remote-pyeval", "remote-pyexec"):
            scope = "python"
        if scope not in peer.scopes:
            refused = _Refused(f"event {name}", scope)
            self._log(peer, refused)
            return _python(refused) if scope == "python" else _answer(refused, name, contents)
        return self._engine.dispatcher.event(peer.contact, name, contents, wants_reply)

    def may_data(self, peer: Peer, name: str) -> bool:
        """Whether a DATAEVENT of that name may be delivered."""
        return self._may(peer, event_scope(name), f"data event {name}")

    def may_tile(self, peer: Peer) -> bool:
        """Whether a tile may be delivered."""
        return self._may(peer, "pixels", "a tile of pixels")

    def _may(self, peer: Peer, scope: str, what: str) -> bool:
        if scope in peer.scopes:
            return True
        self._log(peer, _Refused(what, scope))
        return False

    def _log(self, peer: Peer, refused: Exception) -> None:
        self._report(f"WARNING: {peer.contact}: {refused}")

    # -- Mu --------------------------------------------------------------------------------

    def mu(self, peer: Peer, text: str, prefix: str = "remote-eval") -> str:
        """The reply to a Mu text of a limited peer."""
        scopes = peer.scopes
        context = self._engine.context
        try:
            if "eval" in scopes:
                if "python" not in scopes:
                    _check_machine(text)
                else:
                    return self._engine.mu(text, prefix)
            else:
                self._check(text, scopes)
        except _Refused as refused:
            self._log(peer, refused)
            return _answer(refused, prefix, text)
        before, context.sender = context.sender, peer.contact
        self._refused = None
        try:
            reply = self._host(scopes).reply(text, prefix)
        finally:
            context.sender = before
        if self._refused is not None and reply.startswith("ERROR: "):
            return _answer(self._refused, prefix, text)  # RV's own says only "unknown exception"
        return reply

    def _host(self, scopes: frozenset[str]) -> MuHost:
        host = self._hosts.get(scopes)
        if host is None:
            engine = self._engine
            commands = [self._limited(c, scopes) for c in engine.registry]
            host = MuHost(engine.context, commands, engine.guard, self._report)
            self._hosts[scopes] = host
        return host

    def _limited(self, command: Command, scopes: frozenset[str]) -> Command:
        scope = command_scope(command.name)
        if scope not in scopes:
            return dataclasses.replace(command, func=self._refusing(command.name, scope))
        if command.name in ("sendInternalEvent", "remoteSendEvent"):
            return dataclasses.replace(command, func=self._sending(command))
        return command

    def _refusing(self, name: str, scope: str) -> Callable[..., Any]:
        def refuse(context: Context, *args: Any) -> Any:
            refused = _Refused(name, scope)
            self._refused = refused
            self._report(f"WARNING: {context.sender or 'a bound function'}: {refused}")
            raise CommandError(str(refused))

        return refuse

    def _sending(self, command: Command) -> Callable[..., Any]:
        """Events that would be run with somebody else's rights are not sent."""

        def send(context: Context, name: str, *args: Any) -> Any:
            if name in EVALUATORS or str(name).startswith(("remote-", "player-")):
                return self._refusing(f"{command.name}({name})", "python")(context)
            return command.func(context, name, *args)

        return send

    def _check(self, text: str, scopes: frozenset[str]) -> None:
        """Raises _Refused unless the text is only calls that are allowed."""
        tokens = _tokens(text)
        locals_ = {
            tokens[i + 1].text for i, t in enumerate(tokens[:-1]) if t.text == "let"
        } - self._names - _MACHINE  # fmt: skip
        for i, token in enumerate(tokens):
            word = token.text
            if token.kind in _LITERALS or word in _PUNCTUATION:
                continue
            following = tokens[i + 1].text if i + 1 < len(tokens) else ""
            if word in self._names:
                scope = command_scope(word)
                if scope not in scopes:
                    raise _Refused(word, scope)
            elif i > 1 and tokens[i - 1].text == "." and _is_member(word, tokens[i - 2], following):
                continue
            elif word in locals_ and word not in _WORDS:
                after = tokens[i + 2].text if i + 2 < len(tokens) else ""
                if following == "(" or (
                    following == "." and after not in _METHODS and not _is_field(after)
                ):
                    raise _Refused(f"calling {word}", "eval")
            elif word not in _WORDS and word not in CONSTANTS:
                raise _Refused(f"{word[:40]!r} in Mu", "eval")


def _is_member(word: str, owner: Token, following: str) -> bool:
    """Whether a word behind a dot is a field that is read, or `string.join`."""
    if word == "join":
        return owner.text == "string" and following == "("
    if following == "(" or owner.kind in _LITERALS:
        return False
    value = owner.text in (")", "]") or owner.text.isidentifier()
    return value and _is_field(word)


def _is_field(word: str) -> bool:
    """Whether a struct or tuple that commands answer may have a member of that name."""
    return word in _FIELDS or (word[:1] == "_" and word[1:].isdecimal())


def _tokens(text: str) -> list[Token]:
    if len(text) > _MAX_TEXT:
        raise _Refused(f"a Mu text of {len(text)} characters", "python")
    return scan(text)


def _check_machine(text: str) -> None:
    """Raises _Refused for a program that names a function of Mu that touches the machine."""
    for token in _tokens(text):
        if token.kind in ("NAME", "IDENTIFIER"):
            for part in token.text.split("."):
                if part in _MACHINE:
                    raise _Refused(f"{part} in Mu", "python")


def _answer(refused: Exception, prefix: str, text: str) -> str:
    return f"ERROR: {prefix}: exception: \"{refused}\"\nERROR: {prefix}: '{text}'\n"


def _python(refused: Exception) -> str:
    return f"{PermissionError}: {refused}"
