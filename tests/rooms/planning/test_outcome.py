"""Who was there, who was absent, and what nobody knows: outages that begin and end anywhere."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.catalog.timing import DEFAULT
from coaching.rooms.planning.case import Occupant, RoomCase, RoomRecord, RoomState
from coaching.rooms.planning.coverage import Span, unlooked, with_look
from coaching.rooms.planning.outcome import is_looked_at, outcome_of

START = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OPENED, CLOSED = -15, 75
# Minutes from the start, of a call of sixty.
ALWAYS: list[tuple[int, int]] = [(-10, 70)]
NEVER: list[tuple[int, int]] = []


def at(minute):
    return START + minute * MINUTE


def is_within(minute, spans):
    return any(since <= minute < until for since, until in spans)


def occupant(person_id, looks, there):
    """Somebody looked for at these minutes, who was in the room in these spans."""
    spans: tuple[Span, ...] = ()
    for minute in looks:
        spans = with_look(spans, at(minute))
    seen = [minute for minute in looks if is_within(minute, there)]
    return Occupant(
        str(person_id),
        person_id=person_id,
        is_coach=person_id == 1,
        looks=spans,
        present_at=at(max(seen)) if seen else None,
    )


def looks_outside(outages, first=OPENED, last=CLOSED):
    return [minute for minute in range(first, last) if not is_within(minute, outages)]


def outcome(coach, student, minutes=60):
    case = RoomCase(
        session_id=1,
        session_code="abc",
        starts_at=START,
        ends_at=at(minutes),
        is_on=True,
        has_video=True,
        timing=DEFAULT,
        guild_id="11",
        occupants=(coach, student),
        recorded=RoomRecord(id=1, state=RoomState.CLOSED),
    )
    outcome = outcome_of(case, at(minutes + 16))
    return outcome.absent or outcome.state


def outcome_after(outages, coach, student):
    looks = looks_outside(outages)
    return outcome(occupant(1, looks, coach), occupant(2, looks, student))


WHEN_STUDENT_CAME = ("whole", "first half", "second half", "waited, then left", "only after the end", "never")
THERE = dict(zip(WHEN_STUDENT_CAME, ([(0, 60)], [(0, 30)], [(30, 60)], [(-10, -1)], [(62, 70)], NEVER), strict=True))
COMPLETED, STUDENT, UNKNOWN = "completed", "student", "unknown"
OUTAGES = {
    "none": ([], (COMPLETED, COMPLETED, COMPLETED, STUDENT, COMPLETED, STUDENT)),
    "before the start": ([(-15, -2)], (COMPLETED, COMPLETED, COMPLETED, STUDENT, COMPLETED, STUDENT)),
    "across the start, short": ([(-5, 8)], (COMPLETED, COMPLETED, COMPLETED, STUDENT, COMPLETED, STUDENT)),
    "across the start, long": ([(-5, 20)], (COMPLETED, COMPLETED, COMPLETED, UNKNOWN, COMPLETED, UNKNOWN)),
    "first half": ([(-15, 31)], (COMPLETED, UNKNOWN, COMPLETED, UNKNOWN, COMPLETED, UNKNOWN)),
    "in the middle, short": ([(20, 28)], (COMPLETED, COMPLETED, COMPLETED, STUDENT, COMPLETED, STUDENT)),
    "in the middle, long": ([(20, 45)], (COMPLETED, COMPLETED, COMPLETED, UNKNOWN, COMPLETED, UNKNOWN)),
    "second half": ([(30, 75)], (COMPLETED, COMPLETED, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)),
    "across the end": ([(45, 65)], (COMPLETED, COMPLETED, COMPLETED, UNKNOWN, COMPLETED, UNKNOWN)),
    "after the end": ([(60, 75)], (COMPLETED, COMPLETED, COMPLETED, STUDENT, STUDENT, STUDENT)),
    "whole": ([(-15, 75)], (UNKNOWN,) * 6),
    "the call, to its end": ([(0, 60)], (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, COMPLETED, UNKNOWN)),
    "two short ones": ([(5, 13), (40, 48)], (COMPLETED, COMPLETED, COMPLETED, UNKNOWN, COMPLETED, UNKNOWN)),
    "three blinks": ([(5, 8), (20, 23), (40, 43)], (COMPLETED, COMPLETED, COMPLETED, STUDENT, COMPLETED, STUDENT)),
}


@pytest.mark.parametrize("when", WHEN_STUDENT_CAME)
@pytest.mark.parametrize("outage", OUTAGES)
def test_an_outage_anywhere_and_a_student_who_came_anywhen(outage, when):
    outages, expected = OUTAGES[outage]
    assert outcome_after(outages, ALWAYS, THERE[when]) == expected[WHEN_STUDENT_CAME.index(when)]


@pytest.mark.parametrize(
    ("coach", "student", "expected"),
    [(ALWAYS, ALWAYS, "completed"), (NEVER, ALWAYS, "coach"), (ALWAYS, NEVER, "student"), (NEVER, NEVER, "both")],
)
def test_without_an_outage_everybody_knows(coach, student, expected):
    assert outcome_after([], coach, student) == expected


def test_who_was_never_looked_for_is_not_absent():
    looks = looks_outside([])
    assert outcome(occupant(1, looks, ALWAYS), occupant(2, [], NEVER)) == "unknown"
    assert outcome(occupant(1, [], NEVER), occupant(2, looks, NEVER)) == "unknown"


def test_looks_come_in_any_order_and_twice():
    minutes = [3, 1, 40, 2, 5, 5, 45]
    spans: tuple[Span, ...] = ()
    for minute in minutes:
        spans = with_look(spans, at(minute))
    assert spans == ((at(1), at(5)), (at(40), at(45)))
    assert unlooked(spans, at(0), at(60)) == ((at(0), at(1)), (at(5), at(40)), (at(45), at(60)))
    assert unlooked((), at(0), at(60)) == ((at(0), at(60)),)
    assert unlooked([(at(-5), at(70))], at(0), at(60)) == ()


some_spans = st.lists(
    st.tuples(st.integers(-20, 200), st.integers(1, 90)).map(lambda span: (span[0], sum(span))), max_size=4
)


@given(outages=some_spans, coach=some_spans, student=some_spans, length=st.integers(15, 180))
def test_nobody_who_was_there_for_ten_minutes_is_ever_called_absent(outages, coach, student, length):
    looks = looks_outside(outages, last=length + 15)
    said = outcome(occupant(1, looks, coach), occupant(2, looks, student), length)
    for name, there in (("coach", coach), ("student", student)):
        if said in (name, "both"):
            assert longest_stay(there, length) < 10, (name, said)
            assert may_tell(looks, length)
    seen = [any(minute >= 0 and is_within(minute, there) for minute in looks) for there in (coach, student)]
    assert (said == "completed") == all(seen)
    assert (said == "unknown") == (not all(seen) and not may_tell(looks, length))


def longest_stay(there, length):
    """The longest time in one piece that somebody was there between start and end."""
    longest = stay = 0
    for minute in range(length):
        stay = stay + 1 if is_within(minute, there) else 0
        longest = max(longest, stay)
    return longest


def may_tell(looks, length):
    """The same rule by counting: at most a fifth of the minutes lies between looks far apart, and no ten in a row."""
    unlooked_minutes = set(range(length))
    for earlier, later in pairwise(sorted(looks)):
        if later - earlier <= 5:
            unlooked_minutes -= set(range(earlier, later))
    rows, row = [0], 0
    for minute in range(length):
        row = row + 1 if minute in unlooked_minutes else 0
        rows.append(row)
    return len(unlooked_minutes) * 5 <= length and max(rows) < 10


@given(minutes=st.lists(st.integers(0, 300), max_size=30), length=st.integers(15, 180))
def test_one_more_look_never_makes_it_less_known(minutes, length):
    spans: tuple[Span, ...] = ()
    was_known = False
    for minute in minutes:
        spans = with_look(spans, at(minute))
        is_known = is_looked_at(spans, START, at(length))
        assert is_known or not was_known
        was_known = is_known
