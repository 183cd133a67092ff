"""A call of which only its payment is known is booked again: its coach says so, after a database was put back."""

from dataclasses import dataclass
from datetime import datetime

from peewee import IntegrityError

from coaching.accounts.models import Person
from coaching.booking.coach_days import coach_zone
from coaching.booking.events import EventKind
from coaching.booking.explain_queries import explain_busy
from coaching.booking.lapse_mutations import let_lapse
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.record_mutations import lock_people, record_event
from coaching.booking.slot_queries import busy_spans, has_other_session, hours_of
from coaching.booking.slots import Span
from coaching.catalog.models import Product
from coaching.db import database, new_code
from coaching.errors import SlotTaken
from coaching.hours.wall_clock import MINUTE, wall_time
from coaching.log_lines import Event
from coaching.pricing.models import Partner

TAKEN = "You are not free at that time any more."


@dataclass(frozen=True)
class SoldAgain:
    """What was sold: a time, its price in the currency's smallest unit, and who had sent the student."""

    starts_at: datetime
    minutes: int
    price_cents: int
    currency: str
    partner: Partner | None = None
    share_percent: int | None = None

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.starts_at + self.minutes * MINUTE)


def book_again(product: Product, student: Person, sold: SoldAgain, now: datetime) -> Seat:
    """The student's seat at this time, paid by card; one that is over is written down as having taken place.

    SlotTaken where coach or student has something else by now. What the product asks and where its hours lie counts no
    more: it was sold. Call it in the transaction in which the payment gets its seat.
    """
    coach: Person = product.store.owner
    try:
        with database.atomic():
            lock_people(coach, student)
            let_lapse(coach, student, now)
            return _insert(product, student, sold, now)
    except IntegrityError as error:
        # The database's last guard: somebody else was faster after all.
        raise SlotTaken(TAKEN) from error


def _insert(product: Product, student: Person, sold: SoldAgain, now: datetime) -> Seat:
    session = _session_sold(product, sold, now)
    is_live = session.state == "scheduled"
    if is_live:
        _require_free(session, student, now)
    session.save(force_insert=True)
    record_event(session, Event(EventKind.BOOKED), product.store.owner, now)
    zone = student.zone or session.zone
    return Seat.create(
        coaching_session=session,
        student=student,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        is_live=is_live,
        price_cents=sold.price_cents,
        currency=sold.currency,
        partner=sold.partner,
        share_percent=sold.share_percent,
        payment="stripe",
        paid_at=now,
        pays_first=True,
        most_moves=product.most_moves,
        move_notice_minutes=product.move_notice_minutes,
        refund_tiers=product.refund_tiers,
        absent_percent=product.absent_percent,
        zone=zone,
        wall_time=wall_time(session.starts_at, zone),
    )


def _session_sold(product: Product, sold: SoldAgain, now: datetime) -> CoachingSession:
    """The session of what was sold, not stored yet: scheduled, or completed where it is over."""
    span = sold.span
    is_over = span.ends_at <= now
    zone = coach_zone(span.starts_at, hours_of(product))
    return CoachingSession(
        code=new_code(),
        product=product,
        coach=product.store.owner,
        title=product.title,
        session_type=product.session_type,
        minutes=(span.ends_at - span.starts_at) // MINUTE,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        busy_from=span.starts_at - product.buffer_before_minutes * MINUTE,
        busy_until=span.ends_at + product.buffer_after_minutes * MINUTE,
        zone=zone,
        wall_time=wall_time(span.starts_at, zone),
        state="completed" if is_over else "scheduled",
        created_at=now,
        timed_at=now,
        next_look_at=None if is_over else now,
        ended_at=span.ends_at if is_over else None,
    )


def _require_free(session: CoachingSession, student: Person, now: datetime) -> None:
    if busy_spans(session.coach, Span(session.busy_from, session.busy_until), now):
        raise SlotTaken(" ".join([TAKEN, *(reason.sentence for reason in explain_busy(session, now))]))
    if has_other_session(student, Span(session.starts_at, session.ends_at)):
        raise SlotTaken("Your student has another session at that time by now.")
