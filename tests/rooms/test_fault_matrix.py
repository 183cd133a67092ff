"""Each call of a room's life, in each of the three modes, meets each trouble for two minutes; then the room is right.

Run here: every call of `members` with each trouble that the promise names; of the modes with roles the calls of their
own, with the troubles that take another way through the code; and a worker that dies before or after each call, or only
after it where the call is a question. The whole product, with each trouble both on a worker that lives and on one that
dies at it, is run, asserted and printed by bench/fault_matrix.py. The worker dies by an exception that nothing catches;
test_kill.py kills processes.

About 120 s of processor time: each of 449 lives is a room from its making to its end, through the real gateway and the
real sandbox; what comes before the trouble is lived once for many. `make test` runs a life for each CORE call; the rest
is marked wide.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.rooms.in_process_sandbox import InProcessSandbox
from tests.rooms.matrix import (
    CALLS,
    DEATHS,
    MEMBERS,
    SESSION_ROLE,
    SHARED_ROLE,
    TROUBLES,
    Call,
    Lifecycle,
    wrong_with,
)

# Where it makes no difference to us whether the effect came or not, one of the two.
NAMED = [
    name for name in TROUBLES if name not in ("time-out after effect", "dropped before effect", "500 after effect")
]
OF_ANOTHER_WAY = ("time-out, late effect", "429 long", "403 50013", "404")
COMMON = {call.name for call in CALLS[MEMBERS]}
OWN = {
    MEMBERS: CALLS[MEMBERS],
    SESSION_ROLE: [call for call in CALLS[SESSION_ROLE] if call.name not in COMMON],
    SHARED_ROLE: CALLS[SHARED_ROLE],
}
CORE = {"make hidden", "open", "close", "remove"}
CORE_TROUBLES = {"time-out, late effect", "429 long", "after effect"}
ALIVE = {MEMBERS: NAMED, SESSION_ROLE: OF_ANOTHER_WAY, SHARED_ROLE: OF_ANOTHER_WAY}

pytestmark = pytest.mark.one_database


def case(mode: str, call: Call, trouble: str) -> Any:
    """One life, named by what happens in it."""
    is_core = call.name in CORE and trouble in CORE_TROUBLES
    marks = () if is_core else (pytest.mark.wide,)
    return pytest.param(mode, call, trouble, id=f"{mode}-{call.name}-{trouble}", marks=marks)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcessSandbox]:
    near = InProcessSandbox(tmp_path_factory.mktemp("sandbox"))
    yield near
    near.end()


@pytest.mark.parametrize(
    ("mode", "is_talk", "calls", "changes"),
    [
        (MEMBERS, False, 22, 6),
        (MEMBERS, True, 30, 9),
        (SESSION_ROLE, False, 29, 9),
        (SESSION_ROLE, True, 38, 12),
        (SHARED_ROLE, False, 27, 6),
        (SHARED_ROLE, True, 36, 6),
    ],
)
def test_an_undisturbed_life_takes_few_changes_of_which_the_first_makes_its_shared_part(
    db, sandbox, mode, is_talk, calls, changes
):
    outcome = Lifecycle(sandbox, mode, is_talk=is_talk).live_on()
    assert (outcome.calls, outcome.changes) == (calls, changes)
    assert (outcome.doubles, outcome.seen_wrongly, outcome.state) == (set(), [], "removed")


@pytest.mark.parametrize(
    ("mode", "call", "trouble"),
    [
        case(mode, call, trouble)
        for mode, calls in OWN.items()
        for call in calls
        for trouble in ALIVE[mode]
        if trouble not in call.not_with
    ],
)
def test_whatever_happens_to_a_call_the_room_ends_right(
    db: None, sandbox: InProcessSandbox, mode: str, call: Call, trouble: str
) -> None:
    outcome = Lifecycle(sandbox, mode).meet(call, trouble)
    assert wrong_with(call, trouble, outcome) == []


@pytest.mark.parametrize(
    ("mode", "call", "death"),
    [
        case(mode, call, death)
        for mode, calls in OWN.items()
        for call in calls
        for death in DEATHS
        if death == "after effect" or call.ask.method != "GET"
    ],
)
def test_wherever_a_worker_dies_the_next_one_ends_right(
    db: None, sandbox: InProcessSandbox, mode: str, call: Call, death: str
) -> None:
    outcome = Lifecycle(sandbox, mode).meet(call, death, is_killed=True)
    assert wrong_with(call, death, outcome, is_killed=True) == []
