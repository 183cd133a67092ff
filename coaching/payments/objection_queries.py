"""Reads of what students disagree with, and of the money that it is about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.queries import SessionView, get_session_for, with_people
from coaching.checks import Check, good, warning
from coaching.errors import NotFound
from coaching.paging import page_of
from coaching.payments.models import Objection, Payment, Refund
from coaching.payments.money_outcome_queries import money_outcome_on
from coaching.payments.money_queries import SeatMoney, money_of
from coaching.payments.objections import ObjectionFacts, may_object

OBJECTIONS = "Objections"


@dataclass(frozen=True)
class ObjectionView:
    """One objection as admins decide it, with the money that it is about."""

    objection: Objection
    view: SessionView
    money: SeatMoney
    payments: list[Payment]
    refunds: list[Refund]

    @property
    def currency(self) -> str:
        return self.payments[0].currency if self.payments else self.view.seat.currency


def find_objection(seat: Seat) -> Objection | None:
    """What the seat's student disagrees with, if they said so."""
    objection: Objection | None = Objection.get_or_none(Objection.seat == seat)
    return objection


def can_object(coaching_session: CoachingSession, seat: Seat, now: datetime) -> bool:
    """True while the seat's student may say that they disagree."""
    was_off_at = coaching_session.ended_at if coaching_session.state in ("cancelled", "declined", "expired") else None
    facts = ObjectionFacts(
        money_outcome=money_outcome_on(coaching_session, now),
        ended_at=was_off_at or coaching_session.ends_at,
        left_cents=money_of(seat).left_cents,
        is_made=find_objection(seat) is not None,
    )
    return may_object(facts, now)


def objections_page(page: int, size: int) -> tuple[list[Objection], bool]:
    """Objections with seat, session, student, coach and store: the open ones first, then the latest; and
    whether there are more."""
    is_open = Objection.decided_at.is_null()
    return page_of(_objections().order_by(is_open.desc(), Objection.id.desc()), page, size)


def count_open_objections() -> int:
    """How many wait for an admin."""
    return int(Objection.select().where(Objection.decided_at.is_null()).count())


def objections_waiting_for(coach: Person) -> list[Objection]:
    """Open ones about this coach's calls without their side, the oldest first."""
    waits = Objection.replied_at.is_null() & Objection.decided_at.is_null()
    return list(_objections().where(CoachingSession.coach == coach, waits).order_by(Objection.id))


def objections_check() -> Check:
    """Whether a student who disagrees waits for whoever runs the site."""
    count = count_open_objections()
    if not count:
        return good(OBJECTIONS, "No student waits for a decision about their money.")
    who = "One student waits" if count == 1 else f"{count} students wait"
    return warning(
        OBJECTIONS, f"{who} for a decision about their money.", "Hear both sides and decide: `/admin/objections`"
    )


def get_objection(admin: Person, code: str) -> ObjectionView:
    """The objection about the session of this code; NotFound where there is none."""
    view = get_session_for(admin, code)
    objection = find_objection(view.seat)
    if objection is None:
        raise NotFound
    payments = list(Payment.select().where(Payment.seat == view.seat, Payment.state == "paid").order_by(Payment.id))
    refunds = list(Refund.select().where(Refund.payment.in_(payments)).order_by(Refund.id)) if payments else []
    return ObjectionView(objection, view, money_of(view.seat), payments, refunds)


def _objections() -> Any:
    return with_people(Objection.select(Objection, Seat).join(Seat))
