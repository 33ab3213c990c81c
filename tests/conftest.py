"""No test reads or writes the settings and contacts of the user who runs it."""

from __future__ import annotations

import os
import tempfile

_scratch = tempfile.TemporaryDirectory(prefix="player-tests-")
os.environ["PLAYER_CONFIG_DIR"] = _scratch.name
