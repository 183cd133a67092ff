"""Reads of what is on sale, each product with a number for all that its free times follow from.

A dozen statements for all products of a site together: as long as the number is the same, so are the times.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from coaching.booking.lapse_queries import takes_time
from coaching.booking.models import LIVE_STATES, CoachingSession, Seat
from coaching.booking.slots import ONE_DAY
from coaching.calendars.health import known_until_now
from coaching.calendars.models import Feed
from coaching.catalog.models import Offer, Product, Store
from coaching.directory.digests import digest_of, digests_by
from coaching.hours.models import DateOverride, Schedule, TimeOff, Travel, WeeklySpan
from coaching.reading import Statement, given, reader_of

# Caps count whole weeks, and a coach who travels has days of up to two.
CAPS_REACH = 10 * ONE_DAY
to_instant = reader_of(Feed.fetched_at)


@dataclass(frozen=True, slots=True)
class OnSale:
    """A published product, as far as lists ask."""

    product_id: int
    coach_id: int
    store_id: int
    currency: str
    is_bookable: bool
    is_unlisted: bool
    from_price_cents: int | None
    basis: int


def products_on_sale(now: datetime) -> list[OnSale]:
    """Every published product, those that cannot be booked for now included."""
    offers, prices = _offers()
    hours, calendars, counted = _hours(now), _calendars(now), digests_by(_COUNTED.rows(since=now - CAPS_REACH))
    return [
        OnSale(
            product_id,
            coach_id,
            store_id,
            currency,
            bool(is_bookable and product_id in prices and schedule_id),
            bool(is_unlisted),
            prices.get(product_id),
            digest_of(
                (
                    is_bookable,
                    rules,
                    offers.get(product_id),
                    hours.get(schedule_id),
                    calendars.get(coach_id),
                    counted.get(product_id),
                )
            ),
        )
        for product_id, coach_id, store_id, currency, schedule_id, is_unlisted, is_bookable, *rules in _PRODUCTS.rows()
    ]


def _offers() -> tuple[dict[int, int], dict[int, int]]:
    """By product: a number for what it is offered for, and its lowest price."""
    rows = _OFFERS.rows()
    prices: dict[int, int] = {}
    for product_id, price, *_ in rows:
        if isinstance(price, int):  # SQLite keeps in any column what it is given
            prices[product_id] = min(price, prices.get(product_id, price))
    return digests_by(rows), prices


def _hours(now: datetime) -> dict[int, int]:
    """By schedule."""
    since = (now - 3 * ONE_DAY).date().isoformat()
    parts = [
        digests_by(_WEEKS.rows()),
        digests_by(_OVERRIDES.rows(since=since)),
        digests_by(_TRAVELS.rows(since=since)),
    ]
    return {number: digest_of([zone, *(part.get(number) for part in parts)]) for number, zone in _SCHEDULES.rows()}


def _calendars(now: datetime) -> dict[int, int]:
    """By coach; who has nothing to come and no outside calendar is not named."""
    parts = [
        digests_by(_SESSIONS.rows(now=now)),
        digests_by(_LESSONS.rows(now=now)),
        digests_by(_TIME_OFF.rows(now=now)),
        digests_by(_feeds(now)),
    ]
    return {number: digest_of([part.get(number) for part in parts]) for number in set().union(*parts)}


def _feeds(now: datetime) -> Iterator[tuple[int, int, str, datetime | None]]:
    # Its busy times change only with its text, and with how far ahead that was worked out.
    for coach_id, feed_id, text_sha256, fetched_at, known_until, minutes in _FEEDS.rows():
        try:
            known_to = known_until_now(to_instant(fetched_at), to_instant(known_until), minutes, now)
        except (ValueError, TypeError, OverflowError):
            known_to = None  # a row that nobody can read costs its coach only
        yield coach_id, feed_id, text_sha256, known_to


# --- Statements, each built once


def _products() -> Any:
    has_room = (Product.session_type == "phone") | (Store.guild.is_null(False) & Store.guild_verified_at.is_null(False))
    return (
        Product.select(
            Product.id,
            Store.owner,
            Store.id,
            Store.currency,
            Product.schedule,
            Product.is_unlisted,
            (has_room & Store.stopped_at.is_null()),
            # What a start is reckoned by.
            Product.horizon_days,
            Product.notice_minutes,
            Product.grid_minutes,
            Product.buffer_before_minutes,
            Product.buffer_after_minutes,
            Product.daily_cap,
            Product.weekly_cap,
            # How early it must be asked for, or paid.
            Product.session_type,
            Product.needs_approval,
            Product.payment,
            Product.pays_first,
            Product.make_minutes,
            Product.open_minutes,
            Product.opens_at_booking,
        )
        .join(Store)
        .where(Product.state == "published")
    )


def _summed(owner: Any) -> Any:
    """Sessions in a row an owner: which they are, and how often they were changed."""
    numbers = (fn.COUNT(CoachingSession.id), fn.SUM(CoachingSession.id), fn.SUM(CoachingSession.revision))
    return owner.model.select(owner, *numbers).group_by(owner)


def _lessons() -> Any:
    # Of those who have a store: to everybody else nothing is sold.
    is_coach = Seat.student.in_(Store.select(Store.owner))
    return _summed(Seat.student).join(CoachingSession).where(Seat.is_live, is_coach, takes_time(given("now")))


def _counted() -> Any:
    counts = CoachingSession.state.in_((*LIVE_STATES, "completed", "no_show"))
    has_caps = Product.daily_cap.is_null(False) | Product.weekly_cap.is_null(False)
    capped = Product.select(Product.id).where(has_caps, Product.state == "published")
    is_near = CoachingSession.starts_at > given("since")
    return _summed(CoachingSession.product).where(CoachingSession.product.in_(capped), counts, is_near)


_PRODUCTS = Statement(_products)
_OFFERS = Statement(
    lambda: (
        Offer.select(Offer.product, Offer.price_cents, Offer.minutes, Offer.position)
        .join(Product)
        .where(~Offer.is_retired, Product.state == "published")
    )
)
_SCHEDULES = Statement(lambda: Schedule.select(Schedule.id, Schedule.zone))
_WEEKS = Statement(
    lambda: WeeklySpan.select(
        WeeklySpan.schedule, WeeklySpan.weekday, WeeklySpan.start_minute, WeeklySpan.length_minutes
    )
)
_OVERRIDES = Statement(
    lambda: DateOverride.select(DateOverride.schedule, DateOverride.day_on, DateOverride.spans).where(
        DateOverride.day_on >= given("since")
    )
)
_TRAVELS = Statement(
    lambda: Travel.select(Travel.schedule, Travel.zone, Travel.from_on, Travel.until_on).where(
        Travel.until_on >= given("since")
    )
)
_SESSIONS = Statement(lambda: _summed(CoachingSession.coach).where(takes_time(given("now"))))
_LESSONS = Statement(_lessons)
_TIME_OFF = Statement(
    lambda: TimeOff.select(TimeOff.coach, TimeOff.starts_at, TimeOff.ends_at).where(TimeOff.ends_at > given("now"))
)
_FEEDS = Statement(
    lambda: Feed.select(
        Feed.coach, Feed.id, Feed.text_sha256, Feed.fetched_at, Feed.known_until, Feed.stale_after_minutes
    )
)
_COUNTED = Statement(_counted)
