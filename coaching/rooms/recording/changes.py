"""What a call's result changes in the room's row, and the line of its log that tells of it. Pure.

Columns are named as in the table and hold plain values; `mutations.record` writes them.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from coaching.log_lines import Event
from coaching.refusals import DOUBTFUL, Refusal
from coaching.rooms.planning.case import AccessMode, Part, RoomCase, RoomKind, RoomState, StepKind
from coaching.rooms.planning.pauses import attempts_with
from coaching.rooms.planning.status import due_since
from coaching.rooms.planning.steps import UPKEEP, Step
from coaching.rooms.recording import results
from coaching.rooms.recording.events import Because, EventKind, Trouble
from coaching.rooms.recording.results import Change, Result, Stamp
from coaching.rooms.recording.upkeep_changes import (
    after_check,
    after_look,
    after_member_check,
    after_posting,
    disconnected,
    find_occupant,
    to_disconnect,
    without_intent,
)

# A check that works says nothing about a greeting that does not; a look for a room in doubt nothing about its making.
HEALS_ONLY_ITSELF = UPKEEP | {StepKind.FIND}
HEALED: dict[str, Any] = {"failing_step": None, "attempts": 0, "last_error": None, "lacking": "", "next_try_at": None}
NOBODY: frozenset[str] = frozenset()
NOBODY_HOLDS: dict[str, Any] = {"holders": NOBODY, "maybe_holders": NOBODY}
NO_CHANNEL: dict[str, Any] = {
    "discord_channel_id": None,
    "parent_id": None,
    "overwrites": frozenset(),
    "to_disconnect": NOBODY,
    "greeting_message_id": None,
    "warned_at": None,
    "made_at": None,
    "granted_at": None,
    "intended_at": None,
    "looked_at": None,
}
_REACHED = {
    RoomState.HIDDEN: EventKind.HIDDEN,
    RoomState.OPEN: EventKind.OPENED,
    RoomState.CLOSED: EventKind.CLOSED,
}
NOTHING_IN_DOUBT: dict[str, Any] = {"intended_at": None, "looked_at": None}
# So short that nobody notices when the room's next change comes later by this.
LOOK_AGAIN_AFTER = timedelta(seconds=1)
LONGEST_LACKING = 250


def changes_after(case: RoomCase, step: Step, result: Result, stamp: Stamp) -> Change:
    """What the step's result changes."""
    # Done says nothing but that it worked: what that was the step says.
    happened = step.kind if isinstance(result, results.Done) else type(result)
    change = _CHANGES[happened](case, step, result, stamp)
    return _completed(case, step, change, stamp) if change.outcome == "done" else change


def _completed(case: RoomCase, step: Step, change: Change, stamp: Stamp) -> Change:
    """The change with what every success brings along."""
    columns = dict(change.columns)
    if "state" in columns:
        columns["thresholds"] = case.thresholds
    heals = case.recorded.failing_step
    if heals is not None and (heals == step.kind or step.kind not in HEALS_ONLY_ITSELF):
        columns |= HEALED
    return replace(change, columns=columns, late=_lateness(case, step, columns.get("state"), stamp))


def _lateness(case: RoomCase, step: Step, state: RoomState | None, stamp: Stamp) -> timedelta | None:
    is_new = state is not None and state == step.state != case.recorded.state
    due_at = due_since(case, step.state) if is_new and not step.is_upkeep else None
    return max(stamp.at.product - due_at, timedelta(0)) if due_at else None


# --- It worked as the step says


def _access_set(case: RoomCase, step: Step, result: results.Done, stamp: Stamp) -> Change:
    """The channel lets in exactly whom the step named."""
    is_new = step.state != case.recorded.state
    columns = {
        "state": step.state,
        "overwrites": step.overwrites,
        "granted_at": stamp.at.machine - stamp.took,
        "to_disconnect": to_disconnect(case, step.overwrites),
    }
    return Change(columns, Event(_REACHED[step.state] if is_new else EventKind.ACCESS_CORRECTED))


