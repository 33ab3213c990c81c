"""Readers: still images and sequences, movies, procedural media, pushed pictures.

Theory of operation
-------------------
A media name becomes a `Reader` (`reader.py`, kept by `readercache.py`): what it is (`facts`,
for the session) and its pictures by frame number (for the frame cache).  Everything else is
behind that:

    images.py      OpenImageIO, in strips of rows; channels.py sorts views and layers; smaller
                   levels of a file for those who show no more (`Levelled`); rvshell/chroma.py
                   reads EXR files of luminance and chroma by OpenEXR's own package, which is
                   optional
    sequence.py    RV's frame notation over images; a gap shows the frame before it
    movies.py      PyAV: moviefacts (what the file says), movielane (who decodes), moviedecode
                   (any frame, exactly), moviepicture (kept as decoded, RGB when it is shown:
                   libyuv.py, swscale.py and lightening.py for what is on screen for a moment),
                   moviesound (which tracks are heard), movietracks (several of pictures: stereo)
    opening.py     files and URLs for FFmpeg (pyav.py), by the process's policy; remote.py fetches
                   http and https into a file that picture and sound share, asking.py sends
                   its requests; playlists.py makes those that a list leads to
    wholeness.py   movies that are cut off; webp.py animated WebP, which neither of them plays
    procedural.py  .movieproc; pushed.py holds what clients send

Geometry passes `limits` before anything is allocated for it.  A reader raises MediaError with one
clear line; a picture that is a stand-in says why in `Picture.problem`.  Rows are bottom-up
throughout, as RV's wire brings them.

Where the time of a movie goes (1080p on two cores): FFmpeg's own threads, which take what `ffmpeg`
takes; 0.2 ms a frame the worker and its being woken; 0.6 the conversion to RGBA by libyuv
(`libyuv.py`), 1.1 of deep 4:2:2.  Neither slices that stay in the processor's cache, nor another
order of the channels or three of them, nor one worker in place of two, makes that less.  Large
pages under the frames from their first touch do, by 10 to 20 %: `player/heap.py`.  (Asking Linux to
join pages that are in use takes 3 to 13 ms for each plane, which ten thousand frames do not bring
in.)
What decoders keep of it for frames to come is counted: `spare.py`.
Of an EXR picture nine tenths are OpenImageIO's; strips of 64 to 128 rows and two to four workers
are equal.
"""

from player.media.images import IMAGE_EXTENSIONS
from player.media.landing import Landing
from player.media.picture import Chapter, Chromaticities, MediaFacts, Picture
from player.media.probe import MOVIE_EXTENSIONS, Probe
from player.media.pushed import BadTile, PixelStore, pixel_key
from player.media.reader import Reader, open_media
from player.media.readercache import ReaderCache

__all__ = [
    "IMAGE_EXTENSIONS",
    "MOVIE_EXTENSIONS",
    "BadTile",
    "Chapter",
    "Chromaticities",
    "Landing",
    "MediaFacts",
    "Picture",
    "PixelStore",
    "Probe",
    "Reader",
    "ReaderCache",
    "open_media",
    "pixel_key",
]
