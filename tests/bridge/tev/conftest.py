from tests.pixels.conftest import player, shared_player

__all__ = ["player", "shared_player"]
