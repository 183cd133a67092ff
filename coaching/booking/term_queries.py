"""What a booking would be on, or what stands in its way."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from coaching.accounts.form_key_queries import find_result
from coaching.accounts.models import Person
from coaching.accounts.queries import check_discord
from coaching.booking import answers
from coaching.booking.answers import Given
from coaching.booking.changes import changes_between, closest_offer
from coaching.booking.details import BookingDetails
from coaching.booking.hold_rules import least_notice
from coaching.booking.lapse_queries import takes_time
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.quote_queries import agreed_quote
from coaching.booking.slot_queries import free_slots, has_other_session, hours_of
from coaching.booking.slots import ONE_DAY, Span
from coaching.booking.way_in import must_be_paid_first
from coaching.catalog.models import Guild, Offer, Product, Question, Store
from coaching.catalog.queries import find_retired_offer, offers_of, questions_of, reread_product, retired_questions
from coaching.errors import (
    AnswersMissing,
    BookingsStopped,
    DiscordNotLinked,
    NotAMember,
    NotPublished,
    OwnProduct,
    PhoneMissing,
    ServerLost,
    SlotOver,
    SlotSeenTaken,
    SlotTaken,
    StudentBusy,
    TermsChanged,
)
from coaching.hours.wall_clock import MINUTE
from coaching.hours.week import WeeklyHours
from coaching.pricing.models import DiscountCode
from coaching.pricing.quote import Quote
from coaching.reading import Selection, Statement, given

TOO_CLOSE = "With these extras it has to be paid first, and this time is too close for that. Choose a later one."
# An answer to a question that was reworded so long ago at most counts as it was asked.
ASKED_LASTS = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed between these two, whoever else may want the time. `answers` are those with words in them."""

    product: Product
    offer: Offer
    span: Span
    answers: list[Given]
    hours: WeeklyHours
    quote: Quote
    discount: DiscountCode | None = None


def agree(product: Product, student: Person, details: BookingDetails, now: datetime) -> Terms:
    """The terms of this booking, or the error that says why not.

    Read behind the queue in which the coach's own saves wait, too, so that they hold until the session is written.
    """
    product = reread_product(product)
    if product.state != "published":
        raise NotPublished
    require_admitted(student, product.store, product.needs_room)
    # Before anything is reckoned from it: the form's instant may lie anywhere between the years 1 and 9999.
    if details.starts_at < now:
        raise SlotOver
    if not details.starts_at < now + product.horizon_days * ONE_DAY:
        raise SlotTaken
    questions, retired = questions_of(product), retired_questions(product, details.asked)
    offer = _seen_offer(product, details, questions, retired)
    if product.session_type == "phone" and not details.phone:
        raise PhoneMissing
    quote, discount = agreed_quote(product, offer, student, details, now)
    return Terms(
        product=product,
        offer=offer,
        quote=quote,
        discount=discount,
        span=Span(details.starts_at, details.starts_at + offer.minutes * MINUTE),
        answers=_counted(questions, details, retired, now),
        hours=hours_of(product),
    )


def counted_answers(product: Product, details: BookingDetails, now: datetime) -> list[Given]:
    """The answers with words in them to what the product asks, or AnswersMissing."""
    return _counted(questions_of(product), details, retired_questions(product, details.asked), now)


def _counted(questions: list[Question], details: BookingDetails, retired: list[Question], now: datetime) -> list[Given]:
    if faults := answers.faults(questions, details.answers, retired, now - ASKED_LASTS):
        raise AnswersMissing(faults)
    return [answer for answer in answers.applicable(answers.given(questions, details.answers, retired)) if answer.text]


def require_untaken(product: Product, student: Person, starts_at: datetime, now: datetime) -> None:
    """SlotSeenTaken where somebody else has the time already: of many after it, only the first need queue up."""
    if _TAKEN.rows(coach=product.store.owner_id, student=student.id, at=starts_at, now=now):
        raise SlotSeenTaken


def require_free(terms: Terms, student: Person, now: datetime) -> None:
    """Raise who has come between since the page was drawn."""
    if has_other_session(student, terms.span):
        raise StudentBusy
    start = terms.span.starts_at
    if start not in free_slots(terms.product, terms.offer, terms.hours, Span(start, start + MINUTE), now):
        raise SlotTaken


def require_time_to_pay(terms: Terms, now: datetime) -> None:
    """SlotTaken where the extras make a call one that has to be paid first, and there is no time for that."""
    is_paid_for_them = must_be_paid_first(terms.product, terms.quote) and not must_be_paid_first(
        terms.product, terms.offer
    )
    if is_paid_for_them and terms.span.starts_at - now < least_notice(terms.product, terms.quote):
        raise SlotTaken(TOO_CLOSE)


def find_same_booking(
    product: Product, student: Person, details: BookingDetails, now: datetime
) -> CoachingSession | None:
    """The session this form, or the same wish in a fresh form, has led to before; else None."""
    code = find_result(student, "session", details.form_key) if details.form_key else None
    if code:
        return CoachingSession.get(CoachingSession.code == code)
    return _SAME.first(product=product.id, starts_at=details.starts_at, student=student.id, now=now)


def require_admitted(student: Person, store: Store, needs_room: bool) -> None:
    """Raise what keeps the student from a call of this store."""
    if store.owner == student:
        raise OwnProduct
    if store.stopped_at is not None:
        raise BookingsStopped
    if needs_room and not store.may_open_rooms:
        raise ServerLost
    if needs_room:
        _require_member(student, store.guild)


def _require_member(student: Person, guild: Guild | None) -> None:
    discord = check_discord(student, guild.discord_guild_id if guild else None)
    if not discord.is_connected:
        raise DiscordNotLinked
    if not discord.is_member:
        raise NotAMember


def _seen_offer(product: Product, details: BookingDetails, questions: list[Question], retired: list[Question]) -> Offer:
    """The offer the student has seen; TermsChanged when it, or what is sold, has become another."""
    offers = offers_of(product)
    offer = seen = next((offer for offer in offers if offer.id == details.offer_id), None)
    if seen is None and (seen := find_retired_offer(product, details.offer_id)):
        offer = closest_offer(offers, seen)
    if seen is None or offer is None:
        raise SlotTaken("This length is no longer on offer. Choose another one.")
    currency = product.store.currency
    if changes_between(details.seen, product, currency, (seen, offer), questions, retired).are_binding:
        raise TermsChanged
    return offer


def _taken() -> Any:
    own = Seat.select(Seat.coaching_session).where(Seat.student == given("student"), Seat.is_live)
    at = CoachingSession.busy_from <= given("at"), CoachingSession.busy_until > given("at")
    theirs = CoachingSession.select(CoachingSession.id).where(CoachingSession.coach == given("coach"), *at)
    return theirs.where(takes_time(given("now")), CoachingSession.id.not_in(own)).limit(1)


def _same() -> Any:
    same = CoachingSession.product == given("product"), CoachingSession.starts_at == given("starts_at")
    theirs = CoachingSession.select().join(Seat).where(Seat.student == given("student"))
    return theirs.where(*same, takes_time(given("now")))


_TAKEN = Statement(_taken)
_SAME: Selection[CoachingSession] = Selection(_same)
