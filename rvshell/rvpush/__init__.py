"""`rvshell rvpush`: RV's rvpush, towards any running player or RV of this machine."""

from rvshell.rvpush.command import main

__all__ = ["main"]
