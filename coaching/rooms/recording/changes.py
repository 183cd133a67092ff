"""What each thing that a call can come to changes in the room's row, and the line of its log that tells of it. Pure.

Columns are named as in the table and hold plain values; `mutations.record` writes them.
"""

from datetime import datetime, timedelta
from typing import Any

from coaching.guild_parts import Channel
from coaching.log_lines import Event
from coaching.refusals import OUTCOME_UNKNOWN, Refusal
from coaching.rooms.planning.case import AccessMode, RoomCase, RoomKind, RoomState, StepKind
from coaching.rooms.planning.steps import Step, attempts_with
from coaching.rooms.recording.events import Because, EventKind, Trouble
from coaching.rooms.recording.results import HEALED, Change, Stamp, is_beside_role
from coaching.rooms.recording.upkeep_changes import find_occupant, to_disconnect, without_intent

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
NO_PENDING_INTENT: dict[str, Any] = {"intended_at": None, "looked_at": None}
# So short that nobody notices when the room's next change comes later by this.
LOOK_AGAIN_AFTER = timedelta(seconds=1)
LONGEST_LACKING = 250
PAUSE_BESIDE_ROLE = timedelta(minutes=5)


# --- It worked as the step says


def access_set(case: RoomCase, step: Step, stamp: Stamp) -> Change:
    """The channel lets in exactly whom the step named."""
    is_new = step.state != case.recorded.state
    columns = {
        "state": step.state,
        "overwrites": step.overwrites,
        "granted_at": stamp.at.machine - stamp.took,
        "to_disconnect": to_disconnect(case, step.overwrites),
    }
    return Change(columns, Event(_REACHED[step.state] if is_new else EventKind.ACCESS_CORRECTED))


def role_given(case: RoomCase, step: Step, stamp: Stamp) -> Change:
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


def role_taken(case: RoomCase, step: Step, stamp: Stamp) -> Change:
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


def settled(case: RoomCase, step: Step, stamp: Stamp) -> Change:
    """The room is in this state without any call: nothing of it exists, or nobody is left to let in."""
    columns: dict[str, Any] = {"state": step.state}
    if step.state != RoomState.OPEN:
        columns |= NOBODY_HOLDS
    if step.state == RoomState.REMOVED:
        columns |= NO_CHANNEL
    is_reached = step.state in (RoomState.OPEN, RoomState.CLOSED)
    return Change(columns, Event(_REACHED[step.state] if is_reached else EventKind.SETTLED))


# --- Made, or found after an unknown outcome


def made(channel: Channel, case: RoomCase, step: Step, stamp: Stamp) -> Change:
    """The channel exists with the overwrites it was made with."""
    columns = NO_PENDING_INTENT | {
        "state": step.state,
        "discord_channel_id": channel.channel_id,
        "parent_id": channel.parent_id,
        "overwrites": step.overwrites,
        "made_at": stamp.at.machine,
        "granted_at": stamp.at.machine - stamp.took,
        "checked_at": stamp.at.machine,
        "greeting_message_id": None,
        "warned_at": None,
    }
    return Change(columns, Event(EventKind.MADE_HIDDEN if step.state == RoomState.HIDDEN else EventKind.MADE_OPEN))


