"""The network, as commands see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

__all__ = ["NetworkControl", "NullNetwork", "NullSync", "SyncPort"]


@runtime_checkable
class NetworkControl(Protocol):
    """The ``remote*`` commands' view of the network."""

    def status(self) -> int: ...
    def set_status(self, on: bool) -> None: ...
    def connect(self, name: str, host: str, port: int) -> None: ...
    def disconnect(self, contact: str) -> None: ...
    def connections(self) -> list[str]: ...
    def applications(self) -> list[str]: ...
    def contacts(self) -> list[str]: ...
    def contact_permission(self, contact: str) -> int: ...
    def set_contact_permission(self, contact: str, permission: int) -> None: ...
    def default_permission(self) -> int: ...
    def set_default_permission(self, permission: int) -> None: ...
    def local_contact(self) -> str: ...
    def set_local_contact(self, name: str) -> None: ...
    def port(self) -> int: ...
    def host(self) -> str:
        """The configured name of this machine, "" when there is none."""
        ...

    def spoof(self, path: str, scale: float, verbose: bool) -> None: ...
    def is_incoming(self, contact: str) -> bool: ...
    def send_message(self, text: str, recipients: Sequence[str] | None) -> None: ...
    def send_event(
        self, event: str, target: str, contents: str, recipients: Sequence[str] | None
    ) -> None: ...
    def send_data_event(
        self, event: str, target: str, interp: str, data: bytes, recipients: Sequence[str] | None
    ) -> None: ...


class NullNetwork:
    """Network switched off: settings are kept, nothing is sent."""

    def __init__(self) -> None:
        self._default_permission = 0
        self._permissions: dict[str, int] = {}
        self._contact = "user"

    def status(self) -> int:
        return 0

    def set_status(self, on: bool) -> None:
        return None

    def connect(self, name: str, host: str, port: int) -> None:
        return None

    def disconnect(self, contact: str) -> None:
        return None

    def connections(self) -> list[str]:
        return []

    def applications(self) -> list[str]:
        return []

    def contacts(self) -> list[str]:
        return []

    def contact_permission(self, contact: str) -> int:
        return self._permissions.get(contact, self._default_permission)

    def set_contact_permission(self, contact: str, permission: int) -> None:
        self._permissions[contact] = permission

    def default_permission(self) -> int:
        return self._default_permission

    def set_default_permission(self, permission: int) -> None:
        self._default_permission = permission

    def local_contact(self) -> str:
        return self._contact

    def set_local_contact(self, name: str) -> None:
        self._contact = name

    def port(self) -> int:
        return 45124

    def host(self) -> str:
        return ""

    def spoof(self, path: str, scale: float, verbose: bool) -> None:
        return None

    def is_incoming(self, contact: str) -> bool:
        return False

    def send_message(self, text: str, recipients: Sequence[str] | None) -> None:
        return None

    def send_event(
        self, event: str, target: str, contents: str, recipients: Sequence[str] | None
    ) -> None:
        return None

    def send_data_event(
        self, event: str, target: str, interp: str, data: bytes, recipients: Sequence[str] | None
    ) -> None:
        return None


@runtime_checkable
class SyncPort(Protocol):
    """The sync mode as commands see it."""

    def start(self, *, everybody: bool = False) -> None: ...
    def toggle(self) -> None: ...
    def automatic(self) -> None:
        """An RV may have connected: start, if the user wants that."""
        ...

    def remote_start(self) -> None:
        """A peer asks to sync."""
        ...

    def accepts_media(self) -> bool: ...


class NullSync:
    """Nobody to sync with; media of a peer that sends some is taken."""

    def start(self, *, everybody: bool = False) -> None:
        return None

    def toggle(self) -> None:
        return None

    def automatic(self) -> None:
        return None

    def remote_start(self) -> None:
        return None

    def accepts_media(self) -> bool:
        return True
