"""Movies and sound that are written: which codecs, the colours of their frames, the file.

Theory of operation
-------------------
    pictures (any thread) --MovieWriter.frame()--> frames --write(), in order--> OUT.PID.part.mov
                                          samples -----^              finish() --> OUT.mov

`Wanted` says what is asked for; `chosen` settles the codecs as RV's writer does, or says which
there are; `sorted_parameters` tells apart what `-outparams` may hold.  `Colours` makes the frames
of an encoder out of RGB, so that this, like rendering, can be done by several threads at once;
`MovieWriter` encodes and writes them, `SoundWriter` sound that is a file of its own.  The file
has its name when it is whole, not before.
"""

from player.encoding.choosing import formats, is_movie, is_sound
from player.encoding.sound import SoundWriter
from player.encoding.wanted import Wanted
from player.encoding.writer import MovieWriter

__all__ = ["MovieWriter", "SoundWriter", "Wanted", "formats", "is_movie", "is_sound"]
