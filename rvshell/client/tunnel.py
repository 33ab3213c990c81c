"""A connection through ssh: `ssh -W` forwards its standard input and output to the port.

Nothing has to be set up before and nothing stays behind: the ssh process belongs to the one
connection and ends with it.  Its questions (a password, a new host key) go to the terminal.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import threading
from typing import IO, Final

from rvshell.errors import ConnectionFailed

__all__ = ["Tunnel"]

_WAIT: Final = 3.0  # seconds for ssh to end by itself
_KEPT: Final = 4096  # bytes of its messages that are remembered


class Tunnel:
    """An ssh process; `sock` is our end of the connection to `port` on the far machine.

    `destination` is `host` or `user@host`, `ssh_port` 0 the usual one.  $RVSHELL_SSH names
    another program than `ssh`.  Raises ConnectionFailed when it cannot be started.
    """

    def __init__(self, destination: str, port: int, ssh_port: int = 0) -> None:
        command = [os.environ.get("RVSHELL_SSH", "ssh"), "-W", f"127.0.0.1:{port}"]
        if ssh_port:
            command += ["-p", str(ssh_port)]
        command += ["--", destination]
        self.destination = destination
        self.port = port
        self._messages = b""
        ours, theirs = socket.socketpair()
        try:
            self.process = subprocess.Popen(
                command,
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=subprocess.PIPE,
                start_new_session=False,
            )
        except OSError as error:
            ours.close()
            raise ConnectionFailed(
                f"cannot start {command[0]}: {error.strerror}", hint="is ssh installed?"
            ) from None
        finally:
            theirs.close()
        self.sock = ours
        assert self.process.stderr is not None
        self._reader = threading.Thread(
            target=self._read, args=(self.process.stderr,), name="ssh-messages", daemon=True
        )
        self._reader.start()

    def _read(self, stream: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            while data := stream.read1(1024):  # type: ignore[attr-defined]
                self._messages = (self._messages + data)[-_KEPT:]

    def trouble(self) -> str:
        """What ssh said last, "" when it said nothing."""
        self._reader.join(0.5 if self.process.poll() is None else _WAIT)
        lines = self._messages.decode("utf-8", "replace").strip().splitlines()
        for line in lines:  # the far machine's word; the last line is of ssh's own affairs
            _, found, reason = line.partition("open failed: ")
            if found:
                return f"port {self.port} there: {reason}"
        return lines[-1] if lines else ""

    def close(self) -> None:
        """End ssh; it ends by itself when the connection is closed, usually."""
        self.sock.close()
        try:
            self.process.wait(_WAIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join(_WAIT)
        if self.process.stderr is not None:
            self.process.stderr.close()
