"""No test reads or writes the settings and contacts of the user who runs it.

Hypothesis draws the same examples in every run, so that main is green or red for everyone alike;
`HYPOTHESIS_PROFILE=fresh scripts/test` draws new ones.
"""

from __future__ import annotations

import os
import tempfile

from hypothesis import settings

_scratch = tempfile.TemporaryDirectory(prefix="player-tests-")
os.environ["PLAYER_CONFIG_DIR"] = _scratch.name

settings.register_profile("same", derandomize=True, database=None)
settings.register_profile("fresh", print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
