"""Fixtures of the clients' tests: a real server to talk to."""

from __future__ import annotations

from tests.network.conftest import running

__all__ = ["running"]
