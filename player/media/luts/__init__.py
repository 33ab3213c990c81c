"""Look-up table files, as RV reads them into a node's ``lut`` component.

A file is read by the format its extension names (:mod:`.formats`) and shaped for use
(:mod:`.shape`): channel curves before a cube become a matrix when they are straight and a
table of equal steps otherwise, and a cube for the graphics card gets sides that are powers of
two.  Numbers are 32-bit floats from the first to the last step, as in RV.

Source: Open RV ``src/lib/files/LUT``, ``src/lib/ip/IPCore/LUTIPNode.cpp`` (parseLUT).
"""

from player.media.luts.formats import EXTENSIONS, read_file
from player.media.luts.shape import LookUpTable, shaped

__all__ = ["EXTENSIONS", "LookUpTable", "read_table"]


def read_table(path: str, *, power_of_two: bool, samples: int) -> LookUpTable:
    """The table of a file; OSError when it cannot be read, ValueError when it is none.

    `power_of_two` enlarges a cube to sides of 2, 4, 8, ...; `samples` is the number of steps
    of curves before a cube.
    """
    return shaped(read_file(path), power_of_two=power_of_two, samples=samples)
