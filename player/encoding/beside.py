"""A file that has its name when it is whole: until then it is written beside."""

from __future__ import annotations

import contextlib
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any

__all__ = ["Beside", "beside"]


def beside(path: str) -> str:
    """Where a file is written that will be *path*: in its folder, with its extension."""
    base, extension = os.path.splitext(path)
    return f"{base}.{os.getpid()}.part{extension}"


class Beside(ABC):
    """What writers of FFmpeg's containers have in common: how they end."""

    _path: str
    _beside: str
    _container: Any

    @abstractmethod
    def _streams(self) -> Iterable[Any]:
        """Those that may hold something back."""

    @abstractmethod
    def _said(self, what: str) -> AbstractContextManager[None]:
        """FFmpeg's errors as LocalError, which names the file and *what* was done."""

    def finish(self) -> None:
        """Write what is left and give the file its name.  Raises LocalError."""
        try:
            with self._said("the end of the file"):
                for stream in self._streams():
                    self._container.mux(stream.encode(None))
                self._container.close()
                os.replace(self._beside, self._path)
        except BaseException:
            self.abandon()
            raise

    def abandon(self) -> None:
        """Leave nothing behind."""
        with contextlib.suppress(Exception):  # the end of a file that nobody reads
            self._container.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._beside)
