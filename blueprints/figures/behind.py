"""The list behind a figure: the calls, receipts, reviews or hours that it counts."""

from typing import Any

from flask import Response, request, url_for

from blueprints.figures.asked import asked_day, asked_product
from blueprints.figures.page import days_label
from blueprints.figures.sections import OUTCOME_LABELS, SOURCE_LABELS
from blueprints.web import asked_page, render
from coaching.catalog.models import Store
from coaching.errors import NotFound
from coaching.figures import list_queries as lists
from coaching.figures import names
from coaching.figures.calendar import Days
from coaching.figures.queries import products_of_store
from coaching.payments.receipt_rules import number_text

WORDS = {
    names.CREATED: "Booked",
    names.COMPLETED: "Took place",
    names.CANCELLED: "Cancelled",
    names.NO_SHOW: "Missed, or not known",
    names.CAME_TO_NOTHING: "Came to nothing",
    names.COMING: "To come, or on now",
    names.BOOKED_MINUTES: "Hours booked: calls that were agreed on and not called off",
    names.PLANNED_MINUTES: "Minutes planned: calls that took place",
    names.RECORDED_MINUTES: "Calls with a record of who was there",
    names.SPENT_SECONDS: "Time really spent: calls with a record of who was there",
    names.ROOM_IN_TIME: "Rooms that opened in time",
    names.ROOM_LATE: "Rooms that opened late",
    names.ROOM_NEVER: "Rooms that never opened",
    names.ROOM_DELAY: "Rooms that opened after they were due",
    names.INCOME: "Paid",
    names.REFUNDED: "Given back",
    names.REVIEWS: "Reviews",
    names.STARS: "Reviews",
    names.OFFERED: "Hours on offer",
    names.STORE_OFFERED: "Hours on offer",
}
# Of these the list says how long each call is, or how long both were there: it adds up to the figure.
LONG = (names.BOOKED_MINUTES, names.PLANNED_MINUTES, names.RECORDED_MINUTES)
WHO = {"student": "by students", "coach": "by the coach", "site": "by whoever runs this site"}
ABSENT = {"student": "Student absent", "coach": "Coach absent", "both": "Both absent", "unknown": "Nobody knows"}
STATES = {
    **{"held": "Held until paid", "requested": "Asked for", "scheduled": "Booked", "in_progress": "On now"},
    **{"completed": "Took place", "cancelled": "Cancelled", "declined": "Declined", "expired": "Ran out"},
}


def show_list(store: Store | None, endpoint: str, zone: str) -> Response:
    """The list that the address asks for; NotFound where it asks for no figure, no days, or another's product."""
    name, first_on, last_on = request.args.get("what", ""), asked_day("from"), asked_day("to")
    if name not in WORDS or first_on is None or last_on is None or not 2000 <= first_on.year <= last_on.year < 3000:
        raise NotFound
    product = asked_product(products_of_store(store)) if store else None
    behind = lists.Behind(name, request.args.get("label"), Days(first_on, last_on), store, product)
    number = asked_page()
    kind, listed, count = _listed(behind, number)
    said: dict[str, Any] = request.args.to_dict()
    return render(
        "figures/behind.html",
        heading=heading_of(behind),
        days=days_label(behind.days),
        behind=behind,
        kind=kind,
        listed=listed,
        count=count,
        number=number,
        has_more=count > number * lists.A_PAGE,
        pages=lambda to: url_for(f"{endpoint}_behind", **(said | {"page": to})),
        back=url_for(
            endpoint, product=said.get("shown"), **{part: said.get(part) for part in ("store", "by", "until")}
        ),
        length="spent" if name == names.SPENT_SECONDS else "planned" if name in LONG else "",
        of_site=endpoint.startswith("admin."),
        zone=zone,
        states=STATES,
        absent=ABSENT,
        number_text=number_text,
    )


def _listed(behind: lists.Behind, number: int) -> tuple[str, list[Any], int]:
    if behind.name in lists.CALLS:
        return "calls", *lists.calls_behind(behind, number)
    if behind.name in lists.MONEY:
        return "money", *lists.receipts_behind(behind, number)
    if behind.name in lists.OF_REVIEWS:
        return "reviews", *lists.reviews_behind(behind, number)
    return "hours", *lists.hours_behind(behind, number)


def heading_of(behind: lists.Behind) -> str:
    """What is listed, in words."""
    words, label = WORDS[behind.name], behind.label
    match behind.name:
        case names.CREATED if label:
            return f"{words}: {SOURCE_LABELS.get(label, label).lower()}"
        case names.CANCELLED if label in WHO:
            return f"{words} {WHO[label]}"
        case names.NO_SHOW if label in ABSENT:
            return ABSENT[label]
        case names.CAME_TO_NOTHING if label in OUTCOME_LABELS:
            return OUTCOME_LABELS[label]
        case names.INCOME | names.REFUNDED if label:
            currency = label.removesuffix(names.TEST)
            return f"{words} in {currency}{', test payments' if label.endswith(names.TEST) else ''}"
        case _:
            return words
