"""Verbs that need no far end: help, echo, quit, unset, vars."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

from rvshell.errors import MediaError, UsageError
from rvshell.verbs.registry import verb

if TYPE_CHECKING:
    from rvshell.verbs.context import Context

__all__: list[str] = []


@verb(
    "help [TEXT…] [--markdown]",
    help="List the verbs, explain one, or search for words. A topic and each of RV's commands are "
    "explained as well. At the prompt the properties of the far end's nodes are searched, too.",
    example="help frame",
    more=(
        "help setFrame",
        "? exposure",
    ),
    scope="shell",
    aliases=("?",),
    kinds={"TEXT": "help"},
)
def help_verb(ctx: Context, text: list[str], markdown: bool = False) -> Any:
    from rvshell.verbs import helping

    if markdown:
        return helping.markdown()
    width = shutil.get_terminal_size().columns if ctx.on_terminal else 0
    if text:
        shell = ctx.extras.get("shell")  # the prompt knows what the far end's nodes have
        return helping.explain(" ".join(text), shell.snapshot.addresses if shell else (), width)
    return helping.overview(width)


@verb(
    "echo [TEXT…]",
    help="Show the words.",
    example="echo frame is $frame",
    more=('echo "frame $frame of $end"',),
    scope="script",
)
def echo(ctx: Context, text: list[str]) -> str:
    return " ".join(text)


@verb(
    "vars",
    help="List the variables of the shell.",
    example="vars",
    scope="script",
)
def variables(ctx: Context) -> dict[str, Any]:
    return {k: v for k, v in sorted(ctx.variables.items()) if k.isidentifier() and k != "_"}


@verb("unset NAME", help="Forget a variable.", example="unset shot", scope="script")
def unset(ctx: Context, name: str) -> None:
    ctx.variables.pop(name, None)


@verb(
    "tee [FILE|off]",
    help="Keep a transcript: what is shown from now on is also written to FILE (added to its "
    "end), without what looks like a secret. off ends it.",
    example="tee review.log",
    more=("tee off",),
    scope="script",
    kinds={"FILE": "path"},
)
def tee(ctx: Context, word: str | None = None) -> Any:
    if word is None:
        return getattr(ctx.tee, "name", "off")
    if ctx.tee is not None:
        ctx.tee.close()
        ctx.tee = None
    if word != "off":
        path = os.path.expanduser(word)
        try:
            ctx.tee = open(  # noqa: SIM115
                path, "a", encoding="utf-8", opener=lambda name, how: os.open(name, how, 0o600)
            )
        except OSError as error:
            raise MediaError(f"cannot write {path}: {error.strerror}", path=path) from None
    return None


@verb(
    "completion bash|zsh|fish",
    help="Print a script: completion for the system's shell. It completes rvshell's options, verbs "
    "and their arguments, and player's options. In ~/.bashrc: "
    'eval "$(rvshell completion bash)"; in ~/.zshrc the '
    "same with zsh, behind compinit; in fish: rvshell completion fish | source.",
    example="completion bash",
    scope="shell",
)
def completion(ctx: Context, word: str) -> str:
    from importlib.resources import files

    return (files("rvshell.verbs") / "data" / f"completion.{word}").read_text("utf-8").rstrip("\n")


@verb(
    "cd [FOLDER]",
    help="Show or change the directory of this shell. Names of files are taken from there; it "
    "begins where rvshell was started.",
    example="cd /show/a/plates",
    more=("cd ~", "cd"),
    scope="script",
    aliases=("pwd",),
    kinds={"FOLDER": "path"},
)
def cd(ctx: Context, folder: str | None = None) -> str | None:
    if folder is None:
        return os.getcwd()
    path = os.path.expanduser(folder)
    try:
        os.chdir(path)
    except OSError as error:
        raise MediaError(f"cd: {path}: {error.strerror}", path=path) from None
    return None


@verb(
    "quit [STATUS]",
    help="Leave the shell. STATUS (0 to 255) is then its exit status.",
    example="quit",
    more=("if not (fps 24) { quit 3 }",),
    scope="shell",
    aliases=("exit", "bye"),
    kinds={"STATUS": "int"},
)
def quit_verb(ctx: Context, status: int = 0) -> None:
    if not 0 <= status <= 255:
        raise UsageError(f"quit: {status} is no exit status", hint="0 to 255")
    ctx.leaving, ctx.leave_status = True, status