def _role_given(case: RoomCase, step: Step, result: results.Done, stamp: Stamp) -> Change:
    """One more of those whom the room is for has its role."""
    recorded = case.recorded
    columns = {
        "state": step.state,
        "holders": recorded.holders | {step.user_id},
        "maybe_holders": recorded.maybe_holders - {step.user_id},
        "to_disconnect": recorded.to_disconnect - {step.user_id},
    }
    is_first = recorded.state != step.state
    return Change(columns, Event(EventKind.OPENED if is_first else EventKind.ROLE_GIVEN))


def _role_taken(case: RoomCase, step: Step, result: results.Done, stamp: Stamp) -> Change:
    """One of those who had the room's role, or may have had it, has it no more."""
    recorded = case.recorded
    columns: dict[str, Any] = {
        "holders": recorded.holders - {step.user_id},
        "maybe_holders": recorded.maybe_holders - {step.user_id},
    }
    if step.state != recorded.state:
        columns["state"] = step.state
    if case.is_of_shared_role or find_occupant(case, step) is None:
        columns["to_disconnect"] = recorded.to_disconnect | {step.user_id}
    if recorded.discord_channel_id:
        columns["granted_at"] = stamp.at.machine
    return Change(columns, Event(EventKind.ROLE_TAKEN))


def _settled(case: RoomCase, step: Step, result: results.Done, stamp: Stamp) -> Change:
    """The room is in this state without any call: nothing of it stands, or nobody is left to let in."""
    columns: dict[str, Any] = {"state": step.state}
    if step.state != RoomState.OPEN:
        columns |= NOBODY_HOLDS
    if step.state == RoomState.REMOVED:
        columns |= NO_CHANNEL
    is_reached = step.state in (RoomState.OPEN, RoomState.CLOSED)
    return Change(columns, Event(_REACHED[step.state] if is_reached else EventKind.SETTLED))


# --- Made, or found after a doubt


def _after_made(case: RoomCase, step: Step, result: results.Made, stamp: Stamp) -> Change:
    """The channel stands with the overwrites it was made with."""
    columns = NOTHING_IN_DOUBT | {
        "state": step.state,
        "discord_channel_id": result.channel.channel_id,
        "parent_id": result.channel.parent_id,
        "overwrites": step.overwrites,
        "made_at": stamp.at.machine,
        "granted_at": stamp.at.machine - stamp.took,
        "checked_at": stamp.at.machine,
        "greeting_message_id": None,
        "warned_at": None,
    }
    return Change(columns, Event(EventKind.MADE_HIDDEN if step.state == RoomState.HIDDEN else EventKind.MADE_OPEN))


def _after_found(case: RoomCase, step: Step, result: results.Found, stamp: Stamp) -> Change:
    """The channel in doubt stands and is ours, with the overwrites it was found with."""
    channel = result.channel
    lets_in = {entry.target_id for entry in channel.overwrites if entry.is_member} - {result.bot_id}
    columns = (
        HEALED
        | NOTHING_IN_DOUBT
        | {
            "state": RoomState.OPEN if lets_in else RoomState.HIDDEN,
            "discord_channel_id": channel.channel_id,
            "parent_id": channel.parent_id,
            "overwrites": channel.overwrites,
            "made_at": stamp.at.machine,
            "granted_at": case.recorded.intended_at,
            "checked_at": stamp.at.machine,
        }
    )
    return Change(columns, Event(EventKind.FOUND))


def _after_role_made(case: RoomCase, step: Step, result: results.RoleMade, stamp: Stamp) -> Change:
    """The role stands, and nobody has been given it yet."""
    columns = HEALED | NOBODY_HOLDS | NOTHING_IN_DOUBT | {"discord_role_id": result.role_id}
    return Change(columns, Event(EventKind.ROLE_FOUND if result.is_found else EventKind.ROLE_MADE))


def _after_not_found(case: RoomCase, step: Step, result: results.NotFound, stamp: Stamp) -> Change:
    return Change({"looked_at": stamp.at.machine}, Event(EventKind.NOT_FOUND))


