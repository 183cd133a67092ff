"""How many sessions to come a student may have at a time."""

from datetime import datetime
from typing import Any

from peewee import fn

from coaching.accounts.models import Person
from coaching.booking.lapse_queries import takes_time
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.way_in import OfferLike
from coaching.catalog.models import Product
from coaching.errors import LimitReached
from coaching.reading import Statement, given

# Of one student with one coach, so that nobody fills a calendar that costs nothing.
MOST_FREE = 5


def require_below_limits(product: Product, offer: OfferLike, student: Person, now: datetime) -> None:
    """Raise LimitReached for who has as many sessions to come as may be."""
    if sentence := find_limit_reached(product, offer, student, now):
        raise LimitReached(sentence)


def find_limit_reached(product: Product, offer: OfferLike, student: Person, now: datetime) -> str | None:
    """Why the student cannot book one more now, in a sentence for them; None where they can."""
    coach, most = product.store.owner, product.most_per_student
    if most is not None and _counted(_OF_PRODUCT, student, now, product=product.id) >= most:
        return (
            f"You have {_calls(most)} of this kind to come, as many as {coach.name} allows at a time. Book the next "
            f"one when {'it' if most == 1 else 'one of them'} is over, or write to your coach."
        )
    is_free = product.payment == "free" or not offer.price_cents
    if is_free and _counted(_FREE, student, now, coach=coach.id) >= MOST_FREE:
        return (
            f"You have {_calls(MOST_FREE)} with {coach.name} to come that cost nothing, as many as anybody may have at "
            "a time. Book the next one when one of them is over, or cancel one."
        )
    return None


def _counted(statement: Statement, student: Person, now: datetime, **of: int) -> int:
    ((count,),) = statement.rows(student=student.id, now=now, **of)
    return int(count)


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count} calls"


def _to_come() -> Any:
    """How many sessions the student sits in that have not begun."""
    seats = Seat.select(fn.COUNT(Seat.id)).join(CoachingSession)
    is_to_come = Seat.is_live & (Seat.starts_at > given("now")) & takes_time(given("now"))
    return seats.where(Seat.student == given("student"), is_to_come)


_OF_PRODUCT = Statement(lambda: _to_come().where(CoachingSession.product == given("product")))
_FREE = Statement(lambda: _to_come().where(CoachingSession.coach == given("coach"), Seat.payment == "free"))
