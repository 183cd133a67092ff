"""What the clock makes due: pure, so that each rule is a line."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coaching.messages.planning.desired import Need, SessionFacts, next_look_at, owed
from coaching.messages.planning.routing import (
    Go,
    PutAside,
    QuietHours,
    Reach,
    Route,
    Wait,
    Way,
    next_morning,
    other_channel,
    route,
)
from coaching.notices.kind_rules import RULES, KindRules
from coaching.notices.kinds import Channel, MessageKind

START = datetime(2027, 3, 9, 18, 0, tzinfo=UTC)
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
FACTS = SessionFacts(
    session_id=7,
    student_id=1,
    coach_id=2,
    state="scheduled",
    starts_at=START,
    ends_at=START + HOUR,
    timed_at=START - 10 * DAY,
    reminders=(1440, 60),
    coach_reminders=(60,),
    opens_at=START - 15 * MINUTE,
)
BERLIN = ZoneInfo("Europe/Berlin")
BOTH = Reach(address="bob@example.com", discord_user_id="2001")
REMINDER, CANCELLED = RULES[MessageKind.REMINDER], RULES[MessageKind.CANCELLED]


def due(now: datetime, facts: SessionFacts = FACTS) -> list[str]:
    """Every message that is due, the overtaken ones in brackets."""
    return [
        f"({message.kind} {message.fields.get('minutes')})"
        if message.is_overtaken
        else f"{message.kind} {next(iter(message.fields.values()))}"
        for message in owed(facts, now)
    ]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (DAY + MINUTE, []),
        (DAY, ["reminder 1440"]),
        (HOUR + MINUTE, ["reminder 1440"]),
        (HOUR, ["reminder 60", "(reminder 1440)", "coach_reminder 60"]),
        (MINUTE, ["reminder 60", "(reminder 1440)", "coach_reminder 60"]),
        (timedelta(0), []),
    ],
)
def test_of_several_reminders_the_one_nearest_to_the_start_is_sent(before: timedelta, expected: list[str]) -> None:
    assert due(START - before) == expected


def test_whoever_books_late_is_not_reminded_of_what_they_have_just_done() -> None:
    late = replace(FACTS, timed_at=START - 30 * MINUTE)
    assert due(START - 20 * MINUTE, late) == []
    assert due(START - 20 * MINUTE, replace(late, reminders=(1440, 15))) == []
    assert due(START - 10 * MINUTE, replace(late, reminders=(1440, 15))) == ["reminder 15"]


@pytest.mark.parametrize("state", ["cancelled", "expired", "completed", "no_show", "held", "requested"])
def test_a_session_that_is_off_owes_nothing_and_is_looked_at_no_more(state: str) -> None:
    off = replace(FACTS, state=state)
    assert due(START - MINUTE, off) == []
    assert next_look_at(off, START - DAY) is None


def test_changed_times_owe_their_own_reminders() -> None:
    moved = replace(FACTS, starts_at=START + DAY, ends_at=START + DAY + HOUR)
    keys = {message.key for facts in (FACTS, moved) for message in owed(facts, facts.starts_at - HOUR)}
    assert len(keys) == 6


@pytest.mark.parametrize(
    ("needs", "since_start", "expected"),
    [
        ((), -13 * MINUTE, ["room_late late"]),
        ((), 5 * MINUTE, ["room_late missing"]),
        ((Need.CONNECT,), 5 * MINUTE, ["needed connect"]),
        ((Need.CONFIRM,), 5 * MINUTE, ["needed confirm", "room_late missing"]),
    ],
)
def test_who_waits_before_a_closed_door_is_told_once_and_why(
    needs: tuple[Need, ...], since_start: timedelta, expected: list[str]
) -> None:
    facts = replace(FACTS, is_room_late=True, needs=needs, reminders=(), coach_reminders=())
    assert due(START + since_start, facts) == expected


def test_a_look_is_planned_for_everything_that_may_become_due() -> None:
    now, looks = START - 10 * DAY, []
    while (look := next_look_at(FACTS, now)) is not None:
        looks.append(START - look)
        now = look
    assert looks == [
        *(7 * DAY, 2 * DAY, DAY, 3 * HOUR, HOUR, 40 * MINUTE, 13 * MINUTE),
        *(-5 * MINUTE, -2 * HOUR),
    ]
    assert next_look_at(replace(FACTS, opens_at=None, reminders=(30,), coach_reminders=()), START - HOUR) == (
        START - 30 * MINUTE
    )


# --- Clock changes: 24 hours before are 24 hours, the morning is the wall clock's.


@pytest.mark.parametrize("day", [datetime(2027, 3, 28, tzinfo=BERLIN), datetime(2027, 10, 31, tzinfo=BERLIN)])
def test_a_day_before_is_24_hours_also_over_a_change_of_the_clocks(day: datetime) -> None:
    starts_at = day.replace(hour=2, minute=30).astimezone(UTC)
    facts = replace(FACTS, starts_at=starts_at, ends_at=starts_at + HOUR, timed_at=starts_at - 10 * DAY)
    assert due(starts_at - DAY - MINUTE, facts) == []
    assert due(starts_at - DAY, facts) == ["reminder 1440"]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (datetime(2027, 3, 27, 6, 0, tzinfo=UTC), datetime(2027, 3, 28, 5, 0, tzinfo=UTC)),  # 7:00 is 5:00 UTC since
        (datetime(2027, 3, 28, 4, 59, tzinfo=UTC), datetime(2027, 3, 28, 5, 0, tzinfo=UTC)),
        (datetime(2027, 3, 28, 5, 0, tzinfo=UTC), datetime(2027, 3, 29, 5, 0, tzinfo=UTC)),
        (datetime(2027, 10, 30, 5, 0, tzinfo=UTC), datetime(2027, 10, 31, 6, 0, tzinfo=UTC)),
    ],
)
def test_in_the_morning_is_the_wall_clocks(after: datetime, expected: datetime) -> None:
    assert next_morning("Europe/Berlin", after) == expected


@pytest.mark.parametrize(
    ("quiet", "now", "ends"),
    [
        ((22 * 60, 7 * 60), "2027-03-09 23:00", "2027-03-10 07:00"),
        ((22 * 60, 7 * 60), "2027-03-10 06:59", "2027-03-10 07:00"),
        ((22 * 60, 7 * 60), "2027-03-10 07:00", None),
        ((12 * 60, 14 * 60), "2027-03-09 13:00", "2027-03-09 14:00"),
        ((12 * 60, 14 * 60), "2027-03-09 11:59", None),
        ((1 * 60, 2 * 60 + 30), "2027-03-28 01:30", "2027-03-28 03:00"),  # 2:30 is skipped: the first real minute after
    ],
)
def test_quiet_hours_are_the_wall_clocks_and_may_pass_midnight(
    quiet: tuple[int, int], now: str, ends: str | None
) -> None:
    hours = QuietHours(*quiet, "Europe/Berlin")
    end = hours.end_after(datetime.fromisoformat(now).replace(tzinfo=BERLIN).astimezone(UTC))
    assert (end and f"{end.astimezone(BERLIN):%Y-%m-%d %H:%M}") == ends


QUIET = QuietHours(22 * 60, 7 * 60, "UTC")
NIGHT = datetime(2027, 3, 9, 23, 0, tzinfo=UTC)
MORNING = datetime(2027, 3, 10, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rules", "way", "reach", "worth_until", "expected"),
    [
        (REMINDER, None, BOTH, None, Wait(MORNING)),
        (REMINDER, None, BOTH, MORNING, PutAside("expired", "only in quiet hours")),
        (REMINDER, None, BOTH, NIGHT, PutAside("expired")),
        (REMINDER, Way.OFF, BOTH, None, PutAside("off")),
        (RULES[MessageKind.COACH_DAY], None, BOTH, None, PutAside("off")),
        (CANCELLED, None, BOTH, None, Go((Channel.MAIL,))),
        (CANCELLED, Way.OFF, BOTH, None, Go((Channel.MAIL,))),
        (CANCELLED, Way.BOTH, BOTH, None, Go((Channel.MAIL, Channel.DISCORD))),
        (CANCELLED, Way.DISCORD, BOTH, None, Go((Channel.DISCORD,))),
        (CANCELLED, Way.MAIL, Reach(discord_user_id="2001"), None, Go((Channel.DISCORD,))),
        (CANCELLED, Way.DISCORD, Reach(address="bob@example.com"), None, Go((Channel.MAIL,))),
        (CANCELLED, None, Reach(discord_user_id="2001"), None, Go((Channel.DISCORD,))),
        (CANCELLED, None, Reach(), None, PutAside("held", "nobody knows where to reach them")),
        (REMINDER, None, Reach(), NIGHT, PutAside("expired")),
    ],
)
def test_every_message_finds_its_way_or_says_why_not(
    rules: KindRules, way: Way | None, reach: Reach, worth_until: datetime | None, expected: Route
) -> None:
    assert route(rules, way, reach, QUIET, worth_until, NIGHT) == expected


def test_another_channel_takes_over_where_there_is_one() -> None:
    assert other_channel(Channel.DISCORD, BOTH) is Channel.MAIL
    assert other_channel(Channel.DISCORD, Reach(discord_user_id="2001")) is None


def test_every_kind_has_rules_and_what_is_owed_cannot_be_off() -> None:
    assert list(RULES) == list(MessageKind)
    assert {kind for kind in RULES if RULES[kind].can_be_off} == {
        *(MessageKind.REMINDER, MessageKind.ROOM_OPEN, MessageKind.COACH_BOOKED),
        *(MessageKind.COACH_REMINDER, MessageKind.COACH_DAY, MessageKind.COACH_HELD, MessageKind.COACH_APPLIED),
        *(MessageKind.REVIEW_ASKED, MessageKind.REVIEW_ANSWERED, MessageKind.COACH_REVIEWED),
        *(MessageKind.FOLDER_WRITTEN, MessageKind.COACH_FOLDER_WRITTEN),
    }


def test_whoever_has_to_act_is_told_before_a_hold_or_a_request_runs_out() -> None:
    begun = START - 3 * DAY
    until = begun + 8 * HOUR
    held = replace(FACTS, state="held", timed_at=begun, held_until=until)
    for facts, kind, at in (
        (held, MessageKind.HOLD_ENDING, until - 2 * HOUR),
        (replace(held, state="requested"), MessageKind.COACH_WAITING, until - 2 * HOUR),
        # Once they say that they have paid it is the coach who has to answer, reckoned from then.
        (replace(held, said_paid_at=until - 4 * HOUR), MessageKind.COACH_WAITING, until - HOUR),
    ):
        assert owed(facts, at - MINUTE) == owed(facts, until) == []
        [message] = owed(facts, at)
        assert (message.kind, message.person_id) == (kind, 1 if kind is MessageKind.HOLD_ENDING else 2)
        assert next_look_at(facts, begun) == at
        assert next_look_at(facts, at) is None
    # A hold that began when it was nearly over is not announced to end at once.
    short = replace(held, timed_at=until - 5 * MINUTE)
    assert owed(short, until - MINUTE) == []


def test_no_reminder_comes_beside_the_message_that_the_room_is_open() -> None:
    near = replace(FACTS, reminders=(1440, 15), coach_reminders=())
    assert due(START - 14 * MINUTE, near) == ["reminder 15", "(reminder 1440)"]
    assert due(START - 14 * MINUTE, replace(near, notifies_opening=True)) == ["reminder 1440"]
    assert due(START - 14 * MINUTE, replace(near, notifies_opening=True, opens_at=None)) == [
        "reminder 15",
        "(reminder 1440)",
    ]
