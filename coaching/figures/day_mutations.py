"""What nothing else remembers is written down on its day: hours on offer, runs of the worker, channels in use."""

from datetime import UTC, date, datetime, timedelta

from peewee import chunked

from coaching.catalog.models import Store
from coaching.db import database
from coaching.figures import names
from coaching.figures.calendar import ONE_DAY, Days, day_of, month_of
from coaching.figures.day_queries import channels_now, most_channels_on, runs_on, store_hours, stores_to_write_down
from coaching.figures.models import DayFigure, FiguredStore, SiteFigure
from coaching.figures.month_mutations import (
    ROWS_AT_ONCE,
    insert_site_figures,
    lock_site,
    periods_of,
    sum_up,
    want_store,
)
from coaching.figures.offered import Offered, offered_on
from coaching.now import Now

WRITTEN_EVERY = timedelta(hours=1)
MOST_AT_ONCE = 100  # stores
# After so long without a worker nobody knows what the hours were.
MOST_DAYS = 31


def write_down_days(now: Now) -> None:
    """Today's figures stand there, and those of days without a worker as they would be today."""
    write_down_hours(now.product)
    _write_down_worker(now.machine)


def write_down_hours(now: datetime) -> None:
    """Hours on offer are those of schedules as they are; the last of a day stays."""
    written = {month_of(_write_down(store, figured, now)) for store, figured in _due(now)}
    for month in sorted(written):
        sum_up(month)


def _due(now: datetime) -> list[tuple[Store, FiguredStore | None]]:
    return list(stores_to_write_down(now, now + WRITTEN_EVERY, MOST_AT_ONCE))


def _write_down(store: Store, figured: FiguredStore | None, now: datetime) -> date:
    today = day_of(now, store.zone)
    since = min(figured.offered_until + ONE_DAY, today) if figured else today
    days = Days(max(since, today - MOST_DAYS * ONE_DAY), today)
    offered = offered_on(store_hours(store, days), days)
    values = {"zone": store.zone, "offered_until": today, "due_at": now + WRITTEN_EVERY}
    with database.atomic():
        FiguredStore.insert(store=store, **values).on_conflict(
            conflict_target=[FiguredStore.store], update=values
        ).execute()
        if figured and figured.zone != store.zone:
            want_store(store, now)
        write_offered(store, offered)
    return today


def write_offered(store: Store, offered: list[Offered]) -> None:
    """These are the hours on offer on these days."""
    days = [day.day_on for day in offered]
    is_there = (DayFigure.store == store) & DayFigure.day_on.in_(days)
    DayFigure.delete().where(is_there, DayFigure.name.in_([names.OFFERED, names.STORE_OFFERED])).execute()
    rows = [
        {"store": store.id, "product": product_id, "amount": minutes} | periods_of(day.day_on, name)
        for day in offered
        for name, product_id, minutes in (
            (names.STORE_OFFERED, None, day.store_minutes),
            *((names.OFFERED, product_id, minutes) for product_id, minutes in day.product_minutes.items()),
        )
        # That nothing was offered is known, too.
        if minutes or product_id is None
    ]
    for some in chunked(rows, ROWS_AT_ONCE):
        DayFigure.insert_many(some).execute()


def _write_down_worker(now: datetime) -> None:
    midnight = datetime(now.year, now.month, now.day, tzinfo=UTC)
    channels = channels_now()
    for start in (midnight - ONE_DAY, midnight):
        day = start.date()
        runs, failed = runs_on(start)
        most = max(most_channels_on(day), channels if start == midnight else 0)
        figures = [(names.RUNS, runs), (names.FAILED_RUNS, failed), (names.CHANNELS, most)]
        with database.atomic():
            lock_site()
            is_there = (SiteFigure.day_on == day) & SiteFigure.name.in_([name for name, _ in figures])
            SiteFigure.delete().where(is_there).execute()
            insert_site_figures((day, name, "", amount) for name, amount in figures if amount)
