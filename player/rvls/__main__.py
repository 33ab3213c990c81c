"""`python -m player.rvls`."""

from player.rvls import main
from rvshell.leaving import leave

leave(main())
