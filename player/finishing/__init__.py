"""What rvio does to pictures between rendering and writing them (``ReformattingMovie``).

Theory of operation
-------------------
    RGBA floats --white, gamut--> channels --flip--> gamma, log, sRGB, Rec. 709
                                  --alpha--> planes --> a type of number

``Finish`` says what of it is wanted, ``finished`` does it, in this order, as Open RV's rvio:
curves are for channels named R, G, B or Y after they have been mapped.  ``header`` has what the
words say in the headers of files.
"""

from player.finishing.finish import Finish, Finished, finished

__all__ = ["Finish", "Finished", "finished"]
