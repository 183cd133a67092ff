"""Why is this time free, or not? Asked by a coach of a call, a day and a time on their own clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Response, request
from flask_login import login_required
from werkzeug.datastructures import MultiDict
from wtforms import SelectField
from wtforms.validators import StopValidation

from blueprints.accounts.message_forms import ClockField
from blueprints.filters import minutes as length_text
from blueprints.forms import Form, checked, required
from blueprints.schedules.blueprint import blueprint
from blueprints.schedules.day_forms import DateField
from blueprints.schedules.page import head_of, own_schedule
from blueprints.web import now, render
from coaching.booking.explain import Reason
from coaching.booking.explain_queries import explain_start
from coaching.catalog.models import Offer, Product
from coaching.catalog.queries import offers_by_product
from coaching.hours.models import Schedule
from coaching.hours.queries import weekly_hours
from coaching.hours.wall_clock import MINUTE, instant_of, is_repeated
from coaching.hours.week import WeeklyHours


class CheckForm(Form):
    """`offer` is a length of one of the calls on the schedule."""

    offer = SelectField("Call", validate_choice=False)
    on = DateField("Day", [required("Choose a day.")])
    at = ClockField("Time", [required("Type a time like 18:00.")])

    def validate_offer(self, field: SelectField) -> None:
        if field.data not in (field.choices or {}):
            raise StopValidation("Choose a call of this schedule.")


@dataclass(frozen=True)
class SlotAnswer:
    """What keeps a time from being free; with `reasons` empty it is free."""

    starts_at: datetime
    zone: str
    product: Product
    offer: Offer
    reasons: Sequence[Reason]
    is_skipped: bool


@blueprint.get("/<code>/check")
@login_required
def check(code: str) -> Response:
    """The question and, once it is asked, its answer; changes nothing."""
    schedule = own_schedule(code)
    head = head_of(schedule)
    offers = {str(offer.id): (product, offer) for product, offer in offers_on(head["products"])}
    is_asked = "at" in request.args
    form = check_form(request.args, offers)
    is_valid = is_asked and form.validate()
    answers = answers_to(schedule, *offers[form.offer.data], form) if is_valid else []
    return render(
        "schedules/check.html",
        "schedules/_check.html",
        422 if is_asked and not is_valid else 200,
        form=form,
        answers=answers,
        **head,
    )


def offers_on(products: Sequence[Product]) -> list[tuple[Product, Offer]]:
    """Every length of the calls that are not put away."""
    current_products = [product for product in products if product.state != "archived"]
    offers = offers_by_product(current_products)
    return [(product, offer) for product in current_products for offer in offers[product.id]]


def check_form(fields: MultiDict[str, str], offers: dict[str, tuple[Product, Offer]]) -> CheckForm:
    """The question as it was asked; a link may ask half of it."""
    form = CheckForm(fields)
    form.offer.choices = {
        key: f"{product.title or 'An untitled draft'}, {length_text(offer.minutes)}"
        for key, (product, offer) in offers.items()
    }
    if form.offer.data not in offers and "offer" not in fields:
        form.offer.data = next(iter(offers), None)
    return form


def answers_to(schedule: Schedule, product: Product, offer: Offer, form: CheckForm) -> list[SlotAnswer]:
    """The answer for each instant that the time may mean: two in an hour that comes twice."""
    hours, day, minute = weekly_hours(schedule), checked(form.on.data), checked(form.at.data)
    slot_answers = []
    for starts_at in instants_of(hours, day, minute):
        there = starts_at.astimezone(ZoneInfo(hours.zone_on(day)))
        is_skipped = there.hour * 60 + there.minute != minute
        reasons = explain_start(product, offer, starts_at, now())
        slot_answers.append(SlotAnswer(starts_at, hours.zone_on(day), product, offer, reasons, is_skipped))
    return slot_answers


def instants_of(hours: WeeklyHours, day: date, minute: int) -> list[datetime]:
    """When the coach's clock shows this time on this day."""
    zone = ZoneInfo(hours.zone_on(day))
    first = instant_of(day, minute, zone)
    if not is_repeated(first, zone):
        return [first]
    there = first.astimezone(zone)
    again = there.replace(fold=1).astimezone(first.tzinfo)
    return [first, again] if again - first >= MINUTE else [first]
