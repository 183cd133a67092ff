"""The coach books for a student: a time is kept by an invitation, and becomes a booking once somebody takes it."""

from dataclasses import dataclass, replace
from datetime import datetime

from peewee import IntegrityError

from coaching.accounts.form_key_mutations import keep_result
from coaching.accounts.form_key_queries import find_result
from coaching.accounts.models import Person
from coaching.accounts.tokens import digest, new_token
from coaching.booking.absence_queries import require_present
from coaching.booking.details import BookingDetails
from coaching.booking.events import EventKind
from coaching.booking.hold_rules import held_until, settled_by
from coaching.booking.insert_mutations import begin_session, insert_answers, insert_lines, insert_seat, insert_session
from coaching.booking.invitation_queries import (
    get_invitation,
    get_own_invitation,
    invitation_state,
    invitations_of_a_day,
    offer_of_invitation,
    open_invitations,
    opens_with,
    people_booked_with,
)
from coaching.booking.invitation_rules import MOST_A_DAY, MOST_OPEN, MOST_TO_ONE_A_DAY, InvitationState, kept_until
from coaching.booking.lapse_mutations import let_lapse
from coaching.booking.models import CoachingSession, Invitation, Seat
from coaching.booking.quote_queries import quote_for
from coaching.booking.record_mutations import change_session, lock_people, record_event
from coaching.booking.slot_queries import free_slots, has_other_session, hours_of
from coaching.booking.slots import Span
from coaching.booking.sources import INVITATION
from coaching.booking.term_queries import Terms, counted_answers, require_admitted
from coaching.booking.way_in import minutes_to_pay, must_be_paid_first
from coaching.catalog.models import Offer, Product
from coaching.catalog.queries import facts_of, offers_of, reread_product
from coaching.catalog.steps import missing
from coaching.db import database
from coaching.errors import (
    CoachStopped,
    InvitationOver,
    LimitReached,
    NotFound,
    NotReadyToPublish,
    PhoneMissing,
    Refused,
    SlotOver,
    SlotTaken,
    StudentBusy,
)
from coaching.hours.wall_clock import MINUTE
from coaching.log_lines import Event
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import owe

TOO_CLOSE = "This time is too close: nobody could answer before the call begins. Choose a later one."


@dataclass(frozen=True, slots=True)
class InvitationDetails:
    """What the coach chose: `price_cents` is None for the usual price, `student_id` for whoever has the link."""

    offer_id: int
    starts_at: datetime
    price_cents: int | None = None
    note: str = ""
    student_id: int | None = None
    form_key: str | None = None


def invite(
    product: Product, coach: Person, details: InvitationDetails, now: datetime
) -> tuple[CoachingSession, str | None]:
    """Keep a time for somebody; the session without a seat, and the token of its link.

    The token is told this once, and only its hash is kept. The same form sent again gives the session, and no token.
    The product has to be complete, not on sale; its notice does not bind its coach, all that is busy does.
    """
    student = next((person for person in people_booked_with(coach) if person.id == details.student_id), None)
    if product.store.owner_id != coach.id or (details.student_id is not None and student in (None, coach)):
        raise NotFound
    token = new_token()
    try:
        with database.atomic():
            lock_people(coach, *([student] if student else []))
            let_lapse(coach, student, now)
            if code := find_result(coach, "invitation", details.form_key) if details.form_key else None:
                return get_own_invitation(coach, code).coaching_session, None
            _require_few(coach, student, now)
            terms, price_cents = _terms(product, details, now)
            _require_free(terms, student, now)
            return _keep(terms, price_cents, coach, student, details, token, now), token
    except IntegrityError as error:
        # The database's last guard: somebody else was faster after all.
        raise SlotTaken from error


def replace_link(coach: Person, code: str, now: datetime) -> str:
    """The token of a new link; the one before leads nowhere any more."""
    token = new_token()
    with database.atomic():
        lock_people(coach)
        invitation = get_own_invitation(coach, code)
        _require_open(invitation, now)
        Invitation.update(token_sha256=digest(token)).where(Invitation.id == invitation.id).execute()
    return token


def withdraw_invitation(coach: Person, code: str, now: datetime) -> None:
    """The time is free again, and the link leads nowhere. Twice does no harm; InvitationOver once it was taken."""
    with database.atomic():
        lock_people(coach)
        invitation = get_own_invitation(coach, code)
        state = invitation_state(invitation, now)
        if state in (InvitationState.WITHDRAWN, InvitationState.LAPSED):
            return
        _require_open(invitation, now)
        ending = {"state": "cancelled", "ended_by": "coach", "ended_at": now, "next_look_at": None}
        ended = change_session(invitation.coaching_session, **ending)
        record_event(ended, Event(EventKind.CANCELLED), coach, now)


def accept_invitation(
    code: str, token: str | None, student: Person, details: BookingDetails, now: datetime
) -> CoachingSession:
    """The time is the student's: scheduled, or held for them to pay where that comes first.

    Theirs to take is an invitation that names them, or whose link they have followed, else NotFound. InvitationOver
    when somebody else was faster; pressed twice it is one booking.
    """
    coach = get_invitation(code).coaching_session.coach
    try:
        with database.atomic():
            lock_people(coach, student)
            let_lapse(coach, student, now)
            invitation = get_invitation(code)
            kept = invitation.coaching_session
            if Seat.select().where(Seat.coaching_session == kept, Seat.student == student).exists():
                return kept
            if not may_take(invitation, token, student):
                raise NotFound
            _require_open(invitation, now)
            return _take(invitation, student, details, now)
    except IntegrityError as error:
        # The database's last guard: the student has booked something else at this time meanwhile.
        raise StudentBusy from error


