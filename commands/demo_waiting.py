"""What in a demo waits for somebody, or for its day: a request, a payment, a journey, another calendar."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from coaching.booking.request_mutations import accept_request
from coaching.calendars.models import Feed
from coaching.calendars.mutations import MOST_FEEDS, add_feed
from coaching.calendars.reading_mutations import FetchedFeed, claim_due, record_fetched_feed
from coaching.db import new_code
from coaching.hours.mutations import plan_travel
from coaching.hours.queries import schedules_of
from coaching.hours.week import TravelSpan

# Whose request waits for the coach's answer, and whose was accepted and is held until it is paid; days from today.
ASKED = ("student2", 18, "Three songs that ought to sound like one record.")
ACCEPTED = ("student", 13, "The whole EP, before it goes to the mastering engineer.")
# Far enough away: whoever tries the demo finds the coming days free, at home.
JOURNEY = ("Europe/Lisbon", 40, 45)
# Days from today, from which hour until which one; in UTC.
BUSY = (20, 10, 12.5)
DAY_IN_MINUTES = 24 * 60

Ask = Callable[[str, int, str], CoachingSession]


def plant_waiting(ask: Ask, coach: Person, calendar: str, now: datetime) -> None:
    """Both calls are asked for, and one is accepted; `calendar` is the address of the coach's own."""
    ask(*ASKED)
    accept_request(ask(*ACCEPTED), coach, now)
    (zone, first, last), today = JOURNEY, now.date()
    plan_travel(schedules_of(coach), TravelSpan(zone, today + timedelta(first), today + timedelta(last)), today)
    _read_calendar(add_feed(coach, "Private calendar", calendar, DAY_IN_MINUTES, new_code(), now), now)


def _read_calendar(feed: Feed, now: datetime) -> None:
    """As if the worker had read it, from sandbox/calendars.py: until then no times would be on offer."""
    day = datetime.combine(now.date() + timedelta(BUSY[0]), time(), UTC)
    busy = (day + timedelta(hours=BUSY[1]), day + timedelta(hours=BUSY[2]))
    for due, claim in claim_due(now, MOST_FEEDS):
        if due == feed:
            record_fetched_feed(claim, FetchedFeed(busy=(busy,), events=1), now)
