"""Look-up table files, as RV reads them into a node's ``lut`` component.

A file is read by the format its extension names (:mod:`.formats`) and shaped for use
(:mod:`.shape`): channel curves before a cube become a matrix when they are straight and a
table of equal steps otherwise, and a cube for the graphics card gets sides that are powers of
two.  Numbers are 32-bit floats from the first to the last step, as in RV.

RV refuses all other formats.  Those that OpenColorIO reads (clf, ctf, spi1d, spi3d, itx...) may
hold more than one table: they leave the properties empty, and the image room has OpenColorIO apply
the file that ``lut.file`` names.

Source: Open RV ``src/lib/files/LUT``, ``src/lib/ip/IPCore/LUTIPNode.cpp`` (parseLUT).
"""

import os

from player.media.luts.formats import EXTENSIONS, read_file
from player.media.luts.shape import IDENTITY, LookUpTable, shaped

__all__ = ["EXTENSIONS", "LookUpTable", "read_table"]


def read_table(path: str, *, power_of_two: bool, samples: int) -> LookUpTable:
    """The table of a file; OSError when it cannot be read, ValueError when it is none.

    `power_of_two` enlarges a cube to sides of 2, 4, 8, ...; `samples` is the number of steps
    of curves before a cube.
    """
    if os.path.splitext(path)[1][1:] not in EXTENSIONS and _is_for_opencolorio(path):
        return LookUpTable((), [], [], IDENTITY, 1.0)
    return shaped(read_file(path), power_of_two=power_of_two, samples=samples)


def _is_for_opencolorio(path: str) -> bool:
    """Whether OpenColorIO can apply the file; OSError when it cannot be read."""
    with open(path, "rb"):
        pass
    try:
        import PyOpenColorIO as ocio
    except ImportError:
        return False
    try:
        ocio.Config.CreateRaw().getProcessor(ocio.FileTransform(src=path))
    except (ocio.Exception, ocio.ExceptionMissingFile):  # the second is no kind of the first
        return False
    return True
