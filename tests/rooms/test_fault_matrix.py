"""Each call of a room's life meets each trouble for two minutes; then the room is right. The bench prints it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.rooms.matrix import CALLS, TROUBLES, Clock, Life, ServedSandbox

UNDISTURBED_CALLS = 20
# How often a call is made within the two minutes: with growing pauses, but as soon as we are told where we are told.
MOST_STRUCK = {"429 short": 34, "429 long": 2, "429 Cloudflare": 3, "401": 5, "403 50001": 5, "403 50013": 5, "404": 6}
USUALLY_STRUCK = 16
# Beside those, a look or two at the list for each call in doubt.
MOST_CALLS = 45
RIGHT_WITHIN = timedelta(minutes=4)
# Told that a room which stands is unknown, one has to make another; the sweep removes the first.
LIES = {("check", "404")}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSandbox]:
    served = ServedSandbox(tmp_path_factory.mktemp("sandbox"), Clock())
    yield served
    served.end()


@pytest.fixture
def life(db: None, sandbox: ServedSandbox) -> Iterator[Life]:
    life = Life(sandbox)
    yield life
    life.end_trouble()
    sandbox.clear()


def test_an_undisturbed_life_takes_five_changes(life):
    outcome = life.live_on()
    assert (outcome.calls, outcome.changes) == (UNDISTURBED_CALLS, 5)


@pytest.mark.one_database
@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("call", CALLS)
def test_whatever_happens_to_a_call_the_room_ends_right(life, call, trouble):
    outcome = life.meet(CALLS[call], trouble)
    assert outcome.struck > 0
    assert outcome.right_after <= RIGHT_WITHIN
    assert outcome.seen_wrongly == []
    assert outcome.most_channels == 1 or (call, trouble) in LIES
    assert (outcome.left_over, outcome.state) == (0, "removed")
    assert outcome.most_messages == 1
    assert outcome.struck <= MOST_STRUCK.get(trouble, USUALLY_STRUCK)
    assert outcome.calls - outcome.struck <= MOST_CALLS
