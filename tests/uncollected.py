"""Tests of what is let go of at once, and not when Python looks for garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

__all__ = ["uncollected"]


@pytest.fixture(autouse=True)
def uncollected() -> Iterator[None]:
    """No search for garbage meanwhile, in the tests of a file that imports this."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()
