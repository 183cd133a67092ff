"""What a booking would be on, or what stands in its way. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from coaching.accounts.form_keys import find_result
from coaching.accounts.models import Person
from coaching.accounts.queries import check_discord
from coaching.booking import answers
from coaching.booking.details import BookingDetails
from coaching.booking.models import LIVE_STATES, CoachingSession, Seat
from coaching.booking.slot_queries import free_slots, has_other_session, hours_of
from coaching.booking.slots import ONE_DAY, Span
from coaching.catalog.models import Guild, Offer, Product, Question
from coaching.catalog.queries import get_offer, questions_of
from coaching.errors import (
    AnswersMissing,
    DiscordNotLinked,
    NotAMember,
    NotFound,
    NotPublished,
    OwnProduct,
    PhoneMissing,
    SlotTaken,
    StudentBusy,
)
from coaching.hours.wall_clock import MINUTE
from coaching.hours.week import WeeklyHours


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed between these two, whoever else may want the time."""

    product: Product
    offer: Offer
    span: Span
    questions: list[Question]
    hours: WeeklyHours


def agree(product: Product, student: Person, details: BookingDetails, now: datetime) -> Terms:
    """The terms of this booking, or the error that says why not. Whether the time is free is asked later, in turn."""
    _require_allowed(student, product)
    if product.session_type == "phone" and not details.phone:
        raise PhoneMissing
    # Before anything is reckoned from it: the form's instant may lie anywhere between the years 1 and 9999.
    if not now <= details.starts_at < now + product.horizon_days * ONE_DAY:
        raise SlotTaken
    offer = _offer(product, details.offer_id)
    return Terms(
        product=product,
        offer=offer,
        span=Span(details.starts_at, details.starts_at + offer.minutes * MINUTE),
        questions=_answered_questions(product, details),
        hours=hours_of(product),
    )


def require_free(terms: Terms, student: Person, now: datetime) -> None:
    """Raise what has come between since the page was drawn. Asked behind the queue, so the answer stays true."""
    if not Product.select().where(Product.id == terms.product.id, Product.state == "published").exists():
        raise NotPublished
    if has_other_session(student, terms.span):
        raise StudentBusy
    start = terms.span.starts_at
    if start not in free_slots(terms.product, terms.offer, terms.hours, Span(start, start + MINUTE), now):
        raise SlotTaken


def find_same_booking(product: Product, student: Person, details: BookingDetails) -> CoachingSession | None:
    """The session this form, or the same wish in a fresh form, has led to before; else None."""
    code = find_result(student, "session", details.form_key) if details.form_key else None
    if code:
        return CoachingSession.get(CoachingSession.code == code)
    same = CoachingSession.product == product, CoachingSession.starts_at == details.starts_at, Seat.student == student
    return next(iter(CoachingSession.select().join(Seat).where(*same, CoachingSession.state.in_(LIVE_STATES))), None)


def _require_allowed(student: Person, product: Product) -> None:
    if product.store.owner == student:
        raise OwnProduct
    if product.session_type != "phone":
        _require_member(student, product.store.guild)


def _require_member(student: Person, guild: Guild | None) -> None:
    discord = check_discord(student, guild.discord_guild_id if guild else None)
    if not discord.is_connected:
        raise DiscordNotLinked
    if not discord.is_member:
        raise NotAMember


def _offer(product: Product, offer_id: int) -> Offer:
    try:
        return get_offer(product, offer_id)
    except NotFound:
        raise SlotTaken("This length is no longer on offer. Choose another one.") from None


def _answered_questions(product: Product, details: BookingDetails) -> list[Question]:
    questions = questions_of(product)
    if faults := answers.faults(questions, details.answers):
        raise AnswersMissing(faults)
    return [question for question in questions if details.answers.get(question.id, "").strip()]
