"""A coach's payments: what came and went in a month, what it comes to, and all of it as a file."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Response, request
from flask_login import login_required

from blueprints import zones
from blueprints.receipts.blueprint import blueprint
from blueprints.signed_in import signed_in
from blueprints.web import asked_page, now, render
from coaching.accounts.event_queries import find_restore
from coaching.booking.month import month_of, next_month
from coaching.catalog.models import Store
from coaching.catalog.queries import stores_of
from coaching.payments.statement_queries import (
    Side,
    count_of,
    each_movement,
    movements_of,
    refunds_on_their_way,
    totals_of,
)
from coaching.payments.statement_rules import csv_of

A_PAGE = 100
# What is due by then goes out at the worker's next run.
SOON = timedelta(minutes=2)
# Nobody was paid before, and each month has neighbours.
YEARS = range(2000, 3000)
HOW = {"stripe": "by card", "outside": "directly"}
SIDES: dict[Side, str] = {"all": "All", "paid": "Paid", "given_back": "Given back"}
# What is true of a refund that is not with its student yet.
ON_THE_WAY = {
    "owed": "Goes out within minutes",
    "asked": "On its way",
    "pending": "On its way",
    "by_hand": "You send it yourself",
    "failed": "Did not go through",
}


@dataclass(frozen=True)
class Asked:
    """What the address asks for; whatever is odd in it is taken for the ordinary."""

    first_on: date
    stores: list[Store]
    store: Store | None  # the only one asked for
    side: Side

    def address(self, **changes: Any) -> dict[str, Any]:
        """What an address has to say to ask for the same but for the changes."""
        said = {
            "month": f"{self.first_on:%Y-%m}",
            "store": self.store.slug if self.store else None,
            "show": None if self.side == "all" else self.side,
        }
        return said | changes


@blueprint.get("/dashboard/payments")
@login_required
def payments() -> Response:
    """A month of the signed-in coach's money."""
    own, asked = stores_of(signed_in().person), asked_for()
    number = asked_page()
    count = count_of(asked.stores, asked.first_on, asked.side)
    return render(
        "receipts/payments.html",
        stores=own,
        asked=asked,
        this_month=this_month(own),
        earlier=asked.address(month=f"{asked.first_on - timedelta(days=1):%Y-%m}"),
        later=asked.address(month=f"{next_month(asked.first_on):%Y-%m}"),
        sides=SIDES,
        count=count,
        number=number,
        has_older=count > number * A_PAGE,
        movements=movements_of(asked.stores, asked.first_on, asked.side, A_PAGE, (number - 1) * A_PAGE),
        totals=totals_of(asked.stores, asked.first_on, asked.side),
        on_their_way=refunds_on_their_way(signed_in().person),
        on_the_way_labels=ON_THE_WAY,
        soon=now() + SOON,
        providers=HOW,
        restored_at=find_restore(month_start(asked.first_on), month_start(next_month(asked.first_on))),
        zone=zones.page_zone(own[0].zone if own else "UTC"),
    )


@blueprint.get("/dashboard/payments.csv")
@login_required
def payments_file() -> Response:
    """The same month for a spreadsheet: a row each, the oldest first, and no sums, which are the page's."""
    asked = asked_for()
    answer = Response(csv_of(each_movement(asked.stores, asked.first_on, asked.side)), mimetype="text/csv")
    whose = f"{asked.store.slug}-" if asked.store else ""
    name = f"payments-{whose}{asked.first_on:%Y-%m}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def asked_for() -> Asked:
    """What the address asks for: a month, perhaps one of several stores, perhaps one side."""
    own = stores_of(signed_in().person)
    store = next((store for store in own if store.slug == request.args.get("store")), None)
    side: Side = next((side for side in SIDES if side == request.args.get("show")), "all")
    return Asked(asked_month() or this_month(own), [store] if store else own, store, side)


def month_start(first_on: date) -> datetime:
    """The month's first instant; to the hour it does not matter here."""
    return datetime(first_on.year, first_on.month, 1, tzinfo=UTC)


def asked_month() -> date | None:
    """The first day of the month in the address; None where there is none."""
    try:
        first_on = date.fromisoformat(f"{request.args.get('month', '')}-01")
    except ValueError:
        return None
    return first_on if first_on.year in YEARS else None


def this_month(stores: list[Store]) -> date:
    """The first day of the month that it is at the coach's first store."""
    return month_of(now(), stores[0].zone if stores else "UTC")
