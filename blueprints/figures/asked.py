"""What an address of a page of figures asks for; whatever is odd in it is taken for the ordinary."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote_plus, urlencode

from flask import request, url_for

from coaching.catalog.models import Product, Store
from coaching.errors import NotFound
from coaching.figures import names
from coaching.figures.calendar import ONE_DAY, Days, Unit, day_of, period_days, periods
from coaching.figures.queries import products_of_store

UNITS: dict[Unit, str] = {"day": "Days", "week": "Weeks", "month": "Months"}
EARLIEST = date(2000, 1, 1)
# Where the lists behind the worker's figures are.
LISTS = {names.RUNS: "admin.run_list", names.FAILED_RUNS: "admin.run_list", names.CHANNELS: "admin.room_list"}


@dataclass(frozen=True)
class Asked:
    """Which figures: of a store or of the site, by which unit, up to which day, perhaps of one product."""

    endpoint: str  # of the page; its file and its lists have names that begin with it
    store: Store | None
    products: Sequence[Product]
    product: Product | None
    unit: Unit
    last_on: date
    today: date

    @cached_property
    def firsts(self) -> list[date]:
        """The first days of the periods that are shown, in order."""
        return periods(self.last_on, self.unit)

    @cached_property
    def days(self) -> Days:
        """All days that are shown: never one that is to come."""
        return Days(self.firsts[0], min(period_days(self.firsts[-1], self.unit).last_on, self.today))

    def days_of(self, first_on: date) -> Days:
        """The days of one of the periods."""
        days = period_days(first_on, self.unit)
        return Days(days.first_on, min(days.last_on, self.today))

    def address(self, part: str = "", **changes: Any) -> str:
        """The page's address, or that of its file or lists, with these changes."""
        said = {
            "store": self.store.slug if self.store else None,
            "product": self.product.code if self.product else None,
            "by": None if self.unit == "day" else self.unit,
            "until": None if self.last_on == self.today else self.last_on.isoformat(),
        } | changes
        asked = urlencode({name: value for name, value in said.items() if value is not None})
        return url_for(f"{self.endpoint}{part}") + (f"?{asked}" if asked else "")

    @property
    def earlier(self) -> str:
        """The address of the periods before."""
        return self.address(until=max(self.firsts[0] - ONE_DAY, EARLIEST).isoformat())

    @property
    def later(self) -> str | None:
        """The address of the periods after; None where they are to come."""
        if self.days.last_on >= self.today:
            return None
        last_on = self.days.last_on
        for _ in self.firsts:
            last_on = period_days(last_on + ONE_DAY, self.unit).last_on
        return self.address(until=None if last_on >= self.today else last_on.isoformat())

    def behind(self, name: str, label: str | None, days: Days, product: Product | None = None) -> str:
        """The address of the list behind a figure."""
        if name in LISTS:
            return url_for(LISTS[name])
        of = product or self.product
        said = f"&from={days.first_on.isoformat()}&to={days.last_on.isoformat()}"
        said += f"&label={quote_plus(label)}" if label is not None else ""
        said += f"&product={of.code}" if of else ""
        return f"{self._behind_path}what={name}{said}"

    @cached_property
    def _behind_path(self) -> str:
        # There are hundreds of them on a page. Each tells the way back to it, `shown` for its product.
        asked = self.address("_behind", product=None, shown=self.product.code if self.product else None)
        return f"{asked}{'&' if '?' in asked else '?'}"


def asked_for(endpoint: str, store: Store | None, now: datetime) -> Asked:
    """What the address asks for; NotFound for a product that is not the store's."""
    today = day_of(now, store.zone if store else "UTC")
    products = products_of_store(store) if store else []
    unit: Unit = next((unit for unit in UNITS if unit == request.args.get("by")), "day")
    last_on = min(max(asked_day("until") or today, EARLIEST), today)
    return Asked(endpoint, store, products, asked_product(products), unit, last_on, today)


def asked_product(products: Sequence[Product]) -> Product | None:
    """The product that the address names, if it names one."""
    code = request.args.get("product")
    if not code:
        return None
    chosen_product = next((product for product in products if product.code == code), None)
    if chosen_product is None:
        raise NotFound
    return chosen_product


def asked_day(name: str) -> date | None:
    """The day in the address under this name; None where there is none."""
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
