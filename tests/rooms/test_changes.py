"""What each result changes in a room's row, and the line that tells of it: tables over the pure function."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from inspect import isfunction, signature
from typing import Any, TypedDict, Unpack

import pytest

from coaching.catalog.timing import DEFAULT
from coaching.guild_parts import Channel, Member, Overwrite
from coaching.guild_rights import BOT_RIGHTS
from coaching.log_lines import Event
from coaching.refusals import Refusal
from coaching.rooms.planning.case import AccessMode, Occupant, RoomCase, RoomKind, RoomRecord, RoomState, StepKind
from coaching.rooms.planning.steps import Reason, Step
from coaching.rooms.recording import changes, upkeep_changes
from coaching.rooms.recording.changes import NO_CHANNEL, NOBODY_HOLDS
from coaching.rooms.recording.events import Because, EventKind, OfSide, Side, Trouble
from coaching.rooms.recording.results import HEALED, Change, Result, Stamp, changes_after
from tests.clocks import at
from tests.rooms.differences import RecordDifferences

START = datetime(2027, 3, 9, 12, 0, tzinfo=UTC)
NOW = START - timedelta(minutes=14)
MACHINE = datetime(2027, 1, 1, tzinfo=UTC)
TOOK = timedelta(seconds=2)
STAMP = Stamp(at(NOW, MACHINE), TOOK, 200)
GUILD, CHANNEL, ROLE, BOT, COACH, STUDENT, OTHER = "1", "22", "33", "99", "7", "8", "9"
COACH_IN, STUDENT_IN, OTHER_IN = (Overwrite(user_id, True, allow=1) for user_id in (COACH, STUDENT, OTHER))
OPEN_TO_BOTH = frozenset({COACH_IN, STUDENT_IN, Overwrite(BOT, True, allow=BOT_RIGHTS)})
SHUT = frozenset({Overwrite(BOT, True, allow=BOT_RIGHTS)})
STUDENT_AS_OCCUPANT = Occupant(STUDENT, person_id=2)
BOTH = (Occupant(COACH, person_id=1, is_coach=True), STUDENT_AS_OCCUPANT)
E = EventKind


class ByRole(TypedDict):
    mode: AccessMode
    discord_role_id: str


class Shared(TypedDict):
    mode: AccessMode
    shared_role_id: str
    discord_channel_id: None


def case_of(
    state: RoomState = RoomState.OPEN,
    /,
    *,
    mode: AccessMode = AccessMode.MEMBERS,
    occupants: tuple[Occupant, ...] = BOTH,
    shared_role_id: str | None = None,
    **differences: Unpack[RecordDifferences],
) -> RoomCase:
    """A room that stands open for coach and student, with what is different."""
    ordinary = RoomRecord(
        id=1,
        version=3,
        state=state,
        mode=mode,
        asked_mode=mode,
        discord_guild_id=GUILD,
        discord_channel_id=CHANNEL,
        overwrites=OPEN_TO_BOTH,
    )
    return RoomCase(
        session_id=5,
        session_code="abc",
        starts_at=START,
        ends_at=START + timedelta(hours=1),
        is_on=True,
        has_video=True,
        timing=DEFAULT,
        guild_id=GUILD,
        mode=mode,
        recorded=replace(ordinary, **differences),
        occupants=occupants,
        shared_role_id=shared_role_id,
    )


def step_of(kind: StepKind, state: RoomState = RoomState.OPEN, **values: Any) -> Step:
    return Step(kind, Reason.TIME_TO_OPEN, state, **values)


def after(case: RoomCase, step: Step, result: Result) -> Change:
    return changes_after(case, step, result, STAMP)


def columns_after(case: RoomCase, step: Step, result: Result) -> dict[str, Any]:
    return dict(after(case, step, result).columns)


BY_ROLE = ByRole(mode=AccessMode.SESSION_ROLE, discord_role_id=ROLE)
SHARED = Shared(mode=AccessMode.SHARED_ROLE, shared_role_id=ROLE, discord_channel_id=None)
MAKE, MAKE_ROLE, FIND = step_of(StepKind.MAKE), step_of(StepKind.MAKE_ROLE), step_of(StepKind.FIND)
MAKE_HIDDEN = step_of(StepKind.MAKE, RoomState.HIDDEN)
LOOK = step_of(StepKind.LOOK, user_id=STUDENT)
GREET, CHECK = step_of(StepKind.GREET), step_of(StepKind.CHECK)
DISCONNECT = step_of(StepKind.DISCONNECT, user_id=STUDENT)
REMOVE = step_of(StepKind.REMOVE, RoomState.REMOVED)
GIVE, TAKE = step_of(StepKind.GIVE_ROLE, user_id=STUDENT), step_of(StepKind.TAKE_ROLE, user_id=STUDENT)
SEEN = Channel(CHANNEL, "coaching-abc", overwrites=OPEN_TO_BOTH)
CHANGED = replace(SEEN, overwrites=SHUT | {OTHER_IN})
LIMITED = Refusal.RATE_LIMITED


def refused(kind: Refusal, lacking: str = "") -> Result:
    return partial(changes.refused, kind, MACHINE, lacking)


TOLD = partial(changes.delayed, LIMITED, MACHINE)


def ours(case: RoomCase, step: Step, stamp: Stamp) -> Change:
    """The same from our own budget: no answer came."""
    return TOLD(case, step, replace(stamp, status=None))


LINES: list[tuple[RoomCase, Step, Result, Event[EventKind] | None]] = [
    (case_of(RoomState.ABSENT), MAKE_HIDDEN, partial(changes.made, SEEN), Event(E.MADE_HIDDEN)),
    (case_of(RoomState.ABSENT), MAKE, partial(changes.made, SEEN), Event(E.MADE_OPEN)),
    (case_of(RoomState.ABSENT), FIND, partial(changes.found, SEEN, BOT), Event(E.FOUND)),
    (case_of(RoomState.ABSENT), FIND, changes.not_found, Event(E.NOT_FOUND)),
    (case_of(RoomState.ABSENT), FIND, partial(changes.role_made, ROLE), Event(E.ROLE_FOUND)),
    (case_of(RoomState.ABSENT), MAKE_ROLE, partial(changes.role_made, ROLE), Event(E.ROLE_MADE)),
    (
        case_of(RoomState.ABSENT),
        MAKE_ROLE,
        partial(changes.roles_full, Refusal.ROLES_FULL),
        Event(E.NO_MORE_ROLES, Because(Refusal.ROLES_FULL)),
    ),
    (case_of(), MAKE, changes.category_full, Event(E.CATEGORY_FULL)),
    (case_of(), MAKE, changes.category_lost, Event(E.CATEGORY_DELETED)),
    (case_of(**BY_ROLE), MAKE, changes.role_lost, Event(E.ROLE_DELETED)),
    (case_of(), CHECK, changes.channel_lost, Event(E.DELETED_BY_OTHERS)),
    (case_of(RoomState.HIDDEN), step_of(StepKind.SET_ACCESS), changes.access_set, Event(E.OPENED)),
    (case_of(), step_of(StepKind.SET_ACCESS, RoomState.CLOSED), changes.access_set, Event(E.CLOSED)),
    (case_of(), step_of(StepKind.SET_ACCESS, RoomState.HIDDEN), changes.access_set, Event(E.HIDDEN)),
    (case_of(), step_of(StepKind.SET_ACCESS), changes.access_set, Event(E.ACCESS_CORRECTED)),
    (case_of(RoomState.HIDDEN, **BY_ROLE), GIVE, changes.role_given, Event(E.OPENED)),
    (case_of(**BY_ROLE), GIVE, changes.role_given, Event(E.ROLE_GIVEN)),
    (case_of(**BY_ROLE), TAKE, changes.role_taken, Event(E.ROLE_TAKEN)),
    (case_of(), step_of(StepKind.SETTLE, RoomState.REMOVED), changes.settled, Event(E.SETTLED)),
    (case_of(), step_of(StepKind.SETTLE, RoomState.CLOSED), changes.settled, Event(E.CLOSED)),
    (case_of(), step_of(StepKind.SETTLE), changes.settled, Event(E.OPENED)),
    (case_of(), REMOVE, partial(changes.removed, True), Event(E.REMOVED)),
    (case_of(), REMOVE, partial(changes.removed, False), Event(E.ALREADY_GONE)),
    (case_of(), step_of(StepKind.REMOVE_ROLE), partial(changes.role_removed, True), Event(E.ROLE_REMOVED)),
    (case_of(), step_of(StepKind.REMOVE_ROLE), partial(changes.role_removed, False), Event(E.ROLE_ALREADY_GONE)),
    (case_of(), DISCONNECT, partial(upkeep_changes.disconnected, True), Event(E.DISCONNECTED)),
    (case_of(), DISCONNECT, partial(upkeep_changes.disconnected, False), None),
    (case_of(), GREET, partial(upkeep_changes.greeted, "5"), Event(E.GREETED)),
    (case_of(), step_of(StepKind.WARN), upkeep_changes.warned, Event(E.WARNED)),
    (case_of(), CHECK, partial(upkeep_changes.checked, SEEN), None),
    (case_of(), CHECK, partial(upkeep_changes.checked, CHANGED), Event(E.CHANGED_BY_OTHERS)),
    (case_of(), MAKE, refused(LIMITED), Event(E.STEP_FAILED, Trouble(StepKind.MAKE, LIMITED))),
    (case_of(), LOOK, TOLD, Event(E.STEP_DELAYED, Trouble(StepKind.LOOK, LIMITED))),
    (case_of(), MAKE, ours, Event(E.STEP_DELAYED, Trouble(StepKind.MAKE, LIMITED))),
    (case_of(), LOOK, ours, None),
]  # fmt: skip


def test_every_result_is_among_these_lines() -> None:
    tested = {getattr(result, "func", result) for _, _, result, _ in LINES if result is not ours}
    # Of these two it depends on what was known before: below.
    tested |= {upkeep_changes.looked, upkeep_changes.member_checked}
    functions = {var for module in (changes, upkeep_changes) for var in vars(module).values() if isfunction(var)}
    assert tested == {
        function for function in functions if list(signature(function).parameters)[-3:] == ["case", "step", "stamp"]
    }


def test_each_result_is_told_in_one_line_or_none() -> None:
    for case, step, result, event in LINES:
        assert after(case, step, result).event == event, (step.kind, result)


# --- Who comes and goes


@pytest.mark.parametrize(
    ("before", "is_inside", "kind", "seconds"),
    [
        ({}, True, E.CAME, 0),
        ({}, False, None, 0),
        ({"is_inside": True, "looked": 60, "seen": 60}, True, None, 60),
        ({"is_inside": True, "looked": 60, "seen": 60}, False, E.LEFT, 0),
        # Who lost the line, or was disconnected, was here before.
        ({"is_inside": False, "looked": 40, "seen": 100}, True, E.CAME_BACK, 0),
        ({"is_inside": False, "looked": 40, "seen": 100}, False, None, 0),
        ({"is_inside": False, "looked": 40, "seen": None}, True, E.CAME, 0),
        # Too long between two looks, or a clock that was put back.
        ({"is_inside": True, "looked": 301, "seen": 301}, True, None, 0),
        ({"is_inside": True, "looked": -5, "seen": -5}, True, None, 0),
    ],
)
def test_who_comes_leaves_and_comes_back_is_told_as_that(
    before: dict[str, Any], is_inside: bool, kind: EventKind | None, seconds: int
) -> None:
    ago = {name: MACHINE - timedelta(seconds=before[name]) if before.get(name) else None for name in ("looked", "seen")}
    student = replace(
        STUDENT_AS_OCCUPANT,
        is_inside=before.get("is_inside", False),
        looked_at=ago["looked"],
        last_seen_at=ago["seen"],
        present_at=NOW + timedelta(minutes=5) if ago["seen"] else None,
    )
    change = after(case_of(occupants=(student,)), LOOK, partial(upkeep_changes.looked, is_inside))
    assert change.event == (Event(kind, OfSide(Side.STUDENT)) if kind else None)
    assert change.presence
    seen = {"person": 2, "is_inside": is_inside, "seconds": seconds, "looked_at": MACHINE, "looks": ((NOW, NOW),)}
    # A clock that was put back takes nobody's coming back.
    seen |= {"last_seen_at": MACHINE, "present_at": student.present_at or NOW} if is_inside else {}
    assert change.presence == seen


def test_the_coach_is_told_from_the_student() -> None:
    change = after(case_of(), step_of(StepKind.LOOK, user_id=COACH), partial(upkeep_changes.looked, True))
    assert change.event == Event(E.CAME, OfSide(Side.COACH))


def test_who_is_disconnected_is_not_inside_any_more_and_strangers_are_not_looked_for() -> None:
    change = after(
        case_of(to_disconnect=frozenset({STUDENT, OTHER})), DISCONNECT, partial(upkeep_changes.disconnected, True)
    )
    assert change.presence
    assert (change.presence["is_inside"], change.columns["to_disconnect"]) == (False, {OTHER})
    change = after(
        case_of(to_disconnect=frozenset({OTHER})),
        step_of(StepKind.DISCONNECT, user_id=OTHER),
        partial(upkeep_changes.disconnected, True),
    )
    assert (change.presence, change.columns["to_disconnect"]) == (None, frozenset())


# --- The row


def test_a_made_room_is_granted_from_when_it_was_asked_for() -> None:
    step = step_of(StepKind.MAKE, overwrites=OPEN_TO_BOTH)
    columns = columns_after(case_of(RoomState.ABSENT, intended_at=MACHINE), step, partial(changes.made, SEEN))
    assert columns["granted_at"] == MACHINE - TOOK
    assert (columns["made_at"], columns["checked_at"], columns["intended_at"]) == (MACHINE, MACHINE, None)
    assert (columns["state"], columns["overwrites"]) == (RoomState.OPEN, OPEN_TO_BOTH)
    assert columns["discord_channel_id"] == CHANNEL
    assert columns["thresholds"] == case_of().thresholds


@pytest.mark.parametrize(("overwrites", "state"), [(OPEN_TO_BOTH, RoomState.OPEN), (SHUT, RoomState.HIDDEN)])
def test_a_found_room_is_in_the_state_that_its_overwrites_say(overwrites: Any, state: RoomState) -> None:
    case = case_of(RoomState.ABSENT, intended_at=MACHINE - TOOK, failing_step=StepKind.MAKE, attempts=2)
    columns = columns_after(case, FIND, partial(changes.found, replace(SEEN, overwrites=overwrites), BOT))
    assert (columns["state"], columns["granted_at"]) == (state, MACHINE - TOOK)
    assert {name: columns[name] for name in HEALED} == HEALED


@pytest.mark.parametrize(
    ("failing", "step", "heals"),
    [
        (StepKind.GREET, CHECK, False),
        (StepKind.GREET, GREET, True),
        (StepKind.GREET, step_of(StepKind.SET_ACCESS), True),
        (StepKind.MAKE, FIND, False),
        (None, CHECK, False),
    ],
)
def test_a_success_heals_what_it_says_something_about(failing: StepKind | None, step: Step, heals: bool) -> None:
    results: dict[StepKind, Result] = {
        StepKind.CHECK: partial(upkeep_changes.checked, SEEN),
        StepKind.GREET: partial(upkeep_changes.greeted, "5"),
        StepKind.SET_ACCESS: changes.access_set,
        StepKind.FIND: changes.not_found,
    }
    columns = columns_after(case_of(failing_step=failing, attempts=3), step, results[step.kind])
    assert ("failing_step" in columns) is heals


def test_who_loses_an_entry_is_disconnected_later_unless_looked_for() -> None:
    case = case_of(overwrites=OPEN_TO_BOTH | {OTHER_IN}, to_disconnect=frozenset({"6"}))
    columns = columns_after(case, step_of(StepKind.SET_ACCESS, overwrites=SHUT), changes.access_set)
    assert columns["to_disconnect"] == {"6", OTHER}
    case = case_of(RoomState.OPEN, **BY_ROLE, holders=frozenset({OTHER, STUDENT}), overwrites=SHUT)
    assert columns_after(case, CHECK, partial(upkeep_changes.checked, replace(SEEN, overwrites=SHUT)))[
        "to_disconnect"
    ] == {OTHER}


def test_a_role_given_or_taken_changes_who_has_it() -> None:
    case = case_of(
        **BY_ROLE, holders=frozenset({COACH}), maybe_holders=frozenset({STUDENT}), to_disconnect=frozenset({STUDENT})
    )
    columns = columns_after(case, GIVE, changes.role_given)
    assert (columns["holders"], columns["maybe_holders"]) == ({COACH, STUDENT}, frozenset())
    assert columns["to_disconnect"] == set()
    columns = columns_after(case, TAKE, changes.role_taken)
    assert (columns["holders"], columns["maybe_holders"]) == ({COACH}, frozenset())
    assert "state" not in columns
    # Who is looked for needs no other reminder; with a shared role nobody else looks.
    assert "to_disconnect" not in columns
    assert columns_after(case_of(**SHARED), TAKE, changes.role_taken)["to_disconnect"] == {STUDENT}


def test_what_is_removed_leaves_nothing_and_what_was_missing_is_searched_for() -> None:
    change = after(case_of(), REMOVE, partial(changes.removed, True))
    assert {name: change.columns[name] for name in NO_CHANNEL} == NO_CHANNEL
    assert (change.category, change.wants_search) == ({"is_full": False}, False)
    assert after(case_of(), REMOVE, partial(changes.removed, False)).wants_search
    assert after(case_of(), step_of(StepKind.REMOVE_ROLE), partial(changes.role_removed, False)).wants_search
    lost = after(case_of(), GREET, changes.channel_lost)
    assert (lost.columns["state"], lost.wants_search) == (RoomState.ABSENT, True)


def test_a_category_is_full_or_gone_for_all_of_its_rooms() -> None:
    full = after(case_of(), MAKE, changes.category_full)
    assert (full.category, full.columns["intended_at"]) == ({"is_full": True}, None)
    gone = after(case_of(), MAKE, changes.category_lost)
    assert gone.category == NO_CHANNEL | {"state": RoomState.ABSENT, "is_full": False}


def test_a_lost_role_is_forgotten_where_it_stood() -> None:
    own = after(case_of(**BY_ROLE), GIVE, changes.role_lost)
    assert (own.columns["discord_role_id"], own.loses_shared_role, own.wants_search) == (None, False, True)
    shared = after(case_of(**SHARED), GIVE, changes.role_lost)
    assert shared.loses_shared_role
    assert "discord_role_id" not in shared.columns
    of_store = after(replace(case_of(), kind=RoomKind.SHARED), CHECK, changes.role_lost)
    assert (of_store.loses_shared_role, of_store.columns["discord_role_id"]) == (True, None)
    for change in (own, shared, of_store):
        assert {name: change.columns[name] for name in NOBODY_HOLDS} == NOBODY_HOLDS


# --- Members


@pytest.mark.parametrize(
    ("case", "member", "kind", "columns"),
    [
        (case_of(), Member(STUDENT, "Bob"), None, {}),
        (case_of(), None, None, {}),
        (case_of(granted_at=MACHINE), Member(STUDENT, "Bob", joined_at=MACHINE - timedelta(seconds=10)), None, {}),
        (
            case_of(granted_at=MACHINE),
            Member(STUDENT, "Bob", joined_at=MACHINE - timedelta(seconds=9)),
            E.JOINED_LATE,
            {"overwrites": OPEN_TO_BOTH - {STUDENT_IN}},
        ),
        (
            case_of(**BY_ROLE, holders=frozenset({COACH, STUDENT})),
            Member(STUDENT, "Bob"),
            E.ROLE_MISSING,
            {"holders": {COACH}},
        ),
        (case_of(**BY_ROLE, holders=frozenset({STUDENT})), Member(STUDENT, "Bob", frozenset({ROLE})), None, {}),
    ],
)
def test_who_left_or_joined_is_let_in_anew(
    case: RoomCase, member: Member | None, kind: EventKind | None, columns: dict[str, Any]
) -> None:
    change = after(
        case, step_of(StepKind.CHECK_MEMBER, user_id=STUDENT), partial(upkeep_changes.member_checked, member)
    )
    assert (change.event, change.columns) == (Event(kind) if kind else None, columns)
    assert change.is_member is (member is not None)


# --- What does not work


def test_a_failure_is_kept_with_what_may_have_worked_all_the_same() -> None:
    case = case_of(RoomState.ABSENT, intended_at=MACHINE, failing_step=StepKind.MAKE, attempts=2)
    failed = after(case, MAKE, refused(Refusal.MISSING_PERMISSION, "x" * 300))
    assert failed.columns == {
        "failing_step": StepKind.MAKE,
        "attempts": 3,
        "last_error": Refusal.MISSING_PERMISSION,
        "lacking": "x" * 250,
        "next_try_at": MACHINE,
        "intended_at": None,
    }
    assert (failed.outcome, failed.wants_search, failed.wants_code) == ("failed", False, False)
    unknown = after(case, MAKE, refused(Refusal.NO_ANSWER))
    assert ("intended_at" in unknown.columns, unknown.wants_search) == (False, True)
    assert after(case, MAKE, refused(Refusal.NAME_REFUSED)).wants_code
    assert after(case, CHECK, refused(Refusal.OTHER)).columns["checked_at"] == MACHINE


def test_a_role_with_an_unknown_outcome_keeps_it_when_giving_it_is_refused() -> None:
    case = case_of(**BY_ROLE, maybe_holders=frozenset({OTHER}))
    for result in (refused(Refusal.BANNED), TOLD):
        assert columns_after(case, GIVE, result)["maybe_holders"] == {OTHER}
    assert "maybe_holders" not in columns_after(case, GIVE, refused(Refusal.SERVER_ERROR))


def test_a_delay_is_no_failure_and_holds_up_nobody_who_waits_already() -> None:
    change = after(case_of(attempts=2), step_of(StepKind.SET_ACCESS), TOLD)
    assert change.columns == {
        "next_try_at": MACHINE,
        "failing_step": StepKind.SET_ACCESS,
        "last_error": Refusal.RATE_LIMITED,
    }
    assert (change.outcome, change.late) == ("waited", None)
    assert "attempts" not in columns_after(
        case_of(failing_step=StepKind.SET_ACCESS), step_of(StepKind.SET_ACCESS), TOLD
    )
    assert columns_after(case_of(), LOOK, ours) == {"next_try_at": MACHINE}
    waits = case_of(failing_step=StepKind.DISCONNECT)
    assert columns_after(waits, LOOK, ours) == {"claimed_until": MACHINE + timedelta(seconds=1)}


@pytest.mark.parametrize(("attempts", "counted"), [(0, 1), (3, 3)])
def test_upkeep_that_is_told_to_wait_again_counts_as_failing(attempts: int, counted: int) -> None:
    assert "attempts" not in columns_after(case_of(failing_step=StepKind.GREET), LOOK, TOLD)
    case = case_of(failing_step=StepKind.LOOK, attempts=attempts)
    assert columns_after(case, LOOK, TOLD)["attempts"] == counted


@pytest.mark.parametrize("result", [TOLD, refused(Refusal.SERVER_ERROR)])
def test_what_fails_beside_a_shared_role_that_cannot_be_made_leaves_the_role_its_pause(result: Result) -> None:
    shared = case_of(failing_step=StepKind.MAKE_ROLE, attempts=2)
    later = {"claimed_until": MACHINE + timedelta(minutes=5)}
    assert columns_after(replace(shared, kind=RoomKind.SHARED), CHECK, result).items() >= later.items()
    assert "failing_step" not in columns_after(replace(shared, kind=RoomKind.SHARED), CHECK, result)
    assert columns_after(shared, CHECK, result)["failing_step"] == StepKind.CHECK


# --- Lateness


@pytest.mark.parametrize(
    ("case", "step", "result", "late"),
    [
        (case_of(RoomState.HIDDEN), step_of(StepKind.SET_ACCESS), changes.access_set, timedelta(minutes=1)),
        (case_of(RoomState.ABSENT), MAKE, partial(changes.made, SEEN), timedelta(minutes=1)),
        (case_of(), step_of(StepKind.SET_ACCESS), changes.access_set, None),
        # A room that has not come into its state is not counted yet, but when it does.
        (case_of(RoomState.ABSENT), MAKE, changes.category_full, None),
        (case_of(RoomState.HIDDEN), step_of(StepKind.SET_ACCESS), changes.channel_lost, None),
        (case_of(RoomState.HIDDEN), step_of(StepKind.SET_ACCESS), refused(LIMITED), None),
    ],
)
def test_how_late_a_room_came_is_counted_when_it_came(
    case: RoomCase, step: Step, result: Result, late: timedelta | None
) -> None:
    assert after(case, step, result).late == late
