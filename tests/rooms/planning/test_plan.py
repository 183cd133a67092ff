"""The planner: one row per threshold, one minute before and on it. Pure, no database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypedDict

import pytest

from coaching.catalog.timing import PRESETS, RoomTiming
from coaching.guild_parts import Overwrite
from coaching.guild_rights import AUDIO_RIGHTS, BOT_RIGHTS, VIDEO_RIGHTS, VIEW_AND_CONNECT
from coaching.now import Now
from coaching.rooms.planning.case import (
    AccessMode,
    Occupant,
    Parent,
    RoomCase,
    RoomKind,
    RoomRecord,
    RoomState,
    StepKind,
)
from coaching.rooms.planning.plan import next_step, step_and_wait, with_shared_role_transfers
from coaching.rooms.planning.status import RoomStatus
from coaching.rooms.planning.steps import UPKEEP, Moment, Reason, attempts_with, retry_pause
from coaching.rooms.planning.timeline import Overrides
from coaching.rooms.planning.wanted import wanted_overwrites

START = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)
END = START + timedelta(hours=1)
# The machine's clock stands elsewhere on purpose: nothing may mix the two.
MACHINE = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
A_MINUTE_AGO = MACHINE - timedelta(minutes=1)
GUILD, BOT, COACH, STUDENT = "10", "40", "21", "22"
A_CASE = RoomCase(
    session_id=1,
    session_code="s1",
    starts_at=START,
    ends_at=END,
    is_on=True,
    has_video=True,
    timing=PRESETS["default"],
    guild_id=GUILD,
    occupants=(
        Occupant(COACH, True, MACHINE, person_id=1, is_coach=True, looked_at=MACHINE),
        Occupant(STUDENT, True, MACHINE, person_id=2, looked_at=MACHINE),
    ),
)
EVERYONE = Overwrite(GUILD, is_member=False, deny=VIEW_AND_CONNECT)
ITSELF = Overwrite(BOT, is_member=True, allow=BOT_RIGHTS)
BOTH = frozenset({Overwrite(COACH, True, VIDEO_RIGHTS), Overwrite(STUDENT, True, VIDEO_RIGHTS)})
SHUT = frozenset({EVERYONE, ITSELF})
ROOM = RoomRecord(
    id=1,
    discord_guild_id=GUILD,
    discord_channel_id="50",
    state=RoomState.HIDDEN,
    overwrites=SHUT,
    made_at=MACHINE - timedelta(minutes=15),
    checked_at=MACHINE,
)
OPEN_ROOM = replace(ROOM, state=RoomState.OPEN, overwrites=SHUT | BOTH, greeting_message_id="90")


def minutes(count):
    return timedelta(minutes=count)


def seconds(count):
    return timedelta(seconds=count)


def at(now, machine_now=MACHINE, stale_before=A_MINUTE_AGO):
    return Moment(Now(now, machine_now), stale_before, BOT)


def with_room(recorded=ROOM, **differences):
    return replace(A_CASE, recorded=recorded, **differences)


def test_a_room_opened_and_closed_long_before_is_not_said_to_have_been_moved():
    opened = replace(ROOM, state=RoomState.OPEN, overwrites=SHUT | BOTH)
    step = next_step(with_room(opened), at(START - timedelta(days=2)))
    assert (step.kind, step.why) == (StepKind.REMOVE, Reason.NOT_NEEDED_YET)


def kind_at(case, now, **moment):
    step = next_step(case, at(now, **moment))
    return step and step.kind


THRESHOLDS = [
    ("default", START - minutes(30), RoomState.ABSENT, RoomState.HIDDEN),
    ("default", START - minutes(15), RoomState.HIDDEN, RoomState.OPEN),
    ("default", END + minutes(15), RoomState.OPEN, RoomState.CLOSED),
    ("default", END + minutes(60), RoomState.CLOSED, RoomState.REMOVED),
    ("early_doors", START - minutes(120), RoomState.ABSENT, RoomState.OPEN),
    ("early_doors", END + minutes(60), RoomState.OPEN, RoomState.REMOVED),
    ("just_in_time", START - minutes(15), RoomState.ABSENT, RoomState.HIDDEN),
    ("just_in_time", START - minutes(5), RoomState.HIDDEN, RoomState.OPEN),
    ("just_in_time", END + minutes(15), RoomState.OPEN, RoomState.REMOVED),
]


@pytest.mark.parametrize(("preset", "threshold", "before", "on"), THRESHOLDS)
def test_the_wanted_state_changes_exactly_on_its_threshold(preset, threshold, before, on):
    case = replace(A_CASE, timing=PRESETS[preset])
    assert RoomStatus(case, threshold - minutes(1)).wanted == before
    assert RoomStatus(case, threshold - timedelta(microseconds=1)).wanted == before
    assert RoomStatus(case, threshold).wanted == on
    assert RoomStatus(case, threshold + minutes(1)).wanted == on


@pytest.mark.parametrize(("preset", "threshold", "before", "on"), THRESHOLDS)
def test_every_threshold_is_foretold(preset, threshold, before, on):
    case = replace(A_CASE, timing=PRESETS[preset])
    assert RoomStatus(case, threshold - minutes(1)).next_threshold == threshold


@pytest.mark.parametrize(
    "now", [START - minutes(600), START - minutes(20), START, END + minutes(20), END + minutes(600)]
)
def test_a_cancelled_session_wants_no_room_at_any_time(now):
    assert RoomStatus(replace(A_CASE, is_on=False), now).wanted == RoomState.REMOVED


@pytest.mark.parametrize(
    ("now", "kind", "state"),
    [
        (START - minutes(31), None, None),
        (START - minutes(30), StepKind.MAKE, RoomState.HIDDEN),
        (START - minutes(18), StepKind.MAKE, RoomState.HIDDEN),
        (START - minutes(17), None, None),  # too near to the opening for a hidden making
        (START - minutes(16), None, None),
        (START - minutes(15), StepKind.MAKE, RoomState.OPEN),
        (START + minutes(50), StepKind.MAKE, RoomState.OPEN),
        (END - minutes(1), StepKind.MAKE, RoomState.OPEN),
        (END, None, None),
        (END + minutes(600), None, None),
    ],
)
def test_a_session_without_a_room_gets_one_however_late_the_tick(now, kind, state):
    step = next_step(A_CASE, at(now))
    assert (step and step.kind, step and step.state) == (kind, state)


def test_a_hidden_room_is_made_with_nobody_but_the_bot():
    assert next_step(A_CASE, at(START - minutes(30))).overwrites == SHUT


def test_a_late_room_is_made_open_in_one_call():
    assert next_step(A_CASE, at(START - minutes(3))).overwrites == SHUT | BOTH


def test_an_audio_room_gives_no_right_to_video():
    granted = wanted_overwrites(replace(A_CASE, has_video=False), RoomState.OPEN, BOT) - SHUT
    assert {overwrite.allow for overwrite in granted} == {AUDIO_RIGHTS}


def test_a_store_without_a_guild_has_no_rooms():
    assert kind_at(replace(A_CASE, guild_id=None), START) is None


@pytest.mark.parametrize(
    ("now", "kind"),
    [
        (START - minutes(16), None),
        (START - minutes(15), StepKind.SET_ACCESS),
        (END + minutes(15), StepKind.SET_ACCESS),
        (END + minutes(59), StepKind.SET_ACCESS),
        (END + minutes(60), StepKind.REMOVE),
    ],
)
def test_an_opened_room_follows_its_thresholds(now, kind):
    recorded = ROOM if now < START else OPEN_ROOM
    assert kind_at(with_room(recorded), now) == kind


def test_opening_lets_in_coach_and_student_and_closing_shuts_both_out():
    assert next_step(with_room(), at(START)).overwrites == SHUT | BOTH
    closing = next_step(with_room(OPEN_ROOM), at(END + minutes(15)))
    assert (closing.overwrites, closing.state) == (SHUT, RoomState.CLOSED)


def test_a_closed_room_is_left_alone_until_it_is_removed():
    closed = replace(ROOM, state=RoomState.CLOSED)
    assert kind_at(with_room(closed), END + minutes(20)) is None
    assert kind_at(with_room(closed), END + minutes(60)) == StepKind.REMOVE


def test_no_access_is_edited_within_ten_seconds_of_the_making():
    fresh = replace(ROOM, made_at=MACHINE - seconds(9))
    assert kind_at(with_room(fresh), START) is None
    assert step_and_wait(with_room(fresh), at(START))[1] == seconds(1)
    assert kind_at(with_room(fresh), START, machine_now=MACHINE + seconds(1)) == StepKind.SET_ACCESS


def test_a_fresh_room_of_a_cancelled_session_is_removed_without_waiting():
    fresh = replace(ROOM, made_at=MACHINE - seconds(1))
    assert kind_at(with_room(fresh, is_on=False), START) == StepKind.REMOVE


@pytest.mark.parametrize("now", [START - minutes(25), START, END + minutes(20), END + minutes(600)])
def test_cancelling_removes_the_room_at_once(now):
    assert kind_at(with_room(OPEN_ROOM, is_on=False), now) == StepKind.REMOVE


def test_a_session_moved_to_next_week_gives_up_its_room_and_gets_another_then():
    moved = with_room(OPEN_ROOM, starts_at=START + timedelta(days=7), ends_at=END + timedelta(days=7))
    assert next_step(moved, at(START)).kind == StepKind.REMOVE
    assert next_step(moved, at(START)).state == RoomState.ABSENT
    without = replace(moved, recorded=replace(RoomRecord(), id=1, discord_guild_id=GUILD))
    assert kind_at(without, START) is None
    assert kind_at(without, START + timedelta(days=7)) == StepKind.MAKE


def test_a_session_moved_by_some_minutes_hides_its_open_room_again():
    moved = with_room(OPEN_ROOM, starts_at=START + minutes(20), ends_at=END + minutes(20))
    step = next_step(moved, at(START))
    assert (step.kind, step.state, step.overwrites) == (StepKind.SET_ACCESS, RoomState.HIDDEN, SHUT)


@pytest.mark.parametrize("recorded", [ROOM, OPEN_ROOM, replace(ROOM, state=RoomState.CLOSED)])
@pytest.mark.parametrize("now", [START - minutes(600), START - minutes(29), START])
def test_a_clock_that_was_put_back_leads_to_no_step_back(recorded, now):
    case = with_room(replace(recorded, thresholds=A_CASE.thresholds))
    wanted = RoomStatus(case, now).wanted
    assert wanted == recorded.state or (wanted, now) == (RoomState.OPEN, START)


def test_a_deleted_room_is_made_again_while_the_session_lasts():
    lost = RoomRecord(id=1, discord_guild_id=GUILD)
    assert next_step(with_room(lost), at(START)).overwrites == SHUT | BOTH
    assert kind_at(with_room(lost), END) == StepKind.SETTLE


def test_overwrites_changed_by_hand_are_put_back():
    stranger = Overwrite("99", True, allow=1024)
    changed = replace(OPEN_ROOM, overwrites=OPEN_ROOM.overwrites | {stranger})
    step = next_step(with_room(changed), at(START))
    assert (step.kind, step.overwrites) == (StepKind.SET_ACCESS, SHUT | BOTH)


def test_the_bot_puts_itself_back():
    changed = replace(OPEN_ROOM, overwrites=OPEN_ROOM.overwrites - {ITSELF})
    assert ITSELF in next_step(with_room(changed), at(START)).overwrites


def test_a_relinked_student_replaces_the_old_account():
    relinked = with_room(OPEN_ROOM, occupants=(Occupant(COACH, True, MACHINE), Occupant("33", True, MACHINE)))
    granted = next_step(relinked, at(START)).overwrites - SHUT
    assert {overwrite.target_id for overwrite in granted} == {COACH, "33"}


def test_somebody_who_left_loses_the_entry_and_gets_it_again_on_return():
    away = (Occupant(COACH, True, MACHINE), Occupant(STUDENT, False, MACHINE))
    step = next_step(with_room(OPEN_ROOM, occupants=away), at(START))
    assert step.overwrites == SHUT | {Overwrite(COACH, True, VIDEO_RIGHTS)}
    back = next_step(with_room(replace(OPEN_ROOM, overwrites=step.overwrites)), at(START))
    assert back.overwrites == SHUT | BOTH


def test_an_opened_room_is_greeted_once():
    assert kind_at(with_room(replace(OPEN_ROOM, greeting_message_id=None)), START) == StepKind.GREET
    assert kind_at(with_room(OPEN_ROOM), START) is None


def test_a_hidden_room_is_not_greeted():
    assert kind_at(with_room(), START - minutes(20)) is None


def test_a_room_is_checked_when_the_last_look_is_stale():
    stale = replace(OPEN_ROOM, checked_at=MACHINE - seconds(61))
    assert kind_at(with_room(stale), START) == StepKind.CHECK
    assert kind_at(with_room(replace(stale, checked_at=MACHINE - seconds(59))), START) is None


def test_membership_of_both_is_checked_when_stale():
    unsure = (Occupant(COACH, True, MACHINE), Occupant(STUDENT, False, MACHINE - minutes(5)))
    away = replace(OPEN_ROOM, overwrites=SHUT | {Overwrite(COACH, True, VIDEO_RIGHTS)})
    step = next_step(with_room(away, occupants=unsure), at(START))
    assert (step.kind, step.user_id) == (StepKind.CHECK_MEMBER, STUDENT)


UNKNOWN_OUTCOME = RoomRecord(id=1, discord_guild_id=GUILD, intended_at=MACHINE)


@pytest.mark.parametrize(
    ("looked_after", "seconds_later", "kind"),
    [
        (None, 0, StepKind.FIND),
        (None, 9999, StepKind.FIND),
        (1, 2, None),  # Discord may still be at it
        (1, 19, None),
        (1, 20, StepKind.FIND),
        (20, 20, StepKind.MAKE),
        (9999, 9999, StepKind.MAKE),
    ],
)
def test_after_an_unknown_outcome_we_look_at_once_and_once_more_before_making(looked_after, seconds_later, kind):
    looked_at = None if looked_after is None else MACHINE + seconds(looked_after)
    case = with_room(replace(UNKNOWN_OUTCOME, looked_at=looked_at))
    assert kind_at(case, START, machine_now=MACHINE + seconds(seconds_later)) == kind


def test_an_unknown_outcome_that_must_settle_says_when_to_look_again():
    case = with_room(replace(UNKNOWN_OUTCOME, looked_at=MACHINE + seconds(1)))
    assert step_and_wait(case, at(START, machine_now=MACHINE + seconds(2)))[1] == seconds(18)


def test_a_cancelled_session_with_an_unknown_outcome_is_looked_for_before_it_is_settled():
    assert kind_at(with_room(UNKNOWN_OUTCOME, is_on=False), START) == StepKind.FIND
    settled = replace(UNKNOWN_OUTCOME, looked_at=MACHINE + seconds(20))
    assert kind_at(with_room(settled, is_on=False), START, machine_now=MACHINE + seconds(20)) == StepKind.SETTLE


def failing(recorded, kind, **differences):
    return replace(recorded, failing_step=kind, attempts=3, next_try_at=MACHINE + seconds(30), **differences)


def test_a_failed_step_waits_for_its_next_try():
    case = with_room(failing(ROOM, StepKind.SET_ACCESS))
    assert kind_at(case, START) is None
    assert step_and_wait(case, at(START))[1] == seconds(30)
    assert kind_at(case, START, machine_now=MACHINE + seconds(30)) == StepKind.SET_ACCESS


def test_a_failed_greeting_never_delays_the_closing():
    case = with_room(failing(OPEN_ROOM, StepKind.GREET, greeting_message_id=None))
    assert kind_at(case, START) is None
    assert kind_at(case, END + minutes(15)) == StepKind.SET_ACCESS


def test_a_failed_opening_never_delays_the_removal():
    assert kind_at(with_room(failing(ROOM, StepKind.SET_ACCESS), is_on=False), START) == StepKind.REMOVE


def test_a_greeting_that_never_works_keeps_no_check_from_being_made():
    case = with_room(failing(OPEN_ROOM, StepKind.GREET, greeting_message_id=None, checked_at=MACHINE - minutes(2)))
    assert kind_at(case, START, machine_now=MACHINE + seconds(30)) == StepKind.CHECK


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        (StepKind.GREET, StepKind.GREET),
        (StepKind.CHECK, StepKind.GREET),
        (StepKind.DISCONNECT, StepKind.DISCONNECT),
    ],
)
def test_what_was_only_told_to_wait_keeps_its_turn(kind, first):
    waiting = replace(OPEN_ROOM, failing_step=kind, next_try_at=MACHINE + seconds(30), checked_at=MACHINE - minutes(2))
    inside = frozenset({"77"}) if kind == StepKind.DISCONNECT else frozenset()
    case = with_room(replace(waiting, greeting_message_id=None, to_disconnect=inside))
    assert kind_at(case, START, machine_now=MACHINE + seconds(30)) == first


def test_calls_that_are_left_alone_in_a_guild_keep_no_other_upkeep_from_its_rooms():
    seen = [replace(occupant, checked_at=MACHINE - minutes(2), looked_at=None) for occupant in A_CASE.occupants]
    case = with_room(OPEN_ROOM, occupants=tuple(seen))
    assert kind_at(case, START) == StepKind.CHECK_MEMBER
    held = replace(at(START), holds={f"{GUILD} check_member": MACHINE + minutes(60)})
    assert next_step(case, held).kind == StepKind.LOOK


def test_pauses_grow_and_end_somewhere():
    assert [retry_pause(n, False).seconds for n in (1, 2, 3, 8, 50)] == [2, 4, 8, 256, 300]
    assert [retry_pause(n, True).seconds for n in (1, 2, 7, 50)] == [60, 120, 3600, 3600]


def test_own_minutes_that_open_before_they_make_still_open_on_time():
    case = replace(A_CASE, timing=RoomTiming(make_minutes=5, open_minutes=15, close_minutes=30, remove_minutes=0))
    assert kind_at(case, START - minutes(15)) == StepKind.MAKE
    assert RoomStatus(case, END + minutes(29)).wanted == RoomState.OPEN
    assert RoomStatus(case, END + minutes(30)).wanted == RoomState.REMOVED


def test_a_tick_while_nothing_is_due_does_nothing():
    assert kind_at(A_CASE, START - timedelta(days=3)) is None
    assert kind_at(with_room(), START - minutes(20)) is None


# --- Roles, shared parts, and people inside


class Begun(TypedDict):
    mode: AccessMode
    asked_mode: AccessMode


ROLE = Overwrite("60", False, allow=VIDEO_RIGHTS)
BY_ROLE = replace(A_CASE, mode=AccessMode.SESSION_ROLE)
BY_SHARED_ROLE = replace(A_CASE, mode=AccessMode.SHARED_ROLE, shared_role_id="60", store_id=1)
OF_ROLE = Begun(mode=AccessMode.SESSION_ROLE, asked_mode=AccessMode.SESSION_ROLE)
OF_SHARED_ROLE = Begun(mode=AccessMode.SHARED_ROLE, asked_mode=AccessMode.SHARED_ROLE)
ROLE_ONLY = RoomRecord(id=1, discord_guild_id=GUILD, discord_role_id="60", **OF_ROLE)
ROLE_ROOM = replace(ROOM, discord_role_id="60", overwrites=SHUT | {ROLE}, **OF_ROLE)
ONE_HOLDS = replace(ROLE_ROOM, state=RoomState.OPEN, holders=frozenset({COACH}), greeting_message_id="90")
BOTH_HOLD = replace(ONE_HOLDS, holders=frozenset({COACH, STUDENT}))
SHUT_ROLE_ROOM = replace(BOTH_HOLD, state=RoomState.CLOSED, overwrites=SHUT, granted_at=A_MINUTE_AGO)
NOTHING = RoomRecord()
SHARED_ROOM = RoomRecord(id=1, discord_guild_id=GUILD, state=RoomState.OPEN, **OF_SHARED_ROLE)
SHARED_BOTH = replace(SHARED_ROOM, holders=frozenset({COACH, STUDENT}))
SHARED_SHUT = replace(SHARED_ROOM, state=RoomState.CLOSED)
OPENED, CLOSED, REMOVED = START - timedelta(minutes=15), END + timedelta(minutes=15), END + timedelta(minutes=60)

STEPS_BY_ROLE = [
    (NOTHING, START - minutes(31), None),
    (NOTHING, START - minutes(30), (StepKind.MAKE_ROLE, RoomState.ABSENT, "")),
    (ROLE_ONLY, START - minutes(30), (StepKind.MAKE, RoomState.HIDDEN, "")),
    (ROLE_ROOM, OPENED - minutes(1), None),
    (ROLE_ROOM, OPENED, (StepKind.GIVE_ROLE, RoomState.OPEN, COACH)),
    (ONE_HOLDS, OPENED, (StepKind.GIVE_ROLE, RoomState.OPEN, STUDENT)),
    (BOTH_HOLD, START, None),
    (replace(BOTH_HOLD, discord_role_id=None), START, (StepKind.MAKE_ROLE, RoomState.OPEN, "")),
    (BOTH_HOLD, CLOSED, (StepKind.SET_ACCESS, RoomState.CLOSED, "")),
    (SHUT_ROLE_ROOM, CLOSED, None),
    (SHUT_ROLE_ROOM, REMOVED, (StepKind.REMOVE, RoomState.CLOSED, "")),
    (replace(ROLE_ONLY, state=RoomState.CLOSED), REMOVED, (StepKind.REMOVE_ROLE, RoomState.REMOVED, "")),
    (replace(ROLE_ONLY, state=RoomState.REMOVED, discord_role_id=None), REMOVED, None),
]


@pytest.mark.parametrize(("recorded", "now", "expected"), STEPS_BY_ROLE)
def test_a_room_by_role_takes_its_steps(recorded, now, expected):
    step = next_step(replace(BY_ROLE, recorded=recorded), at(now))
    assert (step and (step.kind, step.state, step.user_id)) == expected


STEPS_BY_SHARED_ROLE = [
    (NOTHING, START - minutes(20), None),
    (NOTHING, OPENED, (StepKind.GIVE_ROLE, RoomState.OPEN, COACH)),
    (SHARED_BOTH, START, None),
    (SHARED_BOTH, CLOSED, (StepKind.TAKE_ROLE, RoomState.OPEN, COACH)),
    (replace(SHARED_BOTH, holders=frozenset({STUDENT})), CLOSED, (StepKind.TAKE_ROLE, RoomState.CLOSED, STUDENT)),
    (SHARED_ROOM, CLOSED, (StepKind.SETTLE, RoomState.CLOSED, "")),
    (SHARED_SHUT, REMOVED, (StepKind.SETTLE, RoomState.REMOVED, "")),
    (NOTHING, END, None),
]


@pytest.mark.parametrize(("recorded", "now", "expected"), STEPS_BY_SHARED_ROLE)
def test_a_session_with_a_shared_role_takes_its_steps(recorded, now, expected):
    step = next_step(replace(BY_SHARED_ROLE, recorded=recorded), at(now))
    assert (step and (step.kind, step.state, step.user_id)) == expected


def test_whoever_needs_the_shared_role_for_another_session_keeps_it():
    ending = replace(BY_SHARED_ROLE, recorded=SHARED_BOTH)
    other = replace(ending, session_id=2, starts_at=END + minutes(20), ends_at=END + minutes(80), recorded=NOTHING)
    of_another_store = replace(other, session_id=3, store_id=2)
    for cases, transfers in (([ending, other], {COACH, STUDENT}), ([ending, of_another_store], set())):
        assert with_shared_role_transfers(cases, CLOSED)[0].role_transfers == transfers


def test_a_session_ends_once_no_transfer_of_its_role_is_pending():
    ending = replace(BY_SHARED_ROLE, recorded=SHARED_BOTH)
    coming = replace(ending, session_id=2, starts_at=END + minutes(20), ends_at=END + minutes(80), recorded=NOTHING)
    given = replace(coming, recorded=SHARED_BOTH)
    too_late = replace(coming, starts_at=START + minutes(5), ends_at=END + minutes(5))
    elsewhere = replace(given, recorded=replace(SHARED_BOTH, discord_guild_id="11"))
    for other, expected in (
        (coming, None),
        (given, StepKind.SETTLE),
        (too_late, StepKind.TAKE_ROLE),
        (elsewhere, StepKind.TAKE_ROLE),
    ):
        case, _ = with_shared_role_transfers([ending, other], CLOSED)
        assert kind_at(case, CLOSED) == expected


def test_a_session_by_a_shared_role_waits_for_it():
    assert kind_at(replace(BY_SHARED_ROLE, shared_role_id=None), START) is None


SHARED_PART = RoomRecord(id=7, discord_guild_id=GUILD, discord_role_id="60", checked_at=MACHINE)
EXISTING_PART = replace(SHARED_PART, state=RoomState.HIDDEN, discord_channel_id="70", overwrites=SHUT | {ROLE})


@pytest.mark.parametrize(
    ("kind", "recorded", "is_on", "expected"),
    [
        (RoomKind.CATEGORY, NOTHING, True, StepKind.MAKE),
        (RoomKind.CATEGORY, replace(ROOM, checked_at=None), True, None),
        (RoomKind.CATEGORY, ROOM, False, StepKind.REMOVE),
        (RoomKind.SHARED, NOTHING, True, StepKind.MAKE_ROLE),
        (RoomKind.SHARED, SHARED_PART, True, StepKind.MAKE),
        (RoomKind.SHARED, EXISTING_PART, True, None),
        (RoomKind.SHARED, replace(EXISTING_PART, overwrites=SHUT), True, StepKind.SET_ACCESS),
        (RoomKind.SHARED, replace(EXISTING_PART, checked_at=MACHINE - minutes(11)), True, StepKind.CHECK),
        (RoomKind.SHARED, EXISTING_PART, False, StepKind.REMOVE),
        (RoomKind.SHARED, replace(SHARED_PART, state=RoomState.CLOSED), False, StepKind.REMOVE_ROLE),
        (RoomKind.SHARED, NOTHING, False, None),
    ],
)
def test_a_shared_part_exists_as_long_as_somebody_wants_it(kind, recorded, is_on, expected):
    assert kind_at(RoomCase(kind=kind, number=1, guild_id=GUILD, is_on=is_on, recorded=recorded), START) == expected


def test_a_room_waits_for_its_category_while_that_is_being_made():
    assert kind_at(replace(A_CASE, parent=Parent(is_coming=True)), START) is None
    assert kind_at(replace(A_CASE, parent=Parent("70")), START) == StepKind.MAKE


@pytest.mark.parametrize(
    ("recorded", "mode", "now", "expected"),
    [
        (ROOM, AccessMode.SESSION_ROLE, START - minutes(20), StepKind.REMOVE),
        (ROLE_ROOM, AccessMode.MEMBERS, START - minutes(20), StepKind.REMOVE),
        (ROLE_ONLY, AccessMode.MEMBERS, START - minutes(20), StepKind.REMOVE_ROLE),
        (OPEN_ROOM, AccessMode.SESSION_ROLE, START, None),
        (replace(ROOM, asked_mode=AccessMode.SESSION_ROLE), AccessMode.SESSION_ROLE, START - minutes(20), None),
    ],
    ids=["to roles", "from roles", "a role alone", "open", "fell back"],
)
def test_a_room_begun_in_another_way_is_taken_down_unless_it_is_open(recorded, mode, now, expected):
    assert kind_at(with_room(recorded, mode=mode), now) == expected


def inside(case, *people, looked_at=MACHINE):
    seen = [
        replace(occupant, is_inside=occupant.discord_user_id in people, looked_at=looked_at, last_seen_at=None)
        for occupant in case.occupants
    ]
    return replace(case, occupants=tuple(seen))


TALKING = inside(with_room(replace(OPEN_ROOM, warned_at=MACHINE)), COACH, STUDENT)


@pytest.mark.parametrize(
    ("case", "now", "expected"),
    [
        (TALKING, CLOSED, None),
        (TALKING, END + minutes(60) - seconds(1), None),
        (TALKING, END + minutes(60), StepKind.REMOVE),
        (replace(TALKING, timing=RoomTiming(30, 15, 15, 120)), END + minutes(60), StepKind.SET_ACCESS),
        (
            replace(TALKING, timing=RoomTiming(30, 15, 15, 120, overrun_minutes=20)),
            END + minutes(20),
            StepKind.SET_ACCESS,
        ),
        (replace(TALKING, next_starts_at=END + minutes(40)), END + minutes(29), None),
        (replace(TALKING, next_starts_at=END + minutes(40)), END + minutes(30), StepKind.SET_ACCESS),
        (replace(TALKING, next_starts_at=END), CLOSED - seconds(1), None),
        (replace(TALKING, next_starts_at=END), CLOSED, StepKind.SET_ACCESS),
        (replace(TALKING, overrides=Overrides(closed_at=START)), START, StepKind.SET_ACCESS),
        (replace(TALKING, is_on=False), START, StepKind.REMOVE),
        (inside(TALKING), CLOSED, StepKind.SET_ACCESS),
        (inside(TALKING, looked_at=MACHINE - minutes(2)), CLOSED, StepKind.LOOK),
        (inside(TALKING, looked_at=None), CLOSED, StepKind.LOOK),
    ],
)
def test_a_talk_is_left_alone_until_its_limit(case, now, expected):
    assert kind_at(case, now) == expected


def test_a_room_closes_unlooked_at_where_nobody_can_look():
    unlooked = inside(TALKING, looked_at=None)
    for name in (GUILD, f"{GUILD} look"):
        blind = replace(at(CLOSED), holds={name: MACHINE + seconds(6)})
        assert next_step(unlooked, blind).kind == StepKind.SET_ACCESS
    held = replace(at(CLOSED), holds={f"{GUILD} look": MACHINE + seconds(5), "20": MACHINE + minutes(9)})
    assert next_step(unlooked, held).kind == StepKind.LOOK
    given_up = failing(unlooked.recorded, StepKind.LOOK)
    assert kind_at(replace(unlooked, recorded=replace(given_up, next_try_at=MACHINE + seconds(6))), CLOSED) == (
        StepKind.SET_ACCESS
    )


def test_a_failing_greeting_keeps_nobody_from_looking_before_the_closing():
    case = inside(with_room(failing(OPEN_ROOM, StepKind.GREET)), looked_at=None)
    assert kind_at(case, CLOSED) == StepKind.LOOK


def test_whoever_is_still_inside_a_closed_room_is_put_out():
    shut = replace(ROOM, state=RoomState.CLOSED, granted_at=MACHINE)
    step = next_step(inside(with_room(shut), STUDENT), at(END + minutes(20)))
    assert (step.kind, step.user_id) == (StepKind.DISCONNECT, STUDENT)
    assert kind_at(inside(with_room(shut)), END + minutes(20)) is None
    assert kind_at(inside(with_room(shut), looked_at=A_MINUTE_AGO), END + minutes(20)) == StepKind.LOOK


def test_whoever_is_still_inside_a_room_that_was_hidden_again_is_put_out():
    hidden = replace(ROOM, made_at=A_MINUTE_AGO, granted_at=MACHINE)
    step = next_step(inside(with_room(hidden), STUDENT), at(START - minutes(20)))
    assert (step.kind, step.user_id) == (StepKind.DISCONNECT, STUDENT)
    assert kind_at(inside(with_room(hidden), looked_at=A_MINUTE_AGO), START - minutes(20)) == StepKind.LOOK


def test_an_account_that_lost_its_right_is_put_out_after_what_changes_the_room():
    case = with_room(replace(OPEN_ROOM, to_disconnect=frozenset({"2999"})))
    step = next_step(case, at(START))
    assert (step.kind, step.user_id, step.state) == (StepKind.DISCONNECT, "2999", RoomState.OPEN)
    assert kind_at(case, END + minutes(15)) == StepKind.SET_ACCESS


def test_somebody_who_cannot_be_put_out_keeps_nobody_from_being_looked_for():
    case = inside(with_room(failing(OPEN_ROOM, StepKind.DISCONNECT, to_disconnect=frozenset({"2999"}))), COACH)
    assert kind_at(case, START, stale_before=MACHINE + seconds(1)) in UPKEEP
    assert (kind_at(case, START), step_and_wait(case, at(START))[1]) == (None, seconds(30))


@pytest.mark.parametrize("kind", [StepKind.LOOK, StepKind.GREET])
def test_somebody_is_put_out_after_the_pause_of_the_upkeep_that_failed_last(kind):
    recorded = failing(OPEN_ROOM, kind, to_disconnect=frozenset({"2999"}))
    assert kind_at(with_room(recorded), START) is None
    assert attempts_with(recorded, StepKind.DISCONNECT) == recorded.attempts + 1


def test_a_greeting_and_a_putting_out_that_never_work_keep_no_check_from_being_made():
    recorded = failing(OPEN_ROOM, StepKind.GREET, greeting_message_id=None, to_disconnect=frozenset({"2999"}))
    case = with_room(replace(recorded, checked_at=MACHINE - minutes(2)))
    assert kind_at(case, START, machine_now=MACHINE + seconds(30)) == StepKind.CHECK


def test_an_account_that_has_its_right_again_is_left_alone():
    case = with_room(replace(OPEN_ROOM, to_disconnect=frozenset({STUDENT})))
    assert kind_at(case, START) != StepKind.DISCONNECT


def test_those_inside_are_warned_when_the_time_is_over():
    case = inside(with_room(OPEN_ROOM), COACH)
    assert kind_at(case, END - seconds(1)) is None
    assert kind_at(case, END) == StepKind.WARN
    assert kind_at(inside(case), END) is None


@pytest.mark.parametrize(
    ("overrides", "now", "expected"),
    [
        (Overrides(opened_at=START - minutes(600)), START - minutes(600), RoomState.OPEN),
        (Overrides(opened_at=START - minutes(600)), START - minutes(601), RoomState.ABSENT),
        (Overrides(extra_minutes=10), END + minutes(24), RoomState.OPEN),
        (Overrides(extra_minutes=10), END + minutes(25), RoomState.CLOSED),
        (Overrides(extra_minutes=90), END + minutes(104), RoomState.OPEN),
        (Overrides(extra_minutes=90), END + minutes(105), RoomState.REMOVED),
        (Overrides(closed_at=START), START, RoomState.CLOSED),
    ],
)
def test_the_coachs_wishes_move_the_thresholds(overrides, now, expected):
    assert RoomStatus(replace(A_CASE, overrides=overrides), now).wanted == expected


def test_a_room_that_opens_at_booking_is_open_from_the_booking_to_the_end():
    booked_at = START - timedelta(days=9)
    case = replace(BY_SHARED_ROLE, timing=PRESETS["standing"], overrides=Overrides(booked_at=booked_at))
    assert RoomStatus(case, booked_at).wanted == RoomState.OPEN
    assert RoomStatus(case, END - seconds(1)).wanted == RoomState.OPEN
    assert RoomStatus(case, END).wanted == RoomState.REMOVED
