"""Pictures handed to an X server of this machine through shared memory, without waiting.

SDL waits after each picture until the server has copied it, which takes as long as making the
bytes, and five times that on a machine with more to do than processors.  Here the server's
answer is waited for, if it is not there yet, before the next picture is begun.  (Two pictures
in turns are no quicker: the memory of the other one is in no cache.)  The next picture is made
in that memory: a copy of one of 1280 x 720, 42 ms after the memory was used last, costs 0.6 ms.

The connection is our own, and spoken without Xlib (`xwire.py`): Xlib would end the process on
an error of the protocol, and the answers would end up among SDL's events.  Where this cannot be
(another machine's server, an old one, other pixels than the usual) `open` gives None, and SDL
does it.
"""

from __future__ import annotations

import mmap
import os
import select
import socket
import struct
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from player.display import xwire
from player.display.xwire import BadAnswer

__all__ = ["SharedPictures"]

Bytes = npt.NDArray[np.uint8]
_PATIENCE: Final = 2.0  # seconds for an answer
_MOST: Final = 1 << 15  # pixels of a side: the protocol has 16 bits
_USUAL: Final = (0xFF0000, 0xFF00, 0xFF)
_ATTACHES_FD: Final = (1, 2)  # MIT-SHM
_HEAD: Final = 64  # bytes before the first pixel, of which its alpha takes the last


def _secret(number: str) -> bytes:
    path = os.environ.get("XAUTHORITY") or os.path.expanduser("~/.Xauthority")
    with suppress(OSError):
        return xwire.cookie(Path(path).read_bytes(), socket.gethostname(), number)
    return b""


class _Line:
    """Requests and answers, in order.  Raises OSError when the server is gone or silent, and
    BadAnswer when it refuses."""

    def __init__(self, number: str) -> None:
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._sock.settimeout(_PATIENCE)
        self._buffer = bytearray()
        self._poll = select.poll()
        self._poll.register(self._sock, select.POLLIN)
        try:
            path = f"/tmp/.X11-unix/X{number}"
            try:
                self._sock.connect(path)
            except OSError:
                self._sock.connect("\0" + path)
            self._sock.sendall(xwire.setup(_secret(number)))
            head = self._take(xwire.SETUP_HEAD)
            self.server = xwire.setup_parsed(self._take(xwire.setup_length(head)))
        except BaseException:
            self._sock.close()
            raise

    def _take(self, count: int) -> bytes:
        while len(self._buffer) < count:
            more = self._sock.recv(1 << 14)
            if not more:
                raise OSError("the X server went away")
            self._buffer += more
        out = bytes(self._buffer[:count])
        del self._buffer[:count]
        return out

    def send(self, request: bytes, descriptor: int | None = None) -> None:
        if descriptor is None:
            self._sock.sendall(request)
        else:
            socket.send_fds(self._sock, [request], [descriptor])

    def packet(self) -> bytes:
        """The next event or reply.  Raises BadAnswer for an error."""
        packet = self._take(xwire.PACKET)
        if packet[0] == xwire.ERROR:
            raise BadAnswer(f"error {packet[1]} of request {packet[10]}")
        if packet[0] == xwire.REPLY:
            packet += self._take(struct.unpack_from("<I", packet, 4)[0] * 4)
        return packet

    def ask(self, request: bytes) -> bytes:
        """The reply to a request; events before it are passed over."""
        self.send(request)
        while (packet := self.packet())[0] != xwire.REPLY:
            pass
        return packet

    def waits(self) -> bool:
        """Whether there is something to read."""
        return bool(self._buffer or self._poll.poll(0))

    def close(self) -> None:
        self._sock.close()


