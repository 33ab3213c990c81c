"""rvshell: drive Open RV, or the `player` of this package, over RV's own network protocol.

Importing this package loads neither numpy nor prompt_toolkit: a farm node that only sends a
command pays for nothing else. The public names below are resolved on first use.

The rooms, and what each may import (a test walks the imports and enforces this table):

==============  ==========================================================================
``errors``      the exception tree; imports nothing
``protocol``    RV's wire, sans I/O; standard library only
``client``      one core, two skins: asyncio and blocking; may import protocol
``pixels``      arrays, image files and pipes into tiles, and the sender
``verbs``       the shell's vocabulary: one registry for help, completion, documentation
``script``      the command language and the batch runner
``shell``       the interactive prompt
``cli``         the command line; imports lazily
==============  ==========================================================================
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rvshell.client import AsyncClient, Client, find_players

__version__ = "0.1.0"
__all__ = ["AsyncClient", "Client", "find_players", "__version__"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module("rvshell.client"), name)
    raise AttributeError(f"module 'rvshell' has no attribute {name!r}")
