"""Rooms close although nothing can be written down: the disk is full, or somebody holds the database.

Only what is right however often it is done: a look who is inside, and whatever lets fewer people in. As nothing is
written, the room counts as open still; once it can be written again, it is closed once more, and that is recorded.
"""

from dataclasses import replace
from datetime import datetime

import structlog

from coaching.host import Host
from coaching.rooms.planning.case import Occupant, RoomCase, StepKind
from coaching.rooms.planning.plan import next_step
from coaching.rooms.planning.steps import Moment, Step
from coaching.rooms.reconciler import calls
from coaching.rooms.recording.claim_mutations import Claim

logger = structlog.get_logger(__name__)

# A look for each side of a call, a role taken from each, the room shut, each of them put out.
MOST_STEPS = 8


def close_unwritten(host: Host, case: RoomCase, moment: Moment) -> None:
    """Whom the clock lets in no longer is let in no longer. HostError when Discord refuses."""
    if not is_to_close(case, moment.at.product):
        return
    for _ in range(MOST_STEPS):
        step = next_step(case, moment)
        if step is None:
            return
        # Version and code are for what is written down and for what is made.
        claim = Claim(case.recorded.room_id or 0, "", 0, case, step)
        if step.kind == StepKind.LOOK:
            case = seen(case, step.user_id, calls.is_inside(host, claim), moment.at.machine)
        elif step.takes_away:
            calls.perform(host, claim)
            case = taken_away(case, step)
            logger.warning("step done, not written down", step=step.kind, reason=step.why)
        else:
            return


def is_to_close(case: RoomCase, now: datetime) -> bool:
    """True when by the clock nobody is to be let into the room any more."""
    return not case.is_on or now >= case.timeline.closes_at


def seen(case: RoomCase, user_id: str, is_inside: bool, machine_now: datetime) -> RoomCase:
    """The case with what was just seen of one person."""

    def looked_for(one: Occupant) -> Occupant:
        last_seen_at = machine_now if is_inside else one.last_seen_at
        return replace(one, is_inside=is_inside, looked_at=machine_now, last_seen_at=last_seen_at)

    occupants = (looked_for(one) if one.discord_user_id == user_id else one for one in case.occupants)
    return replace(case, occupants=tuple(occupants))


def taken_away(case: RoomCase, step: Step) -> RoomCase:
    """The case as it is after the step."""
    recorded, gone = replace(case.recorded, state=step.state), frozenset({step.user_id})
    if step.kind == StepKind.SET_ACCESS:
        recorded = replace(recorded, overwrites=step.overwrites)
    elif step.kind == StepKind.TAKE_ROLE:
        recorded = replace(recorded, holders=recorded.holders - gone, maybe_holders=recorded.maybe_holders - gone)
    elif step.kind == StepKind.REMOVE:
        recorded = replace(recorded, channel_id=None)
    elif step.kind == StepKind.REMOVE_ROLE:
        recorded = replace(recorded, role_id=None)
    occupants = case.occupants
    if step.kind == StepKind.DISCONNECT:
        recorded = replace(recorded, to_put_out=recorded.to_put_out - gone)
        occupants = tuple(
            replace(one, is_inside=one.is_inside and one.discord_user_id != step.user_id) for one in occupants
        )
    return replace(case, recorded=recorded, occupants=occupants)
