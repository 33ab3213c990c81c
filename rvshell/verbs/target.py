"""Where to connect: an address that was given, or finding or starting a player.

Without an address the newest running player or RV is taken from the port files that both write
(`<temp>/tweak_rv_proc/<pid>_<tag>`); when there is none, a player can be started as a child
process of this shell: it listens on a free port of this machine and ends with the shell.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from rvshell.client.address import DEFAULT_PORT, Target, parse_port, parse_target
from rvshell.errors import ConnectionFailed

if TYPE_CHECKING:
    import subprocess

__all__ = [
    "DEFAULT_PORT",
    "StartedPlayer",
    "Target",
    "is_local_host",
    "newest",
    "parse_port",
    "parse_target",
]

START_TIMEOUT = 60.0  # seconds for a player to say that it listens; one that ends is noticed


def is_local_host(host: str) -> bool:
    """Is *host* this machine by its name alone (no look-up)?"""
    return host in ("localhost", "::1", "") or host.startswith("127.")


def newest(tag: str | None = None) -> Target | None:
    """The newest running player or RV of this machine, or None."""
    from rvshell.client import find_players

    for player in find_players(tag):
        return Target("127.0.0.1", player.port)
    return None


class StartedPlayer:
    """A player that this shell started and ends."""

    def __init__(self, arguments: tuple[str, ...] = ()) -> None:
        import subprocess
        import sys

        command = [sys.executable, "-m", "player", "--port", "0", *arguments]
        try:
            # a group of its own: Ctrl-C at the prompt is the shell's, not the player's
            self.process: subprocess.Popen[str] = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                start_new_session=True,
            )
        except OSError as error:
            raise ConnectionFailed(f"cannot start a player: {error.strerror}") from None
        self.target = Target("127.0.0.1", self._wait_for_port())

    def _wait_for_port(self) -> int:
        """Read its messages up to `INFO: listening on port N`, then keep the pipe drained."""
        import queue
        import re
        import threading

        lines: queue.Queue[str] = queue.Queue(maxsize=1000)
        stream = self.process.stderr
        assert stream is not None

        def drain() -> None:
            for line in stream:
                with contextlib.suppress(queue.Full):  # nobody reads any more: forget it
                    lines.put_nowait(line)
            lines.put_nowait("") if not lines.full() else None

        threading.Thread(target=drain, name="player-messages", daemon=True).start()
        last = ""
        try:
            while True:
                line = lines.get(timeout=START_TIMEOUT)
                found = re.search(r"listening on port (\d+)", line)
                if found:
                    return int(found.group(1))
                if not line:
                    break
                last = line.strip() or last
        except queue.Empty:
            last = f"it did not listen within {START_TIMEOUT:g} s"
        self.close()
        raise ConnectionFailed(
            f"cannot start a player: {last or 'it ended at once'}",
            hint="try: player, or give the address of a running one",
        )

    def close(self) -> None:
        """End it: politely, then not."""
        import subprocess

        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stderr is not None:
            self.process.stderr.close()
