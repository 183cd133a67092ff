"""A stage for each test here, and both libraries behind the few calls the tests of waiting and of mishaps need."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.conformance.callers import CALLERS, Caller
from tests.sandbox.conformance.stage import Stage, set_stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with set_stage(tmp_path) as open_stage:
        yield open_stage


@pytest.fixture(params=CALLERS)
def caller(request: pytest.FixtureRequest, stage: Stage) -> Caller:
    """One library at the stage."""
    return CALLERS[request.param](stage)
