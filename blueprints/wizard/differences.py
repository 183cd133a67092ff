"""What a step says otherwise than the product keeps by now, in words."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from blueprints.differences import Difference, between
from blueprints.filters import minutes as length_text
from blueprints.filters import money
from blueprints.reminder_fields import reminders_label
from blueprints.schedules.week import DAY_NAMES, clock_text
from blueprints.wizard.checkout import SESSION_TYPES
from blueprints.wizard.room_timing import room_details
from blueprints.wizard.thumbnail import STYLES
from coaching.booking.refund_tiers import tiers_of
from coaching.catalog.details import (
    AvailabilityDetails,
    CheckoutDetails,
    OptionsDetails,
    QuestionDetails,
    ThumbnailDetails,
)
from coaching.catalog.models import Product
from coaching.catalog.step_queries import kept_availability, kept_checkout, kept_options, kept_thumbnail
from coaching.hours.queries import schedules_of
from coaching.zones import zone_label


def differences(product: Product, step: str, details: Any, now: datetime) -> list[Difference]:
    """What `details` say otherwise than the product keeps now."""
    return VERSIONS[step](product, details, now)


def of_thumbnail(product: Product, details: ThumbnailDetails, now: datetime) -> list[Difference]:
    style, picture = kept_thumbnail(product)
    saved = "The one the preview shows" if picture else "None"
    sent = f"A new one, {details.picture.width} × {details.picture.height} pixels" if details.picture else None
    yours = sent or ("None" if details.removes_picture else saved)
    return between(
        {"Picture": yours, "Display style": STYLES[details.display_style]},
        {"Picture": saved, "Display style": STYLES[style]},
    )


def of_checkout(product: Product, details: CheckoutDetails, now: datetime) -> list[Difference]:
    currency = product.store.currency
    return between(checkout_words(details, currency), checkout_words(kept_checkout(product), currency))


def of_availability(product: Product, details: AvailabilityDetails, now: datetime) -> list[Difference]:
    chosen_schedule = next(
        (schedule for schedule in schedules_of(product.store.owner) if schedule.code == details.schedule.code), None
    )
    compared = chosen_schedule or product.schedule
    today = now.astimezone(ZoneInfo(compared.zone if compared else product.store.zone)).date()
    yours, saved = availability_words(details), availability_words(kept_availability(product, compared, today))
    if product.schedule and product.schedule != chosen_schedule:
        yours["Schedule"] = chosen_schedule.name if chosen_schedule else "A new one"
        saved["Schedule"] = product.schedule.name
    return between(yours, saved)


def of_options(product: Product, details: OptionsDetails, now: datetime) -> list[Difference]:
    return between(options_words(details), options_words(kept_options(product)))


VERSIONS: dict[str, Callable[[Product, Any, datetime], list[Difference]]] = {
    "thumbnail": of_thumbnail,
    "checkout": of_checkout,
    "availability": of_availability,
    "options": of_options,
}


def checkout_words(details: CheckoutDetails, currency: str) -> dict[str, str]:
    """Step 2 in words."""
    offers = [f"{length_text(offer.minutes)} {money(offer.price_cents, currency)}" for offer in details.offers]
    return {
        "Title": details.title,
        "Description": details.description,
        "How you talk": SESSION_TYPES[details.session_type],
        "Lengths and prices": "\n".join(offers),
        "Questions": "\n".join(question_label(question, details.questions) for question in details.questions),
    }


def options_words(details: OptionsDetails) -> dict[str, str]:
    """Step 4 in words."""
    return {
        "By card": "Yes" if details.payment == "stripe" else "No",
        "How students pay you": details.pay_text,
        "Paid first": f"Yes, within {length_text(details.hold_minutes)}" if details.pays_first else "No",
        "You accept each call": (
            f"Yes, within {length_text(details.approval_minutes)}" if details.needs_approval else "No"
        ),
        "Who did not come twice": "Cannot book" if details.refuses_absent else "Can book",
        "Share for partners": "Their own" if details.share_percent is None else f"{details.share_percent} %",
        "Reminders": reminders_label(details.reminders),
        "When the room opens": "A message" if details.says_when_open else "No message",
        "Your own words": details.message_words,
        "Reviews": ("Taken and asked for" if details.asks_for_reviews else "Taken")
        if details.takes_reviews
        else "None",
    }


def question_label(question: QuestionDetails, questions: Sequence[QuestionDetails]) -> str:
    """A question with its choices, like `Which one? (This, That), has to be answered`, and when it is asked."""
    choices = f" ({', '.join(question.choices)})" if question.choices else ""
    lines = " (several lines)" if question.kind == "long" else ""
    only_if = ""
    if question.depends_on is not None:
        only_if = f", only if “{questions[question.depends_on].label}” is “{question.depends_answer}”"
    return f"{question.label}{choices}{lines}{', has to be answered' if question.is_required else ''}{only_if}"


def availability_words(details: AvailabilityDetails) -> dict[str, str]:
    """Step 3 in words."""
    schedule, rules = details.schedule, details.rules
    hours = {
        DAY_NAMES[day]: ", ".join(f"{clock_text(span.start_minute)}–{clock_text(span.end_minute)}" for span in spans)
        for day, spans in sorted(schedule.week.items())
    }
    return {
        "Name of the schedule": schedule.name,
        "Time zone": zone_label(schedule.zone) if schedule.zone else "",
        **{day: hours.get(day, "") for day in DAY_NAMES},
        "Days off": "\n".join(f"{day.day} {day:%B %Y}" for day in schedule.closed_on),
        "Calls start every": length_text(rules.grid_minutes),
        "Notice": length_text(rules.notice_minutes),
        "Bookable for": f"{rules.horizon_days} days",
        "Break before": length_text(rules.buffer_before_minutes),
        "Break after": length_text(rules.buffer_after_minutes),
        "Calls a day": at_most(rules.daily_cap),
        "Calls a week": at_most(rules.weekly_cap),
        "Calls per student": at_most(rules.most_per_student),
        "How often students may move it": f"{rules.most_moves} times" if rules.most_moves else "Never",
        "Moving ends, before the start": length_text(rules.move_notice_minutes),
        "What goes back": tiers_of(rules.refund_tiers).clause,
        "Back to a student who does not come": f"{rules.absent_percent} %",
        "The room": room_details(details.timing),
    }


def at_most(limit: int | None) -> str:
    """A limit in words."""
    return f"At most {limit}" if limit else "No limit"
