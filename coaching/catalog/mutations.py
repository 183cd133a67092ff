"""Changes of products: each one business act in one transaction."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from coaching.accounts.form_key_mutations import keep_result
from coaching.accounts.form_key_queries import find_result
from coaching.accounts.lock_mutations import lock_person
from coaching.accounts.models import Person
from coaching.catalog.bump_queries import has_paid_bumps
from coaching.catalog.checkout_row_mutations import replace_offers, replace_questions
from coaching.catalog.details import (
    MOST_PRODUCTS,
    AvailabilityDetails,
    CheckoutDetails,
    OptionsDetails,
    ScheduleDetails,
    ThumbnailDetails,
)
from coaching.catalog.models import Product, Store
from coaching.catalog.picture_mutations import drop_if_unused, keep_picture
from coaching.catalog.queries import facts_of, free_slug, get_own_product, last_position, products_on_schedule
from coaching.catalog.step_queries import keeps_availability, keeps_thumbnail, kept_checkout, kept_options, version_of
from coaching.catalog.steps import STEPS, missing, payment_of
from coaching.catalog.text import render_markdown
from coaching.db import database, new_code
from coaching.errors import ChangedMeanwhile, CoachStopped, LimitReached, NotReadyToPublish, Refused
from coaching.hours import mutations as hours
from coaching.hours.models import Schedule
from coaching.hours.queries import closures, get_own_schedule

# What the page that sends a change was drawn from: the product's state, and by step the mark of what it kept then
# (step_queries.version_of). Who sends none, like a script, is not asked.
Seen = Mapping[str, str]
UNSEEN: Seen = {}
CHECKOUT_FIELDS = (
    *(Product.title, Product.slug, Product.session_type, Product.updated_at),
    *(Product.description, Product.description_html, Product.payment),
)


def create_product(store: Store, details: ThumbnailDetails, form_key: str, now: datetime) -> Product:
    """A new draft (`createCoachingProduct`); the same form sent twice gives the first one again."""
    with database.atomic():
        lock_person(store.owner)
        if code := find_result(store.owner, "product", form_key):
            return get_own_product(store.owner, code)
        of_owner = Product.select().join(Store).where(Store.owner == store.owner, Product.state != "archived")
        if of_owner.count() >= MOST_PRODUCTS:
            raise LimitReached(f"You can have at most {MOST_PRODUCTS} products. Archive one you do not need.")
        code = new_code()
        product = Product.create(code=code, slug=code, store=store, created_at=now, updated_at=now)
        save_thumbnail(product, details, now)
        keep_result(store.owner, "product", form_key, code, now)
    return product


# The four saves are the documents' `updateCoachingProduct`. Each raises ChangedMeanwhile when the page it comes from
# was drawn from something older; what is kept already is never refused, so a second click changes nothing.


def save_thumbnail(product: Product, details: ThumbnailDetails, now: datetime, seen: Seen = UNSEEN) -> None:
    """The product shows this picture in this style; a picture nobody shows any more is gone."""
    with database.atomic():
        lock_person(product.store.owner)
        kept = _as_kept(product)
        if not keeps_thumbnail(kept, details):
            _refuse_older_page(kept, "thumbnail", seen)
        product.display_style, product.picture = details.display_style, kept.picture
        if details.picture:
            product.picture = keep_picture(product.store.owner, details.picture, now)
        elif details.removes_picture:
            product.picture = None
        product.updated_at = now
        product.save(only=[Product.display_style, Product.picture, Product.updated_at])
        if kept.picture_id is not None and kept.picture_id != product.picture_id:
            drop_if_unused(kept.picture_id)


def save_checkout(product: Product, details: CheckoutDetails, now: datetime, seen: Seen = UNSEEN) -> None:
    """Title, description, offers, session type and questions are these; the payment goes with the prices."""
    with staying_complete([product]):
        kept = _as_kept(product)
        if kept_checkout(kept) != details:
            _refuse_older_page(kept, "checkout", seen)
        product.title, product.session_type = details.title, details.session_type
        product.description = details.description
        product.description_html = render_markdown(details.description)
        product.payment = payment_of(details.costs_money or has_paid_bumps(kept), kept.payment)
        # Once published, the address is known to people and stays.
        product.slug = kept.slug
        if kept.published_at is None:
            product.slug = free_slug(product.store, details.title, product.code, but=product)
        product.updated_at = now
        product.save(only=CHECKOUT_FIELDS)
        replace_offers(product, details.offers)
        replace_questions(product, details.questions, now)


def save_availability(product: Product, details: AvailabilityDetails, now: datetime, seen: Seen = UNSEEN) -> None:
    """The schedule has these hours, and the product these rules and this room timing."""
    if details.timing.opens_at_booking and not product.store.shares_rooms:
        raise Refused("A room can only stand from the booking on where the store uses a shared role.")
    coach = product.store.owner
    code = details.schedule.code
    known = get_own_schedule(coach, code) if code else None
    sharing = [other for other in products_on_schedule(known) if other != product] if known else []
    with staying_complete([product, *sharing]):
        kept = _as_kept(product)
        known = get_own_schedule(coach, code) if code else _made_by(coach, details.schedule)
        if not keeps_availability(kept, known, details, now):
            _refuse_older_page(kept, "availability", seen, known if code else None)
        product.schedule = _save_schedule(coach, known, details.schedule, now)
        written = {**vars(details.rules), **vars(details.timing), "updated_at": now}
        for name, value in written.items():
            setattr(product, name, value)
        product.save(only=[Product.schedule, *(getattr(Product, name) for name in written)])


def save_options(product: Product, details: OptionsDetails, now: datetime, seen: Seen = UNSEEN) -> None:
    """Students pay in this way, as far as there is something to pay, and get these messages.

    What is booked has to be looked at anew after it: booking/product_mutations.py does both.
    """
    with staying_complete([product]):
        kept = _as_kept(product)
        details = replace(details, payment=payment_of(facts_of(kept).costs_money, details.payment))
        if kept_options(kept) != details:
            _refuse_older_page(kept, "options", seen)
        values = vars(details) | {"updated_at": now}
        for name, value in values.items():
            setattr(product, name, value)
        product.save(only=[getattr(Product, name) for name in values])


def publish_product(product: Product, now: datetime, seen: Seen = UNSEEN) -> None:
    """Students can book it (`publishCoachingProduct`), or NotReadyToPublish with what is missing.

    CoachStopped for whom an admin keeps from selling.
    ChangedMeanwhile, with the steps, when some of it is not what the page showed any more.
    """
    with database.atomic():
        lock_person(product.store.owner)
        kept = _as_kept(product)
        if changed := [step for step in STEPS if seen.get(step, "") not in ("", version_of(kept, step, kept.schedule))]:
            raise ChangedMeanwhile(steps=changed)
        if kept.is_stopped:
            raise CoachStopped
        facts = facts_of(kept)
        if lacking := missing(facts):
            raise NotReadyToPublish(lacking)
        if kept.opens_at_booking and not kept.store.shares_rooms:
            # Put away while the store used a shared role, and brought back since.
            raise Refused("Its room stands from the booking on, which needs a shared role. Change its timing first.")
        payment = payment_of(facts.costs_money, kept.payment)
        # The first time behind all others; brought back, where it stood.
        place = kept.position or last_position(kept.store) + 1
        values = {"published_at": now, "updated_at": now, "payment": payment, "position": place}
        _change_state(product, "published", ("draft",), **values)


def withdraw_product(product: Product, now: datetime, seen: Seen = UNSEEN) -> None:
    """It is a draft again: nobody can book it; what is booked stays booked. Also brings back an archived one."""
    _change_state(product, "draft", _expected(seen, ("published", "archived")), updated_at=now)


def archive_product(product: Product, now: datetime, seen: Seen = UNSEEN) -> None:
    """It is out of every list; what is booked stays booked."""
    _change_state(product, "archived", _expected(seen, ("draft", "published")), updated_at=now)


@contextmanager
def staying_complete(products: Sequence[Product]) -> Iterator[None]:
    """A transaction that is undone by NotReadyToPublish when a published product lacks something afterwards."""
    with database.atomic():
        lock_person(products[0].store.owner)
        lacking_before = [(product, missing(facts_of(_as_kept(product)))) for product in products]
        yield
        for product, before in lacking_before:
            kept = _as_kept(product)
            # Only what this save broke: a guild verification lost meanwhile must not stop a coach from mending a typo.
            broken = [thing for thing in missing(facts_of(kept)) if thing not in before]
            if kept.state == "published" and broken:
                raise NotReadyToPublish(broken)


def _as_kept(product: Product) -> Product:
    # What was read before the queue may have been changed by another window since.
    return get_own_product(product.store.owner, product.code)


def _refuse_older_page(kept: Product, step: str, seen: Seen, schedule: Schedule | None = None) -> None:
    # Whoever opened a draft does not know either that a save is live at once by now.
    is_live_by_now = kept.state == "published" and seen.get("state", "published") != "published"
    if is_live_by_now or (step in seen and seen[step] != version_of(kept, step, schedule)):
        raise ChangedMeanwhile


def _save_schedule(coach: Person, known: Schedule | None, details: ScheduleDetails, now: datetime) -> Schedule:
    schedule = known or _new_schedule(coach, details, now)
    hours.save_schedule(schedule, details.name, details.zone)
    hours.save_weekly_hours(schedule, details.week)
    _save_closures(schedule, details, now)
    return schedule


def _new_schedule(coach: Person, details: ScheduleDetails, now: datetime) -> Schedule:
    schedule = hours.create_schedule(coach, details.name, details.zone, now)
    if details.form_key:
        keep_result(coach, "schedule", details.form_key, schedule.code, now)
    return schedule


def _made_by(coach: Person, details: ScheduleDetails) -> Schedule | None:
    """The schedule that the same form has made already, when it was sent before."""
    code = find_result(coach, "schedule", details.form_key) if details.form_key else None
    return get_own_schedule(coach, code) if code else None


def _save_closures(schedule: Schedule, details: ScheduleDetails, now: datetime) -> None:
    today = now.astimezone(ZoneInfo(details.zone)).date()
    before = {closure.day_on for closure in closures(schedule, today)}
    wanted = {day for day in details.closed_on if day >= today}
    for day in before - wanted:
        hours.reopen_day(schedule, day)
    for day in wanted - before:
        hours.close_day(schedule, day, today)


def _expected(seen: Seen, states: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(state for state in states if state == seen.get("state", state))


def _change_state(product: Product, state: str, expected: tuple[str, ...], **changes: object) -> None:
    update = Product.update(state=state, **changes).where(Product.id == product.id, Product.state.in_(expected))
    # Pressed twice, or in two windows: the second press finds it done and that is fine.
    if not update.execute() and _as_kept(product).state != state:
        raise ChangedMeanwhile
    product.state = state
