"""Reads of the times that coaches keep for somebody."""

from datetime import datetime
from typing import Any

from peewee import JOIN

from coaching.accounts.models import Person
from coaching.accounts.tokens import digest
from coaching.booking.invitation_rules import DAY, InvitationState, state_of
from coaching.booking.lapse_queries import takes_time
from coaching.booking.models import CoachingSession, Invitation, Seat
from coaching.booking.way_in import minutes_to_pay, must_be_paid_first
from coaching.catalog.models import Guild, Offer, Product, Store
from coaching.errors import NotFound

MOST_PEOPLE = 500
# So long its coach still sees that nobody took an invitation.
LAPSED_SHOWN = 2 * DAY


def find_by_token(token: str) -> Invitation | None:
    """The invitation to which this link leads, whatever has become of it; None for a link that is none, or no more."""
    invitation: Invitation | None = _invitations().where(Invitation.token_sha256 == digest(token)).first()
    return invitation


def get_invitation(code: str) -> Invitation:
    """The invitation by its session's code, or NotFound. Whoever is to see it is asked for by the caller."""
    invitation: Invitation | None = _invitations().where(CoachingSession.code == code).first()
    if invitation is None:
        raise NotFound
    return invitation


def get_own_invitation(coach: Person, code: str) -> Invitation:
    """The coach's own invitation, or NotFound."""
    invitation = get_invitation(code)
    if invitation.coaching_session.coach_id != coach.id:
        raise NotFound
    return invitation


def opens_with(invitation: Invitation, token: str | None) -> bool:
    """True for the token of the invitation's present link."""
    return token is not None and digest(token) == invitation.token_sha256


def invitation_state(invitation: Invitation, now: datetime) -> InvitationState:
    """What has become of it by `now`."""
    kept = invitation.coaching_session
    return state_of(kept.state, kept.held_until, invitation.used_at, now)


def open_invitations(coach: Person, now: datetime) -> list[Invitation]:
    """Those of the coach that nobody has taken yet, the next time first."""
    mine = CoachingSession.coach == coach, Invitation.used_at.is_null()
    is_open = CoachingSession.state == "held", takes_time(now)
    return list(_invitations().where(*mine, *is_open).order_by(CoachingSession.starts_at))


def kept_times(person: Person, now: datetime) -> tuple[list[Invitation], list[Invitation], list[Invitation]]:
    """The times that the person keeps for others, that somebody keeps for them, and that nobody took of late.

    The next time first.
    """
    theirs = (CoachingSession.coach == person) | (Invitation.student == person)
    pending = CoachingSession.state.in_(("held", "expired")) & (CoachingSession.held_until > now - LAPSED_SHOWN)
    invitations = (
        _invitations().where(Invitation.used_at.is_null(), theirs, pending).order_by(CoachingSession.starts_at)
    )
    own: list[Invitation] = []
    for_them: list[Invitation] = []
    lapsed: list[Invitation] = []
    for invitation in invitations:
        is_own = invitation.coaching_session.coach_id == person.id
        is_open = invitation_state(invitation, now) is InvitationState.OPEN
        if is_open or is_own:
            (lapsed if not is_open else own if is_own else for_them).append(invitation)
    return own, for_them, lapsed


def invitations_of_a_day(coach: Person, now: datetime, student: Person | None = None) -> int:
    """How many the coach has made in the last 24 hours, or made for this person."""
    made = (
        Invitation.select().join(CoachingSession).where(CoachingSession.coach == coach, Invitation.made_at > now - DAY)
    )
    return int(made.where(Invitation.student == student).count() if student else made.count())


def people_booked_with(coach: Person) -> list[Person]:
    """Everybody who has ever booked with the coach, by name: whom alone an invitation is sent to."""
    seats = Seat.select(Seat.student).join(CoachingSession).where(CoachingSession.coach == coach)
    people = Person.select().where(Person.id.in_(seats), Person.erased_at.is_null())
    return list(people.order_by(Person.name, Person.id).limit(MOST_PEOPLE))


def offer_of_invitation(invitation: Invitation) -> Offer:
    """The length with its price as the coach wants them, whatever is on offer; not stored."""
    kept = invitation.coaching_session
    return Offer(product=kept.product, minutes=kept.minutes, price_cents=invitation.price_cents)


def find_invited_seat(session_id: int | None) -> Seat | None:
    """The seat that whoever is invited by name would have; not stored. None where nobody is."""
    invitation = _invitations().where(CoachingSession.id == session_id, Invitation.student.is_null(False)).first()
    return seat_of(invitation) if invitation else None


def find_note(coaching_session: CoachingSession) -> str:
    """What the coach wrote with the invitation; empty where there is none."""
    invitation = Invitation.get_or_none(Invitation.coaching_session == coaching_session)
    return invitation.note if invitation else ""


def seat_of(invitation: Invitation) -> Seat:
    """The seat as it would be, with its price and terms; not stored."""
    kept, offer = invitation.coaching_session, offer_of_invitation(invitation)
    product = kept.product
    is_free_of_charge = product.payment == "free" or not offer.price_cents
    return Seat(
        coaching_session=kept,
        student=invitation.student,
        starts_at=kept.starts_at,
        ends_at=kept.ends_at,
        price_cents=0 if is_free_of_charge else offer.price_cents,
        currency=product.store.currency,
        payment="free" if is_free_of_charge else product.payment,
        pay_text="" if is_free_of_charge else product.pay_text,
        most_moves=product.most_moves,
        move_notice_minutes=product.move_notice_minutes,
        refund_tiers=product.refund_tiers,
        absent_percent=product.absent_percent,
        pays_first=must_be_paid_first(product, offer),
        hold_minutes=minutes_to_pay(product),
    )


def _invitations() -> Any:
    coach, student = Person.alias(), Person.alias()
    return (
        Invitation.select(Invitation, student, CoachingSession, coach, Product, Store, Guild)
        .join(student, JOIN.LEFT_OUTER, on=(Invitation.student == student.id))
        .switch(Invitation)
        .join(CoachingSession)
        .join(coach, on=(CoachingSession.coach == coach.id))
        .switch(CoachingSession)
        .join(Product)
        .join(Store)
        .join(Guild, JOIN.LEFT_OUTER)
    )
