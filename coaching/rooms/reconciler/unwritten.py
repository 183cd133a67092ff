"""Rooms close although nothing can be written down: the disk is full, or somebody holds the database.

Only what is right however often it is done: a look who is inside, and whatever lets fewer people in. As nothing is
written, the room counts as open still; once it can be written again, it is closed once more, and that is recorded.
"""

from dataclasses import fields, replace
from datetime import datetime

import structlog

from coaching.host import Host
from coaching.rooms.planning.case import Occupant, RoomCase, RoomRecord, StepKind
from coaching.rooms.planning.plan import next_step
from coaching.rooms.planning.steps import Moment
from coaching.rooms.reconciler import calls
from coaching.rooms.recording.changes import changes_after
from coaching.rooms.recording.results import Change, Claim, Stamp

logger = structlog.get_logger(__name__)

# A look for each side of a call, a role taken from each, the room shut, each of them disconnected.
MOST_STEPS = 8
RECORDED = frozenset(field.name for field in fields(RoomRecord))
OF_OCCUPANT = frozenset(field.name for field in fields(Occupant))


def close_unwritten(host: Host, case: RoomCase, moment: Moment) -> None:
    """Whom the clock lets in no longer is let in no longer. HostError when Discord refuses."""
    if not is_to_close(case, moment.at.product):
        return
    for _ in range(MOST_STEPS):
        step = next_step(case, moment)
        if step is None or not (step.takes_away or step.kind == StepKind.LOOK):
            return
        # Version and code are for what is written down and for what is made.
        result = calls.perform(host, Claim(case.recorded.id or 0, "", 0, case, step))
        case = case_after(case, changes_after(case, step, result, Stamp(moment.at)))
        if step.takes_away:
            logger.warning("step done, not written down", step=step.kind, reason=step.why)


def is_to_close(case: RoomCase, now: datetime) -> bool:
    """True when by the clock nobody is to be let into the room any more."""
    return not case.is_on or now >= case.timeline.closes_at


def case_after(case: RoomCase, change: Change) -> RoomCase:
    """The case as it is read once the change is written down."""
    seen = change.presence or {}
    occupants = (
        replace(occupant, **{name: value for name, value in seen.items() if name in OF_OCCUPANT})
        if occupant.person_id == seen.get("person")
        else occupant
        for occupant in case.occupants
    )
    columns = {name: value for name, value in change.columns.items() if name in RECORDED}
    return replace(case, recorded=replace(case.recorded, **columns), occupants=tuple(occupants))