class _Memory:
    """One picture's, shared with the server."""

    def __init__(self, line: _Line, opcode: int, segment: int, width: int, height: int) -> None:
        self.segment, self.size = segment, (width, height)
        with ExitStack() as undo:
            descriptor = os.memfd_create("picture", os.MFD_CLOEXEC)
            undo.callback(os.close, descriptor)
            os.ftruncate(descriptor, _HEAD + width * height * 4)
            mapped = mmap.mmap(descriptor, _HEAD + width * height * 4)
            line.send(xwire.attach(opcode, segment), descriptor)
        # it is unmapped with the last array that uses it
        flat = np.frombuffer(mapped, np.uint8)[_HEAD - 1 : -1]
        #: RGBA; in memory B, G, R and, where the last byte of a pixel is not used, the next one's A
        self.picture: Bytes = flat.reshape(height, width, 4)[..., ::-1]


class SharedPictures:
    """Pictures for one window.  From one thread only; `open` makes it.

    All methods raise OSError or BadAnswer when it does not go on this way.
    """

    def __init__(self, number: str, window: int) -> None:
        self._window = window
        self._line = line = _Line(number)
        try:
            found = line.ask(xwire.extension(b"MIT-SHM"))
            if not found[8]:
                raise BadAnswer("no MIT-SHM")
            self._opcode, self._completion = found[9], found[10]
            version = struct.unpack_from("<HH", line.ask(xwire.shm_version(self._opcode)), 8)
            attributes, geometry = map(line.ask, xwire.drawable_facts(window))
            server, self._depth = line.server, geometry[1]
            (visual,) = struct.unpack_from("<I", attributes, 8)
            usual = server.visuals.get(visual) == _USUAL and server.bits.get(self._depth) == 32
            if version < _ATTACHES_FD or not usual or not server.low_first:
                raise BadAnswer("unusual pixels")
            self._gc, self._next = server.base, server.base + 1
            line.send(xwire.create_gc(self._gc, window))
            self._memory = self._made(1, 1)
            line.ask(xwire.shm_version(self._opcode))  # errors come before its reply
        except BaseException:
            line.close()
            raise
        self._busy = False

    @classmethod
    def open(cls, window: int) -> SharedPictures | None:
        """For a window's number on the server of DISPLAY; None when it cannot be."""
        number = xwire.display_number(os.environ.get("DISPLAY", ""))
        if number is None or not hasattr(os, "memfd_create"):
            return None
        try:
            return cls(number, window)
        except (OSError, BadAnswer, IndexError, struct.error):
            return None

    def _made(self, width: int, height: int) -> _Memory:
        self._next += 1
        return _Memory(self._line, self._opcode, self._next, width, height)

    def _resize(self, width: int, height: int) -> None:
        if not (0 < width < _MOST and 0 < height < _MOST):
            raise OSError("a window that is too large")
        self._line.send(xwire.detach(self._opcode, self._memory.segment))
        self._memory = self._made(width, height)

    def settle(self) -> None:
        """Take what the server has said meanwhile."""
        while self._line.waits():
            self._take()

    def _take(self) -> None:
        packet = self._line.packet()
        if packet[0] & 0x7F == self._completion:
            self._busy = self._busy and xwire.completed(packet) != self._memory.segment

    def _wait(self) -> None:
        """Until the server has read the last picture."""
        end = time.monotonic() + _PATIENCE
        self.settle()
        while self._busy:
            self._take()
            if time.monotonic() > end:
                raise OSError("the X server does not answer")

    def memory(self, width: int, height: int) -> Bytes:
        """RGBA (height, width, 4) of what is shown next, with a stride of -1
        (`player/image/byteorder.py`)."""
        self._wait()
        if self._memory.size != (width, height):
            self._resize(width, height)
        return self._memory.picture

    def show(self) -> None:
        """Hand what was written to the server."""
        memory = self._memory
        self._busy = True
        self._line.send(
            xwire.put(
                self._opcode,
                self._window,
                self._gc,
                *memory.size,
                self._depth,
                memory.segment,
                _HEAD,
            )
        )

    def close(self) -> None:
        """The server lets go of everything; may be called twice."""
        self._line.close()
