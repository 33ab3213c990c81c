"""What is displayed now, for contacts that may look (`player-admin`, question `picture`).

The answer is a PNG as base64 text: the picture that `exportCurrentFrame` writes, but into no file
that the contact could choose, so that it needs no more than the scope `view`.
"""

from __future__ import annotations

import base64
import os
import tempfile
from functools import partial
from typing import Any

from player.network import Peer
from player.network.admin import Admin
from player.session.session import Session
from rvshell.errors import CommandFailed, UsageError

__all__ = ["join"]


def join(admin: Admin, session: Session) -> None:
    """Answer the question `picture`."""
    admin.add_open("picture", partial(_picture, session))


def _picture(session: Session, peer: Peer, question: dict[str, Any]) -> str:
    """The picture. Raises UsageError for who may not look, CommandFailed when there is none."""
    if "view" not in peer.scopes and not peer.trusted:
        raise UsageError("permission denied: the picture needs scope view")
    with tempfile.TemporaryDirectory(prefix="player-") as folder:
        path = os.path.join(folder, "shown.png")
        try:
            session.ports.renderer.export(path)
            with open(path, "rb") as file:
                return base64.b64encode(file.read()).decode("ascii")
        except OSError as error:
            raise CommandFailed(f"no picture: {error}") from None
