"""`python -m player.rvio`."""

from player.rvio import main
from rvshell.leaving import leave

leave(main())
