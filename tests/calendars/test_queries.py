"""When an outside calendar keeps its coach from being booked."""

from datetime import UTC, datetime, timedelta

from coaching.accounts.models import Person
from coaching.booking.slots import Span
from coaching.calendars.models import OutsideBusy
from coaching.calendars.queries import OutsideSpan, outside_busy, outside_busy_spans
from tests.factories import make_feed

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = Span(NOW, NOW + 24 * HOUR)


def test_what_a_calendar_says_is_busy_where_it_overlaps(alice: Person, bob: Person) -> None:
    feed, other = make_feed(alice, NOW), make_feed(bob, NOW)
    for whose, starts in ((feed, -1), (feed, 3), (feed, 24), (other, 5)):
        OutsideBusy.create(feed=whose, starts_at=NOW + starts * HOUR, ends_at=NOW + (starts + 1) * HOUR)
    assert outside_busy_spans(alice, DAY, NOW) == [(NOW + 3 * HOUR, NOW + 4 * HOUR)]
    assert outside_busy(alice, DAY, NOW) == [OutsideSpan(NOW + 3 * HOUR, NOW + 4 * HOUR, "Family")]


def test_nothing_is_free_by_data_older_than_the_coach_allows(alice: Person) -> None:
    feed = make_feed(alice, NOW, stale_after_minutes=60)
    OutsideBusy.create(feed=feed, starts_at=NOW + 3 * HOUR, ends_at=NOW + 4 * HOUR)
    whole = [(DAY.starts_at, DAY.ends_at)]
    assert outside_busy_spans(alice, DAY, NOW + HOUR) == [(NOW + 3 * HOUR, NOW + 4 * HOUR)]
    assert outside_busy_spans(alice, DAY, NOW + HOUR + timedelta(seconds=1)) == whole
    # A clock that was set back: nobody knows what was true then.
    assert outside_busy_spans(alice, DAY, NOW - HOUR) == whole
    feed.fetched_at = None
    feed.save()
    assert outside_busy(alice, DAY, NOW) == [OutsideSpan(*whole[0], "Family", is_unknown=True)]


def test_beyond_what_was_worked_out_nothing_is_free(alice: Person) -> None:
    make_feed(alice, NOW, known_until=NOW + 20 * HOUR)
    assert outside_busy_spans(alice, DAY, NOW) == [(NOW + 20 * HOUR, DAY.ends_at)]
    assert outside_busy_spans(alice, Span(NOW, NOW + HOUR), NOW) == []
