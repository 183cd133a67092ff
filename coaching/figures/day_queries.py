"""Reads of what is written down day by day: hours on offer, what the worker did, how many channels there are."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from peewee import JOIN, fn

from coaching.catalog.models import Product, Store
from coaching.db import rows
from coaching.figures.calendar import Days
from coaching.figures.models import FiguredStore, SiteFigure
from coaching.figures.offered import StoreHours
from coaching.hours.models import Schedule, TimeOff
from coaching.hours.queries import weekly_hours
from coaching.rooms.models import Room
from coaching.runtime.models import Run


def stores_to_write_down(now: datetime, not_after: datetime, limit: int) -> Iterator[tuple[Store, FiguredStore | None]]:
    """The stores whose turn it is, those that are new first."""
    is_due = FiguredStore.due_at.is_null() | (FiguredStore.due_at <= now) | (FiguredStore.due_at > not_after)
    query = (
        Store.select(Store, FiguredStore)
        .join(FiguredStore, JOIN.LEFT_OUTER, attr="figured")
        .where(is_due | (FiguredStore.zone != Store.zone))
        .order_by(FiguredStore.due_at.asc(nulls="FIRST"), Store.id)
        .limit(limit)
    )
    for store in query:
        yield store, getattr(store, "figured", None)


def store_hours(store: Store, days: Days) -> StoreHours:
    """What a store offers on these days by its hours as they are now; nothing while it may not sell."""
    since, until = days.instants_anywhere()
    products = Product.select(Product, Schedule).join(Schedule).where(Product.store == store)
    on_sale = list(products.where(Product.state == "published")) if store.stopped_at is None else []
    weeks = {product.schedule_id: weekly_hours(product.schedule) for product in on_sale if product.schedule}
    off = TimeOff.select(TimeOff.starts_at, TimeOff.ends_at).where(
        TimeOff.coach == store.owner_id, TimeOff.starts_at < until, TimeOff.ends_at > since
    )
    return StoreHours(
        store.zone,
        {product.id: weeks[product.schedule_id] for product in on_sale if product.schedule_id in weeks},
        tuple((begin, end) for begin, end in rows(off)) if on_sale else (),
    )


def runs_on(day_start: datetime) -> tuple[int, int]:
    """In how many minutes of the day the worker did something, and in how many of them something failed."""
    is_then = (Run.minute >= day_start) & (Run.minute < day_start + timedelta(days=1))
    total = Run.select().where(is_then).count()
    return total, Run.select().where(is_then, Run.failed > 0).count() if total else 0


def channels_now() -> int:
    """How many channels of ours there are, as far as is recorded."""
    return int(Room.select().where(Room.kind == "session", Room.discord_channel_id.is_null(False)).count())


def most_channels_on(day: object) -> int:
    """The most that were written down for the day so far."""
    is_then = (SiteFigure.day_on == day) & (SiteFigure.name == "channels")
    return int(SiteFigure.select(fn.MAX(SiteFigure.amount)).where(is_then).scalar() or 0)
