"""Reads of what is behind a figure: the calls, receipts or reviews that it counts, page by page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

from peewee import JOIN, Case, fn

from coaching.accounts.models import Person
from coaching.booking.models import LIVE_STATES, CoachingSession, Invitation, Seat
from coaching.catalog.models import Product, Store
from coaching.db import rows
from coaching.figures import names
from coaching.figures.calendar import Days
from coaching.figures.counting import AGREED, OVER, count
from coaching.figures.models import DayFigure
from coaching.figures.record_queries import ENDED_BY, calls_between
from coaching.payments.models import Payment, Receipt
from coaching.reviews.models import Review
from coaching.rooms.models import Presence, Room

A_PAGE = 50
_ROOMS = (names.ROOM_IN_TIME, names.ROOM_LATE, names.ROOM_NEVER, names.ROOM_DELAY)
CALLS = (
    *(names.CREATED, names.COMPLETED, names.CANCELLED, names.NO_SHOW, names.CAME_TO_NOTHING, names.COMING),
    *(names.BOOKED_MINUTES, names.PLANNED_MINUTES, names.RECORDED_MINUTES, names.SPENT_SECONDS, *_ROOMS),
)
MONEY = (names.INCOME, names.REFUNDED)
OF_REVIEWS = (names.REVIEWS, names.STARS)
HOURS = (names.OFFERED, names.STORE_OFFERED)


@dataclass(frozen=True)
class Behind:
    """Which figure: its name and label, of which days, and perhaps of one store or product."""

    name: str
    label: str | None
    days: Days
    store: Store | None = None
    product: Product | None = None


@dataclass(frozen=True)
class ListedCall:
    """A call in a list."""

    code: str
    title: str
    starts_at: datetime
    created_at: datetime
    minutes: int
    state: str
    ended_by: str | None
    absent: str | None
    student: str
    coach: str
    spent_seconds: int | None  # both there; None without a record


@dataclass(frozen=True)
class ListedReceipt:
    """A receipt or credit note in a list."""

    code: str
    year: int
    number: int
    issued_on: date
    cents: int
    currency: str
    session_code: str
    title: str


@dataclass(frozen=True)
class ListedReview:
    """A review in a list."""

    session_code: str
    title: str
    stars: int
    made_at: datetime


@dataclass(frozen=True)
class ListedHours:
    """Hours on offer on one day, of one product."""

    day_on: date
    title: str
    minutes: int


def calls_behind(behind: Behind, number: int) -> tuple[list[ListedCall], int]:
    """A page of the calls, the latest first, and how many they are in all."""
    at = CoachingSession.created_at if behind.name == names.CREATED else CoachingSession.starts_at
    in_order = (at.desc(), CoachingSession.id.desc())
    # Found by as few tables as can be: of a year there may be very many.
    calls = CoachingSession.select(CoachingSession.id).join(Product).join_from(CoachingSession, Seat)
    if behind.store is None:
        calls = calls.join_from(Product, Store)
    if behind.name == names.CREATED and behind.label is not None:
        calls = calls.join_from(CoachingSession, Invitation, JOIN.LEFT_OUTER)
    calls = calls.where(_within(at, behind), *_of(behind), _is_counted(behind))
    page = [number for (number,) in rows(calls.order_by(*in_order).limit(A_PAGE).offset((number - 1) * A_PAGE))]
    coach = Person.alias()
    # As the sums have it: record_queries.calls_between.
    spent = Presence.select(Case(None, [(fn.COUNT(Presence.id) > 1, fn.MIN(Presence.seconds))]))
    spent = spent.join(Room).where(Presence.looks.is_null(False))
    listed = (
        Seat.select(
            *(CoachingSession.code, CoachingSession.title, CoachingSession.starts_at, CoachingSession.created_at),
            *(CoachingSession.minutes, CoachingSession.state, ENDED_BY, CoachingSession.absent),
            *(Person.name, coach.name, spent.where(Room.coaching_session == CoachingSession.id)),
        )
        .join(CoachingSession)
        .join_from(CoachingSession, coach)
        .join_from(Seat, Person)
        .where(CoachingSession.id.in_(page))
        .order_by(*in_order)
    )
    return [ListedCall(*row) for row in rows(listed)], calls.count()


def receipts_behind(behind: Behind, number: int) -> tuple[list[ListedReceipt], int]:
    """A page of the receipts, the latest first, and how many they are in all."""
    currency = (behind.label or "").removesuffix(names.TEST)
    is_test = (Payment.provider != "outside") & ~Payment.livemode
    query = (
        Receipt.select(
            *(Receipt.code, Receipt.year, Receipt.number, Receipt.issued_on, Receipt.amount_cents, Receipt.currency),
            *(CoachingSession.code, CoachingSession.title),
        )
        .join(Payment)
        .join(Seat)
        .join(CoachingSession)
        .join(Product)
        .join(Store)
        .where(
            Receipt.issued_on >= behind.days.first_on,
            Receipt.issued_on <= behind.days.last_on,
            Receipt.refund.is_null(behind.name == names.INCOME),
            Receipt.currency == currency,
            is_test if (behind.label or "").endswith(names.TEST) else ~is_test,
            *_of(behind),
        )
    )
    page = query.order_by(Receipt.issued_on.desc(), Receipt.id.desc()).limit(A_PAGE).offset((number - 1) * A_PAGE)
    return [ListedReceipt(*row) for row in rows(page)], query.count()


def reviews_behind(behind: Behind, number: int) -> tuple[list[ListedReview], int]:
    """A page of the reviews, the latest first, and how many they are in all."""
    query = (
        Review.select(CoachingSession.code, Product.title, Review.stars, Review.made_at)
        .join(Seat)
        .join(CoachingSession)
        .join(Product)
        .join(Store)
        .where(Review.hidden_at.is_null(), _within(Review.made_at, behind), *_of(behind))
    )
    page = query.order_by(Review.made_at.desc(), Review.id.desc()).limit(A_PAGE).offset((number - 1) * A_PAGE)
    return [ListedReview(*row) for row in rows(page)], query.count()


def hours_behind(behind: Behind, number: int) -> tuple[list[ListedHours], int]:
    """A page of hours on offer, the latest day first, and how many lines they are in all."""
    query = (
        DayFigure.select(DayFigure.day_on, Product.title, DayFigure.amount)
        .join(Product)
        .join(Store)
        .where(
            DayFigure.name == names.OFFERED,
            DayFigure.day_on >= behind.days.first_on,
            DayFigure.day_on <= behind.days.last_on,
            *_of(behind),
        )
    )
    page = query.order_by(DayFigure.day_on.desc(), Product.id).limit(A_PAGE).offset((number - 1) * A_PAGE)
    return [ListedHours(*row) for row in rows(page)], query.count()


def _of(behind: Behind) -> Iterator[Any]:
    if behind.store is not None:
        yield Product.store == behind.store
    if behind.product is not None:
        yield Product.id == behind.product.id


def _within(at: Any, behind: Behind) -> Any:
    """That the instant lies in the days, each by its own store's calendar."""
    if behind.store is not None:
        return _between(at, behind.days, behind.store.zone)
    zones = [zone for (zone,) in rows(Store.select(Store.zone).distinct())]
    by_zone = [(Store.zone == zone) & _between(at, behind.days, zone) for zone in zones]
    since, until = behind.days.instants_anywhere()  # by which an index finds them
    return (at >= since) & (at < until) & reduce(or_, by_zone or [Store.id.is_null()])


