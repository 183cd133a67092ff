"""When a call was answered, what is to be written down of that, and what every change brings along. Pure.

Columns are named as in the table and hold plain values; `mutations.record` writes them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from coaching.guild_rights import Right
from coaching.log_lines import Event
from coaching.now import Now
from coaching.rooms.planning.case import RoomCase, RoomKind, RoomState, StepKind
from coaching.rooms.planning.coverage import joined
from coaching.rooms.planning.status import due_since
from coaching.rooms.planning.steps import UPKEEP, Step
from coaching.rooms.recording.events import EventKind

# A check that works says nothing about a greeting that does not; looking for what may be made, nothing about making it.
HEALS_ONLY_ITSELF = UPKEEP | {StepKind.FIND}
HEALED: dict[str, Any] = {"failing_step": None, "attempts": 0, "last_error": None, "lacking": "", "next_try_at": None}
# A room that flickers for days fills no row.
MOST_SPANS = 50
# The names under which steps and late rooms are tallied.
# Labels: "<step> <outcome>"; "<state> <bucket>"; "<state>", in milliseconds.
STEPS, LATE, LATE_SUM = "steps", "late", "late_sum"
# How many seconds late at most; each room is counted in the first bucket it fits in.
BOUNDS = (1, 2, 5, 10, 30, 60, 300, 1800)
LATER = "+Inf"
BUCKETS = (*map(str, BOUNDS), LATER)


@dataclass(frozen=True)
class Stamp:
    """When a call was answered, by both clocks, how long it took, and with which status and code of Discord's."""

    at: Now
    took: timedelta = timedelta()
    status: int | None = None
    code: int | None = None


@dataclass(frozen=True)
class Change:
    """All that is to be written down of one call. `columns` are those of the room's row, as plain values.

    `presence` are columns of the person's row, its seconds to be added to those there; `category` columns of the one
    in which the room is made or was; `is_member` is about the step's person, None where that was not asked.
    """

    columns: Mapping[str, Any] = field(default_factory=dict)
    event: Event[EventKind] | None = None
    presence: Mapping[str, Any] | None = None
    is_member: bool | None = None
    category: Mapping[str, Any] | None = None
    loses_shared_role: bool = False
    wants_search: bool = False  # for orphans: Discord may have told something untrue
    wants_code: bool = False  # Discord refuses the name that the present one makes
    outcome: Literal["done", "failed", "waited"] = "done"
    late: timedelta | None = None  # how long after its time the room came into its new state


# What a call came to, as the function of `changes.py` or `upkeep_changes.py` that says what it changes.
Result = Callable[[RoomCase, Step, Stamp], Change]


def changes_after(case: RoomCase, step: Step, result: Result, stamp: Stamp) -> Change:
    """What the step's result changes, with what every success brings along, and since when the student is let in."""
    change = result(case, step, stamp)
    columns, late = dict(change.columns), None
    if change.outcome == "done":
        late = _lateness(case, step, columns.get("state"), stamp)
        if "state" in columns:
            columns["thresholds"] = case.thresholds
        heals = case.recorded.failing_step
        heals_all = step.kind not in HEALS_ONLY_ITSELF and not is_beside_role(case, step)
        if heals is not None and (heals == step.kind or heals_all):
            columns |= HEALED
    return replace(change, columns=columns | _way_in(case, columns, stamp.at.product), late=late)


def is_beside_role(case: RoomCase, step: Step) -> bool:
    """True of what is done beside the making of a shared role, which waits: the row's pause is that one's."""
    return case.kind == RoomKind.SHARED and case.recorded.failing_step == StepKind.MAKE_ROLE != step.kind


def _lateness(case: RoomCase, step: Step, state: RoomState | None, stamp: Stamp) -> timedelta | None:
    is_new = state is not None and state == step.state != case.recorded.state
    due_at = due_since(case, step.state) if is_new and not step.is_upkeep else None
    return max(stamp.at.product - due_at, timedelta(0)) if due_at else None


def tallies(step: Step, change: Change) -> list[tuple[str, str, int]]:
    """What is counted for whoever watches the figures, in the same order everywhere: see `tallies/mutations.py`."""
    counts = [(STEPS, f"{step.kind} {change.outcome}", 1)]
    if change.late is not None:
        milliseconds = round(change.late.total_seconds() * 1000)
        counts += [(LATE, f"{step.state} {bucket_of(change.late)}", 1), (LATE_SUM, step.state, milliseconds)]
    return counts


def bucket_of(late: timedelta) -> str:
    """The bucket in which a room that is so late is counted."""
    return next((str(seconds) for seconds in BOUNDS if late <= timedelta(seconds=seconds)), LATER)


# --- Since when the room lets its student in. Money rests on it: a call into which it never let them is paid back.


def _way_in(case: RoomCase, columns: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The columns that say so, where the call's own `columns` change it; instants by the product's clock."""
    since = case.recorded.let_in_since
    if case.kind != RoomKind.SESSION or _lets_in_student(case, columns) == (since is not None):
        return {}
    return {"let_in_since": now} if since is None else closed(case.recorded.let_in, since, now)


def closed(let_in: Any, since: datetime, now: datetime) -> dict[str, Any]:
    """The columns of a room that lets its student in no more."""
    return {"let_in_since": None, "let_in": joined([*let_in, (since, max(since, now))])[-MOST_SPANS:]}


def _lets_in_student(case: RoomCase, columns: Mapping[str, Any]) -> bool:
    recorded = case.recorded
    if columns.get("state", recorded.state) != RoomState.OPEN:
        return False
    # Whoever is not on the server cannot enter, whatever stands in the channel.
    students = {occupant.discord_user_id for occupant in case.occupants if not occupant.is_coach and occupant.is_member}
    entries = columns.get("overwrites", recorded.overwrites)
    let_in = {entry.target_id for entry in entries if entry.allow & Right.CONNECT}
    if case.is_of_shared_role or case.has_own_role:
        holders = columns.get("holders", recorded.holders)
        is_closed = not case.is_of_shared_role and columns.get("discord_role_id", case.role_id) not in let_in
        return bool(students & holders) and not is_closed
    return bool(students & let_in)
