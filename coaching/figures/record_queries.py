"""Reads of what figures are counted from, as plain values: the bookings, calls, receipts and reviews of some days."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from typing import Any

from peewee import JOIN, Case, fn

from coaching.booking.events import STUDENTS_OWN, EventKind
from coaching.booking.models import STATES, CoachingSession, Invitation, Seat, SessionEvent
from coaching.catalog.models import Product, Store
from coaching.db import rows
from coaching.figures.calendar import Days
from coaching.figures.counting import Booking, Call, Money, Record, Reviewed, RoomRecord, read_opening
from coaching.payments.models import Payment, Receipt
from coaching.reviews.models import Review
from coaching.rooms.models import Presence, Room

# By whom a call was cancelled: what an admin cancels for somebody suspended is on neither side.
ENDED_BY = Case(None, [(CoachingSession.ended_by_admin, "site")], CoachingSession.ended_by)


def records_of(store_id: int | None, days: Days) -> Iterable[Record]:
    """All that counts on these days, and some more around them; of one store, or else of all."""
    since, until = days.instants_anywhere()
    return chain(
        bookings_between(store_id, since, until),
        calls_between(store_id, since, until),
        money_of(store_id, days),
        reviews_between(store_id, since, until),
    )


def bookings_between(store_id: int | None, since: datetime, until: datetime) -> Iterator[Booking]:
    """What was booked then, whatever became of it. A time that is only kept for somebody has no seat."""
    query = (
        Seat.select(
            CoachingSession.product,
            Store.zone,
            CoachingSession.created_at,
            Seat.source,
            Seat.partner.is_null(False),
            Seat.discount_code.is_null(False),
            Invitation.id.is_null(False),
        )
        .join(CoachingSession)
        .join(Product)
        .join(Store)
        .join_from(CoachingSession, Invitation, JOIN.LEFT_OUTER)
        .where(CoachingSession.created_at >= since, CoachingSession.created_at < until)
    )
    for product_id, zone, created_at, source, *is_there in rows(_of(query, store_id)):
        yield Booking(product_id, zone, created_at, source, *map(bool, is_there))


def calls_between(store_id: int | None, since: datetime, until: datetime) -> Iterator[Call]:
    """What was to begin then."""
    presences = Presence.select(Case(None, [(fn.COUNT(Presence.id) > 1, fn.MIN(Presence.seconds))]))
    events = SessionEvent.select(fn.MAX(SessionEvent.kind + SessionEvent.fields)).where(
        SessionEvent.coaching_session == CoachingSession.id,
        SessionEvent.kind.in_((EventKind.KEPT_OUT, EventKind.RECORD_LOST)),
    )
    query = (
        CoachingSession.select(
            CoachingSession.id,
            CoachingSession.product,
            Store.zone,
            CoachingSession.starts_at,
            fn.COALESCE(CoachingSession.timed_at, CoachingSession.created_at),
            CoachingSession.minutes,
            CoachingSession.state,
            ENDED_BY,
            CoachingSession.absent,
            presences.where(Presence.room == Room.id, Presence.looks.is_null(False)),
            Room.thresholds,
            Room.let_in,
            Room.let_in_since,
            events,
        )
        .join(Product)
        .join(Store)
        .join_from(CoachingSession, Seat)
        .join_from(CoachingSession, Room, JOIN.LEFT_OUTER)
        .where(CoachingSession.starts_at >= since, CoachingSession.starts_at < until)
    )
    if store_id is None:
        query = query.where(CoachingSession.state.in_(STATES))  # as the index of starts has it
    for row in rows(_of(query, store_id)):
        thresholds, let_in, let_in_since, event = row[-4:]
        values: list[Any] = [*row[:-4], _room(thresholds, let_in, let_in_since, event or "")]
        yield Call(*values)


def money_of(store_id: int | None, days: Days) -> Iterator[Money]:
    """The receipts of these days, summed up."""
    keys = (
        CoachingSession.product,
        Receipt.issued_on,
        Receipt.currency,
        Payment.provider,
        Payment.livemode,
        Receipt.refund.is_null(False),
    )
    query = (
        Receipt.select(*keys, fn.SUM(Receipt.amount_cents))
        .join(Payment)
        .join(Seat)
        .join(CoachingSession)
        .join(Product)
        .join(Store)
        .where(Receipt.issued_on >= days.first_on, Receipt.issued_on <= days.last_on)
        .group_by(*keys)
    )
    if store_id is not None:
        query = query.where(Receipt.store == store_id)
    for product_id, issued_on, currency, provider, livemode, is_refund, cents in rows(query):
        is_test = provider != "outside" and not livemode
        yield Money(product_id, issued_on, currency, is_test, bool(is_refund), int(cents))


def reviews_between(store_id: int | None, since: datetime, until: datetime) -> Iterator[Reviewed]:
    """The reviews written then that can be seen."""
    query = (
        Review.select(Review.product, Store.zone, Review.made_at, Review.stars)
        .join(Product)
        .join(Store)
        .where(Review.hidden_at.is_null(), Review.made_at >= since, Review.made_at < until)
    )
    for row in rows(_of(query, store_id)):
        yield Reviewed(*row)


def _of(query: Any, store_id: int | None) -> Any:
    return query if store_id is None else query.where(Product.store == store_id)


def _room(thresholds: str | None, let_in: Any, let_in_since: datetime | None, event: str) -> RoomRecord | None:
    if event.startswith(EventKind.RECORD_LOST):
        return None
    if event:
        is_own = any(f'"{cause}"' in event for cause in STUDENTS_OWN)
        return None if is_own else RoomRecord(kept_out=True)
    if thresholds is None:
        return None
    return RoomRecord(read_opening(thresholds), tuple(let_in or ()), let_in_since)
