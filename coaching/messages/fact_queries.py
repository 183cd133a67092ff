"""The facts that the words of a message are made from, as they are at its time (facts.py)."""

import json
from datetime import datetime, timedelta

from coaching.accounts.models import Person
from coaching.booking.cancel_terms import due_after
from coaching.booking.events import Lateness
from coaching.booking.history_queries import last_move, said_late
from coaching.booking.invitation_queries import find_note
from coaching.booking.line_queries import extras_of
from coaching.booking.models import Answer, CoachingSession, Seat
from coaching.booking.move_rules import why_not_move
from coaching.booking.proposal_queries import proposals_of
from coaching.booking.queries import movable_of, terms_of
from coaching.catalog.models import Store
from coaching.messages.facts import (
    DayCall,
    DayMessage,
    MessageCall,
    MessageRecipient,
    MessageRoom,
    MessageSeat,
    MessageTerms,
    SessionMessage,
)
from coaching.messages.money_queries import message_money
from coaching.messages.planning.routing import Way, next_morning
from coaching.messages.queries import find_any_seat_of
from coaching.messages.reach_queries import Recipient, settings_of, ways_of, zone_of
from coaching.messages.review_queries import ABOUT_REVIEWS, message_review
from coaching.messages.sender import Sender
from coaching.notices.kind_rules import RULES
from coaching.notices.kinds import Audience, MessageKind
from coaching.notices.models import Notice
from coaching.rooms.views.queries import session_status


def session_message(notice: Notice, recipient: Recipient, sender: Sender, now: datetime) -> SessionMessage | None:
    """What a message about a session says at `now`; None when the session is gone, or is not the person's."""
    seat = find_any_seat_of(notice.session_id)
    if seat is None:
        return None
    coaching_session, product, coach = seat.coaching_session, seat.coaching_session.product, seat.coaching_session.coach
    is_to_coach = RULES[MessageKind(notice.kind)].audience is Audience.COACH
    other = seat.student if is_to_coach else coach
    fields, settings = json.loads(notice.fields), recipient.settings
    return SessionMessage(
        kind=notice.kind,
        fields=fields,
        now=now,
        is_to_coach=is_to_coach,
        recipient=_recipient_of(recipient.person, coaching_session),
        other_zone=zone_of(other, coaching_session),
        call=_call_of(notice, coaching_session, now),
        seat=_seat_of(seat, is_to_coach, is_to_coach and settings.shows_answers),
        terms=_terms_of(seat, is_to_coach, now),
        room=_room_of(coaching_session, product.store, sender, now),
        coach_name=coach.name,
        student_name=seat.student.name,
        store_name=product.store.name,
        store_slug=product.store.slug,
        product_slug=product.slug,
        own_words=product.message_words,
        other_late=_said_late_by(other, coaching_session),
        reminders=settings.reminders if is_to_coach else product.reminders,
        reply_to=other.email if other.email_verified_at and settings_of(other).allows_replies else None,
        says_when_open=product.says_when_open,
        money=message_money(seat, fields),
        review=message_review(seat) if notice.kind in ABOUT_REVIEWS else None,
    )


def _recipient_of(person: Person, coaching_session: CoachingSession) -> MessageRecipient:
    return MessageRecipient(
        name=person.name,
        zone=zone_of(person, coaching_session),
        address=person.email,
        language=person.language,
        has_12_hours=person.has_twelve_hours,
        off=frozenset(kind for kind, way in ways_of(person).items() if way is Way.OFF),
    )


def _call_of(notice: Notice, coaching_session: CoachingSession, now: datetime) -> MessageCall:
    return MessageCall(
        code=coaching_session.code,
        title=coaching_session.title,
        state=coaching_session.state,
        starts_at=coaching_session.starts_at,
        ends_at=coaching_session.ends_at,
        minutes=coaching_session.minutes,
        session_type=coaching_session.session_type,
        revision=coaching_session.revision,
        created_at=coaching_session.created_at,
        ended_by=coaching_session.ended_by,
        ended_by_admin=coaching_session.ended_by_admin,
        held_until=coaching_session.held_until,
        proposed=tuple(proposal.starts_at for proposal in proposals_of(coaching_session, now)),
        note=find_note(coaching_session) if notice.kind == MessageKind.INVITED else "",
        end_reason=coaching_session.end_reason,
        move_reason=_move_reason(notice, coaching_session),
    )


