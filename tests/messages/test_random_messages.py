"""Random lives of bookings: each person gets exactly the messages that an independent model says, never one twice.

Without being told otherwise the dice fall the same each time.
`pytest tests/messages/test_random_messages.py --lives 100000` takes that many steps, other ones each time.
"""

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.messages.machine import Messages

STEPS_A_LIFE = 40
STEPS = 1200


@pytest.mark.one_database
def test_everybody_gets_what_the_model_says(db: None, request: pytest.FixtureRequest) -> None:
    steps = request.config.getoption("--lives")
    run_state_machine_as_test(
        Messages if steps else seed(1)(Messages),
        settings=settings(
            max_examples=max((steps or STEPS) // STEPS_A_LIFE, 1),
            stateful_step_count=STEPS_A_LIFE,
            database=None,
            phases=(Phase.generate,),  # a life of forty steps is read as it is; making it shorter takes minutes
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
