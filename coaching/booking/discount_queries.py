"""Whether a discount code counts for a booking: how often it was used is told by the seats that name it."""

from datetime import datetime
from typing import Any

from peewee import Case, fn

from coaching.accounts.models import Person
from coaching.booking.lapse_queries import takes_time
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Product
from coaching.errors import DiscountRefused
from coaching.pricing.code_queries import find_code, limits_of
from coaching.pricing.code_rules import UNKNOWN, CodeUses, why_not
from coaching.pricing.models import DiscountCode
from coaching.reading import Statement, given


def find_discount(product: Product, typed: str, student: Person | None, now: datetime) -> DiscountCode | None:
    """The discount of the code that was typed; None where none was. DiscountRefused where it does not count.

    Whoever has not signed in is not asked how often they have used it. Read behind the coach's lock it holds.
    """
    if not typed:
        return None
    discount = find_code(product.store, typed)
    if discount is None:
        raise DiscountRefused(UNKNOWN)
    limits = limits_of(discount)
    uses = uses_of(discount, student, now, asks_for_first=limits.first_booking_only)
    if sentence := why_not(limits, uses, product.id, now):
        raise DiscountRefused(sentence)
    return discount


def uses_of(discount: DiscountCode, student: Person | None, now: datetime, *, asks_for_first: bool = False) -> CodeUses:
    """How often the code was used; what came to nothing before it was paid does not count."""
    ((by_all, by_student),) = _USES.rows(code=discount.id, student=student.id if student else 0, now=now)
    coach_id = discount.store.owner_id
    has_booked = asks_for_first and student and _BOOKED.rows(coach=coach_id, student=student.id, now=now)
    return CodeUses(int(by_all), int(by_student or 0), bool(has_booked))


def uses_by_code(codes: list[DiscountCode], now: datetime) -> dict[int, int]:
    """How often each of the codes was used."""
    seats: Any = Seat.select(Seat.discount_code, fn.COUNT(Seat.id)).join(CoachingSession)
    rows = seats.where(Seat.discount_code.in_(codes), _came_to_something(now)).group_by(Seat.discount_code)
    counts = dict(rows.tuples()) if codes else {}
    return {code.id: counts.get(code.id, 0) for code in codes}


def _came_to_something(now: Any) -> Any:
    # What was called off after it was paid was a use; a hold that ran out, a request that was declined were none.
    is_over = CoachingSession.state.in_(("completed", "no_show"))
    return takes_time(now) | is_over | ((CoachingSession.state == "cancelled") & Seat.paid_at.is_null(False))


def _uses() -> Any:
    by_student = fn.SUM(Case(None, [(Seat.student == given("student"), 1)], 0))
    seats = Seat.select(fn.COUNT(Seat.id), by_student).join(CoachingSession)
    return seats.where(Seat.discount_code == given("code"), _came_to_something(given("now")))


def _booked() -> Any:
    seats = Seat.select(Seat.id).join(CoachingSession)
    is_theirs = (CoachingSession.coach == given("coach")) & (Seat.student == given("student"))
    return seats.where(is_theirs, _came_to_something(given("now"))).limit(1)


_USES = Statement(_uses)
_BOOKED = Statement(_booked)
