"""Random lives: anything may happen to sessions, people, clock and Discord; when the dust settles the promises hold.

Without being told otherwise the dice fall the same each time, in each shard in another way.
`pytest tests/rooms/test_state_machine.py --lives 100000` takes that many steps, other ones each time.

About 50 s of processor time for 2,000 steps, since after each one every promise is looked
at; `make test` runs one shard.
"""

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.rooms.state_machine import RoomsMachine

STEPS_A_LIFE = 50
SHARDS = 4


@pytest.mark.one_database
@pytest.mark.parametrize("shard", [0, *(pytest.param(shard, marks=pytest.mark.wide) for shard in range(1, SHARDS))])
def test_whatever_happens_the_promises_hold_when_it_has_settled(
    db: None, request: pytest.FixtureRequest, shard: int
) -> None:
    steps = request.config.getoption("--lives")
    run_state_machine_as_test(
        RoomsMachine if steps else seed(shard)(RoomsMachine),
        settings=settings(
            max_examples=max((steps or 2000) // SHARDS // STEPS_A_LIFE, 1),
            stateful_step_count=STEPS_A_LIFE,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
