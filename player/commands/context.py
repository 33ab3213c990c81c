"""What a command function is handed: the session, its ports and who is calling."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from player.session.ports import Ports
    from player.session.session import Session

__all__ = ["Context"]


@dataclass(slots=True)
class Context:
    """The calling context of a command.

    ``sender`` is the contact that sent the text being evaluated (``name@host``) or "".
    ``editing`` keeps what is being typed and dragged, for ``editing.editing_of``.
    """

    session: Session
    sender: str = ""
    editing: object = field(default=None, repr=False, compare=False)

    @property
    def ports(self) -> Ports:
        return self.session.ports
