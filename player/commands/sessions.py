"""The session itself: section 5 of the vocabulary."""

from __future__ import annotations

from typing import Any

from player.commands.announce import announced
from player.commands.context import Context
from player.commands.errors import CommandError, EngineError
from player.commands.registry import command
from player.session.errors import SessionError
from player.session.files import SessionFileError, apply_profile, save_profile, save_session
from player.session.node import Node
from player.session.paths import conform

__all__: list[str] = []

SECTION = "session"


@command("sessionName() -> string", tier="B", section=SECTION, doc="Name of the session.")
def session_name(ctx: Context) -> str:
    return ctx.session.name


@command("sessionNames() -> string[]", tier="B", section=SECTION, doc="Names of all open sessions.")
def session_names(ctx: Context) -> list[str]:
    return [ctx.session.name]


@command("setSessionName(string name) -> void", tier="B", section=SECTION, doc="Rename it.")
def set_session_name(ctx: Context, name: str | None) -> None:
    if name is None:
        raise CommandError("setSessionName: nil node name")
    ctx.session.name = name


@command(
    "sessionFileName() -> string", tier="A", section=SECTION, doc="Path of the session's file."
)
def session_file_name(ctx: Context) -> str:
    return ctx.session.file_name


@command(
    "setSessionFileName(string name) -> void",
    tier="B",
    section=SECTION,
    doc="Change the path of the session's file.",
)
def set_session_file_name(ctx: Context, name: str | None) -> None:
    if name is None:
        raise CommandError("setSessionFileName: nil file name")
    ctx.session.file_name = conform(name)


@command(
    "saveSession(string fileName, bool asACopy=false, bool compressed=false, bool sparse=false)"
    " -> void",
    tier="A",
    section=SECTION,
    doc="Write a session file.",
)
def save_session_(
    ctx: Context,
    fileName: str | None,
    asACopy: bool = False,
    compressed: bool = False,
    sparse: bool = False,
) -> None:
    path = ctx.session.file_name if fileName is None else fileName
    try:
        save_session(ctx.session, path, as_copy=asACopy, compressed=compressed, sparse=sparse)
    except SessionFileError as error:
        raise EngineError(str(error)) from None


@command(
    "newSession(string[] files) -> void",
    tier="B",
    section=SECTION,
    doc="A player has one session: clear it and queue the files. Without a window: nothing.",
)
def new_session(ctx: Context, files: list[str] | None) -> None:
    if ctx.session.profile == "output":  # RV's application opens sessions, and there is none
        return
    ctx.session.clear()
    if not files:
        return
    words = [ctx.session.map_path(w or "") for w in files]
    try:
        ctx.session.sources.enqueue(words, False, False, "")
    except SessionError as error:
        raise EngineError(str(error)) from None


@command("clearSession() -> void", tier="A", section=SECTION, doc="Back to an empty session.")
def clear_session(ctx: Context) -> None:
    with announced(ctx.session, "clearSession", []):
        ctx.session.clear()


def _profiled(ctx: Context, fileName: str | None, node: str | None) -> tuple[str, Node]:
    if node is None:
        raise CommandError("nil node argument")
    if fileName is None:
        raise CommandError("nil file name argument")
    found = ctx.session.graph.find(node)
    if found is None:
        raise CommandError(f'No node with name "{node}"')
    return fileName, found


@command(
    "readProfile(string fileName, string node, bool usePath=true, string tag=nil) -> void",
    tier="B",
    section=SECTION,
    doc="Apply a profile file, or a profile of that name in the profile path, to a node.",
)
def read_profile(
    ctx: Context, fileName: str | None, node: str | None, usePath: bool = True,
    tag: str | None = None,
) -> None:  # fmt: skip
    name, found = _profiled(ctx, fileName, node)
    try:
        if not apply_profile(ctx.session, found, name, usePath, tag or ""):
            raise CommandError(f'No profile with name "{name}" found in profile path')
    except SessionError as error:
        raise EngineError(str(error)) from None


@command(
    "writeProfile(string fileName, string node, string comments=nil) -> void",
    tier="B",
    section=SECTION,
    doc="Write a node and its members to a profile file.",
)
def write_profile(
    ctx: Context, fileName: str | None, node: str | None, comments: str | None = None
) -> None:
    name, found = _profiled(ctx, fileName, node)
    try:
        save_profile(ctx.session, found, name, comments or "")
    except SessionFileError as error:
        raise CommandError(str(error)) from None


@command(
    "undoPathSwapVars(string pathWithVars) -> string",
    tier="B",
    section=SECTION,
    doc="A path with its variables replaced by what they mean here.",
)
def undo_path_swap_vars(ctx: Context, pathWithVars: str | None) -> str:
    if pathWithVars is None:
        raise CommandError("input string is nil")
    return ctx.session.paths.expand(pathWithVars)


@command(
    "redoPathSwapVars(string pathWithoutVars) -> string",
    tier="B",
    section=SECTION,
    doc="A path with a known beginning replaced by its variable.",
)
def redo_path_swap_vars(ctx: Context, pathWithoutVars: str | None) -> str:
    if pathWithoutVars is None:
        raise CommandError("input string is nil")
    return ctx.session.paths.restore(pathWithoutVars)


@command("getSessionType() -> int", tier="B", section=SECTION, doc="Deprecated: always 0.")
def get_session_type(ctx: Context) -> int:
    return 0


@command("setSessionType(int sessionType) -> void", tier="B", section=SECTION, doc="Deprecated.")
def set_session_type(ctx: Context, sessionType: int) -> None:
    return None


@command("undo() -> void", tier="C", section=SECTION, doc="Undo the last command of the history.")
def undo(ctx: Context) -> None:
    ctx.session.ui.history.undo()


@command("redo() -> void", tier="C", section=SECTION, doc="Redo the last undone command.")
def redo(ctx: Context) -> None:
    ctx.session.ui.history.redo()


@command("clearHistory() -> void", tier="C", section=SECTION, doc="Forget the history of edits.")
def clear_history(ctx: Context) -> None:
    ctx.session.ui.history.clear()


@command(
    "beginCompoundCommand(string name) -> void",
    tier="C",
    section=SECTION,
    doc="Begin one step of the history of edits.",
)
def begin_compound_command(ctx: Context, name: str | None) -> None:
    ctx.session.ui.history.begin(name or "")


@command(
    "endCompoundCommand() -> void",
    tier="C",
    section=SECTION,
    doc="End one step of the history of edits.",
)
def end_compound_command(ctx: Context) -> None:
    ctx.session.ui.history.end()


@command(
    "undoHistory() -> string[]", tier="C", section=SECTION, doc="What undo would undo, in order."
)
def undo_history(ctx: Context) -> list[str]:
    return ctx.session.ui.history.undo_texts()


@command(
    "redoHistory() -> string[]", tier="C", section=SECTION, doc="What redo would redo, in order."
)
def redo_history(ctx: Context) -> list[str]:
    return ctx.session.ui.history.redo_texts()


@command("data() -> object", tier="C", section=SECTION, doc="The state object of the interface.")
def data(ctx: Context) -> Any:
    return ctx.session.ui.data
