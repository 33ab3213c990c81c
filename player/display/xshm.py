"""Pictures handed to an X server of this machine through shared memory, without waiting.

SDL waits after each picture until the server has copied it, which is as long as making the
bytes, and far longer on a machine with more to do than processors.  Here two pictures take
turns: one is written while the server copies the other, and what is waited for, if at all, is
the answer to the picture before the last.  The connection is our own, since answers would
end up among SDL's events.

Where this cannot be (another machine's server, no MIT-SHM, other pixels than the usual) `open`
gives None, and SDL does it.
"""

from __future__ import annotations

import ctypes
import select
import time
from collections.abc import Callable
from ctypes import POINTER, byref, c_char_p, c_int, c_uint, c_ulong, c_void_p
from typing import Any, Final

__all__ = ["ShmPictures"]

_PATIENCE: Final = 1.0  # seconds for an answer; without one the memory is used again all the same
_IPC_CREAT, _IPC_RMID, _OURS = 0o1000, 0, 0o600
_Z_PIXMAP: Final = 2
_SHM_COMPLETION: Final = 0  # counted from the extension's first event
_kept: list[Any] = []  # callbacks that C code holds


class _Attributes(ctypes.Structure):  # the head of XWindowAttributes
    _fields_ = [
        ("x", c_int), ("y", c_int), ("width", c_int), ("height", c_int), ("border", c_int),
        ("depth", c_int), ("visual", c_void_p), ("rest", ctypes.c_char * 128),
    ]  # fmt: skip


class _Visual(ctypes.Structure):
    _fields_ = [
        ("data", c_void_p), ("id", c_ulong), ("kind", c_int), ("red", c_ulong),
        ("green", c_ulong), ("blue", c_ulong),
    ]  # fmt: skip


class _Segment(ctypes.Structure):  # XShmSegmentInfo
    _fields_ = [("seg", c_ulong), ("id", c_int), ("address", c_void_p), ("read_only", c_int)]


class _Image(ctypes.Structure):  # the head of XImage
    _fields_ = [
        ("width", c_int), ("height", c_int), ("xoffset", c_int), ("format", c_int),
        ("data", c_void_p), ("byte_order", c_int), ("unit", c_int), ("bit_order", c_int),
        ("pad", c_int), ("depth", c_int), ("bytes_per_line", c_int), ("bits_per_pixel", c_int),
    ]  # fmt: skip


class _Completion(ctypes.Structure):  # XShmCompletionEvent
    _fields_ = [
        ("type", c_int), ("serial", c_ulong), ("sent", c_int), ("display", c_void_p),
        ("drawable", c_ulong), ("major", c_int), ("minor", c_int), ("seg", c_ulong),
        ("offset", c_ulong), ("rest", ctypes.c_char * 128),
    ]  # fmt: skip


_ERROR_HANDLER = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p)


class _Libraries:
    """Xlib, its extensions and the C library.  Raises OSError when one is missing."""

    def __init__(self) -> None:
        self.x = x = ctypes.CDLL("libX11.so.6")
        self.ext = ext = ctypes.CDLL("libXext.so.6")
        self.c = c = ctypes.CDLL(None, use_errno=True)
        x.XOpenDisplay.restype, x.XOpenDisplay.argtypes = c_void_p, [c_char_p]
        x.XCreateGC.restype = c_void_p
        x.XCreateGC.argtypes = [c_void_p, c_ulong, c_ulong, c_void_p]
        x.XGetWindowAttributes.argtypes = [c_void_p, c_ulong, POINTER(_Attributes)]
        x.XFreeGC.argtypes = [c_void_p, c_void_p]
        x.XFree.argtypes = [c_void_p]
        x.XSync.argtypes = [c_void_p, c_int]
        x.XNextEvent.argtypes = [c_void_p, c_void_p]
        for call in (x.XCloseDisplay, x.XFlush, x.XPending, x.XConnectionNumber,
                     ext.XShmQueryExtension, ext.XShmGetEventBase):  # fmt: skip
            call.argtypes = [c_void_p]
        x.XSetErrorHandler.restype, x.XSetErrorHandler.argtypes = c_void_p, [c_void_p]
        ext.XShmCreateImage.restype = POINTER(_Image)
        ext.XShmCreateImage.argtypes = [
            c_void_p, c_void_p, c_uint, c_int, c_void_p, POINTER(_Segment), c_uint, c_uint,
        ]  # fmt: skip
        ext.XShmAttach.argtypes = ext.XShmDetach.argtypes = [c_void_p, POINTER(_Segment)]
        ext.XShmPutImage.argtypes = [
            c_void_p, c_ulong, c_void_p, POINTER(_Image), c_int, c_int, c_int, c_int, c_uint,
            c_uint, c_int,
        ]  # fmt: skip
        c.shmget.argtypes = [c_int, ctypes.c_size_t, c_int]
        c.shmat.restype, c.shmat.argtypes = c_void_p, [c_int, c_void_p, c_int]
        c.shmdt.argtypes, c.shmctl.argtypes = [c_void_p], [c_int, c_int, c_void_p]


