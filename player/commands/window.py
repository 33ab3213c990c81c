"""Window and user interface: section 13 of the vocabulary.

There is no window to speak of. Toggles keep their state, dialogs answer as if cancelled, widgets
are nil or a stand-in that takes the calls clients make.
"""

from __future__ import annotations

from typing import Any, Final, NoReturn

from player.commands.context import Context
from player.commands.errors import Cancelled, CommandError, EngineError, PropertyError
from player.commands.registry import command

__all__ = ["MAIN_WINDOW", "Widget"]

SECTION = "window"


class Widget:
    """Stands for a window widget in Mu; its methods do nothing. See the ``qt`` module."""

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __repr__(self) -> str:
        return f"<Widget {self.kind}>"


MAIN_WINDOW: Final = Widget("QMainWindow")
_VIEW: Final = Widget("QWidget")


@command("fullScreenMode(bool active) -> void", tier="C", section=SECTION, doc="Set full screen.")
def full_screen_mode(ctx: Context, active: bool) -> None:
    if ctx.ports.ui.full_screen() != active:
        ctx.ports.ui.set_full_screen(active)


@command("isFullScreen() -> bool", tier="C", section=SECTION, doc="Whether full screen is on.")
def is_full_screen(ctx: Context) -> bool:
    return ctx.ports.ui.full_screen()


@command("presentationMode() -> bool", tier="C", section=SECTION, doc="Whether presentation is on.")
def presentation_mode(ctx: Context) -> bool:
    return ctx.session.ui.presentation


@command(
    "setPresentationMode(bool value) -> void",
    tier="C",
    section=SECTION,
    doc="There is no presentation device: the mode stays off.",
)
def set_presentation_mode(ctx: Context, value: bool) -> None:
    session = ctx.session
    mode = session.cache_mode  # RV stops caching while the device changes
    session.set_cache_mode(0)
    session.ui.presentation = False
    session.set_cache_mode(mode)


@command(
    "setPresentationDevice(string name) -> void",
    tier="C",
    section=SECTION,
    doc="Choose a presentation device; there is none to choose.",
)
def set_presentation_device(ctx: Context, name: str | None) -> None:
    if name is None:
        raise CommandError("Nil setting name.")


@command("setWindowTitle(string title) -> void", tier="C", section=SECTION, doc="Set the title.")
def set_window_title(ctx: Context, title: str | None) -> None:
    ctx.session.ui.title = title or ""


def _nothing(ctx: Context, *args: Any) -> None:
    return None


for _signature, _doc in (
    ("center() -> void", "Centre the window; nothing here."),
    ("resizeFit() -> void", "Fit the window to the picture; nothing here."),
    ("showNetworkDialog() -> void", "Show the network dialog; nothing here."),
    ("showDiagnostics() -> void", "Show the diagnostics; nothing here."),
    ("popupMenu(Event event, MenuItem[] menu=nil) -> void", "Menus do not pop up here."),
    ("popupMenuAtPoint(int x, int y, MenuItem[] menu=nil) -> void", "Menus do not pop up here."),
    ("editProfiles() -> void", "Edit display profiles; nothing here."),
    ("loadSettingsIntoOptions() -> void", "Settings are read at the start only."),
    ("javascriptMuExport(qt.QWebEnginePage frame) -> void", "There are no web pages here."),
):
    command(
        _signature,
        tier="C",
        section=SECTION,
        doc=_doc,
        python=False if "Diagnostics" in _signature or "javascript" in _signature else None,
    )(_nothing)


@command("close() -> void", tier="C", section=SECTION, doc="Close the session.")
def close(ctx: Context) -> None:
    # Any answer is a veto.
    if not ctx.session.events.send("before-session-deletion").return_content:
        ctx.ports.ui.close()


@command(
    "startupResize() -> bool", tier="C", section=SECTION, doc="Whether the window fits the media."
)
def startup_resize(ctx: Context) -> bool:
    return False


@command("toggleMenuBar() -> void", tier="C", section=SECTION, doc="Toggle the menu bar's flag.")
def toggle_menu_bar(ctx: Context) -> None:
    ctx.session.ui.menu_bar = not ctx.session.ui.menu_bar


@command("isMenuBarVisible() -> bool", tier="C", section=SECTION, doc="The menu bar's flag.")
def is_menu_bar_visible(ctx: Context) -> bool:
    return ctx.session.ui.menu_bar


@command("showTopViewToolbar(bool show) -> void", tier="C", section=SECTION, doc="Set the flag.")
def show_top_view_toolbar(ctx: Context, show: bool) -> None:
    ctx.session.ui.top_toolbar = show


@command("showBottomViewToolbar(bool show) -> void", tier="C", section=SECTION, doc="Set the flag.")
def show_bottom_view_toolbar(ctx: Context, show: bool) -> None:
    ctx.session.ui.bottom_toolbar = show


@command("isTopViewToolbarVisible() -> bool", tier="C", section=SECTION, doc="The toolbar's flag.")
def is_top_view_toolbar_visible(ctx: Context) -> bool:
    return ctx.session.ui.top_toolbar


@command(
    "isBottomViewToolbarVisible() -> bool", tier="C", section=SECTION, doc="The toolbar's flag."
)
def is_bottom_view_toolbar_visible(ctx: Context) -> bool:
    return ctx.session.ui.bottom_toolbar


