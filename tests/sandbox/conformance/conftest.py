"""A sandbox for each test here, and both libraries behind the few calls the tests of waiting and of faults need."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.conformance.callers import CALLERS, Caller
from tests.sandbox.conformance.served import ServedSandbox, serve_sandbox


@pytest.fixture
def served(tmp_path: Path) -> Iterator[ServedSandbox]:
    with serve_sandbox(tmp_path) as open_sandbox:
        yield open_sandbox


@pytest.fixture(params=CALLERS)
def caller(request: pytest.FixtureRequest, served: ServedSandbox) -> Caller:
    """One library at the stage."""
    return CALLERS[request.param](served)
