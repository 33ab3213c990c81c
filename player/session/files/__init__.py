"""Session files: GTO (text and binary) and what a session keeps in it.

`load_session` and `save_session` are what the commands call; `read_gto`, `parse_gto` and
`format_text` serve whoever wants the file alone. `save_profile` and `apply_profile` keep one node.
"""

from .container import parse_gto, read_gto
from .errors import SessionFileError
from .load import load_session
from .model import GtoComponent, GtoFile, GtoObject, GtoProperty, GtoType
from .profile import apply_profile, save_profile
from .save import save_session
from .text_writer import format_text

__all__ = [
    "GtoComponent",
    "GtoFile",
    "GtoObject",
    "GtoProperty",
    "GtoType",
    "SessionFileError",
    "apply_profile",
    "format_text",
    "load_session",
    "parse_gto",
    "read_gto",
    "save_profile",
    "save_session",
]
