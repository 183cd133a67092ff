"""Reads of which months have something in them, and which of them are to be worked out anew."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from peewee import fn

from coaching.booking.events import EventKind, FromTo
from coaching.booking.models import CoachingSession, SessionEvent
from coaching.catalog.models import Product, Store
from coaching.db import rows
from coaching.figures import names
from coaching.figures.calendar import Days, day_of, month_of
from coaching.figures.counting import Key, count
from coaching.figures.models import DayFigure, FiguredMonth, FigureMark
from coaching.figures.record_queries import records_of
from coaching.log_lines import event_of
from coaching.payments.models import Receipt
from coaching.reviews.models import Review

Months = set[tuple[int, date]]  # a store's id, and the first day of a month
EVENTS_AT_ONCE = 5000


def find_mark() -> FigureMark | None:
    """Up to where changes are known; None before the first run."""
    figure_mark: FigureMark | None = FigureMark.select().first()
    return figure_mark


def last_event_id() -> int:
    """The id of the latest line of any session's history; 0 without one."""
    event_id = SessionEvent.select(SessionEvent.id).order_by(SessionEvent.id.desc()).limit(1).scalar()
    return int(event_id or 0)


def months_with_records() -> Months:
    """Every month in which anything counts, or once did."""
    months: Months = set()
    sessions = CoachingSession.select(
        Product.store, Store.zone, CoachingSession.created_at, CoachingSession.starts_at
    ).join(Product)
    for store_id, zone, *instants in rows(sessions.join(Store)):
        months.update((store_id, month_of(day_of(at, zone))) for at in instants)
    reviews = Review.select(Product.store, Store.zone, Review.made_at).join(Product).join(Store)
    months.update((store_id, month_of(day_of(at, zone))) for store_id, zone, at in rows(reviews))
    receipts = Receipt.select(Receipt.store, Receipt.issued_on).distinct()
    months.update((store_id, month_of(day)) for store_id, day in rows(receipts))
    return months | set(rows(DayFigure.select(DayFigure.store, DayFigure.month_on).distinct()))


def changed_months(after_id: int) -> tuple[Months, int]:
    """The months that the next lines of histories are about, and the last of these lines; the same without one."""
    query = (
        SessionEvent.select(
            *(SessionEvent.id, SessionEvent.kind, SessionEvent.fields, Product.store, Store.zone),
            *(CoachingSession.created_at, CoachingSession.starts_at),
        )
        .join(CoachingSession)
        .join(Product)
        .join(Store)
        .where(SessionEvent.id > after_id)
        .order_by(SessionEvent.id)
        .limit(EVENTS_AT_ONCE)
    )
    months: Months = set()
    lines = list(rows(query))
    for _, kind, fields, store_id, zone, *instants in lines:
        for at in (*instants, *_earlier_start(kind, fields)):
            months.add((store_id, month_of(day_of(at, zone))))
    return months, lines[-1][0] if lines else after_id


def _earlier_start(kind: str, fields: str) -> Iterator[datetime]:
    said = event_of(EventKind, kind, fields).fields if kind == EventKind.MOVED else None
    if isinstance(said, FromTo):
        yield datetime.fromisoformat(said.before)


def due_months(now: datetime, not_after: datetime, limit: int) -> list[tuple[int, date]]:
    """The months that are due; what is due after `not_after` is so by a clock that was put back since."""
    is_due = (FiguredMonth.due_at <= now) | (FiguredMonth.due_at > not_after)
    query = FiguredMonth.select(FiguredMonth.store, FiguredMonth.month_on).where(is_due)
    return [(store_id, month) for store_id, month in rows(query.order_by(FiguredMonth.month_on.desc()).limit(limit))]


def is_any_due(now: datetime, not_after: datetime) -> bool:
    """True while a month is due."""
    return bool(due_months(now, not_after, 1))


def counted_month(store_id: int, days: Days) -> Counter[Key]:
    """The store's figures of these days, counted from what is recorded."""
    return count(records_of(store_id, days), days)


def kept_month(store_id: int, days: Days) -> Counter[Key]:
    """The same as they were counted before."""
    query = DayFigure.select(
        DayFigure.product, DayFigure.day_on, DayFigure.name, DayFigure.label, DayFigure.amount
    ).where(DayFigure.store == store_id, *_counted(days))
    return Counter({Key(*key): amount for *key, amount in rows(query)})


def summed_month(days: Days) -> list[tuple[date, str, str, int]]:
    """Day, name, label and sum over all stores; hours are those of whole stores."""
    keys = (DayFigure.day_on, DayFigure.name, DayFigure.label)
    query = (
        DayFigure.select(*keys, fn.SUM(DayFigure.amount))
        .where(DayFigure.day_on >= days.first_on, DayFigure.day_on <= days.last_on, DayFigure.name != names.OFFERED)
        .group_by(*keys)
    )
    return [(day, name, label, int(amount)) for day, name, label, amount in rows(query)]


def _counted(days: Days) -> Iterable[object]:
    return (
        DayFigure.day_on >= days.first_on,
        DayFigure.day_on <= days.last_on,
        DayFigure.name.not_in(names.KEPT),
    )
