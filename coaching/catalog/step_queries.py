"""What each step of a product keeps, as the value its form ends in, and a mark by which an older page is known."""

import hashlib
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from coaching.catalog.details import (
    AvailabilityDetails,
    BookingRules,
    CheckoutDetails,
    OfferDetails,
    OptionsDetails,
    QuestionDetails,
    ScheduleDetails,
    StoreDetails,
    ThumbnailDetails,
)
from coaching.catalog.models import Picture, Product, Store
from coaching.catalog.queries import offers_of, questions_of
from coaching.hours.models import Schedule
from coaching.hours.queries import closures, weekly_hours

NO_SCHEDULE = ScheduleDetails(None, "", "", {})


def version_of(product: Product, step: str, schedule: Schedule | None = None) -> str:
    """A mark of what the step keeps now; `schedule` is the one on the page of step 3."""
    if step == "availability":
        # With every date, also those that are over: a page drawn before midnight is no older for it.
        overrides = sorted(weekly_hours(schedule).overrides.items()) if schedule else []
        return mark_of(product.schedule_id, kept_availability(product, schedule), overrides)
    if step == "options":
        # The payment goes with the prices, which are step 2's; whether it is by card is chosen here.
        kept = kept_options(product)
        return mark_of(replace(kept, payment="stripe" if kept.payment == "stripe" else ""))
    return mark_of(kept_checkout(product) if step == "checkout" else kept_thumbnail(product))


def store_version(store: Store) -> str:
    """A mark of the store's settings as they are kept now."""
    return mark_of(kept_settings(store), _digest_of(store.cover_id))


def mark_of(*values: object) -> str:
    """A short text that is another one for other values."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]


def kept_thumbnail(product: Product) -> tuple[str, str | None]:
    """Style and picture, the latter by its digest."""
    return product.display_style, _digest_of(product.picture_id)


def kept_checkout(product: Product) -> CheckoutDetails:
    """What is sold, with its offers and questions in their order."""
    questions = questions_of(product)
    places = {question.id: place for place, question in enumerate(questions)}
    return CheckoutDetails(
        title=product.title,
        description=product.description,
        session_type=product.session_type,
        offers=tuple(OfferDetails(offer.minutes, offer.price_cents) for offer in offers_of(product)),
        questions=tuple(
            QuestionDetails(
                *(question.label, question.kind, question.is_required, tuple(question.choices.splitlines())),
                depends_on=places.get(question.depends_on_id) if question.depends_on_id else None,
                depends_answer=question.depends_answer,
            )
            for question in questions
        ),
    )


def kept_availability(product: Product, schedule: Schedule | None, from_on: date | None = None) -> AvailabilityDetails:
    """The product's rules and timing with the hours of `schedule`; its closures from `from_on` on, else none."""
    return AvailabilityDetails(
        schedule=kept_schedule(schedule, from_on) if schedule else NO_SCHEDULE,
        rules=BookingRules(**{name: getattr(product, name) for name in vars(BookingRules())}),
        timing=product.timing,
    )


def kept_schedule(schedule: Schedule, from_on: date | None = None) -> ScheduleDetails:
    """Name, zone, week and closures of a schedule."""
    closed_on = tuple(closure.day_on for closure in closures(schedule, from_on)) if from_on else ()
    return ScheduleDetails(schedule.code, schedule.name, schedule.zone, dict(weekly_hours(schedule).week), closed_on)


def kept_options(product: Product) -> OptionsDetails:
    """How a call becomes a student's, how they pay, and what they hear."""
    return OptionsDetails(
        product.payment,
        product.pay_text,
        tuple(sorted(product.reminders, reverse=True)),
        product.says_when_open,
        product.message_words,
        product.pays_first,
        product.hold_minutes,
        product.needs_approval,
        product.approval_minutes,
        product.share_percent,
        product.takes_reviews,
        product.asks_for_reviews,
        product.refuses_absent,
    )


def kept_settings(store: Store) -> StoreDetails:
    """The store's settings, without its cover."""
    return StoreDetails(store.name, store.slug, store.currency, store.zone, store.hue, store.line)


def keeps_settings(store: Store, details: StoreDetails) -> bool:
    """True when saving would change nothing; the address is never changed."""
    cover = _digest_of(store.cover_id)
    wanted = details.cover.sha256 if details.cover else None if details.removes_cover else cover
    return cover == wanted and kept_settings(store) == replace(
        details, slug=store.slug, cover=None, removes_cover=False
    )


def _digest_of(picture_id: int | None) -> str | None:
    picture = Picture.select(Picture.sha256).where(Picture.id == picture_id).first()
    return picture.sha256 if picture else None


def keeps_thumbnail(product: Product, details: ThumbnailDetails) -> bool:
    """True when saving would change nothing."""
    style, picture = kept_thumbnail(product)
    wanted = details.picture.sha256 if details.picture else None if details.removes_picture else picture
    return (style, picture) == (details.display_style, wanted)


def keeps_availability(product: Product, known: Schedule | None, details: AvailabilityDetails, now: datetime) -> bool:
    """True when saving would change nothing; `known` is the schedule that `details` means."""
    if known is None or product.schedule_id != known.id:
        return False
    today = now.astimezone(ZoneInfo(details.schedule.zone)).date()
    to_come = tuple(day for day in details.schedule.closed_on if day >= today)
    wanted = replace(details.schedule, code=known.code, closed_on=to_come, form_key=None)
    return kept_availability(product, known, today) == replace(details, schedule=wanted)
