"""The rvpush command: find a player, send one event, leave with rvpush's exit codes.

Candidates are the port files of this user whose process lives, newest first (see
`rvshell.client.find_players`).  Where the original deletes every port file that it fails
to use, here only this user's files go, and only when their process is dead or nobody
listens on the port; and a command whose answer is lost is not sent to somebody else.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TextIO

from rvshell.client import Client, PlayerInfo, find_players
from rvshell.client.discovery import port_directory
from rvshell.errors import ConnectionFailed, RvshellError
from rvshell.rvpush.texts import COMMANDS, push_for, start_arguments

__all__ = ["USAGE", "main"]

EXIT_OK: Final = 0
EXIT_USAGE: Final = 1
EXIT_NO_TAG: Final = 2
EXIT_UNKNOWN: Final = 3
EXIT_FAILED: Final = 4
EXIT_NOT_FOUND: Final = 11
EXIT_STARTED: Final = 15

_CONNECT_SECONDS: Final = 10.0
_ANSWER_SECONDS: Final = 3600.0  # code may run long; the original waits for ever
_EXECUTABLE: Final = "RVPUSH_RV_EXECUTABLE_PATH"

USAGE: Final = """\
usage: rvshell rvpush [-tag TAG] COMMAND [ARGUMENT...]

commands:
  set MEDIA...             clear the session, then load
  merge MEDIA...           add to the session
  mu-eval CODE             run Mu
  mu-eval-return CODE      run Mu and print the result
  py-eval CODE             evaluate Python
  py-eval-return CODE      evaluate Python and print the result
  py-exec CODE             run Python statements
  url RVLINK               open an rvlink:// URL

MEDIA are files, patterns and bracketed sources: [ a.#.exr -in 1 -out 10 sound.wav ]
The newest player or RV of this machine is taken, with -tag the newest with that
-networkTag. When none runs, one is started with the command on its command line:
$RVPUSH_RV_EXECUTABLE_PATH, else player ("none": never start one).

exit status: 0 sent, 1 usage, 2 -tag without a tag, 3 unknown command, 4 connection
failed, 11 nothing runs and nothing could be started, 15 a new player was started
"""


def main(argv: Sequence[str], out: TextIO | None = None, err: TextIO | None = None) -> int:
    """Run with the words behind `rvpush`; the exit status."""
    out = sys.stdout if out is None else out
    err = sys.stderr if err is None else err
    words = list(argv)
    tag = ""
    if words[:1] == ["-tag"]:
        if len(words) < 2:
            print("ERROR: missing tag", file=err)
            err.write(USAGE)
            return EXIT_NO_TAG
        tag = words[1]
        del words[:2]
    if not words or words[0] in ("-help", "--help", "-h"):
        err.write(USAGE)
        return EXIT_USAGE
    command, *arguments = words
    if command not in COMMANDS:
        print(f"ERROR: unknown command {command}", file=err)
        err.write(USAGE)
        return EXIT_UNKNOWN
    status = _send(command, arguments, tag, out, err)
    return status if status is not None else _start(command, arguments, tag, err)


def _send(command: str, arguments: Sequence[str], tag: str, out: TextIO, err: TextIO) -> int | None:
    """Send to the first candidate that answers; None when there is none."""
    push = push_for(command, arguments)
    _clean(port_directory())
    for candidate in find_players(tag):
        client = _connect(candidate, err)
        if client is None:
            continue
        try:
            with client:
                if not push.returns:
                    client.event(push.event, push.contents)
                    return EXIT_OK
                out.write(client.request(push.event, push.contents, _ANSWER_SECONDS) + "\n")
                out.flush()
                return EXIT_OK
        except RvshellError as error:
            print(f"ERROR: connection to running RV failed: {error.describe()}", file=err)
            return EXIT_FAILED
    return None


def _connect(candidate: PlayerInfo, err: TextIO) -> Client | None:
    try:
        return Client.connect(
            "127.0.0.1",
            candidate.port,
            name=f"rvpush-{os.getpid()}",
            app="rvpush",
            timeout=_CONNECT_SECONDS,
        )
    except ConnectionFailed as error:
        print(f"INFO: {error}", file=err)
        if isinstance(error.__context__, ConnectionRefusedError):
            _unlink(candidate.path)  # nobody listens: a left-over of a crash
    except RvshellError as error:
        print(f"INFO: 127.0.0.1:{candidate.port}: {error}", file=err)
    return None


def _clean(directory: str) -> None:
    """Remove this user's port files of processes that are gone."""
    try:
        entries = list(os.scandir(directory))
    except OSError:
        return
    for entry in entries:
        number = entry.name.partition("_")[0]
        if not (number.isascii() and number.isdigit()) or int(number) <= 0:
            continue
        with contextlib.suppress(OSError, OverflowError):
            status = entry.stat(follow_symlinks=False)
            if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
                continue
            try:
                os.kill(int(number), 0)
            except ProcessLookupError:
                _unlink(entry.path)


def _unlink(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)


def _start(command: str, arguments: Sequence[str], tag: str, err: TextIO) -> int:
    """Start a player (or RV) with the command on its command line."""
    program = _program(os.environ.get(_EXECUTABLE, ""))
    if program is None:
        print("ERROR: cannot connect to any running RV", file=err)
        return EXIT_NOT_FOUND
    try:
        process = subprocess.Popen(
            [*program, *start_arguments(command, arguments, tag)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        print(f"ERROR: cannot start {program[0]}: {error.strerror}", file=err)
        print("ERROR: cannot connect to any running RV", file=err)
        return EXIT_NOT_FOUND
    # it is meant to outlive this process: nobody will wait for it
    process.returncode = 0
    print(f"INFO: no running RV found, started {program[0]} (pid {process.pid})", file=err)
    return EXIT_STARTED


def _program(wanted: str) -> list[str] | None:
    """The words that start a player, or None when that is not wanted or not possible."""
    if wanted == "none":
        return None
    if wanted:
        return [wanted] if os.path.isfile(wanted) and os.access(wanted, os.X_OK) else None
    beside = Path(sys.executable).with_name("player")
    if os.access(beside, os.X_OK):
        return [str(beside)]
    found = shutil.which("player")
    return [found] if found else [sys.executable, "-m", "player"]
