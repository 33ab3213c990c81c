"""RV's scripting vocabulary over the session: one registry, one module per section.

``load_all()`` imports every command module and returns the registry.
"""

from player.commands.constants import CONSTANTS
from player.commands.context import Context
from player.commands.errors import CommandError, EngineError, PropertyError
from player.commands.registry import REGISTRY, Command, Param, command, load_all
from player.commands.structs import STRUCTS

__all__ = [
    "CONSTANTS",
    "Command",
    "CommandError",
    "Context",
    "EngineError",
    "Param",
    "PropertyError",
    "REGISTRY",
    "STRUCTS",
    "command",
    "load_all",
]