class _Slot:
    """One picture's memory."""

    def __init__(self, owner: ShmPictures, width: int, height: int) -> None:
        libs, display = owner.libs, owner.display
        self._libs = libs
        self.busy = False
        self.segment = segment = _Segment()
        self.image = libs.ext.XShmCreateImage(
            display, owner.visual, owner.depth, _Z_PIXMAP, None, byref(segment), width, height
        )
        if not self.image:
            raise OSError("no image")
        head = self.image.contents
        segment.id = libs.c.shmget(0, head.bytes_per_line * height, _IPC_CREAT | _OURS)
        if segment.id < 0:
            libs.x.XFree(self.image)
            raise OSError("no shared memory")
        address = libs.c.shmat(segment.id, None, 0)
        if address in (None, ctypes.c_void_p(-1).value):
            libs.c.shmctl(segment.id, _IPC_RMID, None)
            libs.x.XFree(self.image)
            raise OSError("no shared memory")
        segment.address = head.data = address
        libs.ext.XShmAttach(display, byref(segment))
        libs.x.XSync(display, 0)
        libs.c.shmctl(segment.id, _IPC_RMID, None)  # it goes with whoever holds it last
        self.size = (width, height)
        self.pitch = int(head.bytes_per_line)
        self.raw = (ctypes.c_uint8 * (self.pitch * height)).from_address(address)

    def release(self, display: Any) -> None:
        if display:
            self._libs.ext.XShmDetach(display, byref(self.segment))
            self._libs.x.XSync(display, 0)
        self._libs.x.XFree(self.image)
        self._libs.c.shmdt(self.segment.address)


class ShmPictures:
    """Pictures for one window.  From one thread only."""

    def __init__(self, libs: _Libraries, window: int, gone: Callable[[], bool]) -> None:
        self.libs = libs
        self._gone = gone
        self.window = window
        self.failed = False
        """Whether the server refused something: use another way from here on."""
        self._slots: list[_Slot] = []
        self._turn = 0
        self._gc: Any = None
        self.display = libs.x.XOpenDisplay(None)
        if not self.display:
            raise OSError("no display")
        self._watch_errors()
        attributes = _Attributes()
        if not libs.ext.XShmQueryExtension(self.display):
            raise OSError("no MIT-SHM")
        if not libs.x.XGetWindowAttributes(self.display, window, byref(attributes)):
            raise OSError("no such window")
        self.depth, self.visual = attributes.depth, attributes.visual
        masks = ctypes.cast(self.visual, POINTER(_Visual)).contents
        if (masks.red, masks.green, masks.blue) != (0xFF0000, 0xFF00, 0xFF):
            raise OSError("unusual pixels")
        self._gc = libs.x.XCreateGC(self.display, window, 0, None)
        self._completion = libs.ext.XShmGetEventBase(self.display) + _SHM_COMPLETION
        self._resize(16, 16)  # a server on another machine cannot attach
        head = self._slots[0].image.contents
        if self.failed or head.bits_per_pixel != 32 or head.byte_order != 0:
            raise OSError("no shared memory with this server")

    @classmethod
    def open(
        cls, window: int, watch: Callable[[Any], None], gone: Callable[[], bool]
    ) -> ShmPictures | None:
        """For a window's number; None when it cannot be.  *watch* is called with the display
        that is opened, which must not end the process when its server dies; *gone* tells
        whether it has."""
        try:
            libs = _Libraries()
        except (OSError, AttributeError):
            return None
        made = cls.__new__(cls)
        try:
            made.__init__(libs, window, gone)  # type: ignore[misc]
        except OSError:
            made.close()
            return None
        watch(made.display)
        return made

    def _watch_errors(self) -> None:
        """An error of this display must not end the process, as Xlib would have it."""
        previous: list[Any] = [None]

        def handler(display: int | None, event: int | None) -> int:
            if display == self.display:
                self.failed = True
                return 0
            return int(previous[0](display, event)) if previous[0] else 0

        kept = _ERROR_HANDLER(handler)
        before = self.libs.x.XSetErrorHandler(ctypes.cast(kept, c_void_p))
        previous[0] = _ERROR_HANDLER(before) if before else None
        _kept.extend((kept, previous))

    def _resize(self, width: int, height: int) -> None:
        self._wait(self._slots)
        while self._slots:
            self._slots.pop().release(self.display)
        self._slots = [_Slot(self, width, height) for _ in range(2)]

    def _wait(self, slots: list[_Slot]) -> None:
        """Until the server has read *slots*, or says nothing for a while."""
        x, event = self.libs.x, _Completion()
        end = time.monotonic() + _PATIENCE
        while any(slot.busy for slot in slots) and not (self.failed or self._gone()):
            if not x.XPending(self.display):
                left = end - time.monotonic()
                number = x.XConnectionNumber(self.display)
                if left <= 0 or not select.select([number], [], [], left)[0]:
                    break
                continue
            x.XNextEvent(self.display, byref(event))
            if event.type == self._completion:
                for slot in self._slots:
                    slot.busy = slot.busy and slot.segment.seg != event.seg
        for slot in slots:
            slot.busy = False

    def memory(self, width: int, height: int) -> tuple[Any, int]:
        """(bytes, bytes of a row) of a picture to be written and then shown: B, G, R and a byte
        that is not used for each pixel.  Raises OSError when there is no memory."""
        if not self._slots or self._slots[0].size != (width, height):
            self._resize(width, height)
        self._turn ^= 1
        slot = self._slots[self._turn]
        self._wait([slot])
        return slot.raw, slot.pitch

    def show(self) -> bool:
        """Hand what was written to the server; False when it refuses pictures."""
        slot = self._slots[self._turn]
        self.libs.ext.XShmPutImage(
            self.display, self.window, self._gc, slot.image, 0, 0, 0, 0, *slot.size, 1
        )
        slot.busy = True
        self.libs.x.XFlush(self.display)
        return not self.failed

    def close(self) -> None:
        """Let go of the memory and of the connection; may be called twice."""
        display = getattr(self, "display", None)
        if display is None:
            return
        self.display = None
        gone = self._gone()  # then nothing can be said to the server any more
        while self._slots:
            self._slots.pop().release(None if gone else display)
        if gone:
            return
        if self._gc:
            self.libs.x.XFreeGC(display, self._gc)
        self.libs.x.XCloseDisplay(display)
