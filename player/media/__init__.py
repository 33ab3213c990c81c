"""Readers: still images and sequences, movies, procedural media, pushed pictures."""

from player.media.images import IMAGE_EXTENSIONS
from player.media.picture import Chapter, Chromaticities, MediaFacts, Picture
from player.media.probe import MOVIE_EXTENSIONS, Probe
from player.media.pushed import BadTile, Landing, PixelStore, pixel_key
from player.media.reader import Reader, ReaderCache, open_media

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
