"""The built-in functions of Mu, by the signature column of ``builtins.tsv``.

Implementations take runtime values (``player.mu.values``) already converted to the parameter
types; one marked ``needs_context`` gets the running interpreter's ``Context`` first. Operators
on numbers are not here: the compiler writes them inline (``player.mu.operators``).
"""

from __future__ import annotations

from typing import Any, Final

from player.mu.lib import regexes, strings
from player.mu.lib.host import HOST
from player.mu.lib.machine import MACHINE
from player.mu.lib.mathematics import MATHEMATICS
from player.mu.lib.noise import NOISE
from player.mu.lib.processes import PROCESSES
from player.mu.lib.randoms import RANDOMS
from player.mu.lib.reflection import REFLECTION
from player.mu.lib.streams import STREAMS
from player.mu.lib.system import SYSTEM

__all__ = ["IMPLEMENTATIONS"]

IMPLEMENTATIONS: Final[dict[str, Any]] = {
    "string.[] (char; string this, int index)": strings.index,
    "string.contains (int; string this, string search)": strings.contains,
    "string.hash (int; string this)": strings.hash_code,
    "string.join (string; string[] strings, string seperator)": strings.join,
    "string.replace (string; string this, string search, string replacement)": strings.replace,
    "string.size (int; string this)": strings.size,
    "string.split (string[]; string this, string delim, bool sequence = false)": strings.split,
    "string.substr (string; string this, int index0, int length)": strings.substr,
    "compare (int; string, string)": strings.compare,
    "regex (regex; string)": regexes.from_string,
    "regex (regex; string pattern, int flags)": regexes.construct,
    "regex.match (bool; regex, string)": regexes.match,
    "regex.smatch (string[]; regex, string)": regexes.smatch,
    "regex.replace (string; regex, string, string)": regexes.replace,
    **MACHINE,
    **MATHEMATICS,
    **NOISE,
    **PROCESSES,
    **RANDOMS,
    **HOST,
    **REFLECTION,
    **STREAMS,
    **SYSTEM,
}
