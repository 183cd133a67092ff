"""How long a step has to wait: until Discord has settled, or after it failed. Pure.

All of it by the machine's clock: a demo's clock jumps, and Discord does not jump along.
"""

from datetime import datetime, timedelta

from coaching.rooms.planning.case import DOUBT_SETTLES, RoomRecord, StepKind
from coaching.rooms.planning.steps import UPKEEP, Step

# Discord answers an edit sent sooner than this with success and now and then forgets it.
EDIT_SETTLES = timedelta(seconds=10)


def hold(recorded: RoomRecord, step: Step, now: datetime) -> timedelta | None:
    """How long this step has to wait, or None when it can be done now."""
    until = [_settled_at(recorded, step), _try_at(recorded, step)]
    return max((at - now for at in until if at and at > now), default=None)


def _settled_at(recorded: RoomRecord, step: Step) -> datetime | None:
    """When Discord will have finished what it was last asked."""
    if step.kind == StepKind.SET_ACCESS and recorded.made_at:
        return recorded.made_at + EDIT_SETTLES
    if step.kind == StepKind.FIND and recorded.looked_at and recorded.intended_at:
        # Looked for in vain right after the doubt; the second look is the one that counts.
        return recorded.intended_at + DOUBT_SETTLES
    return None


def _try_at(recorded: RoomRecord, step: Step) -> datetime | None:
    """When a failed step is to be tried again. Upkeep also waits for other failing steps, never the reverse.

    Putting somebody out waits for failing upkeep, too, but holds up nothing else: a student nobody looks for is absent.
    """
    failing = recorded.failing_step
    if step.kind == StepKind.DISCONNECT:
        waits = failing == step.kind or failing in UPKEEP
    else:
        waits = failing == step.kind or (step.is_upkeep and failing != StepKind.DISCONNECT)
    return recorded.next_try_at if waits else None


def attempts_with(recorded: RoomRecord, failing: StepKind) -> int:
    """How often the room has failed in a row, now that `failing` did."""
    # These count together: taking turns at failing, they would never come to longer pauses.
    together = UPKEEP | {StepKind.DISCONNECT}
    is_row = recorded.failing_step == failing or (recorded.failing_step in together and failing in together)
    return recorded.attempts + 1 if is_row else 1


def retry_pause(attempts: int, is_permanent: bool) -> timedelta:
    """How long to leave a failing room alone: seconds at first, growing to minutes; longer when a person has to act."""
    first, longest = (60, 3600) if is_permanent else (2, 300)
    return timedelta(seconds=min(longest, first * 2 ** min(attempts - 1, 12)))
