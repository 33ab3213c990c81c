"""The frame cache: decoded pictures within a byte budget, read ahead by worker threads.

It knows keys and pictures, nothing of sessions: which frames are wanted, and in which order,
is said by `player.image.lookahead`, RV's cache modes; how they are read by `player.media`.
"""

from player.cache.framecache import FrameCache

__all__ = ["FrameCache"]
