"""Why a time is not free: by name, in sentences for its coach."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coaching.booking.explain import Cause
from coaching.booking.explain_queries import explain_start
from coaching.booking.slot_queries import is_free
from coaching.calendars.models import OutsideBusy
from coaching.catalog.models import Product
from coaching.hours.models import Travel
from coaching.hours.mutations import change_day, close_day, take_time_off
from coaching.hours.week import DaySpan
from tests import factories

# A Monday; the factories' schedule is every day from 9 to 17 in Berlin, which is 8 to 16 UTC.
NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


@pytest.fixture
def product(alice):
    lengths = ((60, 4900), (90, 6900))
    return factories.make_product(
        coach=alice, offers=lengths, grid_minutes=30, horizon_days=30, buffer_after_minutes=15
    )


def at(text):
    return datetime.fromisoformat(f"2027-{text}").replace(tzinfo=BERLIN).astimezone(UTC)


def why(product, text, now=NOW, minutes=60):
    """What is said of a time in Berlin; and a time is free if nothing is."""
    product = Product.get_by_id(product.id)
    offer = next(offer for offer in product.offers if offer.minutes == minutes)
    reasons = explain_start(product, offer, at(text), now)
    assert is_free(product, offer, at(text), now) == (
        not reasons or {reason.name for reason in reasons} == {Cause.SALE}
    )
    return {reason.name: reason.sentence for reason in reasons}


def test_a_free_time_has_nothing_against_it(product):
    assert why(product, "03-01T10:00") == {}


def test_hours_and_grid_are_named_with_what_would_do(product):
    assert why(product, "03-01T16:30") == {
        Cause.HOURS: "Your hours on Monday 1 March are 09:00–17:00. A call at 16:30–17:30 does not fit into them."
    }
    assert why(product, "03-01T10:15") == {
        Cause.GRID: "Calls start every 30 minutes from the beginning of your hours. The nearest: 10:00 and 10:30."
    }
    close_day(product.schedule, date(2027, 3, 2))
    assert why(product, "03-02T10:00") == {Cause.HOURS: "Tuesday 2 March is a day off in your schedule."}
    change_day(product.schedule, date(2027, 3, 3), (DaySpan(600, 60), DaySpan(840, 90)))
    assert why(product, "03-03T11:00")[Cause.HOURS].startswith(
        "Your hours on Wednesday 3 March are 10:00–11:00 and 14:00–15:30."
    )
    # Hours over midnight are the next day's, too, and those that touch are one.
    change_day(product.schedule, date(2027, 3, 5), (DaySpan(1200, 120), DaySpan(1320, 240)))
    change_day(product.schedule, date(2027, 3, 6), (DaySpan(660, 60),))
    assert why(product, "03-06T01:30") == {
        Cause.HOURS: "Your hours on Saturday 6 March are 20:00–02:00 and 11:00–12:00. "
        "A call at 01:30–02:30 does not fit into them."
    }
    product.schedule.weekly_spans.model.delete().execute()
    assert why(product, "03-04T11:00") == {Cause.HOURS: "Your schedule has no hours on Thursday 4 March."}


def test_travel_moves_the_hours_that_are_named(product):
    Travel.create(
        schedule=product.schedule, zone="America/New_York", from_on=date(2027, 3, 3), until_on=date(2027, 3, 4)
    )
    assert why(product, "03-03T15:00") == {}
    assert why(product, "03-03T10:00")[Cause.HOURS].startswith("Your")
    assert why(product, "03-05T10:00") == {}


def test_notice_horizon_and_the_past_are_named(product):
    Product.update(notice_minutes=720).execute()
    early = "Students book at least 12 h before the start: from Monday 1 March, 19:00 on."
    assert why(product, "03-01T10:00") == {Cause.NOTICE: early}
    assert why(product, "03-31T10:00") == {
        Cause.HORIZON: "Students book at most 30 days ahead: before Wednesday 31 March, 08:00."
    }
    assert why(product, "03-01T09:00", now=NOW + 3 * HOUR)[Cause.OVER] == "This time has gone by."


def test_whoever_has_the_time_is_named_and_so_is_a_break_too_short(product, alice, bob, mallory):
    other = factories.make_product(product.store, title="Vocal check", buffer_before_minutes=30)
    factories.make_coaching_session(other, bob, starts_at=at("03-01T12:00"))
    taken = "“Vocal check” with Bob: Monday 1 March, 12:00 to 13:00."
    assert why(product, "03-01T11:30") == {Cause.SESSION: taken}
    # 15 minutes after the one call and 30 before the other do not fit into half an hour.
    close = "Too close to this: “Vocal check” with Bob, Monday 1 March, 12:00 to 13:00."
    assert why(product, "03-01T10:30") == {Cause.BUFFER: f"{close} The breaks around calls leave no room."}
    assert why(product, "03-01T10:00") == {}
    assert Cause.SESSION in why(product, "03-01T11:00", minutes=90)
    factories.make_coaching_session(other, bob, starts_at=at("03-02T12:00"), state="requested")
    assert "asked for by Bob" in why(product, "03-02T12:00")[Cause.SESSION]
    held = factories.make_coaching_session(
        other, bob, starts_at=at("03-03T12:00"), state="held", held_until=at("03-03T11:00")
    )
    assert "held for Bob" in why(product, "03-03T12:00")[Cause.SESSION]
    next(iter(held.seats)).delete_instance()
    assert "held by an invitation" in why(product, "03-03T12:00")[Cause.SESSION]
    elsewhere = factories.make_product(coach=mallory, title="Piano")
    factories.make_coaching_session(elsewhere, alice, starts_at=at("03-04T12:00"))
    assert "“Piano”, in which you are the student" in why(product, "03-04T12:00")[Cause.SESSION]
    factories.make_coaching_session(other, bob, starts_at=at("03-05T12:00"), state="cancelled")
    assert why(product, "03-05T12:00") == {}


def test_time_off_and_outside_calendars_are_named(product, alice):
    take_time_off(alice, at("03-01T22:00"), at("03-03T00:00")).update(note="Ski trip").execute()
    days = "Monday 1 March, 22:00 to Wednesday 3 March, 00:00"
    assert why(product, "03-02T12:00") == {Cause.TIME_OFF: f"Your time off (“Ski trip”): {days}."}
    feed = factories.make_feed(alice, NOW)
    OutsideBusy.create(feed=feed, starts_at=at("03-04T11:30"), ends_at=at("03-04T12:30"))
    says = "“Family” says that you are busy: Thursday 4 March, 11:30 to 12:30."
    assert why(product, "03-04T12:00") == {Cause.CALENDAR: says}
    unread = "“Family” could not be read for this time, so that it counts as busy."
    assert why(product, "03-05T12:00", now=NOW + 48 * HOUR) == {Cause.CALENDAR: unread}


def test_caps_and_what_is_not_on_sale_are_named(product, bob):
    Product.update(daily_cap=1, weekly_cap=2).execute()
    for day in ("03-01", "03-03"):
        factories.make_coaching_session(product, bob, starts_at=at(f"{day}T10:00"))
    full = why(product, "03-03T14:00")
    assert full == {
        Cause.DAY_CAP: "At most 1 call a day: Wednesday 3 March is full.",
        Cause.WEEK_CAP: "At most 2 calls a week: this one is full, from Monday to Sunday.",
    }
    assert why(product, "03-07T14:00").keys() == {Cause.WEEK_CAP}
    assert why(product, "03-08T14:00") == {}
    Product.update(state="draft").execute()
    assert why(product, "03-08T14:00").keys() == {Cause.SALE}
