"""A stranger's request on the screens: the page, the window and the terminal show who, from
where and what it could do, and whoever sits there answers."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pexpect
import pytest

from player.daemon.networking import ANSWERS
from player.image.hud import question_boxes
from player.session.uistate import Question
from rvshell import Client
from rvshell.errors import RvshellError
from tests.display.browser import CHROMIUM, Browser
from tests.network.strangers import stranger
from tests.players import REPO, Player, running_player
from tests.screens import HAVE_XVFB, virtual_screen
from tests.waiting import DEADLINE, until

CALM = ("--set", "network.ask_timeout=600")  # a busy machine takes its time


class Caller:
    """A stranger that connects, waits to be let in, and asks for the frame."""

    def __init__(self, port: int, name: str = "bob") -> None:
        self.outcome = ""
        self._port, self._name = port, name
        self._thread = threading.Thread(target=self._come, daemon=True)
        self._thread.start()

    def _come(self) -> None:
        try:
            with stranger(self._port, self._name) as client:
                self.outcome = client.eval_mu("frame()")
        except RvshellError as error:
            self.outcome = str(error)

    def got_in(self) -> bool:
        self._thread.join(2 * DEADLINE)
        assert self.outcome, "nobody answered"
        return self.outcome == "1"


def admin(client: Client, do: str, **fields: Any) -> Any:
    answer = json.loads(client.request("player-admin", json.dumps({"do": do, **fields})))
    assert "error" not in answer, answer
    return answer["ok"]


def permission(player: Player, name: str) -> str:
    """What is remembered about a contact."""
    with player.client() as client:
        rows = admin(client, "contacts", local=False)
    return str(next(row["permission"] for row in rows if row["name"] == name))


def question(player: Player) -> dict[str, Any]:
    with player.client() as client:
        found: dict[str, Any] = until(lambda: admin(client, "pending"), "the question")[0]
    return found


@contextmanager
def browser_on(player: Player, folder: Path) -> Iterator[Browser]:
    (line,) = [x for x in player.log if "the picture is at" in x]
    browser = Browser(folder, 900, 600)
    try:
        browser.open(line.split()[-1])
        yield browser
    finally:
        browser.close()


SHOWN = "!document.getElementById('question').hidden"
HIDDEN = "document.getElementById('question').hidden"
TEXT = "document.getElementById('question').innerText"


def press(browser: Browser, word: str) -> None:
    """A click with the mouse on a button, once it takes clicks."""
    button = f"document.querySelector('#answers button[data-word={word}]')"
    browser.wait(f"{button} && !{button}.disabled", "the button")
    box = browser.js(f"(b => [b.x + b.width / 2, b.y + b.height / 2])"
                     f"({button}.getBoundingClientRect())")  # fmt: skip
    for kind in ("mousePressed", "mouseReleased"):
        browser.mouse(kind, *box, button="left", clickCount=1)


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt install chromium-headless-shell")
def test_on_the_page(tmp_path: Path) -> None:
    env = {"PLAYER_CONFIG_DIR": str(tmp_path / "config")}
    with (
        running_player(*CALM, "solid.movieproc", display="web", env=env) as player,
        browser_on(player, tmp_path / "profile") as browser,
    ):
        evil = "<img/src=x/onerror=document.title=1>"
        caller = Caller(player.port, evil)
        browser.wait(SHOWN, "the question")
        text = browser.js(TEXT)
        assert evil in text and "127.0.0.2, program rv" in text  # as text, not as a picture
        assert "it could: view, control, pixels, media" in text
        assert browser.js("document.querySelector('#question img')") is None
        press(browser, "deny")
        assert not caller.got_in() and permission(player, evil) == "default"
        browser.wait(HIDDEN, "its end")

        for word, remembered in (("allow", "default"), ("always", "allow")):
            caller = Caller(player.port)
            browser.wait(SHOWN, "the question")
            press(browser, word)
            assert caller.got_in() and permission(player, "bob") == remembered
            browser.wait(HIDDEN, "its end")  # or the next question would be taken for this one
        assert Caller(player.port).got_in()  # without a question

        # the key, pressed again and again: at first nobody can have read the question
        caller = Caller(player.port, "eve")
        browser.wait(SHOWN, "the question")

        def press_key() -> bool:
            browser.key("n", "n")
            return not browser.js(SHOWN)

        until(press_key, "the answer")
        assert not caller.got_in() and permission(player, "eve") == "deny"
        assert not Caller(player.port, "eve").got_in()

        # somebody else may answer; the page says no more of it
        caller = Caller(player.port, "joe")
        browser.wait(SHOWN, "the question")
        with player.client() as client:
            admin(client, "answer", id=question(player)["id"], answer="allow")
        assert caller.got_in()
        browser.wait(HIDDEN, "its end")
        assert browser.problems == []


def keys(*words: str, env: dict[str, str]) -> str:
    done = subprocess.run(
        ["xdotool", *words], env={**os.environ, **env}, capture_output=True, text=True,
        timeout=DEADLINE,
    )  # fmt: skip
    return done.stdout


@pytest.mark.skipif(
    not HAVE_XVFB or shutil.which("xdotool") is None, reason="needs Xvfb and xdotool"
)
def test_in_the_window(tmp_path: Path) -> None:
    env = {"PLAYER_CONFIG_DIR": str(tmp_path / "config")}
    folder = tmp_path / "screen"
    folder.mkdir()
    with (
        virtual_screen(folder) as screen,
        running_player(
            *CALM,
            "solid,width=640,height=360.movieproc",
            display="window",
            env={**env, **screen.env},
        ) as player,
    ):  # fmt: skip

        def panel() -> bool:
            return bool((screen.shot() == (230, 160, 40)).all(axis=-1).sum() > 500)

        window = until(
            lambda: keys("search", "--class", ".*", env=screen.env).split()[-1:], "the window"
        )[0]
        keys("windowfocus", window, env=screen.env)
        assert not panel()
        caller = Caller(player.port)
        until(panel, "the question on the screen")
        asked = question(player)

        def press() -> bool:
            keys("key", "a", env=screen.env)
            return bool(caller.outcome)

        until(press, "the answer")
        assert caller.got_in() and permission(player, "bob") == "allow"
        until(lambda: not panel(), "the picture without it")
        assert player.mu("frame()") == "1"

        # the mouse, on the button where it is drawn
        caller = Caller(player.port, "eve")
        until(panel, "the question on the screen")
        asked = question(player)
        lines = (
            f"{asked['contact']} wants to connect", "from 127.0.0.2, program rv",
            "it could: view, control, pixels, media",
        )  # fmt: skip
        place = dict(
            line.split("=")
            for line in keys("getwindowgeometry", "--shell", window, env=screen.env).split()
            if "=" in line
        )
        x, y, w, h = (int(place[k]) for k in ("X", "Y", "WIDTH", "HEIGHT"))
        boxes = dict(question_boxes(Question(asked["id"], lines, ANSWERS), w, h))
        left, top, right, bottom = boxes["never"]

        def click() -> bool:
            at = (str(x + (left + right) // 2), str(y + (top + bottom) // 2))
            keys("mousemove", *at, "click", "1", env=screen.env)
            return bool(caller.outcome)

        until(click, "the answer")
        assert not caller.got_in() and permission(player, "eve") == "deny"


def test_in_the_terminal(tmp_path: Path) -> None:
    """Half blocks are too coarse for letters: the question is written over them."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    env = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "TMUX")}
    env |= {"TERM": "linux", "PLAYER_CONFIG_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "player", "--port", "0", "--display", "terminal"]
    process = subprocess.Popen(
        [*command, *CALM, "solid.movieproc"], cwd=REPO, stdin=slave, stdout=slave, stderr=slave,
        env=env, start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    said = bytearray()

    def read() -> None:
        with suppress(OSError):
            while data := os.read(master, 65536):
                said.extend(data)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        port = until(lambda: re.search(rb"listening on port (\d+)", said), "the port")
        caller = Caller(int(port[1]))
        for text in (b"wants to connect", b"from 127.0.0.2, program rv", b"[d] deny",
                     b"it could: view, control, pixels, media"):  # fmt: skip
            until(lambda text=text: text in said, str(text))  # type: ignore[misc]

        def press() -> bool:
            os.write(master, b"o")
            return bool(caller.outcome)

        until(press, "the answer")
        assert caller.got_in()
    finally:
        process.terminate()
        process.wait(DEADLINE)
        os.close(master)
        reader.join(DEADLINE)


def test_scripts_cannot_answer(tmp_path: Path) -> None:
    """A contact, or a program of the session, cannot press the user's keys."""
    env = {"PLAYER_CONFIG_DIR": str(tmp_path)}
    with running_player(*CALM, "solid.movieproc", env=env) as player:
        caller = Caller(player.port)
        question(player)
        for key in ("o", "a"):
            player.mu(f'sendInternalEvent("key-down--{key}", "");')
            with player.client() as client:
                client.request(f"key-down--{key}", "")
        assert question(player)["contact"].startswith("bob@") and not caller.outcome
        with player.client() as client:
            admin(client, "answer", id=question(player)["id"], answer="deny")
        assert not caller.got_in()


def test_a_prompt_that_opens_later_shows_what_is_still_open(tmp_path: Path) -> None:
    env = {"PLAYER_CONFIG_DIR": str(tmp_path)}
    with running_player(*CALM, "solid.movieproc", env=env) as player:
        caller = Caller(player.port)
        number = question(player)["id"]
        shell = pexpect.spawn(
            sys.executable,
            ["-m", "rvshell", "--simple-prompt", "--no-rc", "-t", f"localhost:{player.port}"],
            env={**os.environ, "PAGER": "cat", "TERM": "dumb"}, timeout=DEADLINE,
            encoding="utf-8", dimensions=(24, 200),
        )  # fmt: skip
        try:
            shell.expect(r"bob@\S+ \(127.0.0.2, program rv\) wants to connect; "
                         r"it could: view, control, pixels, media")  # fmt: skip
            shell.expect(f"allow {number}, allow {number} --always, deny {number}")
            shell.sendline(f"allow {number} --always")
            shell.expect("may connect")
            assert caller.got_in() and permission(player, "bob") == "allow"
            # and one that comes while it is open
            caller = Caller(player.port, "eve")
            shell.expect(r"eve@\S+ \(127.0.0.2, program rv\) wants to connect")
            shell.sendline(f"deny {question(player)['id']} --always")
            shell.expect("is refused")
            assert not caller.got_in() and permission(player, "eve") == "deny"
        finally:
            shell.close(force=True)