def _after_full(case: RoomCase, step: Step, result: results.Full, stamp: Stamp) -> Change:
    """The room goes into the next category; without a role it lets in its people by name."""
    if result.part == Part.ROLE:
        event = Event(EventKind.NO_MORE_ROLES, Because(result.refusal))
        return Change(NOTHING_IN_DOUBT | {"mode": AccessMode.MEMBERS}, event)
    return Change({"intended_at": None}, Event(EventKind.CATEGORY_FULL), category={"is_full": True})


# --- Gone, by us or by others


def _after_gone(case: RoomCase, step: Step, result: results.Gone, stamp: Stamp) -> Change:
    """The channel, the role or the person is gone because we wanted it so."""
    if step.kind == StepKind.DISCONNECT:
        return disconnected(case, step, result.was_there, stamp)
    if step.kind == StepKind.REMOVE_ROLE:
        kind = EventKind.ROLE_REMOVED if result.was_there else EventKind.ROLE_ALREADY_GONE
        columns = NOBODY_HOLDS | {"state": step.state, "discord_role_id": None}
        return Change(columns, Event(kind), wants_search=not result.was_there)
    return Change(
        NO_CHANNEL | {"state": step.state, "checked_at": stamp.at.machine},
        Event(EventKind.REMOVED if result.was_there else EventKind.ALREADY_GONE),
        category={"is_full": False},
        wants_search=not result.was_there,
    )


def _after_lost(case: RoomCase, step: Step, result: results.Lost, stamp: Stamp) -> Change:
    """The part is gone although nobody here removed it."""
    if result.part == Part.CATEGORY:
        gone = NO_CHANNEL | {"state": RoomState.ABSENT, "is_full": False}
        return Change({"intended_at": None}, Event(EventKind.CATEGORY_DELETED), category=gone)
    if result.part == Part.ROLE:
        return _role_lost(case)
    columns = NO_CHANNEL | {"state": RoomState.ABSENT, "checked_at": stamp.at.machine}
    return Change(columns, Event(EventKind.DELETED_BY_OTHERS), wants_search=True)


def _role_lost(case: RoomCase) -> Change:
    """With the role everybody's right to enter is gone."""
    columns = NOBODY_HOLDS | {"intended_at": None}
    if not case.is_of_shared_role:
        columns["discord_role_id"] = None
    is_shared = case.is_of_shared_role or case.kind == RoomKind.SHARED
    return Change(columns, Event(EventKind.ROLE_DELETED), loses_shared_role=is_shared, wants_search=True)


# --- It did not work


def _after_refusal(case: RoomCase, step: Step, result: results.Refused, stamp: Stamp) -> Change:
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
        Event(EventKind.STEP_FAILED, Trouble(step.kind, failure.kind)),
        wants_search=is_doubtful,
        # Servers in Discovery refuse some words in names: other letters may pass.
        wants_code=failure.kind == Refusal.NAME_REFUSED,
        outcome="failed",
    )


def _after_delay(case: RoomCase, step: Step, result: results.Delayed, stamp: Stamp) -> Change:
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
    event = Event(EventKind.STEP_DELAYED, Trouble(step.kind, failure.kind)) if is_news else None
    return Change(columns, event, outcome="waited")


_CHANGES: dict[type[Result] | StepKind, Callable[[RoomCase, Step, Any, Stamp], Change]] = {
    StepKind.SET_ACCESS: _access_set,
    StepKind.GIVE_ROLE: _role_given,
    StepKind.TAKE_ROLE: _role_taken,
    StepKind.SETTLE: _settled,
    results.Made: _after_made,
    results.RoleMade: _after_role_made,
    results.Found: _after_found,
    results.NotFound: _after_not_found,
    results.Full: _after_full,
    results.Gone: _after_gone,
    results.Lost: _after_lost,
    results.Posted: after_posting,
    results.Checked: after_check,
    results.MemberChecked: after_member_check,
    results.Seen: after_look,
    results.Refused: _after_refusal,
    results.Delayed: _after_delay,
}
