"""No test reads or writes the settings and contacts of the user who runs it.

Hypothesis and the fuzzers draw the same examples in every run, so that main is green or red for
everyone alike. `HYPOTHESIS_PROFILE=fresh TEST_SEED=fresh scripts/test` draws new ones, and
`TEST_SEED=N` those of the run that told of seed N.
"""

from __future__ import annotations

import gc
import os
import random
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.telling import PROPERTY, Tell

_scratch = tempfile.TemporaryDirectory(prefix="player-tests-")
os.environ["PLAYER_CONFIG_DIR"] = _scratch.name
for name in ("COLUMNS", "LINES"):  # programs ask their own terminals
    os.environ.pop(name, None)

# (no test fails because the machine is busy)
settings.register_profile("same", derandomize=True, database=None, deadline=None)
settings.register_profile("fresh", print_blob=True, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

# sessions and their scripts are made by the thousand, each of them many objects that live for a
# test: looking through them as often as Python does by itself takes a third of such a test
gc.set_threshold(50_000, 10, 20)


@pytest.fixture(scope="module", autouse=True)
def _what_stays_is_not_looked_through() -> Iterator[None]:
    """What a module leaves in memory counts as permanent: a collection, and tests ask for many,
    would look through all of it each time."""
    yield
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    gc.unfreeze()  # or the extension modules report all of it as leaked


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Tell:
    def add(title: str, *lines: str) -> None:
        request.node.user_properties.append((PROPERTY, "\n  ".join((title, *lines))))

    return add


@pytest.fixture
def seed(request: pytest.FixtureRequest, tell: Tell) -> int:
    """The seed of a test with chances of its own."""
    wanted = os.environ.get("TEST_SEED", "13")
    number = random.SystemRandom().getrandbits(32) if wanted == "fresh" else int(wanted)
    tell(f"seed {number}: {request.node.nodeid}")
    return number


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    told = [
        text
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, text in report.user_properties
        if name == PROPERTY
    ]
    if told:
        terminalreporter.section("told by tests")
        for text in told:
            terminalreporter.write_line(text)