def may_take(invitation: Invitation, token: str | None, student: Person | None) -> bool:
    """True for whom it names; where it names nobody, for whoever has its link."""
    if invitation.student_id is not None:
        return student is not None and invitation.student_id == student.id
    return opens_with(invitation, token)


# --- The steps of an invitation


def _require_few(coach: Person, student: Person | None, now: datetime) -> None:
    if len(open_invitations(coach, now)) >= MOST_OPEN:
        raise LimitReached(f"You keep {MOST_OPEN} times for others already. Withdraw one, or wait until one is taken.")
    if invitations_of_a_day(coach, now) >= MOST_A_DAY:
        raise LimitReached("You have invited very many people since yesterday. Go on tomorrow.")
    if student and invitations_of_a_day(coach, now, student) >= MOST_TO_ONE_A_DAY:
        raise LimitReached(
            f"{student.name} has had {MOST_TO_ONE_A_DAY} invitations of yours since yesterday. Write to them."
        )


def _terms(product: Product, details: InvitationDetails, now: datetime) -> tuple[Terms, int]:
    """What is kept, and its price."""
    product = reread_product(product)
    if product.is_stopped:
        raise CoachStopped
    if product.state == "archived":
        raise Refused("This call is archived. Bring it back first.")
    if lacking := missing(facts_of(product)):
        raise NotReadyToPublish(lacking)
    offer = next((offer for offer in offers_of(product) if offer.id == details.offer_id), None)
    if offer is None:
        raise SlotTaken("This length is no longer on offer. Choose another one.")
    usual = 0 if product.payment == "free" else offer.price_cents
    price_cents = usual if details.price_cents is None else details.price_cents
    if price_cents and product.payment != "stripe" and (product.payment == "free" or not product.pay_text):
        raise Refused("Nobody would know how to pay: say so first in the call’s last step, or make it free.")
    if details.starts_at <= now:
        raise SlotOver
    span = Span(details.starts_at, details.starts_at + offer.minutes * MINUTE)
    wanted = Offer(product=product, minutes=offer.minutes, price_cents=price_cents)
    return Terms(product, wanted, span, [], hours_of(product), quote_for(product, wanted)), price_cents


def _require_free(terms: Terms, student: Person | None, now: datetime) -> None:
    if student and has_other_session(student, terms.span):
        raise SlotTaken("Your student has another session at that time.")
    start = terms.span.starts_at
    window = Span(start, start + MINUTE)
    if start not in free_slots(at_short_notice(terms.product), terms.offer, terms.hours, window, now):
        raise SlotTaken


def at_short_notice(product: Product) -> Product:
    """The product as its own coach may book it: its notice is for others. Not to be saved."""
    product.notice_minutes = 0
    return product


def _keep(
    terms: Terms,
    price_cents: int,
    coach: Person,
    student: Person | None,
    details: InvitationDetails,
    token: str,
    now: datetime,
) -> CoachingSession:
    product, start = terms.product, terms.span.starts_at
    until = kept_until(now, start, product, must_be_paid_first(product, terms.offer))
    if until is None:
        raise SlotTaken(TOO_CLOSE)
    kept = insert_session(terms, "held", until, now)
    CoachingSession.update(next_look_at=None).where(CoachingSession.id == kept.id).execute()
    Invitation.create(
        coaching_session=kept,
        token_sha256=digest(token),
        student=student,
        price_cents=price_cents,
        note=details.note,
        made_at=now,
    )
    record_event(kept, Event(EventKind.INVITED), coach, now)
    if student:
        owe(MessageKind.INVITED, f"{MessageKind.INVITED}:{kept.id}", student.id, now, session_id=kept.id)
    if details.form_key:
        keep_result(coach, "invitation", details.form_key, kept.code, now)
    return kept


def _require_open(invitation: Invitation, now: datetime) -> None:
    state = invitation_state(invitation, now)
    if state is not InvitationState.OPEN:
        raise InvitationOver(SENTENCES[state])


SENTENCES = {
    InvitationState.TAKEN: "This invitation has been taken.",
    InvitationState.LAPSED: "Nobody took this invitation in time, so the time is free for others again.",
    InvitationState.WITHDRAWN: "The coach has withdrawn this invitation.",
}


def _take(invitation: Invitation, student: Person, details: BookingDetails, now: datetime) -> CoachingSession:
    kept, product = invitation.coaching_session, reread_product(invitation.coaching_session.product)
    require_admitted(student, product.store, kept.needs_room)
    if invitation.student_id is None:
        # Whoever is invited by name is welcome to their coach, whatever was before.
        require_present(product, student, now)
    span, offer = Span(kept.starts_at, kept.ends_at), offer_of_invitation(invitation)
    if has_other_session(student, span):
        raise StudentBusy
    if not kept.needs_room and not details.phone:
        raise PhoneMissing
    terms = Terms(
        product, offer, span, counted_answers(product, details, now), hours_of(product), quote_for(product, offer)
    )
    if must_be_paid_first(product, offer):
        until = held_until(now, minutes_to_pay(product), settled_by(kept.starts_at, product))
        taken = change_session(kept, held_until=until, created_at=now, next_look_at=now)
    else:
        taken = change_session(kept, state="scheduled", held_until=None, created_at=now, timed_at=now, next_look_at=now)
    seat = insert_seat(taken, terms, student, replace(details, source=INVITATION))
    insert_lines(seat, terms.quote)
    insert_answers(seat, terms)
    Invitation.update(used_at=now).where(Invitation.id == invitation.id).execute()
    begin_session(taken, student, details.form_key, now)
    return taken
