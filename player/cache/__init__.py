"""The frame cache: decoded pictures within a byte budget, read ahead by worker threads."""

from player.cache.framecache import FrameCache

__all__ = ["FrameCache"]