@command("showConsole() -> void", tier="C", section=SECTION, doc="Set the console's flag.")
def show_console(ctx: Context) -> None:
    ctx.session.ui.console = True


@command("isConsoleVisible() -> bool", tier="C", section=SECTION, doc="The console's flag.")
def is_console_visible(ctx: Context) -> bool:
    return ctx.session.ui.console


@command("setCursor(int cursorType) -> void", tier="C", section=SECTION, doc="Set the cursor.")
def set_cursor(ctx: Context, kind: int) -> None:
    ctx.session.ui.cursor = kind


@command(
    "openMediaFileDialog(bool associated, int selectType, string filter=nil, "
    "string defaultPath=nil, string label=nil) -> string[]",
    tier="C",
    section=SECTION,
    doc="Ask for media files; raises as when it is cancelled.",
)
def open_media_file_dialog(ctx: Context, *args: Any) -> NoReturn:
    raise Cancelled


@command(
    "openFileDialog(bool associated, bool multiple=false, bool directory=false, "
    "string filter=nil, string defaultPath=nil) -> string[]",
    tier="C",
    section=SECTION,
    doc="Ask for files; raises as when it is cancelled.",
)
def open_file_dialog(ctx: Context, *args: Any) -> NoReturn:
    raise Cancelled


@command(
    "openFileDialog(bool associated, bool multiple, bool directory, "
    "[(string,string)] filters, string defaultPath=nil) -> string[]",
    tier="C",
    section=SECTION,
    doc="Ask for files of the listed kinds; raises as when it is cancelled.",
)
def open_filtered_file_dialog(ctx: Context, *args: Any) -> NoReturn:
    raise Cancelled


@command(
    "saveFileDialog(bool associated, string filter=nil, string defaultPath=nil, "
    "bool directory=false) -> string",
    tier="C",
    section=SECTION,
    doc="Ask where to save; raises as when it is cancelled.",
)
def save_file_dialog(ctx: Context, *args: Any) -> NoReturn:
    raise Cancelled


@command(
    "alertPanel(bool associated, int type, string title, string message, string button0, "
    "string button1, string button2) -> int",
    tier="C",
    section=SECTION,
    doc="Show a message; the index of the button pressed, 0 when nobody can press one.",
)
def alert_panel(
    ctx: Context,
    associated: bool,
    kind: int,
    title: str | None,
    message: str | None,
    button0: str | None,
    button1: str | None,
    button2: str | None,
) -> int:
    buttons = [b for b in (button0, button1, button2) if b]
    return max(0, ctx.ports.ui.alert(kind, title or "", message or "", buttons))


@command(
    "packageListFromSetting(string settingName) -> string[]",
    tier="C",
    section=SECTION,
    doc="Packages named in a setting: none.",
)
def package_list_from_setting(ctx: Context, name: str | None) -> list[str]:
    if name is None:
        raise CommandError("Nil setting name.")
    return []


@command(
    "mainWindowWidget() -> qt.QMainWindow",
    tier="C",
    section=SECTION,
    python=False,
    doc="The main window; a stand-in whose raise() does nothing.",
)
def main_window_widget(ctx: Context) -> Widget:
    return MAIN_WINDOW


@command(
    "mainViewWidget() -> qt.QWidget",
    tier="C",
    section=SECTION,
    python=False,
    doc="The widget of the picture; a stand-in.",
)
def main_view_widget(ctx: Context) -> Widget:
    return _VIEW


@command("prefTabWidget() -> qt.QTabWidget", tier="C", section=SECTION, doc="No preferences: nil.")
def pref_tab_widget(ctx: Context) -> None:
    return None


@command(
    "sessionBottomToolBar() -> qt.QToolBar", tier="C", section=SECTION, doc="No tool bar: nil."
)
def session_bottom_tool_bar(ctx: Context) -> None:
    return None


@command(
    "networkAccessManager() -> qt.QNetworkAccessManager",
    tier="C",
    section=SECTION,
    doc="No web access: nil.",
)
def network_access_manager(ctx: Context) -> None:
    return None


@command(
    "setUIBlocked(bool blocked) -> void",
    tier="B",
    section=SECTION,
    doc="Block the user interface; tells with block-ui-overlay.",
)
def set_ui_blocked(ctx: Context, blocked: bool) -> None:
    ctx.session.ui.blocked = blocked
    ctx.session.events.send("block-ui-overlay", "true" if blocked else "false")


@command("openUrl(string url) -> void", tier="C", section="misc", doc="Open a browser; refused.")
def open_url(ctx: Context, url: str | None) -> None:
    if url is None:
        raise PropertyError("nil argument to function")
    raise EngineError("openUrl: this player opens no browser")


@command(
    "openUrlFromUrl(qt.QUrl url) -> void",
    tier="C",
    section="misc",
    python=False,
    doc="Open a browser; refused.",
)
def open_url_from_url(ctx: Context, url: Any) -> None:
    if url is None:
        raise CommandError("Nil QUrl argument")
    raise EngineError("openUrlFromUrl: this player opens no browser")


@command(
    "putUrlOnClipboard(string url, string title, bool doEncode=true) -> void",
    tier="C",
    section="misc",
    doc="Copy an URL; there is no clipboard.",
)
def put_url_on_clipboard(ctx: Context, url: str | None, title: str | None, encode: bool) -> None:
    if url is None:
        raise PropertyError("nil argument to function")