def _between(at: Any, days: Days, zone: str) -> Any:
    since, until = days.instants(zone)
    return (at >= since) & (at < until)


def _is_counted(behind: Behind) -> Any:
    """That the call counts for the figure."""
    state, label = CoachingSession.state, behind.label
    match behind.name:
        case names.CREATED:
            return True if label is None else _source() == label
        case names.COMPLETED | names.PLANNED_MINUTES:
            return state == "completed"
        case names.CANCELLED:
            return (state == "cancelled") & (True if label is None else fn.COALESCE(ENDED_BY, "") == label)
        case names.NO_SHOW:
            absent = fn.COALESCE(CoachingSession.absent, "unknown")
            return (state == "no_show") & (True if label is None else absent == label)
        case names.CAME_TO_NOTHING:
            return state.in_(("declined", "expired") if label is None else (label,))
        case names.COMING:
            return state.in_(LIVE_STATES)
        case names.BOOKED_MINUTES:
            return state.in_(AGREED)
        case names.RECORDED_MINUTES | names.SPENT_SECONDS:
            seen = Presence.select(fn.COUNT(Presence.id)).join(Room)
            both = seen.where(Room.coaching_session == CoachingSession.id, Presence.looks.is_null(False))
            return (state == "completed") & (both > 1)
        case _:
            return state.in_(OVER) & CoachingSession.id.in_(_with_room(behind))


def _source() -> Any:
    """counting.source_of, in the database."""
    return Case(
        None,
        [
            (Invitation.id.is_null(False), "invitation"),
            (Seat.partner.is_null(False), "partner"),
            (Seat.discount_code.is_null(False), "code"),
            (Seat.source.in_(names.SOURCES), Seat.source),
        ],
        "unknown",
    )


def _with_room(behind: Behind) -> list[int]:
    """The sessions whose room counts for the figure, worked out as the figure itself is."""
    since, until = behind.days.instants_anywhere()
    return [
        call.session_id
        for call in calls_between(behind.store.id if behind.store else None, since, until)
        if any(key.name == behind.name for key in count([call], behind.days))
    ]