def _seat_of(seat: Seat, is_to_coach: bool, shows_answers: bool) -> MessageSeat:
    return MessageSeat(
        id=seat.id,
        price_cents=seat.price_cents,
        currency=seat.currency,
        payment=seat.payment,
        pay_text=seat.pay_text,
        is_paid=seat.paid_at is not None,
        is_coming=seat.coming_at is not None,
        has_said_paid=seat.said_paid_at is not None,
        pays_first=seat.pays_first,
        goals=seat.goals if shows_answers else "",
        answers=tuple((answer.label, answer.text) for answer in _answers(seat)) if shows_answers else (),
        extras=tuple((extra.title, "" if is_to_coach else extra.gives) for extra in extras_of(seat)),
    )


def _terms_of(seat: Seat, is_to_coach: bool, now: datetime) -> MessageTerms:
    coaching_session, terms = seat.coaching_session, terms_of(seat)
    return MessageTerms(
        can_move=why_not_move(movable_of(seat), is_to_coach, now) is None,
        moves_left=max(seat.most_moves - seat.moves, 0),
        move_until=None if is_to_coach else coaching_session.starts_at - timedelta(minutes=seat.move_notice_minutes),
        cancel_until=terms.until,
        cancel_clause="" if terms.is_plain else terms.tiers.clause,
        due_cents=due_after(terms, coaching_session.ended_by, coaching_session.ended_at),
    )


def _room_of(coaching_session: CoachingSession, store: Store, sender: Sender, now: datetime) -> MessageRoom:
    has_room = coaching_session.session_type != "phone"
    status = session_status(coaching_session, now) if has_room else None
    recorded = status.case.recorded if status else None
    guild_id = (recorded.discord_guild_id if recorded else None) or (
        store.guild.discord_guild_id if store.guild else None
    )
    server_url = f"{sender.discord_url}/channels/{guild_id}" if has_room and guild_id else None
    channel_id = recorded.discord_channel_id if recorded else None
    return MessageRoom(
        opens_at=status.times.opens_at if status else None,
        closes_at=status.times.closes_at if status else None,
        room_url=(f"{server_url}/{channel_id}" if channel_id else server_url) if status and status.lets_in else None,
        server_url=server_url,
        is_shared=bool(status and status.case.is_of_shared_role),
    )


def _move_reason(notice: Notice, coaching_session: CoachingSession) -> str:
    is_about_a_move = notice.kind in (MessageKind.MOVED, MessageKind.COACH_MOVED)
    move = last_move(coaching_session) if is_about_a_move else None
    return str(move.words) if move else ""


def _said_late_by(person: Person, coaching_session: CoachingSession) -> int:
    said = [line.event.fields for line in said_late(coaching_session) if line.person_id == person.id]
    return said[-1].minutes if said and isinstance(said[-1], Lateness) else 0


def day_message(recipient: Recipient, now: datetime) -> DayMessage:
    """The person's calls from now until the next morning."""
    zone = zone_of(recipient.person)
    until = next_morning(zone, now)
    student = Person.alias()
    seats = (
        Seat.select(Seat, student, CoachingSession)
        .join(student, on=(Seat.student == student.id))
        .switch(Seat)
        .join(CoachingSession)
        .where(CoachingSession.coach == recipient.person, CoachingSession.state.in_(("scheduled", "in_progress")))
        .where(CoachingSession.starts_at >= now, CoachingSession.starts_at < until)
        .order_by(CoachingSession.starts_at)
    )
    person = recipient.person
    return DayMessage(zone, now, tuple(_day_call(seat) for seat in seats), person.language, person.has_twelve_hours)


def _day_call(seat: Seat) -> DayCall:
    session = seat.coaching_session
    return DayCall(
        session.code,
        session.revision,
        session.title,
        seat.student.name,
        session.starts_at,
        session.ends_at,
        seat.coming_at is not None,
    )


def _answers(seat: Seat) -> list[Answer]:
    return list(Answer.select().where(Answer.seat == seat).order_by(Answer.position, Answer.id))
