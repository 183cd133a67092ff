"""Reads of figures for pages: days that are over from the sums, what is not summed up yet from what is recorded."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from peewee import fn

from coaching.catalog.models import Product, Store
from coaching.db import rows
from coaching.figures import names
from coaching.figures.calendar import ONE_DAY, Days, Unit, day_of, period_of
from coaching.figures.counting import Key, count
from coaching.figures.models import DayFigure, SiteFigure
from coaching.figures.month_queries import find_mark
from coaching.figures.record_queries import records_of
from coaching.figures.sheet import Cell, Sheet

MOST_STORES = 20
_COLUMNS: dict[Unit, str] = {"day": "day_on", "week": "week_on", "month": "month_on"}


def store_sheet(store: Store, unit: Unit, days: Days, now: datetime) -> Sheet:
    """The figures of a store in these days, by period and product; `days` ends today at the latest."""
    cells: Counter[Cell] = Counter()
    live = _live_days(days, now, store.zone)
    period = getattr(DayFigure, _COLUMNS[unit])
    keys = (DayFigure.product, period, DayFigure.name, DayFigure.label)
    # What is written down on its day is never counted from records.
    is_summed = (DayFigure.day_on < live.first_on) | DayFigure.name.in_([names.OFFERED, names.STORE_OFFERED])
    query = (
        DayFigure.select(*keys, fn.SUM(DayFigure.amount))
        .where(DayFigure.store == store, DayFigure.day_on >= days.first_on, DayFigure.day_on <= days.last_on, is_summed)
        .group_by(*keys)
    )
    for product_id, first_on, name, label, amount in rows(query):
        cells[Cell(product_id, first_on, name, label)] += int(amount)
    _add_live(cells, store.id, live, unit)
    return Sheet(cells)


def site_sheet(unit: Unit, days: Days, now: datetime) -> Sheet:
    """The figures of all stores together; without products."""
    cells: Counter[Cell] = Counter()
    live = _live_days(days, now, "UTC")
    period = getattr(SiteFigure, _COLUMNS[unit])
    keys = (period, SiteFigure.name, SiteFigure.label)
    is_summed = (SiteFigure.day_on < live.first_on) | SiteFigure.name.in_(names.KEPT)
    query = (
        SiteFigure.select(*keys, fn.SUM(SiteFigure.amount), fn.MAX(SiteFigure.amount))
        .where(SiteFigure.day_on >= days.first_on, SiteFigure.day_on <= days.last_on, is_summed)
        .group_by(*keys)
    )
    for first_on, name, label, total, most in rows(query):
        cells[Cell(None, first_on, name, label)] += int(most if name in names.HIGHEST else total)
    for cell, amount in _live(None, live, unit):
        cells[Cell(None, cell.first_on, cell.name, cell.label)] += amount
    return Sheet(cells)


def busiest_stores(days: Days) -> list[tuple[str, str, int]]:
    """Slug, name and number of bookings of the stores with the most in these days, as they are summed up so far."""
    total = fn.SUM(DayFigure.amount)
    query = (
        DayFigure.select(Store.slug, Store.name, total)
        .join(Store)
        .where(DayFigure.name == names.CREATED, DayFigure.day_on >= days.first_on, DayFigure.day_on <= days.last_on)
        .group_by(Store.id, Store.slug, Store.name)
        .order_by(total.desc(), Store.id)
        .limit(MOST_STORES)
    )
    return [(slug, name, int(amount)) for slug, name, amount in rows(query)]


def products_of_store(store: Store) -> list[Product]:
    """All that the store sells or sold, as figures name it."""
    return list(
        Product.select(Product.id, Product.code, Product.title, Product.state)
        .where(Product.store == store)
        .order_by(Product.position, Product.id)
    )


def _live_days(days: Days, now: datetime, zone: str) -> Days:
    """The last of the days: yesterday and today, and those since the sums were last complete."""
    mark = find_mark()
    complete_at = mark.complete_at if mark else None
    if complete_at is None:
        return days
    yesterday = day_of(now, zone) - ONE_DAY
    return Days(max(days.first_on, min(yesterday, day_of(complete_at, zone) - ONE_DAY)), days.last_on)


def _add_live(cells: Counter[Cell], store_id: int, live: Days, unit: Unit) -> None:
    for cell, amount in _live(store_id, live, unit):
        cells[cell] += amount


def _live(store_id: int | None, live: Days, unit: Unit) -> Iterable[tuple[Cell, int]]:
    """What is recorded of these days, counted now."""
    if live.first_on > live.last_on:
        return
    counted: Counter[Key] = count(records_of(store_id, live), live)
    for key, amount in counted.items():
        yield Cell(key.product_id, period_of(key.day_on, unit), key.name, key.label), amount