def found(channel: Channel, bot_id: str, case: RoomCase, step: Step, stamp: Stamp) -> Change:
    """The channel exists after all and is ours, with the overwrites it was found with."""
    lets_in = {entry.target_id for entry in channel.overwrites if entry.is_member} - {bot_id}
    columns = (
        HEALED
        | NO_PENDING_INTENT
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


def role_made(role_id: str, case: RoomCase, step: Step, stamp: Stamp) -> Change:
    """The role exists, and nobody has been given it yet."""
    columns = HEALED | NOBODY_HOLDS | NO_PENDING_INTENT | {"discord_role_id": role_id}
    return Change(columns, Event(EventKind.ROLE_FOUND if step.kind == StepKind.FIND else EventKind.ROLE_MADE))


def not_found(case: RoomCase, step: Step, stamp: Stamp) -> Change:
    """Nothing carries the room's code, as far as the bot can see."""
    return Change({"looked_at": stamp.at.machine}, Event(EventKind.NOT_FOUND))


def category_full(case: RoomCase, step: Step, stamp: Stamp) -> Change:
    """Discord takes no more channels in the category: the room goes into the next one."""
    return Change({"intended_at": None}, Event(EventKind.CATEGORY_FULL), category={"is_full": True})


def roles_full(refusal: Refusal, case: RoomCase, step: Step, stamp: Stamp) -> Change:
    """Discord takes no more roles on the server: the room lets in its people by name."""
    columns = NO_PENDING_INTENT | {"mode": AccessMode.MEMBERS}
    return Change(columns, Event(EventKind.NO_MORE_ROLES, Because(refusal)))


# --- Gone, by us or by others


def removed(was_there: bool, case: RoomCase, step: Step, stamp: Stamp) -> Change:
    """The channel is gone because we wanted it so, or Discord knew of none."""
    return Change(
        NO_CHANNEL | {"state": step.state, "checked_at": stamp.at.machine},
        Event(EventKind.REMOVED if was_there else EventKind.ALREADY_GONE),
        category={"is_full": False},
        wants_search=not was_there,
    )


def role_removed(was_there: bool, case: RoomCase, step: Step, stamp: Stamp) -> Change:
    """The role is gone because we wanted it so, or Discord knew of none."""
    kind = EventKind.ROLE_REMOVED if was_there else EventKind.ROLE_ALREADY_GONE
    columns = NOBODY_HOLDS | {"state": step.state, "discord_role_id": None}
    return Change(columns, Event(kind), wants_search=not was_there)


def channel_lost(case: RoomCase, step: Step, stamp: Stamp) -> Change:
    """The channel is gone although nobody here removed it. Discord was asked for it, as in the two below."""
    columns = NO_CHANNEL | {"state": RoomState.ABSENT, "checked_at": stamp.at.machine}
    return Change(columns, Event(EventKind.DELETED_BY_OTHERS), wants_search=True)


def category_lost(case: RoomCase, step: Step, stamp: Stamp) -> Change:
    """The category into which the room was to be made is gone."""
    gone = NO_CHANNEL | {"state": RoomState.ABSENT, "is_full": False}
    return Change({"intended_at": None}, Event(EventKind.CATEGORY_DELETED), category=gone)


def role_lost(case: RoomCase, step: Step, stamp: Stamp) -> Change:
    """With the role everybody's right to enter is gone."""
    columns = NOBODY_HOLDS | {"intended_at": None}
    if not case.is_of_shared_role:
        columns["discord_role_id"] = None
    is_shared = case.is_of_shared_role or case.kind == RoomKind.SHARED
    return Change(columns, Event(EventKind.ROLE_DELETED), loses_shared_role=is_shared, wants_search=True)


# --- It did not work


def refused(kind: Refusal, next_try_at: datetime, lacking: str, case: RoomCase, step: Step, stamp: Stamp) -> Change:
    """The step failed: kept for people to read, and to be tried again at its time."""
    is_outcome_unknown = kind in OUTCOME_UNKNOWN
    columns: dict[str, Any] = {
        "failing_step": step.kind,
        "attempts": attempts_with(case.recorded, step.kind),
        "last_error": kind,
        "lacking": lacking[:LONGEST_LACKING],
        "next_try_at": next_try_at,
    }
    if is_beside_role(case, step):
        columns = {"claimed_until": stamp.at.machine + PAUSE_BESIDE_ROLE}
    if not is_outcome_unknown:
        columns |= without_intent(case, step)
    if step.kind == StepKind.CHECK:
        columns["checked_at"] = stamp.at.machine
    return Change(
        columns,
        Event(EventKind.STEP_FAILED, Trouble(step.kind, kind)),
        wants_search=is_outcome_unknown,
        # Servers in Discovery refuse some words in names: other letters may pass.
        wants_code=kind == Refusal.NAME_REFUSED,
        outcome="failed",
    )


def delayed(kind: Refusal, until: datetime, case: RoomCase, step: Step, stamp: Stamp) -> Change:
    """Nothing was done, and Discord or our own budget named a time: no failure of this room, but perhaps news."""
    columns: dict[str, Any] = {"next_try_at": until}
    # Our own budget puts off looks that come too thick for it: nothing about that is worth telling anybody.
    is_news = stamp.status is not None or not step.is_upkeep
    if is_beside_role(case, step):
        columns = {"claimed_until": max(until, stamp.at.machine + PAUSE_BESIDE_ROLE)}
    elif is_news:
        columns |= {"failing_step": step.kind, "last_error": kind}
        if step.is_upkeep and case.recorded.failing_step == step.kind:
            # Told so again it counts as failing, or it would keep all other upkeep from its turn.
            columns["attempts"] = max(case.recorded.attempts, 1)
    elif case.recorded.failing_step == StepKind.DISCONNECT:
        # The room's pause is that of somebody who cannot be disconnected: it must not end now, nor hold up this look.
        columns = {"claimed_until": stamp.at.machine + LOOK_AGAIN_AFTER}
    columns |= without_intent(case, step)
    event = Event(EventKind.STEP_DELAYED, Trouble(step.kind, kind)) if is_news else None
    return Change(columns, event, outcome="waited")
