"""What a call that did not work changes: for people to read, and for the next try. Pure."""

from datetime import timedelta
from typing import Any

from coaching.log_lines import Event
from coaching.refusals import DOUBTFUL, Refusal
from coaching.rooms.planning.case import RoomCase, StepKind
from coaching.rooms.planning.pauses import attempts_with
from coaching.rooms.planning.steps import Step
from coaching.rooms.recording import results
from coaching.rooms.recording.events import EventKind, Trouble
from coaching.rooms.recording.results import CREATIONS, Change, Failure, Stamp

# So short that nobody notices when the room's next change comes later by this.
LOOK_AGAIN_AFTER = timedelta(seconds=1)
LONGEST_LACKING = 250


def after_refusal(case: RoomCase, step: Step, result: results.Refused, stamp: Stamp) -> Change:
    """The step failed: kept for people to read, and to be tried again at its time."""
    failure = result.failure
    is_doubtful = failure.kind in DOUBTFUL
    columns: dict[str, Any] = {
        "failing_step": step.kind,
        "attempts": attempts_with(case.recorded, step.kind),
        "last_error": failure.kind,
        "lacking": failure.lacking[:LONGEST_LACKING],
        "next_try_at": failure.next_try_at,
    }
    if not is_doubtful:
        columns |= without_intent(case, step)
    if step.kind == StepKind.CHECK:
        columns["checked_at"] = stamp.at.machine
    return Change(
        columns,
        _trouble(EventKind.STEP_FAILED, step, failure),
        wants_search=is_doubtful,
        # Servers in Discovery refuse some words in names: other letters may pass.
        wants_code=failure.kind == Refusal.NAME_REFUSED,
        outcome="failed",
    )


def after_delay(case: RoomCase, step: Step, result: results.Delayed, stamp: Stamp) -> Change:
    """No failure of this room, but people may want to know why it is late."""
    failure = result.failure
    columns: dict[str, Any] = {"next_try_at": failure.next_try_at}
    # Our own budget puts off looks that come too thick for it: nothing about that is worth telling anybody.
    is_news = failure.status is not None or not step.is_upkeep
    if is_news:
        columns |= {"failing_step": step.kind, "last_error": failure.kind}
    elif case.recorded.failing_step == StepKind.DISCONNECT:
        # The room's pause is that of somebody who cannot be disconnected: it must not end now, nor hold up this look.
        columns = {"claimed_until": stamp.at.machine + LOOK_AGAIN_AFTER}
    columns |= without_intent(case, step)
    event = _trouble(EventKind.STEP_DELAYED, step, failure) if is_news else None
    return Change(columns, event, outcome="waited")


def _trouble(kind: EventKind, step: Step, failure: Failure) -> Event[EventKind]:
    return Event(kind, Trouble(step.kind, failure.kind))


def without_intent(case: RoomCase, step: Step) -> dict[str, Any]:
    """The columns that take back what the claim wrote down in case no answer came: Discord has done nothing."""
    if step.kind in CREATIONS:
        return {"intended_at": None}
    if step.kind == StepKind.GIVE_ROLE:
        # Whoever was in doubt before may have the role from an earlier call.
        return {"maybe_holders": case.recorded.maybe_holders}
    return {}
