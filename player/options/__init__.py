"""The player's command line: RV's options and our own long ones.

`parse(argv)` gives a frozen `Options`; `help_text()` is the manual.  Standard library only,
so that `player --help` is quick.
"""

from .errors import OptionError
from .manual import help_text, usage
from .model import DISPLAYS, Options
from .parser import DEFAULT_PORT, parse

__all__ = ["DEFAULT_PORT", "DISPLAYS", "OptionError", "Options", "help_text", "parse", "usage"]
