"""How quickly requests are answered: what counts, and how it is said."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking.answer_times import usual_wait, wait_label, waits_of

AT = datetime(2027, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_request_waits_until_its_coach_says_something():
    events = [
        *((1, "requested", AT), (1, "accepted", AT + 2 * HOUR), (1, "cancelled", AT + 3 * HOUR)),
        *((2, "requested", AT), (2, "lapsed", AT + 24 * HOUR)),
        *((3, "requested", AT), (3, "cancelled", AT + HOUR)),  # taken back: nothing to answer any more
        *((4, "booked", AT), (4, "cancelled", AT + HOUR)),  # never asked
        *((5, "requested", AT), (5, "declined", AT + 5 * HOUR)),
        (6, "requested", AT),  # waits still
        (7, "accepted", AT),  # asked before what is counted
    ]
    assert waits_of(events) == [2 * HOUR, None, 5 * HOUR]


@pytest.mark.parametrize(
    ("waits", "minutes"),
    [
        ([HOUR, HOUR], None),
        ([HOUR, 2 * HOUR, 9 * HOUR], 120),
        ([HOUR, None, None], None),
        ([HOUR, 2 * HOUR, None], 120),
        ([HOUR, 2 * HOUR, None, None], 120),
        ([timedelta(seconds=5)] * 3, 1),
    ],
)
def test_half_of_the_requests_say_what_is_usual(waits, minutes):
    assert usual_wait(waits) == minutes


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        *((None, ""), (1, "usually within an hour"), (60, "usually within an hour"), (61, "usually within 2 hours")),
        *((23 * 60, "usually within 23 hours"), (24 * 60, "usually within a day"), (25 * 60, "usually within 2 days")),
    ],
)
def test_it_is_said_in_whole_hours_and_days(minutes, words):
    assert wait_label(minutes) == words
