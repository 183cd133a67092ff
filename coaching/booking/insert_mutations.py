"""What a booking writes: the session, its seat with lines and answers, and what both sides hear of it."""

from datetime import datetime

from coaching.accounts.form_key_mutations import keep_result
from coaching.accounts.models import Person
from coaching.booking.coach_days import coach_zone
from coaching.booking.details import BookingDetails
from coaching.booking.events import EventKind
from coaching.booking.hold_rules import asked_until, held_until, settled_by
from coaching.booking.models import Answer, CoachingSession, Seat, SeatLine
from coaching.booking.record_mutations import owe_coach, owe_person, record_event
from coaching.booking.term_queries import Terms
from coaching.booking.way_in import Way, minutes_to_pay, must_be_paid_first, way_in
from coaching.db import in_one_go, new_code
from coaching.hours.wall_clock import MINUTE, wall_time
from coaching.log_lines import Event
from coaching.notices.kinds import MessageKind
from coaching.pricing.partner_queries import find_active_partner
from coaching.pricing.partner_rules import share_percent_of
from coaching.pricing.quote import Quote

# What a booking is to begin with.
STATE_BY_WAY = {Way.BOOK: "scheduled", Way.REQUEST: "requested", Way.HOLD: "held"}
_BEGINNINGS = {
    "scheduled": (EventKind.BOOKED, MessageKind.BOOKED, MessageKind.COACH_BOOKED),
    "requested": (EventKind.REQUESTED, MessageKind.REQUESTED, MessageKind.COACH_REQUESTED),
    "held": (EventKind.HELD, MessageKind.HELD, MessageKind.COACH_HELD),
}


def insert_booking(terms: Terms, student: Person, details: BookingDetails, now: datetime) -> CoachingSession:
    """The session on these terms, in the state in which it begins, with its student's seat; both sides hear of it."""
    state = STATE_BY_WAY[way_in(terms.product, terms.quote)]
    coaching_session = insert_session(terms, state, _pending_until(terms, state, now), now)
    seat = insert_seat(coaching_session, terms, student, details)
    with in_one_go():
        insert_lines(seat, terms.quote)
        insert_answers(seat, terms)
        begin_session(coaching_session, student, details.form_key, now)
    return coaching_session


def begin_session(coaching_session: CoachingSession, student: Person, form_key: str | None, now: datetime) -> None:
    """Both sides hear of a session that has just come to its student; the same form sent again leads to it.

    Who is on their way to pay by card is written to when they have paid, or when their time runs out.
    """
    kind, to_student, to_coach = _BEGINNINGS[coaching_session.state]
    record_event(coaching_session, Event(kind), student, now)
    if coaching_session.state != "held" or not _is_paid_by_card(coaching_session):
        owe_person(coaching_session, student.id, to_student, now)
        owe_coach(coaching_session, to_coach, now)
    if form_key:
        keep_result(student, "session", form_key, coaching_session.code, now)


def _is_paid_by_card(coaching_session: CoachingSession) -> bool:
    return Seat.select().where(Seat.coaching_session == coaching_session, Seat.payment == "stripe").exists()


def insert_session(terms: Terms, state: str, until: datetime | None, now: datetime) -> CoachingSession:
    """A session on these terms, without a seat so far; one that is pending runs out then."""
    product, span = terms.product, terms.span
    zone = coach_zone(span.starts_at, terms.hours)
    return CoachingSession.create(
        code=new_code(),
        product=product,
        coach=product.store.owner,
        title=product.title,
        session_type=product.session_type,
        minutes=terms.offer.minutes,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        busy_from=span.starts_at - product.buffer_before_minutes * MINUTE,
        busy_until=span.ends_at + product.buffer_after_minutes * MINUTE,
        zone=zone,
        wall_time=wall_time(span.starts_at, zone),
        state=state,
        held_until=until,
        created_at=now,
        next_look_at=now,
    )


def _pending_until(terms: Terms, state: str, now: datetime) -> datetime | None:
    product, settled_at = terms.product, settled_by(terms.span.starts_at, terms.product)
    if state == "requested":
        return asked_until(now, product.approval_minutes, settled_at, must_be_paid_first(product, terms.quote))
    return held_until(now, minutes_to_pay(product), settled_at) if state == "held" else None


def insert_seat(coaching_session: CoachingSession, terms: Terms, student: Person, details: BookingDetails) -> Seat:
    """The student's seat, with price and policy as they are now; its lines and answers are still to be added."""
    product, price_cents = terms.product, terms.quote.price_cents
    is_free_of_charge = not price_cents
    partner = find_active_partner(product.store, details.via)
    return Seat.create(
        coaching_session=coaching_session,
        student=student,
        starts_at=coaching_session.starts_at,
        ends_at=coaching_session.ends_at,
        price_cents=price_cents,
        discount_code=terms.discount,
        currency=product.store.currency,
        payment="free" if is_free_of_charge else product.payment,
        pay_text="" if is_free_of_charge else product.pay_text,
        most_moves=product.most_moves,
        move_notice_minutes=product.move_notice_minutes,
        refund_tiers=product.refund_tiers,
        absent_percent=product.absent_percent,
        pays_first=must_be_paid_first(product, terms.quote),
        hold_minutes=minutes_to_pay(product),
        partner=partner,
        share_percent=partner and share_percent_of(partner.share_percent, product.share_percent),
        source=details.source,
        zone=student.zone or coaching_session.zone,
        wall_time=wall_time(coaching_session.starts_at, student.zone or coaching_session.zone),
        goals=details.goals,
        phone=details.phone if coaching_session.session_type == "phone" else None,
    )


def insert_lines(seat: Seat, quote: Quote) -> None:
    """What the seat costs, line by line, as it was sold."""
    for position, line in enumerate(quote.kept_lines):
        SeatLine.add(
            seat=seat,
            kind=line.kind,
            title=line.title,
            amount_cents=line.amount_cents,
            position=position,
            bump=line.bump_id,
            is_refundable=line.is_refundable,
            gives=line.gives,
        )


def insert_answers(seat: Seat, terms: Terms) -> None:
    """What the student answered."""
    # With the words that were read when the answer was typed.
    for position, answer in enumerate(terms.answers):
        Answer.add(seat=seat, label=answer.asked.label, kind=answer.asked.kind, text=answer.text, position=position)
