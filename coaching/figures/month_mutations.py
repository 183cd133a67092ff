"""Figures by day are as the other tables have them: months that changed are counted anew, and the site's summed up."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from peewee import chunked

from coaching.catalog.models import Product, Store
from coaching.db import database
from coaching.figures import names
from coaching.figures.calendar import day_of, month_days, month_of, week_of
from coaching.figures.counting import Key
from coaching.figures.models import DayFigure, FiguredMonth, FigureMark, SiteFigure
from coaching.figures.month_queries import (
    EVENTS_AT_ONCE,
    Months,
    changed_months,
    counted_month,
    due_months,
    find_mark,
    is_any_due,
    kept_month,
    last_event_id,
    months_with_records,
    summed_month,
)

# Whatever no history tells of (who stayed how long, an older review) is found within so long: of months that are over
# for long within a day. It costs a large site seconds.
COUNTED_EVERY, OLD_COUNTED_EVERY = timedelta(hours=1), timedelta(days=1)
# Records of who was in a room are kept for 90 days, also of the first day of a month: it is old before that.
OLD = timedelta(days=55)
MOST_AT_ONCE = 200  # months
ROWS_AT_ONCE = 300


def refresh_months(now: datetime, most: int = MOST_AT_ONCE) -> bool:
    """Months that are due are counted anew; True when some are left to the next run."""
    _find_changes(now)
    latest = now + OLD_COUNTED_EVERY
    changed: set[date] = set()
    for store_id, month in due_months(now, latest, most):
        if _count_anew(store_id, month, now):
            changed.add(month)
    for month in sorted(changed):
        sum_up(month)
    if is_any_due(now, latest):
        return True
    FigureMark.update(complete_at=now).execute()
    return False


def want_month(product: Product, at: datetime, now: datetime) -> None:
    """The month that the instant lies in is counted anew with the next run."""
    store = product.store
    _want({(store.id, month_of(day_of(at, store.zone)))}, now)


def want_store(store: Store, now: datetime) -> None:
    """All of a store's months are counted anew: its days are others now."""
    FiguredMonth.update(due_at=now).where(FiguredMonth.store == store).execute()
    # Some may lie in months that had none.
    FigureMark.update(searched_at=now - OLD_COUNTED_EVERY).execute()


def want_all(now: datetime) -> None:
    """Everything is counted anew with the next runs."""
    with database.atomic():
        FigureMark.delete().execute()
        FiguredMonth.update(due_at=now).execute()


def _find_changes(now: datetime) -> None:
    """Whatever changed since the last run is due."""
    mark = find_mark()
    last_id = last_event_id()
    # Without a mark, once a day, and where an older database was put back, all months are looked for.
    if mark is None or mark.event_id > last_id or not mark.searched_at <= now < mark.searched_at + OLD_COUNTED_EVERY:
        months = months_with_records()
        with database.atomic():
            _add(months, now)
            if mark is None:
                FigureMark.create(event_id=last_id, searched_at=now)
            elif mark.event_id > last_id:
                FiguredMonth.update(due_at=now).execute()
                FigureMark.update(event_id=last_id, searched_at=now).execute()
            else:
                FigureMark.update(searched_at=now).execute()
    mark = find_mark()
    while mark and mark.event_id < last_id:
        months, event_id = changed_months(mark.event_id)
        with database.atomic():
            _want(months, now)
            FigureMark.update(event_id=event_id).execute()
        if event_id == mark.event_id or event_id < mark.event_id + EVENTS_AT_ONCE:
            return
        mark = find_mark()


def _add(months: Months, now: datetime) -> None:
    """They are due, unless they are known."""
    for some in chunked(sorted(months), ROWS_AT_ONCE):
        rows = [{"store": store_id, "month_on": month, "due_at": now} for store_id, month in some]
        FiguredMonth.insert_many(rows).on_conflict_ignore().execute()


def _want(months: Months, now: datetime) -> None:
    for some in chunked(sorted(months), ROWS_AT_ONCE):
        rows = [{"store": store_id, "month_on": month, "due_at": now} for store_id, month in some]
        FiguredMonth.insert_many(rows).on_conflict(
            conflict_target=[FiguredMonth.store, FiguredMonth.month_on], preserve=[FiguredMonth.due_at]
        ).execute()


def _count_anew(store_id: int, month: date, now: datetime) -> bool:
    """The month's figures are what is recorded; True when that changed any."""
    days = month_days(month)
    is_old = days.last_on < (now - OLD).date()
    due_at = now + (OLD_COUNTED_EVERY if is_old else COUNTED_EVERY)
    counted = counted_month(store_id, days)
    with database.atomic():
        # Whoever else is at the same month waits here, and then compares with what was written.
        FiguredMonth.update(due_at=due_at).where(
            FiguredMonth.store == store_id, FiguredMonth.month_on == month
        ).execute()
        before = kept_month(store_id, days)
        if is_old:
            counted = _with_forgotten(before, counted)
        changed = {key.day_on for key, _ in before.items() ^ counted.items()}
        if changed:
            is_counted = (DayFigure.store == store_id) & DayFigure.name.not_in(names.KEPT)
            DayFigure.delete().where(is_counted, DayFigure.day_on.in_(sorted(changed))).execute()
            _insert(store_id, {key: amount for key, amount in counted.items() if key.day_on in changed})
    return bool(changed)


def _with_forgotten(before: Mapping[Key, int], counted: Mapping[Key, int]) -> Counter[Key]:
    """What is counted, with what was counted before where its records may be gone by now."""
    lasting = {key: amount for key, amount in counted.items() if key.name not in names.SHORT_LIVED}
    forgotten = {key: amount for key, amount in before.items() if key.name in names.SHORT_LIVED}
    return Counter(lasting | (forgotten or {key: amount for key, amount in counted.items() if key not in lasting}))


def _insert(store_id: int, figures: Mapping[Key, int]) -> None:
    rows = [
        {"store": store_id, "product": key.product_id, "label": key.label, "amount": amount}
        | periods_of(key.day_on, key.name)
        for key, amount in figures.items()
    ]
    for some in chunked(rows, ROWS_AT_ONCE):
        DayFigure.insert_many(some).execute()


def sum_up(month: date) -> None:
    """The site's figures of the month are the sums of all stores'."""
    days = month_days(month)
    with database.atomic():
        lock_site()
        summed = summed_month(days)
        is_summed = (SiteFigure.day_on >= days.first_on) & (SiteFigure.day_on <= days.last_on)
        SiteFigure.delete().where(
            is_summed, SiteFigure.name.not_in([name for name in names.KEPT if name != names.STORE_OFFERED])
        ).execute()
        insert_site_figures(summed)


def lock_site() -> None:
    """Whoever else writes figures of the site waits for the end of the transaction."""
    FigureMark.update(event_id=FigureMark.event_id).execute()


def insert_site_figures(figures: Iterable[tuple[date, str, str, int]]) -> None:
    """Write down day, name, label and amount of each, with the periods that it lies in."""
    rows = [{"label": label, "amount": amount} | periods_of(day, name) for day, name, label, amount in figures]
    for some in chunked(rows, ROWS_AT_ONCE):
        SiteFigure.insert_many(some).execute()


def periods_of(day: date, name: str) -> dict[str, Any]:
    """The columns that say which figure of which day it is, and in which week and month that lies."""
    return {"day_on": day, "week_on": week_of(day), "month_on": month_of(day), "name": name}
