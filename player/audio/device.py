"""Where sound goes: miniaudio, SDL where that is not installed or finds nothing, or nowhere.

An output pulls: it calls `pull(n)` in a thread of its own for n frames (n, 2) of float32 and
plays them `latency` seconds later.  The null output keeps time and throws the samples away: it
is what tests and machines without sound cards play to when they ask for it.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import threading
import warnings
from collections.abc import Callable, Generator
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["NoDevice", "Output", "load_outputs", "open_output"]

Pull = Callable[[int], npt.NDArray[np.float32]]
CHANNELS: Final = 2
_PERIOD_MS: Final = 15
_PERIODS: Final = 3
_SDL_SLICE: Final = 0.01  # seconds between looks at SDL's queue


class NoDevice(Exception):
    """There is no output of that kind; the text says why."""


class Output(Protocol):
    """A running output; `close` stops it."""

    name: str
    latency: float

    def close(self) -> None: ...


#: kept for the life of the process: libasound calls it
_silent = ctypes.CFUNCTYPE(
    None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p
)(lambda *_: None)


def _hush_alsa() -> None:
    """libasound writes pages to stderr where there is no sound card; we say it in one line."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(_silent)


class _MiniAudio:
    """One of miniaudio's backends."""

    def __init__(self, pull: Pull, rate: int, backend: str, device: str) -> None:
        try:
            import miniaudio
        except ImportError as error:
            raise NoDevice(f"miniaudio is not installed ({error})") from None
        known = {b.name.lower(): b for b in miniaudio.Backend if b.name != "CUSTOM"}
        if backend and backend not in known:
            raise NoDevice(f"no sound output is called {backend!r}")
        chosen = [known[backend]] if backend else [b for n, b in known.items() if n != "null"]
        _hush_alsa()
        try:
            self._device = miniaudio.PlaybackDevice(
                output_format=miniaudio.SampleFormat.FLOAT32, nchannels=CHANNELS,
                sample_rate=rate, buffersize_msec=_PERIOD_MS, callback_periods=_PERIODS,
                device_id=self._find(miniaudio, chosen, device) if device else None,
                backends=chosen, app_name="player",
            )  # fmt: skip
        except miniaudio.MiniaudioError as error:
            detail = error.args[0] if error.args else error
            raise NoDevice(f"no sound device ({backend or 'miniaudio'}: {detail})") from None
        self.name = f"miniaudio {self._device.backend}"
        self.latency = _PERIOD_MS * _PERIODS / 1000

        def generator() -> Generator[bytes, int, None]:
            count = yield b""
            while True:
                count = yield pull(count).tobytes()

        running = generator()
        next(running)
        try:
            self._device.start(running)
        except miniaudio.MiniaudioError as error:
            self._device.close()
            raise NoDevice(f"{self.name}: {error}") from None

    @staticmethod
    def _find(miniaudio: Any, backends: list[Any], name: str) -> Any:
        for found in miniaudio.Devices(backends).get_playbacks():
            if name.lower() in str(found["name"]).lower():
                return found["id"]
        raise NoDevice(f"no sound device is called {name!r}")

    def close(self) -> None:
        self._device.close()


class _Sdl:
    """SDL's queue, kept filled by a thread."""

    def __init__(self, pull: Pull, rate: int, any_driver: bool) -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it tells which library it found
                import sdl2
        except ImportError as error:
            raise NoDevice(f"SDL is not installed ({error})") from None
        self._sdl = sdl2
        if sdl2.SDL_InitSubSystem(sdl2.SDL_INIT_AUDIO) != 0:
            raise NoDevice(f"SDL: {self._error()}")
        driver = (sdl2.SDL_GetCurrentAudioDriver() or b"").decode()
        if driver in ("dummy", "disk") and not any_driver:
            sdl2.SDL_QuitSubSystem(sdl2.SDL_INIT_AUDIO)
            raise NoDevice("SDL finds no sound device")
        wanted = sdl2.SDL_AudioSpec(rate, sdl2.AUDIO_F32SYS, CHANNELS, 512)
        self._device = sdl2.SDL_OpenAudioDevice(None, 0, ctypes.byref(wanted), None, 0)
        if not self._device:
            reason = self._error()
            sdl2.SDL_QuitSubSystem(sdl2.SDL_INIT_AUDIO)
            raise NoDevice(f"SDL: {reason}")
        self.name = f"SDL {driver}"
        self._ahead = round(rate * _PERIOD_MS * _PERIODS / 1000)
        self.latency = self._ahead / rate
        self._pull = pull
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sound-sdl", daemon=True)
        sdl2.SDL_PauseAudioDevice(self._device, 0)
        self._thread.start()

    def _error(self) -> str:
        return (self._sdl.SDL_GetError() or b"").decode(errors="replace") or "no sound"

    def _run(self) -> None:
        sdl = self._sdl
        size = 4 * CHANNELS
        while not self._stop.is_set():
            missing = self._ahead - sdl.SDL_GetQueuedAudioSize(self._device) // size
            if missing > 0:
                data = np.ascontiguousarray(self._pull(missing))
                sdl.SDL_QueueAudio(self._device, data.ctypes.data, data.nbytes)
            self._stop.wait(_SDL_SLICE)

    def close(self) -> None:
        self._stop.set()
        self._thread.join(1.0)
        self._sdl.SDL_CloseAudioDevice(self._device)
        self._sdl.SDL_QuitSubSystem(self._sdl.SDL_INIT_AUDIO)


def load_outputs() -> None:
    """Load the libraries of `open_output`, which takes a while the first time."""
    for name in ("miniaudio", "sdl2"):
        with contextlib.suppress(ImportError), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SDL's tells which library it found
            importlib.import_module(name)


def open_output(pull: Pull, rate: int, kind: str = "", device: str = "") -> Output:
    """Open and start an output.

    `kind` is "" for whatever works, "null", "sdl", or the name of a miniaudio backend (alsa,
    pulseaudio, jack...).  Raises NoDevice with the reason.
    """
    wanted = kind.strip().lower()
    if wanted == "sdl":
        return _Sdl(pull, rate, True)
    if wanted:
        return _MiniAudio(pull, rate, wanted, device)
    try:
        return _MiniAudio(pull, rate, "", device)
    except NoDevice as error:
        with contextlib.suppress(NoDevice):
            return _Sdl(pull, rate, False)
        raise error
