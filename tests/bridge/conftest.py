from tests.shell.conftest import bars, batch, connection, home, player

__all__ = ["bars", "batch", "connection", "home", "player"]
